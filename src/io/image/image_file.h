/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_file.h: what formats of one image in one file share: opening by the header alone, reading the file when its
 * frame is wanted.
 *
 * Folders of images open thousands of these, so an open recording holds a path and no file. A frame is read with one
 * read of the whole file, and decoded in place.
 */
#ifndef LIMPID_IO_IMAGE_FILE_H
#define LIMPID_IO_IMAGE_FILE_H

#include "io/file.h"
#include "io/image/image_load.h"

/* ---- Headers ---------------------------------------------------------------------------------------------- */

/* A window that moves over the head of a file. */
typedef struct image_head {
    file_input input;
    int64_t offset; /* of bytes[0] */
    size_t n;
    uint8_t bytes[4096];
} image_head;

LMP_CHECKED lmp_status image_head_open(const char *path, image_head *head, lmp_error *err);
void image_head_close(image_head *head);

/* Bytes [offset, offset + size) if the file has them and size is at most 4096, else NULL; valid until the next call. */
const uint8_t *image_head_get(image_head *head, int64_t offset, size_t size);

/* ---- Sources ---------------------------------------------------------------------------------------------- */

typedef struct image_file image_file;
struct image_file {
    char *path;
    lmp_format format; /* as decoded, then as loaded */
    image_load load;
    int64_t orientation; /* EXIF */
    bool salvage;
    size_t codec_bytes; /* that the codec allocates by itself while it decodes one image */
    /* From the whole file to a loaded frame without gaps. Any thread. */
    lmp_status (*decode)(const image_file *image, const uint8_t *bytes, size_t size, void *frame, lmp_budget *budget,
                         lmp_error *err);
    size_t work_bytes;   /* that decode() takes from the budget even where loading changes nothing */
    bool scales;         /* the codec can decode at 1/2, 1/4 and 1/8 of the size */
    int64_t data_offset; /* of the pixels in the file, for formats that know it */
};

/* Makes `source` from a filled image (path, format, orientation, decode, ...), which is copied; takes `warnings`, also
 * on failure. `file_bytes` is the size of the file. */
LMP_CHECKED lmp_status image_file_open(const image_file *image, const char *format_name,
                                       const lmp_open_options *options, int64_t file_bytes, char *warnings,
                                       lmp_source *source, lmp_error *err);

/* "FILE cannot be decoded: WHY; get it again, or salvage it ...". */
LMP_CHECKED lmp_status image_file_fail(const image_file *image, const char *why, lmp_error *err);

/* Refuses images of more than `most` pixels per byte of the file. */
LMP_CHECKED lmp_status image_file_check_size(const char *path, int64_t width, int64_t height, int64_t file_bytes,
                                             double most, lmp_error *err);

#endif
