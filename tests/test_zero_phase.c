/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Forward-backward filtering in a stream against the same done on the whole signal at once.
 */
#include "math/zero_phase.h"

#include "core/budget.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define X ((double)NAN)

static double *noise(int64_t n)
{
    double *made = calloc((size_t)n + 1, sizeof *made), sum = 0;
    assert_non_null(made);
    uint64_t s = 3;
    for (int64_t i = 0; i < n; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        sum = 0.999 * sum + (double)(s >> 11) / 9007199254740992.0 - 0.5;
        made[i] = sum + 5.0;
    }
    return made;
}

static double *stream(const biquad *sections, const zero_phase_layout *layout, const double *in, int64_t n, int64_t cut)
{
    lmp_budget *budget = NULL;
    zero_phase_lane *lane = NULL;
    void *scratch = NULL;
    double *out = calloc((size_t)n + 1, sizeof *out);
    assert_non_null(out);
    assert_int_equal(budget_new((uint64_t)1 << 30, &budget, NULL), LMP_OK);
    assert_int_equal(zero_phase_lane_open(layout, budget, &lane, NULL), LMP_OK);
    assert_int_equal(lmp_take(budget, layout->scratch_bytes, &scratch, NULL), LMP_OK);
    int64_t given = 0;
    for (int64_t done = 0, take; done < n; done += take) {
        take = n - done < cut ? n - done : cut;
        bool ended = done + take == n;
        int64_t due = zero_phase_ready(layout, done + take, ended);
        assert_int_equal(zero_phase_lane_process(layout, sections, lane, scratch, in + done, take, out + given, ended),
                         due - given);
        given = due;
    }
    assert_int_equal(given, n);
    lmp_give(budget, scratch);
    zero_phase_lane_close(lane, budget);
    budget_free(budget);
    return out;
}

/* One section over values, in steady state with the first. */
static double run(const biquad *s, double *values, int64_t n, double first)
{
    double gain = (s->b0 + s->b1 + s->b2) / (1 + s->a1 + s->a2), z1 = (gain - s->b0) * first,
           z2 = (s->b2 - s->a2 * gain) * first;
    for (int64_t i = 0; i < n; i++) {
        double x = values[i], y = s->b0 * x + z1;
        z1 = s->b1 * x - s->a1 * y + z2;
        z2 = s->b2 * x - s->a2 * y;
        values[i] = y;
    }
    return gain * first;
}

static void reverse(double *values, int64_t n)
{
    for (int64_t i = 0; i < n / 2; i++) {
        double kept = values[i];
        values[i] = values[n - 1 - i];
        values[n - 1 - i] = kept;
    }
}

static double *whole(const biquad *sections, int64_t n_sections, int64_t edge, const double *in, int64_t n)
{
    if (edge > n - 1) edge = n - 1;
    int64_t all = n + 2 * edge;
    double *values = calloc((size_t)all + 1, sizeof *values);
    assert_non_null(values);
    memcpy(values + edge, in, (size_t)n * sizeof *in);
    for (int64_t k = 1; k <= edge; k++) {
        values[edge - k] = 2 * in[0] - in[k];
        values[edge + n - 1 + k] = 2 * in[n - 1] - in[n - 1 - k];
    }
    for (int pass = 0; pass < 2; pass++) {
        double first = values[0];
        for (int64_t i = 0; i < n_sections; i++) first = run(&sections[i], values, all, first);
        reverse(values, all);
    }
    memmove(values, values + edge, (size_t)n * sizeof *values);
    return values;
}

