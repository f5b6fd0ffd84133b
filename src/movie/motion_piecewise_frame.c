/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_piecewise_frame.c: how one frame is bent.
 */
#include "movie/motion_piecewise.h"

#include "kernels/warp_bilinear.h"

#include <math.h>
#include <string.h>

/* How often patches are matched, each time on the frame as the last time straightened it. */
enum { ROUNDS = 3 };
/* Neighbouring patches of tissue that bends differ by less, px. */
#define TOLERANCE 1.5

void piecewise_take(const piecewise *p, int64_t stretch, const piecewise_scratch *s, const lmp_frames *in)
{
    const float *inverse = template_inverse_level(p->set, stretch);
    match_bin(template_matcher(p->set), in, s->of_template, s->image);
    for (int64_t i = 0; i < p->n_values; i++) s->image[i] *= inverse[i];
    if (p->is_used == NULL) return;
    for (int64_t i = 0; i < p->n_values; i++) s->image[i] *= p->is_used[i];
}

void piecewise_straighten(const piecewise *p, const piecewise_scratch *s, bool is_bent, double dy, double dx)
{
    const float missing = NAN;
    const patch_layout *l = &p->layout;
    const field_scale down = {1, p->most, (float)dy}, right = {1, p->most, (float)dx};
    for (int64_t x = 0; x < l->image_columns && !is_bent; x++) {
        s->to_y[x] = (float)dy;
        s->to_x[x] = (float)dx;
    }
    for (int64_t y = 0; y < l->image_rows; y++) {
        if (is_bent) {
            field_row(&p->wide_grid, s->field.y, (double)y, 0, l->image_columns, &down, s->line, s->to_y);
            field_row(&p->wide_grid, s->field.x, (double)y, 0, l->image_columns, &right, s->line, s->to_x);
        }
        const warp_line line = {.type = LMP_FLOAT32,
                                .in = s->image,
                                .height = l->image_rows,
                                .width = l->image_columns,
                                .y = y,
                                .n = l->image_columns,
                                .to_y = s->to_y,
                                .to_x = s->to_x,
                                .fill = &missing,
                                .out = s->moved + y * l->image_columns};
        warp_bilinear(&line);
    }
}

static float bounded(float value, float most)
{
    return value < -most ? -most : value > most ? most : value;
}

/* What is measured in all becomes a field: smooth, and bounded. */
static void smooth_field(const piecewise *p, const float *measured, float *field)
{
    const int64_t n_wide = p->wide_grid.rows * p->wide_grid.columns;
    if (p->knows_prior)
        prior_smooth(&p->grid, p->smoother, measured, field);
    else
        prior_smooth_blindly(&p->grid, measured, field);
    for (int64_t i = 0; i < n_wide; i++) field[i] = bounded(field[i], p->most);
}

/* What was found lies beyond the field that the frame was straightened by. */
static void add_field(const piecewise *p, const float *field, float *found)
{
    const int64_t columns = p->grid.columns, n = p->grid.rows * columns;
    for (int64_t i = 0; i < n; i++)
        found[i] = bounded(found[i] + field[(i / columns + 1) * (columns + 2) + i % columns + 1], p->most);
}

int64_t piecewise_locate(const piecewise *p, int64_t stretch, const piecewise_scratch *s, double dy, double dx)
{
    const size_t bytes = (size_t)(p->wide_grid.rows * p->wide_grid.columns) * sizeof(float);
    const float tolerance = (float)(TOLERANCE / (double)p->spec.binning);
    int64_t n_known = 0;
    memset(s->field.y, 0, bytes);
    memset(s->field.x, 0, bytes);
    field_nodes found = s->found, work = s->work;
    for (int round = 0; round < ROUNDS; round++) {
        piecewise_straighten(p, s, round > 0, dy, dx);
        patches_match(p->patches, p->targets + stretch * p->n_targets, s->moved, s->of_patches, &found);
        n_known = field_mend(&p->grid, tolerance, &found, &work);
        add_field(p, s->field.y, found.y);
        add_field(p, s->field.x, found.x);
        smooth_field(p, found.y, s->field.y);
        smooth_field(p, found.x, s->field.x);
    }
    return n_known;
}

void piecewise_field(const piecewise *p, void *scratch, const motion_shift *shift, int64_t y, int64_t x, int64_t n,
                     float *to_y, float *to_x)
{
    const piecewise_scratch s = piecewise_split(p, scratch);
    const float b = (float)p->spec.binning;
    const field_scale down = {b, b * p->most, -(float)shift->dy}, right = {b, b * p->most, -(float)shift->dx};
    double off_y, off_x;
    template_offset(p->set, s.note->stretch, &off_y, &off_x);
    const double at_y = (double)y - off_y, at_x = (double)x - off_x;
    field_row(&p->frame_grid, s.field.y, at_y, at_x, n, &down, s.line, to_y);
    field_row(&p->frame_grid, s.field.x, at_y, at_x, n, &right, s.line, to_x);
}
