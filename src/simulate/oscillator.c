/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oscillator.c: sines over a stretch of time.
 */
#include "simulate/oscillator.h"

void oscillator_add(double amplitude, double hz, double turns, const double *time_s, int64_t count, double *values)
{
    for (int64_t i = 0; i < count; i++) values[i] += amplitude * oscillator_sine(hz * time_s[i] + turns);
}
