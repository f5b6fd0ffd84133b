/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Kernels of the motion estimate against plain references in double precision, at sizes that leave every rest; where
 * templates lie to each other; what is made of frames whose motion is unknown.
 */
#include "kernels/bin_row.h"
#include "kernels/cross_spectrum.h"
#include "kernels/level_image.h"
#include "kernels/row_steps.h"
#include "movie/motion_offsets.h"
#include "movie/motion_summary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t seed = 5;

static uint32_t next_number(void)
{
    seed = seed * 1664525U + 1013904223U;
    return seed >> 8;
}

/* -1 to 1 */
static float next_float(void)
{
    return (float)((double)next_number() / 8388608 - 1);
}

static void fill(float *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) values[i] = next_float();
}

/* ---- Sums over blocks ---- */

enum { MOST_FACTOR = BIN_ROW_MOST_FACTOR, MOST_COLUMNS = 70, STRIDE = MOST_FACTOR * MOST_COLUMNS + 3 };

/* Factors and numbers of columns to try. */
static const int64_t factors[] = {1, 2, 3, 4, 5, 16}, columns[] = {1, 2, 7, 8, 9, 31, 64, 70};
enum { N_FACTORS = sizeof factors / sizeof *factors, N_COLUMNS = sizeof columns / sizeof *columns };

/* Whole numbers are added exactly and rounded once. */
#define DEFINE_CHECK_BINS(NAME, T, LOW, SPAN)                                                                          \
    static void check_##NAME(void)                                                                                     \
    {                                                                                                                  \
        static T in[MOST_FACTOR * STRIDE];                                                                             \
        static float sums[MOST_FACTOR * MOST_COLUMNS], out[MOST_COLUMNS + 1];                                          \
        for (int64_t i = 0; i < MOST_FACTOR * STRIDE; i++) in[i] = (T)((LOW) + (int64_t)(next_number() % (SPAN)));     \
        for (int f = 0; f < N_FACTORS; f++)                                                                            \
            for (int c = 0; c < N_COLUMNS; c++) {                                                                      \
                const int64_t factor = factors[f], n = columns[c];                                                     \
                const float scale = 1 / (float)(factor * factor);                                                      \
                out[n] = 77;                                                                                           \
                NAME(in, STRIDE, factor, n, scale, sums, out);                                                         \
                assert_true(out[n] == 77);                                                                             \
                for (int64_t x = 0; x < n; x++) {                                                                      \
                    int64_t sum = 0;                                                                                   \
                    for (int64_t k = 0; k < factor * factor; k++)                                                      \
                        sum += (int64_t)in[k / factor * STRIDE + factor * x + k % factor];                             \
                    assert_true(out[x] == (float)sum * scale);                                                         \
                }                                                                                                      \
            }                                                                                                          \
    }

DEFINE_CHECK_BINS(bin_row_u8, uint8_t, 0, 256)
DEFINE_CHECK_BINS(bin_row_u16, uint16_t, 0, 65536)
DEFINE_CHECK_BINS(bin_row_i16, int16_t, -32768, 65536)
DEFINE_CHECK_BINS(bin_row_f32, float, -1000, 2001) /* of which 256 are exact too */

static void bins_of_whole_numbers_are_exact(void **state)
{
    (void)state;
    check_bin_row_u8();
    check_bin_row_u16();
    check_bin_row_i16();
    check_bin_row_f32();
}

/* The largest values that there are do not run over. */
static void bins_hold_the_ends_of_the_types(void **state)
{
    (void)state;
    static uint8_t bytes[MOST_FACTOR * STRIDE];
    static uint16_t words[MOST_FACTOR * STRIDE];
    static int16_t shorts[MOST_FACTOR * STRIDE];
    static float sums[MOST_FACTOR * MOST_COLUMNS], out[MOST_COLUMNS];
    for (int64_t i = 0; i < MOST_FACTOR * STRIDE; i++) {
        bytes[i] = UINT8_MAX;
        words[i] = UINT16_MAX;
        shorts[i] = INT16_MIN;
    }
    bin_row_u8(bytes, STRIDE, 16, 9, 1, sums, out);
    assert_true(out[8] == 256.0F * UINT8_MAX);
    bin_row_u16(words, STRIDE, 16, 9, 1, sums, out);
    assert_true(out[8] == 256.0F * UINT16_MAX);
    bin_row_i16(shorts, STRIDE, 16, 9, 1, sums, out);
    assert_true(out[8] == 256.0F * INT16_MIN);
}

