/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_simulate_miniscope.c: the simulated movie of moving tissue: exact displacement, frames that go wrong, and that
 * it does not matter how it is read.
 */
#include "simulate/miniscope.h"

#include "core/budget.h"
#include "core/param.h"
#include "core/stream.h"
#include "core/table.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const lmp_simulator lmp_simulator_miniscope;

#define assert_near(value, wanted, tolerance)                                                                          \
    do {                                                                                                               \
        const double near_value = (value), near_wanted = (wanted);                                                     \
        if (!(fabs(near_value - near_wanted) <= (tolerance)))                                                          \
            fail_msg("%s is %.12g, not %.12g within %g", #value, near_value, near_wanted, (double)(tolerance));        \
    } while (0)

/* ---- A movie, opened from words as on a command line ---- */

typedef struct movie {
    lmp_source source;
    lmp_budget *budget;
    const miniscope *m;
} movie;

static lmp_status try_open(const char *words, bool truth, lmp_source *source, lmp_error *err)
{
    const lmp_simulator *simulator = &lmp_simulator_miniscope;
    param_set set;
    lmp_status status = param_set_new(simulator->params, simulator->params_size, simulator->name, &set, err);
    assert_int_equal(status, LMP_OK);
    char *copy = strdup(words), *rest = copy;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL && status == LMP_OK; word = strtok_r(NULL, " ", &rest))
        status = param_set_word(&set, word, err);
    if (status == LMP_OK) status = simulator->open(set.values, truth, source, err);
    free(copy);
    param_set_clear(&set); /* the source must not need it any more */
    return status;
}

static movie open_words(const char *words, bool truth)
{
    movie v = {0};
    lmp_error err = {0};
    if (try_open(words, truth, &v.source, &err) != LMP_OK) fail_msg("%s: %s", words, err.text);
    assert_int_equal(budget_new(1 << 26, &v.budget, NULL), LMP_OK);
    v.m = v.source.state;
    return v;
}

static void close_movie(movie *v)
{
    v->source.close(v->source.state);
    stream_clear(&v->source.stream);
    json_decref(v->source.facts);
    assert_int_equal(budget_used(v->budget), 0);
    budget_free(v->budget);
}

static size_t frame_bytes(const movie *v)
{
    return stream_instant_bytes(&v->source.stream);
}

static void read_into(const movie *v, int64_t first, int64_t count, void *data)
{
    const lmp_frames out = stream_frames(&v->source.stream.format, first, count, data);
    assert_int_equal(v->source.read_frames(v->source.state, &out, v->budget, NULL), LMP_OK);
}

static void *read_all(const movie *v)
{
    void *data = malloc(frame_bytes(v) * (size_t)v->m->p.frames);
    assert_non_null(data);
    read_into(v, 0, v->m->p.frames, data);
    return data;
}

static const char small_still[] =
    "height=64 width=80 frames=1 motion=0 type=float32 photons=0 read-noise=0 vignette=0 ";

static movie open_still(const char *more, bool truth)
{
    char words[512];
    snprintf(words, sizeof words, "%s%s", small_still, more);
    return open_words(words, truth);
}

/* ---- The same bits however it is read ---- */

static void check_cuts(const char *words)
{
    movie v = open_words(words, false), again = open_words(words, false);
    char *whole = read_all(&v), *one = malloc(frame_bytes(&v));
    assert_non_null(one);
    for (int64_t t = v.m->p.frames - 1; t >= 0; t--) {
        read_into(&again, t, 1, one);
        if (memcmp(one, whole + (size_t)t * frame_bytes(&v), frame_bytes(&v)) != 0)
            fail_msg("%s: frame %lld differs when it is read alone", words, (long long)t);
    }
    free(one);
    free(whole);
    close_movie(&again);
    close_movie(&v);
}

static void frames_are_the_same_however_they_are_read(void **state)
{
    (void)state;
    check_cuts("frames=40 height=61 width=83 dirt=3 glow=9 bleaching=30 drift=20 blank=0.1 dropped=0.2 corrupted=0.2 "
               "saturated=0.1");
    check_cuts("frames=12 height=50 width=70 bend=1.5 type=uint16 full=1000 corrupted=0.3");
    check_cuts("frames=6 height=40 width=40 scene=two-photon type=float32 vessels=0");
    check_cuts("frames=2 height=16 width=16 motion=0 cells=0");
}

