/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion.c: the step that frees a movie of motion: what all methods share.
 */
#include "movie/motion.h"

#include "core/path.h"
#include "math/median.h"
#include "movie/frame_step.h"
#include "movie/motion_file.h"
#include "movie/motion_summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BORDER_FILL, BORDER_CROP };
enum { BAD_ZERO, BAD_INTERPOLATE };

static const motion_method *const methods[] = {&motion_template, &motion_recursive, &motion_piecewise};

#define FIELD(name) offsetof(motion_params, name)

static const lmp_param params[] = {
    {"method", LMP_PARAM_CHOICE, FIELD(method), "template", 0, 0, "", "template|recursive|piecewise",
     "template: every frame on a template of its stretch; recursive: neighbours on neighbours, as Minian does; "
     "piecewise: "
     "template, then patches by themselves."},
    {"max-shift", LMP_PARAM_NUMBER, FIELD(max_shift), "auto", 0.5, 1e5, "px", "auto",
     "template, piecewise: largest shift from the template, up or down; auto: a tenth of the shorter side."},
    {"max-shift-x", LMP_PARAM_NUMBER, FIELD(max_shift_x), "auto", 0.5, 1e5, "px", "auto",
     "The same to the left or right; auto: as max-shift."},
    {"region", LMP_PARAM_NUMBERS, FIELD(region), "", 0, 1e9, "px", NULL,
     "x,y,width,height of the part of the frames by which motion is found; the whole frame if empty."},
    {"mask", LMP_PARAM_FILE, FIELD(mask), "", 0, 0, "", NULL,
     "template, piecewise: an image as large as the movie or its region; pixels where it is 0 do not count."},
    {"template", LMP_PARAM_FILE, FIELD(template_file), "", 0, 0, "", NULL,
     "template, piecewise: an image as large as the movie or its region to register on, instead of one learned."},
    {"smooth", LMP_PARAM_NUMBER, FIELD(smooth), "auto", 0.1, 100, "px", "auto",
     "template, piecewise: structure finer than this is noise; auto: 1.6."},
    {"background", LMP_PARAM_NUMBER, FIELD(background), "auto", 1, 1000, "px", "auto",
     "template, piecewise: structure coarser than this is background; auto: 9 (18 where frames are binned by 4)."},
    {"binning", LMP_PARAM_INTEGER, FIELD(binning), "auto", 1, 16, "px", "auto",
     "template, piecewise: pixels that are taken together, in each direction; auto: 2 from 320 px on the shorter side, "
     "4 "
     "from 1600 on."},
    {"frames", LMP_PARAM_INTEGER, FIELD(frames), "auto", 2, 10000, "", "auto",
     "template, piecewise: how many frames a template is made from; auto: up to 60."},
    {"npart", LMP_PARAM_INTEGER, FIELD(n_part), "3", 2, 16, "", NULL,
     "recursive: how many neighbours are joined at a time."},
    {"chunk", LMP_PARAM_INTEGER, FIELD(chunk), "auto", 1, 1e9, "", "auto",
     "recursive: frames that are joined before others are; auto: 250."},
    {"alt-error", LMP_PARAM_NUMBER, FIELD(alt_error), "5", 0, 1e6, "px", NULL,
     "recursive: where the shift between groups differs by more from the one between their nearest frames, the smaller "
     "one "
     "counts; 0: off."},
    {"aggregation", LMP_PARAM_CHOICE, FIELD(aggregation), "mean", 0, 0, "", "mean|max",
     "recursive: what a group is represented by."},
    {"circularity", LMP_PARAM_NUMBER, FIELD(circularity), "0", 0, 1, "", NULL,
     "recursive: frames less like themselves in all directions than this do not move others; 0: off."},
    {"minian-exact", LMP_PARAM_FLAG, FIELD(minian_exact), "no", 0, 0, "", NULL,
     "recursive: also repeats that the second frame of a group stands for its last one, and truncation."},
    {"patch", LMP_PARAM_INTEGER, FIELD(patch), "auto", 16, 1e5, "px", "auto", "piecewise: side of a patch; auto: 96."},
    {"overlap", LMP_PARAM_INTEGER, FIELD(overlap), "auto", 0, 1e5, "px", "auto",
     "piecewise: what neighbours share; auto: half of a patch."},
    {"max-deviation", LMP_PARAM_NUMBER, FIELD(max_deviation), "6", 0.5, 1000, "px", NULL,
     "piecewise: largest shift of a patch beyond that of the frame."},
    {"interpolation", LMP_PARAM_CHOICE, FIELD(interpolation), "bilinear", 0, 0, "", IMAGE_SHIFT_METHODS,
     "How frames are moved by fractions of a pixel."},
    {"border", LMP_PARAM_CHOICE, FIELD(border), "fill", 0, 0, "", "fill|crop",
     "fill: pixels that come from outside become `fill`; crop: the part that is valid in all frames is kept."},
    {"fill", LMP_PARAM_NUMBER, FIELD(fill), "0", -1e300, 1e300, "", NULL, "Value of pixels that come from outside."},
    {"bad-frames", LMP_PARAM_CHOICE, FIELD(bad_frames), "zero", 0, 0, "", "zero|interpolate",
     "Frames whose motion is unknown: left where they are, or moved as the frames around them."},
    {"apply", LMP_PARAM_FLAG, FIELD(apply), "yes", 0, 0, "", NULL, "no: only the shifts are found; frames stay."},
    {"shifts", LMP_PARAM_FILE, FIELD(shifts), "", 0, 0, "", NULL,
     "File to make of what was found: CSV with frame,dy_px,dx_px,peak,flag of every frame, or, if it ends in .npy, "
     "frames x 2 numbers (dy, dx) of float64."},
    {"ratio", LMP_PARAM_FLAG, FIELD(ratio), "no", 0, 0, "", NULL,
     "shifts as CSV: adds a column, the peak over the highest correlation away from it."},
    {"template-out", LMP_PARAM_FILE, FIELD(template_out), "", 0, 0, "", NULL,
     "Image file to make of the template; recursive: of all frames joined."},
    {0},
};

