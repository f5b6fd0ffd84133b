/* SPDX-License-Identifier: BSD-3-Clause */
#include "movie/load.h"

#include "movie/frame_step.h"

size_t load_bytes(const lmp_format *format)
{
    if (format->type == LMP_FLOAT32) return 0;
    return (size_t)(format->height * format->width * format->n_colours) * sizeof(float);
}

const float *load_frame(const lmp_frames *frames, int64_t i, void *scratch)
{
    const void *from = frame_in(frames, i);
    const int64_t n = frame_values(frames);
    float *to = scratch;
    switch (frames->type) {
    case LMP_FLOAT32:
        return from;
#define LOAD(name, c)                                                                                                  \
    case name:                                                                                                         \
        for (int64_t k = 0; k < n; k++) to[k] = (float)((const c *)from)[k];                                           \
        break;
        INTEGER_TYPES(LOAD)
        LOAD(LMP_FLOAT64, double)
#undef LOAD
    case LMP_INT24:
        break;
    }
    return to;
}

void load_doubles(lmp_type type, const void *from, int64_t n, double *to)
{
    switch (type) {
#define LOAD(name, c)                                                                                                  \
    case name:                                                                                                         \
        for (int64_t k = 0; k < n; k++) to[k] = (double)((const c *)from)[k];                                          \
        break;
        MOVIE_TYPES(LOAD)
#undef LOAD
    case LMP_INT24:
        break;
    }
}
