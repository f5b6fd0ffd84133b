/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_report.c: lmp_report_motion(): one self-contained HTML page.
 */
#include "score/motion_page.h"
#include "score/report_parts.h"

static lmp_status write_page(FILE *out, const void *of, lmp_error *err)
{
    motion_write_head(out, of);
    return motion_write_body(out, of, err);
}

/* A report must not take the place of what it tells about. */
static lmp_status check_inputs(const motion_score *s, const char *path, lmp_error *err)
{
    const char *const inputs[] = {s->before_path, s->after_path, s->shifts_path, s->truth_path};
    lmp_status status = LMP_OK;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs && status == LMP_OK; i++)
        status = page_check_input(path, inputs[i], err);
    return status;
}

lmp_status lmp_report_motion(lmp_engine *engine, const lmp_motion_score_options *options, const char *html_path,
                             int overwrite, lmp_error *err)
{
    motion_score s;
    lmp_status status = page_check_path(html_path, overwrite, err);
    if (status == LMP_OK) status = motion_score_open(engine, options, &s, err);
    if (status != LMP_OK) return status;
    status = check_inputs(&s, html_path, err);
    if (status == LMP_OK) status = page_make(motion_page_title(&s), write_page, &s, html_path, overwrite, err);
    motion_score_close(&s);
    return status;
}
