/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_layout.h: how a recording is cut into data records when it is written.
 */
#ifndef LIMPID_IO_EDF_LAYOUT_H
#define LIMPID_IO_EDF_LAYOUT_H

#include "io/edf/edf_decimal.h"

#include <limpid/limpid.h>

typedef struct edf_layout {
    int64_t samples;    /* per record at the recording's rate */
    edf_decimal record; /* seconds; its text fits a header field, and samples / record is the rate to the last bit */
    int64_t n_records;
} edf_layout;

/* multiple: samples must be a multiple of this (slow channels stored at 1/k). bytes_per_time: bytes of one instant in
 * the file. Fails if no record duration of 8 characters gives the rate exactly. */
LMP_CHECKED lmp_status edf_layout_choose(double rate_hz, int64_t n_times, int64_t multiple, double bytes_per_time,
                                         edf_layout *layout, lmp_error *err);

/* rate_hz as a fraction: the one with the smallest denominator that is the same double. False if there is none with
 * a denominator of at most 10^7. */
bool edf_layout_find_fraction(double rate_hz, int64_t *numerator, int64_t *denominator);

#endif
