/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step align: when each epoch really began, to a few hundredths of a sample or better.
 *
 * plan() and open() fit the clock of each scan block to the recorded times. If the data are to be looked at, a learning
 * pass measures every epoch's shift on a few channels at once, and learned() corrects the fitted times by them; until
 * then the events of the stream are pending.
 */
#include "math/robust_line.h"
#include "signal/align_refine.h"
#include "signal/trigger_events.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct align_params {
    int64_t refine;
    const char *channel;
    double jitter;
    int64_t most_missing;
} align_params;

static const lmp_param params_table[] = {
    {"refine", LMP_PARAM_FLAG, offsetof(align_params, refine), "yes", 0, 1, "", NULL,
     "Correct the fitted times by the shifts that are measured in the data."},
    {"channel", LMP_PARAM_CHANNELS, offsetof(align_params, channel), "auto", 0, 0, "", NULL,
     "Channels to measure shifts on, at most 8 of them; auto: EEG channels spread over the recording's."},
    {"jitter", LMP_PARAM_NUMBER, offsetof(align_params, jitter), "auto", 0.01, 1000, "samples", "auto",
     "Largest error of a trigger's time; auto: 1, as rounding to samples leaves, or more if the distances vary more."},
    {"most-missing", LMP_PARAM_INTEGER, offsetof(align_params, most_missing), "64", 1, 10000, "periods", NULL,
     "Longest gap inside a scan block; a longer one is a pause between two scan blocks."},
    {.name = NULL},
};

enum {
    MOST_LANES = 8,      /* looked at; the best few are used */
    LEAST_EPOCHS = 8,    /* in all, to measure shifts */
    TEMPLATE_SHORT = 60, /* epochs in a template: of slices ... */
    TEMPLATE_LONG = 12,  /* ... and of volumes */
    EARLY_TEMPLATES = 4, /* a template's scan block has at most this many templates' epochs before it */
    LISTED = 200,        /* scan blocks in the record */
};

#define LEAST_PERIOD  4.0    /* samples, and times the jitter: closer triggers cannot be told apart */
#define LONG_EPOCH_S  0.5    /* longer epochs are volumes */
#define DIFFERENCE_HZ 1250.0 /* rate whose sample distance is the lag of differences */
#define GUESSED_S     3.0    /* epoch assumed for the memory of a plan whose triggers are not known yet */
#define CLOCK_PPM     200.0  /* a period so close to whole samples tells how far the clocks are apart */

/* ---- Fitting the clocks ---- */

typedef struct block_fit {
    bool is_curved, is_local;
    double period; /* mean, samples */
    double drift;  /* change of the period over the block, as a fraction */
} block_fit;

typedef struct alignment {
    trigger_lattice lattice;
    double *times; /* one per trigger of the lattice, samples */
    block_fit *fits;
    double *noise;   /* of recorded about fitted times, per scan block, samples */
    double residual; /* rms of it */
} alignment;

static void clear_alignment(alignment *a)
{
    trigger_lattice_clear(&a->lattice);
    free(a->times);
    free(a->fits);
    free(a->noise);
    *a = (alignment){0};
}

static lmp_status check_lattice(const trigger_lattice *l, int64_t n, double rate_hz, lmp_error *err)
{
    if (n >= 2 && l->n_blocks == 0)
        return lmp_fail(
            err, LMP_ERR_INPUT,
            "align: the %lld triggers lie at no regular distance (the median is %g s): check the label that "
            "triggers took, or raise jitter (now %g samples)",
            (long long)n, l->period / rate_hz, l->jitter);
    if (l->n >= 2 && l->period < LEAST_PERIOD * (l->jitter + 1.0))
        return lmp_fail(
            err, LMP_ERR_INPUT,
            "align: the triggers are %g samples apart, too close for a jitter of %g samples: check the label "
            "that triggers took, or lower jitter",
            l->period, l->jitter);
    return LMP_OK;
}

