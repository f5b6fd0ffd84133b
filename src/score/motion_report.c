/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_report.c: lmp_report_motion(): one self-contained HTML page, or its data.
 */
#include "score/motion_page.h"
#include "score/report_parts.h"

#include <stddef.h>

/* A report must not take the place of what it tells about. */
static lmp_status check_inputs(const motion_score *s, const char *path, lmp_error *err)
{
    const char *const inputs[] = {s->before_path, s->after_path, s->shifts_path, s->truth_path};
    lmp_status status = LMP_OK;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs && status == LMP_OK; i++)
        status = report_check_input(path, inputs[i], err);
    return status;
}

static lmp_status make_report(const motion_score *s, const char *page, const char *path, int overwrite, lmp_error *err)
{
    report_data d;
    report_begin(&d, "motion", " · motion", motion_page_title(s), s->record, motion_score_to_json(s));
    motion_tell_head(&d, s);
    const lmp_status status = motion_tell_body(&d, s, err);
    if (status == LMP_OK) return report_finish(&d, page, path, overwrite, err);
    data_clear(&d);
    return status;
}

/* A caller that was built before there were pages has none. */
static const char *page_of(const lmp_motion_score_options *o)
{
    return o != NULL && o->struct_size >= offsetof(lmp_motion_score_options, page) + sizeof o->page ? o->page : NULL;
}

lmp_status lmp_report_motion(lmp_engine *engine, const lmp_motion_score_options *options, const char *path,
                             int overwrite, lmp_error *err)
{
    motion_score s;
    const char *page = page_of(options);
    lmp_status status = report_check(path, page, overwrite, err);
    if (status == LMP_OK) status = motion_score_open(engine, options, &s, err);
    if (status != LMP_OK) return status;
    status = check_inputs(&s, path, err);
    if (status == LMP_OK) status = make_report(&s, page, path, overwrite, err);
    motion_score_close(&s);
    return status;
}
