/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How well a frame says in every direction that it has been moved: shapes whose measure is known, and frames.
 * tests/oracle_recursive.py compares it with OpenCV.
 */
#include "movie/motion_circular.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIDE = 40 };

static void rectangle(uint8_t *map, int y, int x, int height, int width, uint8_t value)
{
    for (int i = y; i < y + height; i++) memset(map + i * SIDE + x, value, (size_t)width);
}

static void shape_is(uint8_t *map, double expected)
{
    assert_true(fabs(circular_shape(map, SIDE, SIDE) - expected) < 1e-12);
    memset(map, 0, SIDE * SIDE);
}

static void shapes(void **state)
{
    (void)state;
    uint8_t map[SIDE * SIDE] = {0};
    shape_is(map, 0); /* nothing */
    rectangle(map, 7, 9, 1, 1, 1);
    shape_is(map, 0); /* a point */
    rectangle(map, 1, 1, 1, 38, 1);
    shape_is(map, 0); /* a line, there and back */
    rectangle(map, 1, 1, 38, 38, 1);
    shape_is(map, M_PI / 4); /* a square */
    rectangle(map, 5, 4, 11, 31, 1);
    shape_is(map, 4 * M_PI * 300 / (80.0 * 80.0));
    rectangle(map, 5, 4, 11, 31, 1);
    rectangle(map, 7, 6, 6, 20, 0);
    rectangle(map, 9, 8, 2, 2, 1);
    shape_is(map, 4 * M_PI * 300 / (80.0 * 80.0)); /* with a hole and something in it */
    rectangle(map, 5, 4, 5, 5, 1);
    rectangle(map, 5, 10, 5, 5, 1);
    shape_is(map, 0); /* two */
    rectangle(map, 5, 4, 5, 5, 1);
    rectangle(map, 10, 9, 5, 5, 1);
    shape_is(map, 4 * M_PI * 32 / pow(32 + 2 * sqrt(2), 2)); /* joined at a corner */
    rectangle(map, 10, 10, 1, 1, 1);
    rectangle(map, 11, 9, 1, 3, 1);
    rectangle(map, 12, 10, 1, 1, 1);
    shape_is(map, 4 * M_PI * 2 / 32); /* a diamond */
}

static double measure(int64_t height, int64_t width, double waves_y, double waves_x)
{
    circular_plan plan;
    assert_int_equal(circular_plan_open(height, width, &plan, NULL), LMP_OK);
    void *scratch = aligned_alloc(64, (circular_scratch_bytes(height, width) + 63) / 64 * 64);
    float *frame = calloc((size_t)(height * width), sizeof *frame);
    assert_true(scratch != NULL && frame != NULL);
    for (int64_t i = 0; i < height * width; i++) {
        const double y = (double)(i / width) / (double)height - 0.5, x = (double)(i % width) / (double)width - 0.5;
        frame[i] = (float)(1000 * exp(-waves_y * y * y - waves_x * x * x));
    }
    const double made = circular_measure(&plan, &(motion_image){frame, LMP_FLOAT32}, scratch);
    memset(frame, 0, (size_t)(height * width) * sizeof *frame);
    assert_true(circular_measure(&plan, &(motion_image){frame, LMP_FLOAT32}, scratch) == 0);
    circular_plan_close(&plan);
    free(frame);
    free(scratch);
    return made;
}

static void round_spots_say_more_than_stripes(void **state)
{
    (void)state;
    assert_true(measure(60, 60, 60, 60) > 0.85);
    assert_true(measure(61, 45, 61 * 61 / 40.0, 45 * 45 / 40.0) > 0.8);
    assert_true(measure(60, 60, 900, 0.1) < 0.4);
    assert_true(measure(1, 9, 1, 30) == 0); /* no room for a shape but along the row */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),
        cmocka_unit_test(round_spots_say_more_than_stripes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
