/* SPDX-License-Identifier: BSD-3-Clause
 *
 * memory_io.c: see memory_io.h.
 */
#include "memory_io.h"

#include "core/recording.h"
#include "core/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

memory_world memory;

void memory_reset(void)
{
    for (int64_t i = 0; i < memory.n_files; i++) free(memory.files[i].values);
    memory = (memory_world){.read_fails_at = -1};
}

const memory_file *memory_find(const char *name)
{
    for (int64_t i = 0; i < memory.n_files; i++)
        if (strcmp(memory.files[i].name, name) == 0 && memory.files[i].is_finished) return &memory.files[i];
    return NULL;
}

double memory_value(int64_t lane, int64_t time)
{
    return (double)((lane + 1) * 1000003 + time * 7 % 65537);
}

/* ---- Source ---- */

static lmp_status read_values(void *state, const lmp_read_request *r, lmp_budget *budget, lmp_error *err)
{
    (void)state, (void)budget;
    __atomic_add_fetch(&memory.n_reads, 1, __ATOMIC_RELAXED);
    if (memory.read_fails_at >= r->first && memory.read_fails_at < r->first + r->count)
        return lmp_fail(err, LMP_ERR_IO, "sample %lld cannot be read", (long long)memory.read_fails_at);
    for (int64_t i = 0; i < r->n_lanes; i++)
        for (int64_t t = 0; t < r->count; t++) ((double *)r->out[i])[t] = memory_value(r->lanes[i], r->first + t);
    return LMP_OK;
}

lmp_recording *memory_recording(lmp_engine *engine, int64_t n_lanes, int64_t n_times)
{
    lmp_recording *r = calloc(1, sizeof *r);
    lmp_channel *channels = calloc((size_t)n_lanes + 1, sizeof *channels);
    char(*names)[24] = calloc((size_t)n_lanes + 1, sizeof *names);
    r->engine = engine;
    r->path = strdup("");
    r->source.stream.format =
        (lmp_format){.kind = LMP_SIGNALS, .type = LMP_FLOAT64, .n_times = n_times, .rate_hz = 100, .start_unix_s = NAN};
    for (int64_t i = 0; i < n_lanes; i++) {
        snprintf(names[i], sizeof names[i], "c%lld", (long long)i);
        channels[i] = (lmp_channel){.name = names[i], .unit = "uV", .stored_rate_hz = 100};
    }
    if (lmp_stream_set_channels(&r->source.stream, channels, n_lanes, NULL) != LMP_OK) abort();
    r->source.time_grain = 1;
    r->source.bytes_per_time = 8;
    r->source.read = read_values;
    free(names);
    free(channels);
    return r;
}

/* ---- Writer ---- */

static lmp_status set_range(void *state, const double *lowest, const double *highest, lmp_error *err)
{
    (void)state, (void)err;
    memory.lowest = lowest[0];
    memory.highest = highest[0];
    return LMP_OK;
}

static lmp_status write_values(void *state, int64_t first, int64_t count, int64_t n_lanes, const int64_t *lanes,
                               const void *const *data, lmp_budget *budget, lmp_error *err)
{
    (void)budget;
    memory_file *f = state;
    for (int64_t i = 0; i < n_lanes; i++) {
        const double *x = data[i];
        for (int64_t t = 0; t < count; t++)
            if (memory.refuses_above > 0 && isnan(memory.highest) && x[t] > memory.refuses_above)
                return lmp_fail(err, LMP_ERR_RANGE, "value too large");
        memcpy(f->values + lanes[i] * f->n_times + first, x, (size_t)count * sizeof *x);
    }
    return LMP_OK;
}

static lmp_status finish(void *state, lmp_error *err)
{
    (void)err;
    ((memory_file *)state)->is_finished = true;
    return LMP_OK;
}

