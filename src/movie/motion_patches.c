/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_patches.c: where patches of an image lie over the same patches of a template.
 */
#include "movie/motion_patches.h"

#include "math/fft.h"
#include "movie/motion_peak.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A best match must be so much higher than any that is not beside it. suite2p asks for 1.2; of two
 * simulated bends one did better with 1.6, the other alike. */
#define STANDS_OUT 1.6
/* As a share of the side, at each edge: the middle counts most, so that the shift is that of the patch's centre, and
 * neighbours share little noise. On two simulated bends errors were 2 and 9 % larger for 0.35. */
#define TAPER_SHARE 0.5

struct patches {
    patch_layout layout;
    match_spec spec;
    matcher *m;
    int64_t map_reach;           /* maps hold shifts of up to so many pixels */
    int64_t away;                /* another match lies farther than this from the best */
    int64_t width;               /* of transforms */
    int64_t n_image, n_spectrum; /* floats, in whole lines of cache */
    float *ones;
};

/* ---- Layout ---- */

static void lay_axis(int64_t n, int64_t side, int64_t overlap, int64_t *first, int64_t *step, int64_t *count)
{
    const int64_t wanted = side - overlap, room = n - side + 2 * (side / 4);
    *count = 1 + (room + wanted - 1) / wanted;
    *step = *count > 1 ? room / (*count - 1) : 1;
    *first = (room - (*count - 1) * *step) / 2 - side / 4;
}

patch_layout patch_layout_of(int64_t image_rows, int64_t image_columns, int64_t side, int64_t overlap, int64_t reach)
{
    patch_layout l = {.image_rows = image_rows, .image_columns = image_columns, .side = side, .reach = reach};
    lay_axis(image_rows, side, overlap, &l.first_y, &l.step_y, &l.rows);
    lay_axis(image_columns, side, overlap, &l.first_x, &l.step_x, &l.columns);
    return l;
}

field_grid patch_grid(const patch_layout *l)
{
    const double middle = (double)(l->side - 1) / 2;
    return (field_grid){.rows = l->rows,
                        .columns = l->columns,
                        .first_y = (double)l->first_y + middle,
                        .first_x = (double)l->first_x + middle,
                        .step_y = (double)l->step_y,
                        .step_x = (double)l->step_x};
}

/* ---- Sizes ---- */

static int64_t lines(int64_t floats)
{
    return (floats + 15) / 16 * 16;
}

static match_spec patch_spec(const patch_layout *l, double smooth, double background)
{
    return (match_spec){.type = LMP_FLOAT32,
                        .frame_width = l->side,
                        .region = {0, 0, l->side, l->side},
                        .binning = 1,
                        .smooth = smooth,
                        .background = background,
                        .reach_y = (double)(l->side / 4),
                        .reach_x = (double)(l->side / 4),
                        .taper = TAPER_SHARE * (double)l->side};
}

static int64_t map_floats(const patch_layout *l)
{
    const int64_t side = 2 * (l->side / 4) + 1;
    return lines(side * side);
}

size_t patches_bytes(const patch_layout *l)
{
    const match_spec spec = patch_spec(l, 1, 1);
    return sizeof(patches) + (size_t)lines(l->side * l->side) * sizeof(float) + matcher_bytes(&spec);
}

int64_t patches_target_floats(const patch_layout *l)
{
    const match_spec spec = patch_spec(l, 1, 1);
    return l->rows * l->columns * lines(match_spectrum_floats(&spec));
}

/* The matcher's; a patch, its spectrum; all maps, and two more. */
typedef struct patch_scratch {
    void *matcher;
    float *image, *spectrum, *maps, *sum, *wide;
} patch_scratch;

static int64_t matcher_floats(const match_spec *spec)
{
    return lines((int64_t)(match_scratch_bytes(spec) / sizeof(float)) + 1);
}

int64_t patches_scratch_floats(const patch_layout *l)
{
    const match_spec spec = patch_spec(l, 1, 1);
    return matcher_floats(&spec) + lines(l->side * l->side) + lines(match_spectrum_floats(&spec)) +
           (l->rows * l->columns + 2) * map_floats(l);
}

static patch_scratch split(const patches *p, float *scratch)
{
    const patch_layout *l = &p->layout;
    float *image = scratch + matcher_floats(&p->spec), *spectrum = image + p->n_image, *maps = spectrum + p->n_spectrum,
          *sum = maps + l->rows * l->columns * map_floats(l);
    return (patch_scratch){scratch, image, spectrum, maps, sum, sum + map_floats(l)};
}

