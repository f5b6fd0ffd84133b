/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_match_target.c: what frames are matched with, and what of a movie stands still.
 */
#include "movie/motion_match.h"

#include "movie/motion_match_inside.h"

#include <math.h>
#include <string.h>

#define LEAST_TAPER 0.15 /* where less of all tapers is left, a template fades out */

int64_t match_energy_floats(const match_spec *spec)
{
    return aligned_floats(fft_height(spec) * fft_width(spec));
}

/* An image, two spectra, what transforms need. */
int64_t match_target_scratch_floats(const match_spec *spec)
{
    return match_energy_floats(spec) + 2 * aligned_floats(match_spectrum_floats(spec)) +
           (int64_t)(aligned(fft2_scratch_bytes(fft_height(spec), fft_width(spec))) / sizeof(float));
}

typedef struct target_scratch {
    float *image, *other, *spectrum; /* other: an image or a spectrum */
    void *fft;
} target_scratch;

static target_scratch split_scratch(const matcher *m, float *scratch)
{
    const int64_t spectrum = aligned_floats(m->n_spectrum);
    float *other = scratch + match_energy_floats(&m->spec);
    return (target_scratch){scratch, other, other + spectrum, other + 2 * spectrum};
}

static void forward(const matcher *m, const float *image, void *fft, float *spectrum)
{
    fft2_forward(m->far, image, m->height, m->width, m->width, spectrum, fft);
}

/* An image from a copy of its spectrum. */
static void inverse_of(const matcher *m, const float *spectrum, const target_scratch *s, float *image)
{
    const int64_t n = m->height * m->width;
    memcpy(s->spectrum, spectrum, (size_t)m->n_spectrum * sizeof(float));
    fft2_inverse(m->far, s->spectrum, image, s->fft);
    for (int64_t i = 0; i < n; i++) image[i] /= (float)n;
}

void match_taper(const matcher *m, float *scratch, float *spectrum)
{
    const target_scratch s = split_scratch(m, scratch);
    fft2_forward(m->far, m->weights, m->rows, m->columns, m->columns, spectrum, s.fft);
}

static float weight_at(const matcher *m, int64_t i)
{
    const int64_t y = i / m->width, x = i % m->width;
    return y < m->rows && x < m->columns ? m->weights[y * m->columns + x] : 0;
}

/* target->spectrum holds T: it becomes scale K conj(T), its filtered image is left in `filtered`. */
static void filter_target(const matcher *m, const target_scratch *s, double scale, float *filtered,
                          match_target *target)
{
    float *spectrum = target->spectrum;
    for (int64_t x = 0; x < m->filter.columns; x++)
        for (int64_t y = 0; y < m->height; y++) {
            const int64_t at = 2 * (x * m->height + y);
            const double pass = scale * match_pass(m, y, x);
            spectrum[at] = (float)(pass * (double)spectrum[at]);
            spectrum[at + 1] = (float)(pass * (double)spectrum[at + 1]);
        }
    inverse_of(m, spectrum, s, filtered);
    for (int64_t i = 1; i < m->n_spectrum; i += 2) spectrum[i] = -spectrum[i];
}

/* Half of sum_x u(x) q(x - d), less its value at d = 0; q is in s->image, which is destroyed. Gives the sum at d = 0:
 * what the template has in common with itself under the taper. */
static float fill_energy(const matcher *m, const target_scratch *s, match_target *target)
{
    const int64_t n = m->height * m->width, n_pairs = m->n_spectrum / 2;
    float *q = s->spectrum, *taper = s->other;
    forward(m, s->image, s->fft, q);
    fft2_forward(m->far, m->weights, m->rows, m->columns, m->columns, taper, s->fft);
    for (int64_t i = 0; i < n_pairs; i++) {
        const float re = taper[2 * i] * q[2 * i] + taper[2 * i + 1] * q[2 * i + 1],
                    im = taper[2 * i + 1] * q[2 * i] - taper[2 * i] * q[2 * i + 1];
        q[2 * i] = re;
        q[2 * i + 1] = im;
    }
    fft2_inverse(m->far, q, target->energy, s->fft);
    const float at_none = target->energy[0];
    for (int64_t i = 0; i < n; i++) target->energy[i] = (target->energy[i] - at_none) / 2;
    return at_none;
}

