/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_csv.c: signals as tables.
 */
#include "io/csv.h"

#include "frames_support.h"

enum { CHANNELS = 3 };

static void make_stream(lmp_stream *stream, int64_t n_times, double rate_hz)
{
    static const char *const names[CHANNELS] = {"mean", "a, \"b\"", "two\nlines"};
    lmp_channel channels[CHANNELS];
    for (int c = 0; c < CHANNELS; c++)
        channels[c] = (lmp_channel){.name = names[c], .unit = "", .transducer = "", .filtering = ""};
    *stream = (lmp_stream){.format = {.kind = LMP_SIGNALS, .n_times = n_times, .rate_hz = rate_hz}};
    assert_int_equal(lmp_stream_set_channels(stream, channels, CHANNELS, NULL), LMP_OK);
}

/* Writes planar values in stretches of `step`, in order. */
static lmp_status write_csv(const char *name, const lmp_stream *stream, const double *values, int64_t step,
                            lmp_error *err)
{
    static const int64_t lanes[CHANNELS] = {0, 1, 2};
    const lmp_write_options how = {0};
    const int64_t n_times = stream->format.n_times;
    lmp_writer writer = {0};
    lmp_budget *budget = NULL;
    lmp_status status = lmp_io_csv.create(io_path(name), stream, &how, false, &writer, err);
    if (status != LMP_OK) return status;
    assert_true(writer.needs_all_lanes && writer.in_order && !writer.needs_range);
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    for (int64_t first = 0; first < n_times && status == LMP_OK; first += step) {
        const int64_t count = n_times - first < step ? n_times - first : step;
        const void *data[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) data[c] = values + c * n_times + first;
        status = writer.write(writer.state, first, count, CHANNELS, lanes, data, budget, err);
    }
    if (status == LMP_OK) status = writer.finish(writer.state, err);
    writer.close(writer.state);
    budget_free(budget);
    return status;
}

static void writes_rows(void **state)
{
    static const double values[CHANNELS * 4] = {1,
                                                0.1,
                                                -2.5e-7,
                                                1e300,
                                                (double)NAN,
                                                (double)INFINITY,
                                                3,
                                                0.30000000000000004,
                                                -0.0,
                                                123456789012345680.0,
                                                (double)-INFINITY,
                                                5e-324};
    static const char wanted[] = "frame,time_s,mean,\"a, \"\"b\"\"\",\"two\nlines\"\n"
                                 "0,0,1,,-0\n"
                                 "1,0.1,0.1,inf,123456789012345680\n"
                                 "2,0.2,-0.00000025,3,-inf\n"
                                 "3,0.3,1e300,0.30000000000000004,5e-324\n";
    lmp_stream stream;
    lmp_error err = {0};
    size_t size;
    (void)state;
    make_stream(&stream, 4, 10);
    for (int64_t step = 1; step <= 4; step++) {
        assert_int_equal(write_csv("t.csv", &stream, values, step, &err), LMP_OK);
        char *text = io_get(io_path("t.csv"), &size);
        assert_string_equal(text, wanted);
        free(text);
        assert_int_equal(io_empty(), 1);
    }
    stream_clear(&stream);
}