static void another_seed_is_another_movie(void **state)
{
    (void)state;
    movie a = open_words("frames=1 height=32 width=32", false),
          b = open_words("frames=1 height=32 width=32 seed=2", false);
    void *one = read_all(&a), *other = read_all(&b);
    assert_memory_not_equal(one, other, frame_bytes(&a));
    free(one);
    free(other);
    close_movie(&a);
    close_movie(&b);
}

/* ---- Displacement ---- */

static miniscope_image shifted(const movie *v, double dy, double dx, void **memory)
{
    *memory = aligned_alloc(64, (miniscope_shift_bytes(&v->m->scene) + 63) / 64 * 64);
    assert_non_null(*memory);
    const miniscope_image image = miniscope_shift(&v->m->scene, dy, dx, *memory);
    miniscope_add_cells(&v->m->scene, 0, dy, dx, &image);
    return image;
}

static void whole_pixels_move_the_canvas(void **state)
{
    (void)state;
    movie v = open_still("cells=10", false);
    void *first, *second;
    const miniscope_image a = shifted(&v, 0, 0, &first), b = shifted(&v, 3, -5, &second);
    for (int64_t y = 3; y < 64; y++)
        for (int64_t x = 0; x < 80 - 5; x++)
            assert_near((double)miniscope_row(&b, y)[x], (double)miniscope_row(&a, y - 3)[x + 5], 1e-5);
    free(first);
    free(second);
    close_movie(&v);
}

/* The canvas between its pixels: the sum that its spectrum stands for. */
static double canvas_at(const miniscope_scene *s, double y, double x)
{
    double sum = 0;
    for (int64_t i = 0; i <= s->width / 2; i++)
        for (int64_t j = 0; j < s->height; j++) {
            const float *bin = s->spectrum + 2 * (i * s->height + j);
            const double fy = (double)(2 * j <= s->height ? j : j - s->height) / (double)s->height;
            const double angle = 2 * M_PI * (fy * y + (double)i / (double)s->width * x);
            const double twice = i == 0 || 2 * i == s->width ? 1 : 2;
            sum += twice * ((double)bin[0] * cos(angle) - (double)bin[1] * sin(angle));
        }
    return sum;
}

static void parts_of_pixels_are_exact(void **state)
{
    (void)state;
    movie v = open_still("cells=0", false);
    void *memory;
    const double dy = 2.37, dx = -7.81;
    const miniscope_image image = shifted(&v, dy, dx, &memory);
    for (int64_t k = 0; k < 20; k++) {
        const int64_t y = 3 * k, x = 79 - 2 * k;
        assert_near((double)miniscope_row(&image, y)[x], canvas_at(&v.m->scene, (double)y - dy, (double)x - dx), 2e-6);
    }
    free(memory);
    close_movie(&v);
}

static void a_bend_is_where_the_formula_says(void **state)
{
    (void)state;
    movie v = open_words("height=96 width=128 frames=9 motion=4 bend=3 drift=30 type=float32 photons=0 read-noise=0 "
                         "vignette=0 cells=0 offset=0 gain=1",
                         false);
    const int64_t t = 8;
    const miniscope_moment at = miniscope_at(&v.m->motion, t);
    assert_true(fabs(at.bend_px) > 0.05);
    float *frame = malloc(frame_bytes(&v));
    assert_non_null(frame);
    read_into(&v, t, 1, frame);
    for (int64_t k = 0; k < 30; k++) {
        const int64_t y = 3 * k, x = (41 * k) % 128;
        double uy = 0, ux = 0;
        for (int i = 0; i < 200; i++)
            miniscope_displacement(&v.m->motion, &at, (double)y - uy, (double)x - ux, &uy, &ux);
        /* Contrast of the canvas is about 0.5; B-splines and the grid of displacements cost 1e-4 of it. */
        assert_near((double)frame[y * 128 + x], canvas_at(&v.m->scene, (double)y - uy, (double)x - ux), 5e-5);
    }
    free(frame);
    close_movie(&v);
}

/* Both ways to paint agree where nothing bends, cells and rings included. */
static void check_no_bend(const char *words, double tolerance)
{
    movie v = open_words(words, false);
    const miniscope_moment at = {.dy_px = -2.3, .dx_px = 4.6};
    void *first, *second = aligned_alloc(64, (miniscope_bend_bytes(&v.m->p) + 63) / 64 * 64);
    assert_non_null(second);
    const miniscope_image a = shifted(&v, at.dy_px, at.dx_px, &first);
    const miniscope_image b = miniscope_bend(&v.m->scene, &v.m->motion, &at, second);
    for (int64_t y = 0; y < 64; y++)
        for (int64_t x = 0; x < 80; x++)
            assert_near((double)miniscope_row(&b, y)[x], (double)miniscope_row(&a, y)[x], tolerance);
    free(first);
    free(second);
    close_movie(&v);
}

