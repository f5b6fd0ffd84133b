/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_run.c: the engine: rounds, lanes, groups, learning, sinks, errors and limits, with values whose result is known.
 */
#include "memory_io.h"

#include "core/plan.h"
#include "core/run.h"
#include "os/os.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { LANES = 5, TIMES = 3001, PLENTY = 64 << 20 };

static const int64_t thread_counts[] = {1, 2, 7}, block_lengths[] = {1, 7, 256, 100000};

/* Runs the chain in all combinations and compares every value of "out.mem" with what `expected` says. */
static void check_everywhere(const char *chain, int64_t n_lanes, int64_t n_times,
                             double (*expected)(int64_t lane, int64_t time))
{
    for (size_t t = 0; t < 3; t++)
        for (size_t b = 0; b < 4; b++) {
            memory_reset();
            lmp_error err = {0};
            if (memory_run(thread_counts[t], PLENTY, block_lengths[b], LANES, TIMES, chain, &err) != LMP_OK)
                fail_msg("%s", err.text);
            const memory_file *f = memory_find("out.mem");
            assert_non_null(f);
            assert_int_equal(f->n_lanes, n_lanes);
            assert_int_equal(f->n_times, n_times);
            for (int64_t lane = 0; lane < n_lanes; lane++)
                for (int64_t time = 0; time < n_times; time++)
                    if (f->values[lane * n_times + time] != expected(lane, time))
                        fail_msg("%s: lane %lld time %lld: %g, not %g", chain, (long long)lane, (long long)time,
                                 f->values[lane * n_times + time], expected(lane, time));
        }
    memory_reset();
}

static double same(int64_t lane, int64_t time)
{
    return memory_value(lane, time);
}

static double plus_two_but_lane_2(int64_t lane, int64_t time)
{
    return memory_value(lane, time) + (lane == 2 ? 0 : 2);
}

static double picked(int64_t lane, int64_t time)
{
    static const int64_t from[] = {1, 3};
    return memory_value(from[lane], time + 1000) + 1;
}

static double mixed(int64_t lane, int64_t time)
{
    return memory_value(lane, time) + 1 - (lane == 2) + 2 * (memory_value(0, time) + 1);
}

static double mean_of_lane_1;

static double minus_mean(int64_t lane, int64_t time)
{
    return memory_value(lane, time) + (lane == 2 ? 0 : 1) - mean_of_lane_1;
}

static void copies(void **state)
{
    (void)state;
    check_everywhere("write out.mem", LANES, TIMES, same);
}

static void holds_back_in_bursts(void **state)
{
    (void)state;
    check_everywhere("hold 100 ! hold 333 ! write out.mem", LANES, TIMES, plus_two_but_lane_2);
}

static void picks_and_crops_anywhere(void **state)
{
    (void)state;
    /* rate 100 Hz: 10-20 s are the samples 1000 to 1999 */
    check_everywhere("pick c1,c3 ! crop 10-20 ! hold 64 ! write out.mem", 2, 1000, picked);
    check_everywhere("hold 64 ! crop 10-20 ! pick c1,c3 ! write out.mem", 2, 1000, picked);
    check_everywhere("crop 5-25 ! hold 64 ! crop 5-15 ! pick c1,c3 ! write out.mem", 2, 1000, picked);
}

static void mixes_lanes(void **state)
{
    (void)state;
    check_everywhere("hold 50 ! mix 2 ! write out.mem", LANES, TIMES, mixed);
}

static void learns_before_it_processes(void **state)
{
    (void)state;
    double sum = 0;
    for (int64_t t = 0; t < TIMES; t++) sum += memory_value(1, t) + 1;
    mean_of_lane_1 = sum / TIMES;
    check_everywhere("hold 50 ! learn-mean ! write out.mem", LANES, TIMES, minus_mean);
}

static void tees(void **state)
{
    (void)state;
    check_everywhere("hold 10 ! tee mid.mem ! hold 20 ! write out.mem", LANES, TIMES, plus_two_but_lane_2);
    memory_reset();
    assert_int_equal(memory_run(2, PLENTY, 0, LANES, TIMES, "tee all.mem ! pick c4 ! write out.mem", NULL), LMP_OK);
    assert_int_equal(memory_find("all.mem")->n_lanes, LANES);
    assert_true(memory_find("all.mem")->values[TIMES + 5] == memory_value(1, 5));
    assert_true(memory_find("out.mem")->values[5] == memory_value(4, 5));
    memory_reset();
}

