/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_sequence.c: writers that make one file of each frame.
 */
#include "io/image/image_sequence.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_DIGITS = 5, MOST_DIGITS = 18 };

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to write %s", path);
}

/* ---- Names ------------------------------------------------------------------------------------------------ */

/* Length of a field "%d", "%5d", "%05d" at the start of the text and its digits; 0 if it is none. */
static size_t measure_field(const char *text, int *digits)
{
    char *end = NULL;
    if (!isdigit((unsigned char)text[1]) && text[1] != 'd') return 0;
    const long n = text[1] == 'd' ? 1 : strtol(text + 1, &end, 10);
    if (end == NULL) end = (char *)text + 1;
    if (*end != 'd' || n < 1 || n > MOST_DIGITS) return 0;
    *digits = (int)n;
    return (size_t)(end + 1 - text);
}

static lmp_status split_path(const char *path, image_sequence *s, lmp_error *err)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    const char *field = strchr(name, '%'), *dot = strrchr(name, '.');
    size_t length = 0;
    if (field != NULL) {
        length = measure_field(field, &s->digits);
        if (length == 0 || strchr(field + length, '%') != NULL)
            return lmp_fail(err, LMP_ERR_USAGE,
                            "%s: a number in names of files is one field like %%05d, with up to %d digits", path,
                            MOST_DIGITS);
    } else {
        field = dot == NULL ? name + strlen(name) : dot;
        s->digits = s->n_frames == 1 ? 0 : DEFAULT_DIGITS;
    }
    const bool joins = length == 0 && s->digits > 0;
    if (asprintf(&s->before, "%.*s%s", (int)(field - path), path, joins ? "_" : "") < 0) s->before = NULL;
    s->after = strdup(field + length);
    return s->before == NULL || s->after == NULL ? no_memory(path, err) : LMP_OK;
}

/* Path of a frame; caller frees. */
static char *name_frame(const image_sequence *s, int64_t i)
{
    char *path = NULL;
    const int n = s->digits == 0 ? asprintf(&path, "%s%s", s->before, s->after)
                                 : asprintf(&path, "%s%0*" PRId64 "%s", s->before, s->digits, i, s->after);
    return n < 0 ? NULL : path;
}

/* No file of the sequence may exist, unless to be replaced; nor one that would seem to continue it. */
static lmp_status check_names(const image_sequence *s, const char *path, lmp_error *err)
{
    lmp_status status = LMP_OK;
    const int64_t end = s->digits == 0 ? s->n_frames : s->n_frames + 1;
    for (int64_t i = s->overwrite ? s->n_frames : 0; i < end && status == LMP_OK; i++) {
        os_file_info info;
        char *name = name_frame(s, i);
        if (name == NULL)
            status = no_memory(path, err);
        else if (os_path_stat(name, &info) == 0 && i == s->n_frames)
            status = lmp_fail(err, LMP_ERR_USAGE,
                              "%s exists already and would seem to be frame %" PRId64 " of the %" PRId64
                              " that are written; remove it or choose another name",
                              name, i, s->n_frames);
        else if (os_path_stat(name, &info) == 0)
            status = lmp_fail(err, LMP_ERR_USAGE, "%s exists already: choose another name or add --overwrite", name);
        free(name);
    }
    return status;
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

static lmp_status write_frame(image_sequence *s, int64_t i, const void *pixels, lmp_budget *budget, lmp_error *err)
{
    char *path = name_frame(s, i);
    if (path == NULL) return no_memory(s->before, err);
    lmp_status status = file_output_open(path, s->overwrite, &s->outputs[i], err);
    free(path);
    if (status == LMP_OK) status = s->encode(s, pixels, &s->outputs[i], budget, err);
    return status == LMP_OK ? file_output_settle(&s->outputs[i], err) : status;
}

static lmp_status write_frames(void *state, const lmp_frames *frames, lmp_budget *budget, lmp_error *err)
{
    image_sequence *s = state;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < frames->count && status == LMP_OK; i++)
        status =
            write_frame(s, frames->first + i, (const char *)frames->data + (size_t)i * frames->stride, budget, err);
    return status;
}

/* Names all files; if one cannot be named, those before it go, unless they have replaced others. */
static lmp_status finish(void *state, lmp_error *err)
{
    image_sequence *s = state;
    lmp_status status = LMP_OK;
    int64_t i = 0;
    while (i < s->n_frames && status == LMP_OK) status = file_output_commit(&s->outputs[i++], err);
    if (status == LMP_OK || s->overwrite) return status;
    for (int64_t k = 0; k < i - 1; k++) (void)os_path_remove(s->outputs[k].path);
    return status;
}

static void withdraw(void *state)
{
    const image_sequence *s = state;
    for (int64_t i = 0; i < s->n_frames; i++) (void)os_path_remove(s->outputs[i].path);
}

static char *file_name(void *state, int64_t i)
{
    const image_sequence *s = state;
    if (i >= s->n_frames) return NULL;
    const char *path = s->outputs[i].path, *slash = strrchr(path, '/');
    return strdup(slash == NULL ? path : slash + 1);
}

static void close_sequence(void *state)
{
    image_sequence *s = state;
    for (int64_t i = 0; s->outputs != NULL && i < s->n_frames; i++)
        if (s->outputs[i].path != NULL) file_output_discard(&s->outputs[i]);
    free(s->outputs);
    free(s->before);
    free(s->after);
    free(s);
}

static const char *data_path(void *state)
{
    const image_sequence *s = state;
    return s->outputs[0].path;
}

static lmp_status check_movie(const char *path, const lmp_format *format, lmp_error *err)
{
    if (format->kind != LMP_MOVIE)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: signals cannot be written as images; choose another format", path);
    if (format->n_times < 1) return lmp_fail(err, LMP_ERR_USAGE, "%s: the movie has no frame to write", path);
    if (format->n_colours != 1 && format->n_colours != 3)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: images have 1 or 3 colours, the movie has %" PRId64, path,
                        format->n_colours);
    return LMP_OK;
}

lmp_status image_sequence_create(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                                 image_encode *encode, lmp_writer *writer, lmp_error *err)
{
    const lmp_format *format = &stream->format;
    lmp_status status = check_movie(path, format, err);
    if (status != LMP_OK) return status;
    image_sequence *s = calloc(1, sizeof *s);
    if (s == NULL) return no_memory(path, err);
    s->type = format->type;
    s->n_frames = format->n_times;
    s->height = format->height;
    s->width = format->width;
    s->n_colours = format->n_colours;
    s->quality = options->quality;
    s->compress = options->compress != 0;
    s->overwrite = options->overwrite != 0;
    s->encode = encode;
    s->outputs = calloc((size_t)s->n_frames, sizeof *s->outputs);
    status = s->outputs == NULL ? no_memory(path, err) : split_path(path, s, err);
    if (status == LMP_OK) status = check_names(s, path, err);
    if (status != LMP_OK) {
        close_sequence(s);
        return status;
    }
    *writer = (lmp_writer){.needs_all_lanes = true,
                           .time_grain = 1,
                           .state = s,
                           .write_frames = write_frames,
                           .finish = finish,
                           .withdraw = withdraw,
                           .file_name = file_name,
                           .close = close_sequence,
                           .data_path = data_path};
    return LMP_OK;
}
