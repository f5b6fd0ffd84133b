/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_local.c: is there motion left, also where only a part of the image moves?
 */
#include "score/motion_local.h"

#include "math/image_smooth.h"
#include "score/metrics.h"

#include <stdlib.h>

enum { SEARCH_PX = 8, LEAST_BLOCK_PX = 32, LEAST_FRAMES = 3 };

#define FINE_SIGMA_PX   1.5
#define COARSE_SIGMA_PX 9.0
#define LEAST_PEAK      0.5

/* ---- Groups of frames ---- */

typedef struct ranked_frame {
    double value;
    int64_t i;
} ranked_frame;

static int compare_ranked(const void *a, const void *b)
{
    const ranked_frame *x = a, *y = b;
    const int order = (x->value > y->value) - (x->value < y->value);
    return order != 0 ? order : (x->i > y->i) - (x->i < y->i);
}

/* The lowest third of n sorted frames becomes group 2p, the highest 2p + 1. */
static void mark_thirds(const ranked_frame *frames, int64_t n, int p, uint8_t *groups, local_pair *pair)
{
    const int64_t third = n / 3;
    double low = 0, high = 0;
    for (int64_t k = 0; k < third; k++) {
        groups[frames[k].i] |= (uint8_t)(1u << (2 * p));
        groups[frames[n - 1 - k].i] |= (uint8_t)(1u << (2 * p + 1));
        low += frames[k].value;
        high += frames[n - 1 - k].value;
    }
    pair->n_frames = third;
    pair->apart_px = (high - low) / (double)third;
    pair->is_known = true;
}

lmp_status motion_local_groups(const motion_series *shifts, int64_t n, uint8_t *groups, uint8_t *wanted,
                               motion_local *made, lmp_error *err)
{
    static const char *const names[LOCAL_PAIRS] = {"dy", "dx", "time"};
    ranked_frame *frames = calloc((size_t)n + 1, sizeof *frames);
    if (frames == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to sort the frames");
    *wanted = 0;
    for (int p = 0; p < LOCAL_PAIRS; p++) {
        int64_t count = 0;
        const bool by_time = p == LOCAL_PAIRS - 1;
        made->pairs[p] = (local_pair){.by = names[p]};
        if (!by_time && shifts == NULL) continue;
        for (int64_t i = 0; i < n; i++)
            if ((groups[i] >> SUMS_COUNTS & 1) != 0)
                frames[count++] = (ranked_frame){by_time ? (double)i : shifts->px[p][i], i};
        qsort(frames, (size_t)count, sizeof *frames, compare_ranked);
        if (count < 3 * LEAST_FRAMES || frames[0].value == frames[count - 1].value) continue;
        mark_thirds(frames, count, p, groups, &made->pairs[p]);
        if (by_time) made->pairs[p].apart_px = UNKNOWN;
        *wanted |= (uint8_t)(3u << (2 * p));
    }
    free(frames);
    return LMP_OK;
}

/* ---- Band-passed means ---- */

typedef struct band_pass {
    image_size size;
    int64_t fine_radius, coarse_radius;
    float *fine, *coarse; /* weights */
    float *image, *smooth;
    void *scratch;
} band_pass;

static void close_band_pass(band_pass *b, lmp_budget *budget)
{
    lmp_give(budget, b->fine);
    lmp_give(budget, b->coarse);
    lmp_give(budget, b->image);
    lmp_give(budget, b->smooth);
    lmp_give(budget, b->scratch);
}

static lmp_status take(lmp_budget *budget, size_t bytes, void *field, lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, bytes, &memory, err);
    if (status == LMP_OK) *(void **)field = memory;
    return status;
}

/* `whole`: pixels of an image before it is cut to the region. */
static lmp_status open_band_pass(image_region region, size_t whole, lmp_budget *budget, band_pass *b, lmp_error *err)
{
    *b = (band_pass){.size = {region.height, region.width, 1},
                     .fine_radius = gaussian_radius(FINE_SIGMA_PX),
                     .coarse_radius = gaussian_radius(COARSE_SIGMA_PX)};
    lmp_status status = take(budget, (size_t)(b->fine_radius + 1) * sizeof(float), &b->fine, err);
    if (status == LMP_OK) status = take(budget, (size_t)(b->coarse_radius + 1) * sizeof(float), &b->coarse, err);
    if (status == LMP_OK) status = take(budget, whole * sizeof(float), &b->image, err);
    if (status == LMP_OK) status = take(budget, whole * sizeof(float), &b->smooth, err);
    if (status == LMP_OK) status = take(budget, image_gaussian_scratch(b->size, b->coarse_radius), &b->scratch, err);
    if (status != LMP_OK) {
        close_band_pass(b, budget);
        return status;
    }
    gaussian_weights(FINE_SIGMA_PX, b->fine);
    gaussian_weights(COARSE_SIGMA_PX, b->coarse);
    return LMP_OK;
}

