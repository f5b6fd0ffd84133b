/* SPDX-License-Identifier: BSD-3-Clause
 *
 * array_movie.c: movies stored as one array of frames in a file.
 *
 * Frames that lie in the file as in memory are lent as they are. Others are converted through views of at most a frame.
 * In Fortran order the times of a pixel are neighbours and a frame is scattered over the file: a few frames are
 * gathered together, as many as one cache line of the file holds, so that each line is fetched once.
 */
#include "io/array/array_movie.h"

#include "io/pixels.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_VIEW_BYTES = 1 << 20, LEAST_VIEW_BYTES = 1 << 16, LINE_BYTES = 64 };

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t stored_bytes(const array_movie *m)
{
    return (int64_t)sample_get_info(m->layout.type)->bytes;
}

static int64_t given_bytes(const array_movie *m)
{
    return (int64_t)lmp_type_bytes(sample_get_info(m->layout.type)->type);
}

static int64_t frame_bytes(const array_movie *m)
{
    return m->layout.n_lanes * stored_bytes(m);
}

/* ---- C order ---------------------------------------------------------------------------------------------- */

/* Pixels that lie together in the file and in memory. */
static lmp_status read_run(const array_movie *m, int64_t offset, int64_t n_pixels, uint8_t *to, lmp_budget *budget,
                           lmp_error *err)
{
    const int64_t from_width = stored_bytes(m), to_width = given_bytes(m);
    const int64_t from_pixel = m->shape.n_stored * from_width, to_pixel = m->shape.n_colours * to_width;
    const int64_t most = larger(smaller(MOST_VIEW_BYTES, frame_bytes(m)) / from_pixel, 1);
    for (int64_t done = 0; done < n_pixels;) {
        const int64_t n = smaller(most, n_pixels - done);
        file_view view;
        const lmp_status status =
            file_view_begin(&m->input, offset + done * from_pixel, (size_t)(n * from_pixel), budget, &view, err);
        if (status != LMP_OK) return status;
        uint8_t *out = to + done * to_pixel;
        if (m->shape.n_stored == m->shape.n_colours)
            pixels_copy(m->layout.type, m->layout.is_big_endian, view.bytes, (size_t)from_width, n * m->shape.n_stored,
                        out, (size_t)to_width);
        else
            for (int64_t c = 0; c < m->shape.n_colours; c++)
                pixels_copy(m->layout.type, m->layout.is_big_endian, view.bytes + c * from_width, (size_t)from_pixel, n,
                            out + c * to_width, (size_t)to_pixel);
        file_view_end(&view);
        done += n;
    }
    return LMP_OK;
}

static lmp_status read_c_order(const array_movie *m, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const int64_t width = m->shape.width, band = out->rows * width;
    const int64_t first =
        m->layout.offset + out->first * frame_bytes(m) + out->row * width * m->shape.n_stored * stored_bytes(m);
    uint8_t *to = out->data;
    const bool is_whole =
        out->rows == m->shape.height && out->stride == (size_t)(band * m->shape.n_colours * given_bytes(m));
    if (is_whole) return read_run(m, first, out->count * band, to, budget, err);
    /* The system does not see that every frame's band comes next: told, it fetches them from the disk side by side. */
    for (int64_t t = 0; t < out->count && out->count > 1; t++)
        os_file_will_read(m->input.file, first + t * frame_bytes(m), band * m->shape.n_stored * stored_bytes(m));
    lmp_status status = LMP_OK;
    for (int64_t t = 0; t < out->count && status == LMP_OK; t++)
        status = read_run(m, first + t * frame_bytes(m), band, to + (size_t)t * out->stride, budget, err);
    return status;
}

/* ---- Fortran order ---------------------------------------------------------------------------------------- */

/* A column of one colour plane: rows [out->row, + rows) of frames [t, t + n) of `out`. */
typedef struct column {
    int64_t x, colour, t, n;
} column;

static void scatter(const array_movie *m, const column *col, const uint8_t *bytes, int64_t y, int64_t rows,
                    const lmp_frames *out)
{
    const int64_t from_width = stored_bytes(m), pixel = m->shape.n_colours * given_bytes(m);
    const int64_t place = (y * m->shape.width + col->x) * pixel + col->colour * given_bytes(m);
    for (int64_t t = 0; t < col->n; t++)
        pixels_copy(
            m->layout.type, m->layout.is_big_endian, bytes + t * from_width, (size_t)(m->layout.n_times * from_width),
            rows, (uint8_t *)out->data + (size_t)(col->t + t) * out->stride + place, (size_t)(m->shape.width * pixel));
}

static int64_t fortran_view_bytes(const array_movie *m)
{
    return larger(smaller(MOST_VIEW_BYTES, frame_bytes(m)), LEAST_VIEW_BYTES);
}

