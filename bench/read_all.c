/* SPDX-License-Identifier: BSD-3-Clause
 *
 * read_all.c: decodes every sample of a recording into doubles, block by block, and prints their sum.
 */
#include <limpid/limpid.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 32768 };

static lmp_status add_up(lmp_recording *recording, double *values, double *sum, lmp_error *error)
{
    const lmp_format *format = lmp_recording_get_format(recording);
    for (int64_t first = 0; first < format->n_times; first += BLOCK) {
        const int64_t left = format->n_times - first, count = left < BLOCK ? left : BLOCK;
        for (int64_t channel = 0; channel < format->n_channels; channel++) {
            const lmp_status status = lmp_recording_read(recording, channel, first, count, values, error);
            if (status != LMP_OK) return status;
            for (int64_t i = 0; i < count; i++) *sum += values[i];
        }
    }
    return LMP_OK;
}

int main(int argc, char **argv)
{
    if (argc != 2) return fprintf(stderr, "usage: %s RECORDING\n", argv[0]), 2;
    lmp_engine *engine = NULL;
    lmp_recording *recording = NULL;
    lmp_error error = {0};
    double sum = 0, *values = malloc(BLOCK * sizeof *values);
    lmp_status status = values != NULL ? lmp_engine_new(NULL, &engine, &error) : LMP_ERR_MEMORY;
    if (status == LMP_OK) status = lmp_recording_open(engine, argv[1], NULL, &recording, &error);
    if (status == LMP_OK) status = add_up(recording, values, &sum, &error);
    if (status == LMP_OK)
        printf("%.17g\n", sum);
    else
        fprintf(stderr, "read_all: %s\n", error.text);
    lmp_recording_close(recording);
    lmp_engine_free(engine);
    free(values);
    return -status;
}