static void bins_with_a_missing_pixel_are_missing(void **state)
{
    (void)state;
    static float in[3 * STRIDE], sums[3 * MOST_COLUMNS], out[11];
    fill(in, 3 * STRIDE);
    in[STRIDE + 13] = NAN;
    in[2 * STRIDE + 20] = INFINITY;
    bin_row_f32(in, STRIDE, 3, 11, 1, sums, out);
    for (int x = 0; x < 11; x++) assert_true(isfinite(out[x]) == (x != 4 && x != 6));
}

/* ---- Levels ---- */

static const int64_t lengths[] = {1, 2, 7, 8, 9, 15, 511, 512, 513, 1031, 4099};
enum { N_LENGTHS = sizeof lengths / sizeof *lengths, MOST_LENGTH = 4099 };

static void levels_are_products_and_sums(void **state)
{
    (void)state;
    static float image[MOST_LENGTH], before[MOST_LENGTH], inverse[MOST_LENGTH], weights[MOST_LENGTH];
    for (int k = 0; k < N_LENGTHS; k++) {
        const int64_t n = lengths[k];
        fill(image, n);
        fill(inverse, n);
        fill(weights, n);
        image[n - 1] = 0.5F; /* at the top counts */
        memcpy(before, image, sizeof image);
        const level_sums sums = level_image(image, inverse, weights, n, 0.5F);
        double expected = 0, absolute = 0;
        int64_t n_top = 0;
        for (int64_t i = 0; i < n; i++) {
            assert_true(image[i] == before[i] * inverse[i]);
            expected += (double)weights[i] * (double)image[i];
            absolute += fabs((double)weights[i] * (double)image[i]);
            n_top += before[i] >= 0.5F;
        }
        assert_int_equal(sums.n_top, n_top);
        /* A lane adds up to 64 numbers in single precision. */
        assert_true(fabs(sums.weighted - expected) <= 64 * 6e-8 * absolute);
        fade_image(image, weights, n, 0.25F);
        for (int64_t i = 0; i < n; i++) assert_true(image[i] == (before[i] * inverse[i] - 0.25F) * weights[i]);
    }
}

static void missing_pixels_show_in_the_sum(void **state)
{
    (void)state;
    static float image[100], ones[100];
    for (int at = 0; at < 100; at += 33)
        for (int k = 0; k < 2; k++) {
            for (int i = 0; i < 100; i++) image[i] = ones[i] = 1;
            image[at] = k == 0 ? NAN : INFINITY;
            const level_sums sums = level_image(image, ones, ones, 100, INFINITY);
            assert_false(isfinite(sums.weighted));
            assert_int_equal(sums.n_top, k);
        }
}

static void steps_between_neighbours(void **state)
{
    (void)state;
    static float row[MOST_LENGTH];
    for (int k = 0; k < N_LENGTHS; k++) {
        const int64_t n = lengths[k];
        double expected = 0;
        int64_t count = 0;
        fill(row, n);
        for (int64_t i = 0; i + 1 < n; i++) {
            expected += fabs((double)row[i + 1] - (double)row[i]);
            count += fabsf(row[i + 1] - row[i]) > 0.5F;
        }
        assert_true(fabs(row_steps_sum(row, n) - expected) <= 1e-5 * (expected + 1));
        assert_int_equal(row_steps_count(row, n, 0.5F), count);
        assert_int_equal(row_steps_count(row, n, INFINITY), 0);
    }
}

/* ---- Spectra ---- */

enum { MOST_ROWS = 33, MOST_PAIRS = MOST_ROWS * 9 };

typedef struct spectra {
    band_filter filter;
    float fine_y[2 * MOST_ROWS], coarse_y[2 * MOST_ROWS], fine_x[9], coarse_x[9];
    float f[2 * MOST_PAIRS + 1], g[2 * MOST_PAIRS], was[2 * MOST_PAIRS];
} spectra;

