/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_json.c: a score of motion correction as JSON. Keys are stable and say their units; what is not known is null.
 */
#include "score/metrics.h"
#include "score/motion_score.h"

enum { MOST_LISTED = 1000 };

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static void set(json_t *o, const char *key, double value)
{
    json_object_set_new(o, key, number(value));
}

static void set_count(json_t *o, const char *key, int64_t value)
{
    json_object_set_new(o, key, json_integer(value));
}

static void set_path(json_t *o, const char *key, const char *path)
{
    json_t *value = path != NULL ? json_string(path) : json_null();
    json_object_set_new(o, key, value != NULL ? value : json_string_nocheck("(not UTF-8)"));
}

/* ---- With truth ---- */

static void set_spread(json_t *o, const error_spread *s)
{
    set(o, "mean_px", s->mean_px);
    set(o, "p95_px", s->p95_px);
    set(o, "max_px", s->max_px);
    set(o, "rmse_px", s->rmse_px);
}

static json_t *spread_to_json(const error_spread *s)
{
    json_t *o = json_object();
    set_spread(o, s);
    return o;
}

static json_t *axis_to_json(const axis_errors *a)
{
    json_t *o = spread_to_json(&a->by_mean);
    json_object_set_new(o, "median_removed", spread_to_json(&a->by_median));
    set(o, "constant_mean_px", a->mean_px);
    set(o, "constant_median_px", a->median_px);
    set(o, "slope", a->slope);
    set(o, "step_px", a->step_px);
    return o;
}

static json_t *errors_to_json(const motion_errors *e)
{
    json_t *o = json_object();
    set_count(o, "frames", e->n);
    set_spread(o, &e->by_mean);
    json_object_set_new(o, "median_removed", spread_to_json(&e->by_median));
    json_object_set_new(o, "dy", axis_to_json(&e->axes[0]));
    json_object_set_new(o, "dx", axis_to_json(&e->axes[1]));
    return o;
}

static json_t *truth_to_json(const motion_score *s)
{
    if (!s->has_truth) return json_null();
    json_t *o = errors_to_json(&s->errors);
    json_object_set_new(o, "with_flagged", errors_to_json(&s->errors_of_all));
    return o;
}

/* ---- Shifts ---- */

static json_t *flagged_to_json(const motion_series *shifts)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < shifts->n && json_array_size(list) < MOST_LISTED; i++)
        if (shifts->is_flagged[i]) json_array_append_new(list, json_integer(i));
    return list;
}

static json_t *shifts_to_json(const motion_score *s)
{
    if (!s->has_shifts) return json_null();
    json_t *o = json_object();
    const motion_reach reach = motion_series_reach(&s->shifts, false);
    set_count(o, "frames", s->shifts.n);
    set_count(o, "frames_flagged", s->n_flagged);
    json_object_set_new(o, "flagged", flagged_to_json(&s->shifts));
    set(o, "most_up_px", reach.up);
    set(o, "most_down_px", reach.down);
    set(o, "most_left_px", reach.left);
    set(o, "most_right_px", reach.right);
    return o;
}

/* ---- Without truth ---- */

static json_t *region_to_json(image_region r)
{
    json_t *o = json_object();
    set_count(o, "top", r.top);
    set_count(o, "left", r.left);
    set_count(o, "height", r.height);
    set_count(o, "width", r.width);
    return o;
}

static json_t *residual_to_json(const motion_residual *r)
{
    if (!r->is_known) return json_null();
    json_t *o = json_object();
    set(o, "rms_px", r->rms_px);
    set(o, "p95_px", r->p95_px);
    set(o, "max_px", r->max_px);
    set_count(o, "frames_flagged", r->n_flagged);
    return o;
}

static json_t *side_to_json(const motion_side *side)
{
    if (!side->is_known) return json_null();
    json_t *o = json_object();
    json_object_set_new(o, "valid_region", region_to_json(side->region));
    set(o, "crispness", side->sharpness.crispness);
    set(o, "acutance", side->sharpness.acutance);
    set(o, "mean", side->sharpness.mean);
    set(o, "deviation_of_mean_image", side->sharpness.deviation);
    set(o, "correlation_with_mean", side->correlation_mean);
    set(o, "correlation_with_mean_least", side->correlation_least);
    set(o, "correlation_with_mean_p05", side->correlation_p05);
    set(o, "local_correlation", side->local_sharpness.mean);
    set(o, "local_correlation_crispness", side->local_sharpness.crispness);
    json_object_set_new(o, "residual_motion", residual_to_json(&side->residual));
    return o;
}

static json_t *pair_to_json(const local_pair *p)
{
    json_t *o = json_object(), *blocks = json_array();
    json_object_set_new(o, "by", json_string(p->by));
    set_count(o, "frames_of_each", p->n_frames);
    set(o, "apart_px", p->apart_px);
    set(o, "rigid_px", p->rigid_px);
    set(o, "dy_px", p->dy);
    set(o, "dx_px", p->dx);
    set(o, "local_mean_px", p->local_mean_px);
    set(o, "local_max_px", p->local_max_px);
    set_count(o, "blocks_used", p->n_used);
    for (int64_t k = 0; k < p->n_blocks; k++) {
        const local_block *b = &p->blocks[k];
        json_t *block = json_object();
        set_count(block, "y", b->y);
        set_count(block, "x", b->x);
        set(block, "dy_px", b->is_used ? b->dy : UNKNOWN);
        set(block, "dx_px", b->is_used ? b->dx : UNKNOWN);
        set(block, "peak", b->peak);
        json_array_append_new(blocks, block);
    }
    json_object_set_new(o, "blocks", blocks);
    return o;
}

static json_t *local_to_json(const motion_local *l)
{
    if (!l->is_known) return json_null();
    json_t *o = json_object(), *pairs = json_array();
    set_count(o, "rows", l->rows);
    set_count(o, "columns", l->columns);
    set(o, "rigid_px", l->rigid_px);
    set(o, "local_max_px", l->local_px);
    for (int p = 0; p < LOCAL_PAIRS; p++)
        if (l->pairs[p].is_known) json_array_append_new(pairs, pair_to_json(&l->pairs[p]));
    json_object_set_new(o, "pairs", pairs);
    return o;
}

json_t *motion_score_to_json(const motion_score *s)
{
    json_t *o = json_object();
    if (o == NULL) return NULL;
    json_object_set_new(o, "limpid", json_string(lmp_version()));
    set_path(o, "before_path", s->before_path);
    set_path(o, "after_path", s->after_path);
    set_path(o, "shifts_path", s->shifts_path);
    set_path(o, "truth_path", s->truth_path);
    set_count(o, "frames", s->n_frames);
    json_object_set_new(o, "shifts", shifts_to_json(s));
    json_object_set_new(o, "with_truth", truth_to_json(s));
    json_object_set_new(o, "before", side_to_json(&s->before));
    json_object_set_new(o, "after", side_to_json(&s->after));
    json_object_set_new(o, "motion_left", local_to_json(&s->local));
    json_object_set(o, "warnings", s->warnings);
    return o;
}
