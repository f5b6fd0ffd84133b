/* SPDX-License-Identifier: BSD-3-Clause
 *
 * band.h: the values of a lane of a movie: a band of rows, seen as one array.
 */
#ifndef LIMPID_MOVIE_BAND_H
#define LIMPID_MOVIE_BAND_H

#include <limpid/step.h>

typedef struct band {
    int64_t first, count; /* of the frame's values: where the band begins, how many it has */
} band;

static inline band band_of(const lmp_format *format, int64_t lane)
{
    const int64_t row = format->width * format->n_colours;
    int64_t first_row;
    const int64_t rows = lmp_lane_rows(format, lane, &first_row);
    return (band){.first = first_row * row, .count = rows * row};
}

#endif
