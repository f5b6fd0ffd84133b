/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report.c: lmp_report(): one self-contained HTML page, or its data.
 */
#include "score/report_page.h"
#include "score/report_parts.h"

#include <stddef.h>

static lmp_status tell(const score *s, const report_facts *f, report_data *d, lmp_error *err)
{
    const char *title = page_name_of(lmp_recording_get_path(s->in.result));
    report_page page = {.d = d, .s = s, .f = f};
    report_begin(d, "eeg-fmri", "", title, s->in.record, score_to_json(&s->in, s->measured, &s->sum));
    lmp_status status = report_page_pick(&page, err);
    if (status != LMP_OK) return status;
    report_tell_head(&page);
    return report_tell_body(&page, err);
}

/* A report must not take the place of what it tells about. */
static lmp_status check_inputs(const score *s, const char *path, lmp_error *err)
{
    const lmp_recording *const inputs[] = {s->in.result, s->in.before, s->in.truth};
    lmp_status status = LMP_OK;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs && status == LMP_OK; i++)
        if (inputs[i] != NULL) status = report_check_input(path, lmp_recording_get_path(inputs[i]), err);
    return status;
}

static lmp_status make_report(const score *s, const char *page, const char *path, int overwrite, lmp_error *err)
{
    report_facts facts;
    report_data d = {0};
    lmp_status status = report_facts_load(s, &facts, err);
    if (status == LMP_OK) status = tell(s, &facts, &d, err);
    report_facts_clear(&facts);
    if (status == LMP_OK) return report_finish(&d, page, path, overwrite, err);
    data_clear(&d);
    return status;
}

/* A caller that was built before there were pages has none. */
static const char *page_of(const lmp_score_options *o)
{
    return o != NULL && o->struct_size >= offsetof(lmp_score_options, page) + sizeof o->page ? o->page : NULL;
}

lmp_status lmp_report(lmp_engine *engine, const char *result, const lmp_score_options *options, const char *path,
                      int overwrite, lmp_error *err)
{
    score s;
    const char *page = page_of(options);
    lmp_status status = report_check(path, page, overwrite, err);
    if (status == LMP_OK) status = score_open(engine, result, options, &s, err);
    if (status != LMP_OK) return status;
    status = check_inputs(&s, path, err);
    if (status == LMP_OK) status = make_report(&s, page, path, overwrite, err);
    score_close(&s);
    return status;
}
