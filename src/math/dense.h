/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dense.h: small dense matrices: products, orthonormal rows, the largest eigenvalues. All on the calling thread.
 *
 * Matrices are column-major: element (i, j) of m rows is at [i + j * m].
 */
#ifndef LIMPID_MATH_DENSE_H
#define LIMPID_MATH_DENSE_H

#include <stdbool.h>
#include <stdint.h>

/* Loads LAPACK and BLAS, and makes them use the calling thread only. Call before the others; again does no harm. False
 * with `*why` if they are not there. Any thread. */
bool dense_load(const char **why);

/* gram (n x n, lower triangle) += x x^T, x being n x depth. */
void dense_add_gram(double *gram, int64_t n, const double *x, int64_t depth);

/* c += x^T y, x being depth x m, y depth x n, their columns `row` apart; those of c (m x n) `stride`. The same with x
 * for y, of n columns: the lower triangle of c (n x n). */
void dense_add_products(double *c, int64_t stride, const double *x, int64_t m, const double *y, int64_t n, int64_t row,
                        int64_t depth);
void dense_add_products_of_one(double *c, int64_t stride, const double *x, int64_t n, int64_t row, int64_t depth);

/* The rows of x (m x n, m <= n) become an orthonormal basis of what they span. False: no memory. */
bool dense_orthonormal_rows(double *x, int64_t m, int64_t n);

/* The same span, in much less time where n is large, but orthonormal only as far as the rows are not nearly dependent:
 * a well-conditioned basis to go on with (eigenvectors of x x^T: Stathopoulos & Wu 2002, "A block orthogonalization
 * procedure with constant synchronization requirements"). */
bool dense_even_rows(double *x, int64_t m, int64_t n);

/* The k largest eigenvalues of a symmetric matrix (n x n, lower triangle, destroyed), largest first, and their
 * eigenvectors: vectors[j + i * k] is entry i of eigenvector j, so k x n. False: no memory, or no convergence. */
bool dense_largest_eigen(double *matrix, int64_t n, int64_t k, double *values, double *vectors);

/* Bytes that dense_largest_eigen() and dense_orthonormal_rows() take for themselves. */
int64_t dense_eigen_bytes(int64_t n, int64_t k);

#endif
