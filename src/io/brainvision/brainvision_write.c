/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brainvision_write.c: writing BrainVision recordings.
 *
 * Three files of one base name, multiplexed. IEEE_FLOAT_32 by default: if a channel comes from integers (value = scale
 * * digital, no offset), samples are written in units of that scale, with the scale as resolution: integers up to 2^24
 * are exact in float32, so an untouched sample reads back as the same double. Other channels are written in their unit
 * with resolution 1, which rounds to 24 bits.
 *
 * INT_16 on request: the resolution comes from the range of the data. A channel with a scale keeps it, divided by the
 * largest power of two that fits: what lies on the old grid stays exact, what was computed is rounded more finely.
 *
 * The files get their names together, data first and header last, so that a header never names what is not there; if
 * one cannot be named, those that were are removed again.
 */
#include "io/brainvision/brainvision.h"

#include "core/budget.h"
#include "io/brainvision/brainvision_header.h"
#include "io/decimal.h"
#include "io/file.h"

#include <assert.h>
#include <endian.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHUNK_BYTES = 1 << 20, TILE_BYTES = 16 * 1024, LEAST_TILE_TIMES = 16 };

static const double exact_in_float32 = 16777216; /* 2^24 */

typedef struct written_channel {
    char *name, *unit; /* as they go into the header */
    double grid;       /* scale of the integers it comes from; 0: none */
    double resolution;
} written_channel;

typedef struct brainvision_writer {
    file_output data, markers, header;
    bool is_int16;
    int64_t n_channels, n_times;
    double rate_hz;
    written_channel *channels;
} brainvision_writer;

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to write %s", path);
}

/* ---- Texts ------------------------------------------------------------------------------------------------ */

/* A copy without control characters and with commas coded as \1; the caller frees. */
static char *coded(const char *text)
{
    char *copy = malloc(2 * strlen(text) + 1), *to = copy;
    for (; copy != NULL && *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c == ',') *to++ = '\\';
        *to++ = c == ',' ? '1' : c < 0x20 || c == 0x7F ? ' ' : *text;
    }
    if (copy != NULL) *to = '\0';
    return copy;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Interval whose reciprocal, as a reader computes it, is the rate again if there is such a double. */
static double interval_us_of(double rate_hz)
{
    const double nearest = 1e6 / rate_hz;
    const double candidates[3] = {nearest, nextafter(nearest, 0), nextafter(nearest, (double)INFINITY)};
    for (int i = 0; i < 3; i++)
        if (1e6 / candidates[i] == rate_hz) return candidates[i];
    return nearest;
}

static void print_header(FILE *out, const brainvision_writer *w)
{
    char number[DECIMAL_ROOM];
    decimal_print(interval_us_of(w->rate_hz), number);
    fprintf(out,
            "Brain Vision Data Exchange Header File Version 1.0\r\n"
            "; Written by limpid " LIMPID_VERSION "\r\n\r\n"
            "[Common Infos]\r\nCodepage=UTF-8\r\nDataFile=%s\r\nMarkerFile=%s\r\nDataFormat=BINARY\r\n"
            "; MULTIPLEXED: all channels of the first point, then all of the second\r\n"
            "DataOrientation=MULTIPLEXED\r\nDataType=TIMEDOMAIN\r\nNumberOfChannels=%" PRId64 "\r\nDataPoints=%" PRId64
            "\r\n; In microseconds\r\nSamplingInterval=%s\r\n\r\n"
            "[Binary Infos]\r\nBinaryFormat=%s\r\nUseBigEndianOrder=NO\r\n\r\n"
            "[Channel Infos]\r\n; Ch<number>=<name>,<reference>,<resolution in the unit>,<unit>; commas are \\1\r\n",
            name_of(w->data.path), name_of(w->markers.path), w->n_channels, w->n_times, number,
            w->is_int16 ? "INT_16" : "IEEE_FLOAT_32");
    for (int64_t i = 0; i < w->n_channels; i++) {
        decimal_print(w->channels[i].resolution, number);
        fprintf(out, "Ch%" PRId64 "=%s,,%s,%s\r\n", i + 1, w->channels[i].name, number, w->channels[i].unit);
    }
}

