/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording_json.c: what the page is told of a recording.
 */
#include "how_opened.h"
#include "json_text.h"
#include "pixels.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>

static const char *role_name(lmp_role role)
{
    static const char *const names[] = {"eeg", "eog", "ecg", "emg", "misc", "stim", "slow"};
    return names[role];
}

static json_t *channels_json(const lmp_format *f)
{
    json_t *all = json_array();
    for (int64_t i = 0; f->kind == LMP_SIGNALS && i < f->n_channels; i++) {
        const lmp_channel *c = &f->channels[i];
        json_array_append_new(all, json_pack("{s:o,s:o,s:s,s:f,s:o}", "name", json_text(c->name), "unit",
                                             json_text(c->unit), "role", role_name(c->role), "stored_rate_hz",
                                             c->stored_rate_hz, "filtering", json_text(c->filtering)));
    }
    return all;
}

static json_t *warnings_json(const lmp_recording *recording)
{
    json_t *all = json_array();
    for (const char *line = lmp_recording_get_warnings(recording); *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        char *copy = strndup(line, n);
        if (copy != NULL) json_array_append_new(all, json_text(copy));
        free(copy);
        line += n + (line[n] == '\n');
    }
    return all;
}

static double duration_s(const lmp_format *f)
{
    const double frame_s = f->rate_hz > 0 ? 1 / f->rate_hz : 0;
    if (f->kind == LMP_MOVIE && f->frame_times_s != NULL && f->n_times > 0)
        return f->frame_times_s[f->n_times - 1] - f->frame_times_s[0] + frame_s;
    return (double)f->n_times * frame_s;
}

static void add_movie(json_t *o, const lmp_format *f)
{
    const bool is_movie = f->kind == LMP_MOVIE;
    json_object_set_new(o, "height", json_integer(is_movie ? f->height : 0));
    json_object_set_new(o, "width", json_integer(is_movie ? f->width : 0));
    json_object_set_new(o, "n_colours", json_integer(is_movie ? f->n_colours : 0));
    json_object_set_new(o, "pixel_width_um", json_number_or_null(f->pixel_width_um, is_movie && f->pixel_width_um > 0));
    json_object_set_new(o, "pixel_height_um",
                        json_number_or_null(f->pixel_height_um, is_movie && f->pixel_height_um > 0));
}

static double bytes_in_memory(const lmp_format *f)
{
    const double each =
        f->kind == LMP_MOVIE ? (double)f->height * (double)f->width * (double)f->n_colours : (double)f->n_channels;
    return each * (double)f->n_times * (double)lmp_type_bytes(f->type);
}

json_t *recording_json(server *s, const opened *o)
{
    const lmp_format *f = o->format;
    int64_t n_events;
    (void)s;
    (void)lmp_recording_get_events(o->recording, &n_events);
    json_t *json = json_object();
    json_object_set_new(json, "id", json_string(o->id));
    json_object_set_new(json, "label", json_text(o->label));
    json_object_set_new(json, "path", json_text(o->path));
    json_object_set_new(json, "open", how_opened_json(&o->how, o->events));
    json_object_set_new(json, "is_result", json_boolean(o->is_result));
    json_object_set_new(json, "source_id", json_string(o->source_id));
    json_object_set_new(json, "chain", json_text(o->chain));
    json_object_set_new(json, "slot", json_text(o->slot));
    json_object_set_new(json, "format", json_string(lmp_recording_get_format_name(o->recording)));
    json_object_set_new(json, "kind", json_string(f->kind == LMP_MOVIE ? "movie" : "signals"));
    json_object_set_new(json, "type", json_string(pixels_type_name(f->type)));
    json_object_set_new(json, "n_times", json_integer(f->n_times));
    json_object_set_new(json, "rate_hz", json_number_or_null(f->rate_hz, f->rate_hz > 0));
    json_object_set_new(json, "duration_s", json_number_or_null(duration_s(f), duration_s(f) > 0));
    json_object_set_new(json, "start_unix_s", json_number_or_null(f->start_unix_s, true));
    json_object_set_new(json, "warnings", warnings_json(o->recording));
    json_object_set_new(json, "bytes", json_integer((json_int_t)bytes_in_memory(f)));
    add_movie(json, f);
    json_object_set_new(json, "channels", channels_json(f));
    json_object_set_new(json, "n_events", json_integer(n_events));
    return json;
}
