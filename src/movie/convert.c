/* SPDX-License-Identifier: BSD-3-Clause
 *
 * convert.c: change the number type, with nothing clipped or scaled unless asked for.
 */
#include "movie/frame_step.h"
#include "movie/load.h"

#include <float.h>
#include <math.h>

enum { RUN = 512 };
enum { MAP_NONE, MAP_FULL, MAP_RANGE };

typedef struct convert_params {
    int64_t type, map, overflow;
    double low, high;
} convert_params;

typedef struct conversion {
    frame_counts *counts; /* clipped, NaN */
    lmp_type type;        /* of the result */
    bool maps, clip, wide;
    double from_low, from_high, to_low, to_high;
    double low; /* least value of the result's type */
    int64_t width, n_colours;
} conversion;

static const lmp_param params[] = {
    {"type", LMP_PARAM_CHOICE, offsetof(convert_params, type), NULL, 0, 0, "",
     "int8|uint8|int16|uint16|int32|uint32|int64|uint64|float32|float64", "Number type of the result."},
    {"map", LMP_PARAM_CHOICE, offsetof(convert_params, map), "none", 0, 0, "", "none|full|range",
     "none: numbers stay what they are; full: the whole range of the old type becomes the whole range of the new; "
     "range: "
     "low to high becomes the whole range of the new type (0 to 1 for floats)."},
    {"low", LMP_PARAM_NUMBER, offsetof(convert_params, low), "auto", -1e300, 1e300, "", "auto",
     "For map=range: what becomes the lowest number."},
    {"high", LMP_PARAM_NUMBER, offsetof(convert_params, high), "auto", -1e300, 1e300, "", "auto",
     "For map=range: what becomes the highest number."},
    {"overflow", LMP_PARAM_CHOICE, offsetof(convert_params, overflow), "refuse", 0, 0, "", "refuse|clip",
     "What happens to numbers that do not fit: the run fails and names the first, or they are clipped and counted."},
    {0},
};

static const lmp_type types[] = {LMP_INT8,   LMP_UINT8, LMP_INT16,  LMP_UINT16,  LMP_INT32,
                                 LMP_UINT32, LMP_INT64, LMP_UINT64, LMP_FLOAT32, LMP_FLOAT64};

static bool is_64_bit(lmp_type type)
{
    return type == LMP_INT64 || type == LMP_UINT64;
}

/* ---- Arithmetic -------------------------------------------------------------------------------------------- */

#define REAL    double
#define NAME(x) x##_double
/* To nearest, ties to even: beyond 2^52 a double has no fraction. Numbers too large for the sum are out of the range of
 * the types it is used for. */
static inline double whole_double(double x)
{
    const double shift = 0x1.8p52;
    return (x + shift) - shift;
}
static double highest_double(lmp_type type)
{
    double low, high;
    type_range(type, &low, &high);
    return high;
}
static double span_double(double low, double high)
{
    return high - low;
}
#include "movie/convert_body.h"
#undef REAL
#undef NAME

#define REAL    long double
#define NAME(x) x##_wide
static inline long double whole_wide(long double x)
{
    return rintl(x);
}
static long double highest_wide(lmp_type type)
{
    if (type == LMP_INT64) return (long double)INT64_MAX;
    if (type == LMP_UINT64) return (long double)UINT64_MAX;
    return (long double)highest_double(type);
}
/* Of 64-bit types the highest number is one less than the double says. */
static long double span_wide(double low, double high)
{
    return (long double)high - (long double)low - (high == 0x1p63 || high == 0x1p64 ? 1.0L : 0.0L);
}
#include "movie/convert_body.h"
#undef REAL
#undef NAME

/* ---- The step ---------------------------------------------------------------------------------------------- */

