/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Real Fourier transforms over FFTW 3.
 *
 * Plans are made with FFTW_ESTIMATE, which never times anything: the same length gives the same plan, hence the same
 * bits, on every run. Plans are executed on other arrays than they were made with, which FFTW allows for arrays of
 * equal alignment: 64 bytes throughout.
 */
#include "math/fft.h"

#include "math/fft_planner.h"

#include <fftw3.h>
#include <stdlib.h>

enum { ALIGNMENT = 64 };
#define LONGEST ((int64_t)1 << 26)

struct fft_plan {
    int64_t n;
    fftw_plan forward, inverse;
};

int64_t fft_spectrum_doubles(int64_t n)
{
    return 2 * (n / 2 + 1);
}

size_t fft_plan_bytes(int64_t n)
{
    /* Measured: 9 to 20 bytes a point for products of small primes, up to 62 where a large prime is among them. */
    return (size_t)n * 64 + 16384;
}

static double *take_doubles(int64_t count)
{
    size_t bytes = (size_t)count * sizeof(double);
    return aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

lmp_status fft_plan_new(int64_t n, fft_plan **plan, lmp_error *err)
{
    if (n < 1 || n > LONGEST)
        return lmp_fail(err, LMP_ERR_USAGE, "A Fourier transform of %lld points was asked for; 1 to %lld can be done.",
                        (long long)n, (long long)LONGEST);
    /* The planner only looks at the alignment of these: they are never written, so never become resident. */
    double *time = take_doubles(n);
    double *spectrum = take_doubles(fft_spectrum_doubles(n));
    fft_plan *made = calloc(1, sizeof *made);
    if (time && spectrum && made) {
        fft_planner_lock();
        made->n = n;
        made->forward = fftw_plan_dft_r2c_1d((int)n, time, (fftw_complex *)spectrum, FFTW_ESTIMATE);
        made->inverse = fftw_plan_dft_c2r_1d((int)n, (fftw_complex *)spectrum, time, FFTW_ESTIMATE);
        fft_planner_unlock();
    }
    free(time);
    free(spectrum);
    if (!made || !made->forward || !made->inverse) {
        fft_plan_free(made);
        return lmp_fail(err, LMP_ERR_MEMORY, "There is no memory to plan a Fourier transform of %lld points.",
                        (long long)n);
    }
    *plan = made;
    return LMP_OK;
}

void fft_plan_free(fft_plan *plan)
{
    if (!plan) return;
    fft_planner_lock();
    if (plan->forward) fftw_destroy_plan(plan->forward);
    if (plan->inverse) fftw_destroy_plan(plan->inverse);
    fft_planner_unlock();
    free(plan);
}

int64_t fft_plan_length(const fft_plan *plan)
{
    return plan->n;
}

void fft_forward(const fft_plan *plan, const double *time, double *spectrum)
{
    /* FFTW's signature lacks the const; r2c out of place preserves its input by default. */
    fftw_execute_dft_r2c(plan->forward, (double *)(uintptr_t)time, (fftw_complex *)spectrum);
}

void fft_inverse(const fft_plan *plan, double *spectrum, double *time)
{
    fftw_execute_dft_c2r(plan->inverse, (fftw_complex *)spectrum, time);
}

int64_t fft_good_length(int64_t n)
{
    int64_t best = 2;
    while (best < n) best *= 2;
    for (int64_t five = 1; five < best; five *= 5)
        for (int64_t three = five; three < best; three *= 3) {
            int64_t length = 2 * three;
            while (length < n) length *= 2;
            if (length < best) best = length;
        }
    return best;
}
