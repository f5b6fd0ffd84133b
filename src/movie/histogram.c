/* SPDX-License-Identifier: BSD-3-Clause
 *
 * histogram.c: how often values occur, in the whole movie or in each frame. Counts are whole numbers: exact, and the
 * same in any order.
 */
#include "movie/pixel_values.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct histogram_params {
    int64_t bins, per;
    char *range, *table;
} histogram_params;

enum { PER_MOVIE, PER_FRAME };
enum { MOST_BINS_PER_FRAME = 1024 };
/* Of each tally, behind the bins. */
enum { TALLY_NAN, TALLY_BELOW, TALLY_ABOVE, TALLY_OTHERS };

static const lmp_param params[] = {
    {"bins", LMP_PARAM_INTEGER, offsetof(histogram_params, bins), "256", 1, 65536, "", NULL, "Number of bins."},
    {"range", LMP_PARAM_TEXT, offsetof(histogram_params, range), "auto", 0, 0, "", NULL,
     "low,high: edges of the first and last bin; auto: the smallest and largest finite value."},
    {"per", LMP_PARAM_CHOICE, offsetof(histogram_params, per), "movie", 0, 0, "", "movie|frame",
     "One histogram of everything, or one of each frame."},
    {"table", LMP_PARAM_FILE, offsetof(histogram_params, table), "", 0, 0, "", NULL, "CSV file for the counts."},
    {0},
};

typedef struct extremes {
    double low, high;
} extremes;

typedef struct histogram_shared {
    int64_t bins, n_tallies, n_colours, n_lanes, n_passes;
    bool is_per_frame, is_auto;
    double low, high;
    int64_t pass;
    extremes *of_lane;     /* auto */
    int64_t *lane_counts;  /* n_lanes x n_colours x (bins + others) */
    atomic_llong *tallies; /* n_tallies x n_colours x (bins + others) */
    int64_t *frame_numbers;
} histogram_shared;

/* ---- Planning ---- */

static lmp_status parse_range(const char *text, bool *is_auto, double *low, double *high, lmp_error *err)
{
    char *end, *last;
    *is_auto = strcmp(text, "auto") == 0;
    if (*is_auto) return LMP_OK;
    *low = strtod(text, &end);
    if (end != text && *end == ',') {
        *high = strtod(end + 1, &last);
        if (last != end + 1 && *last == '\0' && isfinite(*low) && isfinite(*high) && *low < *high) return LMP_OK;
    }
    return lmp_fail(err, LMP_ERR_USAGE, "histogram: range=%s must be auto or low,high with low below high", text);
}

