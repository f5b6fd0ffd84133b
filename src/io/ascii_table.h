/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ascii_table.h: numbers in rows and columns of a text file, read from front to back.
 */
#ifndef LIMPID_IO_ASCII_TABLE_H
#define LIMPID_IO_ASCII_TABLE_H

#include "io/file.h"

/* What is between two delimiters. */
typedef enum ascii_cell { ASCII_NUMBER, ASCII_BAD } ascii_cell;

/* Called with every cell in the order of the file; row and column from 0. `value` is NaN for what is no number, or
 * "nan". Stops the reading by anything but LMP_OK. */
typedef lmp_status ascii_visit(void *user, int64_t row, int64_t column, ascii_cell cell, double value, lmp_error *err);

/* Reads the whole file. Cells are delimited by tabs, semicolons, commas or blanks, whichever of these, in this order,
 * the first row has; '#' starts a comment; empty lines do not count. All rows must have the columns of the first. */
LMP_CHECKED lmp_status ascii_table_read(const file_input *input, ascii_visit *visit, void *user, lmp_error *err);

/* True if the first row in these first bytes of a file has at least two cells and half of them are numbers. */
bool ascii_table_is_headed(const char *bytes, size_t n);

#endif
