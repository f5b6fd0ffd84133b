/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A lane. Samples wait in a ring until everything that the next block of epochs needs has come. Then, for this block:
 *
 *   epochs farther ahead are brought to the grid, fitted, judged, their gains smoothed   (gradient_gain.c)
 *   and added up in blocks; changes of shape are looked for                              (gradient_template.c)
 *   the template of the block is made, and averaged over slices                          (gradient_slices.c)
 *   and is subtracted from the block's samples, in the ring
 *
 * and what no later block will touch is given. What is done for a block depends on its number alone, and on the samples
 * up to gradient_model_need(): not on how they came.
 */
#include "signal/gradient_lane.h"

#include "signal/gradient_reference.h"
#include "signal/gradient_slices.h"
#include "signal/gradient_template.h"

#include <math.h>
#include <string.h>

enum { LEAST_VALID = 4, SLICES_EVERY = 4, SLICES_ANEW = 8 };

/* A correlation below this is noise for the most part, and says nothing about single epochs. */
#define TELLING_CORRELATION 0.5
#define WATCH_SHARE         0.5 /* of the energy threshold */
#define WATCH_CORRELATION   0.8
#define CUT_EVIDENCE        16.0

struct gradient_lane {
    int64_t number;
    sample_ring samples;
    int64_t n_in, n_out;
    int64_t next_block;

    bool has_reference, had_reference, has_tried;
    int64_t retry_epoch; /* no reference is tried before */
    gain_reference reference;
    gain_track gains;
    float *epochs; /* on the grid, epoch i at i % epochs_room */
    int64_t epochs_room;

    template_track template;
    float *averaged;        /* the template's mean over slices */
    int64_t averages_since; /* blocks since windows began anew */

    uint8_t *status;
    float *gain, *shape;
    double energy;
};

/* Scratch of a worker, cut up. */
typedef struct lane_scratch {
    float *window, *artifact, *slices;
    double *signal;
    void *reference;
} lane_scratch;

/* ---- Memory ------------------------------------------------------------------------------------------------ */

static void carve_lane(const gradient_model *model, gradient_lane *lane, carve *memory)
{
    const int64_t n = model->table->n;
    const int64_t ahead =
        (model->blocks_after + 2 * GRADIENT_STEP_BLOCKS + 2) * model->block_epochs + model->gain_ahead;
    carve_array(memory, 1, sizeof *lane);
    sample_ring_carve(&lane->samples, model->room, memory);
    lane->reference.shape = carve_array(memory, model->width, sizeof(float));
    gain_track_carve(&lane->gains, model, ahead, memory);
    lane->epochs_room = model->block_epochs + model->gain_ahead + 1;
    lane->epochs = carve_array(memory, lane->epochs_room * model->width, sizeof(float));
    template_track_carve(&lane->template, model, memory);
    lane->averaged = model->is_long ? carve_array(memory, model->width, sizeof(float)) : NULL;
    lane->status = carve_array(memory, n, sizeof *lane->status);
    lane->gain = carve_array(memory, n, sizeof *lane->gain);
    lane->shape = carve_array(memory, model->length, sizeof *lane->shape);
}

size_t gradient_lane_bytes(const gradient_model *model)
{
    gradient_lane lane;
    carve count = {0};
    carve_lane(model, &lane, &count);
    return count.used;
}

static void carve_scratch(const gradient_model *model, lane_scratch *s, carve *memory)
{
    s->window = carve_array(memory, gradient_grid_window(model), sizeof(float));
    s->artifact = carve_array(memory, model->width, sizeof(float));
    s->signal = carve_array(memory, model->width, sizeof(double));
    s->slices = carve_array(memory, gradient_slices_work(model), sizeof(float));
    s->reference = carve_array(memory, 1, gradient_reference_scratch(model));
}

size_t gradient_lane_scratch_bytes(const gradient_model *model)
{
    lane_scratch scratch;
    carve count = {0};
    carve_scratch(model, &scratch, &count);
    return count.used;
}

lmp_status gradient_lane_open(const gradient_model *model, int64_t number, lmp_budget *budget, gradient_lane **lane,
                              lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, gradient_lane_bytes(model), &memory, err);
    if (status != LMP_OK) return status;
    carve place = {.memory = memory};
    *lane = memory;
    (*lane)->number = number;
    carve_lane(model, *lane, &place);
    memset((*lane)->status, GRADIENT_FAILED, (size_t)model->table->n);
    return LMP_OK;
}

void gradient_lane_close(gradient_lane *lane, lmp_budget *budget)
{
    lmp_give(budget, lane);
}

/* ---- The reference ----------------------------------------------------------------------------------------- */

