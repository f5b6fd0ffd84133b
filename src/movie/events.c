/* SPDX-License-Identifier: BSD-3-Clause
 *
 * events.c: where something bright begins, is brightest and ends, in the profile of each frame.
 */
#include "movie/pixel_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct events_params {
    int64_t extent, smooth;
    char *table;
} events_params;

enum { EXTENT_GLOBAL, EXTENT_LOCAL };
enum { START, EYE, END, POINTS };

static const lmp_param params[] = {
    {"extent", LMP_PARAM_CHOICE, offsetof(events_params, extent), "global", 0, 0, "", "global|local",
     "global: from the lowest to the highest point of the running sum; local: the turns of it next to the eye."},
    {"smooth", LMP_PARAM_INTEGER, offsetof(events_params, smooth), "1", 1, 10001, "px", NULL,
     "Length of the box that smooths the running sum; 1: none."},
    {"table", LMP_PARAM_FILE, offsetof(events_params, table), "", 0, 0, "", NULL, "CSV file for the events."},
    {0},
};

typedef struct events_shared {
    events_params params;
    int64_t length, n_frames;
    double *found; /* n_frames x POINTS */
    int64_t *frame_numbers;
} events_shared;

static const char *const names[POINTS] = {"start", "eye", "end"};

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const events_params *p = values;
    const lmp_format *f = &in->format;
    lmp_channel channels[POINTS];
    if (f->height != 1 && f->width != 1)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "events works on one line of each frame, not on %lld x %lld: put profile before",
                        (long long)f->width, (long long)f->height);
    lmp_format *out = &plan->out.format;
    const int64_t length = f->width * f->height;
    if (p->smooth > length)
        return lmp_fail(err, LMP_ERR_USAGE, "events: smooth=%lld of a profile of %lld pixels: give at most that",
                        (long long)p->smooth, (long long)length);
    out->kind = LMP_SIGNALS;
    out->type = LMP_FLOAT64;
    out->height = out->width = out->n_colours = 0;
    out->pixel_width_um = out->pixel_height_um = 0;
    plan->scratch_bytes = (size_t)(4 * length + 1) * sizeof(double);
    plan->shared_bytes = sizeof(events_shared) + (size_t)f->n_times * (POINTS * sizeof(double) + sizeof(int64_t));
    if (p->table[0] != '\0') plan->table_path = p->table;
    for (int i = 0; i < POINTS; i++)
        channels[i] = (lmp_channel){.name = names[i],
                                    .unit = "px",
                                    .transducer = "",
                                    .filtering = "",
                                    .role = LMP_ROLE_MISC,
                                    .stored_rate_hz = out->rate_hz};
    const lmp_status status = lmp_stream_set_channels(&plan->out, channels, POINTS, err);
    if (status != LMP_OK || (f->frame_numbers == NULL && f->frame_times_s == NULL)) return status;
    return lmp_stream_set_frames(&plan->out, f->frame_numbers, f->frame_times_s, err);
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    void *memory;
    const lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    events_shared *s = memory;
    s->params = *(const events_params *)values;
    s->length = in->format.width * in->format.height;
    s->n_frames = in->format.n_times;
    s->found = (double *)(s + 1);
    s->frame_numbers = (int64_t *)(s->found + POINTS * s->n_frames);
    for (int64_t t = 0; t < s->n_frames; t++)
        s->frame_numbers[t] = in->format.frame_numbers != NULL ? in->format.frame_numbers[t] : t;
    *shared = s;
    return LMP_OK;
}

/* ---- One profile ---- */

/* The mean of the colours that are valid; NaN if none is. */
static void take_profile(const lmp_frames *in, const void *frame, int64_t length, double *profile)
{
    for (int64_t i = 0; i < length; i++) {
        double x[3], sum = 0;
        int64_t n = 0;
        pixel_values_get(in->type, frame, i * in->n_colours, 1, in->n_colours, x);
        for (int64_t c = 0; c < in->n_colours; c++) {
            if (isnan(x[c])) continue;
            sum += x[c];
            n++;
        }
        profile[i] = n > 0 ? sum / (double)n : (double)NAN;
    }
}

/* Brightest valid sample, the first of equals; -1: none. *mean of the valid ones. */
static int64_t find_eye(const double *profile, int64_t length, double *mean)
{
    int64_t eye = -1, n = 0;
    double sum = 0;
    for (int64_t i = 0; i < length; i++) {
        if (isnan(profile[i])) continue;
        sum += profile[i];
        n++;
        if (eye < 0 || profile[i] > profile[eye]) eye = i;
    }
    *mean = n > 0 ? sum / (double)n : 0;
    return eye;
}

