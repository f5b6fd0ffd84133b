/* SPDX-License-Identifier: BSD-3-Clause
 *
 * in_memory.c: what limpid's arithmetic on movies costs by itself: frames of 512 x 512 that are in memory already, in
 * the bands of rows and blocks of frames that the engine uses. Prints the best of three passes as JSON. It looks inside
 * the library, as tests do.
 */
#include "parallel.h"

#include "core/budget.h"
#include "kernels/compare.h"
#include "movie/reducer.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIXELS = 512 * 512, BAND = 16384, BANDS = PIXELS / BAND, BLOCK = 16, PASSES = 3 };

typedef struct work {
    lmp_type type;
    int64_t frames;
    const char *movie;
    float *result;             /* compare: as large as the movie of float32 */
    const double *less, *over; /* compare: images */
    const reducer_spec *spec;  /* NULL: compare */
    lmp_budget *budget;
    atomic_int next, failures;
} work;

static void compare_band(const work *w, int64_t band)
{
    const size_t bytes = lmp_type_bytes(w->type);
    for (int64_t t = 0; t < w->frames; t++) {
        const int64_t at = t * PIXELS + band * BAND;
        compare_values(w->type, w->movie + (size_t)at * bytes, w->less + band * BAND, w->over + band * BAND,
                       w->result + at, BAND);
    }
}

static bool reduce_band(const work *w, int64_t band)
{
    const size_t bytes = lmp_type_bytes(w->type);
    double out[BAND];
    reducer *r = NULL;
    if (reducer_open(w->spec, BAND, w->budget, &r, NULL) != LMP_OK) return false;
    for (int64_t t = 0; t < w->frames; t += BLOCK)
        reducer_feed(r, w->movie + (size_t)(t * PIXELS + band * BAND) * bytes, PIXELS * bytes,
                     w->frames - t < BLOCK ? w->frames - t : BLOCK);
    const bool is_done = reducer_finish(r, 0, out, NULL) == LMP_OK;
    reducer_close(r, w->budget);
    return is_done;
}

static void *do_bands(void *given)
{
    work *w = given;
    for (int band; (band = atomic_fetch_add(&w->next, 1)) < BANDS;) {
        if (w->spec == NULL)
            compare_band(w, band);
        else if (!reduce_band(w, band))
            atomic_fetch_add(&w->failures, 1);
    }
    return NULL;
}

static double pass(work *w, long threads)
{
    atomic_store(&w->next, 0);
    return parallel_s(do_bands, w, threads);
}

static double *image_of(double value)
{
    double *image = malloc(PIXELS * sizeof *image);
    for (int64_t i = 0; i < PIXELS && image != NULL; i++) image[i] = value + (double)(i % 7);
    return image;
}

int main(int argc, char **argv)
{
    if (argc != 5) return fprintf(stderr, "usage: %s compare|STAT float32|uint8 FRAMES THREADS\n", argv[0]), 2;
    work w = {.type = strcmp(argv[2], "uint8") == 0 ? LMP_UINT8 : LMP_FLOAT32, .frames = strtol(argv[3], NULL, 10)};
    const long threads = strtol(argv[4], NULL, 10);
    if (w.frames < 1 || threads < 1 || threads > MOST_THREADS)
        return fprintf(stderr, "numbers of frames or threads\n"), 2;
    const size_t values = (size_t)w.frames * PIXELS, bytes = values * lmp_type_bytes(w.type);
    reducer_spec spec = {.n_frames = w.frames, .frame_step = 1};
    lmp_error err = {0};
    const bool compares = strcmp(argv[1], "compare") == 0;
    if (!compares && reducer_parse("in_memory", argv[1], w.type, &spec, &err) != LMP_OK)
        return fprintf(stderr, "%s\n", err.text), 2;
    w.spec = compares ? NULL : &spec;
    w.movie = memory_of(bytes, 63); /* 0.747 as float32 */
    if (compares) w.result = memory_of(values * sizeof(float), 0);
    w.less = image_of(0.25);
    w.over = image_of(3);
    if (w.movie == NULL || (compares && w.result == NULL) || w.less == NULL || w.over == NULL ||
        budget_new((uint64_t)1 << 36, &w.budget, &err) != LMP_OK)
        return fprintf(stderr, "no memory\n"), 1;
    double best = pass(&w, threads);
    for (int i = 1; i < PASSES; i++) {
        const double seconds = pass(&w, threads);
        if (seconds < best) best = seconds;
    }
    if (atomic_load(&w.failures) > 0) return fprintf(stderr, "a band failed\n"), 1;
    printf("{\"seconds\": %.6f, \"bytes\": %zu}\n", best, bytes);
    return 0;
}
