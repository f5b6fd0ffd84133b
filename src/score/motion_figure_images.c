/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_figure_images.c: mean images and images of local correlation, before and after, side by side.
 */
#include "score/motion_figures.h"
#include "score/motion_picture.h"

#define TRIM 0.003

static json_t *region_of(image_region r)
{
    return json_pack("{s:I,s:I,s:I,s:I}", "top", (json_int_t)r.top, "left", (json_int_t)r.left, "height",
                     (json_int_t)r.height, "width", (json_int_t)r.width);
}

/* The image, with the valid region if that is not all of it. */
static lmp_status add_image(json_t *figure, const motion_side *side, const double *values, const char *title,
                            lmp_error *err)
{
    const motion_movie *m = &side->movie;
    const image_region r = side->region;
    const lmp_status status = figure_image(figure, title, values, m->height, m->width, err);
    json_t *images = json_object_get(figure, "images");
    if (r.height < m->height || r.width < m->width)
        json_object_set_new(json_array_get(images, json_array_size(images) - 1), "region", region_of(r));
    return status;
}

lmp_status motion_figure_images(report_data *d, const motion_score *s, bool local, lmp_error *err)
{
    const motion_side *a = &s->after, *b = &s->before;
    const double *after = local ? a->local : a->mean, *before = local ? b->local : b->mean;
    picture_range range;
    lmp_status status = picture_find_range(after, a->movie.width, a->region, b->is_known ? before : NULL,
                                           b->movie.width, b->region, TRIM, &range, err);
    if (status != LMP_OK) return status;
    json_t *figure = data_part(d, "images");
    json_object_set_new(figure, "title", json_string(local ? "Local correlation" : "Mean image"));
    json_object_set_new(figure, "unit", json_string(local ? "correlation" : "grey value"));
    json_object_set_new(figure, "low", json_real(range.low));
    json_object_set_new(figure, "high", json_real(range.high));
    json_object_set_new(figure, "images", json_array());
    if (b->is_known)
        status = add_image(figure, b, before, local ? "before: local correlation" : "before: mean image", err);
    if (status == LMP_OK)
        status = add_image(figure, a, after, local ? "after: local correlation" : "after: mean image", err);
    return status;
}
