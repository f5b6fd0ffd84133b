/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Learning. Each lane brings its epochs to the grid and keeps them; when the last one is in, it tries the candidates:
 *
 *   smoothing of the gain: how well do the neighbours of an epoch predict its gain?
 *   window of the template: how well do the other blocks predict a block?
 *
 * In both, what is predicted takes no part in the prediction, nor do blocks so near that they share its EEG: a window
 * is preferred for what it removes and not for fitting EEG. The errors of all lanes are added up, in the order of
 * lanes. Then slices are looked for on the mean templates (gradient_slices.c).
 */
#include "signal/gradient_learn.h"

#include "signal/gradient_reference.h"
#include "signal/gradient_slice_search.h"
#include "signal/gradient_template.h"

#include <math.h>
#include <string.h>

#define SHORT_LEARN_S  60.0
#define LONG_LEARN_S   120.0
#define SMOOTHING_WINS 0.98 /* a longer one must be better by this to be preferred */
#define WINDOW_WINS    0.995
#define NEAR_S         1.0   /* EEG repeats itself over so long: what is so near must not predict */
#define LEAST_FAR      0.1   /* of a window's weights, to judge it */
#define SMOOTH_HZ      250.0 /* errors count after a running mean over 1/250 s, which passes EEG */

/* Epochs and blocks to learn from: of one section. */
typedef struct learn_span {
    int64_t first, end, first_block, end_block;
} learn_span;

typedef struct learn_lane {
    int64_t n_in;
    sample_ring samples;
    float *epochs; /* on the grid, in order; later, in their place, the sums of blocks */
    bool *is_finite;
    int64_t n_epochs;
    gain_reference reference;
    gain_track gains;
    template_track template;
    float *window, *epoch;
    double *scratch; /* for everything that comes and goes */

    bool is_usable;
    double smoothing_error[LEARN_SMOOTHINGS], window_error[LEARN_WINDOWS];
    float *mean, *noise; /* of all blocks: the template, and half of odd minus even */
} learn_lane;

struct gradient_learner {
    const gradient_model *model;
    gradient_options options;
    learn_span span;
    lmp_budget *budget;
    int64_t n_lanes;
    learn_lane lanes[LEARN_LANES];
};

/* ---- What to learn from -------------------------------------------------------------------------------------- */

gradient_choice gradient_options_first(const gradient_options *options)
{
    return (gradient_choice){
        .use_gain = options->use_gain, .smoothing = options->smoothings[0], .window = options->windows[0]};
}

bool gradient_options_need_learning(const gradient_options *options)
{
    return (options->use_gain && options->n_smoothings > 1) || options->n_windows > 1 || options->find_slices;
}

/* The first section that is long enough for a reference, else the longest. */
static const gradient_section *choose_section(const gradient_model *model)
{
    const gradient_section *best = &model->sections[0];
    for (int64_t q = 0; q < model->n_sections; q++) {
        const gradient_section *s = &model->sections[q];
        if (s->end - s->first >= model->reference_epochs) return s;
        if (s->end - s->first > best->end - best->first) best = s;
    }
    return best;
}

static learn_span find_span(const gradient_model *model)
{
    const gradient_section *section = choose_section(model);
    const epoch_table *t = model->table;
    const double seconds = model->is_long ? LONG_LEARN_S : SHORT_LEARN_S;
    const int64_t limit = t->epochs[section->first].whole + (int64_t)(seconds * t->rate_hz);
    learn_span span = {.first = section->first, .first_block = section->first_block};
    span.end_block = span.first_block + 1;
    while (span.end_block < section->end_block && epochs_need(t, model->blocks[span.end_block].end - 1) <= limit)
        span.end_block++;
    span.end = model->blocks[span.end_block - 1].end;
    return span;
}

int64_t gradient_learn_count(const gradient_model *model)
{
    return epochs_need(model->table, find_span(model).end - 1);
}

/* ---- Memory ---------------------------------------------------------------------------------------------------- */

