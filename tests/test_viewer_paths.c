/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_viewer_paths.c: which paths the page may name. The tree:
 *
 *   inside/file  inside/link -> outside/file  inside/way -> outside  inside/here -> inside/file  inside/gone -> nothing
 *   outside/file  inside-too/file
 */
#include "state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "temporary.h"

static char top[200];

static const char *in(const char *name)
{
    static char paths[8][400];
    static int next;
    char *path = paths[next = (next + 1) % 8];
    snprintf(path, sizeof paths[0], "%s/%s", top, name);
    return path;
}

static void touch(const char *name)
{
    FILE *file = fopen(in(name), "w");
    assert_non_null(file);
    fclose(file);
}

static int make_tree(void **state)
{
    (void)state;
    char name[TEMPORARY_ROOM];
    assert_non_null(mkdtemp(temporary_name(name, "limpid-paths-XXXXXX")));
    char *real = realpath(name, NULL);
    assert_non_null(real);
    snprintf(top, sizeof top, "%.199s", real);
    free(real);
    static const char *const folders[] = {"inside", "outside", "inside-too"};
    for (int i = 0; i < 3; i++) assert_int_equal(mkdir(in(folders[i]), 0700), 0);
    touch("inside/file");
    touch("outside/file");
    touch("inside-too/file");
    assert_int_equal(symlink(in("outside/file"), in("inside/link")), 0);
    assert_int_equal(symlink(in("outside"), in("inside/way")), 0);
    assert_int_equal(symlink("file", in("inside/here")), 0);
    assert_int_equal(symlink(in("outside/none"), in("inside/gone")), 0);
    return 0;
}

static int remove_tree(void **state)
{
    (void)state;
    scratch_remove_tree(top);
    return 0;
}

static bool may(const char *path, bool must_exist)
{
    server s = {0};
    lmp_error err = {0};
    assert_int_equal(roots_add(&s, in("inside"), &err), LMP_OK);
    const bool is_allowed = path_is_allowed(&s, path, must_exist, &err);
    assert_true(is_allowed == (err.text[0] == '\0'));
    roots_free(&s);
    return is_allowed;
}

static void test_opening(void **state)
{
    (void)state;
    static const char *const right[] = {"inside",        "inside/",
                                        "inside/file",   "inside/here",
                                        "inside/./file", "inside/../inside/file",
                                        "inside/*.tif",  "inside/way/../inside/file"};
    static const char *const wrong[] = {"",
                                        "outside",
                                        "outside/file",
                                        "inside/link",
                                        "inside/way",
                                        "inside/way/file",
                                        "inside/../outside/file",
                                        "inside-too/file",
                                        "inside/none",
                                        "inside/gone",
                                        "inside/none/../file",
                                        "inside/..",
                                        "inside/way/*.tif",
                                        "*"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) assert_true(may(in(right[i]), true));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (may(in(wrong[i]), true)) print_error("%s\n", wrong[i]);
        assert_false(may(in(wrong[i]), true));
    }
    assert_false(may("inside/file", true) || may("", true) || may("/", true));
}

static void test_writing(void **state)
{
    (void)state;
    static const char *const right[] = {"inside/new", "inside/file", "inside/here", "inside/../inside/new"};
    static const char *const wrong[] = {"outside/new",     "inside/way/new", "inside/link", "inside/gone",
                                        "inside/none/new", "inside/new/",    "inside/..",   "inside/../new"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) assert_true(may(in(right[i]), false));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (may(in(wrong[i]), false)) print_error("%s\n", wrong[i]);
        assert_false(may(in(wrong[i]), false));
    }
}

static void test_roots(void **state)
{
    (void)state;
    server s = {0};
    lmp_error err = {0};
    assert_int_equal(roots_add(&s, in("inside/file"), &err), LMP_ERR_IO);
    assert_int_equal(roots_add(&s, in("none"), &err), LMP_ERR_IO);
    assert_int_equal(roots_add_folders_of(&s, in("inside/link"), &err), LMP_OK);
    assert_int_equal(s.n_roots, 2); /* that of the link, and where it leads */
    assert_int_equal(roots_add(&s, in("inside/."), &err), LMP_OK);
    assert_int_equal(s.n_roots, 2);
    assert_true(path_is_inside(&s, in("outside/file")));
    assert_int_equal(roots_add(&s, "/", &err), LMP_OK);
    assert_true(path_is_inside(&s, "/etc") && path_is_inside(&s, "/"));
    roots_free(&s);
}

static void test_members(void **state)
{
    (void)state;
    server s = {0};
    lmp_error err = {0};
    assert_int_equal(roots_add(&s, in("inside"), &err), LMP_OK);
    assert_int_equal(path_check_members(&s, in("inside"), &err), LMP_ERR_USAGE);
    assert_int_equal(path_check_members(&s, in("inside/h*"), &err), LMP_OK);
    assert_int_equal(path_check_members(&s, in("inside/l*"), &err), LMP_ERR_USAGE);
    assert_int_equal(path_check_members(&s, in("inside/file"), &err), LMP_OK);
    roots_free(&s);
}

static void test_absolute_paths_keep_links(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"inside/link", "inside/link"},
                                           {"inside/", "inside"},
                                           {"inside/way/file", "outside/file"},
                                           {"inside/*.tif", "inside/*.tif"},
                                           {"inside/..", ""}};
    for (int i = 0; i < 5; i++) {
        char *path = path_absolute(in(names[i][0]));
        assert_non_null(path);
        assert_string_equal(path, names[i][1][0] != '\0' ? in(names[i][1]) : top);
        free(path);
    }
    assert_null(path_absolute(in("none/file")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opening),
        cmocka_unit_test(test_writing),
        cmocka_unit_test(test_roots),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_absolute_paths_keep_links),
    };
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
