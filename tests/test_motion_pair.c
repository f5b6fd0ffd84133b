/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The parts of the recursive motion estimate: registering two images against the sums written out, moving and merging
 * images against the formula pixel by pixel, and what one node keeps.
 */
#include "movie/motion_recursive_node.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t seed;

static int64_t random_below(int64_t n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (int64_t)((seed >> 33) % (uint64_t)n);
}

static void *take(size_t bytes)
{
    void *made = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(made);
    memset(made, 0xA5, (bytes + 63) / 64 * 64);
    return made;
}

/* ---- Pairs ---- */

typedef struct pair {
    pair_plan plan;
    pair_image source, target;
    void *scratch;
} pair;

static pair begin_pair(int64_t height, int64_t width)
{
    pair p = {.plan = {.height = height, .width = width}};
    assert_int_equal(fft2_plan_new(height, width, height, &p.plan.transforms, NULL), LMP_OK);
    pair_image *const images[] = {&p.source, &p.target};
    for (int i = 0; i < 2; i++) {
        images[i]->image = take((size_t)pair_image_floats(height, width) * sizeof(float));
        images[i]->spectrum = take((size_t)pair_spectrum_floats(height, width) * sizeof(float));
    }
    p.scratch = take(pair_scratch_bytes(height, width));
    return p;
}

static void end_pair(pair *p)
{
    fft2_plan_free(p->plan.transforms);
    free(p->source.image);
    free(p->source.spectrum);
    free(p->target.image);
    free(p->target.spectrum);
    free(p->scratch);
}

static double correlation(const motion_image *s, const motion_image *t, int64_t height, int64_t width, int64_t py,
                          int64_t px)
{
    double sum = 0;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) {
            float a, b;
            motion_image_load(s, (y + py + height) % height * width + (x + px + width) % width, 1, &a);
            motion_image_load(t, y * width + x, 1, &b);
            sum += (double)a * (double)b;
        }
    return sum;
}

static double parabola(int64_t place, int64_t n, double before, double here, double after)
{
    const double bend = before - 2 * here + after,
                 refined = (double)place + (bend != 0 ? (before - after) / bend / 2 : 0);
    return refined > (double)(n / 2) ? (double)n - refined : -refined;
}

static void register_plainly(const motion_image *s, const motion_image *t, int64_t height, int64_t width,
                             double shift[2])
{
    int64_t py = 0, px = 0;
    double here = -INFINITY;
    for (int64_t i = 0; i < height * width; i++) {
        const double c = correlation(s, t, height, width, i / width, i % width);
        if (c <= here) continue;
        here = c;
        py = i / width;
        px = i % width;
    }
    shift[0] = parabola(py, height, correlation(s, t, height, width, py - 1, px), here,
                        correlation(s, t, height, width, py + 1, px));
    shift[1] = parabola(px, width, correlation(s, t, height, width, py, px - 1), here,
                        correlation(s, t, height, width, py, px + 1));
}

static void registers_as_written_out(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {2, 2}, {7, 13}, {16, 15}, {21, 30}, {32, 8}};
    seed = 1;
    for (int round = 0; round < 40; round++) {
        const int64_t height = sizes[round % 8][0], width = sizes[round % 8][1], n = height * width;
        uint8_t source[1024];
        float target[1024];
        for (int64_t i = 0; i < n; i++) source[i] = (uint8_t)random_below(256);
        for (int64_t i = 0; i < n; i++)
            target[i] = (float)source[(i + round) % n] + (float)random_below(999) / 50 - 900;
        const motion_image s = {source, LMP_UINT8}, t = {target, LMP_FLOAT32};
        pair p = begin_pair(height, width);
        pair_prepare(&p.plan, &s, &p.source, p.scratch);
        pair_prepare(&p.plan, &t, &p.target, p.scratch);
        double shift[2], plain[2];
        pair_register(&p.plan, &p.source, &p.target, p.scratch, shift);
        register_plainly(&s, &t, height, width, plain);
        if (n > 1) {
            assert_true(fabs(shift[0] - plain[0]) < 1e-6);
            assert_true(fabs(shift[1] - plain[1]) < 1e-6);
        }
        end_pair(&p);
    }
}

