/* SPDX-License-Identifier: BSD-3-Clause */
#include "movie/frame_step.h"

#include <string.h>

static size_t counts_at(size_t state_bytes)
{
    return (state_bytes + 63) / 64 * 64;
}

size_t frame_step_bytes(size_t state_bytes)
{
    return counts_at(state_bytes) + sizeof(frame_counts);
}

lmp_status frame_step_open(lmp_budget *budget, const void *state, size_t state_bytes, void **shared, lmp_error *err)
{
    const lmp_status status = lmp_take(budget, frame_step_bytes(state_bytes), shared, err);
    if (status != LMP_OK) return status;
    frame_counts *counts = (void *)((char *)*shared + counts_at(state_bytes));
    memcpy(*shared, state, state_bytes);
    memcpy(*shared, &counts, sizeof(counts));
    return LMP_OK;
}

void frame_step_close(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

static frame_counts *counts_of(const void *shared)
{
    frame_counts *counts;
    memcpy(&counts, shared, sizeof(counts));
    return counts;
}

double frame_count_first(const void *shared)
{
    return shared == NULL ? 0 : (double)atomic_load(&counts_of(shared)->first);
}

double frame_count_second(const void *shared)
{
    return shared == NULL ? 0 : (double)atomic_load(&counts_of(shared)->second);
}

const char *type_name(lmp_type type)
{
    static const char *const names[] = {"",      "int8",   "uint8", "int16",  "uint16",  "int24",
                                        "int32", "uint32", "int64", "uint64", "float32", "float64"};
    return names[type];
}

void type_range(lmp_type type, double *low, double *high)
{
    static const double lows[] = {
        [LMP_INT8] = -0x1p7,   [LMP_INT16] = -0x1p15, [LMP_INT24] = -0x1p23,
        [LMP_INT32] = -0x1p31, [LMP_INT64] = -0x1p63, [LMP_FLOAT64] = 0,
    };
    static const double highs[] = {
        [LMP_INT8] = 127,      [LMP_UINT8] = 255,        [LMP_INT16] = 32767,       [LMP_UINT16] = 65535,
        [LMP_INT24] = 8388607, [LMP_INT32] = 2147483647, [LMP_UINT32] = 4294967295, [LMP_INT64] = 0x1p63,
        [LMP_UINT64] = 0x1p64, [LMP_FLOAT32] = 1,        [LMP_FLOAT64] = 1,
    };
    *low = lows[type];
    *high = highs[type];
}

lmp_status frame_step_needs_grey(const char *step, const lmp_format *format, lmp_error *err)
{
    if (format->n_colours == 1) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "%s works on one value per pixel, the movie has %lld colours: put grey before it", step,
                    (long long)format->n_colours);
}
