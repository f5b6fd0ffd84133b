/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pink_noise.c: 1/f noise as a cascade of octaves.
 *
 * Level k runs at rate / 2^k. On each level white noise goes through a filter that gives one octave of the spectrum,
 * and the levels below are interpolated by two and added:
 *
 *   x_k[i] = interpolated(x_{k+1})[i] + (h_k * white_k)[i]
 *
 * 1/f looks alike on every level (C/v in cycles per sample), so one filter serves all octaves; the first level has its
 * own, which reaches to the Nyquist frequency, and the last one, which reaches down to the low edge. The octaves are
 * split as Meyer's wavelets are: share(v) falls from 1 at v = 0.2 to 0 at 0.4, |h(v)|^2 = (share(v) - share(2v)) / v.
 * What arrives from a lower level is thus limited to v < 0.2, where the interpolation (Kaiser-windowed half-band
 * filter) is flat; its images stay 55 dB below the spectrum. The spectrum is 1/f within 1.2 % (0.05 dB) at every
 * frequency.
 *
 * Why not one long filter by FFT: the low edge would need segments of seconds, and a short stretch in the middle of a
 * recording would cost as much as a long one. Here a stretch costs twice its own length plus some hundred samples.
 *
 * Always true: x_k[i] depends on (key, k, i) alone and is summed in one order, so any cut gives the same bits.
 */
#include "simulate/pink_noise.h"

#include "simulate/noise.h"

#include <math.h>

enum { BLOCK = 8, DESIGN_POINTS = 512 };

static const double LOW = 0.2, HIGH = 0.4; /* where an octave starts and ends to fade out, cycles per sample */

/* ---- Design ---- */

/* 1 below `from`, 0 above `to`, in between the square of Meyer's cosine over the logarithm of the frequency. */
static double fade(double v, double from, double to)
{
    if (v <= from) return 1;
    if (v >= to) return 0;
    const double s = log(v / from) / log(to / from);
    const double c = cos(M_PI_2 * s * s * (3 - 2 * s));
    return c * c;
}

typedef struct band {
    bool has_top, has_bottom; /* reaches up to the Nyquist frequency; down to the low edge */
    double low_edge;          /* cycles per sample */
} band;

static double band_amplitude(const band *b, double v)
{
    const double above = b->has_top ? 1 : fade(v, LOW, HIGH);
    const double below = b->has_bottom ? fade(v, 0.7 * b->low_edge, 1.3 * b->low_edge) : fade(2 * v, LOW, HIGH);
    return sqrt(fmax(above - below, 0) / v);
}

/* The symmetric filter nearest in the mean square: the Fourier series of the amplitude. */
static pink_noise_filter design(band b, int n_pairs)
{
    pink_noise_filter filter = {.n_pairs = n_pairs};
    for (int i = 0; i < DESIGN_POINTS; i++) {
        const double v = (i + 0.5) / (2 * DESIGN_POINTS);
        const double amplitude = band_amplitude(&b, v) / DESIGN_POINTS;
        filter.centre += amplitude;
        for (int t = 0; t < n_pairs; t++) filter.pairs[t] += amplitude * cos(2 * M_PI * v * (t + 1));
    }
    return filter;
}

/* Modified Bessel function of the first kind, order 0. */
static double bessel_i0(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; k < 40; k++) {
        term *= (x / (2 * k)) * (x / (2 * k));
        sum += term;
    }
    return sum;
}

static void design_half(double half[PINK_NOISE_HALF_PAIRS])
{
    double sum = 0;
    for (int t = 0; t < PINK_NOISE_HALF_PAIRS; t++) {
        const double x = t + 0.5, at = x / PINK_NOISE_HALF_PAIRS;
        half[t] = sin(M_PI * x) / (M_PI * x) * bessel_i0(6 * sqrt(1 - at * at));
        sum += 2 * half[t];
    }
    for (int t = 0; t < PINK_NOISE_HALF_PAIRS; t++) half[t] /= sum;
}

static double filter_power(const pink_noise_filter *filter)
{
    double power = filter->centre * filter->centre;
    for (int t = 0; t < filter->n_pairs; t++) power += 2 * filter->pairs[t] * filter->pairs[t];
    return power;
}

static void filter_scale(pink_noise_filter *filter, double factor)
{
    filter->centre *= factor;
    for (int t = 0; t < filter->n_pairs; t++) filter->pairs[t] *= factor;
}

void pink_noise_init(pink_noise *pink, double rate_hz, double low_hz)
{
    *pink = (pink_noise){.n_levels = 1};
    double lowest_rate = rate_hz / 2;
    while (lowest_rate > 32 * low_hz && pink->n_levels < PINK_NOISE_MOST_LEVELS) {
        pink->n_levels++;
        lowest_rate /= 2;
    }
    pink->top = design((band){.has_top = true}, PINK_NOISE_BAND_PAIRS);
    pink->octave = design((band){0}, PINK_NOISE_BAND_PAIRS);
    pink->bottom = design((band){.has_bottom = true, .low_edge = low_hz / lowest_rate}, PINK_NOISE_BOTTOM_PAIRS);
    design_half(pink->half);
    /* Interpolation keeps the power of what is limited to its pass band, so the powers of the levels add. */
    const double power =
        filter_power(&pink->top) + (pink->n_levels - 1) * filter_power(&pink->octave) + filter_power(&pink->bottom);
    filter_scale(&pink->top, 1 / sqrt(power));
    filter_scale(&pink->octave, 1 / sqrt(power));
    filter_scale(&pink->bottom, 1 / sqrt(power));
}