static void streams_equal_the_whole(void **state)
{
    (void)state;
    static const int64_t lengths[] = {1, 2, 13, 100, 4000, 5133, 20000, 70001};
    static const struct {
        butterworth_kind kind;
        double low, high;
    } filters[] = {{BUTTERWORTH_LOWPASS, 0.1, 0},
                   {BUTTERWORTH_HIGHPASS, 0.004, 0},
                   {BUTTERWORTH_BANDPASS, 0.01, 0.2},
                   {BUTTERWORTH_BANDSTOP, 0.09, 0.11}};
    for (int f = 0; f < 4; f++)
        for (int64_t order = 1; order <= 5; order += 2)
            for (int l = 0; l < 8; l++) {
                biquad sections[BUTTERWORTH_ORDER_MAX];
                int64_t n_sections =
                    butterworth_design(filters[f].kind, order, filters[f].low, filters[f].high, sections);
                int64_t n = lengths[l];
                zero_phase_layout layout;
                assert_true(zero_phase_lay_out(sections, n_sections, n, &layout));
                double *in = noise(n), *expected = whole(sections, n_sections, layout.edge, in, n);
                double *out = stream(sections, &layout, in, n, 4099), *other = stream(sections, &layout, in, n, 517);
                for (int64_t i = 0; i < n; i++) assert_true(fabs(out[i] - expected[i]) < 1e-9);
                assert_memory_equal(out, other, (size_t)n * sizeof *out);
                free(in);
                free(expected);
                free(out);
                free(other);
            }
}

static void gaps_stay_gaps(void **state)
{
    (void)state;
    enum { N = 60000 };
    static const int64_t gaps[][2] = {{0, 5000}, {9000, 9001}, {20000, 20900}, {59990, 60000}};
    biquad sections[BUTTERWORTH_ORDER_MAX];
    int64_t n_sections = butterworth_design(BUTTERWORTH_HIGHPASS, 4, 0.01, 0, sections);
    zero_phase_layout layout;
    assert_true(zero_phase_lay_out(sections, n_sections, N, &layout));
    double *in = noise(N), *filled = noise(N);
    for (int g = 0; g < 4; g++) {
        int64_t a = gaps[g][0], b = gaps[g][1];
        for (int64_t i = a; i < b; i++) {
            in[i] = X;
            filled[i] = b == N ? filled[a - 1]
                        : a    ? filled[a - 1] + (filled[b] - filled[a - 1]) * (double)(i - a + 1) / (double)(b - a + 1)
                               : 0.0;
        }
    }
    double *out = stream(sections, &layout, in, N, 1000);
    double *expected = whole(sections, n_sections, layout.edge, filled + 5000, N - 5000);
    for (int64_t i = 0; i < N; i++) {
        assert_int_equal(isnan(out[i]), isnan(in[i]));
        if (!isnan(in[i])) assert_true(fabs(out[i] - expected[i - 5000]) < 1e-9);
    }
    free(out);
    free(expected);
    for (int64_t i = 0; i < N; i++) in[i] = X;
    out = stream(sections, &layout, in, N, N);
    for (int64_t i = 0; i < N; i++) assert_true(isnan(out[i]));
    free(out);
    free(in);
    free(filled);
}

static void slow_poles_ask_for_more(void **state)
{
    (void)state;
    biquad sections[BUTTERWORTH_ORDER_MAX];
    zero_phase_layout fast, slow;
    int64_t n = butterworth_design(BUTTERWORTH_HIGHPASS, 4, 0.1, 0, sections);
    assert_true(zero_phase_lay_out(sections, n, INT64_MAX / 2, &fast));
    n = butterworth_design(BUTTERWORTH_HIGHPASS, 4, 0.0004, 0, sections);
    assert_true(zero_phase_lay_out(sections, n, INT64_MAX / 2, &slow));
    assert_true(slow.ahead > 10 * fast.ahead && slow.lane_bytes > 4 * fast.lane_bytes);
    n = butterworth_design(BUTTERWORTH_HIGHPASS, 4, 1e-9, 0, sections);
    assert_false(zero_phase_lay_out(sections, n, INT64_MAX / 2, &slow));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_equal_the_whole),
        cmocka_unit_test(gaps_stay_gaps),
        cmocka_unit_test(slow_poles_ask_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
