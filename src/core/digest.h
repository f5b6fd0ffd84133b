/* SPDX-License-Identifier: BSD-3-Clause
 *
 * digest.h: a file's fingerprint: XXH3-128 over the XXH3-128 of each 4 MiB piece, so that pieces can be read in any
 * order by any worker. It detects damage, not malice.
 */
#ifndef LIMPID_CORE_DIGEST_H
#define LIMPID_CORE_DIGEST_H

#include "core/pool.h"

#include <limpid/step.h>

enum {
    DIGEST_TEXT = 48,        /* "xxh3-128/4M:" and 32 hexadecimal digits */
    DIGEST_PART = 256 << 10, /* bytes that reading a piece takes from the budget */
    DIGEST_PIECE = 4 << 20
};

typedef struct digest digest;

/* Opens `path`; the pieces are then read in any order, from any thread, each once. maps: each worker may count a whole
 * piece of DIGEST_PIECE bytes against the budget, which is faster; else DIGEST_PART bytes. */
LMP_CHECKED lmp_status digest_new(const char *path, bool maps, digest **made, lmp_error *err);
int64_t digest_piece_count(const digest *d);
LMP_CHECKED lmp_status digest_piece(digest *d, int64_t piece, lmp_budget *budget, lmp_error *err);
/* The same for a piece whose bytes are at hand. */
void digest_piece_at(digest *d, int64_t piece, const void *bytes);
/* Where a piece lies in the file. */
void digest_place(const digest *d, int64_t piece, int64_t *first, int64_t *end);
/* After all pieces. */
void digest_text(const digest *d, char text[DIGEST_TEXT]);
void digest_free(digest *d);

/* All of it at once; but for the pieces that were hashed when they were written, if `known` is not NULL. */
typedef struct digest_written digest_written;
LMP_CHECKED lmp_status digest_file(const char *path, const digest_written *known, pool *workers, lmp_budget *budget,
                                   char text[DIGEST_TEXT], lmp_error *err);

#endif
