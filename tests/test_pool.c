/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_pool.c: every job once, on the right number of workers; fingerprints and scratch files on top of it.
 */
#include "core/budget.h"
#include "core/digest.h"
#include "core/pool.h"
#include "core/spool.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { JOBS = 1000 };

typedef struct tally {
    atomic_int done[JOBS];
    atomic_int between;
    int64_t n_workers;
    atomic_bool strange_worker;
} tally;

static void count_job(void *user, int64_t i, int64_t worker)
{
    tally *t = user;
    atomic_fetch_add(&t->done[i], 1);
    if (worker < 0 || worker >= t->n_workers) atomic_store(&t->strange_worker, true);
}

static void count_between(void *user)
{
    atomic_fetch_add(&((tally *)user)->between, 1);
}

static void runs_each_job_once(void **state)
{
    (void)state;
    for (int64_t n = 1; n <= 7; n += 3) {
        pool *p = NULL;
        assert_int_equal(pool_new(n, &p, NULL), LMP_OK);
        assert_int_equal(pool_worker_count(p), n);
        for (int round = 0; round < 50; round++) {
            tally t = {.n_workers = n};
            const int jobs = round % 2 == 0 ? JOBS : round % 3;
            pool_run(p, jobs, count_job, count_between, &t);
            for (int i = 0; i < jobs; i++) assert_int_equal(atomic_load(&t.done[i]), 1);
            assert_false(atomic_load(&t.strange_worker));
            assert_in_range(atomic_load(&t.between), 0, jobs);
        }
        pool_free(p);
    }
    pool_free(NULL);
}

/* On the workers that are lent, or on the caller's thread. */
static void steps_run_jobs(void **state)
{
    (void)state;
    pool *p = NULL;
    lmp_budget *budget = NULL;
    assert_int_equal(pool_new(3, &p, NULL), LMP_OK);
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    for (int lent = 0; lent < 2; lent++) {
        tally t = {.n_workers = lent ? 3 : 1};
        budget_lend_workers(budget, lent ? p : NULL);
        assert_int_equal(lmp_worker_count(budget), t.n_workers);
        lmp_run_jobs(budget, JOBS, count_job, &t);
        for (int i = 0; i < JOBS; i++) assert_int_equal(atomic_load(&t.done[i]), 1);
        assert_false(atomic_load(&t.strange_worker));
    }
    budget_free(budget);
    pool_free(p);
}

static void make_file(const char *path, int64_t size, int flip_at)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (int64_t i = 0; i < size; i++) fputc((int)(i * 7 % 251) ^ (i == flip_at), f);
    fclose(f);
}

static void fingerprints_see_one_bit(void **state)
{
    (void)state;
    char path[] = "digest-XXXXXX", first[DIGEST_TEXT], second[DIGEST_TEXT], third[DIGEST_TEXT];
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    pool *one = NULL, *many = NULL;
    lmp_budget *budget = NULL;
    assert_int_equal(pool_new(1, &one, NULL), LMP_OK);
    assert_int_equal(pool_new(5, &many, NULL), LMP_OK);
    assert_int_equal(budget_new(8 << 20, &budget, NULL), LMP_OK);
    make_file(path, 9000001, -1);
    assert_int_equal(digest_file(path, NULL, one, budget, first, NULL), LMP_OK);
    assert_int_equal(digest_file(path, NULL, many, budget, second, NULL), LMP_OK);
    assert_string_equal(first, second);
    make_file(path, 9000001, 8999999);
    assert_int_equal(digest_file(path, NULL, many, budget, third, NULL), LMP_OK);
    assert_string_not_equal(first, third);
    lmp_error err;
    os_fault_inject(3, 0);
    assert_int_equal(digest_file(path, NULL, many, budget, third, &err), LMP_ERR_IO);
    os_fault_inject(0, 0);
    unlink(path);
    assert_int_equal(digest_file(path, NULL, many, budget, third, &err), LMP_ERR_IO);
    assert_int_equal(budget_used(budget) > 8 << 20, 0);
    budget_free(budget);
    pool_free(many);
    pool_free(one);
}

static void scratch_files_give_back_what_they_got(void **state)
{
    (void)state;
    spool *s = NULL;
    double in[100], out[100];
    const lmp_stream stream = {.format = {.kind = LMP_SIGNALS, .n_times = 1000, .n_channels = 10}};
    for (int i = 0; i < 100; i++) in[i] = i * 1.5;
    assert_int_equal(spool_new(".", &stream, &s, NULL), LMP_OK);
    assert_int_equal(spool_write(s, 3, 900, 100, in, NULL), LMP_OK);
    assert_int_equal(spool_write(s, 1, 0, 50, in, NULL), LMP_OK);
    assert_int_equal(spool_read(s, 3, 910, 90, out, NULL), LMP_OK);
    assert_memory_equal(out, in + 10, 90 * sizeof(double));
    lmp_error err;
    assert_int_equal(spool_read(s, 10, 0, 10, out, &err), LMP_ERR_IO); /* behind its end */
    spool_free(s);
    assert_int_equal(spool_new("no-such-folder", &stream, &s, &err), LMP_ERR_IO);
    assert_non_null(strstr(err.text, "--scratch"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_each_job_once),
        cmocka_unit_test(steps_run_jobs),
        cmocka_unit_test(fingerprints_see_one_bit),
        cmocka_unit_test(scratch_files_give_back_what_they_got),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
