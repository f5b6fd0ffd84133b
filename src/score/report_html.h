/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_html.h: a described report as a page that needs no script.
 */
#ifndef LIMPID_SCORE_REPORT_HTML_H
#define LIMPID_SCORE_REPORT_HTML_H

#include <jansson.h>
#include <limpid/step.h>
#include <stdio.h>

LMP_CHECKED lmp_status report_html_write(FILE *out, const json_t *report, lmp_error *err);

#endif
