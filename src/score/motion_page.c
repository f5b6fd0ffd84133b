/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_page.c: the sections of a report on motion below its head.
 */
#include "score/motion_page.h"

#include "score/motion_figures.h"
#include "score/provenance.h"
#include "score/report_parts.h"
#include "score/svg.h"

static void write_axis_key(FILE *out, const motion_score *s)
{
    fputs("<div class=\"key\">\n", out);
    page_key(out, "k-dy", "dy, downwards");
    page_key(out, "k-dx", "dx, to the right");
    if (s->n_flagged > 0) page_key(out, "k-flagged", "flagged frame");
    fputs("</div>\n", out);
}

static void write_shifts(FILE *out, const motion_score *s)
{
    if (!s->has_shifts) return;
    fputs("<h2>Shifts</h2>\n<figure>\n", out);
    motion_figure_shifts(out, s);
    write_axis_key(out, s);
    fputs("</figure>\n<figure>\n", out);
    motion_figure_path(out, s);
    fputs("<figcaption>A shift is the correction: where the content of a frame is moved, downwards and to the right "
          "positive.</figcaption></figure>\n",
          out);
    if (s->shifts.peak != NULL || s->n_flagged > 0) fputs("<h2>Quality of the match</h2>\n", out);
    if (s->shifts.peak != NULL) {
        fputs("<figure>\n", out);
        motion_figure_peak(out, s);
        fputs("<figcaption>Correlation of each frame with the template where it fits best; 1 is the same "
              "picture.</figcaption></figure>\n",
              out);
    }
    motion_write_flagged(out, s);
}

static void write_truth(FILE *out, const motion_score *s)
{
    if (!s->has_truth || s->errors.n == 0) return;
    fputs("<h2>Against the known truth</h2>\n<figure>\n", out);
    motion_figure_errors(out, s);
    write_axis_key(out, s);
    fputs("</figure>\n<figure>\n", out);
    motion_figure_scatter(out, s);
    fputs("</figure>\n", out);
    motion_write_errors(out, s);
}

static lmp_status write_images(FILE *out, const motion_score *s, lmp_error *err)
{
    fputs("<h2>Mean images</h2>\n", out);
    lmp_status status = motion_figure_images(out, s, false, err);
    fprintf(out,
            "<p class=\"soft\">%sIn the dashed line: the part that is valid in every frame, in which everything is "
            "measured.</p>\n<h2>Local correlation</h2>\n",
            s->before.is_known ? "Both have the same contrast. " : "");
    if (status == LMP_OK) status = motion_figure_images(out, s, true, err);
    fputs("<p class=\"soft\">Each pixel’s mean correlation over time with its neighbours. Once motion is gone, what "
          "lights up is what changes together: cells and vessels.</p>\n",
          out);
    return status;
}

static void write_correlation(FILE *out, const motion_score *s)
{
    fputs("<h2>Correlation with the mean image</h2>\n<figure>\n", out);
    motion_figure_correlation(out, s);
    fputs("<div class=\"key\">\n", out);
    if (s->before.is_known) page_key(out, "k-before", "before");
    page_key(out, "k-after", s->before.is_known ? "after" : "the movie");
    if (s->n_flagged > 0) page_key(out, "k-flagged", "flagged frame");
    fputs("</div></figure>\n", out);
}

static void write_local(FILE *out, const motion_score *s)
{
    if (!s->local.is_known) return;
    fputs("<h3>Part by part</h3>\n<p>The third of the frames that were moved least and the third that were "
          "moved most are averaged and registered against each other, as a whole and block by block. Near 0, the "
          "correction left nothing behind.</p>\n<figure>\n",
          out);
    motion_figure_local(out, s);
    fputs("<figcaption>From the middle of each block with structure enough to tell; magnified, with the scale "
          "below.</figcaption></figure>\n",
          out);
    motion_write_left(out, s);
}

static void write_left(FILE *out, const motion_score *s)
{
    if (!s->after.residual.is_known && !s->local.is_known) return;
    fputs("<h2>Motion that is left</h2>\n", out);
    if (s->after.residual.is_known) {
        fputs("<figure>\n", out);
        motion_figure_residual(out, s);
        write_axis_key(out, s);
        fputs("<figcaption>What the step motion finds in the corrected movie. Its own noise is in it: a few hundredths "
              "of a pixel are as good as none.</figcaption></figure>\n",
              out);
    }
    write_local(out, s);
}

static void movie_row(FILE *out, const char *what, const motion_movie *m)
{
    if (m->recording == NULL) return;
    fprintf(out, "<tr><th>%s</th><td class=\"path\">", what);
    html_text(out, lmp_recording_get_path(m->recording));
    fputs("</td><td>", out);
    html_text(out, lmp_recording_get_format_name(m->recording));
    fprintf(out, "</td><td class=\"n\">%lld</td><td class=\"n\">%lld × %lld</td></tr>\n", (long long)m->n_frames,
            (long long)m->height, (long long)m->width);
}

static void file_row(FILE *out, const char *what, const char *path, const motion_series *series)
{
    if (path == NULL) return;
    fprintf(out, "<tr><th>%s</th><td class=\"path\">", what);
    html_text(out, path);
    fprintf(out, "</td><td></td><td class=\"n\">%lld</td><td></td></tr>\n", (long long)series->n);
}

static void write_done(FILE *out, const motion_score *s)
{
    fputs("<h2>What was done</h2>\n", out);
    page_command(out, s->record);
    if (s->record == NULL)
        fputs("<p>There is no provenance record beside the corrected movie, so what was done to it is not "
              "known.</p>\n",
              out);
    page_steps(out, s->record);
    fputs("<h3>Files</h3>\n<div class=\"scroll\"><table class=\"wide\"><thead><tr><th></th><th>file</th><th>format</th>"
          "<th class=\"n\">frames</th><th class=\"n\">rows × columns</th></tr></thead><tbody>\n",
          out);
    movie_row(out, "before", &s->before.movie);
    movie_row(out, "after", &s->after.movie);
    file_row(out, "shifts", s->shifts_path, &s->shifts);
    file_row(out, "truth", s->truth_path, &s->truth);
    fputs("</tbody></table></div>\n", out);
    page_provenance(out, s->record);
}

lmp_status motion_write_body(FILE *out, const motion_score *s, lmp_error *err)
{
    lmp_status status = LMP_OK;
    if (s->after.is_known) {
        status = write_images(out, s, err);
        write_correlation(out, s);
    }
    write_shifts(out, s);
    write_truth(out, s);
    write_left(out, s);
    if (s->after.is_known) motion_write_numbers(out, s);
    write_done(out, s);
    page_footer(out);
    return status;
}
