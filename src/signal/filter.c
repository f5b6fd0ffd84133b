/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Filtering steps: from what the user asked for to edges, taps or sections, and to the streams of math/.
 *
 * Planning designs the filter too (only its size for FIR), because memory and refusals follow from it; opening does it
 * again, so that nothing has to live between the two.
 */
#include "signal/filter.h"

#include "math/butterworth.h"
#include "math/fir.h"
#include "math/overlap_save.h"
#include "math/zero_phase.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTCHES_MAX = 64, EDGES_MAX = 2 * NOTCHES_MAX };
#define TAPS_MAX ((int64_t)1 << 24)

typedef struct filter_edges {
    fir_edge edges[EDGES_MAX];
    int64_t count;
} filter_edges;

typedef struct filter_sections {
    biquad sections[ZERO_PHASE_SECTIONS_MAX];
    int64_t count;
} filter_sections;

typedef struct filter_shared {
    filter_method method;
    overlap_save *fir;
    zero_phase_layout recursion;
    filter_sections sections;
    int64_t n_taps;
} filter_shared;

/* ---- Checks ------------------------------------------------------------------------------------------------ */

static lmp_status check_below_nyquist(const filter_spec *spec, double hz, double rate_hz, lmp_error *err)
{
    if (hz < rate_hz / 2.0) return LMP_OK;
    return lmp_fail(
        err, LMP_ERR_USAGE,
        "%s cannot act at %g Hz, because a recording with %g samples per second holds nothing from %g Hz on: "
        "give a lower frequency",
        spec->name, hz, rate_hz, rate_hz / 2.0);
}

static lmp_status check_spec(const filter_spec *spec, const lmp_stream *in, lmp_error *err)
{
    double rate_hz = in->format.rate_hz;
    if (!(rate_hz > 0.0))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s needs the sampling rate, which this recording does not tell: give it when opening the file",
                        spec->name);
    if (spec->notch_hz.count > NOTCHES_MAX)
        return lmp_fail(err, LMP_ERR_USAGE, "%s can take out %d frequencies at once and was given %lld: use it twice",
                        spec->name, NOTCHES_MAX, (long long)spec->notch_hz.count);
    if (spec->low_hz > 0.0 && spec->high_hz > 0.0 && spec->low_hz >= spec->high_hz)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s keeps what is between %g and %g Hz, which is nothing: give the lower "
                        "frequency first",
                        spec->name, spec->low_hz, spec->high_hz);
    lmp_status status = check_below_nyquist(spec, fmax(spec->low_hz, spec->high_hz), rate_hz, err);
    for (int64_t i = 0; i < spec->notch_hz.count && status == LMP_OK; i++) {
        if (spec->notch_hz.values[i] <= 0.0)
            return lmp_fail(err, LMP_ERR_USAGE, "%s cannot act at %g Hz: give frequencies above 0", spec->name,
                            spec->notch_hz.values[i]);
        status = check_below_nyquist(spec, spec->notch_hz.values[i], rate_hz, err);
    }
    return status;
}

/* Marks the lanes to filter. */
static lmp_status choose_lanes(const filter_spec *spec, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    int64_t n = in->format.n_channels, chosen = 0;
    plan->lane_active = lmp_plan_flags(plan, n);
    if (!plan->lane_active) return lmp_fail(err, LMP_ERR_MEMORY, "there is no memory to plan %s", spec->name);
    for (int64_t i = 0; i < n; i++) {
        plan->lane_active[i] = lmp_channel_chosen(spec->channels, &in->format, i);
        chosen += plan->lane_active[i];
    }
    if (chosen) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "%s would filter no channel: none of the recording's %lld fits channels=%s",
                    spec->name, (long long)n, spec->channels);
}

/* ---- Design ------------------------------------------------------------------------------------------------ */

static double given_or(double value, double automatic)
{
    return isnan(value) ? automatic : value;
}

