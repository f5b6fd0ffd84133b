/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_write.c: writing EDF+C (16 bit) and BDF+C (24 bit) files.
 *
 * Everything about the file's shape is known before the first sample: the record, the room for annotations, the place
 * of every sample. So stretches may come in any order, from any thread, with any choice of lanes: each sample goes to
 * its place. What is contiguous in the file is gathered into one write. The annotations of a record go with the first
 * sample of the last lane, which they follow.
 *
 * A file has whole records only: the last one is filled up with the last value of each channel. The header comes last,
 * when the range of stored integers is known.
 */
#include "io/edf/edf.h"

#include "core/budget.h"
#include "core/stream.h"
#include "io/edf/edf_annotations.h"
#include "io/edf/edf_identity.h"
#include "io/edf/edf_layout.h"
#include "io/edf/edf_print.h"
#include "io/file.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct lane {
    int64_t every;  /* stored are the values at multiples of this; 1 but for slow channels */
    int64_t offset; /* bytes from the start of a record */
    edf_scaling scaling;
    _Atomic(int32_t) lowest, highest; /* integers stored */
} lane;

typedef struct edf_writer {
    file_output output;
    lmp_stream stream;
    edf_print_file file;
    edf_print_signal *signals; /* one for each lane, then the annotations */
    lane *lanes;
    int64_t n_lanes;
    int sample_bytes;
    edf_layout layout;
    edf_notes notes;
    int64_t notes_offset; /* bytes from the start of a record */
    int64_t header_bytes, record_bytes;
    bool has_ranges;
} edf_writer;

static const char *format_name(const edf_writer *w)
{
    return w->file.is_bdf ? "BDF" : "EDF";
}

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to write %s", path);
}

/* ---- Ranges ----------------------------------------------------------------------------------------------- */

static int stored_bits(lmp_type type)
{
    switch (type) {
    case LMP_INT8:
    case LMP_UINT8:
    case LMP_INT16:
    case LMP_UINT16:
        return 16;
    case LMP_INT24:
        return 24;
    default:
        return 64;
    }
}

static void set_lane_range(edf_writer *w, int64_t i)
{
    w->lanes[i].scaling = edf_range_scaling(&w->signals[i].range);
}

/* 24 bits hold the input's grid with room to spare; 16 bits only what no step has changed. */
static bool choose_range_blind(const edf_writer *w, const lmp_channel *channel, edf_range *range)
{
    if (w->sample_bytes == 2)
        return !w->stream.is_processed &&
               edf_range_embed_data(channel, 16, channel->physical_min, channel->physical_max, range);
    return edf_range_embed(channel, stored_bits(w->stream.format.type), 24, range) ||
           (channel->role == LMP_ROLE_STIM && channel->scale == 0 && edf_range_codes(24, 0, 0, range));
}

/* Ranges that hold whatever the data will be; false if there are none. */
static bool choose_ranges_blind(edf_writer *w)
{
    const lmp_format *format = &w->stream.format;
    for (int64_t i = 0; i < w->n_lanes; i++) {
        if (!choose_range_blind(w, &format->channels[i], &w->signals[i].range)) return false;
        set_lane_range(w, i);
    }
    w->has_ranges = true;
    return true;
}

static lmp_status choose_range(edf_writer *w, int64_t i, double lowest, double highest, lmp_error *err)
{
    const lmp_channel *channel = &w->stream.format.channels[i];
    edf_range *range = &w->signals[i].range;
    const int bits = 8 * w->sample_bytes;
    if (edf_range_embed_data(channel, bits, lowest, highest, range)) return LMP_OK;
    if (channel->role == LMP_ROLE_STIM) {
        if (edf_range_codes(bits, lowest, highest, range)) return LMP_OK;
        return lmp_fail(
            err, LMP_ERR_USAGE,
            "the codes of %s go from %.12g to %.12g, more than the %d bits of %s hold; write %s, or leave the "
            "channel out",
            channel->name, lowest, highest, bits, format_name(w), bits == 16 ? "BDF" : "BrainVision");
    }
    if (edf_range_cover(bits, lowest, highest, range)) return LMP_OK;
    return lmp_fail(
        err, LMP_ERR_USAGE,
        "%s goes from %g to %g %s, which header fields of 8 characters cannot say; write BrainVision or .npy",
        channel->name, lowest, highest, channel->unit);
}

