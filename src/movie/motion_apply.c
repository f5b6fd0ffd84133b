/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_apply.c: moves each frame by a shift that is known.
 */
#include "movie/frame_step.h"
#include "movie/image_shift.h"
#include "movie/shifts_file.h"

#include <math.h>
#include <stdlib.h>

enum { BORDER_FILL, BORDER_CROP };

typedef struct motion_apply_params {
    char *shifts;
    int64_t interpolation, border;
    double fill;
} motion_apply_params;

static const lmp_param params[] = {
    {"shifts", LMP_PARAM_FILE, offsetof(motion_apply_params, shifts), NULL, 0, 0, "", NULL,
     "Table (CSV) with the columns dy_px and dx_px, or .npy of n x 2 numbers (dy, dx): how far to move the content of "
     "each frame, downwards and to the right."},
    {"interpolation", LMP_PARAM_CHOICE, offsetof(motion_apply_params, interpolation), "bilinear", 0, 0, "",
     IMAGE_SHIFT_METHODS,
     "bilinear: fast, smooths a little; bicubic: sharper; fourier: keeps all detail, rings beside what is sharper than "
     "the pixels."},
    {"border", LMP_PARAM_CHOICE, offsetof(motion_apply_params, border), "fill", 0, 0, "", "fill|crop",
     "fill: the frames keep their size; crop: to the part that is valid in all of them."},
    {"fill", LMP_PARAM_NUMBER, offsetof(motion_apply_params, fill), "0", -1e300, 1e300, "", "auto",
     "border=fill: what pixels become that come from outside of the frame; auto: NaN, or 0 in movies of integers."},
    {0},
};

typedef struct motion_apply_shared {
    image_shift *shift;
    image_window valid, window; /* valid in all frames; what is given */
    int64_t n_times;
    double *dy;
    double dx[];
} motion_apply_shared;

/* ---- Planning ---- */

static image_shift_spec spec_of(const motion_apply_params *p, const lmp_format *f)
{
    const double missing = type_is_float(f->type) ? (double)NAN : 0;
    return (image_shift_spec){f->type,
                              f->height,
                              f->width,
                              f->n_colours,
                              (image_shift_method)p->interpolation,
                              isnan(p->fill) ? missing : p->fill};
}

static size_t shared_bytes(int64_t n_times)
{
    return sizeof(motion_apply_shared) + 2 * (size_t)n_times * sizeof(double);
}

static lmp_status crop(const image_shift_spec *spec, const double *dy, const double *dx, lmp_step_plan *plan,
                       lmp_error *err)
{
    const image_window valid = image_shift_valid(spec, dy, dx, plan->out.format.n_times);
    if (valid.height == 0)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "motion-apply: no pixel is valid in all frames: take border=fill, or leave frames with large "
                        "shifts out");
    plan->out.format.height = valid.height;
    plan->out.format.width = valid.width;
    return LMP_OK;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const motion_apply_params *p = values;
    const image_shift_spec spec = spec_of(p, &in->format);
    const int64_t n = in->format.n_times;
    lmp_status status = image_shift_check_fill("motion-apply", spec.type, spec.fill, err);
    if (status == LMP_OK) status = image_shift_check_size("motion-apply", &spec, err);
    if (status != LMP_OK) return status;
    double *shifts = calloc(2 * (size_t)n + 1, sizeof *shifts);
    if (shifts == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", p->shifts);
    status = shifts_file_read("motion-apply", p->shifts, plan, n, shifts, shifts + n, err);
    if (status == LMP_OK && p->border == BORDER_CROP) status = crop(&spec, shifts, shifts + n, plan, err);
    free(shifts);
    plan->shared_bytes = shared_bytes(n) + image_shift_bytes(&spec);
    plan->scratch_bytes = image_shift_scratch_bytes(&spec);
    return status;
}

