/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_page_head.c: the top of a report on motion: what was found in a sentence, in numbers, and what to beware of.
 */
#include "score/metrics.h"
#include "score/motion_page.h"
#include "score/report_parts.h"

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

static void tell_errors(report_data *d, const motion_score *s)
{
    const motion_errors *e = &s->errors;
    if (!s->has_truth || e->n == 0) return;
    say(d, "Against the known truth the shifts are off by ");
    stress(d, "%s px", NUMBER(e->by_mean.mean_px, 3));
    say(d, " on average and %s px at most. ", NUMBER(e->by_mean.max_px, 2));
    if (!is_held_back(s)) return;
    say(d, "They follow the truth with a slope of %s%s", NUMBER(odd_slope(e), 3),
        odd_slope(e) < 1 ? ": something that does not move with the tissue holds them back. "
                         : ": they are larger than they should be. ");
}

static void tell_images(report_data *d, const motion_score *s)
{
    if (!s->before.is_known || !s->after.is_known) return;
    say(d, "The mean image is ");
    stress(d, "%s times", NUMBER(s->after.sharpness.crispness / s->before.sharpness.crispness, 2));
    say(d, " as crisp as before, and a frame’s correlation with it is %s instead of %s. ",
        NUMBER(s->after.correlation_mean, 3), NUMBER(s->before.correlation_mean, 3));
}

static void tell_left(report_data *d, const motion_score *s)
{
    if (s->after.residual.is_known) {
        say(d, "Estimated anew, %s px RMS of motion are left", NUMBER(s->after.residual.rms_px, 3));
        if (s->before.residual.is_known) say(d, " of %s px", NUMBER(s->before.residual.rms_px, 2));
        say(d, ". ");
    }
    if (!s->local.is_known || isnan(s->local.local_px)) return;
    say(d, "Between frames that were moved least and most, the worst part of the image differs by %s px. ",
        NUMBER(s->local.local_px, 2));
}

static void tell_verdict(report_data *d, const motion_score *s)
{
    data_text(d, wants_a_look(s) ? "verdict look" : "verdict");
    tell_errors(d, s);
    tell_images(d, s);
    tell_left(d, s);
    if (s->has_shifts) say(d, "%lld of %lld frames are flagged.", (long long)s->n_flagged, (long long)s->n_frames);
}

/* ---- Tiles ---- */

static void tell_tiles(report_data *d, const motion_score *s)
{
    data_tiles(d);
    if (s->has_truth && s->errors.n > 0) {
        data_tile(d, s->errors.by_mean.mean_px, 3, "px", "mean error against the truth");
        data_tile(d, s->errors.by_mean.max_px, 3, "px", "largest error against the truth");
        data_tile(d, odd_slope(&s->errors), 3, "", "slope of the shifts on the truth; 1 is ideal");
    }
    if (s->has_shifts) {
        const motion_reach r = motion_series_reach(&s->shifts, false);
        data_tile(d, fmax(r.down + r.up, r.left + r.right), 1, "px", "of motion from end to end");
        data_tile(d, (double)s->n_flagged, 0, "", "frames flagged");
    }
    if (s->before.is_known)
        data_tile(d, s->after.sharpness.crispness / s->before.sharpness.crispness, 2, "×",
                  "crispness of the mean image, after over before");
    if (s->after.is_known) data_tile(d, s->after.correlation_mean, 3, "", "correlation of a frame with the mean image");
    data_tile(d, s->after.residual.is_known ? s->after.residual.rms_px : UNKNOWN, 3, "px",
              "RMS of motion estimated anew");
    data_tile(d, s->local.is_known ? s->local.local_px : UNKNOWN, 2, "px", "left in the worst part of the image");
}

void motion_tell_head(report_data *d, const motion_score *s)
{
    report_chain(d, s->record);
    tell_verdict(d, s);
    tell_tiles(d, s);
    data_warnings(d, json_object_get(s->record, "warnings"), s->warnings);
}
