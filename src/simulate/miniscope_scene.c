/* SPDX-License-Identifier: BSD-3-Clause
 *
 * miniscope_scene.c: the tissue: a canvas without edges, painted once and displaced by its spectrum.
 *
 * Everything on the canvas is white noise or drawn lines under a Gaussian that wraps around, so next to nothing is left
 * at the highest frequencies and a phase ramp displaces it by any part of a pixel without error.
 */
#include "simulate/miniscope.h"

#include "math/fft.h"
#include "simulate/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, LEAST_SIDE = 64, LONGEST_SIDE = 1 << 15, MOST_STRETCHES = 10000000 };

static const double TURN = 6.283185307179586;
static const double VESSEL_SIGMA_PX = 3, STRETCH_PX = 7, WINDING_RAD = 0.12;
static const double VESSEL_SIDES = 1.8; /* length of a vessel in mean sides of a frame */

const miniscope_kind *miniscope_kind_of(const miniscope_params *p)
{
    static const miniscope_kind kinds[] = {{.level = 1,
                                            .coarse = 0.12,
                                            .coarse_px = 60,
                                            .medium = 0.05,
                                            .medium_px = 14,
                                            .vessel_depth = 0.35,
                                            .cell_level = 0.18,
                                            .cell_rest = 0.25,
                                            .cell_least_px = 3.5,
                                            .cell_most_px = 6.5,
                                            .cell_ring = 0,
                                            .vignette_percent = 75,
                                            .photons_per_level = 9},
                                           {.level = 0.12,
                                            .coarse = 0.2,
                                            .coarse_px = 40,
                                            .medium = 0.25,
                                            .medium_px = 3,
                                            .vessel_depth = 0.7,
                                            .cell_level = 0.7,
                                            .cell_rest = 0.35,
                                            .cell_least_px = 3.5,
                                            .cell_most_px = 5,
                                            .cell_ring = 0.8,
                                            .vignette_percent = 0,
                                            .photons_per_level = 0.15}};
    return &kinds[p->scene];
}

