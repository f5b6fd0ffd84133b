/* SPDX-License-Identifier: BSD-3-Clause
 *
 * brainvision_read.c: reading BrainVision recordings.
 *
 * Any of the three files names the recording; the header is found beside it. The header says where data and markers
 * are, but only the names count, not folders: recordings are copied between machines, and a header must not make us
 * read files elsewhere. If what it names is not there, the file with the header's own base name is taken, with a
 * warning: that is what renaming the three files leaves behind.
 *
 * value = resolution * stored number, for integers and floats alike; voltages in microvolts.
 */
#include "io/brainvision/brainvision.h"

#include "core/stream.h"
#include "io/brainvision/brainvision_header.h"
#include "io/decimal.h"
#include "io/file.h"
#include "io/matrix.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Texts are held in memory while a file is opened: far more than any header or five million markers. */
static const size_t header_limit = (size_t)16 << 20, markers_limit = (size_t)256 << 20;

typedef struct opening {
    const lmp_open_options *options;
    const char *path;  /* as given */
    char *header_path; /* malloc'd */
    bool is_v_amp;     /* .ahdr: one more channel in the data than the header says */
    brainvision_header header;
    brainvision_markers markers;
    matrix_source *source;
    char *warnings;
    lmp_error *err;
} opening;

static lmp_status no_memory(const opening *o)
{
    return lmp_fail(o->err, LMP_ERR_MEMORY, "the system has no memory left to open %s", o->path);
}

/* ---- Paths ------------------------------------------------------------------------------------------------ */

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static const char *extension_of(const char *path)
{
    const char *name = name_of(path);
    const char *dot = strrchr(name, '.');
    return dot == NULL || dot == name ? "" : dot + 1;
}

static bool is_one_of(const char *extension, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcasecmp(extension, *list) == 0) return true;
    return false;
}

/* `path` with another extension, in any letter case, if there is such a file. */
static char *find_sibling(const char *path, const char *extension)
{
    const char *old = extension_of(path);
    const size_t n = strlen(path) - (old[0] == '\0' ? 0 : strlen(old) + 1);
    char *sibling = NULL;
    if (asprintf(&sibling, "%.*s.%s", (int)n, path, extension) < 0) return NULL;
    char *found = file_find_any_case(sibling);
    free(sibling);
    return found;
}

static char *find_first_sibling(const char *path, const char *const *extensions)
{
    char *found = NULL;
    for (; *extensions != NULL && found == NULL; extensions++) found = find_sibling(path, *extensions);
    return found;
}

static lmp_status find_header(opening *o)
{
    static const char *const companions[] = {"vmrk", "amrk", "eeg", "dat", "avg", "seg", NULL};
    static const char *const headers[] = {"vhdr", "ahdr", NULL};
    const bool is_companion = is_one_of(extension_of(o->path), companions);
    o->header_path = is_companion ? find_first_sibling(o->path, headers) : strdup(o->path);
    if (o->header_path == NULL && is_companion)
        return lmp_fail(o->err, LMP_ERR_INPUT,
                        "%s looks like part of a BrainVision recording, but there is no header of its name (.vhdr) "
                        "beside it; put the header there or give its path",
                        o->path);
    if (o->header_path == NULL) return no_memory(o);
    o->is_v_amp = strcasecmp(extension_of(o->header_path), "ahdr") == 0;
    return LMP_OK;
}

/* Path, beside the header, of the file that the header names `stated` ("" if it names none): its last part, whatever
 * the machine it was written on; $b stands for the header's base name. NULL if memory is out. */
static char *stated_path(const char *header_path, const char *stated, const char *extension)
{
    const char *header_name = name_of(header_path);
    const char *old = extension_of(header_path);
    const int folder = (int)(header_name - header_path);
    const int base = (int)(strlen(header_name) - (old[0] == '\0' ? 0 : strlen(old) + 1));
    const char *back = strrchr(stated, '\\');
    const char *name = name_of(back == NULL ? stated : back + 1);
    const char *placeholder = strstr(name, "$b");
    char *path = NULL;
    int n;
    if (name[0] == '\0')
        n = asprintf(&path, "%.*s.%s", folder + base, header_path, extension);
    else if (placeholder == NULL)
        n = asprintf(&path, "%.*s%s", folder, header_path, name);
    else
        n = asprintf(&path, "%.*s%.*s%.*s%s", folder, header_path, (int)(placeholder - name), name, base, header_name,
                     placeholder + 2);
    return n < 0 ? NULL : path;
}

