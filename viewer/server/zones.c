/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zones.c: routes for zones of movies: their courses and their pixels.
 */
#include "frame_request.h"
#include "json_text.h"

#include <limpid/step.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BODY = 8 << 20, MOST_ZONES = 2000, MOST_SPANS = 1 << 20 };

#define STATS "mean|median|min|max|std|sum|count"

static const char *const stat_names[] = {"mean", "median", "min", "max", "std", "sum", "count"};

static int64_t count_pixels(const lmp_zones *zones, int64_t i)
{
    int64_t n_spans, n = 0;
    const lmp_span *spans = lmp_zones_get_spans(zones, i, &n_spans);
    for (int64_t k = 0; k < n_spans; k++) n += spans[k].x1 - spans[k].x0 + 1;
    return n;
}

static int64_t count_spans(const lmp_zones *zones)
{
    int64_t n, all = 0;
    for (int64_t i = 0; i < lmp_zones_count(zones); i++) {
        (void)lmp_zones_get_spans(zones, i, &n);
        all += n;
    }
    return all;
}

/* At most; of points: each edge crosses the rows between its ends. */
static double most_spans_of(const json_t *zone, double height)
{
    const json_t *points = json_object_get(zone, "points");
    const size_t n = json_array_size(points);
    const double across = fabs(json_number_value(json_object_get(zone, "width"))) +
                          fabs(json_number_value(json_object_get(zone, "height")));
    double spans = 2 + fmin(across, height);
    for (size_t i = 0; i < n; i++) {
        const double from = json_number_value(json_array_get(json_array_get(points, i), 1)),
                     to = json_number_value(json_array_get(json_array_get(points, (i + 1) % n), 1));
        spans += 2 + fmin(fabs(to - from), height);
    }
    return spans;
}

/* What finding their pixels takes at most. */
static lmp_status count_pixels_memory(request *r, const opened *o, const json_t *list, lmp_error *err)
{
    enum { GROWTH = 3 };
    double spans = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        spans += most_spans_of(json_array_get(list, i), (double)o->format->height);
    return answer_need_memory(r, (uint64_t)spans * GROWTH * sizeof(lmp_span), err);
}

/* Their text, and room for what it takes to read it; counted until the request is over. */
static lmp_status write_zones(request *r, const json_t *list, char **text, lmp_error *err)
{
    enum { FLAGS = JSON_COMPACT | JSON_REAL_PRECISION(17) };
    const size_t size = json_dumpb(list, NULL, 0, FLAGS);
    lmp_status status = answer_need_memory(r, size, err);
    if (status != LMP_OK) return status;
    *text = malloc(size + 1);
    if (*text == NULL || json_dumpb(list, *text, size, FLAGS) != size)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for zones");
    (*text)[size] = '\0';
    return answer_need_memory(r, json_parsed_bytes(*text, size), err);
}

/* The zones of the body on the images of the movie; some may hold none of its pixels. */
static lmp_status read_zones(request *r, const opened *o, lmp_zones **zones, lmp_error *err)
{
    const json_t *list = json_object_get(request_body(r), "zones");
    if (!json_is_array(list)) return lmp_fail(err, LMP_ERR_USAGE, "\"zones\" must be a list");
    if (json_array_size(list) > MOST_ZONES)
        return lmp_fail(err, LMP_ERR_USAGE, "%zu zones were given: %d at a time are possible", json_array_size(list),
                        MOST_ZONES);
    char *text = NULL;
    lmp_status status = count_pixels_memory(r, o, list, err);
    if (status == LMP_OK) status = write_zones(r, list, &text, err);
    if (status == LMP_OK) status = lmp_zones_new(o->recording, text, 1, zones, err);
    free(text);
    /* What the body says wrongly is the client's fault, not a file's. */
    if (status == LMP_ERR_INPUT && err != NULL) err->status = status = LMP_ERR_USAGE;
    return status;
}

/* ---- Courses ---- */

static int is_given_up(void *user, const lmp_progress *progress)
{
    (void)progress;
    return request_is_given_up(user);
}

static lmp_status measure(request *r, const opened *o, const lmp_zones *zones, const frame_stretch *stretch,
                          double **values, size_t *size, lmp_error *err)
{
    const int64_t rows = lmp_zones_count(zones) * o->format->n_colours;
    if (stretch->count > INT64_MAX / 16 / rows) return lmp_fail(err, LMP_ERR_USAGE, "these are too many values");
    *size = (size_t)(rows * stretch->count) * sizeof(double);
    lmp_status status = answer_need_memory(r, *size, err);
    if (status != LMP_OK) return status;
    *values = malloc(*size + 1);
    status = *values == NULL ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for courses")
                             : lmp_recording_measure_zones(o->recording, zones, stat_names[request_choice(r, "stat")],
                                                           stretch->first, stretch->count, stretch->step, *values,
                                                           is_given_up, r, err);
    if (status != LMP_OK) free(*values);
    return status;
}

