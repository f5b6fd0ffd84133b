/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording_routes.c: opening, closing and listing recordings, and what is known of one.
 */
#include "json_text.h"
#include "server.h"

#include <math.h>
#include <stdlib.h>

static void list(server *s, request *r)
{
    answer_json(r, 200, json_pack("{s:o}", "recordings", recordings_json(s)));
}

static void open_one(server *s, request *r)
{
    lmp_error err = {0};
    opened *made = NULL;
    const json_t *path = json_object_get(request_body(r), "path");
    if (!json_is_string(path) || json_object_size(request_body(r)) != 1 || json_string_length(path) == 0) {
        answer_error(r, 400, "The body must be {\"path\": \"...\"}, the path of a file, folder or pattern.");
        return;
    }
    if (recording_add(s, json_string_value(path), &made, &err) != LMP_OK) {
        answer_failure(r, &err);
        return;
    }
    answer_json(r, 200, recording_json(s, made));
    recording_release(s, made);
}

static void tell(server *s, request *r)
{
    opened *o = recording_of(s, r, 0);
    if (o == NULL) return;
    answer_json(r, 200, recording_json(s, o));
    recording_release(s, o);
}

static void close_one(server *s, request *r)
{
    if (recording_remove(s, request_text(r, "id")))
        answer_json(r, 200, json_object());
    else
        answer_error(r, 404, "There is no open recording of this id.");
}

static void tell_facts(server *s, request *r)
{
    opened *o = recording_of(s, r, 0);
    if (o == NULL) return;
    char *text = lmp_recording_facts(o->recording);
    json_t *facts = text != NULL ? json_loads(text, 0, NULL) : NULL;
    lmp_text_free(text);
    answer_json(r, 200, facts != NULL ? facts : json_object());
    recording_release(s, o);
}

static void tell_events(server *s, request *r)
{
    opened *o = recording_of(s, r, 0);
    if (o == NULL) return;
    int64_t n;
    const lmp_event *events = lmp_recording_get_events(o->recording, &n);
    json_t *all = json_array();
    for (int64_t i = 0; i < n; i++) {
        json_array_append_new(all, json_pack("{s:f,s:f,s:o,s:I}", "onset_s", events[i].onset_s, "duration_s",
                                             events[i].duration_s, "label", json_text(events[i].label), "code",
                                             (json_int_t)events[i].code));
    }
    answer_json(r, 200, json_pack("{s:o}", "events", all));
    recording_release(s, o);
}

static double time_of(const lmp_format *f, int64_t i)
{
    if (f->frame_times_s != NULL) return f->frame_times_s[i];
    const int64_t number = f->frame_numbers != NULL ? f->frame_numbers[i] : i;
    return f->rate_hz > 0 ? (double)number / f->rate_hz : (double)NAN;
}

static void tell_times(server *s, request *r)
{
    opened *o = recording_of(s, r, LMP_MOVIE);
    if (o == NULL) return;
    lmp_error err = {0};
    const size_t n = (size_t)o->format->n_times;
    const bool has_memory = answer_need_memory(r, n * sizeof(double), &err) == LMP_OK;
    double *times = has_memory ? malloc(n * sizeof *times + 1) : NULL;
    if (!has_memory) {
        answer_failure(r, &err);
    } else if (times != NULL) {
        for (size_t i = 0; i < n; i++) times[i] = time_of(o->format, (int64_t)i);
        answer_bytes(r, "application/octet-stream", times, n * sizeof *times, true);
    } else {
        answer_error(r, 507, "The system has no memory left.");
    }
    recording_release(s, o);
}

static const route_param one[] = {PARAM_RECORDING, {0}};

static const char path_body[] = "{\"type\":\"object\",\"required\":[\"path\"],\"additionalProperties\":false,"
                                "\"properties\":{\"path\":{\"type\":\"string\",\"minLength\":1}}}";

const route recording_routes[] = {
    {.method = "GET",
     .path = "/api/v1/recordings",
     .summary = "All open recordings.",
     .answer = "application/json",
     .layout = "{recordings: [Recording]}",
     .handle = list},
    {.method = "POST",
     .path = "/api/v1/recordings",
     .summary = "Opens a file, a folder of images, or a pattern, inside the folders that the viewer may use.",
     .answer = "application/json",
     .layout = "Recording",
     .body = path_body,
     .most_body_bytes = 16384,
     .handle = open_one},
    {.method = "GET",
     .path = "/api/v1/recordings/{id}",
     .summary = "One recording: size, number type, rate, channels.",
     .answer = "application/json",
     .layout = "Recording",
     .params = one,
     .handle = tell},
    {.method = "DELETE",
     .path = "/api/v1/recordings/{id}",
     .summary = "Closes a recording. Files of previews are removed, others never.",
     .answer = "application/json",
     .layout = "{}",
     .params = one,
     .handle = close_one},
    {.method = "GET",
     .path = "/api/v1/recordings/{id}/facts",
     .summary = "Facts beyond the format: files of a series, the truth of a simulation, oddities.",
     .answer = "application/json",
     .layout = "an object; its keys depend on the format",
     .params = one,
     .handle = tell_facts},
    {.method = "GET",
     .path = "/api/v1/recordings/{id}/events",
     .summary = "All events in the order of their onsets.",
     .answer = "application/json",
     .layout = "{events: [{onset_s, duration_s, label, code}]}",
     .params = one,
     .handle = tell_events},
    {.method = "GET",
     .path = "/api/v1/recordings/{id}/times",
     .summary = "Seconds of each frame of a movie since the start of the recording; NaN if its rate is not known.",
     .answer = "application/octet-stream",
     .layout = "float64, one for each frame",
     .params = one,
     .handle = tell_times},
    {0},
};
