/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_style.h: the look of a report.
 */
#ifndef LIMPID_SCORE_REPORT_STYLE_H
#define LIMPID_SCORE_REPORT_STYLE_H

/* CSS for screens, light and dark, and for paper, in pieces; ended by NULL. */
extern const char *const report_style[];

#endif