/* A reference from much fewer epochs than there could have been is given up where a section begins that has more. */
static bool is_too_small(const gradient_model *model, const gradient_lane *lane, const gradient_section *section)
{
    const int64_t had = lane->reference.end - lane->reference.first, could = section->end - section->first;
    const int64_t would = could < model->reference_epochs ? could : model->reference_epochs;
    return would > 2 * had;
}

static void begin_section(const gradient_model *model, gradient_lane *lane, const gradient_section *section)
{
    lane->retry_epoch = section->first;
    if (!lane->has_reference) return;
    if (is_too_small(model, lane, section))
        lane->has_reference = false;
    else
        gain_track_begin(&lane->gains, model, section->first, section->end, false);
}

/* Epochs straight from the ring. */
typedef struct ring_source {
    const gradient_model *model;
    const sample_ring *samples;
    float *window;
} ring_source;

static bool fetch_from_ring(const void *from, int64_t i, float *out)
{
    const ring_source *s = from;
    return gradient_grid_epoch(s->model, s->samples, i, s->window, out);
}

/* Tries the epochs from `first` on; after a failure, those that follow them. */
static void try_reference(const gradient_model *model, gradient_lane *lane, const gradient_block *block,
                          const lane_scratch *scratch)
{
    const gradient_section *section = &model->sections[block->section];
    int64_t end = block->first + model->reference_epochs;
    if (end > section->end) end = section->end;
    lane->retry_epoch = end;
    const ring_source from = {.model = model, .samples = &lane->samples, .window = scratch->window};
    const epoch_source source = {.fetch = fetch_from_ring, .from = &from};
    const double repeatability = lane->has_tried ? REFERENCE_REPEATABILITY_AGAIN : REFERENCE_REPEATABILITY;
    lane->has_tried = true;
    lane->has_reference =
        gradient_reference_make(model, source, block->first, end, repeatability, scratch->reference, &lane->reference);
    if (!lane->has_reference) return;
    lane->had_reference = true;
    gain_track_begin(&lane->gains, model, block->first, section->end, true);
    template_track_begin(&lane->template, lane->next_block);
    lane->averages_since = 0;
}

/* ---- Ahead of the block -------------------------------------------------------------------------------------- */

static float *epoch_at(const gradient_model *model, const gradient_lane *lane, int64_t i)
{
    return lane->epochs + i % lane->epochs_room * model->width;
}

static void fit_next_epoch(const gradient_model *model, gradient_lane *lane, const lane_scratch *scratch)
{
    const int64_t i = lane->gains.fitted;
    gain_fit fit = {0};
    float *to = epoch_at(model, lane, i);
    const bool is_finite = gradient_grid_epoch(model, &lane->samples, i, scratch->window, to) &&
                           gradient_reference_fit(model, &lane->reference, to, &fit);
    gain_track_add(&lane->gains, &fit, is_finite);
}

/* Smooths the gains of a block's epochs, and of what they need. */
static void finish_gains(const gradient_model *model, gradient_lane *lane, const gradient_block *block,
                         const lane_scratch *scratch)
{
    while (lane->gains.smoothed < block->end) {
        fit_next_epoch(model, lane, scratch);
        gain_track_advance(&lane->gains, model, &lane->reference);
    }
}

static void push_block(const gradient_model *model, gradient_lane *lane, const gradient_block *block)
{
    double den = 0.0;
    int64_t n_valid = 0;
    float *sum = template_track_next(&lane->template, model->width);
    for (int64_t i = block->first; i < block->end; i++) {
        const gain_entry *entry = gain_track_at(&lane->gains, i);
        if (!entry->is_valid) continue;
        template_add_epoch(sum, epoch_at(model, lane, i), entry->smooth, n_valid == 0, model->width);
        den += entry->smooth * entry->smooth;
        n_valid++;
    }
    if (n_valid == 0) memset(sum, 0, (size_t)model->width * sizeof *sum);
    template_track_push(&lane->template, den, n_valid);
}

/* Brings in all blocks that the template of `b` may need. */
static void look_ahead(const gradient_model *model, gradient_lane *lane, int64_t b, const lane_scratch *scratch)
{
    const int64_t section_end = model->sections[model->blocks[b].section].end_block;
    int64_t end = b + model->blocks_after + 2 * GRADIENT_STEP_BLOCKS;
    if (end > section_end) end = section_end;
    while (lane->template.pushed < end) {
        const gradient_block *block = &model->blocks[lane->template.pushed];
        finish_gains(model, lane, block, scratch);
        push_block(model, lane, block);
        template_track_find_barriers(&lane->template, model, section_end);
    }
}

/* ---- The block --------------------------------------------------------------------------------------------- */

