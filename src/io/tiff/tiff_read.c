/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_read.c: images and movies from TIFF files.
 *
 * Pages whose numbers lie in the file as in memory, at equal distances, are lent; other uncompressed ones are read in
 * pieces and swapped; the rest is decoded page by page.
 */
#include "io/image/image_load.h"
#include "io/pixels.h"
#include "io/tiff/tiff.h"
#include "io/tiff/tiff_codec.h"
#include "io/tiff/tiff_notes.h"
#include "io/tiff/tiff_pages.h"

#include "core/budget.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { PIECE_BYTES = 1 << 20 };

typedef struct tiff_movie {
    tiff_file file;
    tiff_pages pages;
    image_load load;
} tiff_movie;

/* ---- Pages without a decoder ------------------------------------------------------------------------------- */

static int64_t stored_row_bytes(const tiff_movie *m)
{
    return m->pages.first.width * m->pages.kind.n_used * (int64_t)sample_get_info(m->pages.kind.stored)->bytes;
}

static int64_t decoded_row_bytes(const tiff_movie *m)
{
    return m->load.decoded_width * m->load.decoded_colours * (int64_t)lmp_type_bytes(m->load.type);
}

/* Rows that a piece holds. */
static int64_t piece_rows(const tiff_movie *m)
{
    const int64_t n = PIECE_BYTES / stored_row_bytes(m), height = m->pages.first.height;
    return n < 1 ? 1 : n > height ? height : n;
}

static lmp_status read_rows(const tiff_movie *m, int64_t offset, int64_t rows, void *to, lmp_budget *budget,
                            lmp_error *err)
{
    const sample_type type = m->pages.kind.stored;
    const size_t from_width = sample_get_info(type)->bytes, to_width = lmp_type_bytes(m->load.type);
    file_view view;
    const lmp_status status =
        file_view_begin(&m->file.input, offset, (size_t)(rows * stored_row_bytes(m)), budget, &view, err);
    if (status != LMP_OK) return status;
    pixels_copy(type, m->file.is_big_endian, view.bytes, from_width, rows * m->pages.first.width * m->pages.kind.n_used,
                to, to_width);
    file_view_end(&view);
    return LMP_OK;
}

static lmp_status read_band(const tiff_movie *m, int64_t i, const lmp_frames *out, char *to, lmp_budget *budget,
                            lmp_error *err)
{
    const int64_t most = piece_rows(m), row = stored_row_bytes(m);
    const int64_t data = tiff_pages_data(&m->pages, i) + out->row * row;
    lmp_status status = LMP_OK;
    for (int64_t y = 0; y < out->rows && status == LMP_OK; y += most) {
        const int64_t rows = out->rows - y < most ? out->rows - y : most;
        status = read_rows(m, data + y * row, rows, to + y * decoded_row_bytes(m), budget, err);
    }
    return status;
}

/* A whole frame that becomes grey, smaller or upright. */
static lmp_status load_direct(const tiff_movie *m, int64_t i, void *frame, lmp_budget *budget, lmp_error *err)
{
    const int64_t most = piece_rows(m), height = m->pages.first.height;
    const size_t row = (size_t)decoded_row_bytes(m), piece = ((size_t)most * row + 63) / 64 * 64;
    void *room = NULL;
    image_rows rows;
    lmp_status status = budget_take_raw(budget, piece + image_load_scratch_bytes(&m->load), &room, err);
    if (status != LMP_OK) return status;
    image_rows_begin(&rows, &m->load, (char *)room + piece, frame);
    for (int64_t y = 0; y < height && status == LMP_OK; y += most) {
        const int64_t n = height - y < most ? height - y : most;
        status = read_rows(m, tiff_pages_data(&m->pages, i) + y * stored_row_bytes(m), n, room, budget, err);
        if (status == LMP_OK) image_rows_add(&rows, room, row, n);
    }
    lmp_give(budget, room);
    return status;
}

/* ---- Pages with a decoder ---------------------------------------------------------------------------------- */

static lmp_status decode_page(const tiff_movie *m, int64_t i, void *pixels, lmp_budget *budget, lmp_error *err)
{
    tiff_window window;
    tiff_ifd ifd;
    tiff_kind kind;
    tiff_window_begin(&window, &m->file);
    lmp_status status = tiff_ifd_read(&window, m->pages.table[i].ifd, i + 1, &ifd, err);
    if (status == LMP_OK) status = tiff_kind_find(&window, &ifd, i + 1, &kind, err);
    if (status != LMP_OK) return status;
    if (!tiff_pages_fit(&m->pages, &ifd, &kind) || kind.way == TIFF_DIRECT)
        return lmp_fail(err, LMP_ERR_INPUT, "%s has changed while it was read; wait until it is no longer written to",
                        m->file.input.path);
    return tiff_codec_decode(&m->file, &ifd, &kind, i + 1, pixels, budget, err);
}