static lmp_status set_channels(const histogram_params *p, int64_t n_colours, lmp_stream *out, lmp_error *err)
{
    enum { NAME = 32 };
    const int64_t each = p->per == PER_FRAME ? p->bins : 1, n = each * n_colours;
    lmp_channel *channels = calloc((size_t)n, sizeof *channels);
    char(*names)[NAME] = calloc((size_t)n, sizeof *names);
    lmp_status status = LMP_OK;
    for (int64_t i = 0; i < n && channels != NULL && names != NULL; i++) {
        const char *suffix = pixel_colour_suffix(i / each, n_colours);
        if (p->per == PER_FRAME)
            snprintf(names[i], NAME, "bin%lld%s", (long long)(i % each), suffix);
        else
            snprintf(names[i], NAME, "count%s", suffix);
        channels[i] = (lmp_channel){.name = names[i],
                                    .unit = "",
                                    .transducer = "",
                                    .filtering = "",
                                    .role = LMP_ROLE_MISC,
                                    .stored_rate_hz = out->format.rate_hz};
    }
    if (channels == NULL || names == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
    else
        status = lmp_stream_set_channels(out, channels, n, err);
    free(channels);
    free(names);
    return status;
}

static size_t tally_bytes(int64_t n, int64_t n_colours, int64_t bins)
{
    return (size_t)(n * n_colours * (bins + TALLY_OTHERS)) * sizeof(int64_t);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const histogram_params *p = values;
    const lmp_format *f = &in->format;
    bool is_auto;
    double low, high;
    lmp_status status = parse_range(p->range, &is_auto, &low, &high, err);
    if (status != LMP_OK) return status;
    if (p->per == PER_FRAME && p->bins > MOST_BINS_PER_FRAME)
        return lmp_fail(err, LMP_ERR_USAGE, "histogram: bins=%lld of each frame are too many: at most %d",
                        (long long)p->bins, MOST_BINS_PER_FRAME);
    const int64_t n_tallies = p->per == PER_FRAME ? f->n_times : 1, n_lanes = lmp_lane_count(f);
    lmp_format *out = &plan->out.format;
    out->kind = LMP_SIGNALS;
    out->type = LMP_FLOAT64;
    out->height = out->width = out->n_colours = 0;
    out->pixel_width_um = out->pixel_height_um = 0;
    if (p->per == PER_MOVIE) {
        out->n_times = p->bins;
        out->rate_hz = 0;
    }
    plan->learn_passes = is_auto ? 2 : 1;
    plan->shared_bytes = sizeof(histogram_shared) + (size_t)n_lanes * sizeof(extremes) +
                         tally_bytes(n_tallies + n_lanes, f->n_colours, p->bins) + (size_t)f->n_times * sizeof(int64_t);
    if (p->table[0] != '\0') plan->table_path = p->table;
    status = set_channels(p, f->n_colours, &plan->out, err);
    if (status != LMP_OK || p->per == PER_MOVIE || (f->frame_numbers == NULL && f->frame_times_s == NULL))
        return status;
    return lmp_stream_set_frames(&plan->out, f->frame_numbers, f->frame_times_s, err);
}

/* ---- Counting ---- */

static void close_shared(void *shared, lmp_budget *budget)
{
    histogram_shared *s = shared;
    lmp_give(budget, s->of_lane);
    lmp_give(budget, s->lane_counts);
    lmp_give(budget, (void *)s->tallies);
    lmp_give(budget, s->frame_numbers);
    lmp_give(budget, s);
}

static lmp_status take_counts(histogram_shared *s, const lmp_format *f, lmp_budget *budget, lmp_error *err)
{
    void *of_lane = NULL, *counts = NULL, *tallies = NULL, *numbers = NULL;
    lmp_status status = lmp_take(budget, (size_t)s->n_lanes * sizeof(extremes), &of_lane, err);
    s->of_lane = of_lane;
    if (status == LMP_OK) status = lmp_take(budget, tally_bytes(s->n_lanes, s->n_colours, s->bins), &counts, err);
    s->lane_counts = counts;
    if (status == LMP_OK) status = lmp_take(budget, tally_bytes(s->n_tallies, s->n_colours, s->bins), &tallies, err);
    s->tallies = tallies;
    if (status == LMP_OK && f->frame_numbers != NULL)
        status = lmp_take(budget, (size_t)f->n_times * sizeof(int64_t), &numbers, err);
    s->frame_numbers = numbers;
    if (status == LMP_OK && numbers != NULL) memcpy(numbers, f->frame_numbers, (size_t)f->n_times * sizeof(int64_t));
    for (int64_t i = 0; i < s->n_lanes && status == LMP_OK; i++)
        s->of_lane[i] = (extremes){(double)INFINITY, (double)-INFINITY};
    return status;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    _Static_assert(sizeof(atomic_llong) == sizeof(int64_t), "counts that are shared are as large as others");
    const histogram_params *p = values;
    void *memory;
    lmp_status status = lmp_take(budget, sizeof(histogram_shared), &memory, err);
    if (status != LMP_OK) return status;
    histogram_shared *s = memory;
    s->bins = p->bins;
    s->is_per_frame = p->per == PER_FRAME;
    s->n_tallies = s->is_per_frame ? in->format.n_times : 1;
    s->n_colours = in->format.n_colours;
    s->n_lanes = lmp_lane_count(&in->format);
    s->n_passes = made->learn_passes;
    status = parse_range(p->range, &s->is_auto, &s->low, &s->high, err);
    if (status == LMP_OK) status = take_counts(s, &in->format, budget, err);
    if (status == LMP_OK)
        *shared = s;
    else
        close_shared(s, budget);
    return status;
}

enum { CHUNK = 512 };

static void find_extremes(extremes *e, const double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const bool is_finite = x[i] - x[i] == 0;
        e->low = is_finite && x[i] < e->low ? x[i] : e->low;
        e->high = is_finite && x[i] > e->high ? x[i] : e->high;
    }
}

static double edge(const histogram_shared *s, int64_t bin)
{
    return bin == s->bins ? s->high : s->low + (double)bin * ((s->high - s->low) / (double)s->bins);
}

/* Where a value is counted. Bins hold their lower edge; the last one holds its upper edge too. */
static int64_t place_of(const histogram_shared *s, double per_unit, double x)
{
    if (!(x >= s->low && x <= s->high))
        return s->bins + (isnan(x) ? TALLY_NAN : x < s->low ? TALLY_BELOW : TALLY_ABOVE);
    int64_t bin = (int64_t)((x - s->low) * per_unit);
    if (bin >= s->bins) bin = s->bins - 1;
    while (bin > 0 && x < edge(s, bin)) bin--;
    while (bin < s->bins - 1 && x >= edge(s, bin + 1)) bin++;
    return bin;
}

