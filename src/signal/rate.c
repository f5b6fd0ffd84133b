/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Changing the sampling rate. The streaming is done by math/overlap_save.c; here are the fraction, the kernel, and what
 * becomes of format and channels.
 */
#include "signal/rate.h"

#include "math/fir.h"
#include "math/overlap_save.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Kernel: pass band, stop band in units of the lower rate, and attenuation. */
#define PASS           0.45
#define STOP           0.5
#define ATTENUATION_DB 140.0

/* Fractions: largest number in one, wanted and accepted relative error. 1e-9 is 4 us in an hour. */
#define LARGEST_TERM ((int64_t)1 << 20)
#define WANTED       1e-13
#define ACCEPTED     1e-9

typedef struct rate_shared {
    overlap_save *resampler;
    rate_change change;
    overlap_mode *modes; /* of each lane */
} rate_shared;

/* ---- Fraction ---------------------------------------------------------------------------------------------- */

lmp_status rate_check_known(const char *name, const lmp_stream *in, lmp_error *err)
{
    if (in->format.rate_hz > 0.0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s needs the sampling rate, which this recording does not tell: give it when opening the file",
                    name);
}

static double fraction_error(int64_t up, int64_t down, double ratio)
{
    return fabs((double)up / (double)down / ratio - 1.0);
}

/* Convergents of the continued fraction (Hardy & Wright, The Theory of Numbers, ch. 10): each is the best fraction with
 * terms of its size. The first that is good enough, else the last with terms in range. */
lmp_status rate_find_fraction(const char *name, double from_hz, double to_hz, rate_change *change, lmp_error *err)
{
    double ratio = to_hz / from_hz, rest = ratio;
    int64_t up = 1, down = 0, last_up = 0, last_down = 1;
    while (down == 0 || fraction_error(up, down, ratio) > WANTED) {
        double whole = floor(rest);
        if (whole * (double)up + (double)last_up > (double)LARGEST_TERM) break;
        if (whole * (double)down + (double)last_down > (double)LARGEST_TERM) break;
        int64_t next_up = (int64_t)whole * up + last_up, next_down = (int64_t)whole * down + last_down;
        last_up = up, up = next_up;
        last_down = down, down = next_down;
        if (rest - whole <= 0.0) break;
        rest = 1.0 / (rest - whole);
    }
    if (down == 0 || up == 0 || fraction_error(up, down, ratio) > ACCEPTED)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s cannot go from %.12g to %.12g samples per second, whose ratio is no "
                        "fraction of numbers up to a million: %.12g would do",
                        name, from_hz, to_hz, up && down ? from_hz * (double)up / (double)down : from_hz);
    *change = (rate_change){.name = name, .rate_hz = to_hz, .up = up, .down = down};
    return LMP_OK;
}

/* ---- Plan -------------------------------------------------------------------------------------------------- */

/* Edges of the kernel in cycles per sample before. */
static void find_kernel(const rate_change *change, double *pass, double *stop)
{
    double lower = fmin(1.0, (double)change->up / (double)change->down);
    *pass = PASS * lower;
    *stop = STOP * lower;
}

static lmp_status lay_out(const rate_change *change, const lmp_stream *in, overlap_layout *layout, lmp_error *err)
{
    double pass, stop;
    find_kernel(change, &pass, &stop);
    int64_t half = fir_kaiser_half(pass, stop, ATTENUATION_DB);
    if (overlap_lay_out(half, change->up, change->down, in->format.n_times, layout)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s would have to change the rate by %lld/%lld, which is too much at once: go in "
                    "two steps, or by a ratio of smaller numbers",
                    change->name, (long long)change->up, (long long)change->down);
}

static lmp_status note_channels(const rate_change *change, lmp_step_plan *plan, lmp_error *err)
{
    int64_t n = plan->out.format.n_channels;
    lmp_channel *channels = malloc((size_t)(n ? n : 1) * sizeof *channels);
    if (!channels) return lmp_fail(err, LMP_ERR_MEMORY, "there is no memory to plan %s", change->name);
    if (n) memcpy(channels, plan->out.format.channels, (size_t)n * sizeof *channels);
    for (int64_t i = 0; i < n; i++) {
        bool slow = channels[i].role == LMP_ROLE_SLOW && channels[i].stored_rate_hz < change->rate_hz;
        if (!slow) channels[i].stored_rate_hz = change->rate_hz;
    }
    lmp_status status = lmp_stream_set_channels(&plan->out, channels, n, err);
    free(channels);
    return status;
}

