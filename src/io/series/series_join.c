/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series_join.c: the headers of many files become one recording.
 *
 * Numbers of frames stay honest when files are left out: a frame of a series of images has the number of its file in
 * natural order. Of movies nobody knows how many frames a broken one had: those behind it count on as if it were not
 * there.
 */
#include "io/series/series_join.h"

#include "core/stream.h"
#include "io/file.h"
#include "io/series/series_names.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TOLD = 10, MOST_LISTED = 1000 };

typedef struct joining {
    const char *path;
    char *const *paths;
    const series_header *headers;
    int64_t count;
    const series_header *model; /* the first sound one: what all must be like */
    const char *model_path;
    int64_t n_sound, n_times;
    bool is_images;
} joining;

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", path);
}

static const char *type_name(lmp_type type)
{
    static const char *const names[] = {"?",     "int8",   "uint8", "int16",  "uint16",  "int24",
                                        "int32", "uint32", "int64", "uint64", "float32", "float64"};
    return names[type];
}

/* ---- Checks ----------------------------------------------------------------------------------------------- */

/* Only files that are damaged may be left out: one that the system refuses to read may be fine. */
static lmp_status check_sound(joining *j, bool skip_broken, lmp_error *err)
{
    const series_header *broken = NULL;
    for (int64_t i = 0; i < j->count; i++) {
        const series_header *h = &j->headers[i];
        const char *why = h->why != NULL ? h->why : j->paths[i];
        if (h->status != LMP_OK && h->status != LMP_ERR_INPUT) return lmp_fail(err, h->status, "%s", why);
        if (h->status != LMP_OK) {
            if (broken == NULL) broken = h;
            continue;
        }
        if (h->format.kind != LMP_MOVIE)
            return lmp_fail(err, LMP_ERR_INPUT,
                            "%s holds signals: a folder or pattern is opened as a movie, signals file by file",
                            j->paths[i]);
        if (j->model == NULL) {
            j->model = h;
            j->model_path = j->paths[i];
        }
        j->n_sound++;
    }
    if (broken == NULL || (skip_broken && j->n_sound > 0)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_INPUT, "%" PRId64 " of the %" PRId64 " files of %s cannot be used%s; the first: %s",
                    j->count - j->n_sound, j->count, j->path, j->n_sound > 0 ? " (--broken skip leaves them out)" : "",
                    broken->why != NULL ? broken->why : "?");
}

static lmp_status check_alike(const joining *j, const char *path, const lmp_format *f, bool crop, lmp_error *err)
{
    const lmp_format *m = &j->model->format;
    if (f->n_colours != m->n_colours)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s has %" PRId64 " colour%s, but %s has %" PRId64
                        ": read all as --grey, or pick files of one kind with --group",
                        j->model_path, m->n_colours, m->n_colours == 1 ? "" : "s", path, f->n_colours);
    if (f->type != m->type)
        return lmp_fail(err, LMP_ERR_INPUT, "%s holds %s, but %s holds %s: pick files of one number type with --group",
                        j->model_path, type_name(m->type), path, type_name(f->type));
    if (!crop && (f->height != m->height || f->width != m->width))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is %" PRId64 " x %" PRId64 " (height x width), but %s is %" PRId64 " x %" PRId64
                        ": --sizes crop takes the top left part that all have, --group picks some of the files",
                        j->model_path, m->height, m->width, path, f->height, f->width);
    return LMP_OK;
}

static lmp_status check_all_alike(joining *j, bool crop, lmp_error *err)
{
    j->is_images = true;
    for (int64_t i = 0; i < j->count; i++) {
        const series_header *h = &j->headers[i];
        if (h->status != LMP_OK) continue;
        const lmp_status status = check_alike(j, j->paths[i], &h->format, crop, err);
        if (status != LMP_OK) return status;
        if (h->format.n_times > INT64_MAX - j->n_times)
            return lmp_fail(err, LMP_ERR_INPUT, "%s holds more frames than can be counted", j->path);
        j->n_times += h->format.n_times;
        j->is_images = j->is_images && h->format.n_times == 1;
    }
    return LMP_OK;
}

/* ---- Format ----------------------------------------------------------------------------------------------- */

static bool set_size(const joining *j, lmp_format *format, char **warnings)
{
    bool is_cropped = false;
    for (int64_t i = 0; i < j->count; i++) {
        const series_header *h = &j->headers[i];
        if (h->status != LMP_OK) continue;
        is_cropped =
            is_cropped || h->format.height != j->model->format.height || h->format.width != j->model->format.width;
        if (h->format.height < format->height) format->height = h->format.height;
        if (h->format.width < format->width) format->width = h->format.width;
    }
    if (is_cropped)
        file_warn(warnings,
                  "%s: the images are of different sizes; the top left %" PRId64 " x %" PRId64
                  " (height x width) that all have are taken",
                  j->path, format->height, format->width);
    return is_cropped;
}

