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

/* Where the field that begins here ends: at a comma or at the end of the line. */
static char *field_end(char *field)
{
    char *c = field + strspn(field, " \t");
    if (*c != '"') return field + strcspn(field, ",");
    for (c++; *c != '\0' && !(c[0] == '"' && c[1] != '"');) c += c[0] == '"' ? 2 : 1;
    return c + strcspn(c, ",");
}

/* Without the quotation marks around it, and one for two within. */
static char *unquote(char *field)
{
    const size_t n = strlen(field);
    if (n < 2 || field[0] != '"' || field[n - 1] != '"') return field;
    field[n - 1] = '\0';
    char *to = ++field;
    for (const char *from = field; *from != '\0'; from++) {
        from += from[0] == '"' && from[1] == '"';
        *to++ = *from;
    }
    *to = '\0';
    return field;
}

/* Cuts a line into `cells`, the first `room` of its fields; how many it has. */
static int64_t split_line(char *line, char **cells, int64_t room)
{
    int64_t n = 0;
    for (char *field = line; field != NULL; n++) {
        char *end = field_end(field), *next = *end == ',' ? end + 1 : NULL;
        if (n < room) {
            *end = '\0';
            cells[n] = unquote(trim(field));
        }
        field = next;
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
        csv->lines[n_lines++] = line_number;
    }
    csv->n_rows = n_lines - 1;
    return LMP_OK;
}

/* How many fields the line of names has. */
static int64_t count_columns(char *text)
{
    char *end = strchr(text, '\n');
    if (end != NULL) *end = '\0';
    const int64_t n = split_line(text, NULL, 0);
    if (end != NULL) *end = '\n';
    return n;
}

static lmp_status split(csv_file *csv, const char *path, lmp_error *err)
{
    char *first = csv->text;
    if (strncmp(first, "\xef\xbb\xbf", 3) == 0) memcpy(first, "   ", 3); /* a byte order mark */
    while (isspace((unsigned char)*first)) first++;
    if (*first == '\0') return lmp_fail(err, LMP_ERR_INPUT, "%s is empty: it needs a line of column names", path);
    const int64_t n_lines = count_characters(csv->text, '\n') + 1;
    csv->n_columns = count_columns(first);
    csv->cells = calloc((size_t)(n_lines * csv->n_columns), sizeof *csv->cells);
    csv->lines = calloc((size_t)n_lines, sizeof *csv->lines);
    if (csv->cells == NULL || csv->lines == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to read %s", path);
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
    free(csv->lines);
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
    return end != text && *end == '\0' && strpbrk(text, "xX") == NULL;
}