static void a_bend_of_nothing_changes_nothing(void **state)
{
    (void)state;
    check_no_bend("height=64 width=80 frames=1 bend=1 cells=12", 5e-5);
    check_no_bend("height=64 width=80 frames=1 bend=1 cells=12 scene=two-photon", 1e-4);
}

static void the_walk_keeps_inside_its_walls(void **state)
{
    (void)state;
    movie v = open_words("frames=3000 height=16 width=16 motion=5 jumps=0.05", false);
    double square = 0, largest = 0, before[2] = {0, 0};
    for (int64_t t = 0; t < 3000; t++) {
        const miniscope_moment at = miniscope_at(&v.m->motion, t);
        const double now[2] = {at.dy_px, at.dx_px};
        for (int a = 0; a < 2; a++) {
            if (t == 0) assert_true(now[a] == 0);
            largest = fmax(largest, fabs(now[a]));
            square += (now[a] - before[a]) * (now[a] - before[a]);
            before[a] = now[a];
        }
    }
    assert_true(largest <= 5 && largest > 4);
    assert_true(square > 0);
    close_movie(&v);
}

static void steps_are_as_long_as_asked(void **state)
{
    (void)state;
    movie v = open_words("frames=20000 height=16 width=16 motion=1000 jumps=0 step=0.7 vessels=0 cells=0", false);
    double square = 0, before = 0;
    for (int64_t t = 0; t < 20000; t++) {
        const double now = miniscope_at(&v.m->motion, t).dx_px;
        square += (now - before) * (now - before);
        before = now;
    }
    assert_near(sqrt(square / 20000), 0.7, 0.03); /* 20,000 steps, remembered over three */
    close_movie(&v);
}

static void drift_is_what_is_left_without_a_walk(void **state)
{
    (void)state;
    movie v = open_words("frames=101 height=16 width=16 motion=0 drift=250", false);
    const miniscope_moment half = miniscope_at(&v.m->motion, 50), end = miniscope_at(&v.m->motion, 100);
    assert_near(hypot(end.dy_px, end.dx_px), 250, 1e-9);
    assert_near(hypot(half.dy_px, half.dx_px), 125, 1e-9);
    assert_true((double)v.m->scene.height >= 16 + fabs(end.dy_px));
    assert_true((double)v.m->scene.width >= 16 + fabs(end.dx_px));
    close_movie(&v);
}

/* ---- Levels ---- */

static double mean_of(const float *values, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)values[i];
    return sum / (double)n;
}

static void mean_levels_are_gain_and_offset(void **state)
{
    (void)state;
    /* 64 x 80 is a good size for a transform: the canvas is the frame. */
    movie v = open_still("cells=0 vessels=0 gain=100 offset=7", false),
          truth = open_still("cells=0 vessels=0 gain=100", true);
    assert_int_equal(v.m->scene.height * v.m->scene.width, 64 * 80);
    float *frame = read_all(&v), *still = read_all(&truth);
    assert_near(mean_of(frame, 64 * 80), 107, 1e-3);
    assert_near(mean_of(still, 64 * 80), 100, 1e-3);
    for (int64_t i = 0; i < 64 * 80; i++) assert_near((double)frame[i], (double)still[i] + 7, 1e-4);
    free(frame);
    free(still);
    close_movie(&v);
    close_movie(&truth);
}

static void tissue_bleaches(void **state)
{
    (void)state;
    movie v = open_still("cells=0 frames=3 bleaching=75 offset=0", false);
    float *frames = read_all(&v);
    const double first = mean_of(frames, 64 * 80);
    assert_near(mean_of(frames + 64 * 80, 64 * 80), first / 2, 1e-3);
    assert_near(mean_of(frames + 2 * 64 * 80, 64 * 80), first / 4, 1e-3);
    free(frames);
    close_movie(&v);
}

static void dirt_and_glow_stay(void **state)
{
    (void)state;
    movie v = open_words(
        "height=64 width=80 frames=20 photons=0 read-noise=0 type=float32 gain=0 glow=50 offset=5 dirt=4", false);
    float *frames = read_all(&v);
    for (int64_t t = 1; t < 20; t++) assert_memory_equal(frames, frames + t * 64 * 80, frame_bytes(&v));
    double least = 1e9, most = 0;
    for (int64_t i = 0; i < 64 * 80; i++) {
        least = fmin(least, (double)frames[i]);
        most = fmax(most, (double)frames[i]);
    }
    assert_near(most, 55, 0.2);
    assert_true(least > 5 && least < 45);
    free(frames);
    close_movie(&v);
}

