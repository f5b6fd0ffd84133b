/* SPDX-License-Identifier: BSD-3-Clause
 *
 * annotate.c: add events to a recording: stretches and times that are given, or those of a file.
 */
#include "signal/marked_ranges.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct annotate_params {
    const char *ranges, *label, *file;
} annotate_params;

static const lmp_param params_table[] = {
    {"ranges", LMP_PARAM_TEXT, offsetof(annotate_params, ranges), "", 0, 0, "s", NULL,
     "Stretches and times in seconds from the start, as in 12.5-14,20-21,33 or 60- (to the end)."},
    {"label", LMP_PARAM_TEXT, offsetof(annotate_params, label), "BAD_segment", 0, 0, "", NULL,
     "Label of the events that ranges makes."},
    {"file", LMP_PARAM_FILE, offsetof(annotate_params, file), "", 0, 0, "", NULL,
     "A BIDS events.tsv instead of ranges; trial_type is the label."},
    {.name = NULL},
};

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for events");
}

static lmp_status check_params(const annotate_params *p, const lmp_stream *in, lmp_error *err)
{
    const bool has_ranges = p->ranges[0] != '\0', has_file = p->file[0] != '\0';
    if (!(in->format.rate_hz > 0.0)) return lmp_fail(err, LMP_ERR_INPUT, "annotate needs the sample rate: give --rate");
    if (has_ranges && has_file)
        return lmp_fail(err, LMP_ERR_USAGE, "annotate: give ranges=%.40s or file=%s, not both", p->ranges, p->file);
    if (!has_ranges && !has_file)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "annotate: give ranges, as in ranges=12.5-14,20-21, or file, a BIDS events.tsv");
    if (has_ranges && p->label[0] == '\0')
        return lmp_fail(err, LMP_ERR_USAGE, "annotate: the label is empty: give one, as in label=BAD_segment");
    return LMP_OK;
}

/* Adds to the events that leave the step. */
static lmp_status add_events(lmp_stream *out, const lmp_event *added, int64_t count, lmp_error *err)
{
    lmp_event *all = calloc((size_t)(out->n_events + count) + 1, sizeof *all);
    if (all == NULL) return no_memory(err);
    if (out->n_events > 0) memcpy(all, out->events, (size_t)out->n_events * sizeof *all);
    if (count > 0) memcpy(all + out->n_events, added, (size_t)count * sizeof *all);
    const lmp_status status = lmp_stream_set_events(out, all, out->n_events + count, err);
    free(all);
    return status;
}

static lmp_status add_ranges(const annotate_params *p, const lmp_stream *in, lmp_stream *out, lmp_error *err)
{
    lmp_time_range *ranges = NULL;
    int64_t n = 0;
    lmp_status status = marked_ranges_parse("annotate", p->ranges, in, &ranges, &n, err);
    if (status != LMP_OK) return status;
    lmp_event *events = calloc((size_t)n + 1, sizeof *events);
    for (int64_t i = 0; i < n && events != NULL; i++)
        events[i] = (lmp_event){
            .onset_s = ranges[i].first_s, .duration_s = ranges[i].last_s - ranges[i].first_s, .label = p->label};
    status = events != NULL ? add_events(out, events, n, err) : no_memory(err);
    free(events);
    free(ranges);
    return status;
}

static lmp_status add_file(const annotate_params *p, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const lmp_event *events = NULL;
    int64_t n = 0;
    lmp_status status = lmp_plan_read_events(plan, p->file, &events, &n, err);
    for (int64_t i = 0; i < n && status == LMP_OK; i++) {
        const lmp_time_range range = {events[i].onset_s, events[i].onset_s + events[i].duration_s};
        status = marked_ranges_check("annotate", &range, in, err);
    }
    return status == LMP_OK ? add_events(&plan->out, events, n, err) : status;
}

static lmp_status plan_annotate(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const annotate_params *p = params;
    const lmp_status status = check_params(p, in, err);
    if (status != LMP_OK) return status;
    return p->file[0] != '\0' ? add_file(p, in, plan, err) : add_ranges(p, in, &plan->out, err);
}

const lmp_step lmp_step_annotate = {
    .struct_size = sizeof(lmp_step),
    .name = "annotate",
    .summary = "Add events: stretches to leave out or to erase, or those of a file.",
    .doc = "Data stay as they are. Each entry of `ranges` becomes an event with the label `label`: a stretch `12.5-14` "
           "with its duration, a time alone (`33`) without one. `file` adds the events of a BIDS `events.tsv`: onset, "
           "duration, label (`trial_type`, else `value`), code (`value`). What the recording had stays.\n\n"
           "Steps behind it take note of such events: `gradient` leaves epochs out of its templates that a stretch "
           "whose label begins with `BAD` overlaps, `erase` replaces the samples of stretches labelled `BAD_erase`. "
           "MNE-Python leaves out segments whose label begins with `bad` or `BAD`. Formats that keep events keep "
           "these, too.\n\n"
           "    limpid run IN.edf annotate 12.5-14,20-21 ! triggers ! complete-triggers ! align ! highpass hz=1 ! "
           "gradient ! write OUT.bdf\n"
           "    limpid run IN.edf annotate file=marks_events.tsv ! erase ! write OUT.bdf\n\n"
           "Times count from the first sample that reaches the step: put it before a `crop` that takes the beginning "
           "away, or count from there. What does not lie inside the recording is refused.\n",
    .known_as = "raw.set_annotations (MNE)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_NONE,
    .params = params_table,
    .params_size = sizeof(annotate_params),
    .plan = plan_annotate,
};
