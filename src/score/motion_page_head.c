/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_page_head.c: the top of a report on motion: what was found in a sentence, in numbers, and what to beware of.
 */
#include "score/metrics.h"
#include "score/motion_page.h"
#include "score/provenance.h"
#include "score/report_parts.h"
#include "score/svg.h"

/* What a user should look at before going on. */
#define MOST_RESIDUAL_PX 0.25
#define MOST_LOCAL_PX    0.5
#define MOST_FLAGGED     0.02
#define MOST_SLOPE       0.02

const char *motion_page_title(const motion_score *s)
{
    return page_name_of(s->after_path != NULL ? s->after_path : s->shifts_path);
}

/* ---- The verdict ---- */

/* The axis whose slope is farther from 1. */
static double odd_slope(const motion_errors *e)
{
    const double y = e->axes[0].slope, x = e->axes[1].slope;
    return isnan(x) || fabs(y - 1) >= fabs(x - 1) ? y : x;
}

static bool is_held_back(const motion_score *s)
{
    return s->has_truth && fabs(odd_slope(&s->errors) - 1) > MOST_SLOPE;
}

static bool wants_a_look(const motion_score *s)
{
    return is_held_back(s) || (double)s->n_flagged > MOST_FLAGGED * (double)s->n_frames ||
           s->after.residual.p95_px > MOST_RESIDUAL_PX || s->local.local_px > MOST_LOCAL_PX ||
           s->after.sharpness.crispness < s->before.sharpness.crispness;
}

static void tell_errors(FILE *out, const motion_score *s)
{
    const motion_errors *e = &s->errors;
    if (!s->has_truth || e->n == 0) return;
    fputs("Against the known truth the shifts are off by <b>", out);
    html_number(out, e->by_mean.mean_px, 3);
    fputs(" px</b> on average and ", out);
    html_number(out, e->by_mean.max_px, 2);
    fputs(" px at most. ", out);
    if (!is_held_back(s)) return;
    fputs("They follow the truth with a slope of ", out);
    html_number(out, odd_slope(e), 3);
    fputs(odd_slope(e) < 1 ? ": something that does not move with the tissue holds them back. "
                           : ": they are larger than they should be. ",
          out);
}

static void tell_images(FILE *out, const motion_score *s)
{
    const double ratio = s->after.sharpness.crispness / s->before.sharpness.crispness;
    if (!s->before.is_known || !s->after.is_known) return;
    fputs("The mean image is <b>", out);
    html_number(out, ratio, 2);
    fputs(" times</b> as crisp as before, and a frame’s correlation with it is ", out);
    html_number(out, s->after.correlation_mean, 3);
    fputs(" instead of ", out);
    html_number(out, s->before.correlation_mean, 3);
    fputs(". ", out);
}

static void tell_left(FILE *out, const motion_score *s)
{
    if (s->after.residual.is_known) {
        fputs("Estimated anew, ", out);
        html_number(out, s->after.residual.rms_px, 3);
        fputs(" px RMS of motion are left", out);
        if (s->before.residual.is_known) {
            fputs(" of ", out);
            html_number(out, s->before.residual.rms_px, 2);
            fputs(" px", out);
        }
        fputs(". ", out);
    }
    if (!s->local.is_known || isnan(s->local.local_px)) return;
    fputs("Between frames that were moved least and most, the worst part of the image differs by ", out);
    html_number(out, s->local.local_px, 2);
    fputs(" px. ", out);
}

static void write_verdict(FILE *out, const motion_score *s)
{
    fprintf(out, "<p class=\"verdict%s\">", wants_a_look(s) ? " look" : "");
    tell_errors(out, s);
    tell_images(out, s);
    tell_left(out, s);
    if (s->has_shifts)
        fprintf(out, "%lld of %lld frames are flagged.", (long long)s->n_flagged, (long long)s->n_frames);
    fputs("</p>\n", out);
}

/* ---- Tiles ---- */

static void write_tiles(FILE *out, const motion_score *s)
{
    fputs("<div class=\"tiles\">\n", out);
    if (s->has_truth && s->errors.n > 0) {
        page_tile(out, s->errors.by_mean.mean_px, 3, "px", "mean error against the truth");
        page_tile(out, s->errors.by_mean.max_px, 3, "px", "largest error against the truth");
        page_tile(out, odd_slope(&s->errors), 3, "", "slope of the shifts on the truth; 1 is ideal");
    }
    if (s->has_shifts) {
        const motion_reach r = motion_series_reach(&s->shifts, false);
        page_tile(out, fmax(r.down + r.up, r.left + r.right), 1, "px", "of motion from end to end");
        page_tile(out, (double)s->n_flagged, 0, "", "frames flagged");
    }
    if (s->before.is_known)
        page_tile(out, s->after.sharpness.crispness / s->before.sharpness.crispness, 2, "×",
                  "crispness of the mean image, after over before");
    if (s->after.is_known)
        page_tile(out, s->after.correlation_mean, 3, "", "correlation of a frame with the mean image");
    page_tile(out, s->after.residual.is_known ? s->after.residual.rms_px : UNKNOWN, 3, "px",
              "RMS of motion estimated anew");
    page_tile(out, s->local.is_known ? s->local.local_px : UNKNOWN, 2, "px", "left in the worst part of the image");
    fputs("</div>\n", out);
}

static void write_warnings(FILE *out, const motion_score *s)
{
    const json_t *of_run = json_object_get(s->record, "warnings");
    if (json_array_size(of_run) + json_array_size(s->warnings) == 0) return;
    fputs("<div class=\"warnings\"><b>To know before using it</b><ul>\n", out);
    page_warning_items(out, of_run);
    page_warning_items(out, s->warnings);
    fputs("</ul></div>\n", out);
}

void motion_write_head(FILE *out, const motion_score *s)
{
    const char *written = provenance_text(s->record, "written");
    fputs("<header>\n<div class=\"brand\">limpid report · motion", out);
    if (written[0] != '\0') {
        fputs(" · result written ", out);
        html_text(out, written);
    }
    fputs("</div>\n<h1>", out);
    html_text(out, motion_page_title(s));
    fputs("</h1>\n", out);
    page_chain(out, s->record);
    write_verdict(out, s);
    write_tiles(out, s);
    write_warnings(out, s);
    fputs("</header>\n", out);
}
