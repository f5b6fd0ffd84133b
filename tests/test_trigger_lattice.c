/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The lattice of triggers: random scans with losses, strangers, pauses and clocks that differ; hostile lists; and the
 * choice of the label that is the scanner's.
 */
#include "math/robust_line.h"
#include "signal/trigger_lattice.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 4000, CASES = 300 };

static uint64_t seed;

/* xorshift (Marsaglia 2003) */
static double uniform(double low, double high)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return low + (high - low) * (double)(seed >> 11) / 9007199254740992.0;
}

static int64_t whole(int64_t low, int64_t end)
{
    return low + (int64_t)floor(uniform(0.0, (double)(end - low)));
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- Random scans ---- */

typedef struct scans {
    double truth[MOST], recorded[MOST];
    int64_t n_truth, n_recorded, n_blocks;
} scans;

/* 1-3 blocks of one clock (30 ppm off at most), rounded, 0-3 holes of 1-6 triggers each, 0-3 strangers. */
static void make_scans(scans *s)
{
    static const double periods[] = {357.17, 10002.0, 146.29, 716.3, 9999.63};
    static const int64_t holes[] = {1, 1, 2, 3, 6};
    double period = periods[whole(0, 5)], clock = 1.0 + uniform(-30e-6, 30e-6), t0 = 1000.0 + uniform(0.0, 1.0);
    int64_t n = period < 2000.0 ? whole(60, 500) : whole(30, 120), strangers = whole(0, 4);
    *s = (scans){.n_blocks = whole(1, 4)};
    for (int64_t b = 0; b < s->n_blocks; b++) {
        bool lost[500] = {false};
        for (int64_t h = whole(0, 4); h > 0; h--) {
            int64_t at = whole(5, n - 12), length = holes[whole(0, 5)];
            for (int64_t i = at; i < at + length; i++) lost[i] = true;
        }
        for (int64_t i = 0; i < n; i++) {
            double t = t0 + (double)i * period * clock;
            s->truth[s->n_truth++] = t;
            if (!lost[i]) s->recorded[s->n_recorded++] = rint(t);
        }
        double last = s->truth[s->n_truth - 1];
        t0 = last + period * (1.0 + uniform(1.2, 30.0));
        double periods_apart = (t0 - last) / period; /* not a whole number: that cannot be told from a loss */
        if (fabs(periods_apart - rint(periods_apart)) * period < 15.0) t0 += 20.0;
    }
    double low = s->recorded[0], high = s->recorded[s->n_recorded - 1];
    for (; strangers > 0; strangers--) s->recorded[s->n_recorded++] = floor(uniform(low, high));
}

/* All epochs of the lattice at their fitted times; returns how many. */
static int64_t fit_all(const trigger_lattice *l, double *times)
{
    static double at[MOST];
    int64_t n = 0;
    lmp_error err;
    for (int64_t b = 0; b < l->n_blocks; b++) {
        const trigger_block *block = &l->blocks[b];
        robust_line line;
        for (int64_t i = 0; i < block->n_epochs && n + i < MOST; i++) at[i] = (double)i;
        assert_true(n + block->n_epochs <= MOST);
        assert_int_equal(robust_line_follow(l->index + block->first, l->time + block->first, block->count,
                                            ROBUST_LINE_ROUNDING, at, times + n, block->n_epochs, &line, &err),
                         LMP_OK);
        n += block->n_epochs;
    }
    return n;
}

/* True if the lattice is the truth; then `rms` gets the error of times, without a constant. */
static bool is_found(const scans *s, double jitter, double *rms)
{
    static double times[MOST];
    trigger_lattice l;
    lmp_error err;
    double mean = 0.0, square = 0.0, worst = 0.0;
    assert_int_equal(trigger_lattice_find(s->recorded, s->n_recorded, (trigger_tolerance){jitter, 64}, &l, &err),
                     LMP_OK);
    int64_t n = fit_all(&l, times);
    bool is_right = l.n_blocks == s->n_blocks && n == s->n_truth && l.n + l.n_extra == s->n_recorded;
    for (int64_t i = 0; i < n && is_right; i++) {
        mean += (times[i] - s->truth[i]) / (double)n;
        worst = fmax(worst, fabs(times[i] - s->truth[i]));
    }
    for (int64_t i = 0; i < n && is_right; i++) square += pow(times[i] - s->truth[i] - mean, 2.0) / (double)n;
    trigger_lattice_clear(&l);
    *rms = sqrt(square);
    return is_right && worst < 1.0;
}

static void run_cases(uint64_t first_seed, double jitter, int64_t *found, double *middle, double *high)
{
    static scans s;
    double errors[CASES];
    *found = 0;
    seed = first_seed;
    for (int i = 0; i < CASES; i++) {
        make_scans(&s);
        *found += is_found(&s, jitter, &errors[*found]);
    }
    qsort(errors, (size_t)*found, sizeof *errors, compare);
    *middle = errors[*found / 2];
    *high = errors[*found * 95 / 100];
}

static void random_scans_are_found(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 3; s++) {
        for (int automatic = 0; automatic < 2; automatic++) {
            int64_t found;
            double middle, high;
            run_cases(88172645463325252u * s, automatic ? (double)NAN : 1.0, &found, &middle, &high);
            print_message("%lld of %d scans right, error of times rms: median %.4f, 95 %% %.4f samples\n",
                          (long long)found, CASES, middle, high);
            assert_true(found >= CASES - 4);
            assert_true(middle < 0.012);
            assert_true(high < 0.06);
        }
    }
}

