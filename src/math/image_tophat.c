/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_tophat.c: a disk is a pile of chords. The least of a chord is that of two windows that overlap, of lengths that
 * are powers of two; such windows grow from each other by one comparison a pixel, once for every row, and serve all
 * rows of disks (after E. R. Urbach and M. H. F. Wilkinson, IEEE Trans. Image Processing 17, 2008). The largest is the
 * least of the numbers in reverse order. Rows of the erosion go straight into the dilation: no whole image lies
 * between.
 */
#include "math/image_tophat.h"

#include "kernels/least_lines.h"

#include <math.h>
#include <string.h>

int64_t disk_half_width(int64_t radius, int64_t dy)
{
    int64_t w = 0;
    while ((w + 1) * (w + 1) + dy * dy <= radius * radius) w++;
    return w;
}

/* ---- What depends on the number type ------------------------------------------------------------------------ */

/* use(code, type, unsigned type, highest value) */
#define INTEGERS(use)                                                                                                  \
    use(LMP_INT8, int8_t, uint8_t, INT8_MAX) use(LMP_UINT8, uint8_t, uint8_t, UINT8_MAX)                               \
        use(LMP_INT16, int16_t, uint16_t, INT16_MAX) use(LMP_UINT16, uint16_t, uint16_t, UINT16_MAX)                   \
            use(LMP_INT32, int32_t, uint32_t, INT32_MAX) use(LMP_UINT32, uint32_t, uint32_t, UINT32_MAX)               \
                use(LMP_INT64, int64_t, uint64_t, INT64_MAX) use(LMP_UINT64, uint64_t, uint64_t, UINT64_MAX)
#define FLOATS(use) use(LMP_FLOAT32, float) use(LMP_FLOAT64, double)

lmp_type tophat_type(lmp_type type)
{
    switch (type) {
    case LMP_INT8:
        return LMP_UINT8;
    case LMP_INT16:
        return LMP_UINT16;
    case LMP_INT32:
        return LMP_UINT32;
    case LMP_INT64:
        return LMP_UINT64;
    default:
        return type;
    }
}

/* n values that no least of others ever is. */
static void put_neutral(lmp_type type, int64_t n, void *to)
{
    switch (type) {
#define NEUTRAL(code, c, u, highest)                                                                                   \
    case code:                                                                                                         \
        for (int64_t i = 0; i < n; i++) ((c *)to)[i] = highest;                                                        \
        break;
        INTEGERS(NEUTRAL)
#define NEUTRAL_FLOAT(code, c)                                                                                         \
    case code:                                                                                                         \
        for (int64_t i = 0; i < n; i++) ((c *)to)[i] = (c)INFINITY;                                                    \
        break;
        FLOATS(NEUTRAL_FLOAT)
    case LMP_INT24:
        break;
    }
}

/* A row of the image, its missing pixels neutral. */
static void put_image_row(lmp_type type, const void *from, int64_t n, void *to)
{
    memcpy(to, from, (size_t)n * lmp_type_bytes(type));
    if (type == LMP_FLOAT32)
        for (int64_t i = 0; i < n; i++)
            ((float *)to)[i] = ((float *)to)[i] - ((float *)to)[i] == 0 ? ((float *)to)[i] : INFINITY;
    if (type == LMP_FLOAT64)
        for (int64_t i = 0; i < n; i++)
            ((double *)to)[i] = ((double *)to)[i] - ((double *)to)[i] == 0 ? ((double *)to)[i] : (double)INFINITY;
}

/* To numbers in reverse order, and back. */
static void reverse(lmp_type type, const void *from, int64_t n, void *to)
{
    switch (type) {
#define REVERSE(code, c, u, highest)                                                                                   \
    case code:                                                                                                         \
        for (int64_t i = 0; i < n; i++) ((u *)to)[i] = (u) ~((const u *)from)[i];                                      \
        break;
        INTEGERS(REVERSE)
#define REVERSE_FLOAT(code, c)                                                                                         \
    case code:                                                                                                         \
        for (int64_t i = 0; i < n; i++) ((c *)to)[i] = -((const c *)from)[i];                                          \
        break;
        FLOATS(REVERSE_FLOAT)
    case LMP_INT24:
        break;
    }
}

/* The pixels less their opening, which comes in reverse order. */
static void put_rest(lmp_type type, const void *in, const void *reversed, int64_t n, void *out)
{
    switch (type) {
#define REST(code, c, u, highest)                                                                                      \
    case code:                                                                                                         \
        for (int64_t i = 0; i < n; i++) ((u *)out)[i] = (u)(((const u *)in)[i] - (u) ~((const u *)reversed)[i]);       \
        break;
        INTEGERS(REST)
#define REST_FLOAT(code, c)                                                                                            \
    case code:                                                                                                         \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const c x = ((const c *)in)[i], rest = x + ((const c *)reversed)[i];                                       \
            ((c *)out)[i] = x - x == 0 ? rest : x;                                                                     \
        }                                                                                                              \
        break;
        FLOATS(REST_FLOAT)
    case LMP_INT24:
        break;
    }
}

