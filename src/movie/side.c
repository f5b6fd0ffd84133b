/* SPDX-License-Identifier: BSD-3-Clause
 *
 * side.c: where a reference comes from, and what becomes of its numbers.
 */
#include "movie/side.h"

#include <math.h>
#include <string.h>

enum { WINDOW = 20 }; /* frames, unless said */

static const char *const source_names[] = {"auto", "range", "file", "sliding"};

const char *side_source_name(const side *s)
{
    return source_names[s->from];
}

/* ---- Parameters ---- */

static bool has_window(const side_params *p)
{
    return p->window != LMP_AUTO_INTEGER;
}

static bool has_file(const side_params *p)
{
    return p->file != NULL && p->file[0] != '\0';
}

static bool has_range(const side_params *p)
{
    return p->range.first != 0 || p->range.end != INT64_MAX || p->range.step != 1;
}

static side_source find_source(const side_params *p)
{
    if (p->from != FROM_AUTO) return (side_source)p->from;
    if (has_file(p)) return FROM_FILE;
    return has_window(p) ? FROM_SLIDING : FROM_RANGE;
}

/* A parameter that would be ignored is a misunderstanding. */
static lmp_status check_source(const char *step, const side_params *p, side_source from, lmp_error *err)
{
    const struct {
        const char *name;
        bool is_given;
        side_source source;
    } rows[] = {
        {"range", has_range(p), FROM_RANGE},
        {"file", has_file(p), FROM_FILE},
        {"window", has_window(p), FROM_SLIDING},
        {"lag", p->lag != 0, FROM_SLIDING},
        {"edges", p->edges != EDGES_CROP, FROM_SLIDING},
        {"stat", from == FROM_FILE && strcmp(p->stat, "mean") != 0, FROM_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].is_given && rows[i].source != from)
            return lmp_fail(err, LMP_ERR_USAGE,
                            "%s: %s= says nothing about a reference from=%s: leave it out, or take from=%s", step,
                            rows[i].name, source_names[from], source_names[rows[i].source]);
    if (from == FROM_FILE && !has_file(p))
        return lmp_fail(err, LMP_ERR_USAGE, "%s: from=file needs file=, the path of an image", step);
    return LMP_OK;
}

static lmp_status fit_slider(const char *step, const side_params *p, const lmp_format *format, side *s, lmp_error *err)
{
    static const char *const kinds[] = {"mean", "max", "min", "std", "median", "sum"};
    int64_t kind = 0;
    while (kind < 6 && strcmp(kinds[kind], p->stat) != 0) kind++;
    if (kind == 6)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: stat=%s is not one of " SLIDER_KINDS ", as from=sliding needs", step,
                        p->stat);
    const int64_t window = has_window(p) ? p->window : WINDOW;
    s->spec = (slider_spec){.kind = (slider_kind)kind, .window = window, .in = format->type};
    return window_range_fit(step, window, p->lag, p->edges, format->n_times, &s->range, err);
}

lmp_status side_fit(const char *step, bool divides, const side_params *p, const lmp_format *format, side *made,
                    lmp_error *err)
{
    *made = (side){.divides = divides, .from = find_source(p), .amount = p->amount, .image.format = *format};
    const lmp_status status = check_source(step, p, made->from, err);
    if (status != LMP_OK || !side_slides(made)) return status;
    return fit_slider(step, p, format, made, err);
}

/* ---- Memory and images ---- */

size_t side_bytes(const side *s)
{
    return sizeof(side_tally) + (side_slides(s) ? 0 : reference_bytes(&s->image.format));
}

lmp_status side_plan(const char *step, const side_params *p, const side *s, const lmp_stream *in, lmp_step_plan *plan,
                     lmp_error *err)
{
    if (s->from == FROM_FILE) return reference_check_file(step, p->file, &in->format, plan, err);
    if (s->from == FROM_RANGE) return reference_plan_range(step, p->stat, &p->range, in, plan, err);
    return LMP_OK;
}

lmp_status side_open(const char *step, const side_params *p, void *memory, const lmp_step_plan *plan,
                     lmp_budget *budget, side *s, lmp_error *err)
{
    s->tally = memory;
    if (side_slides(s)) return LMP_OK;
    s->image.values = (double *)(s->tally + 1);
    if (s->from != FROM_FILE) return LMP_OK;
    const lmp_status status = reference_load(step, p->file, plan, budget, &s->image, err);
    if (status == LMP_OK) side_learned(s);
    return status;
}

int64_t side_prepare(const side *s, const double *from, double *to, int64_t n)
{
    int64_t zeros = 0;
    if (!s->divides)
        for (int64_t i = 0; i < n; i++) to[i] = s->amount * from[i];
    else
        for (int64_t i = 0; i < n; i++) {
            const double over = s->amount * from[i] + (1.0 - s->amount);
            zeros += over == 0;
            to[i] = over == 0 ? (double)NAN : over;
        }
    return zeros;
}

void side_learned(side *s)
{
    const int64_t n = (int64_t)(reference_bytes(&s->image.format) / sizeof(double));
    int64_t missing = 0;
    for (int64_t i = 0; i < n; i++) missing += isnan(s->image.values[i]);
    s->tally->missing += missing;
    s->tally->zeros += side_prepare(s, s->image.values, s->image.values, n);
}
