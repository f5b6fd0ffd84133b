/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zone_shape.c: which pixels belong to a shape, row by row.
 *
 * Where doubles with a bound on their error cannot tell the side of an edge, exact arithmetic does.
 */
#include "movie/exact.h"
#include "movie/zones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Edges times rows: what a file may ask for. */
static const double MOST_WORK = 2e9;
/* Spans of one zone: 48 MB. */
enum { MOST_SPANS = 1 << 22 };

/* ---- A growing list of spans of one row after the other ---- */

typedef struct span_list {
    zone_span *items;
    int64_t count, room;
    int64_t row_begin; /* where the row being filled begins */
    bool failed, too_many;
} span_list;

static void span_add(span_list *l, int64_t y, double x0, double x1, int64_t width)
{
    if (x0 < 0) x0 = 0;
    if (x1 > (double)(width - 1)) x1 = (double)(width - 1);
    if (!(x0 <= x1) || l->failed) return;
    if (l->count == l->room) {
        const int64_t room = l->room > 0 ? 2 * l->room : 64;
        zone_span *grown = room <= MOST_SPANS ? realloc(l->items, (size_t)room * sizeof *grown) : NULL;
        if (grown == NULL) {
            l->failed = true;
            l->too_many = room > MOST_SPANS;
            return;
        }
        l->items = grown;
        l->room = room;
    }
    l->items[l->count++] = (zone_span){.y = (int32_t)y, .x0 = (int32_t)x0, .x1 = (int32_t)x1};
}

static int by_x(const void *a, const void *b)
{
    const zone_span *p = a, *q = b;
    return (p->x0 > q->x0) - (p->x0 < q->x0);
}

/* Sorts the row's spans and joins those that overlap or touch. */
static void row_end(span_list *l)
{
    const int64_t n = l->count - l->row_begin;
    if (n > 1) {
        zone_span *row = l->items + l->row_begin;
        qsort(row, (size_t)n, sizeof *row, by_x);
        int64_t last = 0;
        for (int64_t i = 1; i < n; i++) {
            if (row[i].x0 > row[last].x1 + 1)
                row[++last] = row[i];
            else if (row[i].x1 > row[last].x1)
                row[last].x1 = row[i].x1;
        }
        l->count = l->row_begin + last + 1;
    }
    l->row_begin = l->count;
}

/* ---- Polygons ---- */

typedef struct edge {
    double ax, ay, bx, by; /* ay <= by */
} edge;

/* True if both differences and products of doubles came out without rounding; *sign is then that of left - right. */
static bool sign_without_rounding(const edge *e, double x, double y, int *sign)
{
    const double dx = e->bx - e->ax, dy = e->by - e->ay, px = x - e->ax, py = y - e->ay;
    const bool whole = dx + e->ax == e->bx && e->bx - dx == e->ax && dy + e->ay == e->by && e->by - dy == e->ay &&
                       px + e->ax == x && x - px == e->ax && py + e->ay == y && y - py == e->ay;
    const double left = dx * py, right = dy * px;
    if (!whole || fma(dx, py, -left) != 0 || fma(dy, px, -right) != 0) return false;
    *sign = (left > right) - (left < right);
    return true;
}

static int sign_exactly(const edge *e, double x, double y)
{
    exact dx, dy, px, py;
    exact_difference(&dx, e->bx, e->ax);
    exact_difference(&dy, e->by, e->ay);
    exact_difference(&px, x, e->ax);
    exact_difference(&py, y, e->ay);
    exact_multiply(&dx, &dx, &py);
    exact_multiply(&dy, &dy, &px);
    exact_subtract(&dx, &dx, &dy);
    return exact_sign(&dx);
}

/* On which side of the edge (a lies above b) the point is: 1 left, 0 on its line, -1 right. Three times the bound of
 * Shewchuk's orient2d covers the roundings of this arrangement. */
