/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chunk_spool.h: decoded chunks in a scratch file, so that a chunk of many frames is decoded once.
 */
#ifndef LIMPID_IO_CHUNK_SPOOL_H
#define LIMPID_IO_CHUNK_SPOOL_H

#include "io/file.h"

typedef struct chunk_spool chunk_spool;

typedef lmp_status chunk_loader(void *user, const int64_t *place, void *to, lmp_budget *budget, lmp_error *err);

/* Room for n_chunks of chunk_bytes each; the file is made when the first one comes, in scratch_dir (NULL: where such
 * files go). `path` names the recording. */
LMP_CHECKED lmp_status chunk_spool_new(const char *path, const char *scratch_dir, size_t chunk_bytes, int64_t n_chunks,
                                       chunk_spool **made, lmp_error *err);
void chunk_spool_free(chunk_spool *spool);

/* Part of a chunk's bytes; the chunk is decoded if nobody has done it yet. Any thread; ended with file_view_end(). */
LMP_CHECKED lmp_status chunk_spool_view(chunk_spool *spool, int64_t chunk, size_t offset, size_t size,
                                        chunk_loader *load, void *user, const int64_t *place, lmp_budget *budget,
                                        file_view *view, lmp_error *err);

#endif
