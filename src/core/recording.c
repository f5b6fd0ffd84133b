/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recording.c: opening files and simulations, and reading from them directly.
 */
#include "core/recording.h"

#include "core/budget.h"
#include "core/lost_inputs.h"
#include "core/stream.h"
#include "core/table.h"
#include "os/os.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 4096 };

static lmp_status read_head(const char *path, uint8_t *head, size_t *n, lmp_error *err)
{
    os_file file;
    os_file_info info;
    int failed = os_file_open_read(path, &file);
    if (failed == 0) {
        failed = os_file_stat(file, &info);
        if (failed == 0 && !info.is_regular) failed = ESPIPE;
        if (failed == 0) failed = os_file_read(file, 0, head, HEAD_BYTES, n);
        os_file_close(file);
    }
    if (failed == ENOENT) return lmp_fail(err, LMP_ERR_IO, "%s does not exist: check the name", path);
    if (failed == ESPIPE)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is not a regular file: recordings are read at any position, copy it to a disk first", path);
    if (failed != 0) return lmp_fail(err, LMP_ERR_IO, "%s cannot be read: %s", path, strerror(failed));
    if (*n == 0) return lmp_fail(err, LMP_ERR_INPUT, "%s is empty", path);
    return LMP_OK;
}

/* A folder, or a pattern that names several files: what formats of folders look at. */
static bool is_many_files(const char *path)
{
    os_file_info info;
    const int failed = os_path_stat(path, &info);
    return failed == 0 ? info.is_directory : strpbrk(path, "*?[") != NULL;
}

/* n is 0 for folders and patterns. */
static const lmp_io *surest_format(const lmp_io *const *formats, const char *path, const uint8_t *head, size_t n)
{
    const lmp_io *best = NULL;
    int surest = 0;
    for (const lmp_io *const *all = formats; *all != NULL; all++) {
        if (!(*all)->can_read || (*all)->is_folder != (n == 0)) continue;
        const int sure = (*all)->detect(head, n, path);
        if (sure > surest) {
            surest = sure;
            best = *all;
        }
    }
    return best;
}

lmp_status source_find_format(const lmp_io *const *formats, const char *path, const lmp_io **io, lmp_error *err)
{
    uint8_t head[HEAD_BYTES];
    size_t n = 0;
    const bool is_many = is_many_files(path);
    const lmp_status status = is_many ? LMP_OK : read_head(path, head, &n, err);
    if (status != LMP_OK) return status;
    *io = surest_format(formats, path, is_many ? NULL : head, n);
    if (*io != NULL) return LMP_OK;
    return lmp_fail(err, LMP_ERR_INPUT, "%s is in no format that limpid reads: limpid formats lists them", path);
}

lmp_status source_open(const lmp_io *io, const char *path, const lmp_open_options *options, const lmp_limits *limits,
                       lmp_source *source, lmp_error *err)
{
    *source = (lmp_source){.limits = *limits, .time_grain = 1};
    if (options->dataset != NULL && !io->has_datasets)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: a %s file holds one recording, not '%s' among others: leave it away",
                        path, io->name, options->dataset);
    if (options->group != NULL && !io->has_groups)
        return lmp_fail(err, LMP_ERR_USAGE, "%s is not a folder of files: leave the group '%s' away", path,
                        options->group);
    return io->open(path, options, source, err);
}

lmp_limits source_limits(const lmp_source *source)
{
    lmp_limits limits = source->limits;
    if (limits.threads == 0) limits.threads = os_core_count();
    if (limits.memory == 0) limits.memory = os_memory_bytes() / 2;
    return limits;
}

void source_clear(lmp_source *source)
{
    if (source->close != NULL) source->close(source->state);
    stream_clear(&source->stream);
    json_decref(source->facts);
    free(source->warnings);
    *source = (lmp_source){0};
}

static lmp_recording *new_recording(lmp_engine *engine, const char *path)
{
    lmp_recording *r = calloc(1, sizeof *r);
    if (r == NULL) return NULL;
    r->engine = engine;
    r->path = strdup(path);
    if (r->path == NULL) {
        free(r);
        return NULL;
    }
    return r;
}

/* Options of the caller's version of the struct in ours. */
static lmp_status take_options(const lmp_open_options *given, lmp_open_options *o, lmp_error *err)
{
    *o = (lmp_open_options){.struct_size = sizeof *o};
    if (given == NULL) return LMP_OK;
    if (given->struct_size == 0)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "lmp_open_options.struct_size is 0: start from LMP_OPTIONS(lmp_open_options)");
    memcpy(o, given, given->struct_size < sizeof *o ? given->struct_size : sizeof *o);
    o->struct_size = sizeof *o;
    if (!(o->rate_hz >= 0) || !isfinite(o->rate_hz))
        return lmp_fail(err, LMP_ERR_USAGE, "a rate of %g Hz makes no sense: give one above 0", o->rate_hz);
    if (!isfinite(o->scale_uv))
        return lmp_fail(err, LMP_ERR_USAGE, "a scale of %g microvolts makes no sense: give a number", o->scale_uv);
    if (!(o->size_ratio >= 0 && o->size_ratio <= 1))
        return lmp_fail(err, LMP_ERR_USAGE, "a size ratio of %g makes no sense: give one above 0 and up to 1",
                        o->size_ratio);
    if (o->kind != 0 && o->kind != LMP_SIGNALS && o->kind != LMP_MOVIE)
        return lmp_fail(err, LMP_ERR_USAGE, "there is no kind of recording %lld: give 0, LMP_SIGNALS or LMP_MOVIE",
                        (long long)o->kind);
    return LMP_OK;
}

