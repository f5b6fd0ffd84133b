/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_template.c: templates learned from a movie, and what they say about a frame.
 */
#include "movie/motion_template.h"

#include "movie/motion_template_inside.h"
#include "math/image_smooth.h"
#include "movie/motion_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A movie has a template for every FRAMES_OF_STRETCH frames or less, from up to MOST_SAMPLE of them; their spectra stay
 * within SAMPLE_BYTES where that leaves LEAST_SAMPLE of them. 30 frames gave the same error as 100 on simulated movies.
 */
enum { FRAMES_OF_STRETCH = 1500, MOST_SAMPLE = 60, LEAST_SAMPLE = 24, SAMPLE_BYTES = 48 << 20 };

/* ---- Planning ---- */

static int64_t automatic_binning(const image_window *region)
{
    const int64_t side = region->height < region->width ? region->height : region->width;
    return side >= 1600 ? 4 : side >= 320 ? 2 : 1;
}

match_spec template_match_spec(const motion_context *context)
{
    const motion_params *p = context->params;
    const image_window *r = &context->region;
    const int64_t binning = p->binning == LMP_AUTO_INTEGER ? automatic_binning(r) : p->binning;
    return (match_spec){.type = context->format->type,
                        .frame_width = context->format->width,
                        .region = *r,
                        .binning = binning,
                        .smooth = isnan(p->smooth) ? 0.8 * (double)(binning > 1 ? binning : 2) : p->smooth,
                        .background = isnan(p->background) ? 9 * fmax(1, (double)binning / 2) : p->background,
                        .reach_y = context->reach_y,
                        .reach_x = context->reach_x};
}

static int64_t count_stretches(int64_t n_frames)
{
    const int64_t n = (n_frames + FRAMES_OF_STRETCH - 1) / FRAMES_OF_STRETCH;
    return n > MOTION_MOST_STRETCHES ? MOTION_MOST_STRETCHES : n;
}

static int64_t first_of_stretch(int64_t n_frames, int64_t n_stretches, int64_t k)
{
    return (int64_t)((double)n_frames * (double)k / (double)n_stretches);
}

static int64_t sample_size(const motion_context *context, const match_spec *spec, int64_t n_frames)
{
    const size_t bytes = (size_t)match_spectrum_floats(spec) * sizeof(float);
    int64_t n = (int64_t)(SAMPLE_BYTES / bytes);
    n = n < LEAST_SAMPLE ? LEAST_SAMPLE : n > MOST_SAMPLE ? MOST_SAMPLE : n;
    if (context->params->frames != LMP_AUTO_INTEGER) n = context->params->frames;
    return n < n_frames ? n : n_frames;
}

/* Evenly over the stretch. */
static void choose_frames_of(int64_t first, int64_t count, int64_t n, int64_t *frames)
{
    for (int64_t i = 0; i < n; i++) frames[i] = first + (int64_t)(((double)i + 0.5) * (double)count / (double)n);
}

