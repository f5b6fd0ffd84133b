/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The recursive motion estimate: every node once and the same bits whatever comes when, and what blank and missing
 * frames do. tests/oracle_recursive.py compares the shifts with the executable specification.
 */
#include "core/budget.h"
#include "movie/motion_recursive_state.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HEIGHT = 45, WIDTH = 62, MOST_FRAMES = 100 };

typedef struct estimate {
    motion_params params;
    lmp_format format;
    image_window region;
    uint8_t *movie; /* of any type */
    uint64_t limit;
    motion_shift shifts[MOST_FRAMES];
    float template[HEIGHT * WIDTH];
    int64_t n_nodes, n_computed;
} estimate;

static estimate *begin(int64_t n_frames, lmp_type type)
{
    estimate *e = calloc(1, sizeof *e);
    e->params = (motion_params){.n_part = 3, .chunk = 20, .alt_error = 5};
    e->format = (lmp_format){
        .kind = LMP_MOVIE, .type = type, .n_times = n_frames, .height = HEIGHT, .width = WIDTH, .n_colours = 1};
    e->region = (image_window){0, 0, HEIGHT, WIDTH};
    e->movie = calloc((size_t)n_frames, HEIGHT * WIDTH * lmp_type_bytes(type));
    e->limit = 64U << 20;
    return e;
}

static void end(estimate *e)
{
    free(e->movie);
    free(e);
}

/* Where the content of frame t lies. */
static void place(int64_t t, double *y, double *x)
{
    *y = sin(0.17 * (double)t);
    *x = 0.01 * (double)t + 0.6 * cos(0.3 * (double)t);
}

/* A pattern that goes round at the edges, so that every shift of it is exact. */
static double pattern(double y, double x)
{
    static const int waves[][2] = {{1, 0}, {0, 1}, {1, 2},  {3, -1}, {2, 3}, {-4, 2},
                                   {5, 1}, {1, 6}, {3, -5}, {6, 4},  {-2, 7}};
    double sum = 0;
    for (size_t k = 0; k < sizeof waves / sizeof *waves; k++)
        sum += cos(2 * M_PI * (waves[k][0] * y / HEIGHT + waves[k][1] * x / WIDTH) + 1.7 * (double)(k * k));
    return 120 + 10 * sum;
}

static void put(estimate *e, int64_t t, int64_t i, double value)
{
    const int64_t at = t * HEIGHT * WIDTH + i;
    if (e->format.type == LMP_UINT8)
        e->movie[at] = (uint8_t)lrint(value);
    else
        ((float *)(void *)e->movie)[at] = (float)value;
}

static void draw(estimate *e)
{
    for (int64_t t = 0; t < e->format.n_times; t++) {
        double dy, dx;
        place(t, &dy, &dx);
        for (int64_t i = 0; i < (int64_t)HEIGHT * WIDTH; i++)
            put(e, t, i, pattern((double)(i / WIDTH) - dy, (double)(i % WIDTH) - dx));
    }
}

static void blank(estimate *e, int64_t t, double value)
{
    for (int64_t i = 0; i < (int64_t)HEIGHT * WIDTH; i++) put(e, t, i, value);
}

typedef struct worker {
    estimate *e;
    void *method, *scratch;
    const int64_t *order;
    atomic_int *next;
    lmp_status status;
    pthread_t thread;
} worker;

static void *work(void *argument)
{
    worker *w = argument;
    const lmp_format *f = &w->e->format;
    const size_t bytes = (size_t)(f->height * f->width) * lmp_type_bytes(f->type);
    for (int i = atomic_fetch_add(w->next, 1); i < f->n_times && w->status == LMP_OK;
         i = atomic_fetch_add(w->next, 1)) {
        const lmp_frames in = {.first = w->order[i],
                               .count = 1,
                               .rows = f->height,
                               .width = f->width,
                               .n_colours = 1,
                               .type = f->type,
                               .data = w->e->movie + (size_t)w->order[i] * bytes,
                               .stride = bytes};
        w->status = motion_recursive.learn(w->method, 0, w->scratch, &in, NULL);
    }
    return NULL;
}

static void shuffle(int64_t *order, int64_t n, uint64_t seed)
{
    for (int64_t i = 0; i < n; i++) order[i] = i;
    for (int64_t i = n - 1; seed != 0 && i > 0; i--) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        const int64_t k = (int64_t)((seed >> 33) % (uint64_t)(i + 1)), other = order[k];
        order[k] = order[i];
        order[i] = other;
    }
}

