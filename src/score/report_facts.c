/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_facts.c: what the provenance record tells that a report draws.
 */
#include "score/report_facts.h"

#include "score/metrics.h"
#include "score/provenance.h"

#include <stdlib.h>
#include <string.h>

static void add_name(name_list *list, const char *name, size_t n)
{
    if (list->count == FACTS_MOST_NAMES) return;
    if (n >= FACTS_NAME_BYTES) n = FACTS_NAME_BYTES - 1;
    memcpy(list->names[list->count], name, n);
    list->names[list->count++][n] = '\0';
}

static void load_names(const json_t *step, const char *key, name_list *list)
{
    const json_t *array = json_object_get(step, key);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *name = json_string_value(json_array_get(array, i));
        add_name(list, name != NULL ? name : "?", name != NULL ? strlen(name) : 1);
    }
    for (const char *at = provenance_text(step, key); *at != '\0';) {
        const size_t n = strcspn(at, ",");
        add_name(list, at, n);
        at += n + (at[n] == ',');
    }
}

/* Numbers of a step that are times, on the clock of the recording before processing. */
static double *load_times(const score *s, const char *step, const char *key, int64_t *n)
{
    double *times = provenance_numbers(provenance_step(s->in.record, step), key, n);
    const double start_s = provenance_cropped_s(s->in.record, provenance_find(s->in.record, step));
    for (int64_t i = 0; i < *n; i++) times[i] += start_s;
    return times;
}

/* The label that the step `triggers` was given or found: "label 'S  1'"; malloc'd, NULL if unknown. */
static char *find_label(const score *s)
{
    const int64_t at = provenance_find(s->in.record, "triggers");
    const json_t *given = json_array_get(json_object_get(s->in.record, "parameters"), at < 0 ? 0 : (size_t)at);
    const char *pattern = at < 0 ? "" : provenance_text(given, "pattern");
    if (pattern[0] != '\0' && strcmp(pattern, "auto") != 0) return strdup(pattern);
    const char *source = provenance_text(provenance_step(s->in.record, "triggers"), "source");
    const char *first = strchr(source, '\''), *last = strrchr(source, '\'');
    return first == NULL || last <= first + 1 ? NULL : strndup(first + 1, (size_t)(last - first - 1));
}

static lmp_status load_recorded(const score *s, report_facts *f, lmp_error *err)
{
    char *label = s->in.before != NULL ? find_label(s) : NULL;
    if (label == NULL) return LMP_OK;
    int64_t n_events = 0;
    const lmp_event *events = lmp_recording_get_events(s->in.before, &n_events);
    f->recorded_s = calloc((size_t)n_events + 1, sizeof *f->recorded_s);
    for (int64_t i = 0; i < n_events && f->recorded_s != NULL; i++)
        if (lmp_label_fits(label, events[i].label)) f->recorded_s[f->n_recorded++] = events[i].onset_s;
    free(label);
    if (f->recorded_s == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a report");
    return LMP_OK;
}

static void count_status(report_facts *f)
{
    for (int64_t i = 0; i < f->n_status; i++) {
        const double status = f->status[i];
        if (status >= 0 && status < (double)f->status_names.count) f->status_counts[(int64_t)status]++;
    }
}

/* A template that does not have as many values as it says is not drawn. */
static void load_templates(const json_t *gradient, report_facts *f)
{
    int64_t n = 0;
    const double length = provenance_number(gradient, "template_length");
    f->templates = provenance_numbers(gradient, "template_uv", &n);
    f->template_rate_hz = provenance_number(gradient, "template_rate_hz");
    load_names(gradient, "template_channel", &f->template_names);
    f->template_length = length >= 2 && length < 1e9 ? (int64_t)length : 0;
    if (f->template_names.count * f->template_length > n || !(f->template_rate_hz > 0)) f->template_length = 0;
}

lmp_status report_facts_load(const score *s, report_facts *f, lmp_error *err)
{
    const json_t *gradient = provenance_step(s->in.record, "gradient");
    *f = (report_facts){0};
    f->added_s = load_times(s, "complete-triggers", "added_s", &f->n_added);
    f->removed_s = load_times(s, "complete-triggers", "removed_s", &f->n_removed);
    f->onset_s = load_times(s, "gradient", "onset_s", &f->n_onsets);
    f->status = provenance_numbers(gradient, "status", &f->n_status);
    f->gain = provenance_numbers(gradient, "gain", &f->n_gain);
    load_names(gradient, "status_names", &f->status_names);
    if (f->n_status != f->n_onsets) f->n_status = 0;
    if (f->n_gain != f->n_onsets) f->n_gain = 0;
    count_status(f);
    load_templates(gradient, f);
    return load_recorded(s, f, err);
}

void report_facts_clear(report_facts *f)
{
    free(f->recorded_s);
    free(f->added_s);
    free(f->removed_s);
    free(f->onset_s);
    free(f->status);
    free(f->gain);
    free(f->templates);
    *f = (report_facts){0};
}

int64_t report_facts_flagged(const report_facts *f)
{
    return f->n_status == 0 || f->status_names.count == 0 ? -1 : f->n_status - f->status_counts[0];
}
