/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pca_learn.c: two ways to the same end: pca_exact.c and pca_randomised.c. Both begin with the means, and end with z =
 * A^T q, turned so that its rows are orthogonal: the components, and their lengths the strengths.
 */
#include "movie/pca_learn.h"

#include "kernels/panel.h"
#include "math/dense.h"
#include "movie/pixel_values.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- Deciding ---- */

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
        pca_exact_decide(&p);
    } else {
        const int64_t rank = p.n_frames < p.n_values ? p.n_frames : p.n_values;
        p.n_work = (k + PCA_EXTRA + 3) / 4 * 4; /* columns are multiplied by fours */
        if (p.n_work > rank) p.n_work = rank;
        p.n_passes = 1 + 2 * (PCA_POWER_ITERATIONS + 1);
    }
    return p;
}

/* z also counts each value and sums it and its square, at first. */
static size_t z_bytes(const pca_plan *p)
{
    return (size_t)(p->n_values * (p->n_work < 3 ? 3 : p->n_work)) * sizeof(double);
}

static size_t q_bytes(const pca_plan *p)
{
    return (size_t)(p->n_frames * p->n_work) * sizeof(double);
}

size_t pca_bytes(const pca_plan *p)
{
    const size_t method = p->method == PCA_EXACT ? pca_exact_bytes(p) : (size_t)p->n_lanes * q_bytes(p);
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
    take(p, (size_t)plan->n_values * sizeof(double), &p->mean, &status, err);
    take(p, z_bytes(plan), &p->z, &status, err);
    take(p, q_bytes(plan), &p->q, &status, err);
    take(p, (size_t)plan->n_lanes * sizeof(int64_t), &p->n_nan, &status, err);
    take(p, (size_t)plan->k * sizeof(double), &p->strength, &status, err);
    if (f->frame_numbers != NULL && take(p, (size_t)plan->n_frames * sizeof(int64_t), &p->frame_numbers, &status, err))
        memcpy(p->frame_numbers, f->frame_numbers, (size_t)plan->n_frames * sizeof(int64_t));
    if (plan->method == PCA_RANDOMISED) take(p, (size_t)plan->n_lanes * q_bytes(plan), &p->partial, &status, err);
    if (plan->method == PCA_EXACT && status == LMP_OK) status = pca_exact_open(p, err);
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

void pca_close(pca *p)
{
    void *const all[] = {p->mean, p->z, p->q, p->n_nan, p->strength, p->frame_numbers, p->partial};
    pca_exact_close(p);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) lmp_give(p->budget, all[i]);
    lmp_give(p->budget, p);
}

/* ---- Values of a band ---- */

bool pca_next_tile(const pca *p, const lmp_frames *in, pca_tile *tile, double *x)
{
    const int64_t n = in->rows * p->plan.values_in_row;
    tile->frame += tile->frames;
    if (tile->frame == in->count) {
        tile->frame = 0;
        tile->first += tile->values;
    }
    if (tile->first >= n || in->count == 0) return false;
    tile->frames = in->count - tile->frame < PCA_FRAMES ? in->count - tile->frame : PCA_FRAMES;
    tile->values = n - tile->first < PCA_VALUES ? n - tile->first : PCA_VALUES;
    const double *mean = p->mean + pca_first_value(p, in->row) + tile->first;
    for (int64_t i = 0; i < tile->frames; i++) {
        const char *from = pca_frame_at(in, tile->frame + i);
        panel_centre(in->type, from + (size_t)tile->first * lmp_type_bytes(in->type), mean, tile->values,
                     x + i * PCA_VALUES);
    }
    return true;
}

/* Both: z = q A. */
static void accumulate_rows(pca *p, const lmp_frames *in)
{
    const int64_t k = p->plan.n_work, base = pca_first_value(p, in->row);
    double x[PCA_FRAMES * PCA_VALUES];
    for (pca_tile tile = {0}; pca_next_tile(p, in, &tile, x);)
        for (int64_t i = 0; i < tile.values; i += PCA_AT_ONCE) {
            const int64_t n = tile.values - i < PCA_AT_ONCE ? tile.values - i : PCA_AT_ONCE;
            const double *q = p->q + (in->first + tile.frame) * k;
            const panel_factors f = {x + i, q, n, tile.frames, k, 1, PCA_VALUES};
            panel_multiply(&f, p->z + (base + tile.first + i) * k);
        }
}

/* ---- Means ---- */

/* Of a band: how many are valid, their sums and squares, as differences from the first frame. */
static panel_sums sums_of(const pca *p, int64_t base, int64_t n)
{
    double *z = p->z + 3 * base;
    return (panel_sums){z, z + n, z + 2 * n};
}

static void start_means(pca *p, const lmp_frames *in)
{
    const int64_t n = in->rows * p->plan.values_in_row;
    double *mean = p->mean + pca_first_value(p, in->row);
    pixel_values_get(in->type, in->data, 0, 1, n, mean);
    for (int64_t i = 0; i < n; i++) mean[i] = p->plan.centre && isfinite(mean[i]) ? mean[i] : 0;
}

static void learn_means(pca *p, const lmp_frames *in)
{
    enum { CHUNK = 512 };
    const int64_t base = pca_first_value(p, in->row), n = in->rows * p->plan.values_in_row;
    const panel_sums s = sums_of(p, base, n);
    if (in->first == 0 && in->count > 0) start_means(p, in);
    for (int64_t at = 0; at < n; at += CHUNK) {
        const panel_sums to = {s.valid + at, s.sums + at, s.squares + at};
        for (int64_t i = 0; i < in->count; i++) {
            const char *x = (const char *)pca_frame_at(in, i) + (size_t)at * lmp_type_bytes(in->type);
            panel_add(in->type, x, p->mean + base + at, n - at < CHUNK ? n - at : CHUNK, &to);
        }
    }
}

