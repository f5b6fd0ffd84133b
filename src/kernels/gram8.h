/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gram8.h: products of all pairs of rows of a matrix of bytes, exact.
 *
 * The bytes lie as the products take them, in groups of GRAM8_GROUP rows, a pair of columns of all of them at once:
 * row t, column i is at gram8_place(). Rows beyond the last, and a column to make their number even, are 0.
 *
 * gram8_multiply() has a plain reference that ends in _plain: the same numbers.
 */
#ifndef LIMPID_KERNELS_GRAM8_H
#define LIMPID_KERNELS_GRAM8_H

#include <stdbool.h>
#include <stdint.h>

enum {
    GRAM8_GROUP = 16,
    GRAM8_ROWS = 96,           /* most rows on the left at once */
    GRAM8_MOST_COLUMNS = 32768 /* whose sums of products still fit 32 bits */
};

typedef struct gram8 {
    const uint8_t *bytes;
    int64_t columns; /* even */
    bool is_signed;
} gram8;

static inline int64_t gram8_place(int64_t columns, int64_t t, int64_t i)
{
    return (t / GRAM8_GROUP * (columns / 2) + i / 2) * (2 * GRAM8_GROUP) + t % GRAM8_GROUP * 2 + i % 2;
}

/* sums[r * n + s] = products of row first + r with row s, r below GRAM8_ROWS, s below n, over columns from up to end
 * (both even, at most GRAM8_MOST_COLUMNS of them). first: a multiple of GRAM8_ROWS; n: of GRAM8_GROUP. Rows on the left
 * beyond n give 0. */
void gram8_multiply(const gram8 *g, int64_t first, int64_t n, int64_t from, int64_t end, int32_t *sums);
void gram8_multiply_plain(const gram8 *g, int64_t first, int64_t n, int64_t from, int64_t end, int32_t *sums);

#endif
