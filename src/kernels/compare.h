/* SPDX-License-Identifier: BSD-3-Clause
 *
 * compare.h: a frame less one image, over another.
 */
#ifndef LIMPID_KERNELS_COMPARE_H
#define LIMPID_KERNELS_COMPARE_H

#include <limpid/limpid.h>

/* y = (x - less) / over, in double, rounded once. Either image may be NULL, not both: x - less, x / over. Arrays of n
 * numbers do not overlap. */
void compare_values(lmp_type type, const void *x, const double *less, const double *over, float *y, int64_t n);

#endif
