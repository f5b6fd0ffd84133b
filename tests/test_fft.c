/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fourier transforms against the sum that defines them; same bits from every plan and thread.
 */
#include "math/fft.h"

#include "os/os.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static double *aligned_doubles(int64_t n)
{
    size_t bytes = ((size_t)n * sizeof(double) + 63) / 64 * 64;
    double *made = aligned_alloc(64, bytes);
    assert_non_null(made);
    memset(made, 0, bytes);
    return made;
}

static double *noise(int64_t n)
{
    double *made = aligned_doubles(n);
    uint64_t s = 42;
    for (int64_t i = 0; i < n; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        made[i] = (double)(s >> 11) / 9007199254740992.0 - 0.5;
    }
    return made;
}

static void transforms_equal_the_sum(void **state)
{
    (void)state;
    static const int64_t lengths[] = {1, 2, 3, 4, 5, 8, 12, 30, 97, 128, 1000};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        int64_t n = lengths[l];
        fft_plan *plan = NULL;
        assert_int_equal(fft_plan_new(n, &plan, NULL), LMP_OK);
        assert_int_equal(fft_plan_length(plan), n);
        double *time = noise(n), *before = noise(n), *bins = aligned_doubles(fft_spectrum_doubles(n));
        fft_forward(plan, time, bins);
        assert_memory_equal(time, before, (size_t)n * sizeof(double));
        for (int64_t k = 0; k <= n / 2; k++) {
            double re = 0, im = 0;
            for (int64_t t = 0; t < n; t++) {
                re += time[t] * cos(2 * M_PI * (double)(k * t % n) / (double)n);
                im -= time[t] * sin(2 * M_PI * (double)(k * t % n) / (double)n);
            }
            assert_true(hypot(bins[2 * k] - re, bins[2 * k + 1] - im) < 1e-13 * (double)(n + 10));
        }
        fft_inverse(plan, bins, time);
        for (int64_t t = 0; t < n; t++) assert_true(fabs(time[t] - (double)n * before[t]) < 1e-13 * (double)(n + 10));
        fft_plan_free(plan);
        free(time);
        free(before);
        free(bins);
    }
}

enum { N_THREADS = 4, LENGTH = 6144 };

typedef struct job {
    double *bins;
} job;

static void transform_in_thread(void *user)
{
    job *j = user;
    double *time = noise(LENGTH);
    for (int repeat = 0; repeat < 20; repeat++) {
        fft_plan *plan = NULL;
        if (fft_plan_new(LENGTH, &plan, NULL) != LMP_OK) break;
        fft_forward(plan, time, j->bins);
        fft_plan_free(plan);
    }
    free(time);
}

static void threads_get_the_same_bits(void **state)
{
    (void)state;
    job jobs[N_THREADS];
    os_thread *threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++) {
        jobs[i].bins = aligned_doubles(fft_spectrum_doubles(LENGTH));
        assert_int_equal(os_thread_start(transform_in_thread, &jobs[i], &threads[i]), 0);
    }
    for (int i = 0; i < N_THREADS; i++) {
        os_thread_join(threads[i]);
        assert_memory_equal(jobs[i].bins, jobs[0].bins, (size_t)fft_spectrum_doubles(LENGTH) * sizeof(double));
    }
    assert_true(jobs[0].bins[2] != 0.0);
    for (int i = 0; i < N_THREADS; i++) free(jobs[i].bins);
}

static bool is_smooth(int64_t n)
{
    static const int64_t primes[] = {2, 3, 5};
    for (int i = 0; i < 3; i++)
        while (n % primes[i] == 0) n /= primes[i];
    return n == 1;
}

static void good_lengths_are_the_smallest(void **state)
{
    (void)state;
    for (int64_t n = 1; n < 3000; n++) {
        int64_t expected = n + n % 2;
        while (!is_smooth(expected)) expected += 2;
        assert_int_equal(fft_good_length(n), expected);
    }
}

static void impossible_lengths_are_refused(void **state)
{
    (void)state;
    fft_plan *plan = NULL;
    lmp_error err = {0};
    assert_int_equal(fft_plan_new(0, &plan, &err), LMP_ERR_USAGE);
    assert_int_equal(fft_plan_new(INT64_MAX, &plan, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "9223372036854775807"));
    assert_null(plan);
    fft_plan_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transforms_equal_the_sum),
        cmocka_unit_test(threads_get_the_same_bits),
        cmocka_unit_test(good_lengths_are_the_smallest),
        cmocka_unit_test(impossible_lengths_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
