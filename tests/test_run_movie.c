/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The engine on movies: chains of every grain over lent, read and scratch frames, and what happens when memory, reads
 * or writes fail. The bits themselves are compared in invariance_movie.py.
 */
#include "core/run.h"
#include "os/os.h"

#include <limpid/limpid.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Two bands of rows, and two blocks or more in the runs below. */
enum { FRAMES = 24, HEIGHT = 150, WIDTH = 110, PIXELS = HEIGHT * WIDTH, MOST_WORDS = 24 };

static char folder[] = "run-movie-XXXXXX";
static char native[64], swapped[64], result[64];

static uint16_t pixel(int64_t t, int64_t i)
{
    return (uint16_t)((t * 7919 + i * 104729 + (i / WIDTH) * 31) % 5000);
}

static void write_movie(const char *path, char order)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    char header[118];
    snprintf(header, sizeof header, "{'descr': '%cu2', 'fortran_order': False, 'shape': (%d, %d, %d), }", order, FRAMES,
             HEIGHT, WIDTH);
    memset(header + strlen(header), ' ', sizeof header - strlen(header));
    header[117] = '\n';
    fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, file);
    fwrite(header, 1, sizeof header, file);
    for (int64_t t = 0; t < FRAMES; t++)
        for (int64_t i = 0; i < PIXELS; i++) {
            const uint16_t v = pixel(t, i);
            const uint8_t bytes[2] = {(uint8_t)(order == '<' ? v : v >> 8), (uint8_t)(order == '<' ? v >> 8 : v)};
            fwrite(bytes, 1, 2, file);
        }
    assert_int_equal(fclose(file), 0);
}

static int make_inputs(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(native, sizeof native, "%s/native.npy", folder);
    snprintf(swapped, sizeof swapped, "%s/swapped.npy", folder);
    snprintf(result, sizeof result, "%s/out.npy", folder);
    write_movie(native, '<');
    write_movie(swapped, '>');
    return 0;
}

static int remove_inputs(void **state)
{
    (void)state;
    remove(native);
    remove(swapped);
    remove(result);
    return rmdir(folder); /* fails if anything was left behind */
}

typedef struct attempt {
    lmp_engine *engine;
    lmp_recording *recording;
    lmp_chain *chain;
    lmp_run *run;
    lmp_error err;
} attempt;

/* A planned run of a chain given as one text, ended by "write OUT". */
static lmp_status plan_it(attempt *a, const char *in, const char *text, uint64_t memory, int64_t block)
{
    *a = (attempt){0};
    lmp_engine_options options = LMP_OPTIONS(lmp_engine_options);
    options.threads = 3;
    options.memory_limit = memory;
    options.block_length = block;
    options.scratch_dir = folder;
    assert_int_equal(lmp_engine_new(&options, &a->engine, &a->err), LMP_OK);
    assert_int_equal(lmp_chain_new(a->engine, &a->chain, &a->err), LMP_OK);
    lmp_status status = lmp_recording_open(a->engine, in, NULL, &a->recording, &a->err);
    if (status != LMP_OK) return status;
    const char *words[MOST_WORDS];
    int64_t n = 0;
    char *copy = strdup(text), *rest = copy;
    for (char *w = strsep(&rest, " "); w != NULL; w = strsep(&rest, " ")) words[n++] = w;
    words[n++] = "write";
    words[n++] = result;
    assert_int_equal(lmp_chain_parse(a->chain, n, words, &a->err), LMP_OK);
    free(copy);
    lmp_run_options run_options = LMP_OPTIONS(lmp_run_options);
    run_options.no_provenance = 1;
    run_options.overwrite = 1;
    return lmp_run_new(a->engine, a->recording, a->chain, &run_options, &a->run, &a->err);
}

static void give_up(attempt *a)
{
    lmp_run_free(a->run);
    lmp_chain_free(a->chain);
    lmp_recording_close(a->recording);
    lmp_engine_free(a->engine);
}

static bool exists(const char *path)
{
    os_file_info info;
    return os_path_stat(path, &info) == 0;
}

/* Frame grain before and behind time grain, learning through a reduction, a generated image, a scratch file (the
 * swapped input costs work each time it is read). */
static const char *const chains[] = {
    "reduce max !",
    "reduce median !",
    "subtract from=range range=3:20 stat=mean ! reduce std !",
    "flip ! sliding mean window=5 ! flip !",
    "subtract from=range ! divide from=sliding window=4 ! traces !",
    "subtract window=6 stat=median edges=shrink ! divide window=9 lag=-3 !",
    "frames range=2:23:3 ! kymograph axis=horizontal y=20 !",
    "motion !",
    "flip ! motion border=crop bad-frames=interpolate interpolation=fourier ! reduce mean !",
};
enum { N_CHAINS = sizeof chains / sizeof *chains };