static lmp_status create(const char *path, const lmp_stream *stream, const lmp_write_options *options, bool force_range,
                         lmp_writer *writer, lmp_error *err)
{
    (void)options;
    if (memory.n_files == MOST_MEMORY_FILES) return lmp_fail(err, LMP_ERR_IO, "too many files");
    memory_file *f = &memory.files[memory.n_files++];
    const size_t n = (size_t)(stream->format.n_channels * stream->format.n_times);
    *f = (memory_file){.n_lanes = stream->format.n_channels,
                       .n_times = stream->format.n_times,
                       .values = calloc(n + 1, sizeof(double))};
    snprintf(f->name, sizeof f->name, "%s", path);
    memory.highest = force_range || memory.wants_range ? 0 : NAN;
    *writer = (lmp_writer){.needs_range = memory.wants_range || force_range,
                           .needs_all_lanes = memory.wants_all_lanes,
                           .time_grain = 64,
                           .state = f,
                           .set_range = set_range,
                           .write = write_values,
                           .finish = finish};
    return LMP_OK;
}

static int detect(const uint8_t *head, size_t n, const char *path)
{
    (void)head, (void)n, (void)path;
    return 0;
}

static const lmp_io memory_io = {.name = "memory",
                                 .summary = "Values in memory.",
                                 .kind = LMP_SIGNALS,
                                 .extensions = "mem",
                                 .can_write = true,
                                 .detect = detect,
                                 .create = create};

/* ---- Steps ---- */

typedef struct number_params {
    double value;
} number_params;

static const lmp_param number[] = {
    {"value", LMP_PARAM_NUMBER, offsetof(number_params, value), "1", -1e9, 1e9, "", NULL, "A number."},
    {0},
};

static lmp_status open_number(const void *values, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    (void)in, (void)plan;
    const lmp_status status = lmp_take(budget, 4 * sizeof(double), shared, err);
    if (status == LMP_OK) ((double *)*shared)[0] = ((const number_params *)values)->value;
    return status;
}

static void close_number(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

/* hold: gives everything out `value` samples late, all that is left at the end; y = x + 1. */
static lmp_status plan_hold(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)err;
    plan->burst = (int64_t)((const number_params *)values)->value;
    plan->lane_bytes = (size_t)(plan->burst + 2) * sizeof(double) + 64;
    plan->shared_bytes = 4 * sizeof(double);
    plan->lane_active = lmp_plan_flags(plan, in->format.n_channels);
    for (int64_t i = 0; i < in->format.n_channels; i++) plan->lane_active[i] = i != 2; /* lane 2 passes unchanged */
    return LMP_OK;
}

/* In bursts: multiples of `value` only, as an FFT filter does. */
static int64_t ready_hold(const void *shared, int64_t n_in, bool ended)
{
    const int64_t step = (int64_t)((const double *)shared)[0];
    return ended || step < 1 ? n_in : n_in - n_in % step;
}

typedef struct hold_lane {
    int64_t held;
    double values[];
} hold_lane;

static lmp_status open_hold(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    (void)lane;
    return lmp_take(budget, sizeof(hold_lane) + (size_t)((const double *)shared)[0] * sizeof(double), state, err);
}

static lmp_status process_hold(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                               int64_t n_out, bool ended, lmp_error *err)
{
    (void)shared, (void)scratch, (void)ended, (void)err;
    hold_lane *h = state;
    const double *x = in;
    double *y = out;
    for (int64_t i = 0; i < n_out; i++) y[i] = 1 + (i < h->held ? h->values[i] : x[i - h->held]);
    const int64_t left = h->held + n_in - n_out;
    for (int64_t i = 0; i < left; i++)
        h->values[i] = n_out + i < h->held ? h->values[n_out + i] : x[n_out + i - h->held];
    h->held = left;
    return LMP_OK;
}

static void close_hold(const void *shared, void *state, lmp_budget *budget)
{
    (void)shared;
    lmp_give(budget, state);
}

static const lmp_step hold = {.struct_size = sizeof(lmp_step),
                              .name = "hold",
                              .summary = "Late.",
                              .doc = "Late.",
                              .kind = LMP_SIGNALS,
                              .grain = LMP_GRAIN_TIME,
                              .params = number,
                              .params_size = sizeof(number_params),
                              .plan = plan_hold,
                              .open = open_number,
                              .ready = ready_hold,
                              .lane_open = open_hold,
                              .process = process_hold,
                              .lane_close = close_hold,
                              .close = close_number};

