/* SPDX-License-Identifier: BSD-3-Clause
 *
 * stripes: a movie whose stripes are known is freed of them to what noise and window allow; one without them is left
 * alone; single bad lines, missing values, ends of types, refusals.
 */
#include "frame_expect.h"

#include "math/image_stripes.h"

extern const lmp_step lmp_step_stripes;

#define NO (double)NAN

enum { H = 240, W = 320 };

static double uniform(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (double)(*seed >> 8) / 16777216.0;
}

static double normal(uint32_t *seed)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += uniform(seed);
    return sum;
}

static void add_cell(double *u, double y0, double x0, double height)
{
    for (int64_t i = 0; i < H * W; i++) {
        const double y = (double)(i / W) - y0, x = (double)(i % W) - x0;
        u[i] += height * exp(-(x * x + y * y) / 18);
    }
}

/* Vignette, cells as high as 15 times the noise, noise of standard deviation 3. 60 cells cover a tenth. */
static void scene(double *u, uint32_t seed, int cells)
{
    for (int64_t i = 0; i < H * W; i++) {
        const double y = (double)(i / W) - H / 2.0, x = (double)(i % W) - W / 2.0;
        u[i] = 90 * (1 - (x * x + y * y) / 160000) + 3 * normal(&seed);
    }
    for (int k = 0; k < cells; k++) {
        const double y = H * uniform(&seed), x = W * uniform(&seed);
        add_cell(u, y, x, 15 + 30 * uniform(&seed));
    }
}

/* Offsets of each line, without their mean; `spread` is their standard deviation. */
static void draw_offsets(double *offsets, int64_t n, double spread, uint32_t seed)
{
    double mean = 0;
    for (int64_t i = 0; i < n; i++) mean += offsets[i] = spread * normal(&seed);
    for (int64_t i = 0; i < n; i++) offsets[i] -= mean / (double)n;
}

static drive_movie movie_from(lmp_type type, const double *u)
{
    drive_movie made = drive_movie_new(type, 1, H, W, 1);
    for (int64_t i = 0; i < H * W; i++)
        drive_movie_set(&made, i, type == LMP_UINT8 ? rint(fmin(fmax(u[i], 0), 255)) : u[i]);
    return made;
}

/* Root mean square of what the step's result has beyond `u`. */
static double error_of(const char *settings, const drive_movie *in, const double *u)
{
    drive_movie out;
    double sum = 0;
    drive_movie_all_cuts(&lmp_step_stripes, settings, in, &out);
    assert_int_equal(out.type, in->type);
    for (int64_t i = 0; i < H * W; i++) {
        const double off = drive_movie_get(&out, i) - u[i];
        sum += off * off;
    }
    drive_movie_free(&out);
    return sqrt(sum / (H * W));
}

/* By the doc: 1.25 sigma / sqrt(width) from noise, s / sqrt(size) of the offsets; a third more is allowed for. */
static double promised(double width, double spread)
{
    const double noise = 1.25 * 3 / sqrt(width), slow = spread / sqrt(51);
    return 1.33 * sqrt(noise * noise + slow * slow);
}

/* What cells add: a fifth of the noise. */
#define CELLS 0.6

static void known_stripes_go(void **state)
{
    static double clean[H * W], u[H * W], rows[H], columns[W];
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        const double more = seed <= 2 ? 0 : CELLS;
        scene(clean, seed, seed <= 2 ? 0 : 60);
        draw_offsets(rows, H, 4, seed + 10);
        draw_offsets(columns, W, 4, seed + 20);
        for (int64_t i = 0; i < H * W; i++) u[i] = clean[i] + rows[i / W];
        drive_movie in = movie_from(LMP_FLOAT32, u);
        assert_true(error_of("", &in, clean) < promised(W, 4) + more);
        assert_true(error_of("columns", &in, clean) > 3); /* the wrong direction does not help */
        drive_movie_free(&in);
        for (int64_t i = 0; i < H * W; i++) u[i] = clean[i] + columns[i % W];
        in = movie_from(LMP_FLOAT32, u);
        assert_true(error_of("columns", &in, clean) < promised(H, 4) + more);
        drive_movie_free(&in);
        for (int64_t i = 0; i < H * W; i++) u[i] = clean[i] + rows[i / W] + columns[i % W];
        in = movie_from(LMP_FLOAT32, u);
        assert_true(error_of("both", &in, clean) < promised(H, 4) + promised(W, 4) + more);
        drive_movie_free(&in);
    }
}

static void movies_without_stripes_are_left_alone(void **state)
{
    static double clean[H * W], rounded[H * W];
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        const double more = seed <= 2 ? 0 : CELLS;
        scene(clean, seed, seed <= 2 ? 0 : 60);
        drive_movie in = movie_from(LMP_FLOAT32, clean);
        const double off = error_of("", &in, clean);
        assert_true(off > 0 && off < promised(W, 0) + more);
        drive_movie_free(&in);
        in = movie_from(LMP_UINT8, clean);
        for (int64_t i = 0; i < H * W; i++) rounded[i] = drive_movie_get(&in, i);
        assert_true(error_of("", &in, rounded) < promised(W, 0) + more);
        drive_movie_free(&in);
    }
}

