/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft2_general.c: rows, then columns; the inverse transforms only rows within reach.
 *
 * Plans are made with FFTW_ESTIMATE, which never times anything: the same size gives the same plan, hence the same
 * bits, on every run. Plans are executed on other arrays than they were made with, which FFTW allows for arrays of
 * equal alignment: forward always starts from a copy in scratch, so that the caller's image may lie anywhere.
 */
#include "math/fft2_general.h"

#include "math/fft_planner.h"

#include <fftw3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

struct fft2_general {
    int64_t height, width, reach;
    fftwf_plan rows, columns;                       /* forward */
    fftwf_plan columns_back, first_rows, last_rows; /* inverse; last_rows: NULL where the first are all */
};

static size_t round_up(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

size_t fft2_general_bytes(int64_t height, int64_t width)
{
    /* Measured: 1 to 70 bytes for each of thousands of points, up to 150 for each of hundreds. */
    return (size_t)(height + width) * 96 + 65536;
}

size_t fft2_general_scratch_bytes(int64_t height, int64_t width)
{
    return round_up((size_t)(height * width) * sizeof(float));
}

static fftwf_plan plan_columns(const fft2_general *p, float *spectrum, int sign)
{
    const int n = (int)p->height;
    fftwf_complex *x = (fftwf_complex *)spectrum;
    return fftwf_plan_many_dft(1, &n, (int)p->width / 2 + 1, x, NULL, 1, n, x, NULL, 1, n, sign, FFTW_ESTIMATE);
}

static fftwf_plan plan_rows_back(const fft2_general *p, float *spectrum, float *image, int64_t first, int64_t count)
{
    const int n = (int)p->width;
    return fftwf_plan_many_dft_c2r(1, &n, (int)count, (fftwf_complex *)spectrum + first, NULL, (int)p->height, 1,
                                   image + first * p->width, NULL, 1, n, FFTW_ESTIMATE);
}

static bool plan_all(fft2_general *p, float *image, float *spectrum)
{
    const int n = (int)p->width;
    const int64_t reach = p->reach;
    const bool is_all = 2 * reach + 1 >= p->height, has_last = !is_all && reach > 0;
    p->rows = fftwf_plan_many_dft_r2c(1, &n, (int)p->height, image, NULL, 1, n, (fftwf_complex *)spectrum, NULL,
                                      (int)p->height, 1, FFTW_ESTIMATE);
    p->columns = plan_columns(p, spectrum, FFTW_FORWARD);
    p->columns_back = plan_columns(p, spectrum, FFTW_BACKWARD);
    p->first_rows = plan_rows_back(p, spectrum, image, 0, is_all ? p->height : reach + 1);
    if (has_last) p->last_rows = plan_rows_back(p, spectrum, image, p->height - reach, reach);
    return p->rows && p->columns && p->columns_back && p->first_rows && (p->last_rows || !has_last);
}

fft2_general *fft2_general_new(int64_t height, int64_t width, int64_t reach)
{
    const size_t spectrum_bytes = (size_t)(2 * height * (width / 2 + 1)) * sizeof(float);
    /* The planner only looks at the alignment of these: they are never written, so never become resident. */
    float *image = aligned_alloc(ALIGNMENT, fft2_general_scratch_bytes(height, width));
    float *spectrum = aligned_alloc(ALIGNMENT, round_up(spectrum_bytes));
    fft2_general *made = calloc(1, sizeof *made);
    bool is_planned = false;
    if (image && spectrum && made) {
        *made = (fft2_general){.height = height, .width = width, .reach = reach};
        fft_planner_lock();
        is_planned = plan_all(made, image, spectrum);
        fft_planner_unlock();
    }
    free(image);
    free(spectrum);
    if (is_planned) return made;
    fft2_general_free(made);
    return NULL;
}

void fft2_general_free(fft2_general *plan)
{
    if (!plan) return;
    const fftwf_plan all[] = {plan->rows, plan->columns, plan->columns_back, plan->first_rows, plan->last_rows};
    fft_planner_lock();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]) fftwf_destroy_plan(all[i]);
    fft_planner_unlock();
    free(plan);
}

/* Copies the image, zeros around it. */
static void pad(const fft2_general *p, const float *image, int64_t rows, int64_t columns, int64_t stride, float *to)
{
    for (int64_t y = 0; y < rows; y++) {
        memcpy(to + y * p->width, image + y * stride, (size_t)columns * sizeof *to);
        memset(to + y * p->width + columns, 0, (size_t)(p->width - columns) * sizeof *to);
    }
    memset(to + rows * p->width, 0, (size_t)((p->height - rows) * p->width) * sizeof *to);
}

void fft2_general_forward(const fft2_general *plan, const float *image, int64_t rows, int64_t columns, int64_t stride,
                          float *spectrum, void *scratch)
{
    pad(plan, image, rows, columns, stride, scratch);
    fftwf_execute_dft_r2c(plan->rows, scratch, (fftwf_complex *)spectrum);
    fftwf_execute_dft(plan->columns, (fftwf_complex *)spectrum, (fftwf_complex *)spectrum);
}

void fft2_general_inverse(const fft2_general *plan, float *spectrum, float *image)
{
    fftwf_complex *x = (fftwf_complex *)spectrum;
    fftwf_execute_dft(plan->columns_back, x, x);
    fftwf_execute_dft_c2r(plan->first_rows, x, image);
    if (!plan->last_rows) return;
    const int64_t first = plan->height - plan->reach;
    fftwf_execute_dft_c2r(plan->last_rows, x + first, image + first * plan->width);
}
