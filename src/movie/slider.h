/* SPDX-License-Identifier: BSD-3-Clause
 *
 * slider.h: a statistic over a sliding window of frames of one band of rows. Results do not depend on how time is cut;
 * what has left the window has left no trace; the cost of a frame does not depend on the window (median: grows with
 * it).
 *
 * NaN is ignored: a window without any number gives NaN. All is computed in double, exact for integers up to 2^53.
 */
#ifndef LIMPID_MOVIE_SLIDER_H
#define LIMPID_MOVIE_SLIDER_H

#include <limpid/step.h>

typedef enum slider_kind { SLIDER_MEAN, SLIDER_MAX, SLIDER_MIN, SLIDER_STD, SLIDER_MEDIAN, SLIDER_SUM } slider_kind;

#define SLIDER_KINDS "mean|max|min|std|median|sum" /* in this order */

typedef struct slider_spec {
    slider_kind kind;
    int64_t window;
    lmp_type in;
} slider_spec;

typedef struct slider slider;

size_t slider_bytes(const slider_spec *spec, int64_t values);
lmp_status slider_open(const slider_spec *spec, int64_t values, lmp_budget *budget, slider **made, lmp_error *err);
void slider_close(slider *s, lmp_budget *budget);

/* Gets results of values [first, first + n): over the window that ends in frame `frame` of those fed in this call. */
typedef void slider_give(void *user, int64_t frame, int64_t first, int64_t n, const double *results);

/* The next frames. `data` NULL: there are no more; windows go on and hold fewer frames. */
void slider_feed(slider *s, const void *data, size_t stride, int64_t frames, slider_give *give, void *user);

/* How many NaN have come in. */
int64_t slider_missing(const slider *s);

#endif
