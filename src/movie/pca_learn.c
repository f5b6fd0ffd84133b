/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pca_learn.c: two ways to the same end.
 *
 * Exact: the products of all pairs of frames, A A^T, whose eigenvectors are the time courses q ("snapshots", Sirovich
 * 1987). Some bands are held through a pass, then add their share; bands are summed in their order.
 *
 * Randomised: Halko, Martinsson & Tropp, "Finding structure with randomness" (2011), algorithms 4.4 and 5.1: Y = A O
 * for normal random O, orthonormal; twice Z = A^T Q, orthonormal, and Y = A Z, orthonormal.
 *
 * Both end with z = A^T q, turned so that its rows are orthogonal: the components, and their lengths the strengths.
 */
#include "movie/pca_learn.h"

#include "math/dense.h"
#include "movie/pixel_values.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { CHUNK = 256 };

/* ---- Deciding ---- */

static size_t held_bytes(const pca_plan *p)
{
    return (size_t)(p->n_frames * p->lane_values) * lmp_type_bytes(p->type);
}

static size_t gram_bytes(const pca_plan *p)
{
    return (size_t)(p->n_frames * p->n_frames) * sizeof(double);
}

static size_t tile_bytes(const pca_plan *p)
{
    return (size_t)(p->n_frames * PCA_TILE) * sizeof(double);
}

pca_plan pca_decide(pca_method method, int64_t k, bool centre, int64_t seed, const lmp_format *f)
{
    pca_plan p = {.method = method, .centre = centre, .seed = seed, .k = k, .n_work = k, .type = f->type};
    p.n_frames = f->n_times;
    p.n_values = f->height * f->width * f->n_colours;
    p.n_lanes = lmp_lane_count(f);
    p.lane_values = lmp_lane_values(f);
    p.values_in_row = f->width * f->n_colours;
    if (method == PCA_AUTO) p.method = p.n_frames <= PCA_EXACT_FRAMES ? PCA_EXACT : PCA_RANDOMISED;
    if (p.method == PCA_EXACT) {
        const size_t each = held_bytes(&p) + gram_bytes(&p) + tile_bytes(&p);
        p.n_held = (int64_t)(PCA_HELD_BYTES / (each > 0 ? each : 1));
        if (p.n_held < 1) p.n_held = 1;
        if (p.n_held > p.n_lanes) p.n_held = p.n_lanes;
        p.n_grams = (p.n_lanes + p.n_held - 1) / p.n_held;
        p.n_passes = p.n_grams + 1;
    } else {
        const int64_t rank = p.n_frames < p.n_values ? p.n_frames : p.n_values;
        p.n_work = k + PCA_EXTRA < rank ? k + PCA_EXTRA : rank;
        p.n_passes = 1 + 2 * (PCA_POWER_ITERATIONS + 1);
    }
    return p;
}

/* z also counts and sums squares of each value, at first. */
static size_t z_bytes(const pca_plan *p)
{
    return (size_t)(p->n_values * (p->n_work < 2 ? 2 : p->n_work)) * sizeof(double);
}

static size_t q_bytes(const pca_plan *p)
{
    return (size_t)(p->n_frames * p->n_work) * sizeof(double);
}

size_t pca_bytes(const pca_plan *p)
{
    const size_t method = p->method == PCA_EXACT
                              ? gram_bytes(p) + (size_t)p->n_held * (held_bytes(p) + gram_bytes(p) + tile_bytes(p)) +
                                    (size_t)dense_eigen_bytes(p->n_frames, p->k)
                              : (size_t)p->n_lanes * q_bytes(p);
    return sizeof(pca) + (size_t)p->n_values * sizeof(double) + z_bytes(p) + q_bytes(p) + method +
           (size_t)(p->n_lanes + p->k + p->n_frames) * sizeof(int64_t);
}

/* ---- Opening ---- */

