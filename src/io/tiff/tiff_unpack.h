/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_unpack.h: from rows of a decoded strip or tile to rows of an image.
 */
#ifndef LIMPID_IO_TIFF_UNPACK_H
#define LIMPID_IO_TIFF_UNPACK_H

#include "io/tiff/tiff_kind.h"

typedef struct tiff_unpack {
    const tiff_ifd *ifd;
    const tiff_kind *kind;
    const uint16_t *palette[3]; /* red, green, blue, 2^bits of each; TIFF_PALETTE */
    bool palette_is_small;      /* its numbers go to 255, not 65535 */
    void *line;                 /* 16 bytes for each pixel of a row, where colours are made */
} tiff_unpack;

/* True if the numbers are those of the image as they are, all of them. */
bool tiff_unpack_is_copy(const tiff_ifd *ifd, const tiff_kind *kind);

/* A row of `width` pixels. `plane` is the colour that `row` holds, or -1 if it holds all of them side by side. */
void tiff_unpack_row(const tiff_unpack *unpack, const void *row, int64_t plane, int64_t width, void *pixels);

#endif
