/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_html.c: a described report as a page that needs no script.
 */
#include "score/report_html.h"

#include "score/metrics.h"
#include "score/provenance.h"
#include "score/report_draw.h"
#include "score/report_style.h"
#include "score/svg.h"

#include <string.h>

#define COLUMN 1040.0
#define HALF   496.0
#define THIRD  320.0

/* What is written to, and how wide its place is. */
typedef struct html_page {
    FILE *out;
    double width;
    int n_tabs; /* groups of tabs so far */
} html_page;

static lmp_status write_parts(html_page *p, const json_t *parts, lmp_error *err);

static const char *text_of(const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : "";
}

/* ---- Texts ---- */

static void write_heading(html_page *p, const json_t *part)
{
    const int level = (int)provenance_number(part, "level");
    fprintf(p->out, "<h%d>", level);
    html_text(p->out, provenance_text(part, "title"));
    fprintf(p->out, "</h%d>\n", level);
}

static void write_text(html_page *p, const json_t *part)
{
    const char *style = provenance_text(part, "style");
    size_t i;
    json_t *span;
    fputs("<p", p->out);
    if (style[0] != '\0') fprintf(p->out, " class=\"%s\"", style);
    fputs(">", p->out);
    json_array_foreach(json_object_get(part, "spans"), i, span)
    {
        const bool is_strong = json_is_true(json_object_get(span, "strong"));
        if (is_strong) fputs("<b>", p->out);
        html_text(p->out, provenance_text(span, "text"));
        if (is_strong) fputs("</b>", p->out);
    }
    fputs("</p>\n", p->out);
}

static void write_command(html_page *p, const json_t *part)
{
    fputs("<pre>", p->out);
    html_text(p->out, provenance_text(part, "text"));
    fputs("</pre>\n", p->out);
}

static void write_tiles(html_page *p, const json_t *part)
{
    size_t i;
    json_t *tile;
    fputs("<div class=\"tiles\">\n", p->out);
    json_array_foreach(json_object_get(part, "tiles"), i, tile)
    {
        const char *unit = provenance_text(tile, "unit");
        fputs("<div class=\"tile\"><b>", p->out);
        html_number(p->out, provenance_number(tile, "value"), (int)provenance_number(tile, "decimals"));
        if (unit[0] != '\0') fprintf(p->out, "<small>%s</small>", unit);
        fputs("</b><span>", p->out);
        html_text(p->out, provenance_text(tile, "label"));
        fputs("</span></div>\n", p->out);
    }
    fputs("</div>\n", p->out);
}

static void write_warnings(html_page *p, const json_t *part)
{
    size_t i;
    json_t *item;
    fputs("<div class=\"warnings\"><b>To know before using it</b><ul>\n", p->out);
    json_array_foreach(json_object_get(part, "items"), i, item)
    {
        fputs("<li>", p->out);
        html_text(p->out, text_of(item));
        fputs("</li>\n", p->out);
    }
    fputs("</ul></div>\n", p->out);
}

static void write_facts(html_page *p, const json_t *part)
{
    size_t i;
    json_t *row;
    fputs("<table class=\"wide\"><tbody>\n", p->out);
    json_array_foreach(json_object_get(part, "rows"), i, row)
    {
        fputs("<tr><th>", p->out);
        html_text(p->out, text_of(json_array_get(row, 0)));
        fputs("</th><td class=\"path\">", p->out);
        html_text(p->out, text_of(json_array_get(row, 1)));
        fputs("</td></tr>\n", p->out);
    }
    fputs("</tbody></table>\n", p->out);
}

/* ---- Tables ---- */

static bool is_number_column(const json_t *column)
{
    return json_object_get(column, "decimals") != NULL;
}

static void write_column(html_page *p, const json_t *column)
{
    const char *unit = provenance_text(column, "unit");
    fprintf(p->out, "<th%s>", is_number_column(column) ? " class=\"n\"" : "");
    html_text(p->out, provenance_text(column, "name"));
    if (unit[0] != '\0') fprintf(p->out, "<br><small>%s</small>", unit);
    fputs("</th>", p->out);
}

