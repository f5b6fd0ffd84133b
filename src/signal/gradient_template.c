/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Templates from sums over blocks of epochs.
 *
 * The exponential window is recursive: what is past decays and takes in the present block, what is to come is a running
 * sum that is made anew from its blocks every REFRESH blocks, so that rounding cannot pile up. Other windows are sums
 * over their blocks.
 *
 * Change of shape at block b: the energy of the whitened difference between the mean over the GRADIENT_STEP_BLOCKS
 * blocks from b on and that over as many before it. A barrier stands where it is the largest around and stands out from
 * its median over the latest TEMPLATE_CHANGES blocks.
 */
#include "signal/gradient_template.h"

#include "kernels/epoch_sums.h"
#include "math/median.h"

#include <math.h>
#include <string.h>

enum { REFRESH = 64, LEAST_CHANGES = 8, STEP = GRADIENT_STEP_BLOCKS };

#define CHANGE_THRESHOLD 4.0

/* ---- Memory ------------------------------------------------------------------------------------------------ */

static void carve_shapes(template_track *track, int64_t width, bool is_exponential, carve *memory)
{
    track->shape = carve_array(memory, width, sizeof(float));
    track->difference = carve_array(memory, width, sizeof(float));
    track->past.num = carve_array(memory, width, sizeof(double));
    if (is_exponential) track->future.num = carve_array(memory, width, sizeof(double));
}

void template_track_carve(template_track *track, const gradient_model *model, carve *memory)
{
    const int64_t before = model->blocks_before > 2 * STEP ? model->blocks_before : 2 * STEP;
    *track = (template_track){.room = before + model->blocks_after + 2 * STEP + 1};
    if (track->room > model->n_blocks) track->room = model->n_blocks;
    track->sums = carve_array(memory, track->room * model->width, sizeof(float));
    track->entries = carve_array(memory, track->room, sizeof *track->entries);
    carve_shapes(track, model->width, model->choice.window.shape == GRADIENT_EXPONENTIAL, memory);
}

void template_track_carve_around(template_track *track, const gradient_model *model, float *sums, int64_t n,
                                 carve *memory)
{
    *track = (template_track){.room = n, .sums = sums};
    track->entries = carve_array(memory, n, sizeof *track->entries);
    carve_shapes(track, model->width, true, memory);
}

static void clear_sum(template_sum *sum, int64_t width)
{
    memset(sum->num, 0, (size_t)width * sizeof *sum->num);
    sum->den = sum->n_valid = 0.0;
}

void template_track_begin(template_track *track, int64_t block)
{
    track->first = track->pushed = track->measured = track->decided = block;
    track->n_changes = 0;
    track->future_end = block;
    track->made_first = track->made_end = -1;
}

const float *template_track_sum(const template_track *track, int64_t block, int64_t width)
{
    return track->sums + (block - track->first) % track->room * width;
}

float *template_track_next(const template_track *track, int64_t width)
{
    return track->sums + (track->pushed - track->first) % track->room * width;
}

void template_add_epoch(float *sum, const float *epoch, double gain, bool is_first, int64_t width)
{
    const float g = (float)gain;
    if (is_first)
        for (int64_t m = 0; m < width; m++) sum[m] = g * epoch[m];
    else
        for (int64_t m = 0; m < width; m++) sum[m] += g * epoch[m];
}

void template_track_push(template_track *track, double den, int64_t n_valid)
{
    *template_track_at(track, track->pushed) = (template_block){.den = den, .n_valid = n_valid};
    track->pushed++;
}

/* ---- Barriers ---------------------------------------------------------------------------------------------- */

/* Pointers to STEP blocks from `first` on; their common weight. */
static double gather_blocks(const template_track *track, int64_t first, int64_t width, const float *blocks[STEP])
{
    double den = 0.0;
    for (int64_t q = 0; q < STEP; q++) {
        blocks[q] = template_track_sum(track, first + q, width) + EPOCH_MARGIN;
        den += template_track_at(track, first + q)->den;
    }
    return den;
}