static void reduces_what_is_in_the_file(void **state)
{
    (void)state;
    const char *const inputs[] = {native, swapped};
    for (int i = 0; i < 2; i++) {
        attempt a;
        assert_int_equal(plan_it(&a, inputs[i], chains[0], 64 << 20, 7), LMP_OK);
        if (lmp_run_go(a.run, NULL, NULL, &a.err) != LMP_OK) fail_msg("%s", a.err.text);
        lmp_recording *max = NULL;
        static uint16_t got[PIXELS];
        assert_int_equal(lmp_recording_open(a.engine, result, NULL, &max, &a.err), LMP_OK);
        assert_int_equal(lmp_recording_read_frames(max, 0, 1, got, &a.err), LMP_OK);
        for (int64_t k = 0; k < PIXELS; k++) {
            uint16_t most = 0;
            for (int64_t t = 0; t < FRAMES; t++) most = pixel(t, k) > most ? pixel(t, k) : most;
            assert_int_equal(got[k], most);
        }
        lmp_recording_close(max);
        give_up(&a);
    }
}

static void plans_no_less_than_it_takes(void **state)
{
    (void)state;
    for (int c = 0; c < N_CHAINS; c++) {
        attempt a;
        if (plan_it(&a, native, chains[c], 64 << 20, 0) != LMP_OK) fail_msg("%s: %s", chains[c], a.err.text);
        const uint64_t expected = a.run->plan->bytes_expected;
        if (lmp_run_go(a.run, NULL, NULL, &a.err) != LMP_OK) fail_msg("%s: %s", chains[c], a.err.text);
        if (lmp_run_peak_bytes(a.run) > expected)
            fail_msg("%s: %llu taken, %llu planned", chains[c], (unsigned long long)lmp_run_peak_bytes(a.run),
                     (unsigned long long)expected);
        give_up(&a);
    }
}

/* ThreadSanitizer is slow and looks for races, not for what a failure leaves behind: one failed allocation in thirteen
 * will do, after the first of them, and one failed read or write in three, others for each chain. */
#ifdef __SANITIZE_THREAD__
enum { FEW = 10, STRIDE = 13, FILE_STRIDE = 3 };
#else
enum { FEW = 10, STRIDE = 1, FILE_STRIDE = 1 };
#endif

/* Every allocation fails once: the run fails cleanly (checked by the sanitizers) until none is left to fail. */
static void fail_every_allocation(const char *in, const char *text)
{
    lmp_status status = LMP_ERR_MEMORY;
    int64_t nth = 1;
    for (; status != LMP_OK; nth += nth < FEW ? 1 : STRIDE) {
        attempt a;
        remove(result);
        if (plan_it(&a, in, text, 64 << 20, 20) != LMP_OK) fail_msg("%s", a.err.text);
        a.run->fail_allocation = nth;
        status = lmp_run_go(a.run, NULL, NULL, &a.err);
        if (status != LMP_OK && status != LMP_ERR_MEMORY) fail_msg("%s: %s", text, a.err.text);
        assert_true(exists(result) == (status == LMP_OK));
        give_up(&a);
    }
    assert_in_range(nth, 3, 2000);
}

static void survives_every_failed_allocation(void **state)
{
    (void)state;
    for (int c = 0; c < N_CHAINS; c++) {
        fail_every_allocation(native, chains[c]);
        fail_every_allocation(swapped, chains[c]);
    }
}

/* Images that a step reads, and a table and an image that it writes. */
static void survives_failed_allocations_around_files(void **state)
{
    (void)state;
    char image[80], table[80], painted[80], text[512];
    snprintf(image, sizeof image, "%s/image.npy", folder);
    snprintf(table, sizeof table, "%s/table.csv", folder);
    snprintf(painted, sizeof painted, "%s/painted.npy", folder);
    attempt a;
    assert_int_equal(plan_it(&a, native, "reduce max !", 64 << 20, 0), LMP_OK);
    assert_int_equal(lmp_run_go(a.run, NULL, NULL, &a.err), LMP_OK);
    give_up(&a);
    assert_int_equal(rename(result, image), 0);
    snprintf(text, sizeof text, "motion mask=%s template=%s shifts=%s template-out=%s !", image, image, table, painted);
    fail_every_allocation(native, text);
    assert_true(exists(table) && exists(painted));
    remove(image);
    remove(table);
    remove(painted);
}