static void count_values(const histogram_shared *s, const lmp_frames *in, const void *frame, int64_t colour,
                         int64_t *counts)
{
    const double per_unit = (double)s->bins / (s->high - s->low);
    const int64_t n = in->rows * in->width;
    for (int64_t first = 0; first < n; first += CHUNK) {
        double x[CHUNK];
        const int64_t count = n - first < CHUNK ? n - first : CHUNK;
        pixel_values_get(in->type, frame, first * s->n_colours + colour, s->n_colours, count, x);
        for (int64_t i = 0; i < count; i++) counts[place_of(s, per_unit, x[i])]++;
    }
}

/* Numbers of 8 bits: each of the 256 is placed once. */
static void count_bytes(const histogram_shared *s, const lmp_frames *in, const void *frame, int64_t colour,
                        int64_t *counts)
{
    const double per_unit = (double)s->bins / (s->high - s->low);
    const int64_t n = in->rows * in->width;
    const uint8_t *bytes = (const uint8_t *)frame + colour;
    uint32_t odd[256] = {0}, even[256] = {0}; /* two, so that equal neighbours do not wait for each other */
    for (int64_t i = 0; i + 1 < n; i += 2) {
        even[bytes[i * s->n_colours]]++;
        odd[bytes[(i + 1) * s->n_colours]]++;
    }
    if (n % 2 == 1) even[bytes[(n - 1) * s->n_colours]]++;
    for (int i = 0; i < 256; i++)
        if (even[i] + odd[i] > 0)
            counts[place_of(s, per_unit, in->type == LMP_INT8 ? (double)(int8_t)i : (double)i)] += even[i] + odd[i];
}

/* Adds what a band has counted to a tally, and begins anew. */
static void flush(const histogram_shared *s, int64_t *counts, int64_t tally)
{
    const int64_t n = s->n_colours * (s->bins + TALLY_OTHERS);
    for (int64_t i = 0; i < n; i++) {
        if (counts[i] == 0) continue;
        atomic_fetch_add(&s->tallies[tally * n + i], counts[i]);
        counts[i] = 0;
    }
}

static void learn_extremes(const lmp_frames *in, const void *frame, extremes *e)
{
    const int64_t n = in->rows * in->width * in->n_colours;
    for (int64_t first = 0; first < n; first += CHUNK) {
        double x[CHUNK];
        const int64_t count = n - first < CHUNK ? n - first : CHUNK;
        pixel_values_get(in->type, frame, first, 1, count, x);
        find_extremes(e, x, count);
    }
}

static lmp_status learn_rows(void *shared, int64_t lane, const lmp_frames *in, lmp_error *err)
{
    (void)err;
    const histogram_shared *s = shared;
    const int64_t each = s->bins + TALLY_OTHERS;
    int64_t *counts = s->lane_counts + lane * s->n_colours * each;
    for (int64_t t = 0; t < in->count; t++) {
        const void *frame = (const char *)in->data + (size_t)t * in->stride;
        if (s->pass + 1 < s->n_passes) {
            learn_extremes(in, frame, &s->of_lane[lane]);
            continue;
        }
        for (int64_t c = 0; c < s->n_colours; c++)
            if (lmp_type_bytes(in->type) == 1)
                count_bytes(s, in, frame, c, counts + c * each);
            else
                count_values(s, in, frame, c, counts + c * each);
        if (s->is_per_frame) flush(s, counts, in->first + t);
    }
    return LMP_OK;
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)out, (void)err;
    histogram_shared *s = shared;
    s->pass = pass + 1;
    if (s->pass == s->n_passes) {
        for (int64_t i = 0; i < s->n_lanes; i++)
            flush(s, s->lane_counts + i * s->n_colours * (s->bins + TALLY_OTHERS), 0);
        return LMP_OK;
    }
    extremes e = {(double)INFINITY, (double)-INFINITY};
    for (int64_t i = 0; i < s->n_lanes; i++) {
        e.low = fmin(e.low, s->of_lane[i].low);
        e.high = fmax(e.high, s->of_lane[i].high);
    }
    const bool is_any = e.low <= e.high, is_flat = e.low == e.high;
    s->low = !is_any ? 0 : is_flat ? e.low - 0.5 : e.low;
    s->high = !is_any ? 1 : is_flat ? e.high + 0.5 : e.high;
    return LMP_OK;
}

/* ---- Results ---- */

static double tally_of(const histogram_shared *s, int64_t tally, int64_t colour, int64_t bin)
{
    return (double)atomic_load(&s->tallies[(tally * s->n_colours + colour) * (s->bins + TALLY_OTHERS) + bin]);
}

