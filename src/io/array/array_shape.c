/* SPDX-License-Identifier: BSD-3-Clause
 *
 * array_shape.c: what the dimensions of an array mean.
 *
 * Arrays do not say. The rules are those that NumPy users follow for images: rows before columns, time in front,
 * colours behind. Where they leave a choice it is made by what the user says, and a guess is told as a warning.
 */
#include "io/array/array_shape.h"

#include "io/file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const int64_t most_frame_values = INT64_C(1) << 57; /* times 8 bytes: below 2^60 */

const char *array_shape_print(int64_t n_dimensions, const int64_t *shape, char text[ARRAY_SHAPE_ROOM])
{
    size_t n = 1;
    text[0] = '(';
    for (int64_t i = 0; i < n_dimensions && n < ARRAY_SHAPE_ROOM - 24; i++)
        n += (size_t)snprintf(text + n, ARRAY_SHAPE_ROOM - n, "%s%" PRId64, i > 0 ? ", " : "", shape[i]);
    snprintf(text + n, ARRAY_SHAPE_ROOM - n, n_dimensions == 1 ? ",)" : ")");
    return text;
}

static bool is_colour(int64_t n)
{
    return n == 3 || n == 4;
}

static lmp_status check_rate(const char *path, const lmp_open_options *options, lmp_error *err)
{
    if (options->rate_hz == 0 || (options->rate_hz > 0 && isfinite(options->rate_hz))) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "%s: a rate of %g frames per second makes no sense; give a positive number",
                    path, options->rate_hz);
}

static lmp_status check_frame(const char *path, const char *shape, const array_shape *s, lmp_error *err)
{
    int64_t left = most_frame_values / s->n_stored;
    left /= s->height;
    if (s->width <= left) return LMP_OK;
    return lmp_fail(err, LMP_ERR_INPUT, "%s has the shape %s: no file holds frames of that size", path, shape);
}

static void warn_alpha(const char *path, const array_shape *s, char **warnings)
{
    if (s->n_stored == 4) file_warn(warnings, "%s has a fourth colour plane, taken as opacity and left out", path);
}

static lmp_status choose_movie(const char *path, int64_t n, const int64_t *shape, array_shape *s, char **warnings,
                               lmp_error *err)
{
    char text[ARRAY_SHAPE_ROOM];
    array_shape_print(n, shape, text);
    *s = (array_shape){.kind = LMP_MOVIE, .n_times = 1, .n_stored = 1};
    const int64_t *frame = n > 2 ? shape + 1 : shape; /* its rows */
    if (n > 2) s->n_times = shape[0];
    if (n == 4) {
        s->n_stored = shape[3];
        if (s->n_stored != 1 && !is_colour(s->n_stored))
            return lmp_fail(err, LMP_ERR_INPUT,
                            "%s has the shape %s; of four dimensions the last is colours: 1, 3, or 4 with opacity",
                            path, text);
    } else if (n == 3 && is_colour(shape[2]) && shape[0] > 4 && shape[1] > 4) {
        frame = shape;
        s->n_times = 1;
        s->n_stored = shape[2];
        file_warn(warnings, "%s has the shape %s; it is taken as one image in colour: (rows, columns, colours)", path,
                  text);
    }
    s->height = frame[0];
    s->width = frame[1];
    s->n_colours = s->n_stored == 1 ? 1 : 3;
    warn_alpha(path, s, warnings);
    return check_frame(path, text, s, err);
}

lmp_status array_shape_check(const char *path, int64_t n, const int64_t *shape, lmp_error *err)
{
    char text[ARRAY_SHAPE_ROOM];
    for (int64_t i = 0; i < n; i++)
        if (shape[i] < 1)
            return lmp_fail(err, LMP_ERR_INPUT, "%s has the shape %s: there is nothing in it", path,
                            array_shape_print(n, shape, text));
    return LMP_OK;
}

lmp_status array_shape_choose(const char *path, int64_t n, const int64_t *shape, const lmp_open_options *options,
                              array_shape *chosen, char **warnings, lmp_error *err)
{
    const lmp_status filled = array_shape_check(path, n, shape, err);
    if (filled != LMP_OK) return filled;
    const bool is_wanted = options->kind == LMP_SIGNALS, is_refused = options->kind == LMP_MOVIE;
    const bool is_signals = n == 1 || (n == 2 && options->rate_hz != 0);
    if (is_wanted ? n < 1 || n > 2 : n < 1 || n > 4 || (is_refused && n < 2))
        return lmp_fail(err, LMP_ERR_INPUT, "%s has %" PRId64 " dimensions; signals need 1 or 2, movies 2 to 4", path,
                        n);
    if (is_wanted || (is_signals && !is_refused)) {
        *chosen = (array_shape){.kind = LMP_SIGNALS};
        return LMP_OK;
    }
    const lmp_status status = check_rate(path, options, err);
    return status != LMP_OK ? status : choose_movie(path, n, shape, chosen, warnings, err);
}

/* ---- Writing ---------------------------------------------------------------------------------------------- */

lmp_status array_shape_refuse(const char *path, const lmp_format *format, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s: %" PRId64 " frames of %" PRId64 " x %" PRId64 " pixels in %" PRId64
                    " colours cannot be written",
                    path, format->n_times, format->width, format->height, format->n_colours);
}

lmp_status array_shape_check_movie(const char *path, const char *what, const lmp_format *format,
                                   const lmp_write_options *options, lmp_error *err)
{
    if (format->type == LMP_INT24 || (options->type != 0 && options->type != (int64_t)format->type))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s: a movie is written as %s in the number type it has; leave type away or convert it before",
                        path, what);
    const int64_t most = (INT64_MAX >> 4) / (int64_t)lmp_type_bytes(format->type);
    const bool is_movie = format->n_times > 0 && format->height > 0 && format->width > 0 &&
                          (format->n_colours == 1 || format->n_colours == 3);
    if (!is_movie || format->n_times > most / format->n_colours / format->height / format->width)
        return array_shape_refuse(path, format, err);
    return LMP_OK;
}