/* Half the width of a stop band, with half the amplitude left in the middle of the transitions around it. */
static double notch_half_width(const filter_spec *spec, double hz)
{
    return given_or(spec->notch_width_hz, hz / 200.0) / 2.0;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int64_t sort_notches(const filter_spec *spec, double *sorted)
{
    if (spec->notch_hz.count == 0) return 0;
    memcpy(sorted, spec->notch_hz.values, (size_t)spec->notch_hz.count * sizeof *sorted);
    qsort(sorted, (size_t)spec->notch_hz.count, sizeof *sorted, compare_numbers);
    return spec->notch_hz.count;
}

static lmp_status add_notch_edges(const filter_spec *spec, filter_edges *edges, lmp_error *err)
{
    double sorted[NOTCHES_MAX], width_hz = spec->notch_transition_hz;
    int64_t n = sort_notches(spec, sorted);
    for (int64_t i = 0; i < n; i++) {
        double low_hz = sorted[i] - notch_half_width(spec, sorted[i]) - width_hz;
        double high_hz = sorted[i] + notch_half_width(spec, sorted[i]) + width_hz;
        if (edges->count && low_hz <= edges->edges[edges->count - 1].high_hz)
            return lmp_fail(err, LMP_ERR_USAGE,
                            "%s: the stop bands at %g and %g Hz touch: give a smaller width or "
                            "transition-hz",
                            spec->name, sorted[i - 1], sorted[i]);
        edges->edges[edges->count++] = fir_edge_falling(low_hz, width_hz);
        edges->edges[edges->count++] = fir_edge_rising(high_hz, width_hz);
    }
    return LMP_OK;
}

static lmp_status design_edges(const filter_spec *spec, double rate_hz, filter_edges *edges, lmp_error *err)
{
    edges->count = 0;
    if (spec->low_hz > 0.0) {
        double width_hz = given_or(spec->low_transition_hz, fir_auto_rise_hz(spec->low_hz));
        edges->edges[edges->count++] = fir_edge_rising(spec->low_hz, width_hz);
    }
    if (spec->high_hz > 0.0) {
        double width_hz = given_or(spec->high_transition_hz, fir_auto_fall_hz(spec->high_hz, rate_hz));
        edges->edges[edges->count++] = fir_edge_falling(spec->high_hz, width_hz);
    }
    lmp_status status = add_notch_edges(spec, edges, err);
    for (int64_t i = 0; i < edges->count && status == LMP_OK; i++) {
        const fir_edge *edge = &edges->edges[i];
        if (edge->low_hz < 0.0 || edge->high_hz > rate_hz / 2.0)
            status = lmp_fail(err, LMP_ERR_USAGE,
                              "%s: the transition from %g to %g Hz does not fit between 0 and half "
                              "the sampling rate, %g Hz: give a smaller transition-hz, or method=butterworth",
                              spec->name, edge->low_hz, edge->high_hz, rate_hz / 2.0);
    }
    return status;
}

static lmp_status add_sections(const filter_spec *spec, butterworth_kind kind, double low_hz, double high_hz,
                               double rate_hz, filter_sections *to, lmp_error *err)
{
    if (to->count + spec->order > ZERO_PHASE_SECTIONS_MAX)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s would need more than %d sections: give a lower order or fewer "
                        "frequencies, or method=fir",
                        spec->name, ZERO_PHASE_SECTIONS_MAX);
    if (low_hz <= 0.0 || fmax(low_hz, high_hz) >= rate_hz / 2.0)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s: the band from %g to %g Hz does not fit between 0 and half the "
                        "sampling rate, %g Hz: give a smaller width",
                        spec->name, low_hz, high_hz, rate_hz / 2.0);
    to->count += butterworth_design(kind, spec->order, low_hz / (rate_hz / 2.0), high_hz / (rate_hz / 2.0),
                                    to->sections + to->count);
    return LMP_OK;
}

static lmp_status design_sections(const filter_spec *spec, double rate_hz, filter_sections *to, lmp_error *err)
{
    to->count = 0;
    lmp_status status = LMP_OK;
    if (spec->low_hz > 0.0 && spec->high_hz > 0.0)
        status = add_sections(spec, BUTTERWORTH_BANDPASS, spec->low_hz, spec->high_hz, rate_hz, to, err);
    else if (spec->low_hz > 0.0)
        status = add_sections(spec, BUTTERWORTH_HIGHPASS, spec->low_hz, 0.0, rate_hz, to, err);
    else if (spec->high_hz > 0.0)
        status = add_sections(spec, BUTTERWORTH_LOWPASS, spec->high_hz, 0.0, rate_hz, to, err);
    double sorted[NOTCHES_MAX];
    int64_t n = sort_notches(spec, sorted);
    for (int64_t i = 0; i < n && status == LMP_OK; i++) {
        double half_hz = notch_half_width(spec, sorted[i]) + spec->notch_transition_hz;
        status = add_sections(spec, BUTTERWORTH_BANDSTOP, sorted[i] - half_hz, sorted[i] + half_hz, rate_hz, to, err);
    }
    return status;
}

