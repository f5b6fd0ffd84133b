/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_range.h: which physical range a channel is written with, and so how fine its steps are.
 */
#ifndef LIMPID_IO_EDF_RANGE_H
#define LIMPID_IO_EDF_RANGE_H

#include "io/edf/edf_decimal.h"
#include "io/edf/edf_samples.h"

#include <limpid/limpid.h>

/* Four header fields of a channel, and what readers make of them: value = scale * (digital - digital_min) +
 * physical_min with scale = (physical_max - physical_min) / (digital_max - digital_min). */
typedef struct edf_range {
    char physical_min_text[EDF_FIELD_ROOM], physical_max_text[EDF_FIELD_ROOM];
    double physical_min, physical_max;
    int64_t digital_min, digital_max;
    int finer; /* the steps are the channel's own divided by 2^finer; -1: they have nothing to do with these */
} edf_range;

edf_scaling edf_range_scaling(const edf_range *range);

/* Keeps the channel's own integer grid, whatever the data will be: the same physical range, the digital range times
 * 2^finer, so that `bits` have room for four times the values that stored_bits held. Stored values may then go beyond
 * the digital range. False if the channel has no grid, or `bits` do not hold it. */
bool edf_range_embed(const lmp_channel *channel, int stored_bits, int bits, edf_range *range);

/* Keeps the channel's own integer grid, as fine as `bits` allow, for data in [lowest, highest]: every value the input
 * can have in there reads back as the same double. False if no header fields express that. */
bool edf_range_embed_data(const lmp_channel *channel, int bits, double lowest, double highest, edf_range *range);

/* The tightest range around [lowest, highest] that header fields can express, over all digital values. False if they
 * cannot. Not numbers: some range. */
bool edf_range_cover(int bits, double lowest, double highest, edf_range *range);

/* Codes: in steps of 1. False if [lowest, highest] does not fit. */
bool edf_range_codes(int bits, double lowest, double highest, edf_range *range);

/* After edf_range_embed(): moves the digital range's ends outwards to take in [lowest, highest], where header fields
 * can express that with the same values; else leaves the range as it is. */
void edf_range_extend(const lmp_channel *channel, int bits, int64_t lowest, int64_t highest, edf_range *range);

#endif
