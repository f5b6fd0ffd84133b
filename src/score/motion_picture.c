/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_picture.c: an image inside a page, as a PNG in base64.
 */
#include "score/motion_picture.h"

#include "math/ranks.h"
#include "score/base64.h"

#include <math.h>
#include <spng.h>
#include <stdlib.h>

/* ---- Contrast ---- */

static int64_t gather(const double *values, int64_t stride, image_region r, double *known)
{
    int64_t n = 0;
    for (int64_t y = r.top; y < r.top + r.height; y++)
        for (int64_t x = r.left; x < r.left + r.width; x++)
            if (isfinite(values[y * stride + x])) known[n++] = values[y * stride + x];
    return n;
}

lmp_status picture_find_range(const double *a, int64_t a_stride, image_region a_region, const double *b,
                              int64_t b_stride, image_region b_region, double trim, picture_range *range,
                              lmp_error *err)
{
    const int64_t room = a_region.height * a_region.width + (b != NULL ? b_region.height * b_region.width : 0);
    double *known = malloc((size_t)(room + 1) * sizeof *known);
    if (known == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a picture");
    int64_t n = gather(a, a_stride, a_region, known);
    if (b != NULL) n += gather(b, b_stride, b_region, known + n);
    *range = (picture_range){0, 1};
    if (n > 0) {
        const int64_t left_out = (int64_t)(trim * (double)(n - 1));
        range->low = ranks_select(known, n, left_out).value;
        range->high = ranks_select(known, n, n - 1 - left_out).value;
    }
    free(known);
    return LMP_OK;
}

/* ---- PNG ---- */

static uint8_t shade(float value, picture_range range)
{
    if (!isfinite(value)) return 0;
    const double place = range.high > range.low ? ((double)value - range.low) / (range.high - range.low) : 0.5;
    return (uint8_t)lrint(255 * fmin(fmax(place, 0), 1));
}

/* The PNG's bytes, malloc'd; NULL if memory is out. */
static uint8_t *encode(const uint8_t *grey, int64_t height, int64_t width, size_t *size)
{
    spng_ctx *context = spng_ctx_new(SPNG_CTX_ENCODER);
    struct spng_ihdr header = {
        .width = (uint32_t)width, .height = (uint32_t)height, .bit_depth = 8, .color_type = SPNG_COLOR_TYPE_GRAYSCALE};
    int failed = context == NULL;
    uint8_t *png = NULL;
    if (failed == 0) failed = spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
    if (failed == 0) failed = spng_set_ihdr(context, &header);
    if (failed == 0)
        failed = spng_encode_image(context, grey, (size_t)(height * width), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    if (failed == 0) png = spng_get_png_buffer(context, size, &failed);
    spng_ctx_free(context);
    return png;
}

lmp_status picture_write(FILE *out, const float *values, int64_t height, int64_t width, picture_range range,
                         lmp_error *err)
{
    size_t size = 0;
    uint8_t *grey = malloc((size_t)(height * width)), *png = NULL;
    for (int64_t i = 0; i < height * width && grey != NULL; i++) grey[i] = shade(values[i], range);
    if (grey != NULL) png = encode(grey, height, width, &size);
    free(grey);
    char *text = png != NULL ? base64_encode(png, size) : NULL;
    free(png);
    if (text == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a picture");
    fprintf(out, "data:image/png;base64,%s", text);
    free(text);
    return LMP_OK;
}
