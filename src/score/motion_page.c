/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_page.c: the sections of a report on motion below its head.
 */
#include "score/motion_page.h"

#include "score/motion_figures.h"
#include "score/report_parts.h"

static void soft(report_data *d, const char *text)
{
    data_text(d, "soft");
    say(d, "%s", text);
}

static void tell_shifts(report_data *d, const motion_score *s)
{
    if (!s->has_shifts) return;
    data_heading(d, 2, "Shifts");
    motion_figure_shifts(d, s);
    motion_figure_path(d, s);
    soft(d, "A shift is the correction: where the content of a frame is moved, downwards and to the right positive.");
    if (s->shifts.peak != NULL || s->n_flagged > 0) data_heading(d, 2, "Quality of the match");
    if (s->shifts.peak != NULL) {
        motion_figure_peak(d, s);
        soft(d, "Correlation of each frame with the template where it fits best; 1 is the same picture.");
    }
    motion_tell_flagged(d, s);
}

static void tell_truth(report_data *d, const motion_score *s)
{
    if (!s->has_truth || s->errors.n == 0) return;
    data_heading(d, 2, "Against the known truth");
    motion_figure_errors(d, s);
    motion_figure_scatter(d, s);
    motion_tell_errors(d, s);
}

static lmp_status tell_images(report_data *d, const motion_score *s, lmp_error *err)
{
    data_heading(d, 2, "Mean images");
    lmp_status status = motion_figure_images(d, s, false, err);
    data_text(d, "soft");
    say(d, "%sIn the dashed line: the part that is valid in every frame, in which everything is measured.",
        s->before.is_known ? "Both have the same contrast. " : "");
    data_heading(d, 2, "Local correlation");
    if (status == LMP_OK) status = motion_figure_images(d, s, true, err);
    soft(d, "Each pixel’s mean correlation over time with its neighbours. Once motion is gone, what lights up is what "
            "changes together: cells and vessels.");
    return status;
}

static void tell_local(report_data *d, const motion_score *s)
{
    if (!s->local.is_known) return;
    data_heading(d, 3, "Part by part");
    data_text(d, "");
    say(d, "The third of the frames that were moved least and the third that were moved most are averaged and "
           "registered against each other, as a whole and block by block. Near 0, the correction left nothing behind.");
    motion_figure_local(d, s);
    soft(d, "From the middle of each block with structure enough to tell; magnified, with the scale below.");
    motion_tell_left(d, s);
}

static void tell_left(report_data *d, const motion_score *s)
{
    if (!s->after.residual.is_known && !s->local.is_known) return;
    data_heading(d, 2, "Motion that is left");
    if (s->after.residual.is_known) {
        motion_figure_residual(d, s);
        soft(d,
             "What the step motion finds in the corrected movie. Its own noise is in it: a few hundredths of a pixel "
             "are as good as none.");
    }
    tell_local(d, s);
}

/* ---- What was done ---- */

static void add_movie(json_t *t, const char *what, const motion_movie *m)
{
    if (m->recording == NULL) return;
    json_t *row = table_row(t);
    row_text(row, "%s", what);
    row_text(row, "%s", lmp_recording_get_path(m->recording));
    row_text(row, "%s", lmp_recording_get_format_name(m->recording));
    row_number(row, (double)m->n_frames);
    row_number(row, (double)m->height);
    row_number(row, (double)m->width);
}

static void add_file(json_t *t, const char *what, const char *path, const motion_series *series)
{
    if (path == NULL) return;
    json_t *row = table_row(t);
    row_text(row, "%s", what);
    row_text(row, "%s", path);
    row_text(row, "%s", "");
    row_number(row, (double)series->n);
    for (int i = 0; i < 2; i++) row_text(row, "%s", "");
}

static void tell_files(report_data *d, const motion_score *s)
{
    json_t *t = data_table(d, "Files");
    table_column(t, "", "", COLUMN_TEXT);
    table_column(t, "file", "", COLUMN_TEXT);
    table_column(t, "format", "", COLUMN_TEXT);
    table_column(t, "frames", "", 0);
    table_column(t, "rows", "", 0);
    table_column(t, "columns", "", 0);
    add_movie(t, "before", &s->before.movie);
    add_movie(t, "after", &s->after.movie);
    add_file(t, "shifts", s->shifts_path, &s->shifts);
    add_file(t, "truth", s->truth_path, &s->truth);
}

static void tell_done(report_data *d, const motion_score *s)
{
    data_heading(d, 2, "What was done");
    report_command(d, s->record);
    if (s->record == NULL) {
        data_text(d, "");
        say(d, "There is no provenance record beside the corrected movie, so what was done to it is not known.");
    }
    report_steps(d, s->record);
    tell_files(d, s);
    report_provenance(d, s->record);
}

lmp_status motion_tell_body(report_data *d, const motion_score *s, lmp_error *err)
{
    lmp_status status = LMP_OK;
    if (s->after.is_known) {
        status = tell_images(d, s, err);
        data_heading(d, 2, "Correlation with the mean image");
        motion_figure_correlation(d, s);
    }
    tell_shifts(d, s);
    tell_truth(d, s);
    tell_left(d, s);
    if (s->after.is_known) motion_tell_numbers(d, s);
    tell_done(d, s);
    return status;
}
