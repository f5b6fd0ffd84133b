/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy.h: signals and movies as NumPy arrays (.npy).
 */
#ifndef LIMPID_IO_NPY_H
#define LIMPID_IO_NPY_H

#include "core/source.h"

extern const lmp_io lmp_io_npy;

#endif
