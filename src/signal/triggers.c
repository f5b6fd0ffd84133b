/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step triggers: finds when the scanner began each slice or volume, and marks it with events that the steps behind
 * it understand.
 *
 * Three sources: events of the recording chosen by label, codes of a stim channel (which takes a learning pass over
 * that channel), or times given by hand. plan() and open() both resolve the source from the parameters and the stream,
 * so that nothing needs to be carried between them.
 */
#include "signal/trigger_codes.h"
#include "signal/trigger_events.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct triggers_params {
    const char *pattern, *channel;
    lmp_numbers code;
    int64_t mask, count;
    double period_s, first_s, last_s, offset_s;
} triggers_params;

#define AT(field) offsetof(triggers_params, field)

static const lmp_param params_table[] = {
    {"pattern", LMP_PARAM_TEXT, AT(pattern), "auto", 0, 0, "", NULL,
     "Label of the scanner's events: exact, with * and ?, or a /regular expression/; auto: the most regular label."},
    {"channel", LMP_PARAM_TEXT, AT(channel), "", 0, 0, "", NULL,
     "Stim channel that holds trigger codes, instead of events."},
    {"code", LMP_PARAM_NUMBERS, AT(code), "", 0, 9e15, "", NULL,
     "Codes of the channel that count, as in 1,2; none: the code that repeats most regularly, or all if none does."},
    {"mask", LMP_PARAM_INTEGER, AT(mask), "65535", 1, 9e15, "", NULL,
     "Bits of the channel's values that hold the code; BioSemi's Status channel has them in the low 16."},
    {"period-s", LMP_PARAM_NUMBER, AT(period_s), "auto", 1e-6, 1e6, "s", "auto",
     "Distance of triggers that are given by hand, with first-s, instead of events."},
    {"first-s", LMP_PARAM_NUMBER, AT(first_s), "auto", 0, 1e9, "s", "auto", "Time of the first trigger by hand."},
    {"last-s", LMP_PARAM_NUMBER, AT(last_s), "auto", 0, 1e9, "s", "auto",
     "Time of the last trigger by hand; auto: the last that leaves a whole period."},
    {"count", LMP_PARAM_INTEGER, AT(count), "auto", 2, 1e9, "", "auto",
     "Number of triggers by hand, instead of last-s."},
    {"offset-s", LMP_PARAM_NUMBER, AT(offset_s), "0", -1e6, 1e6, "s", NULL,
     "Added to all times: where the artifact begins relative to its trigger."},
    {.name = NULL},
};

/* ---- The source ---- */

typedef enum source_kind { FROM_NOTHING, FROM_EVENTS, FROM_CHANNEL, BY_HAND } source_kind;

typedef struct source {
    source_kind kind;  /* FROM_NOTHING: events are pending, so there is nothing to look at yet */
    const char *label; /* FROM_EVENTS: exact label found automatically; NULL: the pattern */
    int64_t lane;      /* FROM_CHANNEL */
} source;

static lmp_status check_hand(const triggers_params *p, lmp_error *err)
{
    bool has_period = !isnan(p->period_s), has_count = p->count != LMP_AUTO_INTEGER;
    if (!has_period && (!isnan(p->first_s) || !isnan(p->last_s) || has_count))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "triggers: first-s, last-s and count are for triggers by hand: give period-s too");
    if (!has_period) return LMP_OK;
    if (strcmp(p->pattern, "auto") != 0 || p->channel[0] != '\0')
        return lmp_fail(err, LMP_ERR_USAGE,
                        "triggers: period-s gives the triggers by hand: leave out pattern and channel");
    if (isnan(p->first_s))
        return lmp_fail(err, LMP_ERR_USAGE, "triggers: period-s=%g needs first-s, the time of the first trigger",
                        p->period_s);
    if (!isnan(p->last_s) && has_count) return lmp_fail(err, LMP_ERR_USAGE, "triggers: give last-s or count, not both");
    return LMP_OK;
}

