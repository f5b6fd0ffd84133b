/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_exif.h: the few things that matter in EXIF (a TIFF directory inside JPEG and PNG files).
 */
#ifndef LIMPID_IO_IMAGE_EXIF_H
#define LIMPID_IO_IMAGE_EXIF_H

#include <stddef.h>
#include <stdint.h>

typedef struct image_exif {
    int64_t orientation; /* 1 to 8; 1 if it is not said, or nonsense */
    char maker[16];      /* start of the camera maker's name, "" if none */
} image_exif;

/* `tiff` starts with the byte order mark. What is damaged counts as absent. */
void image_exif_parse(const uint8_t *tiff, size_t size, image_exif *exif);

#endif
