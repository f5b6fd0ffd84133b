/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brainvision.h: the BrainVision format: header (.vhdr), markers (.vmrk) and data (.eeg).
 */
#ifndef LIMPID_IO_BRAINVISION_H
#define LIMPID_IO_BRAINVISION_H

#include "core/source.h"

extern const lmp_io lmp_io_brainvision;

/* lmp_io.create, in brainvision_write.c. */
lmp_status brainvision_create(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                              bool force_range, lmp_writer *writer, lmp_error *err);

#endif