/* Jitter of the recorded times is found, up to a few samples. */
static void jitter_is_found(void **state)
{
    static double times[1000];
    (void)state;
    seed = 7;
    for (double most = 0.0; most <= 6.0; most += 0.5) {
        trigger_lattice l;
        lmp_error err;
        for (int64_t i = 0; i < 1000; i++) times[i] = rint(500.0 + 357.17 * (double)i + uniform(-most, most));
        assert_int_equal(trigger_lattice_find(times, 1000, (trigger_tolerance){(double)NAN, 64}, &l, &err), LMP_OK);
        assert_int_equal(l.n, 1000);
        assert_int_equal(l.n_blocks, 1);
        assert_int_equal(l.blocks[0].n_epochs, 1000);
        assert_true(fabs(l.period - 357.17) < 0.02 * (most + 1.0));
        if (most == 0.0) assert_true(l.jitter == 1.0);
        trigger_lattice_clear(&l);
    }
}

/* ---- Small and hostile lists ---- */

static trigger_lattice find(const double *times, int64_t n)
{
    trigger_lattice l;
    lmp_error err;
    assert_int_equal(trigger_lattice_find(times, n, (trigger_tolerance){(double)NAN, 64}, &l, &err), LMP_OK);
    return l;
}

static void few_triggers_are_a_block(void **state)
{
    const double times[] = {100.0, 300.0, 500.0};
    (void)state;
    for (int64_t n = 0; n <= 3; n++) {
        trigger_lattice l = find(times, n);
        assert_int_equal(l.n, n);
        assert_int_equal(l.n_extra, 0);
        assert_int_equal(l.n_blocks, n > 0);
        assert_true(l.period == (n > 1 ? 200.0 : 0.0));
        assert_int_equal(trigger_lattice_count_missing(&l), 0);
        trigger_lattice_clear(&l);
    }
}

static void order_and_doubles_do_not_matter(void **state)
{
    double times[60];
    (void)state;
    for (int64_t i = 0; i < 50; i++) times[i] = 1000.0 - 20.0 * (double)i;
    for (int64_t i = 50; i < 60; i++) times[i] = 500.0;
    trigger_lattice l = find(times, 60);
    assert_int_equal(l.n, 50);
    assert_int_equal(l.n_extra, 10);
    assert_int_equal(l.n_blocks, 1);
    assert_true(l.time[0] == 20.0 && l.index[49] == 49.0);
    trigger_lattice_clear(&l);
    for (int64_t i = 0; i < 60; i++) times[i] = 42.0;
    l = find(times, 60);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.n_extra, 59);
    trigger_lattice_clear(&l);
}

static void what_has_no_lattice_has_no_blocks(void **state)
{
    static double times[3000];
    (void)state;
    seed = 5;
    for (int64_t i = 0; i < 3000; i++) times[i] = uniform(0.0, 1e9);
    trigger_lattice l = find(times, 3000);
    assert_true(l.n < 300);
    assert_int_equal(l.n + l.n_extra, 3000);
    trigger_lattice_clear(&l);
}

/* A stranger that happens to lie on the lattice, far from the scan, does not stretch it. */
static void chance_does_not_stretch_a_scan(void **state)
{
    double times[203];
    (void)state;
    for (int64_t i = 0; i < 200; i++) times[i] = 10000.0 + 100.0 * (double)i;
    times[200] = 7000.0;
    times[201] = 31000.0;
    times[202] = 31100.0;
    trigger_lattice l = find(times, 203);
    assert_int_equal(l.n_blocks, 2);
    assert_int_equal(l.blocks[0].n_epochs, 200);
    assert_true(l.n == 202 && l.n_extra == 1 && l.extra[0] == 7000.0 && l.time[0] == 10000.0 && l.index[0] == 0.0);
    trigger_lattice_clear(&l);
}

