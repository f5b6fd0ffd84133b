/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cross_spectrum.c: four complex numbers at a time. Every path does the same operations on the same numbers, and none
 * is fused: the same bits on every CPU.
 */
#include "kernels/cross_spectrum.h"

#include "kernels/wide.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { LANES = 8 };

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t eight_places __attribute__((vector_size(32)));

#define LOAD(address)         (*(const eight *)(const void *)(address))
#define STORE(address, value) (*(eight *)(void *)(address) = (value))

#if defined(__clang__)
#define SHUFFLE(v, ...) __builtin_shufflevector(v, v, __VA_ARGS__)
#else
#define SHUFFLE(v, ...) __builtin_shuffle(v, (eight_places){__VA_ARGS__})
#endif

/* Lanes of a column that are left over are done as a vector padded with zeros. */
typedef struct tail {
    float values[LANES];
} tail;

KERNEL_INLINE tail take_tail(const float *from, int64_t n)
{
    tail t = {{0}};
    for (int64_t i = 0; i < n; i++) t.values[i] = from[i];
    return t;
}

/* Vectors are handed over by address: where the CPU has none of this width, they cannot be arguments. */
KERNEL_INLINE void times_complex(const eight *a, const eight *b, eight *product)
{
    const eight re = SHUFFLE(*a, 0, 0, 2, 2, 4, 4, 6, 6), im = SHUFFLE(*a, 1, 1, 3, 3, 5, 5, 7, 7);
    const eight turned = SHUFFLE(*b, 1, 0, 3, 2, 5, 4, 7, 6);
    const eight sign = {-1, 1, -1, 1, -1, 1, -1, 1};
    *product = re * *b + im * (turned * sign);
}

KERNEL_INLINE void add_power(const eight *f, const float *fine, const float *coarse, float fine_x, float coarse_x,
                             eight *sums)
{
    *sums += *f * *f * (LOAD(fine) * fine_x - LOAD(coarse) * coarse_x);
}

KERNEL_INLINE double sum_lanes(const eight *sums)
{
    double total = 0;
    for (int i = 0; i < LANES; i++) total += (double)(*sums)[i];
    return total;
}

KERNEL_INLINE double filter_body(const band_filter *filter, float *spectrum, const float *target, bool multiplies)
{
    const int64_t n = 2 * filter->rows, whole = n / LANES * LANES;
    double power = 0;
    for (int64_t x = 0; x < filter->columns; x++) {
        float *f = spectrum + x * n;
        const float *g = multiplies ? target + x * n : NULL;
        const float fine_x = filter->fine_x[x], coarse_x = filter->coarse_x[x];
        eight sums = {0};
        for (int64_t i = 0; i < whole; i += LANES) {
            const eight v = LOAD(f + i);
            add_power(&v, filter->fine_y + i, filter->coarse_y + i, fine_x, coarse_x, &sums);
            if (!multiplies) continue;
            const eight t = LOAD(g + i);
            eight product;
            times_complex(&v, &t, &product);
            STORE(f + i, product);
        }
        if (whole < n) {
            const tail rest = take_tail(f + whole, n - whole), fine = take_tail(filter->fine_y + whole, n - whole),
                       coarse = take_tail(filter->coarse_y + whole, n - whole);
            const eight v = LOAD(rest.values);
            add_power(&v, fine.values, coarse.values, fine_x, coarse_x, &sums);
            if (multiplies) {
                const tail others = take_tail(g + whole, n - whole);
                const eight t = LOAD(others.values);
                eight product;
                times_complex(&v, &t, &product);
                for (int64_t i = 0; i < n - whole; i++) f[whole + i] = product[i];
            }
        }
        power += sum_lanes(&sums);
    }
    return power;
}

KERNEL_WIDE static double multiply_wide(const band_filter *filter, float *spectrum, const float *target)
{
    return filter_body(filter, spectrum, target, true);
}

static double multiply_any(const band_filter *filter, float *spectrum, const float *target)
{
    return filter_body(filter, spectrum, target, true);
}

double cross_spectrum(const band_filter *filter, float *spectrum, const float *target)
{
    return kernel_has_wide() ? multiply_wide(filter, spectrum, target) : multiply_any(filter, spectrum, target);
}

double band_power(const band_filter *filter, const float *spectrum)
{
    return filter_body(filter, (float *)(uintptr_t)spectrum, NULL, false);
}

KERNEL_INLINE void add_body(int64_t rows, int64_t columns, const float *spectrum, double angle_x, const float *ramp,
                            float *sum)
{
    const int64_t n = 2 * rows;
    for (int64_t x = 0; x < columns; x++) {
        const float re = (float)cos(angle_x * (double)x), im = (float)sin(angle_x * (double)x);
        const float *f = spectrum + x * n;
        float *to = sum + x * n;
        for (int64_t i = 0; i < n; i += 2) {
            const float turn_re = ramp[i] * re - ramp[i + 1] * im, turn_im = ramp[i] * im + ramp[i + 1] * re;
            const float value_re = f[i] * turn_re - f[i + 1] * turn_im, value_im = f[i] * turn_im + f[i + 1] * turn_re;
            to[i] += value_re;
            to[i + 1] += value_im;
        }
    }
}

KERNEL_WIDE static void add_wide(int64_t rows, int64_t columns, const float *spectrum, double angle_x,
                                 const float *ramp, float *sum)
{
    add_body(rows, columns, spectrum, angle_x, ramp, sum);
}

void add_moved_spectrum(int64_t rows, int64_t columns, const float *spectrum, double angle_y, double angle_x,
                        float *ramp, float *sum)
{
    for (int64_t y = 0; y < rows; y++) { /* the upper half of the frequencies are negative ones */
        const double ky = (double)(y <= rows / 2 ? y : y - rows);
        ramp[2 * y] = (float)cos(angle_y * ky);
        ramp[2 * y + 1] = (float)sin(angle_y * ky);
    }
    if (kernel_has_wide())
        add_wide(rows, columns, spectrum, angle_x, ramp, sum);
    else
        add_body(rows, columns, spectrum, angle_x, ramp, sum);
}
