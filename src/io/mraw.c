/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mraw.c: movies of Photron's high-speed cameras.
 *
 * The .mraw holds nothing but pixels, frame behind frame; what they are says the .cih or .cihx beside it. Pixels of 8
 * and 16 bits (low byte first) are an array. Those of 10 and 12 bits are one stream of bits, high bits first, without
 * gaps between rows or frames. Values are given as stored: EffectiveBit tells which of their bits mean something.
 */
#include "io/mraw.h"

#include "core/path.h"

#include "io/array/array_movie.h"
#include "io/cih.h"
#include "io/image/image_load_source.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_HEADER_BYTES = 1 << 22, MOST_SIDE = 1 << 20, MOST_VIEW_BYTES = 1 << 20 };

/* ---- The two files ---------------------------------------------------------------------------------------- */

/* The file beside `path` with this extension, in any case; NULL if there is none. Caller frees. */
static char *find_beside(const char *path, const char *extension)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    const int stem = dot == NULL || (slash != NULL && dot < slash) ? (int)strlen(path) : (int)(dot - path);
    char *name = NULL;
    if (asprintf(&name, "%.*s.%s", stem, path, extension) < 0) return NULL;
    char *found = file_find_any_case(name);
    free(name);
    return found;
}

static lmp_status find_files(const char *path, char **header, char **data, lmp_error *err)
{
    const bool is_data = path_has_extension(path, "mraw");
    *data = is_data ? strdup(path) : find_beside(path, "mraw");
    *header = is_data ? find_beside(path, "cihx") : strdup(path);
    if (is_data && *header == NULL) *header = find_beside(path, "cih");
    if (*data != NULL && *header != NULL) return LMP_OK;
    free(*data);
    free(*header);
    *data = *header = NULL;
    return lmp_fail(err, LMP_ERR_INPUT, "%s needs the %s of the same name beside it; copy both to one folder", path,
                    is_data ? ".cih or .cihx" : ".mraw");
}

static lmp_status load_header(const char *path, cih_header *header, lmp_error *err)
{
    char *text = NULL;
    size_t size = 0;
    lmp_status status = file_read_text(path, MOST_HEADER_BYTES, &text, &size, err);
    if (status != LMP_OK) return status;
    status = cih_parse(text, size, path, header, err);
    free(text);
    return status;
}

/* ---- What the header says --------------------------------------------------------------------------------- */

static bool is_colour(const cih_header *header)
{
    return strcasecmp(header->colour, "Color") == 0 || strncasecmp(header->colour, "RGB", 3) == 0;
}

static int64_t bits_of_number(const cih_header *header)
{
    return is_colour(header) ? header->bits / 3 : header->bits;
}

static lmp_status check_header(const char *path, const cih_header *header, lmp_error *err)
{
    const int64_t bits = bits_of_number(header);
    if (header->format[0] != '\0' && strcasecmp(header->format, "MRaw") != 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s says the images are saved as %s; open those files", path,
                        header->format);
    if (header->width < 1 || header->height < 1 || header->width > MOST_SIDE || header->height > MOST_SIDE ||
        header->n_frames < 1)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s says %" PRId64 " frames of %" PRId64 " x %" PRId64 " pixels, which cannot be", path,
                        header->n_frames, header->width, header->height);
    if ((bits != 8 && bits != 10 && bits != 12 && bits != 16) || (is_colour(header) && header->bits % 3 != 0))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s says %" PRId64
                        " bits for a pixel (%s); limpid reads 8, 10, 12 and 16 for each colour: save it so",
                        path, header->bits, header->colour[0] == '\0' ? "Mono" : header->colour);
    if (!(header->rate_hz >= 0) || header->step < 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s says a rate of %g and a step of %" PRId64 ", which cannot be", path,
                        header->rate_hz, header->step);
    return LMP_OK;
}

/* Frames per second of what was saved. */
static double saved_rate(const cih_header *header)
{
    return header->rate_hz / (double)(header->step > 1 ? header->step : 1);
}

static void warn_about(const char *path, const cih_header *header, char **warnings)
{
    if (header->step > 1 && header->rate_hz > 0)
        file_warn(warnings,
                  "%s: one in %" PRId64 " frames was saved: %g frames per second instead of the %g of the camera", path,
                  header->step, saved_rate(header), header->rate_hz);
    if (header->is_upper_side && header->depth > 0 && header->depth < bits_of_number(header))
        file_warn(warnings, "%s: the upper %" PRId64 " of %" PRId64 " bits mean something: values are multiples of %d",
                  path, header->depth, bits_of_number(header), 1 << (bits_of_number(header) - header->depth));
}

