/* SPDX-License-Identifier: BSD-3-Clause
 *
 * butterworth.h: design of Butterworth filters as second-order sections.
 */
#ifndef LIMPID_MATH_BUTTERWORTH_H
#define LIMPID_MATH_BUTTERWORTH_H

#include <stdint.h>

enum { BUTTERWORTH_ORDER_MAX = 12 };

/* y[t] = b0 x[t] + b1 x[t-1] + b2 x[t-2] - a1 y[t-1] - a2 y[t-2] */
typedef struct biquad {
    double b0, b1, b2, a1, a2;
} biquad;

typedef enum butterworth_kind {
    BUTTERWORTH_LOWPASS,
    BUTTERWORTH_HIGHPASS,
    BUTTERWORTH_BANDPASS,
    BUTTERWORTH_BANDSTOP
} butterworth_kind;

/* Sections of a filter of an order from 1 to BUTTERWORTH_ORDER_MAX. Cut-offs (half power, -3 dB for one pass) in units
 * of half the rate, 0 < low < high < 1; low- and high-pass use `low` alone. Returns how many of sections[0 .. order-1]
 * it filled. */
int64_t butterworth_design(butterworth_kind kind, int64_t order, double low, double high, biquad *sections);

#endif
