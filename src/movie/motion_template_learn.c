/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_template_learn.c: one template from a sample of frames.
 */
#include "movie/motion_template_inside.h"

#include "math/image_smooth.h"
#include "math/median.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FAR_DEVIATIONS 6.0  /* a peak so many robust standard deviations below the middle ... */
#define WEAK_SHARE     0.8  /* ... and below this share of it does not belong */
#define BLANK_SHARE    0.01 /* of the sample's power */
#define LEAST_TAPER    0.1  /* where less of the tapers is left, the template is painted plain */
enum { MOST_ROUNDS = 12, MORE_LEVELS = 3 };

/* ---- Learning: the level ---- */

/* Three boxes make nearly a Gaussian, of a standard deviation of about the radius + 1/2. */
static lmp_status smooth_level(const template_set *set, float *level, float *other, lmp_error *err)
{
    const image_size size = {match_rows(&set->spec), match_columns(&set->spec), 1};
    int64_t radius = (int64_t)ceil(2.5 * set->spec.background / (double)set->spec.binning);
    const int64_t side = size.height < size.width ? size.height : size.width;
    if (radius > side / 4) radius = side / 4;
    void *scratch;
    const lmp_status status = lmp_take(set->budget, image_box_scratch(size), &scratch, err);
    if (status != LMP_OK) return status;
    image_box(level, size, radius, scratch, other);
    image_box(other, size, radius, scratch, level);
    image_box(level, size, radius, scratch, other);
    memcpy(level, other, (size_t)set->n_values * sizeof *level);
    lmp_give(set->budget, scratch);
    return LMP_OK;
}

/* A steep shade is more than one smoothing follows, above all at the edges and in small frames: what it leaves is
 * smoothed too, and so on (twicing; J. W. Tukey, Exploratory Data Analysis, 1977). */
static lmp_status follow_level(const template_set *set, const float *mean, float *level, lmp_error *err)
{
    float *left = set->still;
    memcpy(level, mean, (size_t)set->n_values * sizeof *level);
    lmp_status status = smooth_level(set, level, set->work, err);
    for (int round = 0; round < MORE_LEVELS && status == LMP_OK; round++) {
        for (int64_t i = 0; i < set->n_values; i++) left[i] = level[i] > 0 ? mean[i] / level[i] : NAN;
        status = smooth_level(set, left, set->work, err);
        for (int64_t i = 0; i < set->n_values; i++) level[i] *= isfinite(left[i]) ? left[i] : 1;
    }
    return status;
}

/* Light adds up and is never negative: such movies are divided by their smooth brightness, but never by less than a
 * tenth of its mean. Others (differences, filtered movies) are left as they are. Masked pixels take no part. */
static lmp_status find_level(template_set *set, const float *mean, float *inverse, lmp_error *err)
{
    const int64_t columns = match_columns(&set->spec);
    float *masked = set->still + set->spectrum_floats;
    double sum = 0, lowest = 0, count = 0;
    for (int64_t i = 0; i < set->n_values; i++) {
        masked[i] = match_mask(set->m, i / columns, i % columns) > 0 ? mean[i] : NAN;
        if (!isfinite(masked[i])) continue;
        sum += (double)mean[i];
        lowest = fmin(lowest, (double)mean[i]);
        count++;
    }
    const double usual = sum / count;
    const bool is_light = set->is_light = lowest >= 0 && sum > 0;
    const lmp_status status = is_light ? follow_level(set, masked, inverse, err) : LMP_OK;
    for (int64_t i = 0; i < set->n_values; i++) {
        const double level = isfinite(inverse[i]) ? fmax((double)inverse[i], 0.1 * usual) : usual;
        inverse[i] = is_light ? (float)(1 / level) : 1;
    }
    return status;
}

/* ---- The frame most like the others ---- */

/* Low frequencies of a spectrum, filtered and of unit length: products tell how alike two frames are where they lie. */
enum { LOW = 12, LOW_FLOATS = 2 * (LOW + 1) * (2 * LOW + 1) };