static lmp_status generate(const void *shared, const lmp_frames *frames, const lmp_block *signals, lmp_error *err)
{
    (void)frames, (void)err;
    const histogram_shared *s = shared;
    for (int64_t c = 0; c < signals->n_lanes; c++) {
        double *to = signals->lanes[c];
        for (int64_t i = 0; i < signals->count; i++) {
            const int64_t at = signals->first + i;
            to[i] = s->is_per_frame ? tally_of(s, at, c / s->bins, c % s->bins) : tally_of(s, 0, c, at);
        }
    }
    return LMP_OK;
}

static void tabulate_movie(const histogram_shared *s, lmp_table *table)
{
    lmp_table_columns(table, s->n_colours == 1 ? "low,high,count" : "low,high,count.r,count.g,count.b");
    for (int64_t bin = 0; bin < s->bins; bin++) {
        lmp_table_number(table, edge(s, bin));
        lmp_table_number(table, edge(s, bin + 1));
        for (int64_t c = 0; c < s->n_colours; c++) lmp_table_number(table, tally_of(s, 0, c, bin));
        lmp_table_end_row(table);
    }
}

static void name_columns(const histogram_shared *s, char *text)
{
    static const char *const others[] = {"nan", "below", "above"};
    text += sprintf(text, "frame");
    for (int64_t c = 0; c < s->n_colours; c++) {
        const char *suffix = pixel_colour_suffix(c, s->n_colours);
        for (int i = 0; i < TALLY_OTHERS; i++) text += sprintf(text, ",%s%s", others[i], suffix);
        for (int64_t bin = 0; bin < s->bins; bin++) text += sprintf(text, ",bin%lld%s", (long long)bin, suffix);
    }
}

static lmp_status tabulate_frames(const histogram_shared *s, lmp_table *table, lmp_error *err)
{
    char *names = calloc((size_t)(s->n_colours * (s->bins + TALLY_OTHERS) + 1), 16);
    if (names == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a table");
    name_columns(s, names);
    lmp_table_columns(table, names);
    free(names);
    for (int64_t t = 0; t < s->n_tallies; t++) {
        lmp_table_number(table, (double)(s->frame_numbers != NULL ? s->frame_numbers[t] : t));
        for (int64_t c = 0; c < s->n_colours; c++) {
            for (int64_t i = 0; i < TALLY_OTHERS; i++) lmp_table_number(table, tally_of(s, t, c, s->bins + i));
            for (int64_t bin = 0; bin < s->bins; bin++) lmp_table_number(table, tally_of(s, t, c, bin));
        }
        lmp_table_end_row(table);
    }
    return LMP_OK;
}

static lmp_status tabulate(const void *shared, lmp_table *table, lmp_error *err)
{
    const histogram_shared *s = shared;
    if (s->is_per_frame) return tabulate_frames(s, table, err);
    tabulate_movie(s, table);
    return LMP_OK;
}

static void record(const void *shared, lmp_record *record)
{
    static const char *const keys[] = {"nan", "below", "above"};
    const histogram_shared *s = shared;
    lmp_record_number(record, "low", s->low);
    lmp_record_number(record, "high", s->high);
    for (int i = 0; i < TALLY_OTHERS; i++) {
        double sum = 0;
        for (int64_t t = 0; t < s->n_tallies; t++)
            for (int64_t c = 0; c < s->n_colours; c++) sum += tally_of(s, t, c, s->bins + i);
        lmp_record_number(record, keys[i], sum);
    }
}

const lmp_step lmp_step_histogram = {
    .struct_size = sizeof(lmp_step),
    .name = "histogram",
    .summary = "How often values occur: exact counts in bins of equal width.",
    .doc =
        "Bin i holds the values x with e(i) <= x < e(i + 1), e(i) = low + i (high - low) / bins; the last bin holds "
        "x = high too. These are the bins of numpy.histogram. Every pixel counts, none is sampled.\n\n"
        "With `per=movie` the result is signals with one channel `count` whose times are the bins; with `per=frame` "
        "a channel for each bin, `bin0`, `bin1`, ..., over the frames (at most 1024 bins). Colours are counted apart "
        "(`.r`, `.g`, `.b`). `table` writes the counts with the edges of the bins, or a row for each frame.\n\n"
        "`range=auto` reads the movie twice: the bins go from its smallest to its largest finite value (0.5 to both "
        "sides of a constant). NaN, and values below and above the range, are counted apart; see the record. Takes "
        "every number type as it is; 64-bit integers beyond 2^53 are rounded.\n",
    .known_as = "Histogram (ImageJ), numpy.histogram, LUT histogram (BLITZ)",
    .kind = LMP_MOVIE,
    .grain = LMP_GRAIN_BLOCK,
    .params = params,
    .params_size = sizeof(histogram_params),
    .plan = plan,
    .open = open_shared,
    .learn_rows = learn_rows,
    .learned = learned,
    .record = record,
    .close = close_shared,
    .takes_any_type = true,
    .generate = generate,
    .tabulate = tabulate,
};
