/* SPDX-License-Identifier: BSD-3-Clause
 *
 * table.h: tables that steps write beside their data: rows as text, one comma-separated line each. See step.h for
 * lmp_table_columns() and its like.
 */
#ifndef LIMPID_CORE_TABLE_H
#define LIMPID_CORE_TABLE_H

#include <limpid/step.h>

LMP_CHECKED lmp_status table_new(lmp_table **made, lmp_error *err);
/* Keeps its rows as numbers, for table_array(), instead of text; text in them is NaN. */
LMP_CHECKED lmp_status table_new_array(lmp_table **made, lmp_error *err);
void table_free(lmp_table *table);

/* Under a temporary name, then renamed: whole or not at all. Fails too if memory was out while it was filled. */
LMP_CHECKED lmp_status table_write(lmp_table *table, const char *path, bool overwrite, lmp_error *err);

/* Its numbers, row by row, until it is freed. `path` is for the errors. */
LMP_CHECKED lmp_status table_array(lmp_table *table, const char *path, const double **values, int64_t *n_rows,
                                   int64_t *n_columns, lmp_error *err);

#endif
