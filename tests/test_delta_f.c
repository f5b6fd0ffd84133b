/* SPDX-License-Identifier: BSD-3-Clause
 *
 * delta-f and detrend: against their formulas on movies whose baseline and trend are known.
 */
#include "drive_movie.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

extern const lmp_step lmp_step_delta_f, lmp_step_detrend;

enum { T = 60, HEIGHT = 4, WIDTH = 3, PIXELS = HEIGHT * WIDTH };

static bool close_to(double a, double b, double tolerance)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= tolerance * (1 + fabs(b));
}

static double pattern(int64_t i)
{
    return (double)((i * 7919) % 101);
}

/* ---- delta-f ---- */

static void events_stand_above_the_baseline(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        drive_movie movie = drive_movie_new(k ? LMP_FLOAT64 : LMP_UINT16, T, HEIGHT, WIDTH, 1), result;
        for (int64_t i = 0; i < T * PIXELS; i++)
            drive_movie_set(&movie, i, (double)(100 + i % PIXELS) * (i / PIXELS % 6 == 5 ? 3 : 1));
        drive_movie_all_cuts(&lmp_step_delta_f, "", &movie, &result);
        assert_int_equal(result.type, LMP_FLOAT32);
        for (int64_t i = 0; i < T * PIXELS; i++)
            assert_true(drive_movie_get(&result, i) == (i / PIXELS % 6 == 5 ? 2 : 0));
        drive_movie_free(&result);
        drive_movie_all_cuts(&lmp_step_delta_f, "stat=median offset=50 range=10:40", &movie, &result);
        for (int64_t i = 0; i < T * PIXELS; i++) {
            const double base = (double)(100 + i % PIXELS);
            assert_true(close_to(drive_movie_get(&result, i), i / PIXELS % 6 == 5 ? 2 * base / (base - 50) : 0, 1e-7));
        }
        drive_movie_free(&result);
        drive_movie_free(&movie);
    }
}

static void without_a_baseline_there_is_no_number(void **state)
{
    (void)state;
    drive_movie movie = drive_movie_new(LMP_UINT8, 5, 1, 3, 1), result;
    for (int64_t t = 0; t < 5; t++) drive_movie_set(&movie, 3 * t + 1, 10), drive_movie_set(&movie, 3 * t + 2, 30);
    drive_movie_all_cuts(&lmp_step_delta_f, "offset=20", &movie, &result);
    for (int64_t t = 0; t < 5; t++) {
        assert_true(isnan(drive_movie_get(&result, 3 * t)) && isnan(drive_movie_get(&result, 3 * t + 1)));
        assert_true(drive_movie_get(&result, 3 * t + 2) == 0);
    }
    drive_movie_free(&result);
    drive_movie_free(&movie);
}

/* ---- detrend ---- */

static drive_movie faded(double base, double height, double tau)
{
    drive_movie movie = drive_movie_new(LMP_FLOAT64, T, HEIGHT, WIDTH, 1);
    for (int64_t i = 0; i < T * PIXELS; i++)
        drive_movie_set(&movie, i, (50 + pattern(i % PIXELS)) * (base + height * exp(-(double)(i / PIXELS) / tau)));
    return movie;
}

static void check_flat(const drive_movie *movie, const char *settings, double tolerance)
{
    drive_movie result;
    drive_movie_all_cuts(&lmp_step_detrend, settings, movie, &result);
    double before = 0, after = 0;
    for (int64_t i = 0; i < T * PIXELS; i++) {
        assert_true(close_to(drive_movie_get(&result, i), drive_movie_get(&result, i % PIXELS), tolerance));
        before += drive_movie_get(movie, i);
        after += drive_movie_get(&result, i);
    }
    /* The mean of ratios is that of the trend times its mean of reciprocals: near, not equal. */
    assert_true(close_to(before, after, 0.05));
    drive_movie_free(&result);
}

static void bleaching_becomes_flat(void **state)
{
    (void)state;
    static const double taus[] = {3, 20, 100};
    for (int k = 0; k < 3; k++) {
        drive_movie movie = faded(1, 0.5, taus[k]);
        check_flat(&movie, "", 1e-5);
        check_flat(&movie, "method=mean", 1e-6);
        drive_movie_free(&movie);
    }
}

static void lines_become_flat(void **state)
{
    (void)state;
    drive_movie movie = drive_movie_new(LMP_FLOAT32, T, HEIGHT, WIDTH, 1);
    for (int64_t i = 0; i < T * PIXELS; i++)
        drive_movie_set(&movie, i, 1000 + pattern(i % PIXELS) + (double)(i / PIXELS));
    check_flat(&movie, "method=linear correct=difference", 1e-6);
    for (int64_t i = 0; i < T * PIXELS; i++)
        drive_movie_set(&movie, i, 1000 + pattern(i % PIXELS) * (1 + (double)(i / PIXELS) / 16));
    drive_movie_set(&movie, 5 * PIXELS + 2, (double)NAN);
    drive_movie result;
    drive_movie_all_cuts(&lmp_step_detrend, "method=linear per=pixel correct=difference", &movie, &result);
    for (int64_t i = 0; i < T * PIXELS; i++) {
        if (i == 5 * PIXELS + 2)
            assert_true(isnan(drive_movie_get(&result, i)));
        else
            assert_true(close_to(drive_movie_get(&result, i), drive_movie_get(&result, i % PIXELS), 1e-6));
    }
    drive_movie_free(&result);
    drive_movie_free(&movie);
}

static void refusals_and_faults(void **state)
{
    (void)state;
    drive_movie movie = faded(1, 1, 10);
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_detrend, "per=pixel", &movie), "method=linear"));
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_delta_f, "stat=mean,std", &movie), "one is needed"));
    drive_movie_all_faults(&lmp_step_detrend, "", &movie);
    drive_movie_all_faults(&lmp_step_delta_f, "stat=mean", &movie);
    drive_movie_free(&movie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_stand_above_the_baseline),
        cmocka_unit_test(without_a_baseline_there_is_no_number),
        cmocka_unit_test(bleaching_becomes_flat),
        cmocka_unit_test(lines_become_flat),
        cmocka_unit_test(refusals_and_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