static lmp_status edf_writer_set_range(void *state, const double *lowest, const double *highest, lmp_error *err)
{
    edf_writer *w = state;
    for (int64_t i = 0; i < w->n_lanes; i++) {
        const lmp_status status = choose_range(w, i, lowest[i], highest[i], err);
        if (status != LMP_OK) return status;
        set_lane_range(w, i);
    }
    w->has_ranges = true;
    return LMP_OK;
}

/* ---- Samples ---------------------------------------------------------------------------------------------- */

enum { PEN_LEAST = 2048, PEN_MOST = 512 * 1024, HELD_CHUNK = 512 };

/* Bytes on their way to one contiguous place in the file. */
typedef struct pen {
    edf_writer *writer;
    lmp_budget *budget;
    uint8_t *bytes;
    int64_t room, used;
    int64_t offset; /* in the file, of the first byte */
} pen;

static lmp_status flush(pen *p, lmp_error *err)
{
    if (p->used == 0) return LMP_OK;
    const int64_t used = p->used;
    p->used = 0;
    return file_output_write(&p->writer->output, p->offset, p->bytes, (size_t)used, err);
}

/* Room for at least `least` bytes at `at` in the file; *room is how many there are. */
static lmp_status aim(pen *p, int64_t at, int64_t least, uint8_t **bytes, int64_t *room, lmp_error *err)
{
    if (at != p->offset + p->used || p->used + least > p->room) {
        const lmp_status status = flush(p, err);
        if (status != LMP_OK) return status;
        p->offset = at;
    }
    *bytes = p->bytes + p->used;
    *room = p->room - p->used;
    return LMP_OK;
}

static void note_extremes(lane *l, int32_t lowest, int32_t highest)
{
    int32_t seen = atomic_load_explicit(&l->lowest, memory_order_relaxed);
    while (lowest < seen && !atomic_compare_exchange_weak(&l->lowest, &seen, lowest)) continue;
    seen = atomic_load_explicit(&l->highest, memory_order_relaxed);
    while (highest > seen && !atomic_compare_exchange_weak(&l->highest, &seen, highest)) continue;
}

static lmp_status refuse_value(const edf_writer *w, int64_t i, int64_t time, double value, lmp_error *err)
{
    const lmp_channel *channel = &w->stream.format.channels[i];
    const double time_s = (double)time / w->stream.format.rate_hz;
    if (!isfinite(value))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "%s is not a number at sample %" PRId64
                        " (%.6f s), and %s holds integers only; write BrainVision or "
                        ".npy",
                        channel->name, time, time_s, format_name(w));
    return lmp_fail(err, LMP_ERR_RANGE, "%s is %g %s at sample %" PRId64 " (%.6f s), beyond what its steps in %s reach",
                    channel->name, value, channel->unit, time, time_s, format_name(w));
}

/* Stored samples [first, first + count) of lane i in a record, from values that lie `every` apart; time: of the first.
 */
static lmp_status put_samples(pen *p, int64_t i, int64_t record, int64_t first, int64_t count, const double *values,
                              int64_t every, int64_t time, lmp_error *err)
{
    const edf_writer *w = p->writer;
    lane *l = &w->lanes[i];
    const int64_t width = w->sample_bytes;
    int64_t at = w->header_bytes + record * w->record_bytes + l->offset + first * width;
    int32_t lowest = INT32_MAX, highest = INT32_MIN;
    double held[HELD_CHUNK];
    while (count > 0) {
        uint8_t *bytes;
        int64_t room;
        lmp_status status = aim(p, at, width, &bytes, &room, err);
        if (status != LMP_OK) return status;
        int64_t n = room / width < count ? room / width : count;
        const double *chunk = values;
        if (every != 1) {
            if (n > HELD_CHUNK) n = HELD_CHUNK;
            for (int64_t j = 0; j < n; j++) held[j] = values[j * every];
            chunk = held;
        }
        const int64_t done = edf_encode(chunk, n, w->sample_bytes, &l->scaling, bytes, &lowest, &highest);
        if (done < n) return refuse_value(w, i, time + done * every, chunk[done], err);
        p->used += n * width;
        at += n * width;
        count -= n;
        values += n * every;
        time += n * every;
    }
    note_extremes(l, lowest, highest);
    return LMP_OK;
}

