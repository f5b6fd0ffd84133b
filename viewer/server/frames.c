/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frames.c: routes for frames of movies.
 */
#include "frame_request.h"
#include "frame_statistics.h"
#include "frame_window.h"
#include "npy_stream.h"
#include "pixels.h"
#include "scan.h"
#include "shrink.h"

#include <limpid/step.h>
#include <stdlib.h>

static const char octets[] = "application/octet-stream";

/* ---- Frames ---- */

typedef struct view {
    server *server;
    request *request;
    opened *opened;
    int64_t frame;
    frame_part part;
    int level;
    int64_t height, width; /* of what is seen */
    size_t size;           /* bytes of it */
    void *values;
} view;

/* Bands of whole squares are read and made smaller one after the other. */
static int64_t band_rows(const view *v)
{
    enum { BAND_BYTES = 4 << 20 };
    const size_t row = frame_part_bytes(v->opened, &v->part) / (size_t)v->part.height;
    const int64_t side = (int64_t)1 << v->level, squares = (int64_t)(BAND_BYTES / (row * (size_t)side));
    return (squares > 1 ? squares : 1) * side;
}

static lmp_status shrink_bands(const view *v, const frame_hold *hold, int64_t rows, void *pixels, void *work,
                               lmp_error *err)
{
    const lmp_format *f = v->opened->format;
    const frame_part *p = &v->part;
    const size_t row_bytes = v->size / (size_t)v->height;
    for (int64_t y = 0; y < p->height; y += rows) {
        const int64_t n = p->height - y < rows ? p->height - y : rows;
        const frame_part band = {.x = p->x, .y = p->y + y, .width = p->width, .height = n};
        if (request_is_given_up(v->request)) return lmp_fail(err, LMP_CANCELLED, "nobody waits for the frame");
        const lmp_status status = frame_hold_read(v->opened, hold, &band, pixels, err);
        if (status != LMP_OK) return status;
        shrink_image(f->type, pixels, p->width, n, f->n_colours, v->level, work,
                     (char *)v->values + (size_t)(y >> v->level) * row_bytes);
    }
    return LMP_OK;
}

static lmp_status shrink(const view *v, lmp_error *err)
{
    const int64_t rows = band_rows(v) < v->part.height ? band_rows(v) : v->part.height;
    const frame_part band = {.width = v->part.width, .height = rows};
    const size_t size = frame_part_bytes(v->opened, &band),
                 work = shrink_work_bytes(v->part.width * v->opened->format->n_colours);
    lmp_status status = memory_need(v->server, size + work, err);
    if (status != LMP_OK) return status;
    void *pixels = malloc(size), *room = malloc(work);
    frame_hold hold = {0};
    status = pixels != NULL && room != NULL
                 ? frame_hold_make(v->server, v->opened, v->frame, &hold, err)
                 : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a frame");
    if (status == LMP_OK) status = shrink_bands(v, &hold, rows, pixels, room, err);
    frame_hold_end(v->server, &hold);
    free(pixels);
    free(room);
    memory_give(v->server, size + work);
    return status;
}

