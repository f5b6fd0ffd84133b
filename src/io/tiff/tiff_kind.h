/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_kind.h: what numbers a page holds, and how limpid gets at them.
 */
#ifndef LIMPID_IO_TIFF_KIND_H
#define LIMPID_IO_TIFF_KIND_H

#include "io/samples.h"
#include "io/tiff/tiff_ifd.h"

typedef enum tiff_way {
    TIFF_DIRECT,   /* the numbers lie in the file one behind the other: no decoder is needed */
    TIFF_CODED,    /* strips or tiles decoded by libtiff, then numbers of any width unpacked */
    TIFF_CONVERTED /* libtiff's conversion to RGB of 8 bits, for colour spaces of other kinds */
} tiff_way;

typedef struct tiff_kind {
    tiff_way way;
    lmp_type type;      /* of the decoded numbers */
    int64_t colours;    /* of the decoded image: 1 or 3 */
    sample_type stored; /* of numbers of 8, 16, 32 or 64 bits */
    bool is_packed;     /* numbers of another width */
    int64_t n_used;     /* numbers of each pixel that count; the others are left out */
    bool is_inverted;   /* small numbers are bright */
    int64_t data;       /* TIFF_DIRECT: where the first number is */
    size_t chunk_bytes; /* of a decoded strip or tile */
} tiff_kind;

/* Looks at page `number` (from 1); refuses in one sentence what cannot be read. */
LMP_CHECKED lmp_status tiff_kind_find(tiff_window *window, const tiff_ifd *ifd, int64_t number, tiff_kind *kind,
                                      lmp_error *err);

int64_t tiff_kind_frame_bytes(const tiff_ifd *ifd, const tiff_kind *kind); /* of a page as it is stored, TIFF_DIRECT */
int64_t tiff_chunk_row_bytes(const tiff_ifd *ifd);                         /* of a row of a decoded strip or tile */

#endif