float *miniscope_floats(int64_t count)
{
    const size_t bytes = ((size_t)count * sizeof(float) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return aligned_alloc(ALIGNMENT, bytes);
}

/* ---- The canvas ---- */

static int64_t side(int64_t frame, double range)
{
    const int64_t wanted = frame + (int64_t)ceil(range);
    return fft_good_length(wanted > LEAST_SIDE ? wanted : LEAST_SIDE);
}

/* What painting needs, gone when it is done. */
typedef struct painter {
    const miniscope_scene *s;
    fft2_plan *plan; /* all rows */
    float *canvas, *layer, *spectrum;
    void *scratch;
} painter;

static lmp_status open_painter(painter *b, const miniscope_scene *s, lmp_error *err)
{
    const int64_t pixels = s->height * s->width;
    *b = (painter){.s = s,
                   .canvas = miniscope_floats(pixels),
                   .layer = miniscope_floats(pixels),
                   .spectrum = miniscope_floats(fft2_spectrum_floats(s->height, s->width)),
                   .scratch = aligned_alloc(ALIGNMENT, fft2_scratch_bytes(s->height, s->width))};
    if (b->canvas == NULL || b->layer == NULL || b->spectrum == NULL || b->scratch == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a canvas of %lld x %lld pixels",
                        (long long)s->height, (long long)s->width);
    return fft2_plan_new(s->height, s->width, s->height, &b->plan, err);
}

static void close_painter(painter *b)
{
    fft2_plan_free(b->plan);
    free(b->canvas);
    free(b->layer);
    free(b->spectrum);
    free(b->scratch);
}

/* Frequency of bin k of n, cycles per pixel. */
static double frequency(int64_t k, int64_t n)
{
    return (double)(2 * k <= n ? k : k - n) / (double)n;
}

static void scale_spectrum(const painter *b, double factor)
{
    const int64_t n = fft2_spectrum_floats(b->s->height, b->s->width);
    for (int64_t i = 0; i < n; i++) b->spectrum[i] = (float)((double)b->spectrum[i] * factor);
}

/* Mean square of the image a spectrum stands for (Parseval), the constant left out. */
static double mean_square(const painter *b)
{
    const int64_t height = b->s->height, width = b->s->width;
    double sum = 0;
    for (int64_t i = 0; i <= width / 2; i++) {
        const double twice = i == 0 || 2 * i == width ? 1 : 2;
        for (int64_t j = i == 0 ? 1 : 0; j < height; j++) {
            const float *bin = b->spectrum + 2 * (i * height + j);
            const double re = (double)bin[0], im = (double)bin[1];
            sum += twice * (re * re + im * im);
        }
    }
    return sum / ((double)(height * width) * (double)(height * width));
}

/* The layer under a Gaussian that wraps around; as noise: of mean 0 and standard deviation 1. */
static void smooth_layer(const painter *b, double sigma_px, bool as_noise)
{
    const int64_t height = b->s->height, width = b->s->width;
    const double narrow = TURN * TURN / 2 * sigma_px * sigma_px;
    fft2_forward(b->plan, b->layer, height, width, width, b->spectrum, b->scratch);
    for (int64_t i = 0; i <= width / 2; i++)
        for (int64_t j = 0; j < height; j++) {
            const double fx = frequency(i, width), fy = frequency(j, height);
            const float weight = (float)exp(-narrow * (fx * fx + fy * fy));
            b->spectrum[2 * (i * height + j)] *= weight;
            b->spectrum[2 * (i * height + j) + 1] *= weight;
        }
    double size = (double)(height * width);
    if (as_noise) {
        b->spectrum[0] = 0;
        size *= sqrt(mean_square(b));
    }
    scale_spectrum(b, 1 / size);
    fft2_inverse(b->plan, b->spectrum, b->layer, b->scratch);
}

static void add_texture(const painter *b, uint64_t purpose, double part, double sigma_px)
{
    const int64_t height = b->s->height, width = b->s->width;
    const double largest = (double)(height < width ? height : width) / 8;
    const uint64_t key = noise_key((uint64_t)b->s->p->seed, purpose, 0);
    for (int64_t i = 0; i < height * width; i++) b->layer[i] = (float)noise_gaussian(key, i);
    smooth_layer(b, fmin(sigma_px, largest), true);
    for (int64_t i = 0; i < height * width; i++) b->canvas[i] += (float)part * b->layer[i];
}

/* ---- Vessels ---- */

/* Marks all pixels within width/2 of the stretch from (y, x) in the direction (sin, cos). */
static void mark_stretch(const painter *b, double y, double x, double angle, double width)
{
    const int64_t height = b->s->height, across = b->s->width;
    const double uy = sin(angle), ux = cos(angle), reach = width / 2 + STRETCH_PX;
    for (int64_t j = (int64_t)floor(y - reach); (double)j <= y + reach; j++)
        for (int64_t i = (int64_t)floor(x - reach); (double)i <= x + reach; i++) {
            const double fy = (double)j - y, fx = (double)i - x;
            const double along = fmin(fmax(fy * uy + fx * ux, 0), STRETCH_PX);
            if (hypot(fy - along * uy, fx - along * ux) > width / 2) continue;
            const int64_t at_y = ((j % height) + height) % height, at_x = ((i % across) + across) % across;
            b->layer[at_y * across + at_x] = 1;
        }
}

/* A vessel is a row of straight stretches. */
static int64_t stretches_of_vessel(double frame_height, double frame_width)
{
    return (int64_t)ceil(VESSEL_SIDES * (frame_height + frame_width) / 2 / STRETCH_PX);
}

/* Of all vessels on the canvas. */
static double count_stretches(const miniscope_scene *s)
{
    const miniscope_params *p = s->p;
    const double canvas = (double)s->height * (double)s->width, height = (double)p->height, width = (double)p->width;
    if (p->vessels != LMP_AUTO_INTEGER)
        return rint((double)p->vessels * (double)stretches_of_vessel(height, width) * canvas / (height * width));
    const double usual = (double)(MINISCOPE_USUAL_VESSELS * stretches_of_vessel(480, 752));
    return rint(usual * canvas / MINISCOPE_USUAL_PIXELS);
}

static void draw_vessel(const painter *b, int64_t vessel, int64_t stretches)
{
    static const double widths[] = {3, 4, 6, 9};
    const uint64_t key = noise_key((uint64_t)b->s->p->seed, PURPOSE_VESSELS, (uint64_t)vessel);
    double y = noise_uniform(key, 0) * (double)b->s->height, x = noise_uniform(key, 1) * (double)b->s->width;
    double angle = TURN * noise_uniform(key, 2);
    const double width = widths[(int)(4 * noise_uniform(key, 3))];
    for (int64_t i = 0; i < stretches; i++) {
        angle += WINDING_RAD * noise_gaussian(key, 4 + i);
        mark_stretch(b, y, x, angle, width);
        y += STRETCH_PX * sin(angle);
        x += STRETCH_PX * cos(angle);
    }
}

static void draw_vessels(const painter *b, int64_t stretches)
{
    const int64_t pixels = b->s->height * b->s->width;
    const int64_t each = stretches_of_vessel((double)b->s->p->height, (double)b->s->p->width);
    memset(b->layer, 0, (size_t)pixels * sizeof *b->layer);
    for (int64_t v = 0; v * each < stretches; v++)
        draw_vessel(b, v, stretches - v * each < each ? stretches - v * each : each);
    smooth_layer(b, VESSEL_SIGMA_PX, false);
    const float depth = (float)miniscope_kind_of(b->s->p)->vessel_depth;
    for (int64_t i = 0; i < pixels; i++) b->canvas[i] *= 1 - depth * b->layer[i];
}

static lmp_status paint(miniscope_scene *s, painter *b, lmp_error *err)
{
    const miniscope_kind *kind = miniscope_kind_of(s->p);
    const int64_t pixels = s->height * s->width;
    const double stretches = count_stretches(s);
    if (stretches > MOST_STRETCHES)
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "a canvas of %lld x %lld pixels would hold %.0f px of vessels and %.0f px can be simulated: give "
            "fewer vessels, less drift or less motion",
            (long long)s->height, (long long)s->width, stretches * STRETCH_PX, MOST_STRETCHES * STRETCH_PX);
    for (int64_t i = 0; i < pixels; i++) b->canvas[i] = (float)kind->level;
    add_texture(b, PURPOSE_COARSE, kind->level * kind->coarse, kind->coarse_px);
    add_texture(b, PURPOSE_MEDIUM, kind->level * kind->medium, kind->medium_px);
    if (stretches > 0) draw_vessels(b, (int64_t)stretches);
    fft2_forward(b->plan, b->canvas, s->height, s->width, s->width, b->spectrum, b->scratch);
    scale_spectrum(b, 1 / (double)pixels);
    memcpy(s->spectrum, b->spectrum, (size_t)fft2_spectrum_floats(s->height, s->width) * sizeof *s->spectrum);
    return s->p->bend_px > 0 ? miniscope_splines(s, b->plan, b->spectrum, b->canvas, b->scratch, err) : LMP_OK;
}