typedef struct motion_shared {
    const motion_method *method;
    motion_params params;
    lmp_format format;
    image_window region, window; /* looked at; kept of the result */
    lmp_budget *budget;
    void *state;
    image_shift *mover;
    image_shift_spec spec;
    motion_shift *shifts;
    int64_t method_passes;
    bool learns_all;     /* shifts are known before frames are moved */
    size_t shift_offset; /* in scratch: of the mover's part */
} motion_shared;

/* ---- Planning ---- */

static lmp_status find_region(const motion_params *p, const lmp_format *f, image_window *region, lmp_error *err)
{
    *region = (image_window){0, 0, f->height, f->width};
    if (p->region.count == 0) return LMP_OK;
    const double *v = p->region.values;
    if (p->region.count != 4)
        return lmp_fail(err, LMP_ERR_USAGE, "motion: region has %lld numbers: give x,y,width,height in pixels",
                        (long long)p->region.count);
    for (int i = 0; i < 4; i++)
        if (v[i] != floor(v[i]) || v[i] < (i < 2 ? 0 : 1))
            return lmp_fail(err, LMP_ERR_USAGE, "motion: region has %g where a whole number of pixels is needed", v[i]);
    if (v[0] + v[2] > (double)f->width || v[1] + v[3] > (double)f->height)
        return lmp_fail(err, LMP_ERR_USAGE, "motion: region %g,%g,%g,%g does not lie within frames of %lld x %lld",
                        v[0], v[1], v[2], v[3], (long long)f->width, (long long)f->height);
    *region = (image_window){(int64_t)v[1], (int64_t)v[0], (int64_t)v[3], (int64_t)v[2]};
    return LMP_OK;
}

