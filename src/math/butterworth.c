/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Butterworth design: poles of the analogue prototype on the unit circle, frequency transformation with pre-warped
 * cut-offs, bilinear transform, and pairing into second-order sections (Oppenheim & Schafer, Discrete-Time Signal
 * Processing, 7.2 and appendix B; Parks & Burrus, Digital Filter Design, 7.3).
 *
 * Pairing follows the common rule: the pole nearest to the unit circle takes the zeros nearest to it, and goes last.
 * The gain is in the first section. Other programs that follow it get the same sections.
 */
#include "math/butterworth.h"

#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { ROOTS_MAX = 2 * BUTTERWORTH_ORDER_MAX + 1 };

typedef struct root_list {
    int64_t count;
    double complex roots[ROOTS_MAX];
} root_list;

typedef struct zeros_poles {
    root_list zeros, poles;
    double gain;
} zeros_poles;

static void add_root(root_list *list, double complex root)
{
    list->roots[list->count++] = root;
}

static double complex take_root(root_list *list, int64_t i)
{
    double complex root = list->roots[i];
    for (list->count--; i < list->count; i++) list->roots[i] = list->roots[i + 1];
    return root;
}

/* real(product of (x - root)) */
static double evaluate_roots(const root_list *list, double x)
{
    double complex product = 1.0;
    for (int64_t i = 0; i < list->count; i++) product *= x - list->roots[i];
    return creal(product);
}

static double complex imaginary(double part)
{
    return (double complex)I * part;
}

/* ---- Analogue filters: prototype with cut-off 1 rad/s, transformed ------------------------------------------ */

static double complex prototype_pole(int64_t order, int64_t i)
{
    int64_t m = 2 * i - order + 1;
    return m == 0 ? -1.0 : -cexp(imaginary(M_PI * (double)m / (double)(2 * order)));
}

static void make_lowpass(int64_t order, double cutoff, zeros_poles *filter)
{
    for (int64_t i = 0; i < order; i++) add_root(&filter->poles, prototype_pole(order, i) * cutoff);
    filter->gain = pow(cutoff, (double)order);
}

static void make_highpass(int64_t order, double cutoff, zeros_poles *filter)
{
    for (int64_t i = 0; i < order; i++) {
        add_root(&filter->poles, cutoff / prototype_pole(order, i));
        add_root(&filter->zeros, 0.0);
    }
    filter->gain = 1.0; /* the prototype's poles multiply to 1 */
}

/* Each pole p of the prototype, scaled by half the band's width, becomes p +- sqrt(p^2 - centre^2). */
static void make_band(int64_t order, double low, double high, bool stops, zeros_poles *filter)
{
    double width = high - low, centre = sqrt(low * high);
    for (int64_t i = 0; i < order; i++) {
        double complex pole = prototype_pole(order, i);
        double complex scaled = stops ? width / 2.0 / pole : pole * (width / 2.0);
        double complex root = csqrt(scaled * scaled - centre * centre);
        add_root(&filter->poles, scaled + root);
        add_root(&filter->poles, scaled - root);
        add_root(&filter->zeros, stops ? imaginary(centre) : 0.0);
        if (stops) add_root(&filter->zeros, imaginary(-centre));
    }
    filter->gain = stops ? 1.0 : pow(width, (double)order);
}

/* s = 4 (z - 1) / (z + 1); zeros at infinity go to -1. */
static void transform_bilinear(zeros_poles *filter)
{
    filter->gain *= evaluate_roots(&filter->zeros, 4.0) / evaluate_roots(&filter->poles, 4.0);
    for (int64_t i = 0; i < filter->zeros.count; i++)
        filter->zeros.roots[i] = (4.0 + filter->zeros.roots[i]) / (4.0 - filter->zeros.roots[i]);
    for (int64_t i = 0; i < filter->poles.count; i++)
        filter->poles.roots[i] = (4.0 + filter->poles.roots[i]) / (4.0 - filter->poles.roots[i]);
    while (filter->zeros.count < filter->poles.count) add_root(&filter->zeros, -1.0);
}

/* ---- Sections ---------------------------------------------------------------------------------------------- */

static bool is_real(double complex root)
{
    return cimag(root) == 0.0;
}

