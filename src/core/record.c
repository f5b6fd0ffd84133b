/* SPDX-License-Identifier: BSD-3-Clause
 *
 * record.c: building and writing provenance records.
 */
#include "core/record.h"

#include "core/text_file.h"
#include "os/os.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- What steps say ---- */

/* JSON has no NaN: an unknown number is null. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

void lmp_record_number(lmp_record *record, const char *key, double value)
{
    const bool whole = isfinite(value) && value == floor(value) && fabs(value) < 1e15;
    json_object_set_new(record->values, key, whole ? json_integer((json_int_t)value) : number(value));
}

static json_t *text_of(const char *sentence, va_list values) LMP_PRINTF(1, 0);

static json_t *text_of(const char *sentence, va_list values)
{
    char *text = NULL;
    if (vasprintf(&text, sentence, values) < 0) return NULL;
    json_t *made = json_string(text);
    if (made == NULL) made = json_string("(text that is not UTF-8)");
    free(text);
    return made;
}

void lmp_record_text(lmp_record *record, const char *key, const char *text, ...)
{
    va_list values;
    va_start(values, text);
    json_object_set_new(record->values, key, text_of(text, values));
    va_end(values);
}

void lmp_record_numbers(lmp_record *record, const char *key, const double *values, int64_t count)
{
    json_t *array = json_array();
    for (int64_t i = 0; i < count; i++) json_array_append_new(array, number(values[i]));
    json_object_set_new(record->values, key, array);
}

void lmp_record_warn(lmp_record *record, const char *sentence, ...)
{
    va_list values;
    va_start(values, sentence);
    json_array_append_new(record->warnings, text_of(sentence, values));
    va_end(values);
}

/* ---- The record ---- */

static void count_label(json_t *by_label, const char *label)
{
    json_t *count = json_object_get(by_label, label);
    if (count != NULL)
        json_integer_set(count, json_integer_value(count) + 1);
    else
        json_object_set_new(by_label, label, json_integer(1));
}

json_t *record_events(const lmp_stream *stream)
{
    json_t *by_label = json_object();
    for (int64_t i = 0; i < stream->n_events; i++) count_label(by_label, stream->events[i].label);
    return json_pack("{s:I,s:o}", "count", (json_int_t)stream->n_events, "by_label", by_label);
}

static void describe_movie(json_t *o, const lmp_format *f)
{
    json_object_set_new(o, "frames", json_integer(f->n_times));
    json_object_set_new(o, "height", json_integer(f->height));
    json_object_set_new(o, "width", json_integer(f->width));
    json_object_set_new(o, "colours", json_integer(f->n_colours));
    if (f->pixel_width_um > 0) json_object_set_new(o, "pixel_width_um", number(f->pixel_width_um));
    if (f->pixel_height_um > 0) json_object_set_new(o, "pixel_height_um", number(f->pixel_height_um));
}

static json_t *describe(const lmp_stream *stream)
{
    const lmp_format *f = &stream->format;
    json_t *o = json_object();
    if (f->kind == LMP_MOVIE) {
        describe_movie(o, f);
    } else {
        json_object_set_new(o, "samples", json_integer(f->n_times));
        json_object_set_new(o, "channels", json_integer(f->n_channels));
    }
    json_object_set_new(o, "rate_hz", number(f->rate_hz));
    json_object_set_new(o, "events", record_events(stream));
    return o;
}

static json_t *utc_now(void)
{
    char text[32];
    const time_t now = (time_t)os_wall_unix_s();
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return json_string(text);
}

static json_t *describe_input(const record_facts *facts)
{
    json_t *o = describe(&facts->recording->source.stream);
    json_object_set_new(o, "path", json_string(facts->recording->path));
    json_object_set_new(o, "format", json_string(lmp_recording_get_format_name(facts->recording)));
    if (facts->input_digest[0] != '\0') json_object_set_new(o, "digest", json_string(facts->input_digest));
    if (facts->no_input_digest != NULL) json_object_set_new(o, "no_digest", json_string(facts->no_input_digest));
    /* A recording of many files has no one digest. */
    static const char *const counts[] = {"n_files", "n_left_out", "bytes"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_t *count = json_object_get(facts->recording->source.facts, counts[i]);
        if (facts->recording->source.is_member != NULL && count != NULL) json_object_set(o, counts[i], count);
    }
    if (facts->recording->simulator != NULL) json_object_set(o, "simulation", facts->recording->source.facts);
    return o;
}

/* Names without folders: outputs may be moved together with their record. */
static void describe_files(json_t *o, const record_facts *facts, const char *output_path)
{
    json_t *names = json_array();
    const name_list *files = facts->files;
    for (int64_t i = 0; i < files->count; i++) json_array_append_new(names, json_string(files->names[i]));
    if (files->count > 0)
        json_object_set(o, "files", names);
    else if (facts->data_path != NULL && strcmp(facts->data_path, output_path) != 0)
        json_object_set_new(o, "data_path", json_string(facts->data_path));
    json_decref(names);
}

json_t *record_new(const record_facts *facts, const lmp_stream *output, const char *output_path,
                   const char *output_digest)
{
    json_t *record = json_object();
    char *text = lmp_chain_to_text(facts->chain);
    json_object_set_new(record, "limpid", json_string(lmp_version()));
    json_object_set_new(record, "written", utc_now());
    json_object_set_new(record, "command", json_string(facts->command != NULL ? facts->command : text));
    json_object_set_new(record, "chain", json_string(text));
    json_object_set_new(record, "parameters", chain_to_json(facts->chain));
    json_object_set_new(record, "input", describe_input(facts));
    json_t *out = describe(output);
    json_object_set_new(out, "path", json_string(output_path));
    describe_files(out, facts, output_path);
    if (output_digest[0] != '\0') json_object_set_new(out, "digest", json_string(output_digest));
    json_object_set_new(record, "output", out);
    json_object_set(record, "steps", facts->steps);
    json_object_set(record, "warnings", facts->warnings);
    json_object_set(record, "run", facts->run);
    free(text);
    return record;
}

char *record_path(const char *output_path)
{
    char *path = NULL;
    return asprintf(&path, "%s.limpid.json", output_path) < 0 ? NULL : path;
}

lmp_status record_write(const json_t *record, const char *path, lmp_error *err)
{
    char *text = json_dumps(record, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    if (text == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the provenance record");
    const lmp_status status = text_file_write(path, text, strlen(text), true, "the provenance record", err);
    free(text);
    return status;
}
