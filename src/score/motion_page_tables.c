/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_page_tables.c: the tables of a report on motion.
 */
#include "score/metrics.h"
#include "score/motion_page.h"
#include "score/report_parts.h"
#include "score/svg.h"

#include <stdlib.h>

enum { MOST_LISTED = 50 };

/* ---- Flagged frames ---- */

/* The sums that the step motion writes, in words; other flags as they are. */
static void write_flag_words(FILE *out, const char *flag)
{
    static const char *const words[] = {"at the limit of the search",  "blank", "matches badly", "saturated", "corrupt",
                                        "the same as the frame before"};
    enum { N_WORDS = sizeof words / sizeof *words };
    char *end;
    const long sum = strtol(flag, &end, 10);
    const char *between = "";
    html_text(out, flag);
    if (*end != '\0' || sum <= 0 || sum >= 1 << N_WORDS) return;
    fputs(" <span class=\"soft\">", out);
    for (int k = 0; k < N_WORDS; k++) {
        if ((sum >> k & 1) == 0) continue;
        fprintf(out, "%s%s", between, words[k]);
        between = ", ";
    }
    fputs("</span>", out);
}

static void flagged_row(FILE *out, const motion_series *shifts, int64_t i)
{
    fprintf(out, "<tr><td class=\"n\">%lld</td>", (long long)i);
    for (int a = 0; a < MOTION_AXES; a++) page_cell(out, shifts->px[a][i], 2);
    if (shifts->peak != NULL) page_cell(out, shifts->peak[i], 3);
    fputs("<td>", out);
    if (shifts->flags != NULL) write_flag_words(out, shifts->flags[i]);
    fputs("</td></tr>\n", out);
}

void motion_write_flagged(FILE *out, const motion_score *s)
{
    int64_t listed = 0;
    if (s->n_flagged == 0) return;
    fprintf(out,
            "<h3>Flagged frames</h3>\n<div class=\"scroll\"><table><thead><tr><th class=\"n\">frame</th>"
            "<th class=\"n\">dy<br><small>px</small></th><th class=\"n\">dx<br><small>px</small></th>%s"
            "<th>flag</th></tr></thead><tbody>\n",
            s->shifts.peak != NULL ? "<th class=\"n\">peak</th>" : "");
    for (int64_t i = 0; i < s->shifts.n && listed < MOST_LISTED; i++) {
        if (!s->shifts.is_flagged[i]) continue;
        flagged_row(out, &s->shifts, i);
        listed++;
    }
    fputs("</tbody></table></div>\n", out);
    fputs("<p class=\"soft\">Their shifts are not to be trusted; they count in none of the numbers of this page", out);
    if (s->n_flagged > listed)
        fprintf(out, ". The first %lld of %lld are listed", (long long)listed, (long long)s->n_flagged);
    fputs(".</p>\n", out);
}

/* ---- Before and after ---- */

static void number_row(FILE *out, const motion_score *s, const char *name, double before, double after, int decimals,
                       const char *meaning)
{
    if (!isfinite(before) && !isfinite(after)) return;
    fprintf(out, "<tr><th>%s</th>", name);
    if (s->before.is_known) page_cell(out, before, decimals);
    page_cell(out, after, decimals);
    if (s->before.is_known) page_cell(out, after / before, -1);
    fprintf(out, "<td class=\"soft\">%s</td></tr>\n", meaning);
}

static void residual_rows(FILE *out, const motion_score *s)
{
    const motion_residual *b = &s->before.residual, *a = &s->after.residual;
    const bool known = b->is_known;
    if (!a->is_known) return;
    number_row(out, s, "motion estimated anew, px", known ? b->rms_px : UNKNOWN, a->rms_px, 3,
               "RMS of the shifts that the step motion finds");
    number_row(out, s, "95 % of frames below, px", known ? b->p95_px : UNKNOWN, a->p95_px, 3, "");
    number_row(out, s, "largest, px", known ? b->max_px : UNKNOWN, a->max_px, 3, "");
}

