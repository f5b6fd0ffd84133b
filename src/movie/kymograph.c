/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kymograph.c: the intensity along a line, over time: one image with a row for every frame.
 *
 * Bands of rows are learned side by side. Where every position of the profile lies in one band, it is finished there; a
 * profile that needs several bands keeps the sums of each, and they are added in the order of the bands.
 */
#include "movie/pixel_values.h"
#include "movie/profile_path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Positions [first, first + count) that a band touches. */
typedef struct touched {
    int64_t first, count;
    double *sums; /* pairs of sum and weight of each, for each frame; NULL if the band alone has them */
} touched;

typedef struct kymograph_shared {
    profile_path path;
    int64_t n_frames, n_colours, n_lanes;
    lmp_type type;
    bool is_joint; /* some position needs several bands */
    lmp_budget *budget;
    char *image;    /* n_frames x length x n_colours of `type` */
    touched *lanes; /* n_lanes */
    double *work;   /* pairs of a whole profile, for each lane */
} kymograph_shared;

static size_t pairs_bytes(int64_t positions, int64_t n_colours)
{
    return 2 * (size_t)(positions * n_colours) * sizeof(double);
}

static touched find_touched(const profile_reach *reach, const lmp_format *f, int64_t lane)
{
    int64_t row, least = INT64_MAX, most = -1;
    const int64_t rows = lmp_lane_rows(f, lane, &row);
    for (int64_t y = row; y < row + rows; y++) {
        if (reach[y].last < 0) continue;
        least = reach[y].first < least ? reach[y].first : least;
        most = reach[y].last > most ? reach[y].last : most;
    }
    return (touched){.first = most >= 0 ? least : 0, .count = most >= 0 ? most - least + 1 : 0};
}

static bool are_joint(const touched *lanes, int64_t n)
{
    for (int64_t a = 0; a < n; a++)
        for (int64_t b = a + 1; b < n; b++)
            if (lanes[a].count > 0 && lanes[b].count > 0 && lanes[a].first < lanes[b].first + lanes[b].count &&
                lanes[b].first < lanes[a].first + lanes[a].count)
                return true;
    return false;
}

/* ---- Planning ---- */

/* What each band will hold. *lanes: malloc'd. */
static lmp_status plan_lanes(const profile_params *p, const lmp_format *f, profile_path *path, touched **lanes,
                             lmp_error *err)
{
    const int64_t n = lmp_lane_count(f);
    profile_reach *reach = calloc((size_t)f->height, sizeof *reach);
    touched *made = calloc((size_t)n, sizeof *made);
    lmp_status status = LMP_OK;
    if (reach == NULL || made == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    else
        status = profile_path_plan("kymograph", p, f, path, reach, err);
    for (int64_t i = 0; i < n && status == LMP_OK; i++) made[i] = find_touched(reach, f, i);
    free(reach);
    if (status == LMP_OK)
        *lanes = made;
    else
        free(made);
    return status;
}

static size_t image_bytes(const profile_path *path, const lmp_format *f)
{
    return (size_t)(f->n_times * path->length * f->n_colours) * lmp_type_bytes(pixel_type_for_means(f->type));
}

static size_t planned_bytes(const profile_path *path, const touched *lanes, const lmp_format *f)
{
    const int64_t n = lmp_lane_count(f);
    size_t bytes = sizeof(kymograph_shared) + profile_path_bytes(path) + image_bytes(path, f) +
                   (size_t)n * (sizeof(touched) + pairs_bytes(path->length, f->n_colours));
    if (!are_joint(lanes, n)) return bytes;
    for (int64_t i = 0; i < n; i++) bytes += (size_t)f->n_times * pairs_bytes(lanes[i].count, f->n_colours);
    return bytes;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const profile_params *p = values;
    const lmp_format *f = &in->format;
    profile_path path;
    touched *lanes = NULL;
    const lmp_status status = plan_lanes(p, f, &path, &lanes, err);
    if (status != LMP_OK) return status;
    plan->shared_bytes = planned_bytes(&path, lanes, f);
    free(lanes);
    lmp_format *out = &plan->out.format;
    const double sizes[] = {f->pixel_width_um, f->pixel_height_um, 0};
    out->type = pixel_type_for_means(f->type);
    out->width = path.length;
    out->height = f->n_times;
    out->n_times = 1;
    out->rate_hz = 0;
    out->pixel_width_um = sizes[p->axis];
    out->pixel_height_um = 0;
    plan->learn_passes = 1;
    return LMP_OK;
}

/* ---- Learning ---- */

static void close_shared(void *shared, lmp_budget *budget)
{
    kymograph_shared *s = shared;
    for (int64_t i = 0; i < s->n_lanes && s->lanes != NULL; i++) lmp_give(budget, s->lanes[i].sums);
    lmp_give(budget, s->lanes);
    lmp_give(budget, s->work);
    lmp_give(budget, s->image);
    profile_path_close(&s->path, budget);
    lmp_give(budget, s);
}

/* Positions that no pixel of the image touches stay NaN. */
static void blank(kymograph_shared *s)
{
    const double nan = (double)NAN;
    const int64_t n = s->n_frames * s->path.length * s->n_colours;
    for (int64_t i = 0; i < n; i++) pixel_values_put(s->type, s->image, i, 1, &nan);
}

static lmp_status take_sums(kymograph_shared *s, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < s->n_lanes && status == LMP_OK; i++) {
        void *sums = NULL;
        const size_t frame = pairs_bytes(s->lanes[i].count, s->n_colours);
        if (frame > 0) status = lmp_take(s->budget, (size_t)s->n_frames * frame, &sums, err);
        s->lanes[i].sums = sums;
    }
    return status;
}