/* ---- Life ---- */

double miniscope_scene_bytes(const miniscope_params *p, double range_y_px, double range_x_px)
{
    /* Painting holds two spectra, two images, scratch, and at the end the splines. */
    const double pixels = (double)side(p->height, range_y_px) * (double)side(p->width, range_x_px);
    return (p->bend_px > 0 ? 6.2 : 5.2) * sizeof(float) * pixels;
}

lmp_status miniscope_scene_open(miniscope_scene *s, const miniscope_params *p, double range_y_px, double range_x_px,
                                lmp_error *err)
{
    *s = (miniscope_scene){
        .p = p, .height = side(p->height, range_y_px), .width = side(p->width, range_x_px), .middle = p->height / 2};
    if (s->height > LONGEST_SIDE || s->width > LONGEST_SIDE)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "frames of %lld x %lld pixels that move this far need a canvas of %lld x %lld; sides of up to "
                        "%d can be simulated: give less drift, or smaller frames",
                        (long long)p->height, (long long)p->width, (long long)s->height, (long long)s->width,
                        (int)LONGEST_SIDE);
    s->spectrum = miniscope_floats(fft2_spectrum_floats(s->height, s->width));
    if (s->spectrum == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a simulation");
    painter b = {0};
    lmp_status status = fft2_plan_new(s->height, s->width, s->middle, &s->plan, err);
    if (status == LMP_OK) status = open_painter(&b, s, err);
    if (status == LMP_OK) status = paint(s, &b, err);
    close_painter(&b);
    return status == LMP_OK ? miniscope_cells_open(s, err) : status;
}

