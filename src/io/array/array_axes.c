/* SPDX-License-Identifier: BSD-3-Clause
 *
 * array_axes.c: which dimension of a stored array is time, row, column or colour.
 */
#include "io/array/array_axes.h"

#include "io/file.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* The letter of a name that says what a dimension is; 0 if it says nothing. */
static char letter_of(const char *name)
{
    static const struct {
        char letter;
        const char *names;
    } known[] = {{'t', "|t|time|times|frame|frames|timepoint|"},
                 {'z', "|z|depth|slice|plane|"},
                 {'y', "|y|height|row|rows|lines|"},
                 {'x', "|x|width|column|columns|col|"},
                 {'c', "|c|channel|channels|colour|color|colours|colors|rgb|band|"}};
    char wanted[24];
    if (name == NULL || strlen(name) > sizeof wanted - 3 || strchr(name, '|') != NULL || name[0] == '\0') return 0;
    wanted[0] = '|';
    strcpy(wanted + 1, name);
    strcat(wanted, "|");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasestr(known[i].names, wanted) != NULL) return known[i].letter;
    return 0;
}

/* Letters of all dimensions, each at most once, rows and columns among them; false if the names do not say so. */
static bool read_names(const array_dimensions *d, char letters[ARRAY_MOST_AXES + 1])
{
    memset(letters, 0, ARRAY_MOST_AXES + 1);
    for (int64_t i = 0; i < d->n; i++) {
        const char letter = letter_of(d->name[i]);
        if (letter == 0 || strchr(letters, letter) != NULL) return false;
        letters[i] = letter;
    }
    return strchr(letters, 'y') != NULL && strchr(letters, 'x') != NULL;
}

static int64_t place_of(const char *letters, char letter)
{
    const char *at = strchr(letters, letter);
    return at == NULL ? -1 : at - letters;
}

static lmp_status refuse_stack(const char *path, const array_dimensions *d, const char *what, lmp_error *err)
{
    char text[ARRAY_SHAPE_ROOM];
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s has the shape %s with several %s: a movie has one, write one of them into an array of its own",
                    path, array_shape_print(d->n, d->size, text), what);
}

/* Axes by letters, each of the canonical order (time, rows, columns, colours). */
static lmp_status choose_named(const char *path, const array_dimensions *d, const char *letters,
                               const lmp_open_options *options, array_axes *axes, array_shape *shape, char **warnings,
                               lmp_error *err)
{
    *axes = (array_axes){.time = place_of(letters, 't'),
                         .row = place_of(letters, 'y'),
                         .column = place_of(letters, 'x'),
                         .colour = place_of(letters, 'c')};
    const int64_t depth = place_of(letters, 'z');
    const int64_t n_colours = axes->colour < 0 ? 1 : d->size[axes->colour];
    if (depth >= 0 && d->size[depth] > 1) return refuse_stack(path, d, "slices (Z)", err);
    if (n_colours > 1 && n_colours != 3 && n_colours != 4) return refuse_stack(path, d, "channels (C)", err);
    const int64_t said[] = {axes->time < 0 ? 1 : d->size[axes->time], d->size[axes->row], d->size[axes->column],
                            n_colours};
    lmp_open_options movie = *options;
    movie.kind = LMP_MOVIE;
    return array_shape_choose(path, 4, said, &movie, shape, warnings, err);
}

static lmp_status choose_by_order(const char *path, const array_dimensions *d, const lmp_open_options *options,
                                  array_axes *axes, array_shape *shape, char **warnings, lmp_error *err)
{
    lmp_open_options movie = *options;
    movie.kind = LMP_MOVIE;
    const lmp_status status = array_shape_choose(path, d->n, d->size, &movie, shape, warnings, err);
    if (status != LMP_OK) return status;
    /* Of three dimensions array_shape.h takes either the first as time or the last as colours. */
    const bool is_image = d->n == 2 || (d->n == 3 && shape->n_stored > 1);
    *axes = (array_axes){.time = is_image ? -1 : 0,
                         .row = is_image ? 0 : 1,
                         .column = is_image ? 1 : 2,
                         .colour = d->n == 4 || (d->n == 3 && is_image) ? d->n - 1 : -1};
    return LMP_OK;
}

lmp_status array_axes_find(const char *path, const array_dimensions *d, const lmp_open_options *options,
                           array_axes *axes, array_shape *shape, char **warnings, lmp_error *err)
{
    char letters[ARRAY_MOST_AXES + 1];
    if (options->kind == LMP_SIGNALS)
        return lmp_fail(err, LMP_ERR_USAGE, "%s is read as images and movies only: save signals as .npy, EDF or BDF",
                        path);
    const lmp_status filled = array_shape_check(path, d->n, d->size, err);
    if (filled != LMP_OK) return filled;
    if (read_names(d, letters)) return choose_named(path, d, letters, options, axes, shape, warnings, err);
    if (d->n == 5) return choose_named(path, d, "tczyx", options, axes, shape, warnings, err);
    return choose_by_order(path, d, options, axes, shape, warnings, err);
}
