/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_directory.h: the directories of a TIFF file that is written: one per page, all behind the pixels.
 */
#ifndef LIMPID_IO_TIFF_DIRECTORY_H
#define LIMPID_IO_TIFF_DIRECTORY_H

#include "io/file.h"

typedef struct tiff_strip {
    int64_t offset, bytes;
} tiff_strip;

typedef struct tiff_layout {
    bool is_big; /* BigTIFF */
    lmp_format format;
    int64_t compression, rows_per_strip, n_strips; /* of a page */
    int64_t data;             /* pages without compression: where the first one is; the others follow */
    const tiff_strip *strips; /* compressed: n_times x n_strips of them; NULL: one strip per page */
} tiff_layout;

enum { TIFF_HEAD_BYTES = 16 };

/* Bytes of all directories and what belongs to them. */
int64_t tiff_directory_bytes(const tiff_layout *layout);

/* Writes header and directories, the latter from `at` on (even). */
LMP_CHECKED lmp_status tiff_directory_write(file_output *output, const tiff_layout *layout, int64_t at, lmp_error *err);

#endif
