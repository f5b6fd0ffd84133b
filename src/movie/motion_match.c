/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_match.c: where a frame lies over a template.
 */
#include "movie/motion_match.h"

#include "kernels/bin_row.h"
#include "kernels/level_image.h"
#include "kernels/row_steps.h"
#include "movie/frame_step.h"
#include "movie/motion_match_inside.h"
#include "movie/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Sizes ---- */

int64_t match_rows(const match_spec *spec)
{
    return spec->region.height / spec->binning;
}

int64_t match_columns(const match_spec *spec)
{
    return spec->region.width / spec->binning;
}

int64_t match_spectrum_rows(const match_spec *spec)
{
    return fft_height(spec);
}

int64_t match_spectrum_columns(const match_spec *spec)
{
    return fft_width(spec) / 2 + 1;
}

int64_t match_spectrum_floats(const match_spec *spec)
{
    return fft2_spectrum_floats(fft_height(spec), fft_width(spec));
}

static size_t filter_bytes(const match_spec *spec)
{
    return aligned((size_t)(4 * fft_height(spec) + 2 * (fft_width(spec) / 2 + 1)) * sizeof(float));
}

static size_t weight_bytes(const match_spec *spec)
{
    return aligned((size_t)(match_rows(spec) * match_columns(spec)) * sizeof(float));
}

size_t matcher_bytes(const match_spec *spec)
{
    return aligned(sizeof(matcher)) + filter_bytes(spec) + weight_bytes(spec) +
           2 * fft2_plan_bytes(fft_height(spec), fft_width(spec));
}

static bool has_kernel(lmp_type type)
{
    return type == LMP_UINT8 || type == LMP_UINT16 || type == LMP_INT16 || type == LMP_FLOAT32;
}

static pieces find_pieces(const match_spec *spec)
{
    const size_t row = (size_t)(match_columns(spec) * spec->binning) * sizeof(float);
    const size_t height = (size_t)fft_height(spec), width = (size_t)fft_width(spec);
    pieces p = {0};
    p.rows = aligned(row);
    p.image = p.rows + (has_kernel(spec->type) ? 0 : aligned(row * (size_t)spec->binning));
    p.ramp = p.image + aligned(height * width * sizeof(float));
    p.fft = p.ramp + aligned(2 * height * sizeof(float));
    p.all = p.fft + fft2_scratch_bytes((int64_t)height, (int64_t)width);
    return p;
}

size_t match_scratch_bytes(const match_spec *spec)
{
    return find_pieces(spec).all;
}

/* ---- Weights ---- */

/* Rises as a raised cosine over `width` pixels from the edge; pixels far inside are 1. */
static double taper_at(int64_t i, int64_t n, double width)
{
    const double from_edge = (double)(i < n - 1 - i ? i : n - 1 - i) + 0.5;
    return from_edge >= width ? 1 : 0.5 - 0.5 * cos(M_PI * from_edge / width);
}

/* 40 px, or an eighth of the side where that is less: the mean error was the same for 30 to 60 px. */
static double taper_width(const match_spec *spec, int64_t n)
{
    return spec->taper > 0 ? spec->taper / (double)spec->binning : fmin(40.0 / (double)spec->binning, (double)n / 8);
}

static double mask_at(const match_spec *spec, const float *mask, int64_t y, int64_t x)
{
    double sum = 0;
    for (int64_t i = 0; i < spec->binning && mask != NULL; i++)
        for (int64_t j = 0; j < spec->binning; j++)
            sum += (double)mask[(y * spec->binning + i) * spec->region.width + x * spec->binning + j];
    return mask == NULL ? 1 : sum / (double)(spec->binning * spec->binning);
}

static void fill_weights(matcher *m, const float *mask)
{
    const double wide_y = taper_width(&m->spec, m->rows), wide_x = taper_width(&m->spec, m->columns);
    for (int64_t y = 0; y < m->rows; y++)
        for (int64_t x = 0; x < m->columns; x++) {
            const double w =
                taper_at(y, m->rows, wide_y) * taper_at(x, m->columns, wide_x) * mask_at(&m->spec, mask, y, x);
            m->weights[y * m->columns + x] = (float)w;
            m->sum_weights += w;
        }
}

void match_leave_out(matcher *m, const float *mask)
{
    m->sum_weights = 0;
    for (int64_t i = 0; i < m->rows * m->columns; i++) {
        m->weights[i] *= mask[i];
        m->sum_weights += (double)m->weights[i];
    }
}

