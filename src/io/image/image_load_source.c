/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_load_source.c: loading options for formats whose frames are read as they are.
 */
#include "io/image/image_load_source.h"

#include "core/budget.h"
#include "core/stream.h"
#include "io/image/image_load.h"

#include <jansson.h>
#include <stdlib.h>

typedef struct loaded {
    lmp_source inner; /* reads whole frames; its stream, warnings and facts are the outer source's */
    image_load load;
} loaded;

static lmp_status load_frame(const loaded *l, int64_t t, void *decoded, void *frame, lmp_budget *budget, lmp_error *err)
{
    const size_t bytes = image_load_decoded_bytes(&l->load);
    const lmp_frames whole = {.first = t,
                              .count = 1,
                              .rows = l->load.decoded_height,
                              .width = l->load.decoded_width,
                              .n_colours = l->load.decoded_colours,
                              .type = l->load.type,
                              .data = decoded,
                              .stride = bytes};
    const lmp_status status = l->inner.read_frames(l->inner.state, &whole, budget, err);
    if (status != LMP_OK) return status;
    return image_load_finish(&l->load, decoded, bytes / (size_t)l->load.decoded_height, frame, budget, err);
}

static lmp_status read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const loaded *l = state;
    void *decoded = NULL;
    lmp_status status = budget_take_raw(budget, image_load_decoded_bytes(&l->load), &decoded, err);
    for (int64_t t = 0; t < out->count && status == LMP_OK; t++)
        status = load_frame(l, out->first + t, decoded, (char *)out->data + (size_t)t * out->stride, budget, err);
    lmp_give(budget, decoded);
    return status;
}

static void close_loaded(void *state)
{
    loaded *l = state;
    l->inner.close(l->inner.state);
    free(l);
}

static const char *data_path(void *state)
{
    const loaded *l = state;
    return l->inner.data_path(l->inner.state);
}

static bool is_member(void *state, const char *path)
{
    const loaded *l = state;
    return l->inner.is_member(l->inner.state, path);
}

static void abandon(lmp_source *source)
{
    source->close(source->state);
    stream_clear(&source->stream);
    json_decref(source->facts);
    free(source->warnings);
    *source = (lmp_source){0};
}

lmp_status image_load_source(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    const bool is_wanted = options->grey != 0 || (options->size_ratio != 0 && options->size_ratio != 1);
    if (source->stream.format.kind != LMP_MOVIE || !is_wanted) return LMP_OK;
    loaded *l = calloc(1, sizeof *l);
    lmp_status status = l == NULL ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path)
                                  : image_load_shape(path, &source->stream.format, 1, options, &l->load, err);
    if (status == LMP_OK && image_load_is_plain(&l->load)) {
        free(l);
        return LMP_OK;
    }
    if (status != LMP_OK) {
        free(l);
        abandon(source);
        return status;
    }
    l->inner = *source;
    source->state = l;
    source->read_frames = read_frames;
    source->reads_rows = false;
    source->view = NULL;
    source->view_end = NULL;
    source->lends_file = false;
    source->is_cheap = false;
    source->bytes_per_time += image_load_decoded_bytes(&l->load) + image_load_scratch_bytes(&l->load);
    source->close = close_loaded;
    source->data_path = data_path;
    source->is_member = l->inner.is_member != NULL ? is_member : NULL;
    return LMP_OK;
}