static lmp_status learn(estimate *e, void *method, lmp_budget *budget, size_t scratch_bytes, uint64_t seed,
                        int n_workers)
{
    int64_t order[MOST_FRAMES];
    shuffle(order, e->format.n_times, seed);
    atomic_int next = 0;
    worker workers[4] = {0};
    lmp_status status = LMP_OK;
    for (int i = 0; i < n_workers; i++) {
        workers[i] = (worker){.e = e, .method = method, .order = order, .next = &next};
        if (lmp_take(budget, scratch_bytes, &workers[i].scratch, NULL) != LMP_OK) workers[i].status = LMP_ERR_MEMORY;
        if (workers[i].scratch != NULL) memset(workers[i].scratch, 0xA5, scratch_bytes);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < n_workers; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        if (workers[i].status != LMP_OK) status = workers[i].status;
        lmp_give(budget, workers[i].scratch);
    }
    return status;
}

/* seed: order in which frames come; 0: that of time. */
static lmp_status run(estimate *e, uint64_t seed, int n_workers)
{
    lmp_budget *budget;
    lmp_step_plan plan = {0};
    assert_int_equal(budget_new(e->limit, &budget, NULL), LMP_OK);
    motion_context context = {.params = &e->params, .format = &e->format, .plan = &plan, .region = e->region};
    assert_int_equal(motion_recursive.plan(&context, &plan, NULL), LMP_OK);
    assert_int_equal(plan.learn_passes, 1);
    memset(e->shifts, 0, sizeof e->shifts);
    context.budget = budget;
    context.shifts = e->shifts;
    void *method = NULL;
    lmp_status status = motion_recursive.open(&context, &method, NULL);
    if (status == LMP_OK) status = learn(e, method, budget, plan.scratch_bytes, seed, n_workers);
    if (status == LMP_OK) {
        assert_int_equal(motion_recursive.learned(method, 0, NULL), LMP_OK);
        motion_recursive.paint(method, e->template);
        e->n_nodes = ((recursive *)method)->tree.size.n_nodes;
        e->n_computed = ((recursive *)method)->n_nodes_computed;
    }
    motion_recursive.close(method, budget);
    budget_trim(budget);
    assert_int_equal(budget_used(budget), 0);
    if (seed == 0 && n_workers == 1 && status == LMP_OK)
        assert_true(budget_peak(budget) <= plan.shared_bytes + plan.scratch_bytes);
    budget_free(budget);
    return status;
}

/* Largest distance from the truth, px, of frames that are known, once the mean is taken off. */
static double worst_error(const estimate *e)
{
    double mean[2] = {0, 0}, worst = 0, y, x;
    int64_t n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t t = 0; t < e->format.n_times; t++) {
            if (e->shifts[t].flags != 0) continue;
            place(t, &y, &x);
            const double dy = e->shifts[t].dy + y, dx = e->shifts[t].dx + x;
            if (pass == 1) worst = fmax(worst, hypot(dy - mean[0] / (double)n, dx - mean[1] / (double)n));
            if (pass == 1) continue;
            mean[0] += dy;
            mean[1] += dx;
            n++;
        }
    return worst;
}

static void finds_the_shifts(void **state)
{
    (void)state;
    for (int type = 0; type < 2; type++) {
        estimate *e = begin(73, type == 0 ? LMP_UINT8 : LMP_FLOAT32);
        draw(e);
        assert_int_equal(run(e, 0, 1), LMP_OK);
        assert_true(worst_error(e) < 0.25);
        assert_true(e->shifts[0].power > 0 && isnan(e->shifts[0].peak));
        end(e);
    }
}

static void same_bits_and_every_node_once(void **state)
{
    (void)state;
    estimate *e = begin(97, LMP_UINT8), *other = begin(97, LMP_UINT8);
    draw(e);
    draw(other);
    for (uint64_t seed = 0; seed < 9; seed++) {
        e->params.circularity = other->params.circularity = seed < 6 ? 0 : 0.5;
        if (seed % 6 == 0) assert_int_equal(run(e, 0, 1), LMP_OK);
        assert_int_equal(e->n_computed, e->n_nodes);
        assert_int_equal(run(other, seed, 1 + (int)(seed % 3)), LMP_OK);
        assert_int_equal(other->n_computed, e->n_nodes);
        assert_memory_equal(other->shifts, e->shifts, sizeof e->shifts);
        assert_memory_equal(other->template, e->template, sizeof e->template);
    }
    end(e);
    end(other);
}

