/* SPDX-License-Identifier: BSD-3-Clause
 *
 * csv.h: signals as tables for people and spreadsheets (.csv).
 */
#ifndef LIMPID_IO_CSV_H
#define LIMPID_IO_CSV_H

#include "core/source.h"

extern const lmp_io lmp_io_csv;

#endif
