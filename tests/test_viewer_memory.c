/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_viewer_memory.c: the server's one budget, and the cache that gives way to everything else.
 */
#include "state.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void set_up(server *s, uint64_t limit)
{
    memset(s, 0, sizeof *s);
    s->memory = memory_new(limit);
    assert_non_null(s->memory);
}

static const blob *keep(server *s, const char *key, size_t size)
{
    char *bytes = malloc(size);
    assert_non_null(bytes);
    memset(bytes, key[0], size);
    const blob *b = blob_keep(s, key, bytes, size);
    assert_non_null(b);
    assert_int_equal(b->size, size);
    assert_int_equal(((const char *)b->bytes)[size - 1], key[0]);
    return b;
}

static bool is_kept(server *s, const char *key)
{
    const blob *b = blob_find(s, key);
    blob_release(s, b);
    return b != NULL;
}

static void test_takes_up_to_the_limit(void **state)
{
    (void)state;
    server s;
    set_up(&s, 100);
    assert_true(memory_take(&s, 60));
    assert_false(memory_take(&s, 41));
    assert_true(memory_take(&s, 40));
    assert_false(memory_take(&s, 1));
    assert_false(memory_take(&s, UINT64_MAX));
    memory_give(&s, 100);
    assert_int_equal(memory_used(&s), 0);
    assert_int_equal(memory_limit(&s), 100);
    memory_free(s.memory);
}

static void test_the_least_recently_used_goes_first(void **state)
{
    (void)state;
    server s;
    set_up(&s, 100);
    blob_release(&s, keep(&s, "a", 40));
    blob_release(&s, keep(&s, "b", 40));
    assert_true(is_kept(&s, "a"));
    blob_release(&s, keep(&s, "c", 40));
    assert_true(is_kept(&s, "a") && is_kept(&s, "c"));
    assert_false(is_kept(&s, "b"));
    assert_true(memory_take(&s, 60)); /* what is taken drives out what is kept */
    assert_false(is_kept(&s, "a"));
    assert_true(is_kept(&s, "c"));
    assert_int_equal(memory_used(&s), 100);
    memory_free(s.memory);
}

static void test_what_is_borrowed_stays(void **state)
{
    (void)state;
    server s;
    set_up(&s, 100);
    const blob *a = keep(&s, "a", 70);
    assert_false(memory_take(&s, 50));
    const blob *large = keep(&s, "large", 60); /* does not fit: lives until it is released */
    assert_null(blob_find(&s, "large"));
    assert_int_equal(memory_used(&s), 70);
    blob_drop(&s, "a");
    assert_null(blob_find(&s, "a"));
    assert_int_equal(((const char *)a->bytes)[69], 'a');
    assert_int_equal(memory_used(&s), 70);
    blob_release(&s, a);
    blob_release(&s, large);
    assert_int_equal(memory_used(&s), 0);
    memory_free(s.memory);
}

static void test_the_same_key_twice_is_one(void **state)
{
    (void)state;
    server s;
    set_up(&s, 100);
    const blob *first = keep(&s, "a", 30), *second = keep(&s, "a", 30);
    assert_ptr_equal(first, second);
    assert_int_equal(memory_used(&s), 30);
    blob_release(&s, first);
    blob_release(&s, second);
    blob_release(&s, NULL);
    assert_true(is_kept(&s, "a"));
    memory_free(s.memory);
}

static void test_prefixes(void **state)
{
    (void)state;
    server s;
    set_up(&s, 1000);
    static const char *const keys[] = {"r1/frame/1", "r1/frame/2", "r2/frame/1", "r12/frame/1"};
    for (int i = 0; i < 4; i++) blob_release(&s, keep(&s, keys[i], 10));
    blob_drop(&s, "r1/");
    assert_false(is_kept(&s, keys[0]) || is_kept(&s, keys[1]));
    assert_true(is_kept(&s, keys[2]) && is_kept(&s, keys[3]));
    assert_int_equal(memory_used(&s), 20);
    memory_free(s.memory);
}

static void *be_busy(void *user)
{
    server *s = user;
    char key[32];
    for (int i = 0; i < 3000; i++) {
        snprintf(key, sizeof key, "%c%d", 'a' + i % 7, i % 50);
        const blob *b = blob_find(s, key);
        if (b == NULL) b = keep(s, key, 100 + (size_t)(i % 3));
        assert_int_equal(((const char *)b->bytes)[0], key[0]);
        if (i % 100 == 0) blob_drop(s, "c");
        if (memory_take(s, 500)) memory_give(s, 500);
        blob_release(s, b);
    }
    return NULL;
}

static void test_from_several_threads(void **state)
{
    (void)state;
    server s;
    pthread_t threads[4];
    set_up(&s, 2000);
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, be_busy, &s), 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    assert_true(memory_used(&s) <= 2000);
    blob_drop(&s, "");
    assert_int_equal(memory_used(&s), 0);
    memory_free(s.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_up_to_the_limit),
        cmocka_unit_test(test_the_least_recently_used_goes_first),
        cmocka_unit_test(test_what_is_borrowed_stays),
        cmocka_unit_test(test_the_same_key_twice_is_one),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_from_several_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
