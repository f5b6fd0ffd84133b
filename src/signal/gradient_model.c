/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The order of work: which samples must have come before which can be given. All of it follows from the triggers and
 * the choice of windows, never from the samples.
 */
#include "signal/gradient_model.h"

#include <math.h>
#include <stdlib.h>

/* A pause longer than this (and than an epoch) ends a section. */
#define PAUSE_S 2.0
/* The difference over this time whitens signals whose power falls with frequency. */
#define LAG_S 0.0008

enum { SHORT_REFERENCE = 60, LONG_REFERENCE = 30, SHORT_REGIME = 15, LONG_REGIME = 3, LONGEST_LAG = 64 };

/* ---- Reach ------------------------------------------------------------------------------------------------- */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void choose_window(gradient_model *model)
{
    const gradient_window *w = &model->choice.window;
    const int64_t step = model->block_epochs;
    const double half = (double)w->epochs / 2.0;
    if (w->in_groups) {
        const int64_t group = larger((w->epochs + step / 2) / step, 1);
        model->blocks_before = model->blocks_after = group - 1;
    } else if (w->shape == GRADIENT_EXPONENTIAL) {
        model->blocks_before = 0;
        model->blocks_after = w->look / step;
    } else {
        model->blocks_before = (int64_t)floor(half * (1.0 - w->position) / (double)step);
        model->blocks_after = (int64_t)floor(half * (1.0 + w->position) / (double)step);
    }
}

static int64_t find_room(const gradient_model *model)
{
    int64_t room = 0;
    for (int64_t b = 0; b < model->n_blocks; b++)
        room = larger(room, gradient_model_need(model, b) - gradient_model_start(model, b));
    return room + EPOCH_NEEDS_BEFORE + 4; /* an epoch's start and what is touched first differ by up to 3 */
}

void gradient_model_choose(gradient_model *model, const gradient_choice *choice)
{
    model->choice = *choice;
    choose_window(model);
    const int64_t s = choice->smoothing;
    const int64_t smooth = !choice->use_gain ? 0 : s >= 7 ? s / 2 + (s / 2 | 1) / 2 : s / 2;
    model->gain_ahead = smooth + model->regime_epochs;
    /* A change of shape at a block in the window shows once GRADIENT_STEP_BLOCKS blocks after it, and as many changes
     * at later blocks, are known. */
    const int64_t blocks = model->blocks_after + 2 * GRADIENT_STEP_BLOCKS - 1;
    model->ahead = larger(blocks * model->block_epochs + model->gain_ahead, model->reference_epochs);
    model->room = find_room(model);
}

int64_t gradient_model_need(const gradient_model *model, int64_t block)
{
    const gradient_block *b = &model->blocks[block];
    const int64_t last = smaller(b->end - 1 + model->ahead, model->sections[b->section].end - 1);
    return epochs_need(model->table, last);
}

int64_t gradient_model_start(const gradient_model *model, int64_t block)
{
    if (block >= model->n_blocks) return model->table->n_times;
    const scan_epoch *e = &model->table->epochs[model->blocks[block].first];
    return e->begin;
}

int64_t gradient_model_ready(const gradient_model *model, int64_t n_in, bool ended)
{
    int64_t low = 0, high = model->n_blocks; /* the first block whose need has not come */
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (gradient_model_need(model, middle) <= n_in)
            low = middle + 1;
        else
            high = middle;
    }
    return ended || low == model->n_blocks ? n_in : smaller(n_in, gradient_model_start(model, low));
}

/* ---- Division ---------------------------------------------------------------------------------------------- */

static bool ends_section(const epoch_table *t, int64_t i)
{
    const double longest = fmax(PAUSE_S * t->rate_hz, t->period);
    return i + 1 == t->n || (double)epochs_pause_after(t, i) > longest;
}

static bool ends_block(const epoch_table *t, const gradient_block *b, int64_t i, int64_t block_epochs)
{
    return i + 1 - b->first == block_epochs || t->epochs[i].is_last;
}

static void divide(gradient_model *model)
{
    const epoch_table *t = model->table;
    model->n_blocks = model->n_sections = 0;
    int64_t block_first = 0;
    gradient_section section = {0};
    for (int64_t i = 0; i < t->n; i++) {
        gradient_block block = {.first = block_first, .end = i + 1, .section = model->n_sections};
        if (!ends_block(t, &block, i, model->block_epochs)) continue;
        model->blocks[model->n_blocks++] = block;
        block_first = i + 1;
        if (!ends_section(t, i)) continue;
        section.end = i + 1;
        section.end_block = model->n_blocks;
        model->sections[model->n_sections++] = section;
        section = (gradient_section){.first = i + 1, .first_block = model->n_blocks};
    }
}

lmp_status gradient_model_divide(gradient_model *model, epoch_table *table, int64_t block_epochs, lmp_budget *budget,
                                 lmp_error *err)
{
    const double rate_hz = table->rate_hz;
    const int64_t longest = smaller(table->length / 4, LONGEST_LAG);
    *model = (gradient_model){.table = table,
                              .length = table->length,
                              .width = table->length + 2 * EPOCH_MARGIN,
                              .lag = smaller(larger((int64_t)(LAG_S * rate_hz + 0.5), 1), longest),
                              .is_long = table->period > GRADIENT_LONG_S * rate_hz,
                              .block_epochs = block_epochs};
    model->reference_epochs = smaller(model->is_long ? LONG_REFERENCE : SHORT_REFERENCE, table->n);
    model->regime_epochs = model->is_long ? LONG_REGIME : SHORT_REGIME;
    const size_t bytes = (size_t)table->n * (sizeof *model->blocks + sizeof *model->sections);
    void *memory = NULL;
    lmp_status status = LMP_OK;
    if (budget != NULL)
        status = lmp_take(budget, bytes, &memory, err);
    else if ((memory = calloc(1, bytes)) == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a table of epochs");
    if (status != LMP_OK) return status;
    model->blocks = memory;
    model->sections = (gradient_section *)(model->blocks + table->n);
    divide(model);
    return LMP_OK;
}

void gradient_model_clear(gradient_model *model, lmp_budget *budget)
{
    epochs_free(model->table, budget);
    if (budget != NULL)
        lmp_give(budget, model->blocks);
    else
        free(model->blocks);
    model->table = NULL;
    model->blocks = NULL;
}

size_t gradient_model_bytes(const gradient_model *model)
{
    return epochs_bytes(model->table) + (size_t)model->table->n * (sizeof *model->blocks + sizeof *model->sections);
}
