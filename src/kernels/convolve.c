/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Convolution by splitting polynomials (Bernstein, Multidigit multiplication for mathematicians, 2001; it is the
 * Fourier transform without its usual overheads).
 *
 * The n real samples x[t] are taken as n/2 complex numbers z[t] = x[t] + i x[t + n/2], which multiplies them modulo
 * Z^(n/2) - i instead of Z^n + 1: no packing, no unpacking. Modulo Z^m - e^(i p) splits into four of a quarter of the
 * length, modulo Z^(m/4) - e^(i (p + 2 pi j) / 4), by butterflies whose factors are the same for the whole stretch: no
 * tables to stream, and every four neighbours can be done at once. In the end there are n/2 numbers, the values of the
 * polynomial at n/2 frequencies in an order that nobody needs to know: they are multiplied with the kernel's (real,
 * because it is symmetric), and merged again the same way back.
 *
 * A quarter is split, multiplied and merged before the next: only the first steps touch memory beyond the nearest
 * cache. The last two splits and the first two merges, of 16 numbers at a time, stay in registers.
 *
 * Every path does the same operations on the same numbers, and none is fused: the same bits on every machine.
 */
#include "kernels/convolve.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Numbers in registers at a time; doubles of constants: of a split, and of the 16 numbers. */
enum { TILE = 16, SPLIT_CONSTANTS = 6, TILE_CONSTANTS = SPLIT_CONSTANTS + 2 + 8 };

typedef double four __attribute__((vector_size(32), aligned(8), may_alias));

/* Four complex numbers. */
typedef struct numbers {
    four re, im;
} numbers;

#define LOAD(address)         (*(const four *)(const void *)(address))
#define STORE(address, value) (*(four *)(void *)(address) = (value))

/* ---- Constants --------------------------------------------------------------------------------------------- */

/* The first split is by two if the number of levels asks for it; then by four down to TILE. */
static int64_t first_block(int64_t n)
{
    int64_t m = TILE;
    while (m < n / 2) m *= 4;
    return m == n / 2 ? m : m / 4; /* m / 4 is half of n / 2 */
}

int64_t convolve_count_constants(int64_t n)
{
    int64_t count = 2;
    for (int64_t m = n / 2, nodes = first_block(n) == m ? 1 : 2; nodes * TILE <= n / 2; nodes *= 4)
        count += nodes * (nodes * TILE == n / 2 ? TILE_CONSTANTS : SPLIT_CONSTANTS);
    return count;
}

/* e^(i p/4) and its square and cube. */
static void fill_split(double phase, double *constants)
{
    for (int k = 0; k < 3; k++) {
        constants[2 * k] = cos((k + 1) * phase / 4);
        constants[2 * k + 1] = sin((k + 1) * phase / 4);
    }
}

/* Of the split of 16 numbers, then those of its four parts side by side. */
static void fill_tile(double phase, double *constants)
{
    fill_split(phase, constants);
    for (int j = 0; j < 4; j++) {
        constants[SPLIT_CONSTANTS + 2 + j] = cos((phase + 2 * M_PI * j) / 16);
        constants[SPLIT_CONSTANTS + 2 + 4 + j] = sin((phase + 2 * M_PI * j) / 16);
    }
}

/* Phase of node b among `nodes` of a level: the path to it from the root are its digits to the base 4. */
static double find_phase(int64_t b, int64_t nodes, int64_t roots)
{
    double phase = M_PI / 2;
    if (roots == 2) phase = phase / 2 + (b >= nodes / 2 ? M_PI : 0);
    b %= nodes / roots;
    for (int64_t unit = nodes / roots / 4; unit >= 1; unit /= 4)
        phase = (phase + 2 * M_PI * (double)(b / unit % 4)) / 4;
    return phase;
}

void convolve_fill_constants(int64_t n, double *constants)
{
    int64_t roots = first_block(n) == n / 2 ? 1 : 2;
    constants[0] = cos(M_PI / 4);
    constants[1] = sin(M_PI / 4);
    constants += 2;
    for (int64_t nodes = roots; nodes * TILE <= n / 2; nodes *= 4)
        for (int64_t b = 0; b < nodes; b++) {
            double phase = find_phase(b, nodes, roots);
            bool last = nodes * TILE == n / 2;
            if (last)
                fill_tile(phase, constants);
            else
                fill_split(phase, constants);
            constants += last ? TILE_CONSTANTS : SPLIT_CONSTANTS;
        }
}

/* ---- The work ---------------------------------------------------------------------------------------------- */

#define INLINE                 __attribute__((always_inline)) static inline
#define PICK(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#define UNROLL                 _Pragma("GCC unroll 4")
#define SPREAD(value)          ((four){value, value, value, value})

#define TARGET
#define NAME(name) name##_narrow
#include "kernels/convolve_body.h"
#undef TARGET
#undef NAME

#if defined(__x86_64__)
#define TARGET     __attribute__((target("avx")))
#define NAME(name) name##_avx
#include "kernels/convolve_body.h"
#undef TARGET
#undef NAME
#endif

void convolve_apply_narrow(int64_t n, const double *constants, const double *spectrum, const double *in, double *low,
                           double *high)
{
    convolve_narrow(n, constants, spectrum, in, low, high, NULL);
}

void convolve_apply(int64_t n, const double *constants, const double *spectrum, const double *in, double *low,
                    double *high)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx")) {
        convolve_avx(n, constants, spectrum, in, low, high, NULL);
        return;
    }
#endif
    convolve_apply_narrow(n, constants, spectrum, in, low, high);
}

void convolve_transform_taps(int64_t n, const double *constants, const double *taps, int64_t half, double *work,
                             double *spectrum)
{
    memset(work, 0, (size_t)n * sizeof *work);
    work[0] = taps[half];
    for (int64_t k = 1; k <= half; k++) {
        work[k] = taps[half + k];
        work[n - k] = -taps[half + k];
    }
    convolve_narrow(n, constants, spectrum, work, work, work + n / 2, spectrum);
    for (int64_t k = 0; k < n / 2; k++) spectrum[k] /= (double)(n / 2);
}

void convolve_apply_plain(int64_t n, const double *taps, int64_t half, const double *in, double *out)
{
    for (int64_t t = 0; t < n; t++) {
        out[t] = 0.0;
        for (int64_t k = -half; k <= half; k++) {
            int64_t at = t - k;
            double x = at < 0 ? -in[at + n] : at >= n ? -in[at - n] : in[at];
            out[t] += taps[half + k] * x;
        }
    }
}
