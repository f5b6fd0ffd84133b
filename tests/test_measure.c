/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Parts of frames and courses of zones by several threads on one recording, with little memory; what is refused.
 * Numbers are compared with other programs by oracle_measure.py.
 */
#include "io_support.h"

#include <limpid/limpid.h>

#include <stdatomic.h>

enum { FRAMES = 300, HEIGHT = 512, WIDTH = 256, HEADER = 128, THREADS = 4, ROUNDS = 30, LIMIT = 24 << 20 };

static uint8_t pixel(int64_t t, int64_t y, int64_t x)
{
    return (uint8_t)((t * 7 + y * 3 + x) % 251);
}

/* Frames large enough to be mapped, and aligned like NumPy's. */
static void put_movie(char path[600])
{
    uint8_t *frame = malloc(HEIGHT * WIDTH);
    char head[HEADER];
    memset(head, ' ', sizeof head);
    const int n = snprintf(head + 10, sizeof head - 10,
                           "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, %d)}", FRAMES, HEIGHT, WIDTH);
    head[10 + n] = ' ';
    head[HEADER - 1] = '\n';
    memcpy(head, "\x93NUMPY\1\0\x76\0", 10);
    snprintf(path, 600, "%s/movie.npy", io_folder);
    FILE *file = fopen(path, "wb");
    assert_true(file != NULL && frame != NULL);
    assert_int_equal(fwrite(head, 1, HEADER, file), HEADER);
    for (int64_t t = 0; t < FRAMES; t++) {
        for (int64_t i = 0; i < HEIGHT * WIDTH; i++) frame[i] = pixel(t, i / WIDTH, i % WIDTH);
        assert_int_equal(fwrite(frame, 1, HEIGHT * WIDTH, file), HEIGHT * WIDTH);
    }
    assert_int_equal(fclose(file), 0);
    free(frame);
}

typedef struct opened {
    lmp_engine *engine;
    lmp_recording *recording;
    lmp_error err;
} opened;

static void open_movie(opened *o, uint64_t limit)
{
    char path[600];
    const lmp_engine_options options = {.struct_size = sizeof options, .threads = 2, .memory_limit = limit};
    *o = (opened){.engine = NULL};
    put_movie(path);
    assert_int_equal(lmp_engine_new(&options, &o->engine, &o->err), LMP_OK);
    if (lmp_recording_open(o->engine, path, NULL, &o->recording, &o->err) != LMP_OK) fail_msg("%s", o->err.text);
}

static void close_movie(opened *o)
{
    lmp_recording_close(o->recording);
    lmp_engine_free(o->engine);
    (void)io_empty();
}

/* A rectangle of `rows` rows from row y on, 9 columns wide from column x on. True if each value is right. */
static bool measures_right(lmp_recording *recording, int64_t x, int64_t y, int64_t rows)
{
    char text[200];
    double values[FRAMES];
    lmp_zones *zones = NULL;
    snprintf(text, sizeof text,
             "[{\"name\": \"z\", \"shape\": \"rectangle\", \"x\": %d, \"y\": %d, \"width\": 8, \"height\": %d}]",
             (int)x, (int)y, (int)rows - 1);
    if (lmp_zones_new(recording, text, 0, &zones, NULL) != LMP_OK) return false;
    bool is_right =
        lmp_recording_measure_zones(recording, zones, "sum", 0, FRAMES, 1, values, NULL, NULL, NULL) == LMP_OK;
    for (int64_t t = 0; t < FRAMES && is_right; t++) {
        int64_t sum = 0;
        for (int64_t j = y; j < y + rows; j++)
            for (int64_t i = x; i < x + 9; i++) sum += pixel(t, j, i);
        is_right = values[t] == (double)sum;
    }
    lmp_zones_free(zones);
    return is_right;
}