static int side_of(const edge *e, double x, double y)
{
    const double left = (e->bx - e->ax) * (y - e->ay), right = (e->by - e->ay) * (x - e->ax);
    const double bound = 1e-15 * (fabs(left) + fabs(right));
    if (left - right > bound) return 1;
    if (right - left > bound) return -1;
    int sign;
    return sign_without_rounding(e, x, y, &sign) ? sign : sign_exactly(e, x, y);
}

/* The first column at or right of where the edge crosses row y; *meets: the crossing is that column. */
static double column_at(const edge *e, double y, bool *meets)
{
    const double t = (y - e->ay) / (e->by - e->ay);
    double column = ceil(e->ax + t * (e->bx - e->ax));
    while (side_of(e, column - 1, y) <= 0) column--;
    while (side_of(e, column, y) > 0) column++;
    *meets = side_of(e, column, y) == 0;
    return column;
}

static int by_value(const void *a, const void *b)
{
    const double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static void polygon_row(const edge *edges, int64_t n, int64_t row, double *crossings, int64_t width, span_list *l)
{
    const double y = (double)row;
    int64_t n_crossings = 0;
    for (int64_t i = 0; i < n; i++) {
        const edge *e = &edges[i];
        if (y < e->ay || y > e->by) continue;
        if (e->ay == e->by) {
            span_add(l, row, ceil(fmin(e->ax, e->bx)), floor(fmax(e->ax, e->bx)), width);
            continue;
        }
        bool meets;
        const double column = column_at(e, y, &meets);
        if (meets) span_add(l, row, column, column, width);
        if (y < e->by) crossings[n_crossings++] = column; /* half open: a vertex counts for one of its edges */
    }
    qsort(crossings, (size_t)n_crossings, sizeof *crossings, by_value);
    for (int64_t i = 0; i + 1 < n_crossings; i += 2) span_add(l, row, crossings[i], crossings[i + 1] - 1, width);
}

/* Rows [first, end) of the image between two heights. */
static void rows_between(double top, double bottom, int64_t height, int64_t *first, int64_t *end)
{
    *first = top <= 0 ? 0 : top >= (double)height ? height : (int64_t)ceil(top);
    *end = bottom < 0 ? 0 : bottom >= (double)(height - 1) ? height : (int64_t)floor(bottom) + 1;
}

static void height_range(const zone *z, double *top, double *bottom)
{
    *top = *bottom = z->points[1];
    for (int64_t i = 1; i < z->n_points; i++) {
        *top = fmin(*top, z->points[2 * i + 1]);
        *bottom = fmax(*bottom, z->points[2 * i + 1]);
    }
}

static lmp_status too_much(const char *what, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_USAGE, "%s has too many edges for this image: draw it with fewer points", what);
}

static lmp_status no_memory(const char *what, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", what);
}

static lmp_status fill_polygon(const zone *z, int64_t width, int64_t height, const char *what, span_list *l,
                               lmp_error *err)
{
    double top, bottom;
    int64_t first, end;
    height_range(z, &top, &bottom);
    rows_between(top, bottom, height, &first, &end);
    if ((double)(end - first) * (double)z->n_points > MOST_WORK) return too_much(what, err);
    edge *edges = calloc((size_t)z->n_points, sizeof *edges);
    double *crossings = calloc((size_t)z->n_points, sizeof *crossings);
    for (int64_t i = 0; i < z->n_points && edges != NULL; i++) {
        const double *a = z->points + 2 * i, *b = z->points + 2 * ((i + 1) % z->n_points);
        edges[i] = a[1] <= b[1] ? (edge){a[0], a[1], b[0], b[1]} : (edge){b[0], b[1], a[0], a[1]};
    }
    for (int64_t y = first; y < end && edges != NULL && crossings != NULL; y++) {
        polygon_row(edges, z->n_points, y, crossings, width, l);
        row_end(l);
    }
    const lmp_status status = edges != NULL && crossings != NULL ? LMP_OK : no_memory(what, err);
    free(edges);
    free(crossings);
    return status;
}

