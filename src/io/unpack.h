/* SPDX-License-Identifier: BSD-3-Clause
 *
 * unpack.h: a deflated stretch of a file as a file of its own, unpacked as far as somebody has asked for.
 */
#ifndef LIMPID_IO_UNPACK_H
#define LIMPID_IO_UNPACK_H

#include "io/file.h"

typedef struct unpack unpack;

typedef struct unpack_stretch {
    const char *path;        /* of the packed file */
    const char *label;       /* of what is packed, for sentences */
    const char *scratch_dir; /* NULL: $TMPDIR, /var/tmp, beside the file, or /tmp, whichever can be written to */
    int64_t offset, packed_size, size;
    uint32_t crc;
} unpack_stretch;

/* Makes an unlinked scratch file for the unpacked bytes; `scratch` becomes an input of `size` bytes on it, which may be
 * read as far as unpack_fetch() has gone. *folder (caller frees) is where it lies. */
LMP_CHECKED lmp_status unpack_new(const unpack_stretch *stretch, unpack **made, file_input *scratch, char **folder,
                                  lmp_error *err);
void unpack_free(unpack *u);

/* Unpacks until bytes [0, end) are in the scratch file; after the last one checks the sum. `user` is the unpack. Any
 * thread. */
LMP_CHECKED lmp_status unpack_fetch(void *user, int64_t end, lmp_error *err);

/* An unlinked file for what belongs to the recording `path`, in scratch_dir (NULL: where such files go);
 * *folder (caller frees) is where it lies. */
LMP_CHECKED lmp_status unpack_create_scratch(const char *path, const char *scratch_dir, os_file *file, char **folder,
                                             lmp_error *err);

#endif
