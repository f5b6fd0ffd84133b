/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common.c: engines, recordings, and running a chain while the user watches.
 */
#include "cli.h"

#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cli_new_engine(const cli *c, lmp_engine **engine, lmp_error *err)
{
    lmp_engine_options options = LMP_OPTIONS(lmp_engine_options);
    options.threads = c->threads;
    options.memory_limit = c->memory;
    options.scratch_dir = c->scratch;
    options.block_length = c->block_length;
    lmp_status status = lmp_engine_new(&options, engine, err);
    for (int64_t i = 0; i < c->n_plugins && status == LMP_OK; i++) {
        status = lmp_engine_load(*engine, c->plugins[i], err);
        if (status != LMP_OK) lmp_engine_free(*engine);
    }
    return status == LMP_OK ? 0 : cli_fail(err);
}

static bool says(const char *given, const char *choice)
{
    return given != NULL && strcmp(given, choice) == 0;
}

lmp_open_options cli_open_options(const cli *c)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    options.rate_hz = c->rate_hz;
    options.scale_uv = c->scale_uv;
    options.salvage = c->salvage;
    options.kind = says(c->kind, "signals") ? LMP_SIGNALS : says(c->kind, "movie") ? LMP_MOVIE : 0;
    options.dataset = c->dataset;
    options.group = c->group;
    options.grey = c->grey;
    options.size_ratio = c->size_ratio;
    options.skip_broken = says(c->broken, "skip");
    options.crop_to_least = says(c->sizes, "crop");
    return options;
}

lmp_status cli_open(const cli *c, lmp_engine *engine, const char *path, lmp_recording **recording, lmp_error *err)
{
    const lmp_open_options options = cli_open_options(c);
    lmp_status status = lmp_recording_open(engine, path, &options, recording, err);
    if (status == LMP_OK && c->events != NULL) {
        status = lmp_recording_add_events(*recording, c->events, err);
        if (status != LMP_OK) {
            lmp_recording_close(*recording);
            *recording = NULL;
        }
    }
    return status;
}

char *cli_join(const char *command, const cli *c)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    fprintf(out, "limpid %s", command);
    for (int64_t i = 0; i < c->n_words; i++) {
        const bool plain = c->words[i][0] != '\0' && strpbrk(c->words[i], " '\"\\$*?&|;<>()") == NULL;
        fprintf(out, plain ? " %s" : " '%s'", c->words[i]);
    }
    fclose(out);
    return text;
}

const char *cli_seconds(double seconds, char text[32])
{
    if (seconds >= 3600)
        snprintf(text, 32, "%.0f h %02.0f min", floor(seconds / 3600), floor(fmod(seconds, 3600) / 60));
    else if (seconds >= 600)
        snprintf(text, 32, "%.0f min %02.0f s", floor(seconds / 60), floor(fmod(seconds, 60)));
    else
        snprintf(text, 32, "%.4g s", seconds);
    return text;
}

const char *cli_bytes(double bytes, char text[32])
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    int u = 0;
    while (bytes >= 1000 && u < 4) {
        bytes /= 1024;
        u++;
    }
    snprintf(text, 32, bytes >= 100 || u == 0 ? "%.0f %s" : "%.3g %s", bytes, units[u]);
    return text;
}

/* ---- Watching a run ---- */

typedef struct watcher {
    bool is_terminal, is_json, is_silent, has_told;
} watcher;

static lmp_run *volatile running; /* for the signal handler only */

static void on_signal(int number)
{
    lmp_run *run = running;
    if (run != NULL) lmp_run_cancel(run);
    signal(number, SIG_DFL); /* a second time kills */
}

static int on_progress(void *user, const lmp_progress *progress)
{
    watcher *w = user;
    if (w->is_silent) return 0;
    if (w->is_json)
        fprintf(stderr, "{\"fraction\": %.4f, \"what\": \"%s\"}\n", progress->fraction, progress->what);
    else if (w->is_terminal)
        fprintf(stderr, "\r%3.0f %%  %-20s", 100 * progress->fraction, progress->what);
    else
        fprintf(stderr, "%3.0f %%  %s\n", 100 * progress->fraction, progress->what);
    w->has_told = true;
    return 0;
}