static lmp_status plan_samples(const motion_context *context, const match_spec *spec, lmp_step_plan *plan,
                               int64_t *most, lmp_error *err)
{
    const int64_t n_frames = context->format->n_times, n_stretches = count_stretches(n_frames);
    lmp_frame_list *lists = lmp_plan_memory(plan, (size_t)n_stretches * sizeof *lists);
    *most = 0;
    for (int64_t k = 0; k < n_stretches && lists != NULL; k++) {
        const int64_t first = first_of_stretch(n_frames, n_stretches, k),
                      count = first_of_stretch(n_frames, n_stretches, k + 1) - first;
        const int64_t n = sample_size(context, spec, count);
        int64_t *frames = lmp_plan_lanes(plan, n);
        if (frames == NULL) lists = NULL;
        if (frames == NULL) break;
        choose_frames_of(first, count, n, frames);
        lists[k] = (lmp_frame_list){frames, n};
        if (n > *most) *most = n;
    }
    if (lists == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    plan->learn_frames = lists;
    plan->learn_passes = n_stretches;
    return LMP_OK;
}

static size_t aligned_floats(int64_t n)
{
    return ((size_t)n * sizeof(float) + 63) / 64 * 64;
}

/* Per stretch: sum, target, level. */
static size_t stretch_bytes(const match_spec *spec)
{
    return 2 * aligned_floats(match_spectrum_floats(spec)) + aligned_floats(match_energy_floats(spec)) +
           aligned_floats(match_rows(spec) * match_columns(spec));
}

size_t template_scratch_bytes(const motion_context *context)
{
    const match_spec spec = template_match_spec(context);
    return match_scratch_bytes(&spec) + aligned_floats(match_spectrum_floats(&spec)) +
           aligned_floats(match_rows(&spec) * match_columns(&spec));
}

lmp_status template_plan(const motion_context *context, lmp_step_plan *plan, lmp_error *err)
{
    const match_spec spec = template_match_spec(context);
    int64_t most = 0;
    if (match_rows(&spec) < 16 || match_columns(&spec) < 16)
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "motion: %lld x %lld pixels, binned by %lld, are too few to compare: at least 16 x 16 are needed",
            (long long)spec.region.height, (long long)spec.region.width, (long long)spec.binning);
    const lmp_status status = plan_samples(context, &spec, plan, &most, err);
    if (status != LMP_OK) return status;
    const size_t spectrum = aligned_floats(match_spectrum_floats(&spec));
    const image_size size = {match_rows(&spec), match_columns(&spec), 1};
    plan->shared_bytes += sizeof(template_set) + matcher_bytes(&spec) +
                          (size_t)plan->learn_passes * stretch_bytes(&spec) + match_scratch_bytes(&spec) +
                          (8 + (size_t)most) * spectrum + aligned_floats(match_target_scratch_floats(&spec)) +
                          2 * aligned_floats(size.height * size.width) + image_box_scratch(size);
    if (motion_is_given(context->params->mask) || motion_is_given(context->params->template_file))
        plan->shared_bytes += motion_file_bytes(context);
    return LMP_OK;
}

/* ---- Opening ---- */

static lmp_status open_matcher(const motion_context *context, template_set *set, lmp_error *err)
{
    float *mask = NULL;
    const int64_t n = context->region.height * context->region.width;
    lmp_status status = LMP_OK;
    if (motion_is_given(context->params->mask)) status = motion_file_load(context, context->params->mask, &mask, err);
    for (int64_t i = 0; i < n && mask != NULL; i++) mask[i] = mask[i] > 0 ? 1 : 0;
    if (status == LMP_OK) status = matcher_open(&set->spec, mask, context->budget, &set->m, err);
    lmp_give(context->budget, mask);
    return status;
}

static lmp_status take_floats(template_set *set, int64_t n, float **floats, lmp_error *err)
{
    void *memory;
    const lmp_status status = lmp_take(set->budget, aligned_floats(n), &memory, err);
    if (status == LMP_OK) *floats = memory;
    return status;
}

static lmp_status take_stretches(template_set *set, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t k = 0; k < set->n_stretches && status == LMP_OK; k++) {
        stretch *s = &set->stretches[k];
        s->first_frame = first_of_stretch(set->n_frames, set->n_stretches, k);
        status = take_floats(set, set->spectrum_floats, &s->sum, err);
        if (status == LMP_OK) status = take_floats(set, set->spectrum_floats, &s->target.spectrum, err);
        if (status == LMP_OK) status = take_floats(set, match_energy_floats(&set->spec), &s->target.energy, err);
        if (status == LMP_OK) status = take_floats(set, set->n_values, &s->inverse_level, err);
    }
    return status;
}

