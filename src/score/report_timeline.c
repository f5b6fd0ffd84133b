/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_timeline.c: the recording from start to end: the scan, repaired triggers, the status of each epoch.
 */
#include "score/metrics.h"
#include "score/report_figures.h"

/* Epochs nearer than this part of the recording are not told apart. */
#define FINEST 2500

static json_t *add_lane(json_t *figure, const char *label)
{
    json_t *lane = json_object();
    json_object_set_new(lane, "label", json_string(label));
    json_object_set_new(lane, "spans", json_array());
    json_object_set_new(lane, "ticks", json_array());
    return json_array_append_new(json_object_get(figure, "lanes"), lane) == 0 ? lane : NULL;
}

static void add_span(json_t *lane, const char *role, double from, double to, const char *text)
{
    json_t *made = json_object();
    json_object_set_new(made, "role", json_string(role));
    json_object_set_new(made, "from", json_real(from));
    json_object_set_new(made, "to", json_real(to));
    if (text[0] != '\0') json_object_set_new(made, "text", data_string(text));
    json_array_append_new(json_object_get(lane, "spans"), made);
}

static void add_ticks(json_t *lane, const char *role, const char *label, const double *times_s, int64_t n,
                      double total_s)
{
    json_t *ticks = json_object(), *list = json_array();
    json_object_set_new(ticks, "role", json_string(role));
    json_object_set_new(ticks, "label", json_string(label));
    for (int64_t i = 0; i < n; i++)
        if (times_s[i] >= 0 && times_s[i] <= total_s) json_array_append_new(list, json_real(times_s[i]));
    const bool is_empty = json_array_size(list) == 0;
    json_object_set_new(ticks, "x", list);
    if (!is_empty) json_array_append(json_object_get(lane, "ticks"), ticks);
    json_decref(ticks);
}

/* ---- Status of the epochs ---- */

typedef struct status_run {
    double from, to;
    int64_t status;
} status_run;

static const char *status_role(int64_t status)
{
    static const char *const roles[] = {"status0", "status1", "status2", "status3", "status4"};
    return roles[status < 5 ? status : 4];
}

static void add_run(json_t *lane, const report_facts *f, const status_run *run)
{
    if (run->status >= 0)
        add_span(lane, status_role(run->status), run->from, run->to,
                 run->status < f->status_names.count ? f->status_names.names[run->status] : "unknown");
}

/* Epochs that fall on the same place are told with the worst of their status. */
static void add_status(json_t *lane, const score *s, const report_facts *f)
{
    const double total_s = s->in.times.total_s, least_s = total_s / FINEST;
    status_run run = {.status = -1};
    for (int64_t i = 0; i < f->n_status; i++) {
        const double from = f->onset_s[i];
        if (!(f->status[i] >= 0) || !(from >= 0) || from > total_s) continue;
        const int64_t status = (int64_t)fmin(f->status[i], 99);
        const double to = fmin(from + s->in.times.length_s, total_s);
        const bool touches = run.status >= 0 && from <= run.to + least_s / 2,
                   hides = from < run.to && from < run.from + least_s;
        if (touches && (status == run.status || hides)) {
            run.status = status > run.status ? status : run.status;
            run.to = fmax(to, run.to);
            continue;
        }
        add_run(lane, f, &run);
        run = (status_run){.from = from, .to = fmax(to, from + least_s), .status = status};
    }
    add_run(lane, f, &run);
}

static void add_key(json_t *figure, const char *role, const char *label)
{
    json_array_append_new(json_object_get(figure, "key"),
                          json_pack("{s:s,s:o}", "role", role, "label", data_string(label)));
}

static void add_status_key(json_t *figure, const report_facts *f)
{
    for (int64_t i = 0; i < f->status_names.count; i++) {
        char text[FACTS_NAME_BYTES + 24];
        if (f->status_counts[i] == 0) continue;
        snprintf(text, sizeof text, "%s: %lld", f->status_names.names[i], (long long)f->status_counts[i]);
        add_key(figure, status_role(i), text);
    }
}

void figure_timeline(report_data *d, const score *s, const report_facts *f)
{
    const timing *t = &s->in.times;
    if (!s->in.has_times) return;
    json_t *figure = data_part(d, "lanes");
    json_object_set_new(figure, "title",
                        json_string("The recording from start to end: the scan, repaired triggers, and the status of "
                                    "each epoch."));
    json_object_set_new(figure, "x_label", json_string("time, s"));
    json_object_set_new(figure, "lanes", json_array());
    json_object_set_new(figure, "key", json_array());
    figure_range(figure, "x_range", 0, t->total_s);
    add_key(figure, "scan", "scanning");
    json_t *lane = add_lane(figure, "scan");
    for (int64_t b = 0; b < t->n_blocks; b++) add_span(lane, "scan", t->blocks[b].first_s, t->blocks[b].last_s, "");
    if (f->n_added + f->n_removed > 0) {
        lane = add_lane(figure, "repairs");
        add_ticks(lane, "added", "trigger added", f->added_s, f->n_added, t->total_s);
        add_ticks(lane, "removed", "trigger removed", f->removed_s, f->n_removed, t->total_s);
    }
    if (f->n_status > 0) add_status(add_lane(figure, "epochs"), s, f);
    add_status_key(figure, f);
}