/* ---- Convex shapes given by a test of one point ---- */

typedef bool contains_fn(const void *shape, double x, double y);

/* The columns of a convex shape on a row, near [low, high] as found with rounding. */
static void convex_row(contains_fn *contains, const void *shape, int64_t row, double low, double high, int64_t width,
                       span_list *l)
{
    const double y = (double)row;
    const double last = (double)(width - 1);
    double x0 = fmax(ceil(low) - 1, 0), x1 = fmin(floor(high) + 1, last);
    while (x0 <= x1 && !contains(shape, x0, y)) x0++;
    if (x0 > x1) return;
    while (!contains(shape, x1, y)) x1--;
    while (x0 > 0 && contains(shape, x0 - 1, y)) x0--;
    while (x1 < last && contains(shape, x1 + 1, y)) x1++;
    span_add(l, row, x0, x1, width);
}

/* ---- Ellipses ---- */

typedef struct ellipse {
    double x, y, width, height, cosine, sine;
} ellipse;

/* Twice the offset of a point from the centre: 2 p - 2 x - width. */
static void doubled_offset(exact *to, double p, double x, double extent)
{
    exact part;
    exact_difference(to, 2 * p, 2 * x);
    exact_set(&part, extent);
    exact_subtract(to, to, &part);
}

static void square_of_product(exact *to, const exact *a, double factor)
{
    exact_scale(to, a, factor);
    exact_multiply(to, to, to);
}

static bool ellipse_contains_exactly(const ellipse *e, double x, double y)
{
    exact dx, dy, u, v, part;
    doubled_offset(&dx, x, e->x, e->width);
    doubled_offset(&dy, y, e->y, e->height);
    exact_scale(&u, &dx, e->cosine);
    exact_scale(&part, &dy, e->sine);
    exact_add(&u, &u, &part);
    exact_scale(&v, &dy, e->cosine);
    exact_scale(&part, &dx, e->sine);
    exact_subtract(&v, &v, &part);
    square_of_product(&u, &u, e->height);
    square_of_product(&v, &v, e->width);
    exact_add(&u, &u, &v);
    exact_set(&part, e->width);
    square_of_product(&part, &part, e->height);
    exact_subtract(&u, &u, &part);
    return exact_sign(&u) <= 0;
}

static bool ellipse_contains(const void *shape, double x, double y)
{
    const ellipse *e = shape;
    const double dx = 2 * x - 2 * e->x - e->width, dy = 2 * y - 2 * e->y - e->height;
    const double u = (dx * e->cosine + dy * e->sine) / e->width, v = (dy * e->cosine - dx * e->sine) / e->height;
    const double sum = u * u + v * v;
    /* What rounding may have done to u and v, relative to the terms that cancel in them. */
    const double reach = 2 * (fabs(x) + fabs(e->x) + e->width + fabs(y) + fabs(e->y) + e->height);
    const double bound = 1e-14 * reach * (1 / e->width + 1 / e->height) * (fabs(u) + fabs(v) + 1);
    if (sum < 1 - bound) return true;
    if (sum > 1 + bound) return false;
    return ellipse_contains_exactly(e, x, y);
}

static void turn(double degrees, double *cosine, double *sine)
{
    const double quarter = fmod(degrees, 360) / 90;
    static const double cosines[] = {1, 0, -1, 0}, sines[] = {0, 1, 0, -1};
    if (quarter == floor(quarter)) {
        const int k = ((int)quarter + 4) % 4;
        *cosine = cosines[k];
        *sine = sines[k];
        return;
    }
    *cosine = cos(degrees * (3.14159265358979323846 / 180));
    *sine = sin(degrees * (3.14159265358979323846 / 180));
}

