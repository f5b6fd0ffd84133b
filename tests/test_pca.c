/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pca: movies whose components are known, both methods, same bits for any cuts, rank, NaN.
 */
#include "drive_movie.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zones_support.h"

extern const lmp_step lmp_step_pca;

/* Several bands of the engine. */
enum { T = 30, H = 20, W = 2000, N = H * W };

static double noise(uint64_t i)
{
    uint64_t x = (i + 1) * 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53 - 0.5;
}

/* Three orthogonal time courses of mean 0 on three images without overlap: strengths 30, 10 and 3 times sqrt(T / 2). */
static double course(int k, int64_t t)
{
    return cos(6.283185307179586 * (k + 1) * ((double)t + 0.5) / T);
}

static double image(int k, int64_t i)
{
    return i % 4 == k ? 1 / sqrt((double)N / 4) : 0;
}

static drive_movie three_components(lmp_type type, double scale, double offset, double noise_level)
{
    static const double strengths[] = {30, -10, 3};
    drive_movie m = drive_movie_new(type, T, H, W, 1);
    for (int64_t t = 0; t < T; t++)
        for (int64_t i = 0; i < N; i++) {
            double x = offset + (double)(i % 100) + noise_level * noise((uint64_t)(t * N + i));
            for (int k = 0; k < 3; k++) x += scale * strengths[k] * course(k, t) * image(k, i);
            drive_movie_set(&m, t * N + i, x);
        }
    return m;
}

static void check_images(const drive_movie *out, double tolerance)
{
    for (int k = 0; k < 3; k++)
        for (int64_t i = 0; i < N; i++) assert_true(fabs(drive_movie_get(out, k * N + i) - image(k, i)) < tolerance);
}

static json_t *ratios_of(const char *settings, const drive_movie *m)
{
    char *text = drive_movie_record(&lmp_step_pca, settings, m);
    json_t *record = json_loads(text, 0, NULL);
    assert_non_null(record);
    free(text);
    return record;
}

static double ratio(const json_t *record, size_t i)
{
    return json_number_value(json_array_get(json_object_get(record, "explained_variance_ratio"), i));
}

static void known_components_are_found(void **state)
{
    (void)state;
    static const char *const methods[] = {"method=exact components=3", "method=randomised components=3"};
    drive_movie m = three_components(LMP_FLOAT64, 1, 1000, 0);
    for (int k = 0; k < 2; k++) {
        drive_movie out;
        drive_movie_all_cuts(&lmp_step_pca, methods[k], &m, &out);
        assert_true(out.n_times == 3 && out.height == H && out.width == W && out.type == LMP_FLOAT32);
        check_images(&out, 1e-7);
        drive_movie_free(&out);
        json_t *record = ratios_of(methods[k], &m);
        const double all = 900 + 100 + 9;
        assert_true(fabs(ratio(record, 0) - 900 / all) < 1e-9);
        assert_true(fabs(ratio(record, 1) - 100 / all) < 1e-9);
        assert_true(fabs(ratio(record, 2) - 9 / all) < 1e-9);
        const double total = json_number_value(json_object_get(record, "total_variance"));
        assert_true(fabs(total - all * (T / 2.0) / (T - 1)) < 1e-6);
        json_decref(record);
    }
    drive_movie_free(&m);
}

/* The ratios are of the total variance: noise that is left out is missing from their sum. */
static void what_is_left_out_is_missing(void **state)
{
    (void)state;
    drive_movie m = three_components(LMP_FLOAT32, 1, 0, 0.02);
    json_t *exact = ratios_of("method=exact components=3", &m);
    json_t *randomised = ratios_of("method=randomised components=3", &m);
    json_t *all = ratios_of("method=exact components=30", &m);
    double sum = 0, whole = 0;
    for (size_t i = 0; i < 3; i++) {
        sum += ratio(exact, i);
        assert_true(fabs(ratio(exact, i) - ratio(randomised, i)) < 1e-6);
        assert_true(fabs(ratio(exact, i) - ratio(all, i)) < 1e-12);
    }
    for (size_t i = 0; i < T; i++) whole += ratio(all, i);
    assert_true(sum > 0.99 && sum < 0.999 && fabs(whole - 1) < 1e-12);
    assert_true(ratio(all, T - 1) == 0); /* the means are gone: rank T - 1 */
    json_decref(exact);
    json_decref(randomised);
    json_decref(all);
    drive_movie_free(&m);
}

