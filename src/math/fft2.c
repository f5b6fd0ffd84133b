/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft2.c: real images in single precision. Sizes without large primes are done by kernels/fft_image.h, all others by
 * FFTW: the choice depends on the size alone.
 * bench/fft2.c compares the two.
 */
#include "math/fft2.h"

#include "kernels/fft_image.h"
#include "math/fft2_general.h"

#include <stdlib.h>

/* Below FEWEST lines most of the kernels' lanes idle. */
enum { ALIGNMENT = 64, LONGEST = FFT_LINES_LONGEST, FEWEST = 12 };

struct fft2_plan {
    fft2_general *general; /* NULL: the kernels */
    int lanes;
    fft_image image;
};

static size_t round_up(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool has_kernels(int64_t height, int64_t width)
{
    return height >= FEWEST && width >= FEWEST && fft_lines_can(height) && fft_lines_can(width);
}

int64_t fft2_spectrum_floats(int64_t height, int64_t width)
{
    return 2 * height * (width / 2 + 1);
}

size_t fft2_plan_bytes(int64_t height, int64_t width)
{
    const size_t bytes = round_up(sizeof(fft2_plan));
    if (!has_kernels(height, width)) return bytes + fft2_general_bytes(height, width);
    return bytes + fft_lines_bytes(height) + fft_lines_bytes(width);
}

size_t fft2_scratch_bytes(int64_t height, int64_t width)
{
    return has_kernels(height, width) ? fft_image_scratch_bytes(height, width)
                                      : fft2_general_scratch_bytes(height, width);
}

/* The plan with its constants behind it, in one piece. */
static fft2_plan *plan_kernels(int64_t height, int64_t width, int64_t reach)
{
    char *memory = aligned_alloc(ALIGNMENT, fft2_plan_bytes(height, width));
    if (!memory) return NULL;
    fft2_plan *made = (fft2_plan *)(void *)memory;
    *made = (fft2_plan){.lanes = fft_image_lanes(), .image = {.height = height, .width = width, .reach = reach}};
    char *constants = memory + round_up(sizeof *made);
    fft_lines_fill(height, constants, &made->image.columns);
    fft_lines_fill(width, constants + fft_lines_bytes(height), &made->image.rows);
    return made;
}

static fft2_plan *plan_general(int64_t height, int64_t width, int64_t reach)
{
    fft2_plan *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    made->general = fft2_general_new(height, width, reach);
    if (made->general) return made;
    free(made);
    return NULL;
}

lmp_status fft2_plan_new(int64_t height, int64_t width, int64_t reach, fft2_plan **plan, lmp_error *err)
{
    if (height < 1 || width < 1 || height > LONGEST || width > LONGEST || reach < 0)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "A Fourier transform of %lld x %lld points with reach %lld was asked for; sides of 1 to %d and "
                        "a reach of 0 or more can be done.",
                        (long long)height, (long long)width, (long long)reach, LONGEST);
    if (reach >= height) reach = height - 1;
    fft2_plan *made =
        has_kernels(height, width) ? plan_kernels(height, width, reach) : plan_general(height, width, reach);
    if (!made)
        return lmp_fail(err, LMP_ERR_MEMORY, "There is no memory to plan a Fourier transform of %lld x %lld points.",
                        (long long)height, (long long)width);
    *plan = made;
    return LMP_OK;
}

void fft2_plan_free(fft2_plan *plan)
{
    if (!plan) return;
    fft2_general_free(plan->general);
    free(plan);
}

void fft2_forward(const fft2_plan *plan, const float *image, int64_t rows, int64_t columns, int64_t stride,
                  float *spectrum, void *scratch)
{
    if (plan->general)
        fft2_general_forward(plan->general, image, rows, columns, stride, spectrum, scratch);
    else
        fft_image_forward(plan->lanes, &plan->image, image, rows, columns, stride, spectrum, scratch);
}

void fft2_inverse(const fft2_plan *plan, float *spectrum, float *image, void *scratch)
{
    if (plan->general)
        fft2_general_inverse(plan->general, spectrum, image);
    else
        fft_image_inverse(plan->lanes, &plan->image, spectrum, image, scratch);
}
