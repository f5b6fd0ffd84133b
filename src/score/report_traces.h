/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_traces.h: a few seconds of a channel before and after, and of the truth where it is known.
 */
#ifndef LIMPID_SCORE_REPORT_TRACES_H
#define LIMPID_SCORE_REPORT_TRACES_H

#include "score/report_data.h"
#include "score/score.h"

/* Two stretches side by side: into the scan, and well inside it. */
LMP_CHECKED lmp_status figure_traces(report_data *d, const score *s, int64_t channel, lmp_error *err);

#endif