/* Fourier transform of a Gaussian of unit sum at frequency f, in cycles a pixel. */
static float gaussian_at(double sigma, double f)
{
    return (float)exp(-2 * M_PI * M_PI * sigma * sigma * f * f);
}

static void fill_filter(matcher *m, float *memory)
{
    const int64_t h = m->height, columns = m->width / 2 + 1;
    const double fine = m->spec.smooth / (double)m->spec.binning, coarse = m->spec.background / (double)m->spec.binning;
    float *fine_y = memory, *coarse_y = memory + 2 * h, *fine_x = memory + 4 * h, *coarse_x = fine_x + columns;
    for (int64_t i = 0; i < 2 * h; i++) {
        const int64_t y = i / 2;
        const double f = (double)(y <= h / 2 ? y : y - h) / (double)h;
        fine_y[i] = gaussian_at(fine, f);
        coarse_y[i] = gaussian_at(coarse, f);
    }
    for (int64_t x = 0; x < columns; x++) {
        const double f = (double)x / (double)m->width;
        const float weight = x == 0 || 2 * x == m->width ? 1 : 2;
        fine_x[x] = weight * gaussian_at(fine, f);
        coarse_x[x] = weight * gaussian_at(coarse, f);
    }
    m->filter = (band_filter){h, columns, fine_y, coarse_y, fine_x, coarse_x};
}

/* ---- Life ---- */

static float top_of(lmp_type type)
{
    double low, high;
    if (type_is_float(type)) return INFINITY;
    type_range(type, &low, &high);
    return (float)high;
}

static int64_t binned_reach(double reach, int64_t binning, int64_t n)
{
    const int64_t most = n / 2 - 2, wanted = (int64_t)ceil(reach / (double)binning);
    return wanted < most ? wanted : most > 0 ? most : 0;
}

lmp_status matcher_open(const match_spec *spec, const float *mask, lmp_budget *budget, matcher **made, lmp_error *err)
{
    void *memory;
    lmp_status status =
        lmp_take(budget, aligned(sizeof(matcher)) + filter_bytes(spec) + weight_bytes(spec), &memory, err);
    if (status != LMP_OK) return status;
    matcher *m = memory;
    m->spec = *spec;
    m->pieces = find_pieces(spec);
    m->rows = match_rows(spec);
    m->columns = match_columns(spec);
    m->n_spectrum = match_spectrum_floats(spec);
    m->height = fft_height(spec);
    m->width = fft_width(spec);
    m->reach_y = binned_reach(spec->reach_y, spec->binning, m->rows);
    m->reach_x = binned_reach(spec->reach_x, spec->binning, m->columns);
    m->away = (int64_t)ceil(2 * spec->background / (double)spec->binning);
    m->top = top_of(spec->type);
    fill_filter(m, piece(memory, aligned(sizeof(matcher))));
    m->weights = piece(memory, aligned(sizeof(matcher)) + filter_bytes(spec));
    fill_weights(m, mask);
    status = fft2_plan_new(m->height, m->width, m->reach_y + 1, &m->near, err);
    if (status == LMP_OK) status = fft2_plan_new(m->height, m->width, m->height, &m->far, err);
    if (status != LMP_OK)
        matcher_close(m, budget);
    else
        *made = m;
    return status;
}

void matcher_close(matcher *m, lmp_budget *budget)
{
    if (m == NULL) return;
    fft2_plan_free(m->near);
    fft2_plan_free(m->far);
    lmp_give(budget, m);
}

/* ---- Images ---- */

static void convert_rows(const lmp_frames *frame, int64_t first, int64_t rows, int64_t n, float *to)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t x = 0; x < n; x++)
            to[r * n + x] = (float)number_get(frame->type, frame->data, first + r * frame->width + x);
}

static void bin_one_row(const lmp_frames *frame, int64_t first, int64_t binning, int64_t n, float scale, void *sums,
                        float *rows, float *out)
{
    switch (frame->type) {
    case LMP_UINT8:
        bin_row_u8((const uint8_t *)frame->data + first, frame->width, binning, n, scale, sums, out);
        return;
    case LMP_UINT16:
        bin_row_u16((const uint16_t *)frame->data + first, frame->width, binning, n, scale, sums, out);
        return;
    case LMP_INT16:
        bin_row_i16((const int16_t *)frame->data + first, frame->width, binning, n, scale, sums, out);
        return;
    case LMP_FLOAT32:
        bin_row_f32((const float *)frame->data + first, frame->width, binning, n, scale, sums, out);
        return;
    default:
        convert_rows(frame, first, binning, n * binning, rows);
        bin_row_f32(rows, n * binning, binning, n, scale, sums, out);
    }
}

