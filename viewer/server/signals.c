/* SPDX-License-Identifier: BSD-3-Clause
 *
 * signals.c: routes of signals, and what is computed of them: spectra, epochs, metrics.
 */
#include "channel_list.h"
#include "epochs.h"
#include "json_text.h"
#include "signal_pyramid.h"
#include "signal_request.h"
#include "signal_traces.h"
#include "spectra.h"

#include <limpid/step.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 20000, MOST_SAMPLES = 4 << 20 }; /* of one answer */

static const char octets[] = "application/octet-stream";

/* ---- Spectra ------------------------------------------------------------------------------------------------- */

/* power is from malloc, also after a failure. */
static lmp_status make_spectra(server *s, request *r, const opened *o, const spectra_request *q, double **power,
                               size_t *size, lmp_error *err)
{
    const int64_t bins = q->segment / 2 + 1;
    if (!(o->format->rate_hz > 0))
        return lmp_fail(err, LMP_ERR_USAGE, "a spectrum needs the sample rate, which is not known");
    if (q->n_channels > MOST_SIGNAL_BYTES / (int64_t)sizeof **power / bins)
        return lmp_fail(err, LMP_ERR_USAGE, "spectra of %lld channels with %lld bins are too much for one answer",
                        (long long)q->n_channels, (long long)bins);
    *size = (size_t)(q->n_channels * bins) * sizeof **power;
    const lmp_status status = answer_need_memory(r, *size, err);
    if (status != LMP_OK) return status;
    *power = malloc(*size);
    if (*power == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for spectra");
    return spectra_make(s, r, o, q, *power, err);
}

static void answer_spectrum(server *s, request *r, opened *o)
{
    int64_t *channels = NULL;
    double *power = NULL;
    size_t size = 0;
    lmp_error err = {0};
    spectra_request q = {.first = request_integer(r, "first"),
                         .count = request_integer(r, "count"),
                         .segment = request_integer(r, "segment")};
    if (!signal_request_is_inside(r, o)) return;
    lmp_status status =
        channel_list_parse(request_text(r, "channels"), o->format->n_channels, &channels, &q.n_channels, &err);
    q.channels = channels;
    if (status == LMP_OK) status = make_spectra(s, r, o, &q, &power, &size, &err);
    free(channels);
    if (status != LMP_OK) {
        free(power);
        answer_failure(r, &err);
        return;
    }
    answer_header(r, "X-Limpid-Bin-Hz", "%.17g", o->format->rate_hz / (double)q.segment);
    answer_header(r, "X-Limpid-Bins", "%lld", (long long)(q.segment / 2 + 1));
    answer_bytes(r, octets, power, size, true);
}

/* ---- Epochs -------------------------------------------------------------------------------------------------- */

static void answer_epochs(server *s, request *r, opened *o)
{
    (void)s;
    if (!signal_request_has_channel(r, o)) return;
    const epoch_request q = {.label = request_text(r, "label"),
                             .channel = request_integer(r, "channel"),
                             .before_s = request_number(r, "before_s"),
                             .after_s = request_number(r, "after_s"),
                             .offset_s = request_number(r, "offset_s"),
                             .most = request_integer(r, "most"),
                             .asker = r};
    lmp_error err = {0};
    epoch_set e = {0};
    lmp_status status = epochs_find(o->recording, &q, &e, &err);
    if (status == LMP_OK) status = answer_need_memory(r, epoch_set_bytes(&e), &err);
    if (status == LMP_OK) status = epochs_read(o->recording, &q, &e, &err);
    if (status == LMP_OK) {
        answer_header(r, "X-Limpid-Epochs", "%lld", (long long)e.n_used);
        answer_header(r, "X-Limpid-Events", "%lld", (long long)e.n_events);
        answer_header(r, "X-Limpid-Samples", "%lld", (long long)e.n_samples);
        answer_header(r, "X-Limpid-Trigger", "%lld", (long long)e.trigger);
        answer_bytes(r, octets, e.rows, epoch_set_bytes(&e), true);
        e.rows = NULL;
    } else {
        answer_failure(r, &err);
    }
    epochs_clear(&e);
}

/* ---- Metrics ------------------------------------------------------------------------------------------------- */

static json_t *metrics_json(const lmp_channel *channel, const channel_sums *s)
{
    const bool any = s->n > 0;
    const double n = any ? (double)s->n : 1;
    const int64_t clipped = s->low < s->high ? s->n_low + s->n_high : s->n_low;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:f, s:f}", "name", json_text(channel->name), "min",
                     json_number_or_null(s->low, any), "max", json_number_or_null(s->high, any), "mean",
                     json_number_or_null(s->mean, any), "std", json_number_or_null(sqrt(s->squares / n), any), "n_nan",
                     (json_int_t)s->n_nan, "flat_share", (double)s->n_flat / n, "clipped_share", (double)clipped / n);
}

static void answer_metrics(server *s, request *r, opened *o)
{
    signal_pyramid *sp = NULL;
    lmp_error err = {0};
    const int64_t n = o->format->n_times;
    lmp_status status = signal_pyramid_of(s, o, &sp, &err);
    if (status == LMP_OK) status = signal_pyramid_check(sp, &err);
    if (status != LMP_OK) {
        answer_failure(r, &err);
        return;
    }
    const double done = n > 0 ? signal_pyramid_done(sp, 0, n) : 1;
    json_t *all = json_array();
    for (int64_t c = 0; c < o->format->n_channels; c++) {
        const channel_sums sums = pyramid_sums(signal_pyramid_blocks(sp), c);
        json_array_append_new(all, metrics_json(&o->format->channels[c], &sums));
    }
    answer_json(r, 200, json_pack("{s:f, s:o}", "done", done, "channels", all));
}

