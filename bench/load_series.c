/* SPDX-License-Identifier: BSD-3-Clause
 *
 * load_series.c: a whole movie (folder of images, video) into memory through the public interface. Prints, as JSON, the
 * seconds of opening and decoding and the bytes of the result.
 */
#include "parallel.h"

#include <limpid/limpid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lmp_status load(lmp_recording *recording, size_t *size, lmp_error *error)
{
    const lmp_format *f = lmp_recording_get_format(recording);
    *size = (size_t)(f->n_times * f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
    void *values = malloc(*size);
    if (values == NULL) return LMP_ERR_MEMORY;
    const lmp_status status = lmp_recording_read_frames(recording, 0, f->n_times, values, error);
    free(values);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 3) return fprintf(stderr, "usage: %s MOVIE THREADS [grey]\n", argv[0]), 2;
    lmp_engine_options settings = LMP_OPTIONS(lmp_engine_options);
    settings.threads = strtol(argv[2], NULL, 10);
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    options.grey = argc > 3 && strcmp(argv[3], "grey") == 0;
    lmp_engine *engine = NULL;
    lmp_recording *recording = NULL;
    lmp_error error = {0};
    size_t size = 0;
    const double began = now_s();
    lmp_status status = lmp_engine_new(&settings, &engine, &error);
    if (status == LMP_OK) status = lmp_recording_open(engine, argv[1], &options, &recording, &error);
    const double opened = now_s();
    if (status == LMP_OK) status = load(recording, &size, &error);
    if (status == LMP_OK)
        printf("{\"seconds\": %.6f, \"open_seconds\": %.6f, \"bytes\": %zu, \"frames\": %lld}\n", now_s() - began,
               opened - began, size, (long long)lmp_recording_get_format(recording)->n_times);
    else
        fprintf(stderr, "load_series: %s\n", error.text);
    lmp_recording_close(recording);
    lmp_engine_free(engine);
    return -status;
}
