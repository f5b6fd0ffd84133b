/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shifts_file.c: tables are read line by line in a piece of memory of fixed size.
 */
#include "movie/shifts_file.h"

#include "movie/pixel_values.h"
#include "os/os.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LINE = 4096, BUFFER = 1 << 16, MOST_SHOWN = 40 };

/* Columns that are looked at. */
enum { COLUMN_FRAME, COLUMN_DY, COLUMN_DX, N_COLUMNS };

static const char *const column_names[N_COLUMNS] = {"frame", "dy_px", "dx_px"};

typedef struct reading {
    const char *step, *path;
    os_file file;
    int64_t offset, line; /* line: counted from 1 */
    size_t used, filled;
    int64_t place[N_COLUMNS], n_columns; /* place: which column of the table, -1: none */
    lmp_error *err;
    char text[MOST_LINE]; /* the line */
    char buffer[BUFFER];
} reading;

/* ---- Lines ---- */

static lmp_status cannot(const reading *r, const char *what, int failed)
{
    return lmp_fail(r->err, LMP_ERR_IO, "%s: the shifts file %s cannot be %s: %s", r->step, r->path, what,
                    strerror(failed));
}

/* The next byte, -1 at the end; *failed: why not. */
static int next_byte(reading *r, int *failed)
{
    if (r->used == r->filled) {
        r->used = r->filled = 0;
        *failed = os_file_read(r->file, r->offset, r->buffer, BUFFER, &r->filled);
        if (*failed != 0 || r->filled == 0) return -1;
        r->offset += (int64_t)r->filled;
    }
    return (unsigned char)r->buffer[r->used++];
}

/* The next line that holds anything, without its end. *found: false at the end of the file. */
static lmp_status next_line(reading *r, bool *found)
{
    for (;;) {
        size_t size = 0;
        int failed = 0, byte;
        r->line++;
        while ((byte = next_byte(r, &failed)) >= 0 && byte != '\n') {
            if (byte == '\0' || size == MOST_LINE - 1)
                return lmp_fail(r->err, LMP_ERR_INPUT,
                                "%s: line %lld of %s is no line of a table: give CSV with the columns dy_px and dx_px, "
                                "or .npy of n x 2 numbers",
                                r->step, (long long)r->line, r->path);
            r->text[size++] = (char)byte;
        }
        if (failed != 0) return cannot(r, "read", failed);
        r->text[size] = '\0';
        *found = strspn(r->text, " \t\r") < size;
        if (*found || byte < 0) return LMP_OK;
    }
}

/* Cuts the next field out of a line, without blanks and quotes around it; NULL: none is left. */
static char *next_field(char **rest)
{
    char *field = *rest;
    if (field == NULL) return NULL;
    field += strspn(field, " \t");
    char *end = field;
    if (*field == '"' && strchr(field + 1, '"') != NULL) end = strchr(field + 1, '"');
    end += strcspn(end, ",");
    *rest = *end == ',' ? end + 1 : NULL;
    while (end > field && strchr(" \t\r", end[-1]) != NULL) end--;
    if (end - field >= 2 && *field == '"' && end[-1] == '"') {
        field++;
        end--;
    }
    *end = '\0';
    return field;
}

/* ---- The header ---- */

static lmp_status take_name(reading *r, const char *name)
{
    for (int k = 0; k < N_COLUMNS; k++) {
        if (strcmp(name, column_names[k]) != 0) continue;
        if (r->place[k] >= 0)
            return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s has two columns %s: take one away", r->step, r->path, name);
        r->place[k] = r->n_columns;
    }
    r->n_columns++;
    return LMP_OK;
}

static lmp_status read_header(reading *r)
{
    bool found;
    lmp_status status = next_line(r, &found);
    if (status == LMP_OK && !found)
        status = lmp_fail(r->err, LMP_ERR_INPUT, "%s: the shifts file %s is empty", r->step, r->path);
    char *rest = r->text;
    if (status == LMP_OK && strncmp(rest, "\xef\xbb\xbf", 3) == 0) rest += 3;
    for (const char *name; status == LMP_OK && (name = next_field(&rest)) != NULL;) status = take_name(r, name);
    for (int k = COLUMN_DY; status == LMP_OK && k < N_COLUMNS; k++)
        if (r->place[k] < 0)
            status = lmp_fail(r->err, LMP_ERR_INPUT,
                              "%s: line %lld of %s names no column %s: its first line must name the columns dy_px and "
                              "dx_px",
                              r->step, (long long)r->line, r->path, column_names[k]);
    return status;
}

/* ---- Rows ---- */

static lmp_status take_shift(const reading *r, int column, const char *text, double *to)
{
    char *end = NULL;
    const bool plain = text[0] != '\0' && text[strspn(text, "+-.0123456789eE")] == '\0';
    *to = plain ? strtod(text, &end) : (double)NAN;
    if (plain && *end == '\0' && fabs(*to) <= SHIFTS_FILE_MOST) return LMP_OK;
    return lmp_fail(r->err, LMP_ERR_INPUT,
                    "%s: line %lld of %s gives \"%.*s\" for %s: it must be a number of pixels within +-1e6", r->step,
                    (long long)r->line, r->path, MOST_SHOWN, text, column_names[column]);
}

static lmp_status check_frame(const reading *r, const char *text, int64_t expected)
{
    char *end;
    const long long frame = strtoll(text, &end, 10);
    if (text[0] != '\0' && *end == '\0' && frame == expected) return LMP_OK;
    return lmp_fail(r->err, LMP_ERR_INPUT,
                    "%s: line %lld of %s is of frame \"%.*s\", but frame %lld comes next: they must count from 0 "
                    "without holes",
                    r->step, (long long)r->line, r->path, MOST_SHOWN, text, (long long)expected);
}

