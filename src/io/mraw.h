/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mraw.h: movies of Photron's high-speed cameras (.mraw with .cih or .cihx).
 */
#ifndef LIMPID_IO_MRAW_H
#define LIMPID_IO_MRAW_H

#include "core/source.h"

extern const lmp_io lmp_io_mraw;

#endif
