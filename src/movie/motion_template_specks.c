/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_template_specks.c: what stands still in the sensor's frame while the content moves: dirt, dead pixels.
 *
 * Frames are seen as content that moves plus a still image: f_i(x) = t(x - d_i) + s(x). The mean of the frames less the
 * mean of the template moved to where each frame has it shows s, but for the part of s that got into the template: of
 * the wave number k that is |mean e^(i k d)|^2, so that only what is smaller than the motion is wide can be seen. Where
 * it stands out, pixels are left out of the comparison. Nothing is seen of content that never moves: it is content.
 */
#include "movie/motion_template_inside.h"

#include "math/image_smooth.h"
#include "math/median.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Power of the still image that is looked at closer, as a share of the template's, above what noise alone leaves. */
#define WORTH_SHARE  0.001
#define ENOUGH_SHARE 0.0001 /* once some specks are out, weaker ones show */
/* Where less than this of the taper is left, too little is known. */
#define LEAST_TAPER 0.3
/* Pixels that stand out by so many robust deviations, and by so much of the light, are specks; but not if that would
 * leave out more than so much of the frame. */
#define SPECK_DEVIATIONS 8.0
#define LEAST_SPECK      0.03
#define MOST_MASKED      0.2

static void scale_floats(float *values, int64_t n, float scale)
{
    for (int64_t i = 0; i < n; i++) values[i] *= scale;
}

/* Mean of the good frames where they are, and of the moves of their content. */
static void take_means(template_set *set, const stretch *s, int64_t n, const sample_notes *notes, float *still,
                       float *moves)
{
    float *point = set->still + 2 * set->spectrum_floats; /* at the origin: 1 everywhere */
    const double dy = template_middle(notes, n, false), dx = template_middle(notes, n, true);
    memset(still, 0, (size_t)set->spectrum_floats * sizeof *still);
    memset(moves, 0, (size_t)set->spectrum_floats * sizeof *moves);
    for (int64_t i = 0; i < set->spectrum_floats; i++) point[i] = i % 2 == 0 ? 1 : 0;
    for (int64_t i = 0; i < n; i++) {
        const float *f = template_slot(set, i);
        if (!notes->is_good[i]) continue;
        for (int64_t k = 0; k < set->spectrum_floats; k++) still[k] += f[k];
        match_add_moved(set->m, point, notes->matches[i].dy - dy, notes->matches[i].dx - dx, set->scratch, moves);
    }
    scale_floats(still, set->spectrum_floats, 1 / (float)s->n_good);
    scale_floats(moves, set->spectrum_floats, 1 / (float)s->n_good);
}

/* The still image that is seen now, tapered, and its spectrum; its power. */
static double see_static(template_set *set, const stretch *s, int64_t n, const sample_notes *notes, float *image,
                         float *spectrum)
{
    float *still = set->still, *moves = still + set->spectrum_floats;
    take_means(set, s, n, notes, still, moves);
    const match_means means = {still, s->sum, set->tapers, moves};
    match_find_static(set->m, &means, set->target_scratch, image, spectrum);
    return match_power(set->m, spectrum);
}

/* ---- Specks ---- */

/* Marks pixels within `radius` of one that stands out, and fades the mask around them. */
static void mark_around(const template_set *set, int64_t at, int64_t radius, float *mask)
{
    const int64_t rows = match_rows(&set->spec), columns = match_columns(&set->spec);
    const int64_t row = at / columns, column = at % columns;
    for (int64_t y = row - radius; y <= row + radius; y++)
        for (int64_t x = column - radius; x <= column + radius; x++) {
            if (y < 0 || x < 0 || y >= rows || x >= columns) continue;
            const double from = hypot((double)(y - row), (double)(x - column)) / (double)radius;
            const float left = (float)fmin(1, fmax(0, 2 * from - 1));
            float *m = &mask[y * columns + x];
            *m = left < *m ? left : *m;
        }
}

/* The still image without taper, less its surroundings, in set->work: what is coarse in it is no speck. */
static bool sharpen(const template_set *set, const float *image)
{
    float *sharp = set->work, *coarse = set->work + set->spectrum_floats;
    const image_size size = {match_rows(&set->spec), match_columns(&set->spec), 1};
    void *scratch;
    if (lmp_take(set->budget, image_box_scratch(size), &scratch, NULL) != LMP_OK) return false;
    for (int64_t i = 0; i < set->n_values; i++) {
        const double weight = match_weight(set->m, i);
        sharp[i] = weight > LEAST_TAPER ? (float)((double)image[i] / weight) : 0;
    }
    image_box(sharp, size, (int64_t)ceil(set->spec.background / (double)set->spec.binning), scratch, coarse);
    for (int64_t i = 0; i < set->n_values; i++) sharp[i] -= coarse[i];
    lmp_give(set->budget, scratch);
    return true;
}

static double speck_threshold(const template_set *set, double *numbers)
{
    int64_t count = 0;
    for (int64_t i = 0; i < set->n_values; i++)
        if (match_weight(set->m, i) > LEAST_TAPER) numbers[count++] = fabs((double)set->work[i]);
    return fmax(SPECK_DEVIATIONS * 1.4826 * median_take(numbers, count), LEAST_SPECK);
}

/* Pixels at specks are left out: what is coarse of a speck cannot be told from content that moves less than its size.
 * 0: there is none, or too many for specks. */
static int64_t mask_specks(template_set *set, const float *image, float *mask)
{
    double *numbers = malloc((size_t)set->n_values * sizeof *numbers);
    if (numbers == NULL || !sharpen(set, image)) {
        free(numbers);
        return 0;
    }
    const double threshold = speck_threshold(set, numbers);
    const int64_t radius = 2 + 4 / set->spec.binning;
    int64_t marked = 0, masked = 0;
    free(numbers);
    for (int64_t i = 0; i < set->n_values; i++) mask[i] = 1;
    for (int64_t i = 0; i < set->n_values; i++) {
        if (!(match_weight(set->m, i) > LEAST_TAPER) || fabs((double)set->work[i]) < threshold) continue;
        mark_around(set, i, radius, mask);
        marked++;
    }
    for (int64_t i = 0; i < set->n_values; i++) masked += mask[i] < 1;
    return (double)masked > MOST_MASKED * (double)set->n_values ? 0 : marked;
}

static void mask_sample(template_set *set, int64_t n, const float *mask)
{
    match_leave_out(set->m, mask);
    match_taper(set->m, set->target_scratch, set->taper);
    for (int64_t i = 0; i < n; i++) match_mask_spectrum(set->m, mask, set->target_scratch, template_slot(set, i));
}

bool template_mask_specks(template_set *set, const stretch *s, int64_t n, bool has_begun, const sample_notes *notes)
{
    float *spectrum = set->still + 2 * set->spectrum_floats, *image = set->still + 3 * set->spectrum_floats;
    if (s->n_good < 2 || !set->is_light) return false;
    const double of_static = see_static(set, s, n, notes, image, spectrum), of_template = match_power(set->m, s->sum);
    const double noise = fmax(s->power - of_template, 0) / (double)s->n_good;
    float *mask = set->still; /* the means are not needed any more */
    const double least = has_begun ? ENOUGH_SHARE * of_template : WORTH_SHARE * of_template + noise;
    if (of_static < least || mask_specks(set, image, mask) == 0) return false;
    mask_sample(set, n, mask);
    return true;
}
