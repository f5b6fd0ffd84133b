/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oscillator.h: sines from plain arithmetic, which compilers turn into vectors and every machine of a
 * type rounds alike.
 */
#ifndef LIMPID_SIMULATE_OSCILLATOR_H
#define LIMPID_SIMULATE_OSCILLATOR_H

#include <math.h>
#include <stdint.h>

/* cos(2 pi x), error below 1e-11, |x| < 2^50. The argument is folded to a quarter turn, then a Taylor polynomial of
 * degree 15 of the sine. */
static inline double oscillator_cosine(double turns)
{
    const double big = 0x1.8p52; /* adding and taking it away rounds to the nearest integer */
    const double whole = (turns + big) - big;
    const double x = 2 * M_PI * (0.25 - fabs(turns - whole));
    const double x2 = x * x;
    double y = -1 / 1307674368000.0;
    y = y * x2 + 1 / 6227020800.0;
    y = y * x2 - 1 / 39916800.0;
    y = y * x2 + 1 / 362880.0;
    y = y * x2 - 1 / 5040.0;
    y = y * x2 + 1 / 120.0;
    y = y * x2 - 1 / 6.0;
    return x + x * x2 * y;
}

/* sin(2 pi x), as above. */
static inline double oscillator_sine(double turns)
{
    return oscillator_cosine(turns - 0.25);
}

/* values[i] += amplitude * sin(2 pi (hz * time_s[i] + turns)). */
void oscillator_add(double amplitude, double hz, double turns, const double *time_s, int64_t count, double *values);

#endif