static void make_spectra(spectra *s, int64_t rows, int64_t n_columns)
{
    for (int64_t y = 0; y < rows; y++) {
        s->fine_y[2 * y] = s->fine_y[2 * y + 1] = next_float() + 2;
        s->coarse_y[2 * y] = s->coarse_y[2 * y + 1] = next_float() + 1;
    }
    fill(s->fine_x, n_columns);
    fill(s->coarse_x, n_columns);
    fill(s->f, 2 * rows * n_columns);
    fill(s->g, 2 * rows * n_columns);
    memcpy(s->was, s->f, sizeof s->was);
    s->f[2 * rows * n_columns] = 77;
    s->filter = (band_filter){rows, n_columns, s->fine_y, s->coarse_y, s->fine_x, s->coarse_x};
}

/* Sum of k |f|^2, and of its absolute terms. */
static double power_of(const spectra *s, double *absolute)
{
    const band_filter *k = &s->filter;
    double sum = 0;
    *absolute = 0;
    for (int64_t x = 0; x < k->columns; x++)
        for (int64_t y = 0; y < k->rows; y++) {
            const double fine = (double)k->fine_y[2 * y] * (double)k->fine_x[x],
                         coarse = (double)k->coarse_y[2 * y] * (double)k->coarse_x[x];
            const double re = (double)s->was[2 * (x * k->rows + y)], im = (double)s->was[2 * (x * k->rows + y) + 1];
            sum += (fine - coarse) * (re * re + im * im);
            *absolute += (fabs(fine) + fabs(coarse)) * (re * re + im * im);
        }
    return sum;
}

static void products_and_power_of_spectra(void **state)
{
    (void)state;
    static spectra s;
    for (int64_t rows = 1; rows <= MOST_ROWS; rows++)
        for (int64_t n_columns = 1; n_columns <= 9; n_columns += 2) {
            double absolute;
            make_spectra(&s, rows, n_columns);
            const double expected = power_of(&s, &absolute), tolerance = 1e-6 * absolute;
            const double alone = band_power(&s.filter, s.f);
            assert_memory_equal(s.f, s.was, (size_t)(2 * rows * n_columns) * sizeof *s.f);
            assert_true(fabs(alone - expected) <= tolerance);
            assert_true(cross_spectrum(&s.filter, s.f, s.g) == alone);
            assert_true(s.f[2 * rows * n_columns] == 77);
            for (int64_t i = 0; i < rows * n_columns; i++) {
                const double re = (double)s.was[2 * i], im = (double)s.was[2 * i + 1], g_re = (double)s.g[2 * i],
                             g_im = (double)s.g[2 * i + 1];
                assert_true(fabs((double)s.f[2 * i] - (re * g_re - im * g_im)) < 3e-7);
                assert_true(fabs((double)s.f[2 * i + 1] - (re * g_im + im * g_re)) < 3e-7);
            }
        }
}

static void moved_spectra_are_added(void **state)
{
    (void)state;
    static float f[2 * MOST_PAIRS], sum[2 * MOST_PAIRS + 1], was[2 * MOST_PAIRS], ramp[2 * MOST_ROWS];
    const double angle_y = 0.37, angle_x = -1.21;
    for (int64_t rows = 1; rows <= MOST_ROWS; rows++) {
        const int64_t n_columns = rows % 8 + 1;
        fill(f, 2 * rows * n_columns);
        fill(sum, 2 * rows * n_columns);
        memcpy(was, sum, sizeof was);
        sum[2 * rows * n_columns] = 77;
        add_moved_spectrum(rows, n_columns, f, angle_y, angle_x, ramp, sum);
        assert_true(sum[2 * rows * n_columns] == 77);
        for (int64_t x = 0; x < n_columns; x++)
            for (int64_t y = 0; y < rows; y++) {
                const int64_t at = 2 * (x * rows + y);
                const double angle = angle_y * (double)(2 * y <= rows ? y : y - rows) + angle_x * (double)x;
                const double re = (double)f[at] * cos(angle) - (double)f[at + 1] * sin(angle),
                             im = (double)f[at] * sin(angle) + (double)f[at + 1] * cos(angle);
                assert_true(fabs((double)sum[at] - (double)was[at] - re) < 1e-6);
                assert_true(fabs((double)sum[at + 1] - (double)was[at + 1] - im) < 1e-6);
            }
    }
}

