/* SPDX-License-Identifier: BSD-3-Clause
 *
 * piecewise_probe.c: shows programs in Python the field that the piecewise estimate finds.
 *
 *     piecewise_probe MOVIE FIELD [KEY=VALUE ...]
 *
 * The words are those of the step motion, but method. With order=backwards frames come last first. FIELD becomes raw
 * float32: of each frame every fourth row, every fourth pixel: y, then x of where pixels come from. Prints one line of
 * JSON (CPU seconds of all frames, what was learned), then dy, dx and flags of each frame. What fails is said on
 * stderr, with exit code 3.
 */
#include "movie/motion.h"

#include "core/budget.h"
#include "core/plan.h"
#include "movie/motion_piecewise.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FAILED = 3, EVERY = 4 };

typedef struct probe {
    const motion_params *params;
    const char *field;
    bool backwards;
    lmp_recording *recording;
    const lmp_format *format;
    size_t bytes; /* of a frame */
    void *pixels, *moved, *scratch;
    double find_s, move_s;
} probe;

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static lmp_status read_frame(const probe *p, int64_t t, lmp_frames *in, lmp_error *err)
{
    *in = (lmp_frames){.first = t,
                       .count = 1,
                       .rows = p->format->height,
                       .width = p->format->width,
                       .n_colours = 1,
                       .type = p->format->type,
                       .data = p->pixels,
                       .stride = p->bytes};
    return lmp_recording_read_frames(p->recording, t, 1, p->pixels, err);
}

static lmp_status learn(const probe *p, void *state, const lmp_step_plan *plan, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t pass = 0; pass < plan->learn_passes && status == LMP_OK; pass++) {
        const lmp_frame_list *list = &plan->learn_frames[pass];
        for (int64_t i = 0; i < list->count && status == LMP_OK; i++) {
            lmp_frames in;
            status = read_frame(p, list->frames[p->backwards ? list->count - 1 - i : i], &in, err);
            if (status == LMP_OK) status = motion_piecewise.learn(state, pass, p->scratch, &in, err);
        }
        if (status == LMP_OK) status = motion_piecewise.learned(state, pass, err);
    }
    return status;
}

static void write_field(const probe *p, const piecewise *state, const motion_shift *shift, float *row, FILE *file)
{
    const int64_t width = p->format->width;
    for (int64_t y = 0; y < p->format->height; y += EVERY) {
        piecewise_field(state, p->scratch, shift, y, 0, width, row, row + width);
        for (int64_t x = 0; x < width; x += EVERY) {
            fwrite(row + x, sizeof(float), 1, file);
            fwrite(row + width + x, sizeof(float), 1, file);
        }
    }
}

static lmp_status show(probe *p, void *state, motion_shift *shifts, lmp_error *err)
{
    const image_window all = {0, 0, p->format->height, p->format->width};
    float *row = malloc((size_t)all.width * 2 * sizeof *row);
    FILE *file = fopen(p->field, "wb");
    lmp_status status = row == NULL || file == NULL ? lmp_fail(err, LMP_ERR_IO, "no memory or no file") : LMP_OK;
    for (int64_t t = 0; t < p->format->n_times && status == LMP_OK; t++) {
        lmp_frames in;
        status = read_frame(p, t, &in, err);
        const double began = cpu_seconds();
        if (status == LMP_OK) status = motion_piecewise.find(state, p->scratch, &in, &shifts[t], err);
        const double found = cpu_seconds();
        if (status == LMP_OK) status = motion_piecewise.move(state, p->scratch, &in, &shifts[t], &all, p->moved, err);
        p->find_s += found - began;
        p->move_s += cpu_seconds() - found;
        if (status == LMP_OK) write_field(p, state, &shifts[t], row, file);
    }
    if (file != NULL) fclose(file);
    free(row);
    return status;
}

