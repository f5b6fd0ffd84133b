/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pca_exact.c: the products of all pairs of frames, A A^T, whose eigenvectors are the time courses q ("snapshots",
 * Sirovich 1987).
 *
 * Each pass holds a part of the values, through all frames, while the part of the pass before is multiplied: in blocks
 * of the matrix of products, by whichever workers come along. One worker computes a block from all values of the part
 * in their order, and parts follow each other: the same bits for any number of workers.
 *
 * Numbers of 8 bits are multiplied as they are, in exact integers; the means over time are taken away from the finished
 * products, by rows and columns. Others are centred and multiplied in double precision.
 */
#include "movie/pca_learn.h"

#include "kernels/gram8.h"
#include "kernels/panel.h"
#include "math/dense.h"

#include <math.h>
#include <string.h>

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- Deciding ---- */

static int64_t round_up(int64_t n, int64_t to)
{
    return (n + to - 1) / to * to;
}

static int64_t held_frames(const pca_plan *p)
{
    return p->is_bytes ? round_up(p->n_frames, GRAM8_GROUP) : p->n_frames;
}

static size_t frame_bytes(const pca_plan *p)
{
    return (size_t)held_frames(p) * lmp_type_bytes(p->type);
}

static size_t gram_bytes(const pca_plan *p)
{
    return (size_t)(p->n_frames * p->n_frames) * sizeof(double);
}

static size_t slot_bytes(const pca_plan *p)
{
    return p->is_bytes ? (size_t)(GRAM8_ROWS * held_frames(p)) * sizeof(int32_t)
                       : (size_t)(2 * PCA_BLOCK * PCA_DEPTH) * sizeof(double);
}

void pca_exact_decide(pca_plan *p)
{
    p->is_bytes = lmp_type_bytes(p->type) == 1 && p->centre;
    const size_t each = frame_bytes(p) > 0 ? frame_bytes(p) : 1;
    p->n_held = (int64_t)(PCA_HELD_BYTES / 2 / each) / PCA_DEPTH * PCA_DEPTH;
    if (p->n_held < PCA_DEPTH) p->n_held = PCA_DEPTH;
    p->n_held = least(p->n_held, round_up(p->n_values, 2));
    p->n_parts = p->n_held > 0 ? (p->n_values + p->n_held - 1) / p->n_held : 1;
    p->n_slots = least(PCA_SLOTS, p->n_lanes);
    p->n_passes = p->n_parts + 2;
}

size_t pca_exact_bytes(const pca_plan *p)
{
    const size_t buffers = p->n_parts > 1 ? 2 : 1;
    return gram_bytes(p) + buffers * (size_t)p->n_held * frame_bytes(p) + (size_t)p->n_slots * slot_bytes(p) +
           (size_t)p->n_slots * sizeof(atomic_flag) + (size_t)dense_eigen_bytes(p->n_frames, p->k);
}

lmp_status pca_exact_open(pca *p, lmp_error *err)
{
    const pca_plan *plan = &p->plan;
    void *gram = NULL, *held[2] = {NULL, NULL}, *slots = NULL, *flags = NULL;
    lmp_status status = lmp_take(p->budget, gram_bytes(plan), &gram, err);
    for (int i = 0; i < (plan->n_parts > 1 ? 2 : 1) && status == LMP_OK; i++)
        status = lmp_take(p->budget, (size_t)plan->n_held * frame_bytes(plan), &held[i], err);
    if (status == LMP_OK) status = lmp_take(p->budget, (size_t)plan->n_slots * slot_bytes(plan), &slots, err);
    if (status == LMP_OK) status = lmp_take(p->budget, (size_t)plan->n_slots * sizeof(atomic_flag), &flags, err);
    p->gram = gram;
    p->held[0] = held[0];
    p->held[1] = held[1];
    p->slot = slots;
    p->is_taken = flags;
    for (int64_t i = 0; i < plan->n_slots && flags != NULL; i++) atomic_flag_clear(&p->is_taken[i]);
    return status;
}

