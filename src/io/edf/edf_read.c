/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_read.c: EDF and BDF files as sources.
 *
 * The recording's rate is that of its fastest signals; slower ones hold each value until the next. Time n lies in
 * record n / S at place n % S, S the samples per record of the fastest; a signal with s samples per record has there
 * its sample floor(place * s / S): integers throughout, so also ratios such as 799 to 1000 are exact.
 *
 * Reading goes through a window on the file: where most bytes of a stretch are wanted it moves along in large views,
 * else each view is a signal's own samples in one record. Views are small enough for the second cache.
 *
 * A file with gaps ("+D") is put together end to end: each seam gets an event, and annotations keep their place
 * relative to the samples around them.
 */
#include "io/edf/edf.h"

#include "core/stream.h"
#include "io/edf/edf_header.h"
#include "io/edf/edf_samples.h"
#include "io/edf/edf_timeline.h"
#include "io/edf/edf_window.h"
#include "io/file.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct lane {
    int64_t signal;          /* its number in the header */
    int64_t samples, offset; /* in a record */
    edf_scaling scaling;
} lane;

typedef struct edf_source {
    file_input input;
    edf_header header;
    lane *lanes;              /* the ordinary signals */
    int64_t n_lanes, samples; /* per record, of the fastest */
    int64_t n_records;
} edf_source;

/* ---- Samples ---------------------------------------------------------------------------------------------- */

enum { HELD_CHUNK = 512 }; /* samples of slow signals on their way */

/* Samples [first, first + count) of a lane in one record. */
static lmp_status read_samples(const edf_source *s, edf_window *w, const lane *l, int64_t record, int64_t first,
                               int64_t count, double *values, lmp_error *err)
{
    const edf_header *h = &s->header;
    int64_t at = h->header_bytes + record * h->record_bytes + l->offset + first * h->sample_bytes;
    while (count > 0) {
        const uint8_t *bytes;
        int64_t got;
        const lmp_status status = edf_window_look(w, at, h->sample_bytes, count * h->sample_bytes, &bytes, &got, err);
        if (status != LMP_OK) return status;
        const int64_t n = got / h->sample_bytes;
        edf_decode(bytes, h->sample_bytes, n, &l->scaling, values);
        values += n;
        count -= n;
        at += n * h->sample_bytes;
    }
    return LMP_OK;
}

/* Places [first, first + count) of a slow lane in one record: sample j holds from ceil(j * S / s) on. */
static lmp_status read_held(const edf_source *s, edf_window *w, const lane *l, int64_t record, int64_t first,
                            int64_t count, double *values, lmp_error *err)
{
    const int64_t fast = s->samples, slow = l->samples, end = first + count;
    double held[HELD_CHUNK];
    int64_t place = first;
    while (place < end) {
        const int64_t from = place * slow / fast, last = (end - 1) * slow / fast;
        const int64_t n = last - from + 1 < HELD_CHUNK ? last - from + 1 : HELD_CHUNK;
        const lmp_status status = read_samples(s, w, l, record, from, n, held, err);
        if (status != LMP_OK) return status;
        for (int64_t j = 0; j < n; j++) {
            const int64_t next = ((from + j + 1) * fast + slow - 1) / slow, until = next < end ? next : end;
            for (; place < until; place++) *values++ = held[j];
        }
    }
    return LMP_OK;
}

/* Reads ahead where that skips less than a page for each piece, or less than half of the bytes. */
static edf_window open_window(const edf_source *s, const lmp_read_request *request, lmp_budget *budget)
{
    const edf_header *h = &s->header;
    const lane *last = &s->lanes[request->lanes[request->n_lanes - 1]];
    const int64_t last_record = (request->first + request->count - 1) / s->samples;
    edf_window w = {.input = &s->input, .budget = budget};
    w.end = h->header_bytes + last_record * h->record_bytes + last->offset + last->samples * h->sample_bytes;
    int64_t wanted = 0;
    for (int64_t i = 0; i < request->n_lanes; i++) wanted += s->lanes[request->lanes[i]].samples * h->sample_bytes;
    const int64_t skipped = h->record_bytes - wanted;
    if (skipped > wanted && skipped > request->n_lanes * EDF_WINDOW_PAGE) return w;
    /* No more than the stretch has in the file, or half a page. */
    const double stretch = (double)request->count / (double)s->samples * (double)h->record_bytes;
    w.ahead = stretch < EDF_WINDOW_MOST ? (int64_t)stretch : EDF_WINDOW_MOST;
    if (w.ahead < EDF_WINDOW_PAGE / 2) w.ahead = EDF_WINDOW_PAGE / 2;
    return w;
}