/* The model with another choice. */
static gradient_model with_choice(const gradient_learner *learner, int64_t smoothing, int64_t window)
{
    gradient_model model = *learner->model;
    gradient_choice choice = gradient_options_first(&learner->options);
    choice.smoothing = learner->options.smoothings[smoothing];
    choice.window = learner->options.windows[window];
    gradient_model_choose(&model, &choice);
    return model;
}

static void carve_lane(const gradient_learner *learner, learn_lane *lane, carve *memory)
{
    const gradient_model *model = learner->model;
    const int64_t n = learner->span.end - learner->span.first, width = model->width;
    int64_t most = 0;
    for (int64_t i = 1; i < learner->options.n_smoothings; i++)
        if (learner->options.smoothings[i] > learner->options.smoothings[most]) most = i;
    const gradient_model widest = with_choice(learner, most, 0);
    sample_ring_carve(&lane->samples, model->length + EPOCH_NEEDS_AFTER + EPOCH_NEEDS_BEFORE + 8, memory);
    lane->epochs = carve_array(memory, n * width, sizeof(float));
    lane->is_finite = carve_array(memory, n, sizeof(bool));
    lane->reference.shape = carve_array(memory, width, sizeof(float));
    gain_track_carve(&lane->gains, &widest, n, memory);
    lane->window = carve_array(memory, gradient_grid_window(model), sizeof(float));
    lane->epoch = carve_array(memory, width, sizeof(float));
    lane->scratch = carve_array(memory, 1, gradient_reference_scratch(model)); /* at least 2 width doubles */
    lane->mean = carve_array(memory, width, sizeof(float));
    lane->noise = carve_array(memory, width, sizeof(float));
    template_track_carve_around(&lane->template, model, lane->epochs,
                                learner->span.end_block - learner->span.first_block, memory);
}

static size_t lane_bytes(const gradient_learner *learner)
{
    learn_lane lane;
    carve count = {0};
    carve_lane(learner, &lane, &count);
    return count.used;
}

size_t gradient_learn_bytes(const gradient_model *model, const gradient_options *options, int64_t n_lanes)
{
    const gradient_learner learner = {.model = model, .options = *options, .span = find_span(model)};
    const size_t slices = options->find_slices ? gradient_slices_find_bytes(model) : 0;
    return sizeof learner + (size_t)n_lanes * lane_bytes(&learner) + slices;
}

lmp_status gradient_learn_open(const gradient_model *model, const gradient_options *options, int64_t n_lanes,
                               lmp_budget *budget, gradient_learner **learner, lmp_error *err)
{
    gradient_learner *made = NULL;
    lmp_status status = lmp_take(budget, sizeof *made, (void **)&made, err);
    if (status != LMP_OK) return status;
    *made = (gradient_learner){.model = model, .options = *options, .span = find_span(model), .budget = budget};
    for (; made->n_lanes < n_lanes && status == LMP_OK; made->n_lanes++) {
        void *memory = NULL;
        status = lmp_take(budget, lane_bytes(made), &memory, err);
        if (status != LMP_OK) break;
        carve place = {.memory = memory};
        carve_lane(made, &made->lanes[made->n_lanes], &place);
    }
    if (status == LMP_OK)
        *learner = made;
    else
        gradient_learn_close(made);
    return status;
}

void gradient_learn_close(gradient_learner *learner)
{
    if (learner == NULL) return;
    for (int64_t i = 0; i < learner->n_lanes; i++) lmp_give(learner->budget, learner->lanes[i].samples.values);
    lmp_give(learner->budget, learner);
}

/* ---- A lane's epochs --------------------------------------------------------------------------------------------- */

static float *epoch_at(const gradient_learner *learner, const learn_lane *lane, int64_t i)
{
    return lane->epochs + i * learner->model->width;
}

static void keep_epoch(const gradient_learner *learner, learn_lane *lane)
{
    const int64_t i = lane->n_epochs++;
    lane->is_finite[i] = gradient_grid_epoch(learner->model, &lane->samples, learner->span.first + i, lane->window,
                                             epoch_at(learner, lane, i));
}