static bool take(pca *p, size_t bytes, void *pointer, lmp_status *status, lmp_error *err)
{
    void *memory = NULL;
    if (*status == LMP_OK) *status = lmp_take(p->budget, bytes, &memory, err);
    memcpy(pointer, &memory, sizeof memory);
    return *status == LMP_OK;
}

lmp_status pca_open(const pca_plan *plan, const lmp_format *f, lmp_budget *budget, pca **made, lmp_error *err)
{
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(pca), &memory, err);
    if (status != LMP_OK) return status;
    pca *p = memory;
    p->plan = *plan;
    p->format = *f;
    p->budget = budget;
    const size_t held = (size_t)plan->n_held;
    take(p, (size_t)plan->n_values * sizeof(double), &p->mean, &status, err);
    take(p, z_bytes(plan), &p->z, &status, err);
    take(p, q_bytes(plan), &p->q, &status, err);
    take(p, (size_t)plan->n_lanes * sizeof(int64_t), &p->n_nan, &status, err);
    take(p, (size_t)plan->k * sizeof(double), &p->strength, &status, err);
    if (f->frame_numbers != NULL && take(p, (size_t)plan->n_frames * sizeof(int64_t), &p->frame_numbers, &status, err))
        memcpy(p->frame_numbers, f->frame_numbers, (size_t)plan->n_frames * sizeof(int64_t));
    if (plan->method == PCA_EXACT) {
        take(p, gram_bytes(plan), &p->gram, &status, err);
        take(p, held * gram_bytes(plan), &p->band_gram, &status, err);
        take(p, held * tile_bytes(plan), &p->tile, &status, err);
        take(p, held * held_bytes(plan), &p->held, &status, err);
    } else {
        take(p, (size_t)plan->n_lanes * q_bytes(plan), &p->partial, &status, err);
    }
    const char *why = "";
    if (status == LMP_OK && !dense_load(&why))
        status = lmp_fail(err, LMP_ERR_IO,
                          "pca needs the libraries LAPACKE and BLAS, which cannot be used (%s): install the packages "
                          "liblapacke and libopenblas0",
                          why);
    if (status != LMP_OK) {
        pca_close(p);
        return status;
    }
    *made = p;
    return LMP_OK;
}

static void let_gram_go(pca *p)
{
    void *const all[] = {p->gram, p->band_gram, p->tile, p->held, p->partial};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) lmp_give(p->budget, all[i]);
    p->gram = p->band_gram = p->tile = p->partial = NULL;
    p->held = NULL;
}

void pca_close(pca *p)
{
    void *const all[] = {p->mean, p->z, p->q, p->n_nan, p->strength, p->frame_numbers};
    let_gram_go(p);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) lmp_give(p->budget, all[i]);
    lmp_give(p->budget, p);
}

/* ---- Values of a band ---- */

static int64_t first_value(const pca *p, int64_t row)
{
    return row * p->plan.values_in_row;
}

/* Values minus their means; NaN counts as the mean. */
static void get_centred(const lmp_frames *in, const void *frame, int64_t first, int64_t count, const double *mean,
                        double *to)
{
    pixel_values_get(in->type, frame, first, 1, count, to);
    for (int64_t i = 0; i < count; i++) to[i] = to[i] == to[i] ? to[i] - mean[i] : 0;
}

static const void *frame_at(const lmp_frames *in, int64_t i)
{
    return (const char *)in->data + (size_t)i * in->stride;
}

/* ---- Exact: products of frames ---- */

/* Frames x count, the mean of each column taken away. */
static int64_t centre_tile(const pca *p, double *x, int64_t count, double *mean)
{
    const int64_t n = p->plan.n_frames;
    int64_t n_nan = 0;
    for (int64_t i = 0; i < count; i++) {
        double *column = x + i * n, sum = 0, shift = 0;
        int64_t valid = 0;
        for (int64_t t = 0; t < n; t++) {
            if (column[t] != column[t]) continue;
            if (valid++ == 0) shift = column[t];
            sum += column[t] - shift;
        }
        mean[i] = valid == 0 ? (double)NAN : p->plan.centre ? shift + sum / (double)valid : 0;
        for (int64_t t = 0; t < n; t++) column[t] = column[t] == column[t] ? column[t] - mean[i] : 0;
        n_nan += n - valid;
    }
    return n_nan;
}

