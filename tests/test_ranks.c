/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Ranks among many values against sorting; kernels of frames (medians, ways down) against their plain references.
 */
#include "kernels/median_network.h"
#include "kernels/steepest.h"
#include "math/ranks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t next_number(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kinds of values: spread, few that repeat, all the same, one far off, infinite, hardly different. */
static double value_of_kind(int kind, uint32_t x, int64_t i)
{
    switch (kind) {
    case 0:
        return (double)x / 7 - 1e6;
    case 1:
        return (double)(x % 5);
    case 2:
        return 3.25;
    case 3:
        return i == 100 ? 1e300 : (double)x;
    case 4:
        return i % 1000 == 0 ? (double)INFINITY : -(double)x;
    default:
        return 1 + (double)(x % 3) * 0x1p-52;
    }
}

static void ranks_are_those_of_sorting(void **state)
{
    static const int64_t counts[] = {1, 2, 7, 8191, 8192, 20001};
    enum { MOST = 20001 };
    (void)state;
    double *values = malloc(sizeof *values * MOST), *sorted = malloc(sizeof *values * MOST);
    assert_true(values != NULL && sorted != NULL);
    for (int kind = 0; kind < 6; kind++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            const int64_t n = counts[c];
            uint32_t seed = (uint32_t)n;
            for (int64_t i = 0; i < n; i++) values[i] = sorted[i] = value_of_kind(kind, next_number(&seed), i);
            qsort(sorted, (size_t)n, sizeof *sorted, compare);
            for (int64_t k = 0; k <= 16; k++) {
                const int64_t rank = k * (n - 1) / 16;
                const rank_pair made = ranks_select(values, n, rank);
                assert_true(made.value == sorted[rank]);
                assert_true(made.next == sorted[rank + 1 < n ? rank + 1 : rank]);
            }
        }
    free(values);
    free(sorted);
}

/* Ranks on both sides of a bin's end. */
static void every_rank_is_found(void **state)
{
    enum { N = 8200 };
    (void)state;
    double *values = malloc(sizeof *values * N);
    assert_non_null(values);
    for (int64_t i = 0; i < N; i++) values[i] = (double)((i * 4099) % N);
    for (int64_t rank = 0; rank < N; rank += 3) {
        const rank_pair made = ranks_select(values, N, rank);
        assert_true(made.value == (double)rank && made.next == (double)(rank + 1 < N ? rank + 1 : rank));
    }
    free(values);
}

static void counted_ranks(void **state)
{
    (void)state;
    const uint32_t counts[] = {0, 2, 0, 1, 3};
    static const double sorted[] = {-9, -9, -7, -6, -6, -6};
    for (int64_t rank = 0; rank < 6; rank++) {
        const rank_pair made = ranks_select_counted(counts, -10, 6, rank);
        assert_true(made.value == sorted[rank] && made.next == sorted[rank < 5 ? rank + 1 : rank]);
    }
}

static void medians_are_those_of_the_reference(void **state)
{
    enum { SIDE = 2 * MEDIAN_NETWORK_RADIUS + 1, N = 70, WIDTH = N + 3 * SIDE + MEDIAN_NETWORK_AT_ONCE };
    (void)state;
    uint8_t u8[SIDE][WIDTH], u8_made[2][WIDTH] = {{0}};
    uint16_t u16[SIDE][WIDTH], u16_made[2][WIDTH] = {{0}};
    float f32[SIDE][WIDTH], f32_made[2][WIDTH] = {{0}};
    const uint8_t *u8_rows[SIDE];
    const uint16_t *u16_rows[SIDE];
    const float *f32_rows[SIDE];
    uint32_t seed = 4;
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < WIDTH; x++) {
            u8[y][x] = (uint8_t)(next_number(&seed) % 256);
            u16[y][x] = (uint16_t)(next_number(&seed) % 65536);
            f32[y][x] = (float)next_number(&seed) - 5e6F;
        }
        u8_rows[y] = u8[y];
        u16_rows[y] = u16[y];
        f32_rows[y] = f32[y];
    }
    for (int64_t radius = 1; radius <= MEDIAN_NETWORK_RADIUS; radius++)
        for (int64_t step = 1; step <= 3; step += 2) {
            const median_window w = {radius, step};
            median_network_u8(u8_rows, w, N, u8_made[0]);
            median_network_u8_plain(u8_rows, w, N, u8_made[1]);
            assert_memory_equal(u8_made[0], u8_made[1], N);
            median_network_u16(u16_rows, w, N, u16_made[0]);
            median_network_u16_plain(u16_rows, w, N, u16_made[1]);
            assert_memory_equal(u16_made[0], u16_made[1], N * sizeof(uint16_t));
            median_network_f32(f32_rows, w, N, f32_made[0]);
            median_network_f32_plain(f32_rows, w, N, f32_made[1]);
            assert_memory_equal(f32_made[0], f32_made[1], N * sizeof(float));
        }
}

static void ways_are_those_of_the_reference(void **state)
{
    enum { MOST = 60 };
    (void)state;
    float rows[3][MOST];
    uint8_t made[MOST + 1], expected[MOST + 1];
    uint32_t seed = 8;
    for (int y = 0; y < 3; y++)
        for (int x = 0; x < MOST; x++) rows[y][x] = (float)(next_number(&seed) % 9);
    rows[1][20] = rows[0][31] = NAN;
    rows[2][40] = INFINITY;
    rows[1][50] = -INFINITY;
    for (int64_t width = 0; width <= MOST; width++)
        for (int edge = 0; edge < 4; edge++) {
            const float *above = edge & 1 ? NULL : rows[0], *below = edge & 2 ? NULL : rows[2];
            memset(made, 99, sizeof made);
            memset(expected, 99, sizeof expected);
            steepest_ways(above, rows[1], below, width, made);
            steepest_ways_plain(above, rows[1], below, width, expected);
            assert_memory_equal(made, expected, sizeof made);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_are_those_of_sorting),
        cmocka_unit_test(every_rank_is_found),
        cmocka_unit_test(counted_ranks),
        cmocka_unit_test(medians_are_those_of_the_reference),
        cmocka_unit_test(ways_are_those_of_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