/* The file that the header names, or one with the header's base name. *found is NULL if there is neither; *tried is
 * where it should be. */
static lmp_status find_named(opening *o, const char *stated, const char *const *extensions, const char *what,
                             char **tried, char **found)
{
    *tried = stated_path(o->header_path, stated, extensions[0]);
    if (*tried == NULL) return no_memory(o);
    *found = file_find_any_case(*tried);
    if (*found != NULL) return LMP_OK;
    *found = find_first_sibling(o->header_path, extensions);
    if (*found != NULL && stated[0] != '\0')
        file_warn(&o->warnings, "%s names its %s %s, which is not there; %s is taken instead", o->header_path, what,
                  name_of(*tried), name_of(*found));
    return LMP_OK;
}

/* ---- Texts ------------------------------------------------------------------------------------------------ */

/* Line by line if need be: files that mix encodings (a UTF-8 header with a comment in Latin-1) stay readable. */
static char *text_to_utf8(const char *bytes, size_t size)
{
    char *text = file_text_to_utf8(bytes, size);
    if (text == NULL || (strlen(text) == size && memcmp(text, bytes, size) == 0)) return text;
    free(text);
    text = malloc(2 * size + 1); /* Latin-1 grows to twice its size at most */
    size_t n = 0;
    for (size_t i = 0; text != NULL && i < size;) {
        const char *end = memchr(bytes + i, '\n', size - i);
        const size_t length = end == NULL ? size - i : (size_t)(end - bytes) - i + 1;
        char *line = file_text_to_utf8(bytes + i, length);
        if (line == NULL) {
            free(text);
            return NULL;
        }
        const size_t line_length = strlen(line);
        memcpy(text + n, line, line_length);
        n += line_length;
        i += length;
        free(line);
    }
    if (text != NULL) text[n] = '\0';
    return text;
}

static lmp_status load_text(opening *o, const char *path, size_t limit, char **text)
{
    char *bytes = NULL;
    size_t size = 0;
    const lmp_status status = file_read_text(path, limit, &bytes, &size, o->err);
    if (status != LMP_OK) return status;
    const char *zero = memchr(bytes, '\0', size);
    if (zero != NULL) {
        file_warn(&o->warnings, "%s holds a zero byte at %zu; what follows is not read", path, (size_t)(zero - bytes));
        size = (size_t)(zero - bytes);
    }
    *text = text_to_utf8(bytes, size);
    free(bytes);
    return *text == NULL ? no_memory(o) : LMP_OK;
}

static lmp_status load_header(opening *o)
{
    char *text = NULL;
    lmp_status status = load_text(o, o->header_path, header_limit, &text);
    if (status != LMP_OK) return status;
    status = brainvision_header_parse(text, o->header_path, o->options->salvage != 0, &o->header, o->err);
    if (status != LMP_OK) return status;
    if (o->header.warnings != NULL) file_warn(&o->warnings, "%s", o->header.warnings);
    if (o->header.is_segmented)
        file_warn(&o->warnings, "%s is cut into segments; they are read as one stretch of time", o->header_path);
    return LMP_OK;
}

static lmp_status load_markers(opening *o)
{
    static const char *const extensions[] = {"vmrk", "amrk", NULL};
    char *tried = NULL, *found = NULL, *text = NULL;
    lmp_status status = find_named(o, o->header.marker_file, extensions, "markers", &tried, &found);
    if (status != LMP_OK) goto done;
    if (found == NULL) {
        file_warn(&o->warnings, "%s is not there: the recording has no events", tried);
        goto done;
    }
    status = load_text(o, found, markers_limit, &text);
    if (status != LMP_OK) goto done;
    if (!brainvision_is_headed(text, strlen(text), "Marker"))
        file_warn(&o->warnings, "%s does not start like a BrainVision marker file", found);
    status = brainvision_markers_parse(text, found, &o->markers, o->err);
    if (status == LMP_OK && o->markers.n_unreadable > 0)
        file_warn(&o->warnings, "%s has %" PRId64 " marker lines without a readable position; they are left out", found,
                  o->markers.n_unreadable);
done:
    free(tried);
    free(found);
    return status;
}