static bool reads_right(lmp_recording *recording, int64_t first, int64_t x, int64_t y)
{
    enum { N = 3, ROWS = 5, COLUMNS = 7 };
    uint8_t values[N * ROWS * COLUMNS];
    if (lmp_recording_read_part(recording, first, N, x, y, COLUMNS, ROWS, values, NULL) != LMP_OK) return false;
    for (int64_t i = 0; i < N * ROWS * COLUMNS; i++)
        if (values[i] != pixel(first + i / (ROWS * COLUMNS), y + i / COLUMNS % ROWS, x + i % COLUMNS)) return false;
    return true;
}

/* ---- One recording, several threads ---- */

typedef struct task {
    lmp_recording *recording;
    int64_t number;
    atomic_int *n_wrong;
} task;

/* Zones here and there, small and large, so that what is kept mapped is given back and taken again. */
static void measure_often(void *user)
{
    const task *t = user;
    for (int64_t i = 0; i < ROUNDS; i++) {
        const int64_t k = i * THREADS + t->number, rows = k % 7 == 0 ? HEIGHT : 1 + k % 20;
        const int64_t y = rows == HEIGHT ? 0 : k * 37 % (HEIGHT - rows);
        if (!measures_right(t->recording, k * 11 % (WIDTH - 9), y, rows) ||
            !reads_right(t->recording, k % (FRAMES - 3), k % (WIDTH - 7), k % (HEIGHT - 5)))
            atomic_fetch_add(t->n_wrong, 1);
    }
}

