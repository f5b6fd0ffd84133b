/* SPDX-License-Identifier: BSD-3-Clause
 *
 * drainage.c: how many pixels drain through each, on frames taken as landscapes (D8).
 */
#include "movie/frame_step.h"

#include "kernels/steepest.h"

#include <math.h>
#include <string.h>

typedef struct drainage_params {
    int64_t log;
} drainage_params;

static const lmp_param params[] = {
    {"log", LMP_PARAM_FLAG, offsetof(drainage_params, log), "no", 0, 0, "", NULL,
     "Gives the decimal logarithm of the counts."},
    {0},
};

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)values;
    plan->out.format.type = LMP_FLOAT64;
    plan->shared_bytes = sizeof(drainage_params);
    plan->scratch_bytes = 2 * (size_t)(in->format.height * in->format.width);
    return frame_step_needs_grey("drainage", &in->format, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)in, (void)plan_made;
    const lmp_status status = lmp_take(budget, sizeof(drainage_params), shared, err);
    if (status == LMP_OK) *(drainage_params *)*shared = *(const drainage_params *)values;
    return status;
}

static int64_t along(int64_t at, int64_t width, uint8_t way)
{
    return at + steepest_dy[way] * width + steepest_dx[way];
}

/* How many neighbours drain into each pixel. */
static void find_ways(const float *heights, int64_t width, int64_t rows, uint8_t *ways, uint8_t *sources)
{
    memset(sources, 0, (size_t)(width * rows));
    for (int64_t y = 0; y < rows; y++) {
        const float *row = heights + y * width;
        steepest_ways(y > 0 ? row - width : NULL, row, y + 1 < rows ? row + width : NULL, width, ways + y * width);
        for (int64_t at = y * width; at < (y + 1) * width; at++)
            if (ways[at] != STEEPEST_NOWHERE) sources[along(at, width, ways[at])]++;
    }
}

/* From every pixel without sources downwards, as far as all that comes in from elsewhere has been counted. Each pixel
 * is passed on once: sources counts down to 0, and then to 255 as the mark of being done. */
static void accumulate(const uint8_t *ways, uint8_t *sources, int64_t width, int64_t n, double *counts)
{
    enum { DONE = 255 };
    for (int64_t start = 0; start < n; start++) {
        for (int64_t at = start; sources[at] == 0;) {
            sources[at] = DONE;
            if (ways[at] == STEEPEST_NOWHERE) break;
            const int64_t next = along(at, width, ways[at]);
            counts[next] += counts[at];
            sources[next]--;
            at = next;
        }
    }
}

static void drain_frame(const drainage_params *p, const float *heights, int64_t width, int64_t rows, uint8_t *scratch,
                        double *counts)
{
    const int64_t n = width * rows;
    uint8_t *ways = scratch, *sources = scratch + n;
    find_ways(heights, width, rows, ways, sources);
    for (int64_t i = 0; i < n; i++) counts[i] = 1;
    accumulate(ways, sources, width, n, counts);
    for (int64_t i = 0; i < n; i++) {
        if (p->log) counts[i] = log10(counts[i]);
        if (isnan(heights[i])) counts[i] = (double)NAN;
    }
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    for (int64_t i = 0; i < out->count; i++)
        drain_frame(shared, frame_in(in, i), in->width, in->rows, scratch, frame_out(out, i));
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_drainage = {
    .struct_size = sizeof(lmp_step),
    .name = "drainage",
    .summary = "How many pixels drain through each, with values as heights.",
    .doc =
        "Flow accumulation by the D8 method (O'Callaghan and Mark 1984, \"The extraction of drainage networks from "
        "digital elevation data\"): every pixel drains to the one of its eight neighbours with the steepest descent "
        "(`drop / distance`, with sqrt(2) for diagonals), and a pixel's count is its own 1 and the counts of all that "
        "drain into it. Ridges have 1, valleys many.\n\n"
        "Among equally steep neighbours the first counts, clockwise from the right (east, south-east, south, ...). "
        "Pits "
        "and flats drain nowhere; they are not filled. Counts are exact; the result is float64. `log=yes` gives "
        "`log10(count)`.\n\n"
        "A NaN pixel is NaN, drains nowhere and takes in nothing. Colours are refused: put `grey` before. Movies of "
        "more than 24 bits are compared as float32.\n",
    .known_as = "Flow (BLITZ), Flow Accumulation (ArcGIS), r.watershed (GRASS)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(drainage_params),
    .plan = plan,
    .open = open_shared,
    .close = close_shared,
    .process_images = process_images,
};
