/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_lost_inputs.c: files that are cut short while they are mapped: pages of zeros that are counted, and failures of
 * what reads them.
 */
#include "core/run.h"

#include "io_support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { PAGES = 64 };

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* In each test, as cmocka sets its own handlers before it. */
static void watch(void)
{
    lmp_survive_lost_inputs();
    lmp_survive_lost_inputs(); /* twice does no harm */
}

/* ---- Pages ------------------------------------------------------------------------------------------------ */

/* PAGES pages of 7, mapped; the name is of the folder. */
static os_mapping map_sevens(const char *name)
{
    const size_t size = PAGES * page_bytes();
    void *sevens = memset(malloc(size), 7, size);
    os_file file;
    os_mapping mapping;
    io_put(name, sevens, size);
    free(sevens);
    assert_int_equal(os_file_open_read(io_path(name), &file), 0);
    assert_int_equal(os_file_map(file, 0, size, &mapping), 0);
    assert_int_equal(os_file_close(file), 0);
    return mapping;
}

static void cut(const char *name, int64_t pages)
{
    assert_int_equal(truncate(io_path(name), pages * (int64_t)page_bytes()), 0);
}

static uint8_t first_of_page(const os_mapping *mapping, int64_t page)
{
    return ((const volatile uint8_t *)mapping->bytes)[page * (int64_t)page_bytes()];
}

static void assert_told(const char *name)
{
    char told[PATH_MAX] = "", *path = realpath(io_path(name), NULL);
    assert_true(os_lost_path(told, sizeof told));
    assert_string_equal(told, path);
    free(path);
}

static void lost_pages_are_zeros_and_counted(void **state)
{
    (void)state;
    watch();
    char text[4];
    os_mapping mapping = map_sevens("a");
    const uint64_t before = os_lost_count();
    assert_false(os_lost_path(text, sizeof text)); /* the first test */
    cut("a", 3);
    for (int64_t page = 0; page < 3; page++) assert_int_equal(first_of_page(&mapping, page), 7);
    assert_int_equal(os_lost_count(), before);
    assert_int_equal(first_of_page(&mapping, 10), 0);
    assert_int_equal(first_of_page(&mapping, 10), 0);
    assert_int_equal(os_lost_count(), before + 1);
    assert_told("a");
    assert_true(os_lost_path(text, sizeof text));
    assert_int_equal(strlen(text), sizeof text - 1);
    for (int64_t page = 3; page < PAGES; page++) assert_int_equal(first_of_page(&mapping, page), 0);
    assert_int_equal(os_lost_count(), before + PAGES - 3);
    os_mapping_end(&mapping);
}

