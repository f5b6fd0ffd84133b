/* SPDX-License-Identifier: BSD-3-Clause
 *
 * subtract.c: takes a reference away from each frame, or divides by it; divide right behind subtract does both at once,
 * so that both references come from the same movie.
 */
#include "movie/comparison.h"

static const lmp_param params[] = {
    {"from", LMP_PARAM_CHOICE, offsetof(side_params, from), "auto", 0, 0, "", SIDE_SOURCES,
     "Where the reference comes from: a statistic of a range of frames, an image file, or a sliding window; auto: the "
     "file if file= is given, a sliding window if window= is, else a range."},
    {"range", LMP_PARAM_FRAMES, offsetof(side_params, range), ":", 0, 0, "", NULL,
     "from=range: frames that the reference is made of, counted from 0."},
    {"stat", LMP_PARAM_TEXT, offsetof(side_params, stat), "mean", 0, 0, "", NULL,
     "from=range: one statistic as in reduce; from=sliding: mean, max, min, std, median or sum."},
    {"file", LMP_PARAM_FILE, offsetof(side_params, file), "", 0, 0, "", NULL,
     "from=file: an image as high and wide as the movie."},
    {"window", LMP_PARAM_INTEGER, offsetof(side_params, window), "auto", 1, 1e9, "", "auto",
     "from=sliding: how many frames a window holds; auto: 20."},
    {"lag", LMP_PARAM_INTEGER, offsetof(side_params, lag), "0", -1e12, 1e12, "", NULL,
     "from=sliding: how many frames after its own frame the window begins; negative: before it."},
    {"edges", LMP_PARAM_CHOICE, offsetof(side_params, edges), "crop", 0, 0, "", EDGE_KINDS,
     "from=sliding: frames whose window reaches over an end are left out, use fewer frames, or become NaN."},
    {"amount", LMP_PARAM_NUMBER, offsetof(side_params, amount), "1", 0, 1, "", NULL,
     "How much of the reference: 1 all of it, 0 none."},
    {0},
};

typedef struct compare_shared {
    side own;
    comparison comparison;
} compare_shared;

/* ---- Planning ---- */

/* `less`: what divide absorbs. */
static lmp_status plan_any(bool divides, const side_params *p, const side *less, const lmp_stream *in,
                           lmp_step_plan *plan, lmp_error *err)
{
    const char *step = divides ? "divide" : "subtract";
    side own;
    comparison c;
    lmp_status status = side_fit(step, divides, p, &in->format, &own, err);
    if (status == LMP_OK)
        status = comparison_fit(step, divides ? less : &own, divides ? &own : NULL, &in->format, &c, err);
    if (status != LMP_OK) return status;
    plan->shared_bytes = sizeof(compare_shared) + side_bytes(&own);
    status = side_plan(step, p, &own, in, plan, err);
    return status == LMP_OK ? comparison_plan(&c, in, plan, err) : status;
}

static lmp_status plan_subtract(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    return plan_any(false, values, NULL, in, plan, err);
}

static lmp_status plan_divide(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    if (plan->absorbed_params == NULL) return plan_any(true, values, NULL, in, plan, err);
    side less;
    const lmp_status status = side_fit("subtract", false, plan->absorbed_params, &in->format, &less, err);
    return status == LMP_OK ? plan_any(true, values, &less, in, plan, err) : status;
}

/* ---- The shared state ---- */

static lmp_status open_any(bool divides, const side_params *p, const lmp_stream *in, const lmp_step_plan *made,
                           lmp_budget *budget, void **shared, lmp_error *err)
{
    const char *step = divides ? "divide" : "subtract";
    const compare_shared *subtracted = made->absorbed_shared;
    void *memory;
    lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    compare_shared *s = memory;
    const side *less = !divides ? &s->own : subtracted != NULL ? &subtracted->own : NULL;
    status = side_fit(step, divides, p, &in->format, &s->own, err);
    if (status == LMP_OK)
        status = comparison_fit(step, less, divides ? &s->own : NULL, &in->format, &s->comparison, err);
    if (status == LMP_OK) status = side_open(step, p, s + 1, made, budget, &s->own, err);
    if (status != LMP_OK)
        lmp_give(budget, s);
    else
        *shared = s;
    return status;
}

static lmp_status open_subtract(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                                void **shared, lmp_error *err)
{
    return open_any(false, values, in, made, budget, shared, err);
}

static lmp_status open_divide(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    return open_any(true, values, in, made, budget, shared, err);
}

static lmp_status learn_rows(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err)
{
    (void)lane, (void)err;
    compare_shared *s = shared;
    reference_learn(&s->own.image, in);
    return LMP_OK;
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)pass, (void)out, (void)err;
    compare_shared *s = shared;
    side_learned(&s->own);
    return LMP_OK;
}

