/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_peak.h: where between its values a correlation is highest.
 */
#ifndef LIMPID_MOVIE_MOTION_PEAK_H
#define LIMPID_MOVIE_MOTION_PEAK_H

/* Top of the quadratic in y and x that fits 3 x 3 values (rows from above, the highest in the middle) best, by least
 * squares: at most 1 from the middle; 0 where it has no top. */
void peak_refine(const float values[9], double *dy, double *dx);

#endif