static lmp_status find_channel(const char *name, const lmp_format *format, int64_t *lane, lmp_error *err)
{
    int64_t fits = 0, stim = -1;
    for (int64_t i = 0; i < format->n_channels; i++) {
        if (format->channels[i].role == LMP_ROLE_STIM && stim < 0) stim = i;
        if (strcmp(format->channels[i].name, name) == 0) {
            *lane = i;
            return LMP_OK;
        }
        if (lmp_channel_chosen(name, format, i) && fits++ == 0) *lane = i;
    }
    if (fits == 1) return LMP_OK;
    if (fits > 1)
        return lmp_fail(err, LMP_ERR_USAGE, "triggers: channel=%s fits %lld channels: name one", name, (long long)fits);
    if (stim >= 0)
        return lmp_fail(err, LMP_ERR_USAGE, "triggers: there is no channel %s; the stim channel here is %s", name,
                        format->channels[stim].name);
    return lmp_fail(err, LMP_ERR_USAGE, "triggers: there is no channel %s: limpid info lists the channels", name);
}

static lmp_status choose_source(const lmp_stream *in, source *s, lmp_error *err)
{
    trigger_choice choice;
    char labels[TRIGGER_EVENTS_TEXT];
    lmp_status status = trigger_lattice_choose_label(in, &choice, err);
    if (status != LMP_OK) return status;
    if (choice.label != NULL) {
        *s = (source){.kind = FROM_EVENTS, .label = choice.label};
        return LMP_OK;
    }
    if (in->events_pending) return LMP_OK;
    for (int64_t i = 0; i < in->format.n_channels; i++) {
        if (in->format.channels[i].role != LMP_ROLE_STIM) continue;
        *s = (source){.kind = FROM_CHANNEL, .lane = i};
        return LMP_OK;
    }
    status = trigger_events_list(in, labels, err);
    if (status != LMP_OK) return status;
    return lmp_fail(err, LMP_ERR_INPUT,
                    "triggers: no label repeats at a regular distance, ten times or more (%s), and there is no stim "
                    "channel: name the scanner's label with pattern=, or give period-s= and first-s=",
                    labels);
}

static lmp_status resolve(const triggers_params *p, const lmp_stream *in, source *s, lmp_error *err)
{
    *s = (source){.kind = FROM_NOTHING};
    if (!(in->format.rate_hz > 0.0)) return lmp_fail(err, LMP_ERR_INPUT, "triggers needs the sample rate: give --rate");
    lmp_status status = check_hand(p, err);
    if (status != LMP_OK) return status;
    if (!isnan(p->period_s)) {
        s->kind = BY_HAND;
        return LMP_OK;
    }
    if (p->channel[0] != '\0') {
        if (strcmp(p->pattern, "auto") != 0)
            return lmp_fail(err, LMP_ERR_USAGE, "triggers: give pattern=%s or channel=%s, not both", p->pattern,
                            p->channel);
        s->kind = FROM_CHANNEL;
        return find_channel(p->channel, &in->format, &s->lane, err);
    }
    if (strcmp(p->pattern, "auto") == 0) return choose_source(in, s, err);
    s->kind = FROM_EVENTS;
    return LMP_OK;
}

/* ---- Times, in samples ---- */

typedef struct time_list {
    double *times;
    int64_t n, n_outside;
} time_list;

static lmp_status take_list(int64_t most, time_list *list, lmp_error *err)
{
    *list = (time_list){.times = malloc(((size_t)most + 1) * sizeof(double))};
    return list->times != NULL ? LMP_OK : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for triggers");
}

