/* SPDX-License-Identifier: BSD-3-Clause
 *
 * panel.c: blocks of the product stay in registers: as many rows and columns as these hold, through the whole depth.
 */
#include "kernels/panel.h"

#include "kernels/temporal_types.h"

#include <string.h>

enum { WIDTH = 4, MOST_VECTORS = 5, MOST_ROWS = 4 };

typedef double lanes __attribute__((vector_size(WIDTH * sizeof(double)), aligned(sizeof(double))));

/* ---- Values ---- */

/* AT_ONCE numbers as doubles; those of 8 and 16 bits by way of 32, as processors do. */
enum { AT_ONCE = 16 };

typedef int16_t short_lanes __attribute__((vector_size(AT_ONCE * sizeof(int16_t))));

#define LOAD_BYTES(type, x, to)                                                                                        \
    do {                                                                                                               \
        typedef type byte_lanes __attribute__((vector_size(AT_ONCE)));                                                 \
        byte_lanes bytes;                                                                                              \
        memcpy(&bytes, x, sizeof bytes);                                                                               \
        const short_lanes wider = __builtin_convertvector(bytes, short_lanes);                                         \
        LOAD_SHORTS(type, wider, to);                                                                                  \
    } while (0)
#define LOAD_SHORTS(type, x, to)                                                                                       \
    do {                                                                                                               \
        int32_t whole[AT_ONCE];                                                                                        \
        for (int k = 0; k < AT_ONCE; k++) whole[k] = (x)[k];                                                           \
        for (int k = 0; k < AT_ONCE; k++) (to)[k] = (double)whole[k];                                                  \
    } while (0)
#define LOAD_WIDE(type, x, to)                                                                                         \
    do {                                                                                                               \
        for (int k = 0; k < AT_ONCE; k++) (to)[k] = (double)(x)[k];                                                    \
    } while (0)

/* 0 in place of others, or of NaN. */
#define LANES_OR_ZERO_IF(x, holds) ((lanes)((mask)(x) & (holds)))
#define LANES_OR_ZERO(x)           LANES_OR_ZERO_IF(x, (x) == (x))

typedef int64_t mask __attribute__((vector_size(WIDTH * sizeof(int64_t))));

