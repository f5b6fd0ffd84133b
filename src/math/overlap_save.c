/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Overlap-save (Oppenheim & Schafer, Discrete-Time Signal Processing, 8.7.3) with a symmetric kernel.
 *
 * The kernel's centre is put at time 0, so that its spectrum is real: half the memory and a third of the products of a
 * general kernel, and no delay to take out afterwards. The `pad` samples at either end of a segment, which what runs
 * over the ends spoils, are dropped.
 *
 * Filtering convolves a segment with kernels/convolve.c. Resampling by up / down needs spectra in their proper order,
 * to change their length: n_in is a multiple of `down`, n_out the same multiple of `up`, and bins above the lower half
 * rate are left out. The kernel must have suppressed them: what it leaves there (fir_kaiser_taps() with 140 dB in the
 * resampling steps) is the error of the method.
 *
 * A lane keeps the inputs of one segment, as they came, in `window`. Only segments at an end of the recording or with
 * missing samples are rebuilt before they are transformed.
 */
#include "math/overlap_save.h"

#include "kernels/convolve.h"
#include "math/fft.h"
#include "math/gap.h"

#include <math.h>
#include <string.h>

#define LONGEST_TRANSFORM ((int64_t)1 << 25)
/* Longer transforms take more memory in each lane and, in the end, leave the caches: at this length the price doubles.
 */
#define DEAR_LENGTH 262144.0

struct overlap_save {
    overlap_layout layout;
    double *gain;                   /* the kernel's spectrum */
    double *constants;              /* filtering: of convolve.h */
    fft_plan *analysis, *synthesis; /* resampling: of n_in and n_out */
    int64_t n_bins;                 /* resampling: bins that are kept */
};

struct overlap_lane {
    overlap_mode mode;
    int64_t start;         /* absolute number of window[0]; negative at first */
    int64_t filled;        /* samples in the window */
    int64_t given;         /* outputs given so far */
    int64_t missing_until; /* one more than the number of the last missing sample, 0 if none */
    gap_before before;     /* last value before the window */
    double *window;
};

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Cost of a transform of n points. */
static double price(double n)
{
    return n * log2(n) * (1.0 + n / DEAR_LENGTH);
}

/* Window of a lane: one segment and the look-ahead for gaps. */
static int64_t window_length(const overlap_layout *layout)
{
    return layout->n_in + layout->reach;
}

static bool filters(const overlap_layout *layout)
{
    return layout->up == layout->down;
}

/* A worker has one array for a rebuilt segment or for new times, and one behind it for bins or for the two halves of
 * what was convolved. SHIFT keeps the two off the same places of the cache. */
enum { SHIFT = 32 };

static int64_t time_doubles(const overlap_layout *layout)
{
    return round_up(larger(layout->n_in, layout->n_out), 8) + SHIFT;
}

static int64_t bin_doubles(const overlap_layout *layout)
{
    if (filters(layout)) return layout->n_in + CONVOLVE_GAP;
    return fft_spectrum_doubles(larger(layout->n_in, layout->n_out));
}

static int64_t gain_doubles(const overlap_layout *layout)
{
    return smaller(layout->n_in, layout->n_out) / 2 + 1;
}

static void count_bytes(overlap_layout *layout)
{
    int64_t work = time_doubles(layout) + bin_doubles(layout), shared = work + gain_doubles(layout);
    size_t plans = filters(layout) ? 0 : fft_plan_bytes(layout->n_in) + fft_plan_bytes(layout->n_out);
    if (filters(layout)) shared += convolve_count_constants(layout->n_in);
    layout->scratch_bytes = (size_t)work * sizeof(double);
    layout->lane_bytes = sizeof(overlap_lane) + (size_t)window_length(layout) * sizeof(double);
    layout->shared_bytes = sizeof(overlap_save) + (size_t)shared * sizeof(double) + plans;
}

/* The cheapest multiplier of `down` (length in) and `up` (length out), a power of 2. */
static int64_t pick_multiplier(int64_t up, int64_t down, int64_t pad, int64_t n_times)
{
    int64_t most = LONGEST_TRANSFORM / larger(up, down), best = 0;
    double best_cost = HUGE_VAL;
    for (int64_t m = up == down ? 32 : 4;; m *= 2) {
        int64_t hop = m * down - 2 * pad;
        if (m > most) return best;
        if (hop <= 0) continue;
        double cost = (price((double)(m * down)) + price((double)(m * up))) / (double)hop;
        if (cost < best_cost) best = m, best_cost = cost;
        if (hop >= n_times) return best; /* one segment holds the recording */
    }
}

