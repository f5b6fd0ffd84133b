/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_viewer_ask.c: addresses become routes and checked values; bodies become JSON; all else becomes a sentence.
 */
#include "ask.h"
#include "json_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void nothing(server *s, request *r)
{
    (void)s;
    (void)r;
}

static const route_param params[] = {
    {"id", ROUTE_TEXT, NULL, 1, 8, NULL, "Name."},
    {"frame", ROUTE_INTEGER, NULL, 0, 1e15, NULL, "Frame."},
    {"level", ROUTE_INTEGER, "2", 0, 8, NULL, "Level."},
    {"gain", ROUTE_NUMBER, "0.5", -1, 1, NULL, "Gain."},
    {"stat", ROUTE_CHOICE, "mean", 0, 0, "mean|min|max", "Statistic."},
    {"label", ROUTE_TEXT, "", 0, 20, NULL, "Label."},
    {"count", ROUTE_INTEGER, "", 1, 9, NULL, "Count."},
    {0},
};
static const route table[] = {
    {.method = "GET", .path = "/api/items/{id}/frames/{frame}", .params = params, .handle = nothing},
    {.method = "GET", .path = "/api/items", .handle = nothing},
    {.method = "POST", .path = "/api/items", .handle = nothing},
    {0},
};
static const route *const tables[] = {table, NULL};

static int ask_get(ask *a, const char *target)
{
    char sentence[ASK_SENTENCE] = "";
    const int code = ask_read(a, "GET", target, tables, sentence);
    assert_true((code == 0) == (sentence[0] == '\0'));
    return code;
}

static void refuse(int code, const char *target)
{
    ask a;
    const int got = ask_get(&a, target);
    if (got != code) print_error("%s\n", target);
    assert_int_equal(got, code);
    ask_clear(&a);
}

static void test_values_and_fallbacks(void **state)
{
    (void)state;
    ask a;
    assert_int_equal(ask_get(&a, "/api/items/b%C3%A9/frames/007?gain=-2.5e-1&stat=max&label=a+b%26%3D%2F"), 0);
    assert_ptr_equal(a.route, &table[0]);
    assert_string_equal(ask_find(&a, "id")->text, "b\xc3\xa9");
    assert_int_equal(ask_find(&a, "frame")->integer, 7);
    assert_int_equal(ask_find(&a, "level")->integer, 2);
    assert_false(ask_find(&a, "level")->is_given);
    assert_true(ask_find(&a, "gain")->number == -0.25 && ask_find(&a, "gain")->is_given);
    assert_int_equal(ask_find(&a, "stat")->integer, 2);
    assert_string_equal(ask_find(&a, "label")->text, "a b&=/");
    assert_false(ask_find(&a, "count")->is_given || ask_find(&a, "count")->is_set);
    assert_null(ask_find(&a, "nothing"));
    ask_clear(&a);
    assert_int_equal(ask_get(&a, "/api/items"), 0);
    assert_ptr_equal(a.route, &table[1]);
    ask_clear(&a);
}

static void test_paths(void **state)
{
    (void)state;
    static const char *const malformed[] = {"",
                                            "api",
                                            "/api//items",
                                            "/api/items/",
                                            "/api/./items",
                                            "/api/../items",
                                            "/api/%2e/items",
                                            "/api/%2e%2E/items",
                                            "/api/items/a%2fb/frames/1",
                                            "/api/items/a%5cb/frames/1",
                                            "/api/items/a%00/frames/1",
                                            "/api/items/a%25/frames/1",
                                            "/api/items/a%7f/frames/1",
                                            "/api/items/a%/frames/1",
                                            "/api/items/a%4/frames/1",
                                            "/api/items/a%4x/frames/1",
                                            "/api/items/\xff/frames/1",
                                            "/api/items/%ff/frames/1",
                                            "/api/items/%c0%af/frames/1",
                                            "/api/items/%e0%80%af/frames/1",
                                            "/api/items/%ed%a0%80/frames/1",
                                            "/api/items/%f4%90%80%80/frames/1",
                                            "/api/items/%e2%82/frames/1",
                                            "/api/items#x",
                                            "/a/b/c/d/e/f/g/h/i/j/k/l/m"};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) refuse(400, malformed[i]);
    refuse(404, "/api/item");
    refuse(404, "/api/items/x");
    refuse(404, "/api/items/x/frames");
    refuse(404, "/api/items/x/frames/1/2");
    refuse(400, "/api/items/123456789/frames/1"); /* too long a name */
    refuse(400, "/api/items/x/frames/-1");
    refuse(400, "/api/items/x/frames/1.0");
    char longest[LONGEST_TARGET + 2];
    memset(longest, 'a', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    refuse(414, longest);
}