/* Frame 4, all of leaf 6 to 8, and the whole second chunk say nothing, and keep nothing from the others. */
static void blank_frames_move_nobody(void **state)
{
    (void)state;
    estimate *e = begin(60, LMP_UINT8);
    draw(e);
    for (int64_t t = 0; t < 60; t++)
        if (t == 4 || (t >= 5 && t < 9) || (t >= 20 && t < 40)) blank(e, t, t == 4 ? 255 : 0);
    assert_int_equal(run(e, 0, 1), LMP_OK);
    for (int64_t t = 0; t < 60; t++) {
        assert_int_equal(e->shifts[t].flags, t >= 4 && (t < 9 || (t >= 20 && t < 40)) ? MOTION_BLANK : 0);
        assert_true(isfinite(e->shifts[t].dy) && isfinite(e->shifts[t].dx));
    }
    assert_true(worst_error(e) < 0.25);
    assert_int_equal(e->n_computed, e->n_nodes);
    for (int64_t t = 0; t < 60; t++) blank(e, t, 9);
    assert_int_equal(run(e, 0, 1), LMP_OK);
    for (int64_t t = 0; t < 60; t++)
        assert_true(e->shifts[t].flags == MOTION_BLANK && e->shifts[t].dy == 0 && e->shifts[t].dx == 0);
    end(e);
}

static void missing_pixels(void **state)
{
    (void)state;
    estimate *e = begin(30, LMP_FLOAT32);
    draw(e);
    for (int64_t i = 0; i < 200; i++) put(e, 7, i * 9, i % 2 ? NAN : INFINITY);
    blank(e, 13, NAN);
    assert_int_equal(run(e, 3, 2), LMP_OK);
    for (int64_t t = 0; t < 30; t++) assert_int_equal(e->shifts[t].flags, t == 13 ? MOTION_CORRUPT : 0);
    assert_true(worst_error(e) < 0.25);
    end(e);
}

static void looks_at_the_region_alone(void **state)
{
    (void)state;
    estimate *e = begin(25, LMP_UINT8), *other = begin(25, LMP_UINT8);
    draw(e);
    draw(other);
    e->region = other->region = (image_window){.y = 5, .x = 9, .height = 31, .width = 40};
    for (int64_t t = 0; t < 25; t++)
        for (int64_t i = 0; i < (int64_t)HEIGHT * WIDTH; i++) {
            const int64_t y = i / WIDTH - 5, x = i % WIDTH - 9;
            if (y < 0 || y >= 31 || x < 0 || x >= 40) put(other, t, i, (double)((i * 7 + t * 31) % 251));
        }
    assert_int_equal(run(e, 0, 1), LMP_OK);
    assert_int_equal(run(other, 0, 1), LMP_OK);
    assert_memory_equal(other->shifts, e->shifts, sizeof e->shifts);
    end(e);
    end(other);
}

static void small_movies(void **state)
{
    (void)state;
    for (int64_t n = 1; n < 6; n++)
        for (int64_t n_part = 2; n_part < 5; n_part++)
            for (int64_t chunk = 1; chunk < 4; chunk++) {
                estimate *e = begin(n, LMP_UINT8);
                draw(e);
                e->params.n_part = n_part;
                e->params.chunk = chunk;
                e->params.aggregation = chunk == 3 ? MOTION_AGGREGATE_MAX : MOTION_AGGREGATE_MEAN;
                e->params.alt_error = n_part == 4 ? 0 : 5;
                assert_int_equal(run(e, 0, 1), LMP_OK);
                assert_int_equal(e->n_computed, e->n_nodes);
                assert_true(worst_error(e) < 0.25);
                end(e);
            }
}

static void little_memory_is_an_error(void **state)
{
    (void)state;
    estimate *e = begin(40, LMP_FLOAT32);
    draw(e);
    for (uint64_t limit = 1000; limit < 150000; limit += 10000) {
        e->limit = limit;
        assert_int_equal(run(e, 0, 1), LMP_ERR_MEMORY);
    }
    end(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_shifts),          cmocka_unit_test(same_bits_and_every_node_once),
        cmocka_unit_test(blank_frames_move_nobody),  cmocka_unit_test(missing_pixels),
        cmocka_unit_test(looks_at_the_region_alone), cmocka_unit_test(small_movies),
        cmocka_unit_test(little_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
