/* SPDX-License-Identifier: BSD-3-Clause
 *
 * csv_file.c: small tables with a line of names on top.
 */
#include "core/csv_file.h"

#include "core/text_file.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_MIB = 1024 };

static int64_t count_characters(const char *text, char c)
{
    int64_t n = 0;
    for (; *text != '\0'; text++) n += *text == c;
    return n;
}

static char *trim(char *field)
{
    while (isspace((unsigned char)*field)) field++;
    for (size_t n = strlen(field); n > 0 && isspace((unsigned char)field[n - 1]); n--) field[n - 1] = '\0';
    return field;
}

/* Cuts a line into `cells`; how many fields it has. */
static int64_t split_line(char *line, char **cells, int64_t room)
{
    int64_t n = 0;
    for (char *next = line; next != NULL; n++) {
        char *field = strsep(&next, ",");
        if (n < room) cells[n] = trim(field);
    }
    return n;
}

static lmp_status split_text(csv_file *csv, const char *path, lmp_error *err)
{
    int64_t n_lines = 0, line_number = 0;
    for (char *next = csv->text; next != NULL;) {
        char *line = strsep(&next, "\n");
        line_number++;
        if (line[strspn(line, " \t\r")] == '\0') continue;
        const int64_t n = split_line(line, csv->cells + n_lines * csv->n_columns, csv->n_columns);
        if (n != csv->n_columns)
            return lmp_fail(err, LMP_ERR_INPUT, "%s, line %lld: %lld fields instead of %lld", path,
                            (long long)line_number, (long long)n, (long long)csv->n_columns);
        n_lines++;
    }
    csv->n_rows = n_lines - 1;
    return LMP_OK;
}

static lmp_status split(csv_file *csv, const char *path, lmp_error *err)
{
    char *first = csv->text;
    if (strncmp(first, "\xef\xbb\xbf", 3) == 0) memcpy(first, "   ", 3); /* a byte order mark */
    while (isspace((unsigned char)*first)) first++;
    if (*first == '\0') return lmp_fail(err, LMP_ERR_INPUT, "%s is empty: it needs a line of column names", path);
    const int64_t n_lines = count_characters(csv->text, '\n') + 1;
    csv->n_columns = 1;
    for (const char *c = first; *c != '\0' && *c != '\n'; c++) csv->n_columns += *c == ',';
    csv->cells = calloc((size_t)(n_lines * csv->n_columns), sizeof *csv->cells);
    if (csv->cells == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to read %s", path);
    return split_text(csv, path, err);
}

lmp_status csv_file_read(const char *path, csv_file *made, lmp_error *err)
{
    csv_file csv = {0};
    size_t size = 0;
    lmp_status status = text_file_read(path, LARGEST_MIB, "table", &csv.text, &size, err);
    if (status == LMP_OK && strlen(csv.text) != size)
        status = lmp_fail(err, LMP_ERR_INPUT, "%s is no table: it holds bytes that are no text", path);
    if (status == LMP_OK) status = split(&csv, path, err);
    if (status == LMP_OK)
        *made = csv;
    else
        csv_file_clear(&csv);
    return status;
}

void csv_file_clear(csv_file *csv)
{
    free(csv->text);
    free(csv->cells);
    *csv = (csv_file){0};
}

int64_t csv_file_column(const csv_file *csv, const char *name)
{
    for (int64_t i = 0; i < csv->n_columns; i++)
        if (strcasecmp(csv->cells[i], name) == 0) return i;
    return -1;
}

const char *csv_file_text(const csv_file *csv, int64_t row, int64_t column)
{
    return csv->cells[(row + 1) * csv->n_columns + column];
}

bool csv_file_number(const csv_file *csv, int64_t row, int64_t column, double *value)
{
    const char *text = csv_file_text(csv, row, column);
    char *end;
    if (*text == '\0') {
        *value = (double)NAN;
        return true;
    }
    *value = strtod(text, &end);
    return end != text && *end == '\0';
}
