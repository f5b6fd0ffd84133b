/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_peak.c: where between its values a correlation is highest.
 */
#include "movie/motion_peak.h"

#include <math.h>

void peak_refine(const float values[9], double *dy, double *dx)
{
    double s = 0, sy = 0, sx = 0, syy = 0, sxx = 0, sxy = 0;
    for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++) {
            const double v = (double)values[3 * (i + 1) + j + 1] - (double)values[4];
            s += v;
            sy += i * v;
            sx += j * v;
            syy += i * i * v;
            sxx += j * j * v;
            sxy += i * j * v;
        }
    const double a = sxx / 2 - s / 3, b = syy / 2 - s / 3, cross = sxy / 4, gx = sx / 6, gy = sy / 6;
    const double det = 4 * a * b - cross * cross;
    *dy = *dx = 0;
    if (!(det > 0) || !(a < 0)) return;
    *dx = fmax(-1, fmin(1, (cross * gy - 2 * b * gx) / det));
    *dy = fmax(-1, fmin(1, (cross * gx - 2 * a * gy) / det));
}