/* Frames have numbers and times of their own, or no times at all. */
static void writes_frames_of_a_movie(void **state)
{
    static const double values[CHANNELS * 2] = {1, 2, 3, 4, 5, 6}, times[2] = {0.25, 1.75};
    static const int64_t numbers[2] = {7, 12};
    static const struct {
        bool has_numbers, has_times;
        double rate;
        const char *rows;
    } cases[] = {{false, false, 0, "0,,1,3,5\n1,,2,4,6\n"},
                 {true, false, 4, "7,1.75,1,3,5\n12,3,2,4,6\n"},
                 {true, true, 4, "7,0.25,1,3,5\n12,1.75,2,4,6\n"},
                 {false, true, 0, "0,0.25,1,3,5\n1,1.75,2,4,6\n"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lmp_stream stream;
        lmp_error err = {0};
        size_t size;
        make_stream(&stream, 2, cases[i].rate);
        assert_int_equal(lmp_stream_set_frames(&stream, cases[i].has_numbers ? numbers : NULL,
                                               cases[i].has_times ? times : NULL, &err),
                         LMP_OK);
        assert_int_equal(write_csv("m.csv", &stream, values, 2, &err), LMP_OK);
        char *text = io_get(io_path("m.csv"), &size);
        assert_string_equal(strstr(text, "lines\"\n") + 7, cases[i].rows);
        free(text);
        stream_clear(&stream);
        (void)io_empty();
    }
}

/* Every double reads back as itself; rows cross the border of chunks. */
static void keeps_every_bit(void **state)
{
    enum { N = 4000 };
    double *values = malloc(sizeof *values * CHANNELS * N);
    uint64_t random = 9;
    lmp_stream stream;
    lmp_error err = {0};
    size_t size;
    (void)state;
    for (int i = 0; i < CHANNELS * N; i++) do {
            random = random * 6364136223846793005u + 1442695040888963407u;
            memcpy(&values[i], &random, sizeof random);
        } while (!isfinite(values[i]));
    make_stream(&stream, N, 0);
    assert_int_equal(write_csv("k.csv", &stream, values, 777, &err), LMP_OK);
    char *text = io_get(io_path("k.csv"), &size), *at = strstr(text, "lines\"\n") + 7;
    for (int i = 0; i < N; i++) {
        assert_int_equal(strtoll(at, &at, 10), i);
        assert_memory_equal(at, ",,", 2);
        at++;
        for (int c = 0; c < CHANNELS; c++) {
            const double back = strtod(at + 1, &at);
            assert_memory_equal(&back, &values[c * N + i], sizeof back);
        }
        assert_int_equal(*at++, '\n');
    }
    assert_int_equal(*at, '\0');
    free(text);
    free(values);
    stream_clear(&stream);
}

static void fails_cleanly(void **state)
{
    static const double values[CHANNELS * 4];
    static const int64_t lanes[CHANNELS] = {0, 1, 2};
    const void *data[CHANNELS] = {values, values, values};
    lmp_write_options how = {0};
    lmp_stream stream;
    lmp_error err = {0};
    lmp_writer writer = {0};
    lmp_budget *budget = NULL;
    lmp_status status = LMP_ERR_IO;
    int n_failed = -1;
    (void)state;
    make_stream(&stream, 4, 10);
    for (int nth = 1; status != LMP_OK; nth++, n_failed++) {
        assert_int_equal(io_empty(), 0);
        os_fault_inject(0, nth);
        status = write_csv("f.csv", &stream, values, 2, &err);
        os_fault_inject(0, 0);
        assert_true(status == LMP_OK || status == LMP_ERR_IO);
    }
    assert_int_equal(n_failed, 1 + 2);
    assert_int_equal(write_csv("f.csv", &stream, values, 2, &err), LMP_ERR_USAGE); /* it exists */
    assert_int_equal(io_empty(), 1);
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    assert_int_equal(lmp_io_csv.create(io_path("f.csv"), &stream, &how, false, &writer, &err), LMP_OK);
    assert_int_equal(writer.write(writer.state, 2, 2, CHANNELS, lanes, data, budget, &err), LMP_ERR_USAGE);
    assert_non_null(strstr(err.text, "row after row"));
    budget_fail_at(budget, 1);
    assert_int_equal(writer.write(writer.state, 0, 2, CHANNELS, lanes, data, budget, &err), LMP_ERR_MEMORY);
    writer.close(writer.state);
    budget_free(budget);
    how.type = LMP_FLOAT32;
    assert_int_equal(lmp_io_csv.create(io_path("f.csv"), &stream, &how, false, &writer, &err), LMP_ERR_USAGE);
    how.type = 0;
    stream.format.kind = LMP_MOVIE;
    assert_int_equal(lmp_io_csv.create(io_path("f.csv"), &stream, &how, false, &writer, &err), LMP_ERR_USAGE);
    stream.format.kind = LMP_SIGNALS;
    assert_int_equal(io_empty(), 0);
    stream_clear(&stream);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(writes_rows),
        TEST(writes_frames_of_a_movie),
        TEST(keeps_every_bit),
        TEST(fails_cleanly),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