/* A hundred thousand triggers, and numbers at the edge of what a double counts. */
static void huge_lists_take_no_time(void **state)
{
    int64_t n = 100000;
    double *times = malloc((size_t)n * sizeof *times);
    (void)state;
    assert_non_null(times);
    for (int64_t i = 0; i < n; i++) times[i] = 1e9 + rint(357.17 * (double)i);
    trigger_lattice l = find(times, n);
    assert_int_equal(l.n, n);
    assert_int_equal(l.n_blocks, 1);
    trigger_lattice_clear(&l);
    for (int64_t i = 0; i < n; i++) times[i] = i % 2 == 0 ? (double)i * 1e300 : (double)i * 1e-300;
    l = find(times, n);
    assert_int_equal(l.n + l.n_extra, n);
    trigger_lattice_clear(&l);
    free(times);
}

/* ---- The scanner's label ---- */

typedef struct mixture {
    lmp_event events[20000];
    int64_t n;
} mixture;

static mixture mix;

static void add_regular(const char *label, double first_s, double period_s, int64_t n, double jitter_s, double rate_hz)
{
    for (int64_t i = 0; i < n; i++) {
        double t = first_s + (double)i * period_s + uniform(-jitter_s, jitter_s);
        mix.events[mix.n++] = (lmp_event){.onset_s = rint(t * rate_hz) / rate_hz, .label = label};
    }
}

static void add_hearts(const char *label, int64_t n)
{
    double t = 0.3;
    for (int64_t i = 0; i < n; i++) {
        mix.events[mix.n++] = (lmp_event){.onset_s = t, .label = label};
        t += 0.85 + 0.05 * sin(0.3 * (double)i) + uniform(-0.03, 0.03);
    }
}

static trigger_choice choose(void)
{
    trigger_choice choice;
    lmp_error err;
    lmp_stream stream = {.format = {.rate_hz = 5000.0}, .events = mix.events, .n_events = mix.n};
    assert_int_equal(trigger_lattice_choose_label(&stream, &choice, &err), LMP_OK);
    return choice;
}

static void the_scanner_is_chosen(void **state)
{
    (void)state;
    seed = 3;
    mix.n = 0;
    assert_null(choose().label);
    add_hearts("R", 700);
    add_regular("S  2", 3.0, 2.5, 200, 0.6, 5000.0);
    assert_null(choose().label); /* hearts and stimuli with varying distances are none */
    add_regular("S  9", 1.0, 2.0004, 9, 0.0, 5000.0);
    assert_null(choose().label); /* nine are too few */
    add_regular("S  1", 5.0, 2.0004, 150, 0.0, 5000.0);
    trigger_choice choice = choose();
    assert_string_equal(choice.label, "S  1");
    assert_int_equal(choice.count, 150);
    assert_true(fabs(choice.period_s - 2.0004) < 1e-6);
    add_regular("S  3", 5.0, 1.7, 180, 0.004, 5000.0); /* about as many, but a stimulus computer's jitter */
    assert_string_equal(choose().label, "S  1");
    add_regular("S  7", 5.0, 0.071434, 4000, 0.0, 5000.0); /* slices are better than volumes */
    assert_string_equal(choose().label, "S  7");
    assert_true(fabs(choose().period_s - 0.071434) < 1e-6);
}

static void known_names_come_first_and_sync_marks_never(void **state)
{
    (void)state;
    seed = 4;
    mix.n = 0;
    add_regular("SyncStatus/Sync On", 0.0, 1.0, 600, 0.0, 5000.0);
    assert_null(choose().label);
    add_regular("Stimulus/S 20", 4.0, 0.5, 900, 0.0, 5000.0);
    assert_string_equal(choose().label, "Stimulus/S 20");
    add_regular("Response/R128", 5.0, 2.1, 280, 0.0, 5000.0);
    assert_string_equal(choose().label, "Response/R128");
}

/* Losses, pauses and milliseconds instead of samples do not hide it. */
static void faults_do_not_hide_the_scanner(void **state)
{
    (void)state;
    seed = 6;
    mix.n = 0;
    add_regular("a", 5.0, 2.0, 60, 0.0, 1000.0);
    add_regular("a", 205.37, 2.0, 100, 0.0, 1000.0);
    add_regular("a", 500.0, 7.0, 8, 2.0, 1000.0);
    add_hearts("b", 900);
    assert_string_equal(choose().label, "a");
    assert_int_equal(choose().count, 168);
    mix.n = 0;
    add_regular("c", 5.0, 2.0, 60, 0.002, 1000.0);
    add_hearts("b", 900);
    assert_string_equal(choose().label, "c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_scans_are_found),
        cmocka_unit_test(jitter_is_found),
        cmocka_unit_test(few_triggers_are_a_block),
        cmocka_unit_test(order_and_doubles_do_not_matter),
        cmocka_unit_test(what_has_no_lattice_has_no_blocks),
        cmocka_unit_test(chance_does_not_stretch_a_scan),
        cmocka_unit_test(huge_lists_take_no_time),
        cmocka_unit_test(the_scanner_is_chosen),
        cmocka_unit_test(known_names_come_first_and_sync_marks_never),
        cmocka_unit_test(faults_do_not_hide_the_scanner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