static lmp_status estimate(probe *p, const lmp_step_plan *plan, lmp_error *err)
{
    motion_context context = {.params = p->params, .format = p->format, .plan = plan};
    const double side = (double)(p->format->height < p->format->width ? p->format->height : p->format->width);
    context.region = (image_window){0, 0, p->format->height, p->format->width};
    context.reach_y = context.reach_x = floor(side / 10);
    void *state = NULL;
    motion_shift *shifts = calloc((size_t)p->format->n_times, sizeof *shifts);
    context.shifts = shifts;
    p->pixels = malloc(p->bytes);
    p->moved = malloc(p->bytes);
    lmp_status status = budget_new(UINT64_C(8) << 30, &context.budget, err);
    if (status == LMP_OK) status = lmp_take(context.budget, plan->scratch_bytes, &p->scratch, err);
    if (status == LMP_OK) status = motion_piecewise.open(&context, &state, err);
    if (status == LMP_OK) status = learn(p, state, plan, err);
    if (status == LMP_OK) status = show(p, state, shifts, err);
    if (status == LMP_OK) {
        const piecewise *found = state;
        printf("{\"cpu_find_s\": %.6f, \"cpu_move_s\": %.6f, \"known\": %" PRId64 ", \"patches\": %" PRId64
               ", \"deviation\": %.6f, \"length\": %.6f, \"noise\": %.6f, \"peak_bytes\": %" PRIu64
               ", \"planned_bytes\": %zu}\n",
               p->find_s, p->move_s, found->tally->known, found->grid.rows * found->grid.columns,
               found->prior.deviation, found->prior.length, found->prior.noise, budget_peak(context.budget),
               plan->shared_bytes + plan->scratch_bytes);
        for (int64_t i = 0; i < p->format->n_times; i++)
            printf("%.17g %.17g %" PRIu32 "\n", shifts[i].dy, shifts[i].dx, shifts[i].flags);
    }
    if (state != NULL) motion_piecewise.close(state, context.budget);
    lmp_give(context.budget, p->scratch);
    free(p->pixels);
    free(p->moved);
    free(shifts);
    budget_free(context.budget);
    return status;
}

/* The words become the step's parameters, as on the command line. */
static lmp_status run(probe *p, lmp_engine *engine, int64_t n_words, const char *const *words, lmp_error *err)
{
    lmp_chain *chain = NULL;
    run_plan *plan = NULL;
    lmp_status status = lmp_chain_new(engine, &chain, err);
    if (status == LMP_OK) status = lmp_chain_parse(chain, n_words, words, err);
    if (status == LMP_OK) status = plan_new(p->recording, chain, &plan, err);
    if (status == LMP_OK) {
        p->params = plan->steps[0].params;
        p->format = lmp_recording_get_format(p->recording);
        p->bytes = (size_t)(p->format->height * p->format->width) * lmp_type_bytes(p->format->type);
        status = estimate(p, &plan->steps[0].plan, err);
    }
    plan_free(plan);
    lmp_chain_free(chain);
    return status;
}

int main(int argc, char **argv)
{
    enum { MOST_WORDS = 32 };
    const char *words[MOST_WORDS] = {"motion", "method=piecewise"};
    int64_t n_words = 2;
    probe p = {0};
    if (argc < 3 || argc > MOST_WORDS) {
        fprintf(stderr, "piecewise_probe MOVIE FIELD [KEY=VALUE ...]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "order=backwards") == 0)
            p.backwards = true;
        else
            words[n_words++] = argv[i];
    }
    p.field = argv[2];
    const lmp_engine_options one = {.struct_size = sizeof one, .threads = 1};
    lmp_engine *engine = NULL;
    lmp_error err = {0};
    lmp_status status = lmp_engine_new(&one, &engine, &err);
    if (status == LMP_OK) status = lmp_recording_open(engine, argv[1], NULL, &p.recording, &err);
    if (status == LMP_OK) status = run(&p, engine, n_words, words, &err);
    lmp_recording_close(p.recording);
    lmp_engine_free(engine);
    if (status == LMP_OK) return 0;
    fprintf(stderr, "%s\n", err.text);
    return FAILED;
}
