/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_image.c: images as float32 or small integers.
 */
#include "movie/motion_image.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { LANES = 8, STRETCH = 1024 };

/* X(type, C type) for the integer types that images have. */
#define SMALL_TYPES(X)                                                                                                 \
    X(LMP_INT8, int8_t)                                                                                                \
    X(LMP_UINT8, uint8_t)                                                                                              \
    X(LMP_INT16, int16_t)                                                                                              \
    X(LMP_UINT16, uint16_t)

lmp_type motion_image_type(lmp_type type)
{
    return lmp_type_bytes(type) <= 2 ? type : LMP_FLOAT32;
}

void motion_image_load(const motion_image *image, int64_t from, int64_t n, float *to)
{
#define LOAD(TYPE, C)                                                                                                  \
    if (image->type == TYPE) {                                                                                         \
        const C *pixels = (const C *)image->pixels + from;                                                             \
        for (int64_t i = 0; i < n; i++) to[i] = (float)pixels[i];                                                      \
    }
    SMALL_TYPES(LOAD)
#undef LOAD
    if (image->type == LMP_FLOAT32) memcpy(to, (const float *)image->pixels + from, (size_t)n * sizeof *to);
}

void motion_image_store(const float *values, int64_t n, lmp_type type, void *pixels, int64_t to)
{
    /* By way of int32_t, which compilers convert in vectors. */
#define STORE(TYPE, C)                                                                                                 \
    if (type == TYPE) {                                                                                                \
        C *stored = (C *)pixels + to;                                                                                  \
        for (int64_t i = 0; i < n; i++) stored[i] = (C)(int32_t)values[i];                                             \
    }
    SMALL_TYPES(STORE)
#undef STORE
    if (type == LMP_FLOAT32) memcpy((float *)pixels + to, values, (size_t)n * sizeof *values);
}

/* Values of small integer types: below 2^22, where adding 1.5 * 2^23 leaves no bit for fractions. */
static void round_small(float *values, int64_t n)
{
    const float magic = 12582912.0F;
    for (int64_t i = 0; i < n; i++) values[i] = (values[i] + magic) - magic;
}

void motion_image_round(motion_rounding rounding, lmp_type type, float *values, int64_t n)
{
    const bool is_small = type != LMP_FLOAT32;
    if (rounding == MOTION_ROUND_NEAREST && is_small)
        round_small(values, n);
    else if (rounding == MOTION_ROUND_NEAREST)
        for (int64_t i = 0; i < n; i++) values[i] = rintf(values[i]);
    else if (rounding == MOTION_TRUNCATE && is_small)
        for (int64_t i = 0; i < n; i++) values[i] = (float)(int32_t)values[i];
    else if (rounding == MOTION_TRUNCATE)
        for (int64_t i = 0; i < n; i++) values[i] = truncf(values[i]);
}

/* Sums of the pixels less `level`, and of their squares. */
static void sum_up(const motion_image *image, int64_t n, double level, double *sum, double *squares)
{
    float values[STRETCH];
    double sums[LANES] = {0}, more[LANES] = {0};
    for (int64_t from = 0; from < n; from += STRETCH) {
        const int64_t count = n - from < STRETCH ? n - from : STRETCH;
        const int64_t padded = (count + LANES - 1) / LANES * LANES;
        motion_image_load(image, from, count, values);
        for (int64_t i = count; i < padded; i++) values[i] = (float)level;
        for (int64_t i = 0; i < padded; i += LANES)
            for (int64_t lane = 0; lane < LANES; lane++) {
                const double x = (double)values[i + lane] - level;
                sums[lane] += x;
                more[lane] += x * x;
            }
    }
    *sum = *squares = 0;
    for (int64_t lane = 0; lane < LANES; lane++) {
        *sum += sums[lane];
        *squares += more[lane];
    }
}

static double first_of(const motion_image *image)
{
    float first;
    motion_image_load(image, 0, 1, &first);
    return (double)first;
}

double motion_image_level(const motion_image *image, int64_t n)
{
    enum { PIECE = 64, EVERY = 8 * PIECE };
    const double first = first_of(image);
    double sum = 0;
    int64_t n_seen = 0;
    for (int64_t from = 0; from < n; from += EVERY) {
        float values[PIECE];
        const int64_t count = n - from < PIECE ? n - from : PIECE;
        motion_image_load(image, from, count, values);
        for (int64_t i = 0; i < count; i++) sum += (double)values[i] - first;
        n_seen += count;
    }
    return first + sum / (double)n_seen;
}

/* About the first pixel: a level near all of them, which floats hold. */
double motion_image_power(const motion_image *image, int64_t n)
{
    double sum, squares;
    sum_up(image, n, first_of(image), &sum, &squares);
    const double mean = sum / (double)n, power = squares / (double)n - mean * mean;
    return squares > 0 && !(power > 0) ? DBL_MIN : power;
}

int64_t motion_image_fill_missing(float *pixels, int64_t n)
{
    double sum = 0;
    int64_t n_missing = 0;
    for (int64_t i = 0; i < n; i++) {
        const bool is_finite = isfinite(pixels[i]);
        sum += is_finite ? (double)pixels[i] : 0;
        n_missing += !is_finite;
    }
    const float mean = n_missing < n ? (float)(sum / (double)(n - n_missing)) : 0;
    for (int64_t i = 0; n_missing > 0 && i < n; i++)
        if (!isfinite(pixels[i])) pixels[i] = mean;
    return n_missing;
}
