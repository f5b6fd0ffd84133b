/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_picture.c: an image inside a page, as a PNG in base64.
 */
#include "score/motion_picture.h"

#include "math/ranks.h"

#include <math.h>
#include <spng.h>
#include <stdlib.h>

enum { WIDEST_PX = 800 };

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

/* The mean of the known values of a square of `step`. */
static uint8_t shade(const double *values, int64_t stride, int64_t step, picture_range range)
{
    double sum = 0;
    int64_t n = 0;
    for (int64_t y = 0; y < step; y++)
        for (int64_t x = 0; x < step; x++) {
            const double value = values[y * stride + x];
            if (!isfinite(value)) continue;
            sum += value;
            n++;
        }
    if (n == 0) return 0;
    const double place = range.high > range.low ? (sum / (double)n - range.low) / (range.high - range.low) : 0.5;
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

static void write_base64(FILE *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t three = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        fputc(digits[three >> 18], out);
        fputc(digits[three >> 12 & 63], out);
        fputc(left > 1 ? digits[three >> 6 & 63] : '=', out);
        fputc(left > 2 ? digits[three & 63] : '=', out);
    }
}

lmp_status picture_write(FILE *out, const double *values, int64_t height, int64_t width, picture_range range,
                         lmp_error *err)
{
    const int64_t step = (width + WIDEST_PX - 1) / WIDEST_PX, h = height / step > 0 ? height / step : 1,
                  w = width / step;
    size_t size = 0;
    uint8_t *grey = malloc((size_t)(h * w)), *png = NULL;
    for (int64_t y = 0; y < h && grey != NULL; y++)
        for (int64_t x = 0; x < w; x++)
            grey[y * w + x] = shade(values + y * step * width + x * step, width, height < step ? height : step, range);
    if (grey != NULL) png = encode(grey, h, w, &size);
    free(grey);
    if (png == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a picture");
    fputs("data:image/png;base64,", out);
    write_base64(out, png, size);
    free(png);
    return LMP_OK;
}
