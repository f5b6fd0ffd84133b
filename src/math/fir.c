/* SPDX-License-Identifier: BSD-3-Clause
 *
 * FIR design by the window method (Oppenheim & Schafer, Discrete-Time Signal Processing, ch. 7).
 *
 * A rising edge is a unit impulse minus a low-pass, a falling edge a low-pass, and a filter of several edges their sum:
 * from the highest edge down, +low-pass where the gain falls, -low-pass where it rises, plus an impulse if the gain is
 * 1 at half the rate. Each low-pass has the length its own transition asks for, 3.3 / width for the Hamming window
 * (0.019 dB ripple, 53 dB attenuation), and gain exactly 1 at 0 Hz. These are the conventions of MNE-Python's default
 * filters, so that taps, hence results, are comparable to the last digits.
 */
#include "math/fir.h"

#include <math.h>
#include <string.h>

#define HAMMING_LENGTH 3.3 /* transition width times duration of a Hamming-windowed sinc */

double fir_auto_rise_hz(double hz)
{
    return fmin(fmax(0.25 * hz, 2.0), hz);
}

double fir_auto_fall_hz(double hz, double rate_hz)
{
    return fmin(fmax(0.25 * hz, 2.0), rate_hz / 2.0 - hz);
}

fir_edge fir_edge_rising(double hz, double width_hz)
{
    return (fir_edge){.low_hz = hz - width_hz, .high_hz = hz, .width_hz = width_hz, .rises = true};
}

fir_edge fir_edge_falling(double hz, double width_hz)
{
    return (fir_edge){.low_hz = hz, .high_hz = hz + width_hz, .width_hz = width_hz, .rises = false};
}

static int64_t make_odd(int64_t n)
{
    return n % 2 ? n : n + 1;
}

/* Taps of the low-pass of one edge; frequencies in units of half the rate, as the edge's place is rounded. */
static int64_t count_edge_taps(const fir_edge *edge, double rate_hz)
{
    double width = (edge->high_hz / (rate_hz / 2.0) - edge->low_hz / (rate_hz / 2.0)) / 2.0;
    return make_odd((int64_t)nearbyint(HAMMING_LENGTH / width));
}

int64_t fir_count_taps(const fir_edge *edges, int64_t n_edges, double rate_hz)
{
    double narrowest = HUGE_VAL;
    for (int64_t i = 0; i < n_edges; i++) narrowest = fmin(narrowest, edges[i].width_hz);
    int64_t taps = make_odd((int64_t)fmax(ceil(HAMMING_LENGTH / narrowest * rate_hz), 1.0));
    for (int64_t i = 0; i < n_edges; i++) {
        int64_t own = count_edge_taps(&edges[i], rate_hz);
        if (own > taps) taps = own;
    }
    return taps;
}

static double sinc(double x)
{
    return x == 0.0 ? 1.0 : sin(M_PI * x) / (M_PI * x);
}

static double hamming(int64_t i, int64_t n)
{
    return n == 1 ? 1.0 : 0.54 - 0.46 * cos(2.0 * M_PI * (double)i / (double)(n - 1));
}

/* Adds sign * low-pass of an edge, centred, to the taps. */
static void add_lowpass(const fir_edge *edge, double rate_hz, double sign, double *taps, int64_t n_taps)
{
    int64_t n = count_edge_taps(edge, rate_hz), half = n / 2;
    double *own = taps + (n_taps - n) / 2;
    double cutoff = (edge->high_hz / (rate_hz / 2.0) + edge->low_hz / (rate_hz / 2.0)) / 2.0;
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += cutoff * sinc(cutoff * (double)(i - half)) * hamming(i, n);
    for (int64_t i = 0; i < n; i++) own[i] += sign * cutoff * sinc(cutoff * (double)(i - half)) * hamming(i, n) / sum;
}

void fir_design_taps(const fir_edge *edges, int64_t n_edges, double rate_hz, double *taps)
{
    int64_t n_taps = fir_count_taps(edges, n_edges, rate_hz);
    memset(taps, 0, (size_t)n_taps * sizeof *taps);
    if (n_edges == 0 || edges[n_edges - 1].rises) taps[n_taps / 2] = 1.0;
    for (int64_t i = n_edges - 1; i >= 0; i--)
        add_lowpass(&edges[i], rate_hz, edges[i].rises ? -1.0 : 1.0, taps, n_taps);
}

/* Modified Bessel function of order 0 by its power series (Abramowitz & Stegun 9.6.12); all terms are positive. */
static double bessel_i0(double x)
{
    double term = 1.0, sum = 1.0;
    for (int k = 1; term > sum * 1e-17; k++) {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
    }
    return sum;
}

/* Kaiser 1974: length and shape of the window for an attenuation above 50 dB. */
int64_t fir_kaiser_half(double pass, double stop, double attenuation_db)
{
    double width = 2.0 * M_PI * (stop - pass);
    return (int64_t)ceil((attenuation_db - 7.95) / (2.285 * width) / 2.0);
}

void fir_kaiser_taps(double pass, double stop, double attenuation_db, double *taps)
{
    int64_t half = fir_kaiser_half(pass, stop, attenuation_db);
    double beta = 0.1102 * (attenuation_db - 8.7), cutoff = pass + stop, sum = 0.0;
    for (int64_t i = -half; i <= half; i++) {
        double x = (double)i / (double)half;
        double window = bessel_i0(beta * sqrt(fmax(1.0 - x * x, 0.0)));
        sum += taps[half + i] = cutoff * sinc(cutoff * (double)i) * window;
    }
    for (int64_t i = 0; i <= 2 * half; i++) taps[i] /= sum;
}