void match_bin(const matcher *m, const lmp_frames *frame, void *scratch, float *image)
{
    const int64_t b = m->spec.binning;
    const float scale = 1 / (float)(b * b);
    for (int64_t y = 0; y < m->rows; y++) {
        const int64_t first = (m->spec.region.y + y * b) * frame->width + m->spec.region.x;
        float *row = image + y * m->columns;
        bin_one_row(frame, first, b, m->columns, scale, scratch, piece(scratch, m->pieces.rows), row);
    }
}

double match_mean_step(const matcher *m, const float *image)
{
    double sum = 0;
    for (int64_t y = 0; y < m->rows; y++) sum += row_steps_sum(image + y * m->columns, m->columns);
    return sum / (double)(m->rows * (m->columns - 1));
}

int64_t match_noisy_rows(const matcher *m, const float *image, double step)
{
    int64_t n = 0;
    for (int64_t y = 0; y < m->rows; y++)
        n += 4 * row_steps_count(image + y * m->columns, m->columns, (float)step) > m->columns;
    return n;
}

/* Where pixels are missing: they become the mean of the others. */
static double replace_missing(const matcher *m, float *image, match_looks *looks)
{
    const int64_t n = m->rows * m->columns;
    double sum = 0, weights = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(image[i])) continue;
        sum += (double)(m->weights[i] * image[i]);
        weights += (double)m->weights[i];
    }
    looks->is_finite = false;
    looks->is_empty = !(weights > 0);
    const double mean = weights > 0 ? sum / weights : 0;
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(image[i])) image[i] = (float)mean;
    return mean;
}

void match_transform(const matcher *m, const float *inverse_level, float *image, void *scratch, float *spectrum,
                     match_looks *looks)
{
    const int64_t n = m->rows * m->columns;
    const level_sums sums = level_image(image, inverse_level, m->weights, n, m->top);
    *looks = (match_looks){.saturated = (double)sums.n_top / (double)n, .is_finite = true};
    const double mean = isfinite(sums.weighted) ? sums.weighted / m->sum_weights : replace_missing(m, image, looks);
    fade_image(image, m->weights, n, (float)mean);
    fft2_forward(m->far, image, m->rows, m->columns, m->columns, spectrum, piece(scratch, m->pieces.fft));
}

void match_restore(const matcher *m, float *spectrum, void *scratch, float *image)
{
    float *whole = piece(scratch, m->pieces.image);
    const float scale = 1 / (float)(m->height * m->width);
    fft2_inverse(m->far, spectrum, whole, piece(scratch, m->pieces.fft));
    for (int64_t y = 0; y < m->rows; y++)
        for (int64_t x = 0; x < m->columns; x++) image[y * m->columns + x] = whole[y * m->width + x] * scale;
}

/* ---- Templates ---- */

void match_add_moved(const matcher *m, const float *spectrum, double dy, double dx, void *scratch, float *sum)
{
    const double to_angle = -2 * M_PI / (double)m->spec.binning;
    add_moved_spectrum(m->height, m->filter.columns, spectrum, to_angle * dy / (double)m->height,
                       to_angle * dx / (double)m->width, piece(scratch, m->pieces.ramp), sum);
}

double match_pass(const matcher *m, int64_t y, int64_t x)
{
    const band_filter *k = &m->filter;
    const double mirrored = x == 0 || 2 * x == m->width ? 1 : 2; /* which the factors of columns hold too */
    return ((double)k->fine_y[2 * y] * (double)k->fine_x[x] - (double)k->coarse_y[2 * y] * (double)k->coarse_x[x]) /
           mirrored;
}

double match_weight(const matcher *m, int64_t i)
{
    return (double)m->weights[i];
}

double match_mask(const matcher *m, int64_t y, int64_t x)
{
    return (double)m->weights[y * m->columns + x] / (taper_at(y, m->rows, taper_width(&m->spec, m->rows)) *
                                                     taper_at(x, m->columns, taper_width(&m->spec, m->columns)));
}

double match_power(const matcher *m, const float *spectrum)
{
    const double n = (double)(m->height * m->width);
    return band_power(&m->filter, spectrum) / (n * n);
}