/* ---- Life ---- */

lmp_status patches_open(const patch_layout *layout, double smooth, double background, lmp_budget *budget,
                        patches **made, lmp_error *err)
{
    void *memory;
    const int64_t n = lines(layout->side * layout->side);
    const size_t head = (sizeof(patches) + 63) / 64 * 64;
    lmp_status status = lmp_take(budget, head + (size_t)n * sizeof(float), &memory, err);
    if (status != LMP_OK) return status;
    patches *p = memory;
    p->layout = *layout;
    p->spec = patch_spec(layout, smooth, background);
    p->map_reach = layout->side / 4;
    p->away = (int64_t)ceil(background);
    p->width = fft_good_length(layout->side);
    p->n_image = n;
    p->n_spectrum = lines(match_spectrum_floats(&p->spec));
    p->ones = (float *)(void *)((char *)memory + head);
    for (int64_t i = 0; i < n; i++) p->ones[i] = 1;
    status = matcher_open(&p->spec, NULL, budget, &p->m, err);
    if (status == LMP_OK)
        *made = p;
    else
        lmp_give(budget, p);
    return status;
}

void patches_close(patches *p, lmp_budget *budget)
{
    if (p == NULL) return;
    matcher_close(p->m, budget);
    lmp_give(budget, p);
}

/* ---- One patch ---- */

static void take_patch(const patches *p, const float *image, int64_t row, int64_t column, const patch_scratch *s,
                       match_looks *looks)
{
    const patch_layout *l = &p->layout;
    const int64_t first_y = l->first_y + row * l->step_y, first_x = l->first_x + column * l->step_x;
    const int64_t before = first_x < 0 ? -first_x : 0,
                  end = first_x + l->side > l->image_columns ? l->image_columns - first_x : l->side;
    for (int64_t y = 0; y < l->side; y++) {
        float *to = s->image + y * l->side;
        const bool is_there = first_y + y >= 0 && first_y + y < l->image_rows;
        const int64_t from = is_there ? before : l->side, upto = is_there ? end : l->side;
        for (int64_t x = 0; x < from; x++) to[x] = NAN;
        if (is_there)
            memcpy(to + from, image + (first_y + y) * l->image_columns + first_x + from,
                   (size_t)(upto - from) * sizeof *to);
        for (int64_t x = upto; x < l->side; x++) to[x] = NAN;
    }
    match_transform(p->m, p->ones, s->image, s->matcher, s->spectrum, looks);
}

void patches_set_targets(const patches *p, const float *image, float *scratch, float *targets)
{
    const patch_scratch s = split(p, scratch);
    const int64_t h = match_spectrum_rows(&p->spec), w = match_spectrum_columns(&p->spec);
    const double n = (double)(h * p->width);
    for (int64_t k = 0; k < p->layout.rows * p->layout.columns; k++) {
        float *target = targets + k * p->n_spectrum;
        match_looks looks;
        take_patch(p, image, k / p->layout.columns, k % p->layout.columns, &s, &looks);
        const double power = match_power(p->m, s.spectrum) * n * n, scale = power > 0 ? 1 / sqrt(power) : 0;
        for (int64_t x = 0; x < w; x++)
            for (int64_t y = 0; y < h; y++) {
                const int64_t at = 2 * (x * h + y);
                const double pass = scale * match_pass(p->m, y, x);
                target[at] = (float)(pass * (double)s.spectrum[at]);
                target[at + 1] = (float)(-pass * (double)s.spectrum[at + 1]);
            }
    }
}

/* The normalised correlation for shifts of up to map_reach, (-map_reach, -map_reach) first. */
static void make_map(const patches *p, const float *targets, const float *image, int64_t k, const patch_scratch *s)
{
    const int64_t r = p->map_reach, side = 2 * r + 1, h = match_spectrum_rows(&p->spec);
    const int64_t w = p->width;
    float *map = s->maps + k * map_floats(&p->layout);
    match_looks looks;
    double power;
    take_patch(p, image, k / p->layout.columns, k % p->layout.columns, s, &looks);
    const float *values = match_correlate(p->m, s->spectrum, targets + k * p->n_spectrum, s->matcher, &power);
    const float scale = power > 0 ? (float)(1 / sqrt(power)) : 0;
    for (int64_t y = -r; y <= r; y++) {
        const float *row = values + (y < 0 ? y + h : y) * w;
        float *to = map + (y + r) * side + r;
        for (int64_t x = -r; x < 0; x++) to[x] = scale * row[w + x];
        for (int64_t x = 0; x <= r; x++) to[x] = scale * row[x];
    }
}

