/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_side.c: one movie, before or after the correction, in numbers.
 */
#include "score/motion_side.h"

#include "score/metrics.h"
#include "score/motion_errors.h"

#include <stdlib.h>
#include <string.h>

/* ---- The first walk ---- */

typedef struct sums_walk {
    motion_sums sums;
    pool *workers;
    const uint8_t *groups;
} sums_walk;

static void visit_sums(void *user, const float *frames, int64_t first, int64_t count)
{
    sums_walk *w = user;
    motion_sums_add(&w->sums, w->workers, frames, w->groups + first, count);
}

static lmp_status take_images(motion_side *side, lmp_error *err)
{
    const size_t bytes = (size_t)(side->movie.height * side->movie.width) * sizeof(double);
    void *mean = NULL, *local = NULL;
    lmp_status status = lmp_take(side->movie.budget, bytes, &mean, err);
    side->mean = mean;
    if (status == LMP_OK) status = lmp_take(side->movie.budget, bytes, &local, err);
    side->local = local;
    return status;
}

static lmp_status measure_sums(motion_side *side, const uint8_t *groups, uint8_t wanted, motion_local *local,
                               lmp_error *err)
{
    const motion_movie *m = &side->movie;
    sums_walk w = {.workers = m->workers, .groups = groups};
    lmp_status status = motion_sums_open(m->height, m->width, wanted, m->budget, &w.sums, err);
    if (status != LMP_OK) return status;
    status = motion_movie_walk(m, visit_sums, &w, err);
    if (status == LMP_OK) {
        motion_sums_mean(&w.sums, side->mean);
        motion_sums_local_correlation(&w.sums, side->region, side->local);
        side->sharpness = image_measure(side->mean, m->width, side->region);
        side->local_sharpness = image_measure(side->local, m->width, side->region);
    }
    if (status == LMP_OK && local != NULL)
        status = motion_local_measure(&w.sums, side->region, m->workers, m->budget, local, err);
    motion_sums_close(&w.sums, m->budget);
    return status;
}

/* ---- The second walk ---- */

typedef struct correlation_walk {
    const motion_side *side;
    const float *frames;
    int64_t first;
} correlation_walk;

static void correlate_job(void *user, int64_t i, int64_t worker)
{
    const correlation_walk *w = user;
    const motion_side *s = w->side;
    const int64_t width = s->movie.width;
    const float *frame = w->frames + i * s->movie.height * width;
    const double about = s->sharpness.mean;
    double f = 0, m = 0, ff = 0, mm = 0, fm = 0, n = 0;
    (void)worker;
    for (int64_t y = s->region.top; y < s->region.top + s->region.height; y++)
        for (int64_t x = s->region.left; x < s->region.left + s->region.width; x++) {
            const double a = (double)frame[y * width + x] - about, b = s->mean[y * width + x] - about;
            if (isnan(a + b)) continue;
            f += a;
            m += b;
            ff += a * a;
            mm += b * b;
            fm += a * b;
            n++;
        }
    const double of_f = ff - f * f / n, of_m = mm - m * m / n;
    s->correlation[w->first + i] = of_f > 0 && of_m > 0 ? (fm - f * m / n) / sqrt(of_f * of_m) : UNKNOWN;
}

static void visit_correlation(void *user, const float *frames, int64_t first, int64_t count)
{
    correlation_walk *w = user;
    w->frames = frames;
    w->first = first;
    pool_run(w->side->movie.workers, count, correlate_job, NULL, w);
}

static lmp_status measure_correlation(motion_side *side, const uint8_t *groups, lmp_error *err)
{
    const int64_t n = side->movie.n_frames;
    correlation_walk w = {.side = side};
    double *known = calloc((size_t)n, sizeof *known);
    side->correlation = calloc((size_t)n, sizeof *side->correlation);
    lmp_status status =
        known != NULL && side->correlation != NULL
            ? motion_movie_walk(&side->movie, visit_correlation, &w, err)
            : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %lld frames", (long long)n);
    int64_t count = 0;
    for (int64_t i = 0; i < n && status == LMP_OK; i++)
        if ((groups[i] >> SUMS_COUNTS & 1) != 0 && !isnan(side->correlation[i])) known[count++] = side->correlation[i];
    if (status == LMP_OK) {
        side->correlation_mean = metric_mean(known, count);
        (void)metric_median(known, count); /* sorts */
        side->correlation_least = sorted_quantile(known, count, 0);
        side->correlation_p05 = sorted_quantile(known, count, 0.05);
    }
    free(known);
    return status;
}

lmp_status motion_side_measure(motion_side *side, const uint8_t *groups, uint8_t wanted, motion_local *local,
                               lmp_error *err)
{
    lmp_status status = take_images(side, err);
    if (status == LMP_OK) status = measure_sums(side, groups, wanted, local, err);
    if (status == LMP_OK) status = measure_correlation(side, groups, err);
    side->is_known = status == LMP_OK;
    return status;
}

void motion_side_clear(motion_side *side)
{
    if (side->movie.budget != NULL) {
        lmp_give(side->movie.budget, side->mean);
        lmp_give(side->movie.budget, side->local);
    }
    free(side->correlation);
    motion_series_clear(&side->residual.shifts);
    motion_movie_close(&side->movie);
    *side = (motion_side){0};
}