/* ---- Data ------------------------------------------------------------------------------------------------- */

/* How many instants there are; refuses data that are not what the header says. */
static lmp_status measure_data(opening *o, int64_t *n_times)
{
    const matrix_layout *layout = &o->source->layout;
    const int64_t size = o->source->input.info.size;
    const char *path = o->source->input.path;
    const matrix_fit fit = matrix_measure(layout, size);
    const int64_t frame = (int64_t)matrix_source_bytes_per_time(o->source);
    const bool is_short = fit.found_bytes < fit.wanted_bytes;
    const bool is_broken = layout->n_times == 0 && size % frame != 0;
    *n_times = fit.n_times;
    if (fit.n_times == 0)
        return lmp_fail(o->err, LMP_ERR_INPUT,
                        "%s has %" PRId64 " bytes and holds not one instant of %" PRId64 " channels (%" PRId64
                        " bytes); get the complete data file again",
                        path, size, layout->n_lanes, frame);
    if (is_broken && !layout->is_interleaved)
        return lmp_fail(o->err, LMP_ERR_INPUT,
                        "%s has %" PRId64 " bytes, no multiple of the %" PRId64
                        " that one instant takes, and its header does not say DataPoints: where its channels start is "
                        "not known; get the complete data file again",
                        path, size, frame);
    if ((is_short || is_broken) && o->options->salvage == 0)
        return lmp_fail(o->err, LMP_ERR_INPUT,
                        "%s is cut short: %" PRId64 " bytes expected, %" PRId64
                        " found; get the complete file again, or salvage it (--salvage) to read the %" PRId64
                        " whole instants",
                        path, is_short ? fit.wanted_bytes : (size / frame + 1) * frame, size, fit.n_times);
    if (is_short || is_broken)
        file_warn(&o->warnings, "%s is cut short; its %" PRId64 " whole instants are read", path, fit.n_times);
    if (fit.found_bytes > fit.wanted_bytes && layout->is_interleaved) *n_times = fit.found_bytes / frame;
    if (fit.found_bytes > fit.wanted_bytes)
        file_warn(&o->warnings,
                  "%s has %" PRId64 " bytes, its header announces %" PRId64 "; %" PRId64 " instants are read", path,
                  fit.found_bytes, fit.wanted_bytes, *n_times);
    return LMP_OK;
}

static lmp_status open_data(opening *o, int64_t *n_times)
{
    static const char *const extensions[] = {"eeg", "dat", NULL};
    const brainvision_header *header = &o->header;
    char *tried = NULL, *found = NULL;
    lmp_status status = find_named(o, header->data_file, extensions, "data", &tried, &found);
    if (status != LMP_OK) goto done;
    if (found == NULL) {
        status = lmp_fail(o->err, LMP_ERR_INPUT,
                          "%s is not there: it holds the data of %s; put it beside the header, or correct DataFile",
                          tried, name_of(o->header_path));
        goto done;
    }
    o->source = matrix_source_new();
    if (o->source == NULL) {
        status = no_memory(o);
        goto done;
    }
    o->source->layout = (matrix_layout){.type = header->type,
                                        .is_big_endian = header->is_big_endian,
                                        .is_interleaved = !header->is_vectorized,
                                        .n_lanes = header->n_channels + (o->is_v_amp ? 1 : 0),
                                        .n_times = header->n_points};
    status = file_input_open(found, &o->source->input, o->err);
    if (status == LMP_OK) status = measure_data(o, n_times);
    if (status == LMP_OK && o->source->layout.n_times == 0) o->source->layout.n_times = *n_times;
    if (o->is_v_amp)
        file_warn(&o->warnings, "%s is of the V-Amp kind: the last channel of its data is no signal and is left out",
                  o->header_path);
done:
    free(tried);
    free(found);
    return status;
}

/* ---- Channels --------------------------------------------------------------------------------------------- */

/* Text that was UTF-8 but was taken as Latin-1 once more has an A circumflex before the micro sign. */
static const char *clean_unit(const char *unit)
{
    return strncmp(unit, "\xC3\x82\xC2\xB5", 4) == 0 ? unit + 2 : unit;
}

