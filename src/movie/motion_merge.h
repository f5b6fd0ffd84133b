/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_merge.h: moves images by a fraction of a pixel and makes one of them.
 *
 *   moved(y, x) = image(y - dy, x - dx), bilinear in single precision, pixels beyond the edge 0
 *
 * with dy and dx rounded to 1/32 px: q = (rint(-1024 d) + 16) >> 5 is minus the shift in 1/32 px (d first rounded to
 * float32), as OpenCV 4.6 does it.
 */
#ifndef LIMPID_MOVIE_MOTION_MERGE_H
#define LIMPID_MOVIE_MOTION_MERGE_H

#include "movie/motion_image.h"

/* An image to be moved, and where the moved one is kept besides. */
typedef struct merge_item {
    motion_image image;
    double dy, dx;
    void *kept; /* of type `kept_type`; NULL: nowhere */
    lmp_type kept_type;
} merge_item;

typedef struct merge_order {
    int64_t height, width;
    motion_rounding rounding; /* of what has been moved */
    bool takes_highest;       /* the highest value of each pixel, instead of the mean */
    lmp_type type;            /* of the result */
} merge_order;

size_t merge_scratch_bytes(int64_t width, int64_t n_items);

/* Scratch is aligned to 64 bytes. n_items is 1 or more. */
void merge_images(const merge_order *order, const merge_item *items, int64_t n_items, void *scratch, void *result);

#endif
