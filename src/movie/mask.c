/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mask.c: keep pixels inside (or outside) of zones or of an image; give the others one value.
 */
#include "movie/pixel_values.h"
#include "movie/zones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct mask_params {
    char *zones, *file, *fill;
    int64_t keep;
} mask_params;

enum { KEEP_INSIDE, KEEP_OUTSIDE };

static const lmp_param params[] = {
    {"zones", LMP_PARAM_FILE, offsetof(mask_params, zones), "", 0, 0, "", NULL,
     "Zones file (JSON): inside is what belongs to any of its zones."},
    {"file", LMP_PARAM_FILE, offsetof(mask_params, file), "", 0, 0, "", NULL,
     "Image of the same size: inside is where it is neither 0 nor NaN in any colour."},
    {"keep", LMP_PARAM_CHOICE, offsetof(mask_params, keep), "inside", 0, 0, "", "inside|outside",
     "Which pixels to keep."},
    {"fill", LMP_PARAM_TEXT, offsetof(mask_params, fill), "nan", 0, 0, "", NULL,
     "What the other pixels become: nan, or a number that fits the movie's type."},
    {0},
};

typedef struct mask_shared {
    double fill;
    lmp_type type_out;
    int64_t width, n_inside, n_pixels;
    uint8_t kept[]; /* of each pixel */
} mask_shared;

/* ---- Planning ---- */

static lmp_status parse_fill(const char *text, lmp_type type, double *fill, lmp_error *err)
{
    char *end;
    *fill = strcmp(text, "nan") == 0 ? (double)NAN : strtod(text, &end);
    if (isnan(*fill) && strcmp(text, "nan") == 0) return LMP_OK;
    if (end == text || *end != '\0' || !isfinite(*fill))
        return lmp_fail(err, LMP_ERR_USAGE, "mask: fill=%s is neither nan nor a number", text);
    if (!pixel_type_is_integer(type)) return LMP_OK;
    if (*fill != floor(*fill) || *fill < pixel_type_lowest(type) || *fill > pixel_type_highest(type))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "mask: fill=%s does not fit the movie's whole numbers from %.0f to %.0f: choose another or nan",
                        text, pixel_type_lowest(type), pixel_type_highest(type));
    return LMP_OK;
}

static size_t image_bytes(const lmp_format *f)
{
    return (size_t)(f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
}

static lmp_status open_image(const mask_params *p, const lmp_format *f, const lmp_step_plan *plan,
                             lmp_recording **image, lmp_error *err)
{
    const lmp_status status = lmp_plan_open_recording(plan, p->file, image, err);
    if (status != LMP_OK) return status;
    const lmp_format *m = lmp_recording_get_format(*image);
    if (m->kind == LMP_MOVIE && m->height == f->height && m->width == f->width && m->n_times == 1) return LMP_OK;
    const lmp_status wrong = lmp_fail(
        err, LMP_ERR_USAGE, "mask: %s must be one image of %lld x %lld like the movie, but is %lld of %lld x %lld",
        p->file, (long long)f->width, (long long)f->height, (long long)m->n_times, (long long)m->width,
        (long long)m->height);
    lmp_recording_close(*image);
    return wrong;
}

/* *bytes: what reading the mask takes. */
static lmp_status check_source(const mask_params *p, const lmp_format *f, const lmp_step_plan *plan, size_t *bytes,
                               lmp_error *err)
{
    *bytes = 0;
    if ((p->zones[0] == '\0') == (p->file[0] == '\0'))
        return lmp_fail(err, LMP_ERR_USAGE, "mask: give either zones=FILE.json or file=IMAGE");
    if (p->file[0] != '\0') {
        lmp_recording *image = NULL;
        const lmp_status status = open_image(p, f, plan, &image, err);
        if (status != LMP_OK) return status;
        *bytes = image_bytes(lmp_recording_get_format(image));
        lmp_recording_close(image);
        return LMP_OK;
    }
    zones z;
    const lmp_status status = zones_read("mask", p->zones, f->width, f->height, false, &z, err);
    if (status == LMP_OK) zones_free(&z);
    return status;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const mask_params *p = values;
    const lmp_format *f = &in->format;
    double fill;
    size_t reading = 0;
    lmp_status status = parse_fill(p->fill, f->type, &fill, err);
    if (status == LMP_OK) status = check_source(p, f, plan, &reading, err);
    if (status != LMP_OK) return status;
    plan->out.format.type = isnan(fill) && pixel_type_is_integer(f->type) ? pixel_type_for_means(f->type) : f->type;
    plan->shared_bytes = sizeof(mask_shared) + (size_t)(f->width * f->height) + reading;
    return LMP_OK;
}

/* ---- Which pixels ---- */

static lmp_status mark_zones(const mask_params *p, const lmp_format *f, mask_shared *s, lmp_error *err)
{
    zones z;
    const lmp_status status = zones_read("mask", p->zones, f->width, f->height, false, &z, err);
    if (status != LMP_OK) return status;
    for (int64_t i = 0; i < z.count; i++)
        for (int64_t k = 0; k < z.items[i].n_spans; k++) {
            const zone_span *span = &z.items[i].spans[k];
            memset(s->kept + (int64_t)span->y * f->width + span->x0, 1, (size_t)(span->x1 - span->x0 + 1));
        }
    zones_free(&z);
    return LMP_OK;
}

static lmp_status mark_image(const mask_params *p, const lmp_format *f, const lmp_step_plan *made, lmp_budget *budget,
                             mask_shared *s, lmp_error *err)
{
    enum { TILE = 256 };
    lmp_recording *image = NULL;
    lmp_status status = open_image(p, f, made, &image, err);
    if (status != LMP_OK) return status;
    const lmp_format *m = lmp_recording_get_format(image);
    const int64_t n = f->width * f->height;
    void *pixels = NULL;
    status = lmp_take(budget, image_bytes(m), &pixels, err);
    if (status == LMP_OK) status = lmp_recording_read_frames(image, 0, 1, pixels, err);
    for (int64_t first = 0; first < n && status == LMP_OK; first += TILE)
        for (int64_t c = 0; c < m->n_colours; c++) {
            double tile[TILE];
            const int64_t count = n - first < TILE ? n - first : TILE;
            pixel_values_get(m->type, pixels, first * m->n_colours + c, m->n_colours, count, tile);
            for (int64_t i = 0; i < count; i++) s->kept[first + i] |= tile[i] < 0 || tile[i] > 0;
        }
    lmp_give(budget, pixels);
    lmp_recording_close(image);
    return status;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    const mask_params *p = values;
    const lmp_format *f = &in->format;
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(mask_shared) + (size_t)(f->width * f->height), &memory, err);
    if (status != LMP_OK) return status;
    mask_shared *s = memory;
    s->width = f->width;
    s->n_pixels = f->width * f->height;
    s->type_out = made->out.format.type;
    status = parse_fill(p->fill, f->type, &s->fill, err);
    if (status == LMP_OK)
        status = p->file[0] != '\0' ? mark_image(p, f, made, budget, s, err) : mark_zones(p, f, s, err);
    if (status != LMP_OK) {
        lmp_give(budget, s);
        return status;
    }
    for (int64_t i = 0; i < s->n_pixels; i++) {
        s->n_inside += s->kept[i];
        if (p->keep == KEEP_OUTSIDE) s->kept[i] = !s->kept[i];
    }
    *shared = s;
    return LMP_OK;
}

