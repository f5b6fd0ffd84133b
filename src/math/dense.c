/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dense.c: LAPACK and BLAS behind four verbs.
 */
#include "math/dense.h"

#include <cblas.h>
#include <lapacke.h>
#include <stdlib.h>

/* There in OpenBLAS only; other libraries have one thread anyway. */
extern void openblas_set_num_threads(int count) __attribute__((weak));

void dense_on_one_thread(void)
{
    if (openblas_set_num_threads != NULL) openblas_set_num_threads(1);
}

void dense_add_gram(double *gram, int64_t n, const double *x, int64_t depth)
{
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)n, (int)depth, 1, x, (int)n, 1, gram, (int)n);
}

bool dense_orthonormal_rows(double *x, int64_t m, int64_t n)
{
    double *tau = calloc((size_t)m, sizeof *tau);
    const lapack_int rows = (lapack_int)m, columns = (lapack_int)n;
    const bool done = tau != NULL && LAPACKE_dgelqf(LAPACK_COL_MAJOR, rows, columns, x, rows, tau) == 0 &&
                      LAPACKE_dorglq(LAPACK_COL_MAJOR, rows, columns, rows, x, rows, tau) == 0;
    free(tau);
    return done;
}

int64_t dense_eigen_bytes(int64_t n, int64_t k)
{
    return (n * k + 64 * n) * (int64_t)sizeof(double);
}

bool dense_largest_eigen(double *matrix, int64_t n, int64_t k, double *values, double *vectors)
{
    const lapack_int order = (lapack_int)n, first = (lapack_int)(n - k + 1);
    double *ascending = calloc((size_t)n, sizeof *ascending), *columns = calloc((size_t)(n * k), sizeof *columns);
    lapack_int *support = calloc(2 * (size_t)n, sizeof *support), found = 0;
    const bool done = ascending != NULL && columns != NULL && support != NULL &&
                      LAPACKE_dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'L', order, matrix, order, 0, 0, first, order, 0,
                                     &found, ascending, columns, order, support) == 0 &&
                      found == k;
    for (int64_t j = 0; j < k && done; j++) {
        values[j] = ascending[k - 1 - j];
        for (int64_t i = 0; i < n; i++) vectors[j + i * k] = columns[i + (k - 1 - j) * n];
    }
    free(ascending);
    free(columns);
    free(support);
    return done;
}