typedef struct kept_source {
    const gradient_learner *learner;
    const learn_lane *lane;
} kept_source;

static bool fetch_kept(const void *from, int64_t i, float *out)
{
    const kept_source *s = from;
    const int64_t at = i - s->learner->span.first;
    if (!s->lane->is_finite[at]) return false;
    memcpy(out, epoch_at(s->learner, s->lane, at), (size_t)s->learner->model->width * sizeof *out);
    return true;
}

/* ---- Smoothing of the gain ------------------------------------------------------------------------------------- */

/* Judges and smooths all epochs anew, with the smoothing of this model. */
static void smooth_all(const gradient_learner *learner, learn_lane *lane, const gradient_model *model)
{
    gain_track_begin(&lane->gains, model, learner->span.first, learner->span.end, true);
    lane->gains.fitted = learner->span.end;
    gain_track_advance(&lane->gains, model, &lane->reference);
}

static void fit_all(const gradient_learner *learner, learn_lane *lane, epoch_source source)
{
    for (int64_t i = learner->span.first; i < learner->span.end; i++) {
        gain_fit fit = {0};
        const bool is_finite = source.fetch(source.from, i, lane->epoch) &&
                               gradient_reference_fit(learner->model, &lane->reference, lane->epoch, &fit);
        *gain_track_at(&lane->gains, i) = (gain_entry){.fit = fit, .is_finite = is_finite};
    }
}

/* Mean square error of gains predicted from their neighbours under a Hann window. */
static double prediction_error(const gradient_learner *learner, const learn_lane *lane, int64_t smoothing)
{
    double error = 0.0;
    int64_t n = 0;
    for (int64_t i = learner->span.first; i < learner->span.end; i++) {
        const gain_entry *entry = gain_track_at(&lane->gains, i);
        double sum = 0.0, weights = 0.0;
        for (int64_t k = -(smoothing / 2); k <= smoothing / 2 && entry->is_valid; k++) {
            if (k == 0 || i + k < learner->span.first || i + k >= learner->span.end) continue;
            const gain_entry *neighbour = gain_track_at(&lane->gains, i + k);
            if (!neighbour->is_valid) continue;
            sum += gain_hann(k, smoothing) * neighbour->fit.gain;
            weights += gain_hann(k, smoothing);
        }
        if (!(weights > 0.0)) continue;
        const double difference = entry->fit.gain - sum / weights;
        error += difference * difference;
        n++;
    }
    return n > 0 ? error / (double)n : 0.0;
}

/* Shorter first; a longer one must win clearly. */
static int64_t choose_smoothing(const gradient_options *options, const double *errors, int64_t most)
{
    int64_t order[LEARN_SMOOTHINGS], best = -1;
    for (int64_t i = 0; i < options->n_smoothings; i++) {
        int64_t k = i;
        for (; k > 0 && options->smoothings[order[k - 1]] > options->smoothings[i]; k--) order[k] = order[k - 1];
        order[k] = i;
    }
    for (int64_t k = 0; k < options->n_smoothings; k++)
        if (best < 0 || (options->smoothings[order[k]] <= most && errors[order[k]] < SMOOTHING_WINS * errors[best]))
            best = order[k];
    return best;
}

/* ---- Window of the template ------------------------------------------------------------------------------------ */

/* Sums the valid epochs of each block, in the place of the epochs. */
static void sum_blocks(const gradient_learner *learner, learn_lane *lane)
{
    const gradient_model *model = learner->model;
    template_track_begin(&lane->template, learner->span.first_block);
    for (int64_t b = learner->span.first_block; b < learner->span.end_block; b++) {
        double den = 0.0;
        int64_t n_valid = 0;
        for (int64_t i = model->blocks[b].first; i < model->blocks[b].end; i++) {
            const gain_entry *entry = gain_track_at(&lane->gains, i);
            if (!entry->is_valid) continue;
            const float *from = epoch_at(learner, lane, i - learner->span.first);
            template_add_epoch(lane->epoch, from, entry->smooth, n_valid == 0, model->width);
            den += entry->smooth * entry->smooth;
            n_valid++;
        }
        if (n_valid == 0) memset(lane->epoch, 0, (size_t)model->width * sizeof *lane->epoch);
        memcpy(template_track_next(&lane->template, model->width), lane->epoch,
               (size_t)model->width * sizeof *lane->epoch);
        template_track_push(&lane->template, den, n_valid);
    }
}