/* Only the lanes that are needed are read, and only the times. */
static void reads_only_what_it_needs(void **state)
{
    (void)state;
    memory_reset();
    memory.read_fails_at = 2500; /* outside the crop */
    assert_int_equal(memory_run(2, PLENTY, 64, LANES, TIMES, "crop 0-20 ! hold 10 ! write out.mem", NULL), LMP_OK);
    memory_reset();
}

/* ---- Limits ---- */

/* The smallest limit is accepted, one below is refused, and both say or keep what they promise. */
static void keeps_the_smallest_limit(void **state)
{
    (void)state;
    enum { MANY = 24 };
    const char *chain = "hold 20000 ! write out.mem";
    lmp_error err = {0};
    memory_reset();
    assert_int_equal(memory_run(4, 100000, 0, MANY, 50000, chain, &err), LMP_ERR_MEMORY);
    const char *says = strstr(err.text, "--memory ");
    assert_non_null(says);
    const uint64_t least = strtoull(says + 9, NULL, 10) << 20;
    assert_in_range(least, 1 << 20, 16 << 20);
    assert_int_equal(memory_run(4, least, 0, MANY, 50000, chain, &err), LMP_OK);
    const memory_file *f = memory_find("out.mem");
    for (int64_t lane = 0; lane < MANY; lane++)
        assert_true(f->values[lane * 50000 + 49999] == memory_value(lane, 49999) + (lane != 2));
    memory_reset();
}

static void groups_give_the_same(void **state)
{
    (void)state;
    enum { MANY = 24 };
    const char *chain = "hold 20000 ! write out.mem";
    memory_reset();
    for (uint64_t limit = 3 << 20; limit <= 48 << 20; limit *= 2) {
        memory_reset();
        memory.wants_all_lanes = true; /* groups then go through a scratch file */
        lmp_error err = {0};
        if (memory_run(2, limit, 0, MANY, 50000, chain, &err) != LMP_OK) fail_msg("%s", err.text);
        const memory_file *f = memory_find("out.mem");
        for (int64_t lane = 0; lane < MANY; lane++)
            for (int64_t t = 0; t < 50000; t += 97)
                assert_true(f->values[lane * 50000 + t] == memory_value(lane, t) + (lane != 2));
    }
    memory_reset();
}

static void plans_no_less_than_it_takes(void **state)
{
    (void)state;
    static const char *const chains[] = {"write out.mem", "hold 3000 ! write out.mem",
                                         "hold 777 ! mix 1 ! hold 50 ! write out.mem",
                                         "hold 5000 ! learn-mean ! crop 1-50 ! write out.mem"};
    for (size_t i = 0; i < 4; i++) {
        memory_reset();
        memory.wants_range = true;
        lmp_engine *engine = memory_engine(3, PLENTY, 0);
        lmp_recording *recording = memory_recording(engine, 12, 20000);
        lmp_chain *chain = NULL;
        lmp_run *run = NULL;
        const char *words[16];
        int64_t n = 0;
        char *copy = strdup(chains[i]), *rest = copy;
        for (char *w = strsep(&rest, " "); w != NULL; w = strsep(&rest, " ")) words[n++] = w;
        lmp_run_options options = LMP_OPTIONS(lmp_run_options);
        options.no_provenance = 1;
        assert_int_equal(lmp_chain_new(engine, &chain, NULL), LMP_OK);
        assert_int_equal(lmp_chain_parse(chain, n, words, NULL), LMP_OK);
        assert_int_equal(lmp_run_new(engine, recording, chain, &options, &run, NULL), LMP_OK);
        const uint64_t expected = run->plan->bytes_expected;
        assert_int_equal(lmp_run_go(run, NULL, NULL, NULL), LMP_OK);
        if (lmp_run_peak_bytes(run) > expected + (4 << 20)) /* emptying the scratch file has its own 2 MB per worker */
            fail_msg("%s: %llu taken, %llu planned", chains[i], (unsigned long long)lmp_run_peak_bytes(run),
                     (unsigned long long)expected);
        lmp_run_free(run);
        lmp_chain_free(chain);
        lmp_recording_close(recording);
        lmp_engine_free(engine);
        free(copy);
    }
    memory_reset();
}

