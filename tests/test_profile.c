/* SPDX-License-Identifier: BSD-3-Clause
 *
 * profile and kymograph: lines against plain loops; a kymograph is the profiles of all frames, over many bands of rows.
 */
#include "drive_movie.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zones_support.h"

extern const lmp_step lmp_step_profile, lmp_step_kymograph;

/* 7 rows to a band of the engine: several bands. */
enum { T = 5, H = 40, W = 2300 };

static double pixel(int64_t t, int64_t y, int64_t x)
{
    return (double)((t * 31 + y * 17 + x * x) % 251);
}

static drive_movie patterned(lmp_type type, int64_t width)
{
    drive_movie m = drive_movie_new(type, T, H, width, 1);
    m.rate_hz = 25;
    for (int64_t i = 0; i < T * H * width; i++)
        drive_movie_set(&m, i, pixel(i / (H * width), i / width % H, i % width));
    return m;
}

/* The kymograph's rows are the profiles, to the rounding of sums that are cut at bands. */
static void compare(const char *settings, const drive_movie *m, int64_t length,
                    double (*expected)(int64_t t, int64_t i))
{
    drive_movie profile, kymograph;
    drive_movie_all_cuts(&lmp_step_profile, settings, m, &profile);
    drive_movie_all_cuts(&lmp_step_kymograph, settings, m, &kymograph);
    assert_true(profile.n_times == T && profile.height == 1 && profile.width == length);
    assert_true(kymograph.n_times == 1 && kymograph.height == T && kymograph.width == length);
    for (int64_t i = 0; i < T * length; i++) {
        const double want = expected(i / length, i % length), p = drive_movie_get(&profile, i),
                     k = drive_movie_get(&kymograph, i);
        assert_true(isnan(want) ? isnan(p) : fabs(p - want) <= 1e-6 * (1 + fabs(want)));
        assert_true(isnan(want) ? isnan(k) : fabs(k - p) <= 1e-6 * (1 + fabs(p)));
    }
    drive_movie_free(&profile);
    drive_movie_free(&kymograph);
}

static double row_20(int64_t t, int64_t i)
{
    return pixel(t, 20, i);
}

static double rows_4_to_8(int64_t t, int64_t i)
{
    double sum = 0;
    for (int64_t y = 4; y <= 8; y++) sum += pixel(t, y, i);
    return sum / 5;
}

static double columns_98_to_102(int64_t t, int64_t i)
{
    double sum = 0;
    for (int64_t x = 98; x <= 102; x++) sum += pixel(t, i, x);
    return sum / 5;
}

static void along_axes(void **state)
{
    (void)state;
    drive_movie m = patterned(LMP_UINT8, W);
    compare("", &m, W, row_20);
    compare("y=6 width=2", &m, W, rows_4_to_8);
    compare("axis=vertical x=100 width=2", &m, H, columns_98_to_102);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_profile, "y=40", &m), "last row is 39"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_kymograph, "axis=vertical x=2300", &m), "last column"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_profile, "axis=line", &m), "needs zones"));
    drive_movie_free(&m);
}

#define LINE "[{\"name\": \"l\", \"shape\": \"line\", \"points\": [[10.25, 3.5], [310.25, 33.5]]}]"
#define BENT "[{\"name\": \"l\", \"shape\": \"polyline\", \"points\": [[5, 5], [5, 35], [9, 35], [9, 32.5]]}]"
#define OUT  "[{\"name\": \"l\", \"shape\": \"line\", \"points\": [[3, -4], [3, 4]]}]"

static double interpolated(int64_t t, double x, double y)
{
    const int64_t left = (int64_t)floor(x), top = (int64_t)floor(y);
    const double fx = x - (double)left, fy = y - (double)top;
    return (1 - fy) * ((1 - fx) * pixel(t, top, left) + fx * pixel(t, top, left + 1)) +
           fy * ((1 - fx) * pixel(t, top + 1, left) + fx * pixel(t, top + 1, left + 1));
}

/* 302 steps: the length is 301.496. */
static double on_line(int64_t t, int64_t i)
{
    return interpolated(t, 10.25 + 300 * (double)i / 302, 3.5 + 30 * (double)i / 302);
}

