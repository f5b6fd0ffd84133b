/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_merge.c: moves images by a fraction of a pixel and makes one of them, row by row: what is at work stays in
 * cache, and no moved image is stored but those that are kept.
 */
#include "movie/motion_merge.h"

#include <math.h>
#include <string.h>

enum { LINE_FLOATS = 16 };

/* One image being moved: rows of it as they are needed, shifted by whole pixels. */
typedef struct mover {
    int64_t row, column;  /* of the image, where row and column 0 of the result come from */
    float weights[4];     /* above left, above right, below left, below right */
    float *above, *below; /* width + 1 values each */
} mover;

static int64_t row_floats(int64_t width)
{
    return (width + 1 + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS;
}

/* A row moved, the sums (doubles), and two rows of each image. */
size_t merge_scratch_bytes(int64_t width, int64_t n_items)
{
    const size_t movers = ((size_t)n_items * sizeof(mover) + 63) / 64 * 64;
    return movers + (size_t)row_floats(width) * (3 + 2 * (size_t)n_items) * sizeof(float);
}

/* Whole pixels and 32nds of one of them, from where the result comes. */
static int64_t split(double shift, float *fraction)
{
    const int64_t q = ((int64_t)rint(-(double)(float)shift * 1024) + 16) >> 5;
    *fraction = (float)(q & 31) / 32;
    return q >> 5;
}

/* Row `row` of the image from `column` on, width + 1 values, 0 where the image has none. */
static void load_row(const merge_order *order, const merge_item *item, int64_t row, int64_t column, float *to)
{
    const int64_t width = order->width;
    int64_t first = column < 0 ? -column : 0, end = width - column < width + 1 ? width - column : width + 1;
    if (row < 0 || row >= order->height || first >= end) first = end = 0;
    for (int64_t x = 0; x < first; x++) to[x] = 0;
    if (first < end) motion_image_load(&item->image, row * width + column + first, end - first, to + first);
    for (int64_t x = end; x <= width; x++) to[x] = 0;
}

static void begin(const merge_order *order, const merge_item *item, mover *m)
{
    float y, x;
    m->row = split(item->dy, &y);
    m->column = split(item->dx, &x);
    m->weights[0] = (1 - y) * (1 - x);
    m->weights[1] = (1 - y) * x;
    m->weights[2] = y * (1 - x);
    m->weights[3] = y * x;
    load_row(order, item, m->row, m->column, m->below);
}

static void move_row(const merge_order *order, const merge_item *item, mover *m, int64_t y, float *moved)
{
    float *const above = m->below, *const below = m->above;
    m->above = above;
    m->below = below;
    load_row(order, item, y + m->row + 1, m->column, below);
    const float w0 = m->weights[0], w1 = m->weights[1], w2 = m->weights[2], w3 = m->weights[3];
    for (int64_t x = 0; x < order->width; x++)
        moved[x] = w0 * above[x] + w1 * above[x + 1] + w2 * below[x] + w3 * below[x + 1];
    motion_image_round(order->rounding, item->image.type, moved, order->width);
    if (item->kept != NULL) motion_image_store(moved, order->width, item->kept_type, item->kept, y * order->width);
}

static void take_in(const merge_order *order, bool is_first, const float *moved, double *sums)
{
    if (is_first)
        for (int64_t x = 0; x < order->width; x++) sums[x] = (double)moved[x];
    else if (order->takes_highest)
        for (int64_t x = 0; x < order->width; x++) sums[x] = (double)moved[x] > sums[x] ? (double)moved[x] : sums[x];
    else
        for (int64_t x = 0; x < order->width; x++) sums[x] += (double)moved[x];
}

void merge_images(const merge_order *order, const merge_item *items, int64_t n_items, void *scratch, void *result)
{
    const int64_t width = order->width, step = row_floats(width);
    mover *movers = scratch;
    float *rows = (float *)(void *)((char *)scratch + ((size_t)n_items * sizeof(mover) + 63) / 64 * 64);
    double *sums = (double *)(void *)rows;
    float *moved = rows + 2 * step;
    for (int64_t i = 0; i < n_items; i++) {
        movers[i].above = rows + (3 + 2 * i) * step;
        movers[i].below = movers[i].above + step;
        begin(order, &items[i], &movers[i]);
    }
    const double parts = order->takes_highest ? 1 : (double)n_items;
    for (int64_t y = 0; y < order->height; y++) {
        for (int64_t i = 0; i < n_items; i++) {
            move_row(order, &items[i], &movers[i], y, moved);
            take_in(order, i == 0, moved, sums);
        }
        for (int64_t x = 0; x < width; x++) moved[x] = (float)(sums[x] / parts);
        motion_image_store(moved, width, order->type, result, y * width);
    }
}