/* Where the row cuts the ellipse: the roots of a x^2 + 2 b x + c in x relative to the centre. */
static void fill_ellipse(const zone *z, int64_t width, int64_t height, span_list *l)
{
    ellipse e = {.x = z->x, .y = z->y, .width = z->width, .height = z->height};
    turn(z->angle, &e.cosine, &e.sine);
    const double cx = z->x + z->width / 2, cy = z->y + z->height / 2, p = 4 / (z->width * z->width),
                 q = 4 / (z->height * z->height);
    const double reach = sqrt(pow(e.sine * z->width / 2, 2) + pow(e.cosine * z->height / 2, 2));
    const double a = p * e.cosine * e.cosine + q * e.sine * e.sine, b = (p - q) * e.cosine * e.sine,
                 c = p * e.sine * e.sine + q * e.cosine * e.cosine;
    int64_t first, end;
    rows_between(cy - reach - 1, cy + reach + 1, height, &first, &end);
    for (int64_t row = first; row < end; row++) {
        const double dy = (double)row - cy, middle = -b * dy / a, inner = middle * middle - (c * dy * dy - 1) / a,
                     half = inner > 0 ? sqrt(inner) : 0;
        convex_row(ellipse_contains, &e, row, cx + middle - half, cx + middle + half, width, l);
        row_end(l);
    }
}

/* ---- Paths: centres not farther than half a pixel ---- */

/* 4 * distance^2 <= 1 from an end. */
static bool near_point(double ax, double ay, double x, double y)
{
    const double dx = x - ax, dy = y - ay, square = dx * dx + dy * dy;
    if (fabs(square - 0.25) > 1e-14 * (1 + fabs(x) + fabs(y))) return square < 0.25;
    exact ex, ey;
    exact_difference(&ex, x, ax);
    exact_multiply(&ex, &ex, &ex);
    exact_difference(&ey, y, ay);
    exact_multiply(&ey, &ey, &ey);
    exact_add(&ex, &ex, &ey);
    exact_set(&ey, 0.25);
    exact_subtract(&ex, &ex, &ey);
    return exact_sign(&ex) <= 0;
}

/* Between the ends (0 <= d.p <= d.d) and 4 (d x p)^2 <= d.d, d from a to b, p from a to the point. */
static bool near_line_exactly(const edge *e, double x, double y)
{
    exact dx, dy, px, py, length, along, across, part;
    exact_difference(&dx, e->bx, e->ax);
    exact_difference(&dy, e->by, e->ay);
    exact_difference(&px, x, e->ax);
    exact_difference(&py, y, e->ay);
    exact_multiply(&length, &dx, &dx);
    exact_multiply(&part, &dy, &dy);
    exact_add(&length, &length, &part);
    exact_multiply(&along, &dx, &px);
    exact_multiply(&part, &dy, &py);
    exact_add(&along, &along, &part);
    exact_subtract(&part, &along, &length);
    if (exact_sign(&length) == 0 || exact_sign(&along) < 0 || exact_sign(&part) > 0) return false;
    exact_multiply(&across, &dx, &py);
    exact_multiply(&part, &dy, &px);
    exact_subtract(&across, &across, &part);
    square_of_product(&across, &across, 2);
    exact_subtract(&across, &across, &length);
    return exact_sign(&across) <= 0;
}

static bool path_contains(const void *shape, double x, double y)
{
    const edge *e = shape;
    const double dx = e->bx - e->ax, dy = e->by - e->ay, px = x - e->ax, py = y - e->ay;
    const double length = dx * dx + dy * dy, along = dx * px + dy * py, across = dx * py - dy * px;
    const double root = sqrt(length), near = root > 0 ? fabs(across) / root : 0,
                 slack = 1e-13 * (1 + fabs(x) + fabs(y) + fabs(e->ax) + fabs(e->ay) + root);
    if (root > 0 && along > slack * root && length - along > slack * root && fabs(near - 0.5) > slack)
        return near < 0.5;
    return near_point(e->ax, e->ay, x, y) || near_point(e->bx, e->by, x, y) || near_line_exactly(e, x, y);
}

