/* SPDX-License-Identifier: BSD-3-Clause
 *
 * reference.c: subtract the mean of some channels from others, instant by instant.
 */
#include "signal/channels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct reference_params {
    char *reference, *channels;
} reference_params;

static const lmp_param params[] = {
    {"reference", LMP_PARAM_CHANNELS, offsetof(reference_params, reference), "eeg", 0, 0, "", NULL,
     "Channels whose mean is the new reference: eeg (average reference) or names such as M1,M2."},
    {"channels", LMP_PARAM_CHANNELS, offsetof(reference_params, channels), "eeg", 0, 0, "", NULL,
     "Channels it is subtracted from."},
    {0},
};

typedef struct reference_shared {
    int64_t n_lanes;
    bool *is_reference, *is_target; /* inside the same piece of memory */
} reference_shared;

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const reference_params *p = values;
    lmp_status status = channels_check_list("reference", p->reference, &in->format, err);
    if (status == LMP_OK) status = channels_check_list("reference", p->channels, &in->format, err);
    if (status != LMP_OK) return status;
    int64_t n_references = 0, n_targets = 0;
    for (int64_t i = 0; i < in->format.n_channels; i++) {
        n_references += lmp_channel_chosen(p->reference, &in->format, i);
        n_targets += lmp_channel_chosen(p->channels, &in->format, i);
    }
    if (n_references == 0 || n_targets == 0)
        return lmp_fail(err, LMP_ERR_USAGE, "reference: %s fits none of the channels: see limpid info",
                        n_references == 0 ? p->reference : p->channels);
    plan->shared_bytes = sizeof(reference_shared) + 2 * (size_t)in->format.n_channels;
    return LMP_OK;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *made, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    const reference_params *p = values;
    const int64_t n = in->format.n_channels;
    void *memory;
    const lmp_status status = lmp_take(budget, made->shared_bytes, &memory, err);
    if (status != LMP_OK) return status;
    reference_shared *s = memory;
    s->n_lanes = n;
    s->is_reference = (bool *)(s + 1);
    s->is_target = s->is_reference + n;
    for (int64_t i = 0; i < n; i++) {
        s->is_reference[i] = lmp_channel_chosen(p->reference, &in->format, i);
        s->is_target[i] = lmp_channel_chosen(p->channels, &in->format, i);
    }
    *shared = s;
    return LMP_OK;
}

enum { TILE = 512 };

/* Sums run over channels in their order, instant by instant, so that nothing depends on how time is cut. */
static lmp_status process_frames(const void *shared, void *scratch, const lmp_block *in, const lmp_block *out,
                                 lmp_error *err)
{
    (void)scratch, (void)err;
    const reference_shared *s = shared;
    double sum[TILE], count[TILE];
    for (int64_t first = 0; first < in->count; first += TILE) {
        const int64_t n = in->count - first < TILE ? in->count - first : TILE;
        memset(sum, 0, sizeof sum);
        memset(count, 0, sizeof count);
        for (int64_t lane = 0; lane < s->n_lanes; lane++) {
            const double *x = (const double *)in->lanes[lane] + first;
            for (int64_t i = 0; i < n && s->is_reference[lane]; i++) {
                const bool finite = isfinite(x[i]);
                sum[i] += finite ? x[i] : 0;
                count[i] += finite;
            }
        }
        for (int64_t i = 0; i < n; i++) sum[i] = count[i] > 0 ? sum[i] / count[i] : 0;
        for (int64_t lane = 0; lane < s->n_lanes; lane++) {
            const double *x = (const double *)in->lanes[lane] + first;
            double *y = (double *)out->lanes[lane] + first;
            for (int64_t i = 0; i < n; i++) y[i] = s->is_target[lane] ? x[i] - sum[i] : x[i];
        }
    }
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_reference = {
    .struct_size = sizeof(lmp_step),
    .name = "reference",
    .summary = "Subtract the mean of reference channels.",
    .doc = "At each instant, `y_c = x_c - mean(x_r)` for every channel c of `channels`, r over `reference`. With the "
           "defaults that "
           "is the common average reference. A reference sample that is NaN is left out of the mean of its instant; if "
           "all are, "
           "nothing is subtracted there.\n\nNeeds all channels of an instant at once, so a chain with this step is not "
           "run in "
           "groups of lanes.\n",
    .known_as = "set_eeg_reference (MNE)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_FRAME,
    .params = params,
    .params_size = sizeof(reference_params),
    .plan = plan,
    .open = open_shared,
    .process_frames = process_frames,
    .close = close_shared,
};