static lmp_status take_arrays(kymograph_shared *s, const touched *planned, const lmp_format *f, lmp_error *err)
{
    void *image = NULL, *lanes = NULL, *work = NULL;
    lmp_status status = lmp_take(s->budget, image_bytes(&s->path, f), &image, err);
    s->image = image;
    if (status == LMP_OK) status = lmp_take(s->budget, (size_t)s->n_lanes * sizeof(touched), &lanes, err);
    s->lanes = lanes;
    if (status == LMP_OK)
        status = lmp_take(s->budget, (size_t)s->n_lanes * pairs_bytes(s->path.length, s->n_colours), &work, err);
    s->work = work;
    if (status != LMP_OK) return status;
    memcpy(s->lanes, planned, (size_t)s->n_lanes * sizeof(touched));
    blank(s);
    s->is_joint = are_joint(s->lanes, s->n_lanes);
    return s->is_joint ? take_sums(s, err) : LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    void *memory;
    touched *lanes = NULL;
    profile_path path;
    lmp_status status = lmp_take(budget, sizeof(kymograph_shared), &memory, err);
    if (status != LMP_OK) return status;
    kymograph_shared *s = memory;
    s->budget = budget;
    s->n_frames = in->format.n_times;
    s->n_colours = in->format.n_colours;
    s->n_lanes = lmp_lane_count(&in->format);
    s->type = made->out.format.type;
    status = plan_lanes(values, &in->format, &path, &lanes, err);
    if (status == LMP_OK) status = profile_path_open("kymograph", values, &in->format, budget, &s->path, err);
    if (status == LMP_OK) status = take_arrays(s, lanes, &in->format, err);
    free(lanes);
    if (status == LMP_OK)
        *shared = s;
    else
        close_shared(s, budget);
    return status;
}

/* Positions of one frame into its row of the image. Works in place. */
static void finish(const kymograph_shared *s, int64_t frame, int64_t first, int64_t count, double *sums)
{
    profile_path_divide(sums, count * s->n_colours, sums);
    pixel_values_put(s->type, s->image, (frame * s->path.length + first) * s->n_colours, count * s->n_colours, sums);
}

static lmp_status learn_rows(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err)
{
    (void)err;
    const kymograph_shared *s = shared;
    const touched *t = &s->lanes[lane];
    const size_t pairs = 2 * (size_t)s->n_colours, n = pairs * (size_t)t->count;
    double *work = s->work + (size_t)lane * pairs * (size_t)s->path.length, *mine = work + pairs * (size_t)t->first;
    for (int64_t i = 0; i < in->count && t->count > 0; i++) {
        memset(mine, 0, n * sizeof *mine);
        profile_path_add(&s->path, in, (const char *)in->data + (size_t)i * in->stride, work);
        if (s->is_joint)
            memcpy(t->sums + (size_t)(in->first + i) * n, mine, n * sizeof *mine);
        else
            finish(s, in->first + i, t->first, t->count, mine);
    }
    return LMP_OK;
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)pass, (void)out, (void)err;
    const kymograph_shared *s = shared;
    const int64_t pairs = 2 * s->n_colours;
    for (int64_t frame = 0; frame < s->n_frames && s->is_joint; frame++) {
        memset(s->work, 0, pairs_bytes(s->path.length, s->n_colours));
        for (int64_t k = 0; k < s->n_lanes; k++) {
            const touched *t = &s->lanes[k];
            const int64_t n = pairs * t->count;
            for (int64_t i = 0; i < n; i++) s->work[pairs * t->first + i] += t->sums[frame * n + i];
        }
        finish(s, frame, 0, s->path.length, s->work);
    }
    return LMP_OK;
}

static lmp_status generate(const void *shared, const lmp_frames *frames, const lmp_block *signals, lmp_error *err)
{
    (void)signals, (void)err;
    const kymograph_shared *s = shared;
    const size_t row = (size_t)(s->path.length * s->n_colours) * lmp_type_bytes(s->type);
    if (frames->count > 0) memcpy(frames->data, s->image + (size_t)frames->row * row, (size_t)frames->rows * row);
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "length", (double)((const kymograph_shared *)shared)->path.length);
}

const lmp_step lmp_step_kymograph = {
    .struct_size = sizeof(lmp_step),
    .name = "kymograph",
    .summary = "Intensity along a line over time: one image, a row for each frame.",
    .doc = "One image whose row t is the profile of frame t (time runs down); see `profile`.\n\n" PROFILE_DOC,
    .known_as = "kymograph, Reslice (ImageJ), space-time cut",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_BLOCK,
    .params = profile_param_table,
    .params_size = sizeof(profile_params),
    .plan = plan,
    .open = open_shared,
    .learn_rows = learn_rows,
    .learned = learned,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .generate = generate,
};
