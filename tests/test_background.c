/* SPDX-License-Identifier: BSD-3-Clause
 *
 * background: the least of lines against its plain reference, disks, the top-hat against the definition for every
 * number type, small cases by hand. oracle_preprocess.py compares with other programs.
 */
#include "frame_expect.h"

#include "kernels/least_lines.h"
#include "math/image_tophat.h"

#include <stdio.h>

extern const lmp_step lmp_step_background;

#define NO (double)NAN

static const lmp_type all_types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                     LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};
enum { N_TYPES = sizeof all_types / sizeof *all_types };

static bool is_signed(lmp_type type)
{
    return type == LMP_INT8 || type == LMP_INT16 || type == LMP_INT32 || type == LMP_INT64 || type == LMP_FLOAT32 ||
           type == LMP_FLOAT64;
}

/* Noise over at least most of what 8 bits hold. */
static drive_movie noise(lmp_type type, int64_t n_times, int64_t height, int64_t width, int64_t n_colours)
{
    drive_movie made = drive_movie_new(type, n_times, height, width, n_colours);
    const double scale = lmp_type_bytes(type) == 1 ? 1 : 200;
    uint32_t seed = 5;
    for (int64_t i = 0; i < n_times * height * width * n_colours; i++) {
        seed = seed * 1664525u + 1013904223u;
        drive_movie_set(&made, i, scale * ((double)((seed >> 16) % 256) - (is_signed(type) ? 128 : 0)));
    }
    return made;
}

/* ---- Kernels --------------------------------------------------------------------------------------------------- */

static void kernels_equal_their_references(void **state)
{
    enum { MOST = 20, N = 131 };
    (void)state;
    for (int t = 0; t < N_TYPES; t++) {
        const lmp_type type = all_types[t];
        const size_t bytes = lmp_type_bytes(type);
        drive_movie values = noise(type, 1, MOST, N, 1);
        const void *lines[MOST];
        for (int k = 0; k < MOST; k++) lines[k] = (const char *)values.data + (size_t)(k * N) * bytes;
        for (int64_t n = 1; n <= N; n += n < 40 ? 1 : 13)
            for (int64_t count = 1; count <= MOST; count++) {
                char fast[N * 8], plain[N * 8];
                least_lines(type, lines, count, n, fast);
                least_lines_plain(type, lines, count, n, plain);
                assert_memory_equal(fast, plain, (size_t)n * bytes);
                least_shifted(type, lines[0], count, n, fast);
                least_shifted_plain(type, lines[0], count, n, plain);
                assert_memory_equal(fast, plain, (size_t)n * bytes);
            }
        drive_movie_free(&values);
    }
}

static void disks(void **state)
{
    static const int64_t of_four[] = {4, 3, 3, 2, 0};
    (void)state;
    for (int64_t dy = 0; dy <= 4; dy++) {
        assert_int_equal(disk_half_width(4, dy), of_four[dy]);
        assert_int_equal(disk_half_width(4, -dy), of_four[dy]);
    }
    for (int64_t r = 1; r <= TOPHAT_MOST_RADIUS; r += 7)
        for (int64_t dy = -r; dy <= r; dy++) {
            const int64_t w = disk_half_width(r, dy);
            assert_true(w * w + dy * dy <= r * r && (w + 1) * (w + 1) + dy * dy > r * r);
        }
}

/* ---- Top-hat --------------------------------------------------------------------------------------------------- */

/* The least (sign 1) or largest (-1) number in the disk, missing ones left out; sign * INFINITY if there is none. */
static double extreme(const double *u, int64_t height, int64_t width, int64_t y, int64_t x, int64_t radius, double sign)
{
    double best = sign * (double)INFINITY;
    for (int64_t j = y - radius; j <= y + radius; j++)
        for (int64_t i = x - radius; i <= x + radius; i++) {
            if (j < 0 || j >= height || i < 0 || i >= width) continue;
            if ((j - y) * (j - y) + (i - x) * (i - x) > radius * radius) continue;
            const double v = u[j * width + i];
            if (v - v == 0 && sign * v < sign * best) best = v;
        }
    return best;
}

static void check_tophat(const drive_movie *in, int64_t radius)
{
    enum { MOST = 1024 };
    const int64_t n = in->height * in->width, colours = in->n_colours;
    double u[MOST], eroded[MOST];
    char words[32];
    drive_movie out;
    snprintf(words, sizeof words, "size=%d", (int)radius);
    drive_movie_all_cuts(&lmp_step_background, words, in, &out);
    assert_int_equal(out.type, tophat_type(in->type));
    for (int64_t c = 0; c < colours; c++) {
        for (int64_t i = 0; i < n; i++) u[i] = drive_movie_get(in, i * colours + c);
        for (int64_t i = 0; i < n; i++)
            eroded[i] = extreme(u, in->height, in->width, i / in->width, i % in->width, radius, 1);
        for (int64_t i = 0; i < n; i++) {
            const double opened = extreme(eroded, in->height, in->width, i / in->width, i % in->width, radius, -1);
            const double want = u[i] - u[i] == 0 ? u[i] - opened : u[i], got = drive_movie_get(&out, i * colours + c);
            if (got != want && !(isnan(got) && isnan(want)))
                fail_msg("type %d, radius %d, value %d: %g, not %g", in->type, (int)radius, (int)i, got, want);
        }
    }
    drive_movie_free(&out);
}