/* Between the blocks before b and those from b on. */
static double measure_change(const template_track *track, const gradient_model *model, int64_t b)
{
    const float *l[STEP], *r[STEP];
    const double before = gather_blocks(track, b - STEP, model->width, l);
    const double after = gather_blocks(track, b, model->width, r);
    if (!(before > 0.0) || !(after > 0.0)) return 0.0;
    const float u = (float)(1.0 / after), w = (float)(1.0 / before);
    float *d = track->difference;
    for (int64_t m = 0; m < model->length; m++)
        d[m] = u * (r[0][m] + r[1][m] + r[2][m] + r[3][m]) - w * (l[0][m] + l[1][m] + l[2][m] + l[3][m]);
    return epoch_sums_whitened(d, d, model->lag, model->length - model->lag).own;
}

static double median_change(const template_track *track)
{
    double work[TEMPLATE_CHANGES];
    const int64_t n = track->n_changes < TEMPLATE_CHANGES ? track->n_changes : TEMPLATE_CHANGES;
    memcpy(work, track->changes, (size_t)n * sizeof *work);
    return median_take(work, n);
}

static bool is_largest_around(const template_track *track, int64_t b, int64_t end)
{
    const double change = template_track_at(track, b)->change;
    const int64_t first = b - STEP > track->first ? b - STEP : track->first;
    for (int64_t c = first; c < end; c++)
        if (template_track_at(track, c)->change > change) return false;
    return change > 0.0;
}

void template_track_find_barriers(template_track *track, const gradient_model *model, int64_t section_end)
{
    for (; track->measured < section_end && (track->measured + STEP <= track->pushed || track->pushed == section_end);
         track->measured++) {
        const int64_t b = track->measured;
        if (b - STEP < track->first || b + STEP > section_end) continue;
        const double change = measure_change(track, model, b);
        template_track_at(track, b)->change = change;
        if (change > 0.0) track->changes[track->n_changes++ % TEMPLATE_CHANGES] = change;
    }
    for (; track->decided < section_end; track->decided++) {
        const int64_t b = track->decided, end = b + STEP + 1 < section_end ? b + STEP + 1 : section_end;
        if (track->measured < end) break;
        template_track_at(track, b)->is_barrier =
            track->n_changes >= LEAST_CHANGES && is_largest_around(track, b, end) &&
            template_track_at(track, b)->change > CHANGE_THRESHOLD * median_change(track);
    }
}

/* ---- Windows ----------------------------------------------------------------------------------------------- */

/* The blocks [first, end) that the window of b may hold: not beyond barriers, nor beyond what is known. */
static void find_limits(const template_track *track, const gradient_model *model, int64_t b, int64_t *first,
                        int64_t *end)
{
    const gradient_section *section = &model->sections[model->blocks[b].section];
    int64_t low = b - model->blocks_before, high = b + model->blocks_after + 1;
    if (model->choice.window.in_groups) {
        const int64_t group = model->blocks_after + 1;
        low = b - (b - section->first_block) % group;
        high = low + group;
    }
    if (low < track->first) low = track->first;
    if (high > section->end_block) high = section->end_block;
    if (high > track->pushed) high = track->pushed;
    for (*first = b; *first > low && !template_track_at(track, *first)->is_barrier;) --*first;
    for (*end = b + 1; *end < high && !template_track_at(track, *end)->is_barrier;) ++*end;
}

static void weigh_block(template_sum *sum, const template_block *entry, double weight)
{
    sum->den += weight * entry->den;
    sum->n_valid += weight * (double)entry->n_valid;
}

static void add_block(template_sum *sum, const template_track *track, int64_t block, int64_t width, double weight)
{
    const float *from = template_track_sum(track, block, width);
    for (int64_t m = 0; m < width; m++) sum->num[m] += weight * (double)from[m];
    weigh_block(sum, template_track_at(track, block), weight);
}

/* The past decays and takes in block b. */
static void move_past(template_track *track, int64_t b, int64_t width, double share)
{
    const float *own = template_track_sum(track, b, width);
    double *past = track->past.num;
    for (int64_t m = 0; m < width; m++) past[m] = past[m] * share + (double)own[m];
    track->past.den *= share;
    track->past.n_valid *= share;
    weigh_block(&track->past, template_track_at(track, b), 1.0);
}