static void integers_and_nan(void **state)
{
    (void)state;
    drive_movie m = three_components(LMP_UINT16, 20000, 30000, 0), out;
    drive_movie_all_cuts(&lmp_step_pca, "components=3", &m, &out);
    check_images(&out, 1e-4);
    drive_movie_free(&out);
    drive_movie_free(&m);
    m = three_components(LMP_FLOAT32, 100, 0, 0);
    for (int64_t t = 0; t < T; t++) drive_movie_set(&m, t * N + 77, (double)NAN);
    drive_movie_set(&m, 5, (double)NAN);
    static const char *const methods[] = {"method=exact components=2", "method=randomised components=2"};
    for (int k = 0; k < 2; k++) {
        drive_movie_all_cuts(&lmp_step_pca, methods[k], &m, &out);
        for (int64_t i = 0; i < 2 * N; i++) assert_true(isnan(drive_movie_get(&out, i)) == (i % N == 77));
        drive_movie_free(&out);
        json_t *record = ratios_of(methods[k], &m);
        assert_int_equal((int)json_number_value(json_object_get(record, "nan_values_as_mean")), T + 1);
        json_decref(record);
    }
    drive_movie_free(&m);
}

static void without_centring_the_mean_leads(void **state)
{
    (void)state;
    drive_movie m = drive_movie_new(LMP_FLOAT32, 12, 3, 4, 1), out;
    for (int64_t i = 0; i < 12 * 12; i++) drive_movie_set(&m, i, 50 + noise((uint64_t)i));
    static const char *const methods[] = {"method=exact components=1 centre=no",
                                          "method=randomised components=1 centre=no"};
    for (int k = 0; k < 2; k++) {
        drive_movie_all_cuts(&lmp_step_pca, methods[k], &m, &out);
        for (int64_t i = 0; i < 12; i++) assert_true(fabs(drive_movie_get(&out, i) - 1 / sqrt(12)) < 0.01);
        drive_movie_free(&out);
    }
    drive_movie_free(&m);
}

/* A = scores x components, row by row of the table. */
static void scores_put_the_movie_together_again(void **state)
{
    enum { FRAMES = 6, VALUES = 12 };
    (void)state;
    drive_movie m = drive_movie_new(LMP_FLOAT32, FRAMES, 3, 4, 1), out;
    char setting[TEMPORARY_ROOM + 100];
    for (int64_t i = 0; i < FRAMES * VALUES; i++) drive_movie_set(&m, i, noise((uint64_t)i));
    snprintf(setting, sizeof setting, "components=6 scores=%s", zones_path("out.csv"));
    const int64_t cuts[] = {4, 0};
    lmp_error err = {0};
    assert_int_equal(drive_movie_step(&lmp_step_pca, setting, &m, cuts, &out, &err), LMP_OK);
    FILE *file = fopen(zones_path("out.csv"), "r");
    assert_non_null(file);
    char line[400];
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "frame,pc1,pc2,pc3,pc4,pc5,pc6\n");
    for (int64_t t = 0; t < FRAMES; t++) {
        double scores[7];
        assert_non_null(fgets(line, sizeof line, file));
        assert_int_equal(sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf", &scores[0], &scores[1], &scores[2], &scores[3],
                                &scores[4], &scores[5], &scores[6]),
                         7);
        assert_true(scores[0] == (double)t && scores[6] == 0);
        for (int64_t i = 0; i < VALUES; i++) {
            double mean = 0, x = 0;
            for (int64_t s = 0; s < FRAMES; s++) mean += drive_movie_get(&m, s * VALUES + i) / FRAMES;
            for (int64_t j = 0; j < 6; j++) x += scores[j + 1] * drive_movie_get(&out, j * VALUES + i);
            assert_true(fabs(x + mean - drive_movie_get(&m, t * VALUES + i)) < 1e-6);
        }
    }
    (void)fclose(file);
    drive_movie_free(&out);
    drive_movie_free(&m);
}

static void edge_cases(void **state)
{
    (void)state;
    drive_movie m = drive_movie_new(LMP_UINT8, 5, 2, 3, 1), out;
    assert_non_null(strstr(drive_movie_refusal(&lmp_step_pca, "components=6", &m), "at most 5"));
    drive_movie_all_cuts(&lmp_step_pca, "components=2 method=randomised", &m, &out); /* nothing varies */
    for (int64_t i = 0; i < 12; i++) assert_true(drive_movie_get(&out, i) == 0);
    drive_movie_free(&out);
    drive_movie_all_faults(&lmp_step_pca, "components=2", &m);
    drive_movie_free(&m);
    m = drive_movie_new(LMP_FLOAT32, 1, 2, 3, 1);
    drive_movie_all_cuts(&lmp_step_pca, "components=1 method=randomised", &m, &out);
    drive_movie_free(&out);
    drive_movie_set(&m, 2, (double)INFINITY);
    const int64_t cuts[] = {1, 0};
    lmp_error err = {0};
    assert_int_not_equal(drive_movie_step(&lmp_step_pca, "components=1", &m, cuts, &out, &err), LMP_OK);
    assert_non_null(strstr(err.text, "infinite"));
    drive_movie_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_components_are_found),
        cmocka_unit_test(what_is_left_out_is_missing),
        cmocka_unit_test(integers_and_nan),
        cmocka_unit_test(without_centring_the_mean_leads),
        cmocka_unit_test(scores_put_the_movie_together_again),
        cmocka_unit_test(edge_cases),
    };
    return cmocka_run_group_tests(tests, zones_folder_make, zones_folder_remove);
}
