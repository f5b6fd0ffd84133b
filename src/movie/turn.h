/* SPDX-License-Identifier: BSD-3-Clause
 *
 * turn.h: moves of pixels that need no arithmetic: mirrors, quarter turns, the transpose.
 */
#ifndef LIMPID_MOVIE_TURN_H
#define LIMPID_MOVIE_TURN_H

#include <limpid/step.h>

/* Quarter turns are clockwise as seen, with rows counted downwards. */
typedef enum turn {
    TURN_NONE,
    TURN_MIRROR_X,
    TURN_MIRROR_Y,
    TURN_HALF,
    TURN_TRANSPOSE,
    TURN_QUARTER,
    TURN_THREE_QUARTERS
} turn;

/* Exchanges width and height, and those of the pixels, where the turn does. */
void turn_format(turn how, lmp_format *format);

/* Of any number type and any number of colours. */
void turn_frames(turn how, const lmp_frames *in, const lmp_frames *out);

#endif