static json_t *facts_of(const cih_header *header)
{
    char *texts[4] = {file_text_to_utf8(header->camera, strlen(header->camera)),
                      file_text_to_utf8(header->comment, strlen(header->comment)),
                      file_text_to_utf8(header->date, strlen(header->date)),
                      file_text_to_utf8(header->time, strlen(header->time))};
    json_t *facts = json_pack("{s:s*,s:s*,s:s*,s:s*,s:f,s:I,s:I,s:I,s:I,s:s}", "camera", texts[0], "comment", texts[1],
                              "date", texts[2], "time", texts[3], "record_rate_hz", header->rate_hz, "save_step",
                              (json_int_t)(header->step > 1 ? header->step : 1), "start_frame",
                              (json_int_t)header->start, "bits", (json_int_t)bits_of_number(header), "effective_bits",
                              (json_int_t)header->depth, "effective_side", header->is_upper_side ? "upper" : "lower");
    for (int i = 0; i < 4; i++) free(texts[i]);
    return facts;
}

/* ---- Packed pixels ---------------------------------------------------------------------------------------- */

typedef struct packed_movie {
    file_input input;
    int64_t frame_values, row_values;
    int64_t bits; /* 10 or 12 */
} packed_movie;

/* Values [first, first + count) of a stream of values of `bits` that starts at bytes + skip / 8 bits. Each lies within
 * two bytes, as its first bit is even and the bits are at most 12. */
static void unpack_bits(const uint8_t *bytes, int64_t skip, int64_t bits, int64_t count, uint16_t *values)
{
    const unsigned mask = (1u << bits) - 1;
    int64_t i = 0;
    if (bits == 12 && skip == 0)
        for (; i + 1 < count; i += 2, bytes += 3) {
            values[i] = (uint16_t)(bytes[0] << 4 | bytes[1] >> 4);
            values[i + 1] = (uint16_t)((bytes[1] & 15) << 8 | bytes[2]);
        }
    for (int64_t k = 0; i < count; i++, k++) {
        const int64_t bit = skip + k * bits;
        const unsigned pair = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
        values[i] = (uint16_t)(pair >> (16 - bit % 8 - bits) & mask);
    }
}

static lmp_status read_run(const packed_movie *m, int64_t first, int64_t count, uint16_t *values, lmp_budget *budget,
                           lmp_error *err)
{
    const int64_t frame_bytes = m->frame_values * m->bits / 8;
    int64_t most = (frame_bytes < MOST_VIEW_BYTES ? frame_bytes : MOST_VIEW_BYTES) * 8 / m->bits;
    most = most < 8 ? 8 : most - most % 8; /* pieces start at whole bytes */
    for (int64_t done = 0; done < count;) {
        const int64_t n = count - done < most ? count - done : most;
        const int64_t bit = (first + done) * m->bits, end = (bit + n * m->bits + 7) / 8;
        file_view view;
        const lmp_status status = file_view_begin(&m->input, bit / 8, (size_t)(end - bit / 8), budget, &view, err);
        if (status != LMP_OK) return status;
        unpack_bits(view.bytes, bit % 8, m->bits, n, values + done);
        file_view_end(&view);
        done += n;
    }
    return LMP_OK;
}

static lmp_status read_packed(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const packed_movie *m = state;
    lmp_status status = LMP_OK;
    for (int64_t t = 0; t < out->count && status == LMP_OK; t++)
        status = read_run(m, (out->first + t) * m->frame_values + out->row * m->row_values, out->rows * m->row_values,
                          (uint16_t *)(void *)((uint8_t *)out->data + (size_t)t * out->stride), budget, err);
    return status;
}

static void close_packed(void *state)
{
    packed_movie *m = state;
    file_input_close(&m->input);
    free(m);
}

static const char *packed_path(void *state)
{
    const packed_movie *m = state;
    return m->input.path;
}

/* ---- Opening ---------------------------------------------------------------------------------------------- */

/* Frames that are there; the file must hold all that the header says, or options->salvage. */
static lmp_status count_frames(const file_input *data, const cih_header *header, bool salvage, int64_t *n_frames,
                               char **warnings, lmp_error *err)
{
    const int64_t frame_bits = header->width * header->height * header->bits; /* below 2^46 */
    const int64_t size = data->info.size;
    const int64_t found = size > INT64_MAX / 8 ? size / frame_bits * 8 : size * 8 / frame_bits;
    *n_frames = found < header->n_frames ? found : header->n_frames;
    if (*n_frames == 0 || (found < header->n_frames && !salvage))
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is cut short: %" PRId64 " of %" PRId64
                        " frames are there; get the complete file again, or salvage it (--salvage) to read those",
                        data->path, found, header->n_frames);
    if (found < header->n_frames)
        file_warn(warnings, "%s is cut short; its %" PRId64 " whole frames are read", data->path, found);
    if (size > (*n_frames * frame_bits + 7) / 8 && found >= header->n_frames)
        file_warn(warnings, "%s has %" PRId64 " bytes behind its frames", data->path,
                  size - (*n_frames * frame_bits + 7) / 8);
    return LMP_OK;
}