/* ---- Where templates lie ---- */

enum { MOST = MOTION_MOST_STRETCHES };

/* A drift of 9 px a stretch, with a wave; the mean is 0. */
static void lay_out(double *truth, int64_t n)
{
    double mean = 0;
    for (int64_t k = 0; k < n; k++) truth[k] = 9 * (double)k + 4 * sin((double)k);
    for (int64_t k = 0; k < n; k++) mean += truth[k] / (double)n;
    for (int64_t k = 0; k < n; k++) truth[k] -= mean;
}

static void assert_offsets(const offset_pair *pairs, int64_t n_pairs, const double *truth, int64_t n, double tolerance)
{
    double found[MOST];
    motion_offsets(pairs, n_pairs, n, found);
    for (int64_t k = 0; k < n; k++)
        if (!(fabs(found[k] - truth[k]) <= tolerance))
            fail_msg("%lld of %lld: %g instead of %g", (long long)k, (long long)n, found[k], truth[k]);
}

/* Every pair once; `reach`: of no more than so many apart. */
static int64_t all_pairs(const double *truth, int64_t n, int64_t reach, offset_pair *pairs)
{
    int64_t count = 0;
    for (int64_t a = 0; a < n; a++)
        for (int64_t b = a + 1; b < n && b <= a + reach; b++)
            pairs[count++] = (offset_pair){a, b, truth[a] - truth[b], 0.2 + 0.1 * (double)((a + b) % 5)};
    return count;
}

static void offsets_of_exact_pairs(void **state)
{
    (void)state;
    double truth[MOST];
    offset_pair pairs[MOST * MOST];
    for (int64_t n = 1; n <= MOST; n++)
        for (int64_t reach = 1; reach <= n; reach++) { /* 1: a chain */
            lay_out(truth, n);
            assert_offsets(pairs, all_pairs(truth, n, reach, pairs), truth, n, 1e-6);
        }
}

/* A quarter of the pairs say something else altogether, as far ones do that share no content. */
static void offsets_in_spite_of_gross_errors(void **state)
{
    (void)state;
    double truth[MOST];
    offset_pair pairs[MOST * MOST];
    for (int64_t n = 4; n <= MOST; n++) {
        lay_out(truth, n);
        const int64_t count = all_pairs(truth, n, n, pairs);
        for (int64_t p = 1; p < count; p += n < 6 ? count : 4) pairs[p].shift += 40 * (double)next_float();
        assert_offsets(pairs, count, truth, n, 0.05);
    }
}

/* Those far apart are measured wrong but weakly trusted. */
static void offsets_where_only_neighbours_see_each_other(void **state)
{
    (void)state;
    double truth[MOST];
    offset_pair pairs[MOST * MOST];
    for (int64_t n = 3; n <= MOST; n++) {
        lay_out(truth, n);
        const int64_t count = all_pairs(truth, n, n, pairs);
        for (int64_t p = 0; p < count; p++) {
            const bool is_near = pairs[p].to - pairs[p].from <= 2;
            pairs[p].weight = is_near ? 0.9 : 0.01;
            if (!is_near) pairs[p].shift = 40 * (double)next_float();
        }
        assert_offsets(pairs, count, truth, n, 0.1);
    }
}

/* One that fits nothing (no light in its stretch) leaves the others where they are, and stays within what was said. */
static void offsets_with_one_unknown(void **state)
{
    (void)state;
    double truth[MOST], found[MOST];
    offset_pair pairs[MOST * MOST];
    lay_out(truth, 8);
    const int64_t count = all_pairs(truth, 8, 8, pairs);
    for (int64_t p = 0; p < count; p++)
        if (pairs[p].from == 3 || pairs[p].to == 3) {
            pairs[p].weight = 0;
            pairs[p].shift = 0;
        }
    motion_offsets(pairs, count, 8, found);
    for (int64_t k = 0; k < 8; k++) {
        assert_true(fabs(found[k]) < 60);
        if (k != 3) assert_true(fabs(found[k] - found[0] - (truth[k] - truth[0])) < 1e-3);
    }
    for (int64_t p = 0; p < count; p++) pairs[p].weight = 0;
    motion_offsets(pairs, count, 8, found);
    for (int64_t k = 0; k < 8; k++) assert_true(isfinite(found[k]) && fabs(found[k]) < 60);
}

