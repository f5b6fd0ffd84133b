/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_shift.c: which pixels are valid, what the others become, and who computes.
 */
#include "movie/image_shift.h"

#include "core/budget.h"
#include "kernels/shift_bicubic.h"
#include "kernels/shift_bilinear.h"
#include "movie/image_fourier.h"
#include "movie/pixel_values.h"

#include <math.h>
#include <string.h>

static const double MOST_SHIFT = 1e9, GRID = 0x1p32;

struct image_shift {
    image_shift_spec spec;
    fourier_shift *fourier; /* NULL: another method */
    char fill[8];           /* as a number of the type */
};

/* ---- Where pixels come from ---- */

/* Along one axis: pixel i comes from whole + i, and `part` of the way to the next. */
typedef struct origin {
    int64_t whole;
    double part;
} origin;

/* False: farther than any image is large. */
static bool find_origin(double shift, origin *o)
{
    if (!(fabs(shift) <= MOST_SHIFT)) return false;
    const double from = -nearbyint(shift * GRID) / GRID, whole = floor(from);
    *o = (origin){(int64_t)whole, from - whole};
    return true;
}

/* Pixels first to end - 1 of an axis. */
typedef struct stretch {
    int64_t first, end;
} stretch;

static stretch common(stretch a, stretch b)
{
    return (stretch){a.first > b.first ? a.first : b.first, a.end < b.end ? a.end : b.end};
}

/* Those whose neighbours are inside of an axis of n. */
static stretch valid_on(image_shift_method method, origin o, int64_t n)
{
    const int64_t before = o.part > 0 && method == IMAGE_SHIFT_BICUBIC ? 1 : 0;
    const int64_t after = o.part > 0 ? before + 1 : 0;
    return common((stretch){before - o.whole, n - after - o.whole}, (stretch){0, n});
}

static image_window window_of(stretch y, stretch x)
{
    if (y.end <= y.first || x.end <= x.first) return (image_window){0};
    return (image_window){y.first, x.first, y.end - y.first, x.end - x.first};
}

image_window image_shift_valid(const image_shift_spec *spec, const double *dy, const double *dx, int64_t n)
{
    stretch y = {0, spec->height}, x = {0, spec->width};
    for (int64_t i = 0; i < n; i++) {
        origin oy, ox;
        if (!find_origin(dy[i], &oy) || !find_origin(dx[i], &ox)) return (image_window){0};
        y = common(y, valid_on(spec->method, oy, spec->height));
        x = common(x, valid_on(spec->method, ox, spec->width));
    }
    return window_of(y, x);
}

/* ---- Opening ---- */

lmp_status image_shift_check_fill(const char *step, lmp_type type, double fill, lmp_error *err)
{
    if (type == LMP_FLOAT64) return LMP_OK;
    if (type == LMP_FLOAT32) {
        if (!isfinite(fill) || fabs(fill) <= 0x1.fffffep127) return LMP_OK;
        return lmp_fail(err, LMP_ERR_USAGE, "%s: fill=%g is too large for the movie's float32: choose a smaller one",
                        step, fill);
    }
    if (fill == floor(fill) && fill >= pixel_type_lowest(type) && fill <= pixel_type_highest(type)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s: fill=%g does not fit the movie's whole numbers from %.0f to %.0f: choose one of these, or "
                    "convert the movie before",
                    step, fill, pixel_type_lowest(type), pixel_type_highest(type));
}

lmp_status image_shift_check_size(const char *step, const image_shift_spec *spec, lmp_error *err)
{
    const int64_t longest = FOURIER_SHIFT_LONGEST;
    if (spec->method != IMAGE_SHIFT_FOURIER || (spec->height <= longest && spec->width <= longest)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s: fourier moves frames of up to %lld pixels a side, but these are %lld x %lld: take bicubic",
                    step, (long long)longest, (long long)spec->width, (long long)spec->height);
}

size_t image_shift_bytes(const image_shift_spec *spec)
{
    return sizeof(image_shift) +
           (spec->method == IMAGE_SHIFT_FOURIER ? fourier_shift_bytes(spec->height, spec->width) : 0);
}

size_t image_shift_scratch_bytes(const image_shift_spec *spec)
{
    const int64_t values = spec->width * spec->n_colours;
    switch (spec->method) {
    case IMAGE_SHIFT_BICUBIC:
        return shift_bicubic_row_bytes(values, spec->n_colours);
    case IMAGE_SHIFT_FOURIER:
        return image_fourier_scratch_bytes(spec->height, spec->width);
    default:
        return shift_bilinear_row_bytes(spec->type, values);
    }
}