static void the_newest_loss_is_told(void **state)
{
    (void)state;
    watch();
    const char *const names[] = {"a", "b", "a name with \303\244 and spaces"};
    os_mapping mappings[3];
    for (int i = 0; i < 3; i++) {
        mappings[i] = map_sevens(names[i]);
        cut(names[i], 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(first_of_page(&mappings[i], 5), 0);
        assert_told(names[i]);
        assert_told(names[i]); /* again */
    }
    for (int i = 1; i >= 0; i--) assert_int_equal(first_of_page(&mappings[i], 6), 0);
    assert_told(names[0]);
    for (int i = 0; i < 3; i++) os_mapping_end(&mappings[i]);
}

static void looks_at_each_page(void **state)
{
    (void)state;
    watch();
    os_mapping mapping = map_sevens("a");
    const uint64_t before = os_lost_count();
    cut("a", 4);
    os_lost_look(mapping.bytes, 4 * page_bytes());
    os_lost_look((const char *)mapping.bytes + 4 * page_bytes(), 0);
    assert_int_equal(os_lost_count(), before);
    os_lost_look((const char *)mapping.bytes + 4 * page_bytes() - 1, 2);
    assert_int_equal(os_lost_count(), before + 1);
    os_lost_look((const char *)mapping.bytes + 100, 6 * page_bytes());
    assert_int_equal(os_lost_count(), before + 3);
    os_mapping_end(&mapping);
}

typedef struct race {
    const os_mapping *mapping;
    atomic_int waiting;
    atomic_llong sum;
} race;

static void sum_pages(void *user)
{
    race *r = user;
    long long sum = 0;
    atomic_fetch_add(&r->waiting, 1);
    while (atomic_load(&r->waiting) < 2) os_thread_yield();
    for (int64_t page = 0; page < PAGES; page++) sum += first_of_page(r->mapping, page);
    atomic_fetch_add(&r->sum, sum);
}

static void threads_may_lose_the_same_pages(void **state)
{
    (void)state;
    watch();
    for (int i = 0; i < 50; i++) {
        os_mapping mapping = map_sevens("a");
        const uint64_t before = os_lost_count();
        race r = {.mapping = &mapping};
        os_thread *threads[2];
        cut("a", 1);
        for (int k = 0; k < 2; k++) assert_int_equal(os_thread_start(sum_pages, &r, &threads[k]), 0);
        for (int k = 0; k < 2; k++) os_thread_join(threads[k]);
        assert_int_equal(atomic_load(&r.sum), 2 * 7);
        assert_in_range(os_lost_count() - before, PAGES - 1, 2 * (PAGES - 1));
        os_mapping_end(&mapping);
    }
}

/* ---- What is none of ours --------------------------------------------------------------------------------- */

static void die_of_a_signal_from_outside(void)
{
    raise(SIGBUS);
}

static void touch_lost_mapping(int rights, int sharing)
{
    os_mapping unused = map_sevens("a");
    const int file = open(io_path("a"), O_RDWR | O_CLOEXEC);
    const volatile char *bytes = mmap(NULL, page_bytes(), rights, sharing, file, 0);
    os_mapping_end(&unused);
    cut("a", 0);
    _exit(bytes == MAP_FAILED || bytes[0] == 0 ? 1 : 2);
}

static void die_of_a_private_mapping(void)
{
    touch_lost_mapping(PROT_READ, MAP_PRIVATE);
}

static void die_of_a_mapping_that_is_written_to(void)
{
    touch_lost_mapping(PROT_READ | PROT_WRITE, MAP_SHARED);
}

static void leave(int number)
{
    (void)number;
    _exit(77);
}

/* How a child ends that watches over `handler`. */
static int status_of_child(void (*body)(void), void (*handler)(int))
{
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGBUS, handler);
        lmp_survive_lost_inputs();
        body();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void other_causes_go_where_they_went(void **state)
{
    (void)state;
    watch();
    void (*const bodies[])(void) = {die_of_a_signal_from_outside, die_of_a_private_mapping,
                                    die_of_a_mapping_that_is_written_to};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        int status = status_of_child(bodies[i], SIG_DFL);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
        status = status_of_child(bodies[i], leave);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 77);
    }
}

/* ---- Recordings and runs ---------------------------------------------------------------------------------- */

enum {
    FRAMES = 40,
    HEIGHT = 300,
    WIDTH = 130,
    PIXELS = HEIGHT * WIDTH,
    HEAD = 128,
    MOVIE_BYTES = HEAD + FRAMES * PIXELS
};

static void put_movie(const char *name)
{
    char *bytes = malloc(MOVIE_BYTES);
    memset(bytes, 9, MOVIE_BYTES);
    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    memset(bytes + 10, ' ', HEAD - 10);
    const int n = snprintf(bytes + 10, HEAD - 10, "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, %d), }",
                           FRAMES, HEIGHT, WIDTH);
    bytes[10 + n] = ' ';
    bytes[HEAD - 1] = '\n';
    io_put(name, bytes, MOVIE_BYTES);
    free(bytes);
}

/* In place of a recording's own, by any worker: the file is cut short as soon as it is mapped. */
static char movie_path[600];
static lmp_status (*view_whole)(void *state, int64_t first, int64_t count, lmp_budget *budget, lmp_frames *frames,
                                void **lent, lmp_error *err);

static lmp_status view_and_cut(void *state, int64_t first, int64_t count, lmp_budget *budget, lmp_frames *frames,
                               void **lent, lmp_error *err)
{
    const lmp_status status = view_whole(state, first, count, budget, frames, lent, err);
    (void)!truncate(movie_path, (off_t)page_bytes());
    return status;
}

typedef struct used {
    lmp_engine *engine;
    lmp_recording *recording;
    lmp_error err;
} used;

static used open_movie(const char *name)
{
    used u = {0};
    lmp_engine_options options = LMP_OPTIONS(lmp_engine_options);
    options.threads = 3;
    options.memory_limit = 64 << 20;
    options.block_length = 10;
    assert_int_equal(lmp_engine_new(&options, &u.engine, &u.err), LMP_OK);
    if (lmp_recording_open(u.engine, io_path(name), NULL, &u.recording, &u.err) != LMP_OK) fail_msg("%s", u.err.text);
    return u;
}

