/* SPDX-License-Identifier: BSD-3-Clause
 *
 * turn.c: every turn is a walk through the input: from which pixel the output begins, and how far to go for the next
 * column and the next row. Walks across rows go in tiles that stay in cache.
 */
#include "movie/turn.h"

#include "movie/frame_step.h"

#include <string.h>

enum { TILE = 32 };

/* In pixels of the input. */
typedef struct walk {
    int64_t start, column, row;
} walk;

void turn_format(turn how, lmp_format *format)
{
    if (how < TURN_TRANSPOSE) return;
    const int64_t width = format->width;
    const double pixel_width_um = format->pixel_width_um;
    format->width = format->height;
    format->height = width;
    format->pixel_width_um = format->pixel_height_um;
    format->pixel_height_um = pixel_width_um;
}

/* w, h: of the input. */
static walk walk_of(turn how, int64_t w, int64_t h)
{
    switch (how) {
    case TURN_MIRROR_X:
        return (walk){w - 1, -1, w};
    case TURN_MIRROR_Y:
        return (walk){(h - 1) * w, 1, -w};
    case TURN_HALF:
        return (walk){h * w - 1, -1, -w};
    case TURN_TRANSPOSE:
        return (walk){0, w, 1};
    case TURN_QUARTER:
        return (walk){(h - 1) * w, -w, 1};
    case TURN_THREE_QUARTERS:
        return (walk){w - 1, w, -1};
    default:
        return (walk){0, 1, w};
    }
}

/* x0 to x1 and y0 to y1: a tile of the output. */
#define COPY_TILE(unit)                                                                                                \
    for (int64_t y = y0; y < y1; y++)                                                                                  \
        for (int64_t x = x0; x < x1; x++)                                                                              \
            memcpy(to + (size_t)(y * width + x) * (unit),                                                              \
                   from + (at.start + x * at.column + y * at.row) * (int64_t)(unit), (unit));

static void copy_tile(const char *from, char *to, walk at, int64_t pixel, int64_t width, int64_t x0, int64_t x1,
                      int64_t y0, int64_t y1)
{
    switch (pixel) { /* a copy of known size is one instruction */
    case 1:
        COPY_TILE(1)
        break;
    case 2:
        COPY_TILE(2)
        break;
    case 4:
        COPY_TILE(4)
        break;
    case 8:
        COPY_TILE(8)
        break;
    default:
        COPY_TILE((size_t)pixel)
    }
}

static void turn_frame(const char *from, char *to, walk at, int64_t pixel, int64_t width, int64_t height)
{
    for (int64_t y = 0; y < height; y += TILE)
        for (int64_t x = 0; x < width; x += TILE)
            copy_tile(from, to, at, pixel, width, x, x + TILE < width ? x + TILE : width, y,
                      y + TILE < height ? y + TILE : height);
}

void turn_frames(turn how, const lmp_frames *in, const lmp_frames *out)
{
    const walk at = walk_of(how, in->width, in->rows);
    for (int64_t i = 0; i < out->count; i++)
        turn_frame(frame_in(in, i), frame_out(out, i), at, (int64_t)pixel_bytes(in), out->width, out->rows);
}