/* v->values is from malloc, also after a failure. */
static lmp_status make_view(view *v, lmp_error *err)
{
    lmp_status status = answer_need_memory(v->request, v->size, err);
    if (status != LMP_OK) return status;
    v->values = malloc(v->size);
    if (v->values == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a frame");
    else
        status = v->level == 0 ? frame_read(v->server, v->opened, v->frame, &v->part, v->values, err) : shrink(v, err);
    return status;
}

static void handle_frame(server *s, request *r)
{
    view v = {.server = s, .request = r, .level = (int)request_integer(r, "level")};
    v.opened = frame_request_movie(s, r, true, &v.part);
    if (v.opened == NULL) return;
    const lmp_format *f = v.opened->format;
    v.frame = request_integer(r, "frame");
    v.height = shrink_side(v.part.height, v.level);
    v.width = shrink_side(v.part.width, v.level);
    v.size = (size_t)(v.height * v.width * f->n_colours) * lmp_type_bytes(f->type);
    lmp_error err = {0};
    if (make_view(&v, &err) == LMP_OK) {
        frame_answer_shape(r, v.height, v.width, f->n_colours, pixels_type_name(f->type));
        answer_header(r, "X-Limpid-Level", "%d", v.level);
        answer_bytes(r, octets, v.values, v.size, true);
        frame_look(s, v.opened, v.frame);
    } else {
        free(v.values);
        answer_failure(r, &err);
    }
    recording_release(s, v.opened);
}

/* ---- The table ---- */

static const route_param frame_params[] = {
    PARAM_RECORDING, PARAM_FRAME, PARAM_LEVEL, PARAM_PART, {0},
};

static const route_param statistics_params[] = {
    PARAM_RECORDING,
    PARAM_FRAME,
    PARAM_PART,
    {"bins", ROUTE_INTEGER, "256", 1, 65536, NULL, "Bins of the histogram."},
    {0},
};

static const route_param window_params[] = {
    PARAM_RECORDING,
    PARAM_FRAME,
    {"stat", ROUTE_CHOICE, "mean", 0, 0, WINDOW_STATS, "What is computed of each pixel."},
    {"count", ROUTE_INTEGER, "20", 1, 1000000, NULL, "Frames of the window."},
    {"lag", ROUTE_INTEGER, "0", -1e9, 1e9, NULL, "Frames from the frame to the beginning of its window."},
    PARAM_LEVEL,
    PARAM_PART,
    {0},
};

static const route_param scan_params[] = {PARAM_RECORDING, {0}};

static const route_param array_params[] = {PARAM_RECORDING, PARAM_STRETCH, PARAM_PART, {0}};

const route frame_routes[] = {
    {"GET", "/api/v1/recordings/{id}/frames/{frame}", "One frame, or a part of it.", octets,
     "Numbers of the movie's type (X-Limpid-Type), rows one behind the other, colours interleaved; X-Limpid-Shape: "
     "rows, "
     "columns, colours. With a level the means of squares that begin at the part's corner and are cut at its right and "
     "lower edge: of whole numbers rounded to nearest, half to even; of floats without NaN.",
     frame_params, NULL, 0, handle_frame},
    {"GET", "/api/v1/recordings/{id}/frames/{frame}/statistics", "Numbers that describe all pixels of a frame.",
     "application/json",
     "{min, max, mean, std, n, n_nan, percentiles: {\"0.1\", \"1\", \"5\", \"50\", \"95\", \"99\", \"99.9\"}, "
     "histogram: "
     "{first, last, counts}}: exact, colours together; NaN and infinite pixels are counted in n_nan and take no part; "
     "null "
     "where no pixel is valid.",
     statistics_params, NULL, 0, statistics_answer},
    {"GET", "/api/v1/recordings/{id}/frames/{frame}/window", "A statistic of each pixel over frames around one.",
     octets,
     "float32, rows one behind the other, colours interleaved; X-Limpid-Shape: rows, columns, colours. Of frames frame "
     "+ "
     "lag to frame + lag + count - 1, as far as the movie has them; NaN is left out. It is taken of each pixel, then "
     "made "
     "smaller as the frames are: a level is that of the whole statistic, not a statistic of levels.",
     window_params, NULL, 0, window_answer},
    {"GET", "/api/v1/recordings/{id}/scan", "Min, max, mean and standard deviation of every frame.", octets,
     "float64: four numbers for each frame; NaN where not known yet. X-Limpid-Done: frames known, from the first on. "
     "News "
     "\"scan\" {id, done, total} tells when there is more.",
     scan_params, NULL, 0, scan_answer},
    {"GET", "/api/v1/recordings/{id}/array", "A part of the movie as a NumPy file.", octets,
     "A .npy file: frames x rows x columns (x colours) of the movie's type.", array_params, NULL, 0, npy_answer},
    {0},
};
