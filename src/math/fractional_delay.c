/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fractional delay by a windowed sinc (Laakso et al. 1996, IEEE Signal Process. Mag. 13(1):30-60):
 *
 *   h[j] = sinc(j - d) I0(beta sqrt(1 - ((j - d)/16)^2)) / I0(beta),   j = -15 .. 16,  beta = 8,
 *
 * divided by its sum, so that a constant keeps its value. The error stays below -80 dB up to 0.4 of the sampling rate.
 *
 * A kernel is made for every epoch, so it has to be cheap: sin(pi (j - d)) is one sine with alternating sign, and I0 is
 * its power series in z = (x/2)^2, which needs no square root because z = (beta/2)^2 (1 - ((j - d)/16)^2).
 *
 * Every output sample adds its taps in one order, so a stretch gives the same bits however it is cut.
 */
#include "math/fractional_delay.h"

#include "kernels/fir32.h"

#include <math.h>

#define BETA         8.0
#define REACH        16.0 /* half length of the window in samples */
#define SERIES_TERMS 22   /* z <= 16: the next term is below 1e-18 of the sum */

/* Each z becomes I0(2 sqrt(z)) = sum z^k / (k!)^2, in Horner's form; all taps side by side. */
static void bessel_i0_of_squares(const double z[FRACTIONAL_DELAY_TAPS], double i0[FRACTIONAL_DELAY_TAPS])
{
    for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) i0[i] = 1.0;
    for (int k = SERIES_TERMS; k >= 1; k--) {
        double inverse = 1.0 / ((double)k * (double)k);
        for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) i0[i] = 1.0 + i0[i] * (z[i] * inverse);
    }
}

void fractional_delay_kernel(double d, double h[FRACTIONAL_DELAY_TAPS])
{
    double z[FRACTIONAL_DELAY_TAPS], window[FRACTIONAL_DELAY_TAPS], sum = 0.0;
    for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) {
        double u = ((double)(i - FRACTIONAL_DELAY_BEFORE) - d) / REACH;
        z[i] = fmax(BETA * BETA / 4.0 * (1.0 - u * u), 0.0);
    }
    bessel_i0_of_squares(z, window);

    /* sin(pi (j - d)) = -(-1)^j sin(pi d); the smaller of d and 1 - d keeps the sine exact near 1. */
    double sine = sin(M_PI * fmin(d, 1.0 - d)) / M_PI;
    for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) {
        double u = (double)(i - FRACTIONAL_DELAY_BEFORE) - d;
        double sinc = u == 0.0 ? 1.0 : (i % 2 == 0 ? sine : -sine) / u;
        h[i] = sinc * window[i];
        sum += h[i];
    }
    for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) h[i] /= sum;
}

void fractional_delay_advance(const double *in, const double h[FRACTIONAL_DELAY_TAPS], double *out, int64_t count)
{
    fir32_apply(in - FRACTIONAL_DELAY_BEFORE, h, out, count);
}

void fractional_delay_retard(const double *in, const double h[FRACTIONAL_DELAY_TAPS], double *out, int64_t count)
{
    double reversed[FRACTIONAL_DELAY_TAPS];
    for (int i = 0; i < FRACTIONAL_DELAY_TAPS; i++) reversed[i] = h[FRACTIONAL_DELAY_TAPS - 1 - i];
    fir32_apply(in - FRACTIONAL_DELAY_AFTER, reversed, out, count);
}
