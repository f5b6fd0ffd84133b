/* SPDX-License-Identifier: BSD-3-Clause
 *
 * png_header.h: what stands before the pixels of a PNG file.
 */
#ifndef LIMPID_IO_PNG_HEADER_H
#define LIMPID_IO_PNG_HEADER_H

#include "io/image/image_exif.h"
#include "io/image/image_file.h"

enum { PNG_GREY = 0, PNG_RGB = 2, PNG_PALETTE = 3, PNG_GREY_ALPHA = 4, PNG_RGB_ALPHA = 6 }; /* colour types */

typedef struct png_header {
    int64_t height, width;
    int64_t depth, colour_type; /* bits of a number */
    bool is_interlaced, has_grey_palette, has_transparency, is_animated;
    image_exif exif;
} png_header;

LMP_CHECKED lmp_status png_header_read(image_head *head, png_header *header, lmp_error *err);

/* Numbers of a pixel in the file, and as decoded (a palette gives 1 or 3). */
int64_t png_header_channels(const png_header *header);
int64_t png_header_colours(const png_header *header);

#endif
