/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report.c: lmp_report(): one self-contained HTML page.
 */
#include "score/report_page.h"
#include "score/report_parts.h"

typedef struct report_of {
    const score *s;
    const report_facts *f;
} report_of;

static lmp_status write_page(FILE *out, const void *of, lmp_error *err)
{
    const report_of *r = of;
    report_page page = {.out = out, .s = r->s, .f = r->f};
    lmp_status status = report_page_pick(&page, err);
    if (status != LMP_OK) return status;
    report_write_head(&page);
    return report_write_body(&page, err);
}

/* A report must not take the place of what it tells about. */
static lmp_status check_inputs(const score *s, const char *path, lmp_error *err)
{
    const lmp_recording *const inputs[] = {s->in.result, s->in.before, s->in.truth};
    lmp_status status = LMP_OK;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs && status == LMP_OK; i++)
        if (inputs[i] != NULL) status = page_check_input(path, lmp_recording_get_path(inputs[i]), err);
    return status;
}

static lmp_status make_page(const score *s, const char *html_path, int overwrite, lmp_error *err)
{
    report_facts facts;
    lmp_status status = report_facts_load(s, &facts, err);
    const report_of of = {.s = s, .f = &facts};
    const char *title = page_name_of(lmp_recording_get_path(s->in.result));
    if (status == LMP_OK) status = page_make(title, write_page, &of, html_path, overwrite, err);
    report_facts_clear(&facts);
    return status;
}

lmp_status lmp_report(lmp_engine *engine, const char *result, const lmp_score_options *options, const char *html_path,
                      int overwrite, lmp_error *err)
{
    score s;
    lmp_status status = page_check_path(html_path, overwrite, err);
    if (status == LMP_OK) status = score_open(engine, result, options, &s, err);
    if (status != LMP_OK) return status;
    status = check_inputs(&s, html_path, err);
    if (status == LMP_OK) status = make_page(&s, html_path, overwrite, err);
    score_close(&s);
    return status;
}
