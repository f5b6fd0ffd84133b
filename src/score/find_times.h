/* SPDX-License-Identifier: BSD-3-Clause
 *
 * find_times.h: when the scanner scanned, from wherever it can be learnt.
 */
#ifndef LIMPID_SCORE_FIND_TIMES_H
#define LIMPID_SCORE_FIND_TIMES_H

#include "score/inputs.h"

/* Fills in->times, has_times and times_from. Tried in turn: events labelled `pattern` (if given), the epochs in the
 * record, the triggers that limpid put into the result, and what the step `triggers` finds. Fails only if `pattern` was
 * given and fits nothing; else a warning says why nothing is known. */
LMP_CHECKED lmp_status find_times(score_inputs *in, const char *pattern, lmp_error *err);

#endif
