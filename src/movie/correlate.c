/* SPDX-License-Identifier: BSD-3-Clause
 *
 * correlate.c: how alike channels are when one is shifted in time against the other.
 */
#include <limpid/step.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct correlate_params {
    int64_t max_lag;
    char *channels, *table;
} correlate_params;

enum { MOST_PAIRS = 10000, NAME = 128 };

static const lmp_param params[] = {
    {"max-lag", LMP_PARAM_INTEGER, offsetof(correlate_params, max_lag), "20", 0, 1e6, "samples", NULL,
     "Largest shift to both sides, in samples (frames)."},
    {"channels", LMP_PARAM_CHANNELS, offsetof(correlate_params, channels), "all", 0, 0, "", NULL,
     "Channels to compare, each with each."},
    {"table", LMP_PARAM_FILE, offsetof(correlate_params, table), "", 0, 0, "", NULL,
     "CSV file for the strongest correlation of each pair."},
    {0},
};

typedef struct correlate_pair {
    int64_t a, b; /* of the traces kept */
    char first[NAME], second[NAME];
} correlate_pair;

typedef struct correlate_shared {
    int64_t n_times, n_lanes, n_kept, n_pairs, max_lag, n_lags;
    double rate_hz;
    int64_t *trace_of_lane; /* -1: not chosen */
    double *traces;         /* n_kept x n_times */
    correlate_pair *pairs;
    double *r; /* n_pairs x n_lags */
} correlate_shared;

/* ---- Planning ---- */

static int64_t count_chosen(const correlate_params *p, const lmp_format *f)
{
    int64_t n = 0;
    for (int64_t i = 0; i < f->n_channels; i++) n += lmp_channel_chosen(p->channels, f, i);
    return n;
}

