/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fir.h: design of symmetric (zero-phase) FIR filters by the window method.
 *
 * A filter is a list of edges: at each, the wanted gain changes between 0 and 1 inside a transition band. Ideal
 * (sinc) responses that are cut in the middle of each transition are windowed and added up.
 */
#ifndef LIMPID_MATH_FIR_H
#define LIMPID_MATH_FIR_H

#include <limpid/step.h>

/* Between low_hz and high_hz the gain rises from 0 to 1, or falls from 1 to 0; half the amplitude (-6 dB) is in the
 * middle. width_hz is high_hz - low_hz as it was asked for, free of rounding. */
typedef struct fir_edge {
    double low_hz, high_hz, width_hz;
    bool rises;
} fir_edge;

/* Transition bands that are chosen when the user gives none: a quarter of the frequency, at least 2 Hz, and no more
 * than there is below the frequency (edges that rise) or between it and half the rate (edges that fall). */
double fir_auto_rise_hz(double hz);
double fir_auto_fall_hz(double hz, double rate_hz);

/* Edges whose gain is 1 from `hz` upwards, or up to `hz`. */
fir_edge fir_edge_rising(double hz, double width_hz);
fir_edge fir_edge_falling(double hz, double width_hz);

/* Taps of the Hamming-windowed filter: 3.3 / (narrowest transition) seconds, rounded up to an odd number. */
int64_t fir_count_taps(const fir_edge *edges, int64_t n_edges, double rate_hz);

/* Fills taps[0 .. fir_count_taps()-1]; edges ascending and taking turns between rising and falling. */
void fir_design_taps(const fir_edge *edges, int64_t n_edges, double rate_hz, double *taps);

/* Kaiser-windowed low-pass: pass band up to `pass`, stop band from `stop` on (cycles per sample), `attenuation_db`
 * below. Taps are 2 * half + 1, half = fir_kaiser_half(...), and sum to 1. */
int64_t fir_kaiser_half(double pass, double stop, double attenuation_db);
void fir_kaiser_taps(double pass, double stop, double attenuation_db, double *taps);

#endif
