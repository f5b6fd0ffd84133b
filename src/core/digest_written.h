/* SPDX-License-Identifier: BSD-3-Clause
 *
 * digest_written.h: the fingerprint of a file while it is written, of the pieces that are complete: their bytes are at
 * hand, or still in the system's memory. Nothing is lost without it: digest_file() reads what is not known here.
 */
#ifndef LIMPID_CORE_DIGEST_WRITTEN_H
#define LIMPID_CORE_DIGEST_WRITTEN_H

#include "core/digest.h"
#include "os/os.h"

#include <xxhash.h>

/* NULL if memory is out. Freed by digest_written_free(); NULL is fine there. */
digest_written *digest_written_new(void);
void digest_written_free(digest_written *w);

/* To be told of everything that gets into the file, right after it has been written, from any thread, in any order;
 * what is written twice counts too. The file can be read. */
void digest_written_add(digest_written *w, os_file file, int64_t offset, const void *bytes, size_t size);

/* True, and `hash` is that of the piece as it is in the file, if nothing was written to it since it was complete. */
bool digest_written_piece(const digest_written *w, int64_t piece, XXH128_canonical_t *hash);

#endif
