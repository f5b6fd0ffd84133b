/* SPDX-License-Identifier: BSD-3-Clause
 *
 * side.h: one reference that frames are compared with, subtracted or divided by, and where it comes from: an image
 * (reduced from a range, or a file), or a slider, which gives each frame its own.
 */
#ifndef LIMPID_MOVIE_SIDE_H
#define LIMPID_MOVIE_SIDE_H

#include "movie/reference.h"
#include "movie/slider.h"
#include "movie/window_range.h"

#include <stdatomic.h>

typedef enum side_source { FROM_AUTO, FROM_RANGE, FROM_FILE, FROM_SLIDING } side_source;

#define SIDE_SOURCES "auto|range|file|sliding" /* in this order */

typedef struct side_params {
    int64_t from;
    lmp_frame_range range;
    char *stat, *file;
    int64_t window, lag, edges; /* window: LMP_AUTO_INTEGER if not given */
    double amount;
} side_params;

/* What bands count, together. */
typedef struct side_tally {
    _Atomic int64_t zeros, missing;
} side_tally;

typedef struct side {
    bool divides;
    side_source from;
    double amount;
    reference_image image; /* from=range, file: once prepared, what is subtracted or divided by */
    slider_spec spec;      /* from=sliding */
    window_range range;
    side_tally *tally;
} side;

/* All but memory. Refuses parameters that another source would need; `step` names who asks. */
lmp_status side_fit(const char *step, bool divides, const side_params *p, const lmp_format *format, side *made,
                    lmp_error *err);

static inline bool side_slides(const side *s)
{
    return s->from == FROM_SLIDING;
}

/* Bytes of what side_open gives values and tally. */
size_t side_bytes(const side *s);
/* Asks for a learning pass, or checks the file. */
lmp_status side_plan(const char *step, const side_params *p, const side *s, const lmp_stream *in, lmp_step_plan *plan,
                     lmp_error *err);
/* `memory`: side_bytes() of zeros, which the side goes on using. Loads a file. */
lmp_status side_open(const char *step, const side_params *p, void *memory, const lmp_step_plan *plan,
                     lmp_budget *budget, side *s, lmp_error *err);
/* An image that has been learned becomes what is subtracted or divided by. */
void side_learned(side *s);

/* n numbers of a reference become what is subtracted or divided by; a denominator of 0 becomes NaN. How many there
 * were. `to` may be `from`. */
int64_t side_prepare(const side *s, const double *from, double *to, int64_t n);

const char *side_source_name(const side *s);

#endif
