/* SPDX-License-Identifier: BSD-3-Clause
 *
 * contour.h: lines of equal value through an image (marching squares).
 */
#ifndef LIMPID_MOVIE_CONTOUR_H
#define LIMPID_MOVIE_CONTOUR_H

#include <stdbool.h>
#include <stdint.h>

/* Takes the next point of a line; is_first begins one. False: there is no room, tracing stops. */
typedef bool contour_point_fn(void *user, bool is_first, double x, double y);

/* All lines at `level`, from row to row: first those that begin at an edge of the image or of what is missing, then
 * closed ones, whose first point comes again at the end. Higher values lie to the right of the way. `marks`: a byte for
 * each pixel, of any content. False if `add` said so. */
bool contour_trace(const float *values, int64_t width, int64_t height, double level, uint8_t *marks,
                   contour_point_fn *add, void *user);

#endif
