/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_param.c: one parser and one printer for every parameter.
 */
#include "core/param.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct values {
    double hz, window;
    int64_t count, method, flag;
    lmp_numbers tones;
    lmp_time_range range;
    char *label, *file;
} values;

static const lmp_param table[] = {
    {"hz", LMP_PARAM_NUMBER, offsetof(values, hz), "1", 0, 1e5, "Hz", NULL, "Frequency."},
    {"window", LMP_PARAM_NUMBER, offsetof(values, window), "auto", 2, INFINITY, "", "auto", "Window."},
    {"count", LMP_PARAM_INTEGER, offsetof(values, count), "auto", 0, 10, "", "auto", "Count."},
    {"method", LMP_PARAM_CHOICE, offsetof(values, method), "fir", 0, 0, "", "fir|butterworth", "Method."},
    {"flag", LMP_PARAM_FLAG, offsetof(values, flag), "no", 0, 0, "", NULL, "Flag."},
    {"tones", LMP_PARAM_NUMBERS, offsetof(values, tones), "", 0, 100, "Hz", NULL, "Tones."},
    {"range", LMP_PARAM_TIME_RANGE, offsetof(values, range), "0-", 0, 0, "s", NULL, "Range."},
    {"label", LMP_PARAM_TEXT, offsetof(values, label), "", 0, 0, "", NULL, "Label."},
    {"file", LMP_PARAM_FILE, offsetof(values, file), NULL, 0, 0, "", NULL, "File."},
    {0},
};

static param_set new_set(void)
{
    param_set set;
    assert_int_equal(param_set_new(table, sizeof(values), "demo", &set, NULL), LMP_OK);
    return set;
}

static void fills_defaults(void **state)
{
    (void)state;
    param_set set = new_set();
    const values *v = set.values;
    assert_true(v->hz == 1);
    assert_true(isnan(v->window));
    assert_true(v->count == LMP_AUTO_INTEGER);
    assert_int_equal(v->method, 0);
    assert_int_equal(v->tones.count, 0);
    assert_true(v->range.first_s == 0 && isinf(v->range.last_s));
    assert_null(v->file);
    lmp_error err;
    assert_int_equal(param_set_check(&set, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "file="));
    param_set_clear(&set);
}

static void takes_words(void **state)
{
    (void)state;
    param_set set = new_set();
    const values *v = set.values;
    static const char *const words[] = {"hz=70Hz",     "window=60",   "count=3",      "method=butterworth", "flag=yes",
                                        "tones=3,5.5", "range=1.5-9", "label=S  1=x", "file=a b.edf"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(param_set_word(&set, words[i], NULL), LMP_OK);
    assert_true(v->hz == 70 && v->window == 60);
    assert_int_equal(v->count, 3);
    assert_int_equal(v->method, 1);
    assert_int_equal(v->flag, 1);
    assert_int_equal(v->tones.count, 2);
    assert_true(v->tones.values[1] == 5.5);
    assert_true(v->range.first_s == 1.5 && v->range.last_s == 9);
    assert_string_equal(v->label, "S  1=x");
    assert_string_equal(v->file, "a b.edf");
    assert_int_equal(param_set_word(&set, "33", NULL), LMP_OK); /* a bare word is the first parameter */
    assert_true(v->hz == 33);
    param_set_clear(&set);
}

static void refuses_nonsense(void **state)
{
    (void)state;
    param_set set = new_set();
    static const struct {
        const char *word, *says;
    } cases[] = {
        {"hz=abc", "from 0 to 100000 Hz"},
        {"hz=-1", "from 0 to 100000 Hz"},
        {"hz=1kHz", "from 0 to 100000 Hz"},
        {"hz=nan", "from 0"},
        {"window=1", "at least 2"},
        {"count=1.5", "whole number"},
        {"count=11", "from 0 to 10"},
        {"method=iir", "fir|butterworth"},
        {"method=", "fir|butterworth"},
        {"flag=maybe", "yes or no"},
        {"tones=3,,4", "from 0 to 100"},
        {"range=9-1", "10-20"},
        {"range=5", "10-20"},
        {"widnow=3", "did you mean window"},
        {"zzzzzzzz=3", "limpid help demo"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lmp_error err = {0};
        assert_int_equal(param_set_word(&set, cases[i].word, &err), LMP_ERR_USAGE);
        if (strstr(err.text, cases[i].says) == NULL) fail_msg("%s: %s", cases[i].word, err.text);
    }
    param_set_clear(&set);
}

/* What is printed reads back to the same value. */
static void prints_what_it_reads(void **state)
{
    (void)state;
    param_set a = new_set(), b = new_set();
    static const char *const words[] = {"hz=0.1",  "window=1e300", "count=7",     "method=butterworth",
                                        "flag=on", "tones=0.1,33", "range=0.25-", "label=x y",
                                        "file=z"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal(param_set_word(&a, words[i], NULL), LMP_OK);
    for (int64_t i = 0; table[i].name != NULL; i++) {
        char *text = param_print(&a, i), *again = NULL;
        assert_non_null(text);
        assert_int_equal(param_set_text(&b, table[i].name, text, NULL), LMP_OK);
        again = param_print(&b, i);
        assert_string_equal(text, again);
        free(again);
        free(text);
    }
    char *text = param_print(&a, 0);
    assert_string_equal(text, "0.1");
    free(text);
    param_set_clear(&a);
    param_set_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_defaults),
        cmocka_unit_test(takes_words),
        cmocka_unit_test(refuses_nonsense),
        cmocka_unit_test(prints_what_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