lmp_status image_shift_open(const image_shift_spec *spec, lmp_budget *budget, image_shift **made, lmp_error *err)
{
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(image_shift), &memory, err);
    if (status != LMP_OK) return status;
    image_shift *s = memory;
    s->spec = *spec;
    pixel_values_put(spec->type, s->fill, 0, 1, &spec->fill);
    if (spec->method == IMAGE_SHIFT_FOURIER) {
        const size_t bytes = fourier_shift_bytes(spec->height, spec->width);
        status = budget_reserve(budget, bytes, err);
        if (status == LMP_OK) {
            status = fourier_shift_new(spec->height, spec->width, &s->fourier, err);
            if (status != LMP_OK) budget_release(budget, bytes);
        }
    }
    if (status == LMP_OK)
        *made = s;
    else
        lmp_give(budget, s);
    return status;
}

void image_shift_close(image_shift *s, lmp_budget *budget)
{
    if (s == NULL) return;
    if (s->fourier != NULL) budget_release(budget, fourier_shift_bytes(s->spec.height, s->spec.width));
    fourier_shift_free(s->fourier);
    lmp_give(budget, s);
}

/* ---- Moving ---- */

/* Doubles what is filled until all is. */
static void fill_pixels(const image_shift *s, void *to, int64_t pixels)
{
    const size_t one = lmp_type_bytes(s->spec.type), bytes = (size_t)(pixels * s->spec.n_colours) * one;
    if (bytes == 0) return;
    memcpy(to, s->fill, one);
    for (size_t done = one; done < bytes;) {
        const size_t more = done < bytes - done ? done : bytes - done;
        memcpy((char *)to + done, to, more);
        done += more;
    }
}

/* All of the window but the core. */
static void fill_around(const image_shift *s, const image_window *window, const image_window *core, char *out)
{
    const int64_t above = core->y - window->y, below = window->height - above - core->height;
    const int64_t left = core->x - window->x, right = window->width - left - core->width;
    const size_t pixel = (size_t)s->spec.n_colours * lmp_type_bytes(s->spec.type);
    const size_t row = (size_t)window->width * pixel;
    fill_pixels(s, out, above * window->width);
    for (int64_t y = above; y < above + core->height; y++) {
        fill_pixels(s, out + (size_t)y * row, left);
        fill_pixels(s, out + (size_t)y * row + (size_t)(left + core->width) * pixel, right);
    }
    fill_pixels(s, out + (size_t)(above + core->height) * row, below * window->width);
}

static void copy_area(const shift_area *a)
{
    const size_t one = lmp_type_bytes(a->type);
    for (int64_t y = 0; y < a->rows; y++)
        memcpy((char *)a->out + (size_t)(y * a->out_row) * one, (const char *)a->in + (size_t)(y * a->in_row) * one,
               (size_t)a->values * one);
}

static void move_core(const image_shift *s, const void *in, origin y, origin x, const image_window *core, shift_area *a,
                      void *scratch)
{
    const int64_t colours = s->spec.n_colours, row = y.whole + core->y, column = x.whole + core->x;
    a->in = (const char *)in + (size_t)((row * s->spec.width + column) * colours) * lmp_type_bytes(s->spec.type);
    if (a->part_y == 0 && a->part_x == 0)
        copy_area(a);
    else if (s->spec.method == IMAGE_SHIFT_BILINEAR)
        shift_bilinear(a, scratch);
    else if (s->spec.method == IMAGE_SHIFT_BICUBIC)
        shift_bicubic(a, scratch);
    else
        image_fourier_move(s->fourier, in, s->spec.height, s->spec.width, row, column, a, scratch);
}

void image_shift_move(const image_shift *s, const void *in, double dy, double dx, const image_window *window, void *out,
                      void *scratch)
{
    const image_shift_spec *spec = &s->spec;
    const int64_t colours = spec->n_colours;
    const stretch rows = {window->y, window->y + window->height}, columns = {window->x, window->x + window->width};
    origin y = {0}, x = {0};
    image_window core = {0};
    if (find_origin(dy, &y) && find_origin(dx, &x))
        core = window_of(common(rows, valid_on(spec->method, y, spec->height)),
                         common(columns, valid_on(spec->method, x, spec->width)));
    if (core.height == 0) {
        fill_pixels(s, out, window->height * window->width);
        return;
    }
    fill_around(s, window, &core, out);
    const int64_t first = (core.y - window->y) * window->width + core.x - window->x;
    shift_area a = {.type = spec->type,
                    .in_row = spec->width * colours,
                    .out = (char *)out + (size_t)(first * colours) * lmp_type_bytes(spec->type),
                    .out_row = window->width * colours,
                    .rows = core.height,
                    .values = core.width * colours,
                    .colours = colours,
                    .part_y = y.part,
                    .part_x = x.part};
    move_core(s, in, y, x, &core, &a, scratch);
}
