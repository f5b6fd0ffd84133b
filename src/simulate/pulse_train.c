/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pulse_train.c: sums of short waves.
 *
 * Pulses that reach a sample are added in their order, whatever stretch the sample is asked for in: the same bits.
 */
#include "simulate/pulse_train.h"

#include "simulate/oscillator.h"

#include <stdlib.h>

lmp_status pulse_train_init(pulse_train *train, int64_t most, bool with_strength, lmp_error *err)
{
    *train = (pulse_train){.onset_s = calloc((size_t)most + 1, sizeof *train->onset_s)};
    if (with_strength) train->strength = calloc((size_t)most + 1, sizeof *train->strength);
    if (train->onset_s == NULL || (with_strength && train->strength == NULL))
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %lld events", (long long)most);
    return LMP_OK;
}

void pulse_train_clear(pulse_train *train)
{
    free(train->onset_s);
    free(train->strength);
    *train = (pulse_train){0};
}

/* The first pulse after time_s; n if there is none. */
static int64_t first_after(const pulse_train *train, double time_s)
{
    int64_t low = 0, high = train->n;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (train->onset_s[middle] <= time_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double waves_at(const pulse_wave *waves, int n_waves, double time_s)
{
    double sum = 0;
    for (int w = 0; w < n_waves; w++) {
        const double x = fabs(time_s - waves[w].centre_s) / waves[w].half_width_s;
        if (x < 1) sum += waves[w].peak * (0.5 + 0.5 * oscillator_cosine(x / 2));
    }
    return sum;
}

void pulse_train_add(const pulse_train *train, const pulse_wave *waves, int n_waves, const double *time_s,
                     int64_t count, double *values)
{
    double from_s = waves[0].centre_s, to_s = waves[0].centre_s; /* of a pulse, relative to its instant */
    for (int w = 0; w < n_waves; w++) {
        from_s = fmin(from_s, waves[w].centre_s - waves[w].half_width_s);
        to_s = fmax(to_s, waves[w].centre_s + waves[w].half_width_s);
    }
    int64_t first = first_after(train, time_s[0] - to_s);
    for (int64_t i = 0; i < count; i++) {
        while (first < train->n && train->onset_s[first] <= time_s[i] - to_s) first++;
        for (int64_t p = first; p < train->n && train->onset_s[p] < time_s[i] - from_s; p++) {
            const double strength = train->strength != NULL ? train->strength[p] : 1;
            values[i] += strength * waves_at(waves, n_waves, time_s[i] - train->onset_s[p]);
        }
    }
}