static lmp_status list_events(const triggers_params *p, const source *s, const lmp_stream *in, time_list *list,
                              lmp_error *err)
{
    lmp_status status = take_list(in->n_events, list, err);
    for (int64_t i = 0; i < in->n_events && status == LMP_OK; i++) {
        const lmp_event *e = &in->events[i];
        bool fits = s->label != NULL ? strcmp(s->label, e->label) == 0 : lmp_label_fits(p->pattern, e->label);
        if (fits && isfinite(e->onset_s)) list->times[list->n++] = e->onset_s * in->format.rate_hz;
    }
    return status;
}

static lmp_status list_by_hand(const triggers_params *p, const lmp_stream *in, time_list *list, lmp_error *err)
{
    const double whole = 1e-6; /* of a period: a last-s that is given exactly is not lost to rounding */
    double rate_hz = in->format.rate_hz, duration_s = (double)in->format.n_times / rate_hz;
    double most = (double)in->format.n_times / 2.0, n;
    if (p->period_s * rate_hz < 2.0)
        return lmp_fail(err, LMP_ERR_USAGE, "triggers: period-s=%g is less than two samples at %g Hz", p->period_s,
                        rate_hz);
    if (p->first_s >= duration_s)
        return lmp_fail(err, LMP_ERR_USAGE, "triggers: first-s=%g is behind the end of the recording at %g s",
                        p->first_s, duration_s);
    if (p->count != LMP_AUTO_INTEGER)
        n = (double)p->count;
    else if (!isnan(p->last_s))
        n = floor((p->last_s - p->first_s) / p->period_s + whole) + 1.0;
    else
        n = floor((duration_s - p->first_s) / p->period_s + whole);
    n = fmin(fmax(n, 0.0), most);
    lmp_status status = take_list((int64_t)n, list, err);
    if (status != LMP_OK) return status;
    for (list->n = 0; list->n < (int64_t)n; list->n++)
        list->times[list->n] = (p->first_s + (double)list->n * p->period_s) * rate_hz;
    return LMP_OK;
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Shifts, sorts, drops doubles and what lies outside the recording. */
static void tidy(time_list *list, const triggers_params *p, const lmp_format *format)
{
    int64_t n = 0;
    qsort(list->times, (size_t)list->n, sizeof(double), compare_times);
    for (int64_t i = 0; i < list->n; i++) {
        double time = list->times[i] + p->offset_s * format->rate_hz;
        if (!(time >= 0.0 && time < (double)format->n_times))
            list->n_outside++;
        else if (n == 0 || time > list->times[n - 1])
            list->times[n++] = time;
    }
    list->n = n;
}

/* Says what was looked for in the sentence about too few triggers: "label 'S  1'", "channel Status". */
static void describe(const triggers_params *p, const source *s, const lmp_format *format, char text[80])
{
    if (s->kind == BY_HAND)
        snprintf(text, 80, "period-s=%g", p->period_s);
    else if (s->kind == FROM_CHANNEL)
        snprintf(text, 80, "channel %.60s", format->channels[s->lane].name);
    else
        snprintf(text, 80, "label '%.60s'", s->label != NULL ? s->label : p->pattern);
}

static lmp_status check_list(const time_list *list, const triggers_params *p, const source *s, const lmp_stream *in,
                             lmp_error *err)
{
    char what[80], labels[TRIGGER_EVENTS_TEXT];
    double duration_s = (double)in->format.n_times / in->format.rate_hz;
    if (list->n >= 2 || (in->events_pending && s->kind == FROM_EVENTS)) return LMP_OK;
    describe(p, s, &in->format, what);
    if (list->n == 1)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "triggers: %s gives one trigger inside the recording, at least two are needed", what);
    if (list->n_outside > 0)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "triggers: all %lld triggers of %s lie outside the recording of %g s: check offset-s, and that "
                        "the events belong to this recording",
                        (long long)list->n_outside, what, duration_s);
    if (s->kind != FROM_EVENTS) return lmp_fail(err, LMP_ERR_INPUT, "triggers: %s gives no triggers", what);
    lmp_status status = trigger_events_list(in, labels, err);
    if (status != LMP_OK) return status;
    return lmp_fail(err, LMP_ERR_INPUT, "triggers: no event has the %s; the labels are %s", what, labels);
}

