/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_file.c: masks and templates from files.
 */
#include "movie/motion_file.h"

#include "movie/reference.h"

/* What is asked of the image: the size of the region if it has that one, else the movie's. */
static lmp_status find_format(const motion_context *context, const char *path, lmp_format *format, lmp_error *err)
{
    lmp_recording *recording = NULL;
    const lmp_status status = lmp_plan_open_recording(context->plan, path, &recording, err);
    if (status != LMP_OK) return status;
    const lmp_format *file = lmp_recording_get_format(recording);
    const image_window *r = &context->region;
    *format = *context->format;
    if (file->kind == LMP_MOVIE && file->height == r->height && file->width == r->width) {
        format->height = r->height;
        format->width = r->width;
    }
    lmp_recording_close(recording);
    return LMP_OK;
}

lmp_status motion_file_check(const motion_context *context, const char *path, lmp_error *err)
{
    lmp_format format;
    const lmp_status status = find_format(context, path, &format, err);
    return status == LMP_OK ? reference_check_file("motion", path, &format, context->plan, err) : status;
}

/* The image twice, as it is read and as doubles. */
size_t motion_file_bytes(const motion_context *context)
{
    const image_window *r = &context->region;
    return 2 * reference_bytes(context->format) + (size_t)(r->height * r->width) * sizeof(float);
}

static void cut_region(const motion_context *context, const reference_image *image, float *region)
{
    const image_window *r = &context->region;
    const bool is_whole =
        image->format.height == context->format->height && image->format.width == context->format->width;
    const int64_t first = is_whole ? r->y * image->format.width + r->x : 0;
    for (int64_t y = 0; y < r->height; y++)
        for (int64_t x = 0; x < r->width; x++)
            region[y * r->width + x] = (float)image->values[first + y * image->format.width + x];
}

lmp_status motion_file_load(const motion_context *context, const char *path, float **region, lmp_error *err)
{
    reference_image image = {0};
    void *values = NULL, *memory = NULL;
    const size_t bytes = (size_t)(context->region.height * context->region.width) * sizeof(float);
    lmp_status status = find_format(context, path, &image.format, err);
    if (status == LMP_OK) status = lmp_take(context->budget, reference_bytes(&image.format), &values, err);
    image.values = values;
    if (status == LMP_OK) status = reference_load("motion", path, context->plan, context->budget, &image, err);
    if (status == LMP_OK) status = lmp_take(context->budget, bytes, &memory, err);
    if (status == LMP_OK) {
        cut_region(context, &image, memory);
        *region = memory;
    }
    lmp_give(context->budget, values);
    return status;
}