static bool is_first_segment(const lmp_event *event, double rate_hz)
{
    return strncasecmp(event->label, "New Segment", 11) == 0 && (event->label[11] == '/' || event->label[11] == '\0') &&
           fabs(event->onset_s * rate_hz) < 0.5;
}

/* "Type/Description" is split at the first slash; a label without one is a comment. False if memory is out. */
static bool print_marker(FILE *out, int64_t number, const lmp_event *event, double rate_hz, const char *date)
{
    const char *slash = strchr(event->label, '/');
    char *type = slash == NULL ? strdup("Comment") : strndup(event->label, (size_t)(slash - event->label));
    char *coded_type = type == NULL ? NULL : coded(type);
    char *description = coded(slash == NULL ? event->label : slash + 1);
    const bool is_ok = coded_type != NULL && description != NULL;
    const double points = rint(event->duration_s * rate_hz);
    const double size = points > 1 && points < 1e15 ? points : 1;
    if (is_ok)
        fprintf(out, "Mk%" PRId64 "=%s,%s,%.0f,%.0f,0%s%s\r\n", number, coded_type, description,
                rint(event->onset_s * rate_hz) + 1, size, date[0] == '\0' ? "" : ",", date);
    free(type);
    free(coded_type);
    free(description);
    return is_ok;
}

/* The first marker is a new segment: that is where the format keeps the date. */
static bool print_markers(FILE *out, const lmp_stream *stream, const char *data_name)
{
    const double rate_hz = stream->format.rate_hz;
    const lmp_event start = {.label = "New Segment/"};
    char date[BRAINVISION_DATE_ROOM];
    int64_t number = 2;
    bool has_start = false;
    brainvision_date_from_unix(stream->format.start_unix_s, date);
    fprintf(out,
            "Brain Vision Data Exchange Marker File, Version 1.0\r\n"
            "; Written by limpid " LIMPID_VERSION "\r\n\r\n"
            "[Common Infos]\r\nCodepage=UTF-8\r\nDataFile=%s\r\n\r\n"
            "[Marker Infos]\r\n"
            "; Mk<number>=<type>,<description>,<position in points, the first is 1>,<size in points>,\r\n"
            "; <channel, 0: all>,<date of a new segment: YYYYMMDDhhmmssuuuuuu>; commas are \\1\r\n",
            data_name);
    bool is_ok = print_marker(out, 1, &start, rate_hz, date);
    for (int64_t i = 0; i < stream->n_events && is_ok; i++) {
        const lmp_event *event = &stream->events[i];
        if (!isfinite(event->onset_s) || fabs(event->onset_s * rate_hz) > 1e15) continue;
        if (!has_start && is_first_segment(event, rate_hz))
            has_start = true; /* it is the marker that was written first */
        else
            is_ok = print_marker(out, number++, event, rate_hz, "");
    }
    return is_ok;
}

/* ---- Samples ---------------------------------------------------------------------------------------------- */

typedef struct encoding {
    uint8_t *to;  /* place of the channel in the first instant */
    size_t frame; /* bytes from instant to instant */
    double resolution;
} encoding;

/* Position of the first value that float32 cannot hold, -1 if there is none. Infinities and NaN it can. */
static int64_t encode_float32(const encoding *e, const double *values, int64_t count)
{
    bool fits = true;
    for (int64_t i = 0; i < count; i++) {
        const double units = values[i] / e->resolution;
        const float stored = (float)units;
        uint32_t bits;
        fits &= !(isinf(stored) && isfinite(values[i]));
        memcpy(&bits, &stored, sizeof bits);
        bits = htole32(bits);
        memcpy(e->to + (size_t)i * e->frame, &bits, sizeof bits);
    }
    if (fits) return -1;
    int64_t first = 0;
    while (!(isinf((float)(values[first] / e->resolution)) && isfinite(values[first]))) first++;
    return first;
}

