/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shrink.c: sums of columns over the rows of a square first, which are loops over whole rows, then across.
 */
#include "shrink.h"

#include "pixels.h"

#include <math.h>
#include <string.h>

__extension__ typedef __int128 wide;

typedef struct image {
    int64_t width, height, n_colours, side;
    void *work;
} image;

int64_t shrink_side(int64_t side, int level)
{
    return (side + ((int64_t)1 << level) - 1) >> level;
}

size_t shrink_work_bytes(int64_t row_values)
{
    return (size_t)row_values * sizeof(wide);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* sum / n to nearest, half to even. */
#define ROUNDED(name, sum_type)                                                                                        \
    static sum_type name(sum_type sum, sum_type n)                                                                     \
    {                                                                                                                  \
        sum_type whole = sum / n, rest = sum % n;                                                                      \
        if (rest < 0) {                                                                                                \
            whole--;                                                                                                   \
            rest += n;                                                                                                 \
        }                                                                                                              \
        return whole + (2 * rest > n || (2 * rest == n && whole % 2 != 0));                                            \
    }
ROUNDED(rounded_64, int64_t)
ROUNDED(rounded_128, wide)

/* Sums of up to 256 rows fit column_type, those of 65536 numbers sum_type. */
#define SHRINK_WHOLE(name, type, column_type, sum_type, rounded)                                                       \
    static void name(const image *m, const type *from, type *to)                                                       \
    {                                                                                                                  \
        const int64_t row = m->width * m->n_colours;                                                                   \
        column_type *columns = m->work;                                                                                \
        for (int64_t y = 0; y < m->height; y += m->side) {                                                             \
            const int64_t rows = smaller(m->side, m->height - y);                                                      \
            for (int64_t i = 0; i < row; i++) columns[i] = (column_type)from[y * row + i];                             \
            for (int64_t k = 1; k < rows; k++)                                                                         \
                for (int64_t i = 0; i < row; i++) columns[i] += (column_type)from[(y + k) * row + i];                  \
            for (int64_t x = 0; x < m->width; x += m->side)                                                            \
                for (int64_t c = 0; c < m->n_colours; c++) {                                                           \
                    const int64_t n = smaller(m->side, m->width - x);                                                  \
                    sum_type sum = 0;                                                                                  \
                    for (int64_t i = 0; i < n; i++) sum += columns[(x + i) * m->n_colours + c];                        \
                    *to++ = (type)rounded(sum, (sum_type)(n * rows));                                                  \
                }                                                                                                      \
        }                                                                                                              \
    }
SHRINK_WHOLE(shrink_int8, int8_t, int32_t, int64_t, rounded_64)
SHRINK_WHOLE(shrink_uint8, uint8_t, int32_t, int64_t, rounded_64)
SHRINK_WHOLE(shrink_int16, int16_t, int32_t, int64_t, rounded_64)
SHRINK_WHOLE(shrink_uint16, uint16_t, int32_t, int64_t, rounded_64)
SHRINK_WHOLE(shrink_int32, int32_t, int64_t, int64_t, rounded_64)
SHRINK_WHOLE(shrink_uint32, uint32_t, int64_t, int64_t, rounded_64)
SHRINK_WHOLE(shrink_int64, int64_t, wide, wide, rounded_128)
SHRINK_WHOLE(shrink_uint64, uint64_t, wide, wide, rounded_128)

#define SHRINK_FLOAT(name, type)                                                                                       \
    static void name(const image *m, const type *from, type *to)                                                       \
    {                                                                                                                  \
        const int64_t row = m->width * m->n_colours;                                                                   \
        double *columns = m->work, *valid = columns + row;                                                             \
        for (int64_t y = 0; y < m->height; y += m->side) {                                                             \
            const int64_t rows = smaller(m->side, m->height - y);                                                      \
            memset(m->work, 0, 2 * (size_t)row * sizeof *columns);                                                     \
            for (int64_t k = 0; k < rows; k++)                                                                         \
                for (int64_t i = 0; i < row; i++) {                                                                    \
                    const type v = from[(y + k) * row + i];                                                            \
                    columns[i] += v == v ? (double)v : 0;                                                              \
                    valid[i] += v == v ? 1 : 0;                                                                        \
                }                                                                                                      \
            for (int64_t x = 0; x < m->width; x += m->side)                                                            \
                for (int64_t c = 0; c < m->n_colours; c++) {                                                           \
                    const int64_t n = smaller(m->side, m->width - x);                                                  \
                    double sum = 0, count = 0;                                                                         \
                    for (int64_t i = 0; i < n; i++) {                                                                  \
                        sum += columns[(x + i) * m->n_colours + c];                                                    \
                        count += valid[(x + i) * m->n_colours + c];                                                    \
                    }                                                                                                  \
                    *to++ = (type)(count > 0 ? sum / count : (double)NAN);                                             \
                }                                                                                                      \
        }                                                                                                              \
    }
SHRINK_FLOAT(shrink_float32, float)
SHRINK_FLOAT(shrink_float64, double)

void shrink_image(lmp_type type, const void *from, int64_t width, int64_t height, int64_t n_colours, int level,
                  void *work, void *to)
{
    const image m = {
        .width = width, .height = height, .n_colours = n_colours, .side = (int64_t)1 << level, .work = work};
    switch (type) {
#define CASE(code, name)                                                                                               \
    case code:                                                                                                         \
        shrink_##name(&m, from, to);                                                                                   \
        break;
        CASE(LMP_INT8, int8)
        CASE(LMP_UINT8, uint8)
        CASE(LMP_INT16, int16)
        CASE(LMP_UINT16, uint16)
        CASE(LMP_INT32, int32)
        CASE(LMP_UINT32, uint32)
        CASE(LMP_INT64, int64)
        CASE(LMP_UINT64, uint64)
        CASE(LMP_FLOAT32, float32)
        CASE(LMP_FLOAT64, float64)
#undef CASE
    case LMP_INT24: /* signals only */
        break;
    }
}
