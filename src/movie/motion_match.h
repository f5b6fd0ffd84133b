/* SPDX-License-Identifier: BSD-3-Clause
 *
 * motion_match.h: where a frame lies over a template, by correlation within a largest shift.
 *
 *   frame -> binned -> divided by the template's smooth brightness, mean taken off, tapered -> spectrum F
 *   c = inverse( F conj(T) K ) - e,  T the template's spectrum, K a band-pass (difference of two Gaussians)
 *
 * The best match is the highest c within reach, refined by the quadratic that fits its 3 x 3 neighbours. Dividing by
 * the smooth brightness and tapering take away what stands still in the sensor's frame (vignette, edges): left in, it
 * pulls every shift towards zero. So does the taper itself, as it stands still too: therefore the template is freed of
 * it, and half of the energy e(d) = sum u(x) t(x - d) (K t)(x - d) that lies under the taper u at each shift is taken
 * off, which makes the match one of least squares.
 */
#ifndef LIMPID_MOVIE_MOTION_MATCH_H
#define LIMPID_MOVIE_MOTION_MATCH_H

#include "kernels/cross_spectrum.h"
#include "math/fft2.h"
#include "movie/image_shift.h"

typedef struct match_spec {
    lmp_type type;             /* of the frames */
    int64_t frame_width;       /* of the frames, px */
    image_window region;       /* of the frames: what is looked at */
    int64_t binning;           /* pixels that become one, in each direction */
    double smooth, background; /* standard deviations of the band-pass, px of the frames */
    double reach_y, reach_x;   /* px of the frames */
    double taper;              /* px of the frames from each edge; 0: 40, or an eighth of the side */
} match_spec;

typedef struct matcher matcher; /* immutable once weights are set: any number of threads */

/* What frames are matched with. */
typedef struct match_target {
    float *spectrum; /* conj(T) K */
    float *energy;   /* e at each shift, less that at none: transform's height x width */
} match_target;

/* How a frame lies over a template. */
typedef struct match {
    double dy, dx;    /* of the frame's content relative to the template, px of the frames */
    double peak;      /* normalised correlation of what passes the filter, -1 to 1 */
    double ratio;     /* of the peak to the highest correlation away from it, at most 99 */
    double power;     /* mean square of what passes the filter, of the frame */
    bool is_at_limit; /* the highest correlation within reach is at its edge */
} match;

/* What a frame looks like by itself. */
typedef struct match_looks {
    double saturated; /* share of binned pixels at the top of an integer type */
    bool is_finite;   /* no pixel is missing */
    bool is_empty;    /* no pixel is there */
} match_looks;

/* Rows and columns once binned, and how large transforms are. */
int64_t match_rows(const match_spec *spec);
int64_t match_columns(const match_spec *spec);
int64_t match_spectrum_rows(const match_spec *spec);
int64_t match_spectrum_columns(const match_spec *spec);
int64_t match_spectrum_floats(const match_spec *spec);
size_t matcher_bytes(const match_spec *spec);
size_t match_scratch_bytes(const match_spec *spec);

/* mask: height x width of the region, 0 to 1: how much a pixel counts; NULL: all alike. */
LMP_CHECKED lmp_status matcher_open(const match_spec *spec, const float *mask, lmp_budget *budget, matcher **made,
                                    lmp_error *err);
void matcher_close(matcher *m, lmp_budget *budget);

/* What the band-pass lets through at row y and column x of a spectrum, 0 to 1; how much a binned pixel counts. */
double match_pass(const matcher *m, int64_t y, int64_t x);
double match_weight(const matcher *m, int64_t i);
/* Of that: the share of the mask alone. */
double match_mask(const matcher *m, int64_t y, int64_t x);
/* Sum of what passes of |spectrum|^2, over the number of pixels squared. */
double match_power(const matcher *m, const float *spectrum);

/* Means of blocks of pixels of one frame: rows x columns. Pixels that are not finite give NaN. */
void match_bin(const matcher *m, const lmp_frames *frame, void *scratch, float *image);

/* Mean difference of neighbours in the rows of a binned image; how many rows are noise from end to end: over a quarter
 * of their neighbours differ by more than `step`. */
double match_mean_step(const matcher *m, const float *image);
int64_t match_noisy_rows(const matcher *m, const float *image, double step);

/* level: rows x columns, by which pixels are divided (its inverse is given). Leaves the image changed. */
void match_transform(const matcher *m, const float *inverse_level, float *image, void *scratch, float *spectrum,
                     match_looks *looks);

/* Floats of target->energy; what match_set_target() needs besides: floats. */
int64_t match_energy_floats(const match_spec *spec);
int64_t match_target_scratch_floats(const match_spec *spec);

/* Takes pixels out, or in part: weights *= mask (rows x columns, 0 to 1). While templates are learned, by one thread.
 */
void match_leave_out(matcher *m, const float *mask);

/* From a mean of tapered images, as a spectrum, and the mean of the tapers that they were multiplied with, likewise.
 * Scaled so that a match with itself gives 1. */
void match_set_target(const matcher *m, const float *mean, const float *tapers, float *scratch, match_target *target);

/* The spectrum of the taper. */
void match_taper(const matcher *m, float *scratch, float *spectrum);

/* An image, as a spectrum, times the taper (the spectrum above) moved by (dy, dx) px of the frames. memory: as the
 * scratch of match_set_target(). */
void match_taper_moved(const matcher *m, const float *taper, double dy, double dx, void *scratch, float *memory,
                       float *spectrum);

/* Means over frames, as spectra: of frames as they are, of frames aligned, of tapers aligned likewise, and of the moves
 * that bring the aligned content where it was in each frame (a point moved likewise). */
typedef struct match_means {
    const float *still, *aligned, *tapers, *moves;
} match_means;

/* What is in the frames and does not move with their content: still - taper * (aligned, moved). As an image of rows x
 * columns, tapered, and its spectrum. Scratch as for match_set_target(). */
void match_find_static(const matcher *m, const match_means *means, float *scratch, float *image, float *spectrum);

/* The spectrum of an image becomes that of the image times the mask. Scratch as for match_set_target(). */
void match_mask_spectrum(const matcher *m, const float *mask, float *scratch, float *spectrum);

/* All three destroy the spectrum. Within reach; within twice the reach; anywhere. */
void match_find(const matcher *m, float *spectrum, const match_target *target, void *scratch, match *found);
void match_find_wide(const matcher *m, float *spectrum, const match_target *target, void *scratch, match *found);
void match_find_far(const matcher *m, float *spectrum, const match_target *target, void *scratch, match *found);

/* The correlation itself: rows of match_spectrum_rows() x fft width values, shift (y, x) at row y and column x,
 * negative ones from the far end; the rows within reach are there. In the scratch. Over sqrt(power) it is normalised.
 * Destroys the spectrum. */
const float *match_correlate(const matcher *m, float *spectrum, const float *target, void *scratch, double *power);

/* sum += spectrum of an image whose content is moved by (dy, dx) px of the frames. */
void match_add_moved(const matcher *m, const float *spectrum, double dy, double dx, void *scratch, float *sum);

/* An image from its spectrum, which is destroyed: rows x columns. */
void match_restore(const matcher *m, float *spectrum, void *scratch, float *image);

#endif