/* ---- Sinks ---- */

static void spools_when_the_range_comes_first(void **state)
{
    (void)state;
    memory_reset();
    memory.wants_range = true;
    assert_int_equal(memory_run(2, PLENTY, 100, LANES, TIMES, "hold 10 ! write out.mem", NULL), LMP_OK);
    double low = INFINITY, high = -INFINITY;
    for (int64_t t = 0; t < TIMES; t++) {
        low = fmin(low, memory_value(0, t) + 1);
        high = fmax(high, memory_value(0, t) + 1);
    }
    assert_true(memory.lowest == low && memory.highest == high);
    const memory_file *f = memory_find("out.mem");
    for (int64_t t = 0; t < TIMES; t++) assert_true(f->values[t] == memory_value(0, t) + 1);
    memory_reset();
}

/* A writer that hoped to keep the input's grid and meets a value that does not fit gets the range on a second try. */
static void starts_again_with_the_range(void **state)
{
    (void)state;
    memory_reset();
    memory.refuses_above = 1000;
    assert_int_equal(memory_run(2, PLENTY, 100, LANES, TIMES, "hold 10 ! write out.mem", NULL), LMP_OK);
    assert_true(memory.highest > 1000);
    assert_int_equal(memory.n_files, 2);
    memory_reset();
}

/* ---- Failures ---- */

/* The first bad sample is reported, whatever the threads and blocks. */
static void reports_the_earliest_failure(void **state)
{
    (void)state;
    for (size_t t = 0; t < 3; t++)
        for (size_t b = 1; b < 3; b++) {
            lmp_error err = {0};
            memory_reset();
            memory.read_fails_at = 2900;
            assert_int_equal(memory_run(thread_counts[t], PLENTY, block_lengths[b], LANES, TIMES,
                                        "fail-at 1234 ! write out.mem", &err),
                             LMP_ERR_INPUT);
            assert_string_equal(err.text, "bad sample 1234");
            assert_int_equal(err.step, 0);
            assert_null(memory_find("out.mem"));
        }
    memory_reset();
}

/* Every allocation fails once: the run fails cleanly (checked by the sanitizers) until none is left to fail. */
static void survives_every_failed_allocation(void **state)
{
    (void)state;
    const char *const words[] = {"hold", "100", "!", "learn-mean", "!", "mix", "1", "!", "write", "out.mem"};
    int64_t nth = 1;
    for (lmp_status status = LMP_ERR_MEMORY; status != LMP_OK; nth++) {
        memory_reset();
        lmp_engine *engine = memory_engine(2, PLENTY, 500);
        lmp_recording *recording = memory_recording(engine, 3, 2000);
        lmp_chain *chain = NULL;
        lmp_run *run = NULL;
        lmp_run_options options = LMP_OPTIONS(lmp_run_options);
        options.no_provenance = 1;
        assert_int_equal(lmp_chain_new(engine, &chain, NULL), LMP_OK);
        assert_int_equal(lmp_chain_parse(chain, 10, words, NULL), LMP_OK);
        assert_int_equal(lmp_run_new(engine, recording, chain, &options, &run, NULL), LMP_OK);
        run->fail_allocation = nth;
        status = lmp_run_go(run, NULL, NULL, NULL);
        assert_true(status == LMP_OK || status == LMP_ERR_MEMORY);
        lmp_run_free(run);
        lmp_chain_free(chain);
        lmp_recording_close(recording);
        lmp_engine_free(engine);
    }
    assert_in_range(nth, 15, 1000);
    memory_reset();
}

static void survives_scratch_failures(void **state)
{
    (void)state;
    for (int64_t nth = 1; nth < 40; nth += 3) {
        lmp_error err = {0};
        memory_reset();
        memory.wants_range = true;
        os_fault_inject(0, nth);
        const lmp_status status = memory_run(2, PLENTY, 500, 3, 2000, "hold 10 ! write out.mem", &err);
        os_fault_inject(0, 0);
        assert_true(status == LMP_OK || status == LMP_ERR_IO);
        if (status != LMP_OK) assert_null(memory_find("out.mem"));
    }
    memory_reset();
}