static void scale_target(const matcher *m, float scale, match_target *target)
{
    for (int64_t i = 0; i < m->n_spectrum; i++) target->spectrum[i] *= scale;
    for (int64_t i = 0; i < m->height * m->width; i++) target->energy[i] *= scale;
}

/* The mean image in s->image, as it would be without tapers. */
static void free_of_tapers(const matcher *m, const float *mean, const float *tapers, const target_scratch *s)
{
    inverse_of(m, mean, s, s->image);
    inverse_of(m, tapers, s, s->other);
    for (int64_t i = 0; i < m->height * m->width; i++) s->image[i] /= fmaxf(s->other[i], (float)LEAST_TAPER);
}

void match_mask_spectrum(const matcher *m, const float *mask, float *scratch, float *spectrum)
{
    const target_scratch s = split_scratch(m, scratch);
    inverse_of(m, spectrum, &s, s.image);
    for (int64_t y = 0; y < m->rows; y++)
        for (int64_t x = 0; x < m->columns; x++)
            s.other[y * m->columns + x] = s.image[y * m->width + x] * mask[y * m->columns + x];
    fft2_forward(m->far, s.other, m->rows, m->columns, m->columns, spectrum, s.fft);
}

void match_find_static(const matcher *m, const match_means *means, float *scratch, float *image, float *spectrum)
{
    const target_scratch s = split_scratch(m, scratch);
    const int64_t n_floats = m->n_spectrum;
    free_of_tapers(m, means->aligned, means->tapers, &s);
    forward(m, s.image, s.fft, spectrum);
    for (int64_t i = 0; i < n_floats; i += 2) { /* where the content was, on average: the template times the moves */
        const float re = spectrum[i], im = spectrum[i + 1], move_re = means->moves[i], move_im = means->moves[i + 1];
        spectrum[i] = re * move_re - im * move_im;
        spectrum[i + 1] = re * move_im + im * move_re;
    }
    inverse_of(m, spectrum, &s, s.other);
    inverse_of(m, means->still, &s, s.image);
    for (int64_t y = 0; y < m->rows; y++)
        for (int64_t x = 0; x < m->columns; x++) {
            const int64_t at = y * m->columns + x, from = y * m->width + x;
            image[at] = s.image[from] - s.other[from] * m->weights[at];
        }
    fft2_forward(m->far, image, m->rows, m->columns, m->columns, spectrum, s.fft);
}

void match_set_target(const matcher *m, const float *mean, const float *tapers, float *scratch, match_target *target)
{
    const target_scratch s = split_scratch(m, scratch);
    const int64_t n = m->height * m->width;
    free_of_tapers(m, mean, tapers, &s);
    for (int64_t i = 0; i < n; i++) s.other[i] = s.image[i] * weight_at(m, i);
    forward(m, s.other, s.fft, target->spectrum);
    const double power = band_power(&m->filter, target->spectrum), scale = power > 0 ? 1 / sqrt(power) : 0;
    forward(m, s.image, s.fft, target->spectrum);
    filter_target(m, &s, scale, s.other, target);
    for (int64_t i = 0; i < n; i++) s.image[i] *= s.other[i];
    const float common = fill_energy(m, &s, target);
    if (common > 0) scale_target(m, (float)sqrt(power) / common, target);
}

void match_taper_moved(const matcher *m, const float *taper, double dy, double dx, void *scratch, float *memory,
                       float *spectrum)
{
    const target_scratch s = split_scratch(m, memory);
    const int64_t n = m->height * m->width;
    memset(s.spectrum, 0, (size_t)match_spectrum_floats(&m->spec) * sizeof *s.spectrum);
    match_add_moved(m, taper, dy, dx, scratch, s.spectrum);
    fft2_inverse(m->far, s.spectrum, s.other, s.fft);
    inverse_of(m, spectrum, &s, s.image);
    for (int64_t i = 0; i < n; i++) s.image[i] *= s.other[i] / (float)n;
    forward(m, s.image, s.fft, spectrum);
}
