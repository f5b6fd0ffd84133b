/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.h: all file formats.
 */
#ifndef LIMPID_IO_LIST_H
#define LIMPID_IO_LIST_H

#include "core/source.h"

extern const lmp_io *const io_formats[]; /* ended by NULL */

#endif