static lmp_status read_column(const array_movie *m, const column *col, const lmp_frames *out, lmp_budget *budget,
                              lmp_error *err)
{
    const int64_t width = stored_bytes(m), pitch = m->layout.n_times * width; /* from a row to the next */
    const int64_t lane = (col->colour * m->shape.width + col->x) * m->shape.height + out->row;
    const int64_t most = 1 + larger(fortran_view_bytes(m) - col->n * width, 0) / pitch;
    for (int64_t y = 0; y < out->rows;) {
        const int64_t n = smaller(most, out->rows - y);
        file_view view;
        const lmp_status status =
            file_view_begin(&m->input, m->layout.offset + (lane + y) * pitch + (out->first + col->t) * width,
                            (size_t)((n - 1) * pitch + col->n * width), budget, &view, err);
        if (status != LMP_OK) return status;
        scatter(m, col, view.bytes, y, n, out);
        file_view_end(&view);
        y += n;
    }
    return LMP_OK;
}

static lmp_status read_fortran_order(const array_movie *m, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const int64_t most = LINE_BYTES / stored_bytes(m);
    lmp_status status = LMP_OK;
    for (int64_t t = 0; t < out->count; t += most)
        for (int64_t x = 0; x < m->shape.width; x++)
            for (int64_t c = 0; c < m->shape.n_colours && status == LMP_OK; c++) {
                const column col = {.x = x, .colour = c, .t = t, .n = smaller(most, out->count - t)};
                status = read_column(m, &col, out, budget, err);
            }
    return status;
}

/* ---- For lmp_source --------------------------------------------------------------------------------------- */

static lmp_status read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const array_movie *m = state;
    return m->layout.is_interleaved ? read_c_order(m, out, budget, err) : read_fortran_order(m, out, budget, err);
}

static lmp_status lend(void *state, int64_t first, int64_t count, lmp_budget *budget, lmp_frames *frames, void **lent,
                       lmp_error *err)
{
    const array_movie *m = state;
    file_view *view = malloc(sizeof *view);
    if (view == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", m->input.path);
    const lmp_status status = file_view_begin(&m->input, m->layout.offset + first * frame_bytes(m),
                                              (size_t)(count * frame_bytes(m)), budget, view, err);
    if (status != LMP_OK) {
        free(view);
        return status;
    }
    frames->data = (void *)view->bytes;
    frames->stride = (size_t)frame_bytes(m);
    *lent = view;
    return LMP_OK;
}

static void end_lending(void *state, void *lent)
{
    (void)state;
    file_view_end(lent);
    free(lent);
}

static bool can_lend(const array_movie *m)
{
    return m->layout.is_interleaved && m->shape.n_stored == m->shape.n_colours &&
           pixels_are_native(m->layout.type, m->layout.is_big_endian) && m->layout.offset % stored_bytes(m) == 0;
}

static const char *data_path(void *state)
{
    const array_movie *m = state;
    return m->input.path;
}

/* ---- Life ------------------------------------------------------------------------------------------------- */

void array_movie_lay_out(const array_shape *shape, sample_type type, bool is_big_endian, bool is_fortran_order,
                         int64_t offset, array_movie *movie)
{
    movie->shape = *shape;
    movie->layout = (matrix_layout){.type = type,
                                    .is_big_endian = is_big_endian,
                                    .is_interleaved = !is_fortran_order,
                                    .offset = offset,
                                    .n_lanes = shape->height * shape->width * shape->n_stored,
                                    .n_times = shape->n_times};
}

void array_movie_give(array_movie *movie, int64_t n_times, double rate_hz, lmp_source *source)
{
    const bool can_be_lent = can_lend(movie);
    source->stream.format = (lmp_format){.kind = LMP_MOVIE,
                                         .type = sample_get_info(movie->layout.type)->type,
                                         .n_times = n_times,
                                         .rate_hz = rate_hz,
                                         .height = movie->shape.height,
                                         .width = movie->shape.width,
                                         .n_colours = movie->shape.n_colours,
                                         .start_unix_s = (double)NAN,
                                         .subject = "",
                                         .session = ""};
    source->time_grain = movie->layout.is_interleaved ? 1 : LINE_BYTES / stored_bytes(movie);
    source->bytes_per_time =
        (size_t)(movie->layout.is_interleaved ? frame_bytes(movie) : larger(frame_bytes(movie), LEAST_VIEW_BYTES));
    source->state = movie;
    source->read_frames = read_frames;
    source->reads_rows = true;
    source->is_cheap = true;
    source->view = can_be_lent ? lend : NULL;
    source->view_end = can_be_lent ? end_lending : NULL;
    source->lends_file = can_be_lent;
    source->lent_offset = movie->layout.offset;
    source->close = array_movie_close;
    source->data_path = data_path;
}

void array_movie_close(void *state)
{
    array_movie *m = state;
    if (m == NULL) return;
    file_input_close(&m->input);
    free(m);
}

int64_t array_movie_needs(const array_movie *movie, int64_t end)
{
    const int64_t frames = movie->layout.is_interleaved ? end : movie->layout.n_times;
    return movie->layout.offset + frames * frame_bytes(movie);
}