/* Mean of a box of n samples beginning n / 2 before each, the ends mirrored about their samples. */
static void smooth(const double *from, int64_t length, int64_t n, double *to)
{
    const int64_t period = length > 1 ? 2 * (length - 1) : 1;
    for (int64_t i = 0; i < length; i++) {
        double sum = 0;
        for (int64_t k = i - n / 2; k < i - n / 2 + n; k++) {
            const int64_t m = ((k % period) + period) % period;
            sum += from[m < length ? m : period - m];
        }
        to[i] = sum / (double)n;
    }
}

static int slope(const double *f, int64_t i)
{
    return (f[i + 1] > f[i]) - (f[i + 1] < f[i]);
}

static void find_extent(const events_shared *s, const double *f, int64_t eye, double found[POINTS])
{
    int64_t start = 0, end = s->length - 1;
    if (s->params.extent == EXTENT_GLOBAL) {
        end = 0;
        for (int64_t i = 1; i < s->length; i++) {
            start = f[i] < f[start] ? i : start;
            end = f[i] > f[end] ? i : end;
        }
    } else {
        for (int64_t m = 1; m < s->length - 1; m++) {
            if (slope(f, m - 1) == slope(f, m)) continue;
            if (m < eye) start = m;
            if (m >= eye) {
                end = m;
                break;
            }
        }
    }
    found[START] = (double)start;
    found[EYE] = (double)eye;
    found[END] = (double)end;
}

static void find_event(const events_shared *s, double *profile, double *sums, double found[POINTS])
{
    double mean, sum = 0, *smoothed = sums + s->length;
    const int64_t eye = find_eye(profile, s->length, &mean);
    for (int i = 0; i < POINTS; i++) found[i] = (double)NAN;
    if (eye < 0) return;
    for (int64_t i = 0; i < s->length; i++) {
        sum += isnan(profile[i]) ? 0 : profile[i] - mean;
        sums[i] = sum;
    }
    if (s->params.smooth > 1) {
        smooth(sums, s->length, s->params.smooth, smoothed);
        sums = smoothed;
    }
    find_extent(s, sums, eye, found);
}

static lmp_status measure_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_block *out,
                                 lmp_error *err)
{
    (void)err;
    const events_shared *s = shared;
    double *profile = scratch;
    for (int64_t i = 0; i < in->count; i++) {
        double *found = s->found + POINTS * (in->first + i); /* of this frame alone */
        take_profile(in, (const char *)in->data + (size_t)i * in->stride, s->length, profile);
        find_event(s, profile, profile + s->length, found);
        for (int k = 0; k < POINTS; k++) ((double *)out->lanes[k])[i] = found[k];
    }
    return LMP_OK;
}

static lmp_status tabulate(const void *shared, lmp_table *table, lmp_error *err)
{
    (void)err;
    const events_shared *s = shared;
    lmp_table_columns(table, "frame,start,eye,end");
    for (int64_t t = 0; t < s->n_frames; t++) {
        lmp_table_number(table, (double)s->frame_numbers[t]);
        for (int k = 0; k < POINTS; k++) lmp_table_number(table, s->found[POINTS * t + k]);
        lmp_table_end_row(table);
    }
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_events = {
    .struct_size = sizeof(lmp_step),
    .name = "events",
    .summary = "Start, brightest point and end of what stands out in the profile of each frame.",
    .doc =
        "Robust and simple event extraction (RoSEE). Of a profile s, the values along one line (put `profile` before), "
        "with f(i) = sum of s(j) - mean(s) over j <= i:\n\n"
        "- eye: the position of the largest s\n"
        "- `extent=global`: start is where f is smallest, end where it is largest\n"
        "- `extent=local`: start is the last turn of f before the eye (else 0), end the first turn at or behind it "
        "(else the last position); a turn is where f begins to rise or fall: where the signs of f(m) - f(m - 1) and "
        "f(m + 1) - f(m) differ\n\n"
        "`smooth=n` averages f over n positions first, from n / 2 (whole part) before each on, its ends mirrored. "
        "While s stays above its mean, f rises: start is the last position before that, end the last one of it.\n\n"
        "    limpid run MOVIE profile y=120 width=3 ! events extent=local ! write EVENTS.csv\n\n"
        "Colours are averaged. NaN is left out (as if it were the mean); without any number all three are NaN.\n",
    .known_as = "RoSEE (BLITZ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(events_params),
    .plan = plan,
    .open = open_shared,
    .tabulate = tabulate,
    .close = close_shared,
    .takes_any_type = true,
    .measure_images = measure_images,
};