static lmp_status edf_source_read(void *state, const lmp_read_request *request, lmp_budget *budget, lmp_error *err)
{
    const edf_source *s = state;
    if (request->count == 0 || request->n_lanes == 0) return LMP_OK;
    edf_window w = open_window(s, request, budget);
    lmp_status status = LMP_OK;
    for (int64_t done = 0; done < request->count && status == LMP_OK;) {
        const int64_t time = request->first + done, record = time / s->samples, place = time % s->samples;
        const int64_t rest = request->count - done;
        const int64_t count = rest < s->samples - place ? rest : s->samples - place;
        for (int64_t i = 0; i < request->n_lanes && status == LMP_OK; i++) {
            const lane *l = &s->lanes[request->lanes[i]];
            double *values = (double *)request->out[i] + done;
            status = l->samples == s->samples ? read_samples(s, &w, l, record, place, count, values, err)
                                              : read_held(s, &w, l, record, place, count, values, err);
        }
        done += count;
    }
    edf_window_close(&w);
    return status;
}

/* ---- Opening ---------------------------------------------------------------------------------------------- */

static void edf_source_close(void *state)
{
    edf_source *s = state;
    edf_header_free(&s->header);
    file_input_close(&s->input);
    free(s->lanes);
    free(s);
}

static const char *edf_source_path(void *state)
{
    const edf_source *s = state;
    return s->input.path;
}

/* How many records to read: what the header says if the file has them, what there is if the header does not know. */
static lmp_status count_records(edf_source *s, bool salvage, char **warnings, lmp_error *err)
{
    const edf_header *h = &s->header;
    const char *path = s->input.path;
    const int64_t data_bytes = s->input.info.size - h->header_bytes;
    const int64_t found = data_bytes / h->record_bytes;
    const bool unknown = h->n_records < 0 || (h->n_records == 0 && found > 0);
    s->n_records = unknown || found < h->n_records ? found : h->n_records;
    if (found == 0)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s holds no complete data record: one takes %" PRId64 " bytes, %" PRId64
                        " follow the header; copy the file again from its source",
                        path, h->record_bytes, data_bytes);
    if (unknown) {
        file_warn(warnings,
                  "The header does not say how many data records there are, as after a recording that was not "
                  "ended; the file's size makes %" PRId64 ".",
                  found);
    } else if (found < h->n_records) {
        if (!salvage)
            return lmp_fail(err, LMP_ERR_INPUT,
                            "%s is cut short: its header announces %" PRId64 " data records, %" PRId64
                            " are complete; copy it again, or open with --salvage to read the first %" PRId64,
                            path, h->n_records, found, found);
        file_warn(warnings, "The file is cut short: %" PRId64 " of %" PRId64 " data records are read.", found,
                  h->n_records);
    }
    const int64_t extra = data_bytes - s->n_records * h->record_bytes;
    if (extra > 0 && found >= h->n_records)
        file_warn(warnings, "%" PRId64 " bytes follow the last data record; they are ignored.", extra);
    return LMP_OK;
}

static edf_scaling scaling_of(const lmp_channel *channel)
{
    return (edf_scaling){channel->scale, channel->physical_min - channel->scale * channel->digital_min};
}

/* Stored integers given as they are. */
static void scale_raw(const char *unit, bool is_bdf, lmp_channel *channel)
{
    const double limit = is_bdf ? 8388608 : 32768;
    channel->unit = unit;
    channel->scale = 1;
    channel->physical_min = channel->digital_min = -limit;
    channel->physical_max = channel->digital_max = limit - 1;
}

/* Voltages become microvolts; signals that measure something and have no unit are taken as microvolts. The Status
 * signal of BioSemi's own files is 24 bits of codes, whatever range the header gives it. */