static lmp_status load_decoded(const tiff_movie *m, int64_t i, void *frame, lmp_budget *budget, lmp_error *err)
{
    void *decoded = NULL;
    if (image_load_is_plain(&m->load)) return decode_page(m, i, frame, budget, err);
    lmp_status status = budget_take_raw(budget, image_load_decoded_bytes(&m->load), &decoded, err);
    if (status == LMP_OK) status = decode_page(m, i, decoded, budget, err);
    if (status == LMP_OK)
        status = image_load_finish(&m->load, decoded, (size_t)decoded_row_bytes(m), frame, budget, err);
    lmp_give(budget, decoded);
    return status;
}

/* ---- For lmp_source --------------------------------------------------------------------------------------- */

static lmp_status read_frames(void *state, const lmp_frames *out, lmp_budget *budget, lmp_error *err)
{
    const tiff_movie *m = state;
    lmp_status status = LMP_OK;
    for (int64_t t = 0; t < out->count && status == LMP_OK; t++) {
        const int64_t i = out->first + t;
        char *to = (char *)out->data + (size_t)t * out->stride;
        if (m->pages.table != NULL && m->pages.table[i].data < 0)
            status = load_decoded(m, i, to, budget, err);
        else if (image_load_is_plain(&m->load))
            status = read_band(m, i, out, to, budget, err);
        else
            status = load_direct(m, i, to, budget, err);
    }
    return status;
}

