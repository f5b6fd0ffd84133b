/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zone_geometry.c: the plane geometry of polygons, paths and ellipses.
 */
#include "movie/zone_geometry.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

typedef struct point {
    double x, y;
} point;

static point point_at(const zone *z, int64_t i, double scale_x, double scale_y)
{
    const double *p = z->points + 2 * ((i + z->n_points) % z->n_points);
    return (point){p[0] * scale_x, p[1] * scale_y};
}

static bool is_closed(const zone *z)
{
    return z->shape == ZONE_POLYGON || z->shape == ZONE_RECTANGLE;
}

int64_t zone_edge_count(const zone *z)
{
    if (z->shape == ZONE_ELLIPSE || z->shape == ZONE_PIXEL) return 0;
    return is_closed(z) ? z->n_points : z->n_points - 1;
}

double zone_edge_length(const zone *z, int64_t edge, double scale_x, double scale_y)
{
    const point a = point_at(z, edge, scale_x, scale_y), b = point_at(z, edge + 1, scale_x, scale_y);
    return hypot(b.x - a.x, b.y - a.y);
}

/* Twice the signed area and six times its moments, about the first point, for the sake of precision. */
static double shoelace(const zone *z, double scale_x, double scale_y, point *moments)
{
    const point origin = point_at(z, 0, scale_x, scale_y);
    double twice = 0;
    *moments = (point){0, 0};
    for (int64_t i = 0; i < z->n_points; i++) {
        const point p = point_at(z, i, scale_x, scale_y), q = point_at(z, i + 1, scale_x, scale_y);
        const point a = {p.x - origin.x, p.y - origin.y}, b = {q.x - origin.x, q.y - origin.y};
        const double cross = a.x * b.y - b.x * a.y;
        twice += cross;
        moments->x += (a.x + b.x) * cross;
        moments->y += (a.y + b.y) * cross;
    }
    return twice;
}

double zone_angle(const zone *z, int64_t at, double scale_x, double scale_y)
{
    if (!is_closed(z)) return (double)NAN;
    point moments;
    const double sign = shoelace(z, scale_x, scale_y, &moments) < 0 ? -1 : 1;
    const point v = point_at(z, at, scale_x, scale_y), before = point_at(z, at - 1, scale_x, scale_y),
                behind = point_at(z, at + 1, scale_x, scale_y);
    const point n = {behind.x - v.x, behind.y - v.y}, p = {before.x - v.x, before.y - v.y};
    if ((n.x == 0 && n.y == 0) || (p.x == 0 && p.y == 0)) return (double)NAN;
    const double turn = sign * atan2(n.x * p.y - n.y * p.x, n.x * p.x + n.y * p.y) * 180 / PI;
    return turn < 0 ? turn + 360 : turn;
}

/* Circumference by the arithmetic-geometric mean of the half axes (Gauss; Abramowitz & Stegun 17.6). */
static double ellipse_perimeter(double a, double b)
{
    double sum = a * a, weight = 0.5, c = sqrt(fabs(a * a - b * b));
    while (c > 1e-9 * a) { /* what is left is its square */
        sum -= weight * c * c;
        const double mean = (a + b) / 2;
        c = (a - b) / 2;
        b = sqrt(a * b);
        a = mean;
        weight *= 2;
    }
    return 2 * PI * sum / a;
}

/* Half axes are the singular values of the matrix that makes the ellipse from the unit circle. */
static zone_geometry ellipse_geometry(const zone *z, double scale_x, double scale_y)
{
    const double turned = z->angle * PI / 180, c = cos(turned), s = sin(turned), p = z->width / 2, q = z->height / 2;
    const double xx = scale_x * c * p, xy = -scale_x * s * q, yx = scale_y * s * p, yy = scale_y * c * q;
    const double squares = xx * xx + xy * xy + yx * yx + yy * yy, product = fabs(xx * yy - xy * yx);
    const double gap = sqrt(fmax(squares * squares - 4 * product * product, 0));
    const double a = sqrt((squares + gap) / 2), b = product / a;
    zone_geometry g = {.perimeter = ellipse_perimeter(a, b), .area = PI * product};
    g.x = scale_x * (z->x + p);
    g.y = scale_y * (z->y + q);
    g.width = 2 * hypot(xx, xy);
    g.height = 2 * hypot(yx, yy);
    g.left = g.x - g.width / 2;
    g.top = g.y - g.height / 2;
    return g;
}

static void find_box(const zone *z, double scale_x, double scale_y, zone_geometry *g)
{
    point low = point_at(z, 0, scale_x, scale_y), high = low;
    for (int64_t i = 1; i < z->n_points; i++) {
        const point p = point_at(z, i, scale_x, scale_y);
        low = (point){fmin(low.x, p.x), fmin(low.y, p.y)};
        high = (point){fmax(high.x, p.x), fmax(high.y, p.y)};
    }
    g->left = low.x;
    g->top = low.y;
    g->width = high.x - low.x;
    g->height = high.y - low.y;
}

/* Where there is no area: the middle of the edges, by their length, or of the points. */
static void find_middle(const zone *z, double scale_x, double scale_y, zone_geometry *g)
{
    const int64_t n = zone_edge_count(z);
    double sum = 0;
    point moment = {0, 0};
    for (int64_t i = 0; i < n; i++) {
        const point a = point_at(z, i, scale_x, scale_y), b = point_at(z, i + 1, scale_x, scale_y);
        const double length = hypot(b.x - a.x, b.y - a.y);
        sum += length;
        moment.x += length * (a.x + b.x) / 2;
        moment.y += length * (a.y + b.y) / 2;
    }
    const point first = point_at(z, 0, scale_x, scale_y);
    g->x = sum > 0 ? moment.x / sum : first.x;
    g->y = sum > 0 ? moment.y / sum : first.y;
}

zone_geometry zone_geometry_take(const zone *z, double scale_x, double scale_y)
{
    if (z->shape == ZONE_ELLIPSE) return ellipse_geometry(z, scale_x, scale_y);
    zone_geometry g = {0};
    point moments;
    for (int64_t i = 0; i < zone_edge_count(z); i++) g.perimeter += zone_edge_length(z, i, scale_x, scale_y);
    find_box(z, scale_x, scale_y, &g);
    const double twice = is_closed(z) ? shoelace(z, scale_x, scale_y, &moments) : 0;
    g.area = fabs(twice) / 2;
    if (twice == 0) {
        find_middle(z, scale_x, scale_y, &g);
        return g;
    }
    const point origin = point_at(z, 0, scale_x, scale_y);
    g.x = origin.x + moments.x / (3 * twice);
    g.y = origin.y + moments.y / (3 * twice);
    return g;
}
