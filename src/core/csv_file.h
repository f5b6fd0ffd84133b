/* SPDX-License-Identifier: BSD-3-Clause
 *
 * csv_file.h: small tables with a line of names on top, read whole: shifts, positions, truths. Fields are separated by
 * commas; those in quotation marks may hold commas, and two marks for one (RFC 4180), but no ends of lines.
 */
#ifndef LIMPID_CORE_CSV_FILE_H
#define LIMPID_CORE_CSV_FILE_H

#include <limpid/step.h>

typedef struct csv_file {
    char *text;                /* the cells point into it */
    char **cells;              /* row by row, the names first */
    int64_t *lines;            /* of the file, from 1: where each row stands, the names first */
    int64_t n_columns, n_rows; /* rows without the names */
} csv_file;

/* Every row must have as many fields as there are names. Empty lines are left out. */
LMP_CHECKED lmp_status csv_file_read(const char *path, csv_file *made, lmp_error *err);
void csv_file_clear(csv_file *csv);

/* -1 if there is no column of that name. */
int64_t csv_file_column(const csv_file *csv, const char *name);

/* Without the spaces around it. */
const char *csv_file_text(const csv_file *csv, int64_t row, int64_t column);

/* NaN if the field is empty or says nan; false if it is no decimal number. */
bool csv_file_number(const csv_file *csv, int64_t row, int64_t column, double *value);

#endif
