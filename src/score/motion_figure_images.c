/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_figure_images.c: mean images and images of local correlation, before and after, side by side.
 */
#include "score/motion_figures.h"
#include "score/motion_picture.h"
#include "score/svg.h"

#define TRIM 0.003

/* The image with the valid region drawn over it. */
static lmp_status draw(FILE *out, const motion_side *side, const double *values, picture_range range,
                       const char *caption, lmp_error *err)
{
    const motion_movie *m = &side->movie;
    const image_region r = side->region;
    fprintf(out,
            "<figure><svg class=\"picture\" viewBox=\"0 0 %lld %lld\" role=\"img\" aria-label=\"%s\"><image "
            "width=\"%lld\" height=\"%lld\" preserveAspectRatio=\"none\" href=\"",
            (long long)m->width, (long long)m->height, caption, (long long)m->width, (long long)m->height);
    const lmp_status status = picture_write(out, values, m->height, m->width, range, err);
    fputs("\"/>", out);
    if (r.height < m->height || r.width < m->width)
        fprintf(out, "<rect class=\"region\" x=\"%lld\" y=\"%lld\" width=\"%lld\" height=\"%lld\"/>", (long long)r.left,
                (long long)r.top, (long long)r.width, (long long)r.height);
    fprintf(out, "</svg><figcaption>%s</figcaption></figure>\n", caption);
    return status;
}

lmp_status motion_figure_images(FILE *out, const motion_score *s, bool local, lmp_error *err)
{
    const motion_side *a = &s->after, *b = &s->before;
    const double *after = local ? a->local : a->mean, *before = local ? b->local : b->mean;
    picture_range range;
    lmp_status status = picture_find_range(after, a->movie.width, a->region, b->is_known ? before : NULL,
                                           b->movie.width, b->region, TRIM, &range, err);
    fputs("<div class=\"pair\">\n", out);
    if (status == LMP_OK && b->is_known)
        status = draw(out, b, before, range, local ? "before: local correlation" : "before: mean image", err);
    if (status == LMP_OK)
        status = draw(out, a, after, range, local ? "after: local correlation" : "after: mean image", err);
    fputs("</div>\n", out);
    return status;
}