static lmp_status check_map(const convert_params *p, lmp_type from, lmp_error *err)
{
    const bool given = !isnan(p->low) || !isnan(p->high);
    if (p->map == MAP_FULL && type_is_float(from))
        return lmp_fail(err, LMP_ERR_USAGE, "convert: %s has no full range: give map=range with low and high",
                        type_name(from));
    if (p->map == MAP_RANGE && (isnan(p->low) || isnan(p->high) || p->low >= p->high))
        return lmp_fail(err, LMP_ERR_USAGE, "convert: map=range needs low and high, low below high");
    if (p->map != MAP_RANGE && given) return lmp_fail(err, LMP_ERR_USAGE, "convert: low and high go with map=range");
    return LMP_OK;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const convert_params *p = values;
    const lmp_type to = types[p->type];
    plan->is_identity = to == in->format.type && p->map != MAP_RANGE;
    plan->shared_bytes = frame_step_bytes(sizeof(conversion));
    plan->out.format.type = to;
    return check_map(p, in->format.type, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)plan_made;
    const convert_params *p = values;
    const lmp_type from = in->format.type;
    conversion c = {.type = types[p->type],
                    .maps = p->map != MAP_NONE,
                    .clip = p->overflow == 1,
                    .from_low = p->low,
                    .from_high = p->high,
                    .width = in->format.width,
                    .n_colours = in->format.n_colours};
    c.wide = is_64_bit(c.type) || is_64_bit(from);
    if (p->map == MAP_FULL) type_range(from, &c.from_low, &c.from_high);
    type_range(c.type, &c.to_low, &c.to_high);
    c.low = c.to_low;
    return frame_step_open(budget, &c, sizeof c, shared, err);
}

static lmp_status refuse(const conversion *c, lmp_type type, const void *from, int64_t frame, int64_t at,
                         lmp_error *err)
{
    double value;
    const int64_t pixel = at / c->n_colours;
    load_doubles(type, (const char *)from + (size_t)at * lmp_type_bytes(type), 1, &value);
    return lmp_fail(
        err, LMP_ERR_RANGE,
        "convert: %.9g in frame %lld, column %lld, row %lld does not fit into %s%s: give map=range with low and "
        "high, or overflow=clip",
        value, (long long)frame, (long long)(pixel % c->width), (long long)(pixel / c->width), type_name(c->type),
        c->maps ? " as mapped" : "");
}

static lmp_status convert_frame(const conversion *c, const lmp_frames *in, const lmp_frames *out, int64_t i,
                                lmp_error *err)
{
    const int64_t n = frame_values(in);
    const size_t from_bytes = lmp_type_bytes(in->type), to_bytes = lmp_type_bytes(out->type);
    int64_t clipped = 0, empty = 0;
    for (int64_t at = 0; at < n; at += RUN) {
        const int64_t run = n - at < RUN ? n - at : RUN;
        const char *from = (const char *)frame_in(in, i) + (size_t)at * from_bytes;
        char *to = (char *)frame_out(out, i) + (size_t)at * to_bytes;
        const int64_t done = (c->wide ? convert_wide : convert_double)(c, in->type, from, run, to, &clipped, &empty);
        if (done < run) return refuse(c, in->type, frame_in(in, i), in->first + i, at + done, err);
    }
    if (clipped > 0) atomic_fetch_add(&c->counts->first, clipped);
    if (empty > 0) atomic_fetch_add(&c->counts->second, empty);
    return LMP_OK;
}

static lmp_status process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                 lmp_error *err)
{
    (void)scratch;
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < out->count && status == LMP_OK; i++) status = convert_frame(shared, in, out, i, err);
    return status;
}

static void record(const void *shared, lmp_record *record)
{
    lmp_record_number(record, "clipped_values", frame_count_first(shared));
    lmp_record_number(record, "nan_values", frame_count_second(shared));
}

const lmp_step lmp_step_convert = {
    .struct_size = sizeof(lmp_step),
    .name = "convert",
    .summary = "Change the number type of a movie.",
    .doc = "- `map=none`: numbers stay what they are, rounded to nearest (ties to even) for integers.\n"
           "- `map=full`: the whole range of the old integer type becomes the whole range of the new type; uint16 to "
           "uint8 is "
           "`round(v * 255 / 65535)`. Floats become 0 to 1.\n"
           "- `map=range`: `low` to `high` becomes the whole range of the new type, 0 to 1 for floats.\n\n"
           "A number that does not fit the new type fails the run, which names its frame and pixel; with "
           "`overflow=clip` it "
           "becomes the nearest number that fits, NaN becomes 0, and the record counts both (`clipped_values`, "
           "`nan_values`). "
           "Floats keep NaN and infinity; a finite number beyond float32 does not fit.\n\n"
           "64-bit integers are exact: nothing passes through a double. float64 to float32 rounds to nearest.\n",
    .known_as = "Image > Type (ImageJ; scales by what is displayed), 8 bit (BLITZ), astype (NumPy), convertTo (OpenCV)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(convert_params),
    .plan = plan,
    .open = open_shared,
    .record = record,
    .close = frame_step_close,
    .takes_any_type = true,
    .process_images = process_images,
};