static lmp_status put_notes(pen *p, int64_t record, lmp_error *err)
{
    const edf_writer *w = p->writer;
    const int64_t at = w->header_bytes + record * w->record_bytes + w->notes_offset;
    const int64_t size = (int64_t)w->notes.record_bytes;
    void *large = NULL;
    uint8_t *bytes;
    int64_t room;
    lmp_status status = LMP_OK;
    if (size <= p->room) {
        status = aim(p, at, size, &bytes, &room, err);
        if (status != LMP_OK) return status;
        edf_notes_print(&w->notes, record, bytes);
        p->used += size;
        return LMP_OK;
    }
    status = budget_take_raw(p->budget, (size_t)size, &large, err);
    if (status != LMP_OK) return status;
    edf_notes_print(&w->notes, record, large);
    status = file_output_write(&p->writer->output, at, large, (size_t)size, err);
    lmp_give(p->budget, large);
    return status;
}

/* What a stretch has of lane i in one record: places [first, first + count), the first of which is values[0]. */
static lmp_status put_piece(pen *p, int64_t i, int64_t record, int64_t first, int64_t count, const double *values,
                            lmp_error *err)
{
    const edf_writer *w = p->writer;
    const int64_t every = w->lanes[i].every, start = record * w->layout.samples;
    const int64_t from = (first + every - 1) / every, until = (first + count - 1) / every + 1;
    lmp_status status = LMP_OK;
    if (until > from)
        status = put_samples(p, i, record, from, until - from, values + (from * every - first), every,
                             start + from * every, err);
    /* The recording ends inside this record: its last value fills the rest. */
    const int64_t samples = w->layout.samples / every;
    if (status == LMP_OK && start + first + count == w->stream.format.n_times && until < samples)
        status =
            put_samples(p, i, record, until, samples - until, &values[count - 1], 0, start + first + count - 1, err);
    if (status == LMP_OK && i == w->n_lanes - 1 && first == 0) status = put_notes(p, record, err);
    return status;
}

static lmp_status edf_writer_write(void *state, int64_t first, int64_t count, int64_t n_lanes, const int64_t *lanes,
                                   const void *const *data, lmp_budget *budget, lmp_error *err)
{
    edf_writer *w = state;
    if (count == 0 || n_lanes == 0) return LMP_OK;
    if (!w->has_ranges)
        return lmp_fail(err, LMP_ERR_USAGE, "%s needs the range of the data before the first sample", format_name(w));
    const int64_t samples = w->layout.samples;
    const double stretch = (double)count / (double)samples * (double)w->record_bytes;
    pen p = {.writer = w, .budget = budget};
    p.room = stretch < PEN_LEAST ? PEN_LEAST : stretch < PEN_MOST ? (int64_t)stretch : PEN_MOST;
    void *bytes = NULL;
    lmp_status status = budget_take_raw(budget, (size_t)p.room, &bytes, err);
    if (status != LMP_OK) return status;
    p.bytes = bytes;
    for (int64_t done = 0; done < count && status == LMP_OK;) {
        const int64_t record = (first + done) / samples, place = (first + done) % samples;
        const int64_t n = samples - place < count - done ? samples - place : count - done;
        for (int64_t i = 0; i < n_lanes && status == LMP_OK; i++)
            status = put_piece(&p, lanes[i], record, place, n, (const double *)data[i] + done, err);
        done += n;
    }
    if (status == LMP_OK) status = flush(&p, err);
    lmp_give(budget, bytes);
    return status;
}

/* ---- Ending ----------------------------------------------------------------------------------------------- */

static lmp_status edf_writer_finish(void *state, lmp_error *err)
{
    edf_writer *w = state;
    uint8_t *bytes = malloc((size_t)w->header_bytes + w->notes.record_bytes);
    if (bytes == NULL) return no_memory(w->output.path, err);
    for (int64_t i = 0; i < w->n_lanes; i++)
        edf_range_extend(&w->stream.format.channels[i], 8 * w->sample_bytes, atomic_load(&w->lanes[i].lowest),
                         atomic_load(&w->lanes[i].highest), &w->signals[i].range);
    edf_print_header(&w->file, w->signals, bytes);
    size_t size = (size_t)w->header_bytes;
    if (w->n_lanes == 0) { /* events only: one record, which no lane brings */
        edf_notes_print(&w->notes, 0, bytes + size);
        size += w->notes.record_bytes;
    }
    lmp_status status = file_output_write(&w->output, 0, bytes, size, err);
    free(bytes);
    if (status == LMP_OK) status = file_output_commit(&w->output, err);
    return status;
}