/* Two rows that fit almost equally well at two places: the transforms alone could not tell them apart. */
static void decides_by_exact_sums(void **state)
{
    (void)state;
    enum { N = 64 };
    float source[N] = {0}, target[N] = {0};
    target[0] = 1000;
    source[10] = 1000;
    source[40] = nextafterf(1000, 2000);
    pair p = begin_pair(1, N);
    pair_prepare(&p.plan, &(motion_image){source, LMP_FLOAT32}, &p.source, p.scratch);
    pair_prepare(&p.plan, &(motion_image){target, LMP_FLOAT32}, &p.target, p.scratch);
    double shift[2];
    pair_register(&p.plan, &p.source, &p.target, p.scratch, shift);
    assert_true(fabs(shift[1] - 24) < 0.01);
    source[10] = nextafterf(1000, 2000); /* equal: the first */
    pair_prepare(&p.plan, &(motion_image){source, LMP_FLOAT32}, &p.source, p.scratch);
    pair_register(&p.plan, &p.source, &p.target, p.scratch, shift);
    assert_true(fabs(shift[1] + 10) < 0.01);
    end_pair(&p);
}

static void nothing_to_register(void **state)
{
    (void)state;
    const uint8_t flat[35] = {0}, other[35] = {3, 5, 7, 9};
    pair p = begin_pair(5, 7);
    double shift[2] = {1, 1};
    pair_prepare(&p.plan, &(motion_image){flat, LMP_UINT8}, &p.source, p.scratch);
    pair_prepare(&p.plan, &(motion_image){other, LMP_UINT8}, &p.target, p.scratch);
    pair_register(&p.plan, &p.source, &p.target, p.scratch, shift);
    assert_true(shift[0] == 0 && shift[1] == 0);
    end_pair(&p);
}

/* ---- Images ---- */

static void power_is_zero_for_equal_pixels_alone(void **state)
{
    (void)state;
    float values[1500];
    for (int i = 0; i < 1500; i++) values[i] = 3e7F;
    const motion_image image = {values, LMP_FLOAT32};
    assert_true(motion_image_power(&image, 1500) == 0);
    assert_true(motion_image_level(&image, 1500) == 3e7);
    values[1499] += 2;
    assert_true(motion_image_power(&image, 1500) > 0);
    values[1499] = 1e-30F;
    assert_true(motion_image_power(&image, 1500) > 0);
    const int16_t whole[5] = {-3, 0, 3, 6, -6};
    assert_true(fabs(motion_image_power(&(motion_image){whole, LMP_INT16}, 5) - 18) < 1e-12);
}

/* ---- Merging ---- */

enum { H = 11, W = 19, K = 4 };

static float pixel(const motion_image *image, int64_t y, int64_t x)
{
    float value = 0;
    if (y >= 0 && y < H && x >= 0 && x < W) motion_image_load(image, y * W + x, 1, &value);
    return value;
}

/* The formula, pixel by pixel. */
static float moved(const merge_item *item, motion_rounding rounding, int64_t y, int64_t x)
{
    const int64_t qy = ((int64_t)rint(-(double)(float)item->dy * 1024) + 16) >> 5;
    const int64_t qx = ((int64_t)rint(-(double)(float)item->dx * 1024) + 16) >> 5;
    const float ay = (float)(qy & 31) / 32, ax = (float)(qx & 31) / 32;
    y += qy >> 5;
    x += qx >> 5;
    const float value = (1 - ay) * (1 - ax) * pixel(&item->image, y, x) +
                        (1 - ay) * ax * pixel(&item->image, y, x + 1) + ay * (1 - ax) * pixel(&item->image, y + 1, x) +
                        ay * ax * pixel(&item->image, y + 1, x + 1);
    if (rounding == MOTION_TRUNCATE) return truncf(value);
    return rounding == MOTION_ROUND_NEAREST ? rintf(value) : value;
}

