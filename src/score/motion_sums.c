/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_sums.c: what one walk over a movie adds up for each pixel.
 *
 * A row is taken through all frames of the batch before the next, so that its sums stay in the cache. Each row belongs
 * to one worker and sees the frames in order: the same bits whatever the number of workers.
 */
#include "score/motion_sums.h"

#include "score/metrics.h"

/* Where the neighbours are. */
static const int64_t neighbour_y[SUMS_NEIGHBOURS] = {0, 1, 1, 1}, neighbour_x[SUMS_NEIGHBOURS] = {1, -1, 0, 1};

static bool has_bit(uint8_t groups, int bit)
{
    return (groups >> bit & 1) != 0;
}

static lmp_status take(lmp_budget *budget, size_t bytes, void *field, lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, bytes, &memory, err);
    if (status == LMP_OK) *(void **)field = memory;
    return status;
}

lmp_status motion_sums_open(int64_t height, int64_t width, uint8_t groups, lmp_budget *budget, motion_sums *made,
                            lmp_error *err)
{
    const size_t pixels = (size_t)(height * width), bytes = pixels * sizeof(double);
    motion_sums s = {.height = height, .width = width};
    lmp_status status = take(budget, pixels * sizeof(float), &s.origin, err);
    if (status == LMP_OK) status = take(budget, bytes, &s.sum, err);
    if (status == LMP_OK) status = take(budget, bytes, &s.square, err);
    for (int k = 0; k < SUMS_NEIGHBOURS && status == LMP_OK; k++) status = take(budget, bytes, &s.pairs[k], err);
    for (int g = 0; g < SUMS_MOST_GROUPS && status == LMP_OK; g++)
        if (has_bit(groups, g)) status = take(budget, bytes, &s.group[g], err);
    if (status == LMP_OK)
        *made = s;
    else
        motion_sums_close(&s, budget);
    return status;
}

void motion_sums_close(motion_sums *s, lmp_budget *budget)
{
    lmp_give(budget, s->origin);
    lmp_give(budget, s->sum);
    lmp_give(budget, s->square);
    for (int k = 0; k < SUMS_NEIGHBOURS; k++) lmp_give(budget, s->pairs[k]);
    for (int g = 0; g < SUMS_MOST_GROUPS; g++) lmp_give(budget, s->group[g]);
    *s = (motion_sums){0};
}

/* ---- Adding ---- */

typedef struct batch {
    motion_sums *sums;
    const float *frames;
    const uint8_t *groups;
    int64_t count;
} batch;

/* The pixels [first, end) of a row that have the neighbour. */
static void add_pairs(double *sums, const float *here, const float *there, const float *origin_here,
                      const float *origin_there, int64_t first, int64_t end)
{
    for (int64_t x = first; x < end; x++)
        sums[x] += (double)(here[x] - origin_here[x]) * (double)(there[x] - origin_there[x]);
}

static void add_row(const motion_sums *s, const float *frame, int64_t y)
{
    const int64_t w = s->width, at = y * w;
    const float *row = frame + at, *origin = s->origin + at;
    double *sum = s->sum + at, *square = s->square + at;
    for (int64_t x = 0; x < w; x++) {
        const double d = (double)(row[x] - origin[x]);
        sum[x] += d;
        square[x] += d * d;
    }
    for (int k = 0; k < SUMS_NEIGHBOURS; k++) {
        const int64_t dx = neighbour_x[k], offset = neighbour_y[k] * w + dx;
        if (y + neighbour_y[k] >= s->height) continue;
        add_pairs(s->pairs[k] + at, row, row + offset, origin, origin + offset, dx < 0 ? 1 : 0, dx > 0 ? w - 1 : w);
    }
}

static void add_groups(const motion_sums *s, const float *frame, uint8_t groups, int64_t y)
{
    const int64_t at = y * s->width;
    for (int g = 0; g < SUMS_MOST_GROUPS; g++) {
        if (!has_bit(groups, g) || s->group[g] == NULL) continue;
        for (int64_t x = at; x < at + s->width; x++) s->group[g][x] += (double)(frame[x] - s->origin[x]);
    }
}

static void add_job(void *user, int64_t y, int64_t worker)
{
    const batch *b = user;
    const int64_t pixels = b->sums->height * b->sums->width;
    (void)worker;
    for (int64_t i = 0; i < b->count; i++) {
        if (!has_bit(b->groups[i], SUMS_COUNTS)) continue;
        add_row(b->sums, b->frames + i * pixels, y);
        add_groups(b->sums, b->frames + i * pixels, b->groups[i], y);
    }
}

void motion_sums_add(motion_sums *s, pool *workers, const float *frames, const uint8_t *groups, int64_t count)
{
    const int64_t pixels = s->height * s->width;
    batch b = {.sums = s, .frames = frames, .groups = groups, .count = count};
    const bool is_first = s->n == 0;
    for (int64_t i = 0; i < count; i++) {
        if (!has_bit(groups[i], SUMS_COUNTS)) continue;
        if (is_first && s->n == 0)
            for (int64_t x = 0; x < pixels; x++) s->origin[x] = frames[i * pixels + x];
        s->n++;
        for (int g = 0; g < SUMS_MOST_GROUPS; g++) s->group_n[g] += has_bit(groups[i], g);
    }
    pool_run(workers, s->height, add_job, NULL, &b);
}

/* ---- Results ---- */

void motion_sums_mean(const motion_sums *s, double *mean)
{
    for (int64_t i = 0; i < s->height * s->width; i++) mean[i] = (double)s->origin[i] + s->sum[i] / (double)s->n;
}

void motion_sums_group_mean(const motion_sums *s, int64_t g, float *mean)
{
    for (int64_t i = 0; i < s->height * s->width; i++)
        mean[i] = (float)((double)s->origin[i] + s->group[g][i] / (double)s->group_n[g]);
}

/* Correlation of two pixels from the sum of their products. */
static double correlation(const motion_sums *s, int64_t i, int64_t j, double product)
{
    const double n = (double)s->n;
    const double of_i = s->square[i] - s->sum[i] * s->sum[i] / n, of_j = s->square[j] - s->sum[j] * s->sum[j] / n;
    return of_i > 0 && of_j > 0 ? (product - s->sum[i] * s->sum[j] / n) / sqrt(of_i * of_j) : UNKNOWN;
}

static bool is_inside(image_region r, int64_t y, int64_t x)
{
    return y >= r.top && y < r.top + r.height && x >= r.left && x < r.left + r.width;
}

void motion_sums_local_correlation(const motion_sums *s, image_region r, double *local)
{
    const int64_t w = s->width;
    for (int64_t i = 0; i < s->height * w; i++) local[i] = UNKNOWN;
    for (int64_t y = r.top; y < r.top + r.height; y++)
        for (int64_t x = r.left; x < r.left + r.width; x++) {
            const int64_t i = y * w + x;
            double around[2 * SUMS_NEIGHBOURS];
            for (int k = 0; k < SUMS_NEIGHBOURS; k++) {
                const int64_t dy = neighbour_y[k], dx = neighbour_x[k], j = i + dy * w + dx, h = i - dy * w - dx;
                around[k] = is_inside(r, y + dy, x + dx) ? correlation(s, i, j, s->pairs[k][i]) : UNKNOWN;
                around[k + SUMS_NEIGHBOURS] =
                    is_inside(r, y - dy, x - dx) ? correlation(s, h, i, s->pairs[k][h]) : UNKNOWN;
            }
            local[i] = metric_mean(around, 2 * SUMS_NEIGHBOURS);
        }
}
