/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_waveform.c: the gradient artifact of one slice as a table that can be asked at any instant.
 *
 *   w(x) = sum_{h=1}^{H} h^(-1/2) cos(2 pi h x + p_h),   x = 0 .. 1 over the slice
 *
 * The phases are drawn at random, then moved as little as possible until w and its slope are 0 at x = 0. So the
 * waveform can be switched on and off between slices, and slices may differ in strength, without a step that no
 * band-limited recording could hold.
 *
 * The table has 50 or more nodes per period of the highest harmonic. Each node keeps w and four derivatives (exact:
 * they are Fourier sums too, so each comes from one inverse transform), and a value is the Taylor series about the
 * nearest node: the error is below (pi / 50)^5 / 5! = 8e-9 of the highest harmonic.
 */
#include "simulate/gradient_waveform.h"

#include "math/fft.h"
#include "simulate/noise.h"

#include <math.h>
#include <stdlib.h>

enum { NODES_PER_PERIOD = 50, MOST_ROUNDS = 100 };

/* One Gauss-Newton step of least length towards value = 0 and slope = 0; gives how far off they were. */
static double phases_step(double *phase, int64_t n)
{
    double value = 0, slope = 0, vv = 0, vs = 0, ss = 0, size_v = 0, size_s = 0;
    for (int64_t i = 0; i < n; i++) {
        const double a = 1 / sqrt((double)(i + 1)), b = sqrt((double)(i + 1));
        const double c = cos(phase[i]), s = sin(phase[i]);
        value += a * c;
        slope += b * s;
        vv += a * s * a * s;
        vs -= a * s * b * c;
        ss += b * c * b * c;
        size_v += a;
        size_s += b;
    }
    const double determinant = vv * ss - vs * vs;
    if (determinant > 0) {
        const double u = (-value * ss + slope * vs) / determinant, v = (-slope * vv + value * vs) / determinant;
        for (int64_t i = 0; i < n; i++) {
            const double a = 1 / sqrt((double)(i + 1)), b = sqrt((double)(i + 1));
            phase[i] += -a * sin(phase[i]) * u + b * cos(phase[i]) * v;
        }
    }
    return fmax(fabs(value) / size_v, fabs(slope) / size_s);
}

static bool phases_draw(double *phase, int64_t n, uint64_t key)
{
    for (int64_t i = 0; i < n; i++) phase[i] = 2 * M_PI * noise_uniform(key, i);
    for (int round = 0; round < MOST_ROUNDS; round++)
        if (phases_step(phase, n) < 1e-14) return true;
    return false;
}

/* Term q of every node's series: the q-th derivative per node to the q, over q!. */
static void fill_term(gradient_waveform *wave, const fft_plan *plan, const double *phase, int term, double *spectrum,
                      double *values)
{
    double factorial = 1;
    for (int q = 2; q <= term; q++) factorial *= q;
    for (int64_t i = 0; i <= wave->n_nodes + 1; i++) spectrum[i] = 0;
    for (int64_t h = 1; h <= wave->n_harmonics; h++) {
        const double step = 2 * M_PI * (double)h / (double)wave->n_nodes;
        const double half = 0.5 / sqrt((double)h) * pow(step, term) / factorial;
        const double angle = phase[h - 1] + term * M_PI_2;
        spectrum[2 * h] = half * cos(angle);
        spectrum[2 * h + 1] = half * sin(angle);
    }
    fft_inverse(plan, spectrum, values);
    for (int64_t i = 0; i <= wave->n_nodes; i++) wave->series[i][term] = values[i % wave->n_nodes];
}

static void normalise(gradient_waveform *wave)
{
    double peak = 0;
    for (int64_t i = 0; i < wave->n_nodes; i++) peak = fmax(peak, fabs(wave->series[i][0]));
    for (int64_t i = 0; i <= wave->n_nodes; i++)
        for (int q = 0; q < GRADIENT_WAVEFORM_TERMS; q++) wave->series[i][q] /= peak;
}

lmp_status gradient_waveform_init(gradient_waveform *wave, int64_t n_harmonics, uint64_t key, lmp_error *err)
{
    int64_t n_nodes = 256;
    while (n_nodes < NODES_PER_PERIOD * n_harmonics) n_nodes *= 2;
    *wave = (gradient_waveform){.n_harmonics = n_harmonics, .n_nodes = n_nodes};
    fft_plan *plan = NULL;
    double *phase = malloc((size_t)n_harmonics * sizeof *phase);
    double *spectrum = aligned_alloc(64, ((size_t)n_nodes + 8) * sizeof *spectrum);
    double *values = aligned_alloc(64, (size_t)n_nodes * sizeof *values);
    wave->series = calloc((size_t)n_nodes + 1, sizeof *wave->series);
    lmp_status status = LMP_OK;
    if (phase == NULL || spectrum == NULL || values == NULL || wave->series == NULL)
        status =
            lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a gradient waveform of %lld harmonics",
                     (long long)n_harmonics);
    if (status == LMP_OK) status = fft_plan_new(n_nodes, &plan, err);
    /* A start from which the steps do not arrive is rare and drawn again. */
    for (uint64_t draw = 0; status == LMP_OK && !phases_draw(phase, n_harmonics, noise_key(key, draw, 0)); draw++)
        if (draw == 100)
            status = lmp_fail(err, LMP_ERR_USAGE,
                              "eeg-fmri: no waveform of %lld harmonics starts and ends at 0: give another seed "
                              "or a larger artifact-bandwidth",
                              (long long)n_harmonics);
    for (int q = 0; q < GRADIENT_WAVEFORM_TERMS && status == LMP_OK; q++)
        fill_term(wave, plan, phase, q, spectrum, values);
    if (status == LMP_OK)
        normalise(wave);
    else
        gradient_waveform_clear(wave);
    fft_plan_free(plan);
    free(phase);
    free(spectrum);
    free(values);
    return status;
}

void gradient_waveform_clear(gradient_waveform *wave)
{
    free(wave->series);
    *wave = (gradient_waveform){0};
}