static lmp_status lay_out_fir(const filter_spec *spec, const lmp_stream *in, filter_edges *edges, int64_t *n_taps,
                              overlap_layout *layout, lmp_error *err)
{
    double rate_hz = in->format.rate_hz;
    lmp_status status = design_edges(spec, rate_hz, edges, err);
    if (status != LMP_OK) return status;
    double narrowest = HUGE_VAL;
    for (int64_t i = 0; i < edges->count; i++) narrowest = fmin(narrowest, edges->edges[i].width_hz);
    if (narrowest * (double)TAPS_MAX > 4.0 * rate_hz) {
        *n_taps = fir_count_taps(edges->edges, edges->count, rate_hz);
        if (overlap_lay_out(*n_taps / 2, 1, 1, in->format.n_times, layout)) return LMP_OK;
    }
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s would need a filter of more than %lld samples for a transition of %g Hz: give "
                    "a larger transition-hz, or method=butterworth",
                    spec->name, (long long)TAPS_MAX, narrowest);
}

static lmp_status lay_out_recursion(const filter_spec *spec, const lmp_stream *in, filter_sections *sections,
                                    zero_phase_layout *layout, lmp_error *err)
{
    lmp_status status = design_sections(spec, in->format.rate_hz, sections, err);
    if (status != LMP_OK) return status;
    if (zero_phase_lay_out(sections->sections, sections->count, in->format.n_times, layout)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s: a Butterworth filter of order %lld rings too long at these frequencies: give "
                    "a lower order, a higher frequency or a larger width",
                    spec->name, (long long)spec->order);
}

/* ---- Plan -------------------------------------------------------------------------------------------------- */

/* Adds "HP:1Hz" and the like to what the channels' headers say about filtering. */
static lmp_status note_filtering(const filter_spec *spec, lmp_step_plan *plan, lmp_error *err)
{
    int64_t n = plan->out.format.n_channels;
    lmp_channel *channels = malloc((size_t)n * sizeof *channels);
    char(*notes)[128] = malloc((size_t)n * sizeof *notes);
    lmp_status status = LMP_OK;
    if (!channels || !notes) {
        status = lmp_fail(err, LMP_ERR_MEMORY, "there is no memory to plan %s", spec->name);
        goto done;
    }
    memcpy(channels, plan->out.format.channels, (size_t)n * sizeof *channels);
    char note[64] = "";
    if (spec->low_hz > 0.0) snprintf(note, sizeof note, " HP:%gHz", spec->low_hz);
    size_t used = strlen(note);
    if (spec->high_hz > 0.0) snprintf(note + used, sizeof note - used, " LP:%gHz", spec->high_hz);
    if (spec->notch_hz.count) snprintf(note + used, sizeof note - used, " N:%gHz", spec->notch_hz.values[0]);
    for (int64_t i = 0; i < n; i++) {
        const char *before = channels[i].filtering ? channels[i].filtering : "";
        if (!plan->lane_active[i]) continue;
        const int length = snprintf(notes[i], sizeof notes[i], "%s%s", before, *before ? note : note + 1);
        if (length >= 0 && (size_t)length < sizeof notes[i]) channels[i].filtering = notes[i];
    }
    status = lmp_stream_set_channels(&plan->out, channels, n, err);
done:
    free(channels);
    free(notes);
    return status;
}

