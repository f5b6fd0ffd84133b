/* SPDX-License-Identifier: BSD-3-Clause
 *
 * scan.c: the scanner's timetable.
 *
 * Every time is computed from its own indices (block, volume, slice), never by adding up, so errors do not grow over
 * a long recording.
 */
#include "simulate/scan.h"

#include <math.h>

double scan_clock_scanner(const scan_clock *clock, double t)
{
    return clock->rate * t + clock->bend * t * t;
}

double scan_clock_recorder(const scan_clock *clock, double tau)
{
    /* The root of the parabola that stays exact when bend is 0. */
    return 2 * tau / (clock->rate + sqrt(clock->rate * clock->rate + 4 * clock->bend * tau));
}

lmp_status scan_init(scan *s, const scan_settings *settings, lmp_error *err)
{
    const double tr = settings->tr_s, pause = settings->volume_pause_s, seconds = settings->seconds;
    if (!(tr > 0)) return lmp_fail(err, LMP_ERR_USAGE, "eeg-fmri: tr=%g s is no repetition time: give more than 0", tr);
    if (!(pause >= 0 && pause < tr))
        return lmp_fail(err, LMP_ERR_USAGE, "eeg-fmri: volume-pause=%g s leaves no time to scan in tr=%g s: give less",
                        pause, tr);
    if (!(seconds > 2 * settings->lead_in_s))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "eeg-fmri: seconds=%g leaves no time to scan between two times lead-in=%g s: give more than %g",
                        seconds, settings->lead_in_s, 2 * settings->lead_in_s);
    s->clock = (scan_clock){1 + 1e-6 * settings->clock_ratio, 0.5e-6 * settings->clock_drift / seconds};
    s->first_tau = scan_clock_scanner(&s->clock, settings->lead_in_s);
    const double room_tau = scan_clock_scanner(&s->clock, seconds - settings->lead_in_s) - s->first_tau;
    const double pauses_tau = (double)(settings->n_blocks - 1) * settings->block_pause_s;
    /* A hair more, so that 50 s hold 500 volumes of 0.1 s. */
    const double volumes = floor((room_tau - pauses_tau) / (double)settings->n_blocks / tr * (1 + 1e-12));
    if (!(volumes >= 1))
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "eeg-fmri: seconds=%g with lead-in=%g, blocks=%lld and block-pause=%g has no room for a volume of tr=%g s "
            "in each block: give more seconds",
            seconds, settings->lead_in_s, (long long)settings->n_blocks, settings->block_pause_s, tr);
    if (volumes * (double)settings->n_blocks * (double)settings->n_slices > 2e6)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "eeg-fmri: seconds=%g with tr=%g s and slices=%lld makes more than 2 million slices: "
                        "give fewer",
                        seconds, tr, (long long)settings->n_slices);
    s->n_blocks = settings->n_blocks;
    s->n_volumes = (int64_t)volumes;
    s->n_slices = settings->n_slices;
    s->tr_s = tr;
    s->slice_s = (tr - pause) / (double)settings->n_slices;
    s->block_tau = volumes * tr + settings->block_pause_s;
    s->first_s = scan_slice_start(s, 0, 0, 0);
    s->last_s = scan_block_end(s, s->n_blocks - 1);
    return LMP_OK;
}

double scan_slice_start(const scan *s, int64_t block, int64_t volume, int64_t slice)
{
    const double tau =
        s->first_tau + (double)block * s->block_tau + (double)volume * s->tr_s + (double)slice * s->slice_s;
    return scan_clock_recorder(&s->clock, tau);
}

double scan_block_end(const scan *s, int64_t block)
{
    return scan_slice_start(s, block, s->n_volumes - 1, s->n_slices);
}

bool scan_position(const scan *s, double t, int64_t *slice, double *phase)
{
    double tau = scan_clock_scanner(&s->clock, t) - s->first_tau;
    if (tau < 0) return false;
    const int64_t block = (int64_t)(tau / s->block_tau);
    if (block >= s->n_blocks) return false;
    tau -= (double)block * s->block_tau;
    const int64_t volume = (int64_t)(tau / s->tr_s);
    if (volume >= s->n_volumes) return false;
    const double in_volume = (tau - (double)volume * s->tr_s) / s->slice_s;
    *slice = (int64_t)in_volume;
    if (in_volume < 0 || *slice >= s->n_slices) return false;
    *phase = in_volume - (double)*slice;
    return true;
}