static void edf_writer_close(void *state)
{
    edf_writer *w = state;
    file_output_discard(&w->output);
    stream_clear(&w->stream);
    edf_notes_free(&w->notes);
    free(w->signals);
    free(w->lanes);
    free(w);
}

static const char *edf_writer_path(void *state)
{
    const edf_writer *w = state;
    return w->output.path;
}

/* ---- Starting --------------------------------------------------------------------------------------------- */

/* Slow channels keep their rate if it divides the recording's, and a record of 10 s holds whole numbers of samples of
 * all. Gives what the samples of a record must be a multiple of. */
static int64_t choose_rates(edf_writer *w)
{
    const lmp_format *format = &w->stream.format;
    int64_t multiple = 1;
    for (int64_t i = 0; i < w->n_lanes; i++) {
        const lmp_channel *channel = &format->channels[i];
        const double ratio = format->rate_hz / channel->stored_rate_hz;
        w->lanes[i].every = 1;
        if (channel->role != LMP_ROLE_SLOW || !(ratio > 1 && ratio <= 10 * format->rate_hz && ratio < 1e6)) continue;
        const int64_t every = llrint(ratio);
        if (fabs((double)every / ratio - 1) > 1e-9) continue;
        int64_t common = multiple;
        while (common % every != 0 && (double)common <= 10 * format->rate_hz) common += multiple;
        if (common % every != 0) continue;
        multiple = common;
        w->lanes[i].every = every;
    }
    return multiple;
}

static double sum_bytes_per_time(const edf_writer *w)
{
    double sum = 0;
    for (int64_t i = 0; i < w->n_lanes; i++) sum += (double)w->sample_bytes / (double)w->lanes[i].every;
    return sum;
}

static lmp_status lay_out(edf_writer *w, lmp_error *err)
{
    const lmp_format *format = &w->stream.format;
    w->layout = (edf_layout){.n_records = 1};
    if (w->n_lanes > 0) {
        const int64_t multiple = choose_rates(w);
        lmp_status status =
            edf_layout_choose(format->rate_hz, format->n_times, multiple, sum_bytes_per_time(w), &w->layout, err);
        if (status != LMP_OK && multiple > 1) { /* then slow channels at the full rate */
            for (int64_t i = 0; i < w->n_lanes; i++) w->lanes[i].every = 1;
            status = edf_layout_choose(format->rate_hz, format->n_times, 1, sum_bytes_per_time(w), &w->layout, err);
        }
        if (status != LMP_OK) return status;
    }
    for (int64_t i = 0; i < w->n_lanes; i++) {
        w->lanes[i].offset = w->notes_offset;
        w->signals[i].samples = w->layout.samples / w->lanes[i].every;
        w->notes_offset += w->signals[i].samples * w->sample_bytes;
    }
    return LMP_OK;
}

/* The header has the start in whole seconds; the rest, in microseconds, is the time of the first record. */
static edf_decimal split_start(double start_unix_s, double *whole_s)
{
    *whole_s = floor(start_unix_s);
    if (!isfinite(start_unix_s)) return (edf_decimal){0};
    const int64_t micros = llrint((start_unix_s - *whole_s) * 1e6);
    if (micros == 1000000) *whole_s += 1;
    return edf_decimal_trim((edf_decimal){micros % 1000000, 6});
}