static lmp_status find_reach(const motion_params *p, const image_window *r, motion_context *context, lmp_error *err)
{
    const double side = (double)(r->height < r->width ? r->height : r->width);
    context->reach_y = isnan(p->max_shift) ? floor(side / 10) : p->max_shift;
    context->reach_x = isnan(p->max_shift_x) ? context->reach_y : p->max_shift_x;
    if (context->reach_y * 2 >= (double)r->height || context->reach_x * 2 >= (double)r->width)
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "motion: a max-shift of %g (%g to the side) is half of the %lld x %lld pixels looked at or more: "
            "give a smaller one",
            context->reach_y, context->reach_x, (long long)r->height, (long long)r->width);
    return LMP_OK;
}

static lmp_status make_context(const motion_params *p, const lmp_format *format, const lmp_step_plan *plan,
                               motion_context *context, lmp_error *err)
{
    *context = (motion_context){.params = p, .format = format, .plan = plan};
    lmp_status status = find_region(p, format, &context->region, err);
    if (status == LMP_OK) status = find_reach(p, &context->region, context, err);
    return status;
}

static bool writes_array(const motion_params *p)
{
    return motion_is_given(p->shifts) && path_has_extension(p->shifts, "npy");
}

/* What a method knows nothing of is not silently passed over. */
static lmp_status check_fit(const motion_params *p, const motion_method *method, lmp_error *err)
{
    if (motion_is_given(p->template_out) && method->paint == NULL)
        return lmp_fail(err, LMP_ERR_USAGE, "motion: method=%s has no template to write to %s: leave template-out away",
                        method->name, p->template_out);
    if (p->ratio != 0 && writes_array(p))
        return lmp_fail(err, LMP_ERR_USAGE, "motion: %s holds dy and dx alone: leave ratio=yes away, or name a .csv",
                        p->shifts);
    if (method == &motion_recursive && (motion_is_given(p->mask) || motion_is_given(p->template_file)))
        return lmp_fail(err, LMP_ERR_USAGE, "motion: method=recursive uses neither mask nor template: choose template");
    return LMP_OK;
}

static lmp_status check_images(const motion_params *p, const motion_context *context, lmp_error *err)
{
    lmp_status status = LMP_OK;
    if (motion_is_given(p->mask)) status = motion_file_check(context, p->mask, err);
    if (status == LMP_OK && motion_is_given(p->template_file))
        status = motion_file_check(context, p->template_file, err);
    return status;
}

static image_shift_spec shift_spec(const motion_params *p, const lmp_format *format)
{
    return (image_shift_spec){.type = format->type,
                              .height = format->height,
                              .width = format->width,
                              .n_colours = 1,
                              .method = (image_shift_method)p->interpolation,
                              .fill = p->fill};
}

static bool learns_all(const motion_params *p, const motion_method *method)
{
    return method->find == NULL || p->apply == 0 || p->border == BORDER_CROP || p->bad_frames == BAD_INTERPOLATE;
}