/* ---- Working ---- */

static int64_t ready(const void *shared, int64_t n_in, bool ended)
{
    return comparison_ready(&((const compare_shared *)shared)->comparison, n_in, ended);
}

static lmp_status lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    comparison_lane *l = NULL;
    const lmp_status status =
        comparison_lane_open(&((const compare_shared *)shared)->comparison, lane, budget, &l, err);
    *state = l;
    return status;
}

static lmp_status process_rows(const void *shared, void *state, void *scratch, const lmp_frames *in,
                               const lmp_frames *out, bool ended, lmp_error *err)
{
    (void)scratch, (void)err;
    comparison_process(&((const compare_shared *)shared)->comparison, state, in, out, ended);
    return LMP_OK;
}

static void lane_close(const void *shared, void *state, lmp_budget *budget)
{
    comparison_lane_close(&((const compare_shared *)shared)->comparison, state, budget);
}

static void record(const void *shared, lmp_record *out)
{
    const side *own = &((const compare_shared *)shared)->own;
    lmp_record_text(out, "reference_from", "%s", side_source_name(own));
    if (own->divides) lmp_record_number(out, "zero_denominators", (double)atomic_load(&own->tally->zeros));
    lmp_record_number(out, side_slides(own) ? "nan_ignored" : "nan_in_reference",
                      (double)atomic_load(&own->tally->missing));
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

#define COMMON_DOC                                                                                                     \
    "The reference is one of\n\n"                                                                                      \
    "- `from=range`: a statistic (`stat`, as in `reduce`: mean, median, p5, ...) of each pixel over the frames of "    \
    "`range`, by default all;\n"                                                                                       \
    "- `from=file`: an image of the same height and width, grey or of as many colours;\n"                              \
    "- `from=sliding`: for frame n a statistic of the `window` frames (20 unless said) that begin `lag` frames after " \
    "it, as in `sliding`. With `edges=crop` frames without a whole window are left out.\n\n"                           \
    "Without `from`, `file=` alone means the file and `window=` alone a sliding window. A parameter that says "        \
    "nothing "                                                                                                         \
    "about the reference taken is refused.\n\n"                                                                        \
    "Each frame passes once; neighbouring steps run together.\n\n"                                                     \
    "**Both at once.** `subtract ... ! divide ...`, one right behind the other, is one operation on the movie that "   \
    "reaches `subtract`:\n\n"                                                                                          \
    "    y = (x - a S) / (b D + 1 - b)\n\n"                                                                            \
    "with a and b the two amounts, and both references S and D taken from x: ranges count its frames. A flat field "   \
    "learned from what has been subtracted from would be about 0. The result is rounded once. If references slide, "   \
    "frames "                                                                                                          \
    "are given that have whole windows for both (`edges=crop`). With a step between the two (`subtract ! clip ! "      \
    "divide`, or a `write`) each works for itself, and D comes from the subtracted movie.\n\n"

#define COMMON_TYPES                                                                                                   \
    "**NaN** of a frame stays NaN; ranges and windows ignore NaN, and where nothing is left the result is NaN.\n\n"    \
    "**Number types.** Computed in double, given as float32.\n"

#define COMMON_FIELDS                                                                                                  \
    .struct_size = sizeof(lmp_step), .kind = LMP_MOVIE, .grain = LMP_GRAIN_TIME, .params = params,                     \
    .params_size = sizeof(side_params), .learned = learned, .ready = ready, .lane_open = lane_open,                    \
    .lane_close = lane_close, .record = record, .close = close_shared, .takes_any_type = true,                         \
    .process_rows = process_rows, .learn_rows = learn_rows

const lmp_step lmp_step_subtract = {
    COMMON_FIELDS,
    .name = "subtract",
    .summary = "Subtract a background: a statistic of a range or of a sliding window, or an image file.",
    .doc = "    y = x - amount * S\n\n" COMMON_DOC COMMON_TYPES,
    .known_as = "Subtract (BLITZ Ops), background subtraction, Image Calculator (ImageJ)",
    .plan = plan_subtract,
    .open = open_subtract,
};

const lmp_step lmp_step_divide = {
    COMMON_FIELDS,
    .name = "divide",
    .summary = "Divide by a flat field: a statistic of a range or of a sliding window, or an image file.",
    .doc = "    y = x / (amount * D + 1 - amount)\n\n" COMMON_DOC
           "A denominator of 0 gives NaN, never a number that looks valid; the record counts them.\n\n" COMMON_TYPES,
    .known_as = "Divide (BLITZ Ops), flat-field correction",
    .absorbs = "subtract",
    .plan = plan_divide,
    .open = open_divide,
};
