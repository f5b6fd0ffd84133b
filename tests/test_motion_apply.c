/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion-apply and the files of shifts it reads: every mistake in them, borders, the record, memory.
 */
#include "frame_expect.h"
#include "temporary.h"

#include <stdio.h>
#include <unistd.h>

#include "movie/shifts_file.h"

extern const lmp_step lmp_step_motion_apply;

static char path[TEMPORARY_ROOM];

static int make_file(void **state)
{
    (void)state;
    const int file = mkstemp(temporary_name(path, "limpid-shifts-XXXXXX"));
    return file < 0 || close(file) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void put(const char *text, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Settings with a file of that text; lives until the next call. */
static const char *with(const char *settings, const char *text)
{
    static char all[TEMPORARY_ROOM + 100];
    put(text, strlen(text));
    snprintf(all, sizeof all, "shifts=%s %s", path, settings);
    return all;
}

/* ---- Files ---- */

static void tables_are_read_whatever_their_order(void **state)
{
    static const char *const texts[] = {
        "frame,dy_px,dx_px,peak,flag\n0,1.5,-2,0.9,0\n1,0,3e-1,0.8,1\n2,-1000000,0,,\n",
        "dx_px,dy_px\n-2,1.5\n.3,0\n0,-1e6",
        "\xef\xbb\xbf\"flag\", \"dy_px\" ,frame , \"dx_px\"\r\n\"a, \"\"b\"\"\", 1.5 ,0,\"-2\"\r\n,+0,1,0.3\r\n\r\n , "
        "-1E6, 2 "
        ", "
        "0\r\n\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double dy[3], dx[3];
        lmp_error err = {0};
        put(texts[i], strlen(texts[i]));
        if (shifts_file_read("test", path, NULL, 3, dy, dx, &err) != LMP_OK) fail_msg("%s", err.text);
        assert_true(dy[0] == 1.5 && dx[0] == -2 && dy[1] == 0 && dx[1] == 0.3 && dy[2] == -1e6 && dx[2] == 0);
    }
}

/* In the sentence, @ stands for the path. */
static void refuse(const char *text, size_t size, const char *sentence)
{
    double dy[2], dx[2];
    lmp_error err = {0};
    char expected[600];
    put(text, size);
    assert_int_equal(shifts_file_read("test", path, NULL, 2, dy, dx, &err), LMP_ERR_INPUT);
    const char *at = strchr(sentence, '@');
    snprintf(expected, sizeof expected, "%.*s%s%s", (int)(at - sentence), sentence, path, at + 1);
    assert_string_equal(err.text, expected);
}

#define REFUSE(text, sentence) refuse(text, sizeof(text) - 1, "test: " sentence)

static void mistakes_are_named(void **state)
{
    (void)state;
    refuse("", 0, "@ is empty: it needs a line of column names");
    refuse("\n \n", 3, "@ is empty: it needs a line of column names");
    REFUSE("frame,dy_px\n0,1\n1,2\n",
           "line 1 of @ names no column dx_px: its first line must name the columns dy_px and dx_px");
    REFUSE("1,2\n3,4\n", "line 1 of @ names no column dy_px: its first line must name the columns dy_px and dx_px");
    REFUSE("dy_px,dx_px,dy_px\n", "@ has two columns dy_px: take one away");
    REFUSE("dy_px,dx_px\n1,2\n", "@ holds 1 shifts, but the movie has 2 frames: give one for each");
    REFUSE("dy_px,dx_px\n1,2\n1,2\n1,2\n\n", "@ holds 3 shifts, but the movie has 2 frames: give one for each");
    refuse("dy_px,dx_px\n1,2\n1\n", 18, "@, line 3: 1 fields instead of 2");
    refuse("dy_px,dx_px\n1,2,3\n1,2\n", 22, "@, line 2: 3 fields instead of 2");
    refuse("dy_px,dx_px\n\"1,2\n1,2\n", 21, "@, line 2: 1 fields instead of 2");
    REFUSE("dy_px,dx_px\n\n1,two\n", "line 3 of @ gives \"two\" for dx_px: it must be a number of pixels within +-1e6");
    REFUSE("dy_px,dx_px\n,2\n", "line 2 of @ gives \"\" for dy_px: it must be a number of pixels within +-1e6");
    REFUSE("dy_px,dx_px\nnan,2\n", "line 2 of @ gives \"nan\" for dy_px: it must be a number of pixels within +-1e6");
    REFUSE("dy_px,dx_px\n1,-inf\n", "line 2 of @ gives \"-inf\" for dx_px: it must be a number of pixels within +-1e6");
    REFUSE("dy_px,dx_px\n1,0x10\n", "line 2 of @ gives \"0x10\" for dx_px: it must be a number of pixels within +-1e6");
    REFUSE("dy_px,dx_px\n1,1e999\n",
           "line 2 of @ gives \"1e999\" for dx_px: it must be a number of pixels within +-1e6");
    REFUSE("dy_px,dx_px\n1,1e-\n", "line 2 of @ gives \"1e-\" for dx_px: it must be a number of pixels within +-1e6");
    REFUSE("dy_px,dx_px\n1000000.5,0\n",
           "line 2 of @ gives \"1000000.5\" for dy_px: it must be a number of pixels within +-1e6");
    REFUSE("frame,dy_px,dx_px\n1,0,0\n2,0,0\n",
           "line 2 of @ is of frame \"1\", but frame 0 comes next: they must count from 0 without holes");
    REFUSE("frame,dy_px,dx_px\n0,0,0\n,0,0\n",
           "line 3 of @ is of frame \"\", but frame 1 comes next: they must count from 0 without holes");
    refuse("dy_px,dx_px\n1,\0 2\n", 18, "@ is no table: it holds bytes that are no text");
}

static void files_that_cannot_be_read(void **state)
{
    double dy[1], dx[1];
    lmp_error err = {0};
    (void)state;
    assert_int_equal(shifts_file_read("test", "/no/such/file.csv", NULL, 1, dy, dx, &err), LMP_ERR_IO);
    assert_non_null(strstr(err.text, "test: the shifts file /no/such/file.csv cannot be read"));
    assert_int_equal(shifts_file_read("test", ".", NULL, 1, dy, dx, &err), LMP_ERR_INPUT);
    assert_string_equal(err.text, "test: the shifts file . must be a regular file");
}

static void long_tables(void **state)
{
    enum { N = 20000 };
    static double dy[N], dx[N];
    lmp_error err = {0};
    FILE *file = fopen(path, "w");
    (void)state;
    assert_non_null(file);
    fputs("frame,dy_px,dx_px\n", file);
    for (int i = 0; i < N; i++) fprintf(file, "%d,%.9g,%.9g\n", i, i / 7.0, -i / 3.0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(shifts_file_read("test", path, NULL, N, dy, dx, &err), LMP_OK);
    for (int i = 0; i < N; i++) assert_true(fabs(dy[i] - i / 7.0) < 1e-4 && fabs(dx[i] + i / 3.0) < 1e-4);
}

/* ---- The step ---- */

static void frames_move_by_their_own_shift(void **state)
{
    (void)state;
    drive_movie in =
        movie_of(LMP_UINT8, 3, 2, 3, 1, (const double[]){1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60});
    const char *const table = "dy_px,dx_px\n0,0\n-1,1\n0,0.25\n";
    expect(&lmp_step_motion_apply, with("fill=9", table), &in, LMP_UINT8, 18,
           (const double[]){1, 2, 3, 4, 5, 6, 9, 4, 5, 9, 9, 9, 9, 18, 28, 9, 48, 58});
    expect(&lmp_step_motion_apply, with("border=crop", table), &in, LMP_UINT8, 6, (const double[]){2, 3, 4, 5, 18, 28});
    expect_record(&lmp_step_motion_apply, with("", table), &in,
                  "\"largest_dx_px\":1,\"largest_dy_px\":1,\"valid_height\":1,\"valid_width\":2,\"valid_x\":1,"
                  "\"valid_y\":0");
    drive_movie_all_faults(&lmp_step_motion_apply, with("", table), &in);
    drive_movie_all_faults(&lmp_step_motion_apply, with("interpolation=fourier border=crop", table), &in);
    drive_movie_free(&in);
}

static void colours_and_fill(void **state)
{
    (void)state;
    drive_movie in = movie_of(LMP_FLOAT32, 1, 1, 3, 3, (const double[]){1, 2, 3, 5, 6, 7, 9, 8, 7});
    const double none = (double)NAN;
    expect(&lmp_step_motion_apply, with("fill=auto", "dy_px,dx_px\n0,0.5\n"), &in, LMP_FLOAT32, 9,
           (const double[]){none, none, none, 3, 4, 5, 7, 7, 7});
    drive_movie_free(&in);
    in = movie_of(LMP_INT8, 1, 1, 2, 1, (const double[]){-128, 127});
    expect(&lmp_step_motion_apply, with("fill=auto", "dy_px,dx_px\n0,0.5\n"), &in, LMP_INT8, 2, (const double[]){0, 0});
    expect_refusal(&lmp_step_motion_apply, with("fill=128", "dy_px,dx_px\n0,0.5\n"), &in, "from -128 to 127");
    drive_movie_free(&in);
}

static void refusals(void **state)
{
    (void)state;
    drive_movie in = ramp(LMP_UINT16, 2, 4, 5, 1);
    expect_refusal(&lmp_step_motion_apply, with("border=crop", "dy_px,dx_px\n0,3\n0,-2.5\n"), &in,
                   "motion-apply: no pixel is valid in all frames");
    expect_refusal(&lmp_step_motion_apply, with("", "dy_px,dx_px\n0,3\n"), &in, "holds 1 shifts, but the movie has 2");
    expect_refusal(&lmp_step_motion_apply, "shifts=/no/such.csv", &in, "cannot be read");
    drive_movie_free(&in);
    in = ramp(LMP_UINT8, 1, 1, 32737, 1);
    expect_refusal(&lmp_step_motion_apply, with("interpolation=fourier", "dy_px,dx_px\n0,3\n"), &in,
                   "up to 32736 pixels a side, but these are 32737 x 1");
    drive_movie_free(&in);
    in = ramp(LMP_UINT8, 1, 1, 32736, 1);
    const char *setting = with("interpolation=fourier", "dy_px,dx_px\n0,3\n");
    assert_string_equal(drive_movie_refusal(&lmp_step_motion_apply, setting, &in), "");
    drive_movie_free(&in);
}

/* Every method with every cut into blocks, on sizes that fill registers and do not. */
static void cuts_do_not_matter(void **state)
{
    static const char *const settings[] = {"", "interpolation=bicubic", "interpolation=fourier",
                                           "interpolation=bicubic border=crop"};
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        for (int k = 0; k < 3; k++) {
            const lmp_type type = (const lmp_type[]){LMP_UINT8, LMP_UINT16, LMP_FLOAT64}[k];
            drive_movie in = ramp(type, 9, 13, 71, 1), out;
            drive_movie_all_cuts(&lmp_step_motion_apply,
                                 with(settings[i], "dy_px,dx_px\n0,0\n1,2\n.5,.5\n-3,.1\n2.2,-2.7\n0,.5\n.5,0\n1,1\n2,"
                                                   "2\n"),
                                 &in, &out);
            assert_int_equal(out.type, type);
            drive_movie_free(&out);
            drive_movie_free(&in);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_read_whatever_their_order),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(long_tables),
        cmocka_unit_test(frames_move_by_their_own_shift),
        cmocka_unit_test(colours_and_fill),
        cmocka_unit_test(refusals),
        cmocka_unit_test(cuts_do_not_matter),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
