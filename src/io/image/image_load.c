/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_load.c: what loading does to every decoded image: colours to grey, smaller, upright.
 *
 * Made smaller from W to w pixels, pixel i of the result covers [i W, (i+1) W) where pixel j of the image covers
 * [j w, (j+1) w), or [j w u, (j+1) w u) if a decoder has made it smaller by u: all weights are whole numbers, so that
 * sums of integers of up to 16 bits are exact in double (2^16 values of at most 2^31 pixels, below 2^53), and the
 * result does not depend on the order of summation.
 */
#include "io/image/image_load.h"

#include "core/budget.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PIXELS ((int64_t)1 << 31)

/* ---- Shape ------------------------------------------------------------------------------------------------ */

static int64_t shrink(int64_t size, double ratio)
{
    const int64_t n = llround((double)size * ratio);
    return n < 1 ? 1 : n;
}

static bool is_64_bit(lmp_type type)
{
    return type == LMP_INT64 || type == LMP_UINT64;
}

lmp_status image_load_shape(const char *path, lmp_format *format, int64_t orientation, const lmp_open_options *options,
                            image_load *load, lmp_error *err)
{
    const double ratio = options->size_ratio == 0 ? 1 : options->size_ratio;
    const int64_t h = format->height, w = format->width, n = format->n_colours;
    if (!(ratio > 0 && ratio <= 1))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s: images cannot be loaded at %g of their size; say a ratio above 0 and up to 1", path,
                        ratio);
    if (h < 1 || w < 1 || n < 1 || n > 4)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s says that its images are %" PRId64 " x %" PRId64 " pixels of %" PRId64
                        " colours: there is nothing to read",
                        path, w, h, n);
    if (h > MOST_PIXELS / w)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s says that its images are %" PRId64 " x %" PRId64 " pixels; up to 2^31 pixels are read",
                        path, w, h);
    const bool is_turned = orientation >= 5 && orientation <= 8;
    *load = (image_load){.type = format->type,
                         .full_height = h,
                         .full_width = w,
                         .unit = 1,
                         .decoded_height = h,
                         .decoded_width = w,
                         .decoded_colours = n,
                         .small_height = shrink(h, ratio),
                         .small_width = shrink(w, ratio),
                         .n_colours = options->grey != 0 || n < 3 ? 1 : 3,
                         .orientation = orientation >= 1 && orientation <= 8 ? orientation : 1};
    const bool is_computed = load->small_height != h || load->small_width != w || (n > 2 && load->n_colours == 1);
    if (is_computed && is_64_bit(load->type))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s holds integers of 64 bits, which cannot be made smaller or grey while "
                        "loading; load it as it is and convert it",
                        path);
    load->height = is_turned ? load->small_width : load->small_height;
    load->width = is_turned ? load->small_height : load->small_width;
    format->height = load->height;
    format->width = load->width;
    format->n_colours = load->n_colours;
    return LMP_OK;
}

bool image_load_decode_by(image_load *load, int64_t unit)
{
    const int64_t h = (load->full_height + unit - 1) / unit, w = (load->full_width + unit - 1) / unit;
    if (h < load->small_height || w < load->small_width) return false;
    load->decoded_height = h;
    load->decoded_width = w;
    load->unit = unit;
    return true;
}

static bool is_resized(const image_load *load)
{
    return load->small_height != load->decoded_height || load->small_width != load->decoded_width;
}

bool image_load_is_plain(const image_load *load)
{
    return !is_resized(load) && load->decoded_colours == load->n_colours && load->orientation == 1;
}

static size_t pixel_bytes(const image_load *load)
{
    return (size_t)load->n_colours * lmp_type_bytes(load->type);
}

size_t image_load_decoded_bytes(const image_load *load)
{
    return (size_t)(load->decoded_height * load->decoded_width * load->decoded_colours) * lmp_type_bytes(load->type);
}

size_t image_load_bytes(const image_load *load)
{
    return (size_t)(load->height * load->width) * pixel_bytes(load);
}

/* ---- Arithmetic of one row, for each number type ----------------------------------------------------------- */

typedef struct row_kernel {
    /* The first n_out of n_in colours of each pixel, or their grey if n_out is 1 and n_in above 2. */
    void (*narrow)(const void *in, int64_t width, int64_t n_in, int64_t n_out, void *out);
    /* Weighted sums of the pixels under each of n_out: see the head of this file. */
    void (*average)(const void *in, int64_t n_in, int64_t n_out, int64_t unit, int64_t colours, double *out);
    /* Sums divided by the sum of weights and rounded. */
    void (*settle)(const double *sums, int64_t count, double weight, void *out);
} row_kernel;

