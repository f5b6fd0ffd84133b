/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bmp_header.h: headers and palettes of BMP files.
 */
#ifndef LIMPID_IO_BMP_HEADER_H
#define LIMPID_IO_BMP_HEADER_H

#include "io/image/image_file.h"

/* Bits of a pixel that hold a colour. */
typedef struct bmp_mask {
    uint32_t shift, most; /* value: pixel >> shift & most; most 0: absent */
} bmp_mask;

typedef struct bmp_header {
    int64_t height, width, depth; /* depth: bits of a pixel */
    bool is_top_down, is_run_length;
    bool is_grey; /* a palette of greys */
    bool has_alpha;
    bmp_mask masks[3]; /* red, green, blue of 16 and 32 bits */
    int64_t n_colours;
    uint8_t palette[256][3]; /* red, green, blue */
    int64_t data_offset, row_bytes;
} bmp_header;

enum { BMP_MOST_HEADER = 14 + 124 + 16 + 4 * 256 };

/* `bytes`: the first BMP_MOST_HEADER bytes of the file, or all of a shorter one. */
LMP_CHECKED lmp_status bmp_header_parse(const char *path, const uint8_t *bytes, size_t size, bmp_header *header,
                                        lmp_error *err);

#endif