/* The file's resolution in the unit that we use, rounded once: "0.0000005" V is 0.5 uV exactly. */
static lmp_status scale_of(const opening *o, int64_t i, double microvolts, double *scale)
{
    const char *text = o->header.channels[i].resolution;
    const int power = microvolts > 0 ? (int)lrint(log10(microvolts)) : 0;
    if (text == NULL || text[0] == '\0') text = "1";
    if (!decimal_parse(text, power, scale) || *scale == 0)
        return lmp_fail(o->err, LMP_ERR_INPUT,
                        "%s has the resolution '%.40s' for channel %" PRId64 "; it must be a number other than 0",
                        o->header_path, text, i + 1);
    return LMP_OK;
}

static lmp_status describe_channel(const opening *o, int64_t i, double rate_hz, char *number, lmp_channel *channel)
{
    const brainvision_channel *stated = &o->header.channels[i];
    const sample_info *info = sample_get_info(o->header.type);
    const bool is_integer = info->highest > info->lowest;
    const char *unit = stated->unit == NULL ? "" : clean_unit(stated->unit);
    const double microvolts = file_microvolts(unit);
    double scale;
    const lmp_status status = scale_of(o, i, microvolts, &scale);
    if (status != LMP_OK) return status;
    snprintf(number, 24, "Ch%" PRId64, i + 1);
    const bool is_named = stated->name != NULL && stated->name[0] != '\0';
    *channel = (lmp_channel){.name = is_named ? stated->name : number,
                             .unit = microvolts > 0 ? "uV" : unit,
                             .transducer = "",
                             .filtering = "",
                             .stored_rate_hz = rate_hz};
    channel->role = file_channel_role(channel->name, channel->unit);
    if (is_integer) {
        channel->scale = scale;
        channel->digital_min = info->lowest;
        channel->digital_max = info->highest;
        channel->physical_min = scale * info->lowest;
        channel->physical_max = scale * info->highest;
    }
    o->source->scales[i] = scale;
    return LMP_OK;
}

static lmp_status set_channels(opening *o, double rate_hz, lmp_stream *stream)
{
    const int64_t n = o->header.n_channels;
    lmp_channel *channels = calloc((size_t)n, sizeof *channels);
    char(*numbers)[24] = calloc((size_t)n, sizeof *numbers);
    o->source->scales = calloc((size_t)o->source->layout.n_lanes, sizeof *o->source->scales);
    lmp_status status = channels == NULL || numbers == NULL || o->source->scales == NULL ? no_memory(o) : LMP_OK;
    for (int64_t i = 0; i < n && status == LMP_OK; i++)
        status = describe_channel(o, i, rate_hz, numbers[i], &channels[i]);
    if (status == LMP_OK) status = lmp_stream_set_channels(stream, channels, n, o->err);
    free(channels);
    free(numbers);
    return status;
}

/* ---- Events ----------------------------------------------------------------------------------------------- */

