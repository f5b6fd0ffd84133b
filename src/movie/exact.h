/* SPDX-License-Identifier: BSD-3-Clause
 *
 * exact.h: sums, differences and products of doubles without rounding, for decisions that must not be wrong.
 *
 * A number is an expansion: a sum of doubles whose bits do not overlap, smallest first (Shewchuk, "Adaptive precision
 * floating-point arithmetic and fast robust geometric predicates", 1997, sections 2.3 to 2.5). Nothing overflows or
 * underflows for products of six numbers that are 0 or of magnitude 1e-9 to 1e12, which is what zones need.
 */
#ifndef LIMPID_MOVIE_EXACT_H
#define LIMPID_MOVIE_EXACT_H

#include <stdint.h>

/* Each part holds at least one bit of its own, and the bits of such products span less than 900 places. */
enum { EXACT_PARTS = 1024 };

typedef struct exact {
    int32_t count;
    double parts[EXACT_PARTS];
} exact;

/* All may be called with the result among the arguments. */
void exact_set(exact *to, double value);
void exact_add(exact *to, const exact *a, const exact *b);
void exact_subtract(exact *to, const exact *a, const exact *b);
void exact_multiply(exact *to, const exact *a, const exact *b);
void exact_scale(exact *to, const exact *a, double factor);

/* a - b */
void exact_difference(exact *to, double a, double b);

/* -1, 0 or 1 */
int exact_sign(const exact *a);

#endif
