/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.c: all file formats, one line each.
 */
#include "io/list.h"

extern const lmp_io lmp_io_edf, lmp_io_bdf, lmp_io_brainvision, lmp_io_npy;

const lmp_io *const io_formats[] = {
    &lmp_io_edf, &lmp_io_bdf, &lmp_io_brainvision, &lmp_io_npy, NULL,
};