/* A list of words that each say why. */
static void write_flags(html_page *p, const json_t *flags)
{
    size_t i;
    json_t *flag;
    json_array_foreach(flags, i, flag)
    {
        fputs(" <span class=\"flag\" title=\"", p->out);
        html_text(p->out, provenance_text(flag, "why"));
        fputs("\">", p->out);
        html_text(p->out, provenance_text(flag, "word"));
        fputs("</span>", p->out);
    }
}

static void write_value(html_page *p, const json_t *column, const json_t *cell)
{
    const bool is_own = json_is_object(cell);
    const json_t *value = is_own ? json_object_get(cell, "value") : cell;
    if (json_is_string(value))
        html_text(p->out, json_string_value(value));
    else if (json_is_array(value))
        write_flags(p, value);
    else
        html_number(p->out, json_is_number(value) ? json_number_value(value) : UNKNOWN,
                    (int)provenance_number(is_own ? cell : column, "decimals"));
}

static void write_row(html_page *p, const json_t *columns, const json_t *row)
{
    size_t i;
    json_t *cell;
    json_array_foreach(row, i, cell)
    {
        const json_t *column = json_array_get(columns, i);
        const char *tag = i == 0 && !is_number_column(column) ? "th" : "td";
        const bool is_number = is_number_column(column) || json_is_object(cell);
        fprintf(p->out, "<%s%s>", tag, is_number ? " class=\"n\"" : json_is_string(cell) ? " class=\"facts\"" : "");
        write_value(p, column, cell);
        fprintf(p->out, "</%s>", tag);
    }
    fputs("</tr>\n", p->out);
}

static void write_table(html_page *p, const json_t *part)
{
    const json_t *columns = json_object_get(part, "columns"), *aside = json_object_get(part, "aside");
    const char *title = provenance_text(part, "title");
    size_t i;
    json_t *o;
    if (title[0] != '\0') {
        fputs("<h3>", p->out);
        html_text(p->out, title);
        fputs("</h3>\n", p->out);
    }
    fprintf(p->out, "<div class=\"scroll\"><table%s><thead><tr>", p->width < COLUMN ? "" : " class=\"wide\"");
    json_array_foreach(columns, i, o) write_column(p, o);
    fputs("</tr></thead><tbody>\n", p->out);
    json_array_foreach(json_object_get(part, "rows"), i, o)
    {
        fprintf(p->out, "<tr%s>", json_is_true(json_array_get(aside, i)) ? " class=\"aside\"" : "");
        write_row(p, columns, o);
    }
    fputs("</tbody></table></div>\n", p->out);
}

/* ---- Figures ---- */

static void write_key(html_page *p, const json_t *part, const char *shape)
{
    const char *label = provenance_text(part, "label");
    if (label[0] == '\0') return;
    fprintf(p->out, "<span><i class=\"%sk-%s\"></i>", shape, provenance_text(part, "role"));
    html_text(p->out, label);
    fputs("</span>\n", p->out);
}

static void write_keys(html_page *p, const json_t *figure)
{
    size_t i, k;
    json_t *part, *ticks;
    fputs("<div class=\"key\">\n", p->out);
    json_array_foreach(json_object_get(figure, "series"), i, part) write_key(p, part, "");
    json_array_foreach(json_object_get(figure, "marks"), i, part) write_key(p, part, "");
    json_array_foreach(json_object_get(figure, "key"), i, part) write_key(p, part, "box ");
    json_array_foreach(json_object_get(figure, "lanes"), i, part)
        json_array_foreach(json_object_get(part, "ticks"), k, ticks) write_key(p, ticks, "");
    fputs("</div>\n", p->out);
}

static void write_figure(html_page *p, const json_t *figure)
{
    const char *kind = provenance_text(figure, "kind"), *caption = provenance_text(figure, "caption");
    fputs("<figure>\n", p->out);
    if (strcmp(kind, "curves") == 0)
        draw_curves(p->out, figure, p->width);
    else if (strcmp(kind, "lanes") == 0)
        draw_lanes(p->out, figure, p->width);
    else
        draw_arrows(p->out, figure, p->width);
    write_keys(p, figure);
    if (caption[0] != '\0') {
        fputs("<figcaption>", p->out);
        html_text(p->out, caption);
        fputs("</figcaption>", p->out);
    }
    fputs("</figure>\n", p->out);
}

/* ---- Groups ---- */

