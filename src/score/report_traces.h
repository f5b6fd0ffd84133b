/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_traces.h: a few seconds of a channel before and after, and of the truth where it is known.
 */
#ifndef LIMPID_SCORE_REPORT_TRACES_H
#define LIMPID_SCORE_REPORT_TRACES_H

#include "score/score.h"

/* Draws two stretches side by side: into the scan, and well inside it. False in *drawn if there is nothing to show. */
LMP_CHECKED lmp_status figure_traces(FILE *out, const score *s, int64_t channel, bool *drawn, lmp_error *err);

#endif
