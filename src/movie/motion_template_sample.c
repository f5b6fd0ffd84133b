/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_template_sample.c: what is done with the frames of a sample, on all workers.
 *
 * Frames are independent of each other, but for sums: those run over the frames in their order, either for a tile of
 * pixels of fixed size, or whole on one worker, so that the number of workers changes no bit.
 */
#include "movie/motion_template_inside.h"

#include "math/median.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOISY_TIMES 6.0 /* of what neighbours differ by elsewhere */

enum { TILE = 4096 }; /* pixels */

typedef struct sample_task {
    template_set *set;
    stretch *s;
    int64_t n;
    sample_notes *notes;
    float *mean;           /* template_mean */
    double back_y, back_x; /* template_average: where the middle of the frames lies */
} sample_task;

/* ---- Workers ---- */

static lmp_status take_worker(const template_set *set, template_worker *w, lmp_error *err)
{
    const size_t scratch = (set->match_scratch + 63) / 64 * 64;
    const lmp_status status =
        lmp_take(set->budget, scratch + (size_t)set->spectrum_floats * sizeof(float), &w->memory, err);
    if (status != LMP_OK) return status;
    w->scratch = w->memory;
    w->spectrum = (void *)((char *)w->memory + scratch);
    return LMP_OK;
}

lmp_status template_take_workers(template_set *set, lmp_error *err)
{
    set->n_workers = lmp_worker_count(set->budget);
    set->workers = calloc((size_t)set->n_workers, sizeof *set->workers);
    if (set->workers == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a template");
    lmp_status status = LMP_OK;
    set->workers[0] = (template_worker){set->scratch, set->work, NULL};
    for (int64_t w = 1; w < set->n_workers && status == LMP_OK; w++) status = take_worker(set, &set->workers[w], err);
    return status;
}

void template_give_workers(template_set *set)
{
    for (int64_t w = 0; w < set->n_workers && set->workers != NULL; w++) lmp_give(set->budget, set->workers[w].memory);
    free(set->workers);
    set->workers = NULL;
}

/* ---- Images ---- */

static void mean_of_tile(void *user, int64_t i, int64_t worker)
{
    (void)worker;
    const sample_task *task = user;
    const template_set *set = task->set;
    const int64_t first = i * TILE, left = set->n_values - first, count = left < TILE ? left : TILE;
    float *mean = task->mean + first, counts[TILE] = {0};
    memset(mean, 0, (size_t)count * sizeof *mean);
    for (int64_t k = 0; k < task->n; k++) {
        const float *image = template_slot(set, k) + first;
        for (int64_t j = 0; j < count; j++) {
            const bool is_there = isfinite(image[j]);
            mean[j] += is_there ? image[j] : 0;
            counts[j] += is_there ? 1 : 0;
        }
    }
    for (int64_t j = 0; j < count; j++) mean[j] = counts[j] > 0 ? mean[j] / counts[j] : NAN;
}

void template_mean(template_set *set, int64_t n, float *mean)
{
    sample_task task = {.set = set, .n = n, .mean = mean};
    lmp_run_jobs(set->budget, (set->n_values + TILE - 1) / TILE, mean_of_tile, &task);
}

static void measure_steps(void *user, int64_t i, int64_t worker)
{
    (void)worker;
    const sample_task *task = user;
    task->notes->numbers[i] = match_mean_step(task->set->m, template_slot(task->set, i));
}

static void look_for_noise(void *user, int64_t i, int64_t worker)
{
    (void)worker;
    const sample_task *task = user;
    const int64_t rows = match_noisy_rows(task->set->m, template_slot(task->set, i), task->s->noisy_step);
    task->notes->is_noisy[i] = rows >= TEMPLATE_NOISY_ROWS;
}

void template_find_noise(template_set *set, stretch *s, int64_t n, sample_notes *notes)
{
    sample_task task = {.set = set, .s = s, .n = n, .notes = notes};
    lmp_run_jobs(set->budget, n, measure_steps, &task);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(notes->numbers[i])) notes->numbers[count++] = notes->numbers[i];
    const double usual = median_take(notes->numbers, count);
    s->noisy_step = usual > 0 ? NOISY_TIMES * usual : (double)INFINITY;
    lmp_run_jobs(set->budget, n, look_for_noise, &task);
}

static void transform_frame(void *user, int64_t i, int64_t worker)
{
    const sample_task *task = user;
    const template_set *set = task->set;
    const template_worker *w = &set->workers[worker];
    const sample_notes *notes = task->notes;
    match_looks looks;
    memcpy(w->spectrum, template_slot(set, i), (size_t)set->n_values * sizeof(float));
    match_transform(set->m, task->s->inverse_level, w->spectrum, w->scratch, template_slot(set, i), &looks);
    notes->power[i] = looks.is_empty || notes->is_noisy[i] ? 0 : match_power(set->m, template_slot(set, i));
    notes->saturated[i] = looks.saturated;
}

void template_transform(template_set *set, stretch *s, int64_t n, sample_notes *notes)
{
    sample_task task = {.set = set, .s = s, .n = n, .notes = notes};
    lmp_run_jobs(set->budget, n, transform_frame, &task);
}

/* ---- Spectra ---- */

static void match_frame(void *user, int64_t i, int64_t worker)
{
    const sample_task *task = user;
    const template_set *set = task->set;
    const template_worker *w = &set->workers[worker];
    memcpy(w->spectrum, template_slot(set, i), (size_t)set->spectrum_floats * sizeof(float));
    match_find_wide(set->m, w->spectrum, &task->s->target, w->scratch, &task->notes->matches[i]);
}

void template_match(template_set *set, stretch *s, int64_t n, sample_notes *notes)
{
    sample_task task = {.set = set, .s = s, .n = n, .notes = notes};
    lmp_run_jobs(set->budget, n, match_frame, &task);
}

double template_middle(const sample_notes *notes, int64_t n, bool of_x)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (notes->is_good[i]) notes->numbers[count++] = of_x ? notes->matches[i].dx : notes->matches[i].dy;
    return median_take(notes->numbers, count);
}

enum { MEAN_FRAME, MEAN_TAPER, N_MEANS };

static void average_moved(void *user, int64_t which, int64_t worker)
{
    const sample_task *task = user;
    const template_set *set = task->set;
    const sample_notes *notes = task->notes;
    float *sum = which == MEAN_FRAME ? task->s->sum : set->tapers;
    memset(sum, 0, (size_t)set->spectrum_floats * sizeof *sum);
    for (int64_t i = 0; i < task->n; i++)
        if (notes->is_good[i])
            match_add_moved(set->m, which == MEAN_FRAME ? template_slot(set, i) : set->taper,
                            task->back_y - notes->matches[i].dy, task->back_x - notes->matches[i].dx,
                            set->workers[worker].scratch, sum);
    const float scale = task->s->n_good > 0 ? 1 / (float)task->s->n_good : 0;
    for (int64_t i = 0; i < set->spectrum_floats; i++) sum[i] *= scale;
}

void template_average(template_set *set, stretch *s, int64_t n, sample_notes *notes)
{
    sample_task task = {.set = set,
                        .s = s,
                        .n = n,
                        .notes = notes,
                        .back_y = template_middle(notes, n, false),
                        .back_x = template_middle(notes, n, true)};
    lmp_run_jobs(set->budget, N_MEANS, average_moved, &task);
    match_set_target(set->m, s->sum, set->tapers, set->target_scratch, &s->target);
}
