/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Kernels of statistics over time against their plain references: the same bits, at odd sizes, addresses and types.
 */
#include "kernels/sliding.h"
#include "kernels/temporal.h"
#include "kernels/temporal_rank.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const lmp_type types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                 LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};
enum { N_TYPES = sizeof types / sizeof *types };
static const int64_t sizes[] = {1, 3, 7, 16, 31, 33, 64, 100, 511, 512};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 11 ^ *seed << 7;
}

/* Any bits; of floats finite numbers of all sizes. */
static void fill(lmp_type type, char *to, int64_t n, uint64_t *seed)
{
    const size_t bytes = lmp_type_bytes(type);
    for (int64_t i = 0; i < n; i++) {
        const uint64_t bits = next_random(seed);
        const double number = ldexp((double)(int64_t)bits, (int)(bits % 40) - 70);
        const float narrow = (float)number;
        memcpy(to + (size_t)i * bytes,
               type == LMP_FLOAT64   ? (const void *)&number
               : type == LMP_FLOAT32 ? (const void *)&narrow
                                     : (const void *)&bits,
               bytes);
    }
}

enum { ROOM = 512 * 16, FRAMES_ROOM = 8 * (512 * 8 + 64) };

typedef struct bench {
    char frames[FRAMES_ROOM + 64];
    double one[ROOM / 8], other[ROOM / 8], third[ROOM / 8], fourth[ROOM / 8], centre[512];
    uint32_t at[512], at_plain[512];
} bench;

static temporal_stack stack_of(bench *b, lmp_type type, int64_t frames, int64_t values)
{
    const size_t bytes = lmp_type_bytes(type);
    return (temporal_stack){.type = type,
                            .data = b->frames + bytes, /* aligned to the type, no more */
                            .stride = ((size_t)values + 3) * bytes,
                            .frames = frames,
                            .values = values};
}

static void reset(bench *b)
{
    memset(b->one, 0, sizeof b->one);
    memset(b->other, 0, sizeof b->other);
    memset(b->third, 0, sizeof b->third);
    memset(b->fourth, 0, sizeof b->fourth);
    memset(b->at, 0, sizeof b->at);
    memset(b->at_plain, 0, sizeof b->at_plain);
}

static void check_stack(bench *b, const temporal_stack *s)
{
    reset(b);
    assert_false(temporal_add(s, b->one));
    temporal_add_plain(s, b->other);
    assert_memory_equal(b->one, b->other, sizeof b->one);
    reset(b);
    for (int64_t i = 0; i < s->values; i++) b->centre[i] = (double)(i % 5);
    assert_false(temporal_add_squares(s, b->centre, b->one, b->third));
    temporal_add_squares_plain(s, b->centre, b->other, b->fourth);
    assert_memory_equal(b->one, b->other, sizeof b->one);
    assert_memory_equal(b->third, b->fourth, sizeof b->third);
    reset(b);
    assert_false(temporal_raise(s, b->one));
    temporal_raise_plain(s, b->other);
    assert_memory_equal(b->one, b->other, sizeof b->one);
    assert_false(temporal_lower(s, b->one));
    temporal_lower_plain(s, b->other);
    assert_memory_equal(b->one, b->other, sizeof b->one);
    reset(b);
    assert_false(temporal_raise_at(s, 1000, b->one, b->at));
    temporal_raise_at_plain(s, 1000, b->other, b->at_plain);
    assert_memory_equal(b->one, b->other, sizeof b->one);
    assert_memory_equal(b->at, b->at_plain, sizeof b->at);
}

static void stacks_agree_with_plain(void **state)
{
    (void)state;
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    uint64_t seed = 1;
    for (int t = 0; t < N_TYPES; t++)
        for (int s = 0; s < N_SIZES; s++)
            for (int64_t frames = 1; frames <= TEMPORAL_FRAMES; frames += s % 2 ? 7 : 3) {
                const temporal_stack stack = stack_of(b, types[t], frames, sizes[s]);
                const int64_t all = (frames - 1) * (sizes[s] + 3) + sizes[s];
                fill(types[t], b->frames + lmp_type_bytes(types[t]), all, &seed);
                check_stack(b, &stack);
            }
    free(b);
}

static void nan_is_seen_counted_and_filled(void **state)
{
    (void)state;
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    for (int64_t at = 0; at < 8 * 37; at += 5)
        for (int wide = 0; wide < 2; wide++) {
            const temporal_stack s = stack_of(b, wide ? LMP_FLOAT64 : LMP_FLOAT32, 8, 37);
            memset(b->frames, 0, sizeof b->frames);
            const int64_t frame = at / 37, value = at % 37;
            char *to =
                b->frames + lmp_type_bytes(s.type) + (size_t)frame * s.stride + (size_t)value * lmp_type_bytes(s.type);
            memcpy(to, wide ? (const void *)&(double){(double)NAN} : (const void *)&(float){(float)NAN},
                   lmp_type_bytes(s.type));
            reset(b);
            assert_true(temporal_add(&s, b->one));
            reset(b);
            assert_true(temporal_add_squares(&s, b->centre, b->one, b->third));
            assert_true(temporal_raise(&s, b->other));
            assert_true(temporal_lower(&s, b->other));
            assert_true(temporal_raise_at(&s, 0, b->other, b->at));
            temporal_count_missing(&s, b->at_plain);
            for (int64_t i = 0; i < 37; i++) assert_int_equal(b->at_plain[i], i == value);
            char *copy = calloc(8 * 37, 8);
            assert_non_null(copy);
            temporal_fill_missing(&s, b->fourth, copy);
            for (size_t i = 0; i < 8 * 37 * lmp_type_bytes(s.type); i++) assert_int_equal(copy[i], 0);
            free(copy);
        }
    free(b);
}