/* Columns that the capsule around an edge may reach on row y, a little wide: the edge within y +- 0.5, and 0.5 more. */
static void capsule_range(const edge *e, double y, double *low, double *high)
{
    const double rise = e->by - e->ay;
    double from = 0, to = 1;
    if (rise > 0) {
        from = fmin(fmax((y - 0.5 - e->ay) / rise, 0), 1);
        to = fmin(fmax((y + 0.5 - e->ay) / rise, 0), 1);
    }
    const double xa = e->ax + from * (e->bx - e->ax), xb = e->ax + to * (e->bx - e->ax);
    *low = fmin(xa, xb) - 0.5;
    *high = fmax(xa, xb) + 0.5;
}

static lmp_status fill_path(const zone *z, int64_t width, int64_t height, const char *what, span_list *l,
                            lmp_error *err)
{
    double top, bottom;
    int64_t first, end;
    height_range(z, &top, &bottom);
    rows_between(top - 0.5, bottom + 0.5, height, &first, &end);
    if ((double)(end - first) * (double)z->n_points > MOST_WORK / 10) return too_much(what, err);
    for (int64_t row = first; row < end; row++) {
        for (int64_t i = 0; i + 1 < z->n_points; i++) {
            const double *a = z->points + 2 * i, *b = a + 2;
            const edge e = a[1] <= b[1] ? (edge){a[0], a[1], b[0], b[1]} : (edge){b[0], b[1], a[0], a[1]};
            if ((double)row < e.ay - 0.5 || (double)row > e.by + 0.5) continue;
            double low, high;
            capsule_range(&e, (double)row, &low, &high);
            convex_row(path_contains, &e, row, low, high, width, l);
        }
        row_end(l);
    }
    return LMP_OK;
}

/* ---- All shapes ---- */

/* The corners, the first at the top left, clockwise. */
static void rectangle_corners(zone *z)
{
    const double left = z->x, top = z->y, right = z->x + z->width, bottom = z->y + z->height;
    const double corners[] = {left, top, right, top, right, bottom, left, bottom};
    memcpy(z->points, corners, sizeof corners);
    double cosine, sine;
    turn(z->angle, &cosine, &sine);
    if (cosine == 1) return;
    const double cx = z->x + z->width / 2, cy = z->y + z->height / 2;
    for (int i = 0; i < 4; i++) {
        const double dx = corners[2 * i] - cx, dy = corners[2 * i + 1] - cy;
        z->points[2 * i] = cx + (cosine * dx - sine * dy);
        z->points[2 * i + 1] = cy + (sine * dx + cosine * dy);
    }
}

lmp_status zone_fill(zone *z, int64_t width, int64_t height, const char *what, lmp_error *err)
{
    span_list l = {0};
    lmp_status status = LMP_OK;
    if (z->shape == ZONE_RECTANGLE) rectangle_corners(z);
    switch (z->shape) {
    case ZONE_POLYGON:
    case ZONE_RECTANGLE:
        status = fill_polygon(z, width, height, what, &l, err);
        break;
    case ZONE_ELLIPSE:
        fill_ellipse(z, width, height, &l);
        break;
    case ZONE_PIXEL:
        if (z->points[1] >= 0 && z->points[1] < (double)height)
            span_add(&l, (int64_t)z->points[1], z->points[0], z->points[0], width);
        break;
    default:
        status = fill_path(z, width, height, what, &l, err);
        break;
    }
    if (status == LMP_OK && l.failed) status = l.too_many ? too_much(what, err) : no_memory(what, err);
    if (status != LMP_OK) {
        free(l.items);
        return status;
    }
    z->spans = l.items;
    z->n_spans = l.count;
    for (int64_t i = 0; i < l.count; i++) z->n_pixels += l.items[i].x1 - l.items[i].x0 + 1;
    return LMP_OK;
}
