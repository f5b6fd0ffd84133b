/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_samples.h: the 16-bit and 24-bit little-endian integers of EDF and BDF, from and to doubles.
 */
#ifndef LIMPID_IO_EDF_SAMPLES_H
#define LIMPID_IO_EDF_SAMPLES_H

#include <stdint.h>

/* value = scale * digital + offset, the offset being physical_min - scale * digital_min: the order in which MNE, EDFlib
 * and others compute. A grid with zero on it gives exactly 0 there. */
typedef struct edf_scaling {
    double scale, offset;
} edf_scaling;

/* sample_bytes: 2 or 3. No alignment is needed. */
void edf_decode(const uint8_t *bytes, int sample_bytes, int64_t count, const edf_scaling *scaling, double *values);

/* Rounds to the nearest integer. Gives `count`, or the index of the first value that is not a number or does not fit
 * the type; bytes from there on are undefined. Widens *lowest and *highest to the integers written. */
int64_t edf_encode(const double *values, int64_t count, int sample_bytes, const edf_scaling *scaling, uint8_t *bytes,
                   int32_t *lowest, int32_t *highest);

#endif
