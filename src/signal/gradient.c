/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step gradient: takes the artifact of the scanner's gradients out of EEG, by subtracting from each epoch a
 * template made from the epochs around it.
 *
 *   epochs.c               which samples belong to which epoch
 *   gradient_model.c       sizes, and how far the work on an epoch has to look ahead
 *   gradient_lane.c        the flow of one lane, with
 *     gradient_reference.c   the reference that gains are relative to
 *     gradient_gain.c        gains, judgement, smoothing
 *     gradient_template.c    windows, changes of shape
 *     gradient_slices.c      averaging over slices inside volumes
 *   gradient_learn.c       choosing windows from the beginning of the first scan, with
 *     gradient_slice_search.c  finding slices
 *   gradient_results.c     what goes into the record
 *   gradient_doc.c         the help page
 *
 * This file turns parameters into a list of what may be chosen, and connects the parts with the engine.
 */
#include "signal/gradient_doc.h"
#include "signal/gradient_lane.h"
#include "signal/gradient_learn.h"
#include "signal/gradient_results.h"
#include "signal/gradient_slice_search.h"

#include "signal/channels.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum weighting { WEIGHTING_AUTO, WEIGHTING_EXPONENTIAL, WEIGHTING_HANN, WEIGHTING_BOXCAR } weighting;
typedef enum mode { MODE_SLIDING, MODE_BLOCK } mode;
typedef enum gain_mode { GAIN_SMOOTHED, GAIN_OFF } gain_mode;

typedef struct gradient_params {
    int64_t window, weighting, mode;
    double position;
    int64_t gain, smoothing;
    double energy_threshold, correlation_threshold;
    int64_t slices;
    const char *channels, *skip;
} gradient_params;

static const lmp_param params_table[] = {
    {"window", LMP_PARAM_INTEGER, offsetof(gradient_params, window), "auto", 4, 100000, "epochs", "auto",
     "Epochs that a template is made from (exponential: after so many it forgets); auto: as many as suit the scan."},
    {"weighting", LMP_PARAM_CHOICE, offsetof(gradient_params, weighting), "auto", 0, 0, "",
     "auto|exponential|hann|boxcar",
     "Weights of the epochs in a template: exponential forgets slowly, hann fades out on both sides, boxcar is the "
     "plain "
     "mean; auto: hann if a window is given, else exponential, unless the data speak against it."},
    {"mode", LMP_PARAM_CHOICE, offsetof(gradient_params, mode), "sliding", 0, 0, "", "sliding|block",
     "sliding: a template for each epoch from those around it; block: one template for each window of epochs."},
    {"position", LMP_PARAM_NUMBER, offsetof(gradient_params, position), "0", -1, 1, "", NULL,
     "Where the window lies: -1 before the epoch, 0 around it, 1 after it (hann and boxcar)."},
    {"gain", LMP_PARAM_CHOICE, offsetof(gradient_params, gain), "smoothed", 0, 0, "", "smoothed|off",
     "Whether the template follows changes of the artifact's strength."},
    {"gain-smoothing", LMP_PARAM_INTEGER, offsetof(gradient_params, smoothing), "auto", 1, 1001, "epochs", "auto",
     "Epochs over which the strength is smoothed; auto: found from the data."},
    {"threshold-energy", LMP_PARAM_NUMBER, offsetof(gradient_params, energy_threshold), "8", 1, 1e6, "", NULL,
     "An epoch that differs from its neighbours by more than this many times the usual energy takes no part in "
     "templates."},
    {"threshold-correlation", LMP_PARAM_NUMBER, offsetof(gradient_params, correlation_threshold), "0.5", 0, 1, "", NULL,
     "Nothing is subtracted from an epoch that holds less than this share of the usual artifact."},
    {"slices", LMP_PARAM_INTEGER, offsetof(gradient_params, slices), "auto", 0, 10000, "", "auto",
     "Slices in a volume, whose artifacts are averaged too if they are alike; 0: they are not; auto: found from the "
     "data."},
    {"channels", LMP_PARAM_CHANNELS, offsetof(gradient_params, channels), "data", 0, 0, "", NULL,
     "Channels to correct: names with wildcards, roles, all, or data (all but stim and slow ones)."},
    {"skip", LMP_PARAM_TEXT, offsetof(gradient_params, skip), "BAD*", 0, 0, "", NULL,
     "Label of events with a duration; epochs that they overlap take no part in templates; empty: none."},
    {.name = NULL},
};

