/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reducer.h: statistics over time of one band of rows, several in one pass.
 *
 * Results do not depend on how time is cut. NaN is ignored and counted; a value without any number gives NaN.
 *
 *   mean      exact sum (integers) or sum in double in the order of the frames, divided once
 *   sum       integers: exact, int64 (of uint64: uint64); floats: in double, in the order of the frames
 *   max, min  of the type that comes in
 *   std       sqrt(sum (x - mean)^2 / (n - ddof)), NaN for n <= ddof; 8 and 16 bits: from exact sums; others: from sums
 *             of x - c and (x - c)^2 in double, c the value's first number
 *   median    of an even count: the mean of the two in the middle
 *   pX        percentile, linear between the two neighbours of rank X/100 (n - 1)
 *   argmax    number of the frame with the largest value, the first if there are several; -1 if there is none
 */
#ifndef LIMPID_MOVIE_REDUCER_H
#define LIMPID_MOVIE_REDUCER_H

#include <limpid/step.h>

enum { REDUCER_STATS = 16 };

typedef enum reducer_kind {
    REDUCER_MEAN,
    REDUCER_SUM,
    REDUCER_MAX,
    REDUCER_MIN,
    REDUCER_STD,
    REDUCER_ARGMAX,
    REDUCER_MEDIAN,
    REDUCER_PERCENTILE
} reducer_kind;

typedef struct reducer_stat {
    reducer_kind kind;
    double percent; /* REDUCER_PERCENTILE */
} reducer_stat;

typedef struct reducer_spec {
    reducer_stat stats[REDUCER_STATS];
    int64_t n_stats;
    int64_t ddof;
    lmp_type in, out;                /* out holds all of the statistics: see reducer_parse() */
    int64_t n_frames;                /* that will be fed at most */
    int64_t first_frame, frame_step; /* numbers of the frames fed, for argmax */
} reducer_spec;

/* Fills stats and out from a list such as "mean,std,p5,median" for numbers of type `in`; `step` names who asks. Of one
 * statistic out is its own type; of several: the same if all agree, float32 if it holds all exactly, int64 for
 * integers, else float64. */
lmp_status reducer_parse(const char *step, const char *list, lmp_type in, reducer_spec *spec, lmp_error *err);

/* True for statistics that keep all frames in memory until the end. */
bool reducer_gathers(const reducer_spec *spec);

typedef struct reducer reducer;

/* Memory that a reducer of `values` numbers takes. */
size_t reducer_bytes(const reducer_spec *spec, int64_t values);
lmp_status reducer_open(const reducer_spec *spec, int64_t values, lmp_budget *budget, reducer **made, lmp_error *err);

/* The next frames; `data` of type spec->in, `stride` bytes from a frame to the next. */
void reducer_feed(reducer *r, const void *data, size_t stride, int64_t frames);

/* Writes `values` results of statistic `stat`, of type spec->out. LMP_ERR_RANGE: a sum of 64-bit integers that does not
 * fit. */
lmp_status reducer_finish(reducer *r, int64_t stat, void *out, lmp_error *err);

/* How many NaN were ignored. */
int64_t reducer_missing(const reducer *r);

void reducer_close(reducer *r, lmp_budget *budget);

#endif
