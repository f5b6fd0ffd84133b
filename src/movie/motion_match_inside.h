/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_match_inside.h: what a matcher holds, for the files that make it, its targets, and find matches.
 */
#ifndef LIMPID_MOVIE_MOTION_MATCH_INSIDE_H
#define LIMPID_MOVIE_MOTION_MATCH_INSIDE_H

#include "math/fft.h"
#include "movie/motion_match.h"

/* Where the pieces of one worker's scratch begin. */
typedef struct pieces {
    size_t rows, image, ramp, fft, all;
} pieces;

struct matcher {
    match_spec spec;
    int64_t rows, columns;    /* binned */
    int64_t height, width;    /* of transforms */
    int64_t reach_y, reach_x; /* binned px */
    int64_t away;             /* a second match lies farther than this from the first, binned px */
    float top;                /* of an integer type, else infinite */
    double sum_weights;
    pieces pieces;
    int64_t n_spectrum; /* floats */
    fft2_plan *near, *far;
    band_filter filter;
    float *weights; /* rows x columns */
};

static inline size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* In whole lines of cache. */
static inline int64_t aligned_floats(int64_t n)
{
    return (int64_t)(aligned((size_t)n * sizeof(float)) / sizeof(float));
}

static inline int64_t fft_height(const match_spec *spec)
{
    return fft_good_length(match_rows(spec));
}

static inline int64_t fft_width(const match_spec *spec)
{
    return fft_good_length(match_columns(spec));
}

static inline void *piece(void *scratch, size_t offset)
{
    return (char *)scratch + offset;
}

#endif
