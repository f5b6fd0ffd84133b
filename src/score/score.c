/* SPDX-License-Identifier: BSD-3-Clause
 *
 * score.c: lmp_score(): how much artifact is gone, and how much of the brain's signal is still there.
 */
#include "score/score.h"

#include <stdlib.h>
#include <string.h>

lmp_status score_open(lmp_engine *engine, const char *result, const lmp_score_options *options, score *s,
                      lmp_error *err)
{
    lmp_score_options o = {.struct_size = sizeof o};
    *s = (score){0};
    if (options != NULL) {
        if (options->struct_size == 0)
            return lmp_fail(err, LMP_ERR_USAGE,
                            "lmp_score_options.struct_size is 0: start from LMP_OPTIONS(lmp_score_options)");
        memcpy(&o, options, options->struct_size < sizeof o ? options->struct_size : sizeof o);
    }
    lmp_status status = score_inputs_open(engine, result, &o, &s->in, err);
    if (status == LMP_OK) status = measures_make(&s->in, &s->measured, err);
    if (status == LMP_OK) status = summary_make(&s->in, s->measured, &s->sum, err);
    if (status != LMP_OK) score_close(s);
    return status;
}

void score_close(score *s)
{
    summary_clear(&s->sum);
    measures_free(s->measured);
    score_inputs_close(&s->in);
    *s = (score){0};
}

lmp_status lmp_score(lmp_engine *engine, const char *result, const lmp_score_options *options, char **json,
                     lmp_error *err)
{
    score s;
    lmp_status status = score_open(engine, result, options, &s, err);
    if (status != LMP_OK) return status;
    json_t *made = score_to_json(&s.in, s.measured, &s.sum);
    char *text = made == NULL ? NULL : json_dumps(made, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    json_decref(made);
    score_close(&s);
    if (text == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the score");
    *json = text;
    return LMP_OK;
}
