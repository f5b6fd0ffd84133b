/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reducer_state.h: what reducer.c gathers and reducer_finish.c turns into results.
 */
#ifndef LIMPID_MOVIE_REDUCER_STATE_H
#define LIMPID_MOVIE_REDUCER_STATE_H

#include "kernels/temporal.h"
#include "kernels/temporal_rank.h"
#include "movie/reducer.h"

/* Accumulators of one statistic; which of them there are depends on its kind and type. */
typedef struct accumulators {
    void *part, *square_part; /* of 32 bits */
    void *sums, *squares;
    double *centre;
    void *best;
    uint32_t *at;
} accumulators;

struct reducer {
    reducer_spec spec;
    int64_t values;
    int64_t frames;  /* fed so far */
    int64_t in_part; /* of them since the last emptying of parts */
    accumulators stats[REDUCER_STATS];
    uint32_t *missing; /* floats: NaN of each value */
    char *keys;        /* gathered: lines of all frames */
    /* For stacks with NaN: accumulators as they were, and the stack with something neutral instead. */
    void *saved[2], *instead, *filled;
};

static inline bool reducer_is_small(lmp_type type)
{
    return lmp_type_bytes(type) <= 2;
}

/* Bytes of one sum. */
static inline size_t reducer_sum_bytes(lmp_type type)
{
    return type == LMP_INT64 || type == LMP_UINT64 ? sizeof(temporal_wide) : sizeof(int64_t);
}

/* Bytes from the keys of one line to those of the next. */
static inline size_t reducer_line_stride(const reducer_spec *spec)
{
    return (size_t)spec->n_frames * TEMPORAL_LINE;
}

/* Accumulators of 32 bits go into the wide ones. */
void reducer_empty_parts(reducer *r);

#endif