static int64_t count_real(const root_list *list)
{
    int64_t n = 0;
    for (int64_t i = 0; i < list->count; i++) n += is_real(list->roots[i]);
    return n;
}

/* Keeps one of each conjugate pair, and real roots exactly real. */
static void halve_pairs(root_list *list)
{
    root_list kept = {0};
    for (int64_t i = 0; i < list->count; i++) {
        double complex root = list->roots[i];
        if (fabs(cimag(root)) <= 100.0 * DBL_EPSILON * cabs(root))
            add_root(&kept, creal(root));
        else if (cimag(root) > 0.0)
            add_root(&kept, root);
    }
    *list = kept;
}

typedef enum root_choice { ANY_ROOT, REAL_ROOT, COMPLEX_ROOT } root_choice;

static bool is_eligible(double complex root, root_choice choice)
{
    return choice == ANY_ROOT || is_real(root) == (choice == REAL_ROOT);
}

/* Takes the root nearest to the unit circle. */
static double complex take_worst(root_list *list, root_choice choice)
{
    int64_t worst = 0;
    double least = HUGE_VAL;
    for (int64_t i = 0; i < list->count; i++) {
        double distance = fabs(1.0 - cabs(list->roots[i]));
        if (is_eligible(list->roots[i], choice) && distance < least) least = distance, worst = i;
    }
    return take_root(list, worst);
}

static double complex take_nearest(root_list *list, double complex to, root_choice choice)
{
    int64_t nearest = 0;
    double least = HUGE_VAL;
    for (int64_t i = 0; i < list->count; i++) {
        double distance = cabs(list->roots[i] - to);
        if (is_eligible(list->roots[i], choice) && distance < least) least = distance, nearest = i;
    }
    return take_root(list, nearest);
}

static biquad make_section(double complex z1, double complex z2, double complex p1, double complex p2)
{
    return (biquad){
        .b0 = 1.0, .b1 = -creal(z1 + z2), .b2 = creal(z1 * z2), .a1 = -creal(p1 + p2), .a2 = creal(p1 * p2)};
}

/* Takes the worst pole with its partner, and two zeros for them. */
static biquad pair_section(root_list *zeros, root_list *poles)
{
    double complex p1 = take_worst(poles, ANY_ROOT);
    if (is_real(p1)) {
        double complex p2 = take_worst(poles, REAL_ROOT);
        double complex z1 = take_nearest(zeros, p1, ANY_ROOT);
        double complex z2 = is_real(z1) ? take_nearest(zeros, p1, REAL_ROOT) : conj(z1);
        return make_section(z1, z2, p1, p2);
    }
    /* A lone real zero is kept for a lone real pole. */
    bool lone = poles->count + 1 == zeros->count && count_real(poles) == 1 && count_real(zeros) == 1;
    double complex z1 = take_nearest(zeros, p1, lone ? COMPLEX_ROOT : ANY_ROOT);
    double complex z2 = is_real(z1) ? take_nearest(zeros, p1, REAL_ROOT) : conj(z1);
    return make_section(z1, z2, p1, conj(p1));
}

int64_t butterworth_design(butterworth_kind kind, int64_t order, double low, double high, biquad *sections)
{
    zeros_poles filter = {0};
    double warped_low = 4.0 * tan(M_PI * low / 2.0), warped_high = 4.0 * tan(M_PI * high / 2.0);
    if (kind == BUTTERWORTH_LOWPASS)
        make_lowpass(order, warped_low, &filter);
    else if (kind == BUTTERWORTH_HIGHPASS)
        make_highpass(order, warped_low, &filter);
    else
        make_band(order, warped_low, warped_high, kind == BUTTERWORTH_BANDSTOP, &filter);
    transform_bilinear(&filter);
    if (filter.poles.count % 2) { /* an even number of roots: one of each at the origin, without effect */
        add_root(&filter.poles, 0.0);
        add_root(&filter.zeros, 0.0);
    }
    int64_t n_sections = filter.poles.count / 2;
    halve_pairs(&filter.zeros);
    halve_pairs(&filter.poles);
    for (int64_t i = n_sections - 1; i >= 0; i--) sections[i] = pair_section(&filter.zeros, &filter.poles);
    sections[0].b0 *= filter.gain;
    sections[0].b1 *= filter.gain;
    sections[0].b2 *= filter.gain;
    return n_sections;
}