/* ---- Synthesis ---- */

/* y[i] = centre * x[i] + sum_t pairs[t] * (left[i-t] + right[i+t]) for one block: a loop over outputs inside one over
 * taps, which compilers turn into vectors without changing the order of any sum. */
static inline void filter_block(double centre, const double *pairs, int n_pairs, const double *x, const double *left,
                                const double *right, double y[BLOCK])
{
    double sum[BLOCK];
    for (int j = 0; j < BLOCK; j++) sum[j] = centre * x[j];
    for (int t = 0; t < n_pairs; t++)
        for (int j = 0; j < BLOCK; j++) sum[j] += pairs[t] * (left[j - t] + right[j + t]);
    for (int j = 0; j < BLOCK; j++) y[j] = sum[j];
}

/* x is readable for BLOCK values past the last one that counts; y holds exactly `count`. */
static void filter_stretch(double centre, const double *pairs, int n_pairs, const double *x, int left, int64_t count,
                           double *y)
{
    int64_t i = 0;
    for (; i + BLOCK <= count; i += BLOCK) filter_block(centre, pairs, n_pairs, x + i, x + i + left, x + i + 1, y + i);
    if (i == count) return;
    double last[BLOCK];
    filter_block(centre, pairs, n_pairs, x + i, x + i + left, x + i + 1, last);
    for (int64_t j = 0; i + j < count; j++) y[i + j] = last[j];
}

typedef struct stretch {
    int64_t first, count;
} stretch;

static int64_t floor_half(int64_t i)
{
    return (i - (i & 1)) / 2;
}

/* What level k+1 must hold for a stretch of level k. */
static stretch stretch_below(stretch s)
{
    const int64_t first = floor_half(s.first) - PINK_NOISE_HALF_PAIRS + 1;
    const int64_t last = floor_half(s.first + s.count - 1) + PINK_NOISE_HALF_PAIRS;
    return (stretch){first, last - first + 1};
}

/* Workspace: white noise with the filter's reach and padding, two levels, the values between those of a level. */
enum { REACH = PINK_NOISE_BOTTOM_PAIRS, PADDING = 2 * REACH + 2 * BLOCK };

static size_t level_doubles(int64_t count)
{
    /* Level 1 of `count` samples; levels below never need more than this. */
    return (size_t)count / 2 + 4 * PINK_NOISE_HALF_PAIRS + BLOCK;
}

size_t pink_noise_work_doubles(const pink_noise *pink, int64_t count)
{
    (void)pink;
    return (size_t)count + level_doubles(count) + PADDING + 3 * level_doubles(count);
}

/* x[i] += coarse[i/2] at even i, += a half-band filter's value between two coarse ones at odd i. */
static void add_interpolated(const pink_noise *pink, stretch below, const double *coarse, stretch s, double *x,
                             double *between)
{
    const int64_t m0 = floor_half(s.first), m1 = floor_half(s.first + s.count - 1);
    const double *c = coarse + (m0 - below.first);
    filter_stretch(0, pink->half, PINK_NOISE_HALF_PAIRS, c, 0, m1 - m0 + 1, between);
    for (int64_t i = s.first & 1; i < s.count; i += 2) x[i] += c[floor_half(s.first + i) - m0];
    for (int64_t i = 1 - (s.first & 1); i < s.count; i += 2) x[i] += between[floor_half(s.first + i) - m0];
}

void pink_noise_fill(const pink_noise *pink, uint64_t key, int64_t first, int64_t count, double *values, double *work)
{
    if (count <= 0) return;
    stretch levels[PINK_NOISE_MOST_LEVELS + 1] = {{first, count}};
    for (int k = 0; k < pink->n_levels; k++) levels[k + 1] = stretch_below(levels[k]);
    const size_t room = level_doubles(count);
    double *const white = work + 3 * room;
    for (int k = pink->n_levels; k >= 0; k--) {
        const pink_noise_filter *filter = k == 0 ? &pink->top : k == pink->n_levels ? &pink->bottom : &pink->octave;
        const stretch s = levels[k];
        double *x = k == 0 ? values : work + (size_t)(k & 1) * room;
        noise_fill_gaussian(noise_key(key, (uint64_t)k, 0), s.first - filter->n_pairs, s.count + 2 * filter->n_pairs,
                            white);
        filter_stretch(filter->centre, filter->pairs, filter->n_pairs, white + filter->n_pairs, -1, s.count, x);
        if (k < pink->n_levels)
            add_interpolated(pink, levels[k + 1], work + (size_t)((k + 1) & 1) * room, s, x, work + 2 * room);
    }
}