/* ---- Cells ---- */

static void cells_fire_and_forget(void **state)
{
    (void)state;
    movie v = open_words("frames=1000 height=64 width=64 cells=40 motion=0", false);
    const miniscope_scene *s = &v.m->scene;
    const double rest = miniscope_kind_of(&v.m->p)->cell_rest;
    double most = 0, least = 1e9, sum = 0, wanted = 0;
    assert_int_equal(s->n_cells, 40);
    for (int64_t c = 0; c < 40; c++) {
        for (int64_t t = 0; t < 1000; t++) {
            const double light = miniscope_activity(s, c, t);
            most = fmax(most, light);
            least = fmin(least, light);
            sum += (light - rest) / 40000;
        }
        /* Spikes of 1.1 on average, each shining for 1 / (1 - decay) frames. */
        wanted += s->cells[c].spikes_per_frame * 1.1 / (1 - s->spike_decay) / 40;
    }
    assert_true(least >= rest && least < rest + 0.01 && most > rest + 1.2);
    assert_near(sum, wanted, 0.15 * wanted); /* 280 spikes: 6 % */
    close_movie(&v);
}

/* ---- Frames that go wrong ---- */

static void count_statuses(const movie *v, int64_t counts[5])
{
    memset(counts, 0, 5 * sizeof *counts);
    for (int64_t t = 0; t < v->m->p.frames; t++) counts[miniscope_at(&v->m->motion, t).status]++;
}

static void faults_are_as_frequent_as_asked(void **state)
{
    (void)state;
    int64_t counts[5];
    movie v = open_words("frames=20000 height=16 width=16 blank=0.02 corrupted=0.05 saturated=0.1", false);
    count_statuses(&v, counts);
    assert_near((double)counts[MINISCOPE_BLANK], 400, 80);
    assert_near((double)counts[MINISCOPE_CORRUPTED], 1000, 130);
    assert_near((double)counts[MINISCOPE_SATURATED], 2000, 180);
    assert_int_equal(counts[MINISCOPE_REPEATED], 0);
    close_movie(&v);
    v = open_words("frames=20000 height=16 width=16 dropped=0.3", false);
    count_statuses(&v, counts);
    assert_near((double)counts[MINISCOPE_REPEATED], 6000, 260);
    assert_int_equal(miniscope_at(&v.m->motion, 0).status, MINISCOPE_OK);
    close_movie(&v);
    v = open_words("frames=1000 height=16 width=16", false);
    count_statuses(&v, counts);
    assert_int_equal(counts[MINISCOPE_OK], 1000);
    close_movie(&v);
}

static void check_status(const movie *v, const uint8_t *frames, int64_t t)
{
    const size_t n = frame_bytes(v);
    const uint8_t *frame = frames + (size_t)t * n;
    const miniscope_moment at = miniscope_at(&v->m->motion, t);
    double mean = 0;
    for (size_t i = 0; i < n; i++) mean += (double)frame[i] / (double)n;
    if (at.status == MINISCOPE_REPEATED) assert_memory_equal(frame, frame - n, n);
    if (at.status != MINISCOPE_REPEATED && at.status != MINISCOPE_SATURATED && t > 0)
        assert_memory_not_equal(frame, frame - n, n);
    if (at.status == MINISCOPE_BLANK) assert_near(mean, 12, 0.2);
    if (at.status == MINISCOPE_SATURATED) assert_near(mean, 255, 0);
    if (at.status == MINISCOPE_OK || at.status == MINISCOPE_REPEATED) assert_near(mean, 55, 20);
}

static void frames_show_their_status(void **state)
{
    (void)state;
    movie v = open_words("frames=200 height=48 width=64 blank=0.1 dropped=0.2 corrupted=0.1 saturated=0.1", false);
    uint8_t *frames = read_all(&v);
    int64_t counts[5];
    count_statuses(&v, counts);
    for (int i = 0; i < 5; i++) assert_true(counts[i] > 5);
    for (int64_t t = 0; t < 200; t++) check_status(&v, frames, t);
    free(frames);
    close_movie(&v);
}