#define KEEP_REAL(type, x)   ((type)(x))
#define ROUND_WHOLE(type, x) ((type)floor((x) + 0.5))
#define GREY_OF_DOUBLES(type, round, r, g, b)                                                                          \
    round(type, (299 * (double)(r) + 587 * (double)(g) + 114 * (double)(b)) / 1000)
#define GREY_OF_SMALL(type, round, r, g, b) ((type)((299u * (r) + 587u * (g) + 114u * (b) + 500u) / 1000u))

#define ROW_KERNEL(name, type, round, grey)                                                                            \
    static void narrow_##name(const void *in, int64_t width, int64_t n_in, int64_t n_out, void *out)                   \
    {                                                                                                                  \
        const type *from = in;                                                                                         \
        type *to = out;                                                                                                \
        for (int64_t i = 0; i < width; i++, from += n_in, to += n_out) {                                               \
            if (n_out == 3) {                                                                                          \
                to[0] = from[0];                                                                                       \
                to[1] = from[1];                                                                                       \
                to[2] = from[2];                                                                                       \
            } else {                                                                                                   \
                to[0] = n_in > 2 ? grey(type, round, from[0], from[1], from[2]) : from[0];                             \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void average_##name(const void *in, int64_t n_in, int64_t n_out, int64_t unit, int64_t colours,             \
                               double *out)                                                                            \
    {                                                                                                                  \
        const int64_t size = unit * n_out;                                                                             \
        for (int64_t i = 0; i < n_out; i++) {                                                                          \
            const int64_t begin = i * n_in, end = begin + n_in;                                                        \
            const int64_t first = begin / size, last = (end - 1) / size;                                               \
            for (int64_t c = 0; c < colours; c++) {                                                                    \
                const type *from = (const type *)in + c;                                                               \
                double sum =                                                                                           \
                    (double)from[first * colours] * (double)((first == last ? end : (first + 1) * size) - begin);      \
                double whole = 0;                                                                                      \
                for (int64_t j = first + 1; j < last; j++) whole += (double)from[j * colours];                         \
                if (first != last) sum += (double)from[last * colours] * (double)(end - last * size);                  \
                out[i * colours + c] = sum + whole * (double)size;                                                     \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void settle_##name(const double *sums, int64_t count, double weight, void *out)                             \
    {                                                                                                                  \
        type *to = out;                                                                                                \
        for (int64_t i = 0; i < count; i++) to[i] = round(type, sums[i] / weight);                                     \
    }

ROW_KERNEL(int8, int8_t, ROUND_WHOLE, GREY_OF_DOUBLES)
ROW_KERNEL(uint8, uint8_t, ROUND_WHOLE, GREY_OF_SMALL)
ROW_KERNEL(int16, int16_t, ROUND_WHOLE, GREY_OF_DOUBLES)
ROW_KERNEL(uint16, uint16_t, ROUND_WHOLE, GREY_OF_SMALL)
ROW_KERNEL(int32, int32_t, ROUND_WHOLE, GREY_OF_DOUBLES)
ROW_KERNEL(uint32, uint32_t, ROUND_WHOLE, GREY_OF_DOUBLES)
ROW_KERNEL(float32, float, KEEP_REAL, GREY_OF_DOUBLES)
ROW_KERNEL(float64, double, KEEP_REAL, GREY_OF_DOUBLES)

/* 64-bit integers are only copied: image_load_shape() refuses the rest. */
static void narrow_64(const void *in, int64_t width, int64_t n_in, int64_t n_out, void *out)
{
    for (int64_t i = 0; i < width; i++)
        memcpy((char *)out + 8 * i * n_out, (const char *)in + 8 * i * n_in, 8 * (size_t)n_out);
}

#define KERNEL_OF(name)                                                                                                \
    {                                                                                                                  \
        narrow_##name, average_##name, settle_##name                                                                   \
    }
static const row_kernel kernels[] = {
    [LMP_INT8] = KERNEL_OF(int8),        [LMP_UINT8] = KERNEL_OF(uint8),       [LMP_INT16] = KERNEL_OF(int16),
    [LMP_UINT16] = KERNEL_OF(uint16),    [LMP_INT32] = KERNEL_OF(int32),       [LMP_UINT32] = KERNEL_OF(uint32),
    [LMP_INT64] = {.narrow = narrow_64}, [LMP_UINT64] = {.narrow = narrow_64}, [LMP_FLOAT32] = KERNEL_OF(float32),
    [LMP_FLOAT64] = KERNEL_OF(float64),
};

/* ---- Rows ------------------------------------------------------------------------------------------------- */

/* Where pixel (row, column) of the small image comes to lie in the upright frame: start + row * down + column * right,
 * in pixels. */
typedef struct turn {
    int64_t start, down, right;
} turn;

static turn find_turn(const image_load *load)
{
    const int64_t h = load->small_height, w = load->small_width, across = load->width;
    switch (load->orientation) {
    case 2:
        return (turn){w - 1, across, -1};
    case 3:
        return (turn){h * w - 1, -across, -1};
    case 4:
        return (turn){(h - 1) * w, -across, 1};
    case 5:
        return (turn){0, 1, across};
    case 6:
        return (turn){h - 1, -1, across};
    case 7:
        return (turn){h * w - 1, -1, -across};
    case 8:
        return (turn){(w - 1) * h, 1, -across};
    default:
        return (turn){0, across, 1};
    }
}

static void place(const image_rows *rows, const char *line)
{
    const turn t = find_turn(rows->load);
    const size_t bytes = pixel_bytes(rows->load);
    const int64_t n = rows->load->small_width;
    char *to = rows->frame + (t.start + rows->small_row * t.down) * (int64_t)bytes;
    if (t.right == 1) {
        memcpy(to, line, (size_t)n * bytes);
        return;
    }
    const int64_t step = t.right * (int64_t)bytes;
    for (int64_t i = 0; i < n; i++) memcpy(to + i * step, line + i * (int64_t)bytes, bytes);
}

/* Adds a row to the one or two small rows that it has a part in; a small row that is complete goes out. */
static void sum_row(image_rows *rows, const char *line)
{
    const image_load *load = rows->load;
    const int64_t n = load->small_width * load->n_colours, in = load->full_height,
                  size = load->unit * load->small_height;
    const int64_t begin = rows->next_row * size, all = in * load->small_height;
    const int64_t end = begin + size < all ? begin + size : all, border = (rows->small_row + 1) * in;
    const row_kernel *kernel = &kernels[load->type];
    const double weight = (double)((end < border ? end : border) - begin);
    kernel->average(line, load->full_width, load->small_width, load->unit, load->n_colours, rows->across);
    for (int64_t i = 0; i < n; i++) rows->sum[i] += rows->across[i] * weight;
    if (end < border) return;
    kernel->settle(rows->sum, n, (double)in * (double)load->full_width, rows->small_line);
    place(rows, rows->small_line);
    rows->small_row++;
    memset(rows->sum, 0, (size_t)n * sizeof *rows->sum);
    if (end > border) /* not 0 times what may be infinite */
        for (int64_t i = 0; i < n; i++) rows->sum[i] = rows->across[i] * (double)(end - border);
}

static size_t round_up(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Bytes of each piece of the scratch: across and sum, line, small_line. */
static void measure_scratch(const image_load *load, size_t pieces[3])
{
    const size_t small = is_resized(load) ? (size_t)(load->small_width * load->n_colours) : 0;
    const bool narrows = load->decoded_colours != load->n_colours;
    pieces[0] = round_up(small * sizeof(double));
    pieces[1] = narrows ? round_up((size_t)load->decoded_width * pixel_bytes(load)) : 0;
    pieces[2] = round_up(small * lmp_type_bytes(load->type));
}

size_t image_load_scratch_bytes(const image_load *load)
{
    size_t pieces[3];
    measure_scratch(load, pieces);
    return 2 * pieces[0] + pieces[1] + pieces[2];
}

void image_rows_begin(image_rows *rows, const image_load *load, void *scratch, void *frame)
{
    size_t pieces[3];
    char *at = scratch;
    measure_scratch(load, pieces);
    *rows = (image_rows){.load = load, .frame = frame};
    if (scratch == NULL) return;
    rows->across = scratch;
    rows->sum = (void *)(at += pieces[0]);
    rows->line = at += pieces[0];
    rows->small_line = at + pieces[1];
    memset(rows->sum, 0, pieces[0]);
}

void image_rows_add(image_rows *rows, const void *decoded, size_t stride, int64_t count)
{
    const image_load *load = rows->load;
    const bool narrows = load->decoded_colours != load->n_colours;
    for (int64_t i = 0; i < count; i++, rows->next_row++) {
        const char *line = (const char *)decoded + (size_t)i * stride;
        if (narrows) {
            kernels[load->type].narrow(line, load->decoded_width, load->decoded_colours, load->n_colours, rows->line);
            line = rows->line;
        }
        if (is_resized(load)) {
            sum_row(rows, line);
        } else {
            place(rows, line);
            rows->small_row++;
        }
    }
}

lmp_status image_load_finish(const image_load *load, const void *decoded, size_t stride, void *frame,
                             lmp_budget *budget, lmp_error *err)
{
    const size_t bytes = image_load_scratch_bytes(load);
    void *scratch = NULL;
    image_rows rows;
    if (bytes > 0) {
        const lmp_status status = budget_take_raw(budget, bytes, &scratch, err);
        if (status != LMP_OK) return status;
    }
    image_rows_begin(&rows, load, scratch, frame);
    image_rows_add(&rows, decoded, stride, load->decoded_height);
    lmp_give(budget, scratch);
    return LMP_OK;
}