static void multiply_band(pca *p, int64_t lane, int64_t slot)
{
    int64_t row;
    const pca_plan *plan = &p->plan;
    const int64_t n = plan->n_frames, count = lmp_lane_rows(&p->format, lane, &row) * plan->values_in_row;
    double *gram = p->band_gram + slot * n * n, *x = p->tile + slot * n * PCA_TILE,
           *mean = p->mean + first_value(p, row);
    const char *held = p->held + (size_t)slot * held_bytes(plan);
    memset(gram, 0, gram_bytes(plan));
    for (int64_t first = 0; first < count; first += PCA_TILE) {
        const int64_t width = count - first < PCA_TILE ? count - first : PCA_TILE;
        for (int64_t t = 0; t < n; t++) {
            double values[PCA_TILE];
            pixel_values_get(plan->type, held, t * plan->lane_values + first, 1, width, values);
            for (int64_t i = 0; i < width; i++) x[t + i * n] = values[i];
        }
        p->n_nan[lane] += centre_tile(p, x, width, mean + first);
        dense_add_gram(gram, n, x, width);
    }
}

static void hold_rows(pca *p, int64_t pass, int64_t lane, const lmp_frames *in)
{
    const pca_plan *plan = &p->plan;
    const int64_t slot = lane - pass * plan->n_held;
    if (slot < 0 || slot >= plan->n_held) return;
    const size_t one = lmp_type_bytes(plan->type), bytes = (size_t)(in->rows * plan->values_in_row) * one;
    char *held = p->held + (size_t)slot * held_bytes(plan);
    for (int64_t i = 0; i < in->count; i++)
        memcpy(held + (size_t)((in->first + i) * plan->lane_values) * one, frame_at(in, i), bytes);
    if (in->first + in->count == plan->n_frames) multiply_band(p, lane, slot);
}

static lmp_status grams_learned(pca *p, int64_t pass, lmp_error *err)
{
    const int64_t n = p->plan.n_frames, n_held = p->plan.n_held;
    for (int64_t slot = 0; slot < n_held && pass * n_held + slot < p->plan.n_lanes; slot++)
        for (int64_t i = 0; i < n * n; i++) p->gram[i] += p->band_gram[slot * n * n + i];
    if (pass + 1 < p->plan.n_grams) return LMP_OK;
    for (int64_t t = 0; t < n; t++) p->total += p->gram[t + t * n];
    if (!isfinite(p->total)) return lmp_fail(err, LMP_ERR_INPUT, "pca: the movie holds infinite values: mask them");
    /* The strengths take the eigenvalues for a moment. */
    if (!dense_largest_eigen(p->gram, n, p->plan.k, p->strength, p->q))
        return lmp_fail(err, LMP_ERR_MEMORY, "pca: the components of %lld frames were not found: try method=randomised",
                        (long long)n);
    let_gram_go(p);
    return LMP_OK;
}

/* ---- Randomised: means and the total ---- */

/* Welford's sums, per value, in time order: z holds the number and the squares of each. */
static void learn_means(pca *p, int64_t lane, const lmp_frames *in)
{
    const int64_t base = first_value(p, in->row), n = in->rows * p->plan.values_in_row;
    for (int64_t t = 0; t < in->count; t++)
        for (int64_t first = 0; first < n; first += CHUNK) {
            double x[CHUNK];
            const int64_t count = n - first < CHUNK ? n - first : CHUNK;
            double *mean = p->mean + base + first, *sums = p->z + 2 * (base + first);
            pixel_values_get(in->type, frame_at(in, t), first, 1, count, x);
            for (int64_t i = 0; i < count; i++) {
                if (x[i] != x[i]) {
                    p->n_nan[lane]++;
                    continue;
                }
                const double off = x[i] - mean[i], n_valid = ++sums[2 * i];
                if (p->plan.centre) mean[i] += off / n_valid;
                sums[2 * i + 1] += off * (x[i] - mean[i]);
            }
        }
}