static lmp_status fit_block(alignment *a, int64_t b, lmp_error *err)
{
    const trigger_lattice *l = &a->lattice;
    const trigger_block *block = &l->blocks[b];
    const double *k = l->index + block->first, *t = l->time + block->first;
    double *fitted = a->times + block->first;
    robust_line line;
    lmp_status status =
        robust_line_follow(k, t, block->count, ROBUST_LINE_ROUNDING, k, fitted, block->count, &line, err);
    if (status != LMP_OK) return status;
    a->noise[b] = line.scale;
    double periods = k[block->count - 1] - k[0];
    for (int64_t i = 0; i < block->count; i++) {
        double r = t[i] - fitted[i];
        a->residual += r * r / (double)l->n;
    }
    a->fits[b] = (block_fit){.is_curved = line.is_curved, .is_local = line.is_local, .period = l->period};
    if (periods > 0.0) a->fits[b].period = (fitted[block->count - 1] - fitted[0]) / periods;
    /* The period is dt/dk = (a1 + 2 a2 u) / half; from u = -1 to 1 it changes by 4 a2 / half. */
    a->fits[b].drift = 4.0 * line.a[2] / line.half / a->fits[b].period;
    return LMP_OK;
}

/* On failure nothing is left to clear. */
static lmp_status fit(const align_params *p, const lmp_stream *in, alignment *a, lmp_error *err)
{
    double *times = NULL;
    int64_t n = 0;
    *a = (alignment){0};
    lmp_status status = trigger_events_get("align", in, &times, &n, err);
    if (status == LMP_OK)
        status = trigger_lattice_find(times, n, (trigger_tolerance){p->jitter, p->most_missing}, &a->lattice, err);
    free(times);
    if (status == LMP_OK) status = check_lattice(&a->lattice, n, in->format.rate_hz, err);
    if (status == LMP_OK) {
        a->times = malloc(((size_t)a->lattice.n + 1) * sizeof *a->times);
        a->fits = calloc((size_t)a->lattice.n_blocks + 1, sizeof *a->fits);
        a->noise = calloc((size_t)a->lattice.n_blocks + 1, sizeof *a->noise);
        if (a->times == NULL || a->fits == NULL || a->noise == NULL)
            status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to align triggers");
    }
    for (int64_t b = 0; b < a->lattice.n_blocks && status == LMP_OK; b++) status = fit_block(a, b, err);
    a->residual = sqrt(a->residual);
    if (status != LMP_OK) clear_alignment(a);
    return status;
}

/* ---- What to measure shifts on ---- */

static bool is_candidate(const align_params *p, const lmp_format *format, int64_t lane, bool has_eeg)
{
    if (strcmp(p->channel, "auto") != 0) return lmp_channel_chosen(p->channel, format, lane);
    return has_eeg ? format->channels[lane].role == LMP_ROLE_EEG : lmp_channel_chosen("data", format, lane);
}

/* Up to MOST_LANES channels, spread over all that may be used; returns how many. */
static int64_t choose_lanes(const align_params *p, const lmp_format *format, int64_t lanes[MOST_LANES])
{
    bool has_eeg = false;
    int64_t n = 0, chosen = 0, seen = 0;
    for (int64_t i = 0; i < format->n_channels; i++) has_eeg = has_eeg || format->channels[i].role == LMP_ROLE_EEG;
    for (int64_t i = 0; i < format->n_channels; i++) n += is_candidate(p, format, i, has_eeg);
    int64_t wanted = n < MOST_LANES ? n : MOST_LANES;
    for (int64_t i = 0; i < format->n_channels && chosen < wanted; i++) {
        if (!is_candidate(p, format, i, has_eeg)) continue;
        if (seen++ == (2 * chosen + 1) * n / (2 * wanted)) lanes[chosen++] = i;
    }
    return chosen;
}

/* The first scan block that fills a template; if none does, or too many epochs come before it, the longest early one.
 */
static int64_t choose_block(const trigger_lattice *l, int64_t wanted)
{
    int64_t best = 0, longest = 0, before = 0;
    for (int64_t b = 0; b < l->n_blocks; b++)
        if (l->blocks[b].count > longest) longest = l->blocks[b].count;
    for (int64_t b = 0; b < l->n_blocks && before <= EARLY_TEMPLATES * wanted; b++) {
        if (l->blocks[b].count > l->blocks[best].count) best = b;
        if (l->blocks[best].count >= (wanted < longest ? wanted : longest)) break;
        before += l->blocks[b].count;
    }
    return best;
}

