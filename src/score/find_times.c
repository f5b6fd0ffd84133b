/* SPDX-License-Identifier: BSD-3-Clause
 *
 * find_times.c: when the scanner scanned.
 */
#include "score/find_times.h"

#include "core/plan.h"
#include "score/metrics.h"
#include "score/provenance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Events of limpid's own trigger steps. */
static const char own_label[] = "gradient trigger";

static double whole_s(const score_inputs *in)
{
    return in->before != NULL ? score_duration_s(in->before) : in->result_start_s + score_duration_s(in->result);
}

/* Takes over times that are on the clock of the recording before processing. */
static lmp_status use(score_inputs *in, const double *onset_s, int64_t n, double length_s, const char *from,
                      lmp_error *err)
{
    const lmp_status status = timing_make(onset_s, n, length_s, whole_s(in), &in->times, err);
    if (status != LMP_OK) return status;
    in->has_times = true;
    in->times_from = from;
    return LMP_OK;
}

static lmp_status use_events(score_inputs *in, const lmp_event *events, int64_t n_events, const char *pattern,
                             double start_s, const char *from, lmp_error *err)
{
    double *onset_s = calloc((size_t)n_events + 1, sizeof *onset_s);
    if (onset_s == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the times of triggers");
    int64_t n = 0;
    for (int64_t i = 0; i < n_events; i++)
        if (lmp_label_fits(pattern, events[i].label)) onset_s[n++] = events[i].onset_s + start_s;
    const lmp_status status = use(in, onset_s, n, UNKNOWN, from, err);
    free(onset_s);
    return status;
}

static lmp_status use_recording(score_inputs *in, const lmp_recording *recording, const char *pattern, const char *from,
                                lmp_error *err)
{
    int64_t n = 0;
    const lmp_event *events = lmp_recording_get_events(recording, &n);
    return use_events(in, events, n, pattern, recording == in->result ? in->result_start_s : 0, from, err);
}

/* A label that the user gave must fit something. */
static lmp_status use_pattern(score_inputs *in, const char *pattern, lmp_error *err)
{
    lmp_status status = LMP_ERR_INPUT;
    if (in->before != NULL)
        status = use_recording(in, in->before, pattern, "events of the recording before processing", err);
    if (status != LMP_OK) status = use_recording(in, in->result, pattern, "events of the result", err);
    if (status == LMP_OK) return LMP_OK;
    return lmp_fail(err, LMP_ERR_INPUT, "fewer than two events of %s are labelled %s: limpid info lists the labels",
                    lmp_recording_get_path(in->before != NULL ? in->before : in->result), pattern);
}

/* Slices of a volume, if the chain made or named them. */
static void find_slices(score_inputs *in)
{
    const json_t *step = provenance_step(in->record, "slice-triggers");
    double slices = provenance_number(step, "slices");
    if (!(slices > 0)) slices = provenance_number(step, "slices_per_volume");
    if (!(slices > 0)) slices = provenance_number(provenance_step(in->record, "gradient"), "slices_per_volume");
    if (slices >= 2 && slices <= 10000 && step != NULL) timing_set_slices(&in->times, (int64_t)slices, false);
}

static lmp_status use_record(score_inputs *in, lmp_error *err)
{
    const json_t *step = provenance_step(in->record, "gradient");
    int64_t n = 0;
    double *onset_s = provenance_numbers(step, "onset_s", &n);
    if (onset_s == NULL) return lmp_fail(err, LMP_ERR_INPUT, "the record names no epochs");
    const double start_s = provenance_cropped_s(in->record, provenance_find(in->record, "gradient"));
    for (int64_t i = 0; i < n; i++) onset_s[i] += start_s;
    const lmp_status status = use(in, onset_s, n, provenance_number(step, "length_s"), "the provenance record", err);
    free(onset_s);
    if (status == LMP_OK) find_slices(in);
    return status;
}

/* What limpid would take for triggers, with the pattern of the record or on its own. */
static lmp_status use_step(score_inputs *in, lmp_error *err)
{
    const lmp_recording *recording = in->before != NULL ? in->before : in->result;
    const char *pattern = provenance_text(provenance_step(in->record, "triggers"), "pattern");
    lmp_chain *chain = NULL;
    run_plan *plan = NULL;
    lmp_status status = lmp_chain_new(in->engine, &chain, err);
    if (status == LMP_OK) status = lmp_chain_add(chain, "triggers", err);
    if (status == LMP_OK && pattern[0] != '\0') status = lmp_chain_set(chain, "pattern", pattern, err);
    if (status == LMP_OK) status = plan_new(recording, chain, &plan, err);
    if (status == LMP_OK) {
        const lmp_stream *out = plan_stream(plan, 1);
        status = use_events(in, out->events, out->n_events, own_label, recording == in->result ? in->result_start_s : 0,
                            "events that look like a scanner's triggers", err);
    }
    plan_free(plan);
    lmp_chain_free(chain);
    return status;
}

lmp_status find_times(score_inputs *in, const char *pattern, lmp_error *err)
{
    if (pattern != NULL) return use_pattern(in, pattern, err);
    lmp_error why = {0};
    if (in->record != NULL && use_record(in, &why) == LMP_OK) return LMP_OK;
    if (use_recording(in, in->result, own_label, "triggers in the result", &why) == LMP_OK) return LMP_OK;
    if (use_step(in, &why) == LMP_OK) return LMP_OK;
    score_warn(
        in, "When the scanner scanned is not known (%s), so nothing is said about the scan: name the triggers' label.",
        why.text);
    return LMP_OK;
}
