/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chunk_rows.h: the chunks that movies are written in: one frame, or a band of its rows where frames are huge.
 */
#ifndef LIMPID_IO_CHUNK_ROWS_H
#define LIMPID_IO_CHUNK_ROWS_H

#include <limpid/step.h>

enum { CHUNK_USUAL_BYTES = 16 << 20 };

/* Rows of a chunk of at most CHUNK_USUAL_BYTES, at least one; equal bands as far as possible. */
static inline int64_t chunk_rows(int64_t height, size_t row_bytes)
{
    const int64_t most = row_bytes > CHUNK_USUAL_BYTES ? 1 : (int64_t)(CHUNK_USUAL_BYTES / row_bytes);
    const int64_t n_bands = (height + most - 1) / most;
    return (height + n_bands - 1) / n_bands;
}

#endif
