/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_region.c: where pixels are those of the recording in every frame.
 *
 * A correction moves content in from outside the frame, where there is none: the border is filled, or cropped. Both
 * movies are measured on what is left, on the same places of the sensor.
 */
#include "score/motion_score.h"
#include "score/provenance.h"

#include <math.h>

enum { LEAST_PX = 8 };

static image_region region_of(const motion_movie *m, motion_reach r)
{
    const int64_t top = (int64_t)ceil(r.down), bottom = (int64_t)ceil(r.up), left = (int64_t)ceil(r.right),
                  right = (int64_t)ceil(r.left);
    return (image_region){
        .top = top, .left = left, .height = m->height - top - bottom, .width = m->width - left - right};
}

static image_region whole(const motion_movie *m)
{
    return (image_region){.height = m->height, .width = m->width};
}

static bool has_size(image_region r, const motion_movie *m)
{
    return r.height == m->height && r.width == m->width;
}

/* What the step that moved the frames says of its result. */
static bool find_recorded(const motion_score *s, image_region *region)
{
    const json_t *applied = provenance_step(s->record, "motion-apply"),
                 *step = applied != NULL ? applied : provenance_step(s->record, "motion");
    const double v[] = {provenance_number(step, "valid_y"), provenance_number(step, "valid_x"),
                        provenance_number(step, "valid_height"), provenance_number(step, "valid_width")};
    const motion_movie *m = &s->after.movie;
    if (!(v[0] >= 0 && v[1] >= 0 && v[2] >= 1 && v[3] >= 1) || v[0] + v[2] > (double)m->height ||
        v[1] + v[3] > (double)m->width)
        return false;
    *region = (image_region){(int64_t)v[0], (int64_t)v[1], (int64_t)v[2], (int64_t)v[3]};
    return true;
}

/* Every frame is moved by its shift, or those alone that are not flagged. */
static bool find_reach(const motion_score *s, bool with_flagged, motion_reach *reach)
{
    const double most = provenance_number(provenance_step(s->record, "motion"), "shift_max_px");
    *reach = (motion_reach){most, most, most, most};
    if (s->has_shifts) *reach = motion_series_reach(&s->shifts, with_flagged);
    return s->has_shifts || (most >= 0 && most < 1e6);
}

/* The movie after correction is smaller: the border was cropped. */
static lmp_status match_cropped(motion_score *s, lmp_error *err)
{
    motion_reach reach;
    s->after.region = whole(&s->after.movie);
    for (int with_flagged = 0; with_flagged < 2 && s->has_shifts; with_flagged++) {
        (void)find_reach(s, with_flagged != 0, &reach);
        s->before.region = region_of(&s->before.movie, reach);
        if (has_size(s->before.region, &s->after.movie)) return LMP_OK;
    }
    return lmp_fail(
        err, LMP_ERR_INPUT, "%s is %lld x %lld, %s is %lld x %lld, and %s: leave the movie before correction away",
        s->before_path, (long long)s->before.movie.height, (long long)s->before.movie.width, s->after_path,
        (long long)s->after.movie.height, (long long)s->after.movie.width,
        s->has_shifts ? "that is not what cropping by the shifts leaves" : "no shifts tell how it was cropped");
}

/* True if the record tells of a movie before correction that was larger. */
static bool was_cropped(const motion_score *s)
{
    return provenance_number(s->record, "input.height") > (double)s->after.movie.height ||
           provenance_number(s->record, "input.width") > (double)s->after.movie.width;
}

lmp_status motion_score_find_regions(motion_score *s, lmp_error *err)
{
    const motion_movie *after = &s->after.movie, *before = &s->before.movie;
    motion_reach reach;
    if (before->recording != NULL && !has_size(whole(before), after)) return match_cropped(s, err);
    s->after.region = whole(after);
    if (!was_cropped(s)) {
        const bool is_recorded = !s->has_shifts && find_recorded(s, &s->after.region);
        if (!is_recorded && find_reach(s, false, &reach))
            s->after.region = region_of(after, reach);
        else if (!is_recorded)
            motion_score_warn(s,
                              "No shifts are given: the whole frame is measured, with the border that the correction "
                              "may have filled.");
        if (s->after.region.height < LEAST_PX || s->after.region.width < LEAST_PX) {
            motion_score_warn(s,
                              "The shifts leave no part of the frame valid throughout: the whole frame is measured.");
            s->after.region = whole(after);
        }
    }
    s->before.region = s->after.region;
    return LMP_OK;
}