/* Mean square of a running mean over w values of `v`. */
static double smooth_energy(const double *v, int64_t count, int64_t w)
{
    double sum = 0.0, energy = 0.0;
    if (w < 1) w = 1;
    if (w > count) w = count;
    for (int64_t m = 0; m < w; m++) sum += v[m];
    for (int64_t m = w;; m++) {
        energy += sum / (double)w * (sum / (double)w);
        if (m == count) break;
        sum += v[m] - v[m - w];
    }
    return energy / (double)(count - w + 1);
}

/* What a block differs from the template that the other blocks of its window make; < 0 if there are none. */
static double block_error(const learn_lane *lane, const gradient_model *model, int64_t b, double *difference)
{
    const template_track *t = &lane->template;
    const double own = template_window_weight(model, 0), den = template_track_at(t, b)->den;
    const double others = t->den - own * den;
    if (!(den > 0.0) || !(others > 1e-9 * t->den)) return -1.0;
    const float *num = template_track_sum(t, b, model->width);
    for (int64_t m = 0; m < model->length; m++) {
        const double n = (double)num[EPOCH_MARGIN + m];
        difference[m] = n / den - ((double)t->shape[EPOCH_MARGIN + m] * t->den - own * n) / others;
    }
    return smooth_energy(difference, model->length, (int64_t)(model->table->rate_hz / SMOOTH_HZ + 0.5));
}

/* Mean over blocks; a window that cannot be judged is not chosen. */
static double window_error(const gradient_learner *learner, learn_lane *lane, const gradient_model *model)
{
    double error = 0.0;
    int64_t n = 0;
    for (int64_t b = learner->span.first_block; b < learner->span.end_block; b++) {
        if (!template_track_make(&lane->template, model, b)) continue;
        const double e = block_error(lane, model, b, lane->scratch);
        if (e < 0.0) continue;
        error += e;
        n++;
    }
    return 2 * n > learner->span.end_block - learner->span.first_block ? error / (double)n : HUGE_VAL;
}

/* The mean over all blocks, and half the difference between those of odd and even blocks. */
static void average_blocks(const gradient_learner *learner, learn_lane *lane)
{
    const int64_t width = learner->model->width;
    double den[2] = {0};
    double *sums[2] = {lane->scratch, lane->scratch + width};
    memset(lane->scratch, 0, (size_t)(2 * width) * sizeof *lane->scratch);
    for (int64_t b = learner->span.first_block; b < learner->span.end_block; b++) {
        const int64_t side = (b - learner->span.first_block) % 2;
        const float *num = template_track_sum(&lane->template, b, width);
        for (int64_t m = 0; m < width; m++) sums[side][m] += (double)num[m];
        den[side] += template_track_at(&lane->template, b)->den;
    }
    lane->is_usable = den[0] > 0.0 && den[1] > 0.0;
    for (int64_t m = 0; m < width && lane->is_usable; m++) {
        lane->mean[m] = (float)((sums[0][m] + sums[1][m]) / (den[0] + den[1]));
        lane->noise[m] = (float)((sums[1][m] / den[1] - sums[0][m] / den[0]) / 2.0);
    }
}

/* ---- A lane ---------------------------------------------------------------------------------------------------- */

