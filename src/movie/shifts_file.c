/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shifts_file.c: shifts from tables and arrays.
 */
#include "movie/shifts_file.h"

#include "core/csv_file.h"
#include "movie/pixel_values.h"
#include "os/os.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SHOWN = 40 };

typedef enum axis { AXIS_Y, AXIS_X, N_AXES } axis;

static const char *const axis_names[N_AXES] = {"dy_px", "dx_px"};

typedef struct reading {
    const char *step, *path;
    const lmp_step_plan *plan;
    int64_t n_times;
    double *px[N_AXES];
    lmp_error *err;
} reading;

static lmp_status wrong_count(const reading *r, int64_t found)
{
    return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s holds %lld shifts, but the movie has %lld frames: give one for each",
                    r->step, r->path, (long long)found, (long long)r->n_times);
}

/* ---- Tables ---- */

/* -1 if there is none. */
static lmp_status find_column(const reading *r, const csv_file *csv, const char *name, int64_t *column)
{
    int64_t found = 0;
    for (int64_t i = 0; i < csv->n_columns; i++) found += strcasecmp(csv->cells[i], name) == 0;
    *column = csv_file_column(csv, name);
    if (found < 2) return LMP_OK;
    return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s has two columns %s: take one away", r->step, r->path, name);
}

static lmp_status find_axis(const reading *r, const csv_file *csv, axis a, int64_t *column)
{
    const lmp_status status = find_column(r, csv, axis_names[a], column);
    if (status != LMP_OK || *column >= 0) return status;
    return lmp_fail(r->err, LMP_ERR_INPUT,
                    "%s: line %lld of %s names no column %s: its first line must name the columns dy_px and dx_px",
                    r->step, (long long)csv->lines[0], r->path, axis_names[a]);
}

static lmp_status take_shift(const reading *r, const csv_file *csv, int64_t frame, axis a, int64_t column)
{
    double *to = &r->px[a][frame];
    if (csv_file_number(csv, frame, column, to) && fabs(*to) <= SHIFTS_FILE_MOST) return LMP_OK;
    return lmp_fail(r->err, LMP_ERR_INPUT,
                    "%s: line %lld of %s gives \"%.*s\" for %s: it must be a number of pixels within +-1e6", r->step,
                    (long long)csv->lines[frame + 1], r->path, MOST_SHOWN, csv_file_text(csv, frame, column),
                    axis_names[a]);
}

static lmp_status check_frame(const reading *r, const csv_file *csv, int64_t frame, int64_t column)
{
    double found;
    if (csv_file_number(csv, frame, column, &found) && found == (double)frame) return LMP_OK;
    return lmp_fail(r->err, LMP_ERR_INPUT,
                    "%s: line %lld of %s is of frame \"%.*s\", but frame %lld comes next: they must count from 0 "
                    "without holes",
                    r->step, (long long)csv->lines[frame + 1], r->path, MOST_SHOWN, csv_file_text(csv, frame, column),
                    (long long)frame);
}

static lmp_status take_table(const reading *r, const csv_file *csv)
{
    int64_t columns[N_AXES], numbers;
    lmp_status status = find_column(r, csv, "frame", &numbers);
    for (int a = 0; a < N_AXES && status == LMP_OK; a++) status = find_axis(r, csv, (axis)a, &columns[a]);
    for (int64_t i = 0; i < csv->n_rows && i < r->n_times && status == LMP_OK; i++) {
        if (numbers >= 0) status = check_frame(r, csv, i, numbers);
        for (int a = 0; a < N_AXES && status == LMP_OK; a++) status = take_shift(r, csv, i, (axis)a, columns[a]);
    }
    return status == LMP_OK && csv->n_rows != r->n_times ? wrong_count(r, csv->n_rows) : status;
}

static lmp_status read_table(const reading *r)
{
    csv_file csv = {0};
    lmp_status status = csv_file_read(r->path, &csv, r->err);
    if (status != LMP_OK) return status;
    status = take_table(r, &csv);
    csv_file_clear(&csv);
    return status;
}

/* ---- Arrays ---- */

static lmp_status check_shift(const reading *r, int64_t frame, axis a)
{
    const double value = r->px[a][frame];
    if (fabs(value) <= SHIFTS_FILE_MOST) return LMP_OK;
    return lmp_fail(r->err, LMP_ERR_INPUT,
                    "%s: row %lld of %s gives %g for %s: it must be a number of pixels within +-1e6", r->step,
                    (long long)frame, r->path, value, axis_names[a]);
}

static lmp_status take_array(const reading *r, lmp_recording *array)
{
    const lmp_format *f = lmp_recording_get_format(array);
    if (f->kind != LMP_MOVIE || f->n_times != 1 || f->width != 2 || f->n_colours != 1)
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s must be an array of n x 2 numbers: dy and dx of each frame",
                        r->step, r->path);
    if (f->height != r->n_times) return wrong_count(r, f->height);
    void *values = malloc((size_t)r->n_times * 2 * lmp_type_bytes(f->type));
    if (values == NULL) return lmp_fail(r->err, LMP_ERR_MEMORY, "the system has no memory left for %s", r->path);
    lmp_status status = lmp_recording_read_frames(array, 0, 1, values, r->err);
    for (int a = 0; a < N_AXES && status == LMP_OK; a++) {
        pixel_values_get(f->type, values, a, N_AXES, r->n_times, r->px[a]);
        for (int64_t i = 0; i < r->n_times && status == LMP_OK; i++) status = check_shift(r, i, (axis)a);
    }
    free(values);
    return status;
}

static lmp_status read_array(const reading *r)
{
    lmp_recording *array = NULL;
    lmp_status status = lmp_plan_open_recording(r->plan, r->path, &array, r->err);
    if (status != LMP_OK) return status;
    status = take_array(r, array);
    lmp_recording_close(array);
    return status;
}

/* ---- Files ---- */

static int read_magic(const char *path, char *magic, size_t size, size_t *got)
{
    os_file file;
    int failed = os_file_open_read(path, &file);
    if (failed != 0) return failed;
    failed = os_file_read(file, 0, magic, size, got);
    (void)os_file_close(file);
    return failed;
}

lmp_status shifts_file_read(const char *step, const char *path, const lmp_step_plan *plan, int64_t n_times, double *dy,
                            double *dx, lmp_error *err)
{
    static const char array[] = "\x93NUMPY";
    const reading r = {.step = step, .path = path, .plan = plan, .n_times = n_times, .px = {dy, dx}, .err = err};
    char magic[sizeof array - 1];
    size_t got = 0;
    os_file_info info;
    int failed = os_path_stat(path, &info);
    if (failed == 0 && !info.is_regular)
        return lmp_fail(err, LMP_ERR_INPUT, "%s: the shifts file %s must be a regular file", step, path);
    if (failed == 0) failed = read_magic(path, magic, sizeof magic, &got);
    if (failed != 0)
        return lmp_fail(err, LMP_ERR_IO, "%s: the shifts file %s cannot be read: %s", step, path, strerror(failed));
    const bool is_array = got == sizeof magic && memcmp(magic, array, sizeof magic) == 0;
    return is_array ? read_array(&r) : read_table(&r);
}
