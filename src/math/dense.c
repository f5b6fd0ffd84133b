/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dense.c: LAPACK and BLAS behind four verbs.
 */
#include "math/dense.h"

#include "kernels/panel.h"
#include "os/os.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Found by name when first needed: OpenBLAS, linked, would cost every start of a program threads and 30 MB. */
#define DENSE_FUNCTIONS(X) X(cblas_dsyrk) X(cblas_dgemm) X(LAPACKE_dgelqf) X(LAPACKE_dorglq) X(LAPACKE_dsyevr)

#define DENSE_POINTER(name) __typeof__(name) *name;
#define DENSE_NAME(name)    #name,

static struct {
    DENSE_FUNCTIONS(DENSE_POINTER)
} dense;

static const char *const NAMES[] = {DENSE_FUNCTIONS(DENSE_NAME)};

enum { N_FUNCTIONS = sizeof NAMES / sizeof *NAMES };

_Static_assert(sizeof dense == N_FUNCTIONS * sizeof(void *), "a table of pointers");

static bool load(const char **why)
{
    static const char *const library = "liblapacke.so.3", *const set_threads = "openblas_set_num_threads";
    void *functions[N_FUNCTIONS], *of_openblas = NULL;
    if (!os_library_load(library, NAMES, functions, N_FUNCTIONS, why)) return false;
    memcpy(&dense, functions, sizeof functions);
    /* Other libraries have one thread anyway. */
    const char *none = "";
    if (os_library_load(library, &set_threads, &of_openblas, 1, &none)) {
        void (*set)(int count);
        memcpy(&set, &of_openblas, sizeof set);
        set(1);
    }
    return true;
}

bool dense_load(const char **why)
{
    static atomic_flag is_busy = ATOMIC_FLAG_INIT;
    static bool is_loaded;
    while (atomic_flag_test_and_set(&is_busy)) os_thread_yield();
    if (!is_loaded) is_loaded = load(why);
    const bool done = is_loaded;
    atomic_flag_clear(&is_busy);
    return done;
}

void dense_add_gram(double *gram, int64_t n, const double *x, int64_t depth)
{
    enum { AT_ONCE = 1 << 24 };
    for (int64_t at = 0; at < depth; at += AT_ONCE) {
        const int count = depth - at < AT_ONCE ? (int)(depth - at) : AT_ONCE;
        dense.cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)n, count, 1, x + at * n, (int)n, 1, gram,
                          (int)n);
    }
}

void dense_add_products(double *c, int64_t stride, const double *x, int64_t m, const double *y, int64_t n, int64_t row,
                        int64_t depth)
{
    dense.cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)depth, 1, x, (int)row, y, (int)row,
                      1, c, (int)stride);
}

void dense_add_products_of_one(double *c, int64_t stride, const double *x, int64_t n, int64_t row, int64_t depth)
{
    dense.cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, (int)n, (int)depth, 1, x, (int)row, 1, c, (int)stride);
}

bool dense_orthonormal_rows(double *x, int64_t m, int64_t n)
{
    double *tau = calloc((size_t)m, sizeof *tau);
    const lapack_int rows = (lapack_int)m, columns = (lapack_int)n;
    const bool done = tau != NULL && dense.LAPACKE_dgelqf(LAPACK_COL_MAJOR, rows, columns, x, rows, tau) == 0 &&
                      dense.LAPACKE_dorglq(LAPACK_COL_MAJOR, rows, columns, rows, x, rows, tau) == 0;
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
                      dense.LAPACKE_dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'L', order, matrix, order, 0, 0, first, order, 0,
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

bool dense_even_rows(double *x, int64_t m, int64_t n)
{
    enum { AT_ONCE = 64 };
    double *gram = calloc((size_t)(2 * m * m + m + AT_ONCE * m), sizeof *gram);
    if (gram == NULL) return false;
    double *turn = gram + m * m, *lengths = turn + m * m, *turned = lengths + m;
    dense_add_gram(gram, m, x, n);
    const bool done = dense_largest_eigen(gram, m, m, lengths, turn);
    for (int64_t j = 0; j < m && done; j++) {
        /* Directions lost in the rounding of the others do not grow without bound. */
        const double squares = fmax(lengths[j], lengths[0] * DBL_EPSILON);
        for (int64_t i = 0; i < m; i++) turn[j + i * m] *= squares > 0 ? 1 / sqrt(squares) : 0;
    }
    for (int64_t first = 0; first < n && done; first += AT_ONCE) {
        const int64_t count = n - first < AT_ONCE ? n - first : AT_ONCE;
        const panel_factors f = {x + first * m, turn, count, m, m, m, 1};
        memset(turned, 0, (size_t)(count * m) * sizeof *turned);
        panel_multiply(&f, turned);
        memcpy(x + first * m, turned, (size_t)(count * m) * sizeof *turned);
    }
    free(gram);
    return done;
}
