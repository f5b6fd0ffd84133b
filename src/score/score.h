/* SPDX-License-Identifier: BSD-3-Clause
 *
 * score.h: a score with all that it was made from: for lmp_score() and the report.
 */
#ifndef LIMPID_SCORE_SCORE_H
#define LIMPID_SCORE_SCORE_H

#include "score/score_json.h"

typedef struct score {
    score_inputs in;
    measures *measured;
    summary sum;
} score;

LMP_CHECKED lmp_status score_open(lmp_engine *engine, const char *result, const lmp_score_options *options, score *s,
                                  lmp_error *err);
void score_close(score *s);

#endif
