/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Correcting trigger times.
 *
 * Of the channels on which shifts were measured, those with the least noise are averaged, weighted by 1 / variance. The
 * noise of a channel is taken from differences of neighbouring epochs, so that drift does not count as noise.
 *
 * In each scan block the times move along a robust curve through the shifts: single shifts are mostly noise. The curve
 * counts by its precision against that of the recorded times, s^2 / (s^2 + noise^2): an artifact that is hardly seen
 * changes nothing.
 *
 * Only if the scanner itself jitters are single shifts worth following: then two halves of the channels, whose noise
 * differs, agree on the shifts about the curve. lambda = covariance of the halves / variance of the average is the
 * share of what is seen that is real, and the factor of least squares for it (Wiener); below one half it is not
 * believed.
 */
#include "signal/align_refine.h"

#include "math/median.h"
#include "math/robust_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MATCH_LEAST    0.3  /* median correlation of a channel that shows the artifact */
#define MATCH_OF_USUAL 0.5  /* correlation of an epoch that counts, as a fraction of its channel's median */
#define LEAST_MEASURED 8    /* epochs for a straight line */
#define NOISE_FLOOR    1e-6 /* samples: below what interpolation can tell */
#define OUTLIER        4.0  /* deviations at which shifts are clipped */
#define LEAST_PAIRS    20
#define LEAST_LAMBDA   0.5

typedef struct rated_lane {
    int64_t lane;
    double usual_match, noise;
    const double *delay, *match;
} rated_lane;

/* Per epoch: the average shift and those of the two halves; NaN where not measured. */
typedef struct averages {
    double *all, *half[2];
    double *k, *t, *scratch, *added; /* work */
    double *memory;
} averages;

/* ---- Choosing channels ---- */

static double median_match(const rated_lane *r, int64_t n, double *scratch)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(r->delay[i])) scratch[count++] = r->match[i];
    return count < LEAST_MEASURED ? 0.0 : median_take(scratch, count);
}

static bool counts(const rated_lane *r, int64_t epoch)
{
    return !isnan(r->delay[epoch]) && r->match[epoch] > MATCH_OF_USUAL * r->usual_match;
}

static double noise_of(const rated_lane *r, int64_t n, double *scratch, double *more)
{
    int64_t count = 0;
    for (int64_t i = 1; i < n; i++)
        if (counts(r, i) && counts(r, i - 1)) scratch[count++] = (r->delay[i] - r->delay[i - 1]) / M_SQRT2;
    return count < LEAST_MEASURED / 2 ? HUGE_VAL : fmax(median_deviation(scratch, count, more), NOISE_FLOOR);
}

/* The channels of least noise, best first; returns how many. */
static int64_t choose_lanes(shift_lane *const *lanes, int64_t n_lanes, int64_t n, averages *work,
                            rated_lane best[REFINE_LANES])
{
    int64_t n_best = 0;
    for (int64_t i = 0; i < n_lanes; i++) {
        rated_lane r = {.lane = i, .delay = epoch_shift_delays(lanes[i]), .match = epoch_shift_matches(lanes[i])};
        r.usual_match = median_match(&r, n, work->scratch);
        if (r.usual_match < MATCH_LEAST) continue;
        r.noise = noise_of(&r, n, work->scratch, work->added);
        int64_t place = n_best < REFINE_LANES ? n_best++ : REFINE_LANES;
        for (; place > 0 && best[place - 1].noise > r.noise; place--)
            if (place < REFINE_LANES) best[place] = best[place - 1];
        if (place < REFINE_LANES) best[place] = r;
    }
    return n_best;
}

/* ---- Averaging them ---- */

static double average(const rated_lane *lanes, int64_t n_lanes, int64_t first, int64_t stride, int64_t epoch)
{
    double sum = 0.0, weights = 0.0;
    for (int64_t i = first; i < n_lanes; i += stride) {
        if (!counts(&lanes[i], epoch)) continue;
        double weight = isinf(lanes[i].noise) ? 1.0 : 1.0 / (lanes[i].noise * lanes[i].noise);
        sum += weight * lanes[i].delay[epoch];
        weights += weight;
    }
    return weights > 0.0 ? sum / weights : (double)NAN;
}