/* ---- The table ----------------------------------------------------------------------------------------------- */

/* Each handler borrows the recording it is about. */
static void with_recording(server *s, request *r, void (*handle)(server *s, request *r, opened *o))
{
    opened *o = recording_of(s, r, LMP_SIGNALS);
    if (o == NULL) return;
    handle(s, r, o);
    recording_release(s, o);
}

static void handle_traces(server *s, request *r)
{
    with_recording(s, r, traces_answer);
}

static void handle_samples(server *s, request *r)
{
    with_recording(s, r, samples_answer);
}

static void handle_spectrum(server *s, request *r)
{
    with_recording(s, r, answer_spectrum);
}

static void handle_epochs(server *s, request *r)
{
    with_recording(s, r, answer_epochs);
}

static void handle_metrics(server *s, request *r)
{
    with_recording(s, r, answer_metrics);
}

static const route_param trace_params[] = {
    PARAM_RECORDING,
    PARAM_CHANNELS,
    PARAM_FIRST,
    {"count", ROUTE_INTEGER, NULL, 1, 9e15, NULL, "Samples of each channel."},
    {"columns", ROUTE_INTEGER, NULL, 1, MOST_COLUMNS, NULL, "Columns of pixels they are drawn in."},
    {0},
};

static const route_param sample_params[] = {
    PARAM_RECORDING, PARAM_CHANNEL, PARAM_FIRST, {"count", ROUTE_INTEGER, NULL, 1, MOST_SAMPLES, NULL, "Samples."}, {0},
};

static const route_param spectrum_params[] = {
    PARAM_RECORDING,
    PARAM_CHANNELS,
    PARAM_FIRST,
    {"count", ROUTE_INTEGER, NULL, 1, 9e15, NULL, "Samples of each channel."},
    {"segment", ROUTE_INTEGER, NULL, 2, 1 << 20, NULL, "Samples of a segment of Welch's method, at most count."},
    {0},
};

static const route_param epoch_params[] = {
    PARAM_RECORDING,
    PARAM_CHANNEL,
    {"label", ROUTE_TEXT, NULL, 1, 1000, NULL, "Label of the events, letter by letter."},
    {"before_s", ROUTE_NUMBER, "0", -1e4, 1e4, NULL, "Seconds of an epoch before its event."},
    {"after_s", ROUTE_NUMBER, NULL, -1e4, 1e4, NULL, "Seconds of an epoch from its event on."},
    {"offset_s", ROUTE_NUMBER, "0", -1e4, 1e4, NULL, "Seconds by which all events are moved to later."},
    {"most", ROUTE_INTEGER, "0", 0, 1000, NULL, "Epochs to be sent behind mean and standard deviation."},
    {0},
};

static const route_param metric_params[] = {PARAM_RECORDING, {0}};

const route signal_routes[] = {
    {"GET", "/api/v1/recordings/{id}/traces", "Channels as they are drawn.", octets,
     "float32. X-Limpid-Layout samples: all samples, count of each channel. minmax: lowest and highest value (rounded "
     "outward, NaN left out) of X-Limpid-Columns columns, as pairs; column i holds samples first + i * count / columns "
     "up "
     "to that of the next; if X-Limpid-Block is above 1, inner edges are moved to the nearest multiple of so many "
     "samples: "
     "no sample is hidden, and none counts twice. X-Limpid-Done: share of what the answer rests on that has been read; "
     "columns of which nothing is known are NaN. News \"pyramid\" tells when there is more.",
     trace_params, NULL, 0, handle_traces},
    {"GET", "/api/v1/recordings/{id}/samples", "Samples of one channel.", octets, "float64: count samples.",
     sample_params, NULL, 0, handle_samples},
    {"GET", "/api/v1/recordings/{id}/spectrum", "Power spectral densities by Welch's method.", octets,
     "float64: X-Limpid-Bins densities (unit^2/Hz) of each channel, from 0 Hz in steps of X-Limpid-Bin-Hz.",
     spectrum_params, NULL, 0, handle_spectrum},
    {"GET", "/api/v1/recordings/{id}/epochs", "Stretches of a channel around events.", octets,
     "float32, rows of X-Limpid-Samples: mean, standard deviation (divided by n) over all X-Limpid-Epochs epochs that "
     "lie inside the recording, then at most `most` of them, evenly chosen. Sample X-Limpid-Trigger of a row is the "
     "one "
     "nearest to the event's onset + offset_s. X-Limpid-Events: events of this label.",
     epoch_params, NULL, 0, handle_epochs},
    {"GET", "/api/v1/recordings/{id}/metrics", "What is told of each channel.", "application/json",
     "{done, channels: [{name, min, max, mean, std, n_nan, flat_share, clipped_share}]}: of the share `done` of the "
     "recording that has been read. flat_share: of samples that equal the one before; clipped_share: of samples at the "
     "lowest or highest value.",
     metric_params, NULL, 0, handle_metrics},
    {0},
};
