/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_circular.c: how well a frame says in every direction that it has been moved.
 */
#include "movie/motion_circular.h"

#include "math/fft.h"

#include <math.h>
#include <string.h>

enum { REACH = 100, MAP_SIDE = 2 * REACH + 3, LINE = 64 };

static size_t whole_lines(size_t bytes)
{
    return (bytes + LINE - 1) / LINE * LINE;
}

static circular_plan sizes_of(int64_t height, int64_t width)
{
    return (circular_plan){.height = height,
                           .width = width,
                           .rows = fft_good_length(height + REACH),
                           .columns = fft_good_length(width + REACH)};
}

size_t circular_plan_bytes(int64_t height, int64_t width)
{
    const circular_plan p = sizes_of(height, width);
    return fft2_plan_bytes(p.rows, p.columns);
}

/* The parts of the scratch, one behind the other. */
typedef struct parts {
    size_t image; /* the frame, then its correlation with itself */
    size_t spectrum;
    size_t energy; /* sums of squares above and left of each pixel */
    size_t map;
} parts;

static parts parts_of(const circular_plan *p)
{
    return (parts){.image = whole_lines((size_t)(p->rows * p->columns) * sizeof(float)),
                   .spectrum = whole_lines((size_t)fft2_spectrum_floats(p->rows, p->columns) * sizeof(float)),
                   .energy = whole_lines((size_t)((p->height + 1) * (p->width + 1)) * sizeof(double)),
                   .map = whole_lines((size_t)MAP_SIDE * MAP_SIDE)};
}

size_t circular_scratch_bytes(int64_t height, int64_t width)
{
    const circular_plan p = sizes_of(height, width);
    const parts all = parts_of(&p);
    return all.image + all.spectrum + all.energy + all.map + fft2_scratch_bytes(p.rows, p.columns);
}

lmp_status circular_plan_open(int64_t height, int64_t width, circular_plan *plan, lmp_error *err)
{
    *plan = sizes_of(height, width);
    return fft2_plan_new(plan->rows, plan->columns, REACH, &plan->transforms, err);
}

void circular_plan_close(circular_plan *plan)
{
    fft2_plan_free(plan->transforms);
    plan->transforms = NULL;
}

/* ---- Where the frame is like itself ---- */

static void sum_energy(const float *image, int64_t height, int64_t width, double *energy)
{
    const int64_t step = width + 1;
    memset(energy, 0, (size_t)step * sizeof *energy);
    for (int64_t y = 0; y < height; y++) {
        double row = 0;
        energy[(y + 1) * step] = 0;
        for (int64_t x = 0; x < width; x++) {
            row += (double)image[y * width + x] * (double)image[y * width + x];
            energy[(y + 1) * step + x + 1] = energy[y * step + x + 1] + row;
        }
    }
}

/* Of the part of the frame that still lies under it once displaced. */
static double energy_under(const circular_plan *p, const double *energy, int64_t sy, int64_t sx)
{
    const int64_t step = p->width + 1;
    const int64_t top = sy > 0 ? sy : 0, bottom = sy < 0 ? p->height + sy : p->height;
    const int64_t left = sx > 0 ? sx : 0, right = sx < 0 ? p->width + sx : p->width;
    if (top >= bottom || left >= right) return 0;
    return energy[bottom * step + right] - energy[top * step + right] - energy[bottom * step + left] +
           energy[top * step + left];
}

static void correlate_with_itself(const circular_plan *p, float *image, float *spectrum, void *scratch)
{
    fft2_forward(p->transforms, image, p->height, p->width, p->width, spectrum, scratch);
    const int64_t n = fft2_spectrum_floats(p->rows, p->columns);
    for (int64_t i = 0; i + 1 < n; i += 2) {
        spectrum[i] = spectrum[i] * spectrum[i] + spectrum[i + 1] * spectrum[i + 1];
        spectrum[i + 1] = 0;
    }
    fft2_inverse(p->transforms, spectrum, image, scratch);
}

static void draw_map(const circular_plan *p, const float *correlation, const double *energy, uint8_t *map)
{
    const double all = energy[(p->height + 1) * (p->width + 1) - 1], n = (double)(p->rows * p->columns);
    memset(map, 0, (size_t)MAP_SIDE * MAP_SIDE);
    for (int64_t sy = -REACH; sy <= REACH; sy++)
        for (int64_t sx = -REACH; sx <= REACH; sx++) {
            const int64_t y = (sy + p->rows) % p->rows, x = (sx + p->columns) % p->columns;
            const double under = energy_under(p, energy, sy, sx);
            const double differs = all + under - 2 * (double)correlation[y * p->columns + x] / n;
            map[(sy + REACH + 1) * MAP_SIDE + sx + REACH + 1] = differs < sqrt(all * under);
        }
}

