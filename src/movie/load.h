/* SPDX-License-Identifier: BSD-3-Clause
 *
 * load.h: frames of any number type as float32, for steps that take any type and compute with some settings only.
 */
#ifndef LIMPID_MOVIE_LOAD_H
#define LIMPID_MOVIE_LOAD_H

#include <limpid/step.h>

/* X(type, C type) for the integer types of movies, and for all. */
#define INTEGER_TYPES(X)                                                                                               \
    X(LMP_INT8, int8_t)                                                                                                \
    X(LMP_UINT8, uint8_t)                                                                                              \
    X(LMP_INT16, int16_t)                                                                                              \
    X(LMP_UINT16, uint16_t)                                                                                            \
    X(LMP_INT32, int32_t)                                                                                              \
    X(LMP_UINT32, uint32_t)                                                                                            \
    X(LMP_INT64, int64_t)                                                                                              \
    X(LMP_UINT64, uint64_t)

#define MOVIE_TYPES(X) INTEGER_TYPES(X) X(LMP_FLOAT32, float) X(LMP_FLOAT64, double)

/* Scratch for one frame as float32; 0 if the movie is float32. */
size_t load_bytes(const lmp_format *format);

/* Frame i: where it lies if it is float32, else converted into `scratch`. */
const float *load_frame(const lmp_frames *frames, int64_t i, void *scratch);

/* n values of `type` as doubles (rounded where 64-bit integers have more digits). */
void load_doubles(lmp_type type, const void *from, int64_t n, double *to);

#endif
