/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft_image.c: the two directions, for each set of instructions; how they go: fft_image_body.h.
 *
 * Every path does the same operations on the same numbers, and none is fused: the same bits on every machine.
 */
#include "kernels/fft_image.h"

#include <math.h>
#include <string.h>

#define INLINE          __attribute__((always_inline)) static inline
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define UNROLL          _Pragma("GCC unroll 16")

/* The caller's image, in the corner of zeros. */
typedef struct image_part {
    const float *data;
    int64_t rows, columns, stride;
} image_part;

#define TARGET
#define LANES      1
#define NAME(name) name##_plain
#include "kernels/fft_lines_body.h"
#include "kernels/fft_turn_body.h"
#include "kernels/fft_image_body.h"
#undef LANES
#undef NAME

#define LANES      4
#define NAME(name) name##_narrow
#include "kernels/fft_lines_body.h"
#include "kernels/fft_turn_body.h"
#include "kernels/fft_image_body.h"
#undef TARGET
#undef LANES
#undef NAME

#if defined(__x86_64__)
#define TARGET     __attribute__((target("avx2")))
#define LANES      8
#define NAME(name) name##_avx2
#include "kernels/fft_lines_body.h"
#include "kernels/fft_turn_body.h"
#include "kernels/fft_image_body.h"
#undef TARGET
#undef LANES
#undef NAME

#define TARGET     __attribute__((target("avx512f,avx512vl,avx512dq")))
#define LANES      16
#define NAME(name) name##_avx512
#include "kernels/fft_lines_body.h"
#include "kernels/fft_turn_body.h"
#include "kernels/fft_image_body.h"
#undef TARGET
#undef LANES
#undef NAME
#endif

enum { MOST_LANES = 16 };

int fft_image_lanes(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        return 16;
    if (__builtin_cpu_supports("avx2")) return 8;
#endif
    return 4;
}

static int64_t round_up(int64_t count)
{
    return (count + MOST_LANES - 1) / MOST_LANES * MOST_LANES;
}

/* One batch of columns with a line of zeros; all lines of half an image. */
size_t fft_image_scratch_bytes(int64_t height, int64_t width)
{
    const int64_t floats = 2 * MOST_LANES * (height + 1) + 2 * width * round_up(height / 2 + 1);
    return (size_t)floats * sizeof(float);
}

void fft_image_forward(int lanes, const fft_image *plan, const float *image, int64_t rows, int64_t columns,
                       int64_t stride, float *spectrum, float *scratch)
{
    const image_part part = {image, rows, columns, stride};
    switch (lanes) {
#if defined(__x86_64__)
    case 16:
        forward_avx512(plan, &part, spectrum, scratch);
        return;
    case 8:
        forward_avx2(plan, &part, spectrum, scratch);
        return;
#endif
    case 4:
        forward_narrow(plan, &part, spectrum, scratch);
        return;
    default:
        forward_plain(plan, &part, spectrum, scratch);
    }
}

void fft_image_inverse(int lanes, const fft_image *plan, const float *spectrum, float *image, float *scratch)
{
    switch (lanes) {
#if defined(__x86_64__)
    case 16:
        inverse_avx512(plan, spectrum, image, scratch);
        return;
    case 8:
        inverse_avx2(plan, spectrum, image, scratch);
        return;
#endif
    case 4:
        inverse_narrow(plan, spectrum, image, scratch);
        return;
    default:
        inverse_plain(plan, spectrum, image, scratch);
    }
}
