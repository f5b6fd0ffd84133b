/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_parts.c: what every report is made of.
 *
 * A page is made in memory (it is a few megabytes at most), written beside its name and renamed: either it is complete
 * or it is not there.
 */
#include "score/report_parts.h"

#include "core/budget.h"
#include "core/text_file.h"
#include "os/os.h"
#include "score/report_style.h"
#include "score/svg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *page_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* ---- The page ---- */

static lmp_status write_page(const char *title, page_writer *write, const void *of, FILE *out, lmp_error *err)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
          out);
    html_text(out, title);
    fputs(" – limpid report</title>\n<style>\n", out);
    for (int i = 0; report_style[i] != NULL; i++) fputs(report_style[i], out);
    fputs("</style>\n</head>\n<body>\n<main>\n", out);
    const lmp_status status = write(out, of, err);
    fputs("</main>\n</body>\n</html>\n", out);
    return status;
}

lmp_status page_make(const char *title, page_writer *write, const void *of, const char *html_path, int overwrite,
                     lmp_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a report");
    lmp_status status = write_page(title, write, of, out, err);
    if ((ferror(out) != 0 || fclose(out) != 0) && status == LMP_OK)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a report");
    if (status == LMP_OK) status = text_file_write(html_path, text, size, overwrite != 0, "the report", err);
    free(text);
    return status;
}

lmp_status page_check_path(const char *html_path, int overwrite, lmp_error *err)
{
    os_file_info info;
    if (overwrite == 0 && os_path_stat(html_path, &info) == 0)
        return lmp_fail(err, LMP_ERR_USAGE, "%s exists already: choose another name or add --overwrite", html_path);
    return LMP_OK;
}

static bool is_same_file(const char *a, const char *b)
{
    os_file_info x, y;
    return os_path_stat(a, &x) == 0 && os_path_stat(b, &y) == 0 && x.device == y.device && x.inode == y.inode;
}

lmp_status page_check_input(const char *html_path, const char *input, lmp_error *err)
{
    if (input == NULL || !is_same_file(html_path, input)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "the report would overwrite %s, which it tells about: choose another name",
                    html_path);
}

void page_footer(FILE *out)
{
    fputs("<footer>limpid cleans and explores recordings that are bigger than memory. This page is complete in itself: "
          "it loads nothing and runs no "
          "script.</footer>\n",
          out);
}

/* ---- Numbers ---- */

static void write_number(FILE *out, double value, int decimals)
{
    if (decimals < 0)
        html_short(out, value);
    else
        html_number(out, value, decimals);
}

void page_tile(FILE *out, double value, int decimals, const char *unit, const char *text)
{
    if (!isfinite(value)) return;
    fputs("<div class=\"tile\"><b>", out);
    write_number(out, value, decimals);
    if (unit[0] != '\0') fprintf(out, "<small>%s</small>", unit);
    fputs("</b><span>", out);
    html_text(out, text);
    fputs("</span></div>\n", out);
}

void page_cell(FILE *out, double value, int decimals)
{
    fputs("<td class=\"n\">", out);
    write_number(out, value, decimals);
    fputs("</td>", out);
}

void page_key(FILE *out, const char *class_name, const char *text)
{
    fprintf(out, "<span><i class=\"%s\"></i>", class_name);
    html_text(out, text);
    fputs("</span>\n", out);
}

void page_warning_items(FILE *out, const json_t *warnings)
{
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const char *text = json_string_value(json_array_get(warnings, i));
        if (text == NULL) continue;
        fputs("<li>", out);
        html_text(out, text);
        fputs("</li>\n", out);
    }
}

/* ---- Rows of names and values ---- */

void page_text_row(FILE *out, const char *name, const char *text)
{
    if (text[0] == '\0') return;
    fprintf(out, "<tr><th>%s</th><td class=\"path\">", name);
    html_text(out, text);
    fputs("</td></tr>\n", out);
}

void page_number_row(FILE *out, const char *name, double value, const char *unit)
{
    char text[64];
    if (!isfinite(value)) return;
    snprintf(text, sizeof text, "%.4g%s%s", value, unit[0] != '\0' ? " " : "", unit);
    page_text_row(out, name, text);
}

void page_bytes_row(FILE *out, const char *name, double bytes)
{
    char text[16];
    if (bytes >= 0) page_text_row(out, name, budget_print_size(bytes, text));
}
