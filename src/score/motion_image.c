/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_image.c: numbers of one image.
 */
#include "score/motion_image.h"

#include "score/metrics.h"

enum { LARGEST_SEARCH = 16 };

/* Along one axis, n values `step` apart. */
static double difference(const double *at, int64_t i, int64_t n, int64_t step)
{
    if (n < 2) return 0;
    if (i == 0) return at[step] - at[0];
    if (i == n - 1) return at[0] - at[-step];
    return (at[step] - at[-step]) / 2;
}

image_sharpness image_measure(const double *values, int64_t stride, image_region r)
{
    double squares = 0, lengths = 0, sum = 0, spread = 0;
    int64_t n = 0, n_gradients = 0;
    for (int64_t y = 0; y < r.height; y++) {
        for (int64_t x = 0; x < r.width; x++) {
            const double *at = values + (r.top + y) * stride + r.left + x;
            const double gy = difference(at, y, r.height, stride), gx = difference(at, x, r.width, 1);
            const double square = gy * gy + gx * gx;
            if (isnan(*at)) continue;
            if (!isnan(square)) {
                squares += square;
                lengths += sqrt(square);
                n_gradients++;
            }
            sum += *at;
            n++;
        }
    }
    const double mean = n > 0 ? sum / (double)n : UNKNOWN;
    for (int64_t y = 0; y < r.height; y++)
        for (int64_t x = 0; x < r.width; x++) {
            const double away = values[(r.top + y) * stride + r.left + x] - mean;
            if (!isnan(away)) spread += away * away;
        }
    const bool known = n_gradients > 0;
    return (image_sharpness){.crispness = known ? sqrt(squares) : UNKNOWN,
                             .acutance = known && mean > 0 ? lengths / (double)n_gradients / mean : UNKNOWN,
                             .mean = mean,
                             .deviation = n > 0 ? sqrt(spread / (double)n) : UNKNOWN};
}

/* ---- Registration ---- */

/* Normalised correlation about 0 of a region of `a` with the same of `b`, moved by (dy, dx). */
static double correlate(const float *a, const float *b, int64_t stride, image_region r, int64_t dy, int64_t dx)
{
    double ab = 0, aa = 0, bb = 0;
    for (int64_t y = 0; y < r.height; y++) {
        const float *of_a = a + (r.top + y) * stride + r.left, *of_b = b + (r.top + y + dy) * stride + r.left + dx;
        for (int64_t x = 0; x < r.width; x++) {
            const double u = (double)of_a[x], v = (double)of_b[x];
            if (isnan(u + v)) continue;
            ab += u * v;
            aa += u * u;
            bb += v * v;
        }
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : UNKNOWN;
}

/* The maximum of the quadratic of least squares through 3 x 3 values c[y + 1][x + 1]; false if there is none near. */
static bool quadratic_top(double c[3][3], double *dy, double *dx)
{
    double sum = 0, sy = 0, sx = 0, syy = 0, sxx = 0, sxy = 0;
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++) {
            const double v = c[y + 1][x + 1];
            sum += v;
            sy += y * v;
            sx += x * v;
            syy += y * y * v;
            sxx += x * x * v;
            sxy += y * x * v;
        }
    const double by = sy / 6, bx = sx / 6, byx = sxy / 4, byy = syy / 2 - sum / 3, bxx = sxx / 2 - sum / 3;
    const double determinant = 4 * byy * bxx - byx * byx;
    if (!(determinant > 0) || !(byy < 0)) return false;
    *dy = (byx * bx - 2 * bxx * by) / determinant;
    *dx = (byx * by - 2 * byy * bx) / determinant;
    return fabs(*dy) <= 1 && fabs(*dx) <= 1;
}

image_match image_register(const float *a, const float *b, int64_t stride, image_region region, int64_t search)
{
    double map[2 * LARGEST_SEARCH + 1][2 * LARGEST_SEARCH + 1], around[3][3];
    image_match m = {.peak = UNKNOWN};
    int64_t at_y = 0, at_x = 0;
    for (int64_t y = -search; y <= search; y++)
        for (int64_t x = -search; x <= search; x++) {
            const double c = correlate(a, b, stride, region, y, x);
            map[y + search][x + search] = c;
            if (isnan(c) || (!isnan(m.peak) && c <= m.peak)) continue;
            m.peak = c;
            at_y = y;
            at_x = x;
        }
    m.dy = (double)at_y;
    m.dx = (double)at_x;
    m.is_at_edge = at_y == -search || at_y == search || at_x == -search || at_x == search;
    if (m.is_at_edge || isnan(m.peak)) return m;
    for (int64_t y = -1; y <= 1; y++)
        for (int64_t x = -1; x <= 1; x++) around[y + 1][x + 1] = map[at_y + y + search][at_x + x + search];
    double dy, dx;
    if (quadratic_top(around, &dy, &dx)) {
        m.dy += dy;
        m.dx += dx;
    }
    return m;
}