/* ---- The best match ---- */

typedef struct best_match {
    double dy, dx;
    bool stands_out;
} best_match;

static float highest_of(const float *values, int64_t n)
{
    float lanes[8];
    for (int j = 0; j < 8; j++) lanes[j] = -INFINITY;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int64_t j = 0; j < 8; j++) lanes[j] = values[i + j] > lanes[j] ? values[i + j] : lanes[j];
    for (; i < n; i++) lanes[0] = values[i] > lanes[0] ? values[i] : lanes[0];
    for (int j = 1; j < 8; j++) lanes[0] = lanes[j] > lanes[0] ? lanes[j] : lanes[0];
    return lanes[0];
}

/* Highest value of a map outside the box of `away` around (y, x). */
static float highest_elsewhere(const patches *p, const float *map, int64_t y, int64_t x)
{
    const int64_t side = 2 * p->map_reach + 1;
    const int64_t left = x - p->away > 0 ? x - p->away : 0, right = x + p->away + 1 < side ? x + p->away + 1 : side;
    float best = -INFINITY;
    for (int64_t r = 0; r < side; r++) {
        const bool is_near = llabs(r - y) <= p->away;
        const float before = highest_of(map + r * side, is_near ? left : side);
        const float after = is_near ? highest_of(map + r * side + right, side - right) : -INFINITY;
        best = fmaxf(best, fmaxf(before, after));
    }
    return best;
}

static best_match find_best(const patches *p, const float *map)
{
    const int64_t side = 2 * p->map_reach + 1, first = p->map_reach - p->layout.reach,
                  last = p->map_reach + p->layout.reach;
    int64_t y = first, x = first;
    best_match found;
    float values[9];
    for (int64_t j = first; j <= last; j++)
        for (int64_t i = first; i <= last; i++)
            if (map[j * side + i] > map[y * side + x]) {
                y = j;
                x = i;
            }
    const float peak = map[y * side + x], other = highest_elsewhere(p, map, y, x);
    for (int i = 0; i < 9; i++) values[i] = map[(y + i / 3 - 1) * side + x + i % 3 - 1];
    peak_refine(values, &found.dy, &found.dx);
    found.dy += (double)(y - p->map_reach);
    found.dx += (double)(x - p->map_reach);
    found.stands_out = peak > 0 && peak >= (float)STANDS_OUT * other && y > first && y < last && x > first && x < last;
    return found;
}

/* ---- Neighbours ---- */

/* How much the maps of patches so far away (rows, columns) count. */
static const float NEAR[2] = {1, 0.5F}, WIDE[3] = {1.5F, 1, 0.25F};

static void add_maps(const patches *p, const float *maps, int64_t k, const float *weights, int64_t reach, float *sum)
{
    const patch_layout *l = &p->layout;
    const int64_t row = k / l->columns, column = k % l->columns, n = map_floats(l);
    memset(sum, 0, (size_t)n * sizeof *sum);
    for (int64_t j = row - reach; j <= row + reach; j++)
        for (int64_t i = column - reach; i <= column + reach; i++) {
            if (j < 0 || i < 0 || j >= l->rows || i >= l->columns) continue;
            const float weight = weights[llabs(j - row)] * weights[llabs(i - column)];
            const float *map = maps + (j * l->columns + i) * n;
            for (int64_t v = 0; v < n; v++) sum[v] += weight * map[v];
        }
}

void patches_match(const patches *p, const float *targets, const float *image, float *scratch, field_nodes *found)
{
    const patch_scratch s = split(p, scratch);
    const int64_t n = p->layout.rows * p->layout.columns;
    for (int64_t k = 0; k < n; k++) make_map(p, targets, image, k, &s);
    for (int64_t k = 0; k < n; k++) {
        best_match best = find_best(p, s.maps + k * map_floats(&p->layout));
        if (!best.stands_out) {
            add_maps(p, s.maps, k, NEAR, 1, s.sum);
            best = find_best(p, s.sum);
        }
        if (!best.stands_out) {
            add_maps(p, s.maps, k, WIDE, 2, s.sum);
            best = find_best(p, s.sum);
        }
        found->y[k] = (float)best.dy;
        found->x[k] = (float)best.dx;
        found->is_known[k] = best.stands_out;
    }
}
