/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_field.h: displacements on a regular grid of nodes, and between and beyond them.
 *
 * Between nodes: Catmull and Rom's cubic along each axis, whose slope is continuous, so that there is no step from a
 * patch to the next. Beyond the outermost ones: the straight line that the field has there.
 */
#ifndef LIMPID_MOVIE_MOTION_FIELD_H
#define LIMPID_MOVIE_MOTION_FIELD_H

#include <limpid/step.h>

/* Node (j, i) lies at (first_y + j step_y, first_x + i step_x). */
typedef struct field_grid {
    int64_t rows, columns; /* of nodes, at least 1 each */
    double first_y, first_x, step_y, step_x;
} field_grid;

/* Values at (y, x), (y, x + 1), ... of one component: scale times what lies between the nodes, within +-most, plus
 * offset. line: memory for grid->columns. */
typedef struct field_scale {
    float scale, most, offset;
} field_scale;

void field_row(const field_grid *grid, const float *nodes, double y, double x, int64_t n, const field_scale *how,
               float *line, float *out);

/* Nodes of two components, some of which are known. */
typedef struct field_nodes {
    float *y, *x;
    uint8_t *is_known;
} field_nodes;

/* Nodes farther from the middle of their neighbours than `tolerance`, and than three robust standard deviations of
 * these, are forgotten; unknown ones become the mean of their known neighbours, from the known ones outwards (none
 * known: 0). work: memory for as many floats and bytes as there are nodes. Gives how many were known. */
int64_t field_mend(const field_grid *grid, float tolerance, field_nodes *nodes, field_nodes *work);

#endif
