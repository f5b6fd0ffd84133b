/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_draw.h: figures of a described report as inline SVG.
 */
#ifndef LIMPID_SCORE_REPORT_DRAW_H
#define LIMPID_SCORE_REPORT_DRAW_H

#include <jansson.h>
#include <limpid/step.h>
#include <stdio.h>

/* `width`: of the page's column. */
void draw_curves(FILE *out, const json_t *figure, double width);
void draw_lanes(FILE *out, const json_t *figure, double width);
void draw_arrows(FILE *out, const json_t *figure, double width);
LMP_CHECKED lmp_status draw_images(FILE *out, const json_t *figure, lmp_error *err);

#endif
