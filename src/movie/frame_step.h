/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_step.h: what steps that work on each frame by itself share: where frames lie, a shared state that is a copy,
 * and counts of pixels for the record.
 */
#ifndef LIMPID_MOVIE_FRAME_STEP_H
#define LIMPID_MOVIE_FRAME_STEP_H

#include <limpid/step.h>

#include <stdatomic.h>

/* Pixels counted by all workers: the sums do not depend on who counted first. */
typedef struct frame_counts {
    atomic_int_least64_t first, second;
} frame_counts;

static inline const void *frame_in(const lmp_frames *frames, int64_t i)
{
    return (const char *)frames->data + (size_t)i * frames->stride;
}

static inline void *frame_out(const lmp_frames *frames, int64_t i)
{
    return (char *)frames->data + (size_t)i * frames->stride;
}

/* Values of one frame: rows x width x colours. */
static inline int64_t frame_values(const lmp_frames *frames)
{
    return frames->rows * frames->width * frames->n_colours;
}

static inline size_t pixel_bytes(const lmp_frames *frames)
{
    return (size_t)frames->n_colours * lmp_type_bytes(frames->type);
}

static inline bool type_is_float(lmp_type type)
{
    return type == LMP_FLOAT32 || type == LMP_FLOAT64;
}

/* Bytes of a shared state for `plan`. */
size_t frame_step_bytes(size_t state_bytes);

/* Makes a shared state: a copy of `state`, whose first member is a frame_counts * and will point at zeros behind it. */
LMP_CHECKED lmp_status frame_step_open(lmp_budget *budget, const void *state, size_t state_bytes, void **shared,
                                       lmp_error *err);
void frame_step_close(void *shared, lmp_budget *budget);

/* The counts of such a state, for the record; 0 if there is none because the step had nothing to do. */
double frame_count_first(const void *shared);
double frame_count_second(const void *shared);

/* "uint16" */
const char *type_name(lmp_type type);

/* What an integer type holds; of floats 0 to 1, for maps between whole ranges. */
void type_range(lmp_type type, double *low, double *high);

/* Refuses colours for steps on one value per pixel. */
LMP_CHECKED lmp_status frame_step_needs_grey(const char *step, const lmp_format *format, lmp_error *err);

#endif