static lmp_status set_channels(const correlate_params *p, const lmp_stream *in, int64_t n_pairs, lmp_stream *out,
                               lmp_error *err)
{
    const lmp_format *f = &in->format;
    lmp_channel *channels = calloc((size_t)n_pairs, sizeof *channels);
    char(*names)[2 * NAME] = calloc((size_t)n_pairs, sizeof *names);
    lmp_status status = LMP_OK;
    int64_t pair = 0;
    for (int64_t a = 0; a < f->n_channels && channels != NULL && names != NULL; a++)
        for (int64_t b = a + 1; b < f->n_channels; b++) {
            if (!lmp_channel_chosen(p->channels, f, a) || !lmp_channel_chosen(p->channels, f, b)) continue;
            snprintf(names[pair], sizeof names[pair], "%s x %s", f->channels[a].name, f->channels[b].name);
            channels[pair] = (lmp_channel){.name = names[pair],
                                           .unit = "",
                                           .transducer = "",
                                           .filtering = "",
                                           .role = LMP_ROLE_MISC,
                                           .stored_rate_hz = f->rate_hz};
            pair++;
        }
    if (channels == NULL || names == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
    else
        status = lmp_stream_set_channels(out, channels, n_pairs, err);
    free(channels);
    free(names);
    return status;
}

/* Numbers of the result are lags. */
static lmp_status set_lags(int64_t max_lag, lmp_stream *out, lmp_error *err)
{
    const int64_t n = 2 * max_lag + 1;
    const double rate_hz = out->format.rate_hz;
    int64_t *numbers = calloc((size_t)n, sizeof *numbers);
    double *times = calloc((size_t)n, sizeof *times);
    lmp_status status = LMP_OK;
    out->format.n_times = n;
    for (int64_t i = 0; i < n && numbers != NULL && times != NULL; i++) {
        numbers[i] = i - max_lag;
        times[i] = rate_hz > 0 ? (double)numbers[i] / rate_hz : 0;
    }
    if (numbers == NULL || times == NULL)
        status = lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for lags");
    else
        status = lmp_stream_set_frames(out, numbers, rate_hz > 0 ? times : NULL, err);
    free(numbers);
    free(times);
    return status;
}

static size_t planned_bytes(const lmp_format *f, int64_t n_kept, int64_t n_pairs, int64_t n_lags)
{
    return sizeof(correlate_shared) + (size_t)f->n_channels * sizeof(int64_t) +
           (size_t)(n_kept * f->n_times) * sizeof(double) + (size_t)n_pairs * sizeof(correlate_pair) +
           (size_t)(n_pairs * n_lags) * sizeof(double);
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const correlate_params *p = values;
    const lmp_format *f = &in->format;
    const int64_t n = count_chosen(p, f), n_pairs = n * (n - 1) / 2;
    if (n < 2)
        return lmp_fail(err, LMP_ERR_USAGE, "correlate: channels=%s are %lld of %lld: choose at least two", p->channels,
                        (long long)n, (long long)f->n_channels);
    if (n_pairs > MOST_PAIRS)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "correlate: %lld channels make %lld pairs: choose fewer with channels=", (long long)n,
                        (long long)n_pairs);
    if (p->max_lag > f->n_times - 2)
        return lmp_fail(err, LMP_ERR_USAGE, "correlate: max-lag=%lld of %lld samples: at most %lld will do",
                        (long long)p->max_lag, (long long)f->n_times, (long long)f->n_times - 2);
    plan->shared_bytes = planned_bytes(f, n, n_pairs, 2 * p->max_lag + 1);
    plan->learn_passes = 1;
    plan->learn_lane = lmp_plan_flags(plan, f->n_channels);
    if (plan->learn_lane == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    for (int64_t i = 0; i < f->n_channels; i++) plan->learn_lane[i] = lmp_channel_chosen(p->channels, f, i);
    if (p->table[0] != '\0') plan->table_path = p->table;
    plan->out.format.type = LMP_FLOAT64;
    lmp_status status = lmp_stream_set_events(&plan->out, NULL, 0, err);
    if (status == LMP_OK) status = set_channels(p, in, n_pairs, &plan->out, err);
    return status == LMP_OK ? set_lags(p->max_lag, &plan->out, err) : status;
}

/* ---- Traces ---- */

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    const correlate_params *p = values;
    const lmp_format *f = &in->format;
    void *memory;
    const lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    correlate_shared *s = memory;
    s->n_times = f->n_times;
    s->n_lanes = f->n_channels;
    s->n_kept = count_chosen(p, f);
    s->n_pairs = s->n_kept * (s->n_kept - 1) / 2;
    s->max_lag = p->max_lag;
    s->n_lags = 2 * p->max_lag + 1;
    s->rate_hz = f->rate_hz;
    s->traces = (double *)(s + 1);
    s->r = s->traces + s->n_kept * s->n_times;
    s->trace_of_lane = (int64_t *)(s->r + s->n_pairs * s->n_lags);
    s->pairs = (correlate_pair *)(s->trace_of_lane + s->n_lanes);
    int64_t kept = 0, pair = 0;
    for (int64_t i = 0; i < s->n_lanes; i++) s->trace_of_lane[i] = lmp_channel_chosen(p->channels, f, i) ? kept++ : -1;
    for (int64_t a = 0; a < s->n_lanes; a++)
        for (int64_t b = a + 1; b < s->n_lanes; b++) {
            if (s->trace_of_lane[a] < 0 || s->trace_of_lane[b] < 0) continue;
            correlate_pair *to = &s->pairs[pair++];
            to->a = s->trace_of_lane[a];
            to->b = s->trace_of_lane[b];
            snprintf(to->first, NAME, "%s", f->channels[a].name);
            snprintf(to->second, NAME, "%s", f->channels[b].name);
        }
    *shared = s;
    return LMP_OK;
}

static lmp_status learn(void *shared, int64_t lane, int64_t first, const void *in, int64_t n_in, lmp_error *err)
{
    (void)err;
    const correlate_shared *s = shared;
    const int64_t trace = s->trace_of_lane[lane];
    if (trace >= 0) memcpy(s->traces + trace * s->n_times + first, in, (size_t)n_in * sizeof(double));
    return LMP_OK;
}

/* ---- Correlation ---- */