bool overlap_lay_out(int64_t half, int64_t up, int64_t down, int64_t n_times, overlap_layout *layout)
{
    if (up < 1 || down < 1 || up > LONGEST_TRANSFORM || down > LONGEST_TRANSFORM || half > LONGEST_TRANSFORM)
        return false;
    int64_t pad = up == down ? half : round_up(half + 1, down);
    int64_t m = pick_multiplier(up, down, pad, n_times);
    if (!m) return false;
    *layout = (overlap_layout){.up = up, .down = down, .half = half, .pad = pad, .n_in = m * down, .n_out = m * up};
    layout->reach = smaller(half, GAP_REACH);
    layout->hop_in = layout->n_in - 2 * pad;
    layout->hop_out = layout->hop_in / down * up;
    /* Segments wait for a hop and what is beyond it; at the end all that waits comes. */
    layout->burst = (layout->hop_in + pad + layout->reach) / down * up + 2 * up;
    count_bytes(layout);
    return true;
}

/* round(n * up / down), halves up. */
static int64_t count_outputs(const overlap_layout *layout, int64_t n_in)
{
    int64_t whole = n_in / layout->down, rest = n_in % layout->down;
    return whole * layout->up + (2 * rest * layout->up + layout->down) / (2 * layout->down);
}

int64_t overlap_ready(const overlap_layout *layout, int64_t n_in, bool ended)
{
    if (ended) return count_outputs(layout, n_in);
    int64_t segments = (n_in - layout->pad - layout->reach) / layout->hop_in;
    return larger(segments, 0) * layout->hop_out;
}

const overlap_layout *overlap_get_layout(const overlap_save *shared)
{
    return &shared->layout;
}

/* ---- Kernel ------------------------------------------------------------------------------------------------ */

/* Real spectrum of the taps with their centre at time 0, divided by n_in. */
static void transform_kernel(overlap_save *shared, const double *taps, double *time, double *bins)
{
    int64_t half = shared->layout.half, n = shared->layout.n_in;
    memset(time, 0, (size_t)n * sizeof *time);
    time[0] = taps[half];
    for (int64_t k = 1; k <= half; k++) time[k] = time[n - k] = taps[half + k];
    fft_forward(shared->analysis, time, bins);
    for (int64_t k = 0; k < shared->n_bins; k++) shared->gain[k] = bins[2 * k] / (double)n;
    /* The bin at the lower half rate has no partner on the other side. */
    shared->gain[shared->n_bins - 1] = 0.0;
}

static lmp_status prepare_filter(overlap_save *shared, const double *taps, double *work, lmp_budget *budget,
                                 lmp_error *err)
{
    int64_t n = shared->layout.n_in;
    size_t bytes = (size_t)convolve_count_constants(n) * sizeof(double);
    lmp_status status = lmp_take(budget, bytes, (void **)&shared->constants, err);
    if (status != LMP_OK) return status;
    convolve_fill_constants(n, shared->constants);
    convolve_transform_taps(n, shared->constants, taps, shared->layout.half, work, shared->gain);
    return LMP_OK;
}

static lmp_status prepare_resampler(overlap_save *shared, const double *taps, double *work, lmp_error *err)
{
    lmp_status status = fft_plan_new(shared->layout.n_in, &shared->analysis, err);
    if (status == LMP_OK) status = fft_plan_new(shared->layout.n_out, &shared->synthesis, err);
    if (status == LMP_OK) transform_kernel(shared, taps, work, work + time_doubles(&shared->layout));
    return status;
}

lmp_status overlap_open(const overlap_layout *layout, const double *taps, lmp_budget *budget, overlap_save **shared,
                        lmp_error *err)
{
    overlap_save *made = NULL;
    double *work = NULL;
    lmp_status status = lmp_take(budget, sizeof *made, (void **)&made, err);
    if (status != LMP_OK) return status;
    made->layout = *layout;
    made->n_bins = gain_doubles(layout);
    status = lmp_take(budget, (size_t)gain_doubles(layout) * sizeof(double), (void **)&made->gain, err);
    if (status == LMP_OK) status = lmp_take(budget, layout->scratch_bytes, (void **)&work, err);
    if (status == LMP_OK)
        status =
            filters(layout) ? prepare_filter(made, taps, work, budget, err) : prepare_resampler(made, taps, work, err);
    lmp_give(budget, work);
    if (status != LMP_OK) {
        overlap_close(made, budget);
        return status;
    }
    *shared = made;
    return LMP_OK;
}