static void test_queries(void **state)
{
    (void)state;
    static const char *const wrong[] = {"x=1",
                                        "level",
                                        "level=",
                                        "level=9",
                                        "level=-1",
                                        "level=1.5",
                                        "level=0x1",
                                        "level=1&level=1",
                                        "level=1&",
                                        "&level=1",
                                        "level=1&&gain=0",
                                        "level= 1",
                                        "level=%201",
                                        "level=1%00",
                                        "level=99999999999999999999",
                                        "gain=nan",
                                        "gain=inf",
                                        "gain=1e999",
                                        "gain=0x1p-1",
                                        "gain=1.01",
                                        "gain=",
                                        "gain=1,5",
                                        "stat=",
                                        "stat=mea",
                                        "stat=mean|min",
                                        "stat=MEAN",
                                        "label=%ff",
                                        "label=%0a",
                                        "label=aaaaaaaaaaaaaaaaaaaaa",
                                        "id=y",
                                        "frame=2",
                                        "le%76el=1",
                                        "label=a\"b",
                                        "count=0",
                                        "count=10",
                                        "=",
                                        "=1",
                                        "level=1?"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char target[200];
        snprintf(target, sizeof target, "/api/items/x/frames/1?%s", wrong[i]);
        refuse(400, target);
    }
    refuse(400, "/api/items?x=1");
    ask a;
    assert_int_equal(ask_get(&a, "/api/items?"), 0);
    ask_clear(&a);
}

static void test_methods(void **state)
{
    (void)state;
    ask a;
    char sentence[ASK_SENTENCE], methods[64];
    assert_int_equal(ask_read(&a, "DELETE", "/api/items", tables, sentence), 405);
    ask_clear(&a);
    assert_int_equal(ask_read(&a, "DELETE", "/api/nothing", tables, sentence), 404);
    ask_clear(&a);
    assert_int_equal(ask_read(&a, "POST", "/api/items", tables, sentence), 0);
    assert_ptr_equal(a.route, &table[2]);
    ask_clear(&a);
    ask_methods("/api/items?x", tables, methods);
    assert_string_equal(methods, "GET, POST");
}

static int read_body(const char *text, size_t size)
{
    json_t *body = NULL;
    char sentence[ASK_SENTENCE] = "";
    const int code = ask_body(text, size, &body, sentence);
    assert_true((code == 0) == (body != NULL) && (code == 0) == (sentence[0] == '\0'));
    json_decref(body);
    return code;
}

static void test_bodies(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", "[]", "1", "{", "{\"a\":1,\"a\":2}", "{\"a\":NaN}", "{} x", "{\"a\":\"\xff\"}", "{\"\\u0000\":1}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(read_body(wrong[i], strlen(wrong[i])), 400);
    assert_int_equal(read_body("{\"a\":[1,{\"b\":null}]}", 20), 0);
    assert_int_equal(read_body("{}\0", 3), 400);
    char deep[400];
    for (int depth = 2; depth < 100; depth += 7) { /* brackets in texts do not count */
        const int n = snprintf(deep, sizeof deep, "{\"[[[[[[[[[[[[[[[[[[[[[\\\"[[\":");
        memset(deep + n, '[', depth - 1);
        memset(deep + n + depth - 1, ']', depth - 1);
        deep[n + 2 * (depth - 1)] = '}';
        assert_int_equal(read_body(deep, (size_t)(n + 2 * (depth - 1) + 1)), depth <= 16 ? 0 : 400);
    }
}

static void check_text(const char *text, const char *shown)
{
    json_t *json = json_text(text);
    assert_string_equal(json_string_value(json), shown);
    json_decref(json);
}

/* Names of files and sentences that were cut need not be UTF-8; what they are part of must not be lost for it. */
static void test_texts_of_any_bytes(void **state)
{
    (void)state;
    check_text("5 \xc2\xb5V", "5 \xc2\xb5V");
    check_text("5 \xb5V", "5 ?V");
    check_text("cut \xc2", "cut ?");
    check_text("both \xc2\xb5 \xff", "both ?? ?");
    check_text("", "");
    check_text(NULL, "");
}

static void test_the_real_tables_are_sound(void **state)
{
    (void)state;
    char sentence[ASK_SENTENCE];
    for (route_tables t = all_routes(); *t != NULL; t++)
        for (const route *r = *t; r->path != NULL; r++) {
            int n = 0;
            assert_true(r->handle != NULL && r->summary != NULL && r->answer != NULL);
            assert_true((r->body != NULL) == (r->most_body_bytes > 0));
            if (r->body != NULL) {
                json_t *schema = json_loads(r->body, 0, NULL);
                if (schema == NULL) print_error("%s\n", r->path);
                assert_non_null(schema);
                json_decref(schema);
            }
            for (const route_param *p = r->params; p != NULL && p->name != NULL; p++, n++) {
                ask_value value = {0};
                assert_true(p->help != NULL && (p->type == ROUTE_CHOICE ? p->choices != NULL : p->min <= p->max));
                if (p->fallback != NULL && p->fallback[0] != '\0')
                    assert_true(ask_value_read(p, p->fallback, &value, sentence));
            }
            assert_true(n <= MOST_PARAMS);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_fallbacks),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_texts_of_any_bytes),
        cmocka_unit_test(test_the_real_tables_are_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