double circular_measure(const circular_plan *plan, const motion_image *image, void *scratch)
{
    const parts all = parts_of(plan);
    char *at = scratch;
    float *values = (float *)(void *)at, *spectrum = (float *)(void *)(at + all.image);
    double *energy = (double *)(void *)(at + all.image + all.spectrum);
    uint8_t *map = (uint8_t *)at + all.image + all.spectrum + all.energy;
    motion_image_load(image, 0, plan->height * plan->width, values);
    sum_energy(values, plan->height, plan->width, energy);
    correlate_with_itself(plan, values, spectrum, map + all.map);
    draw_map(plan, values, energy, map);
    return circular_shape(map, MAP_SIDE, MAP_SIDE);
}

/* ---- Shapes ---- */

enum { NOTHING = 0, OUTSIDE = 2, PASSED = 3 }; /* 1: the shape */

/* Steps to the eight neighbours, against the clock as seen: right, right and up, up, ... */
static const int step_y[] = {0, -1, -1, -1, 0, 1, 1, 1}, step_x[] = {1, 1, 0, -1, -1, -1, 0, 1};

/* One pixel spreads where its 4 neighbours are: rows down and up in turn until nothing changes, as large maps would not
 * fit a stack. */
static void mark_outside(uint8_t *map, int64_t height, int64_t width)
{
    bool changes = true;
    map[0] = OUTSIDE;
    while (changes) {
        changes = false;
        for (int64_t k = 0; k < 2 * height * width; k++) {
            const int64_t i = k < height * width ? k : 2 * height * width - 1 - k, y = i / width, x = i % width;
            if (map[i] != NOTHING) continue;
            const bool beside = (y > 0 && map[i - width] == OUTSIDE) || (y + 1 < height && map[i + width] == OUTSIDE) ||
                                (x > 0 && map[i - 1] == OUTSIDE) || (x + 1 < width && map[i + 1] == OUTSIDE);
            if (!beside) continue;
            map[i] = OUTSIDE;
            changes = true;
        }
    }
}

typedef struct outline {
    double area, length;
} outline;

/* Along the centres of the outermost pixels of the shape that begins at `start`, the first one in rows (Suzuki and Abe
 * 1985, border following). Each pixel of the way becomes `mark`. */
static outline follow(uint8_t *map, int64_t width, int64_t start, uint8_t mark)
{
    outline made = {0, 0};
    int back = 4, tried = 0;
    int64_t shift[8];
    for (int d = 0; d < 8; d++) shift[d] = step_y[d] * width + step_x[d];
    while (tried < 8 && map[start + shift[back]] == OUTSIDE) {
        back = (back + 7) % 8;
        tried++;
    }
    map[start] = mark;
    if (tried == 8) return made;
    const int64_t second = start + shift[back];
    int64_t here = start;
    for (;;) {
        int ahead = (back + 1) % 8;
        while (map[here + shift[ahead]] == OUTSIDE) ahead = (ahead + 1) % 8;
        const int64_t next = here + shift[ahead], y = here / width, x = here % width;
        made.length += ahead % 2 ? sqrt(2) : 1;
        made.area += 0.5 * (double)(x * step_y[ahead] - y * step_x[ahead]);
        map[next] = mark;
        if (next == start && here == second) break;
        back = (ahead + 4) % 8;
        here = next;
    }
    made.area = fabs(made.area);
    return made;
}

/* True if every shape but those inside begins on the way marked: pixels that touch the outside and were not passed. */
static bool is_only_one(const uint8_t *map, int64_t height, int64_t width, uint8_t mark)
{
    for (int64_t y = 1; y + 1 < height; y++)
        for (int64_t x = 1; x + 1 < width; x++) {
            const int64_t i = y * width + x;
            if (map[i] == OUTSIDE || map[i] == mark) continue;
            if (map[i - 1] == OUTSIDE || map[i + 1] == OUTSIDE || map[i - width] == OUTSIDE ||
                map[i + width] == OUTSIDE)
                return false;
        }
    return true;
}

double circular_shape(uint8_t *map, int64_t height, int64_t width)
{
    mark_outside(map, height, width);
    int64_t start = 0;
    while (start < height * width && map[start] == OUTSIDE) start++;
    if (start == height * width) return 0;
    const outline made = follow(map, width, start, PASSED);
    if (!is_only_one(map, height, width, PASSED)) return 0;
    return made.length > 0 ? 4 * M_PI * made.area / (made.length * made.length) : 0;
}