static int64_t encode_int16(const encoding *e, const double *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        const double units = values[i] / e->resolution;
        if (!(units > INT16_MIN - 0.5 && units < INT16_MAX + 0.5)) return i; /* NaN too */
        const uint16_t bits = htole16((uint16_t)(int16_t)lrint(units));
        memcpy(e->to + (size_t)i * e->frame, &bits, sizeof bits);
    }
    return -1;
}

static lmp_status fail_range(const brainvision_writer *w, int64_t channel, int64_t time, double value, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_RANGE,
                    "%s: sample %" PRId64 " of channel %s is %g, which %s cannot hold; write %s instead",
                    name_of(w->header.path), time, w->channels[channel].name, value,
                    w->is_int16 ? "INT_16" : "IEEE_FLOAT_32", w->is_int16 ? "float32" : "a format with float64");
}

/* Interleaves `count` instants from `first` of the data on into `chunk`, tile by tile as they fit the cache. */
static lmp_status encode_chunk(const brainvision_writer *w, const void *const *data, int64_t skip, int64_t count,
                               int64_t first, uint8_t *chunk, lmp_error *err)
{
    const size_t width = w->is_int16 ? sizeof(int16_t) : sizeof(float);
    const size_t frame = (size_t)w->n_channels * width;
    int64_t tile = TILE_BYTES / (int64_t)frame;
    if (tile < LEAST_TILE_TIMES) tile = LEAST_TILE_TIMES;
    for (int64_t done = 0; done < count; done += tile) {
        const int64_t n = tile < count - done ? tile : count - done;
        for (int64_t i = 0; i < w->n_channels; i++) {
            const double *values = (const double *)data[i] + skip + done;
            const encoding e = {.to = chunk + (size_t)done * frame + (size_t)i * width,
                                .frame = frame,
                                .resolution = w->channels[i].resolution};
            const int64_t bad = w->is_int16 ? encode_int16(&e, values, n) : encode_float32(&e, values, n);
            if (bad >= 0) return fail_range(w, i, first + skip + done + bad, values[bad], err);
        }
    }
    return LMP_OK;
}

static int64_t frame_bytes(const brainvision_writer *w)
{
    return w->n_channels * (w->is_int16 ? (int64_t)sizeof(int16_t) : (int64_t)sizeof(float));
}

static lmp_status write_stretch(void *state, int64_t first, int64_t count, int64_t n_lanes, const int64_t *lanes,
                                const void *const *data, lmp_budget *budget, lmp_error *err)
{
    brainvision_writer *w = state;
    const int64_t frame = frame_bytes(w);
    int64_t most = frame < CHUNK_BYTES ? CHUNK_BYTES / frame : 1;
    if (most > count) most = count;
    assert(n_lanes == w->n_channels && first >= 0 && first + count <= w->n_times);
    (void)n_lanes;
    (void)lanes; /* all of them, in order */
    void *chunk = NULL;
    lmp_status status = budget_take_raw(budget, (size_t)(most * frame), &chunk, err);
    for (int64_t done = 0; done < count && status == LMP_OK; done += most) {
        const int64_t n = most < count - done ? most : count - done;
        status = encode_chunk(w, data, done, n, first, chunk, err);
        if (status == LMP_OK)
            status = file_output_write(&w->data, (first + done) * frame, chunk, (size_t)(n * frame), err);
    }
    lmp_give(budget, chunk);
    return status;
}

/* ---- Resolution ------------------------------------------------------------------------------------------- */

/* Scale of the integers a channel comes from, if zero is zero in both and float32 holds them; else 0. The offset may
 * be what rounding leaves of a range that is symmetric (EDF states minimum and maximum in eight characters). */
static double grid_of(const lmp_channel *channel)
{
    const double offset = channel->physical_min - channel->scale * channel->digital_min;
    if (!(channel->scale > 0) || !isfinite(channel->scale) || !(fabs(offset) <= channel->scale * 0x1p-30)) return 0;
    const double largest = fmax(fabs(channel->digital_min), fabs(channel->digital_max));
    return largest <= exact_in_float32 ? channel->scale : 0;
}

