/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_decimal.c: numbers in text files.
 */
#include "io/decimal.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void parses_numbers(void **state)
{
    static const struct {
        const char *text;
        int power;
        double value;
    } cases[] = {{"0.5", 0, 0.5},
                 {" 1000 ", 0, 1000},
                 {"-3.25e2", 0, -325},
                 {"+.5", 0, 0.5},
                 {"5.", 0, 5},
                 {"0.0000005", 6, 0.5},
                 {"0.0005", 3, 0.5},
                 {"500", -3, 0.5},
                 {"1e-3", 3, 1},
                 {"0.1", 0, 0.1},
                 {"0.0488281", 0, 0.0488281},
                 {"1953.125", 0, 1953.125},
                 {"4.9e-324", 0, 4.9e-324},
                 {"1e-400", 0, 0},
                 {"0", 99999, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double value = -1;
        assert_true(decimal_parse(cases[i].text, cases[i].power, &value));
        assert_true(value == cases[i].value);
    }
}

static void refuses_what_is_no_number(void **state)
{
    static const char *const texts[] = {"",    " ",        ".",   "-",   "e5",    "1e",  "1e+",   "nan",
                                        "inf", "0x1",      "1,5", "1 2", "1.2.3", "--1", "1e400", "1e99999999999",
                                        "abc", "1\xC2\xB5"};
    char many[400];
    double value = 7;
    int64_t whole = 7;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_false(decimal_parse(texts[i], 0, &value));
        assert_false(decimal_parse_integer(texts[i], &whole));
    }
    memset(many, '1', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    assert_false(decimal_parse(many, 0, &value));
    assert_false(decimal_parse_integer("9223372036854775808", &whole));
    assert_false(decimal_parse_integer("1.0", &whole));
    assert_true(value == 7 && whole == 7);
}

static void parses_integers(void **state)
{
    int64_t value = 0;
    (void)state;
    assert_true(decimal_parse_integer(" -12 ", &value));
    assert_int_equal(value, -12);
    assert_true(decimal_parse_integer("9223372036854775807", &value));
    assert_true(value == INT64_MAX);
}

static void prints_shortest(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.5, "0.5"},
                 {200, "200"},
                 {1953.125, "1953.125"},
                 {0.1, "0.1"},
                 {-0.0001, "-0.0001"},
                 {0.00048828125, "0.00048828125"},
                 {1e15, "1000000000000000"},
                 {0, "0"},
                 {1e-20, "1e-20"},
                 {1.5e300, "1.5e300"},
                 {123456789, "123456789"},
                 {1e6 / 3, "333333.3333333333"}};
    char text[DECIMAL_ROOM];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        decimal_print(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
}

/* A fixed sequence of doubles of all sizes. */
static void prints_what_reads_back(void **state)
{
    uint64_t bits = 1;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        double value, back = 0;
        char text[DECIMAL_ROOM];
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        if (i % 2 == 0) value = ldexp(frexp(value, &(int){0}), i % 120 - 60);
        decimal_print(value, text);
        assert_true(decimal_parse(text, 0, &back));
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void ignores_the_locale(void **state)
{
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE"};
    const char *set = NULL;
    (void)state;
    for (size_t i = 0; i < 3 && set == NULL; i++) set = setlocale(LC_NUMERIC, locales[i]);
    if (set == NULL) {
        print_message("skipped: no locale with a decimal comma is installed\n");
        skip();
    }
    double value = 0;
    char text[DECIMAL_ROOM];
    assert_true(decimal_parse("0.25", 0, &value));
    assert_true(value == 0.25);
    decimal_print(0.25, text);
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(text, "0.25");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_numbers),         cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(parses_integers),        cmocka_unit_test(prints_shortest),
        cmocka_unit_test(prints_what_reads_back), cmocka_unit_test(ignores_the_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