static void finish_lane(gradient_learner *learner, learn_lane *lane)
{
    const gradient_options *options = &learner->options;
    const kept_source from = {.learner = learner, .lane = lane};
    const epoch_source source = {.fetch = fetch_kept, .from = &from};
    const int64_t n = learner->span.end - learner->span.first;
    const int64_t few = n < learner->model->reference_epochs ? n : learner->model->reference_epochs;
    if (!gradient_reference_make(learner->model, source, learner->span.first, learner->span.first + few,
                                 REFERENCE_REPEATABILITY, lane->scratch, &lane->reference))
        return;
    fit_all(learner, lane, source);
    gradient_model model = with_choice(learner, 0, 0);
    smooth_all(learner, lane, &model);
    for (int64_t i = 0; i < options->n_smoothings; i++)
        lane->smoothing_error[i] = prediction_error(learner, lane, options->smoothings[i]);
    const int64_t own = choose_smoothing(options, lane->smoothing_error, n);
    model = with_choice(learner, own, 0);
    smooth_all(learner, lane, &model);
    sum_blocks(learner, lane);
    template_track_find_barriers(&lane->template, &model, learner->span.end_block);
    for (int64_t i = 0; i < options->n_windows && options->n_windows > 1; i++) {
        model = with_choice(learner, own, i);
        lane->window_error[i] = window_error(learner, lane, &model);
    }
    average_blocks(learner, lane);
}

void gradient_learn_take(gradient_learner *learner, int64_t lane_number, int64_t first, const double *in, int64_t n_in)
{
    learn_lane *lane = &learner->lanes[lane_number];
    const epoch_table *t = learner->model->table;
    const int64_t n = learner->span.end - learner->span.first;
    (void)first;
    while (n_in > 0 && lane->n_epochs < n) {
        const int64_t next = learner->span.first + lane->n_epochs;
        sample_ring_drop(&lane->samples, t->epochs[next].whole - EPOCH_NEEDS_BEFORE);
        const int64_t room = lane->samples.room - (lane->samples.end - lane->samples.first);
        int64_t count = epochs_need(t, next) - lane->n_in;
        if (count > room) count = room;
        if (count > n_in) count = n_in;
        sample_ring_put(&lane->samples, in, count);
        lane->n_in += count;
        in += count;
        n_in -= count;
        while (lane->n_epochs < n && lane->n_in >= epochs_need(t, learner->span.first + lane->n_epochs))
            keep_epoch(learner, lane);
        if (lane->n_epochs == n) finish_lane(learner, lane);
    }
}

/* ---- All lanes ------------------------------------------------------------------------------------------------- */

static int64_t choose_window(const gradient_options *options, const double *errors)
{
    int64_t best = 0;
    for (int64_t i = 1; i < options->n_windows; i++)
        if (errors[i] < WINDOW_WINS * errors[best]) best = i;
    return best;
}

lmp_status gradient_learn_finish(const gradient_learner *learner, gradient_choice *choice, gradient_slices **slices,
                                 lmp_error *err)
{
    const gradient_options *options = &learner->options;
    double smoothing[LEARN_SMOOTHINGS] = {0}, window[LEARN_WINDOWS] = {0};
    float *mean[LEARN_LANES], *noise[LEARN_LANES];
    slice_evidence evidence = {.mean = mean, .noise = noise};
    for (int64_t c = 0; c < learner->n_lanes; c++) {
        const learn_lane *lane = &learner->lanes[c];
        if (!lane->is_usable) continue;
        for (int64_t i = 0; i < options->n_smoothings; i++) smoothing[i] += lane->smoothing_error[i];
        for (int64_t i = 0; i < options->n_windows; i++) window[i] += lane->window_error[i];
        mean[evidence.n_lanes] = lane->mean;
        noise[evidence.n_lanes++] = lane->noise;
    }
    *choice = gradient_options_first(options);
    *slices = NULL;
    if (evidence.n_lanes == 0) return LMP_OK;
    const int64_t n = learner->span.end - learner->span.first;
    choice->smoothing = options->smoothings[choose_smoothing(options, smoothing, n)];
    choice->window = options->windows[choose_window(options, window)];
    if (!options->find_slices) return LMP_OK;
    return gradient_slices_find(learner->model, &evidence, options->wanted_slices, learner->budget, slices, err);
}