static void fill_low(const template_set *set, const float *spectrum, float *low)
{
    const int64_t h = match_spectrum_rows(&set->spec), columns = match_spectrum_columns(&set->spec);
    const int64_t high_y = h / 2 - 1 < LOW ? h / 2 - 1 : LOW, high_x = columns - 1 < LOW ? columns - 1 : LOW;
    double power = 0;
    float *to = low;
    memset(low, 0, LOW_FLOATS * sizeof *low);
    for (int64_t x = 0; x <= high_x; x++)
        for (int64_t y = -high_y; y <= high_y; y++) {
            const int64_t row = y < 0 ? y + h : y;
            const float pass = (float)sqrt(fmax(match_pass(set->m, row, x), 0));
            for (int i = 0; i < 2; i++) {
                *to = pass * spectrum[2 * (x * h + row) + i];
                power += (double)(*to * *to);
                to++;
            }
        }
    const float scale = power > 0 ? (float)(1 / sqrt(power)) : 0;
    for (int64_t i = 0; i < LOW_FLOATS; i++) low[i] *= scale;
}

static double product(const float *a, const float *b)
{
    float lanes[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= LOW_FLOATS; i += 8)
        for (int64_t j = 0; j < 8; j++) lanes[j] += a[i + j] * b[i + j];
    double sum = 0;
    for (int64_t j = 0; j < 8; j++) sum += (double)lanes[j];
    for (; i < LOW_FLOATS; i++) sum += (double)(a[i] * b[i]);
    return sum;
}

/* The frame whose FRIENDS most similar frames are the most similar to it. */
static int64_t find_seed(const template_set *set, int64_t n, const double *power, double blank, float *low,
                         double *similar)
{
    enum { FRIENDS = 20 };
    int64_t seed = 0;
    double best = -INFINITY;
    for (int64_t i = 0; i < n; i++) fill_low(set, template_slot(set, i), low + i * LOW_FLOATS);
    for (int64_t i = 0; i < n; i++) {
        int64_t count = 0;
        if (power[i] <= blank) continue;
        for (int64_t k = 0; k < n; k++)
            if (k != i && power[k] > blank) similar[count++] = product(low + i * LOW_FLOATS, low + k * LOW_FLOATS);
        const int64_t friends = count < 4 * FRIENDS ? (count + 3) / 4 : FRIENDS;
        double sum = 0;
        if (friends > 0) (void)median_select(similar, count, count - friends); /* the highest stand behind it */
        for (int64_t k = count - friends; k < count; k++) sum += similar[k];
        const double mean = friends > 0 ? sum / (double)friends : 0;
        if (mean <= best) continue;
        best = mean;
        seed = i;
    }
    return seed;
}

/* ---- Registration of the sample ---- */

static bool take_notes(int64_t n, sample_notes *notes)
{
    const size_t each = 3 * sizeof(double) + sizeof(match) + LOW_FLOATS * sizeof(float) + 2 * sizeof(bool);
    notes->memory = calloc((size_t)n + 1, each);
    if (notes->memory == NULL) return false;
    notes->power = notes->memory;
    notes->saturated = notes->power + n;
    notes->numbers = notes->saturated + n;
    notes->matches = (match *)(notes->numbers + n);
    notes->low = (float *)(notes->matches + n);
    notes->is_good = (bool *)(notes->low + n * LOW_FLOATS);
    notes->is_noisy = notes->is_good + n;
    return true;
}

/* Of the frames that have something in them. */
static double median_of(const double *values, int64_t n, const double *power, double *numbers)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (power[i] > 0) numbers[count++] = values[i];
    return median_take(numbers, count);
}

/* Which frames belong together, by their peaks; `except` (the seed: it fits itself) says nothing. */
static void choose_good(stretch *s, int64_t n, double blank, int64_t except, sample_notes *notes)
{
    double *peaks = notes->numbers;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (i != except && notes->power[i] > blank) peaks[count++] = notes->matches[i].peak;
    const double middle = median_take(peaks, count);
    for (int64_t i = 0; i < count; i++) peaks[i] = fabs(peaks[i] - middle);
    const double deviation = 1.4826 * median_take(peaks, count);
    s->peak = middle;
    s->weakest = fmin(middle - FAR_DEVIATIONS * deviation, WEAK_SHARE * middle);
    s->n_good = 0;
    for (int64_t i = 0; i < n; i++) {
        const match *m = &notes->matches[i];
        notes->is_good[i] = i == except || (notes->power[i] > blank && m->peak >= s->weakest && !m->is_at_limit);
        s->n_good += notes->is_good[i];
    }
}

