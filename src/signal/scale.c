/* SPDX-License-Identifier: BSD-3-Clause
 *
 * scale.c: multiply and shift values, y = factor * x + offset.
 */
#include "signal/channels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct scale_params {
    double factor, offset;
    char *unit, *channels;
} scale_params;

static const lmp_param params[] = {
    {"factor", LMP_PARAM_NUMBER, offsetof(scale_params, factor), "1", -1e12, 1e12, "", NULL,
     "What values are multiplied with."},
    {"offset", LMP_PARAM_NUMBER, offsetof(scale_params, offset), "0", -1e12, 1e12, "", NULL,
     "What is added afterwards, in the unit of the result."},
    {"unit", LMP_PARAM_TEXT, offsetof(scale_params, unit), "", 0, 0, "", NULL,
     "Unit of the result; empty keeps the unit."},
    {"channels", LMP_PARAM_CHANNELS, offsetof(scale_params, channels), "data", 0, 0, "", NULL, "Channels to work on."},
    {0},
};

/* The digital grid of the input scales along; it ends where the scale would turn it around. */
static void scale_channel(const scale_params *p, lmp_channel *c)
{
    if (p->unit[0] != '\0') c->unit = p->unit;
    c->scale = p->factor > 0 ? c->scale * p->factor : 0;
    c->physical_min = c->physical_min * p->factor + p->offset;
    c->physical_max = c->physical_max * p->factor + p->offset;
}

static lmp_status plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const scale_params *p = values;
    const int64_t n = in->format.n_channels;
    lmp_status status = channels_activate("scale", p->channels, in, plan, err);
    if (status != LMP_OK) return status;
    plan->is_identity = p->factor == 1 && p->offset == 0;
    lmp_channel *channels = calloc((size_t)n + 1, sizeof *channels);
    if (channels == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channels");
    memcpy(channels, in->format.channels, (size_t)n * sizeof *channels);
    for (int64_t i = 0; i < n; i++)
        if (plan->lane_active[i]) scale_channel(p, &channels[i]);
    status = lmp_stream_set_channels(&plan->out, channels, n, err);
    free(channels);
    plan->shared_bytes = sizeof(scale_params);
    return status;
}

static lmp_status open_shared(const void *values, const lmp_stream *in, const lmp_step_plan *plan_made,
                              lmp_budget *budget, void **shared, lmp_error *err)
{
    (void)in;
    (void)plan_made;
    const lmp_status status = lmp_take(budget, sizeof(scale_params), shared, err);
    if (status == LMP_OK) memcpy(*shared, values, sizeof(scale_params));
    return status;
}

static lmp_status process(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                          int64_t n_out, bool ended, lmp_error *err)
{
    (void)state, (void)scratch, (void)n_in, (void)ended, (void)err;
    const scale_params *p = shared;
    const double *x = in;
    double *y = out;
    for (int64_t i = 0; i < n_out; i++) y[i] = p->factor * x[i] + p->offset;
    return LMP_OK;
}

static void close_shared(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

const lmp_step lmp_step_scale = {
    .struct_size = sizeof(lmp_step),
    .name = "scale",
    .summary = "Multiply values and add an offset.",
    .doc = "`y = factor * x + offset`, per sample, in double precision. Stim channels and channels stored at a lower "
           "rate stay "
           "as they are unless named. NaN stays NaN.\n\n    limpid run IN.npy --rate 5000 scale factor=1e6 unit=uV ! "
           "write OUT.bdf\n",
    .known_as = "RawTransform (FACETpy), raw.apply_function (MNE)",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_TIME,
    .params = params,
    .params_size = sizeof(scale_params),
    .plan = plan,
    .open = open_shared,
    .process = process,
    .close = close_shared,
};