static double on_bent(int64_t t, int64_t i)
{
    if (i < 30) return pixel(t, 5 + i, 5);
    if (i < 34) return pixel(t, 35, 5 + i - 30);
    return interpolated(t, 9, 35 - 2.5 * (double)(i - 34) / 3);
}

static double beside_bent(int64_t t, int64_t i)
{
    if (i < 30) return (pixel(t, 5 + i, 4) + pixel(t, 5 + i, 5) + pixel(t, 5 + i, 6)) / 3;
    if (i < 34) return (pixel(t, 34, i - 25) + pixel(t, 35, i - 25) + pixel(t, 36, i - 25)) / 3;
    const double y = 35 - 2.5 * (double)(i - 34) / 3;
    return (interpolated(t, 8, y) + interpolated(t, 9, y) + interpolated(t, 10, y)) / 3;
}

static double from_outside(int64_t t, int64_t i)
{
    return i < 4 ? (double)NAN : pixel(t, i - 4, 3);
}

static void along_lines(void **state)
{
    (void)state;
    drive_movie m = patterned(LMP_FLOAT32, W);
    compare(zones_setting(LINE, "axis=line"), &m, 303, on_line);
    compare(zones_setting(BENT, "axis=line zone=l"), &m, 38, on_bent);
    compare(zones_setting(BENT, "axis=line width=1"), &m, 38, beside_bent);
    compare(zones_setting(OUT, "axis=line"), &m, 9, from_outside);
    compare(zones_setting(OUT, "axis=line interpolation=nearest"), &m, 9, from_outside);
    assert_non_null(
        strstr(drive_movie_refusal(&lmp_step_profile, zones_setting(OUT, "axis=line zone=k"), &m), "first is l"));
    const char *far = "[{\"name\": \"l\", \"shape\": \"line\", \"points\": [[0, -9], [9, -9]]}]";
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_profile, zones_setting(far, "axis=line"), &m), "outside"));
    const char *area = "[{\"name\": \"l\", \"shape\": \"rectangle\", \"x\": 0, \"y\": 0, \"width\": 3, \"height\": 3}]";
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_profile, zones_setting(area, "axis=line"), &m), "rectangle"));
    drive_movie_all_faults(&lmp_step_kymograph, zones_setting(LINE, "axis=line"), &m);
    drive_movie_free(&m);
}

static void nan_is_left_out(void **state)
{
    (void)state;
    drive_movie m = drive_movie_new(LMP_FLOAT32, 1, 3, 4, 1), out;
    for (int64_t i = 0; i < 12; i++) drive_movie_set(&m, i, (double)i);
    drive_movie_set(&m, 5, (double)NAN);
    for (int64_t y = 0; y < 3; y++) drive_movie_set(&m, 4 * y + 2, (double)NAN);
    drive_movie_all_cuts(&lmp_step_profile, "width=1", &m, &out);
    assert_true(drive_movie_get(&out, 0) == 4 && drive_movie_get(&out, 1) == 5 && isnan(drive_movie_get(&out, 2)));
    drive_movie_free(&out);
    drive_movie_free(&m);
}

static void wide_numbers_stay_exact(void **state)
{
    (void)state;
    drive_movie m = drive_movie_new(LMP_UINT32, 2, 3, 4, 3), out;
    for (int64_t i = 0; i < 72; i++) drive_movie_set(&m, i, 4294967295.0 - (double)i);
    drive_movie_all_cuts(&lmp_step_kymograph, "", &m, &out);
    assert_int_equal(out.type, LMP_FLOAT64);
    for (int64_t t = 0; t < 2; t++)
        for (int64_t i = 0; i < 12; i++)
            assert_true(drive_movie_get(&out, t * 12 + i) == drive_movie_get(&m, t * 36 + 12 + i));
    drive_movie_free(&out);
    drive_movie_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(along_axes),
        cmocka_unit_test(along_lines),
        cmocka_unit_test(nan_is_left_out),
        cmocka_unit_test(wide_numbers_stay_exact),
    };
    return cmocka_run_group_tests(tests, zones_folder_make, zones_folder_remove);
}