typedef struct gradient_shared {
    gradient_model model;
    gradient_options options;
    gradient_results *results;
    gradient_slices *slices;
    gradient_learner *learner;
    int64_t *learn_slot; /* per lane; -1: is not learned from */
    const char **names;  /* per lane */
    lmp_budget *budget;
} gradient_shared;

/* ---- Parameters -------------------------------------------------------------------------------------------------- */

enum { SHORT_LOOK = 60, LONG_LOOK = 60, LEAST_LOOK = 8, BLOCK_EPOCHS = 4, DEFAULT_WINDOW = 30 };

/* A template may wait for so much of the artifact to come ... */
#define LOOK_S 120.0
/* ... and remembers so much of it. */
#define FORGET_S 60.0
/* EEG repeats itself over so long. */
#define NEAR_S 1.0

static int64_t choose_look(const epoch_table *t, bool is_long)
{
    const double epochs = round(LOOK_S * t->rate_hz / t->period);
    if (!is_long) return SHORT_LOOK;
    return epochs > LONG_LOOK ? LONG_LOOK : epochs < LEAST_LOOK ? LEAST_LOOK : (int64_t)epochs;
}

static int64_t choose_forgetting(const epoch_table *t, bool is_long)
{
    const double epochs = FORGET_S * t->rate_hz / t->period;
    return is_long ? 120 : epochs > 240.0 ? (int64_t)epochs : 240;
}

static void add_window(gradient_options *options, const gradient_params *params, gradient_shape shape, int64_t epochs)
{
    options->windows[options->n_windows++] = (gradient_window){
        .shape = shape, .epochs = epochs, .position = params->position, .in_groups = params->mode == MODE_BLOCK};
}

static void add_exponential(gradient_options *options, const gradient_params *params, const epoch_table *t,
                            bool is_long)
{
    const int64_t epochs = params->window == LMP_AUTO_INTEGER ? choose_forgetting(t, is_long) : params->window;
    add_window(options, params, GRADIENT_EXPONENTIAL, epochs);
    options->windows[options->n_windows - 1].look = choose_look(t, is_long);
}

/* The shape of the window is left to the data only where epochs are so long that neighbours share no EEG: else short
 * windows, which fit the EEG of the moment, would look better than they are. */
static void list_windows(gradient_options *options, const gradient_params *params, const epoch_table *t, bool is_long)
{
    const bool is_open = params->window == LMP_AUTO_INTEGER;
    const bool is_telling = t->period >= NEAR_S * t->rate_hz;
    const gradient_shape shape = params->weighting == WEIGHTING_BOXCAR ? GRADIENT_BOXCAR : GRADIENT_HANN;
    if (params->mode == MODE_BLOCK) {
        add_window(options, params, GRADIENT_BOXCAR, is_open ? DEFAULT_WINDOW : params->window);
        return;
    }
    const bool is_exponential = params->weighting == WEIGHTING_EXPONENTIAL ||
                                (params->weighting == WEIGHTING_AUTO && is_open && params->position == 0.0);
    if (is_exponential) add_exponential(options, params, t, is_long);
    if (params->weighting == WEIGHTING_EXPONENTIAL || (is_exponential && !is_telling)) return;
    add_window(options, params, shape, !is_open ? params->window : is_long ? DEFAULT_WINDOW : 2 * DEFAULT_WINDOW);
    if (is_open && is_telling) add_window(options, params, shape, DEFAULT_WINDOW / 2 + 1);
}

static void list_smoothings(gradient_options *options, const gradient_params *params, bool is_long)
{
    static const int64_t few[] = {31, 7, 15, 61}, many[] = {3, 7};
    options->n_smoothings = 1;
    options->smoothings[0] = params->smoothing | 1;
    if (params->gain == GAIN_OFF) {
        options->smoothings[0] = 1;
    } else if (params->smoothing == LMP_AUTO_INTEGER) {
        options->n_smoothings = is_long ? 2 : 4;
        memcpy(options->smoothings, is_long ? many : few, (size_t)options->n_smoothings * sizeof *few);
    }
}

