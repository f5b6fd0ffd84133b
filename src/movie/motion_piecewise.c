/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_piecewise.c: the method `piecewise` of the step `motion`.
 */
#include "movie/motion_piecewise.h"

#include "kernels/warp_bilinear.h"
#include "movie/pixel_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LESSONS = 1, MOST_PATCHES = 2000 };
#define PATCH_PX   96
#define MICRO      1e6
#define MICRO_PART 1e-6

/* ---- Planning ---- */

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Sides in px; auto: half of the region's shorter side at most, but room for max-deviation. */
static int64_t patch_side(const motion_context *context, int64_t binning)
{
    const image_window *r = &context->region;
    const int64_t half = (r->height < r->width ? r->height : r->width) / 2;
    const int64_t least = 4 * ((int64_t)ceil(context->params->max_deviation) + 3 * binning);
    if (context->params->patch != LMP_AUTO_INTEGER) return context->params->patch;
    const int64_t side = half < PATCH_PX ? half : PATCH_PX;
    return round_up(side < least ? least : side, 4 * binning);
}

static int64_t binned_reach(const motion_context *context, int64_t binning)
{
    return (int64_t)ceil(context->params->max_deviation / (double)binning) + 1;
}

static lmp_status find_layout(const motion_context *context, const match_spec *spec, patch_layout *layout,
                              lmp_error *err)
{
    const motion_params *p = context->params;
    const int64_t b = spec->binning, px = patch_side(context, b), side = px / b, reach = binned_reach(context, b);
    const int64_t overlap_px = p->overlap == LMP_AUTO_INTEGER ? px / 2 : p->overlap, rows = match_rows(spec),
                  columns = match_columns(spec);
    if (side > rows || side > columns)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "motion: patches of %lld px do not fit into the %lld x %lld px looked at: give a smaller "
                        "patch (and max-deviation), or choose method=template",
                        (long long)px, (long long)spec->region.width, (long long)spec->region.height);
    if (reach > side / 4 - 1)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "motion: max-deviation=%g is too large for patches of %lld px binned by %lld: give %lld or "
                        "less, or larger patches",
                        p->max_deviation, (long long)px, (long long)b,
                        (long long)(side / 4 > 2 ? (side / 4 - 2) * b : 0));
    if (overlap_px * 4 > px * 3)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "motion: an overlap of %lld px is more than three quarters of a patch of %lld px: give less",
                        (long long)overlap_px, (long long)px);
    *layout = patch_layout_of(rows, columns, side, overlap_px / b, reach);
    if (layout->rows * layout->columns > MOST_PATCHES)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "motion: patches of %lld px that share %lld px are %lld in all, at most %d can be done: give "
                        "larger ones, or less overlap",
                        (long long)px, (long long)overlap_px, (long long)(layout->rows * layout->columns),
                        MOST_PATCHES);
    return LMP_OK;
}

static image_shift_spec mover_spec(const motion_context *context)
{
    return (image_shift_spec){.type = context->format->type,
                              .height = context->format->height,
                              .width = context->format->width,
                              .n_colours = 1,
                              .method = (image_shift_method)context->params->interpolation,
                              .fill = context->params->fill};
}

static bool learns_patches(const motion_context *context)
{
    return !motion_is_given(context->params->template_file);
}

