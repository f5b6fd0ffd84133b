/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The worst status of each epoch over lanes, and the templates of the lanes with the strongest artifacts. Lanes without
 * artifact are counted apart: that nothing was subtracted from them says nothing about an epoch.
 */
#include "signal/gradient_results.h"

#include "os/os.h"
#include "signal/carve.h"
#include "signal/gradient_slices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_LANES = 4 };

/* Above this share of epochs that could not be corrected well there is a warning. */
#define BAD_SHARE 0.05

typedef struct shown_lane {
    int64_t lane; /* -1: none */
    double energy;
    float *shape;
} shown_lane;

struct gradient_results {
    const gradient_model *model;
    os_mutex *lock; /* guards all below */
    int64_t n_lanes, n_without;
    int64_t n_bad; /* unreliable or failed, over epochs and lanes; not those marked as bad */
    uint8_t *worst;
    shown_lane shown[SHOWN_LANES]; /* the strongest first */
    float *gain;                   /* of the strongest */
};

static void carve_results(const gradient_model *model, gradient_results *results, carve *memory)
{
    carve_array(memory, 1, sizeof *results);
    results->worst = carve_array(memory, model->table->n, sizeof *results->worst);
    results->gain = carve_array(memory, model->table->n, sizeof *results->gain);
    for (int i = 0; i < SHOWN_LANES; i++)
        results->shown[i] = (shown_lane){.lane = -1, .shape = carve_array(memory, model->length, sizeof(float))};
}

size_t gradient_results_bytes(const gradient_model *model)
{
    gradient_results results;
    carve count = {0};
    carve_results(model, &results, &count);
    return count.used;
}

lmp_status gradient_results_open(const gradient_model *model, lmp_budget *budget, gradient_results **results,
                                 lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, gradient_results_bytes(model), &memory, err);
    if (status != LMP_OK) return status;
    gradient_results *made = memory;
    carve place = {.memory = memory};
    carve_results(model, made, &place);
    made->model = model;
    made->lock = os_mutex_new();
    if (made->lock == NULL) {
        lmp_give(budget, memory);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a lock");
    }
    *results = made;
    return LMP_OK;
}

void gradient_results_close(gradient_results *results, lmp_budget *budget)
{
    if (results == NULL) return;
    os_mutex_free(results->lock);
    lmp_give(budget, results);
}

/* ---- Gathering ------------------------------------------------------------------------------------------------- */

static bool is_stronger(const shown_lane *a, double energy, int64_t lane)
{
    return a->lane >= 0 && (a->energy > energy || (a->energy == energy && a->lane < lane));
}

/* The strongest lanes, those that come first in the recording if they are equal. */
static void show_lane(gradient_results *results, const gradient_report *report)
{
    int at = 0;
    while (at < SHOWN_LANES && is_stronger(&results->shown[at], report->energy, report->lane)) at++;
    if (at == SHOWN_LANES) return;
    float *room = results->shown[SHOWN_LANES - 1].shape;
    for (int i = SHOWN_LANES - 1; i > at; i--) results->shown[i] = results->shown[i - 1];
    results->shown[at] = (shown_lane){.lane = report->lane, .energy = report->energy, .shape = room};
    memcpy(room, report->shape, (size_t)results->model->length * sizeof *room);
    if (at == 0) memcpy(results->gain, report->gain, (size_t)results->model->table->n * sizeof *results->gain);
}

void gradient_results_add(gradient_results *results, const gradient_report *report)
{
    os_mutex_lock(results->lock);
    results->n_lanes++;
    results->n_without += !report->has_artifact;
    for (int64_t i = 0; i < results->model->table->n && report->has_artifact; i++) {
        if (report->status[i] > results->worst[i]) results->worst[i] = report->status[i];
        results->n_bad += report->status[i] >= GRADIENT_UNRELIABLE && !results->model->table->epochs[i].is_skipped;
    }
    if (report->has_artifact && report->energy > 0.0) show_lane(results, report);
    os_mutex_unlock(results->lock);
}

/* ---- The record ------------------------------------------------------------------------------------------------ */

static const char *const status_names[GRADIENT_STATUSES] = {"corrected", "edge", "watch", "unreliable", "failed"};

/* Writes count numbers, the i-th of which is pick(from, i). */
static void record_list(lmp_record *record, const char *key, double *work, int64_t count,
                        double (*pick)(const gradient_results *, int64_t), const gradient_results *results)
{
    for (int64_t i = 0; i < count; i++) work[i] = pick(results, i);
    lmp_record_numbers(record, key, work, count);
}

static double pick_onset_s(const gradient_results *r, int64_t i)
{
    const scan_epoch *e = &r->model->table->epochs[i];
    return ((double)e->whole + e->fraction) / r->model->table->rate_hz;
}

static double pick_status(const gradient_results *r, int64_t i)
{
    return r->n_without == r->n_lanes ? GRADIENT_FAILED : (double)r->worst[i];
}

static double pick_gain(const gradient_results *r, int64_t i)
{
    return (double)r->gain[i];
}

static double pick_shape(const gradient_results *r, int64_t i)
{
    return (double)r->shown[i / r->model->length].shape[i % r->model->length];
}

