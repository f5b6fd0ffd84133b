/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zones.h: regions of an image, read from a zones file, as rows of pixels. The viewer writes and reads the same file.
 *
 * A zones file is JSON: a list of zones, or an object {"zones": [...], "pixel_size_um": 0.65}. Keys that are not named
 * here are left alone. A zone is an object with
 *
 *   "name"    text, not empty, of its own; the name of its trace
 *   "shape"   "polygon" | "rectangle" | "ellipse" | "pixel" | "line" | "polyline"
 *   "points"  [[x, y], ...]      polygon (3 or more), pixel (1), line (2), polyline (2 or more)
 *   "x", "y", "width", "height"  rectangle and ellipse: left and top edge of the box, and its extent (0 or more; of an
 *                                ellipse more than 0); pixel: "x" and "y" may stand instead of "points"
 *   "angle"   degrees, rectangle and ellipse: the box is turned clockwise, as seen, about its centre; default 0
 *
 * Coordinates are pixels, x to the right, y down; the centre of the pixel in column i and row j is (i, j), so the top
 * left pixel covers -0.5 to 0.5. Numbers lie within +-1e9; those nearer to 0 than 1e-9 count as 0.
 *
 * A pixel belongs to a zone if its centre does, and edges belong to their zone:
 *
 *   polygon    closed by itself; inside by the even-odd rule (where outlines overlap twice is outside), or on an edge
 *   rectangle  the polygon of its corners. Not turned: x <= column <= x + width, y <= row <= y + height. Corners are
 *              computed in double precision: x + width is rounded as IEEE 754 does
 *   ellipse    (u / (width / 2))^2 + (v / (height / 2))^2 <= 1, u and v along its axes from the centre of the box
 *   pixel      that pixel; whole numbers
 *   line, polyline   centres not farther than 0.5 from the path
 *
 * These decisions are made without rounding. Pixels outside the image are cut away.
 */
#ifndef LIMPID_MOVIE_ZONES_H
#define LIMPID_MOVIE_ZONES_H

#include <limpid/step.h>

typedef enum zone_shape {
    ZONE_POLYGON,
    ZONE_RECTANGLE,
    ZONE_ELLIPSE,
    ZONE_PIXEL,
    ZONE_LINE,
    ZONE_POLYLINE,
    ZONE_SHAPES
} zone_shape;

typedef lmp_span zone_span;

typedef struct zone {
    char *name;
    zone_shape shape;
    double *points; /* x, y of each; rectangle: its four corners; ellipse: none */
    int64_t n_points;
    double x, y, width, height, angle; /* rectangle, ellipse */
    zone_span *spans;                  /* row by row, from left to right, none touching the next of its row */
    int64_t n_spans, n_pixels;         /* inside the image */
} zone;

typedef struct zones {
    zone *items;
    int64_t count;
    double pixel_size_um; /* 0: not said */
} zones;

/* Reads a file for images of this size. `step` names who asks. A zone without any pixel of the image is refused, unless
 * outside is true. */
LMP_CHECKED lmp_status zones_read(const char *step, const char *path, int64_t width, int64_t height, bool outside,
                                  zones *made, lmp_error *err);
/* The same from text; `path` names it in messages. */
LMP_CHECKED lmp_status zones_parse(const char *step, const char *path, const char *text, size_t size, int64_t width,
                                   int64_t height, bool outside, zones *made, lmp_error *err);
/* One zone "all": the whole image. */
LMP_CHECKED lmp_status zones_whole(int64_t width, int64_t height, zones *made, lmp_error *err);
void zones_free(zones *z);

/* The zone of that name; NULL if there is none. */
const zone *zones_find(const zones *z, const char *name);

/* Bytes that the spans of all zones take. */
size_t zones_bytes(const zones *z);

/* Finds the spans of a zone whose shape and points are set; `what` names it in messages. */
LMP_CHECKED lmp_status zone_fill(zone *z, int64_t width, int64_t height, const char *what, lmp_error *err);

/* The word in the file. */
const char *zone_shape_name(zone_shape shape);

#endif
