/* SPDX-License-Identifier: BSD-3-Clause
 *
 * window_stats.c: numbers are taken in tile by tile, in double precision.
 */
#include "window_stats.h"

#include "pixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 256 };

/* ---- Frame by frame ---- */

static bool has_nan(lmp_type type)
{
    return type == LMP_FLOAT32 || type == LMP_FLOAT64;
}

size_t window_run_bytes(window_stat stat, lmp_type type)
{
    return (stat == WINDOW_STD ? 2 : 1) * sizeof(double) + (has_nan(type) ? sizeof(int32_t) : 0);
}

bool window_run_new(window_run *run, window_stat stat, lmp_type type, int64_t n)
{
    const size_t size = (size_t)n;
    *run = (window_run){.stat = stat, .type = type, .n = n};
    run->values = malloc(size * sizeof *run->values);
    run->counts = has_nan(type) ? malloc(size * sizeof *run->counts) : NULL;
    run->means = stat == WINDOW_STD ? malloc(size * sizeof *run->means) : NULL;
    return run->values != NULL && (!has_nan(type) || run->counts != NULL) && (stat != WINDOW_STD || run->means != NULL);
}

void window_run_clear(window_run *run)
{
    free(run->values);
    free(run->means);
    free(run->counts);
    *run = (window_run){0};
}

static void start(window_run *run)
{
    const double none = run->stat == WINDOW_MIN ? (double)INFINITY : run->stat == WINDOW_MAX ? -(double)INFINITY : 0;
    for (int64_t i = 0; i < run->n; i++) run->values[i] = none;
    if (run->counts != NULL) memset(run->counts, 0, (size_t)run->n * sizeof *run->counts);
    run->n_added = 0;
}

void window_run_begin(window_run *run, int64_t n)
{
    run->n = n;
    run->is_second = false;
    start(run);
}

/* A comparison with NaN is false, hence NaN never gets in. */
static void add_extremes(bool is_min, const double *x, double *values, int64_t n)
{
    if (is_min)
        for (int64_t i = 0; i < n; i++) values[i] = x[i] < values[i] ? x[i] : values[i];
    else
        for (int64_t i = 0; i < n; i++) values[i] = x[i] > values[i] ? x[i] : values[i];
}

static void add_numbers(const double *x, double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) values[i] += x[i] == x[i] ? x[i] : 0;
}

static void add_squares(const double *x, const double *means, double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const double away = x[i] == x[i] ? x[i] - means[i] : 0;
        values[i] += away * away;
    }
}

static void add_tile(window_run *run, const double *x, int64_t first, int64_t n)
{
    double *values = run->values + first;
    int32_t *counts = run->counts != NULL ? run->counts + first : NULL;
    for (int64_t i = 0; i < n && counts != NULL; i++) counts[i] += x[i] == x[i];
    if (run->stat == WINDOW_MIN || run->stat == WINDOW_MAX)
        add_extremes(run->stat == WINDOW_MIN, x, values, n);
    else if (run->is_second)
        add_squares(x, run->means + first, values, n);
    else
        add_numbers(x, values, n);
}

void window_run_add(window_run *run, const void *pixels)
{
    double tile[TILE];
    for (int64_t i = 0; i < run->n; i += TILE) {
        const int64_t n = run->n - i < TILE ? run->n - i : TILE;
        pixels_to_doubles(run->type, pixels, i, n, tile);
        add_tile(run, tile, i, n);
    }
    run->n_added++;
}

static double count_at(const window_run *run, int64_t i)
{
    return (double)(run->counts != NULL ? run->counts[i] : run->n_added);
}

void window_run_again(window_run *run)
{
    for (int64_t i = 0; i < run->n; i++) run->means[i] = run->values[i] / count_at(run, i); /* of none: NaN */
    run->is_second = true;
    start(run);
}

void window_run_end(const window_run *run, float *result)
{
    const bool is_extreme = run->stat == WINDOW_MIN || run->stat == WINDOW_MAX;
    for (int64_t i = 0; i < run->n; i++) {
        const double n = count_at(run, i), value = is_extreme ? run->values[i] : run->values[i] / n;
        result[i] = (float)(n == 0 ? (double)NAN : run->stat == WINDOW_STD ? sqrt(value) : value);
    }
}

/* ---- The median ---- */

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort(double *x, int64_t n)
{
    enum { FEW = 48 };
    if (n > FEW) {
        qsort(x, (size_t)n, sizeof *x, by_size);
        return;
    }
    for (int64_t i = 1; i < n; i++) {
        const double v = x[i];
        int64_t k = i;
        for (; k > 0 && x[k - 1] > v; k--) x[k] = x[k - 1];
        x[k] = v;
    }
}

static float middle(double *x, int64_t count)
{
    int64_t n = 0;
    for (int64_t k = 0; k < count; k++)
        if (x[k] == x[k]) x[n++] = x[k];
    if (n == 0) return NAN;
    sort(x, n);
    return (float)(n % 2 == 1 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2);
}

int64_t window_medians_room(int64_t count)
{
    return TILE * count;
}

void window_medians(lmp_type type, const void *pixels, int64_t n, int64_t count, double *column, float *result)
{
    double tile[TILE];
    for (int64_t first = 0; first < n; first += TILE) {
        const int64_t some = n - first < TILE ? n - first : TILE;
        for (int64_t k = 0; k < count; k++) {
            pixels_to_doubles(type, pixels, k * n + first, some, tile);
            for (int64_t i = 0; i < some; i++) column[i * count + k] = tile[i];
        }
        for (int64_t i = 0; i < some; i++) result[first + i] = middle(column + i * count, count);
    }
}