/* One line off by 100 does not pull on its neighbours, nor on the level of the frame. */
static void single_bad_lines_go(void **state)
{
    static double clean[H * W], u[H * W];
    static const int64_t bad[] = {0, 1, 77, 150, H - 1};
    (void)state;
    scene(clean, 9, 0);
    for (int k = 0; k < 5; k++) {
        for (int64_t i = 0; i < H * W; i++) u[i] = clean[i] + (i / W == bad[k] ? 100 - 100.0 / H : -100.0 / H);
        drive_movie in = movie_from(LMP_FLOAT32, u), out;
        drive_movie_all_cuts(&lmp_step_stripes, "", &in, &out);
        for (int64_t y = 0; y < H; y++) {
            double off = 0;
            for (int64_t x = 0; x < W; x++) off += (drive_movie_get(&out, y * W + x) - clean[y * W + x]) / W;
            assert_true(fabs(off) < 1);
        }
        drive_movie_free(&out);
        drive_movie_free(&in);
    }
}

static void planes_are_left_alone(void **state)
{
    (void)state;
    drive_movie in = drive_movie_new(LMP_FLOAT64, 2, 12, 9, 1), out;
    for (int64_t i = 0; i < 2 * 12 * 9; i++)
        drive_movie_set(&in, i, 7 + 2.5 * (double)(i % 9) - 3 * (double)(i / 9 % 12));
    for (int k = 0; k < 2; k++) {
        drive_movie_all_cuts(&lmp_step_stripes, k == 0 ? "size=5" : "both", &in, &out);
        for (int64_t i = 0; i < 2 * 12 * 9; i++)
            assert_true(fabs(drive_movie_get(&out, i) - drive_movie_get(&in, i)) < (k == 0 ? 2 : 5));
        drive_movie_free(&out);
    }
    drive_movie_free(&in);
}

/* Offsets against the formula, each median by sorting. */
static void offsets_by_hand(void **state)
{
    (void)state;
    /* the middle line 6 higher everywhere, and a bright pixel; the line through all five is flat without it */
    const float image[] = {1, 1, 1, 1, 1, 1, 7, 7, 99, 1, 1, 1, 1, 1, 1};
    double scratch[64], offsets[5];
    assert_true(line_offsets_scratch(5, 3) <= sizeof scratch);
    line_offsets(image, 5, 3, 5, scratch, offsets);
    for (int y = 0; y < 5; y++) assert_true(fabs(offsets[y] - (y == 2 ? 6 - 1.2 : -1.2)) < 1e-12);
    float turned[15], back[15];
    image_transpose(image, 5, 3, turned);
    assert_true(turned[0 * 5 + 2] == 7 && turned[2 * 5 + 2] == 99);
    image_transpose(turned, 3, 5, back);
    assert_memory_equal(back, image, sizeof image);
}

static void missing_values_and_ends_of_types(void **state)
{
    (void)state;
    drive_movie in =
        movie_of(LMP_FLOAT32, 1, 3, 4, 1, (const double[]){1, NO, 1, 1, 4, 4, (double)INFINITY, 4, 1, 1, 1, 1});
    expect(&lmp_step_stripes, "size=3", &in, LMP_FLOAT32, 12,
           (const double[]){2, NO, 2, 2, 2, 2, (double)INFINITY, 2, 2, 2, 2, 2});
    expect_record(&lmp_step_stripes, "", &in, "\"missing_values_ignored\":2");
    drive_movie_free(&in);
    in = movie_of(LMP_FLOAT32, 1, 3, 1, 1, (const double[]){NO, NO, NO});
    expect(&lmp_step_stripes, "", &in, LMP_FLOAT32, 3, (const double[]){NO, NO, NO});
    drive_movie_free(&in);
    /* the level is 4: the dark line comes up, and what was 255 in it stays 255 */
    in = movie_of(LMP_UINT8, 1, 3, 3, 1, (const double[]){6, 6, 6, 0, 0, 255, 6, 6, 6});
    expect(&lmp_step_stripes, "", &in, LMP_UINT8, 9, (const double[]){4, 4, 4, 4, 4, 255, 4, 4, 4});
    expect_record(&lmp_step_stripes, "", &in, "\"values_put_to_ends_of_type\":1");
    drive_movie_all_faults(&lmp_step_stripes, "both", &in);
    drive_movie_free(&in);
    in = movie_of(LMP_INT32, 1, 3, 3, 1, (const double[]){6, 6, 6, 0, 0, 2147483647, 6, 6, 6});
    expect_record(&lmp_step_stripes, "", &in, "\"values_put_to_ends_of_type\":1");
    drive_movie_free(&in);
}

static void refusals(void **state)
{
    (void)state;
    drive_movie in = ramp(LMP_UINT8, 1, 2, 5, 1);
    expect_refusal(&lmp_step_stripes, "", &in, "2 x 5");
    expect_refusal(&lmp_step_stripes, "size=8", &in, "size=8");
    assert_string_equal(drive_movie_refusal(&lmp_step_stripes, "columns", &in), "");
    drive_movie_free(&in);
    in = ramp(LMP_UINT8, 1, 5, 5, 3);
    expect_refusal(&lmp_step_stripes, "", &in, "grey");
    drive_movie_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_stripes_go),
        cmocka_unit_test(movies_without_stripes_are_left_alone),
        cmocka_unit_test(single_bad_lines_go),
        cmocka_unit_test(planes_are_left_alone),
        cmocka_unit_test(offsets_by_hand),
        cmocka_unit_test(missing_values_and_ends_of_types),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