static lmp_status describe(edf_writer *w, lmp_error *err)
{
    const lmp_format *format = &w->stream.format;
    const edf_decimal first = split_start(format->start_unix_s, &w->file.start_unix_s);
    for (int64_t i = 0; i < w->n_lanes; i++) {
        edf_print_describe(&format->channels[i], &w->signals[i]);
        atomic_init(&w->lanes[i].lowest, INT32_MAX);
        atomic_init(&w->lanes[i].highest, INT32_MIN);
    }
    edf_print_make_unique(w->signals, w->n_lanes);
    edf_identity_print_patient(format->subject == NULL ? "" : format->subject, w->file.patient);
    edf_identity_print_recording(format->session == NULL ? "" : format->session, w->file.start_unix_s,
                                 w->file.recording);
    lmp_status status = lay_out(w, err);
    if (status == LMP_OK)
        status = edf_notes_new(w->stream.events, w->stream.n_events, first, w->layout.record, w->layout.n_records,
                               (size_t)w->sample_bytes, &w->notes, err);
    if (status != LMP_OK) return status;
    const int64_t notes_bytes = (int64_t)w->notes.record_bytes;
    if (notes_bytes / w->sample_bytes > 99999999)
        return lmp_fail(err, LMP_ERR_USAGE, "%" PRId64 " events need more room per data record than %s can count",
                        w->stream.n_events, format_name(w));
    edf_print_annotations(w->file.is_bdf, notes_bytes, &w->signals[w->n_lanes]);
    w->file.record = w->layout.record;
    w->file.n_records = w->layout.n_records;
    w->file.n_signals = w->n_lanes + 1;
    w->header_bytes = EDF_HEAD_BYTES * (w->file.n_signals + 1);
    w->record_bytes = w->notes_offset + notes_bytes;
    return LMP_OK;
}

static lmp_status check_request(const lmp_format *format, const lmp_write_options *options, bool is_bdf, lmp_error *err)
{
    const lmp_type type = is_bdf ? LMP_INT24 : LMP_INT16;
    if (options->type != 0 && options->type != (int64_t)type)
        return lmp_fail(err, LMP_ERR_USAGE, "%s holds %d-bit integers only; leave type at auto, or write %s",
                        is_bdf ? "BDF" : "EDF", is_bdf ? 24 : 16, is_bdf ? "EDF (.edf) or BrainVision" : "BDF (.bdf)");
    if (format->n_channels >= EDF_MOST_SIGNALS)
        return lmp_fail(err, LMP_ERR_USAGE, "EDF and BDF hold at most %d channels, there are %" PRId64,
                        EDF_MOST_SIGNALS - 1, format->n_channels);
    if (format->n_channels > 0 && format->n_times < 1)
        return lmp_fail(err, LMP_ERR_USAGE, "there are no samples to write");
    if (format->n_channels > 0 && !(format->rate_hz > 0))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "EDF and BDF need a sampling rate, which the recording does not say; give it "
                        "when opening");
    return LMP_OK;
}

static lmp_status start(edf_writer *w, const char *path, const lmp_stream *stream, bool overwrite, lmp_error *err)
{
    lmp_status status = stream_copy(&w->stream, stream, err);
    if (status != LMP_OK) return status;
    w->n_lanes = stream->format.n_channels;
    w->signals = calloc((size_t)w->n_lanes + 1, sizeof *w->signals);
    w->lanes = calloc((size_t)w->n_lanes + 1, sizeof *w->lanes);
    if (w->signals == NULL || w->lanes == NULL) return no_memory(path, err);
    status = describe(w, err);
    if (status == LMP_OK) status = file_output_open(path, overwrite, &w->output, err);
    return status;
}

lmp_status edf_create(const char *path, const lmp_stream *stream, const lmp_write_options *options, bool force_range,
                      bool is_bdf, lmp_writer *writer, lmp_error *err)
{
    lmp_status status = check_request(&stream->format, options, is_bdf, err);
    if (status != LMP_OK) return status;
    edf_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return no_memory(path, err);
    w->file.is_bdf = is_bdf;
    w->sample_bytes = is_bdf ? 3 : 2;
    w->output.file.fd = -1;
    status = start(w, path, stream, options->overwrite != 0, err);
    if (status != LMP_OK) {
        edf_writer_close(w);
        return status;
    }
    w->output.digest = options->digest;
    const int64_t samples = w->layout.samples > 0 ? w->layout.samples : 1;
    *writer = (lmp_writer){.needs_range = w->n_lanes > 0 && (force_range || !choose_ranges_blind(w)),
                           .time_grain = samples,
                           .bytes_per_time = (size_t)((w->record_bytes + samples - 1) / samples),
                           .state = w,
                           .set_range = edf_writer_set_range,
                           .write = edf_writer_write,
                           .finish = edf_writer_finish,
                           .close = edf_writer_close,
                           .data_path = edf_writer_path};
    return LMP_OK;
}
