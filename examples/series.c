/* SPDX-License-Identifier: BSD-3-Clause */
#include <limpid/limpid.h>
#include <stdio.h>
#include <stdlib.h>

enum { AT_ONCE = 100 };

/* The mean of every frame of a grey uint16 movie. Frames are decoded by all threads, straight into `frames`. */
static lmp_status print_means(lmp_recording *movie, lmp_error *error)
{
    const lmp_format *format = lmp_recording_get_format(movie);
    const int64_t pixels = format->height * format->width * format->n_colours;
    if (format->type != LMP_UINT16 || format->n_colours != 1) return printf("no grey uint16 movie\n"), LMP_OK;
    uint16_t *frames = malloc((size_t)(AT_ONCE * pixels) * sizeof *frames);
    lmp_status status = frames != NULL ? LMP_OK : LMP_ERR_MEMORY;
    for (int64_t first = 0; first < format->n_times && status == LMP_OK; first += AT_ONCE) {
        const int64_t count = format->n_times - first < AT_ONCE ? format->n_times - first : AT_ONCE;
        status = lmp_recording_read_frames(movie, first, count, frames, error);
        for (int64_t t = 0; t < count && status == LMP_OK; t++) {
            double sum = 0;
            for (int64_t i = 0; i < pixels; i++) sum += frames[t * pixels + i];
            printf("%lld %.6f\n", (long long)(first + t), sum / (double)pixels);
        }
    }
    free(frames);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 3) return fprintf(stderr, "usage: %s MOVIE OUT\n", argv[0]), 2;
    const char *const words[] = {"reduce", "stat=mean,std", "!", "write", argv[2]};
    lmp_engine *engine = NULL;
    lmp_recording *movie = NULL;
    lmp_chain *chain = NULL;
    lmp_run *run = NULL;
    lmp_error error = {.text = "no memory"};
    lmp_status status = lmp_engine_new(NULL, &engine, &error);
    if (status == LMP_OK) status = lmp_recording_open(engine, argv[1], NULL, &movie, &error);
    if (status == LMP_OK) status = print_means(movie, &error);
    if (status == LMP_OK) status = lmp_chain_new(engine, &chain, &error);
    if (status == LMP_OK) status = lmp_chain_parse(chain, 5, words, &error);
    if (status == LMP_OK) status = lmp_run_new(engine, movie, chain, NULL, &run, &error);
    if (status == LMP_OK) status = lmp_run_go(run, NULL, NULL, &error);
    if (status != LMP_OK) fprintf(stderr, "series: %s\n", error.text);
    lmp_run_free(run);
    lmp_chain_free(chain);
    lmp_recording_close(movie);
    lmp_engine_free(engine);
    return -status;
}
