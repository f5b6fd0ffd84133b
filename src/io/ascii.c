/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ascii.c: images as tables of numbers in text files.
 *
 * A file is one frame of float64. Opening reads it once to count rows, columns and what is no number; reading the frame
 * reads it again, straight into place, so that no table is ever held beside the frame.
 */
#include "io/ascii.h"

#include "core/path.h"

#include "core/stream.h"
#include "io/ascii_table.h"
#include "io/image/image_load_source.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* ---- Counting --------------------------------------------------------------------------------------------- */

typedef struct survey {
    int64_t n_rows, n_columns;
    int64_t n_bad, n_finite;
    int64_t first_bad_row, first_bad_column;
    double first_number;     /* of the first cell */
    bool first_is_numbering; /* the first column may be the number of the row */
} survey;

static lmp_status count_cell(void *user, int64_t row, int64_t column, ascii_cell cell, double value, lmp_error *err)
{
    survey *s = user;
    (void)err;
    s->n_rows = row + 1;
    if (column >= s->n_columns) s->n_columns = column + 1;
    if (cell == ASCII_BAD) {
        if (s->n_bad++ == 0) {
            s->first_bad_row = row;
            s->first_bad_column = column;
        }
    }
    s->n_finite += isfinite(value) != 0;
    if (column > 0) return LMP_OK;
    if (row == 0) {
        s->first_number = value;
        s->first_is_numbering = value == 0 || value == 1;
    }
    s->first_is_numbering = s->first_is_numbering && value == s->first_number + (double)row;
    return LMP_OK;
}

typedef struct ascii_image {
    file_input input;
    int64_t n_rows, n_columns; /* of the image */
    int64_t skipped;           /* columns in front of it: 1 if rows are numbered */
} ascii_image;

static lmp_status check_survey(const char *path, const survey *s, int64_t skipped, lmp_error *err)
{
    const int64_t columns = s->n_columns - skipped, cells = s->n_rows * columns;
    const int64_t finite = s->n_finite - skipped * s->n_rows;
    if (s->n_rows < 2 || columns < 2)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is a table of %" PRId64 " x %" PRId64 " cells; an image needs at least 2 x 2", path,
                        s->n_rows, columns);
    if (2 * finite < cells)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s: only %" PRId64 " of %" PRId64
                        " cells are numbers; cells are delimited by tabs, semicolons, commas or blanks, decimals by a "
                        "point",
                        path, finite, cells);
    return LMP_OK;
}

static lmp_status survey_file(ascii_image *image, char **warnings, lmp_error *err)
{
    survey s = {0};
    const char *path = image->input.path;
    lmp_status status = ascii_table_read(&image->input, count_cell, &s, err);
    if (status != LMP_OK) return status;
    image->skipped = s.first_is_numbering && s.n_rows >= 2 && s.n_columns >= 3 ? 1 : 0;
    status = check_survey(path, &s, image->skipped, err);
    if (status != LMP_OK) return status;
    image->n_rows = s.n_rows;
    image->n_columns = s.n_columns - image->skipped;
    if (image->skipped > 0)
        file_warn(warnings, "%s: the first column counts the rows from %g on and is left out", path, s.first_number);
    if (s.n_bad > 0)
        file_warn(warnings,
                  "%s: %" PRId64 " of %" PRId64 " cells are no numbers and become NaN, the first in row %" PRId64
                  ", column %" PRId64,
                  path, s.n_bad, s.n_rows * s.n_columns, s.first_bad_row + 1, s.first_bad_column + 1);
    return LMP_OK;
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

typedef struct filling {
    const ascii_image *image;
    const lmp_frames *out;
    int64_t n_filled;
} filling;

static lmp_status fail_changed(const ascii_image *image, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s changed while it was read; wait until it is no longer written to",
                    image->input.path);
}

static lmp_status fill_cell(void *user, int64_t row, int64_t column, ascii_cell cell, double value, lmp_error *err)
{
    filling *f = user;
    (void)cell;
    column -= f->image->skipped;
    if (row >= f->image->n_rows || column >= f->image->n_columns) return fail_changed(f->image, err);
    const int64_t place = row - f->out->row;
    if (column < 0 || place < 0 || place >= f->out->rows) return LMP_OK;
    ((double *)f->out->data)[place * f->image->n_columns + column] = value;
    f->n_filled++;
    return LMP_OK;
}

static lmp_status read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const ascii_image *image = state;
    filling f = {.image = image, .out = out};
    (void)budget; /* a view at a time */
    if (out->count == 0) return LMP_OK;
    const lmp_status status = ascii_table_read(&image->input, fill_cell, &f, err);
    if (status != LMP_OK) return status;
    return f.n_filled == out->rows * image->n_columns ? LMP_OK : fail_changed(image, err);
}

static void close_image(void *state)
{
    ascii_image *image = state;
    file_input_close(&image->input);
    free(image);
}

static const char *data_path(void *state)
{
    const ascii_image *image = state;
    return image->input.path;
}

static lmp_status open_ascii(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    char *warnings = NULL;
    if (options->kind == LMP_SIGNALS)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: a table in a text file is read as an image; save signals as .npy",
                        path);
    ascii_image *image = calloc(1, sizeof *image);
    if (image == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    lmp_status status = file_input_open(path, &image->input, err);
    if (status == LMP_OK) status = survey_file(image, &warnings, err);
    if (status != LMP_OK) {
        close_image(image);
        free(warnings);
        return status;
    }
    source->stream.format = (lmp_format){.kind = LMP_MOVIE,
                                         .type = LMP_FLOAT64,
                                         .n_times = 1,
                                         .rate_hz = options->rate_hz > 0 ? options->rate_hz : 0,
                                         .height = image->n_rows,
                                         .width = image->n_columns,
                                         .n_colours = 1,
                                         .start_unix_s = (double)NAN,
                                         .subject = "",
                                         .session = ""};
    source->format_name = "text table";
    source->warnings = warnings;
    source->time_grain = 1;
    source->bytes_per_time = (size_t)image->input.info.size;
    source->state = image;
    source->read_frames = read_frames;
    source->reads_rows = true;
    source->close = close_image;
    source->data_path = data_path;
    return image_load_source(path, options, source, err);
}

/* Text has no signature: every other format that recognises its own goes first. */
static int detect_ascii(const uint8_t *head, size_t n, const char *path)
{
    return path_has_extension(path, "asc|dat|txt") && ascii_table_is_headed((const char *)head, n) ? 3 : 0;
}

const lmp_io lmp_io_ascii = {
    .name = "text table",
    .summary = "Image as rows and columns of numbers in a text file, delimited by tabs, semicolons, commas or blanks.",
    .kind = LMP_MOVIE,
    .extensions = "asc|dat|txt",
    .can_read = true,
    .detect = detect_ascii,
    .open = open_ascii,
};
