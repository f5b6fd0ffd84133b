/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_series.c: shifts and displacements from small files.
 */
#include "score/motion_series.h"

#include "core/convert.h"
#include "core/csv_file.h"
#include "core/path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static lmp_status make_room(motion_series *s, int64_t n, bool has_peak, lmp_error *err)
{
    s->n = n;
    for (int a = 0; a < MOTION_AXES; a++) s->px[a] = calloc((size_t)n + 1, sizeof *s->px[a]);
    s->is_flagged = calloc((size_t)n + 1, sizeof *s->is_flagged);
    if (has_peak) s->peak = calloc((size_t)n + 1, sizeof *s->peak);
    if (s->px[0] == NULL || s->px[1] == NULL || s->is_flagged == NULL || (has_peak && s->peak == NULL))
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the shifts of %lld frames",
                        (long long)n);
    return LMP_OK;
}

void motion_series_clear(motion_series *s)
{
    for (int a = 0; a < MOTION_AXES; a++) free(s->px[a]);
    free(s->peak);
    free(s->is_flagged);
    free(s->flags);
    free(s->words);
    *s = (motion_series){0};
}

int64_t motion_series_flagged(const motion_series *s)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s->n; i++) n += s->is_flagged[i];
    return n;
}

motion_reach motion_series_reach(const motion_series *s, bool with_flagged)
{
    motion_reach r = {0};
    for (int64_t i = 0; i < s->n; i++) {
        if (!isfinite(s->px[0][i]) || !isfinite(s->px[1][i]) || (s->is_flagged[i] && !with_flagged)) continue;
        r.down = fmax(r.down, s->px[0][i]);
        r.up = fmax(r.up, -s->px[0][i]);
        r.right = fmax(r.right, s->px[1][i]);
        r.left = fmax(r.left, -s->px[1][i]);
    }
    return r;
}

/* ---- Tables ---- */

static bool says_nothing(const char *flag)
{
    return flag[0] == '\0' || strcmp(flag, "0") == 0 || strcasecmp(flag, "ok") == 0 || strcasecmp(flag, "nan") == 0;
}

static lmp_status take_numbers(const csv_file *csv, int64_t column, double *values, const char *path, lmp_error *err)
{
    for (int64_t i = 0; i < csv->n_rows; i++)
        if (!csv_file_number(csv, i, column, &values[i]))
            return lmp_fail(err, LMP_ERR_INPUT, "%s, frame %lld: %s \"%s\" is no number", path, (long long)i,
                            csv->cells[column], csv_file_text(csv, i, column));
    return LMP_OK;
}

/* Keeps the text of the table for the words of the flags. */
static lmp_status take_flags(csv_file *csv, int64_t column, motion_series *s, lmp_error *err)
{
    s->flags = calloc((size_t)s->n + 1, sizeof *s->flags);
    if (s->flags == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the flags");
    for (int64_t i = 0; i < s->n; i++) {
        s->flags[i] = csv->cells[(i + 1) * csv->n_columns + column];
        s->is_flagged[i] = !says_nothing(s->flags[i]);
    }
    s->words = csv->text;
    csv->text = NULL;
    return LMP_OK;
}

static lmp_status from_table(csv_file *csv, const char *path, motion_series *s, lmp_error *err)
{
    const int64_t axes[MOTION_AXES] = {csv_file_column(csv, "dy_px"), csv_file_column(csv, "dx_px")};
    const int64_t peak = csv_file_column(csv, "peak"), flag = csv_file_column(csv, "flag");
    if (axes[0] < 0 || axes[1] < 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s has no column %s: its first line must name dy_px and dx_px", path,
                        axes[0] < 0 ? "dy_px" : "dx_px");
    if (csv->n_rows < 1) return lmp_fail(err, LMP_ERR_INPUT, "%s holds no frame below its column names", path);
    lmp_status status = make_room(s, csv->n_rows, peak >= 0, err);
    for (int a = 0; a < MOTION_AXES && status == LMP_OK; a++) status = take_numbers(csv, axes[a], s->px[a], path, err);
    if (status == LMP_OK && peak >= 0) status = take_numbers(csv, peak, s->peak, path, err);
    if (status == LMP_OK && flag >= 0) status = take_flags(csv, flag, s, err);
    for (int64_t i = 0; i < s->n && status == LMP_OK; i++)
        if (!isfinite(s->px[0][i]) || !isfinite(s->px[1][i])) s->is_flagged[i] = true;
    return status;
}

lmp_status motion_series_read_csv(const char *path, motion_series *made, lmp_error *err)
{
    csv_file csv = {0};
    motion_series s = {0};
    lmp_status status = csv_file_read(path, &csv, err);
    if (status == LMP_OK) status = from_table(&csv, path, &s, err);
    csv_file_clear(&csv);
    if (status == LMP_OK)
        *made = s;
    else
        motion_series_clear(&s);
    return status;
}

/* ---- Arrays ---- */

/* An array of frames x 2 opens as one image of that many rows, two pixels wide. */
static lmp_status from_image(lmp_recording *recording, const char *path, motion_series *s, lmp_error *err)
{
    const lmp_format *f = lmp_recording_get_format(recording);
    if (f->n_times != 1 || f->width != MOTION_AXES || f->n_colours != 1)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is %lld x %lld x %lld: it must be frames x 2, the displacement dy, dx",
                        path, (long long)f->n_times, (long long)f->height, (long long)f->width);
    const int64_t n = f->height;
    lmp_status status = make_room(s, n, false, err);
    void *stored = status == LMP_OK ? malloc((size_t)(MOTION_AXES * n) * lmp_type_bytes(f->type)) : NULL;
    double *pairs = status == LMP_OK ? calloc((size_t)(MOTION_AXES * n), sizeof *pairs) : NULL;
    if (status == LMP_OK && (stored == NULL || pairs == NULL))
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to read %s", path);
    if (status == LMP_OK) status = lmp_recording_read_frames(recording, 0, 1, stored, err);
    if (status == LMP_OK) (void)convert_values(f->type, stored, LMP_FLOAT64, pairs, MOTION_AXES * n);
    for (int64_t i = 0; i < n && status == LMP_OK; i++) {
        for (int a = 0; a < MOTION_AXES; a++) s->px[a][i] = pairs[i * MOTION_AXES + a];
        s->is_flagged[i] = !isfinite(s->px[0][i]) || !isfinite(s->px[1][i]);
    }
    free(stored);
    free(pairs);
    return status;
}

static lmp_status read_array(lmp_engine *engine, const char *path, motion_series *made, lmp_error *err)
{
    lmp_recording *recording = NULL;
    motion_series s = {0};
    const lmp_open_options options = {.struct_size = sizeof options, .kind = LMP_MOVIE};
    lmp_status status = lmp_recording_open(engine, path, &options, &recording, err);
    if (status == LMP_OK) status = from_image(recording, path, &s, err);
    lmp_recording_close(recording);
    if (status == LMP_OK)
        *made = s;
    else
        motion_series_clear(&s);
    return status;
}

lmp_status motion_series_read(lmp_engine *engine, const char *path, motion_series *made, lmp_error *err)
{
    return path_has_extension(path, "npy") ? read_array(engine, path, made, err)
                                           : motion_series_read_csv(path, made, err);
}