/* ---- The step ---- */

typedef struct triggers_state {
    const triggers_params *params;
    const lmp_stream *in; /* outlives the state */
    source source;
    trigger_codes codes;
    char chosen[64]; /* FROM_CHANNEL: which codes */
    double first_s, last_s, period_s;
    int64_t n, n_outside;
} triggers_state;

static lmp_status plan_triggers(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const triggers_params *p = params;
    source s;
    time_list list = {0};
    lmp_status status = resolve(p, in, &s, err);
    if (status != LMP_OK || s.kind == FROM_NOTHING) return status;
    if (s.kind == FROM_CHANNEL) {
        plan->learn_lane = lmp_plan_flags(plan, in->format.n_channels);
        if (plan->learn_lane == NULL)
            return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
        plan->learn_lane[s.lane] = true;
        plan->learn_passes = 1;
        plan->learn_bytes = trigger_codes_bytes(in->format.n_times);
        plan->out.events_pending = true;
        return LMP_OK;
    }
    status = s.kind == BY_HAND ? list_by_hand(p, in, &list, err) : list_events(p, &s, in, &list, err);
    if (status == LMP_OK) {
        tidy(&list, p, &in->format);
        status = check_list(&list, p, &s, in, err);
    }
    if (status == LMP_OK && list.n_outside > 0)
        lmp_plan_warn(plan, "triggers: %lld triggers lie outside the recording and are left out",
                      (long long)list.n_outside);
    if (status == LMP_OK) status = trigger_events_put(&plan->out, list.times, list.n, err);
    free(list.times);
    return status;
}

/* Keeps what the record will tell. */
static lmp_status summarise(triggers_state *state, const lmp_stream *out, lmp_error *err)
{
    double *times = NULL;
    int64_t n = 0;
    trigger_lattice lattice = {0};
    lmp_status status = trigger_events_get("triggers", out, &times, &n, err);
    if (status == LMP_OK) status = trigger_lattice_find(times, n, (trigger_tolerance){(double)NAN, 64}, &lattice, err);
    if (status == LMP_OK && n > 0) {
        state->n = n;
        state->first_s = times[0] / out->format.rate_hz;
        state->last_s = times[n - 1] / out->format.rate_hz;
        state->period_s = lattice.period / out->format.rate_hz;
    }
    trigger_lattice_clear(&lattice);
    free(times);
    return status;
}

static void close_triggers(void *shared, lmp_budget *budget)
{
    triggers_state *state = shared;
    (void)budget;
    if (state == NULL) return;
    trigger_codes_clear(&state->codes);
    free(state);
}