/* The mean over slices changes slowly and is costly: it is made anew every few blocks. */
static void average_slices(const gradient_model *model, gradient_lane *lane, int64_t b, const lane_scratch *scratch)
{
    template_track *t = &lane->template;
    if (template_track_at(t, b)->is_barrier) lane->averages_since = 0;
    if (lane->averages_since < SLICES_ANEW || b % SLICES_EVERY == 0)
        gradient_slices_average(model->slices, model, t->shape, scratch->slices, lane->averaged);
    lane->averages_since++;
    gradient_slices_blend(model->slices, model, lane->averaged, t->shape);
}

static void scale_linearly(float *values, int64_t count, double gain, double step)
{
    const float first = (float)gain, rise = (float)step;
    for (int32_t k = 0; k < (int32_t)count; k++) values[k] *= first + rise * (float)k;
}

/* The artifact in samples [first, first + count) of the recording: template times gain, which changes linearly from the
 * middle of an epoch to the middle of the next. */
static void make_artifact(const gradient_model *model, const gradient_lane *lane, int64_t i, int64_t first,
                          int64_t count, float *artifact)
{
    const scan_epoch *e = &model->table->epochs[i];
    const double gain = gain_track_at(&lane->gains, i)->smooth;
    const double rise = e->is_first || i == lane->gains.first ? 0.0 : gain - gain_track_at(&lane->gains, i - 1)->smooth;
    const double fall = e->is_last ? 0.0 : gain_track_at(&lane->gains, i + 1)->smooth - gain;
    const int64_t from = first - e->whole;
    delay_table_retard(model->delays, e->fraction, lane->template.shape + EPOCH_MARGIN + from, artifact, count);
    const double step = 1.0 / model->table->period, start = ((double)from - e->fraction) * step - 0.5;
    int64_t middle = start < 0.0 ? (int64_t)ceil(-start / step) : 0; /* the first sample in the second half */
    if (middle > count) middle = count;
    scale_linearly(artifact, middle, gain + rise * start, rise * step);
    scale_linearly(artifact + middle, count - middle, gain + fall * (start + (double)middle * step), fall * step);
}

/* Samples at the beginning and the end of a scan that may hold no artifact yet, or no more. */
enum { BORDER = 2 };

/* How many of the first samples of a scan to leave alone: as many as would hold more energy after the subtraction, by
 * more than EEG of this energy per sample can explain. `stride` -1: from the end. Nothing outside the epoch is ever
 * touched. */
static int64_t find_cut(const double *signal, const float *artifact, int64_t count, int64_t stride, double energy)
{
    int64_t best = 0;
    double added = 0.0, most = CUT_EVIDENCE * energy;
    for (int64_t k = 0; k < BORDER && k < count; k++) {
        const double x = signal[k * stride], left = x - (double)artifact[k * stride];
        const double change = left * left - x * x;
        added += isfinite(change) ? change : 0.0;
        if (added <= most) continue;
        most = added;
        best = k + 1;
    }
    return best;
}

static void subtract_epoch(const gradient_model *model, gradient_lane *lane, int64_t i, const lane_scratch *scratch)
{
    const scan_epoch *e = &model->table->epochs[i];
    int64_t first = e->begin, end = e->end;
    if (end > lane->samples.end) end = lane->samples.end; /* a recording that ends before it should */
    if (end <= first) return;
    float *artifact = scratch->artifact;
    double *signal = scratch->signal;
    make_artifact(model, lane, i, first, end - first, artifact);
    if (e->is_first || e->is_last) {
        const int64_t count = end - first;
        sample_ring_copy(&lane->samples, first, count, signal);
        const double energy = lane->reference.level / (double)model->length;
        const int64_t head = e->is_first ? find_cut(signal, artifact, count, 1, energy) : 0;
        const int64_t last = count - 1;
        const int64_t tail = e->is_last ? find_cut(signal + last, artifact + last, count - head, -1, energy) : 0;
        first += head;
        artifact += head;
        end -= tail;
    }
    if (end > first) sample_ring_subtract(&lane->samples, first, end - first, artifact);
}

static gradient_status judge(const gradient_model *model, const gradient_lane *lane, int64_t i, double full)
{
    const gain_entry *entry = gain_track_at(&lane->gains, i);
    const scan_epoch *e = &model->table->epochs[i];
    const double usual = lane->reference.correlation, correlation = entry->fit.correlation;
    const double share = model->correlation_threshold;
    const bool tells = entry->is_finite && usual >= TELLING_CORRELATION;
    if (!(lane->template.den > 0.0) || lane->template.n_valid < LEAST_VALID - 0.5) return GRADIENT_FAILED;
    if (tells && correlation < share * usual && entry->fit.gain < share * entry->smooth) return GRADIENT_FAILED;
    if (!entry->is_valid) return e->is_inside ? GRADIENT_UNRELIABLE : GRADIENT_EDGE;
    if (entry->fit.energy > WATCH_SHARE * model->energy_threshold * entry->level) return GRADIENT_WATCH;
    if (tells && correlation < WATCH_CORRELATION * usual) return GRADIENT_WATCH;
    return e->is_first || e->is_last || lane->template.n_valid < 0.5 * full ? GRADIENT_EDGE : GRADIENT_CORRECTED;
}