static void some_rows_of_a_corrupted_frame_are_sound(void **state)
{
    (void)state;
    movie sound = open_words("frames=40 height=48 width=64", false);
    movie torn = open_words("frames=40 height=48 width=64 corrupted=0.5", false);
    uint8_t *a = read_all(&sound), *b = read_all(&torn);
    for (int64_t t = 0; t < 40; t++) {
        int64_t differ = 0;
        for (int64_t y = 0; y < 48; y++) differ += memcmp(a + (t * 48 + y) * 64, b + (t * 48 + y) * 64, 64) != 0;
        const bool is_torn = miniscope_at(&torn.m->motion, t).status == MINISCOPE_CORRUPTED;
        assert_true(is_torn ? differ > 0 && differ <= 4 * 8 : differ == 0);
    }
    free(a);
    free(b);
    close_movie(&sound);
    close_movie(&torn);
}

/* ---- What is written beside ---- */

static void facts_and_table_tell_the_motion(void **state)
{
    (void)state;
    movie v = open_words("frames=3 height=32 width=64 bend=1 cells=2", false);
    lmp_table *table = NULL;
    assert_int_equal(table_new(&table, NULL), LMP_OK);
    lmp_simulator_miniscope.tabulate(v.source.state, table);
    table_free(table);
    const miniscope_moment at = miniscope_at(&v.m->motion, 2);
    const json_t *facts = v.source.facts;
    assert_near(json_real_value(json_array_get(json_object_get(facts, "dy_px"), 2)), at.dy_px, 1e-12);
    assert_near(json_real_value(json_array_get(json_object_get(facts, "dx_px"), 2)), at.dx_px, 1e-12);
    assert_near(json_real_value(json_array_get(json_object_get(facts, "bend_px"), 2)), at.bend_px, 1e-12);
    assert_string_equal(json_string_value(json_array_get(json_object_get(facts, "status"), 2)), "ok");
    assert_near(json_real_value(json_object_get(json_object_get(json_object_get(facts, "bend"), "x"), "phase_rad")),
                v.m->motion.bend_x.phase_rad, 1e-12);
    assert_int_equal(json_array_size(json_object_get(facts, "cells")), v.m->scene.n_cells);
    close_movie(&v);
}

/* ---- What cannot be ---- */

static void check_refused(const char *words, uint64_t memory, const char *named)
{
    lmp_source source = {.limits = {.threads = 1, .memory = memory}};
    lmp_error err = {0};
    const lmp_status status = try_open(words, false, &source, &err);
    if (status == LMP_OK) fail_msg("%s was taken", words);
    if (strstr(err.text, named) == NULL) fail_msg("%s: \"%s\" does not name %s", words, err.text, named);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    check_refused("blank=0.4 dropped=0.4 corrupted=0.4", 0, "at most 1");
    check_refused("bend=20", 0, "19.2 or less");
    check_refused("height=64 width=64 bend=3", 0, "2 or less");
    check_refused("full=256", 0, "uint16");
    check_refused("frames=0", 0, "frames");
    check_refused("height=15", 0, "height");
    check_refused("motion=-1", 0, "motion");
    check_refused("scene=three-photon", 0, "scene");
    check_refused("height=480 width=752", 1000000, "MB");
    check_refused("height=16 width=16 drift=10000 vessels=0 cells=100000", UINT64_C(1) << 40, "cells");
    check_refused("height=16 width=16 motion=1000 vessels=10000", UINT64_C(1) << 40, "vessels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_the_same_however_they_are_read),
        cmocka_unit_test(another_seed_is_another_movie),
        cmocka_unit_test(whole_pixels_move_the_canvas),
        cmocka_unit_test(parts_of_pixels_are_exact),
        cmocka_unit_test(a_bend_is_where_the_formula_says),
        cmocka_unit_test(a_bend_of_nothing_changes_nothing),
        cmocka_unit_test(the_walk_keeps_inside_its_walls),
        cmocka_unit_test(steps_are_as_long_as_asked),
        cmocka_unit_test(drift_is_what_is_left_without_a_walk),
        cmocka_unit_test(mean_levels_are_gain_and_offset),
        cmocka_unit_test(tissue_bleaches),
        cmocka_unit_test(dirt_and_glow_stay),
        cmocka_unit_test(cells_fire_and_forget),
        cmocka_unit_test(faults_are_as_frequent_as_asked),
        cmocka_unit_test(frames_show_their_status),
        cmocka_unit_test(some_rows_of_a_corrupted_frame_are_sound),
        cmocka_unit_test(facts_and_table_tell_the_motion),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
