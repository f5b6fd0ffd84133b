/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trend.c: least squares through one number a frame.
 */
#include "movie/trend.h"

#include <math.h>

static double line_shape(double rate, int64_t n, int64_t t)
{
    (void)rate;
    return (double)t - (double)(n - 1) / 2.0;
}

static double exponential_shape(double rate, int64_t n, int64_t t)
{
    (void)n;
    return exp(-rate * (double)t);
}

typedef double shape_fn(double rate, int64_t n, int64_t t);

/* Base and height for one shape; *error: what is left over, squared. About the means, so that nothing cancels. */
static trend fit(shape_fn *shape, double rate, const double *values, int64_t n, double *error)
{
    double count = 0, mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
    for (int64_t t = 0; t < n; t++) {
        if (isnan(values[t])) continue;
        count++;
        mean_x += shape(rate, n, t);
        mean_y += values[t];
    }
    mean_x /= count;
    mean_y /= count;
    for (int64_t t = 0; t < n; t++) {
        if (isnan(values[t])) continue;
        const double x = shape(rate, n, t) - mean_x, y = values[t] - mean_y;
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    const double height = xx > 0 ? xy / xx : 0.0;
    *error = yy - height * xy;
    return (trend){.base = mean_y - height * mean_x, .height = height, .rate = rate};
}

trend trend_fit_line(const double *values, int64_t n)
{
    double error;
    return fit(line_shape, 0.0, values, n, &error);
}

trend trend_fit_exponential(const double *values, int64_t n)
{
    enum { STEPS = 40, HALVINGS = 60 };
    const double slowest = 0.1 / (double)n, factor = pow(1000.0, 1.0 / STEPS);
    double least = (double)INFINITY, best = slowest, error;
    for (int i = 0; i <= STEPS; i++) {
        const double rate = slowest * pow(factor, i);
        (void)fit(exponential_shape, rate, values, n, &error);
        if (error < least) {
            least = error;
            best = rate;
        }
    }
    /* Golden section between the neighbours of the best. */
    const double golden = 0.6180339887498949;
    double low = log(best / factor), high = log(best * factor);
    for (int i = 0; i < HALVINGS; i++) {
        double left, right;
        const double a = high - golden * (high - low), b = low + golden * (high - low);
        (void)fit(exponential_shape, exp(a), values, n, &left);
        (void)fit(exponential_shape, exp(b), values, n, &right);
        if (left <= right)
            high = b;
        else
            low = a;
    }
    return fit(exponential_shape, exp((low + high) / 2.0), values, n, &error);
}

double trend_line_at(const trend *curve, int64_t n, int64_t t)
{
    return curve->base + curve->height * line_shape(0.0, n, t);
}

double trend_exponential_at(const trend *curve, int64_t t)
{
    return curve->base + curve->height * exponential_shape(curve->rate, 0, t);
}
