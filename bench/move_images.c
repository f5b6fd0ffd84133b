/* SPDX-License-Identifier: BSD-3-Clause
 *
 * move_images.c: what moving frames costs by itself, one thread: uint8 frames of 480 x 752 that are in memory already,
 * each by its own part of a pixel. Prints milliseconds of processor time a frame as JSON, the best of several passes.
 * It looks inside the library, as tests do.
 */
#include "core/budget.h"
#include "movie/image_shift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEIGHT = 480, WIDTH = 752, FRAMES = 200, PASSES = 6, REACH = 15 };

typedef struct work {
    image_shift *shift;
    uint8_t *in, *out; /* FRAMES each: more than caches hold */
    void *scratch;
} work;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static double pass(const work *w)
{
    const image_window all = {0, 0, HEIGHT, WIDTH};
    const double began = now_ms();
    for (int64_t t = 0; t < FRAMES; t++) {
        const double dy = REACH * sin(0.11 * (double)t), dx = REACH * cos(0.07 * (double)t);
        image_shift_move(w->shift, w->in + t * HEIGHT * WIDTH, dy, dx, &all, w->out + t * HEIGHT * WIDTH, w->scratch);
    }
    return (now_ms() - began) / FRAMES;
}

static uint8_t *frames_of_noise(void)
{
    const size_t bytes = (size_t)FRAMES * HEIGHT * WIDTH;
    uint8_t *made = malloc(bytes);
    uint64_t s = 7;
    for (size_t i = 0; i < bytes && made != NULL; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        made[i] = (uint8_t)(s >> 56);
    }
    return made;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"bilinear", "bicubic", "fourier"};
    image_shift_spec spec = {.type = LMP_UINT8, .height = HEIGHT, .width = WIDTH, .n_colours = 1};
    int method = 0;
    while (argc == 2 && method < 3 && strcmp(argv[1], names[method]) != 0) method++;
    if (argc != 2 || method == 3) return fprintf(stderr, "usage: %s bilinear|bicubic|fourier\n", argv[0]), 2;
    spec.method = (image_shift_method)method;
    work w = {.in = frames_of_noise(), .out = frames_of_noise()}; /* out: pages that have been touched */
    lmp_budget *budget = NULL;
    lmp_error err = {.text = "no memory"};
    lmp_status status = w.in != NULL && w.out != NULL ? budget_new(UINT64_C(1) << 30, &budget, &err) : LMP_ERR_MEMORY;
    if (status == LMP_OK) status = image_shift_open(&spec, budget, &w.shift, &err);
    if (status == LMP_OK) status = lmp_take(budget, image_shift_scratch_bytes(&spec), &w.scratch, &err);
    double least = INFINITY;
    for (int i = 0; i < PASSES && status == LMP_OK; i++) least = fmin(least, pass(&w));
    if (status == LMP_OK)
        printf("{\"seconds\": %.6f, \"frames\": %d, \"ms\": %.6f}\n", 1e-3 * least * FRAMES, FRAMES, least);
    else
        fprintf(stderr, "move_images: %s\n", err.text);
    if (budget != NULL) {
        lmp_give(budget, w.scratch);
        image_shift_close(w.shift, budget);
        budget_free(budget);
    }
    free(w.in);
    free(w.out);
    return status == LMP_OK ? 0 : 1;
}
