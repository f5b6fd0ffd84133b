/* SPDX-License-Identifier: BSD-3-Clause
 *
 * box_lines.c: loops without branches, one for each case, that the compiler turns into vectors; running sums four at a
 * time, so that each addition need not wait for the one before.
 */
#include "kernels/box_lines.h"

#include "kernels/keep_if.h"
#include "kernels/temporal_types.h"

#include <stddef.h>

typedef double four __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t four_places __attribute__((vector_size(32)));

#define LOAD(address)         (*(const four *)(const void *)(address))
#define STORE(address, value) (*(four *)(void *)(address) = (value))
#if defined(__clang__)
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define PICK(a, b, ...) __builtin_shuffle(a, b, (four_places){__VA_ARGS__})
#endif

KERNEL_INLINE float present(float x)
{
    return keep_float_if(x - x == 0, x);
}

KERNEL_INLINE float is_present(float x)
{
    return keep_float_if(x - x == 0, 1.0f);
}

KERNEL_INLINE bool enter_body(const float *restrict enters, int64_t n, double *restrict sums)
{
    for (int64_t i = 0; i < n; i++) sums[i] += (double)enters[i];
    return true;
}

KERNEL_INLINE bool exchange_body(const float *restrict enters, const float *restrict leaves, int64_t n,
                                 double *restrict sums)
{
    for (int64_t i = 0; i < n; i++) sums[i] += (double)enters[i] - (double)leaves[i];
    return true;
}

KERNEL_INLINE bool enter_present_body(const float *restrict enters, int64_t n, double *restrict sums,
                                      double *restrict counts)
{
    for (int64_t i = 0; i < n; i++) {
        sums[i] += (double)present(enters[i]);
        counts[i] += (double)is_present(enters[i]);
    }
    return true;
}

KERNEL_INLINE bool exchange_present_body(const float *restrict enters, const float *restrict leaves, int64_t n,
                                         double *restrict sums, double *restrict counts)
{
    for (int64_t i = 0; i < n; i++) {
        sums[i] += (double)present(enters[i]) - (double)present(leaves[i]);
        counts[i] += (double)(is_present(enters[i]) - is_present(leaves[i]));
    }
    return true;
}

KERNEL_INLINE bool windows_body(const double *enters, const double *leaves, double first, int64_t n, double *windows)
{
    const four zero = {0};
    four before = {first, first, first, first};
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        four steps = LOAD(enters + i) - LOAD(leaves + i);
        steps += PICK(steps, zero, 4, 0, 1, 2);
        steps += PICK(steps, zero, 4, 4, 0, 1);
        STORE(windows + i, before + steps);
        before += PICK(steps, zero, 3, 3, 3, 3);
    }
    for (double sum = before[0]; i < n; i++) windows[i] = sum += enters[i] - leaves[i];
    return true;
}

KERNEL_INLINE bool divide_body(const double *restrict sums, double share, int64_t n, float *restrict out)
{
    for (int64_t i = 0; i < n; i++) out[i] = (float)(sums[i] * share);
    return true;
}

KERNEL_INLINE bool divide_present_body(const double *restrict sums, const double *restrict counts,
                                       const float *restrict centre, int64_t n, float *restrict out)
{
    for (int64_t i = 0; i < n; i++) {
        const float mean = (float)(sums[i] / counts[i]);
        out[i] = choose_float(centre[i] - centre[i] == 0, mean, centre[i]);
    }
    return true;
}

KERNEL_TWICE(enter, (const float *enters, int64_t n, double *sums), (enters, n, sums))
KERNEL_TWICE(exchange, (const float *enters, const float *leaves, int64_t n, double *sums), (enters, leaves, n, sums))
KERNEL_TWICE(enter_present, (const float *enters, int64_t n, double *sums, double *counts), (enters, n, sums, counts))
KERNEL_TWICE(exchange_present, (const float *enters, const float *leaves, int64_t n, double *sums, double *counts),
             (enters, leaves, n, sums, counts))
KERNEL_TWICE(windows, (const double *enters, const double *leaves, double first, int64_t n, double *windows),
             (enters, leaves, first, n, windows))
KERNEL_TWICE(divide, (const double *sums, double share, int64_t n, float *out), (sums, share, n, out))
KERNEL_TWICE(divide_present, (const double *sums, const double *counts, const float *centre, int64_t n, float *out),
             (sums, counts, centre, n, out))

void box_slide(const float *enters, const float *leaves, int64_t n, double *sums, double *counts)
{
    if (counts == NULL)
        (void)(leaves == NULL ? KERNEL_PICK(enter, (enters, n, sums))
                              : KERNEL_PICK(exchange, (enters, leaves, n, sums)));
    else
        (void)(leaves == NULL ? KERNEL_PICK(enter_present, (enters, n, sums, counts))
                              : KERNEL_PICK(exchange_present, (enters, leaves, n, sums, counts)));
}

void box_windows(const double *enters, const double *leaves, double first, int64_t n, double *windows)
{
    (void)KERNEL_PICK(windows, (enters, leaves, first, n, windows));
}

void box_divide(const double *sums, const double *counts, double share, const float *centre, int64_t n, float *out)
{
    if (counts == NULL)
        (void)KERNEL_PICK(divide, (sums, share, n, out));
    else
        (void)KERNEL_PICK(divide_present, (sums, counts, centre, n, out));
}

/* ---- Plain references ---- */

static double plain_present(const float *line, int64_t i)
{
    return line != NULL && line[i] - line[i] == 0 ? (double)line[i] : 0;
}

static double plain_count(const float *line, int64_t i)
{
    return line != NULL && line[i] - line[i] == 0 ? 1 : 0;
}

void box_slide_plain(const float *enters, const float *leaves, int64_t n, double *sums, double *counts)
{
    for (int64_t i = 0; i < n; i++) {
        sums[i] += plain_present(enters, i) - plain_present(leaves, i);
        if (counts != NULL) counts[i] += plain_count(enters, i) - plain_count(leaves, i);
    }
}

void box_windows_plain(const double *enters, const double *leaves, double first, int64_t n, double *windows)
{
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        double steps[4];
        for (int j = 0; j < 4; j++) steps[j] = enters[i + j] - leaves[i + j];
        const double sums[] = {steps[0], steps[1] + steps[0], steps[2] + steps[1] + steps[0],
                               steps[3] + steps[2] + (steps[1] + steps[0])};
        for (int j = 0; j < 4; j++) windows[i + j] = first + sums[j];
        first = windows[i + 3];
    }
    for (; i < n; i++) windows[i] = first += enters[i] - leaves[i];
}

void box_divide_plain(const double *sums, const double *counts, double share, const float *centre, int64_t n,
                      float *out)
{
    for (int64_t i = 0; i < n; i++) {
        if (centre[i] - centre[i] == 0)
            out[i] = (float)(counts == NULL ? sums[i] * share : sums[i] / counts[i]);
        else
            out[i] = centre[i];
    }
}
