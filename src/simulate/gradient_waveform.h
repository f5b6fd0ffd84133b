/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_waveform.h: what the switching gradients of one slice induce in an electrode.
 */
#ifndef LIMPID_SIMULATE_GRADIENT_WAVEFORM_H
#define LIMPID_SIMULATE_GRADIENT_WAVEFORM_H

#include <limpid/step.h>

enum { GRADIENT_WAVEFORM_TERMS = 5, GRADIENT_WAVEFORM_MOST_HARMONICS = 4096 };

/* Immutable after gradient_waveform_init(). */
typedef struct gradient_waveform {
    int64_t n_harmonics, n_nodes;
    double (*series)[GRADIENT_WAVEFORM_TERMS]; /* n_nodes + 1 Taylor series about phase = node / n_nodes */
} gradient_waveform;

/* A waveform of n_harmonics (3 .. 4096) of the slice frequency with amplitudes 1/sqrt(h) and phases drawn from the
 * stream `key`; its largest absolute value is 1, its value and slope at both ends are 0. */
LMP_CHECKED lmp_status gradient_waveform_init(gradient_waveform *wave, int64_t n_harmonics, uint64_t key,
                                              lmp_error *err);
void gradient_waveform_clear(gradient_waveform *wave);

/* The value at phase 0 .. 1 of the slice; error below -140 dB of the peak. */
static inline double gradient_waveform_at(const gradient_waveform *wave, double phase)
{
    const double at = phase * (double)wave->n_nodes;
    const int64_t node = (int64_t)(at + 0.5);
    const double d = at - (double)node;
    const double *c = wave->series[node];
    return c[0] + d * (c[1] + d * (c[2] + d * (c[3] + d * c[4])));
}

#endif
