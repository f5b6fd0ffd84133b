/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_chain.c: chains as words and as YAML, planned for a small recording. Planning writes nothing, so any chain may
 * be planned. An input is the words, one a line; the same bytes are also read as a file.
 */
#include <limpid/limpid.h>

#include "replay.h"

static lmp_engine *engine;
static lmp_recording *recording;

static void close_all(void)
{
    lmp_recording_close(recording);
    lmp_engine_free(engine);
}

static void open_all(void)
{
    static const char *const settings[] = {"channels=3", "seconds=20", "lead-in=1"};
    lmp_engine_options options = LMP_OPTIONS(lmp_engine_options);
    options.memory_limit = 64 << 20;
    options.threads = 1;
    if (lmp_engine_new(&options, &engine, NULL) != LMP_OK) abort();
    if (lmp_recording_simulate(engine, "eeg-fmri", settings, 3, &recording, NULL) != LMP_OK) abort();
    (void)atexit(close_all);
}

/* A refusal must say why, an accepted chain must survive being written and read again. */
static void plan(lmp_chain *chain, lmp_status parsed, lmp_error *err)
{
    lmp_run *run = NULL;
    if (parsed != LMP_OK && err->text[0] == '\0') abort();
    if (parsed != LMP_OK) return;
    char *text = lmp_chain_to_text(chain), *yaml = lmp_chain_to_yaml(chain, 1);
    if (text == NULL || yaml == NULL) abort();
    lmp_text_free(text);
    lmp_text_free(yaml);
    if (lmp_run_new(engine, recording, chain, NULL, &run, err) != LMP_OK) {
        if (err->text[0] == '\0') abort();
        return;
    }
    lmp_text_free(lmp_run_plan_text(run));
    lmp_text_free(lmp_run_plan_json(run));
    lmp_run_free(run);
}

static void parse_words(char *text)
{
    const char *words[64];
    int64_t n = 0;
    for (char *end = NULL; text != NULL && n < 64; text = end == NULL ? NULL : end + 1) {
        end = strchr(text, '\n');
        if (end != NULL) *end = '\0';
        words[n++] = text;
    }
    lmp_chain *chain = NULL;
    lmp_error err = {0};
    if (lmp_chain_new(engine, &chain, NULL) != LMP_OK) abort();
    plan(chain, lmp_chain_parse(chain, n, words, &err), &err);
    lmp_chain_free(chain);
}

static void parse_file(const char *path)
{
    lmp_chain *chain = NULL;
    lmp_error err = {0};
    if (lmp_chain_new(engine, &chain, NULL) != LMP_OK) abort();
    plan(chain, lmp_chain_load(chain, path, &err), &err);
    lmp_chain_free(chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (engine == NULL) open_all();
    char *text = malloc(size + 1);
    if (text == NULL) return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    parse_words(text);
    free(text);
    parse_file(replay_put("chain.yaml", bytes, size));
    return 0;
}