/* ---- Moving ---- */

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    const motion_apply_params *p = values;
    const image_shift_spec spec = spec_of(p, &in->format);
    const int64_t n = in->format.n_times;
    void *memory;
    lmp_status status = lmp_take(budget, shared_bytes(n), &memory, err);
    if (status != LMP_OK) return status;
    motion_apply_shared *s = memory;
    s->n_times = n;
    s->dy = s->dx + n;
    status = shifts_file_read("motion-apply", p->shifts, made, n, s->dy, s->dx, err);
    if (status == LMP_OK) status = image_shift_open(&spec, budget, &s->shift, err);
    if (status != LMP_OK) {
        lmp_give(budget, s);
        return status;
    }
    s->valid = image_shift_valid(&spec, s->dy, s->dx, n);
    s->window = p->border == BORDER_CROP ? s->valid : (image_window){0, 0, spec.height, spec.width};
    *shared = s;
    return LMP_OK;
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)err;
    const motion_apply_shared *s = shared;
    for (int64_t i = 0; i < out->count; i++) {
        const int64_t t = in->first + i;
        image_shift_move(s->shift, frame_in(in, i), s->dy[t], s->dx[t], &s->window, frame_out(out, i), scratch);
    }
    return LMP_OK;
}

static double largest(const double *values, int64_t n)
{
    double found = 0;
    for (int64_t i = 0; i < n; i++) found = fmax(found, fabs(values[i]));
    return found;
}

static void record(const void *shared, lmp_record *record)
{
    const motion_apply_shared *s = shared;
    lmp_record_number(record, "largest_dy_px", largest(s->dy, s->n_times));
    lmp_record_number(record, "largest_dx_px", largest(s->dx, s->n_times));
    lmp_record_number(record, "valid_x", (double)s->valid.x);
    lmp_record_number(record, "valid_y", (double)s->valid.y);
    lmp_record_number(record, "valid_width", (double)s->valid.width);
    lmp_record_number(record, "valid_height", (double)s->valid.height);
}

static void close_shared(void *shared, lmp_budget *budget)
{
    image_shift_close(((motion_apply_shared *)shared)->shift, budget);
    lmp_give(budget, shared);
}

const lmp_step lmp_step_motion_apply = {
    .struct_size = sizeof(lmp_step),
    .name = "motion-apply",
    .summary = "Move each frame by a known shift, to correct motion.",
    .doc =
        "    y(row, column) = x(row - dy, column - dx)\n\n"
        "with dy and dx of the frame from `shifts`: the correction, which is minus the displacement. Positive shifts "
        "move the content downwards and to the right. The file is a table (CSV) whose first line names its columns, "
        "in any order: `dy_px` and `dx_px` are needed, `frame` must count from 0 without holes, others are not looked "
        "at; or a .npy array with a row dy, dx for each frame. There must be as many shifts as frames, none larger "
        "than 1e6.\n\n"
        "Shifts of whole pixels copy. Between the pixels\n\n"
        "- `bilinear` weights the 2 x 2 neighbours: with u and v the parts of a pixel, `(1-u)(1-v) x00 + (1-u)v x01 + "
        "u(1-v) x10 + uv x11`. Smooths, most at half a pixel\n"
        "- `bicubic` weights the 4 x 4 neighbours by cubic convolution with a = -1/2, also known as the spline of "
        "Catmull and Rom (Keys 1981, \"Cubic convolution interpolation for digital image processing\", equation 4)\n"
        "- `fourier` turns the phases of the frame's Fourier transform, `X(k) exp(2 pi i k s / n)`. The frame is "
        "continued by at least 32 rows and columns that fade from its mirrored end into its mirrored beginning, so "
        "that its edges do not ring through the picture. No frequency is weakened; steps between two pixels ring\n\n"
        "A pixel is valid if all of these neighbours that have a weight lie inside of the frame (`fourier`: those of "
        "`bilinear`). With `border=fill` the others become `fill`; with `border=crop` the frames are cut to the "
        "rectangle that is valid in all of them. The record says where it lies (`valid_x`, `valid_y`, `valid_width`, "
        "`valid_height`), and how large shifts were (`largest_dy_px`, `largest_dx_px`).\n\n"
        "**NaN** spreads to the pixels that it is a neighbour of. `fourier` bridges NaN and infinity along the row, so "
        "that only their neighbours become NaN.\n\n"
        "**Number types** stay. Integers are rounded to nearest, halves to even; what overshoots a type (`bicubic`, "
        "`fourier`, beside steep edges) is cut at its end. 8 bits are computed to 1/50 of a grey level, 16 bits and "
        "float32 in single precision, 32 bits, float64 and 64 bits in double; `fourier` in single precision.\n",
    .known_as = "apply_transform (Minian; truncates where this rounds), apply_shifts (NoRMCorre, CaImAn), "
                "shift_frame (suite2p; whole pixels, wraps around), ndimage.shift (SciPy), warpAffine "
                "(OpenCV), Image > Transform > Translate (ImageJ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(motion_apply_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .process_images = process_images,
};