static void tell_warnings(const json_t *record)
{
    size_t i;
    json_t *warning;
    json_array_foreach(json_object_get(record, "warnings"), i, warning)
        fprintf(stderr, "limpid: warning: %s\n", json_string_value(warning));
}

static void tell_size(const json_t *out)
{
    char length[32];
    const double rate_hz = json_number_value(json_object_get(out, "rate_hz"));
    const json_t *frames = json_object_get(out, "frames");
    const double samples = json_number_value(frames != NULL ? frames : json_object_get(out, "samples"));
    const double channels = json_number_value(json_object_get(out, "channels"));
    const char *seconds = cli_seconds(rate_hz > 0 ? samples / rate_hz : 0, length);
    if (!(rate_hz > 0)) snprintf(length, sizeof length, "%.0f value%s", samples, samples == 1 ? "" : "s");
    if (frames != NULL)
        printf("%.0f frame%s x %lld high x %lld wide%s", samples, samples == 1 ? "" : "s",
               (long long)json_integer_value(json_object_get(out, "height")),
               (long long)json_integer_value(json_object_get(out, "width")),
               json_integer_value(json_object_get(out, "colours")) == 3 ? " in colour" : "");
    else
        printf("%.0f channel%s x %s", channels, channels == 1 ? "" : "s", seconds);
}

static void tell_outputs(const json_t *record, uint64_t peak_bytes)
{
    char took[32], memory[32];
    const json_t *out = json_object_get(record, "output"), *run = json_object_get(record, "run");
    printf("%s: ", json_string_value(json_object_get(out, "path")));
    tell_size(out);
    printf(" in %s, %s of data memory at most\n", cli_seconds(json_number_value(json_object_get(run, "seconds")), took),
           cli_bytes((double)peak_bytes, memory));
}

static void tell_result(const cli *c, const lmp_run *run)
{
    char *text = lmp_run_record(run);
    if (text == NULL) return;
    json_t *record = json_loads(text, 0, NULL);
    if (!c->quiet) tell_warnings(record);
    if (c->json)
        puts(text);
    else if (!c->quiet)
        tell_outputs(record, lmp_run_peak_bytes(run));
    json_decref(record);
    lmp_text_free(text);
}

static lmp_status go(const cli *c, lmp_run *run, lmp_error *err)
{
    const bool is_terminal = isatty(STDERR_FILENO) != 0;
    watcher w = {.is_terminal = is_terminal && strcmp(c->progress, "auto") == 0,
                 .is_json = strcmp(c->progress, "json") == 0,
                 .is_silent = c->quiet || strcmp(c->progress, "none") == 0 ||
                              (!is_terminal && strcmp(c->progress, "auto") == 0)};
    running = run;
    void (*const old_interrupt)(int) = signal(SIGINT, on_signal);
    void (*const old_terminate)(int) = signal(SIGTERM, on_signal);
    const lmp_status status = lmp_run_go(run, on_progress, &w, err);
    signal(SIGINT, old_interrupt);
    signal(SIGTERM, old_terminate);
    running = NULL;
    if (w.has_told && w.is_terminal) fprintf(stderr, "\r%40s\r", "");
    return status;
}

int cli_run_chain(const cli *c, lmp_engine *engine, lmp_recording *recording, const lmp_chain *chain,
                  const char *command)
{
    lmp_error err = {0};
    lmp_run_options options = LMP_OPTIONS(lmp_run_options);
    options.overwrite = c->overwrite;
    options.no_provenance = c->no_record;
    options.command = command;
    lmp_run *run = NULL;
    lmp_status status = lmp_run_new(engine, recording, chain, &options, &run, &err);
    const bool makes_nothing = status == LMP_OK && lmp_run_output_count(run) == 0;
    if (status == LMP_OK && !makes_nothing) status = go(c, run, &err);
    if (status == LMP_OK && !makes_nothing) tell_result(c, run);
    lmp_run_free(run);
    if (makes_nothing)
        return cli_usage("the chain makes no file: end it with ! write OUT, or look at it with limpid plan");
    return status == LMP_OK ? 0 : cli_fail(&err);
}
