/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_shift.h: moves images by a fraction of a pixel, down and to the right: out(y, x) = in(y - dy, x - dx).
 *
 * Shifts are rounded to 2^-32 of a pixel; those of whole pixels copy, in any number type. Otherwise
 *
 *   bilinear   between the 2 x 2 neighbours
 *   bicubic    Keys' cubic convolution with a = -1/2 (Catmull and Rom) of the 4 x 4 neighbours
 *   fourier    the trigonometric interpolation of the whole image, see math/fourier_shift.h; single precision
 *
 * A pixel of the result is valid if its neighbours (of fourier: as of bilinear) are all inside of the image; along an
 * axis whose shift is whole there is but one neighbour. With s the source's place, floor(s) <= s < floor(s) + 1:
 *
 *   bilinear, fourier   0 <= s <= size - 1
 *   bicubic             1 <= s <= size - 2, or s whole and inside
 *
 * Other pixels become `fill`. Integers are rounded to nearest, halves to even, and cut at the ends of their type,
 * beyond which bicubic and fourier may overshoot beside steep edges; those of 64 bits are computed with 53. NaN makes
 * NaN of the results it is a neighbour of (fourier: NaN and infinity, which are bridged along the row for the others'
 * sake).
 */
#ifndef LIMPID_MOVIE_IMAGE_SHIFT_H
#define LIMPID_MOVIE_IMAGE_SHIFT_H

#include <limpid/step.h>

typedef enum image_shift_method { IMAGE_SHIFT_BILINEAR, IMAGE_SHIFT_BICUBIC, IMAGE_SHIFT_FOURIER } image_shift_method;

/* For parameters, in this order. */
#define IMAGE_SHIFT_METHODS "bilinear|bicubic|fourier"

/* Rows and columns of an image. */
typedef struct image_window {
    int64_t y, x, height, width;
} image_window;

typedef struct image_shift_spec {
    lmp_type type;
    int64_t height, width, n_colours;
    image_shift_method method;
    double fill;
} image_shift_spec;

/* Immutable once open: any number of threads. */
typedef struct image_shift image_shift;

/* What open takes from the budget, and scratch of one worker, aligned to 64 bytes. */
size_t image_shift_bytes(const image_shift_spec *spec);
size_t image_shift_scratch_bytes(const image_shift_spec *spec);

/* Refuses a fill that the type does not hold; for plan. `step` names who asks. */
LMP_CHECKED lmp_status image_shift_check_fill(const char *step, lmp_type type, double fill, lmp_error *err);

/* Refuses images that are too large for the method; for plan. */
LMP_CHECKED lmp_status image_shift_check_size(const char *step, const image_shift_spec *spec, lmp_error *err);

LMP_CHECKED lmp_status image_shift_open(const image_shift_spec *spec, lmp_budget *budget, image_shift **made,
                                        lmp_error *err);
void image_shift_close(image_shift *s, lmp_budget *budget); /* NULL is fine */

/* The window of the moved image into `out`: window->height x window->width x n_colours, tight rows. `in` is the whole
 * image. A shift that is not finite gives nothing but fill. */
void image_shift_move(const image_shift *s, const void *in, double dy, double dx, const image_window *window, void *out,
                      void *scratch);

/* The window in which every shift of the list gives valid pixels; height and width 0: none. Without shifts: all. */
image_window image_shift_valid(const image_shift_spec *spec, const double *dy, const double *dx, int64_t n);

#endif
