/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_stream.c: lists of channels and events along a chain; labels and channel lists.
 */
#include "core/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void sorts_events_stably(void **state)
{
    (void)state;
    lmp_stream s = {0}, copy = {0};
    const lmp_event events[] = {{3, 0, "c", 1}, {1, 0, "a", 2}, {3, 0, "b", 3}, {0.5, 0, "a", 4}};
    assert_int_equal(lmp_stream_set_events(&s, events, 4, NULL), LMP_OK);
    assert_int_equal(stream_copy(&copy, &s, NULL), LMP_OK);
    stream_clear(&s);
    static const int codes[] = {4, 2, 1, 3};
    for (int i = 0; i < 4; i++) assert_int_equal(copy.events[i].code, codes[i]);
    assert_ptr_equal(copy.events[0].label, copy.events[1].label); /* one text for equal labels */
    stream_clear(&copy);
}

static void keeps_many_labels(void **state)
{
    (void)state;
    enum { N = 500 };
    lmp_stream s = {0};
    lmp_event events[N];
    char labels[N][16];
    for (int i = 0; i < N; i++) {
        snprintf(labels[i], sizeof labels[i], "label %d", i % 100);
        events[i] = (lmp_event){.onset_s = N - i, .label = labels[i]};
    }
    assert_int_equal(lmp_stream_set_events(&s, events, N, NULL), LMP_OK);
    for (int i = 0; i < N; i++) assert_string_equal(s.events[i].label, labels[N - 1 - i]);
    assert_int_equal(lmp_stream_set_events(&s, NULL, 0, NULL), LMP_OK);
    assert_int_equal(s.n_events, 0);
    stream_clear(&s);
}

static void matches_labels(void **state)
{
    (void)state;
    assert_true(lmp_label_fits("S  1", "S  1"));
    assert_true(lmp_label_fits("S  1", "Stimulus/S  1"));
    assert_true(lmp_label_fits("Comment/S*", "S  1"));
    assert_false(lmp_label_fits("Comment/S*", "Stimulus/S  1"));
    assert_false(lmp_label_fits("S  1", "S 11"));
    assert_false(lmp_label_fits("S  1", "S  10"));
    assert_true(lmp_label_fits("S*", "S 99"));
    assert_true(lmp_label_fits("/^(TR|V)[0-9]+$/", "TR12"));
    assert_false(lmp_label_fits("/^(TR|V)[0-9]+$/", "xTR12"));
    assert_false(lmp_label_fits("/(/", "(")); /* a broken expression fits nothing */
    assert_true(lmp_label_fits("", ""));
}

static void chooses_channels(void **state)
{
    (void)state;
    lmp_stream s = {0};
    const lmp_channel channels[] = {{.name = "Fp1"},
                                    {.name = "Cz"},
                                    {.name = "ECG", .role = LMP_ROLE_ECG},
                                    {.name = "Status", .role = LMP_ROLE_STIM},
                                    {.name = "x"}};
    assert_int_equal(lmp_stream_set_channels(&s, channels, 5, NULL), LMP_OK);
    static const struct {
        const char *list, *chosen;
    } cases[] = {
        {"all", "11111"},  {"data", "11101"}, {"eeg", "11001"},     {"Fp1,ECG", "10100"}, {"data,-ECG", "11001"},
        {"-ECG", "11001"}, {"?z", "01000"},   {"stim,Cz", "01010"}, {"", "00000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[6] = "";
        for (int64_t c = 0; c < 5; c++) got[c] = lmp_channel_chosen(cases[i].list, &s.format, c) ? '1' : '0';
        assert_string_equal(got, cases[i].chosen);
    }
    assert_string_equal(s.format.channels[0].unit, ""); /* texts are never NULL */
    stream_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_events_stably),
        cmocka_unit_test(keeps_many_labels),
        cmocka_unit_test(matches_labels),
        cmocka_unit_test(chooses_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
