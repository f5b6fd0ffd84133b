/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reference.c: where a reference image comes from.
 */
#include "movie/reference.h"

#include "movie/number.h"
#include "movie/reduce.h"
#include "movie/reducer.h"

#include <stdint.h>
#include <string.h>

size_t reference_bytes(const lmp_format *format)
{
    return (size_t)(format->height * format->width * format->n_colours) * sizeof(double);
}

/* ---- From a range ---- */

lmp_status reference_plan_range(const char *step, const char *stat, const lmp_frame_range *range, const lmp_stream *in,
                                lmp_step_plan *plan, lmp_error *err)
{
    reducer_spec spec = {0};
    lmp_status status = reducer_parse(step, stat, in->format.type, &spec, err);
    if (status == LMP_OK && spec.n_stats != 1)
        status = lmp_fail(err, LMP_ERR_USAGE, "%s: stat=%s names %lld statistics, and one is needed", step, stat,
                          (long long)spec.n_stats);
    int64_t first = 0, count = 0;
    if (status == LMP_OK) status = lmp_frame_range_fit(range, in->format.n_times, step, &first, &count, err);
    if (status != LMP_OK) return status;
    /* Lives as long as the plan. */
    const int64_t words = (int64_t)((sizeof(reduce_params) + sizeof(int64_t) - 1) / sizeof(int64_t));
    reduce_params *through = (reduce_params *)(void *)lmp_plan_lanes(plan, words);
    if (through == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    through->stat = (char *)(uintptr_t)stat;
    through->range = (lmp_frame_range){.first = 0, .end = INT64_MAX, .step = range->step};
    plan->learn_passes = 1;
    plan->learn_through = &lmp_step_reduce;
    plan->learn_through_params = through;
    plan->learn_first = first;
    plan->learn_count = (count - 1) * range->step + 1;
    return LMP_OK;
}

void reference_learn(reference_image *image, const lmp_frames *in)
{
    const int64_t row = in->width * in->n_colours;
    for (int64_t i = 0; i < in->rows * row && in->count > 0; i++)
        image->values[in->row * row + i] = number_get(in->type, in->data, i);
}

/* ---- From a file ---- */

static lmp_status check_format(const char *step, const char *path, const lmp_format *file, const lmp_format *movie,
                               lmp_error *err)
{
    if (file->kind != LMP_MOVIE || file->n_times != 1)
        return lmp_fail(err, LMP_ERR_INPUT, "%s: file=%s holds %lld frames, and a single image is needed", step, path,
                        file->kind == LMP_MOVIE ? (long long)file->n_times : 0LL);
    if (file->height != movie->height || file->width != movie->width ||
        (file->n_colours != 1 && file->n_colours != movie->n_colours))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s: file=%s has %lld rows, %lld columns, %lld colours, the movie %lld, %lld, %lld: they must "
                        "be equal, or the image grey",
                        step, path, (long long)file->height, (long long)file->width, (long long)file->n_colours,
                        (long long)movie->height, (long long)movie->width, (long long)movie->n_colours);
    return LMP_OK;
}

lmp_status reference_check_file(const char *step, const char *path, const lmp_format *format, const lmp_step_plan *plan,
                                lmp_error *err)
{
    if (path == NULL || path[0] == '\0')
        return lmp_fail(err, LMP_ERR_USAGE, "%s: from=file needs file=, the path of an image", step);
    lmp_recording *recording = NULL;
    lmp_status status = lmp_plan_open_recording(plan, path, &recording, err);
    if (status != LMP_OK) return status;
    status = check_format(step, path, lmp_recording_get_format(recording), format, err);
    lmp_recording_close(recording);
    return status;
}

static lmp_status read_image(lmp_recording *recording, lmp_budget *budget, reference_image *image, lmp_error *err)
{
    const lmp_format *file = lmp_recording_get_format(recording);
    const int64_t pixels = file->height * file->width, colours = image->format.n_colours;
    void *values;
    lmp_status status = lmp_take(budget, (size_t)(pixels * file->n_colours) * lmp_type_bytes(file->type), &values, err);
    if (status != LMP_OK) return status;
    status = lmp_recording_read_frames(recording, 0, 1, values, err);
    for (int64_t i = 0; i < pixels * colours && status == LMP_OK; i++)
        image->values[i] = number_get(file->type, values, file->n_colours == colours ? i : i / colours);
    lmp_give(budget, values);
    return status;
}

lmp_status reference_load(const char *step, const char *path, const lmp_step_plan *plan, lmp_budget *budget,
                          reference_image *image, lmp_error *err)
{
    lmp_recording *recording = NULL;
    lmp_status status = lmp_plan_open_recording(plan, path, &recording, err);
    if (status != LMP_OK) return status;
    status = check_format(step, path, lmp_recording_get_format(recording), &image->format, err);
    if (status == LMP_OK) status = read_image(recording, budget, image, err);
    lmp_recording_close(recording);
    return status;
}
