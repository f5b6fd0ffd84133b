/* SPDX-License-Identifier: BSD-3-Clause
 *
 * smoothing.h: what steps share that smooth each frame by one of several methods.
 */
#ifndef LIMPID_MOVIE_SMOOTHING_H
#define LIMPID_MOVIE_SMOOTHING_H

#include "math/image_diffuse.h"
#include "math/image_median.h"
#include "math/image_smooth.h"
#include "movie/frame_step.h"

enum { SMOOTHING_MOST_RADIUS = 1000 };

typedef enum smoothing_method {
    SMOOTH_GAUSSIAN,
    SMOOTH_BOX,
    SMOOTH_MEDIAN,
    SMOOTH_BILATERAL,
    SMOOTH_ANISOTROPIC
} smoothing_method;

/* What to do. The radius of a Gaussian follows from sigma. */
typedef struct smoothing {
    smoothing_method method;
    int64_t radius;
    double sigma, sigma_value;
    diffusion diffusion;
} smoothing;

/* Half of `size` without its middle, or of a window of `fallback` pixels where size is LMP_AUTO_INTEGER; refuses even
 * sizes. */
lmp_status smoothing_radius(const char *step, int64_t size, int64_t fallback, int64_t *radius, lmp_error *err);

/* What the parameters of a step ask for. */
typedef lmp_status smoothing_choose(const void *values, smoothing *chosen, lmp_error *err);

/* The callbacks of a step with these parameters. plan refuses methods that lack what they need. */
lmp_status smoothing_plan(const char *step, smoothing_choose *choose, const void *values, const lmp_stream *in,
                          lmp_step_plan *plan, lmp_error *err);
lmp_status smoothing_open(smoothing_choose *choose, const void *values, const lmp_stream *in, lmp_budget *budget,
                          void **shared, lmp_error *err);
lmp_status smoothing_process_images(const void *shared, void *scratch, const lmp_frames *in, const lmp_frames *out,
                                    lmp_error *err);
void smoothing_record(const void *shared, lmp_record *record);

/* What holds for all methods, for the doc. */
#define SMOOTHING_EDGES                                                                                                \
    "Beyond the edge the frame goes on mirrored: `d c b | a b c d | c b a` (`mirror` in SciPy, BORDER_REFLECT_101 in " \
    "OpenCV)."
#define SMOOTHING_TYPES                                                                                                \
    "The number type stays; integers are rounded to nearest (32- and 64-bit integers are computed as float32, with "   \
    "24 bits). NaN and infinite pixels take no part in their neighbours' result, stay what they are, and are counted " \
    "in the record (`missing_values_ignored`).\n"

#endif
