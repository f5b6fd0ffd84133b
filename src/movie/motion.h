/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion.h: how the step `motion` and its methods work together.
 *
 * The step owns what all methods share: parameters, the region that is looked at, one motion_shift for each frame,
 * moving the frames, the table and the record. A method finds the shifts, in one of two ways:
 *
 *   - frame by frame (`find`), while frames are moved, once a template has been learned: one pass over the movie;
 *   - all of them while learning (`learned` of the last pass fills them in).
 *
 * A shift is the correction: the content of frame t is to be moved by (dy, dx) pixels, down and to the right.
 */
#ifndef LIMPID_MOVIE_MOTION_H
#define LIMPID_MOVIE_MOTION_H

#include "movie/image_shift.h"

#include <limpid/step.h>

/* Why a frame's shift is not to be trusted; they add up. Frames with any of MOTION_UNKNOWN are not moved. */
enum {
    MOTION_AT_LIMIT = 1,  /* the best match lies at max-shift */
    MOTION_BLANK = 2,     /* no structure, or no finite pixel */
    MOTION_WEAK = 4,      /* matches the template much worse than other frames do */
    MOTION_SATURATED = 8, /* much more pixels at the top of the type than other frames have */
    MOTION_CORRUPT = 16,  /* much more structure than other frames have, or rows of noise */
    MOTION_REPEATED = 32, /* the same pixels as the frame before */
    MOTION_UNKNOWN = MOTION_AT_LIMIT | MOTION_BLANK | MOTION_WEAK | MOTION_SATURATED | MOTION_CORRUPT
};

typedef struct motion_shift {
    double dy, dx; /* px */
    float peak;    /* normalised correlation with the template, -1 to 1; NaN: the method has none */
    float ratio;   /* of the best match to the best one elsewhere; NaN likewise */
    float power;   /* mean square of what is compared; equal numbers of neighbours mean equal frames */
    uint32_t flags;
} motion_shift;

typedef struct motion_params {
    int64_t method;
    double max_shift, max_shift_x; /* px; NaN: automatic, and as max_shift */
    lmp_numbers region;            /* x, y, width, height; none: the whole frame */
    const char *mask, *template_file;
    double smooth, background;                        /* px; NaN: automatic */
    int64_t binning, frames;                          /* LMP_AUTO_INTEGER: automatic */
    int64_t n_part, chunk, aggregation, minian_exact; /* recursive */
    double alt_error, circularity;
    int64_t patch, overlap; /* piecewise */
    double max_deviation;
    int64_t interpolation, border, bad_frames, apply, ratio;
    double fill;
    const char *shifts, *template_out;
} motion_params;

/* True if a file was named. */
static inline bool motion_is_given(const char *path)
{
    return path != NULL && path[0] != '\0';
}

enum { MOTION_AGGREGATE_MEAN, MOTION_AGGREGATE_MAX };

/* What a method is opened with; all but the shifts and the budget is borrowed for the time of the call. */
typedef struct motion_context {
    const motion_params *params;
    const lmp_format *format; /* of the stream in: one colour, any type */
    const lmp_step_plan *plan;
    image_window region;     /* of the frames: what is looked at */
    double reach_y, reach_x; /* largest shift that is looked for, px */
    motion_shift *shifts;    /* n_times of them, the step's */
    lmp_budget *budget;
} motion_context;

typedef struct motion_method {
    const char *name;
    /* Adds what it takes to plan->shared_bytes and plan->scratch_bytes; sets learn_passes and learn_frames. context:
     * shifts and budget are NULL. */
    lmp_status (*plan)(const motion_context *context, lmp_step_plan *plan, lmp_error *err);
    lmp_status (*open)(const motion_context *context, void **state, lmp_error *err);
    /* Whole frames in any order on any worker. */
    lmp_status (*learn)(void *state, int64_t pass, void *scratch, const lmp_frames *in, lmp_error *err);
    lmp_status (*learned)(void *state, int64_t pass, lmp_error *err);
    /* The shift of frame in->first (count 1); NULL: `learned` has filled them in. */
    lmp_status (*find)(const void *state, void *scratch, const lmp_frames *in, motion_shift *found, lmp_error *err);
    /* Moves one frame into the window of the result, after find() with the same scratch; NULL: by its shift. */
    lmp_status (*move)(const void *state, void *scratch, const lmp_frames *in, const motion_shift *shift,
                       const image_window *window, void *out, lmp_error *err);
    /* The template, region.height x region.width; NULL: the method has none. */
    void (*paint)(const void *state, float *image);
    void (*record)(const void *state, lmp_record *record);
    void (*close)(void *state, lmp_budget *budget);
} motion_method;

extern const motion_method motion_template, motion_recursive, motion_piecewise;

#endif