/* What was asked for must be there: nothing is left away silently. */
static lmp_status check_kind(const char *path, const lmp_open_options *o, lmp_kind kind, lmp_error *err)
{
    const char *const asked = kind == LMP_SIGNALS ? "signals, not the movie" : "a movie, not the signals";
    const bool for_movies = o->grey != 0 || (o->size_ratio != 0 && o->size_ratio != 1);
    if (o->kind != 0 && (lmp_kind)o->kind != kind)
        return lmp_fail(err, LMP_ERR_USAGE, "%s holds %s that was asked for: leave the kind away", path, asked);
    if (kind == LMP_SIGNALS && for_movies)
        return lmp_fail(err, LMP_ERR_USAGE, "%s holds signals, which cannot be made grey or smaller", path);
    if (kind == LMP_MOVIE && o->scale_uv != 0)
        return lmp_fail(err, LMP_ERR_USAGE, "%s holds a movie, whose numbers are not scaled to microvolts", path);
    return LMP_OK;
}

/* A rate that the file states goes before the one that was given, which then has no effect: say so. */
static lmp_status warn_of_rate(double given_hz, lmp_source *source, lmp_error *err)
{
    enum { SAME = 10000 }; /* to 1 in so many: 29.97 is as good as 30000/1001 */
    const double rate_hz = source->stream.format.rate_hz;
    if (given_hz == 0 || fabs(given_hz - rate_hz) * SAME <= rate_hz) return LMP_OK;
    char *text = NULL;
    if (asprintf(
            &text,
            "%s%sthe file's own rate of %.7g Hz is kept, not the %.7g Hz given: --rate is for files that state none",
            source->warnings != NULL ? source->warnings : "", source->warnings != NULL ? "\n" : "", rate_hz,
            given_hz) < 0)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a warning");
    free(source->warnings);
    source->warnings = text;
    return LMP_OK;
}