static lmp_status lend(void *state, int64_t first, int64_t count, lmp_budget *budget, lmp_frames *frames, void **lent,
                       lmp_error *err)
{
    const tiff_movie *m = state;
    const int64_t frame = tiff_kind_frame_bytes(&m->pages.first, &m->pages.kind);
    file_view *view = malloc(sizeof *view);
    if (view == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", m->file.input.path);
    const lmp_status status = file_view_begin(&m->file.input, tiff_pages_data(&m->pages, first),
                                              (size_t)((count - 1) * m->pages.stride + frame), budget, view, err);
    if (status != LMP_OK) {
        free(view);
        return status;
    }
    frames->data = (void *)view->bytes;
    frames->stride = (size_t)m->pages.stride;
    *lent = view;
    return LMP_OK;
}

static void end_lending(void *state, void *lent)
{
    (void)state;
    file_view_end(lent);
    free(lent);
}

/* Gaps between pages are mapped too, so they must be small. */
static bool can_lend(const tiff_movie *m)
{
    const tiff_pages *p = &m->pages;
    const int64_t width = (int64_t)sample_get_info(p->kind.stored)->bytes;
    const int64_t frame = tiff_kind_frame_bytes(&p->first, &p->kind);
    return p->table == NULL && image_load_is_plain(&m->load) &&
           pixels_are_native(p->kind.stored, m->file.is_big_endian) && p->data % width == 0 && p->stride % width == 0 &&
           p->stride - frame <= frame / 8 + 4096;
}

static const char *data_path(void *state)
{
    const tiff_movie *m = state;
    return m->file.input.path;
}

static void close_movie(void *state)
{
    tiff_movie *m = state;
    if (m == NULL) return;
    tiff_pages_free(&m->pages);
    tiff_file_close(&m->file);
    free(m);
}

/* ---- Open ------------------------------------------------------------------------------------------------- */

static void warn_of_dimensions(const tiff_notes *notes, const tiff_pages *pages, char **warnings)
{
    const double planes = (double)notes->channels * (double)notes->slices * (double)notes->frames;
    const int64_t said = notes->is_imagej ? notes->images : 0;
    if (notes->channels > 1)
        file_warn(warnings,
                  "a stack of %" PRId64 " channels (C), %" PRId64 " slices (Z) and %" PRId64
                  " times (T): all planes are frames in file order, %c runs fastest, then %c, then %c",
                  notes->channels, notes->slices, notes->frames, notes->order[0], notes->order[1], notes->order[2]);
    else if (notes->slices > 1 && notes->frames > 1)
        file_warn(warnings,
                  "a stack of %" PRId64 " slices (Z) and %" PRId64
                  " times (T): all planes are frames in file order, %c runs fastest, then %c, then %c",
                  notes->slices, notes->frames, notes->order[0], notes->order[1], notes->order[2]);
    if (said > 0 && said != pages->count)
        file_warn(warnings, "the description says %" PRId64 " images, the file has %" PRId64, said, pages->count);
    else if (notes->is_ome && planes < (double)pages->count)
        file_warn(warnings, "the description says %g planes, the file has %" PRId64, planes, pages->count);
    else if (notes->is_ome && planes > (double)pages->count)
        file_warn(warnings, "the description says %g planes, of which %" PRId64 " are in this file", planes,
                  pages->count);
}

static void warn_of_colours(const tiff_pages *pages, char **warnings)
{
    const tiff_ifd *first = &pages->first;
    const int64_t extra = first->samples - pages->kind.n_used;
    if (pages->is_converted) {
        file_warn(warnings, "the colours are of a kind that is converted to RGB of 8 bits");
        return;
    }
    if (extra > 0)
        file_warn(warnings, "%" PRId64 " of %" PRId64 " values of each pixel (alpha or more channels) are left out",
                  extra, first->samples);
    if (first->photometric == TIFF_CMYK) file_warn(warnings, "inks (CMYK) are mixed to RGB without a colour profile");
    if (first->photometric == TIFF_FILTER_ARRAY)
        file_warn(warnings, "the raw values of a colour filter array are taken as grey");
    if (first->photometric == TIFF_WHITE_IS_ZERO)
        file_warn(warnings, pages->kind.is_inverted ? "0 is white in the file: inverted, so that larger is brighter"
                                                    : "0 is white in the file: floating-point values stay as they are");
}

static lmp_status find_frames(tiff_movie *m, bool salvage, tiff_notes *notes, char **warnings, lmp_error *err)
{
    tiff_window window;
    tiff_window_begin(&window, &m->file);
    lmp_status status = tiff_pages_find(&window, salvage, &m->pages, warnings, err);
    if (status != LMP_OK) return status;
    tiff_notes_read(&window, &m->pages.first, notes);
    const int64_t n_planes = notes->images > 0 ? notes->images : m->pages.first.n_planes;
    status = tiff_pages_extend(&m->file, n_planes, salvage, &m->pages, warnings, err);
    return status == LMP_OK && !m->pages.is_direct ? tiff_codec_check(&m->file, &m->pages.first, err) : status;
}

static lmp_status find_format(tiff_movie *m, const tiff_notes *notes, const lmp_open_options *options,
                              lmp_format *format, char **warnings, lmp_error *err)
{
    const tiff_ifd *first = &m->pages.first;
    const bool has_rate = options->rate_hz > 0 && isfinite(options->rate_hz);
    *format = (lmp_format){.kind = LMP_MOVIE,
                           .type = m->pages.kind.type,
                           .n_times = m->pages.count,
                           .rate_hz = notes->rate_hz > 0 ? notes->rate_hz
                                      : has_rate         ? options->rate_hz
                                                         : 0,
                           .height = first->height,
                           .width = first->width,
                           .n_colours = m->pages.kind.colours,
                           .start_unix_s = (double)NAN,
                           .subject = "",
                           .session = ""};
    const lmp_status status = image_load_shape(m->file.input.path, format, first->orientation, options, &m->load, err);
    if (status != LMP_OK) return status;
    const bool is_turned = m->load.orientation >= 5;
    const double across = (double)m->load.decoded_width / (double)m->load.small_width;
    const double down = (double)m->load.decoded_height / (double)m->load.small_height;
    const double x_um = notes->pixel_width_um * across, y_um = notes->pixel_height_um * down;
    format->pixel_width_um = is_turned ? y_um : x_um;
    format->pixel_height_um = is_turned ? x_um : y_um;
    if (m->load.orientation != 1)
        file_warn(warnings, "stored turned or mirrored (orientation %" PRId64 "): put upright", m->load.orientation);
    return LMP_OK;
}

static size_t bytes_to_read(const tiff_movie *m)
{
    const tiff_pages *p = &m->pages;
    const bool is_plain = image_load_is_plain(&m->load);
    const size_t scratch = is_plain ? 0 : image_load_scratch_bytes(&m->load);
    const size_t piece = (size_t)piece_rows(m) * (size_t)(stored_row_bytes(m) + (is_plain ? 0 : decoded_row_bytes(m)));
    if (p->is_direct) return piece + scratch + 64;
    const size_t decoded = is_plain ? 0 : image_load_decoded_bytes(&m->load);
    return piece + scratch + decoded + tiff_codec_bytes(&p->first, p->chunk_bytes, p->is_converted);
}

static void give(tiff_movie *m, const tiff_notes *notes, const lmp_format *format, char *warnings, lmp_source *source)
{
    const bool can_be_lent = can_lend(m);
    source->stream.format = *format;
    source->format_name = notes->is_ome      ? "OME-TIFF"
                          : notes->is_imagej ? "TIFF (ImageJ)"
                          : m->file.is_big   ? "BigTIFF"
                                             : "TIFF";
    source->warnings = warnings;
    source->time_grain = 1;
    source->bytes_per_time = bytes_to_read(m);
    source->state = m;
    source->read_frames = read_frames;
    source->reads_rows = m->pages.is_direct && image_load_is_plain(&m->load);
    source->is_cheap = m->pages.is_direct;
    source->view = can_be_lent ? lend : NULL;
    source->view_end = can_be_lent ? end_lending : NULL;
    source->close = close_movie;
    source->data_path = data_path;
}

lmp_status tiff_open(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    tiff_notes notes;
    lmp_format format;
    char *warnings = NULL;
    tiff_movie *m = calloc(1, sizeof *m);
    if (m == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
    lmp_status status = tiff_file_open(path, &m->file, err);
    if (status != LMP_OK) {
        free(m);
        return status;
    }
    status = find_frames(m, options->salvage != 0, &notes, &warnings, err);
    if (status == LMP_OK) status = find_format(m, &notes, options, &format, &warnings, err);
    if (status != LMP_OK) {
        free(warnings);
        close_movie(m);
        return status;
    }
    warn_of_dimensions(&notes, &m->pages, &warnings);
    warn_of_colours(&m->pages, &warnings);
    give(m, &notes, &format, warnings, source);
    return LMP_OK;
}
