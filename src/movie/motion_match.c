/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_match.c: where a frame lies over a template.
 */
#include "movie/motion_match.h"

#include "kernels/bin_row.h"
#include "kernels/level_image.h"
#include "kernels/row_steps.h"
#include "math/fft.h"
#include "movie/frame_step.h"
#include "movie/motion_peak.h"
#include "movie/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_RATIO  99.0
#define LEAST_TAPER 0.15 /* where less of all tapers is left, a template fades out */

/* Where the pieces of one worker's scratch begin. */
typedef struct pieces {
    size_t rows, image, ramp, fft, all;
} pieces;

struct matcher {
    match_spec spec;
    int64_t rows, columns;    /* binned */
    int64_t height, width;    /* of transforms */
    int64_t reach_y, reach_x; /* binned px */
    int64_t away;             /* a second match lies farther than this from the first, binned px */
    float top;                /* of an integer type, else infinite */
    double sum_weights;
    pieces pieces;
    int64_t n_spectrum; /* floats */
    fft2_plan *near, *far;
    band_filter filter;
    float *weights; /* rows x columns */
};

/* ---- Sizes ---- */

int64_t match_rows(const match_spec *spec)
{
    return spec->region.height / spec->binning;
}

int64_t match_columns(const match_spec *spec)
{
    return spec->region.width / spec->binning;
}

static int64_t fft_height(const match_spec *spec)
{
    return fft_good_length(match_rows(spec));
}

static int64_t fft_width(const match_spec *spec)
{
    return fft_good_length(match_columns(spec));
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

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* In whole lines of cache. */
static int64_t aligned_floats(int64_t n)
{
    return (int64_t)(aligned((size_t)n * sizeof(float)) / sizeof(float));
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

static void *piece(void *scratch, size_t offset)
{
    return (char *)scratch + offset;
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
    fill_filter(m, (float *)((char *)memory + aligned(sizeof(matcher))));
    m->weights = (float *)((char *)memory + aligned(sizeof(matcher)) + filter_bytes(spec));
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

/* ---- The best match ---- */

/* A correlation around zero shift: place (y, x), negative ones from the far end. */
typedef struct surface {
    const float *values;
    int64_t height, width;
} surface;

static float value_at(const surface *c, int64_t y, int64_t x)
{
    return c->values[(y < 0 ? y + c->height : y) * c->width + (x < 0 ? x + c->width : x)];
}

typedef struct place {
    int64_t y, x;
    float value;
} place;

static void take_run(const float *row, int64_t first, int64_t count, int64_t y, int64_t x_of_first, place *best)
{
    for (int64_t i = 0; i < count; i++)
        if (row[first + i] > best->value) *best = (place){y, x_of_first + i, row[first + i]};
}

/* Highest value within reach, outside the box of `away` around `except` (NULL: anywhere). */
static place find_highest(const surface *c, int64_t reach_y, int64_t reach_x, const place *except, int64_t away)
{
    place best = {.value = -INFINITY};
    for (int64_t y = -reach_y; y <= reach_y; y++) {
        const float *row = c->values + (y < 0 ? y + c->height : y) * c->width;
        int64_t left_end = reach_x + 1, right_first = reach_x + 1; /* of x: [-reach, left_end), [right_first, reach] */
        if (except != NULL && llabs(y - except->y) <= away) {
            left_end = except->x - away;
            right_first = except->x + away + 1;
        }
        /* Negative shifts lie at the end of the row. */
        const int64_t below_zero = left_end < 0 ? left_end : 0;
        take_run(row, c->width - reach_x, below_zero + reach_x, y, -reach_x, &best);
        take_run(row, 0, left_end, y, 0, &best);
        if (right_first < 0) take_run(row, c->width + right_first, -right_first, y, right_first, &best);
        const int64_t from = right_first > 0 ? right_first : 0;
        take_run(row, from, reach_x + 1 - from, y, from, &best);
    }
    return best;
}

static void refine(const surface *c, const place *at, double *dy, double *dx)
{
    float values[9];
    for (int i = 0; i < 9; i++) values[i] = value_at(c, at->y + i / 3 - 1, at->x + i % 3 - 1);
    peak_refine(values, dy, dx);
}

/* Values within reach of no shift, less the energy there. */
static void subtract_energy(const float *energy, int64_t height, int64_t width, int64_t reach_y, int64_t reach_x,
                            float *values)
{
    for (int64_t y = -reach_y; y <= reach_y; y++) {
        const int64_t row = (y < 0 ? y + height : y) * width;
        for (int64_t x = 0; x <= reach_x; x++) values[row + x] -= energy[row + x];
        for (int64_t x = width - reach_x; x < width; x++) values[row + x] -= energy[row + x];
    }
}

static void find_within(const matcher *m, float *spectrum, const match_target *target, const fft2_plan *plan,
                        int64_t reach_y, int64_t reach_x, void *scratch, match *found)
{
    float *values = piece(scratch, m->pieces.image);
    const surface c = {values, m->height, m->width};
    const double power = cross_spectrum(&m->filter, spectrum, target->spectrum), n = (double)(m->height * m->width);
    fft2_inverse(plan, spectrum, values, piece(scratch, m->pieces.fft));
    subtract_energy(target->energy, m->height, m->width, reach_y + 1, reach_x + 1, values);
    const place best = find_highest(&c, reach_y, reach_x, NULL, 0);
    const place second = find_highest(&c, reach_y, reach_x, &best, m->away);
    double dy, dx;
    refine(&c, &best, &dy, &dx);
    *found = (match){.dy = ((double)best.y + dy) * (double)m->spec.binning,
                     .dx = ((double)best.x + dx) * (double)m->spec.binning,
                     .peak = power > 0 ? fmin(1, (double)best.value / sqrt(power)) : 0,
                     .ratio = second.value > 0 ? fmin(MOST_RATIO, (double)(best.value / second.value)) : MOST_RATIO,
                     .power = power / (n * n),
                     .is_at_limit = llabs(best.y) == reach_y || llabs(best.x) == reach_x};
}

const float *match_correlate(const matcher *m, float *spectrum, const float *target, void *scratch, double *power)
{
    float *values = piece(scratch, m->pieces.image);
    *power = cross_spectrum(&m->filter, spectrum, target);
    fft2_inverse(m->near, spectrum, values, piece(scratch, m->pieces.fft));
    return values;
}

void match_find(const matcher *m, float *spectrum, const match_target *target, void *scratch, match *found)
{
    find_within(m, spectrum, target, m->near, m->reach_y, m->reach_x, scratch, found);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void match_find_wide(const matcher *m, float *spectrum, const match_target *target, void *scratch, match *found)
{
    find_within(m, spectrum, target, m->far, smaller(2 * m->reach_y, m->rows / 2 - 2),
                smaller(2 * m->reach_x, m->columns / 2 - 2), scratch, found);
}

void match_find_far(const matcher *m, float *spectrum, const match_target *target, void *scratch, match *found)
{
    find_within(m, spectrum, target, m->far, m->rows / 2 - 2, m->columns / 2 - 2, scratch, found);
}
