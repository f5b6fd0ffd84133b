/* SPDX-License-Identifier: BSD-3-Clause
 *
 * score_support.h: what the tests of scores and reports share: an engine, a simulated recording with its truth, chains
 * from file to file, and looking into JSON.
 */
#ifndef LIMPID_TESTS_SCORE_SUPPORT_H
#define LIMPID_TESTS_SCORE_SUPPORT_H

#include "io_support.h"

#include <jansson.h>

static lmp_engine *engine_with(int64_t threads, uint64_t memory, int64_t block)
{
    lmp_engine_options options = LMP_OPTIONS(lmp_engine_options);
    lmp_engine *engine = NULL;
    lmp_error err = {0};
    options.threads = threads;
    options.memory_limit = memory;
    options.block_length = block;
    if (lmp_engine_new(&options, &engine, &err) != LMP_OK) fail_msg("%s", err.text);
    return engine;
}

/* Runs a chain given as words separated by spaces. */
static inline void run_chain(lmp_engine *engine, lmp_recording *recording, const char *text)
{
    char words[2000];
    const char *list[100];
    int64_t n = 0;
    lmp_error err = {0};
    lmp_chain *chain = NULL;
    lmp_run *run = NULL;
    const lmp_run_options options = {.struct_size = sizeof options, .overwrite = 1};
    snprintf(words, sizeof words, "%s", text);
    for (char *save = NULL, *word = strtok_r(words, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
        list[n++] = word;
    lmp_status status = lmp_chain_new(engine, &chain, &err);
    if (status == LMP_OK) status = lmp_chain_parse(chain, n, list, &err);
    if (status == LMP_OK) status = lmp_run_new(engine, recording, chain, &options, &run, &err);
    if (status == LMP_OK) status = lmp_run_go(run, NULL, NULL, &err);
    if (status != LMP_OK) fail_msg("%s: %s", text, err.text);
    lmp_run_free(run);
    lmp_chain_free(chain);
}

/* Runs `text` and "! write NAME" on a file of the folder. */
static inline void run_file(lmp_engine *engine, const char *input, const char *text, const char *name)
{
    char all[1500];
    lmp_recording *recording = NULL;
    lmp_error err = {0};
    const lmp_open_options options = {.struct_size = sizeof options, .rate_hz = 500};
    if (lmp_recording_open(engine, io_path(input), &options, &recording, &err) != LMP_OK) fail_msg("%s", err.text);
    snprintf(all, sizeof all, "%s%swrite %s", text, text[0] != '\0' ? " ! " : "", io_path(name));
    run_chain(engine, recording, all);
    lmp_recording_close(recording);
}

static inline void write_recording(lmp_engine *engine, lmp_recording *recording, const char *name)
{
    char text[700];
    snprintf(text, sizeof text, "write %s", io_path(name));
    run_chain(engine, recording, text);
}

/* sim.bdf, sim.truth.bdf, sim.truth.json: 5 channels (and ECG if there are heartbeats), 40 s at 500 Hz. `more`:
 * settings ended by NULL. */
static inline void simulate(lmp_engine *engine, const char *const *more)
{
    const char *settings[40] = {
        "channels=5", "rate=500", "seconds=40", "tr=1.2", "slices=10", "artifact-bandwidth=200", "tones=3.3,11.9"};
    int64_t n = 7;
    lmp_recording *recording = NULL, *truth = NULL;
    lmp_error err = {0};
    while (more != NULL && *more != NULL) settings[n++] = *more++;
    lmp_status status = lmp_recording_simulate(engine, "eeg-fmri", settings, n, &recording, &err);
    if (status == LMP_OK) status = lmp_recording_truth(recording, &truth, &err);
    if (status != LMP_OK) fail_msg("%s", err.text);
    write_recording(engine, recording, "sim.bdf");
    write_recording(engine, truth, "sim.truth.bdf");
    char *facts = lmp_recording_facts(recording);
    io_put_text("sim.truth.json", facts);
    lmp_text_free(facts);
    lmp_recording_close(truth);
    lmp_recording_close(recording);
}

#define CLEANING "triggers ! complete-triggers ! align ! highpass hz=1 ! gradient ! lowpass hz=70"

/* The score's text; the test fails if there is none. */
static inline char *score_text(lmp_engine *engine, const char *result, const lmp_score_options *options)
{
    char *text = NULL;
    lmp_error err = {0};
    if (lmp_score(engine, io_path(result), options, &text, &err) != LMP_OK) fail_msg("%s", err.text);
    return text;
}

static inline json_t *score_json(lmp_engine *engine, const char *result, const lmp_score_options *options)
{
    char *text = score_text(engine, result, options);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    lmp_text_free(text);
    return json;
}

/* "with_truth.bands.0.error_uv"; NULL if there is none. */
static inline const json_t *look(const json_t *json, const char *path)
{
    char part[64];
    while (json != NULL && *path != '\0') {
        const size_t n = strcspn(path, ".");
        snprintf(part, sizeof part, "%.*s", (int)n, path);
        json = json_is_array(json) ? json_array_get(json, (size_t)atoi(part)) : json_object_get(json, part);
        path += n + (path[n] == '.');
    }
    return json;
}

static inline double number(const json_t *json, const char *path)
{
    const json_t *value = look(json, path);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static inline bool is_warned(const json_t *json, const char *word)
{
    const json_t *warnings = look(json, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++)
        if (strstr(json_string_value(json_array_get(warnings, i)), word) != NULL) return true;
    return false;
}

#endif
