/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_json.h: a described report as text.
 */
#ifndef LIMPID_SCORE_REPORT_JSON_H
#define LIMPID_SCORE_REPORT_JSON_H

#include <jansson.h>
#include <stdio.h>

/* JSON whose numbers have ten digits, as those of a score. There is no "<" in it, so that it may stand inside a page.
 */
void report_json_write(FILE *out, const json_t *value);

#endif