/* Finest resolution with which values from `lowest` to `highest` fit INT_16; NaN, NaN: there are none. */
static double int16_resolution(double grid, double lowest, double highest)
{
    const double least = fmax(lowest / INT16_MIN, highest / INT16_MAX);
    const double fits = least * (1 - 0x1p-40); /* the ends of a grid are there as their rounded products */
    if (!(least > 0) || !isfinite(least)) return grid > 0 ? grid : 1;
    if (grid > 0 && fits <= grid) {
        while (grid / 2 >= fits && grid / 2 > DBL_MIN) grid /= 2;
        return grid;
    }
    /* Five digits, rounded up: readable, and at most one part in ten thousand coarser than need be. */
    const double unit = pow(10, floor(log10(least)) - 4);
    const double rounded = ceil(least / unit) * unit;
    return isfinite(rounded) && rounded >= least ? rounded : fmax(least, DBL_MIN);
}

static lmp_status set_range(void *state, const double *lowest, const double *highest, lmp_error *err)
{
    brainvision_writer *w = state;
    (void)err;
    for (int64_t i = 0; i < w->n_channels; i++)
        w->channels[i].resolution = int16_resolution(w->channels[i].grid, lowest[i], highest[i]);
    return LMP_OK;
}

/* ---- Life ------------------------------------------------------------------------------------------------- */

/* Closes the text that was printed into memory and writes it. */
static lmp_status write_text(file_output *output, FILE *out, char **text, size_t *size, bool is_ok, lmp_error *err)
{
    const bool is_whole = ferror(out) == 0;
    if (fclose(out) != 0 || !is_whole || !is_ok) return no_memory(output->path, err);
    return file_output_write(output, 0, *text, *size, err);
}

static lmp_status write_header(brainvision_writer *w, lmp_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return no_memory(w->header.path, err);
    print_header(out, w);
    const lmp_status status = write_text(&w->header, out, &text, &size, true, err);
    free(text);
    return status;
}

static lmp_status write_markers(brainvision_writer *w, const lmp_stream *stream, lmp_error *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return no_memory(w->markers.path, err);
    const bool is_ok = print_markers(out, stream, name_of(w->data.path));
    const lmp_status status = write_text(&w->markers, out, &text, &size, is_ok, err);
    free(text);
    return status;
}

static lmp_status finish(void *state, lmp_error *err)
{
    brainvision_writer *w = state;
    file_output *const outputs[3] = {&w->data, &w->markers, &w->header};
    lmp_status status = write_header(w, err);
    for (int i = 0; i < 3 && status == LMP_OK; i++) status = file_output_settle(outputs[i], err);
    for (int i = 0; i < 3 && status == LMP_OK; i++) {
        status = file_output_commit(outputs[i], err);
        for (int k = 0; k < i && status != LMP_OK; k++) (void)os_path_remove(outputs[k]->path);
    }
    return status;
}

static void close_writer(void *state)
{
    brainvision_writer *w = state;
    if (w == NULL) return;
    file_output_discard(&w->data);
    file_output_discard(&w->markers);
    file_output_discard(&w->header);
    for (int64_t i = 0; w->channels != NULL && i < w->n_channels; i++) {
        free(w->channels[i].name);
        free(w->channels[i].unit);
    }
    free(w->channels);
    free(w);
}

static const char *data_path(void *state)
{
    const brainvision_writer *w = state;
    return w->data.path;
}

