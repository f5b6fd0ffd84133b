/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ascii_table.c: numbers in rows and columns of a text file.
 *
 * The file goes by in views, byte for byte; only the cell at hand is kept, so a line may be as long as it wants. Cells
 * are ASCII whatever the encoding: in UTF-8 and Latin-1 anything else is no number.
 */
#include "io/ascii_table.h"

#include "io/decimal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { VIEW_BYTES = 1 << 20, LONGEST_CELL = 256, LONGEST_SEARCH = 1 << 20 };

/* ---- Cells ------------------------------------------------------------------------------------------------ */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static ascii_cell parse_cell(const char *text, double *value)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {{"nan", (double)NAN},
                 {"inf", (double)INFINITY},
                 {"+inf", (double)INFINITY},
                 {"-inf", (double)-INFINITY},
                 {"infinity", (double)INFINITY},
                 {"-nan", (double)NAN},
                 {"+infinity", (double)INFINITY},
                 {"-infinity", (double)-INFINITY}};
    if (decimal_parse(text, 0, value)) return ASCII_NUMBER;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(text, words[i].word) != 0) continue;
        *value = words[i].value;
        return ASCII_NUMBER;
    }
    *value = (double)NAN;
    return ASCII_BAD;
}

/* ---- The delimiter ---------------------------------------------------------------------------------------- */

/* Looks at the first row: what is behind '#' and empty lines do not count. ' ' stands for blanks. */
static char find_delimiter(const char *bytes, size_t n)
{
    static const char candidates[] = "\t;,";
    size_t first = 3;
    bool has_cell = false, in_comment = false;
    for (size_t i = 0; i < n; i++) {
        const char c = bytes[i];
        if (c == '\n' || c == '\r') {
            if (has_cell) break;
            first = 3; /* a line of delimiters only tells nothing */
            in_comment = false;
        } else if (c == '#') {
            in_comment = true;
        } else if (!in_comment) {
            const char *found = memchr(candidates, c, 3);
            if (found != NULL && (size_t)(found - candidates) < first) first = (size_t)(found - candidates);
            has_cell |= found == NULL && c != ' ';
        }
    }
    return first < 3 ? candidates[first] : ' ';
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

typedef struct reader {
    const char *path;
    ascii_visit *visit;
    void *user;
    char delimiter;
    char cell[LONGEST_CELL];
    size_t n;      /* of the cell at hand; LONGEST_CELL: too long */
    size_t n_kept; /* without the blanks at its end */
    int64_t line, row, column;
    int64_t n_columns; /* 0 until the first row has ended */
    bool has_cells;    /* in this line */
    bool in_comment;
} reader;

static lmp_status end_cell(reader *r, lmp_error *err)
{
    double value = (double)NAN;
    r->cell[r->n_kept] = '\0';
    const ascii_cell cell = r->n == LONGEST_CELL ? ASCII_BAD : parse_cell(r->cell, &value);
    r->n = r->n_kept = 0;
    if (r->n_columns > 0 && r->column >= r->n_columns)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s: line %" PRId64 " has more cells than the %" PRId64
                        " of the first row; start lines that are no data with #",
                        r->path, r->line, r->n_columns);
    return r->visit(r->user, r->row, r->column++, cell, value, err);
}

/* A delimiter at the end of a line ends its last cell, which is there only if a column is missing. */
static lmp_status end_line(reader *r, lmp_error *err)
{
    lmp_status status = LMP_OK;
    const bool misses_one = r->delimiter != ' ' && r->n_columns > 0 && r->column == r->n_columns - 1;
    if (r->has_cells && (r->n > 0 || misses_one)) status = end_cell(r, err);
    r->n = r->n_kept = 0;
    r->in_comment = false;
    if (r->has_cells && status == LMP_OK) {
        if (r->n_columns == 0) r->n_columns = r->column;
        if (r->column != r->n_columns)
            return lmp_fail(err, LMP_ERR_INPUT,
                            "%s: line %" PRId64 " has %" PRId64 " cells, the first row has %" PRId64
                            "; start lines that are no data with #",
                            r->path, r->line, r->column, r->n_columns);
        r->row++;
    }
    r->column = 0;
    r->has_cells = false;
    return status;
}

static void keep(reader *r, char c)
{
    if (r->n == 0 && is_blank(c)) return;
    r->has_cells = true;
    if (r->n >= LONGEST_CELL - 1) {
        r->n = LONGEST_CELL;
        return;
    }
    r->cell[r->n++] = c;
    if (!is_blank(c)) r->n_kept = r->n;
}

static lmp_status take(reader *r, char c, lmp_error *err)
{
    if (c == '\n' || c == '\r') {
        const lmp_status status = end_line(r, err);
        r->line += c == '\n';
        return status;
    }
    if (c == '\0')
        return lmp_fail(err, LMP_ERR_INPUT, "%s: line %" PRId64 " has bytes that no text has; it is no table", r->path,
                        r->line);
    if (c == '#') r->in_comment = true;
    if (r->in_comment) return LMP_OK;
    if (r->delimiter == ' ' && is_blank(c)) return r->n > 0 ? end_cell(r, err) : LMP_OK;
    if (c == r->delimiter) {
        r->has_cells = true;
        return end_cell(r, err);
    }
    keep(r, c);
    return LMP_OK;
}

static size_t skip_mark(const uint8_t *bytes, size_t n)
{
    return n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

lmp_status ascii_table_read(const file_input *input, ascii_visit *visit, void *user, lmp_error *err)
{
    reader r = {.path = input->path, .visit = visit, .user = user, .line = 1};
    lmp_status status = LMP_OK;
    for (int64_t at = 0; at < input->info.size && status == LMP_OK;) {
        const int64_t left = input->info.size - at;
        const size_t n = left < VIEW_BYTES ? (size_t)left : VIEW_BYTES;
        file_view view;
        status = file_view_begin(input, at, n, NULL, &view, err);
        if (status != LMP_OK) return status;
        size_t i = at == 0 ? skip_mark(view.bytes, n) : 0;
        if (at == 0)
            r.delimiter = find_delimiter((const char *)view.bytes + i, (n < LONGEST_SEARCH ? n : LONGEST_SEARCH) - i);
        for (; i < n && status == LMP_OK; i++) status = take(&r, (char)view.bytes[i], err);
        file_view_end(&view);
        at += (int64_t)n;
    }
    return status == LMP_OK ? end_line(&r, err) : status;
}

/* ---- The first row ---------------------------------------------------------------------------------------- */

typedef struct first_row {
    int64_t n_cells, n_numbers;
} first_row;

static lmp_status count_cell(void *user, int64_t row, int64_t column, ascii_cell cell, double value, lmp_error *err)
{
    first_row *counts = user;
    (void)column;
    (void)value;
    (void)err;
    if (row > 0) return LMP_CANCELLED;
    counts->n_cells++;
    counts->n_numbers += cell == ASCII_NUMBER;
    return LMP_OK;
}

bool ascii_table_is_headed(const char *bytes, size_t n)
{
    const size_t start = skip_mark((const uint8_t *)bytes, n);
    first_row counts = {0};
    reader r = {.path = "", .visit = count_cell, .user = &counts, .line = 1};
    r.delimiter = find_delimiter(bytes + start, n - start);
    lmp_status status = LMP_OK;
    for (size_t i = start; i < n && status == LMP_OK; i++) status = take(&r, bytes[i], NULL);
    if (status == LMP_ERR_INPUT) return false;
    return counts.n_cells >= 2 && 2 * counts.n_numbers >= counts.n_cells;
}
