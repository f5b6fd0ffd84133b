/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_fourier.c: one colour after the other. Of each image its first valid number is taken away before and put back
 * behind, so that single precision is spent on contrast.
 */
#include "movie/image_fourier.h"

#include "movie/pixel_values.h"

static size_t row_bytes(int64_t width)
{
    return ((size_t)width * sizeof(double) + 63) / 64 * 64;
}

size_t image_fourier_scratch_bytes(int64_t height, int64_t width)
{
    return row_bytes(width) + fourier_shift_scratch_bytes(height, width);
}

/* One colour of an image. */
typedef struct plane {
    const void *image;
    int64_t height, width, colours, colour;
    lmp_type type;
    double *row; /* of numbers as doubles */
} plane;

static const double *row_of(const plane *p, int64_t y)
{
    pixel_values_get(p->type, p->image, y * p->width * p->colours + p->colour, p->colours, p->width, p->row);
    return p->row;
}

/* 0 if there is none. */
static double first_valid(const plane *p)
{
    for (int64_t y = 0; y < p->height; y++) {
        const double *row = row_of(p, y);
        for (int64_t x = 0; x < p->width; x++)
            if (isfinite(row[x])) return row[x];
    }
    return 0;
}

/* A missing number becomes the valid one before it, at the beginning of a row the first one; 0 in a row without. */
static bool load_row(const double *from, int64_t n, double anchor, float *to)
{
    int64_t first = 0;
    while (first < n && !isfinite(from[first])) first++;
    float last = first < n ? (float)(from[first] - anchor) : 0;
    bool complete = true;
    for (int64_t x = 0; x < n; x++) {
        const bool valid = isfinite(from[x]);
        complete &= valid;
        if (valid) last = (float)(from[x] - anchor);
        to[x] = last;
    }
    return complete;
}

/* True: no number is missing. */
static bool load_plane(const plane *p, double anchor, float *to, int64_t stride)
{
    bool complete = true;
    for (int64_t y = 0; y < p->height; y++) complete &= load_row(row_of(p, y), p->width, anchor, to + y * stride);
    return complete;
}

/* NaN where a neighbour is missing: in the row itself or, if there is a part, the next, and likewise in columns. */
static void mark_row(const plane *p, int64_t y, int64_t column, const shift_area *a, void *to)
{
    const double *row = row_of(p, y);
    const int64_t reach = a->part_x > 0 ? 1 : 0;
    for (int64_t i = 0; i * a->colours < a->values; i++) {
        if (isfinite(row[column + i]) && isfinite(row[column + i + reach])) continue;
        if (p->type == LMP_FLOAT32)
            ((float *)to)[i * a->colours] = NAN;
        else
            ((double *)to)[i * a->colours] = (double)NAN;
    }
}

void image_fourier_move(const fourier_shift *f, const void *image, int64_t height, int64_t width, int64_t row,
                        int64_t column, const shift_area *area, void *scratch)
{
    plane p = {image, height, width, area->colours, 0, area->type, scratch};
    char *const pieces = (char *)scratch + row_bytes(width);
    float *moved = fourier_shift_image(f, pieces);
    const int64_t stride = fourier_shift_stride(f), n = area->values / area->colours;
    const size_t one = lmp_type_bytes(area->type);
    for (; p.colour < area->colours; p.colour++) {
        const double anchor = first_valid(&p);
        const bool complete = load_plane(&p, anchor, moved, stride);
        fourier_shift_apply(f, area->part_y, area->part_x, pieces);
        for (int64_t y = 0; y < area->rows; y++) {
            void *to = (char *)area->out + (size_t)(y * area->out_row + p.colour) * one;
            shift_store(area->type, moved + (row + y) * stride + column, anchor, n, area->colours, to);
            for (int64_t k = 0; !complete && k <= (area->part_y > 0 ? 1 : 0); k++)
                mark_row(&p, row + y + k, column, area, to);
        }
    }
}