static uint64_t scramble(uint64_t x)
{
    x += 0x9E3779B97F4A7C15ULL; /* splitmix64 */
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

/* Normal random number i of a seed (Box & Muller). */
static double normal(uint64_t seed, uint64_t i)
{
    const uint64_t a = scramble(scramble(seed) ^ (2 * i)), b = scramble(scramble(seed) ^ (2 * i + 1));
    const double u = ((double)(a >> 11) + 0.5) * 0x1p-53, v = (double)(b >> 11) * 0x1p-53;
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static lmp_status means_learned(pca *p, lmp_error *err)
{
    for (int64_t i = 0; i < p->plan.n_values; i++) {
        p->total += p->z[2 * i + 1];
        if (p->z[2 * i] == 0) p->mean[i] = (double)NAN;
    }
    if (!isfinite(p->total)) return lmp_fail(err, LMP_ERR_INPUT, "pca: the movie holds infinite values: mask them");
    const int64_t n = p->plan.n_values * p->plan.n_work;
    for (int64_t i = 0; i < n; i++) p->z[i] = normal((uint64_t)p->plan.seed, (uint64_t)i);
    return LMP_OK;
}

/* ---- Randomised: Y = A Z^T, band by band ---- */

static void project_rows(pca *p, int64_t lane, const lmp_frames *in)
{
    const int64_t k = p->plan.n_work, base = first_value(p, in->row), n = in->rows * p->plan.values_in_row;
    for (int64_t t = 0; t < in->count; t++) {
        double *y = p->partial + (lane * p->plan.n_frames + in->first + t) * k;
        memset(y, 0, (size_t)k * sizeof *y);
        for (int64_t first = 0; first < n; first += CHUNK) {
            double x[CHUNK];
            const int64_t count = n - first < CHUNK ? n - first : CHUNK;
            const double *z = p->z + (base + first) * k;
            get_centred(in, frame_at(in, t), first, count, p->mean + base + first, x);
            for (int64_t i = 0; i < count; i++)
                for (int64_t j = 0; j < k; j++) y[j] += x[i] * z[i * k + j];
        }
    }
}

static lmp_status no_basis(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "pca: the system has no memory left for a basis: ask for fewer components");
}

static lmp_status projected(pca *p, lmp_error *err)
{
    const int64_t n = p->plan.n_frames * p->plan.n_work;
    memset(p->q, 0, (size_t)n * sizeof *p->q);
    for (int64_t lane = 0; lane < p->plan.n_lanes; lane++)
        for (int64_t i = 0; i < n; i++) p->q[i] += p->partial[lane * n + i];
    memset(p->z, 0, (size_t)(p->plan.n_values * p->plan.n_work) * sizeof *p->z);
    return dense_orthonormal_rows(p->q, p->plan.n_work, p->plan.n_frames) ? LMP_OK : no_basis(err);
}

/* ---- Both: z = q A ---- */

static void accumulate_rows(pca *p, const lmp_frames *in)
{
    const int64_t k = p->plan.n_work, base = first_value(p, in->row), n = in->rows * p->plan.values_in_row;
    for (int64_t t = 0; t < in->count; t++) {
        const double *q = p->q + (in->first + t) * k;
        for (int64_t first = 0; first < n; first += CHUNK) {
            double x[CHUNK];
            const int64_t count = n - first < CHUNK ? n - first : CHUNK;
            double *z = p->z + (base + first) * k;
            get_centred(in, frame_at(in, t), first, count, p->mean + base + first, x);
            for (int64_t i = 0; i < count; i++)
                for (int64_t j = 0; j < k; j++) z[i * k + j] += x[i] * q[j];
        }
    }
}

/* ---- The end ---- */

/* Each column of x (from x n) becomes turn (to x from) times it, to <= from; the columns move together. */
static void turn_columns(double *x, int64_t n, int64_t from, const double *turn, int64_t to, double *column)
{
    for (int64_t c = 0; c < n; c++) {
        memset(column, 0, (size_t)to * sizeof *column);
        for (int64_t i = 0; i < from; i++)
            for (int64_t j = 0; j < to; j++) column[j] += turn[j + i * to] * x[c * from + i];
        memcpy(x + c * to, column, (size_t)to * sizeof *column);
    }
}

/* Components get length 1 and a positive largest entry, scores their strength; what is nothing but rounding is 0. */
static void scale_component(pca *p, int64_t j)
{
    const int64_t k = p->plan.k, n_values = p->plan.n_values, n_frames = p->plan.n_frames;
    double squares = 0, largest = 0;
    for (int64_t i = 0; i < n_values; i++) {
        const double x = p->z[i * k + j];
        squares += x * x;
        if (fabs(x) > fabs(largest)) largest = x;
    }
    const double rounding = DBL_EPSILON * (double)(n_frames + 100), strength = sqrt(squares);
    const bool is_something = squares > rounding * p->total;
    const double sign = largest < 0 ? -1 : 1, shrink = is_something ? sign / strength : 0;
    p->strength[j] = is_something ? strength : 0;
    for (int64_t i = 0; i < n_values; i++) p->z[i * k + j] *= shrink;
    for (int64_t t = 0; t < n_frames; t++) p->q[t * k + j] *= sign * p->strength[j];
}

static lmp_status finish(pca *p, lmp_error *err)
{
    const int64_t work = p->plan.n_work, k = p->plan.k;
    void *memory = NULL;
    const size_t bytes = (size_t)(2 * work * work + work) * sizeof(double);
    lmp_status status = lmp_take(p->budget, bytes, &memory, err);
    if (status != LMP_OK) return status;
    double *gram = memory, *turn = gram + work * work, *column = turn + work * work;
    for (int64_t first = 0; first < p->plan.n_values; first += CHUNK) {
        const int64_t count = p->plan.n_values - first < CHUNK ? p->plan.n_values - first : CHUNK;
        dense_add_gram(gram, work, p->z + first * work, count);
    }
    if (dense_largest_eigen(gram, work, k, p->strength, turn)) {
        turn_columns(p->z, p->plan.n_values, work, turn, k, column);
        turn_columns(p->q, p->plan.n_frames, work, turn, k, column);
        for (int64_t j = 0; j < k; j++) scale_component(p, j);
    } else {
        status = no_basis(err);
    }
    lmp_give(p->budget, memory);
    return status;
}

/* ---- Passes ---- */

void pca_learn_rows(pca *p, int64_t pass, int64_t lane, const lmp_frames *in)
{
    const bool is_exact = p->plan.method == PCA_EXACT;
    if (is_exact && pass < p->plan.n_grams)
        hold_rows(p, pass, lane, in);
    else if (!is_exact && pass == 0)
        learn_means(p, lane, in);
    else if (!is_exact && pass % 2 == 1)
        project_rows(p, lane, in);
    else
        accumulate_rows(p, in);
}

lmp_status pca_learned(pca *p, int64_t pass, lmp_error *err)
{
    const bool is_exact = p->plan.method == PCA_EXACT;
    if (is_exact && pass < p->plan.n_grams) return grams_learned(p, pass, err);
    if (pass + 1 == p->plan.n_passes) return finish(p, err);
    if (pass == 0) return means_learned(p, err);
    if (pass % 2 == 1) return projected(p, err);
    return dense_orthonormal_rows(p->z, p->plan.n_work, p->plan.n_values) ? LMP_OK : no_basis(err);
}