#define VALUES(name, type, load)                                                                                       \
    KERNEL_INLINE bool centre_##name##_body(const type *x, const double *mean, int64_t count, double *to)              \
    {                                                                                                                  \
        int64_t i = 0;                                                                                                 \
        for (; i + AT_ONCE <= count; i += AT_ONCE) {                                                                   \
            double values[AT_ONCE];                                                                                    \
            load(type, x + i, values);                                                                                 \
            for (int k = 0; k < AT_ONCE; k += WIDTH) {                                                                 \
                const lanes off = *(const lanes *)(values + k) - *(const lanes *)(mean + i + k);                       \
                *(lanes *)(to + i + k) = LANES_OR_ZERO(off);                                                           \
            }                                                                                                          \
        }                                                                                                              \
        for (; i < count; i++) {                                                                                       \
            const double off = (double)x[i] - mean[i];                                                                 \
            to[i] = off == off ? off : 0;                                                                              \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(centre_##name, (const type *x, const double *mean, int64_t count, double *to), (x, mean, count, to))  \
    KERNEL_INLINE bool add_##name##_body(const type *x, const double *centre, int64_t count, double *valid,            \
                                         double *sums, double *squares)                                                \
    {                                                                                                                  \
        const lanes one = {1, 1, 1, 1};                                                                                \
        int64_t i = 0;                                                                                                 \
        for (; i + AT_ONCE <= count; i += AT_ONCE) {                                                                   \
            double values[AT_ONCE];                                                                                    \
            load(type, x + i, values);                                                                                 \
            for (int k = 0; k < AT_ONCE; k += WIDTH) {                                                                 \
                const lanes d = *(const lanes *)(values + k) - *(const lanes *)(centre + i + k),                       \
                            off = LANES_OR_ZERO(d);                                                                    \
                *(lanes *)(valid + i + k) += LANES_OR_ZERO_IF(one, d == d);                                            \
                *(lanes *)(sums + i + k) += off;                                                                       \
                *(lanes *)(squares + i + k) += off * off;                                                              \
            }                                                                                                          \
        }                                                                                                              \
        for (; i < count; i++) {                                                                                       \
            const double d = (double)x[i] - centre[i], off = d == d ? d : 0;                                           \
            valid[i] += d == d ? 1.0 : 0.0;                                                                            \
            sums[i] += off;                                                                                            \
            squares[i] += off * off;                                                                                   \
        }                                                                                                              \
        return true;                                                                                                   \
    }                                                                                                                  \
    KERNEL_TWICE(add_##name,                                                                                           \
                 (const type *x, const double *centre, int64_t count, double *valid, double *sums, double *squares),   \
                 (x, centre, count, valid, sums, squares))

#define ALL_TYPES(use)                                                                                                 \
    use(LMP_INT8, i8, int8_t, LOAD_BYTES) use(LMP_UINT8, u8, uint8_t, LOAD_BYTES)                                      \
        use(LMP_INT16, i16, int16_t, LOAD_SHORTS) use(LMP_UINT16, u16, uint16_t, LOAD_SHORTS)                          \
            use(LMP_INT32, i32, int32_t, LOAD_WIDE) use(LMP_UINT32, u32, uint32_t, LOAD_WIDE)                          \
                use(LMP_INT64, i64, int64_t, LOAD_WIDE) use(LMP_UINT64, u64, uint64_t, LOAD_WIDE)                      \
                    use(LMP_FLOAT32, f32, float, LOAD_WIDE) use(LMP_FLOAT64, f64, double, LOAD_WIDE)

#define MAKE(code, name, type, load) VALUES(name, type, load)
ALL_TYPES(MAKE)

#define CASE_CENTRE(code, name, type, load)                                                                            \
    case code:                                                                                                         \
        (void)KERNEL_PICK(centre_##name, (x, mean, count, to));                                                        \
        break;
#define CASE_ADD(code, name, type, load)                                                                               \
    case code:                                                                                                         \
        (void)KERNEL_PICK(add_##name, (x, centre, count, to->valid, to->sums, to->squares));                           \
        break;

void panel_centre(lmp_type type, const void *x, const double *mean, int64_t count, double *to)
{
    switch (type) {
        ALL_TYPES(CASE_CENTRE)
    case LMP_INT24:
        break;
    }
}

void panel_add(lmp_type type, const void *x, const double *centre, int64_t count, const panel_sums *to)
{
    switch (type) {
        ALL_TYPES(CASE_ADD)
    case LMP_INT24:
        break;
    }
}

/* ---- Products ---- */

/* Rows i to i + rows - 1, `vectors` times four columns from j on. Called with constants. */
KERNEL_INLINE void multiply_block(const panel_factors *f, double *c, int64_t i, int64_t j, int rows, int vectors)
{
    lanes sums[MOST_ROWS][MOST_VECTORS];
    const int64_t columns = f->columns;
    const double *a = f->a + i * f->row, *b = f->b + j;
    double *to = c + i * columns + j;
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) sums[r][v] = *(const lanes *)(to + r * columns + v * WIDTH);
    for (int64_t k = 0; k < f->depth; k++, a += f->step, b += columns) {
        lanes right[MOST_VECTORS];
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) right[v] = *(const lanes *)(b + v * WIDTH);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            const double left = a[r * f->row];
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) sums[r][v] += left * right[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) *(lanes *)(to + r * columns + v * WIDTH) = sums[r][v];
}

KERNEL_INLINE void multiply_columns(const panel_factors *f, double *c, int64_t j, int vectors)
{
    const int at_once = vectors > 2 ? 2 : MOST_ROWS; /* enough sums not to wait for any, few enough for the registers */
    int64_t i = 0;
    for (; i + at_once <= f->rows; i += at_once) multiply_block(f, c, i, j, at_once, vectors);
    for (; i < f->rows; i++) multiply_block(f, c, i, j, 1, vectors);
}

KERNEL_INLINE void multiply_column(const panel_factors *f, double *c, int64_t j)
{
    for (int64_t i = 0; i < f->rows; i++) {
        double sum = c[i * f->columns + j];
        for (int64_t k = 0; k < f->depth; k++) sum += f->a[i * f->row + k * f->step] * f->b[k * f->columns + j];
        c[i * f->columns + j] = sum;
    }
}

KERNEL_INLINE bool multiply_body(const panel_factors *f, double *c)
{
    int64_t j = 0;
    for (; f->columns - j >= 5 * WIDTH; j += 5 * WIDTH) multiply_columns(f, c, j, 5);
    if (f->columns - j >= 4 * WIDTH) multiply_columns(f, c, j, 4), j += 4 * WIDTH;
    if (f->columns - j >= 3 * WIDTH) multiply_columns(f, c, j, 3), j += 3 * WIDTH;
    if (f->columns - j >= 2 * WIDTH) multiply_columns(f, c, j, 2), j += 2 * WIDTH;
    if (f->columns - j >= WIDTH) multiply_columns(f, c, j, 1), j += WIDTH;
    for (; j < f->columns; j++) multiply_column(f, c, j);
    return true;
}

KERNEL_TWICE(multiply, (const panel_factors *f, double *c), (f, c))

void panel_multiply(const panel_factors *f, double *c)
{
    (void)KERNEL_PICK(multiply, (f, c));
}

/* ---- Plain references ---- */

#define CASE_CENTRE_PLAIN(code, name, type, load)                                                                      \
    case code:                                                                                                         \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            const double off = (double)((const type *)x)[i] - mean[i];                                                 \
            to[i] = off == off ? off : 0;                                                                              \
        }                                                                                                              \
        break;
#define CASE_ADD_PLAIN(code, name, type, load)                                                                         \
    case code:                                                                                                         \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            const double off = (double)((const type *)x)[i] - centre[i];                                               \
            if (off != off) continue;                                                                                  \
            to->valid[i]++;                                                                                            \
            to->sums[i] += off;                                                                                        \
            to->squares[i] += off * off;                                                                               \
        }                                                                                                              \
        break;

void panel_centre_plain(lmp_type type, const void *x, const double *mean, int64_t count, double *to)
{
    switch (type) {
        ALL_TYPES(CASE_CENTRE_PLAIN)
    case LMP_INT24:
        break;
    }
}

void panel_add_plain(lmp_type type, const void *x, const double *centre, int64_t count, const panel_sums *to)
{
    switch (type) {
        ALL_TYPES(CASE_ADD_PLAIN)
    case LMP_INT24:
        break;
    }
}

void panel_multiply_plain(const panel_factors *f, double *c)
{
    for (int64_t i = 0; i < f->rows; i++)
        for (int64_t k = 0; k < f->depth; k++)
            for (int64_t j = 0; j < f->columns; j++)
                c[i * f->columns + j] += f->a[i * f->row + k * f->step] * f->b[k * f->columns + j];
}