lmp_status lmp_recording_open(lmp_engine *engine, const char *path, const lmp_open_options *options,
                              lmp_recording **recording, lmp_error *err)
{
    lmp_open_options o;
    const lmp_io *io = NULL;
    const uint64_t losses = os_lost_count();
    lmp_status status = take_options(options, &o, err);
    if (status == LMP_OK) status = source_find_format(engine->catalog.formats, path, &io, err);
    if (status != LMP_OK) return status;
    lmp_recording *r = new_recording(engine, path);
    if (r == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", path);
    r->io = io;
    const lmp_limits limits = {engine->threads, engine->memory_limit, engine->scratch_dir};
    status = source_open(io, path, &o, &limits, &r->source, err);
    if (status != LMP_OK) r->source = (lmp_source){0}; /* open freed what it made */
    if (status == LMP_OK) status = check_kind(path, &o, r->source.stream.format.kind, err);
    if (status == LMP_OK) status = warn_of_rate(o.rate_hz, &r->source, err);
    status = lost_check(losses, status, err);
    if (status != LMP_OK)
        lmp_recording_close(r);
    else
        *recording = r;
    return status;
}

/* A simulation with its default settings, not open yet. */
static lmp_status new_simulation(lmp_engine *engine, const lmp_simulator *simulator, lmp_recording **recording,
                                 lmp_error *err)
{
    lmp_recording *r = new_recording(engine, "");
    if (r == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a simulation");
    r->simulator = simulator;
    const lmp_status status =
        param_set_new(simulator->params, simulator->params_size, simulator->name, &r->settings, err);
    if (status != LMP_OK)
        lmp_recording_close(r);
    else
        *recording = r;
    return status;
}

static lmp_status open_simulation(lmp_recording *r, bool truth, lmp_error *err)
{
    r->source.limits = (lmp_limits){r->engine->threads, r->engine->memory_limit, r->engine->scratch_dir};
    r->source.time_grain = 1;
    const lmp_status status = r->simulator->open(r->settings.values, truth, &r->source, err);
    if (status != LMP_OK) r->source = (lmp_source){0}; /* open freed what it made */
    return status;
}

lmp_status lmp_recording_simulate(lmp_engine *engine, const char *simulator, const char *const *settings, int64_t n,
                                  lmp_recording **recording, lmp_error *err)
{
    const lmp_simulator *found = NULL;
    lmp_recording *r = NULL;
    lmp_status status = engine_find_simulator(engine, simulator, &found, err);
    if (status == LMP_OK) status = new_simulation(engine, found, &r, err);
    for (int64_t i = 0; i < n && status == LMP_OK; i++) status = param_set_word(&r->settings, settings[i], err);
    if (status == LMP_OK) status = param_set_check(&r->settings, err);
    if (status == LMP_OK) status = open_simulation(r, false, err);
    if (status != LMP_OK)
        lmp_recording_close(r);
    else
        *recording = r;
    return status;
}

lmp_status lmp_recording_truth(lmp_recording *simulated, lmp_recording **truth, lmp_error *err)
{
    if (simulated->simulator == NULL)
        return lmp_fail(err, LMP_ERR_USAGE, "%s is not a simulation: its truth is not known", simulated->path);
    lmp_recording *r = NULL;
    lmp_status status = new_simulation(simulated->engine, simulated->simulator, &r, err);
    const param_set *settings = &simulated->settings;
    for (int64_t i = 0; settings->table[i].name != NULL && status == LMP_OK; i++) {
        char *value = param_print(settings, i);
        if (value != NULL) status = param_set_text(&r->settings, settings->table[i].name, value, err);
        free(value);
    }
    if (status == LMP_OK) status = open_simulation(r, true, err);
    if (status != LMP_OK)
        lmp_recording_close(r);
    else
        *truth = r;
    return status;
}

int lmp_recording_has_truth_table(const lmp_recording *recording)
{
    return recording->simulator != NULL && recording->simulator->tabulate != NULL;
}

lmp_status lmp_recording_write_truth_table(lmp_recording *simulated, const char *csv_path, int overwrite,
                                           lmp_error *err)
{
    if (!lmp_recording_has_truth_table(simulated))
        return lmp_fail(err, LMP_ERR_USAGE, "%s has no table of what is true, so %s is not written",
                        simulated->simulator != NULL ? simulated->simulator->name : simulated->path, csv_path);
    lmp_table *table = NULL;
    lmp_status status = table_new(&table, err);
    if (status != LMP_OK) return status;
    simulated->simulator->tabulate(simulated->source.state, table);
    status = table_write(table, csv_path, overwrite != 0, err);
    table_free(table);
    return status;
}

void lmp_recording_close(lmp_recording *recording)
{
    if (recording == NULL) return;
    recording_lent_clear(recording);
    source_clear(&recording->source);
    if (recording->settings.table != NULL) param_set_clear(&recording->settings);
    free(recording->path);
    free(recording);
}

const lmp_format *lmp_recording_get_format(const lmp_recording *recording)
{
    return &recording->source.stream.format;
}

const lmp_event *lmp_recording_get_events(const lmp_recording *recording, int64_t *n_events)
{
    *n_events = recording->source.stream.n_events;
    return recording->source.stream.events;
}

const char *lmp_recording_get_format_name(const lmp_recording *recording)
{
    return recording->source.format_name != NULL ? recording->source.format_name : "simulation";
}

const char *lmp_recording_get_path(const lmp_recording *recording)
{
    return recording->path;
}

const char *lmp_recording_get_warnings(const lmp_recording *recording)
{
    return recording->source.warnings != NULL ? recording->source.warnings : "";
}

char *lmp_recording_facts(const lmp_recording *recording)
{
    return recording->source.facts == NULL
               ? strdup("{}")
               : json_dumps(recording->source.facts, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
}

lmp_status recording_check(const lmp_recording *recording, lmp_error *err)
{
    if (!atomic_load(&recording->is_lost)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_IO, "a file of %s could not be read to its end before: open it again",
                    recording->path);
}

lmp_status recording_settle(lmp_recording *recording, uint64_t losses, lmp_status status, lmp_error *err)
{
    if (os_lost_count() != losses) atomic_store(&recording->is_lost, true);
    return lost_check(losses, status, err);
}

lmp_status lmp_recording_read(lmp_recording *recording, int64_t channel, int64_t first, int64_t count, double *values,
                              lmp_error *err)
{
    const lmp_format *format = &recording->source.stream.format;
    if (format->kind != LMP_SIGNALS || channel < 0 || channel >= format->n_channels)
        return lmp_fail(err, LMP_ERR_USAGE, "channel %lld was asked for, the recording has %lld", (long long)channel,
                        (long long)format->n_channels);
    if (first < 0 || count < 0 || first > format->n_times - count)
        return lmp_fail(err, LMP_ERR_USAGE, "%lld samples from %lld on were asked for, the recording has %lld",
                        (long long)count, (long long)first, (long long)format->n_times);
    const uint64_t losses = os_lost_count();
    lmp_budget *budget = NULL;
    lmp_status status = recording_check(recording, err);
    if (status == LMP_OK) status = budget_new(recording->engine->memory_limit, &budget, err);
    if (status != LMP_OK) return status;
    void *out = values;
    const lmp_read_request request = {.first = first, .count = count, .n_lanes = 1, .lanes = &channel, .out = &out};
    status = recording->source.read(recording->source.state, &request, budget, err);
    budget_free(budget);
    return recording_settle(recording, losses, status, err);
}