/* ---- Filling ---- */

enum { TILE = 512 };

/* The rows of one frame in another type. */
static void fill_converted(const mask_shared *s, const lmp_frames *in, const void *from, void *to, int64_t count)
{
    const uint8_t *kept = s->kept + in->row * s->width;
    double tile[TILE];
    for (int64_t first = 0; first < count; first += TILE) {
        const int64_t n = count - first < TILE ? count - first : TILE;
        pixel_values_get(in->type, from, first, 1, n, tile);
        for (int64_t i = 0; i < n; i++)
            if (!kept[(first + i) / in->n_colours]) tile[i] = s->fill;
        pixel_values_put(s->type_out, to, first, n, tile);
    }
}

/* The rows of one frame in their own type: pixels that stay are copied, so that no 64-bit integer is rounded. */
static void fill_copied(const mask_shared *s, const lmp_frames *in, const void *from, void *to, int64_t count)
{
    const uint8_t *kept = s->kept + in->row * s->width;
    double tile[TILE];
    for (int64_t i = 0; i < TILE; i++) tile[i] = s->fill;
    memcpy(to, from, (size_t)count * lmp_type_bytes(in->type));
    for (int64_t first = 0, end; first < count; first = end + 1) {
        while (first < count && kept[first / in->n_colours]) first++;
        for (end = first; end < count && end - first < TILE - 1 && !kept[end / in->n_colours];) end++;
        pixel_values_put(s->type_out, to, first, end - first, tile);
        if (end < count && !kept[end / in->n_colours]) end--;
    }
}

static lmp_status process_rows(const void *shared, void *state, void *scratch, const lmp_frames *in,
                               const lmp_frames *out, bool ended, lmp_error *err)
{
    (void)state, (void)scratch, (void)ended, (void)err;
    const mask_shared *s = shared;
    const int64_t count = in->rows * in->width * in->n_colours;
    for (int64_t i = 0; i < in->count; i++) {
        const void *from = (const char *)in->data + (size_t)i * in->stride;
        void *to = (char *)out->data + (size_t)i * out->stride;
        if (in->type == s->type_out)
            fill_copied(s, in, from, to, count);
        else
            fill_converted(s, in, from, to, count);
    }
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    const mask_shared *s = shared;
    lmp_record_number(record, "pixels_inside", (double)s->n_inside);
    lmp_record_number(record, "pixels", (double)s->n_pixels);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_mask = {
    .struct_size = sizeof(lmp_step),
    .name = "mask",
    .summary = "Keep the pixels of zones or of a mask image; blank the others.",
    .doc =
        "Inside is every pixel that belongs to a zone of `zones` (see `limpid help traces`), or where the image `file` "
        "is neither 0 nor NaN in any of its colours. The pixels that are not kept become `fill`.\n\n"
        "With `fill=nan` (the default) steps behind ignore the blanked pixels, as they do every NaN; whole numbers "
        "become float32 for that (those of 32 and 64 bits float64). With a number the type stays; the number must "
        "fit it. Pixels that are kept stay as they are.\n",
    .known_as = "binary image mask (BLITZ), Clear Outside (ImageJ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_TIME,
    .params = params,
    .params_size = sizeof(mask_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .process_rows = process_rows,
};