lmp_status rate_plan(const rate_change *change, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    if (change->up == change->down) {
        plan->is_identity = true;
        return LMP_OK;
    }
    overlap_layout layout;
    lmp_status status = lay_out(change, in, &layout, err);
    if (status != LMP_OK) return status;
    plan->out.format.rate_hz = change->rate_hz;
    plan->out.format.n_times = overlap_ready(&layout, in->format.n_times, true);
    if (plan->out.format.n_times == 0 && in->format.n_times > 0)
        return lmp_fail(err, LMP_ERR_USAGE, "%s would leave nothing of %lld samples: give a higher rate", change->name,
                        (long long)in->format.n_times);
    plan->lane_bytes = layout.lane_bytes;
    plan->shared_bytes = layout.shared_bytes + (size_t)(2 * layout.half + 1) * sizeof(double) + sizeof(rate_shared) +
                         (size_t)in->format.n_channels * sizeof(overlap_mode);
    plan->scratch_bytes = layout.scratch_bytes;
    plan->burst = layout.burst;
    return note_channels(change, plan, err);
}

/* ---- Run --------------------------------------------------------------------------------------------------- */

static overlap_mode mode_of(lmp_role role)
{
    if (role == LMP_ROLE_STIM) return OVERLAP_CODES;
    return role == LMP_ROLE_SLOW ? OVERLAP_HOLD : OVERLAP_FILTER;
}

lmp_status rate_open(const rate_change *change, const lmp_stream *in, lmp_budget *budget, void **shared, lmp_error *err)
{
    int64_t n = in->format.n_channels;
    rate_shared *made = NULL;
    double *taps = NULL, pass, stop;
    overlap_layout layout;
    lmp_status status = lay_out(change, in, &layout, err);
    if (status == LMP_OK) status = lmp_take(budget, sizeof *made, (void **)&made, err);
    if (status != LMP_OK) return status;
    made->change = *change;
    status = lmp_take(budget, (size_t)n * sizeof *made->modes, (void **)&made->modes, err);
    if (status == LMP_OK) status = lmp_take(budget, (size_t)(2 * layout.half + 1) * sizeof *taps, (void **)&taps, err);
    if (status != LMP_OK) goto done;
    for (int64_t i = 0; i < n; i++) made->modes[i] = mode_of(in->format.channels[i].role);
    find_kernel(change, &pass, &stop);
    fir_kaiser_taps(pass, stop, ATTENUATION_DB, taps);
    status = overlap_open(&layout, taps, budget, &made->resampler, err);
done:
    lmp_give(budget, taps);
    if (status != LMP_OK) {
        rate_close(made, budget);
        return status;
    }
    *shared = made;
    return LMP_OK;
}

void rate_close(void *shared, lmp_budget *budget)
{
    rate_shared *s = shared;
    if (!s) return;
    overlap_close(s->resampler, budget);
    lmp_give(budget, s->modes);
    lmp_give(budget, s);
}

int64_t rate_ready(const void *shared, int64_t n_in, bool ended)
{
    const rate_shared *s = shared;
    return overlap_ready(overlap_get_layout(s->resampler), n_in, ended);
}

lmp_status rate_lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    const rate_shared *s = shared;
    return overlap_lane_open(s->resampler, s->modes[lane], budget, (overlap_lane **)state, err);
}

lmp_status rate_process(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                        int64_t n_out, bool ended, lmp_error *err)
{
    const rate_shared *s = shared;
    (void)n_out;
    (void)err;
    overlap_lane_process(s->resampler, state, scratch, in, n_in, out, ended);
    return LMP_OK;
}

void rate_lane_close(const void *shared, void *state, lmp_budget *budget)
{
    (void)shared;
    overlap_lane_close(state, budget);
}

void rate_record(const void *shared, lmp_record *record)
{
    const rate_shared *s = shared;
    lmp_record_text(record, "ratio", "%lld/%lld", (long long)s->change.up, (long long)s->change.down);
}