/* learn-mean: learns the mean of lane 1, then subtracts it from all lanes. */
static lmp_status plan_mean(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)values, (void)err;
    plan->learn_passes = 1;
    plan->learn_lane = lmp_plan_flags(plan, in->format.n_channels);
    plan->learn_lane[in->format.n_channels > 1] = true;
    plan->shared_bytes = 4 * sizeof(double);
    return LMP_OK;
}

static lmp_status learn_mean(void *shared, int64_t lane, int64_t first, const void *in, int64_t n_in, lmp_error *err)
{
    (void)lane;
    double *s = shared;
    if (s[2] != (double)first)
        return lmp_fail(err, LMP_ERR_CHECK, "learning saw sample %lld, not %g", (long long)first, s[2]);
    for (int64_t i = 0; i < n_in; i++) s[1] += ((const double *)in)[i];
    s[2] += (double)n_in;
    return LMP_OK;
}

static lmp_status learned_mean(void *shared, int64_t pass, lmp_stream *out, lmp_error *err)
{
    (void)pass;
    double *s = shared;
    s[1] /= s[2];
    const lmp_event learned = {.onset_s = 0, .label = "learned"};
    return lmp_stream_set_events(out, &learned, 1, err);
}

static lmp_status process_mean(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                               int64_t n_out, bool ended, lmp_error *err)
{
    (void)state, (void)scratch, (void)n_in, (void)ended, (void)err;
    for (int64_t i = 0; i < n_out; i++) ((double *)out)[i] = ((const double *)in)[i] - ((const double *)shared)[1];
    return LMP_OK;
}

static const lmp_step learn_step = {.struct_size = sizeof(lmp_step),
                                    .name = "learn-mean",
                                    .summary = "Learns.",
                                    .doc = "Learns.",
                                    .kind = LMP_SIGNALS,
                                    .grain = LMP_GRAIN_TIME,
                                    .params = number,
                                    .params_size = sizeof(number_params),
                                    .plan = plan_mean,
                                    .open = open_number,
                                    .learn = learn_mean,
                                    .learned = learned_mean,
                                    .process = process_mean,
                                    .close = close_number};

/* mix: y_i = x_i + value * x_0, all lanes of an instant. */
static lmp_status plan_none(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)values, (void)in, (void)err;
    plan->shared_bytes = 4 * sizeof(double);
    return LMP_OK;
}

static lmp_status mix_frames(const void *shared, void *scratch, const lmp_block *in, const lmp_block *out,
                             lmp_error *err)
{
    (void)scratch, (void)err;
    for (int64_t l = 0; l < in->n_lanes; l++)
        for (int64_t t = 0; t < in->count; t++)
            ((double *)out->lanes[l])[t] =
                ((double *)in->lanes[l])[t] + ((const double *)shared)[0] * ((double *)in->lanes[0])[t];
    return LMP_OK;
}

static const lmp_step mix = {.struct_size = sizeof(lmp_step),
                             .name = "mix",
                             .summary = "Mixes.",
                             .doc = "Mixes.",
                             .kind = LMP_SIGNALS,
                             .grain = LMP_GRAIN_FRAME,
                             .params = number,
                             .params_size = sizeof(number_params),
                             .plan = plan_none,
                             .open = open_number,
                             .process_frames = mix_frames,
                             .close = close_number};

/* fail-at: fails where the value of a sample index passes `value`, in every lane. */
static lmp_status process_fail(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                               int64_t n_out, bool ended, lmp_error *err)
{
    (void)scratch, (void)ended, (void)n_in;
    double *seen = state;
    const double at = ((const double *)shared)[0];
    if (*seen <= at && *seen + (double)n_in > at) return lmp_fail(err, LMP_ERR_INPUT, "bad sample %g", at);
    *seen += (double)n_in;
    memcpy(out, in, (size_t)n_out * sizeof(double));
    return LMP_OK;
}

