/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_model.h: what all lanes of the step gradient share: epochs, sizes, and the choices that were made.
 *
 * A template is an array of `width` samples: `length` of one epoch, and EPOCH_MARGIN on either side for
 * interpolation. "Block" is a few epochs in a row whose sum is kept instead of the epochs themselves. "Section" is a
 * stretch of epochs without a pause so long that waiting for what follows it would take too much memory: windows look
 * ahead inside a section only.
 */
#ifndef LIMPID_SIGNAL_GRADIENT_MODEL_H
#define LIMPID_SIGNAL_GRADIENT_MODEL_H

#include "math/delay_table.h"
#include "signal/epochs.h"

typedef enum gradient_shape { GRADIENT_EXPONENTIAL, GRADIENT_HANN, GRADIENT_BOXCAR } gradient_shape;

/* Which epochs the template of an epoch is made from. */
typedef struct gradient_window {
    gradient_shape shape;
    int64_t epochs;  /* its length; exponential: after how many epochs the past is forgotten to 1/e */
    int64_t look;    /* exponential: epochs after the present one */
    double position; /* -1: all before, 0: around, 1: all after */
    bool in_groups;  /* one template for each `epochs` epochs */
} gradient_window;

typedef struct gradient_choice {
    bool use_gain;
    int64_t smoothing; /* epochs over which the gain is smoothed; odd */
    gradient_window window;
} gradient_choice;

typedef struct gradient_block {
    int64_t first, end; /* epochs */
    int64_t section;
} gradient_block;

typedef struct gradient_section {
    int64_t first, end;             /* epochs */
    int64_t first_block, end_block; /* blocks */
} gradient_section;

typedef struct gradient_slices gradient_slices;

typedef struct gradient_model {
    epoch_table *table;
    gradient_block *blocks;
    gradient_section *sections;
    int64_t n_blocks, n_sections;

    int64_t length, width;    /* of a template; see above */
    int64_t lag;              /* of the difference that whitens */
    int64_t reference_epochs; /* most epochs of the reference of the gain */
    int64_t regime_epochs;    /* energy that lasts so long is no outlier */
    int64_t block_epochs;
    bool is_long; /* epochs are volumes, not slices */
    double energy_threshold, correlation_threshold;
    gradient_choice choice;

    /* How far the computation of a block looks. */
    int64_t blocks_before, blocks_after; /* of its window */
    int64_t gain_ahead;                  /* epochs that the gain of an epoch needs after it, with their judgement */
    int64_t ahead;                       /* epochs that a block needs after it */
    int64_t room;                        /* samples that a lane keeps */

    delay_table *delays;
    const gradient_slices *slices; /* NULL: templates are not averaged over slices */
} gradient_model;

/* Blocks on either side whose means are compared to find a change of shape. */
enum { GRADIENT_STEP_BLOCKS = 4 };

/* Epochs longer than this are volumes, in seconds. */
#define GRADIENT_LONG_S 0.5

/* Fills in what follows from the choice: reach, room. */
void gradient_model_choose(gradient_model *model, const gradient_choice *choice);

/* Inputs needed before the epochs of a block can be corrected. */
int64_t gradient_model_need(const gradient_model *model, int64_t block);

/* The first sample that correcting a block may touch; n_times after the last block. */
int64_t gradient_model_start(const gradient_model *model, int64_t block);

/* Samples that a lane gives once n_in have come. */
int64_t gradient_model_ready(const gradient_model *model, int64_t n_in, bool ended);

/* Takes the table and divides it; counted against `budget` unless that is NULL. Fills everything but the choice. */
LMP_CHECKED lmp_status gradient_model_divide(gradient_model *model, epoch_table *table, int64_t block_epochs,
                                             lmp_budget *budget, lmp_error *err);
void gradient_model_clear(gradient_model *model, lmp_budget *budget);
size_t gradient_model_bytes(const gradient_model *model);

#endif