static gradient_options list_options(const gradient_params *params, const epoch_table *t, bool is_long)
{
    gradient_options options = {.use_gain = params->gain == GAIN_SMOOTHED};
    list_windows(&options, params, t, is_long);
    list_smoothings(&options, params, is_long);
    options.find_slices = is_long && (params->slices == LMP_AUTO_INTEGER || params->slices > 1);
    options.wanted_slices = params->slices > 1 ? params->slices : 0;
    return options;
}

static lmp_status check_params(const gradient_params *params, lmp_error *err)
{
    if (params->mode == MODE_BLOCK &&
        (params->weighting == WEIGHTING_EXPONENTIAL || params->weighting == WEIGHTING_HANN))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "gradient: mode=block takes plain means: leave weighting out, or give weighting=boxcar");
    if (params->position != 0.0 && (params->mode == MODE_BLOCK || params->weighting == WEIGHTING_EXPONENTIAL))
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "gradient: position=%g needs a window that slides: give weighting=hann or weighting=boxcar, and "
            "mode=sliding",
            params->position);
    return LMP_OK;
}

/* Short windows need every epoch for itself. */
static int64_t choose_block_epochs(const gradient_params *params, const epoch_table *t)
{
    const bool is_short_window = params->window != LMP_AUTO_INTEGER && params->window < 8 * BLOCK_EPOCHS;
    return t->period > GRADIENT_LONG_S * t->rate_hz || is_short_window ? 1 : BLOCK_EPOCHS;
}

static lmp_status make_model(const gradient_params *params, const lmp_stream *in, lmp_budget *budget,
                             gradient_model *model, gradient_options *options, lmp_error *err)
{
    epoch_table *table = NULL;
    lmp_status status = check_params(params, err);
    if (status == LMP_OK) status = epochs_new("gradient", in, budget, &table, err);
    if (status != LMP_OK) return status;
    status = epochs_skip("gradient", in, params->skip, table, err);
    if (status == LMP_OK) status = gradient_model_divide(model, table, choose_block_epochs(params, table), budget, err);
    if (status != LMP_OK) {
        epochs_free(table, budget);
        return status;
    }
    model->energy_threshold = params->energy_threshold;
    model->correlation_threshold = params->correlation_threshold;
    *options = list_options(params, table, model->is_long);
    const gradient_choice choice = gradient_options_first(options);
    gradient_model_choose(model, &choice);
    return LMP_OK;
}

/* ---- Plan -------------------------------------------------------------------------------------------------------- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The most that any choice needs. Leaves the model with the first. */
static void plan_memory(gradient_model *model, const gradient_options *options, lmp_step_plan *plan)
{
    const gradient_choice first = gradient_options_first(options);
    for (int64_t w = 0; w < options->n_windows; w++)
        for (int64_t s = 0; s < options->n_smoothings; s++) {
            const gradient_choice choice = {options->use_gain, options->smoothings[s], options->windows[w]};
            gradient_model_choose(model, &choice);
            plan->lane_bytes = larger(plan->lane_bytes, gradient_lane_bytes(model));
            plan->scratch_bytes = larger(plan->scratch_bytes, gradient_lane_scratch_bytes(model));
            if (model->room > plan->burst) plan->burst = model->room;
        }
    gradient_model_choose(model, &first);
}

/* Up to LEARN_LANES of the lanes to correct, EEG if there are any, spread evenly. Marks them if `chosen` is not NULL.
 */