static void survives_failed_reads_and_writes(void **state)
{
    (void)state;
    for (int c = 0; c < N_CHAINS; c++)
        for (int64_t nth = 1 + 4 * (c % FILE_STRIDE); nth < 40; nth += 4 * FILE_STRIDE) {
            attempt a;
            remove(result);
            os_fault_inject(nth, 0);
            lmp_status status = plan_it(&a, swapped, chains[c], 64 << 20, 10);
            if (status == LMP_OK) {
                os_fault_inject(c % 2 == 0 ? nth : 0, c % 2 == 0 ? 0 : nth);
                status = lmp_run_go(a.run, NULL, NULL, &a.err);
            }
            os_fault_inject(0, 0);
            if (status != LMP_OK && status != LMP_ERR_IO) fail_msg("%s: %s", chains[c], a.err.text);
            assert_true(exists(result) == (status == LMP_OK));
            give_up(&a);
        }
}

static void check_described(const lmp_recording *recording)
{
    const lmp_format *format = lmp_recording_get_format(recording);
    assert_true(format->rate_hz == 2.5);
    for (int64_t i = 0; i < 4; i++) {
        assert_int_equal(format->frame_numbers[i], 3 + 4 * i);
        assert_true(fabs(format->frame_times_s[i] - 0.1 * (double)(3 + 4 * i)) < 1e-12);
    }
}

/* A file of numbers gets back what the run knew of them, and another one what the first one knows. */
static void describes_what_it_has_written(void **state)
{
    (void)state;
    attempt a;
    lmp_recording *written = NULL, *again = NULL;
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    options.rate_hz = 10;
    assert_int_equal(plan_it(&a, native, "frames range=3:18:4 !", 64 << 20, 0), LMP_OK);
    lmp_run_free(a.run);
    lmp_recording_close(a.recording);
    lmp_run_options run_options = LMP_OPTIONS(lmp_run_options);
    run_options.overwrite = run_options.no_provenance = 1;
    assert_int_equal(lmp_recording_open(a.engine, native, &options, &a.recording, &a.err), LMP_OK);
    assert_int_equal(lmp_run_new(a.engine, a.recording, a.chain, &run_options, &a.run, &a.err), LMP_OK);
    assert_int_equal(lmp_run_go(a.run, NULL, NULL, &a.err), LMP_OK);
    assert_int_equal(lmp_recording_open(a.engine, result, NULL, &written, &a.err), LMP_OK);
    assert_int_equal(lmp_recording_open(a.engine, result, NULL, &again, &a.err), LMP_OK);
    assert_int_equal(lmp_run_describe(a.run, a.recording, &a.err), LMP_ERR_USAGE);
    assert_non_null(strstr(a.err.text, "is not what the run has written"));
    assert_int_equal(lmp_recording_describe(again, a.recording, &a.err), LMP_ERR_USAGE);
    assert_non_null(strstr(a.err.text, "cannot be described as 24 frames"));
    assert_int_equal(lmp_run_describe(a.run, written, &a.err), LMP_OK);
    check_described(written);
    assert_int_equal(lmp_recording_describe(again, written, &a.err), LMP_OK);
    lmp_recording_close(written);
    check_described(again);
    lmp_recording_close(again);
    give_up(&a);
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *chain, *part;
    } refusals[] = {
        {"highpass hz=1 !", "works on signals"},
        {"reduce mean ! highpass hz=1 !", "--rate"},
        {"reduce nonsense !", "nonsense"},
        {"frames range=90:99 !", "there are 24"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        attempt a;
        assert_int_equal(plan_it(&a, native, refusals[i].chain, 64 << 20, 0), LMP_ERR_USAGE);
        if (strstr(a.err.text, refusals[i].part) == NULL) fail_msg("%s: %s", refusals[i].chain, a.err.text);
        give_up(&a);
    }
    attempt a;
    assert_int_equal(plan_it(&a, native, "reduce median !", 4096, 0), LMP_ERR_MEMORY);
    assert_non_null(strstr(a.err.text, "--memory"));
    give_up(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reduces_what_is_in_the_file),      cmocka_unit_test(plans_no_less_than_it_takes),
        cmocka_unit_test(survives_every_failed_allocation), cmocka_unit_test(survives_failed_allocations_around_files),
        cmocka_unit_test(survives_failed_reads_and_writes), cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(describes_what_it_has_written),
    };
    return cmocka_run_group_tests(tests, make_inputs, remove_inputs);
}
