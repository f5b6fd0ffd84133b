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
    fprintf(table->stream, "%s\n", names);
}

void lmp_table_number(lmp_table *table, double value)
{
    begin_field(table);
    if (isnan(value)) return;
    fprintf(table->stream, value == floor(value) && fabs(value) < 9007199254740992.0 ? "%.0f" : "%.9g", value);
}

void lmp_table_text(lmp_table *table, const char *text)
{
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
    fputc('\n', table->stream);
    table->row_begun = false;
}

lmp_status table_write(lmp_table *table, const char *path, bool overwrite, lmp_error *err)
{
    const bool whole = fflush(table->stream) == 0 && ferror(table->stream) == 0;
    if (!whole) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the table %s", path);
    return text_file_write(path, table->text, table->size, overwrite, "the table", err);
}
