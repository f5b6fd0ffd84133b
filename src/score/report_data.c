/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_data.c: describing a report: the frame, texts, tables.
 */
#include "score/report_data.h"

#include "core/budget.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

json_t *data_string(const char *text)
{
    char *clean = text_clean(text);
    json_t *made = clean != NULL ? json_string_nocheck(clean) : NULL;
    free(clean);
    return made;
}

json_t *data_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* ---- The frame ---- */

void data_begin(report_data *d, const char *kind, const char *title)
{
    *d = (report_data){.root = json_object(), .depth = 1};
    d->open[0] = json_array();
    json_object_set_new(d->root, "kind", json_string(kind));
    json_object_set_new(d->root, "limpid", json_string(lmp_version()));
    json_object_set_new(d->root, "title", data_string(title));
    if (json_object_set_new(d->root, "parts", d->open[0]) != 0) d->is_broken = true;
}

void data_clear(report_data *d)
{
    json_decref(d->root);
    *d = (report_data){0};
}

lmp_status data_end(report_data *d, json_t **made, lmp_error *err)
{
    if (d->is_broken) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a report");
    *made = json_incref(d->root);
    return LMP_OK;
}

/* ---- Parts ---- */

json_t *data_part(report_data *d, const char *kind)
{
    json_t *part = json_object();
    json_object_set_new(part, "kind", json_string(kind));
    if (json_array_append_new(d->open[d->depth - 1], part) == 0) return part;
    d->is_broken = true;
    return NULL;
}

void data_open(report_data *d, const char *kind, const char *title)
{
    json_t *part = data_part(d, kind), *parts = json_array();
    if (title[0] != '\0') json_object_set_new(part, "title", data_string(title));
    if (json_object_set_new(part, "parts", parts) != 0) d->is_broken = true;
    /* Groups are nested by hand, a few levels deep. */
    if (!d->is_broken && d->depth < DATA_DEPTH) d->open[d->depth++] = parts;
}

void data_close(report_data *d)
{
    if (d->depth < 2) return;
    const json_t *parts = d->open[--d->depth];
    json_t *around = d->open[d->depth - 1];
    if (json_array_size(parts) == 0) json_array_remove(around, json_array_size(around) - 1);
}

void data_heading(report_data *d, int level, const char *title)
{
    json_t *part = data_part(d, "heading");
    json_object_set_new(part, "level", json_integer(level));
    json_object_set_new(part, "title", data_string(title));
}

void data_text(report_data *d, const char *style)
{
    json_t *part = data_part(d, "text");
    if (style[0] != '\0') json_object_set_new(part, "style", json_string(style));
    d->spans = json_array();
    if (json_object_set_new(part, "spans", d->spans) != 0) d->spans = NULL;
}

LMP_PRINTF(1, 0)
static json_t *print_words(const char *words, va_list list)
{
    char *text = NULL;
    if (vasprintf(&text, words, list) < 0) return NULL;
    json_t *made = data_string(text);
    free(text);
    return made;
}

static void add_span(report_data *d, json_t *text, bool is_strong)
{
    json_t *span = json_object();
    if (json_object_set_new(span, "text", text) != 0) d->is_broken = true;
    if (is_strong) json_object_set_new(span, "strong", json_true());
    if (json_array_append_new(d->spans, span) != 0) d->is_broken = true;
}

void say(report_data *d, const char *words, ...)
{
    va_list list;
    va_start(list, words);
    add_span(d, print_words(words, list), false);
    va_end(list);
}

void stress(report_data *d, const char *words, ...)
{
    va_list list;
    va_start(list, words);
    add_span(d, print_words(words, list), true);
    va_end(list);
}

void data_command(report_data *d, const char *text)
{
    json_object_set_new(data_part(d, "command"), "text", data_string(text));
}

void data_tiles(report_data *d)
{
    json_object_set_new(data_part(d, "tiles"), "tiles", json_array());
}

void data_tile(report_data *d, double value, int decimals, const char *unit, const char *label)
{
    const json_t *parts = d->open[d->depth - 1];
    json_t *tile = json_object();
    json_object_set_new(tile, "value", data_number(value));
    json_object_set_new(tile, "decimals", json_integer(decimals));
    json_object_set_new(tile, "unit", json_string(unit));
    json_object_set_new(tile, "label", data_string(label));
    if (isfinite(value))
        json_array_append(json_object_get(json_array_get(parts, json_array_size(parts) - 1), "tiles"), tile);
    json_decref(tile);
}

void data_warnings(report_data *d, const json_t *of_run, const json_t *of_report)
{
    const json_t *const lists[] = {of_run, of_report};
    json_t *items = json_array();
    for (int l = 0; l < 2; l++)
        for (size_t i = 0; i < json_array_size(lists[l]); i++) {
            const char *text = json_string_value(json_array_get(lists[l], i));
            if (text != NULL) json_array_append_new(items, data_string(text));
        }
    if (json_array_size(items) > 0) json_object_set(data_part(d, "warnings"), "items", items);
    json_decref(items);
}

/* ---- Facts ---- */

json_t *data_facts(report_data *d)
{
    json_t *rows = json_array();
    return json_object_set_new(data_part(d, "facts"), "rows", rows) == 0 ? rows : NULL;
}

void fact_text(json_t *facts, const char *name, const char *text)
{
    json_t *row = text[0] != '\0' ? json_array() : NULL;
    json_array_append_new(row, json_string(name));
    json_array_append_new(row, data_string(text));
    if (row != NULL) json_array_append_new(facts, row);
}

void fact_number(json_t *facts, const char *name, double value, const char *unit)
{
    char text[64];
    if (!isfinite(value)) return;
    snprintf(text, sizeof text, "%.4g%s%s", value, unit[0] != '\0' ? " " : "", unit);
    fact_text(facts, name, text);
}

void fact_bytes(json_t *facts, const char *name, double bytes)
{
    char text[16];
    if (bytes >= 0) fact_text(facts, name, budget_print_size(bytes, text));
}

/* ---- Tables ---- */

json_t *data_table(report_data *d, const char *title)
{
    json_t *table = data_part(d, "table");
    json_object_set_new(table, "title", data_string(title));
    json_object_set_new(table, "columns", json_array());
    json_object_set_new(table, "rows", json_array());
    return table;
}

void table_column(json_t *table, const char *name, const char *unit, int decimals)
{
    json_t *column = json_object();
    json_object_set_new(column, "name", json_string(name));
    if (unit[0] != '\0') json_object_set_new(column, "unit", json_string(unit));
    if (decimals != COLUMN_TEXT) json_object_set_new(column, "decimals", json_integer(decimals));
    json_array_append_new(json_object_get(table, "columns"), column);
}

json_t *table_row(json_t *table)
{
    json_t *row = json_array();
    return json_array_append_new(json_object_get(table, "rows"), row) == 0 ? row : NULL;
}

void row_number(json_t *row, double value)
{
    json_array_append_new(row, data_number(value));
}

void row_text(json_t *row, const char *words, ...)
{
    va_list list;
    va_start(list, words);
    json_array_append_new(row, print_words(words, list));
    va_end(list);
}

void row_own_number(json_t *row, double value, int decimals)
{
    json_t *cell = json_object();
    json_object_set_new(cell, "value", data_number(value));
    json_object_set_new(cell, "decimals", json_integer(decimals));
    json_array_append_new(row, cell);
}
