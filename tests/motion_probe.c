/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_probe.c: shows programs in Python the shifts that the recursive estimate finds, without the step around it.
 *
 *     motion_probe MOVIE [KEY=VALUE ...]
 *
 * KEY is npart, chunk, alt-error, aggregation (mean, max), circularity, minian-exact (yes, no), region (x,y,w,h) or
 * order (a seed: frames come shuffled; 0: in order). Prints one line of JSON (nodes, nodes_computed, peak_bytes,
 * planned_bytes, cpu_s), then dy, dx and flags of each frame. What fails is said on stderr, with exit code 3.
 */
#include "movie/motion.h"

#include "core/budget.h"
#include "movie/motion_recursive_state.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FAILED = 3 };

typedef struct probe {
    motion_params params;
    image_window region;
    uint64_t order;
} probe;

static bool set_word(probe *p, const char *word)
{
    const char *value = strchr(word, '=');
    if (value == NULL) return false;
    const size_t n = (size_t)(value - word);
    value++;
    const char *const keys[] = {"npart",       "chunk",        "alt-error", "aggregation",
                                "circularity", "minian-exact", "order",     "region"};
    size_t k = 0;
    while (k < 8 && (strlen(keys[k]) != n || strncmp(keys[k], word, n) != 0)) k++;
    if (k == 0) p->params.n_part = strtoll(value, NULL, 10);
    if (k == 1) p->params.chunk = strtoll(value, NULL, 10);
    if (k == 2) p->params.alt_error = strtod(value, NULL);
    if (k == 3) p->params.aggregation = strcmp(value, "max") == 0 ? MOTION_AGGREGATE_MAX : MOTION_AGGREGATE_MEAN;
    if (k == 4) p->params.circularity = strtod(value, NULL);
    if (k == 5) p->params.minian_exact = strcmp(value, "yes") == 0;
    if (k == 6) p->order = strtoull(value, NULL, 10);
    if (k == 7)
        return sscanf(value, "%" SCNd64 ",%" SCNd64 ",%" SCNd64 ",%" SCNd64, &p->region.x, &p->region.y,
                      &p->region.width, &p->region.height) == 4;
    return k < 8;
}

/* Fisher and Yates, with numbers of Knuth's 64-bit generator. */
static void shuffle(int64_t *order, int64_t n, uint64_t seed)
{
    for (int64_t i = n - 1; seed != 0 && i > 0; i--) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        const int64_t k = (int64_t)((seed >> 33) % (uint64_t)(i + 1)), other = order[k];
        order[k] = order[i];
        order[i] = other;
    }
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Hands all frames over in the order asked for. */
static lmp_status learn(const probe *p, void *state, lmp_recording *recording, void *scratch, lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(recording);
    const size_t bytes = (size_t)(f->height * f->width) * lmp_type_bytes(f->type);
    int64_t *order = malloc((size_t)f->n_times * sizeof *order);
    void *pixels = malloc(bytes);
    lmp_status status = order == NULL || pixels == NULL ? lmp_fail(err, LMP_ERR_MEMORY, "no memory") : LMP_OK;
    for (int64_t i = 0; i < f->n_times && status == LMP_OK; i++) order[i] = i;
    if (status == LMP_OK) shuffle(order, f->n_times, p->order);
    for (int64_t i = 0; i < f->n_times && status == LMP_OK; i++) {
        status = lmp_recording_read_frames(recording, order[i], 1, pixels, err);
        const lmp_frames in = {.first = order[i],
                               .count = 1,
                               .rows = f->height,
                               .width = f->width,
                               .n_colours = 1,
                               .type = f->type,
                               .data = pixels,
                               .stride = bytes};
        if (status == LMP_OK) status = motion_recursive.learn(state, 0, scratch, &in, err);
    }
    free(order);
    free(pixels);
    return status == LMP_OK ? motion_recursive.learned(state, 0, err) : status;
}

static lmp_status estimate(const probe *p, lmp_recording *recording, lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(recording);
    lmp_step_plan plan = {0};
    motion_context context = {.params = &p->params, .format = f, .plan = &plan, .region = p->region};
    if (context.region.width == 0) context.region = (image_window){0, 0, f->height, f->width};
    void *state = NULL, *scratch = NULL;
    lmp_status status = budget_new(UINT64_C(8) << 30, &context.budget, err);
    if (status == LMP_OK) status = motion_recursive.plan(&context, &plan, err);
    if (status == LMP_OK) status = lmp_take(context.budget, plan.scratch_bytes, &scratch, err);
    context.shifts = calloc((size_t)f->n_times, sizeof *context.shifts);
    if (status == LMP_OK) status = motion_recursive.open(&context, &state, err);
    const double began = cpu_seconds();
    if (status == LMP_OK) status = learn(p, state, recording, scratch, err);
    if (status == LMP_OK) {
        const recursive *r = state;
        printf("{\"nodes\": %" PRId64 ", \"nodes_computed\": %" PRId64 ", \"peak_bytes\": %" PRIu64
               ", \"planned_bytes\": %zu, \"cpu_s\": %.6f}\n",
               r->tree.size.n_nodes, (int64_t)r->n_nodes_computed, budget_peak(context.budget),
               plan.shared_bytes + plan.scratch_bytes, cpu_seconds() - began);
        for (int64_t i = 0; i < f->n_times; i++)
            printf("%.17g %.17g %" PRIu32 "\n", context.shifts[i].dy, context.shifts[i].dx, context.shifts[i].flags);
    }
    motion_recursive.close(state, context.budget);
    lmp_give(context.budget, scratch);
    free(context.shifts);
    budget_free(context.budget);
    return status;
}

int main(int argc, char **argv)
{
    probe p = {.params = {.n_part = 3, .chunk = LMP_AUTO_INTEGER, .alt_error = 5}};
    for (int i = 2; i < argc; i++) {
        if (set_word(&p, argv[i])) continue;
        fprintf(stderr, "motion_probe: %s is not an option\n", argv[i]);
        return 2;
    }
    if (argc < 2) {
        fprintf(stderr, "motion_probe MOVIE [KEY=VALUE ...]\n");
        return 2;
    }
    const lmp_engine_options one = {.struct_size = sizeof one, .threads = 1};
    lmp_engine *engine = NULL;
    lmp_recording *recording = NULL;
    lmp_error err = {0};
    lmp_status status = lmp_engine_new(&one, &engine, &err);
    if (status == LMP_OK) status = lmp_recording_open(engine, argv[1], NULL, &recording, &err);
    if (status == LMP_OK) status = estimate(&p, recording, &err);
    lmp_recording_close(recording);
    lmp_engine_free(engine);
    if (status == LMP_OK) return 0;
    fprintf(stderr, "%s\n", err.text);
    return FAILED;
}