static void set_scales(const joining *j, double rate_hz, lmp_format *format, char **warnings)
{
    const char *other_rate = NULL, *other_pixels = NULL;
    for (int64_t i = 0; i < j->count; i++) {
        const lmp_format *f = &j->headers[i].format;
        if (j->headers[i].status != LMP_OK) continue;
        if (other_rate == NULL && f->rate_hz != format->rate_hz) other_rate = j->paths[i];
        if (other_pixels == NULL &&
            (f->pixel_width_um != format->pixel_width_um || f->pixel_height_um != format->pixel_height_um))
            other_pixels = j->paths[i];
    }
    if (other_rate != NULL)
        file_warn(warnings, "%s has another frame rate than %s; that of the first, %g Hz, is taken for all", other_rate,
                  j->model_path, format->rate_hz);
    if (other_pixels != NULL) {
        file_warn(warnings, "%s has another pixel size than %s; the pixel size is taken as unknown", other_pixels,
                  j->model_path);
        format->pixel_width_um = format->pixel_height_um = 0;
    }
    if (format->rate_hz == 0) format->rate_hz = rate_hz;
}

/* Seconds from the first frame of a file to where the next file goes on. */
static double duration_s(const series_header *h, double rate_hz)
{
    const int64_t n = h->format.n_times;
    if (h->times_s == NULL || n < 1) return rate_hz > 0 ? (double)n / rate_hz : 0;
    const double span = h->times_s[n - 1] - h->times_s[0];
    return span + (rate_hz > 0 ? 1 / rate_hz : n > 1 ? span / (double)(n - 1) : 0);
}

/* Movies whose frames have times of their own, one after the other; else NULL. */
static lmp_status join_times(const joining *j, double rate_hz, double **times_s, lmp_error *err)
{
    bool has_times = false;
    for (int64_t i = 0; i < j->count; i++) has_times = has_times || j->headers[i].times_s != NULL;
    if (!has_times || j->is_images) return LMP_OK;
    double *made = malloc((size_t)j->n_times * sizeof *made), offset = 0;
    if (made == NULL) return no_memory(j->path, err);
    int64_t at = 0;
    for (int64_t i = 0; i < j->count; i++) {
        const series_header *h = &j->headers[i];
        if (h->status != LMP_OK) continue;
        for (int64_t t = 0; t < h->format.n_times; t++)
            made[at++] = offset + (h->times_s != NULL ? h->times_s[t] - h->times_s[0]
                                   : rate_hz > 0      ? (double)t / rate_hz
                                                      : 0);
        offset += duration_s(h, rate_hz);
    }
    *times_s = made;
    return LMP_OK;
}

/* Images of which some are left out: the number of the file; else NULL. */
static lmp_status join_numbers(const joining *j, int64_t **numbers, lmp_error *err)
{
    if (!j->is_images || j->n_sound == j->count) return LMP_OK;
    int64_t *made = malloc((size_t)j->n_times * sizeof *made), at = 0;
    if (made == NULL) return no_memory(j->path, err);
    for (int64_t i = 0; i < j->count; i++)
        if (j->headers[i].status == LMP_OK) made[at++] = i;
    *numbers = made;
    return LMP_OK;
}

static lmp_status set_frames(const joining *j, lmp_stream *stream, lmp_error *err)
{
    double *times_s = NULL;
    int64_t *numbers = NULL;
    lmp_status status = join_times(j, stream->format.rate_hz, &times_s, err);
    if (status == LMP_OK) status = join_numbers(j, &numbers, err);
    if (status == LMP_OK && (times_s != NULL || numbers != NULL))
        status = lmp_stream_set_frames(stream, numbers, times_s, err);
    free(times_s);
    free(numbers);
    return status;
}

/* ---- What there is to tell -------------------------------------------------------------------------------- */

static void tell_broken(const joining *j, char **warnings)
{
    const int64_t n_broken = j->count - j->n_sound;
    int64_t told = 0;
    if (n_broken == 0) return;
    file_warn(warnings, "%s: %" PRId64 " of %" PRId64 " files cannot be decoded and are left out%s", j->path, n_broken,
              j->count, j->is_images ? "; the frames keep the numbers of their files" : "");
    for (int64_t i = 0; i < j->count && told < MOST_TOLD; i++) {
        if (j->headers[i].status == LMP_OK) continue;
        file_warn(warnings, "left out: %s (%s)", series_name(j->paths[i]),
                  j->headers[i].why != NULL ? j->headers[i].why : "?");
        told++;
    }
    if (n_broken > told) file_warn(warnings, "left out: %" PRId64 " more", n_broken - told);
}

/* A sentence that files say, without their names in front. */
typedef struct saying {
    const char *path, *text; /* path: of the first that says so, "" if the sentence does not begin with it */
    size_t length;
    int64_t last, more; /* the last that said so; how many but the first */
} saying;

