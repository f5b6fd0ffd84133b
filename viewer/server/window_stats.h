/* SPDX-License-Identifier: BSD-3-Clause
 *
 * window_stats.h: statistics of each number through several frames; NaN is left out. Plain functions on arrays.
 */
#ifndef LIMPID_VIEWER_WINDOW_STATS_H
#define LIMPID_VIEWER_WINDOW_STATS_H

#include <limpid/limpid.h>
#include <stdbool.h>

typedef enum window_stat { WINDOW_MEAN, WINDOW_MIN, WINDOW_MAX, WINDOW_STD, WINDOW_MEDIAN } window_stat;

/* All but the median: frames are added one by one; std goes over them twice. */
typedef struct window_run {
    window_stat stat;
    lmp_type type;
    int64_t n, n_added; /* numbers; frames */
    double *values;     /* of each number: running value */
    double *means;      /* std: of the first time over the frames; else NULL */
    int32_t *counts;    /* of floats: valid ones; NULL: all are */
    bool is_second;
} window_run;

size_t window_run_bytes(window_stat stat, lmp_type type); /* for each number */
bool window_run_new(window_run *run, window_stat stat, lmp_type type, int64_t n);
void window_run_clear(window_run *run);
void window_run_begin(window_run *run, int64_t n); /* n: at most what there is room for */
void window_run_add(window_run *run, const void *pixels);
void window_run_again(window_run *run);                    /* before frames are added a second time */
void window_run_end(const window_run *run, float *result); /* NaN where nothing was valid */

/* Of n numbers of `count` frames, one behind the other; column: room for window_medians_room(count) numbers. */
int64_t window_medians_room(int64_t count);
void window_medians(lmp_type type, const void *pixels, int64_t n, int64_t count, double *column, float *result);

#endif
