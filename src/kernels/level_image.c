/* SPDX-License-Identifier: BSD-3-Clause
 *
 * level_image.c: sums go into eight lanes whatever the CPU, and from there into a double at fixed places.
 */
#include "kernels/level_image.h"

#include "kernels/wide.h"

enum { LANES = 8, RUN = 512 };

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t eight_counts __attribute__((vector_size(32)));

#define LOAD(address)         (*(const eight *)(const void *)(address))
#define STORE(address, value) (*(eight *)(void *)(address) = (value))

/* At most RUN pixels. */
KERNEL_INLINE double level_run(float *image, const float *inverse, const float *weights, int64_t n, float top,
                               int32_t *n_top)
{
    eight sums = {0};
    const eight tops = {top, top, top, top, top, top, top, top};
    eight_counts counts = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const eight x = LOAD(image + i), level = x * LOAD(inverse + i);
        counts -= (eight_counts)(x >= tops); /* true is -1 */
        sums += LOAD(weights + i) * level;
        STORE(image + i, level);
    }
    double sum = 0;
    for (int j = 0; j < LANES; j++) {
        sum += (double)sums[j];
        *n_top += counts[j];
    }
    for (; i < n; i++) {
        *n_top += image[i] >= top;
        image[i] *= inverse[i];
        sum += (double)(weights[i] * image[i]);
    }
    return sum;
}

KERNEL_INLINE level_sums level_body(float *image, const float *inverse, const float *weights, int64_t n, float top)
{
    level_sums sums = {0};
    for (int64_t first = 0; first < n; first += RUN) {
        int32_t n_top = 0;
        const int64_t count = n - first < RUN ? n - first : RUN;
        sums.weighted += level_run(image + first, inverse + first, weights + first, count, top, &n_top);
        sums.n_top += n_top;
    }
    return sums;
}

KERNEL_WIDE static level_sums level_wide(float *image, const float *inverse, const float *weights, int64_t n, float top)
{
    return level_body(image, inverse, weights, n, top);
}

level_sums level_image(float *image, const float *inverse, const float *weights, int64_t n, float top)
{
    return kernel_has_wide() ? level_wide(image, inverse, weights, n, top)
                             : level_body(image, inverse, weights, n, top);
}

KERNEL_INLINE void fade_body(float *restrict image, const float *restrict weights, int64_t n, float mean)
{
    for (int64_t i = 0; i < n; i++) image[i] = (image[i] - mean) * weights[i];
}

KERNEL_WIDE static void fade_wide(float *image, const float *weights, int64_t n, float mean)
{
    fade_body(image, weights, n, mean);
}

void fade_image(float *image, const float *weights, int64_t n, float mean)
{
    if (kernel_has_wide())
        fade_wide(image, weights, n, mean);
    else
        fade_body(image, weights, n, mean);
}
