/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_figures.h: the figures of a report on motion. Each tells nothing where nothing is known.
 */
#ifndef LIMPID_SCORE_MOTION_FIGURES_H
#define LIMPID_SCORE_MOTION_FIGURES_H

#include "score/motion_score.h"
#include "score/report_data.h"

/* Shifts, quality, correlation with the mean image, errors, motion that is left: each over the frames. */
void motion_figure_shifts(report_data *d, const motion_score *s);
void motion_figure_peak(report_data *d, const motion_score *s);
void motion_figure_correlation(report_data *d, const motion_score *s);
void motion_figure_errors(report_data *d, const motion_score *s);
void motion_figure_residual(report_data *d, const motion_score *s);

/* Where the frames go, and how far. */
void motion_figure_path(report_data *d, const motion_score *s);

/* Shifts against minus the truth. */
void motion_figure_scatter(report_data *d, const motion_score *s);

/* What is left of motion in each block, magnified. */
void motion_figure_local(report_data *d, const motion_score *s);

/* The mean images, or those of local correlation, side by side with the valid region. */
LMP_CHECKED lmp_status motion_figure_images(report_data *d, const motion_score *s, bool local, lmp_error *err);

#endif