static void end_means_of_band(pca *p, int64_t lane)
{
    int64_t row;
    const int64_t n = lmp_lane_rows(&p->format, lane, &row) * p->plan.values_in_row, base = pca_first_value(p, row);
    const panel_sums s = sums_of(p, base, n);
    for (int64_t i = 0; i < n; i++) {
        const double off = p->plan.centre && s.valid[i] > 0 ? s.sums[i] / s.valid[i] : 0;
        const double squares = s.squares[i] - off * s.sums[i];
        p->n_nan[lane] += p->plan.n_frames - (int64_t)s.valid[i];
        p->total += squares < 0 ? 0 : squares; /* never, but for NaN and rounding */
        p->mean[base + i] = s.valid[i] > 0 ? p->mean[base + i] + off : (double)NAN;
    }
}

static lmp_status means_learned(pca *p, lmp_error *err)
{
    for (int64_t lane = 0; lane < p->plan.n_lanes; lane++) end_means_of_band(p, lane);
    if (!isfinite(p->total)) return lmp_fail(err, LMP_ERR_INPUT, "pca: the movie holds infinite values: mask them");
    memset(p->z, 0, z_bytes(&p->plan));
    return LMP_OK;
}

/* ---- The end ---- */

/* Each column of x (from x n) becomes turn (to x from) times it, to <= from; the columns move together. */
static void turn_columns(double *x, int64_t n, int64_t from, const double *turn, int64_t to, double *column)
{
    for (int64_t c = 0; c < n; c++) {
        const panel_factors f = {x + c * from, turn, 1, from, to, from, 1};
        memset(column, 0, (size_t)to * sizeof *column);
        panel_multiply(&f, column);
        memcpy(x + c * to, column, (size_t)to * sizeof *column);
    }
}

/* Lengths and largest entries (in magnitude) of the components. */
static void measure_components(const pca *p, double *squares, double *largest)
{
    const int64_t k = p->plan.k;
    for (int64_t j = 0; j < k; j++) squares[j] = largest[j] = 0;
    for (int64_t i = 0; i < p->plan.n_values; i++)
        for (int64_t j = 0; j < k; j++) {
            const double x = p->z[i * k + j];
            squares[j] += x * x;
            largest[j] = fabs(x) > fabs(largest[j]) ? x : largest[j];
        }
}

/* Components get length 1 and a positive largest entry, scores their strength; what is nothing but rounding is 0.
 * `room`: for 2 k. */
static void scale_components(pca *p, double *room)
{
    const int64_t k = p->plan.k, n_frames = p->plan.n_frames;
    double *squares = room, *largest = room + k;
    measure_components(p, squares, largest);
    for (int64_t j = 0; j < k; j++) {
        const double rounding = DBL_EPSILON * (double)(n_frames + 100), strength = sqrt(squares[j]);
        const bool is_something = squares[j] > rounding * p->total;
        const double sign = largest[j] < 0 ? -1 : 1;
        p->strength[j] = is_something ? strength : 0;
        squares[j] = is_something ? sign / strength : 0; /* what shrinks it */
        for (int64_t t = 0; t < n_frames; t++) p->q[t * k + j] *= sign * p->strength[j];
    }
    for (int64_t i = 0; i < p->plan.n_values; i++)
        for (int64_t j = 0; j < k; j++) p->z[i * k + j] *= squares[j];
}

static lmp_status finish(pca *p, lmp_error *err)
{
    const int64_t work = p->plan.n_work, k = p->plan.k;
    void *memory = NULL;
    const size_t bytes = (size_t)(2 * work * work + 2 * work) * sizeof(double);
    lmp_status status = lmp_take(p->budget, bytes, &memory, err);
    if (status != LMP_OK) return status;
    double *gram = memory, *turn = gram + work * work + work, *column = turn + work * work;
    dense_add_gram(gram, work, p->z, p->plan.n_values);
    if (dense_largest_eigen(gram, work, k, p->strength, turn)) {
        turn_columns(p->z, p->plan.n_values, work, turn, k, column);
        turn_columns(p->q, p->plan.n_frames, work, turn, k, column);
        scale_components(p, gram);
    } else {
        status =
            lmp_fail(err, LMP_ERR_MEMORY, "pca: the system has no memory left for a basis: ask for fewer components");
    }
    lmp_give(p->budget, memory);
    return status;
}

/* ---- Passes ---- */

void pca_learn_rows(pca *p, int64_t pass, int64_t lane, const lmp_frames *in)
{
    const bool is_exact = p->plan.method == PCA_EXACT;
    if (pass == 0) learn_means(p, in);
    if (is_exact && pass <= p->plan.n_parts) {
        pca_exact_learn_rows(p, pass, in);
    } else if (!is_exact && pass % 2 == 1) {
        if (pass == 1 && in->first == 0) pca_start_rows(p, in);
        pca_project_rows(p, lane, in);
    } else if (pass > 0) {
        accumulate_rows(p, in);
    }
}

lmp_status pca_learned(pca *p, int64_t pass, lmp_error *err)
{
    const bool is_exact = p->plan.method == PCA_EXACT;
    if (pass == 0) {
        const lmp_status status = means_learned(p, err);
        if (status != LMP_OK) return status;
    }
    if (pass + 1 == p->plan.n_passes) return finish(p, err);
    if (is_exact) return pca_exact_learned(p, pass, err);
    if (pass == 0) return LMP_OK;
    return pass % 2 == 1 ? pca_projected(p, err) : pca_accumulated(p, err);
}