/* One more pass over all frames, behind those of the method. */
static lmp_status plan_all_frames(lmp_step_plan *plan, lmp_error *err)
{
    const size_t n = (size_t)plan->learn_passes;
    lmp_frame_list *lists = lmp_plan_memory(plan, (n + 1) * sizeof *lists);
    if (lists == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    if (plan->learn_frames != NULL) memcpy(lists, plan->learn_frames, n * sizeof *lists);
    plan->learn_frames = lists;
    plan->learn_passes++;
    return LMP_OK;
}

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static lmp_status plan_step(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const motion_params *p = values;
    const motion_method *method = methods[p->method];
    motion_context context;
    lmp_status status = frame_step_needs_grey("motion", &in->format, err);
    if (status == LMP_OK) status = make_context(p, &in->format, plan, &context, err);
    if (status == LMP_OK) status = check_fit(p, method, err);
    if (status == LMP_OK) status = check_images(p, &context, err);
    if (status == LMP_OK) status = image_shift_check_fill("motion", in->format.type, p->fill, err);
    if (status == LMP_OK) status = method->plan(&context, plan, err);
    if (status == LMP_OK && learns_all(p, method) && method->find != NULL) status = plan_all_frames(plan, err);
    if (status != LMP_OK) return status;
    const image_shift_spec spec = shift_spec(p, &in->format);
    plan->shared_bytes += aligned(sizeof(motion_shared)) + (size_t)in->format.n_times * sizeof(motion_shift);
    if (p->apply != 0) plan->shared_bytes += image_shift_bytes(&spec);
    plan->scratch_bytes = aligned(plan->scratch_bytes) + image_shift_scratch_bytes(&spec);
    plan->is_identity = p->apply == 0;
    plan->table_path = motion_is_given(p->shifts) ? p->shifts : NULL;
    plan->table_is_array = writes_array(p);
    plan->image_path = motion_is_given(p->template_out) ? p->template_out : NULL;
    plan->image_height = context.region.height;
    plan->image_width = context.region.width;
    return LMP_OK;
}

/* ---- Opening ---- */

static void close_shared(void *shared, lmp_budget *budget)
{
    motion_shared *s = shared;
    if (s->state != NULL) s->method->close(s->state, budget);
    image_shift_close(s->mover, budget);
    lmp_give(budget, s);
}

static lmp_status open_method(motion_shared *s, const lmp_step_plan *plan, lmp_error *err)
{
    motion_context context;
    lmp_status status = make_context(&s->params, &s->format, plan, &context, err);
    if (status != LMP_OK) return status;
    s->region = context.region;
    context.shifts = s->shifts;
    context.budget = s->budget;
    return s->method->open(&context, &s->state, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    const motion_params *p = values;
    void *memory;
    lmp_status status = lmp_take(
        budget, aligned(sizeof(motion_shared)) + (size_t)in->format.n_times * sizeof(motion_shift), &memory, err);
    if (status != LMP_OK) return status;
    motion_shared *s = memory;
    s->method = methods[p->method];
    s->params = *p;
    s->format = in->format;
    s->budget = budget;
    s->shifts = (void *)((char *)memory + aligned(sizeof *s));
    s->window = (image_window){0, 0, in->format.height, in->format.width};
    s->spec = shift_spec(p, &in->format);
    s->learns_all = learns_all(p, s->method);
    s->method_passes = plan->learn_passes - (s->learns_all && s->method->find != NULL);
    s->shift_offset = plan->scratch_bytes - image_shift_scratch_bytes(&s->spec);
    if (p->apply != 0) status = image_shift_open(&s->spec, budget, &s->mover, err);
    if (status == LMP_OK) status = open_method(s, plan, err);
    if (status != LMP_OK)
        close_shared(s, budget);
    else
        *shared = s;
    return status;
}

/* ---- Learning ---- */

/* Frames are moved by what the table says of them, so that motion-apply gives the same with it. */
static void round_shift(motion_shift *shift)
{
    const double steps_per_px = 1e6;
    shift->dy = rint(shift->dy * steps_per_px) / steps_per_px + 0.0; /* no negative zero */
    shift->dx = rint(shift->dx * steps_per_px) / steps_per_px + 0.0;
}

static lmp_status find_shift(const motion_shared *s, void *scratch, const lmp_frames *in, motion_shift *found,
                             lmp_error *err)
{
    const lmp_status status = s->method->find(s->state, scratch, in, found, err);
    round_shift(found);
    return status;
}

static lmp_status learn_images(void *shared, int64_t pass, void *scratch, const lmp_frames *in, lmp_error *err)
{
    motion_shared *s = shared;
    return pass < s->method_passes ? s->method->learn(s->state, pass, scratch, in, err)
                                   : find_shift(s, scratch, in, &s->shifts[in->first], err);
}

/* What every frame has once it is moved. */
static lmp_status find_valid(const motion_shared *s, image_window *valid, lmp_error *err)
{
    const int64_t n = s->format.n_times;
    double *dy = malloc((size_t)(2 * n) * sizeof *dy), *dx = dy + n;
    if (dy == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the shifts");
    for (int64_t t = 0; t < n; t++) {
        dy[t] = s->shifts[t].dy;
        dx[t] = s->shifts[t].dx;
    }
    *valid = image_shift_valid(&s->spec, dy, dx, n);
    free(dy);
    if (s->method->move != NULL) motion_shrink(valid, (int64_t)ceil(s->params.max_deviation));
    return LMP_OK;
}

static lmp_status crop(motion_shared *s, lmp_stream *out, lmp_error *err)
{
    const lmp_status status = find_valid(s, &s->window, err);
    if (status != LMP_OK) return status;
    if (s->window.height < 1 || s->window.width < 1)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "motion: no pixel lies within all frames once they are moved: say border=fill");
    out->format.height = s->window.height;
    out->format.width = s->window.width;
    return LMP_OK;
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    motion_shared *s = shared;
    const bool is_last = pass + 1 == s->method_passes + (s->learns_all && s->method->find != NULL);
    lmp_status status = pass < s->method_passes ? s->method->learned(s->state, pass, err) : LMP_OK;
    if (status != LMP_OK || !is_last || !s->learns_all) return status;
    if (s->params.bad_frames == BAD_INTERPOLATE) motion_interpolate(s->shifts, s->format.n_times);
    for (int64_t t = 0; t < s->format.n_times; t++) round_shift(&s->shifts[t]);
    return s->params.border == BORDER_CROP && s->params.apply != 0 ? crop(s, out, err) : LMP_OK;
}

/* ---- Frames ---- */

static lmp_status move_frame(const motion_shared *s, void *scratch, const lmp_frames *in, void *out, lmp_error *err)
{
    const motion_shift *shift = &s->shifts[in->first];
    if (s->method->move != NULL) return s->method->move(s->state, scratch, in, shift, &s->window, out, err);
    image_shift_move(s->mover, in->data, shift->dy, shift->dx, &s->window, out, (char *)scratch + s->shift_offset);
    return LMP_OK;
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    const motion_shared *s = shared;
    const bool finds = !s->learns_all || s->method->move != NULL;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < in->count && status == LMP_OK; i++) {
        lmp_frames one = *in;
        one.first = in->first + i;
        one.count = 1;
        one.data = (char *)in->data + (size_t)i * in->stride;
        /* Once all are known they stay as they are: here a method only looks for what its move() needs. */
        motion_shift again;
        if (finds) status = find_shift(s, scratch, &one, s->learns_all ? &again : &s->shifts[one.first], err);
        if (status == LMP_OK) status = move_frame(s, scratch, &one, frame_out(out, i), err);
    }
    return status;
}

/* ---- What it tells ---- */

static void record(const void *shared, lmp_record *record)
{
    const motion_shared *s = shared;
    image_window valid;
    motion_record(s->shifts, s->format.n_times, record);
    if (find_valid(s, &valid, NULL) == LMP_OK && valid.height > 0 && valid.width > 0) {
        lmp_record_number(record, "valid_x", (double)valid.x);
        lmp_record_number(record, "valid_y", (double)valid.y);
        lmp_record_number(record, "valid_width", (double)valid.width);
        lmp_record_number(record, "valid_height", (double)valid.height);
    }
    if (s->method->record != NULL) s->method->record(s->state, record);
}

static lmp_status tabulate(const void *shared, lmp_table *table, lmp_error *err)
{
    (void)err;
    const motion_shared *s = shared;
    if (writes_array(&s->params))
        motion_tabulate_pairs(s->shifts, &s->format, table);
    else
        motion_tabulate(s->shifts, &s->format, s->params.ratio != 0, table);
    return LMP_OK;
}

static lmp_status paint(const void *shared, const lmp_frames *image, lmp_error *err)
{
    (void)err;
    const motion_shared *s = shared;
    s->method->paint(s->state, image->data);
    return LMP_OK;
}

const lmp_step lmp_step_motion = {
    .struct_size = sizeof(lmp_step),
    .name = "motion",
    .summary = "Frees a movie of motion: finds how far each frame has moved, and moves it back.",
    .doc = motion_doc,
    .known_as = "estimate_motion, apply_transform (Minian), motion_correction (CaImAn, NoRMCorre), register (suite2p)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(motion_params),
    .plan = plan_step,
    .open = open_shared,
    .learn_images = learn_images,
    .learned = learned,
    .process_images = process_images,
    .takes_any_type = true,
    .record = record,
    .tabulate = tabulate,
    .paint = paint,
    .close = close_shared,
};
