/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff.c: images and movies as TIFF, classic and BigTIFF, read and written.
 */
#include "io/tiff/tiff.h"

#include "core/path.h"

#include <string.h>

static int detect_tiff(const uint8_t *head, size_t n, const char *path)
{
    static const char *const magics[] = {"II*\0", "MM\0*", "II+\0", "MM\0+"};
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (n >= 8 && memcmp(head, magics[i], 4) == 0) return 90;
    return path_has_extension(path, "tif|tiff") ? 20 : 0;
}

const lmp_io lmp_io_tiff = {
    .name = "TIFF",
    .summary = "Image, or movie of one frame per page: ImageJ stacks, OME-TIFF, BigTIFF; written as ImageJ reads it.",
    .kind = LMP_MOVIE,
    .extensions = "tif|tiff",
    .can_read = true,
    .can_write = true,
    .detect = detect_tiff,
    .open = tiff_open,
    .create = tiff_create,
    .pack_bytes = tiff_pack_bytes,
};
