/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The step slice-triggers: triggers for the slices of a volume, where the scanner sent one per volume.
 */
#include "signal/trigger_events.h"

#include <math.h>
#include <stdlib.h>

typedef struct slice_params {
    int64_t slices;
    double pause_s, relative_position;
} slice_params;

static const lmp_param params_table[] = {
    {"slices", LMP_PARAM_INTEGER, offsetof(slice_params, slices), NULL, 1, 10000, "", NULL,
     "Slices per volume (with multiband: slices divided by the multiband factor)."},
    {"pause-s", LMP_PARAM_NUMBER, offsetof(slice_params, pause_s), "0", 0, 1000, "s", NULL,
     "Time without slices at the end of each volume."},
    {"relative-position", LMP_PARAM_NUMBER, offsetof(slice_params, relative_position), "0", -1, 1, "slices", NULL,
     "Where in its slice a trigger lies: 0 at the beginning, 0.5 in the middle."},
    {.name = NULL},
};

#define LEAST_SLICE 8.0 /* samples */
#define MOST_SLICES 10000000

typedef struct slicing {
    double *times; /* samples */
    int64_t n, n_volumes, n_outside;
    double volume, slice; /* periods, samples */
} slicing;

static lmp_status check_slices(const slice_params *p, const slicing *s, double rate_hz, lmp_error *err)
{
    if (s->n_volumes == 1)
        return lmp_fail(err, LMP_ERR_INPUT, "slice-triggers: there is one volume trigger, at least two are needed");
    if (p->pause_s * rate_hz >= s->volume)
        return lmp_fail(err, LMP_ERR_USAGE, "slice-triggers: pause-s=%g is longer than the volume of %g s", p->pause_s,
                        s->volume / rate_hz);
    if (s->slice < LEAST_SLICE)
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "slice-triggers: slices=%lld of a volume of %g s are %g samples each: check that the triggers are "
            "volumes",
            (long long)p->slices, s->volume / rate_hz, s->slice);
    if ((double)s->n_volumes * (double)p->slices > MOST_SLICES)
        return lmp_fail(err, LMP_ERR_INPUT, "slice-triggers: %lld volumes of slices=%lld are more than %d triggers",
                        (long long)s->n_volumes, (long long)p->slices, MOST_SLICES);
    return LMP_OK;
}

/* Slices of each volume, up to the next volume: a volume that was cut short has fewer. */
static void place_slices(const slice_params *p, const double *volumes, double n_times, slicing *s)
{
    for (int64_t v = 0; v < s->n_volumes; v++) {
        double next = v + 1 < s->n_volumes ? volumes[v + 1] - s->slice / 2.0 : HUGE_VAL;
        for (int64_t k = 0; k < p->slices; k++) {
            double begin = volumes[v] + (double)k * s->slice, time = begin - p->relative_position * s->slice;
            if (begin >= next) break;
            if (time >= 0.0 && time < n_times)
                s->times[s->n++] = time;
            else
                s->n_outside++;
        }
    }
}

static lmp_status take_slices(const slice_params *p, slicing *s, lmp_error *err)
{
    s->times = malloc(((size_t)(s->n_volumes * p->slices) + 1) * sizeof(double));
    return s->times != NULL ? LMP_OK : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for triggers");
}

/* On failure nothing is left to free. */
static lmp_status slice(const slice_params *p, const lmp_stream *in, slicing *s, lmp_error *err)
{
    double *volumes = NULL;
    trigger_lattice lattice = {0};
    *s = (slicing){0};
    lmp_status status = trigger_events_get("slice-triggers", in, &volumes, &s->n_volumes, err);
    if (status == LMP_OK)
        status = trigger_lattice_find(volumes, s->n_volumes, (trigger_tolerance){(double)NAN, 64}, &lattice, err);
    if (status == LMP_OK && s->n_volumes > 0) {
        s->volume = lattice.period;
        s->slice = (s->volume - p->pause_s * in->format.rate_hz) / (double)p->slices;
        status = check_slices(p, s, in->format.rate_hz, err);
    }
    if (status == LMP_OK) status = take_slices(p, s, err);
    if (status == LMP_OK) place_slices(p, volumes, (double)in->format.n_times, s);
    trigger_lattice_clear(&lattice);
    free(volumes);
    return status;
}

/* ---- The step ---- */

typedef struct slice_state {
    int64_t n, n_volumes;
    double volume_s, slice_s;
} slice_state;

static lmp_status plan_slices(const void *params, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err)
{
    slicing s;
    lmp_status status = slice(params, in, &s, err);
    if (status != LMP_OK) return status;
    if (s.n_outside > 0)
        lmp_plan_warn(plan, "slice-triggers: %lld slices lie outside the recording and are left out",
                      (long long)s.n_outside);
    status = trigger_events_put(&plan->out, s.times, s.n, err);
    free(s.times);
    return status;
}

static lmp_status open_slices(const void *params, const lmp_stream *in, const lmp_step_plan *plan, lmp_budget *budget,
                              void **shared, lmp_error *err)
{
    slicing s;
    slice_state *state = calloc(1, sizeof *state);
    (void)plan;
    (void)budget;
    if (state == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for triggers");
    lmp_status status = slice(params, in, &s, err);
    if (status != LMP_OK) {
        free(state);
        return status;
    }
    *state = (slice_state){s.n, s.n_volumes, s.volume / in->format.rate_hz, s.slice / in->format.rate_hz};
    free(s.times);
    *shared = state;
    return LMP_OK;
}

static void record_slices(const void *shared, lmp_record *record)
{
    const slice_state *state = shared;
    if (state == NULL) return;
    lmp_record_number(record, "volumes", (double)state->n_volumes);
    lmp_record_number(record, "triggers", (double)state->n);
    lmp_record_number(record, "volume_s", state->volume_s);
    lmp_record_number(record, "slice_s", state->slice_s);
}

static void close_slices(void *shared, lmp_budget *budget)
{
    (void)budget;
    free(shared);
}

const lmp_step lmp_step_slice_triggers = {
    .struct_size = sizeof(lmp_step),
    .name = "slice-triggers",
    .summary = "Replaces volume triggers by triggers for their slices.",
    .doc = "**Method**: a volume of period `TR` with `n` slices and a pause at its end gets triggers at `t + (k - "
           "relative_position) (TR - pause) / n`, `k = 0 .. n-1`, as fractions of a sample. `TR` is the median "
           "distance of volume triggers, averaged over all distances like it.\n\n"
           "Shorter epochs give more epochs to average, so slower changes of the artifact can be followed. But "
           "`gradient` also works on volume triggers: it finds equal slices inside a volume by itself, which is the "
           "better way if the slices of a volume differ or the number of slices is not known for sure.\n\n"
           "Put it behind `complete-triggers`, so that volumes whose trigger was lost get slices too, and before "
           "`align`.\n\n"
           "**Limits**: slices must be equally spaced. With a pause every volume is a scan block of its own for "
           "`align`. Where the next volume comes early, the slices of the volume end there.\n",
    .known_as = "SliceTriggerGenerator (FACETpy), slice timing of fmrib_fastr",
    .kind = LMP_SIGNALS,
    .grain = LMP_GRAIN_NONE,
    .params = params_table,
    .params_size = sizeof(slice_params),
    .plan = plan_slices,
    .open = open_slices,
    .record = record_slices,
    .close = close_slices,
};