static int64_t choose_learn_lanes(const lmp_stream *in, const bool *active, bool *chosen)
{
    int64_t n = 0, n_eeg = 0, n_chosen = 0, seen = 0;
    for (int64_t i = 0; i < in->format.n_channels; i++) {
        n += active[i];
        n_eeg += active[i] && in->format.channels[i].role == LMP_ROLE_EEG;
    }
    const bool any = n_eeg == 0;
    const int64_t from = any ? n : n_eeg, wanted = from < LEARN_LANES ? from : LEARN_LANES;
    for (int64_t i = 0; i < in->format.n_channels; i++) {
        if (!active[i] || (!any && in->format.channels[i].role != LMP_ROLE_EEG)) continue;
        const bool take = seen * wanted / from < (seen + 1) * wanted / from;
        if (chosen != NULL) chosen[i] = take;
        n_chosen += take;
        seen++;
    }
    return n_chosen;
}

static size_t shared_bytes(const gradient_model *model, int64_t n_lanes)
{
    return sizeof(gradient_shared) + gradient_model_bytes(model) + sizeof(delay_table) + gradient_results_bytes(model) +
           gradient_slices_bytes(model) + (size_t)n_lanes * sizeof(int64_t);
}

static lmp_status plan_learning(const gradient_model *model, const gradient_options *options, const lmp_stream *in,
                                lmp_step_plan *plan, lmp_error *err)
{
    if (!gradient_options_need_learning(options)) return LMP_OK;
    plan->learn_lane = lmp_plan_flags(plan, in->format.n_channels);
    if (plan->learn_lane == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
    const int64_t n = choose_learn_lanes(in, plan->lane_active, plan->learn_lane);
    plan->learn_passes = 1;
    plan->learn_count = gradient_learn_count(model);
    plan->learn_bytes = gradient_learn_bytes(model, options, n);
    return LMP_OK;
}

static lmp_status plan_gradient(const void *params_, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const gradient_params *params = params_;
    gradient_model model = {0};
    gradient_options options = {0};
    lmp_error why = {0};
    lmp_status status = channels_activate("gradient", params->channels, in, plan, err);
    if (status != LMP_OK) return status;
    status = make_model(params, in, NULL, &model, &options, &why);
    if (status == LMP_ERR_MEMORY || (status != LMP_OK && !in->events_pending)) {
        if (err != NULL) *err = why;
        return status;
    }
    if (status != LMP_OK) { /* triggers are still to come: planned again then */
        plan->is_identity = true;
        return LMP_OK;
    }
    plan_memory(&model, &options, plan);
    plan->shared_bytes = shared_bytes(&model, in->format.n_channels);
    status = plan_learning(&model, &options, in, plan, err);
    if (params->slices != LMP_AUTO_INTEGER && params->slices > 1 && !model.is_long)
        lmp_plan_warn(plan,
                      "gradient: slices=%lld is not used, because the triggers are %g s apart: they mark slices, "
                      "not volumes",
                      (long long)params->slices, model.table->period / model.table->rate_hz);
    gradient_model_clear(&model, NULL);
    return status;
}

/* ---- Open and learn ------------------------------------------------------------------------------------------------
 */

static void close_gradient(void *shared, lmp_budget *budget)
{
    gradient_shared *g = shared;
    if (g == NULL) return;
    gradient_learn_close(g->learner);
    gradient_slices_free(g->slices, budget);
    gradient_results_close(g->results, budget);
    lmp_give(budget, g->model.delays);
    gradient_model_clear(&g->model, budget);
    lmp_give(budget, g->learn_slot);
    free(g->names);
    lmp_give(budget, g);
}

/* Names of lanes, in one piece. */
static const char **copy_names(const lmp_format *format)
{
    size_t bytes = 0;
    for (int64_t i = 0; i < format->n_channels; i++) bytes += sizeof(char *) + strlen(format->channels[i].name) + 1;
    const char **names = malloc(bytes + 1);
    if (names == NULL) return NULL;
    char *text = (char *)(names + format->n_channels);
    for (int64_t i = 0; i < format->n_channels; i++) {
        names[i] = text;
        text = stpcpy(text, format->channels[i].name) + 1;
    }
    return names;
}

static lmp_status open_learning(gradient_shared *g, const lmp_stream *in, const lmp_step_plan *plan, lmp_error *err)
{
    int64_t n = 0;
    for (int64_t i = 0; i < in->format.n_channels; i++)
        g->learn_slot[i] = plan->learn_lane != NULL && plan->learn_lane[i] ? n++ : -1;
    if (plan->learn_passes == 0) return LMP_OK;
    return gradient_learn_open(&g->model, &g->options, n, g->budget, &g->learner, err);
}

static lmp_status open_gradient(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                                void **shared, lmp_error *err)
{
    gradient_shared *g = NULL;
    lmp_status status = lmp_take(budget, sizeof *g, (void **)&g, err);
    if (status != LMP_OK) return status;
    g->budget = budget;
    status = make_model(params, in, budget, &g->model, &g->options, err);
    if (status != LMP_OK) {
        lmp_give(budget, g);
        return status;
    }
    g->names = copy_names(&in->format);
    if (g->names == NULL) status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for names");
    if (status == LMP_OK) status = lmp_take(budget, sizeof(delay_table), (void **)&g->model.delays, err);
    if (status == LMP_OK) delay_table_fill(g->model.delays);
    if (status == LMP_OK) status = gradient_results_open(&g->model, budget, &g->results, err);
    if (status == LMP_OK)
        status = lmp_take(budget, (size_t)(in->format.n_channels + 1) * sizeof(int64_t), (void **)&g->learn_slot, err);
    if (status == LMP_OK) status = open_learning(g, in, plan, err);
    if (status == LMP_OK)
        *shared = g;
    else
        close_gradient(g, budget);
    return status;
}

static lmp_status learn_gradient(void *shared, int64_t lane, int64_t first, const void *in, int64_t n_in,
                                 lmp_error *err)
{
    gradient_shared *g = shared;
    (void)err;
    if (g->learn_slot[lane] >= 0) gradient_learn_take(g->learner, g->learn_slot[lane], first, in, n_in);
    return LMP_OK;
}

static lmp_status finish_learning(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    gradient_shared *g = shared;
    gradient_choice choice;
    (void)pass, (void)out;
    const lmp_status status = gradient_learn_finish(g->learner, &choice, &g->slices, err);
    if (status != LMP_OK) return status;
    gradient_learn_close(g->learner);
    g->learner = NULL;
    gradient_model_choose(&g->model, &choice);
    g->model.slices = g->slices;
    return LMP_OK;
}

/* ---- Lanes ---------------------------------------------------------------------------------------------------------
 */

static int64_t count_ready(const void *shared, int64_t n_in, bool ended)
{
    const gradient_shared *g = shared;
    return gradient_model_ready(&g->model, n_in, ended);
}

static lmp_status open_lane(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    const gradient_shared *g = shared;
    gradient_lane *made = NULL;
    const lmp_status status = gradient_lane_open(&g->model, lane, budget, &made, err);
    if (status == LMP_OK) *state = made;
    return status;
}

static lmp_status process_lane(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                               int64_t n_out, bool ended, lmp_error *err)
{
    const gradient_shared *g = shared;
    const int64_t given = gradient_lane_process(&g->model, state, scratch, in, n_in, out, ended);
    if (given == n_out) return LMP_OK;
    return lmp_fail(err, LMP_ERR_CHECK, "gradient gave %lld samples instead of %lld", (long long)given,
                    (long long)n_out);
}

static void close_lane(const void *shared, void *state, lmp_budget *budget)
{
    const gradient_shared *g = shared;
    const gradient_report report = gradient_lane_report(state);
    gradient_results_add(g->results, &report);
    gradient_lane_close(state, budget);
}

static void record_gradient(const void *shared, lmp_record *record)
{
    const gradient_shared *g = shared;
    gradient_results_record(g->results, g->names, record);
}

const lmp_step lmp_step_gradient = {
    .struct_size = sizeof(lmp_step),
    .name = "gradient",
    .summary = "Removes the artifact of the scanner's gradients, by templates.",
    .doc = gradient_doc,
    .known_as = gradient_known_as,
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_TIME,
    .params = params_table,
    .params_size = sizeof(gradient_params),
    .plan = plan_gradient,
    .open = open_gradient,
    .learn = learn_gradient,
    .learned = finish_learning,
    .ready = count_ready,
    .lane_open = open_lane,
    .process = process_lane,
    .lane_close = close_lane,
    .record = record_gradient,
    .close = close_gradient,
};
