/* SPDX-License-Identifier: BSD-3-Clause
 *
 * epochs.c: stretches of one channel around events: their mean, their spread, and some of them.
 */
#include "epochs.h"

#include <limpid/step.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SAMPLES = 1000000 };            /* of an epoch */
static const double most_values = 1e9;      /* read for one answer */
static const int64_t most_shown = 16000000; /* values of one answer */

void epochs_clear(epoch_set *e)
{
    free(e->firsts);
    free(e->rows);
    *e = (epoch_set){0};
}

size_t epoch_set_bytes(const epoch_set *e)
{
    return (size_t)((2 + e->n_shown) * e->n_samples) * sizeof *e->rows;
}

/* ---- Where they lie ------------------------------------------------------------------------------------------ */

static lmp_status find_length(const lmp_format *format, const epoch_request *q, epoch_set *e, lmp_error *err)
{
    if (!(format->rate_hz > 0)) return lmp_fail(err, LMP_ERR_USAGE, "epochs need the sample rate, which is not known");
    const double before = round(q->before_s * format->rate_hz), after = round(q->after_s * format->rate_hz);
    if (!(before + after >= 1 && before + after <= MOST_SAMPLES))
        return lmp_fail(err, LMP_ERR_USAGE, "epochs from %g s before to %g s after are %.0f samples: give 1 to %d",
                        q->before_s, q->after_s, before + after, MOST_SAMPLES);
    e->trigger = (int64_t)before;
    e->n_samples = (int64_t)(before + after);
    return LMP_OK;
}

static void find_firsts(const lmp_format *format, const lmp_event *events, int64_t n_events, const epoch_request *q,
                        epoch_set *e)
{
    for (int64_t i = 0; i < n_events; i++) {
        if (strcmp(events[i].label, q->label) != 0) continue;
        e->n_events++;
        const double first = round((events[i].onset_s + q->offset_s) * format->rate_hz) - (double)e->trigger;
        if (first >= 0 && first <= (double)(format->n_times - e->n_samples)) e->firsts[e->n_used++] = (int64_t)first;
    }
}

lmp_status epochs_find(const lmp_recording *recording, const epoch_request *q, epoch_set *e, lmp_error *err)
{
    const lmp_format *format = lmp_recording_get_format(recording);
    int64_t n_events;
    const lmp_event *events = lmp_recording_get_events(recording, &n_events);
    *e = (epoch_set){0};
    lmp_status status = find_length(format, q, e, err);
    if (status != LMP_OK) return status;
    e->firsts = malloc((size_t)(n_events + 1) * sizeof *e->firsts);
    if (e->firsts == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for epochs");
    find_firsts(format, events, n_events, q, e);
    if (e->n_events == 0) status = lmp_fail(err, LMP_ERR_USAGE, "no event is called \"%.100s\"", q->label);
    if ((double)e->n_used * (double)e->n_samples > most_values)
        status = lmp_fail(err, LMP_ERR_USAGE,
                          "%lld epochs of %lld samples are too many to be read for one answer: "
                          "make them shorter",
                          (long long)e->n_used, (long long)e->n_samples);
    e->n_shown = q->most < e->n_used ? q->most : e->n_used;
    if (e->n_shown > most_shown / e->n_samples) e->n_shown = most_shown / e->n_samples;
    if (status != LMP_OK) epochs_clear(e);
    return status;
}

/* ---- What they hold ------------------------------------------------------------------------------------------ */

typedef struct moments {
    double *mean, *squares;
    int64_t *n;
    double *values; /* of one epoch */
} moments;

static bool moments_init(moments *m, int64_t n_samples)
{
    const size_t n = (size_t)n_samples;
    *m = (moments){calloc(n, sizeof *m->mean), calloc(n, sizeof *m->squares), calloc(n, sizeof *m->n),
                   malloc(n * sizeof *m->values)};
    return m->mean != NULL && m->squares != NULL && m->n != NULL && m->values != NULL;
}

static void moments_clear(moments *m)
{
    free(m->mean);
    free(m->squares);
    free(m->n);
    free(m->values);
}

/* Welford's update, sample by sample. */
static void take_in(moments *m, int64_t n_samples)
{
    for (int64_t i = 0; i < n_samples; i++) {
        const double v = m->values[i];
        if (isnan(v)) continue;
        const double difference = v - m->mean[i];
        m->mean[i] += difference / (double)++m->n[i];
        m->squares[i] += difference * (v - m->mean[i]);
    }
}

static void write_moments(const moments *m, int64_t n_samples, float *rows)
{
    for (int64_t i = 0; i < n_samples; i++) {
        rows[i] = m->n[i] > 0 ? (float)m->mean[i] : NAN;
        rows[n_samples + i] = m->n[i] > 0 ? (float)sqrt(m->squares[i] / (double)m->n[i]) : NAN;
    }
}

/* Which of the epochs is the k-th that is shown: evenly from the first to the last. */
static int64_t shown(const epoch_set *e, int64_t k)
{
    return e->n_shown < 2 ? 0 : k * (e->n_used - 1) / (e->n_shown - 1);
}

static lmp_status read_all(lmp_recording *recording, const epoch_request *q, epoch_set *e, moments *m, lmp_error *err)
{
    int64_t k = 0;
    for (int64_t i = 0; i < e->n_used; i++) {
        if (q->asker != NULL && request_is_given_up(q->asker))
            return lmp_fail(err, LMP_CANCELLED, "nobody waits for the epochs");
        const lmp_status status = lmp_recording_read(recording, q->channel, e->firsts[i], e->n_samples, m->values, err);
        if (status != LMP_OK) return status;
        take_in(m, e->n_samples);
        if (k >= e->n_shown || shown(e, k) != i) continue;
        float *row = e->rows + (2 + k++) * e->n_samples;
        for (int64_t j = 0; j < e->n_samples; j++) row[j] = (float)m->values[j];
    }
    write_moments(m, e->n_samples, e->rows);
    return LMP_OK;
}

lmp_status epochs_read(lmp_recording *recording, const epoch_request *q, epoch_set *e, lmp_error *err)
{
    moments m;
    const bool has_moments = moments_init(&m, e->n_samples);
    e->rows = malloc(epoch_set_bytes(e));
    const lmp_status status = has_moments && e->rows != NULL
                                  ? read_all(recording, q, e, &m, err)
                                  : lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for epochs");
    moments_clear(&m);
    return status;
}