static lmp_status give_array(file_input *data, const cih_header *header, int64_t n_frames, lmp_source *source)
{
    array_movie *movie = calloc(1, sizeof *movie);
    if (movie == NULL) return LMP_ERR_MEMORY;
    const int64_t n_colours = is_colour(header) ? 3 : 1;
    const array_shape shape = {.kind = LMP_MOVIE,
                               .n_times = n_frames,
                               .height = header->height,
                               .width = header->width,
                               .n_stored = n_colours,
                               .n_colours = n_colours};
    array_movie_lay_out(&shape, bits_of_number(header) == 8 ? SAMPLE_UINT8 : SAMPLE_UINT16, false, false, 0, movie);
    movie->input = *data;
    *data = (file_input){.file = {-1}};
    array_movie_give(movie, n_frames, saved_rate(header), source);
    return LMP_OK;
}

static lmp_status give_packed(file_input *data, const cih_header *header, int64_t n_frames, lmp_source *source)
{
    packed_movie *m = calloc(1, sizeof *m);
    if (m == NULL) return LMP_ERR_MEMORY;
    const int64_t n_colours = is_colour(header) ? 3 : 1;
    m->bits = bits_of_number(header);
    m->row_values = header->width * n_colours;
    m->frame_values = header->height * m->row_values;
    m->input = *data;
    *data = (file_input){.file = {-1}};
    source->stream.format = (lmp_format){.kind = LMP_MOVIE,
                                         .type = LMP_UINT16,
                                         .n_times = n_frames,
                                         .rate_hz = saved_rate(header),
                                         .height = header->height,
                                         .width = header->width,
                                         .n_colours = n_colours,
                                         .start_unix_s = (double)NAN,
                                         .subject = "",
                                         .session = ""};
    source->time_grain = 1;
    source->bytes_per_time = (size_t)(m->frame_values * m->bits / 8 + 16);
    source->state = m;
    source->read_frames = read_packed;
    source->reads_rows = true;
    source->is_cheap = true;
    source->close = close_packed;
    source->data_path = packed_path;
    return LMP_OK;
}

static lmp_status open_data(const char *path, const cih_header *header, const lmp_open_options *options,
                            lmp_source *source, lmp_error *err)
{
    file_input data;
    int64_t n_frames = 0;
    char *warnings = NULL;
    lmp_status status = file_input_open(path, &data, err);
    if (status != LMP_OK) return status;
    status = count_frames(&data, header, options->salvage != 0, &n_frames, &warnings, err);
    const bool is_array = bits_of_number(header) % 8 == 0;
    if (status == LMP_OK) {
        status = is_array ? give_array(&data, header, n_frames, source) : give_packed(&data, header, n_frames, source);
        if (status != LMP_OK) status = lmp_fail(err, status, "the system has no memory left for %s", path);
    }
    file_input_close(&data);
    if (status != LMP_OK) {
        free(warnings);
        return status;
    }
    warn_about(path, header, &warnings);
    source->format_name = "Photron MRAW";
    source->warnings = warnings;
    source->facts = facts_of(header);
    return LMP_OK;
}

static lmp_status open_mraw(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    char *header_path = NULL, *data_path = NULL;
    cih_header header;
    lmp_status status = find_files(path, &header_path, &data_path, err);
    if (status == LMP_OK) status = load_header(header_path, &header, err);
    if (status == LMP_OK) status = check_header(header_path, &header, err);
    if (status == LMP_OK) status = open_data(data_path, &header, options, source, err);
    free(header_path);
    free(data_path);
    return status == LMP_OK ? image_load_source(path, options, source, err) : status;
}

static int detect_mraw(const uint8_t *head, size_t n, const char *path)
{
    if (cih_is_headed((const char *)head, n)) return 100;
    return path_has_extension(path, "mraw|cih|cihx") ? 40 : 0;
}

const lmp_io lmp_io_mraw = {
    .name = "Photron MRAW",
    .summary = "Movie of a Photron high-speed camera: .mraw with its .cih or .cihx beside it; either opens it.",
    .kind = LMP_MOVIE,
    .extensions = "mraw|cih|cihx",
    .companions = "mraw|cih|cihx",
    .can_read = true,
    .detect = detect_mraw,
    .open = open_mraw,
};