static void tophat_is_that_of_the_definition(void **state)
{
    static const int64_t radii[] = {1, 2, 3, 5, 7, 8, 40};
    static const int64_t sizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {17, 23}, {6, 33}};
    (void)state;
    for (int t = 0; t < N_TYPES; t++)
        for (int s = 0; s < 5; s++) {
            drive_movie in = noise(all_types[t], 1, sizes[s][0], sizes[s][1], s == 3 ? 3 : 1);
            for (int r = 0; r < 7; r++) check_tophat(&in, radii[r]);
            drive_movie_free(&in);
        }
}

static void tophat_leaves_missing_values_out(void **state)
{
    (void)state;
    for (int t = 0; t < 2; t++) {
        drive_movie in = noise(t == 0 ? LMP_FLOAT32 : LMP_FLOAT64, 1, 19, 21, 1);
        for (int64_t i = 0; i < 19 * 21; i++) {
            const int64_t y = i / 21, x = i % 21;
            if (x < 8 && y > 9) drive_movie_set(&in, i, NO); /* whole disks of them */
            if (i % 37 == 5) drive_movie_set(&in, i, i % 2 == 0 ? (double)INFINITY : -(double)INFINITY);
        }
        check_tophat(&in, 1);
        check_tophat(&in, 3);
        drive_movie_free(&in);
    }
    drive_movie in = movie_of(LMP_FLOAT32, 1, 1, 4, 1, (const double[]){5, NO, 7, (double)INFINITY});
    expect(&lmp_step_background, "size=1", &in, LMP_FLOAT32, 4, (const double[]){0, NO, 0, (double)INFINITY});
    expect_record(&lmp_step_background, "size=1", &in, "\"missing_values_ignored\":2");
    expect_record(&lmp_step_background, "uniform size=3", &in, "\"missing_values_ignored\":2");
    drive_movie_free(&in);
}

static void tophat_by_hand(void **state)
{
    (void)state;
    /* two pixels wide: holds no disk of radius 1, which is three wide */
    drive_movie in = movie_of(LMP_INT8, 1, 1, 8, 1, (const double[]){-128, -128, -128, 127, 127, -128, -128, -128});
    expect(&lmp_step_background, "size=1", &in, LMP_UINT8, 8, (const double[]){0, 0, 0, 255, 255, 0, 0, 0});
    drive_movie_free(&in);
    in = movie_of(LMP_UINT16, 1, 1, 7, 1, (const double[]){3, 3, 9, 9, 9, 3, 8});
    expect(&lmp_step_background, "size=1", &in, LMP_UINT16, 7, (const double[]){0, 0, 0, 0, 0, 0, 5});
    expect_refusal(&lmp_step_background, "size=501", &in, "size=501");
    expect_refusal(&lmp_step_background, "uniform size=4", &in, "size=4");
    drive_movie_all_faults(&lmp_step_background, "", &in);
    drive_movie_all_faults(&lmp_step_background, "uniform", &in);
    drive_movie_free(&in);
}

static void uniform_by_hand(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_UINT8, 1, 1, 5, 1, (const double[]){0, 0, 9, 0, 6});
    expect(&lmp_step_background, "uniform size=3", &in, LMP_FLOAT32, 5, (const double[]){0, -3, 6, -5, 4});
    expect(&lmp_step_background, "uniform size=1", &in, LMP_FLOAT32, 5, (const double[]){0, 0, 0, 0, 0});
    drive_movie_free(&in);
    in = movie_of(LMP_FLOAT32, 1, 1, 4, 1, (const double[]){2, NO, 4, (double)INFINITY});
    expect(&lmp_step_background, "uniform size=5", &in, LMP_FLOAT32, 4,
           (const double[]){2 - 10.0 / 3, NO, 4 - 10.0 / 3, (double)INFINITY});
    drive_movie_free(&in);
}

/* Cells on broad, uneven light: what is left is the cells, within the rounding of the numbers. */
static void cells_stay_and_light_goes(void **state)
{
    enum { H = 60, W = 70 };
    (void)state;
    drive_movie in = drive_movie_new(LMP_UINT8, 1, H, W, 1), out;
    double cells[H * W];
    for (int64_t i = 0; i < H * W; i++) {
        const double y = (double)(i / W), x = (double)(i % W);
        const double dy = fmod(y, 20) - 10, dx = fmod(x, 20) - 10;
        cells[i] = 60 * fmax(0, 1 - (dx * dx + dy * dy) / 16);
        drive_movie_set(&in, i, rint(40 + 50 * sin(x / 40) * cos(y / 50) + cells[i]));
    }
    drive_movie_all_cuts(&lmp_step_background, "size=7", &in, &out);
    for (int64_t i = 0; i < H * W; i++) assert_true(fabs(drive_movie_get(&out, i) - cells[i]) <= 5);
    drive_movie_free(&out);
    drive_movie_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_equal_their_references),
        cmocka_unit_test(disks),
        cmocka_unit_test(tophat_is_that_of_the_definition),
        cmocka_unit_test(tophat_leaves_missing_values_out),
        cmocka_unit_test(tophat_by_hand),
        cmocka_unit_test(uniform_by_hand),
        cmocka_unit_test(cells_stay_and_light_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