/* Dirt pulls every shift towards none, so that it looks as if it moved with the content, in part: leaving out what is
 * seen of it shows more of it. */
static void leave_specks_out(template_set *set, stretch *s, int64_t n, double blank, sample_notes *notes)
{
    if (s != set->stretches) return;
    for (int round = 0; round < MOST_ROUNDS && template_mask_specks(set, s, n, round > 0, notes); round++) {
        template_average(set, s, n, notes);
        template_match(set, s, n, notes);
        choose_good(s, n, blank, -1, notes);
        template_average(set, s, n, notes);
    }
}

static void register_sample(template_set *set, stretch *s, int64_t n, double blank, sample_notes *notes)
{
    if (set->given == NULL) {
        const int64_t seed = find_seed(set, n, notes->power, blank, notes->low, notes->numbers);
        match_set_target(set->m, template_slot(set, seed), set->taper, set->target_scratch, &s->target);
        template_match(set, s, n, notes);
        choose_good(s, n, blank, seed, notes);
        template_average(set, s, n, notes);
        leave_specks_out(set, s, n, blank, notes);
    }
    template_match(set, s, n, notes);
    choose_good(s, n, blank, -1, notes);
    if (set->given == NULL) template_average(set, s, n, notes);
}

/* ---- The template ---- */

static void transform_given(template_set *set, stretch *s)
{
    match_looks looks;
    memcpy(set->work, set->given, (size_t)set->n_values * sizeof(float));
    match_transform(set->m, s->inverse_level, set->work, set->scratch, s->sum, &looks);
    match_set_target(set->m, s->sum, set->taper, set->target_scratch, &s->target);
}

/* Tapers and division undone, as far as the tapers leave anything. */
static void paint_portrait(template_set *set, const stretch *s)
{
    float *spectrum = set->work, *image = set->work + set->spectrum_floats, *portrait = set->portrait;
    if (set->given != NULL) memcpy(portrait, set->given, (size_t)set->n_values * sizeof *portrait);
    if (set->given != NULL) return;
    memcpy(spectrum, s->sum, (size_t)set->spectrum_floats * sizeof(float));
    match_restore(set->m, spectrum, set->scratch, image);
    memcpy(spectrum, set->tapers, (size_t)set->spectrum_floats * sizeof(float));
    match_restore(set->m, spectrum, set->scratch, portrait);
    for (int64_t i = 0; i < set->n_values; i++) {
        const double taper = (double)portrait[i], detail = taper > LEAST_TAPER ? (double)image[i] / taper : 0;
        portrait[i] = (float)((1 + detail) / (double)s->inverse_level[i]);
    }
}

static lmp_status learn(template_set *set, int64_t k, sample_notes *notes, lmp_error *err)
{
    stretch *s = &set->stretches[k];
    const int64_t n = set->own_lists[k].count;
    float *mean = set->work + set->spectrum_floats;
    match_taper(set->m, set->target_scratch, set->taper);
    template_mean(set, n, mean);
    const lmp_status status = find_level(set, set->given != NULL ? set->given : mean, s->inverse_level, err);
    if (status != LMP_OK) return status;
    template_find_noise(set, s, n, notes);
    template_transform(set, s, n, notes);
    if (set->given != NULL) transform_given(set, s);
    s->n_sample = n;
    s->power = median_of(notes->power, n, notes->power, notes->numbers);
    s->saturated = median_of(notes->saturated, n, notes->power, notes->numbers);
    register_sample(set, s, n, BLANK_SHARE * s->power, notes);
    if (k == set->n_stretches / 2) paint_portrait(set, s);
    return LMP_OK;
}

lmp_status template_learn_stretch(template_set *set, int64_t k, lmp_error *err)
{
    sample_notes notes;
    if (!take_notes(set->own_lists[k].count, &notes))
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a template");
    const lmp_status status = learn(set, k, &notes, err);
    free(notes.memory);
    return status;
}