static lmp_status take_averages(int64_t n, averages *a, lmp_error *err)
{
    a->memory = malloc(7 * (size_t)n * sizeof(double) + 1);
    if (a->memory == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to align triggers");
    double **parts[] = {&a->all, &a->half[0], &a->half[1], &a->k, &a->t, &a->scratch, &a->added};
    for (int64_t i = 0; i < 7; i++) *parts[i] = a->memory + i * n;
    return LMP_OK;
}

/* ---- Correcting one block ---- */

/* The share of shifts about the line that both halves agree on. */
static double find_lambda(const averages *a, const trigger_block *block, double limit, double *jitter)
{
    double sum[3] = {0}, cross = 0.0, square = 0.0;
    int64_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = block->first; i < block->first + block->count; i++) {
            double line = a->added[i], own[3] = {a->half[0][i] - line, a->half[1][i] - line, a->all[i] - line};
            if (!(fabs(own[0]) < limit && fabs(own[1]) < limit)) continue;
            if (pass == 0) {
                for (int q = 0; q < 3; q++) sum[q] += own[q];
                n++;
            } else {
                cross += (own[0] - sum[0] / (double)n) * (own[1] - sum[1] / (double)n);
                square += (own[2] - sum[2] / (double)n) * (own[2] - sum[2] / (double)n);
            }
        }
    }
    *jitter = n >= LEAST_PAIRS ? sqrt(fmax(cross / (double)n, 0.0)) : 0.0;
    return n >= LEAST_PAIRS && square > 0.0 ? fmin(fmax(cross / square, 0.0), 1.0) : 0.0;
}

static void follow_jitter(averages *a, const trigger_block *block, double scale, refinement *done)
{
    double limit = OUTLIER * scale, jitter, lambda = find_lambda(a, block, limit, &jitter);
    if (lambda < LEAST_LAMBDA) return;
    done->jitter = fmax(done->jitter, jitter);
    done->n_jittering++;
    for (int64_t i = block->first; i < block->first + block->count; i++)
        if (!isnan(a->all[i])) a->added[i] += lambda * fmin(fmax(a->all[i] - a->added[i], -limit), limit);
}

/* Puts the correction of each trigger of the block into a->added. */
static lmp_status correct_block(const trigger_lattice *lattice, const trigger_block *block, double recorded_noise,
                                averages *a, refinement *done, lmp_error *err)
{
    int64_t n = 0, end = block->first + block->count;
    robust_line line;
    for (int64_t i = block->first; i < end; i++) {
        a->added[i] = 0.0;
        if (isnan(a->all[i])) continue;
        a->k[n] = lattice->index[i];
        a->t[n++] = a->all[i];
    }
    done->n_measured += n;
    if (n < LEAST_MEASURED) {
        double middle = median_take(a->t, n);
        for (int64_t i = block->first; i < end; i++) a->added[i] = middle;
        return LMP_OK;
    }
    lmp_status status = robust_line_follow(a->k, a->t, n, NOISE_FLOOR, lattice->index + block->first,
                                           a->added + block->first, block->count, &line, err);
    if (status != LMP_OK) return status;
    double weight = 1.0 / (1.0 + pow(line.scale / recorded_noise, 2.0));
    for (int64_t i = block->first; i < end; i++) a->added[i] *= weight;
    done->noise = fmax(done->noise, line.scale);
    if (done->n_lanes >= 2) follow_jitter(a, block, line.scale, done);
    return LMP_OK;
}

lmp_status align_refine(const trigger_lattice *lattice, const double *recorded_noise, shift_lane *const *lanes,
                        int64_t n_lanes, double *times, refinement *done, lmp_error *err)
{
    averages a;
    rated_lane best[REFINE_LANES];
    double square = 0.0;
    *done = (refinement){0};
    lmp_status status = take_averages(lattice->n, &a, err);
    if (status != LMP_OK) return status;
    done->n_lanes = choose_lanes(lanes, n_lanes, lattice->n, &a, best);
    for (int64_t i = 0; i < done->n_lanes; i++) done->lanes[i] = best[i].lane;
    for (int64_t i = 0; i < lattice->n; i++) {
        a.all[i] = average(best, done->n_lanes, 0, 1, i);
        a.half[0][i] = average(best, done->n_lanes, 0, 2, i);
        a.half[1][i] = average(best, done->n_lanes, 1, 2, i);
    }
    for (int64_t b = 0; b < lattice->n_blocks && status == LMP_OK && done->n_lanes > 0; b++)
        status = correct_block(lattice, &lattice->blocks[b], recorded_noise[b], &a, done, err);
    for (int64_t i = 0; i < lattice->n && status == LMP_OK && done->n_lanes > 0; i++) {
        times[i] += a.added[i];
        square += a.added[i] * a.added[i] / (double)lattice->n;
    }
    done->moved = sqrt(square);
    free(a.memory);
    return status;
}