/* "S 12", "R255", "T  1", "254": at most one letter, blanks, digits, nothing else. Comments have no code. */
static int64_t code_of(const brainvision_marker *marker)
{
    const char *c = marker->description;
    int64_t code = 0;
    if (strcasecmp(marker->type, "Comment") == 0) return 0;
    if ((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z')) c++;
    while (*c == ' ') c++;
    return *c >= '0' && *c <= '9' && decimal_parse_integer(c, &code) ? code : 0;
}

/* "Type/Description"; of a comment what it says, unless that would be taken for both. So every label that was written
 * comes back as it was. Returns the place behind it. */
static char *write_label(char *to, const brainvision_marker *marker)
{
    if (strcmp(marker->type, "Comment") != 0 || strchr(marker->description, '/') != NULL) {
        to = stpcpy(to, marker->type);
        *to++ = '/';
    }
    return stpcpy(to, marker->description) + 1;
}

/* Wall clock of the first sample, from the first dated segment. */
static double start_of(const brainvision_markers *markers, double rate_hz)
{
    for (int64_t i = 0; i < markers->count; i++) {
        const brainvision_marker *marker = &markers->items[i];
        if (strcasecmp(marker->type, "New Segment") != 0) continue;
        const double unix_s = brainvision_date_to_unix(marker->date);
        if (!isnan(unix_s)) return unix_s - ((double)marker->position - 1) / rate_hz;
    }
    return (double)NAN;
}

static lmp_status set_events(opening *o, double rate_hz, int64_t n_times, lmp_stream *stream)
{
    const brainvision_markers *markers = &o->markers;
    size_t room = 1;
    int64_t n_outside = 0;
    for (int64_t i = 0; i < markers->count; i++)
        room += strlen(markers->items[i].type) + strlen(markers->items[i].description) + 2;
    char *labels = malloc(room), *next = labels;
    lmp_event *events = calloc((size_t)markers->count + 1, sizeof *events);
    lmp_status status = labels == NULL || events == NULL ? no_memory(o) : LMP_OK;
    for (int64_t i = 0; i < markers->count && status == LMP_OK; i++) {
        const brainvision_marker *marker = &markers->items[i];
        events[i] = (lmp_event){.onset_s = ((double)marker->position - 1) / rate_hz,
                                .duration_s = marker->size > 1 ? (double)marker->size / rate_hz : 0,
                                .label = next,
                                .code = code_of(marker)};
        next = write_label(next, marker);
        if (marker->position < 1 || marker->position > n_times) n_outside++;
    }
    if (status == LMP_OK) status = lmp_stream_set_events(stream, events, markers->count, o->err);
    if (n_outside > 0)
        file_warn(&o->warnings, "%" PRId64 " of %" PRId64 " markers lie outside the data; they are kept", n_outside,
                  markers->count);
    free(labels);
    free(events);
    return status;
}

/* ---- The format ------------------------------------------------------------------------------------------- */

static int detect_brainvision(const uint8_t *head, size_t n, const char *path)
{
    static const char *const headers[] = {"vhdr", "ahdr", "vmrk", "amrk", NULL};
    const char *text = (const char *)head;
    if (brainvision_is_headed(text, n, "Header") || brainvision_is_headed(text, n, "Marker")) return 100;
    if (is_one_of(extension_of(path), headers)) return 60;
    return strcasecmp(extension_of(path), "eeg") == 0 ? 20 : 0; /* raw numbers: nothing to go by but the name */
}

static lmp_status fill_stream(opening *o, int64_t n_times, lmp_stream *stream)
{
    const double rate_hz = 1e6 / o->header.interval_us;
    stream->format = (lmp_format){.kind = LMP_SIGNALS,
                                  .type = sample_get_info(o->header.type)->type,
                                  .n_times = n_times,
                                  .rate_hz = rate_hz,
                                  .start_unix_s = start_of(&o->markers, rate_hz),
                                  .subject = "",
                                  .session = ""};
    const lmp_status status = set_channels(o, rate_hz, stream);
    return status != LMP_OK ? status : set_events(o, rate_hz, n_times, stream);
}

static lmp_status open_brainvision(const char *path, const lmp_open_options *options, lmp_source *source,
                                   lmp_error *err)
{
    opening o = {.options = options, .path = path, .err = err};
    int64_t n_times = 0;
    lmp_status status = find_header(&o);
    if (status == LMP_OK) status = load_header(&o);
    if (status == LMP_OK) status = open_data(&o, &n_times);
    if (status == LMP_OK) status = load_markers(&o);
    if (status == LMP_OK) status = fill_stream(&o, n_times, &source->stream);
    if (status == LMP_OK) {
        source->format_name = "BrainVision";
        source->warnings = o.warnings;
        source->time_grain = 1;
        source->bytes_per_time = matrix_source_bytes_per_time(o.source);
        source->state = o.source;
        source->read = matrix_source_read;
        source->close = matrix_source_close;
        source->data_path = matrix_source_path;
    } else {
        stream_clear(&source->stream);
        matrix_source_close(o.source);
        free(o.warnings);
    }
    free(o.header_path);
    brainvision_header_free(&o.header);
    brainvision_markers_free(&o.markers);
    return status;
}

const lmp_io lmp_io_brainvision = {
    .name = "BrainVision",
    .summary = "EEG of BrainVision Recorder and Analyzer: header (.vhdr), markers (.vmrk) and data (.eeg).",
    .kind = LMP_SIGNALS,
    .extensions = "vhdr|vmrk|eeg|ahdr|amrk",
    .companions = "vhdr|vmrk|eeg",
    .can_read = true,
    .can_write = true,
    .detect = detect_brainvision,
    .open = open_brainvision,
    .create = brainvision_create,
};
