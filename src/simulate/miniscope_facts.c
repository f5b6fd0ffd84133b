/* SPDX-License-Identifier: BSD-3-Clause
 *
 * miniscope_facts.c: what is true about a simulated movie: how each frame moved, as JSON and as a table.
 */
#include "simulate/miniscope.h"

#include <jansson.h>
#include <math.h>

enum { MOST_LISTED = 100000 };

static json_t *wave_json(const miniscope_wave *w)
{
    return json_pack("{s:f,s:f,s:f}", "y_rad_per_px", w->y_rad, "x_rad_per_px", w->x_rad, "phase_rad", w->phase_rad);
}

static json_t *bend_json(const miniscope *m)
{
    json_t *o = json_pack("{s:f,s:o,s:o}", "largest_px", m->p.bend_px, "y", wave_json(&m->motion.bend_y), "x",
                          wave_json(&m->motion.bend_x));
    json_object_set_new(o, "formula",
                        json_string("tissue at (y, x) of the truth is seen in frame t at (y + dy_px[t] + bend_px[t] "
                                    "sin(y.y_rad_per_px y + y.x_rad_per_px x + y.phase_rad), x + dx_px[t] + bend_px[t] "
                                    "sin(x.y_rad_per_px y + x.x_rad_per_px x + x.phase_rad))"));
    return o;
}

static json_t *cells_json(const miniscope_scene *s)
{
    json_t *all = json_array();
    for (int64_t i = 0; i < s->n_cells && i < MOST_LISTED; i++) {
        const miniscope_cell *c = &s->cells[i];
        json_array_append_new(all, json_pack("{s:f,s:f,s:f,s:f}", "y_px", c->y_px, "x_px", c->x_px, "sigma_px",
                                             c->sigma_px, "level", c->level * s->p->gain));
    }
    return all;
}

static void add_frames(json_t *o, const miniscope *m)
{
    json_t *dy = json_array(), *dx = json_array(), *bend = json_array(), *status = json_array();
    for (int64_t t = 0; t < m->p.frames && t < MOST_LISTED; t++) {
        const miniscope_moment at = miniscope_at(&m->motion, t);
        json_array_append_new(dy, json_real(at.dy_px));
        json_array_append_new(dx, json_real(at.dx_px));
        json_array_append_new(bend, json_real(at.bend_px));
        json_array_append_new(status, json_string(miniscope_status_name(at.status)));
    }
    json_object_set_new(o, "dy_px", dy);
    json_object_set_new(o, "dx_px", dx);
    json_object_set_new(o, "bend_px", bend);
    json_object_set_new(o, "status", status);
}

json_t *miniscope_describe(const miniscope *m)
{
    const miniscope_params *p = &m->p;
    json_t *o = json_pack("{s:s,s:I,s:I,s:I,s:f,s:I}", "simulator", "miniscope", "frames", (json_int_t)p->frames,
                          "height", (json_int_t)p->height, "width", (json_int_t)p->width, "rate_hz", p->rate_hz, "seed",
                          (json_int_t)p->seed);
    json_object_set_new(
        o, "canvas",
        json_pack("{s:I,s:I}", "height", (json_int_t)m->scene.height, "width", (json_int_t)m->scene.width));
    json_object_set_new(o, "drift_px", json_pack("{s:f,s:f}", "y", m->motion.drift_y_px, "x", m->motion.drift_x_px));
    json_object_set_new(o, "bend", bend_json(m));
    json_object_set_new(o, "cells", cells_json(&m->scene));
    add_frames(o, m);
    return o;
}

void miniscope_tabulate(void *state, lmp_table *table)
{
    const miniscope *m = state;
    lmp_table_columns(table, "frame,dy_px,dx_px,status,bend_px");
    for (int64_t t = 0; t < m->p.frames; t++) {
        const miniscope_moment at = miniscope_at(&m->motion, t);
        lmp_table_number(table, (double)t);
        lmp_table_number(table, at.dy_px);
        lmp_table_number(table, at.dx_px);
        lmp_table_text(table, miniscope_status_name(at.status));
        lmp_table_number(table, at.bend_px);
        lmp_table_end_row(table);
    }
}