static shift_plan plan_shifts(const alignment *a, double rate_hz)
{
    const trigger_lattice *l = &a->lattice;
    shift_plan s = {.start = a->times, .index = l->index, .n = l->n, .length = (int64_t)ceil(l->period)};
    s.lag = (int64_t)fmax(floor(rate_hz / DIFFERENCE_HZ + 0.5), 1.0);
    s.template_most = l->period > LONG_EPOCH_S * rate_hz ? TEMPLATE_LONG : TEMPLATE_SHORT;
    if (l->n_blocks > 0) {
        const trigger_block *block = &l->blocks[choose_block(l, s.template_most)];
        s.template_first = block->first;
        s.template_end = block->first + block->count;
    }
    return s;
}

/* Before the triggers are known: scan blocks of volumes. */
static shift_plan guess_shifts(const lmp_format *format)
{
    int64_t length = (int64_t)ceil(fmin(GUESSED_S * format->rate_hz, (double)format->n_times));
    return (shift_plan){
        .n = format->n_times / (length > 0 ? length : 1), .length = length, .template_most = TEMPLATE_LONG};
}

static bool can_measure(const shift_plan *s)
{
    return s->n >= LEAST_EPOCHS && s->length > 4 * s->lag;
}

/* ---- The step ---- */

typedef struct align_state {
    const lmp_stream *in; /* outlives the state */
    alignment fit;
    shift_plan shifts;
    int64_t lanes[MOST_LANES], n_lanes; /* 0: nothing is measured */
    shift_lane *measured[MOST_LANES];
    lmp_budget *budget;
    refinement done;
} align_state;