/* Epochs that a window holds in the middle of a scan. */
static double full_window(const gradient_model *model)
{
    const gradient_window *w = &model->choice.window;
    return (double)(w->shape == GRADIENT_EXPONENTIAL ? w->look : w->epochs);
}

static void keep_shape(const gradient_model *model, gradient_lane *lane)
{
    const float *shape = lane->template.shape + EPOCH_MARGIN;
    lane->energy = 0.0;
    for (int64_t m = 0; m < model->length; m++) {
        lane->shape[m] = shape[m];
        lane->energy += (double)shape[m] * (double)shape[m];
    }
}

static void correct_block(const gradient_model *model, gradient_lane *lane, int64_t b, const lane_scratch *scratch)
{
    const gradient_block *block = &model->blocks[b];
    look_ahead(model, lane, b, scratch);
    const bool any = template_track_make(&lane->template, model, b);
    if (any && lane->template.is_new && model->slices != NULL) average_slices(model, lane, b, scratch);
    for (int64_t i = block->first; i < block->end; i++) {
        const gradient_status status = judge(model, lane, i, full_window(model));
        lane->status[i] = (uint8_t)status;
        lane->gain[i] = (float)gain_track_at(&lane->gains, i)->smooth;
        if (status != GRADIENT_FAILED) subtract_epoch(model, lane, i, scratch);
    }
    if (any && (lane->energy == 0.0 || b == model->n_blocks / 2)) keep_shape(model, lane);
}

static void do_block(const gradient_model *model, gradient_lane *lane, const lane_scratch *scratch)
{
    const gradient_block *block = &model->blocks[lane->next_block];
    const gradient_section *section = &model->sections[block->section];
    if (lane->next_block == section->first_block) begin_section(model, lane, section);
    if (!lane->has_reference && block->first >= lane->retry_epoch) try_reference(model, lane, block, scratch);
    if (lane->has_reference) correct_block(model, lane, lane->next_block, scratch);
    lane->next_block++;
}

/* ---- The flow of samples ------------------------------------------------------------------------------------- */

static int64_t next_need(const gradient_model *model, const gradient_lane *lane)
{
    return lane->next_block < model->n_blocks ? gradient_model_need(model, lane->next_block) : INT64_MAX;
}

/* Gives what no later block touches, and forgets what none needs. */
static int64_t give_samples(const gradient_model *model, gradient_lane *lane, double *out, bool ended)
{
    const int64_t start = gradient_model_start(model, lane->next_block);
    int64_t end = lane->next_block == model->n_blocks || ended || start > lane->n_in ? lane->n_in : start;
    if (end < lane->n_out) end = lane->n_out;
    const int64_t count = end - lane->n_out;
    sample_ring_copy(&lane->samples, lane->n_out, count, out);
    lane->n_out = end;
    sample_ring_drop(&lane->samples, end - (EPOCH_NEEDS_BEFORE + 4));
    return count;
}

int64_t gradient_lane_process(const gradient_model *model, gradient_lane *lane, double *scratch, const double *in,
                              int64_t n_in, double *out, bool ended)
{
    lane_scratch s;
    carve place = {.memory = (char *)scratch};
    carve_scratch(model, &s, &place);
    int64_t given = 0;
    for (;;) {
        while (lane->n_in >= next_need(model, lane) || (ended && n_in == 0 && lane->next_block < model->n_blocks))
            do_block(model, lane, &s);
        given += give_samples(model, lane, out + given, false);
        if (n_in == 0) break;
        const int64_t room = model->room - (lane->samples.end - lane->samples.first);
        int64_t count = next_need(model, lane) - lane->n_in;
        if (count > n_in) count = n_in;
        if (count > room) count = room;
        sample_ring_put(&lane->samples, in, count);
        lane->n_in += count;
        in += count;
        n_in -= count;
    }
    if (ended) given += give_samples(model, lane, out + given, true);
    return given;
}

gradient_report gradient_lane_report(const gradient_lane *lane)
{
    return (gradient_report){.lane = lane->number,
                             .has_artifact = lane->had_reference,
                             .status = lane->status,
                             .gain = lane->gain,
                             .shape = lane->shape,
                             .energy = lane->energy};
}
