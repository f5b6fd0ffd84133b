/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_digest_written.c: the fingerprint of a file is the same whether it was found while writing or after it.
 */
#include "core/budget.h"
#include "core/digest_written.h"
#include "io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PIECES = 5, TAIL = 12345, SIZE = PIECES * DIGEST_PIECE + TAIL };

static uint8_t *data;
static lmp_budget *budget;
static pool *workers;
static char path[64];

static int begin(void **state)
{
    (void)state;
    uint64_t x = 20260704;
    data = malloc(SIZE);
    if (data == NULL || budget_new(64 << 20, &budget, NULL) != LMP_OK || pool_new(3, &workers, NULL) != LMP_OK)
        return 1;
    for (int64_t i = 0; i < SIZE; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        data[i] = (uint8_t)(x >> 56);
    }
    snprintf(path, sizeof path, "digest-written-%ld", (long)getpid());
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    budget_free(budget);
    pool_free(workers);
    free(data);
    return 0;
}

typedef struct attempt {
    file_output output;
    digest_written *digest;
} attempt;

static attempt start(void)
{
    attempt a = {.digest = digest_written_new()};
    lmp_error err = {0};
    assert_non_null(a.digest);
    assert_int_equal(file_output_open(path, true, &a.output, &err), LMP_OK);
    a.output.digest = a.digest;
    return a;
}

static void put(attempt *a, int64_t first, int64_t size)
{
    lmp_error err = {0};
    assert_int_equal(file_output_write(&a->output, first, data + first, (size_t)size, &err), LMP_OK);
}

/* The file is complete: fingerprints are equal, and so many pieces need not be read. */
static void check(attempt *a, int64_t n_known)
{
    char with[DIGEST_TEXT], without[DIGEST_TEXT];
    lmp_error err = {0};
    int64_t known = 0;
    XXH128_canonical_t hash;
    assert_int_equal(file_output_commit(&a->output, &err), LMP_OK);
    for (int64_t i = 0; i < PIECES + 3; i++) known += digest_written_piece(a->digest, i, &hash);
    assert_int_equal(known, n_known);
    assert_int_equal(digest_file(path, a->digest, workers, budget, with, &err), LMP_OK);
    assert_int_equal(digest_file(path, NULL, workers, budget, without, &err), LMP_OK);
    assert_string_equal(with, without);
    file_output_discard(&a->output);
    digest_written_free(a->digest);
}

static void knows_pieces_however_they_are_written(void **state)
{
    (void)state;
    static const int64_t steps[] = {SIZE, 3 * DIGEST_PIECE, DIGEST_PIECE, DIGEST_PIECE / 2, 1000003, 300007};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        attempt a = start();
        for (int64_t at = 0; at < SIZE; at += steps[i]) put(&a, at, at + steps[i] < SIZE ? steps[i] : SIZE - at);
        check(&a, PIECES);
        attempt b = start(); /* from the end */
        for (int64_t at = SIZE / steps[i] * steps[i]; at >= 0; at -= steps[i])
            if (at < SIZE) put(&b, at, at + steps[i] < SIZE ? steps[i] : SIZE - at);
        check(&b, PIECES);
    }
}

typedef struct share {
    attempt *a;
    int64_t step;
} share;

static void put_job(void *user, int64_t i, int64_t worker)
{
    (void)worker;
    const share *s = user;
    const int64_t at = i * s->step;
    put(s->a, at, at + s->step < SIZE ? s->step : SIZE - at);
}

static void knows_what_several_threads_write(void **state)
{
    (void)state;
    for (int64_t step = 70001; step < 8000000; step *= 4) {
        attempt a = start();
        share s = {&a, step};
        pool_run(workers, (SIZE + step - 1) / step, put_job, NULL, &s);
        check(&a, PIECES);
    }
}

/* A head that is written first and again at the end, or twice before the rest, changed meanwhile. */
static void forgets_what_is_written_twice(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        attempt a = start();
        data[5] ^= 1;
        put(&a, 0, 16);
        data[5] ^= 1;
        if (late == 0) put(&a, 0, 16);
        put(&a, 16, SIZE - 16);
        if (late == 1) put(&a, 0, 16);
        check(&a, PIECES - 1);
    }
    attempt a = start(); /* as many bytes as a piece has, but not all of them */
    put(&a, 3 * DIGEST_PIECE, SIZE - 3 * DIGEST_PIECE);
    put(&a, 0, DIGEST_PIECE / 2);
    put(&a, 0, DIGEST_PIECE / 2);
    check(&a, PIECES - 2);
}

/* What is left out, or cut off later. */
static void leaves_what_is_not_whole(void **state)
{
    (void)state;
    attempt a = start();
    put(&a, 2 * DIGEST_PIECE + 1, 2 * DIGEST_PIECE);
    check(&a, 1);
    attempt b = start();
    put(&b, 0, SIZE);
    assert_int_equal(os_file_resize(b.output.file, 3 * DIGEST_PIECE / 2), 0);
    check(&b, PIECES);
}

/* A piece that cannot be read back is read later; a write that fails is not counted. */
static void survives_faults(void **state)
{
    (void)state;
    lmp_error err = {0};
    for (int64_t nth = 1; nth < 300; nth += 29) {
        attempt a = start();
        os_fault_inject(nth, 0);
        for (int64_t at = 0; at < SIZE; at += 1000003) put(&a, at, at + 1000003 < SIZE ? 1000003 : SIZE - at);
        os_fault_inject(0, 0);
        check(&a, PIECES - 1);
    }
    attempt a = start();
    os_fault_inject(0, 1);
    assert_int_equal(file_output_write(&a.output, 0, data, DIGEST_PIECE, &err), LMP_ERR_IO);
    os_fault_inject(0, 0);
    put(&a, 0, SIZE);
    check(&a, PIECES);
    digest_written_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_pieces_however_they_are_written),
        cmocka_unit_test(knows_what_several_threads_write),
        cmocka_unit_test(forgets_what_is_written_twice),
        cmocka_unit_test(leaves_what_is_not_whole),
        cmocka_unit_test(survives_faults),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