static void scale_channel(const edf_signal *signal, const edf_header *h, lmp_channel *channel, char **warnings)
{
    channel->role = file_channel_role(signal->label, signal->unit);
    const bool is_measured = channel->role < LMP_ROLE_MISC || signal->unit[0] != '\0';
    const double microvolts = is_measured ? file_microvolts(signal->unit) : 0;
    const double factor = microvolts > 0 ? microvolts : 1;
    if (h->is_bdf && !h->is_plus && channel->role == LMP_ROLE_STIM) {
        scale_raw(microvolts > 0 ? "" : signal->unit, h->is_bdf, channel);
        return;
    }
    channel->unit = microvolts > 0 ? "uV" : signal->unit;
    if (signal->has_range) {
        channel->physical_min = signal->physical_min * factor;
        channel->physical_max = signal->physical_max * factor;
        channel->digital_min = signal->digital_min;
        channel->digital_max = signal->digital_max;
        channel->scale =
            (channel->physical_max - channel->physical_min) / (channel->digital_max - channel->digital_min);
    }
    if (signal->has_range && isfinite(channel->scale) && channel->scale != 0) return;
    if (channel->role != LMP_ROLE_STIM) channel->role = LMP_ROLE_MISC;
    scale_raw("", h->is_bdf, channel);
    file_warn(warnings, "Signal \"%s\" has no usable range in the header; its stored integers are given as they are.",
              signal->label);
}

/* Names are made unique as other readers do: "Fz-0", "Fz-1". */
static lmp_status name_channels(lmp_channel *channels, int64_t n, char **names, char **warnings, lmp_error *err)
{
    enum { ROOM = 64 };
    char *room = malloc((size_t)n * ROOM);
    if (room == NULL && n > 0) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for channel names");
    *names = room;
    for (int64_t i = 0; i < n; i++) {
        int64_t before = 0, others = 0;
        for (int64_t j = 0; j < n; j++) {
            const bool same = strcmp(channels[j].name, channels[i].name) == 0;
            others += same && j != i;
            before += same && j < i;
        }
        char *name = room + i * ROOM;
        if (channels[i].name[0] == '\0')
            snprintf(name, ROOM, "signal %" PRId64, i + 1);
        else if (others > 0)
            snprintf(name, ROOM, "%.40s-%" PRId64, channels[i].name, before);
        else
            snprintf(name, ROOM, "%s", channels[i].name);
        if (others > 0 && before == 1)
            file_warn(warnings, "%" PRId64 " signals are called \"%s\"; they get a number each.", others + 1,
                      channels[i].name);
    }
    for (int64_t i = 0; i < n; i++) channels[i].name = room + i * ROOM;
    return LMP_OK;
}