static void close_movie(used *u)
{
    lmp_recording_close(u->recording);
    lmp_engine_free(u->engine);
}

static void cut_when_mapped(used *u)
{
    assert_non_null(u->recording->source.view);
    snprintf(movie_path, sizeof movie_path, "%s", io_path("movie.npy"));
    view_whole = u->recording->source.view;
    u->recording->source.view = view_and_cut;
    u->recording->source.read_frames = NULL;
}

static lmp_status run_chain(used *u, int64_t n_words, const char *const *words)
{
    lmp_chain *chain = NULL;
    lmp_run *run = NULL;
    lmp_run_options options = LMP_OPTIONS(lmp_run_options);
    assert_int_equal(lmp_chain_new(u->engine, &chain, &u->err), LMP_OK);
    if (lmp_chain_parse(chain, n_words, words, &u->err) != LMP_OK) fail_msg("%s", u->err.text);
    if (lmp_run_new(u->engine, u->recording, chain, &options, &run, &u->err) != LMP_OK) fail_msg("%s", u->err.text);
    const lmp_status status = lmp_run_go(run, NULL, NULL, &u->err);
    lmp_run_free(run);
    lmp_chain_free(chain);
    return status;
}

static void assert_sentence(const used *u)
{
    assert_int_equal(u->err.status, LMP_ERR_IO);
    if (strstr(u->err.text, "movie.npy became shorter or unreadable while it was read") == NULL)
        fail_msg("%s", u->err.text);
}

static void fails_to_read_what_is_lost(void **state)
{
    (void)state;
    watch();
    static uint8_t values[FRAMES * PIXELS];
    put_movie("movie.npy");
    used u = open_movie("movie.npy");
    assert_int_equal(lmp_recording_read_frames(u.recording, 0, FRAMES, values, &u.err), LMP_OK);
    cut_when_mapped(&u);
    assert_int_equal(lmp_recording_read_frames(u.recording, 0, FRAMES, values, &u.err), LMP_ERR_IO);
    assert_sentence(&u);
    /* The file is whole again, what is kept of it need not be. */
    assert_int_equal(truncate(io_path("movie.npy"), MOVIE_BYTES), 0);
    assert_int_equal(lmp_recording_read_frames(u.recording, 0, 1, values, &u.err), LMP_ERR_IO);
    assert_non_null(strstr(u.err.text, "movie.npy"));
    assert_non_null(strstr(u.err.text, "open it again"));
    close_movie(&u);
    put_movie("movie.npy");
    u = open_movie("movie.npy");
    assert_int_equal(lmp_recording_read_frames(u.recording, 0, FRAMES, values, &u.err), LMP_OK);
    assert_int_equal(values[FRAMES * PIXELS - 1], 9);
    close_movie(&u);
    io_empty();
}

static void runs_fail_and_leave_nothing(void **state)
{
    (void)state;
    watch();
    char out[600];
    snprintf(out, sizeof out, "%s", io_path("out.npy"));
    const struct {
        int64_t n;
        const char *words[10];
    } chains[] = {{2, {"write", out}},
                  {5, {"reduce", "mean", "!", "write", out}},
                  {6, {"sliding", "mean", "window=5", "!", "write", out}},
                  {6, {"subtract", "from=range", "stat=mean", "!", "write", out}},
                  {5, {"flip", "axis=x", "!", "write", out}}};
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        (void)io_empty();
        (void)io_empty();
        put_movie("movie.npy");
        used u = open_movie("movie.npy");
        cut_when_mapped(&u);
        if (run_chain(&u, chains[i].n, chains[i].words) != LMP_ERR_IO) fail_msg("chain %zu: %s", i, u.err.text);
        assert_sentence(&u);
        assert_int_equal(io_empty(), 1);
        close_movie(&u);
        put_movie("movie.npy");
        u = open_movie("movie.npy");
        if (run_chain(&u, chains[i].n, chains[i].words) != LMP_OK) fail_msg("chain %zu: %s", i, u.err.text);
        assert_int_equal(io_empty(), 3);
        close_movie(&u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_pages_are_zeros_and_counted),
        cmocka_unit_test(the_newest_loss_is_told),
        cmocka_unit_test(looks_at_each_page),
        cmocka_unit_test(threads_may_lose_the_same_pages),
        cmocka_unit_test(other_causes_go_where_they_went),
        cmocka_unit_test(fails_to_read_what_is_lost),
        cmocka_unit_test(runs_fail_and_leave_nothing),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
