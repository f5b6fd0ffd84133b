/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frames_probe.c: shows programs in Python what limpid reads from a movie.
 *
 *     frames_probe PATH [FIRST COUNT] [KEY=VALUE ...]
 *
 * prints one line of JSON about the recording, then the raw values of COUNT frames from FIRST on (all frames if they
 * are not given). KEY=VALUE are the fields of lmp_open_options. What fails is said on stderr, with exit code 3.
 */
#include <limpid/step.h>

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAILED = 3, CHUNK_BYTES = 64 << 20 };

static const char *name_type(lmp_type type)
{
    static const char *const names[] = {"",      "int8",   "uint8", "int16",  "uint16",  "int24",
                                        "int32", "uint32", "int64", "uint64", "float32", "float64"};
    return names[type];
}

static bool set_option(lmp_open_options *o, const char *word)
{
    const char *value = strchr(word, '=') + 1;
    const size_t n = (size_t)(value - 1 - word);
    const struct {
        const char *key;
        double *number;
        int64_t *flag;
        const char **text;
    } fields[] = {{"rate_hz", &o->rate_hz, NULL, NULL},
                  {"size_ratio", &o->size_ratio, NULL, NULL},
                  {"salvage", NULL, &o->salvage, NULL},
                  {"kind", NULL, &o->kind, NULL},
                  {"grey", NULL, &o->grey, NULL},
                  {"skip_broken", NULL, &o->skip_broken, NULL},
                  {"crop_to_least", NULL, &o->crop_to_least, NULL},
                  {"dataset", NULL, NULL, &o->dataset},
                  {"group", NULL, NULL, &o->group}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strlen(fields[i].key) != n || strncmp(fields[i].key, word, n) != 0) continue;
        if (fields[i].number != NULL) *fields[i].number = strtod(value, NULL);
        if (fields[i].flag != NULL) *fields[i].flag = strtoll(value, NULL, 10);
        if (fields[i].text != NULL) *fields[i].text = value;
        return true;
    }
    return false;
}

static json_t *list_times(const lmp_format *format, bool numbers)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < format->n_times; i++)
        json_array_append_new(list,
                              numbers ? json_integer(format->frame_numbers[i]) : json_real(format->frame_times_s[i]));
    return list;
}

static void print_header(const lmp_recording *recording, int64_t first, int64_t count)
{
    const lmp_format *f = lmp_recording_get_format(recording);
    json_t *line = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:s}", "format",
                             lmp_recording_get_format_name(recording), "type", name_type(f->type), "n_times",
                             (json_int_t)f->n_times, "height", (json_int_t)f->height, "width", (json_int_t)f->width,
                             "n_colours", (json_int_t)f->n_colours, "first", (json_int_t)first, "count",
                             (json_int_t)count, "rate_hz", f->rate_hz, "pixel_width_um", f->pixel_width_um,
                             "pixel_height_um", f->pixel_height_um, "warnings", lmp_recording_get_warnings(recording));
    if (f->frame_numbers != NULL) json_object_set_new(line, "frame_numbers", list_times(f, true));
    if (f->frame_times_s != NULL) json_object_set_new(line, "frame_times_s", list_times(f, false));
    char *facts = lmp_recording_facts(recording);
    if (facts != NULL) json_object_set_new(line, "facts", json_loads(facts, 0, NULL));
    free(facts);
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    (void)putchar('\n');
    json_decref(line);
}

/* Some frames at a time, so that long movies need little memory. */
static lmp_status print_frames(lmp_recording *recording, int64_t first, int64_t count, lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(recording);
    const size_t bytes = (size_t)(f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
    const int64_t most = 1 + (int64_t)(CHUNK_BYTES / (bytes + 1));
    void *values = malloc(bytes * (size_t)most + 1);
    lmp_status status = values == NULL ? lmp_fail(err, LMP_ERR_MEMORY, "no memory for %zu bytes", bytes) : LMP_OK;
    if (count == 0 && status == LMP_OK) print_header(recording, first, count);
    for (int64_t done = 0; done < count && status == LMP_OK; done += most) {
        const int64_t n = count - done < most ? count - done : most;
        memset(values, 0xA5, bytes * (size_t)n); /* what is left unwritten shows */
        status = lmp_recording_read_frames(recording, first + done, n, values, err);
        if (done == 0 && status == LMP_OK) print_header(recording, first, count);
        if (status == LMP_OK && fwrite(values, bytes, (size_t)n, stdout) != (size_t)n)
            status = lmp_fail(err, LMP_ERR_IO, "the frames cannot be written to stdout");
    }
    free(values);
    return status;
}

static lmp_status probe(const char *path, const lmp_open_options *options, int64_t first, int64_t count, lmp_error *err)
{
    const lmp_engine_options one = {.struct_size = sizeof one, .threads = 1};
    lmp_engine *engine = NULL;
    lmp_recording *recording = NULL;
    lmp_status status = lmp_engine_new(&one, &engine, err);
    if (status == LMP_OK) status = lmp_recording_open(engine, path, options, &recording, err);
    if (status == LMP_OK) {
        const lmp_format *f = lmp_recording_get_format(recording);
        if (f->kind != LMP_MOVIE)
            status = lmp_fail(err, LMP_ERR_USAGE, "%s holds signals", path);
        else if (first < 0 || first > f->n_times || count > f->n_times - first)
            status = lmp_fail(err, LMP_ERR_USAGE, "%s has %" PRId64 " frames", path, f->n_times);
        else
            status = print_frames(recording, first, count < 0 ? f->n_times - first : count, err);
    }
    lmp_recording_close(recording);
    lmp_engine_free(engine);
    return status;
}

int main(int argc, char **argv)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    lmp_error err = {0};
    int64_t range[2] = {0, -1};
    int n_numbers = 0;
    for (int i = 2; i < argc; i++) {
        if (strchr(argv[i], '=') == NULL && n_numbers < 2) {
            range[n_numbers++] = strtoll(argv[i], NULL, 10);
        } else if (strchr(argv[i], '=') == NULL || !set_option(&options, argv[i])) {
            fprintf(stderr, "frames_probe: %s is not an option\n", argv[i]);
            return 2;
        }
    }
    if (argc < 2 || n_numbers == 1) {
        fprintf(stderr, "frames_probe PATH [FIRST COUNT] [KEY=VALUE ...]\n");
        return 2;
    }
    if (probe(argv[1], &options, range[0], range[1], &err) == LMP_OK) return 0;
    fprintf(stderr, "%s\n", err.text);
    return FAILED;
}
