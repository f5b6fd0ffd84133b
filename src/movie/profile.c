/* SPDX-License-Identifier: BSD-3-Clause
 *
 * profile.c: each frame becomes the intensity along a line, an image of one row.
 */
#include "movie/pixel_values.h"
#include "movie/profile_path.h"

#include <string.h>

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const profile_params *p = values;
    profile_path path;
    const lmp_status status = profile_path_plan("profile", p, &in->format, &path, NULL, err);
    if (status != LMP_OK) return status;
    lmp_format *out = &plan->out.format;
    const double sizes[] = {in->format.pixel_width_um, in->format.pixel_height_um, 0};
    out->type = pixel_type_for_means(in->format.type);
    out->width = path.length;
    out->height = 1;
    out->pixel_width_um = sizes[p->axis];
    out->pixel_height_um = 0;
    plan->shared_bytes = sizeof(profile_path) + profile_path_bytes(&path);
    plan->scratch_bytes = 2 * (size_t)(path.length * in->format.n_colours) * sizeof(double);
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    (void)made;
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(profile_path), &memory, err);
    if (status != LMP_OK) return status;
    status = profile_path_open("profile", values, &in->format, budget, memory, err);
    if (status == LMP_OK)
        *shared = memory;
    else
        lmp_give(budget, memory);
    return status;
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    const profile_path *path = shared;
    const int64_t count = path->length * in->n_colours;
    for (int64_t i = 0; i < in->count; i++) {
        memset(scratch, 0, 2 * (size_t)count * sizeof(double));
        profile_path_add(path, in, (const char *)in->data + (size_t)i * in->stride, scratch);
        profile_path_divide(scratch, count, scratch);
        pixel_values_put(out->type, (char *)out->data + (size_t)i * out->stride, 0, count, scratch);
    }
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "length", (double)((const profile_path *)shared)->length);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    profile_path_close(shared, budget);
    lmp_give(budget, shared);
}

const lmp_step lmp_step_profile = {
    .struct_size = sizeof(lmp_step),
    .name = "profile",
    .summary = "Intensity along a row, a column or a drawn line, for each frame.",
    .doc = "Each frame becomes an image of one row: the intensity along a line.\n\n" PROFILE_DOC
           "\n`kymograph` puts the profiles of all frames into one image.\n",
    .known_as = "crosshair and polyline profiles (BLITZ), Plot Profile (ImageJ), measure.profile_line (scikit-image)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = profile_param_table,
    .params_size = sizeof(profile_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .process_images = process_images,
};