/* Block b leaves the future, and the block `added` enters it. */
static void move_future(template_track *track, int64_t b, int64_t added, int64_t width)
{
    const float *own = template_track_sum(track, b, width), *next = template_track_sum(track, added, width);
    double *future = track->future.num;
    for (int64_t m = 0; m < width; m++) future[m] = (future[m] - (double)own[m]) + (double)next[m];
    weigh_block(&track->future, template_track_at(track, b), -1.0);
    weigh_block(&track->future, template_track_at(track, added), 1.0);
}

static void make_exponential(template_track *track, const gradient_model *model, int64_t b, int64_t end)
{
    const int64_t width = model->width;
    const bool is_known = b != track->first && track->future_end > b && b % REFRESH != 0; /* b was still to come */
    if (b == track->first || template_track_at(track, b)->is_barrier) clear_sum(&track->past, width);
    move_past(track, b, width, exp(-(double)model->block_epochs / (double)model->choice.window.epochs));
    if (is_known && track->future_end < end) {
        move_future(track, b, track->future_end++, width);
    } else if (is_known) {
        add_block(&track->future, track, b, width, -1.0);
    } else {
        clear_sum(&track->future, width);
        track->future_end = b + 1;
    }
    for (; track->future_end < end; track->future_end++)
        add_block(&track->future, track, track->future_end, width, 1.0);
    track->is_new = true;
    track->den = track->past.den + track->future.den;
    track->n_valid = track->past.n_valid + track->future.n_valid;
    const double scale = track->den > 0.0 ? 1.0 / track->den : 0.0;
    const double *past = track->past.num, *future = track->future.num;
    for (int64_t m = 0; m < width; m++) track->shape[m] = (float)((past[m] + future[m]) * scale);
}

double template_window_weight(const gradient_model *model, int64_t distance)
{
    const gradient_window *w = &model->choice.window;
    if (w->in_groups || (w->shape == GRADIENT_EXPONENTIAL && distance >= 0)) return 1.0;
    if (w->shape == GRADIENT_EXPONENTIAL) return exp((double)(distance * model->block_epochs) / (double)w->epochs);
    const double half = (double)w->epochs / 2.0;
    const double d = (double)(distance * model->block_epochs) - w->position * half;
    if (!(fabs(d) < half)) return 0.0;
    return w->shape == GRADIENT_BOXCAR ? 1.0 : 0.5 + 0.5 * cos(M_PI * d / half);
}

static void make_windowed(template_track *track, const gradient_model *model, int64_t b, int64_t first, int64_t end)
{
    track->is_new = !model->choice.window.in_groups || track->made_first != first || track->made_end != end;
    if (!track->is_new) return;
    track->made_first = first;
    track->made_end = end;
    clear_sum(&track->past, model->width);
    for (int64_t c = first; c < end; c++) {
        const double weight = template_window_weight(model, c - b);
        if (weight > 0.0) add_block(&track->past, track, c, model->width, weight);
    }
    track->den = track->past.den;
    track->n_valid = track->past.n_valid;
    const double scale = track->den > 0.0 ? 1.0 / track->den : 0.0;
    for (int64_t m = 0; m < model->width; m++) track->shape[m] = (float)(track->past.num[m] * scale);
}

/* Takes the mean over one period away: a scanner's gradients leave none, and what an amplifier adds is not theirs. */
static void remove_mean(float *shape, const gradient_model *model)
{
    const double part = model->table->period - (double)(model->length - 1); /* of the last sample in the period */
    double sum = part * (double)shape[EPOCH_MARGIN + model->length - 1];
    for (int64_t m = 0; m + 1 < model->length; m++) sum += (double)shape[EPOCH_MARGIN + m];
    const float mean = (float)(sum / model->table->period);
    for (int64_t m = 0; m < model->width; m++) shape[m] -= mean;
}

bool template_track_make(template_track *track, const gradient_model *model, int64_t block)
{
    int64_t first, end;
    find_limits(track, model, block, &first, &end);
    if (model->choice.window.shape == GRADIENT_EXPONENTIAL)
        make_exponential(track, model, block, end);
    else
        make_windowed(track, model, block, first, end);
    if (track->is_new) remove_mean(track->shape, model);
    return track->den > 0.0;
}
