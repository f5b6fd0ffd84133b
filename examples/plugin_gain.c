/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin_gain.c: a step of your own, as a shared object.
 *
 *   cc -O2 -fPIC -shared -I include examples/plugin_gain.c -o gain.so
 *   limpid run IN.edf --plugin ./gain.so gain db=6 ! write OUT.bdf
 *
 * Each channel is a lane; the step keeps nothing from block to block, so it needs no state and gives as many values as
 * come in. What it shares between lanes is one number.
 */
#include <limpid/step.h>
#include <math.h>
#include <stddef.h>

typedef struct gain_params {
    double db;
} gain_params;

static const lmp_param params[] = {
    {"db", LMP_PARAM_NUMBER, offsetof(gain_params, db), "0", -120, 120, "dB", NULL,
     "How much louder; negative is softer."},
    {NULL, LMP_PARAM_NUMBER, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static lmp_status gain_plan(const void *values, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    const gain_params *p = values;
    plan->lane_active = lmp_plan_flags(plan, in->format.n_channels);
    if (plan->lane_active == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a plan");
    for (int64_t i = 0; i < in->format.n_channels; i++)
        plan->lane_active[i] = lmp_channel_chosen("data", &in->format, i);
    plan->is_identity = p->db == 0;
    plan->shared_bytes = sizeof(double);
    return LMP_OK;
}

static lmp_status gain_open(const void *values, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                            void **shared, lmp_error *err)
{
    (void)in, (void)plan;
    const gain_params *p = values;
    const lmp_status status = lmp_take(budget, sizeof(double), shared, err);
    if (status == LMP_OK) *(double *)*shared = pow(10, p->db / 20);
    return status;
}

static lmp_status gain_process(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                               int64_t n_out, bool ended, lmp_error *err)
{
    (void)state, (void)scratch, (void)n_in, (void)ended, (void)err;
    const double factor = *(const double *)shared, *x = in;
    double *y = out;
    for (int64_t i = 0; i < n_out; i++) y[i] = factor * x[i];
    return LMP_OK;
}

static void gain_close(void *shared, lmp_budget *budget)
{
    lmp_give(budget, shared);
}

static const lmp_step gain = {
    .struct_size = sizeof(lmp_step),
    .name = "gain",
    .summary = "Multiply by a factor given in decibels.",
    .doc = "`y = 10^(db/20) x` for every data channel. NaN stays NaN.\n",
    .known_as = "",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_TIME,
    .params = params,
    .params_size = sizeof(gain_params),
    .plan = gain_plan,
    .open = gain_open,
    .process = gain_process,
    .close = gain_close,
};

LMP_API extern const lmp_step *const lmp_plugin_steps[];
const lmp_step *const lmp_plugin_steps[] = {&gain, NULL};