/* The frames of the templates, LESSONS times more. */
static lmp_status plan_patches(lmp_step_plan *plan, lmp_error *err)
{
    const size_t n = (size_t)plan->learn_passes;
    lmp_frame_list *lists = lmp_plan_memory(plan, (1 + LESSONS) * n * sizeof *lists);
    if (lists == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    for (size_t i = 0; i <= LESSONS; i++) memcpy(lists + i * n, plan->learn_frames, n * sizeof *lists);
    plan->learn_frames = lists;
    plan->learn_passes *= 1 + LESSONS;
    return LMP_OK;
}

/* Frames that are learned from, of all stretches. */
static int64_t count_sample(const lmp_step_plan *plan, int64_t n_stretches)
{
    int64_t n = 0;
    for (int64_t k = 0; k < n_stretches; k++) n += plan->learn_frames[k].count;
    return n;
}

/* Fields of the frames that are learned from, and which of them are there. */
static size_t sample_bytes(const patch_layout *l, int64_t n_sample)
{
    return (size_t)n_sample * ((size_t)(2 * l->rows * l->columns) * sizeof(float) + 1);
}

static size_t state_bytes(const match_spec *spec, const patch_layout *l, int64_t n_stretches, int64_t n_sample)
{
    const field_grid grid = patch_grid(l);
    const size_t n = (size_t)(l->image_rows * l->image_columns);
    const size_t work = match_scratch_bytes(spec) + (size_t)patches_scratch_floats(l) * sizeof(float);
    return sizeof(piecewise) + patches_bytes(l) + (size_t)(n_stretches * patches_target_floats(l)) * sizeof(float) +
           2 * n * sizeof(int64_t) + 2 * n * sizeof(float) + (size_t)match_spectrum_floats(spec) * sizeof(float) +
           work + sample_bytes(l, n_sample) + (size_t)prior_smoother_floats(&grid) * sizeof(float) +
           (size_t)prior_work_doubles(&grid) * sizeof(double) + 1024;
}

static lmp_status plan_method(const motion_context *context, lmp_step_plan *plan, lmp_error *err)
{
    const match_spec spec = template_match_spec(context);
    patch_layout layout;
    const image_shift_spec mover = mover_spec(context);
    lmp_status status = template_plan(context, plan, err);
    if (status == LMP_OK) status = find_layout(context, &spec, &layout, err);
    if (status == LMP_OK && context->params->interpolation != IMAGE_SHIFT_BILINEAR)
        status = lmp_fail(err, LMP_ERR_USAGE,
                          "motion: method=piecewise moves pixels by interpolation=bilinear alone: say so, or choose "
                          "method=template");
    if (status != LMP_OK) return status;
    plan->scratch_bytes += piecewise_scratch_bytes(template_scratch_bytes(context), &mover, &layout);
    plan->shared_bytes += state_bytes(&spec, &layout, plan->learn_passes, count_sample(plan, plan->learn_passes)) +
                          image_shift_bytes(&mover);
    return plan_patches(plan, err);
}

/* ---- Life ---- */

static void close_method(void *state, lmp_budget *budget)
{
    piecewise *p = state;
    template_close(p->set, budget);
    patches_close(p->patches, budget);
    image_shift_close(p->mover, budget);
    lmp_give(budget, p->targets);
    lmp_give(budget, p->is_used);
    lmp_give(budget, p->sums);
    lmp_give(budget, p->smoother);
    lmp_give(budget, p->sample);
    free(p->tally);
    lmp_give(budget, p);
}

static lmp_status open_mask(const motion_context *context, piecewise *p, lmp_error *err)
{
    void *memory;
    if (!motion_is_given(context->params->mask)) return LMP_OK;
    const lmp_status status = lmp_take(p->budget, (size_t)p->n_values * sizeof(float), &memory, err);
    if (status != LMP_OK) return status;
    const int64_t columns = p->layout.image_columns;
    p->is_used = memory;
    for (int64_t i = 0; i < p->n_values; i++)
        p->is_used[i] = match_mask(template_matcher(p->set), i / columns, i % columns) < 0.5 ? NAN : 1;
    return LMP_OK;
}

static lmp_status open_memory(piecewise *p, lmp_error *err)
{
    void *targets = NULL, *sums = NULL;
    lmp_status status = lmp_take(p->budget, (size_t)(p->n_stretches * p->n_targets) * sizeof(float), &targets, err);
    p->targets = targets;
    if (status == LMP_OK && p->learns)
        status = lmp_take(p->budget, (size_t)p->n_values * 2 * sizeof(int64_t), &sums, err);
    p->sums = sums;
    p->counts = p->sums == NULL ? NULL : p->sums + p->n_values;
    void *smoother = NULL, *sample = NULL;
    if (status == LMP_OK)
        status = lmp_take(p->budget, (size_t)prior_smoother_floats(&p->grid) * sizeof(float), &smoother, err);
    p->smoother = smoother;
    if (status == LMP_OK) status = lmp_take(p->budget, sample_bytes(&p->layout, p->n_sample), &sample, err);
    p->sample = sample;
    p->tally = calloc(1, sizeof *p->tally);
    if (status == LMP_OK && p->tally == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a step");
    return status;
}

/* Nodes lie in the middle of binned pixels. */
static field_grid grid_of_frame(const piecewise *p)
{
    const double b = (double)p->spec.binning;
    const field_grid *g = &p->wide_grid;
    return (field_grid){.rows = g->rows,
                        .columns = g->columns,
                        .first_y = (double)p->spec.region.y + (g->first_y + 0.5) * b - 0.5,
                        .first_x = (double)p->spec.region.x + (g->first_x + 0.5) * b - 0.5,
                        .step_y = g->step_y * b,
                        .step_x = g->step_x * b};
}

static lmp_status open_method(const motion_context *context, void **state, lmp_error *err)
{
    void *memory;
    lmp_status status = lmp_take(context->budget, sizeof(piecewise), &memory, err);
    if (status != LMP_OK) return status;
    piecewise *p = memory;
    p->budget = context->budget;
    p->spec = template_match_spec(context);
    p->learns = learns_patches(context);
    p->template_bytes = template_scratch_bytes(context);
    p->move = mover_spec(context);
    p->n_values = match_rows(&p->spec) * match_columns(&p->spec);
    p->most = (float)(context->params->max_deviation / (double)p->spec.binning);
    pixel_values_put(p->move.type, p->fill, 0, 1, &p->move.fill);
    const double b = (double)p->spec.binning;
    status = find_layout(context, &p->spec, &p->layout, err);
    if (status == LMP_OK) status = template_open(context, &p->set, err);
    if (status == LMP_OK) {
        p->grid = patch_grid(&p->layout);
        p->wide_grid = prior_wide_grid(&p->grid);
        p->frame_grid = grid_of_frame(p);
        p->n_stretches = template_count(p->set);
        p->n_targets = patches_target_floats(&p->layout);
        p->n_sample = count_sample(context->plan, p->n_stretches);
        status = patches_open(&p->layout, p->spec.smooth / b, p->spec.background / b, p->budget, &p->patches, err);
    }
    if (status == LMP_OK) status = open_mask(context, p, err);
    if (status == LMP_OK) status = open_memory(p, err);
    if (status == LMP_OK) status = image_shift_open(&p->move, p->budget, &p->mover, err);
    if (status == LMP_OK)
        *state = p;
    else
        close_method(p, context->budget);
    return status;
}

/* ---- Frames ---- */

static void tell(const piecewise *p, const piecewise_scratch *s, int64_t n_known)
{
    const int64_t n = p->wide_grid.rows * p->wide_grid.columns;
    double largest = 0, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const double size = hypot((double)s->field.y[i], (double)s->field.x[i]) * (double)p->spec.binning;
        largest = fmax(largest, size);
        sum += size;
    }
    const int64_t high = (int64_t)(largest * MICRO);
    int64_t before = __atomic_load_n(&p->tally->largest, __ATOMIC_RELAXED);
    while (before < high &&
           !__atomic_compare_exchange_n(&p->tally->largest, &before, high, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    __atomic_fetch_add(&p->tally->sum, (int64_t)(sum / (double)n * MICRO), __ATOMIC_RELAXED);
    __atomic_fetch_add(&p->tally->frames, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&p->tally->known, n_known, __ATOMIC_RELAXED);
}

/* Displacement of the content over the stretch's template, binned px. */
static void displacement_of(const piecewise *p, int64_t stretch, const motion_shift *shift, double *dy, double *dx)
{
    template_offset(p->set, stretch, dy, dx);
    *dy = (*dy - shift->dy) / (double)p->spec.binning;
    *dx = (*dx - shift->dx) / (double)p->spec.binning;
}

static lmp_status find_method(const void *state, void *scratch, const lmp_frames *in, motion_shift *found,
                              lmp_error *err)
{
    (void)err;
    const piecewise *p = state;
    const piecewise_scratch s = piecewise_split(p, scratch);
    const int64_t stretch = template_stretch(p->set, in->first);
    double dy, dx;
    template_find(p->set, s.of_template, in, found);
    *s.note = (piecewise_note){(found->flags & MOTION_UNKNOWN) == 0, stretch};
    if (!s.note->has_field) return LMP_OK;
    displacement_of(p, stretch, found, &dy, &dx);
    piecewise_take(p, stretch, &s, in);
    tell(p, &s, piecewise_locate(p, stretch, &s, dy, dx));
    return LMP_OK;
}

/* ---- Moving ---- */

static lmp_status move_method(const void *state, void *scratch, const lmp_frames *in, const motion_shift *shift,
                              const image_window *window, void *out, lmp_error *err)
{
    (void)err;
    const piecewise *p = state;
    const piecewise_scratch s = piecewise_split(p, scratch);
    if (!s.note->has_field || (shift->flags & MOTION_UNKNOWN) != 0) {
        image_shift_move(p->mover, in->data, shift->dy, shift->dx, window, out, s.of_mover);
        return LMP_OK;
    }
    const size_t row = (size_t)window->width * lmp_type_bytes(in->type);
    for (int64_t y = 0; y < window->height; y++) {
        piecewise_field(p, scratch, shift, window->y + y, window->x, window->width, s.to_y, s.to_x);
        const warp_line line = {.type = in->type,
                                .in = in->data,
                                .height = p->move.height,
                                .width = p->move.width,
                                .y = window->y + y,
                                .x = window->x,
                                .n = window->width,
                                .to_y = s.to_y,
                                .to_x = s.to_x,
                                .fill = p->fill,
                                .out = (char *)out + (size_t)y * row};
        warp_bilinear(&line);
    }
    return LMP_OK;
}

/* ---- Learning ---- */

static lmp_status learn_method(void *state, int64_t pass, void *scratch, const lmp_frames *in, lmp_error *err)
{
    piecewise *p = state;
    const piecewise_scratch s = piecewise_split(p, scratch);
    const int64_t stretch = pass % p->n_stretches;
    motion_shift shift;
    double dy, dx;
    if (pass < p->n_stretches) return template_learn(p->set, pass, s.of_template, in, err);
    template_find(p->set, s.of_template, in, &shift);
    if ((shift.flags & MOTION_UNKNOWN) != 0) return LMP_OK;
    displacement_of(p, stretch, &shift, &dy, &dx);
    piecewise_take(p, stretch, &s, in);
    (void)piecewise_locate(p, stretch, &s, dy, dx);
    piecewise_keep(p, in->first, &s);
    if (!p->learns) return LMP_OK;
    piecewise_straighten(p, &s, true, dy, dx);
    piecewise_add(p, &s);
    return LMP_OK;
}

static lmp_status learned_method(void *state, int64_t pass, lmp_error *err)
{
    piecewise *p = state;
    const bool ends_lesson = (pass + 1) % p->n_stretches == 0;
    if (pass >= p->n_stretches) {
        lmp_status done = p->learns ? piecewise_average(p, pass % p->n_stretches, err) : LMP_OK;
        if (done == LMP_OK && ends_lesson) done = piecewise_learn_prior(p, err);
        if (pass + 1 == (1 + LESSONS) * p->n_stretches) piecewise_end_lessons(p);
        return done;
    }
    const lmp_status status = template_learned(p->set, pass, err);
    return status == LMP_OK && ends_lesson ? piecewise_first_targets(p, err) : status;
}

/* ---- What it tells ---- */

static void paint_method(const void *state, float *image)
{
    const piecewise *p = state;
    template_paint(p->set, image);
}

static void record_method(const void *state, lmp_record *record)
{
    const piecewise *p = state;
    const piecewise_tally *t = p->tally;
    const double b = (double)p->spec.binning, n = (double)(p->grid.rows * p->grid.columns);
    const double patch[] = {(double)p->layout.side * b, (double)p->layout.step_y * b, (double)p->layout.step_x * b};
    const double grid[] = {(double)p->grid.rows, (double)p->grid.columns};
    template_record(p->set, record);
    lmp_record_numbers(record, "patches_rows_columns", grid, 2);
    lmp_record_numbers(record, "patch_side_step_y_x_px", patch, 3);
    lmp_record_number(record, "bend_expected_px", p->prior.deviation * b);
    lmp_record_number(record, "bend_length_px", p->prior.length * (p->frame_grid.step_y + p->frame_grid.step_x) / 2);
    lmp_record_number(record, "patch_noise_px", p->prior.noise * b);
    if (t->frames == 0) return;
    const double frames = (double)t->frames;
    lmp_record_number(record, "patches_found_percent", 100 * (double)t->known / frames / n);
    lmp_record_number(record, "largest_deviation_px", (double)t->largest * MICRO_PART);
    lmp_record_number(record, "mean_deviation_px", (double)t->sum / frames * MICRO_PART);
}

const motion_method motion_piecewise = {.name = "piecewise",
                                        .plan = plan_method,
                                        .open = open_method,
                                        .learn = learn_method,
                                        .learned = learned_method,
                                        .find = find_method,
                                        .move = move_method,
                                        .paint = paint_method,
                                        .record = record_method,
                                        .close = close_method};
