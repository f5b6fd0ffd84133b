/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zone_geometry.h: lengths, angles and areas of the drawn shape, not of the pixels in it.
 */
#ifndef LIMPID_MOVIE_ZONE_GEOMETRY_H
#define LIMPID_MOVIE_ZONE_GEOMETRY_H

#include "movie/zones.h"

/* Lengths in the unit of the scales. */
typedef struct zone_geometry {
    double perimeter;                /* closed outline; of a line its length */
    double area;                     /* |shoelace sum|; 0 for lines and pixels */
    double left, top, width, height; /* bounding box */
    double x, y;                     /* centroid: of the area, or of the line's length where there is no area */
} zone_geometry;

/* scale_x, scale_y: size of a pixel. */
zone_geometry zone_geometry_take(const zone *z, double scale_x, double scale_y);

/* Edges of the shape: of a closed one as many as points, of a line one fewer; none of ellipses and pixels. */
int64_t zone_edge_count(const zone *z);
double zone_edge_length(const zone *z, int64_t edge, double scale_x, double scale_y);
/* The angle inside a polygon at a point, in degrees from 0 up to, not including, 360; NaN for other shapes. */
double zone_angle(const zone *z, int64_t point, double scale_x, double scale_y);

#endif