static lmp_status open_triggers(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                                void **shared, lmp_error *err)
{
    const triggers_params *p = params;
    triggers_state *state = calloc(1, sizeof *state);
    if (state == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for triggers");
    *state = (triggers_state){.params = p, .in = in, .codes = trigger_codes_new(in->format.n_times, p->mask, budget)};
    lmp_status status = resolve(p, in, &state->source, err);
    if (status == LMP_OK && state->source.kind != FROM_CHANNEL) status = summarise(state, &plan->out, err);
    if (status != LMP_OK) {
        close_triggers(state, budget);
        return status;
    }
    *shared = state;
    return LMP_OK;
}

static lmp_status learn_triggers(void *shared, int64_t lane, int64_t first, const void *in, int64_t n_in,
                                 lmp_error *err)
{
    triggers_state *state = shared;
    return trigger_codes_add(&state->codes, first, in, n_in, "triggers", state->in->format.channels[lane].name, err);
}

static lmp_status learned_triggers(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    triggers_state *state = shared;
    const lmp_format *format = &state->in->format;
    time_list list = {0};
    (void)pass;
    lmp_status status =
        trigger_codes_choose(&state->codes, state->params->code, format->rate_hz, "triggers",
                             format->channels[state->source.lane].name, &list.times, &list.n, state->chosen, err);
    trigger_codes_clear(&state->codes);
    if (status != LMP_OK) return status;
    tidy(&list, state->params, format);
    state->n_outside = list.n_outside;
    status = check_list(&list, state->params, &state->source, state->in, err);
    if (status == LMP_OK) status = trigger_events_put(out, list.times, list.n, err);
    if (status == LMP_OK) status = summarise(state, out, err);
    free(list.times);
    return status;
}

static void record_triggers(const void *shared, lmp_record *record)
{
    const triggers_state *state = shared;
    char what[80];
    if (state == NULL || state->source.kind == FROM_NOTHING) return;
    describe(state->params, &state->source, &state->in->format, what);
    lmp_record_text(record, "source", "%s%s%s", what, state->chosen[0] != '\0' ? ", " : "", state->chosen);
    lmp_record_number(record, "triggers", (double)state->n);
    lmp_record_number(record, "period_s", state->period_s);
    lmp_record_number(record, "first_s", state->first_s);
    lmp_record_number(record, "last_s", state->last_s);
    if (state->n_outside > 0)
        lmp_record_warn(record, "triggers: %lld triggers lie outside the recording and are left out",
                        (long long)state->n_outside);
}

const lmp_step lmp_step_triggers = {
    .struct_size = sizeof(lmp_step),
    .name = "triggers",
    .summary = "Finds the scanner's triggers: among events, in a stim channel, or by hand.",
    .doc = "Marks every start of a slice or volume with an event labelled `" TRIGGER_LABEL "`. The steps behind it "
           "(`complete-triggers`, `slice-triggers`, `align`, `gradient`) work on those; the recording's own events "
           "stay as they are. Times are kept as fractions of a sample.\n\n"
           "**Events**: `pattern` names the label: exactly (`pattern='S  1'`), with `*` and `?`, or as a regular "
           "expression between slashes (`pattern='/^R12[89]$/'`). BrainVision labels also match by what follows the "
           "slash (`R128` for `Response/R128`); its comments are labels without a type, and match `Comment/...` too. "
           "`limpid info` lists the labels.\n\n"
           "With `pattern=auto` the label is chosen whose events look most like a scanner's: at least ten, and four "
           "of five distances equal to one period, within 2 samples and 100 ppm, or, if no label is that regular, "
           "within 0.5 %. Among several, known names of scanner triggers (R128, scan, volume, slice, fMRI) come "
           "first, then the more numerous label, and of labels that are about equally numerous the more regular one. "
           "Heartbeats, responses and stimuli are not that regular; amplifier sync marks and segment marks are never "
           "taken. If no label fits, the stim channel is used, if there is one.\n\n"
           "**Stim channel**: with `channel`, a trigger is where the value changes to a code other than 0; its time "
           "is the first sample of the new code. `code` lists the codes that count.\n\n"
           "**By hand**: `period-s` and `first-s` place triggers at `first + k period` up to `last-s`, or `count` of "
           "them, or to the end of the recording.\n\n"
           "`offset-s` shifts all triggers, for artifacts that begin before or after their trigger (FACETpy's "
           "artifact_to_trigger_offset). `gradient` needs none: its epochs follow each other without holes wherever "
           "they begin.\n\n"
           "**Limits**: events that coincide become one trigger. A scanner that sends triggers for volumes and slices "
           "under one label has to be told apart by `code` or by hand. Needs at least two triggers.\n",
    .known_as = "TriggerDetector, TriggerExplorer (FACETpy), events_from_annotations, find_events (MNE)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_NONE,
    .params = params_table,
    .params_size = sizeof(triggers_params),
    .plan = plan_triggers,
    .open = open_triggers,
    .learn = learn_triggers,
    .learned = learned_triggers,
    .record = record_triggers,
    .close = close_triggers,
};
