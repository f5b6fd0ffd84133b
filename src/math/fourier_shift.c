/* SPDX-License-Identifier: BSD-3-Clause */
#include "math/fourier_shift.h"

#include "math/fft.h"
#include "math/fft2.h"
#include "math/image_smooth.h"

#include <math.h>
#include <stdlib.h>

enum { LEAST_GAP = 32 };

struct fourier_shift {
    int64_t height, width;             /* of the image */
    int64_t whole_height, whole_width; /* of a period */
    fft2_plan *plan;
};

/* Pieces of the scratch of a worker. */
typedef struct pieces {
    float *image, *spectrum, *ramp; /* ramp: cosine and sine for each row of the spectrum */
    void *scratch;
    size_t bytes;
} pieces;

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static int64_t period_of(int64_t n)
{
    return fft_good_length(n + LEAST_GAP);
}

static pieces pieces_of(int64_t whole_height, int64_t whole_width, void *memory)
{
    const size_t image = aligned((size_t)(whole_height * whole_width) * sizeof(float));
    const size_t spectrum = aligned((size_t)fft2_spectrum_floats(whole_height, whole_width) * sizeof(float));
    const size_t ramp = aligned(2 * (size_t)whole_height * sizeof(float));
    pieces p = {.bytes = image + spectrum + ramp + fft2_scratch_bytes(whole_height, whole_width)};
    if (memory == NULL) return p;
    p.image = memory;
    p.spectrum = (void *)((char *)memory + image);
    p.ramp = (void *)((char *)memory + image + spectrum);
    p.scratch = (char *)memory + image + spectrum + ramp;
    return p;
}

lmp_status fourier_shift_new(int64_t height, int64_t width, fourier_shift **made, lmp_error *err)
{
    fourier_shift *f = calloc(1, sizeof *f);
    if (f == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a Fourier transform");
    *f = (fourier_shift){height, width, period_of(height), period_of(width), NULL};
    const lmp_status status = fft2_plan_new(f->whole_height, f->whole_width, f->whole_height, &f->plan, err);
    if (status == LMP_OK)
        *made = f;
    else
        free(f);
    return status;
}

void fourier_shift_free(fourier_shift *f)
{
    if (f != NULL) fft2_plan_free(f->plan);
    free(f);
}

size_t fourier_shift_bytes(int64_t height, int64_t width)
{
    return sizeof(fourier_shift) + fft2_plan_bytes(period_of(height), period_of(width));
}

size_t fourier_shift_scratch_bytes(int64_t height, int64_t width)
{
    return pieces_of(period_of(height), period_of(width), NULL).bytes;
}

float *fourier_shift_image(const fourier_shift *f, void *scratch)
{
    return pieces_of(f->whole_height, f->whole_width, scratch).image;
}

int64_t fourier_shift_stride(const fourier_shift *f)
{
    return f->whole_width;
}

/* ---- The gap between the end and the beginning ---- */

/* Place k of a gap: the two places of an axis of n that are mixed, and how much of the second. */
typedef struct fade {
    int64_t end, begin;
    float weight;
} fade;

static fade fade_at(int64_t k, int64_t n, int64_t period)
{
    const int64_t gap = period - n;
    return (fade){image_mirror(n + k, n), image_mirror(k - gap, n),
                  (float)(0.5 - 0.5 * cos(M_PI * (double)(k + 1) / (double)(gap + 1)))};
}

static void fill_gaps(const fourier_shift *f, float *image)
{
    const int64_t h = f->height, w = f->width, stride = f->whole_width;
    for (int64_t k = 0; w + k < stride; k++) {
        const fade at = fade_at(k, w, stride);
        for (float *row = image; row < image + h * stride; row += stride)
            row[w + k] = row[at.end] + at.weight * (row[at.begin] - row[at.end]);
    }
    for (int64_t k = 0; h + k < f->whole_height; k++) {
        const fade at = fade_at(k, h, f->whole_height);
        const float *end = image + at.end * stride, *begin = image + at.begin * stride;
        float *to = image + (h + k) * stride;
        for (int64_t x = 0; x < stride; x++) to[x] = end[x] + at.weight * (begin[x] - end[x]);
    }
}

/* ---- The ramp of phases ---- */

typedef struct turn {
    float cosine, sine;
} turn;

/* What moves frequency k of n by `part`. The highest frequency of an even n has no sign: it keeps its real part. */
static turn turn_of(int64_t k, int64_t n, double part)
{
    const int64_t signed_k = 2 * k > n ? k - n : k;
    const double angle = 2 * M_PI * (double)signed_k * part / (double)n;
    return (turn){(float)cos(angle), 2 * k == n ? 0.0F : (float)sin(angle)};
}

/* Times 1 / (height * width), which the transforms leave. */
static void fill_ramp(const fourier_shift *f, double part_y, float *ramp)
{
    const float scale = (float)(1.0 / (double)(f->whole_height * f->whole_width));
    for (int64_t k = 0; k < f->whole_height; k++) {
        const turn t = turn_of(k, f->whole_height, part_y);
        ramp[2 * k] = scale * t.cosine;
        ramp[2 * k + 1] = scale * t.sine;
    }
}

static void turn_column(const float *ramp, turn by, int64_t n, float *column)
{
    for (int64_t k = 0; k < n; k++) {
        const float cosine = ramp[2 * k] * by.cosine - ramp[2 * k + 1] * by.sine;
        const float sine = ramp[2 * k] * by.sine + ramp[2 * k + 1] * by.cosine;
        const float re = column[2 * k], im = column[2 * k + 1];
        column[2 * k] = re * cosine - im * sine;
        column[2 * k + 1] = re * sine + im * cosine;
    }
}

void fourier_shift_apply(const fourier_shift *f, double part_y, double part_x, void *scratch)
{
    const pieces p = pieces_of(f->whole_height, f->whole_width, scratch);
    fill_gaps(f, p.image);
    fft2_forward(f->plan, p.image, f->whole_height, f->whole_width, f->whole_width, p.spectrum, p.scratch);
    fill_ramp(f, part_y, p.ramp);
    for (int64_t k = 0; k <= f->whole_width / 2; k++)
        turn_column(p.ramp, turn_of(k, f->whole_width, part_x), f->whole_height, p.spectrum + 2 * k * f->whole_height);
    fft2_inverse(f->plan, p.spectrum, p.image, p.scratch);
}
