/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npz.h: arrays in NumPy's zip files (.npz).
 */
#ifndef LIMPID_IO_NPZ_H
#define LIMPID_IO_NPZ_H

#include "core/source.h"

extern const lmp_io lmp_io_npz;

#endif
