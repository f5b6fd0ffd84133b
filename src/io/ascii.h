/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ascii.h: images as tables of numbers in text files (.asc, .dat, .txt).
 */
#ifndef LIMPID_IO_ASCII_H
#define LIMPID_IO_ASCII_H

#include "core/source.h"

extern const lmp_io lmp_io_ascii;

#endif
