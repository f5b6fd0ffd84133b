/* SPDX-License-Identifier: BSD-3-Clause
 *
 * box_lines.c: loops without branches, one for each case, that the compiler turns into vectors.
 */
#include "kernels/box_lines.h"

#include "kernels/temporal_types.h"

#include <string.h>

/* x, or 0 if not `kept`. */
KERNEL_INLINE float keep_if(bool kept, float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= -(int32_t)kept;
    memcpy(&x, &bits, sizeof x);
    return x;
}

KERNEL_INLINE float present(float x)
{
    return keep_if(x - x == 0, x);
}

KERNEL_INLINE float is_present(float x)
{
    return keep_if(x - x == 0, 1.0f);
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

KERNEL_INLINE bool divide_body(const double *restrict sums, double count, int64_t n, float *restrict out)
{
    for (int64_t i = 0; i < n; i++) out[i] = (float)(sums[i] / count);
    return true;
}

KERNEL_INLINE bool divide_present_body(const double *restrict sums, const double *restrict counts,
                                       const float *restrict centre, int64_t n, float *restrict out)
{
    for (int64_t i = 0; i < n; i++) {
        const float mean = (float)(sums[i] / counts[i]);
        out[i] = centre[i] - centre[i] == 0 ? mean : centre[i];
    }
    return true;
}

KERNEL_TWICE(enter, (const float *enters, int64_t n, double *sums), (enters, n, sums))
KERNEL_TWICE(exchange, (const float *enters, const float *leaves, int64_t n, double *sums), (enters, leaves, n, sums))
KERNEL_TWICE(enter_present, (const float *enters, int64_t n, double *sums, double *counts), (enters, n, sums, counts))
KERNEL_TWICE(exchange_present, (const float *enters, const float *leaves, int64_t n, double *sums, double *counts),
             (enters, leaves, n, sums, counts))
KERNEL_TWICE(divide, (const double *sums, double count, int64_t n, float *out), (sums, count, n, out))
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

void box_divide(const double *sums, const double *counts, double count, const float *centre, int64_t n, float *out)
{
    if (counts == NULL)
        (void)KERNEL_PICK(divide, (sums, count, n, out));
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

void box_divide_plain(const double *sums, const double *counts, double count, const float *centre, int64_t n,
                      float *out)
{
    for (int64_t i = 0; i < n; i++) {
        if (centre[i] - centre[i] == 0)
            out[i] = (float)(sums[i] / (counts == NULL ? count : counts[i]));
        else
            out[i] = centre[i];
    }
}
