/* SPDX-License-Identifier: BSD-3-Clause
 *
 * score_json.h: a score as JSON. Keys are stable and say their units; what is not known is null.
 */
#ifndef LIMPID_SCORE_SCORE_JSON_H
#define LIMPID_SCORE_SCORE_JSON_H

#include "score/summary.h"

/* New reference; NULL if memory is out. */
json_t *score_to_json(const score_inputs *in, const measures *m, const summary *s);

#endif
