/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trigger_faults.c: trigger times and their faults.
 *
 * A run of missing triggers lies inside one block, has a recorded trigger on both sides, and does not touch another
 * run: so a gap can be seen in the recording, and its length is the one asked for. An extra trigger lies between two
 * neighbours of one block, at most one in each gap.
 */
#include "simulate/trigger_faults.h"

#include "simulate/noise.h"

#include <math.h>
#include <stdlib.h>

enum { STREAM_JITTER = 1, STREAM_MISSING, STREAM_EXTRA_PLACE, STREAM_EXTRA_TIME };

double triggers_round(double time_s, double rate_hz)
{
    return round(time_s * rate_hz) / rate_hz;
}

static int64_t per_block(const scan *s, bool per_slice)
{
    return s->n_volumes * (per_slice ? s->n_slices : 1);
}

static void fill_times(triggers *t, const scan *s, const triggers_settings *settings)
{
    const uint64_t jitter = noise_key(settings->key, STREAM_JITTER, 0);
    const int64_t n_block = per_block(s, settings->per_slice), n_slices = settings->per_slice ? s->n_slices : 1;
    for (int64_t i = 0; i < t->n; i++) {
        const int64_t in_block = i % n_block;
        t->true_s[i] = scan_slice_start(s, i / n_block, in_block / n_slices, in_block % n_slices);
        const double off = settings->jitter_s * noise_gaussian(jitter, i);
        const double time = fmax(t->true_s[i] + off, 0);
        t->recorded_s[i] = settings->is_rounded ? triggers_round(time, settings->rate_hz) : time;
    }
}

/* True if [first, first+run) may go missing: not next to a block's ends, another run or itself. */
static bool is_free(const triggers *t, int64_t n_block, int64_t first, int64_t run)
{
    const int64_t in_block = first % n_block;
    if (in_block < 1 || in_block + run > n_block - 1) return false;
    for (int64_t i = first - 1; i <= first + run; i++)
        if (t->is_missing[i]) return false;
    return true;
}

static lmp_status mark_run(triggers *t, int64_t n_block, int64_t run, uint64_t key, lmp_error *err)
{
    /* From a random place on to the first that is free. */
    const int64_t start = (int64_t)(noise_uniform(key, 0) * (double)t->n);
    for (int64_t i = 0; i < t->n; i++) {
        const int64_t first = (start + i) % t->n;
        if (!is_free(t, n_block, first, run)) continue;
        for (int64_t k = first; k < first + run; k++) t->is_missing[k] = true;
        t->n_missing += run;
        return LMP_OK;
    }
    return lmp_fail(err, LMP_ERR_USAGE,
                    "eeg-fmri: missing has no room for a run of %lld among %lld triggers (%lld in a block), each run "
                    "between recorded ones: give fewer or shorter runs",
                    (long long)run, (long long)t->n, (long long)n_block);
}

static lmp_status mark_missing(triggers *t, int64_t n_block, const triggers_settings *settings, lmp_error *err)
{
    for (int64_t r = 0; r < settings->missing_runs.count; r++) {
        const double run = settings->missing_runs.values[r];
        if (!(run >= 1 && run == floor(run)))
            return lmp_fail(err, LMP_ERR_USAGE,
                            "eeg-fmri: missing=%g is no run of triggers: give whole numbers from 1 on", run);
        if (run > (double)t->n)
            return lmp_fail(err, LMP_ERR_USAGE,
                            "eeg-fmri: missing=%g is more than the %lld triggers there are: give less", run,
                            (long long)t->n);
        const uint64_t key = noise_key(settings->key, STREAM_MISSING, (uint64_t)r);
        const lmp_status status = mark_run(t, n_block, (int64_t)run, key, err);
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}

/* One spurious trigger in each of n_extra different gaps between neighbours, in its middle eight tenths. */
static lmp_status place_extra(triggers *t, int64_t n_block, const triggers_settings *settings, lmp_error *err)
{
    const uint64_t place = noise_key(settings->key, STREAM_EXTRA_PLACE, 0),
                   when = noise_key(settings->key, STREAM_EXTRA_TIME, 0);
    const int64_t n_gaps = t->n / n_block * (n_block - 1);
    if (settings->n_extra > n_gaps)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "eeg-fmri: extra=%lld is more than the %lld gaps between triggers: give less",
                        (long long)settings->n_extra, (long long)n_gaps);
    /* Selection sampling: gap g is taken with probability wanted / left, so exactly n_extra are, in ascending order. */
    for (int64_t g = 0; g < n_gaps; g++) {
        const double wanted = (double)(settings->n_extra - t->n_extra), left = (double)(n_gaps - g);
        if (!(noise_uniform(place, g) * left < wanted)) continue;
        const int64_t before = g / (n_block - 1) * n_block + g % (n_block - 1);
        const double share = 0.1 + 0.8 * noise_uniform(when, g);
        const double time = t->true_s[before] + share * (t->true_s[before + 1] - t->true_s[before]);
        t->extra_s[t->n_extra++] = settings->is_rounded ? triggers_round(time, settings->rate_hz) : time;
    }
    return LMP_OK;
}

static lmp_status check_jitter(const triggers *t, const triggers_settings *settings, int64_t n_block, lmp_error *err)
{
    if (!(settings->jitter_s > 0) || n_block < 2) return LMP_OK;
    const double gap = t->true_s[1] - t->true_s[0];
    if (settings->jitter_s <= gap / 16) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "eeg-fmri: trigger-jitter=%g s would put triggers out of order: give at most a sixteenth "
                    "of the %g s between them",
                    settings->jitter_s, gap);
}

lmp_status triggers_init(triggers *t, const scan *s, const triggers_settings *settings, lmp_error *err)
{
    const int64_t n_block = per_block(s, settings->per_slice);
    *t = (triggers){.n = n_block * s->n_blocks};
    t->true_s = calloc((size_t)t->n, sizeof *t->true_s);
    t->recorded_s = calloc((size_t)t->n, sizeof *t->recorded_s);
    t->is_missing = calloc((size_t)t->n + 1, sizeof *t->is_missing);
    t->extra_s = calloc((size_t)t->n, sizeof *t->extra_s);
    lmp_status status = LMP_OK;
    if (t->true_s == NULL || t->recorded_s == NULL || t->is_missing == NULL || t->extra_s == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %lld triggers", (long long)t->n);
    if (status == LMP_OK) {
        fill_times(t, s, settings);
        status = check_jitter(t, settings, n_block, err);
    }
    if (status == LMP_OK) status = mark_missing(t, n_block, settings, err);
    if (status == LMP_OK) status = place_extra(t, n_block, settings, err);
    if (status != LMP_OK) triggers_clear(t);
    return status;
}

void triggers_clear(triggers *t)
{
    free(t->true_s);
    free(t->recorded_s);
    free(t->is_missing);
    free(t->extra_s);
    *t = (triggers){0};
}
