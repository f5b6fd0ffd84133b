/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_chain.c: chains from words and from YAML, and back.
 */
#include "memory_io.h"

#include "core/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
    lmp_engine *engine;
    lmp_chain *chain;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->engine = memory_engine(1, 1 << 20, 0);
    if (lmp_chain_new(f->engine, &f->chain, NULL) != LMP_OK) return 1;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    lmp_chain_free(f->chain);
    lmp_engine_free(f->engine);
    free(f);
    return 0;
}

static void parses_words_and_prints_them(void **state)
{
    fixture *f = *state;
    const char *const words[] = {"crop", "10-20", "!", "hold",  "value=3", "!",
                                 "pick", "a b,c", "!", "write", "out.mem"};
    assert_int_equal(lmp_chain_parse(f->chain, 11, words, NULL), LMP_OK);
    assert_int_equal(lmp_chain_count(f->chain), 4);
    char *text = lmp_chain_to_text(f->chain);
    assert_string_equal(text, "crop range=10-20 ! hold value=3 ! pick channels='a b,c' ! write out.mem");
    lmp_text_free(text);
}

static void refuses_broken_chains(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *words[4];
        int64_t n;
        const char *says;
    } cases[] = {
        {{"!"}, 1, "missing before"},
        {{"hold", "!", "!"}, 3, "between two"},
        {{"hold", "!"}, 2, "ends with"},
        {{"hodl"}, 1, "did you mean hold"},
        {{"hold", "vlaue=3"}, 2, "did you mean value"},
        {{"hold", "value=x"}, 2, "not a number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lmp_error err = {0};
        assert_int_equal(lmp_chain_parse(f->chain, cases[i].n, cases[i].words, &err), LMP_ERR_USAGE);
        if (strstr(err.text, cases[i].says) == NULL) fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].says);
    }
    lmp_error err = {0};
    lmp_chain *empty = NULL;
    assert_int_equal(lmp_chain_new(f->engine, &empty, NULL), LMP_OK);
    assert_int_equal(lmp_chain_set(empty, "value", "3", &err), LMP_ERR_USAGE);
    lmp_chain_free(empty);
}

static lmp_status load(fixture *f, const char *yaml, lmp_error *err)
{
    char path[] = "chain-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
    close(fd);
    const lmp_status status = lmp_chain_load(f->chain, path, err);
    unlink(path);
    return status;
}

static void loads_yaml(void **state)
{
    fixture *f = *state;
    const char *yaml = "# a chain\nchain:\n- step: crop\n  range: 10-20\n- hold: {value: 3}\n- pick:\n    channels: "
                       "[a, b]\n- learn-mean\n"
                       "- write: {path: out.mem}\n";
    assert_int_equal(load(f, yaml, NULL), LMP_OK);
    char *text = lmp_chain_to_text(f->chain);
    assert_string_equal(text, "crop range=10-20 ! hold value=3 ! pick channels=a,b ! learn-mean ! write out.mem");
    lmp_text_free(text);
}

static void yaml_round_trip(void **state)
{
    fixture *f = *state;
    const char *const words[] = {"pick", "a: #b\"\\", "!", "hold", "2.5"};
    assert_int_equal(lmp_chain_parse(f->chain, 5, words, NULL), LMP_OK);
    char *yaml = lmp_chain_to_yaml(f->chain, 1), *before = lmp_chain_to_text(f->chain);
    lmp_chain_free(f->chain);
    assert_int_equal(lmp_chain_new(f->engine, &f->chain, NULL), LMP_OK);
    assert_int_equal(load(f, yaml, NULL), LMP_OK);
    char *after = lmp_chain_to_text(f->chain);
    assert_string_equal(before, after);
    lmp_text_free(after);
    lmp_text_free(before);
    lmp_text_free(yaml);
}

static void refuses_broken_yaml(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *yaml, *says;
    } cases[] = {
        {"- hold: {value: 3", "YAML"},
        {"hold", "list of steps"},
        {"", "list of steps"},
        {"- [hold]", "item"},
        {"- hold: {value: {a: 1}}", "line 1"},
        {"- hold: {vaule: 1}", "did you mean value"},
        {"- holt", "did you mean hold"},
        {"- {hold: 1, pick: 2}", "written as"},
        {"- hold: 7", "parameters of a step"},
        {"&a [*a]", "item"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lmp_error err = {0};
        assert_int_equal(load(f, cases[i].yaml, &err), LMP_ERR_USAGE);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].yaml, err.text, cases[i].says);
    }
    lmp_error err = {0};
    assert_int_equal(lmp_chain_load(f->chain, "no-such.yaml", &err), LMP_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parses_words_and_prints_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_broken_chains, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loads_yaml, set_up, tear_down),
        cmocka_unit_test_setup_teardown(yaml_round_trip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_broken_yaml, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