void miniscope_scene_close(miniscope_scene *s)
{
    fft2_plan_free(s->plan);
    free(s->spectrum);
    free(s->splines);
    free(s->cells);
    *s = (miniscope_scene){0};
}

/* ---- Displaced ---- */

miniscope_places miniscope_places_of(const miniscope_scene *s, double y, double x, double reach)
{
    const double height = (double)s->height, width = (double)s->width;
    return (miniscope_places){.first_y = y - height * floor((y + reach) / height),
                              .end_y = (double)s->p->height - 1 + reach,
                              .first_x = x - width * floor((x + reach) / width),
                              .end_x = (double)s->p->width - 1 + reach};
}

static size_t spectrum_bytes(const miniscope_scene *s)
{
    const size_t bytes = (size_t)fft2_spectrum_floats(s->height, s->width) * sizeof(float);
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t image_bytes(const miniscope_scene *s)
{
    const size_t bytes = (size_t)(s->height * s->width) * sizeof(float);
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

size_t miniscope_shift_bytes(const miniscope_scene *s)
{
    return spectrum_bytes(s) + image_bytes(s) + fft2_scratch_bytes(s->height, s->width) +
           (size_t)(2 * s->height) * sizeof(float);
}

/* ramp[k] = exp(-2 pi i frequency(k) shift). */
static void fill_ramp(int64_t n, double shift, float *ramp)
{
    for (int64_t k = 0; k < n; k++) {
        const double angle = -TURN * frequency(k, n) * shift;
        ramp[2 * k] = (float)cos(angle);
        ramp[2 * k + 1] = (float)sin(angle);
    }
}

miniscope_image miniscope_shift(const miniscope_scene *s, double dy, double dx, void *memory)
{
    const int64_t height = s->height, width = s->width;
    float *spectrum = memory;
    float *image = (float *)(void *)((char *)memory + spectrum_bytes(s));
    char *scratch = (char *)image + image_bytes(s);
    float *ramp = (float *)(void *)(scratch + fft2_scratch_bytes(height, width));
    fill_ramp(height, dy - (double)s->middle, ramp);
    for (int64_t i = 0; i <= width / 2; i++) {
        const double angle = -TURN * frequency(i, width) * dx;
        const float cr = (float)cos(angle), ci = (float)sin(angle);
        const float *from = s->spectrum + 2 * i * height;
        float *to = spectrum + 2 * i * height;
        for (int64_t j = 0; j < 2 * height; j += 2) {
            const float re = from[j] * cr - from[j + 1] * ci, im = from[j] * ci + from[j + 1] * cr;
            to[j] = re * ramp[j] - im * ramp[j + 1];
            to[j + 1] = re * ramp[j + 1] + im * ramp[j];
        }
    }
    fft2_inverse(s->plan, spectrum, image, scratch);
    return (miniscope_image){.values = image, .first = height - s->middle, .n_rows = height, .stride = width};
}