static void tell_pixels(request *r, const lmp_zones *zones)
{
    const int64_t n = lmp_zones_count(zones);
    char *text = malloc((size_t)n * 21 + 1), *at = text;
    if (text == NULL) return;
    *at = '\0';
    for (int64_t i = 0; i < n; i++)
        at += snprintf(at, 22, "%s%lld", i > 0 ? "," : "", (long long)count_pixels(zones, i));
    answer_header(r, "X-Limpid-Pixels", "%s", text);
    free(text);
}

static void courses(server *s, request *r)
{
    opened *o = frame_request_movie(s, r, false, NULL);
    if (o == NULL) return;
    frame_stretch stretch;
    lmp_zones *zones = NULL;
    lmp_error err = {0};
    double *values = NULL;
    size_t size = 0;
    if (frame_request_stretch(r, o, &stretch)) {
        lmp_status status = read_zones(r, o, &zones, &err);
        if (status == LMP_OK) status = measure(r, o, zones, &stretch, &values, &size, &err);
        if (status == LMP_OK) {
            tell_pixels(r, zones);
            answer_bytes(r, "application/octet-stream", values, size, false);
        } else {
            answer_failure(r, &err);
        }
        lmp_zones_free(zones);
    }
    recording_release(s, o);
}

/* ---- Members ---- */

static json_t *member_json(const lmp_zones *zones, int64_t i)
{
    int64_t n;
    const lmp_span *spans = lmp_zones_get_spans(zones, i, &n);
    json_t *list = json_array();
    for (int64_t k = 0; k < n; k++)
        json_array_append_new(list, json_pack("[iii]", spans[k].y, spans[k].x0, spans[k].x1));
    return json_pack("{s:s, s:I, s:o}", "name", lmp_zones_get_name(zones, i), "n_pixels",
                     (json_int_t)count_pixels(zones, i), "spans", list);
}

static void answer_members(request *r, const lmp_zones *zones)
{
    enum { SPAN_BYTES = 400 }; /* as JSON, parsed and as text that grows */
    const int64_t n = count_spans(zones);
    lmp_error err = {0};
    if (n > MOST_SPANS) {
        answer_error(r, 400, "The zones hold more than %d stretches of pixels: ask for fewer at a time.", MOST_SPANS);
    } else if (answer_need_memory(r, (uint64_t)n * SPAN_BYTES, &err) != LMP_OK) {
        answer_failure(r, &err);
    } else {
        json_t *list = json_array();
        for (int64_t i = 0; i < lmp_zones_count(zones); i++) json_array_append_new(list, member_json(zones, i));
        answer_json(r, 200, json_pack("{s:o}", "zones", list));
    }
}

static void members(server *s, request *r)
{
    opened *o = frame_request_movie(s, r, false, NULL);
    if (o == NULL) return;
    lmp_zones *zones = NULL;
    lmp_error err = {0};
    if (read_zones(r, o, &zones, &err) == LMP_OK)
        answer_members(r, zones);
    else
        answer_failure(r, &err);
    lmp_zones_free(zones);
    recording_release(s, o);
}

/* ---- The table ---- */

static const char zones_schema[] =
    "{\"type\": \"object\", \"required\": [\"zones\"], \"properties\": {\"zones\": {\"type\": \"array\", \"minItems\": "
    "1, "
    "\"items\": {\"type\": \"object\", \"required\": [\"name\", \"shape\"], \"properties\": {\"name\": {\"type\": "
    "\"string\"}, \"shape\": {\"enum\": [\"polygon\", \"rectangle\", \"ellipse\", \"pixel\", \"line\", "
    "\"polyline\"]}}}}}}";

static const route_param course_params[] = {
    PARAM_RECORDING,
    {"stat", ROUTE_CHOICE, "mean", 0, 0, STATS, "What is taken of the pixels of a zone, as step traces defines it."},
    PARAM_STRETCH,
    {0},
};

static const route_param member_params[] = {PARAM_RECORDING, {0}};

const route zone_routes[] = {
    {"POST", "/api/v1/recordings/{id}/courses", "Time courses of zones.", "application/octet-stream",
     "float64: count values of each zone (of a movie in colour: of each of its colours, red, green, blue), of frames "
     "first, "
     "first + step, ...; NaN of a zone without a valid pixel. X-Limpid-Pixels: pixels of each zone.",
     course_params, zones_schema, MOST_BODY, courses},
    {"POST", "/api/v1/recordings/{id}/members", "The pixels that belong to zones.", "application/json",
     "{zones: [{name, n_pixels, spans: [[row, first column, last column], ...]}]}", member_params, zones_schema,
     MOST_BODY, members},
    {0},
};