typedef struct canceller {
    int n_calls;
    double last;
} canceller;

static int cancel_at_once(void *user, const lmp_progress *progress)
{
    canceller *c = user;
    assert_true(progress->fraction >= c->last && progress->fraction <= 1);
    c->last = progress->fraction;
    c->n_calls++;
    return 1;
}

static void cancels(void **state)
{
    (void)state;
    memory_reset();
    lmp_engine *engine = memory_engine(2, PLENTY, 50);
    lmp_recording *recording = memory_recording(engine, 20, 3000000);
    lmp_chain *chain = NULL;
    lmp_run *run = NULL;
    lmp_error err = {0};
    canceller c = {0};
    const char *const words[] = {"learn-mean", "!", "write", "out.mem"};
    assert_int_equal(lmp_chain_new(engine, &chain, NULL), LMP_OK);
    assert_int_equal(lmp_chain_parse(chain, 4, words, NULL), LMP_OK);
    assert_int_equal(lmp_run_new(engine, recording, chain, NULL, &run, NULL), LMP_OK);
    const double begun_s = os_clock_s();
    assert_int_equal(lmp_run_go(run, cancel_at_once, &c, &err), LMP_CANCELLED);
    assert_int_equal(c.n_calls, 1);
    assert_true(os_clock_s() - begun_s < 5); /* the whole run would take far longer */
    assert_null(memory_find("out.mem"));
    lmp_run_free(run);
    lmp_chain_free(chain);
    lmp_recording_close(recording);
    lmp_engine_free(engine);
    memory_reset();
}

/* A step that leaves the data alone may still have something to tell. */
static void tabulates_what_changes_nothing(void **state)
{
    (void)state;
    lmp_error err = {0};
    memory_reset();
    char path[] = "run-table-XXXXXX", text[32] = "";
    const int made = mkstemp(path);
    assert_true(made >= 0 && close(made) == 0 && remove(path) == 0);
    memory.table_path = path;
    if (memory_run(2, PLENTY, 0, 2, 100, "note 7 ! write out.mem", &err) != LMP_OK) fail_msg("%s", err.text);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    remove(path);
    assert_string_equal(text, "value\n7\n");
    memory_reset();
}

static void refuses_misuse(void **state)
{
    (void)state;
    lmp_error err = {0};
    memory_reset();
    assert_int_equal(memory_run(1, PLENTY, 0, 3, 100, "write out.mem ! write out.mem", &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "written twice"));
    assert_int_equal(memory_run(1, PLENTY, 0, 3, 100, "write out.xyz", &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, ".mem"));
    assert_int_equal(memory_run(1, PLENTY, 0, 3, 100, "hold 3 ! wrote out.mem", &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "did you mean write"));
    assert_int_equal(memory_run(1, PLENTY, 0, 3, 100, "write missing-folder/out.mem", &err), LMP_ERR_IO);
    assert_int_equal(memory_run(1, PLENTY, 0, 0, 100, "write out.mem", &err), LMP_ERR_INPUT);
    memory_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies),
        cmocka_unit_test(holds_back_in_bursts),
        cmocka_unit_test(picks_and_crops_anywhere),
        cmocka_unit_test(mixes_lanes),
        cmocka_unit_test(learns_before_it_processes),
        cmocka_unit_test(tees),
        cmocka_unit_test(reads_only_what_it_needs),
        cmocka_unit_test(keeps_the_smallest_limit),
        cmocka_unit_test(groups_give_the_same),
        cmocka_unit_test(plans_no_less_than_it_takes),
        cmocka_unit_test(spools_when_the_range_comes_first),
        cmocka_unit_test(starts_again_with_the_range),
        cmocka_unit_test(reports_the_earliest_failure),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(survives_scratch_failures),
        cmocka_unit_test(cancels),
        cmocka_unit_test(tabulates_what_changes_nothing),
        cmocka_unit_test(refuses_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
