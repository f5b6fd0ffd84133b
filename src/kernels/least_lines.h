/* SPDX-License-Identifier: BSD-3-Clause
 *
 * least_lines.h: the least of lines of numbers, place by place. Of numbers of any type a movie may have, none of them
 * NaN.
 */
#ifndef LIMPID_KERNELS_LEAST_LINES_H
#define LIMPID_KERNELS_LEAST_LINES_H

#include <limpid/limpid.h>

/* to[i] = the lesser of from[i] and from[i + offset], i below n. Arrays do not overlap. */
void least_shifted(lmp_type type, const void *from, int64_t offset, int64_t n, void *to);

/* to[i] = the least of lines[k][i], k below count, i below n. `to` is none of the lines. */
void least_lines(lmp_type type, const void *const *lines, int64_t count, int64_t n, void *to);

/* Plain references: the same values. */
void least_shifted_plain(lmp_type type, const void *from, int64_t offset, int64_t n, void *to);
void least_lines_plain(lmp_type type, const void *const *lines, int64_t count, int64_t n, void *to);

#endif
