/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hikmicro.h: temperatures that HIKMICRO thermal cameras append to their JPEG files.
 *
 * Not a format of its own: from the first bytes it cannot be told from JPEG, whose open() asks here.
 */
#ifndef LIMPID_IO_HIKMICRO_H
#define LIMPID_IO_HIKMICRO_H

#include "io/image/image_exif.h"
#include "io/image/image_file.h"

/* Offset of the block of temperatures, -1 if there is none. Only files that go on behind the image, or come from such a
 * camera, are searched; not the visible image beside a thermal one (NAME.vis.jpg, NAME_vis.jpg). */
LMP_CHECKED lmp_status hikmicro_find(const image_head *head, const image_exif *exif, int64_t *block, lmp_error *err);

LMP_CHECKED lmp_status hikmicro_open(const image_head *head, int64_t block, const lmp_open_options *options,
                                     lmp_source *source, lmp_error *err);

#endif