static void hear(const joining *j, int64_t i, const char *text, size_t length, saying *said, int64_t *n,
                 int64_t *n_untold)
{
    const char *path = j->paths[i];
    if (length > strlen(path) && strncmp(text, path, strlen(path)) == 0) {
        text += strlen(path);
        length -= strlen(path);
    } else {
        path = "";
    }
    int64_t k = 0;
    while (k < *n && (said[k].length != length || memcmp(said[k].text, text, length) != 0)) k++;
    if (k < *n) {
        said[k].more += said[k].last != i;
        said[k].last = i;
    } else if (k < MOST_TOLD) {
        said[(*n)++] = (saying){.path = path, .text = text, .length = length, .last = i};
    } else {
        ++*n_untold;
    }
}

/* Each sentence once: a property of a camera is that of all its images. */
static void tell_warnings(const joining *j, char **warnings)
{
    saying said[MOST_TOLD];
    int64_t n = 0, n_untold = 0;
    for (int64_t i = 0; i < j->count; i++) {
        const char *w = j->headers[i].status == LMP_OK ? j->headers[i].warnings : NULL;
        while (w != NULL && *w != '\0') {
            const size_t length = strcspn(w, "\n");
            hear(j, i, w, length, said, &n, &n_untold);
            w += length + (w[length] == '\n');
        }
    }
    for (int64_t k = 0; k < n; k++) {
        const saying *t = &said[k];
        char others[64] = "";
        if (t->more > 0)
            snprintf(others, sizeof others, " (and so of %" PRId64 " more file%s)", t->more, t->more == 1 ? "" : "s");
        file_warn(warnings, "%s%.*s%s", t->path, (int)t->length, t->text, others);
    }
    if (n_untold > 0)
        file_warn(warnings, "%s: %" PRId64 " more warnings; limpid info on single files shows them", j->path, n_untold);
}

static json_t *list_facts(const joining *j)
{
    json_t *files = json_array();
    int64_t bytes = 0;
    for (int64_t i = 0; i < j->count; i++) {
        if (j->headers[i].status != LMP_OK) continue;
        if (json_array_size(files) < MOST_LISTED) json_array_append_new(files, json_string(series_name(j->paths[i])));
        bytes += j->headers[i].file_bytes;
    }
    return json_pack("{s:o,s:I,s:I,s:I}", "files", files, "n_files", (json_int_t)j->n_sound, "n_left_out",
                     (json_int_t)(j->count - j->n_sound), "bytes", (json_int_t)bytes);
}

/* ---- Members ---------------------------------------------------------------------------------------------- */

static lmp_status list_members(const joining *j, series_joined *joined, lmp_error *err)
{
    series_member *members = calloc((size_t)j->n_sound + 1, sizeof *members);
    if (members == NULL) return no_memory(j->path, err);
    int64_t n = 0, first = 0;
    for (int64_t i = 0; i < j->count; i++) {
        const series_header *h = &j->headers[i];
        if (h->status != LMP_OK || h->format.n_times == 0) continue;
        members[n++] = (series_member){.path = j->paths[i], .io = h->io, .first = first};
        first += h->format.n_times;
    }
    members[n].first = first;
    joined->members = members;
    joined->count = n;
    return LMP_OK;
}

/* A frame of the series costs what the dearest file costs; a cropped one needs room for the whole image. */
static void set_costs(const joining *j, bool is_cropped, lmp_source *source)
{
    size_t whole = 0;
    source->time_grain = 1;
    source->reads_rows = !is_cropped;
    source->is_cheap = !is_cropped;
    for (int64_t i = 0; i < j->count; i++) {
        const series_header *h = &j->headers[i];
        if (h->status != LMP_OK) continue;
        const lmp_stream stream = {.format = h->format};
        const size_t frame = stream_instant_bytes(&stream);
        if (frame > whole) whole = frame;
        if (h->bytes_per_time > source->bytes_per_time) source->bytes_per_time = h->bytes_per_time;
        source->reads_rows = source->reads_rows && h->reads_rows;
        source->is_cheap = source->is_cheap && h->is_cheap;
        source->in_order = source->in_order || h->in_order;
    }
    if (is_cropped) source->bytes_per_time += whole;
}

lmp_status series_join(const char *path, char *const *paths, int64_t count, const series_header *headers,
                       const lmp_open_options *options, series_joined *joined, lmp_source *source, lmp_error *err)
{
    joining j = {.path = path, .paths = paths, .headers = headers, .count = count};
    lmp_status status = check_sound(&j, options->skip_broken != 0, err);
    if (status == LMP_OK) status = check_all_alike(&j, options->crop_to_least != 0, err);
    if (status == LMP_OK) status = list_members(&j, joined, err);
    if (status != LMP_OK) return status;
    lmp_format *format = &source->stream.format;
    *format = j.model->format;
    format->n_times = j.n_times;
    format->subject = format->session = "";
    joined->is_cropped = set_size(&j, format, &source->warnings);
    set_scales(&j, options->rate_hz, format, &source->warnings);
    tell_broken(&j, &source->warnings);
    tell_warnings(&j, &source->warnings);
    source->facts = list_facts(&j);
    set_costs(&j, joined->is_cropped, source);
    return set_frames(&j, &source->stream, err);
}
