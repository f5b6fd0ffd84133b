/* SPDX-License-Identifier: BSD-3-Clause
 *
 * bin.c: one pixel from each block of pixels.
 */
#include "movie/frame_step.h"

#include <math.h>

enum { STAT_MEAN, STAT_SUM, STAT_MAX };

typedef struct bin_params {
    int64_t factor, x, y, stat;
} bin_params;

typedef struct binning {
    frame_counts *counts; /* NaN */
    int64_t x, y, stat;
} binning;

static const lmp_param params[] = {
    {"factor", LMP_PARAM_INTEGER, offsetof(bin_params, factor), "2", 1, 65536, "px", NULL,
     "Pixels that become one, in each direction."},
    {"x", LMP_PARAM_INTEGER, offsetof(bin_params, x), "auto", 1, 65536, "px", "auto",
     "Columns that become one, if not factor."},
    {"y", LMP_PARAM_INTEGER, offsetof(bin_params, y), "auto", 1, 65536, "px", "auto",
     "Rows that become one, if not factor."},
    {"stat", LMP_PARAM_CHOICE, offsetof(bin_params, stat), "mean", 0, 0, "", "mean|sum|max",
     "What the new pixel is of the old ones."},
    {0},
};

static binning binning_of(const bin_params *p)
{
    return (binning){.x = p->x == LMP_AUTO_INTEGER ? p->factor : p->x,
                     .y = p->y == LMP_AUTO_INTEGER ? p->factor : p->y,
                     .stat = p->stat};
}

/* Row sums in double and how many values they hold. */
static size_t scratch_bytes(const lmp_format *in)
{
    return (size_t)(in->width * in->n_colours) * (sizeof(double) + sizeof(int32_t));
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const binning b = binning_of(values);
    lmp_format *out = &plan->out.format;
    if (b.x > in->format.width || b.y > in->format.height)
        return lmp_fail(err, LMP_ERR_USAGE, "bin: blocks of %lld x %lld pixels do not fit into frames of %lld x %lld",
                        (long long)b.x, (long long)b.y, (long long)in->format.width, (long long)in->format.height);
    out->width = in->format.width / b.x;
    out->height = in->format.height / b.y;
    out->pixel_width_um *= (double)b.x;
    out->pixel_height_um *= (double)b.y;
    if (out->width * b.x < in->format.width || out->height * b.y < in->format.height)
        lmp_plan_warn(
            plan, "bin leaves out %lld columns at the right and %lld rows at the lower edge, which fill no block",
            (long long)(in->format.width - out->width * b.x), (long long)(in->format.height - out->height * b.y));
    plan->is_identity = b.x == 1 && b.y == 1;
    plan->keeps_type = b.stat != STAT_SUM;
    plan->shared_bytes = frame_step_bytes(sizeof b);
    plan->scratch_bytes = scratch_bytes(&in->format);
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)in, (void)plan_made;
    const binning b = binning_of(values);
    return frame_step_open(budget, &b, sizeof b, shared, err);
}

static void begin_rows(double *values, int32_t *counts, int64_t n, double start)
{
    for (int64_t i = 0; i < n; i++) values[i] = start;
    for (int64_t i = 0; i < n; i++) counts[i] = 0;
}

static void add_row(const float *row, int64_t n, double *sums, int32_t *counts)
{
    for (int64_t i = 0; i < n; i++) {
        const bool valid = row[i] == row[i];
        sums[i] += valid ? (double)row[i] : 0.0;
        counts[i] += valid;
    }
}

static void raise_to_row(const float *row, int64_t n, double *most, int32_t *counts)
{
    for (int64_t i = 0; i < n; i++) {
        most[i] = (double)row[i] > most[i] ? (double)row[i] : most[i];
        counts[i] += row[i] == row[i];
    }
}

/* One output value from b->x columns, `colours` apart. */
static float settle(const binning *b, const double *values, const int32_t *counts, int64_t colours, int64_t *valid)
{
    double value = values[0];
    int64_t n = counts[0];
    for (int64_t k = 1; k < b->x; k++) {
        const double next = values[k * colours];
        value = b->stat != STAT_MAX ? value + next : next > value ? next : value;
        n += counts[k * colours];
    }
    *valid += n;
    if (n == 0) return NAN;
    return (float)(b->stat == STAT_MEAN ? value / (double)n : value);
}

static void bin_frame(const binning *b, const lmp_frames *in, const lmp_frames *out, int64_t frame, double *values)
{
    const int64_t colours = in->n_colours, n = out->width * b->x * colours;
    int32_t *counts = (int32_t *)(values + n);
    const float *from = frame_in(in, frame);
    float *to = frame_out(out, frame);
    int64_t valid = 0;
    for (int64_t j = 0; j < out->rows; j++) {
        begin_rows(values, counts, n, b->stat == STAT_MAX ? -(double)INFINITY : 0);
        for (int64_t k = 0; k < b->y; k++)
            (b->stat == STAT_MAX ? raise_to_row : add_row)(from + (j * b->y + k) * in->width * colours, n, values,
                                                           counts);
        for (int64_t i = 0; i < out->width; i++)
            for (int64_t c = 0; c < colours; c++)
                *to++ = settle(b, values + i * b->x * colours + c, counts + i * b->x * colours + c, colours, &valid);
    }
    const int64_t ignored = out->rows * b->y * n - valid;
    if (ignored > 0) atomic_fetch_add(&b->counts->first, ignored);
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    for (int64_t i = 0; i < out->count; i++) bin_frame(shared, in, out, i, scratch);
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "nan_values_ignored", frame_count_first(shared));
}

const lmp_step lmp_step_bin = {
    .struct_size = sizeof(lmp_step),
    .name = "bin",
    .summary = "One pixel from each block of pixels.",
    .doc =
        "Blocks of `x` columns and `y` rows, from the upper left corner on, become one pixel: their mean, sum or "
        "largest value. Columns and rows at the end that fill no block are left out, with a warning.\n\n"
        "`mean` and `max` keep the number type (integers are rounded to nearest, ties to even); `sum` gives float32, "
        "which is exact up to 2^24. Sums are made in double precision. NaN pixels are ignored, and counted in the "
        "record "
        "(`nan_values_ignored`); a block without a valid pixel gives NaN. 32- and 64-bit integers are computed as "
        "float32, with 24 bits.\n",
    .known_as = "Image > Transform > Bin (ImageJ), downscale_local_mean, block_reduce (scikit-image; fills up with 0), "
                "resize with INTER_AREA (OpenCV)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(bin_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = frame_step_close,
    .process_images = process_images,
};