/* Pearson's r of n pairs of numbers, those with a NaN left out; NaN of fewer than two, or without variance. */
static double pearson(const double *x, const double *y, int64_t n)
{
    double sum_x = 0, sum_y = 0, xx = 0, yy = 0, xy = 0;
    int64_t valid = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i]) || isnan(y[i])) continue;
        sum_x += x[i];
        sum_y += y[i];
        valid++;
    }
    const double mean_x = sum_x / (double)valid, mean_y = sum_y / (double)valid;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i]) || isnan(y[i])) continue;
        const double dx = x[i] - mean_x, dy = y[i] - mean_y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    if (valid < 2 || !(xx > 0) || !(yy > 0)) return (double)NAN;
    return fmin(fmax(xy / (sqrt(xx) * sqrt(yy)), -1), 1);
}

static lmp_status learned(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)pass, (void)out, (void)err;
    const correlate_shared *s = shared;
    for (int64_t k = 0; k < s->n_pairs; k++)
        for (int64_t lag = -s->max_lag; lag <= s->max_lag; lag++) {
            const double *x = s->traces + s->pairs[k].a * s->n_times, *y = s->traces + s->pairs[k].b * s->n_times;
            const int64_t shift = lag < 0 ? -lag : lag;
            s->r[k * s->n_lags + lag + s->max_lag] =
                pearson(lag < 0 ? x + shift : x, lag < 0 ? y : y + shift, s->n_times - shift);
        }
    return LMP_OK;
}

static lmp_status generate(const void *shared, const lmp_frames *frames, const lmp_block *signals, lmp_error *err)
{
    (void)frames, (void)err;
    const correlate_shared *s = shared;
    for (int64_t k = 0; k < signals->n_lanes; k++)
        memcpy(signals->lanes[k], s->r + k * s->n_lags + signals->first, (size_t)signals->count * sizeof(double));
    return LMP_OK;
}

static lmp_status tabulate(const void *shared, lmp_table *table, lmp_error *err)
{
    (void)err;
    const correlate_shared *s = shared;
    lmp_table_columns(table, "first,second,r,strongest_r,lag,lag_s");
    for (int64_t k = 0; k < s->n_pairs; k++) {
        const double *r = s->r + k * s->n_lags;
        int64_t best = -1;
        for (int64_t i = 0; i < s->n_lags; i++)
            if (!isnan(r[i]) && (best < 0 || fabs(r[i]) > fabs(r[best]))) best = i;
        const double lag = best < 0 ? (double)NAN : (double)(best - s->max_lag);
        lmp_table_text(table, s->pairs[k].first);
        lmp_table_text(table, s->pairs[k].second);
        lmp_table_number(table, r[s->max_lag]);
        lmp_table_number(table, best < 0 ? (double)NAN : r[best]);
        lmp_table_number(table, lag);
        lmp_table_number(table, s->rate_hz > 0 ? lag / s->rate_hz : (double)NAN);
        lmp_table_end_row(table);
    }
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_correlate = {
    .struct_size = sizeof(lmp_step),
    .name = "correlate",
    .summary = "Correlation of channels with each other at every lag.",
    .doc =
        "For each pair of channels x and y and each lag l from -`max-lag` to `max-lag`, Pearson's correlation of x(t) "
        "and y(t + l) over the times at which both exist:\n\n"
        "    r(l) = sum (x(t) - mx) (y(t + l) - my) / sqrt(sum (x(t) - mx)^2 sum (y(t + l) - my)^2)\n\n"
        "mx, my being the means over those same times, so that r lies within +-1 at every lag. A peak at a positive "
        "lag says that y follows x. The result is signals, a channel `x x y` for each pair, whose times are the lags. "
        "`table` writes, for each pair, r at lag 0 and the r that is largest in magnitude with its lag.\n\n"
        "    limpid run MOVIE traces zones=ZONES.json ! correlate max-lag=50 ! write CORRELATION.csv\n\n"
        "Times at which either is NaN are left out; without two of them, or without variance, r is NaN.\n",
    .known_as = "Pearson r of probes (BLITZ), xcorr(..., 'normalized') (MATLAB), numpy.corrcoef",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_BLOCK,
    .params = params,
    .params_size = sizeof(correlate_params),
    .plan = plan,
    .open = open_shared,
    .learn = learn,
    .learned = learned,
    .generate = generate,
    .tabulate = tabulate,
    .close = close_shared,
};