lmp_status filter_plan(const filter_spec *spec, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    lmp_status status = check_spec(spec, in, err);
    if (status == LMP_OK) status = choose_lanes(spec, in, plan, err);
    if (status != LMP_OK) return status;
    if (spec->method == FILTER_FIR) {
        filter_edges edges;
        overlap_layout layout;
        int64_t n_taps;
        status = lay_out_fir(spec, in, &edges, &n_taps, &layout, err);
        if (status != LMP_OK) return status;
        plan->lane_bytes = layout.lane_bytes;
        plan->shared_bytes = layout.shared_bytes + (size_t)n_taps * sizeof(double) + sizeof(filter_shared);
        plan->scratch_bytes = layout.scratch_bytes;
        plan->burst = layout.burst;
        if (n_taps > in->format.n_times)
            lmp_plan_warn(plan, "%s: its filter of %.3g s is longer than the recording: expect distortion", spec->name,
                          (double)n_taps / in->format.rate_hz);
    } else {
        filter_sections sections;
        zero_phase_layout layout;
        status = lay_out_recursion(spec, in, &sections, &layout, err);
        if (status != LMP_OK) return status;
        plan->lane_bytes = layout.lane_bytes;
        plan->shared_bytes = sizeof(filter_shared);
        plan->scratch_bytes = layout.scratch_bytes;
        plan->burst = layout.burst;
    }
    return note_filtering(spec, plan, err);
}

/* ---- Run --------------------------------------------------------------------------------------------------- */

static lmp_status open_fir(const filter_spec *spec, const lmp_stream *in, lmp_budget *budget, filter_shared *shared,
                           lmp_error *err)
{
    filter_edges edges;
    overlap_layout layout;
    double *taps = NULL;
    lmp_status status = lay_out_fir(spec, in, &edges, &shared->n_taps, &layout, err);
    if (status == LMP_OK) status = lmp_take(budget, (size_t)shared->n_taps * sizeof *taps, (void **)&taps, err);
    if (status != LMP_OK) return status;
    fir_design_taps(edges.edges, edges.count, in->format.rate_hz, taps);
    status = overlap_open(&layout, taps, budget, &shared->fir, err);
    lmp_give(budget, taps);
    return status;
}

lmp_status filter_open(const filter_spec *spec, const lmp_stream *in, lmp_budget *budget, void **shared, lmp_error *err)
{
    filter_shared *made = NULL;
    lmp_status status = lmp_take(budget, sizeof *made, (void **)&made, err);
    if (status != LMP_OK) return status;
    made->method = (filter_method)spec->method;
    if (made->method == FILTER_FIR)
        status = open_fir(spec, in, budget, made, err);
    else
        status = lay_out_recursion(spec, in, &made->sections, &made->recursion, err);
    if (status != LMP_OK) {
        filter_close(made, budget);
        return status;
    }
    *shared = made;
    return LMP_OK;
}

void filter_close(void *shared, lmp_budget *budget)
{
    filter_shared *s = shared;
    if (!s) return;
    overlap_close(s->fir, budget);
    lmp_give(budget, s);
}

int64_t filter_ready(const void *shared, int64_t n_in, bool ended)
{
    const filter_shared *s = shared;
    if (s->method == FILTER_FIR) return overlap_ready(overlap_get_layout(s->fir), n_in, ended);
    return zero_phase_ready(&s->recursion, n_in, ended);
}

lmp_status filter_lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    const filter_shared *s = shared;
    (void)lane;
    if (s->method == FILTER_FIR) return overlap_lane_open(s->fir, OVERLAP_FILTER, budget, (overlap_lane **)state, err);
    return zero_phase_lane_open(&s->recursion, budget, (zero_phase_lane **)state, err);
}

lmp_status filter_process(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                          int64_t n_out, bool ended, lmp_error *err)
{
    const filter_shared *s = shared;
    (void)n_out;
    (void)err;
    if (s->method == FILTER_FIR)
        overlap_lane_process(s->fir, state, scratch, in, n_in, out, ended);
    else
        zero_phase_lane_process(&s->recursion, s->sections.sections, state, scratch, in, n_in, out, ended);
    return LMP_OK;
}

void filter_lane_close(const void *shared, void *state, lmp_budget *budget)
{
    const filter_shared *s = shared;
    if (s->method == FILTER_FIR)
        overlap_lane_close(state, budget);
    else
        zero_phase_lane_close(state, budget);
}

void filter_record(const void *shared, lmp_record *record)
{
    const filter_shared *s = shared;
    if (s->method == FILTER_FIR)
        lmp_record_number(record, "taps", (double)s->n_taps);
    else
        lmp_record_number(record, "sections", (double)s->sections.count);
}