static lmp_status check_stream(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                               lmp_error *err)
{
    const lmp_format *format = &stream->format;
    if (format->kind != LMP_SIGNALS)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: BrainVision holds signals, not movies; choose another format", path);
    if (!(format->rate_hz > 0) || !isfinite(format->rate_hz))
        return lmp_fail(err, LMP_ERR_USAGE, "%s: BrainVision needs a sampling rate, which the recording does not say",
                        path);
    if (format->n_channels < 1 || format->n_channels > BRAINVISION_MOST_CHANNELS)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: %" PRId64 " channels cannot be written; 1 to %d can", path,
                        format->n_channels, BRAINVISION_MOST_CHANNELS);
    if (options->type != 0 && options->type != LMP_FLOAT32 && options->type != LMP_INT16)
        return lmp_fail(err, LMP_ERR_USAGE, "%s: BrainVision is written as float32 or int16; choose one of them", path);
    return LMP_OK;
}

static lmp_status open_output(const char *base, const char *extension, bool overwrite, file_output *output,
                              lmp_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s.%s", base, extension) < 0) return no_memory(base, err);
    const lmp_status status = file_output_open(path, overwrite, output, err);
    free(path);
    return status;
}

static lmp_status open_outputs(brainvision_writer *w, const char *path, bool overwrite, lmp_error *err)
{
    static const char *const extensions[] = {".vhdr", ".vmrk", ".eeg"};
    size_t n = strlen(path);
    for (size_t i = 0; i < 3; i++) {
        const size_t length = strlen(extensions[i]);
        if (n > length && strcasecmp(path + n - length, extensions[i]) == 0) {
            n -= length;
            break;
        }
    }
    char *base = strndup(path, n);
    if (base == NULL) return no_memory(path, err);
    lmp_status status = open_output(base, "vhdr", overwrite, &w->header, err);
    if (status == LMP_OK) status = open_output(base, "vmrk", overwrite, &w->markers, err);
    if (status == LMP_OK) status = open_output(base, "eeg", overwrite, &w->data, err);
    free(base);
    return status;
}

static lmp_status copy_channels(brainvision_writer *w, const lmp_format *format, const char *path, lmp_error *err)
{
    w->channels = calloc((size_t)format->n_channels, sizeof *w->channels);
    if (w->channels == NULL) return no_memory(path, err);
    w->n_channels = format->n_channels;
    for (int64_t i = 0; i < w->n_channels; i++) {
        const lmp_channel *from = &format->channels[i];
        written_channel *to = &w->channels[i];
        const bool is_voltage = file_microvolts(from->unit) == 1;
        /* An empty unit means microvolts in this format. */
        to->unit = from->unit[0] == '\0' ? strdup("n/a") : is_voltage ? strdup("\xC2\xB5V") : coded(from->unit);
        to->name = coded(from->name);
        if (to->name == NULL || to->unit == NULL) return no_memory(path, err);
        to->grid = grid_of(from);
        to->resolution = to->grid > 0 && !w->is_int16 ? to->grid : 1;
    }
    return LMP_OK;
}

lmp_status brainvision_create(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                              bool force_range, lmp_writer *writer, lmp_error *err)
{
    (void)force_range; /* INT_16 always needs the range, floats never */
    lmp_status status = check_stream(path, stream, options, err);
    if (status != LMP_OK) return status;
    brainvision_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return no_memory(path, err);
    w->data.file.fd = w->markers.file.fd = w->header.file.fd = -1;
    w->is_int16 = options->type == LMP_INT16;
    w->n_times = stream->format.n_times;
    w->rate_hz = stream->format.rate_hz;
    status = copy_channels(w, &stream->format, path, err);
    if (status == LMP_OK) status = open_outputs(w, path, options->overwrite != 0, err);
    w->data.digest = options->digest;
    if (status == LMP_OK) status = write_markers(w, stream, err);
    if (status != LMP_OK) {
        close_writer(w);
        return status;
    }
    *writer = (lmp_writer){.needs_range = w->is_int16,
                           .needs_all_lanes = true,
                           .time_grain = 1,
                           .bytes_per_time = (size_t)frame_bytes(w),
                           .state = w,
                           .set_range = set_range,
                           .write = write_stretch,
                           .finish = finish,
                           .close = close_writer,
                           .data_path = data_path};
    return LMP_OK;
}