static lmp_status open_fail(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err)
{
    (void)shared, (void)lane;
    return lmp_take(budget, sizeof(double), state, err);
}

static const lmp_step fail_at = {.struct_size = sizeof(lmp_step),
                                 .name = "fail-at",
                                 .summary = "Fails.",
                                 .doc = "Fails.",
                                 .kind = LMP_SIGNALS,
                                 .grain = LMP_GRAIN_TIME,
                                 .params = number,
                                 .params_size = sizeof(number_params),
                                 .plan = plan_none,
                                 .open = open_number,
                                 .lane_open = open_fail,
                                 .process = process_fail,
                                 .lane_close = close_hold,
                                 .close = close_number};

/* note: leaves the data as they are; its number goes into the table memory.table_path. */
static lmp_status plan_note(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    (void)values, (void)in, (void)err;
    plan->is_identity = true;
    plan->shared_bytes = 4 * sizeof(double);
    plan->table_path = memory.table_path;
    return LMP_OK;
}

static lmp_status tabulate_note(const void *shared, lmp_table *table, lmp_error *err)
{
    (void)err;
    lmp_table_columns(table, "value");
    lmp_table_number(table, ((const double *)shared)[0]);
    lmp_table_end_row(table);
    return LMP_OK;
}

static const lmp_step note = {.struct_size = sizeof(lmp_step),
                              .name = "note",
                              .summary = "Notes.",
                              .doc = "Notes.",
                              .kind = LMP_SIGNALS,
                              .grain = LMP_GRAIN_TIME,
                              .params = number,
                              .params_size = sizeof(number_params),
                              .plan = plan_note,
                              .open = open_number,
                              .tabulate = tabulate_note,
                              .close = close_number};

extern const lmp_step lmp_step_crop, lmp_step_pick, lmp_step_drop, lmp_step_write, lmp_step_tee;

lmp_engine *memory_engine(int64_t threads, uint64_t limit, int64_t block_length)
{
    static const lmp_step *const steps[] = {
        &hold,          &learn_step,     &mix,          &fail_at, &note, &lmp_step_crop, &lmp_step_pick,
        &lmp_step_drop, &lmp_step_write, &lmp_step_tee, NULL};
    static const lmp_io *const formats[] = {&memory_io, NULL};
    static const lmp_simulator *const simulators[] = {NULL};
    static const lmp_preset *const presets[] = {NULL};
    const engine_catalog catalog = {{steps}, formats, simulators, presets};
    lmp_engine_options options = LMP_OPTIONS(lmp_engine_options);
    options.threads = threads;
    options.memory_limit = limit;
    options.block_length = block_length;
    lmp_engine *engine = NULL;
    if (engine_new(&options, &catalog, &engine, NULL) != LMP_OK) abort();
    return engine;
}

lmp_status memory_run(int64_t threads, uint64_t limit, int64_t block_length, int64_t n_lanes, int64_t n_times,
                      const char *chain_text, lmp_error *err)
{
    lmp_engine *engine = memory_engine(threads, limit, block_length);
    lmp_recording *recording = memory_recording(engine, n_lanes, n_times);
    lmp_chain *chain = NULL;
    lmp_run *run = NULL;
    lmp_run_options options = LMP_OPTIONS(lmp_run_options);
    options.no_provenance = 1;
    const char *words[64];
    int64_t n = 0;
    char *copy = strdup(chain_text), *rest = copy;
    for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " ")) words[n++] = word;
    lmp_status status = lmp_chain_new(engine, &chain, err);
    if (status == LMP_OK) status = lmp_chain_parse(chain, n, words, err);
    if (status == LMP_OK) status = lmp_run_new(engine, recording, chain, &options, &run, err);
    if (status == LMP_OK) status = lmp_run_go(run, NULL, NULL, err);
    lmp_run_free(run);
    lmp_chain_free(chain);
    lmp_recording_close(recording);
    lmp_engine_free(engine);
    free(copy);
    return status;
}