static lmp_status plan_learning(const align_params *p, const lmp_stream *in, const shift_plan *shifts,
                                lmp_step_plan *plan, lmp_error *err)
{
    int64_t lanes[MOST_LANES], n = choose_lanes(p, &in->format, lanes);
    if (n == 0 && strcmp(p->channel, "auto") != 0)
        return lmp_fail(err, LMP_ERR_USAGE, "align: channel=%s fits none of the %lld channels: see limpid info",
                        p->channel, (long long)in->format.n_channels);
    if (n == 0) {
        lmp_plan_warn(plan, "align: there is no channel to measure shifts on, so the times are only fitted");
        return LMP_OK;
    }
    plan->learn_lane = lmp_plan_flags(plan, in->format.n_channels);
    if (plan->learn_lane == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
    for (int64_t i = 0; i < n; i++) plan->learn_lane[lanes[i]] = true;
    plan->learn_passes = 1;
    plan->learn_bytes = (size_t)n * (epoch_shift_bytes(shifts) + 128);
    if (shifts->start != NULL) plan->learn_count = epoch_shift_end(shifts, in->format.n_times);
    plan->out.events_pending = true;
    return LMP_OK;
}

static void warn_about_lattice(const trigger_lattice *l, lmp_step_plan *plan)
{
    int64_t missing = trigger_lattice_count_missing(l);
    if (l->n_extra > 0)
        lmp_plan_warn(plan, "align: %lld triggers fit no regular distance and are left out", (long long)l->n_extra);
    if (missing > 0)
        lmp_plan_warn(plan, "align: %lld triggers seem to be missing: put complete-triggers before align",
                      (long long)missing);
}

static lmp_status plan_align(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const align_params *p = params;
    alignment a;
    lmp_status status = fit(p, in, &a, err);
    if (status != LMP_OK) return status;
    warn_about_lattice(&a.lattice, plan);
    if (a.lattice.n > 0) status = trigger_events_put(&plan->out, a.times, a.lattice.n, err);
    shift_plan shifts = a.lattice.n == 0 ? guess_shifts(&in->format) : plan_shifts(&a, in->format.rate_hz);
    bool is_guess = a.lattice.n == 0;
    if (status == LMP_OK && p->refine != 0) {
        if (is_guess || can_measure(&shifts))
            status = plan_learning(p, in, &shifts, plan, err);
        else
            lmp_plan_warn(
                plan,
                "align: %lld triggers, %lld samples apart, are too few to measure shifts: the times are only fitted",
                (long long)shifts.n, (long long)shifts.length);
    }
    clear_alignment(&a);
    return status;
}

static void free_lanes(align_state *state)
{
    for (int64_t i = 0; i < state->n_lanes; i++) epoch_shift_free(state->measured[i], state->budget);
    memset(state->measured, 0, sizeof state->measured);
}

static void close_align(void *shared, lmp_budget *budget)
{
    align_state *state = shared;
    (void)budget;
    if (state == NULL) return;
    free_lanes(state);
    clear_alignment(&state->fit);
    free(state);
}

static lmp_status open_align(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                             void **shared, lmp_error *err)
{
    align_state *state = calloc(1, sizeof *state);
    if (state == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to align triggers");
    state->in = in;
    state->budget = budget;
    lmp_status status = fit(params, in, &state->fit, err);
    if (status == LMP_OK && plan->learn_passes > 0) {
        state->shifts = plan_shifts(&state->fit, in->format.rate_hz);
        state->n_lanes = choose_lanes(params, &in->format, state->lanes);
    }
    for (int64_t i = 0; i < state->n_lanes && status == LMP_OK; i++)
        status = epoch_shift_new(&state->shifts, budget, &state->measured[i], err);
    if (status != LMP_OK) {
        close_align(state, budget);
        return status;
    }
    *shared = state;
    return LMP_OK;
}

static lmp_status learn_align(void *shared, int64_t lane, int64_t first, const void *in, int64_t n_in, lmp_error *err)
{
    align_state *state = shared;
    for (int64_t i = 0; i < state->n_lanes; i++)
        if (state->lanes[i] == lane) return epoch_shift_add(state->measured[i], first, in, n_in, err);
    return LMP_OK;
}

static lmp_status learned_align(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    align_state *state = shared;
    lmp_status status = LMP_OK;
    (void)pass;
    for (int64_t i = 0; i < state->n_lanes && status == LMP_OK; i++)
        status = epoch_shift_finish(state->measured[i], err);
    if (status == LMP_OK)
        status = align_refine(&state->fit.lattice, state->fit.noise, state->measured, state->n_lanes, state->fit.times,
                              &state->done, err);
    free_lanes(state);
    return status == LMP_OK ? trigger_events_put(out, state->fit.times, state->fit.lattice.n, err) : status;
}

/* ---- The record ---- */

static void record_fits(const alignment *a, double rate_hz, lmp_record *record)
{
    double period_s[LISTED], clock_ppm[LISTED], drift_ppm[LISTED];
    int64_t n = a->lattice.n_blocks < LISTED ? a->lattice.n_blocks : LISTED, curved = 0, local = 0;
    for (int64_t b = 0; b < n; b++) {
        double period = a->fits[b].period, ppm = (period / nearbyint(period) - 1.0) * 1e6;
        period_s[b] = period / rate_hz;
        clock_ppm[b] = fabs(ppm) < CLOCK_PPM ? ppm : (double)NAN;
        drift_ppm[b] = a->fits[b].drift * 1e6;
        curved += a->fits[b].is_curved;
        local += a->fits[b].is_local;
    }
    lmp_record_number(record, "blocks", (double)a->lattice.n_blocks);
    lmp_record_numbers(record, "block_period_s", period_s, n);
    lmp_record_numbers(record, "clock_ppm", clock_ppm, n);
    lmp_record_numbers(record, "clock_drift_ppm", drift_ppm, n);
    lmp_record_text(record, "model", "%s%s", curved > 0 ? "parabola" : "line", local > 0 ? " and local drift" : "");
    lmp_record_number(record, "residual_us", a->residual / rate_hz * 1e6);
}

static void record_refinement(const align_state *state, double rate_hz, lmp_record *record)
{
    const refinement *r = &state->done;
    char names[200] = "";
    size_t used = 0;
    if (state->n_lanes > 0 && r->n_lanes == 0)
        lmp_record_warn(record,
                        "align: none of the %lld channels looked at shows an artifact that repeats with the "
                        "triggers, so the times are only fitted",
                        (long long)state->n_lanes);
    lmp_record_text(record, "refined", r->n_lanes > 0 ? "yes" : "no");
    if (r->n_lanes == 0) return;
    for (int64_t i = 0; i < r->n_lanes && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%.40s", i > 0 ? "," : "",
                                 state->in->format.channels[state->lanes[r->lanes[i]]].name);
    lmp_record_text(record, "channels", "%s", names);
    lmp_record_number(record, "measured", (double)r->n_measured);
    lmp_record_number(record, "refined_us", r->moved / rate_hz * 1e6);
    lmp_record_number(record, "noise_us", r->noise / rate_hz * 1e6);
    lmp_record_number(record, "jitter_us", r->jitter / rate_hz * 1e6);
}

static void record_align(const void *shared, lmp_record *record)
{
    const align_state *state = shared;
    if (state == NULL) return;
    lmp_record_number(record, "triggers", (double)state->fit.lattice.n);
    lmp_record_number(record, "left_out", (double)state->fit.lattice.n_extra);
    record_fits(&state->fit, state->in->format.rate_hz, record);
    record_refinement(state, state->in->format.rate_hz, record);
}

const lmp_step lmp_step_align = {
    .struct_size = sizeof(lmp_step),
    .name = "align",
    .summary = "Finds the true time of every trigger, to a fraction of a sample.",
    .doc = "A recorded trigger is rounded to the sample, and sometimes jitters. The gradient artifact changes so fast "
           "that a tenth of a sample at 5 kHz (20 us) leaves several microvolts of it. The scanner's own clock is "
           "much better than its triggers, and the artifact itself shows where it begins.\n\n"
           "**Fit**: in each scan block (see `complete-triggers`) the times `t` of triggers number `k` lie on a curve "
           "`t = a0 + a1 u + a2 u^2`, `u` from -1 to 1 over the block: two clocks that run at different rates, which "
           "may drift. Start: the median of slopes over half the block (Theil-Sen). Then least squares with Huber's "
           "weights `w = 1 / max(1, |r| / (1.5 s))`, `s = max(1.4826 median |r|, 0.29 samples)`. The bend `a2` is "
           "used if it is larger than four standard errors and 0.05 samples. If means of 25 neighbouring residuals "
           "are still too large for rounding, a straight line through the residuals of the 50 epochs on either side, "
           "with Hann weights, is added.\n\n"
           "**Refinement** (`refine=yes`, one pass over at most 8 channels): everything is measured on differences "
           "over 1/1250 s, in which the high harmonics of the artifact outweigh EEG; offsets and drifts do not "
           "matter, so the recording needs no filter before. A template `R` is the median of the first 60 epochs (12, "
           "if they are longer than 0.5 s), interpolated at their times. With `z = D R` and `z'`, the part of `D R'` "
           "at right angles to `z`, an epoch `E` is late by `delta = -<D E, z'> <z, z> / (<D E, z> <z', z'>)`, after "
           "the best of 13 whole samples, in two steps. The four channels of least noise are averaged, and in each "
           "block a curve is fitted to `delta` like the one to the times. The times move along it by its share `s^2 / "
           "(s^2 + noise^2)`, so that an artifact that is hardly seen changes nothing. Only if two halves of the "
           "channels agree on what is left, so that the scanner itself jitters, are single epochs moved, by the share "
           "`lambda` they agree on (not if it is below one half).\n\n"
           "**Measured** on simulated slices at 5 kHz: rounded triggers are off by 0.29 samples rms; after the fit by "
           "0.003 (0.006 if the clock drifts by 20 ppm within a minute, 0.024 if it wanders by 20 ppm); after the "
           "refinement by 0.0001 (0.002, 0.004), also if triggers jitter by 5 samples, up to a constant, which does "
           "no harm.\n\n"
           "**The record** tells for each scan block its period, its deviation from whole samples in ppm "
           "(`clock_ppm`, near 0 if scanner and amplifier share a clock; null if it is no small number), and how the "
           "period changes within the block; what recorded times were off (`residual_us`), by how much the refinement "
           "moved them, the noise of one epoch, and the scanner's own jitter.\n\n"
           "**Limits**: triggers that fit no lattice are left out, and missing ones are not put back: use "
           "`complete-triggers` before. Epochs with missing samples (NaN) are not measured. Channels without "
           "artifact, or flat, are not used; if none is left, the fitted times stand and the record has a warning. A "
           "change of the artifact's shape, as by movement, can look like a shift of some hundredths of a sample.\n\n"
           "**Sources**: Theil 1950, Proc. K. Ned. Akad. Wet. 53; Sen 1968, J. Am. Stat. Assoc. 63:1379; Huber 1964, "
           "Ann. Math. Stat. 35:73; Allen et al. 2000, NeuroImage 12:230 (why timing matters); Niazy et al. 2005, "
           "NeuroImage 28:720 (alignment of slices by correlation).\n",
    .known_as = "TriggerAligner, SliceAligner, SubsampleAligner (FACETpy), slice alignment of fmrib_fastr",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_NONE,
    .params = params_table,
    .params_size = sizeof(align_params),
    .plan = plan_align,
    .open = open_align,
    .learn = learn_align,
    .learned = learned_align,
    .record = record_align,
    .close = close_align,
};
