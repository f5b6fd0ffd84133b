/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reducer_finish.c: accumulators and gathered keys become results.
 */
#include "movie/number.h"
#include "movie/reducer_state.h"

#include <math.h>
#include <string.h>

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

/* ---- Results ---- */

static int64_t count_of(const reducer *r, int64_t i)
{
    return r->frames - (r->missing != NULL ? (int64_t)r->missing[i] : 0);
}

static wide exact_sum(const reducer *r, const accumulators *a, int64_t i)
{
    if (reducer_sum_bytes(r->spec.in) == sizeof(int64_t)) return ((const int64_t *)a->sums)[i];
    const temporal_wide w = ((const temporal_wide *)a->sums)[i];
    return (wide)(((unsigned_wide)(uint64_t)w.high << 64) + w.low);
}

static lmp_status finish_sum(const reducer *r, const accumulators *a, void *out, lmp_error *err)
{
    const lmp_type type = r->spec.out;
    for (int64_t i = 0; i < r->values; i++) {
        if (number_is_float(r->spec.in)) {
            number_put_float(type, out, i, count_of(r, i) > 0 ? ((const double *)a->sums)[i] : (double)NAN);
            continue;
        }
        const wide sum = exact_sum(r, a, i);
        if (number_is_float(type)) {
            number_put_float(type, out, i, (double)sum);
            continue;
        }
        if (sum < (type == LMP_UINT64 ? 0 : INT64_MIN) || sum > (type == LMP_UINT64 ? (wide)UINT64_MAX : INT64_MAX))
            return lmp_fail(err, LMP_ERR_RANGE,
                            "the sum over time, %g, does not fit an integer of 64 bits: ask for "
                            "stat=mean, or for stat=sum,mean, which gives float64",
                            (double)sum);
        number_put_integer(type, out, i, (int64_t)sum);
    }
    return LMP_OK;
}

static void finish_mean(const reducer *r, const accumulators *a, void *out)
{
    for (int64_t i = 0; i < r->values; i++) {
        const double sum = number_is_float(r->spec.in) ? ((const double *)a->sums)[i] : (double)exact_sum(r, a, i);
        const int64_t n = count_of(r, i);
        number_put_float(r->spec.out, out, i, n > 0 ? sum / (double)n : (double)NAN);
    }
}

/* sum (x - mean)^2 */
static double deviation(const reducer *r, const accumulators *a, int64_t i, int64_t n)
{
    if (reducer_is_small(r->spec.in)) {
        const int64_t sum = ((const int64_t *)a->sums)[i];
        const wide exact = (wide)n * ((const uint64_t *)a->squares)[i] - (wide)sum * sum;
        return (double)exact / (double)n;
    }
    const double sum = ((const double *)a->sums)[i], square = ((const double *)a->squares)[i];
    const double about_mean = square - sum * sum / (double)n;
    return about_mean < 0 ? 0.0 : about_mean;
}

static void finish_std(const reducer *r, const accumulators *a, void *out)
{
    for (int64_t i = 0; i < r->values; i++) {
        const int64_t n = count_of(r, i);
        const double std =
            n > r->spec.ddof && n > 0 ? sqrt(deviation(r, a, i, n) / (double)(n - r->spec.ddof)) : (double)NAN;
        number_put_float(r->spec.out, out, i, std);
    }
}

static void finish_extreme(const reducer *r, const accumulators *a, void *out)
{
    const lmp_type in = r->spec.in, type = r->spec.out;
    if (in == type) memcpy(out, a->best, (size_t)r->values * lmp_type_bytes(in));
    for (int64_t i = 0; i < r->values; i++)
        if (number_is_float(type) && (in != type || count_of(r, i) == 0))
            number_put_float(type, out, i, count_of(r, i) > 0 ? number_get(in, a->best, i) : (double)NAN);
        else if (in != type)
            number_put_integer(type, out, i,
                               in == LMP_INT64 ? ((const int64_t *)a->best)[i] : (int64_t)number_get(in, a->best, i));
}

static void finish_argmax(const reducer *r, const accumulators *a, void *out)
{
    for (int64_t i = 0; i < r->values; i++) {
        const int64_t at = r->spec.first_frame + (int64_t)a->at[i] * r->spec.frame_step;
        if (count_of(r, i) == 0 && number_is_float(r->spec.out))
            number_put_float(r->spec.out, out, i, (double)NAN);
        else
            number_put_integer(r->spec.out, out, i, count_of(r, i) == 0 ? -1 : at);
    }
}

