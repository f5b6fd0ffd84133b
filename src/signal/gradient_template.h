/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_template.h: the template of an epoch: a weighted mean of the epochs around it, of one lane.
 *
 * Epochs enter as sums over blocks, each with its gain: the least-squares estimate of a shape T behind E_i = g_i T is
 *
 *   T_b = sum_c w(c - b) num_c / sum_c w(c - b) den_c,   num_c = sum_{i in c} g_i E_i,   den_c = sum_{i in c} g_i^2
 *
 * Where the shape changes (the head moved) stands a barrier that no window crosses.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_TEMPLATE_H
#define LIMPID_SIGNAL_GRADIENT_TEMPLATE_H

#include "signal/carve.h"
#include "signal/gradient_model.h"

enum { TEMPLATE_CHANGES = 63 };

typedef struct template_block {
    double den;
    int64_t n_valid; /* epochs in it */
    double change;   /* of shape, between the blocks before and from here on; 0: unknown */
    bool is_barrier;
} template_block;

/* Sum of a window. */
typedef struct template_sum {
    double *num;
    double den;
    double n_valid;
} template_sum;

/* Blocks are numbered as in the model. */
typedef struct template_track {
    float *sums; /* of block b at (b - first) % room, `width` each */
    template_block *entries;
    int64_t room;
    int64_t first;                     /* no window reaches farther back */
    int64_t pushed, measured, decided; /* the first block that is not in, without change, without verdict */
    double changes[TEMPLATE_CHANGES];  /* the latest ones */
    int64_t n_changes;
    float *difference;         /* scratch of `width` */
    template_sum past, future; /* exponential: up to the present block, and after it; else past is the whole window */
    int64_t future_end;
    float *shape;                 /* the template made last */
    bool is_new;                  /* and not the one before once more */
    double den, n_valid;          /* weights of its window */
    int64_t made_first, made_end; /* in groups: the blocks it is made from */
} template_track;

void template_track_carve(template_track *track, const gradient_model *model, carve *memory);

/* For `n` blocks that stay, whose sums lie in `sums`, and for any window. */
void template_track_carve_around(template_track *track, const gradient_model *model, float *sums, int64_t n,
                                 carve *memory);

/* Forgets everything before `block`. */
void template_track_begin(template_track *track, int64_t block);

/* Where the sum of the next block goes; then adds it, with den and the number of valid epochs. */
float *template_track_next(const template_track *track, int64_t width);
void template_track_push(template_track *track, double den, int64_t n_valid);

/* Finds barriers as far as possible. Blocks after `section_end` will not come in time. */
void template_track_find_barriers(template_track *track, const gradient_model *model, int64_t section_end);

/* Makes the template of a block; blocks in order, each once. False if its window holds nothing. */
bool template_track_make(template_track *track, const gradient_model *model, int64_t block);

/* sum += gain * epoch, or sum = gain * epoch if it is the first. */
void template_add_epoch(float *sum, const float *epoch, double gain, bool is_first, int64_t width);

/* The sum of a block that is in. */
const float *template_track_sum(const template_track *track, int64_t block, int64_t width);

/* Weight of a block in the window of another, `distance` blocks before it. */
double template_window_weight(const gradient_model *model, int64_t distance);

static inline template_block *template_track_at(const template_track *track, int64_t block)
{
    return &track->entries[(block - track->first) % track->room];
}

#endif