void pca_exact_close(pca *p)
{
    void *const all[] = {p->gram, p->held[0], p->held[1], p->slot, (void *)p->is_taken};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) lmp_give(p->budget, all[i]);
    p->gram = NULL;
    p->held[0] = p->held[1] = p->slot = NULL;
    p->is_taken = NULL;
}

/* ---- Holding ---- */

static int64_t values_of_part(const pca_plan *p, int64_t part)
{
    return least(p->n_held, p->n_values - part * p->n_held);
}

/* Values of a frame as gram8.h wants them: pairs of columns of all rows of a group. is_end: none are behind them. */
static void hold_bytes(uint8_t *held, int64_t columns, int64_t t, int64_t at, const uint8_t *x, int64_t count,
                       bool is_end)
{
    uint8_t *to = held + gram8_place(columns, t, at);
    int64_t i = 0;
    if (at % 2 == 1 && count > 0) {
        *to = x[i++];
        to = held + gram8_place(columns, t, at + 1);
    }
    for (; i + 1 < count; i += 2, to += 2 * GRAM8_GROUP) memcpy(to, x + i, 2);
    if (i < count) {
        to[0] = x[i];
        if (is_end) to[1] = 0;
    }
}

static void hold_rows(pca *p, int64_t part, const lmp_frames *in)
{
    const pca_plan *plan = &p->plan;
    const int64_t base = pca_first_value(p, in->row), n = in->rows * plan->values_in_row, start = part * plan->n_held;
    const int64_t stop = start + values_of_part(plan, part), from = base > start ? base : start,
                  end = least(base + n, stop);
    const size_t one = lmp_type_bytes(plan->type);
    if (from >= end) return;
    char *held = p->held[part % 2];
    for (int64_t i = 0; i < in->count; i++) {
        const char *x = (const char *)pca_frame_at(in, i) + (size_t)(from - base) * one;
        const int64_t t = in->first + i;
        if (plan->is_bytes)
            hold_bytes((uint8_t *)held, plan->n_held, t, from - start, (const uint8_t *)x, end - from, end == stop);
        else
            memcpy(held + (size_t)(t * plan->n_held + from - start) * one, x, (size_t)(end - from) * one);
    }
}

/* ---- Multiplying ---- */

/* Some rows of the products with all frames up to the last of these rows. */
static void multiply_bytes(pca *p, int64_t part, int64_t which, int32_t *sums)
{
    const pca_plan *plan = &p->plan;
    const gram8 g = {(const uint8_t *)p->held[part % 2], plan->n_held, plan->type == LMP_INT8};
    const int64_t n = plan->n_frames, first = which * GRAM8_ROWS, values = round_up(values_of_part(plan, part), 2);
    const int64_t columns = least(first + GRAM8_ROWS, held_frames(plan)), rows = least(GRAM8_ROWS, n - first);
    for (int64_t from = 0; from < values; from += GRAM8_MOST_COLUMNS) {
        gram8_multiply(&g, first, columns, from, least(values, from + GRAM8_MOST_COLUMNS), sums);
        for (int64_t s = 0; s < columns && s < n; s++)
            for (int64_t r = 0; r < rows; r++) p->gram[first + r + s * n] += (double)sums[r * columns + s];
    }
}

/* Frames of a block, PCA_DEPTH values each. */
static void centre_block(const pca *p, int64_t part, int64_t block, int64_t from, int64_t depth, double *x)
{
    const pca_plan *plan = &p->plan;
    const size_t one = lmp_type_bytes(plan->type);
    const double *mean = p->mean + part * plan->n_held + from;
    for (int64_t t = block * PCA_BLOCK; t < plan->n_frames && t < (block + 1) * PCA_BLOCK; t++, x += PCA_DEPTH)
        panel_centre(plan->type, p->held[part % 2] + (size_t)(t * plan->n_held + from) * one, mean, depth, x);
}

