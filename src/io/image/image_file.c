/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_file.c: what formats of one image in one file share: opening by the header alone, reading when it is wanted.
 */
#include "io/image/image_file.h"

#include "core/budget.h"
#include "core/stream.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Headers ---------------------------------------------------------------------------------------------- */

lmp_status image_head_open(const char *path, image_head *head, lmp_error *err)
{
    head->offset = 0;
    head->n = 0;
    return file_input_open(path, &head->input, err);
}

void image_head_close(image_head *head)
{
    file_input_close(&head->input);
}

const uint8_t *image_head_get(image_head *head, int64_t offset, size_t size)
{
    if (offset < 0 || size > sizeof head->bytes) return NULL;
    const bool is_here = offset >= head->offset && offset <= head->offset + (int64_t)head->n &&
                         size <= (size_t)(head->offset + (int64_t)head->n - offset);
    if (!is_here) {
        head->offset = offset;
        head->n = 0;
        if (os_file_read(head->input.file, offset, head->bytes, sizeof head->bytes, &head->n) != 0) head->n = 0;
        if (size > head->n) return NULL;
    }
    return head->bytes + (offset - head->offset);
}

lmp_status image_file_check_size(const char *path, int64_t width, int64_t height, int64_t file_bytes, double most,
                                 lmp_error *err)
{
    if ((double)width * (double)height <= most * (double)file_bytes) return LMP_OK;
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s says that it holds %" PRId64 " x %" PRId64 " pixels, more than a file of %" PRId64
                    " bytes can hold; get the complete file again",
                    path, width, height, file_bytes);
}

/* ---- Sources ---------------------------------------------------------------------------------------------- */

lmp_status image_file_fail(const image_file *image, const char *why, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s cannot be decoded (%s); get the file again%s", image->path, why,
                    image->salvage ? "" : ", or salvage it (--salvage) to keep what is sound");
}

static lmp_status read_frame(const image_file *image, void *frame, lmp_budget *budget, lmp_error *err)
{
    file_input input;
    file_view view;
    lmp_status status = file_input_open(image->path, &input, err);
    if (status != LMP_OK) return status;
    status = file_view_begin(&input, 0, (size_t)input.info.size, budget, &view, err);
    if (status == LMP_OK) {
        status = image->decode(image, view.bytes, view.size, frame, budget, err);
        file_view_end(&view);
    }
    file_input_close(&input);
    return status;
}

static lmp_status read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const image_file *image = state;
    if (out->count < 1) return LMP_OK;
    lmp_status status = budget_reserve(budget, image->codec_bytes, err);
    if (status != LMP_OK) return status;
    status = read_frame(image, out->data, budget, err);
    budget_release(budget, image->codec_bytes);
    return status;
}

static void close_image(void *state)
{
    image_file *image = state;
    free(image->path);
    free(image);
}

static const char *data_path(void *state)
{
    const image_file *image = state;
    return image->path;
}

lmp_status image_file_open(const image_file *image, const char *format_name, const lmp_open_options *options,
                           int64_t file_bytes, char *warnings, lmp_source *source, lmp_error *err)
{
    image_file *own = malloc(sizeof *own);
    char *path = strdup(image->path);
    lmp_status status = LMP_OK;
    if (own == NULL || path == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", image->path);
    if (status == LMP_OK) {
        *own = *image;
        own->path = path;
        own->salvage = options->salvage != 0;
        status = image_load_shape(path, &own->format, own->orientation, options, &own->load, err);
    }
    if (status != LMP_OK) {
        free(own);
        free(path);
        free(warnings);
        return status;
    }
    for (int64_t unit = 8; own->scales && unit > 1 && !image_load_decode_by(&own->load, unit); unit /= 2) {
    }
    own->format.kind = LMP_MOVIE;
    own->format.n_times = 1;
    own->format.rate_hz = options->rate_hz > 0 && isfinite(options->rate_hz) ? options->rate_hz : 0;
    own->format.start_unix_s = (double)NAN;
    own->format.subject = own->format.session = "";
    const size_t between = image_load_is_plain(&own->load)
                               ? 0
                               : image_load_decoded_bytes(&own->load) + image_load_scratch_bytes(&own->load);
    source->stream.format = own->format;
    source->format_name = format_name;
    source->warnings = warnings;
    source->time_grain = 1;
    source->bytes_per_time = (size_t)file_bytes + own->codec_bytes + own->work_bytes + between + 4096;
    source->state = own;
    source->read_frames = read_frames;
    source->close = close_image;
    source->data_path = data_path;
    return LMP_OK;
}
