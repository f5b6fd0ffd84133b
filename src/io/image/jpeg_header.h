/* SPDX-License-Identifier: BSD-3-Clause
 *
 * jpeg_header.h: what stands before the first scan of a JPEG file.
 */
#ifndef LIMPID_IO_JPEG_HEADER_H
#define LIMPID_IO_JPEG_HEADER_H

#include "io/image/image_exif.h"
#include "io/image/image_file.h"

typedef struct jpeg_header {
    int64_t height, width, n_components;
    bool keeps_coefficients; /* progressive or in several scans: a decoder holds the whole image in a form of its own */
    image_exif exif;
} jpeg_header;

/* Refuses what is no JPEG file, and those that cannot be decoded: 12 bits, CMYK, lossless, hierarchical. */
LMP_CHECKED lmp_status jpeg_header_read(image_head *head, jpeg_header *header, lmp_error *err);

#endif