/* The ordinary signals, and the rate of the fastest. */
static lmp_status choose_lanes(edf_source *s, char **warnings, lmp_error *err)
{
    edf_header *h = &s->header;
    s->lanes = calloc((size_t)h->n_signals, sizeof *s->lanes);
    if (s->lanes == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", s->input.path);
    for (int64_t i = 0; i < h->n_signals; i++) {
        const edf_signal *signal = &h->signals[i];
        if (signal->is_annotations) continue;
        if (signal->samples == 0) {
            file_warn(warnings, "Signal \"%s\" has no samples; it is left out.", signal->label);
            continue;
        }
        s->lanes[s->n_lanes++] = (lane){.signal = i, .samples = signal->samples, .offset = signal->offset};
        if (signal->samples > s->samples) s->samples = signal->samples;
    }
    if (s->n_lanes == 0) return LMP_OK;
    if (h->record_s == 0) {
        file_warn(warnings,
                  "The header gives a data record 0 seconds; it is taken as 1 second, and rates may be wrong.");
        h->record = (edf_decimal){1, 0};
        h->record_s = 1;
    }
    const double rate_hz = (double)s->samples / h->record_s;
    if (!(rate_hz >= 1e-9 && rate_hz <= 1e12))
        return lmp_fail(err, LMP_ERR_INPUT, "%s is damaged: %" PRId64 " samples in %g s make no sampling rate",
                        s->input.path, s->samples, h->record_s);
    return LMP_OK;
}

static lmp_status describe_channels(edf_source *s, lmp_source *source, lmp_error *err)
{
    lmp_channel *channels = calloc((size_t)s->n_lanes + 1, sizeof *channels);
    char *names = NULL;
    if (channels == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", s->input.path);
    for (int64_t i = 0; i < s->n_lanes; i++) {
        lane *l = &s->lanes[i];
        const edf_signal *signal = &s->header.signals[l->signal];
        channels[i] =
            (lmp_channel){.name = signal->label, .transducer = signal->transducer, .filtering = signal->filtering};
        channels[i].stored_rate_hz = (double)l->samples / s->header.record_s;
        scale_channel(signal, &s->header, &channels[i], &source->warnings);
        l->scaling = scaling_of(&channels[i]);
        if (l->samples < s->samples) channels[i].role = LMP_ROLE_SLOW;
    }
    lmp_status status = name_channels(channels, s->n_lanes, &names, &source->warnings, err);
    if (status == LMP_OK) status = lmp_stream_set_channels(&source->stream, channels, s->n_lanes, err);
    free(channels);
    free(names);
    return status;
}

/* {"gaps": [{"at_s": 10.0, "skipped_s": 2.5}, ...]} for the first of them. */
static json_t *list_gaps(const edf_timeline *timeline, double record_s)
{
    enum { MOST_LISTED = 1000 };
    json_t *gaps = json_array();
    for (int64_t i = 0; i < timeline->n_gaps && i < MOST_LISTED; i++)
        json_array_append_new(gaps, json_pack("{s:f,s:f}", "at_s", (double)timeline->gaps[i].record * record_s,
                                              "skipped_s", timeline->gaps[i].skipped_s));
    return json_pack("{s:o}", "gaps", gaps);
}

static lmp_status describe_times(edf_source *s, bool salvage, lmp_source *source, lmp_error *err)
{
    const edf_header *h = &s->header;
    lmp_format *format = &source->stream.format;
    edf_timeline timeline;
    format->rate_hz = s->n_lanes > 0 ? (double)s->samples / h->record_s : 0;
    format->n_times = s->n_records * s->samples;
    lmp_status status =
        edf_timeline_read(&s->input, h, s->n_records, format->rate_hz, salvage, &timeline, &source->warnings, err);
    if (status != LMP_OK) return status;
    format->start_unix_s = h->start_unix_s + timeline.first_s;
    status = lmp_stream_set_events(&source->stream, timeline.events, timeline.n_events, err);
    if (timeline.n_gaps > 0) {
        double skipped_s = 0;
        for (int64_t i = 0; i < timeline.n_gaps; i++) skipped_s += timeline.gaps[i].skipped_s;
        file_warn(&source->warnings,
                  "The recording has %" PRId64
                  " gaps, %g s in all; its parts are put end to end, and an event BAD_ACQ_SKIP "
                  "is at each seam.",
                  timeline.n_gaps, skipped_s);
        source->facts = list_gaps(&timeline, h->record_s);
    }
    edf_timeline_free(&timeline);
    return status;
}

static const char *name_format(const edf_header *h)
{
    if (!h->is_plus) return h->is_bdf ? "BDF" : "EDF";
    if (h->is_gapped) return h->is_bdf ? "BDF+D" : "EDF+D";
    return h->is_bdf ? "BDF+C" : "EDF+C";
}

static lmp_status open_source(edf_source *s, const char *path, bool salvage, lmp_source *source, lmp_error *err)
{
    lmp_format *format = &source->stream.format;
    lmp_status status = file_input_open(path, &s->input, err);
    if (status == LMP_OK) status = edf_header_read(&s->input, &s->header, &source->warnings, err);
    if (status == LMP_OK) status = count_records(s, salvage, &source->warnings, err);
    if (status == LMP_OK) status = choose_lanes(s, &source->warnings, err);
    if (status != LMP_OK) return status;
    format->kind = LMP_SIGNALS;
    format->type = s->header.is_bdf ? LMP_INT24 : LMP_INT16;
    format->subject = s->header.patient;
    format->session = s->header.recording;
    status = describe_channels(s, source, err);
    if (status == LMP_OK) status = describe_times(s, salvage, source, err);
    return status;
}

lmp_status edf_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    edf_source *s = calloc(1, sizeof *s);
    if (s == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to open %s", path);
    s->input.file.fd = -1;
    *source = (lmp_source){0};
    const lmp_status status = open_source(s, path, options->salvage != 0, source, err);
    if (status != LMP_OK) {
        stream_clear(&source->stream);
        json_decref(source->facts);
        free(source->warnings);
        *source = (lmp_source){0};
        edf_source_close(s);
        return status;
    }
    source->format_name = name_format(&s->header);
    source->time_grain = s->n_lanes > 0 ? s->samples : 1;
    source->bytes_per_time = s->n_lanes > 0 ? (size_t)((s->header.record_bytes + s->samples - 1) / s->samples)
                                            : (size_t)s->header.sample_bytes;
    source->state = s;
    source->read = edf_source_read;
    source->close = edf_source_close;
    source->data_path = edf_source_path;
    return LMP_OK;
}
