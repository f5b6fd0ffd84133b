/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_notes.h: what the description of the first page says about a movie: ImageJ's lines, OME's XML.
 */
#ifndef LIMPID_IO_TIFF_NOTES_H
#define LIMPID_IO_TIFF_NOTES_H

#include "io/tiff/tiff_ifd.h"

typedef struct tiff_notes {
    bool is_imagej, is_ome;
    int64_t images;                         /* ImageJ: planes; 0 if not said */
    int64_t channels, slices, frames;       /* of a hyperstack; each at least 1 */
    char order[8];                          /* which of C, Z, T runs fastest, "CZT" */
    double rate_hz;                         /* planes per second; 0: unknown */
    double pixel_width_um, pixel_height_um; /* 0: unknown */
} tiff_notes;

/* Reads description and resolution of a page. What makes no sense counts as absent. */
void tiff_notes_read(tiff_window *window, const tiff_ifd *ifd, tiff_notes *notes);

#endif