static void run_threads(uint64_t limit)
{
    opened o;
    task tasks[THREADS];
    os_thread *threads[THREADS];
    atomic_int n_wrong = 0;
    open_movie(&o, limit);
    for (int i = 0; i < THREADS; i++) {
        tasks[i] = (task){.recording = o.recording, .number = i, .n_wrong = &n_wrong};
        assert_int_equal(os_thread_start(measure_often, &tasks[i], &threads[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) os_thread_join(threads[i]);
    assert_int_equal(atomic_load(&n_wrong), 0);
    close_movie(&o);
}

static void threads_share_a_recording(void **state)
{
    (void)state;
    run_threads(1 << 30);
}

/* The limit holds some rows of all frames, not all rows. */
static void little_is_kept_with_little_memory(void **state)
{
    (void)state;
    run_threads(LIMIT);
}

/* ---- Zones ---- */

static void zones_tell_their_pixels(void **state)
{
    static const char text[] =
        "{\"zones\": [{\"name\": \"a\", \"shape\": \"rectangle\", \"x\": -3, \"y\": 510, \"width\": "
        "5, \"height\": 9}, {\"name\": \"b\", \"shape\": \"pixel\", \"x\": 999, \"y\": 0}]}";
    opened o;
    int64_t n;
    lmp_zones *zones = NULL;
    (void)state;
    open_movie(&o, 1 << 30);
    assert_int_equal(lmp_zones_new(o.recording, text, 0, &zones, &o.err), LMP_ERR_INPUT);
    assert_non_null(strstr(o.err.text, "\"b\" holds no pixel"));
    assert_int_equal(lmp_zones_new(o.recording, text, 1, &zones, &o.err), LMP_OK);
    assert_int_equal(lmp_zones_count(zones), 2);
    assert_string_equal(lmp_zones_get_name(zones, 1), "b");
    assert_null(lmp_zones_get_name(zones, 2));
    const lmp_span *spans = lmp_zones_get_spans(zones, 0, &n);
    assert_int_equal(n, 2);
    for (int i = 0; i < 2; i++) assert_true(spans[i].y == 510 + i && spans[i].x0 == 0 && spans[i].x1 == 2);
    (void)lmp_zones_get_spans(zones, 1, &n);
    assert_int_equal(n, 0);
    assert_null(lmp_zones_get_spans(zones, -1, &n));
    double values[4];
    assert_int_equal(lmp_recording_measure_zones(o.recording, zones, "max", 5, 2, 7, values, NULL, NULL, &o.err),
                     LMP_OK);
    assert_true(values[0] == fmax(fmax(pixel(5, 510, 2), pixel(5, 511, 2)), fmax(pixel(5, 510, 0), pixel(5, 511, 0))));
    assert_true(isnan(values[2]) && isnan(values[3]));
    lmp_zones_free(zones);
    lmp_zones_free(NULL);
    close_movie(&o);
}

static int stop(void *user, const lmp_progress *progress)
{
    ++*(int *)user;
    return progress->fraction >= 0 && progress->fraction <= 1 && strncmp(progress->what, "measure ", 8) == 0;
}

/* Whoever asks may give up; measured for longer than the tenth of a second between questions. */
static void measuring_can_be_cancelled(void **state)
{
    enum { ZONES = 200 };
    opened o;
    int n_asked = 0;
    (void)state;
    open_movie(&o, 1 << 30);
    char *text = malloc(ZONES * 100), *at = text;
    double *values = malloc(ZONES * FRAMES * sizeof *values);
    for (int i = 0; i < ZONES; i++)
        at += sprintf(
            at, "%c{\"name\": \"%d\", \"shape\": \"rectangle\", \"x\": 0, \"y\": 0, \"width\": 255, \"height\": 511}",
            i == 0 ? '[' : ',', i);
    strcpy(at, "]");
    lmp_zones *zones = NULL;
    if (lmp_zones_new(o.recording, text, 0, &zones, &o.err) != LMP_OK) fail_msg("%s", o.err.text);
    assert_int_equal(
        lmp_recording_measure_zones(o.recording, zones, "median", 0, FRAMES, 1, values, stop, &n_asked, &o.err),
        LMP_CANCELLED);
    assert_int_equal(n_asked, 1);
    lmp_zones_free(zones);
    free(values);
    free(text);
    close_movie(&o);
}

static void signals_have_no_zones(void **state)
{
    lmp_engine *engine = NULL;
    lmp_recording *signals = NULL;
    lmp_zones *zones = NULL;
    lmp_error err = {0};
    double power[9];
    (void)state;
    assert_int_equal(lmp_engine_new(NULL, &engine, &err), LMP_OK);
    const char *const settings[] = {"seconds=12"};
    if (lmp_recording_simulate(engine, "eeg-fmri", settings, 1, &signals, &err) != LMP_OK) fail_msg("%s", err.text);
    assert_int_equal(lmp_zones_new(signals, "[]", 0, &zones, &err), LMP_ERR_USAGE);
    assert_int_equal(lmp_recording_read_part(signals, 0, 1, 0, 0, 1, 1, power, &err), LMP_ERR_USAGE);
    assert_int_equal(lmp_recording_is_decoded(signals), 0);
    assert_int_equal(lmp_recording_spectrum(signals, 0, 0, 16, 16, power, NULL, NULL, &err), LMP_OK);
    int n_asked = 0;
    assert_int_equal(lmp_recording_spectrum(signals, 0, 0, 16, 16, power, stop, &n_asked, &err), LMP_CANCELLED);
    assert_int_equal(n_asked, 1);
    assert_int_equal(lmp_recording_spectrum(signals, 0, 0, 16, 17, power, NULL, NULL, &err), LMP_ERR_USAGE);
    assert_int_equal(lmp_recording_spectrum(signals, 0, 0, 16, 1, power, NULL, NULL, &err), LMP_ERR_USAGE);
    assert_int_equal(lmp_recording_spectrum(signals, -1, 0, 16, 16, power, NULL, NULL, &err), LMP_ERR_USAGE);
    lmp_recording_close(signals);
    lmp_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_share_a_recording), cmocka_unit_test(little_is_kept_with_little_memory),
        cmocka_unit_test(zones_tell_their_pixels),   cmocka_unit_test(measuring_can_be_cancelled),
        cmocka_unit_test(signals_have_no_zones),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