/* ---- Ranks ---- */

static void keys_keep_order_and_come_back(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (int t = 0; t < N_TYPES; t++) {
        const size_t bytes = lmp_type_bytes(types[t]);
        char numbers[8 * 77], keys[77 * TEMPORAL_LINE] = {0}, plain[77 * TEMPORAL_LINE] = {0};
        fill(types[t], numbers, 77, &seed);
        const temporal_stack stack = {.type = types[t], .data = numbers, .frames = 1, .values = 77};
        assert_false(temporal_store_keys(&stack, keys, TEMPORAL_LINE));
        (void)temporal_store_keys_plain(&stack, plain, TEMPORAL_LINE);
        assert_memory_equal(keys, plain, sizeof keys);
        temporal_open_keys(types[t], keys, 77);
        assert_memory_equal(keys, numbers, 77 * bytes);
    }
}

static void ranks_agree_with_plain(void **state)
{
    (void)state;
    static const int64_t frames[] = {1, 2, 5, 63, 254, 255, 256, 300};
    uint64_t seed = 4;
    char *keys = aligned_alloc(64, 300 * TEMPORAL_LINE);
    assert_non_null(keys);
    for (int t = 0; t < N_TYPES; t++)
        for (int f = 0; f < 8; f++)
            for (int narrow = 0; narrow < 3; narrow++) {
                const size_t bytes = lmp_type_bytes(types[t]);
                const int64_t line = temporal_line_values(types[t]);
                for (int64_t i = 0; i < frames[f] * line; i++) {
                    const uint64_t x = next_random(&seed);
                    const int64_t key = narrow == 0 ? (int64_t)x : narrow == 1 ? (int64_t)(x % 5) - 2 : 77;
                    memcpy(keys + (size_t)i * bytes, &key, bytes);
                }
                __attribute__((aligned(64))) char found[2][TEMPORAL_LINE] = {{0}}, next[2][TEMPORAL_LINE] = {{0}};
                uint32_t ranks[TEMPORAL_LINE];
                for (int i = 0; i < TEMPORAL_LINE; i++) ranks[i] = (uint32_t)(next_random(&seed) % (uint64_t)frames[f]);
                temporal_rank(types[t], keys, frames[f], ranks, found[0], next[0]);
                temporal_rank_plain(types[t], keys, frames[f], ranks, found[1], next[1]);
                assert_memory_equal(found[0], found[1], TEMPORAL_LINE);
                assert_memory_equal(next[0], next[1], TEMPORAL_LINE);
            }
    free(keys);
}

static void sorted_windows_agree_with_plain(void **state)
{
    (void)state;
    enum { WINDOW = 9 };
    uint64_t seed = 8;
    for (int t = 0; t < N_TYPES; t++) {
        __attribute__((aligned(64))) char sorted[2][WINDOW * TEMPORAL_LINE], ring[WINDOW][TEMPORAL_LINE];
        memset(sorted, 0, sizeof sorted);
        memset(ring, 0, sizeof ring);
        for (int frame = 0; frame < 60; frame++) {
            __attribute__((aligned(64))) char fresh[TEMPORAL_LINE];
            for (int i = 0; i < TEMPORAL_LINE; i++) fresh[i] = (char)(next_random(&seed) % (frame % 2 ? 256 : 3));
            sliding_sort(types[t], sorted[0], WINDOW, ring[frame % WINDOW], fresh);
            sliding_sort_plain(types[t], sorted[1], WINDOW, ring[frame % WINDOW], fresh);
            memcpy(ring[frame % WINDOW], fresh, sizeof fresh);
            assert_memory_equal(sorted[0], sorted[1], sizeof sorted[0]);
        }
    }
}

/* ---- Windows: the forms that count what is missing give the bits of those that need not ---- */

static void counted_forms_agree(void **state)
{
    (void)state;
    enum { N = 101 };
    static const int32_t none[N];
    const sliding_count head = {7, none}, tail = {5, none}, both = {12, NULL};
    double x[N], a[4][N], b[4][N], out[2][N];
    uint64_t seed = 2;
    fill(LMP_FLOAT64, (char *)x, N, &seed);
    for (int k = 0; k < 4; k++) fill(LMP_FLOAT64, (char *)a[k], N, &seed);
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < N; i++) b[k][i] = a[k][i] = k % 2 ? fabs(a[k][i]) : a[k][i];
    for (int mean = 0; mean < 2; mean++) {
        sliding_add(x, a[0], a[2], both, mean, out[0], N);
        sliding_add_counted(x, b[0], b[2], head, tail, mean, out[1], N);
        assert_memory_equal(out[0], out[1], sizeof out[0]);
        assert_memory_equal(a[0], b[0], sizeof a[0]);
    }
    sliding_raise(x, a[0], a[2], out[0], N);
    sliding_raise_counted(x, b[0], b[2], head, tail, out[1], N);
    assert_memory_equal(out[0], out[1], sizeof out[0]);
    const sliding_moments p = {a[0], a[1]}, q = {b[0], b[1]}, r = {a[2], a[3]};
    sliding_spread(x, p, 7, N);
    sliding_spread_counted(x, none, q, head, N);
    assert_memory_equal(a, b, sizeof a);
    sliding_join(p, r, 7, 5, out[0], N);
    sliding_join_counted(q, r, head, tail, out[1], N);
    assert_memory_equal(out[0], out[1], sizeof out[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stacks_agree_with_plain),         cmocka_unit_test(nan_is_seen_counted_and_filled),
        cmocka_unit_test(keys_keep_order_and_come_back),   cmocka_unit_test(ranks_agree_with_plain),
        cmocka_unit_test(sorted_windows_agree_with_plain), cmocka_unit_test(counted_forms_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