static void check_merge(lmp_type type, motion_rounding rounding, bool takes_highest, double reach)
{
    _Alignas(64) char pixels[K][H * W * sizeof(float)];
    _Alignas(64) float kept[K][H * W], result[H * W];
    merge_item items[K];
    for (int k = 0; k < K; k++) {
        float values[H * W];
        for (int i = 0; i < H * W; i++)
            values[i] = (float)(type == LMP_INT16 ? random_below(2000) - 1000 : random_below(256));
        motion_image_store(values, H * W, type, pixels[k], 0);
        items[k] = (merge_item){.image = {pixels[k], type},
                                .dy = reach * (double)(random_below(2001) - 1000) / 1000,
                                .dx = k == 0 ? 2 : reach * (double)(random_below(2001) - 1000) / 1000,
                                .kept = k % 2 ? NULL : kept[k],
                                .kept_type = LMP_FLOAT32};
    }
    void *scratch = take(merge_scratch_bytes(W, K));
    const merge_order order = {H, W, rounding, takes_highest, LMP_FLOAT32};
    merge_images(&order, items, K, scratch, result);
    for (int64_t i = 0; i < (int64_t)H * W; i++) {
        double sum = 0, highest = -INFINITY;
        for (int k = 0; k < K; k++) {
            const float value = moved(&items[k], rounding, i / W, i % W);
            sum += (double)value;
            highest = fmax(highest, (double)value);
            if (k % 2 == 0) assert_true(kept[k][i] == value);
        }
        assert_true(result[i] == (float)(takes_highest ? highest : sum / K));
    }
    free(scratch);
}

static void merges_as_the_formula_says(void **state)
{
    (void)state;
    static const lmp_type types[] = {LMP_UINT8, LMP_INT16, LMP_FLOAT32};
    static const double reaches[] = {0, 0.9, 4, 30};
    seed = 7;
    for (int i = 0; i < 3 * 3 * 2 * 4; i++)
        check_merge(types[i % 3], (motion_rounding)(i / 3 % 3), i / 9 % 2, reaches[i / 18]);
}

static void small_integers_are_kept_as_such(void **state)
{
    (void)state;
    assert_int_equal(motion_image_type(LMP_UINT8), LMP_UINT8);
    assert_int_equal(motion_image_type(LMP_INT16), LMP_INT16);
    assert_int_equal(motion_image_type(LMP_INT32), LMP_FLOAT32);
    assert_int_equal(motion_image_type(LMP_FLOAT64), LMP_FLOAT32);
    float values[6] = {-2.5F, -1.5F, 0.5F, 1.5F, 2.5F, -0.7F};
    motion_image_round(MOTION_ROUND_NEAREST, LMP_INT8, values, 6);
    int8_t stored[6];
    motion_image_store(values, 6, LMP_INT8, stored, 0);
    const int8_t nearest[6] = {-2, -2, 0, 2, 2, -1};
    assert_memory_equal(stored, nearest, 6);
}

/* ---- One node ---- */

/* Frames that differ in brightness, so that what is kept shows; state of the middle one as given. */
static void check_last(bool is_exact, item_state second, double expected)
{
    enum { SIDE = 16, N = SIDE * SIDE };
    _Alignas(64) uint8_t frames[3][N], first[N], last[N];
    _Alignas(64) float aggregate[N];
    node_item items[3];
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < N; i++) frames[k][i] = (uint8_t)(10 * (k + 1) + ((i * 37) % 5 == 0 ? 100 : 0));
        items[k] = (node_item){.aggregate = {frames[k], LMP_UINT8}, .state = k == 1 ? second : ITEM_GOOD};
    }
    node_rule rule = {.plan = {SIDE, SIDE, NULL}, .alt_error = 5, .is_exact = is_exact};
    assert_int_equal(fft2_plan_new(SIDE, SIDE, SIDE, &rule.plan.transforms, NULL), LMP_OK);
    const node_kind kind = {.of_frames = true, .is_whole = true, .end_type = LMP_UINT8, .aggregate_type = LMP_FLOAT32};
    void *scratch = take(node_scratch_bytes(SIDE, SIDE, 3));
    double move[3][2];
    const node_result result = {first, aggregate, last};
    assert_int_equal(node_compute(&rule, &kind, items, 3, scratch, move, &result), ITEM_GOOD);
    assert_int_equal(first[N / 2 + 1] % 100, 10);
    assert_int_equal(last[N / 2 + 1] % 100, (int)expected);
    fft2_plan_free(rule.plan.transforms);
    free(scratch);
}

static void keeps_the_last_frame(void **state)
{
    (void)state;
    check_last(false, ITEM_GOOD, 30);
    check_last(true, ITEM_GOOD, 20);
    check_last(true, ITEM_DOUBTFUL, 30);
    check_last(false, ITEM_BLANK, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_as_written_out),   cmocka_unit_test(decides_by_exact_sums),
        cmocka_unit_test(nothing_to_register),        cmocka_unit_test(power_is_zero_for_equal_pixels_alone),
        cmocka_unit_test(merges_as_the_formula_says), cmocka_unit_test(small_integers_are_kept_as_such),
        cmocka_unit_test(keeps_the_last_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
