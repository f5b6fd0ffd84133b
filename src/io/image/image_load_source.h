/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_load_source.h: loading options (grey, smaller) for formats whose frames are read as they are.
 */
#ifndef LIMPID_IO_IMAGE_LOAD_SOURCE_H
#define LIMPID_IO_IMAGE_LOAD_SOURCE_H

#include "core/source.h"

/* The last thing in open: a movie that is wanted grey or smaller is read through image_load; anything else stays. On
 * failure the source is closed and what it held is freed. */
LMP_CHECKED lmp_status image_load_source(const char *path, const lmp_open_options *options, lmp_source *source,
                                         lmp_error *err);

#endif