/* One block of the products of frames: those of block `row` with those of block `column`, no later ones. */
static void multiply_block(pca *p, int64_t part, int64_t row, int64_t column, double *x)
{
    const int64_t n = p->plan.n_frames, values = values_of_part(&p->plan, part);
    const int64_t rows = least(PCA_BLOCK, n - row * PCA_BLOCK), columns = least(PCA_BLOCK, n - column * PCA_BLOCK);
    double *y = x + PCA_BLOCK * PCA_DEPTH, *to = p->gram + row * PCA_BLOCK + column * PCA_BLOCK * n;
    for (int64_t from = 0; from < values; from += PCA_DEPTH) {
        const int64_t depth = least(PCA_DEPTH, values - from);
        centre_block(p, part, row, from, depth, x);
        if (row == column) {
            dense_add_products_of_one(to, n, x, rows, PCA_DEPTH, depth);
        } else {
            centre_block(p, part, column, from, depth, y);
            dense_add_products(to, n, x, rows, y, columns, PCA_DEPTH, depth);
        }
    }
}

static int64_t count_products(const pca_plan *p)
{
    const int64_t blocks = (p->n_frames + PCA_BLOCK - 1) / PCA_BLOCK;
    return p->is_bytes ? (p->n_frames + GRAM8_ROWS - 1) / GRAM8_ROWS : blocks * (blocks + 1) / 2;
}

static void multiply(pca *p, int64_t part, int64_t which, void *slot)
{
    int64_t row = 0;
    if (p->plan.is_bytes) {
        multiply_bytes(p, part, count_products(&p->plan) - 1 - which, slot); /* the longest first */
    } else {
        while ((row + 1) * (row + 2) / 2 <= which) row++;
        multiply_block(p, part, row, which - row * (row + 1) / 2, slot);
    }
}

/* Takes a product that nobody has taken, if there is one; true if there was. */
static bool multiply_next(pca *p, int64_t part, void *slot)
{
    const int64_t which = atomic_fetch_add(&p->next, 1);
    if (which >= count_products(&p->plan)) return false;
    multiply(p, part, which, slot);
    return true;
}

/* One product now, and all that are left when the last frames of a band come: so that a run can be cancelled between
 * them. Who finds all slots taken leaves the products to those who hold them, who come again or are at their end. */
static void multiply_some(pca *p, int64_t part, bool is_last)
{
    const size_t bytes = slot_bytes(&p->plan);
    for (int64_t i = 0; i < p->plan.n_slots; i++) {
        if (atomic_flag_test_and_set(&p->is_taken[i])) continue;
        while (multiply_next(p, part, p->slot + (size_t)i * bytes) && is_last) {
        }
        atomic_flag_clear(&p->is_taken[i]);
        return;
    }
}

void pca_exact_learn_rows(pca *p, int64_t pass, const lmp_frames *in)
{
    if (pass < p->plan.n_parts) hold_rows(p, pass, in);
    if (pass > 0) multiply_some(p, pass - 1, in->first + in->count == p->plan.n_frames);
}

/* ---- The end ---- */

/* (I - 11^T / n) G (I - 11^T / n), of the lower triangle. `means` has room for n. */
static void centre_products(double *gram, int64_t n, double *means)
{
    double all = 0;
    for (int64_t t = 0; t < n; t++) {
        double sum = 0;
        for (int64_t s = 0; s < n; s++) sum += s < t ? gram[t + s * n] : gram[s + t * n];
        means[t] = sum / (double)n;
        all += sum;
    }
    all /= (double)n * (double)n;
    for (int64_t s = 0; s < n; s++)
        for (int64_t t = s; t < n; t++) gram[t + s * n] -= (means[t] + means[s]) - all;
}

lmp_status pca_exact_learned(pca *p, int64_t pass, lmp_error *err)
{
    const int64_t n = p->plan.n_frames;
    atomic_store(&p->next, 0);
    if (pass < p->plan.n_parts) return LMP_OK;
    if (p->plan.is_bytes) centre_products(p->gram, n, p->q);
    p->total = 0;
    for (int64_t t = 0; t < n; t++) p->total += p->gram[t + t * n];
    /* The strengths take the eigenvalues for a moment. */
    if (!dense_largest_eigen(p->gram, n, p->plan.k, p->strength, p->q))
        return lmp_fail(err, LMP_ERR_MEMORY, "pca: the components of %lld frames were not found: try method=randomised",
                        (long long)n);
    pca_exact_close(p);
    return LMP_OK;
}
