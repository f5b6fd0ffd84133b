/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_codec.h: pages that need a decoder, through libtiff.
 */
#ifndef LIMPID_IO_TIFF_CODEC_H
#define LIMPID_IO_TIFF_CODEC_H

#include "io/tiff/tiff_kind.h"

/* Decodes page `number` (from 1) into height x width x colours numbers of kind->type. Any thread. Takes what
 * tiff_codec_bytes() says from `budget`. */
LMP_CHECKED lmp_status tiff_codec_decode(const tiff_file *file, const tiff_ifd *ifd, const tiff_kind *kind,
                                         int64_t number, void *pixels, lmp_budget *budget, lmp_error *err);

/* Refuses a compression that libtiff does not know. */
LMP_CHECKED lmp_status tiff_codec_check(const tiff_file *file, const tiff_ifd *ifd, lmp_error *err);

/* Memory to decode a page of this size whose strips or tiles decode to at most chunk_bytes. */
size_t tiff_codec_bytes(const tiff_ifd *ifd, size_t chunk_bytes, bool is_converted);

#endif