/* ---- Unknown and repeated frames ---- */

static motion_shift known(double dy, double dx)
{
    return (motion_shift){.dy = dy, .dx = dx, .peak = 0.9F, .ratio = 2, .power = 3};
}

static motion_shift unknown(uint32_t flags)
{
    return (motion_shift){.peak = 0.1F, .ratio = 1, .power = 3, .flags = flags};
}

static void unknown_frames_go_with_their_neighbours(void **state)
{
    (void)state;
    motion_shift s[] = {unknown(2), unknown(16), known(4, -2), unknown(4), unknown(8),
                        unknown(1), known(8, 2), known(1, 1),  unknown(1), unknown(6)};
    s[7].flags = MOTION_REPEATED; /* its motion is known */
    motion_interpolate(s, 10);
    const double dy[] = {4, 4, 4, 5, 6, 7, 8, 1, 1, 1}, dx[] = {-2, -2, -2, -1, 0, 1, 2, 1, 1, 1};
    const uint32_t flags[] = {2, 16, 0, 4, 8, 1, 0, 32, 1, 6};
    for (int t = 0; t < 10; t++) {
        assert_true(fabs(s[t].dy - dy[t]) < 1e-12 && fabs(s[t].dx - dx[t]) < 1e-12);
        assert_int_equal(s[t].flags, flags[t]);
    }
}

static void nothing_known_stays_as_it_is(void **state)
{
    (void)state;
    motion_shift s[] = {unknown(2), unknown(4), unknown(1)}, one = unknown(2), sure = known(3, 4);
    motion_interpolate(s, 3);
    for (int t = 0; t < 3; t++) assert_true(s[t].dy == 0 && s[t].dx == 0);
    motion_interpolate(&one, 1);
    motion_interpolate(&sure, 1);
    motion_interpolate(NULL, 0);
    assert_true(one.dy == 0 && sure.dy == 3 && sure.dx == 4);
}

static void equal_frames_are_repeated(void **state)
{
    (void)state;
    motion_shift s[] = {known(1, 2), known(1, 2), known(1, 2), known(1, 2), unknown(2), unknown(2)};
    s[2].power = 3.0000002F; /* the next float */
    s[4].power = s[5].power = 0;
    assert_int_equal(motion_flags(s, 0), 0);
    assert_int_equal(motion_flags(s, 1), MOTION_REPEATED);
    assert_int_equal(motion_flags(s, 2), 0);
    assert_int_equal(motion_flags(s, 3), 0);
    assert_int_equal(motion_flags(s, 5), MOTION_BLANK); /* what is blank is not said to repeat */
    s[4].power = s[5].power = 1;
    assert_int_equal(motion_flags(s, 5), MOTION_BLANK | MOTION_REPEATED);
}

static void windows_shrink_on_all_sides(void **state)
{
    (void)state;
    image_window w = {3, 5, 40, 60};
    motion_shrink(&w, 6);
    assert_true(w.y == 9 && w.x == 11 && w.height == 28 && w.width == 48);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_of_whole_numbers_are_exact),
        cmocka_unit_test(bins_hold_the_ends_of_the_types),
        cmocka_unit_test(bins_with_a_missing_pixel_are_missing),
        cmocka_unit_test(levels_are_products_and_sums),
        cmocka_unit_test(missing_pixels_show_in_the_sum),
        cmocka_unit_test(steps_between_neighbours),
        cmocka_unit_test(products_and_power_of_spectra),
        cmocka_unit_test(moved_spectra_are_added),
        cmocka_unit_test(offsets_of_exact_pairs),
        cmocka_unit_test(offsets_in_spite_of_gross_errors),
        cmocka_unit_test(offsets_where_only_neighbours_see_each_other),
        cmocka_unit_test(offsets_with_one_unknown),
        cmocka_unit_test(unknown_frames_go_with_their_neighbours),
        cmocka_unit_test(nothing_known_stays_as_it_is),
        cmocka_unit_test(equal_frames_are_repeated),
        cmocka_unit_test(windows_shrink_on_all_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
