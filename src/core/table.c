/* SPDX-License-Identifier: BSD-3-Clause
 *
 * table.c: comma-separated text (RFC 4180), grown in memory.
 */
#include "core/table.h"

#include "core/text_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lmp_table {
    FILE *stream; /* into text */
    char *text;
    size_t size;
    bool row_begun;
    bool is_array;             /* the stream takes doubles */
    int64_t n_rows, n_columns; /* of an array */
};

lmp_status table_new(lmp_table **made, lmp_error *err)
{
    lmp_table *table = calloc(1, sizeof *table);
    if (table != NULL) table->stream = open_memstream(&table->text, &table->size);
    if (table == NULL || table->stream == NULL) {
        free(table);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a table");
    }
    *made = table;
    return LMP_OK;
}

lmp_status table_new_array(lmp_table **made, lmp_error *err)
{
    const lmp_status status = table_new(made, err);
    if (status == LMP_OK) (*made)->is_array = true;
    return status;
}

void table_free(lmp_table *table)
{
    if (table == NULL) return;
    if (table->stream != NULL) (void)fclose(table->stream); /* the text is thrown away */
    free(table->text);
    free(table);
}

static void begin_field(lmp_table *table)
{
    if (table->row_begun) fputc(',', table->stream);
    table->row_begun = true;
}

void lmp_table_columns(lmp_table *table, const char *names)
{
    table->n_columns = 1;
    for (const char *c = names; *c != '\0'; c++) table->n_columns += *c == ',';
    if (!table->is_array) fprintf(table->stream, "%s\n", names);
}

void lmp_table_number(lmp_table *table, double value)
{
    if (table->is_array) {
        (void)fwrite(&value, sizeof value, 1, table->stream); /* whether memory was out is seen at the end */
        return;
    }
    begin_field(table);
    if (isnan(value)) return;
    fprintf(table->stream, value == floor(value) && fabs(value) < 9007199254740992.0 ? "%.0f" : "%.9g", value);
}

void lmp_table_text(lmp_table *table, const char *text)
{
    if (table->is_array) {
        lmp_table_number(table, (double)NAN);
        return;
    }
    begin_field(table);
    if (strpbrk(text, ",\"\n\r") == NULL) {
        fputs(text, table->stream);
        return;
    }
    fputc('"', table->stream);
    for (; *text != '\0'; text++) {
        if (*text == '"') fputc('"', table->stream);
        fputc(*text, table->stream);
    }
    fputc('"', table->stream);
}

void lmp_table_end_row(lmp_table *table)
{
    table->n_rows++;
    table->row_begun = false;
    if (!table->is_array) fputc('\n', table->stream);
}

static lmp_status check_whole(lmp_table *table, const char *path, lmp_error *err)
{
    if (fflush(table->stream) == 0 && ferror(table->stream) == 0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the table %s", path);
}

lmp_status table_write(lmp_table *table, const char *path, bool overwrite, lmp_error *err)
{
    const lmp_status status = check_whole(table, path, err);
    return status == LMP_OK ? text_file_write(path, table->text, table->size, overwrite, "the table", err) : status;
}

lmp_status table_array(lmp_table *table, const char *path, const double **values, int64_t *n_rows, int64_t *n_columns,
                       lmp_error *err)
{
    const lmp_status status = check_whole(table, path, err);
    if (status != LMP_OK) return status;
    if (table->size != (size_t)(table->n_rows * table->n_columns) * sizeof **values)
        return lmp_fail(err, LMP_ERR_USAGE, "the table %s has rows of different length", path);
    *values = (const void *)table->text;
    *n_rows = table->n_rows;
    *n_columns = table->n_columns;
    return LMP_OK;
}