void overlap_close(overlap_save *shared, lmp_budget *budget)
{
    if (!shared) return;
    fft_plan_free(shared->analysis);
    fft_plan_free(shared->synthesis);
    lmp_give(budget, shared->constants);
    lmp_give(budget, shared->gain);
    lmp_give(budget, shared);
}

/* ---- Lanes ------------------------------------------------------------------------------------------------- */

lmp_status overlap_lane_open(const overlap_save *shared, overlap_mode mode, lmp_budget *budget, overlap_lane **lane,
                             lmp_error *err)
{
    overlap_lane *made = NULL;
    lmp_status status = lmp_take(budget, sizeof *made, (void **)&made, err);
    if (status != LMP_OK) return status;
    size_t bytes = (size_t)window_length(&shared->layout) * sizeof(double);
    status = lmp_take(budget, bytes, (void **)&made->window, err);
    if (status != LMP_OK) {
        lmp_give(budget, made);
        return status;
    }
    made->mode = mode;
    made->start = -shared->layout.pad;
    made->filled = shared->layout.pad; /* nothing is before sample 0 */
    *lane = made;
    return LMP_OK;
}

void overlap_lane_close(overlap_lane *lane, lmp_budget *budget)
{
    if (!lane) return;
    lmp_give(budget, lane->window);
    lmp_give(budget, lane);
}

/* Continues time[from, to), which holds the samples of the recording that the segment sees, to both sides. `first` and
 * `last` say whether it begins and ends there. Beyond the reflection come zeros when filtering, as is customary, and
 * the same value on and on when the rate changes: a jump, even outside of what the kernel spans, would leave a trace of
 * what the kernel lets through above half the lower rate. */
static void continue_ends(const overlap_layout *layout, double *time, int64_t from, int64_t to, bool first, bool last)
{
    int64_t most = to - from - 1;
    bool holds = !filters(layout);
    for (int64_t k = 1; k <= from; k++) {
        double beyond = holds ? time[from - k + 1] : 0.0;
        time[from - k] = k <= most ? 2.0 * time[from] - time[from + k] : beyond;
    }
    if (!last) return;
    if (!first) most = layout->pad; /* what comes before the segment is longer than the kernel */
    for (int64_t k = 1; to - 1 + k < layout->n_in; k++) {
        double beyond = holds ? time[to - 2 + k] : 0.0;
        time[to - 1 + k] = k <= most ? 2.0 * time[to - 1] - time[to - 1 - k] : beyond;
    }
}

/* The segment as the transform shall see it: gaps filled, ends continued. */
static const double *build_segment(const overlap_layout *layout, const overlap_lane *lane, double *time)
{
    int64_t from = larger(-lane->start, 0), to = smaller(layout->n_in, lane->filled);
    bool missing = lane->missing_until > lane->start;
    if (!missing && from == 0 && to == layout->n_in) return lane->window;
    if (missing)
        gap_fill_samples(lane->before, lane->window + from, to - from, lane->filled - from, layout->reach, time + from);
    else
        memcpy(time + from, lane->window + from, (size_t)(to - from) * sizeof *time);
    continue_ends(layout, time, from, to, lane->start <= 0, to < layout->n_in);
    return time;
}

/* Products of a spectrum with a real one. */
static void scale_bins(double *restrict bins, const double *restrict gain, int64_t n_bins)
{
    for (int64_t k = 0; k < n_bins; k++) {
        bins[2 * k] *= gain[k];
        bins[2 * k + 1] *= gain[k];
    }
}

/* NaN for outputs whose nearest input is missing. */
static void mark_missing(const overlap_layout *layout, const overlap_lane *lane, double *out, int64_t count)
{
    const double *values = lane->window + layout->pad;
    int64_t last = lane->filled - layout->pad - 1;
    for (int64_t m = 0; m < count; m++) {
        int64_t nearest = (2 * m * layout->down + layout->up) / (2 * layout->up);
        if (!isfinite(values[smaller(nearest, last)])) out[m] = nan("");
    }
}

static void convolve_segment(const overlap_save *shared, const overlap_lane *lane, double *time, double *low,
                             double *out, int64_t count)
{
    const overlap_layout *layout = &shared->layout;
    int64_t half = layout->n_in / 2, in_low = larger(smaller(half - layout->pad, count), 0);
    double *high = low + half + CONVOLVE_GAP;
    convolve_apply(layout->n_in, shared->constants, shared->gain, build_segment(layout, lane, time), low, high);
    memcpy(out, low + layout->pad, (size_t)in_low * sizeof *out);
    if (count > in_low)
        memcpy(out + in_low, high + layout->pad + in_low - half, (size_t)(count - in_low) * sizeof *out);
}