void motion_write_numbers(FILE *out, const motion_score *s)
{
    const motion_side *b = &s->before, *a = &s->after;
    fputs("<h2>Sharpness in numbers</h2>\n<div class=\"scroll\"><table class=\"wide\"><thead><tr><th></th>", out);
    if (b->is_known) fputs("<th class=\"n\">before</th>", out);
    fprintf(out, "<th class=\"n\">%s</th>", b->is_known ? "after" : "movie");
    if (b->is_known) fputs("<th class=\"n\">ratio</th>", out);
    fputs("<th></th></tr></thead><tbody>\n", out);
    number_row(out, s, "crispness", b->sharpness.crispness, a->sharpness.crispness, -1,
               "norm of the mean image’s gradient; higher is better");
    number_row(out, s, "acutance", b->sharpness.acutance, a->sharpness.acutance, 4,
               "its mean length over the mean grey value; higher is better");
    number_row(out, s, "deviation of the mean image", b->sharpness.deviation, a->sharpness.deviation, -1,
               "standard deviation over the pixels");
    number_row(out, s, "correlation with the mean image", b->correlation_mean, a->correlation_mean, 4,
               "mean over the frames; higher is better");
    number_row(out, s, "least of it", b->correlation_least, a->correlation_least, 4, "the worst frame");
    number_row(out, s, "below in 5 % of the frames", b->correlation_p05, a->correlation_p05, 4, "");
    number_row(out, s, "local correlation", b->local_sharpness.mean, a->local_sharpness.mean, 4,
               "of a pixel with its 8 neighbours over time; motion alone raises it");
    number_row(out, s, "crispness of it", b->local_sharpness.crispness, a->local_sharpness.crispness, -1,
               "norm of its gradient");
    residual_rows(out, s);
    fprintf(out,
            "</tbody></table></div>\n<p class=\"soft\">Measured where pixels are valid in every frame that is not "
            "flagged: %lld rows from row %lld, %lld columns from column %lld of the corrected movie.</p>\n",
            (long long)a->region.height, (long long)a->region.top, (long long)a->region.width,
            (long long)a->region.left);
}

/* ---- Errors ---- */

static void error_row(FILE *out, const char *name, const error_spread *e, const axis_errors *axis)
{
    fprintf(out, "<tr><th>%s</th>", name);
    page_cell(out, e->mean_px, 4);
    page_cell(out, e->p95_px, 4);
    page_cell(out, e->max_px, 4);
    page_cell(out, e->rmse_px, 4);
    page_cell(out, axis != NULL ? axis->slope : UNKNOWN, 4);
    page_cell(out, axis != NULL ? axis->step_px : UNKNOWN, 4);
    fputs("</tr>\n", out);
}

void motion_write_errors(FILE *out, const motion_score *s)
{
    const motion_errors *e = &s->errors;
    fputs(
        "<div class=\"scroll\"><table class=\"wide\"><thead><tr><th></th><th class=\"n\">mean<br><small>px</small></th>"
        "<th class=\"n\">95 %<br><small>px</small></th><th class=\"n\">largest<br><small>px</small></th>"
        "<th class=\"n\">RMSE<br><small>px</small></th><th class=\"n\">slope</th>"
        "<th class=\"n\">step<br><small>px</small></th></tr></thead><tbody>\n",
        out);
    error_row(out, "distance", &e->by_mean, NULL);
    error_row(out, "dy", &e->axes[0].by_mean, &e->axes[0]);
    error_row(out, "dx", &e->axes[1].by_mean, &e->axes[1]);
    error_row(out, "distance, median removed", &e->by_median, NULL);
    if (s->n_flagged > 0) error_row(out, "distance, with flagged frames", &s->errors_of_all.by_mean, NULL);
    fputs("</tbody></table></div>\n<p class=\"soft\">Shift plus true displacement, without the constant that no "
          "estimate can know. Slope: of the shifts on the truth; below 1, something that stays with the sensor pulls "
          "them to zero. Step: standard deviation of the error’s change from a frame to the next.</p>\n",
          out);
}

/* ---- What is left ---- */

static void left_row(FILE *out, const local_pair *p)
{
    if (!p->is_known) return;
    fprintf(out, "<tr><th>%s</th><td class=\"n\">%lld</td>", p->by, (long long)p->n_frames);
    page_cell(out, p->apart_px, 2);
    page_cell(out, p->rigid_px, 3);
    page_cell(out, p->local_mean_px, 3);
    page_cell(out, p->local_max_px, 3);
    fprintf(out, "<td class=\"n\">%lld of %lld</td></tr>\n", (long long)p->n_used, (long long)p->n_blocks);
}

void motion_write_left(FILE *out, const motion_score *s)
{
    fputs("<div class=\"scroll\"><table class=\"wide\"><thead><tr><th>sorted by</th><th class=\"n\">frames<br>in each "
          "mean</th><th class=\"n\">shifts<br>apart<br><small>px</small></th><th class=\"n\">whole<br>image<br>"
          "<small>px</small></th><th class=\"n\">blocks,<br>mean<br><small>px</small></th><th class=\"n\">blocks,<br>"
          "largest<br><small>px</small></th><th class=\"n\">blocks with<br>structure</th></tr></thead><tbody>\n",
          out);
    for (int p = 0; p < LOCAL_PAIRS; p++) left_row(out, &s->local.pairs[p]);
    fputs("</tbody></table></div>\n", out);
}