/* ---- Rows that a disk needs ---------------------------------------------------------------------------------- */

/* Row y lies in place y % (2 radius + 1), with neutral margins, as leasts of windows of 1, 2, 4, ... pixels, named by
 * their first. */
typedef struct disk_rows {
    lmp_type type;
    size_t bytes; /* of a value */
    int64_t radius, height, values, colours, padded, levels;
    char *rows;
} disk_rows;

static disk_rows rows_of(lmp_type type, image_size size, int64_t radius, void *memory)
{
    int64_t levels = 1;
    while ((int64_t)1 << levels <= 2 * radius + 1) levels++;
    return (disk_rows){.type = type,
                       .bytes = lmp_type_bytes(type),
                       .radius = radius,
                       .height = size.height,
                       .values = size.width * size.n_colours,
                       .colours = size.n_colours,
                       .padded = (size.width + 2 * radius) * size.n_colours,
                       .levels = levels,
                       .rows = memory};
}

/* Whole cache lines, so that what lies behind is aligned too. */
static size_t rows_bytes(const disk_rows *r)
{
    return ((size_t)((2 * r->radius + 1) * r->levels * r->padded) * r->bytes + 63) / 64 * 64;
}

static char *level_of(const disk_rows *r, int64_t y, int64_t level)
{
    return r->rows + (size_t)((y % (2 * r->radius + 1) * r->levels + level) * r->padded) * r->bytes;
}

static char *middle_of(const disk_rows *r, int64_t y)
{
    return level_of(r, y, 0) + (size_t)(r->radius * r->colours) * r->bytes;
}

/* The middle of the row is there. */
static void widen_row(const disk_rows *r, int64_t y)
{
    const int64_t margin = r->radius * r->colours;
    put_neutral(r->type, margin, level_of(r, y, 0));
    put_neutral(r->type, margin, middle_of(r, y) + (size_t)r->values * r->bytes);
    for (int64_t k = 1; k < r->levels; k++) {
        const int64_t half = ((int64_t)1 << (k - 1)) * r->colours;
        least_shifted(r->type, level_of(r, y, k - 1), half, r->padded - (2 * half - r->colours), level_of(r, y, k));
    }
}

/* The least in the disk around each pixel of row y; rows beyond the edge take no part. */
static void least_in_disk(const disk_rows *r, int64_t y, void *to)
{
    const void *lines[2 * (2 * TOPHAT_MOST_RADIUS + 1)];
    int64_t count = 0;
    for (int64_t dy = -r->radius; dy <= r->radius; dy++) {
        if (y + dy < 0 || y + dy >= r->height) continue;
        const int64_t w = disk_half_width(r->radius, dy);
        int64_t level = 0;
        while ((int64_t)2 << level <= 2 * w + 1) level++;
        const char *windows = level_of(r, y + dy, level);
        const int64_t last = r->radius + w + 1 - ((int64_t)1 << level);
        lines[count++] = windows + (size_t)((r->radius - w) * r->colours) * r->bytes;
        if (w > 0) lines[count++] = windows + (size_t)(last * r->colours) * r->bytes;
    }
    least_lines(r->type, lines, count, r->values, to);
}

/* ---- The top-hat ---------------------------------------------------------------------------------------------- */

size_t image_tophat_scratch(lmp_type type, image_size size, int64_t radius)
{
    const disk_rows rows = rows_of(type, size, radius, NULL);
    return 2 * rows_bytes(&rows) + (size_t)rows.values * rows.bytes;
}

void image_tophat(lmp_type type, const void *in, image_size size, int64_t radius, void *scratch, void *out)
{
    disk_rows image = rows_of(type, size, radius, scratch), eroded = image;
    eroded.rows = image.rows + rows_bytes(&image);
    void *row = eroded.rows + rows_bytes(&eroded);
    const size_t row_bytes = (size_t)image.values * image.bytes;
    int64_t filled = 0, done = 0;
    for (int64_t y = 0; y < size.height; y++) {
        for (; done < size.height && done <= y + radius; done++) {
            for (; filled < size.height && filled <= done + radius; filled++) {
                put_image_row(type, (const char *)in + (size_t)filled * row_bytes, image.values,
                              middle_of(&image, filled));
                widen_row(&image, filled);
            }
            least_in_disk(&image, done, row);
            reverse(type, row, image.values, middle_of(&eroded, done));
            widen_row(&eroded, done);
        }
        least_in_disk(&eroded, y, row);
        put_rest(type, (const char *)in + (size_t)y * row_bytes, row, image.values,
                 (char *)out + (size_t)y * row_bytes);
    }
}