static lmp_status take_row(reading *r, int64_t frame, double *dy, double *dx)
{
    char *rest = r->text;
    int64_t n = 0;
    lmp_status status = LMP_OK;
    for (const char *field; status == LMP_OK && (field = next_field(&rest)) != NULL; n++) {
        if (n == r->place[COLUMN_DY]) status = take_shift(r, COLUMN_DY, field, dy);
        if (n == r->place[COLUMN_DX]) status = take_shift(r, COLUMN_DX, field, dx);
        if (n == r->place[COLUMN_FRAME]) status = check_frame(r, field, frame);
    }
    if (status != LMP_OK || n == r->n_columns) return status;
    return lmp_fail(r->err, LMP_ERR_INPUT, "%s: line %lld of %s has %lld columns, but the first line has %lld", r->step,
                    (long long)r->line, r->path, (long long)n, (long long)r->n_columns);
}

static lmp_status wrong_count(const reading *r, int64_t found, int64_t n_times)
{
    return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s holds %lld shifts, but the movie has %lld frames: give one for each",
                    r->step, r->path, (long long)found, (long long)n_times);
}

static lmp_status read_table(reading *r, int64_t n_times, double *dy, double *dx)
{
    int64_t n = 0;
    bool found = false;
    lmp_status status = read_header(r);
    if (status == LMP_OK) status = next_line(r, &found);
    for (; status == LMP_OK && found; n++) {
        if (n < n_times) status = take_row(r, n, &dy[n], &dx[n]);
        if (status == LMP_OK) status = next_line(r, &found);
    }
    return status == LMP_OK && n != n_times ? wrong_count(r, n, n_times) : status;
}

/* ---- Arrays ---- */

static lmp_status check_shift(const reading *r, int64_t frame, int column, double value)
{
    if (fabs(value) <= SHIFTS_FILE_MOST) return LMP_OK;
    return lmp_fail(r->err, LMP_ERR_INPUT,
                    "%s: row %lld of %s gives %g for %s: it must be a number of pixels within +-1e6", r->step,
                    (long long)frame, r->path, value, column_names[column]);
}

static lmp_status take_array(const reading *r, lmp_recording *array, int64_t n_times, double *dy, double *dx)
{
    const lmp_format *f = lmp_recording_get_format(array);
    if (f->kind != LMP_MOVIE || f->n_times != 1 || f->width != 2 || f->n_colours != 1)
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: %s must be an array of n x 2 numbers: dy and dx of each frame",
                        r->step, r->path);
    if (f->height != n_times) return wrong_count(r, f->height, n_times);
    void *values = malloc((size_t)n_times * 2 * lmp_type_bytes(f->type));
    if (values == NULL) return lmp_fail(r->err, LMP_ERR_MEMORY, "the system has no memory left for %s", r->path);
    lmp_status status = lmp_recording_read_frames(array, 0, 1, values, r->err);
    if (status == LMP_OK) {
        pixel_values_get(f->type, values, 0, 2, n_times, dy);
        pixel_values_get(f->type, values, 1, 2, n_times, dx);
    }
    free(values);
    for (int64_t i = 0; i < n_times && status == LMP_OK; i++) {
        status = check_shift(r, i, COLUMN_DY, dy[i]);
        if (status == LMP_OK) status = check_shift(r, i, COLUMN_DX, dx[i]);
    }
    return status;
}

static lmp_status read_array(const reading *r, const lmp_step_plan *plan, int64_t n_times, double *dy, double *dx)
{
    lmp_recording *array = NULL;
    lmp_status status = lmp_plan_open_recording(plan, r->path, &array, r->err);
    if (status != LMP_OK) return status;
    status = take_array(r, array, n_times, dy, dx);
    lmp_recording_close(array);
    return status;
}

/* ---- Files ---- */

static lmp_status read_file(reading *r, const lmp_step_plan *plan, int64_t n_times, double *dy, double *dx)
{
    static const char array[] = "\x93NUMPY";
    char magic[sizeof array - 1];
    os_file_info info;
    size_t got;
    int failed = os_file_stat(r->file, &info);
    if (failed == 0 && !info.is_regular)
        return lmp_fail(r->err, LMP_ERR_INPUT, "%s: the shifts file %s must be a regular file", r->step, r->path);
    if (failed == 0) failed = os_file_read(r->file, 0, magic, sizeof magic, &got);
    if (failed != 0) return cannot(r, "read", failed);
    if (got == sizeof magic && memcmp(magic, array, sizeof magic) == 0) return read_array(r, plan, n_times, dy, dx);
    return read_table(r, n_times, dy, dx);
}

lmp_status shifts_file_read(const char *step, const char *path, const lmp_step_plan *plan, int64_t n_times, double *dy,
                            double *dx, lmp_error *err)
{
    reading *r = calloc(1, sizeof *r);
    if (r == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    r->step = step;
    r->path = path;
    r->err = err;
    for (int k = 0; k < N_COLUMNS; k++) r->place[k] = -1;
    const int failed = os_file_open_read(path, &r->file);
    lmp_status status = LMP_OK;
    if (failed != 0) {
        status = cannot(r, "opened", failed);
    } else {
        status = read_file(r, plan, n_times, dy, dx);
        (void)os_file_close(r->file);
    }
    free(r);
    return status;
}
