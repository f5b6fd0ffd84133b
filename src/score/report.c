/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report.c: lmp_report(): one self-contained HTML page.
 *
 * The page is made in memory (it is a megabyte at most), written beside its name and renamed: either it is complete or
 * it is not there.
 */
#include "core/text_file.h"
#include "os/os.h"
#include "score/report_page.h"
#include "score/report_style.h"
#include "score/svg.h"

#include <stdlib.h>
#include <string.h>

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static lmp_status write_page(const score *s, const report_facts *f, FILE *out, lmp_error *err)
{
    report_page page = {.out = out, .s = s, .f = f};
    lmp_status status = report_page_pick(&page, err);
    if (status != LMP_OK) return status;
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
          out);
    html_text(out, name_of(lmp_recording_get_path(s->in.result)));
    fputs(" – limpid report</title>\n<style>\n", out);
    for (int i = 0; report_style[i] != NULL; i++) fputs(report_style[i], out);
    fputs("</style>\n</head>\n<body>\n<main>\n", out);
    report_write_head(&page);
    status = report_write_body(&page, err);
    fputs("</main>\n</body>\n</html>\n", out);
    return status;
}

static lmp_status make_page(const score *s, char **text, size_t *size, lmp_error *err)
{
    report_facts facts;
    lmp_status status = report_facts_load(s, &facts, err);
    FILE *out = status == LMP_OK ? open_memstream(text, size) : NULL;
    if (status == LMP_OK && out == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a report");
    if (status == LMP_OK) status = write_page(s, &facts, out, err);
    if (out != NULL && (ferror(out) != 0 || fclose(out) != 0) && status == LMP_OK)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a report");
    report_facts_clear(&facts);
    return status;
}

static bool is_same_file(const char *a, const char *b)
{
    os_file_info x, y;
    return os_path_stat(a, &x) == 0 && os_path_stat(b, &y) == 0 && x.device == y.device && x.inode == y.inode;
}

/* A report must not take the place of what it tells about. */
static lmp_status check_path(const score *s, const char *path, lmp_error *err)
{
    const lmp_recording *const inputs[] = {s->in.result, s->in.before, s->in.truth};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (inputs[i] != NULL && is_same_file(path, lmp_recording_get_path(inputs[i])))
            return lmp_fail(err, LMP_ERR_USAGE,
                            "the report would overwrite %s, which it tells about: choose another name", path);
    return LMP_OK;
}

lmp_status lmp_report(lmp_engine *engine, const char *result, const lmp_score_options *options, const char *html_path,
                      int overwrite, lmp_error *err)
{
    os_file_info info;
    if (overwrite == 0 && os_path_stat(html_path, &info) == 0)
        return lmp_fail(err, LMP_ERR_USAGE, "%s exists already: choose another name or allow overwriting", html_path);
    score s;
    lmp_status status = score_open(engine, result, options, &s, err);
    if (status != LMP_OK) return status;
    char *text = NULL;
    size_t size = 0;
    status = check_path(&s, html_path, err);
    if (status == LMP_OK) status = make_page(&s, &text, &size, err);
    if (status == LMP_OK) status = text_file_write(html_path, text, size, overwrite != 0, "the report", err);
    free(text);
    score_close(&s);
    return status;
}
