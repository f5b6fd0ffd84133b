/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zip.h: what lies where in a zip file (.npz).
 */
#ifndef LIMPID_IO_ZIP_H
#define LIMPID_IO_ZIP_H

#include "io/file.h"

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8 };

typedef struct zip_member {
    char *name;
    int64_t method; /* as in the file: ZIP_STORED, ZIP_DEFLATED or one that limpid does not read */
    bool is_encrypted;
    int64_t header_offset; /* of its local header */
    int64_t packed_size, size;
    uint32_t crc; /* of the unpacked bytes */
} zip_member;

typedef struct zip_directory {
    zip_member *members;
    int64_t n_members;
    int64_t end; /* of what members may take: the directory starts here */
} zip_directory;

/* Reads the central directory (zip64 too). All numbers of a member are checked to lie inside the file. */
LMP_CHECKED lmp_status zip_open(const file_input *input, zip_directory *directory, lmp_error *err);
void zip_close(zip_directory *directory);

/* Reads a member's local header: where its (packed) bytes start. */
LMP_CHECKED lmp_status zip_find_bytes(const file_input *input, const zip_directory *directory, const zip_member *member,
                                      int64_t *offset, lmp_error *err);

#endif
