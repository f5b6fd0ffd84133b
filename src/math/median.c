/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Medians by quickselect (Hoare 1961, Algorithm 65), with three-way partitions so that equal values cost nothing. After
 * a number of rounds that no ordinary input needs, what is left is sorted: no input takes quadratic time.
 */
#include "math/median.h"

#include <math.h>
#include <stdlib.h>

#define DEVIATION_OF_NORMAL 1.4826 /* standard deviation / median absolute deviation of a normal distribution */
#define MOST_ROUNDS         64

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

static double middle_of_three(double a, double b, double c)
{
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Puts the value in its place, with nothing larger before it and nothing smaller behind. */
double median_select(double *values, int64_t count, int64_t rank)
{
    int64_t low = 0, high = count - 1;
    for (int round = 0; low < high; round++) {
        if (round == MOST_ROUNDS) {
            qsort(values + low, (size_t)(high - low + 1), sizeof *values, compare);
            break;
        }
        double pivot = middle_of_three(values[low], values[low + (high - low) / 2], values[high]);
        int64_t below = low, above = high;
        for (int64_t i = low; i <= above;) {
            if (values[i] < pivot)
                swap(&values[i++], &values[below++]);
            else if (values[i] > pivot)
                swap(&values[i], &values[above--]);
            else
                i++;
        }
        if (rank >= below && rank <= above) break;
        if (rank < below)
            high = below - 1;
        else
            low = above + 1;
    }
    return values[rank];
}

double median_take(double *values, int64_t count)
{
    if (count == 0) return 0.0;
    double upper = median_select(values, count, count / 2);
    if (count % 2 == 1) return upper;
    double lower = values[0];
    for (int64_t i = 1; i < count / 2; i++) lower = fmax(lower, values[i]);
    return (lower + upper) / 2.0;
}

double median_deviation(const double *values, int64_t count, double *scratch)
{
    for (int64_t i = 0; i < count; i++) scratch[i] = fabs(values[i]);
    return DEVIATION_OF_NORMAL * median_take(scratch, count);
}
