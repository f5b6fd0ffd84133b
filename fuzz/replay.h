/* SPDX-License-Identifier: BSD-3-Clause
 *
 * replay.h: what the fuzz targets of file formats share: inputs as files, and a main that replays a corpus.
 *
 * Built with -fsanitize=fuzzer -DLIMPID_FUZZ, a target is libFuzzer's; without, each argument is a file, or a folder of
 * files, that is fed to the target once.
 */
#ifndef LIMPID_FUZZ_REPLAY_H
#define LIMPID_FUZZ_REPLAY_H

#include "core/budget.h"
#include "core/source.h"
#include "core/stream.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A folder of this process, made once, removed at the end with the files put into it. */
static char replay_folder[200];
static char replay_files[8][240];
static int replay_n_files;

static void replay_clean(void)
{
    for (int i = 0; i < replay_n_files; i++) (void)unlink(replay_files[i]);
    (void)rmdir(replay_folder);
}

static inline const char *replay_put(const char *name, const uint8_t *bytes, size_t size)
{
    char path[240];
    if (replay_folder[0] == '\0') {
        const char *temporary = getenv("TMPDIR");
        snprintf(replay_folder, sizeof replay_folder, "%.150s/limpid-fuzz-XXXXXX", temporary ? temporary : "/tmp");
        if (mkdtemp(replay_folder) == NULL) abort();
        (void)atexit(replay_clean);
    }
    snprintf(path, sizeof path, "%s/%s", replay_folder, name);
    int i = 0;
    while (i < replay_n_files && strcmp(replay_files[i], path) != 0) i++;
    if (i == replay_n_files) strcpy(replay_files[replay_n_files++], path);
    (void)unlink(path); /* some file systems flush a file that is cut to 0 and written again */
    FILE *file = fopen(path, "wb");
    if (file == NULL || (size > 0 && fwrite(bytes, 1, size, file) != size) || fclose(file) != 0) abort();
    return replay_files[i];
}

/* Opens; what is refused is refused with a sentence and leaves nothing behind. */
static inline bool replay_begin(const lmp_io *io, const char *path, const lmp_open_options *options, lmp_source *source)
{
    lmp_error err = {0};
    *source = (lmp_source){0};
    if (io->open(path, options, source, &err) == LMP_OK) return true;
    if (err.text[0] == '\0' || source->stream.own != NULL) abort();
    return false;
}

static inline void replay_end(lmp_source *source)
{
    source->close(source->state);
    stream_clear(&source->stream);
    json_decref(source->facts);
    free(source->warnings);
}

/* Opens the file, both strictly and to salvage it, and reads the first and last instants of some channels. What opens
 * must be readable. */
static inline void replay_open(const lmp_io *io, const char *path)
{
    for (int64_t salvage = 0; salvage < 2; salvage++) {
        const lmp_open_options options = {.struct_size = sizeof options, .rate_hz = 1000, .salvage = salvage};
        lmp_source source;
        lmp_error err = {0};
        lmp_budget *budget = NULL;
        double values[64];
        void *out = values;
        if (!replay_begin(io, path, &options, &source)) continue;
        const lmp_format *format = &source.stream.format;
        const int64_t n = format->n_times < 64 ? format->n_times : 64;
        if (budget_new(1 << 28, &budget, NULL) != LMP_OK) abort();
        for (int64_t lane = 0; lane < format->n_channels; lane += 1 + format->n_channels / 8) {
            lmp_read_request wanted = {.count = n, .n_lanes = 1, .lanes = &lane, .out = &out};
            if (source.read(source.state, &wanted, budget, &err) != LMP_OK) abort();
            wanted.first = format->n_times - n;
            if (source.read(source.state, &wanted, budget, &err) != LMP_OK) abort();
        }
        budget_free(budget);
        replay_end(&source);
    }
}

#ifndef LIMPID_FUZZ

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return;
    (void)fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
    if (bytes != NULL && size >= 0 && fread(bytes, 1, (size_t)size, file) == (size_t)size)
        (void)LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
    fclose(file);
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            replay_file(argv[i]);
            n++;
            continue;
        }
        for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
            char path[4096];
            if (entry->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            replay_file(path);
            n++;
        }
        closedir(folder);
    }
    printf("%d inputs replayed\n", n);
    return 0;
}

#endif
#endif
