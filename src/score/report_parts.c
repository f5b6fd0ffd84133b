/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_parts.c: where reports go.
 *
 * A report is made in memory (it is a few megabytes at most), written beside its name and renamed: either it is
 * complete or it is not there.
 */
#include "score/report_parts.h"

#include "core/text_file.h"
#include "os/os.h"
#include "score/provenance.h"
#include "score/report_html.h"
#include "score/report_json.h"

#include <stdlib.h>
#include <string.h>

const char *page_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

void report_begin(report_data *d, const char *kind, const char *what, const char *title, const json_t *record,
                  json_t *score)
{
    const char *written = provenance_text(record, "written");
    char brand[200];
    snprintf(brand, sizeof brand, "limpid report%s%s%s", what, written[0] != '\0' ? " · result written " : "", written);
    data_begin(d, kind, title);
    json_object_set_new(d->root, "brand", data_string(brand));
    if (json_object_set_new(d->root, "score", score) != 0) d->is_broken = true;
}

/* ---- Writing ---- */

static bool is_json(const char *path)
{
    const size_t n = strlen(path);
    return n >= 5 && strcmp(path + n - 5, ".json") == 0;
}

static lmp_status write_report(FILE *out, const json_t *report, const char *page, const char *path, lmp_error *err)
{
    const char *place = page != NULL ? strstr(page, LMP_REPORT_PLACE) : NULL;
    if (place == NULL && !is_json(path)) return report_html_write(out, report, err);
    if (!is_json(path)) fwrite(page, 1, (size_t)(place - page), out);
    report_json_write(out, report);
    if (is_json(path))
        fputc('\n', out);
    else
        fputs(place + strlen(LMP_REPORT_PLACE), out);
    return LMP_OK;
}

static lmp_status write_file(const json_t *report, const char *page, const char *path, int overwrite, lmp_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a report");
    lmp_status status = write_report(out, report, page, path, err);
    if ((ferror(out) != 0 || fclose(out) != 0) && status == LMP_OK)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a report");
    if (status == LMP_OK) status = text_file_write(path, text, size, overwrite != 0, "the report", err);
    free(text);
    return status;
}

lmp_status report_finish(report_data *d, const char *page, const char *path, int overwrite, lmp_error *err)
{
    json_t *report = NULL;
    lmp_status status = data_end(d, &report, err);
    data_clear(d);
    if (status == LMP_OK) status = write_file(report, page, path, overwrite, err);
    json_decref(report);
    return status;
}

/* ---- Checks ---- */

lmp_status report_check(const char *path, const char *page, int overwrite, lmp_error *err)
{
    os_file_info info;
    if (overwrite == 0 && os_path_stat(path, &info) == 0)
        return lmp_fail(err, LMP_ERR_USAGE, "%s exists already: choose another name or add --overwrite", path);
    if (page != NULL && strstr(page, LMP_REPORT_PLACE) == NULL)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "the page for the report has no place for its data: %s stands nowhere in it", LMP_REPORT_PLACE);
    return LMP_OK;
}

static bool is_same_file(const char *a, const char *b)
{
    os_file_info x, y;
    return os_path_stat(a, &x) == 0 && os_path_stat(b, &y) == 0 && x.device == y.device && x.inode == y.inode;
}

lmp_status report_check_input(const char *path, const char *input, lmp_error *err)
{
    if (input == NULL || !is_same_file(path, input)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "the report would overwrite %s, which it tells about: choose another name",
                    path);
}