/* The mean of a group inside the region, band-passed. */
static void group_image(const motion_sums *sums, int64_t group, image_region r, band_pass *b, float *out)
{
    const int64_t n = r.height * r.width;
    motion_sums_group_mean(sums, group, b->smooth);
    for (int64_t y = 0; y < r.height; y++)
        for (int64_t x = 0; x < r.width; x++)
            b->image[y * r.width + x] = b->smooth[(r.top + y) * sums->width + r.left + x];
    image_gaussian(b->image, b->size, b->fine, b->fine_radius, b->scratch, out);
    image_gaussian(b->image, b->size, b->coarse, b->coarse_radius, b->scratch, b->smooth);
    for (int64_t i = 0; i < n; i++) out[i] -= b->smooth[i];
}

/* ---- Registration ---- */

/* The part that can be compared, as a whole (block 0) and in blocks (from 1 on). */
typedef struct comparison_job {
    const float *low, *high;
    image_region inside; /* of the band-passed images */
    int64_t stride, rows, columns;
    image_match matches[LOCAL_GRID * LOCAL_GRID + 1];
} comparison_job;

static image_region block_of(const comparison_job *c, int64_t k)
{
    const int64_t row = k / c->columns, column = k % c->columns, h = c->inside.height, w = c->inside.width;
    const int64_t top = row * h / c->rows, left = column * w / c->columns;
    return (image_region){.top = c->inside.top + top,
                          .left = c->inside.left + left,
                          .height = (row + 1) * h / c->rows - top,
                          .width = (column + 1) * w / c->columns - left};
}

static void compare(void *user, int64_t k, int64_t worker)
{
    comparison_job *c = user;
    (void)worker;
    c->matches[k] = image_register(c->low, c->high, c->stride, k == 0 ? c->inside : block_of(c, k - 1), SEARCH_PX);
}

static void keep_block(const comparison_job *c, int64_t k, image_region region, local_pair *pair)
{
    const image_region at = block_of(c, k);
    const image_match *m = &c->matches[k + 1];
    const double length = hypot(m->dy, m->dx);
    local_block *block = &pair->blocks[k];
    *block = (local_block){.y = region.top + at.top + at.height / 2,
                           .x = region.left + at.left + at.width / 2,
                           .dy = m->dy,
                           .dx = m->dx,
                           .peak = m->peak,
                           .is_used = m->peak >= LEAST_PEAK};
    if (!block->is_used) return;
    pair->local_mean_px += length;
    pair->local_max_px = fmax(pair->local_max_px, length);
    pair->n_used++;
}

static void keep_pair(const comparison_job *c, image_region region, local_pair *pair)
{
    const image_match *whole = &c->matches[0];
    pair->dy = whole->dy;
    pair->dx = whole->dx;
    pair->rigid_px = whole->peak >= LEAST_PEAK ? hypot(whole->dy, whole->dx) : UNKNOWN;
    pair->n_blocks = c->rows * c->columns;
    for (int64_t k = 0; k < pair->n_blocks; k++) keep_block(c, k, region, pair);
    pair->local_mean_px = pair->n_used > 0 ? pair->local_mean_px / (double)pair->n_used : UNKNOWN;
    if (pair->n_used == 0) pair->local_max_px = UNKNOWN;
}

static int64_t blocks_along(int64_t length)
{
    const int64_t n = length / LEAST_BLOCK_PX;
    return n < 1 ? 1 : n > LOCAL_GRID ? LOCAL_GRID : n;
}

static void measure_pairs(const motion_sums *sums, image_region region, pool *workers, band_pass *b, float *images[2],
                          motion_local *made)
{
    comparison_job job = {.low = images[0],
                          .high = images[1],
                          .inside = {SEARCH_PX, SEARCH_PX, region.height - 2 * SEARCH_PX, region.width - 2 * SEARCH_PX},
                          .stride = region.width};
    made->rows = job.rows = blocks_along(job.inside.height);
    made->columns = job.columns = blocks_along(job.inside.width);
    made->rigid_px = made->local_px = UNKNOWN;
    for (int p = 0; p < LOCAL_PAIRS; p++) {
        if (!made->pairs[p].is_known) continue;
        for (int k = 0; k < 2; k++) group_image(sums, 2 * p + k, region, b, images[k]);
        pool_run(workers, job.rows * job.columns + 1, compare, NULL, &job);
        keep_pair(&job, region, &made->pairs[p]);
        made->rigid_px = fmax(made->rigid_px, made->pairs[p].rigid_px);
        made->local_px = fmax(made->local_px, made->pairs[p].local_max_px);
        made->is_known = true;
    }
}

lmp_status motion_local_measure(const motion_sums *sums, image_region region, pool *workers, lmp_budget *budget,
                                motion_local *made, lmp_error *err)
{
    const size_t pixels = (size_t)(region.height * region.width);
    if (region.height < LEAST_BLOCK_PX + 2 * SEARCH_PX || region.width < LEAST_BLOCK_PX + 2 * SEARCH_PX) return LMP_OK;
    band_pass b;
    float *images[2] = {NULL, NULL};
    lmp_status status = open_band_pass(region, (size_t)(sums->height * sums->width), budget, &b, err);
    if (status != LMP_OK) return status;
    for (int k = 0; k < 2 && status == LMP_OK; k++) status = take(budget, pixels * sizeof(float), &images[k], err);
    if (status == LMP_OK) measure_pairs(sums, region, workers, &b, images, made);
    for (int k = 0; k < 2; k++) lmp_give(budget, images[k]);
    close_band_pass(&b, budget);
    return status;
}