/* Side by side in columns of that width. */
static lmp_status write_columns(html_page *p, const json_t *parts, const char *class_name, double column,
                                lmp_error *err)
{
    const double width = p->width;
    lmp_status status = LMP_OK;
    size_t i;
    json_t *part;
    p->width = column;
    fprintf(p->out, "<div class=\"%s\">\n", class_name);
    json_array_foreach(parts, i, part)
    {
        json_t *one = json_pack("[O]", part);
        fputs("<div>\n", p->out);
        if (status == LMP_OK) status = write_parts(p, one, err);
        fputs("</div>\n", p->out);
        json_decref(one);
    }
    fputs("</div>\n", p->out);
    p->width = width;
    return status;
}

/* Radio buttons, so that tabs need no script. */
static lmp_status write_tabs(html_page *p, const json_t *tabs, lmp_error *err)
{
    const int group = p->n_tabs++;
    lmp_status status = LMP_OK;
    size_t i;
    json_t *tab;
    fputs("<div class=\"tabs\">\n", p->out);
    json_array_foreach(tabs, i, tab)
    {
        fprintf(p->out, "<input type=\"radio\" name=\"tabs%d\" id=\"tab%d-%d\"%s><label for=\"tab%d-%d\">", group,
                group, (int)i, i == 0 ? " checked" : "", group, (int)i);
        html_text(p->out, provenance_text(tab, "title"));
        fputs("</label>\n", p->out);
    }
    json_array_foreach(tabs, i, tab)
    {
        fputs("<section>\n", p->out);
        if (status == LMP_OK) status = write_parts(p, json_object_get(tab, "parts"), err);
        fputs("</section>\n", p->out);
    }
    fputs("</div>\n", p->out);
    return status;
}

/* ---- All ---- */

typedef void part_writer(html_page *p, const json_t *part);

static part_writer *writer_of(const char *kind)
{
    static const struct {
        const char *kind;
        part_writer *write;
    } known[] = {{"heading", write_heading}, {"text", write_text},     {"command", write_command},
                 {"tiles", write_tiles},     {"facts", write_facts},   {"warnings", write_warnings},
                 {"table", write_table},     {"curves", write_figure}, {"lanes", write_figure},
                 {"arrows", write_figure}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(kind, known[i].kind) == 0) return known[i].write;
    return NULL;
}

static lmp_status write_part(html_page *p, const json_t *part, lmp_error *err)
{
    const char *kind = provenance_text(part, "kind");
    const json_t *parts = json_object_get(part, "parts");
    part_writer *write = writer_of(kind);
    if (strcmp(kind, "images") == 0) return draw_images(p->out, part, err);
    if (strcmp(kind, "pair") == 0 && json_array_size(parts) > 1) return write_columns(p, parts, "pair", HALF, err);
    if (strcmp(kind, "row") == 0) return write_columns(p, parts, "row", THIRD, err);
    if (strcmp(kind, "tabs") == 0) return write_tabs(p, parts, err);
    if (write == NULL) return write_parts(p, parts, err);
    write(p, part);
    return LMP_OK;
}

static lmp_status write_parts(html_page *p, const json_t *parts, lmp_error *err)
{
    lmp_status status = LMP_OK;
    for (size_t i = 0; i < json_array_size(parts) && status == LMP_OK; i++)
        status = write_part(p, json_array_get(parts, i), err);
    return status;
}

static void write_head(FILE *out, const json_t *report)
{
    const char *title = provenance_text(report, "title");
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
          out);
    html_text(out, title);
    fputs(" – limpid report</title>\n<style>\n", out);
    for (int i = 0; report_style[i] != NULL; i++) fputs(report_style[i], out);
    fputs("</style>\n</head>\n<body>\n<main>\n<header>\n<div class=\"brand\">", out);
    html_text(out, provenance_text(report, "brand"));
    fputs("</div>\n<h1>", out);
    html_text(out, title);
    fputs("</h1>\n</header>\n", out);
}

lmp_status report_html_write(FILE *out, const json_t *report, lmp_error *err)
{
    html_page p = {.out = out, .width = COLUMN};
    write_head(out, report);
    const lmp_status status = write_parts(&p, json_object_get(report, "parts"), err);
    fputs("<footer>limpid cleans and explores recordings that are bigger than memory. This page is complete in itself: "
          "it loads nothing and runs no script.</footer>\n</main>\n</body>\n</html>\n",
          out);
    return status;
}
