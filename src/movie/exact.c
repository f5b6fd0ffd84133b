/* SPDX-License-Identifier: BSD-3-Clause
 *
 * exact.c: expansions that grow by one double at a time; zeros are left out as they appear.
 */
#include "movie/exact.h"

#include <math.h>
#include <string.h>

/* *sum + *rest == a + b, sum being what rounding gives (Knuth). */
static void two_sum(double a, double b, double *sum, double *rest)
{
    const double s = a + b, of_b = s - a, of_a = s - of_b;
    *rest = (a - of_a) + (b - of_b);
    *sum = s;
}

static void two_product(double a, double b, double *product, double *rest)
{
    *product = a * b;
    *rest = fma(a, b, -*product);
}

/* Shewchuk's Grow-Expansion. */
static void grow(exact *e, double value)
{
    double carry = value, rest;
    int32_t kept = 0;
    for (int32_t i = 0; i < e->count; i++) {
        two_sum(carry, e->parts[i], &carry, &rest);
        if (rest != 0) e->parts[kept++] = rest;
    }
    if (carry != 0 && kept < EXACT_PARTS) e->parts[kept++] = carry;
    e->count = kept;
}

static void copy(exact *to, const exact *from)
{
    to->count = from->count;
    memcpy(to->parts, from->parts, (size_t)from->count * sizeof *from->parts);
}

void exact_set(exact *to, double value)
{
    to->count = value != 0;
    to->parts[0] = value;
}

static void add_signed(exact *to, const exact *a, const exact *b, double sign)
{
    exact sum;
    copy(&sum, a);
    for (int32_t i = 0; i < b->count; i++) grow(&sum, sign * b->parts[i]);
    copy(to, &sum);
}

void exact_add(exact *to, const exact *a, const exact *b)
{
    add_signed(to, a, b, 1);
}

void exact_subtract(exact *to, const exact *a, const exact *b)
{
    add_signed(to, a, b, -1);
}

static void grow_scaled(exact *sum, const exact *a, double factor)
{
    for (int32_t i = 0; i < a->count; i++) {
        double product, rest;
        two_product(a->parts[i], factor, &product, &rest);
        grow(sum, rest);
        grow(sum, product);
    }
}

void exact_scale(exact *to, const exact *a, double factor)
{
    exact sum;
    sum.count = 0;
    grow_scaled(&sum, a, factor);
    copy(to, &sum);
}

void exact_multiply(exact *to, const exact *a, const exact *b)
{
    exact sum;
    sum.count = 0;
    for (int32_t i = 0; i < b->count; i++) grow_scaled(&sum, a, b->parts[i]);
    copy(to, &sum);
}

void exact_difference(exact *to, double a, double b)
{
    exact_set(to, a);
    grow(to, -b);
}

int exact_sign(const exact *a)
{
    if (a->count == 0) return 0;
    return a->parts[a->count - 1] > 0 ? 1 : -1;
}
