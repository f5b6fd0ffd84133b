/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bilateral_line.c: eight pixels at a time stay in registers while their windows are gone through. Sums are made in
 * each row of the window, and then of the rows, so that large windows do not lose digits.
 */
#include "kernels/bilateral_line.h"

#include "kernels/temporal_types.h"

#include <string.h>

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef uint32_t eight_bits __attribute__((vector_size(32)));

#define LOAD(address)         (*(const eight *)(const void *)(address))
#define STORE(address, value) (*(eight *)(void *)(address) = (value))
#define ALL(x)                ((eight){x, x, x, x, x, x, x, x})
#define COLOURS               BILATERAL_MOST_COLOURS

#define FAR      64.0f
#define TO_WHOLE 12582912.0f /* 1.5 * 2^23: what is added to it is rounded to a whole number, in its lowest bits */

/* 2^f of |f| <= 1/2 by the polynomial whose largest relative error is least among those that give 1 at 0. */
#define POWER_OF_2(f)                                                                                                  \
    (((((1.32647271e-3f * (f) + 9.67151286e-3f) * (f) + 5.55073375e-2f) * (f) + 2.40222421e-1f) * (f) +                \
      6.93146978e-1f) *                                                                                                \
         (f) +                                                                                                         \
     1.0f)

/* What a row of a window sums up to, or the whole window. */
typedef struct window_sums {
    eight differences[COLOURS], weights;
} window_sums;

/* Turns exponents into weights, 0 unless `near`; garbage gives what `near` throws away. */
KERNEL_INLINE void weigh(eight *x, const eight_bits *near)
{
    const eight shifted = TO_WHOLE - *x, f = (TO_WHOLE - shifted) - *x; /* 2^-x is 2^f times a whole power of 2 */
    const eight power = POWER_OF_2(f);
    *x = (eight)(((eight_bits)power + ((eight_bits)shifted << 23)) & *near);
}

/* The pixels that are one step away from those in the middle. */
KERNEL_INLINE void add_step(const bilateral_rows *r, const int n_colours, const float *from, float distance,
                            const eight *centre, window_sums *to)
{
    eight x = ALL(distance), differences[COLOURS];
    for (int c = 0; c < n_colours; c++) {
        differences[c] = LOAD(from + c * r->plane) - centre[c];
        const eight scaled = differences[c] * r->by_value;
        x += scaled * scaled;
    }
    const eight_bits near = (eight_bits)(x < ALL(FAR)); /* neither is NaN nor infinite */
    weigh(&x, &near);
    to->weights += x;
    for (int c = 0; c < n_colours; c++) to->differences[c] += x * (eight)((eight_bits)differences[c] & near);
}

KERNEL_INLINE void filter_eight(const bilateral_rows *r, const int n_colours, int64_t at, float *out)
{
    const float *middle = r->rows[r->radius] + r->radius + at;
    eight centre[COLOURS];
    window_sums all = {0};
    for (int c = 0; c < n_colours; c++) centre[c] = LOAD(middle + c * r->plane);
    for (int64_t dy = 0; dy <= 2 * r->radius; dy++) {
        const float *from = r->rows[dy] + at;
        window_sums row = {0};
        for (int64_t dx = 0; dx <= 2 * r->radius; dx++)
            add_step(r, n_colours, from + dx, r->distances[dy] + r->distances[dx], centre, &row);
        all.weights += row.weights;
        for (int c = 0; c < n_colours; c++) all.differences[c] += row.differences[c];
    }
    /* The middle has weight 1, unless it is missing: then nothing has any. */
    const eight_bits is_missing = (eight_bits)(all.weights < ALL(1.0f));
    const eight over = all.weights + (eight)(is_missing & (eight_bits)ALL(1.0f));
    for (int c = 0; c < n_colours; c++) STORE(out + c * r->plane + at, centre[c] + all.differences[c] / over);
}

KERNEL_INLINE bool line_body(const bilateral_rows *r, const int n_colours, int64_t n, float *out)
{
    for (int64_t at = 0; at < n; at += BILATERAL_LANES) filter_eight(r, n_colours, at, out);
    return true;
}

#define LINE(count)                                                                                                    \
    KERNEL_INLINE bool line##count##_body(const bilateral_rows *r, int64_t n, float *out)                              \
    {                                                                                                                  \
        return line_body(r, count, n, out);                                                                            \
    }                                                                                                                  \
    KERNEL_TWICE(line##count, (const bilateral_rows *r, int64_t n, float *out), (r, n, out))

LINE(1)
LINE(2)
LINE(3)
LINE(4)

void bilateral_line(const bilateral_rows *r, int64_t n, float *out)
{
    switch (r->n_colours) {
    case 1:
        (void)KERNEL_PICK(line1, (r, n, out));
        break;
    case 2:
        (void)KERNEL_PICK(line2, (r, n, out));
        break;
    case 3:
        (void)KERNEL_PICK(line3, (r, n, out));
        break;
    default:
        (void)KERNEL_PICK(line4, (r, n, out));
    }
}

/* ---- Plain reference ---- */

static float plain_weight(float x)
{
    const float shifted = TO_WHOLE - x, f = (TO_WHOLE - shifted) - x, power = POWER_OF_2(f);
    uint32_t bits, whole;
    float weight;
    memcpy(&bits, &power, sizeof bits);
    memcpy(&whole, &shifted, sizeof whole);
    bits += whole << 23;
    memcpy(&weight, &bits, sizeof weight);
    return weight;
}

/* Adds a pixel to the sums of a row. */
static void plain_add(const bilateral_rows *r, const float *other, const float *centre, float x, float *differences,
                      float *weights)
{
    for (int64_t c = 0; c < r->n_colours; c++) {
        const float scaled = (other[c * r->plane] - centre[c * r->plane]) * r->by_value;
        x += scaled * scaled;
    }
    if (!(x < FAR)) return;
    const float weight = plain_weight(x);
    *weights += weight;
    for (int64_t c = 0; c < r->n_colours; c++) differences[c] += weight * (other[c * r->plane] - centre[c * r->plane]);
}

static void plain_pixel(const bilateral_rows *r, int64_t at, float *out)
{
    const float *centre = r->rows[r->radius] + r->radius + at;
    float differences[COLOURS] = {0}, weights = 0;
    for (int64_t dy = 0; dy <= 2 * r->radius; dy++) {
        float row_differences[COLOURS] = {0}, row_weights = 0;
        for (int64_t dx = 0; dx <= 2 * r->radius; dx++)
            plain_add(r, r->rows[dy] + at + dx, centre, r->distances[dy] + r->distances[dx], row_differences,
                      &row_weights);
        weights += row_weights;
        for (int64_t c = 0; c < r->n_colours; c++) differences[c] += row_differences[c];
    }
    for (int64_t c = 0; c < r->n_colours; c++)
        out[c * r->plane + at] = centre[c * r->plane] + (weights < 1 ? 0 : differences[c] / weights);
}

void bilateral_line_plain(const bilateral_rows *r, int64_t n, float *out)
{
    for (int64_t at = 0; at < n; at++) plain_pixel(r, at, out);
}