/* ---- Results by rank ---- */

/* b - a, in the arithmetic of the type. */
static double difference(lmp_type type, const void *a, const void *b, int64_t i)
{
    if (type == LMP_FLOAT32) return (double)(((const float *)b)[i] - ((const float *)a)[i]);
    if (type == LMP_INT64 || type == LMP_UINT64) return (double)(((const uint64_t *)b)[i] - ((const uint64_t *)a)[i]);
    return number_get(type, b, i) - number_get(type, a, i);
}

/* Between two neighbours, from the nearer one: exact at both, and monotonic. */
static double between(lmp_type type, const void *a, const void *b, int64_t i, double share)
{
    const double step = difference(type, a, b, i);
    return share < 0.5 ? number_get(type, a, i) + step * share : number_get(type, b, i) - step * (1.0 - share);
}

typedef struct rank_of {
    uint32_t lower;
    bool is_last; /* there is no next */
    double share; /* of the next */
} rank_of;

static rank_of find_rank(const reducer_stat *stat, int64_t n)
{
    if (n == 0) return (rank_of){.is_last = true};
    if (stat->kind == REDUCER_MEDIAN)
        return (rank_of){.lower = (uint32_t)((n - 1) / 2), .is_last = n % 2 == 1, .share = 0.5};
    const double at = (double)(n - 1) * (stat->percent / 100.0), lower = floor(at);
    return (rank_of){.lower = (uint32_t)lower, .is_last = (int64_t)lower >= n - 1, .share = at - lower};
}

static void finish_line(const reducer *r, const reducer_stat *stat, int64_t first, int64_t n, void *out)
{
    const lmp_type in = r->spec.in;
    const int64_t line = temporal_line_values(in);
    __attribute__((aligned(64))) char lower[TEMPORAL_LINE], upper[TEMPORAL_LINE];
    uint32_t ranks[TEMPORAL_LINE] = {0};
    bool wants_next = false;
    rank_of rank[TEMPORAL_LINE];
    for (int64_t i = 0; i < n; i++) {
        rank[i] = find_rank(stat, count_of(r, first + i));
        ranks[i] = rank[i].lower;
        wants_next |= !rank[i].is_last;
    }
    temporal_rank(in, r->keys + (size_t)(first / line) * reducer_line_stride(&r->spec), r->frames, ranks, lower,
                  wants_next ? upper : NULL);
    temporal_open_keys(in, lower, line);
    if (wants_next) temporal_open_keys(in, upper, line);
    for (int64_t i = 0; i < n; i++) {
        double x = number_get(in, lower, i);
        if (!rank[i].is_last && stat->kind == REDUCER_MEDIAN)
            x = (x + number_get(in, upper, i)) / 2.0;
        else if (!rank[i].is_last)
            x = between(in, lower, upper, i, rank[i].share);
        number_put_float(r->spec.out, out, first + i, count_of(r, first + i) > 0 ? x : (double)NAN);
    }
}

static void finish_ranks(const reducer *r, const reducer_stat *stat, void *out)
{
    const int64_t line = temporal_line_values(r->spec.in);
    for (int64_t i = 0; i < r->values; i += line)
        finish_line(r, stat, i, r->values - i < line ? r->values - i : line, out);
}

lmp_status reducer_finish(reducer *r, int64_t stat, void *out, lmp_error *err)
{
    const accumulators *a = &r->stats[stat];
    reducer_empty_parts(r);
    switch (r->spec.stats[stat].kind) {
    case REDUCER_SUM:
        return finish_sum(r, a, out, err);
    case REDUCER_MEAN:
        finish_mean(r, a, out);
        break;
    case REDUCER_STD:
        finish_std(r, a, out);
        break;
    case REDUCER_MAX:
    case REDUCER_MIN:
        finish_extreme(r, a, out);
        break;
    case REDUCER_ARGMAX:
        finish_argmax(r, a, out);
        break;
    case REDUCER_MEDIAN:
    case REDUCER_PERCENTILE:
        finish_ranks(r, &r->spec.stats[stat], out);
        break;
    }
    return LMP_OK;
}
