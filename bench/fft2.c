/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft2.c: Fourier transforms of images, one thread: milliseconds of processor time, the best of many, of what the
 * library does beside FFTW's plan for the same work; and root mean square errors relative to FFTW in double precision.
 */
#include "math/fft2.h"
#include "math/fft2_general.h"

#include <fftw3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct bench {
    int64_t height, width, reach;
    fft2_plan *ours;
    fft2_general *general;
    float *image, *spectrum, *kept;
    void *scratch;
} bench;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void forward(const bench *b, bool is_ours)
{
    if (is_ours)
        fft2_forward(b->ours, b->image, b->height, b->width, b->width, b->spectrum, b->scratch);
    else
        fft2_general_forward(b->general, b->image, b->height, b->width, b->width, b->spectrum, b->scratch);
}

static void inverse(const bench *b, bool is_ours)
{
    if (is_ours)
        fft2_inverse(b->ours, b->spectrum, b->image, b->scratch);
    else
        fft2_general_inverse(b->general, b->spectrum, b->image);
}

static void fill_noise(float *image, int64_t n)
{
    uint64_t s = 7;
    for (int64_t i = 0; i < n; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        image[i] = (float)(s >> 40) / 16777216.0F - 0.5F;
    }
}

/* Best of `repeats`; inverses start from the same spectrum every time. */
static double best_ms(const bench *b, bool is_forward, bool is_ours, int repeats)
{
    const size_t bytes = (size_t)fft2_spectrum_floats(b->height, b->width) * sizeof(float);
    double best = INFINITY;
    fill_noise(b->image, b->height * b->width);
    if (!is_forward) forward(b, is_ours), memcpy(b->kept, b->spectrum, bytes);
    for (int i = 0; i < repeats; i++) {
        if (!is_forward) memcpy(b->spectrum, b->kept, bytes);
        const double began = now_ms();
        is_forward ? forward(b, is_ours) : inverse(b, is_ours);
        const double took = now_ms() - began;
        if (took < best) best = took;
    }
    return best;
}

/* Of the forward transform; the double one stores rows of width / 2 + 1. */
static double error_of(const bench *b, bool is_ours)
{
    const int64_t n = b->height * b->width, bins = b->width / 2 + 1;
    double *image = fftw_malloc((size_t)n * sizeof *image);
    fftw_complex *exact = fftw_malloc((size_t)(b->height * bins) * sizeof *exact);
    fftw_plan plan = fftw_plan_dft_r2c_2d((int)b->height, (int)b->width, image, exact, FFTW_ESTIMATE);
    fill_noise(b->image, n);
    for (int64_t i = 0; i < n; i++) image[i] = b->image[i];
    forward(b, is_ours);
    fftw_execute(plan);
    double errors = 0, squares = 0;
    for (int64_t y = 0; y < b->height; y++)
        for (int64_t x = 0; x < bins; x++)
            for (int c = 0; c < 2; c++) {
                const double is = exact[y * bins + x][c], got = (double)b->spectrum[2 * (x * b->height + y) + c];
                errors += (got - is) * (got - is);
                squares += is * is;
            }
    fftw_destroy_plan(plan);
    fftw_free(image);
    fftw_free(exact);
    return sqrt(errors / squares);
}

static void measure(int64_t height, int64_t width, int64_t reach, int repeats)
{
    bench b = {.height = height, .width = width, .reach = reach};
    const size_t image = (size_t)(height * width) * sizeof(float);
    const size_t spectrum = (size_t)fft2_spectrum_floats(height, width) * sizeof(float);
    const size_t scratch = fft2_scratch_bytes(height, width), general = fft2_general_scratch_bytes(height, width);
    lmp_error err = {0};
    b.image = aligned_alloc(64, (image + 63) / 64 * 64);
    b.spectrum = aligned_alloc(64, (spectrum + 63) / 64 * 64);
    b.kept = aligned_alloc(64, (spectrum + 63) / 64 * 64);
    b.scratch = aligned_alloc(64, scratch > general ? scratch : general);
    b.general = fft2_general_new(height, width, reach < height ? reach : height - 1);
    if (!b.image || !b.spectrum || !b.kept || !b.scratch || !b.general ||
        fft2_plan_new(height, width, reach, &b.ours, &err) != LMP_OK) {
        fprintf(stderr, "no memory %s\n", err.text);
        exit(1);
    }
    double ms[4] = {INFINITY, INFINITY, INFINITY, INFINITY};
    for (int round = 0; round < 4; round++) /* both meet the same neighbours on the machine */
        for (int i = 0; i < 4; i++) {
            const double took = best_ms(&b, i < 2, i % 2 == 0, repeats / 4 + 1);
            if (took < ms[i]) ms[i] = took;
        }
    printf("%5lld x %-5lld %5lld %10.3f %8.3f %10.3f %8.3f %10.1e %8.1e\n", (long long)height, (long long)width,
           (long long)reach, ms[0], ms[1], ms[2], ms[3], error_of(&b, true), error_of(&b, false));
    fft2_plan_free(b.ours);
    fft2_general_free(b.general);
    free(b.image);
    free(b.spectrum);
    free(b.kept);
    free(b.scratch);
}

int main(int argc, char **argv)
{
    static const int64_t sizes[][3] = {{240, 384, 26}, {240, 384, 240},  {480, 752, 52},  {480, 752, 480},
                                       {480, 768, 52}, {512, 512, 32},   {512, 512, 512}, {256, 256, 16},
                                       {300, 400, 20}, {1080, 1920, 60}, {64, 64, 64}};
    printf("                   forward (ms)         inverse (ms)        error, forward\n"
           "       size   reach       ours     FFTW       ours     FFTW       ours     FFTW\n");
    if (argc == 5) {
        measure(strtol(argv[1], NULL, 10), strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10),
                (int)strtol(argv[4], NULL, 10));
        return 0;
    }
    if (argc != 1) return fprintf(stderr, "usage: %s [HEIGHT WIDTH REACH REPEATS]\n", argv[0]), 2;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        measure(sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][0] > 1000 ? 40 : 400);
    return 0;
}