/* The lists live as long as the plan, which is planned anew after learning: they are copied. */
static lmp_status copy_lists(template_set *set, const lmp_step_plan *plan, int64_t *most, lmp_error *err)
{
    int64_t total = 0;
    for (int64_t k = 0; k < set->n_stretches; k++) total += plan->learn_frames[k].count;
    const size_t bytes = (size_t)set->n_stretches * sizeof *set->own_lists + (size_t)total * sizeof(int64_t);
    set->own_lists = malloc(bytes);
    if (set->own_lists == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    int64_t *frames = (int64_t *)(set->own_lists + set->n_stretches);
    for (int64_t k = 0; k < set->n_stretches; k++) {
        const lmp_frame_list *list = &plan->learn_frames[k];
        memcpy(frames, list->frames, (size_t)list->count * sizeof *frames);
        set->own_lists[k] = (lmp_frame_list){frames, list->count};
        frames += list->count;
        if (list->count > *most) *most = list->count;
    }
    return LMP_OK;
}

/* A template from a file stands for all stretches: it is binned like a frame. */
static lmp_status open_given(const motion_context *context, template_set *set, lmp_error *err)
{
    float *region = NULL;
    if (!motion_is_given(context->params->template_file)) return LMP_OK;
    lmp_status status = motion_file_load(context, context->params->template_file, &region, err);
    if (status == LMP_OK) status = take_floats(set, set->n_values, &set->given, err);
    const int64_t b = set->spec.binning, columns = match_columns(&set->spec);
    for (int64_t i = 0; status == LMP_OK && i < set->n_values; i++) {
        const int64_t y = i / columns, x = i % columns;
        double sum = 0;
        for (int64_t k = 0; k < b * b; k++)
            sum += (double)region[(y * b + k / b) * set->spec.region.width + x * b + k % b];
        set->given[i] = (float)(sum / (double)(b * b));
    }
    lmp_give(context->budget, region);
    return status;
}

lmp_status template_open(const motion_context *context, template_set **made, lmp_error *err)
{
    void *memory;
    lmp_status status = lmp_take(context->budget, sizeof(template_set), &memory, err);
    if (status != LMP_OK) return status;
    template_set *set = memory;
    set->budget = context->budget;
    set->spec = template_match_spec(context);
    set->n_frames = context->format->n_times;
    set->n_stretches = count_stretches(set->n_frames);
    set->match_scratch = match_scratch_bytes(&set->spec);
    set->n_values = match_rows(&set->spec) * match_columns(&set->spec);
    set->spectrum_floats = (int64_t)(aligned_floats(match_spectrum_floats(&set->spec)) / sizeof(float));
    int64_t most = 0;
    status = copy_lists(set, context->plan, &most, err);
    if (status == LMP_OK) status = open_matcher(context, set, err);
    if (status == LMP_OK) status = open_given(context, set, err);
    if (status == LMP_OK) status = take_stretches(set, err);
    set->n_slots = most;
    if (status == LMP_OK) status = take_floats(set, most * set->spectrum_floats, &set->samples, err);
    if (status == LMP_OK) status = take_floats(set, 2 * set->spectrum_floats, &set->work, err);
    if (status == LMP_OK) status = take_floats(set, set->spectrum_floats, &set->taper, err);
    if (status == LMP_OK) status = take_floats(set, set->spectrum_floats, &set->tapers, err);
    if (status == LMP_OK) status = take_floats(set, match_target_scratch_floats(&set->spec), &set->target_scratch, err);
    if (status == LMP_OK) status = take_floats(set, 4 * set->spectrum_floats, &set->still, err);
    if (status == LMP_OK) status = take_floats(set, set->n_values, &set->portrait, err);
    if (status == LMP_OK) status = lmp_take(set->budget, match_scratch_bytes(&set->spec), &set->scratch, err);
    if (status != LMP_OK)
        template_close(set, context->budget);
    else
        *made = set;
    return status;
}

static void give_learning(template_set *set)
{
    lmp_give(set->budget, set->samples);
    lmp_give(set->budget, set->work);
    lmp_give(set->budget, set->scratch);
    lmp_give(set->budget, set->given);
    lmp_give(set->budget, set->taper);
    lmp_give(set->budget, set->tapers);
    lmp_give(set->budget, set->target_scratch);
    lmp_give(set->budget, set->still);
    set->samples = set->work = set->given = set->taper = set->tapers = set->target_scratch = set->still = NULL;
    set->scratch = NULL;
}

void template_close(template_set *set, lmp_budget *budget)
{
    if (set == NULL) return;
    give_learning(set);
    for (int64_t k = 0; k < set->n_stretches; k++) {
        lmp_give(budget, set->stretches[k].sum);
        lmp_give(budget, set->stretches[k].target.spectrum);
        lmp_give(budget, set->stretches[k].target.energy);
        lmp_give(budget, set->stretches[k].inverse_level);
    }
    lmp_give(budget, set->portrait);
    matcher_close(set->m, budget);
    free(set->own_lists);
    lmp_give(budget, set);
}

/* ---- Learning: frames come in ---- */

static int64_t place_in(const lmp_frame_list *list, int64_t frame)
{
    int64_t low = 0, high = list->count - 1;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (list->frames[middle] < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

lmp_status template_learn(template_set *set, int64_t pass, void *scratch, const lmp_frames *in, lmp_error *err)
{
    (void)err;
    match_bin(set->m, in, scratch, template_slot(set, place_in(&set->own_lists[pass], in->first)));
    return LMP_OK;
}

lmp_status template_learned(template_set *set, int64_t pass, lmp_error *err)
{
    const bool is_last = pass + 1 == set->n_stretches;
    lmp_status status = template_take_workers(set, err);
    if (status == LMP_OK) status = template_learn_stretch(set, pass, err);
    if (status == LMP_OK && is_last) status = template_tie(set, err);
    template_give_workers(set);
    if (status == LMP_OK && is_last) give_learning(set);
    return status;
}

/* ---- Frames ---- */

/* Of the power of the frames a template was made from, or of its part that is like the template (LIKE_SHARE) or is not
 * (NOISE_TIMES); share of pixels. */
#define BLANK_SHARE     0.01
#define DIM_SHARE       0.25
#define LIKE_SHARE      0.02
#define NOISE_TIMES     1.5
#define CORRUPT_TIMES   9.0
#define SATURATED_EXTRA 0.2

int64_t template_stretch(const template_set *set, int64_t frame)
{
    int64_t k = 0;
    while (k + 1 < set->n_stretches && set->stretches[k + 1].first_frame <= frame) k++;
    return k;
}

/* Little more than the noise of other frames, and not like the template: a camera that saw nothing. */
static bool is_noise(const stretch *s, const match *found)
{
    const double like = fmax(found->peak, 0), usual = fmax(s->peak, 0);
    const double most = fmax(DIM_SHARE, NOISE_TIMES * (1 - usual * usual)) * s->power;
    return found->peak < s->weakest && found->power <= most &&
           like * like * found->power <= LIKE_SHARE * usual * usual * s->power;
}

static uint32_t judge(const stretch *s, const match *found, const match_looks *looks, int64_t noisy_rows)
{
    uint32_t flags = 0;
    const bool is_blank = looks->is_empty || found->power <= BLANK_SHARE * s->power || is_noise(s, found);
    if (is_blank) flags |= MOTION_BLANK;
    if (!is_blank && found->is_at_limit) flags |= MOTION_AT_LIMIT;
    if (!is_blank && found->peak < s->weakest) flags |= MOTION_WEAK;
    if (found->power > CORRUPT_TIMES * s->power || noisy_rows >= TEMPLATE_NOISY_ROWS) flags |= MOTION_CORRUPT;
    if (looks->saturated > s->saturated + SATURATED_EXTRA) flags |= MOTION_SATURATED;
    return flags;
}

/* Scratch: that of the matcher, the binned image, its spectrum. */
void template_find(const template_set *set, void *scratch, const lmp_frames *in, motion_shift *found)
{
    float *spectrum = (void *)((char *)scratch + set->match_scratch);
    float *image = spectrum + set->spectrum_floats;
    const stretch *s = &set->stretches[template_stretch(set, in->first)];
    match_looks looks;
    match here;
    match_bin(set->m, in, scratch, image);
    const int64_t noisy_rows = match_noisy_rows(set->m, image, s->noisy_step);
    match_transform(set->m, s->inverse_level, image, scratch, spectrum, &looks);
    match_find(set->m, spectrum, &s->target, scratch, &here);
    const uint32_t flags = judge(s, &here, &looks, noisy_rows);
    const bool is_known = (flags & MOTION_UNKNOWN) == 0;
    *found = (motion_shift){.dy = s->offset_y - (is_known ? here.dy : 0),
                            .dx = s->offset_x - (is_known ? here.dx : 0),
                            .peak = (float)here.peak,
                            .ratio = (float)here.ratio,
                            .power = (float)here.power,
                            .flags = flags};
}

/* ---- What was learned ---- */

const matcher *template_matcher(const template_set *set)
{
    return set->m;
}

int64_t template_count(const template_set *set)
{
    return set->n_stretches;
}

int64_t template_place(const template_set *set, int64_t frame)
{
    const int64_t own = template_stretch(set, frame);
    int64_t before = 0;
    for (int64_t k = 0; k < own; k++) before += set->own_lists[k].count;
    return before + place_in(&set->own_lists[own], frame);
}

const float *template_sum(const template_set *set, int64_t k)
{
    return set->stretches[k].sum;
}

const float *template_inverse_level(const template_set *set, int64_t k)
{
    return set->stretches[k].inverse_level;
}

void template_offset(const template_set *set, int64_t k, double *dy, double *dx)
{
    *dy = set->stretches[k].offset_y;
    *dx = set->stretches[k].offset_x;
}

/* Between the centres of binned pixels, linearly. */
static float sample_binned(const float *image, int64_t rows, int64_t columns, double y, double x)
{
    y = fmin(fmax(y, 0), (double)(rows - 1));
    x = fmin(fmax(x, 0), (double)(columns - 1));
    const int64_t iy = y < (double)(rows - 1) ? (int64_t)y
                       : rows > 1             ? rows - 2
                                              : 0,
                  ix = x < (double)(columns - 1) ? (int64_t)x
                       : columns > 1             ? columns - 2
                                                 : 0;
    const double fy = y - (double)iy, fx = x - (double)ix;
    const float *at = image + iy * columns + ix;
    const double upper = (1 - fx) * (double)at[0] + fx * (double)at[1],
                 lower = (1 - fx) * (double)at[columns] + fx * (double)at[columns + 1];
    return (float)((1 - fy) * upper + fy * lower);
}

void template_paint(const template_set *set, float *image)
{
    const float *binned = set->portrait;
    const int64_t rows = match_rows(&set->spec), columns = match_columns(&set->spec), b = set->spec.binning;
    for (int64_t y = 0; y < set->spec.region.height; y++)
        for (int64_t x = 0; x < set->spec.region.width; x++)
            image[y * set->spec.region.width + x] = sample_binned(
                binned, rows, columns, ((double)y + 0.5) / (double)b - 0.5, ((double)x + 0.5) / (double)b - 0.5);
}

void template_record(const template_set *set, lmp_record *record)
{
    double n_good = 0, n_sample = 0, offset_y[MOTION_MOST_STRETCHES], offset_x[MOTION_MOST_STRETCHES];
    for (int64_t k = 0; k < set->n_stretches; k++) {
        n_good += (double)set->stretches[k].n_good;
        n_sample += (double)set->stretches[k].n_sample;
        offset_y[k] = set->stretches[k].offset_y;
        offset_x[k] = set->stretches[k].offset_x;
    }
    lmp_record_number(record, "binning", (double)set->spec.binning);
    lmp_record_number(record, "smooth_px", set->spec.smooth);
    lmp_record_number(record, "background_px", set->spec.background);
    lmp_record_number(record, "templates", (double)set->n_stretches);
    lmp_record_number(record, "template_frames", n_sample);
    lmp_record_number(record, "template_frames_used", n_good);
    if (set->n_stretches == 1) return;
    lmp_record_numbers(record, "template_offsets_dy_px", offset_y, set->n_stretches);
    lmp_record_numbers(record, "template_offsets_dx_px", offset_x, set->n_stretches);
    lmp_record_number(record, "template_offsets_residual_px", set->worst_tie);
}

/* ---- The method ---- */

static lmp_status plan_method(const motion_context *context, lmp_step_plan *plan, lmp_error *err)
{
    plan->scratch_bytes += template_scratch_bytes(context);
    return template_plan(context, plan, err);
}

static lmp_status open_method(const motion_context *context, void **state, lmp_error *err)
{
    template_set *set = NULL;
    const lmp_status status = template_open(context, &set, err);
    if (status == LMP_OK) *state = set;
    return status;
}

static lmp_status learn_method(void *state, int64_t pass, void *scratch, const lmp_frames *in, lmp_error *err)
{
    return template_learn(state, pass, scratch, in, err);
}

static lmp_status learned_method(void *state, int64_t pass, lmp_error *err)
{
    return template_learned(state, pass, err);
}

static lmp_status find_method(const void *state, void *scratch, const lmp_frames *in, motion_shift *found,
                              lmp_error *err)
{
    (void)err;
    template_find(state, scratch, in, found);
    return LMP_OK;
}

static void paint_method(const void *state, float *image)
{
    template_paint(state, image);
}

static void record_method(const void *state, lmp_record *record)
{
    template_record(state, record);
}

static void close_method(void *state, lmp_budget *budget)
{
    template_close(state, budget);
}

const motion_method motion_template = {.name = "template",
                                       .plan = plan_method,
                                       .open = open_method,
                                       .learn = learn_method,
                                       .learned = learned_method,
                                       .find = find_method,
                                       .paint = paint_method,
                                       .record = record_method,
                                       .close = close_method};