static void record_counts(const gradient_results *r, lmp_record *record)
{
    int64_t counts[GRADIENT_STATUSES] = {0};
    for (int64_t i = 0; i < r->model->table->n; i++) counts[(int)pick_status(r, i)]++;
    lmp_record_text(record, "status_names", "%s,%s,%s,%s,%s", status_names[0], status_names[1], status_names[2],
                    status_names[3], status_names[4]);
    for (int i = 0; i < GRADIENT_STATUSES; i++) lmp_record_number(record, status_names[i], (double)counts[i]);
}

static void record_model(const gradient_results *r, lmp_record *record)
{
    const gradient_model *m = r->model;
    const gradient_window *w = &m->choice.window;
    static const char *const shapes[] = {"exponential", "Hann", "boxcar"};
    char window[96], gain[96] = "gain 1", slices[96] = "";
    if (w->shape == GRADIENT_EXPONENTIAL)
        snprintf(window, sizeof window, "%lld epochs to come and all before, forgotten over %lld", (long long)w->look,
                 (long long)w->epochs);
    else
        snprintf(window, sizeof window, "a %s window of %lld epochs%s", shapes[w->shape], (long long)w->epochs,
                 w->in_groups ? ", one template for all" : "");
    if (m->choice.use_gain)
        snprintf(gain, sizeof gain, "gain smoothed over %lld epochs", (long long)m->choice.smoothing);
    if (m->slices != NULL)
        snprintf(slices, sizeof slices, ", averaged over %lld slices in each volume", (long long)m->slices->count);
    lmp_record_text(record, "model", "template from %s%s, %s", window, slices, gain);
    lmp_record_text(record, "weighting", "%s", shapes[w->shape]);
    lmp_record_number(record, "window_epochs", (double)w->epochs);
    lmp_record_number(record, "gain_smoothing_epochs", m->choice.use_gain ? (double)m->choice.smoothing : 0.0);
    if (m->slices == NULL) return;
    lmp_record_number(record, "slices_per_volume", (double)m->slices->count);
    lmp_record_number(record, "slice_period_s", m->slices->period / m->table->rate_hz);
    lmp_record_number(record, "slice_weight", m->slices->weight);
}

static void record_templates(const gradient_results *r, const char *const *names_of, lmp_record *record, double *work)
{
    char names[512] = "";
    size_t used = 0;
    int64_t n = 0;
    for (; n < SHOWN_LANES && r->shown[n].lane >= 0; n++) {
        const int length =
            snprintf(names + used, sizeof names - used, "%s%s", n > 0 ? "," : "", names_of[r->shown[n].lane]);
        if (length < 0 || used + (size_t)length >= sizeof names) break;
        used += (size_t)length;
    }
    if (n == 0) return;
    lmp_record_text(record, "template_channel", "%s", names);
    lmp_record_number(record, "template_length", (double)r->model->length);
    lmp_record_number(record, "template_rate_hz", r->model->table->rate_hz);
    record_list(record, "template_uv", work, n * r->model->length, pick_shape, r);
    record_list(record, "gain", work, r->model->table->n, pick_gain, r);
}

static void warn(const gradient_results *r, lmp_record *record)
{
    const double lanes = (double)(r->n_lanes - r->n_without), all = lanes * (double)r->model->table->n;
    if (r->n_without == r->n_lanes && r->n_lanes > 0)
        lmp_record_warn(record, "gradient found no artifact that repeats with the triggers in any channel: are these "
                                "the right triggers?");
    else if (r->n_without > 0)
        lmp_record_warn(record, "gradient found no artifact in %lld of %lld channels and left them unchanged",
                        (long long)r->n_without, (long long)r->n_lanes);
    if (all > 0.0 && (double)r->n_bad > BAD_SHARE * all)
        lmp_record_warn(record, "%.0f %% of the epochs could not be corrected reliably: see status in the record",
                        100.0 * (double)r->n_bad / all);
    if (r->model->table->n_outside > 0)
        lmp_record_warn(record, "%lld triggers lie outside the recording or too near its end and were not used",
                        (long long)r->model->table->n_outside);
    if (r->model->table->n_dropped > 0)
        lmp_record_warn(record, "%lld triggers come less than half a period after another and were not used",
                        (long long)r->model->table->n_dropped);
}

void gradient_results_record(const gradient_results *results, const char *const *names, lmp_record *record)
{
    const epoch_table *t = results->model->table;
    const int64_t most = t->n > SHOWN_LANES * t->length ? t->n : SHOWN_LANES * t->length;
    double *work = malloc((size_t)most * sizeof *work);
    lmp_record_number(record, "epochs", (double)t->n);
    lmp_record_number(record, "scan_blocks", (double)t->n_scans);
    lmp_record_number(record, "period_s", t->period / t->rate_hz);
    lmp_record_number(record, "length_s", (double)t->length / t->rate_hz);
    lmp_record_number(record, "lanes", (double)results->n_lanes);
    lmp_record_number(record, "lanes_without_artifact", (double)results->n_without);
    if (t->n_skipped > 0) lmp_record_number(record, "skipped", (double)t->n_skipped);
    record_model(results, record);
    record_counts(results, record);
    warn(results, record);
    if (work == NULL) return; /* then the record does without the lists */
    record_list(record, "onset_s", work, t->n, pick_onset_s, results);
    record_list(record, "status", work, t->n, pick_status, results);
    record_templates(results, names, record, work);
    free(work);
}