static void resample_segment(const overlap_save *shared, const overlap_lane *lane, double *time, double *bins,
                             double *out, int64_t count)
{
    const overlap_layout *layout = &shared->layout;
    fft_forward(shared->analysis, build_segment(layout, lane, time), bins);
    scale_bins(bins, shared->gain, shared->n_bins);
    int64_t used = 2 * shared->n_bins, all = fft_spectrum_doubles(layout->n_out);
    if (all > used) memset(bins + used, 0, (size_t)(all - used) * sizeof *bins);
    fft_inverse(shared->synthesis, bins, time);
    memcpy(out, time + layout->pad / layout->down * layout->up, (size_t)count * sizeof *out);
}

static void filter_segment(const overlap_save *shared, const overlap_lane *lane, double *scratch, double *out,
                           int64_t count)
{
    double *behind = scratch + time_doubles(&shared->layout);
    if (filters(&shared->layout))
        convolve_segment(shared, lane, scratch, behind, out, count);
    else
        resample_segment(shared, lane, scratch, behind, out, count);
    if (lane->missing_until > lane->start) mark_missing(&shared->layout, lane, out, count);
}

/* The first value from `from` to `to` (exclusive) that differs from the one before `from`, else the one at `from`. */
static double find_change(const double *values, int64_t from, int64_t to, bool has_before)
{
    double before = has_before ? values[from - 1] : 0.0;
    for (int64_t i = from; i < to; i++)
        if (values[i] != before) return values[i];
    return values[from];
}

static void hold_segment(const overlap_layout *layout, const overlap_lane *lane, double *out, int64_t count)
{
    const double *values = lane->window + layout->pad;
    int64_t known = lane->filled - layout->pad;
    for (int64_t m = 0; m < count; m++) {
        int64_t from = smaller(m * layout->down / layout->up, known - 1);
        int64_t to = smaller((m + 1) * layout->down / layout->up, known);
        bool has_before = lane->start + layout->pad + from > 0;
        out[m] =
            lane->mode == OVERLAP_CODES && to > from + 1 ? find_change(values, from, to, has_before) : values[from];
    }
}

static void run_segment(const overlap_save *shared, overlap_lane *lane, double *scratch, double *out, int64_t count)
{
    if (lane->mode == OVERLAP_FILTER)
        filter_segment(shared, lane, scratch, out, count);
    else
        hold_segment(&shared->layout, lane, out, count);
    lane->given += count;
}

/* Drops the first hop of the window. */
static void advance_window(const overlap_layout *layout, overlap_lane *lane)
{
    int64_t hop = smaller(layout->hop_in, lane->filled);
    int64_t outside = larger(smaller(-lane->start, hop), 0); /* places before sample 0 hold nothing */
    lane->before = gap_move_on(lane->before, lane->window + outside, hop - outside);
    lane->filled -= hop;
    lane->start += hop;
    memmove(lane->window, lane->window + hop, (size_t)lane->filled * sizeof *lane->window);
}

static int64_t take_samples(const overlap_layout *layout, overlap_lane *lane, const double *in, int64_t n_in)
{
    int64_t count = smaller(window_length(layout) - lane->filled, n_in);
    if (gap_copy_samples(in, count, lane->window + lane->filled))
        lane->missing_until = lane->start + lane->filled + gap_find_last(in, count) + 1;
    lane->filled += count;
    return count;
}

int64_t overlap_lane_process(const overlap_save *shared, overlap_lane *lane, void *scratch, const double *in,
                             int64_t n_in, double *out, bool ended)
{
    const overlap_layout *layout = &shared->layout;
    int64_t given = lane->given;
    while (n_in > 0) {
        int64_t taken = take_samples(layout, lane, in, n_in);
        in += taken;
        n_in -= taken;
        if (lane->filled < window_length(layout)) break;
        run_segment(shared, lane, scratch, out + lane->given - given, layout->hop_out);
        advance_window(layout, lane);
    }
    if (!ended) return lane->given - given;
    int64_t total = count_outputs(layout, lane->start + lane->filled);
    while (lane->given < total) {
        int64_t count = smaller(total - lane->given, layout->hop_out);
        run_segment(shared, lane, scratch, out + lane->given - given, count);
        if (lane->given < total) advance_window(layout, lane);
    }
    return lane->given - given;
}
