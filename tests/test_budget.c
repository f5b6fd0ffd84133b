/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_budget.c: the counted memory behind --memory.
 */
#include "core/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MIB = 1 << 20 };

static void counts_and_gives_back(void **state)
{
    (void)state;
    lmp_budget *b = NULL;
    void *p = NULL;
    assert_int_equal(budget_new(10 * MIB, &b, NULL), LMP_OK);
    assert_int_equal(lmp_take(b, 1000, &p, NULL), LMP_OK);
    assert_int_equal((uintptr_t)p % 64, 0);
    assert_in_range(budget_used(b), 1000, 1064);
    for (int i = 0; i < 1000; i++) assert_int_equal(((char *)p)[i], 0);
    lmp_give(b, p);
    assert_int_equal(budget_used(b), 0);
    assert_in_range(budget_peak(b), 1000, 1064);
    lmp_give(b, NULL);
    budget_free(b);
}

static void refuses_beyond_the_limit(void **state)
{
    (void)state;
    lmp_budget *b = NULL;
    lmp_error err;
    void *p = NULL, *q = NULL;
    assert_int_equal(budget_new(4 * MIB, &b, NULL), LMP_OK);
    assert_int_equal(lmp_take(b, 3 * MIB, &p, NULL), LMP_OK);
    assert_int_equal(lmp_take(b, 2 * MIB, &q, &err), LMP_ERR_MEMORY);
    assert_null(q);
    assert_non_null(strstr(err.text, "4 MB"));
    assert_int_equal(lmp_take(b, SIZE_MAX - 8, &q, &err), LMP_ERR_MEMORY);
    lmp_give(b, p);
    budget_free(b);
}

/* A piece that was given back is used again, cleared, and let go when something else needs the room. */
static void reuses_large_pieces(void **state)
{
    (void)state;
    lmp_budget *b = NULL;
    void *p = NULL, *q = NULL;
    assert_int_equal(budget_new(4 * MIB, &b, NULL), LMP_OK);
    assert_int_equal(lmp_take(b, 2 * MIB, &p, NULL), LMP_OK);
    memset(p, 1, 2 * MIB);
    lmp_give(b, p);
    assert_int_equal(lmp_take(b, 2 * MIB - 100, &q, NULL), LMP_OK);
    assert_ptr_equal(p, q);
    assert_int_equal(((char *)q)[2 * MIB - 101], 0);
    lmp_give(b, q);
    assert_int_equal(lmp_take(b, 3 * MIB, &q, NULL), LMP_OK);
    assert_in_range(budget_used(b), 3 * MIB, 3 * MIB + 64);
    lmp_give(b, q);
    budget_free(b);
}

static void fails_on_request(void **state)
{
    (void)state;
    lmp_budget *b = NULL;
    void *p = NULL;
    assert_int_equal(budget_new(MIB, &b, NULL), LMP_OK);
    budget_fail_at(b, 2);
    assert_int_equal(lmp_take(b, 10, &p, NULL), LMP_OK);
    lmp_give(b, p);
    assert_int_equal(lmp_take(b, 10, &p, NULL), LMP_ERR_MEMORY);
    assert_int_equal(lmp_take(b, 10, &p, NULL), LMP_OK);
    lmp_give(b, p);
    budget_free(b);
}

static void prints_sizes(void **state)
{
    (void)state;
    char text[16];
    assert_string_equal(budget_print_size(512, text), "512 B");
    assert_string_equal(budget_print_size(256.0 * MIB, text), "256 MB");
    assert_string_equal(budget_print_size(1.5 * 1024 * MIB, text), "1.5 GB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_gives_back), cmocka_unit_test(refuses_beyond_the_limit),
        cmocka_unit_test(reuses_large_pieces),   cmocka_unit_test(fails_on_request),
        cmocka_unit_test(prints_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
