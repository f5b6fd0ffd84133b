/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_codec.c: pages that need a decoder, through libtiff.
 *
 * libtiff walks the chain of directories from the start to reach a page, and keeps state in its handle. So each page is
 * shown to it as a file of its own: the same bytes, but a header that names the page's directory as the first one. A
 * handle is opened for each page; that costs microseconds, and threads share nothing.
 */
#include "io/tiff/tiff_codec.h"

#include "core/budget.h"
#include "io/tiff/tiff_unpack.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <tiffio.h>

enum { LIBRARY_BYTES = 1 << 20, LEAST_PIECE = 64 << 20 };

typedef struct page_view {
    const tiff_file *file;
    int64_t at;
    uint8_t head[16];
    size_t n_head;
    char why[160]; /* what libtiff complained of first */
} page_view;

/* ---- A page as a file ------------------------------------------------------------------------------------- */

static void put_offset(page_view *view, int64_t offset)
{
    const size_t n = view->file->is_big ? 8 : 4, first = view->file->is_big ? 8 : 4;
    for (size_t i = 0; i < n; i++)
        view->head[first + i] = (uint8_t)((uint64_t)offset >> 8 * (view->file->is_big_endian ? n - 1 - i : i));
    view->n_head = first + n;
}

static tmsize_t read_view(thandle_t handle, void *bytes, tmsize_t size)
{
    page_view *view = handle;
    size_t got = 0;
    if (size < 0 || os_file_read(view->file->input.file, view->at, bytes, (size_t)size, &got) != 0) return -1;
    for (size_t i = 0; i < got && view->at + (int64_t)i < (int64_t)view->n_head; i++)
        ((uint8_t *)bytes)[i] = view->head[view->at + (int64_t)i];
    view->at += (int64_t)got;
    return (tmsize_t)got;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t size)
{
    (void)handle;
    (void)bytes;
    (void)size;
    return -1;
}

static toff_t seek_view(thandle_t handle, toff_t offset, int whence)
{
    page_view *view = handle;
    const uint64_t base = whence == SEEK_SET   ? 0
                          : whence == SEEK_CUR ? (uint64_t)view->at
                                               : (uint64_t)view->file->input.info.size;
    const uint64_t at = base + offset;
    if (at > INT64_MAX) {
        errno = EINVAL;
        return (toff_t)-1;
    }
    view->at = (int64_t)at;
    return at;
}

static int close_view(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size_of_view(thandle_t handle)
{
    const page_view *view = handle;
    return (toff_t)view->file->input.info.size;
}

/* ---- Complaints ------------------------------------------------------------------------------------------- */

static int keep_error(TIFF *tiff, void *user, const char *module, const char *text, va_list values) LMP_PRINTF(4, 0);

static int keep_error(TIFF *tiff, void *user, const char *module, const char *text, va_list values)
{
    page_view *view = user;
    (void)tiff;
    (void)module;
    if (view->why[0] != '\0') return 1;
    vsnprintf(view->why, sizeof view->why, text, values);
    for (char *c = view->why; *c != '\0'; c++)
        if (*c < ' ' || *c > '~') *c = ' ';
    for (size_t n = strlen(view->why); n > 0 && (view->why[n - 1] == '.' || view->why[n - 1] == ' '); n--)
        view->why[n - 1] = '\0';
    return 1;
}

static int drop_warning(TIFF *tiff, void *user, const char *module, const char *text, va_list values)
{
    (void)tiff;
    (void)user;
    (void)module;
    (void)text;
    (void)values;
    return 1;
}

static lmp_status fail(const page_view *view, int64_t number, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s: page %" PRId64 " cannot be decoded (%s); get the file again",
                    view->file->input.path, number, view->why[0] == '\0' ? "its pixels are damaged" : view->why);
}

static lmp_status open_page(page_view *view, const tiff_ifd *ifd, size_t most_bytes, int64_t number, TIFF **tiff,
                            lmp_error *err)
{
    size_t got = 0;
    if (os_file_read(view->file->input.file, 0, view->head, sizeof view->head, &got) != 0) got = 0;
    put_offset(view, ifd->at);
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", view->file->input.path);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most_bytes);
    TIFFOpenOptionsSetErrorHandlerExtR(options, keep_error, view);
    TIFFOpenOptionsSetWarningHandlerExtR(options, drop_warning, NULL);
    /* c: strips as they are; m: through the functions above. */
    *tiff = TIFFClientOpenExt("page", "rcm", view, read_view, write_nothing, seek_view, close_view, size_of_view, NULL,
                              NULL, options);
    TIFFOpenOptionsFree(options);
    if (*tiff == NULL) return fail(view, number, err);
    view->why[0] = '\0'; /* complaints that did not keep it from opening */
    return LMP_OK;
}

/* ---- Strips and tiles ------------------------------------------------------------------------------------- */

typedef struct decoder {
    page_view *view;
    TIFF *tiff;
    const tiff_ifd *ifd;
    const tiff_kind *kind;
    int64_t number, row_bytes; /* of the page; of a row of a chunk */
    uint8_t *chunk;
    char *pixels;
    tiff_unpack unpack;
} decoder;

/* A strip or tile: where in the image it is, and what of it is inside. */
typedef struct chunk {
    uint32_t index;
    int64_t plane, x, y, width, height;
} chunk;

static lmp_status read_chunk(const decoder *d, const chunk *c, void *bytes, lmp_error *err)
{
    const int64_t rows = d->ifd->is_tiled ? d->ifd->tile_height : c->height;
    const tmsize_t size = (tmsize_t)(rows * d->row_bytes);
    if (d->ifd->is_tiled && TIFFGetStrileByteCount(d->tiff, c->index) == 0 &&
        TIFFGetStrileOffset(d->tiff, c->index) == 0) {
        memset(bytes, 0, (size_t)size); /* left out by the writer: blank */
        return LMP_OK;
    }
    const tmsize_t got = d->ifd->is_tiled ? TIFFReadEncodedTile(d->tiff, c->index, bytes, size)
                                          : TIFFReadEncodedStrip(d->tiff, c->index, bytes, size);
    return got == size ? LMP_OK : fail(d->view, d->number, err);
}

/* True if strips decode to rows of the image. */
static bool is_straight(const tiff_ifd *ifd, const tiff_kind *kind)
{
    return !ifd->is_tiled && tiff_unpack_is_copy(ifd, kind);
}

static lmp_status decode_chunk(const decoder *d, const chunk *c, lmp_error *err)
{
    const int64_t pixel = d->kind->colours * (int64_t)lmp_type_bytes(d->kind->type), row = d->ifd->width * pixel;
    char *to = d->pixels + c->y * row + c->x * pixel;
    const bool is_copy = tiff_unpack_is_copy(d->ifd, d->kind);
    if (is_straight(d->ifd, d->kind)) return read_chunk(d, c, to, err);
    const lmp_status status = read_chunk(d, c, d->chunk, err);
    if (status != LMP_OK) return status;
    for (int64_t y = 0; y < c->height; y++) {
        const uint8_t *from = d->chunk + y * d->row_bytes;
        if (is_copy)
            memcpy(to + y * row, from, (size_t)(c->width * pixel));
        else
            tiff_unpack_row(&d->unpack, from, d->ifd->is_planar ? c->plane : -1, c->width, to + y * row);
    }
    return LMP_OK;
}

static lmp_status decode_chunks(const decoder *d, lmp_error *err)
{
    const tiff_ifd *ifd = d->ifd;
    const int64_t n_planes = ifd->is_planar ? d->kind->n_used : 1;
    chunk c = {0};
    lmp_status status = LMP_OK;
    for (c.plane = 0; c.plane < n_planes; c.plane++)
        for (c.y = 0; c.y < ifd->height; c.y += ifd->tile_height)
            for (c.x = 0; c.x < ifd->width && status == LMP_OK; c.x += ifd->tile_width, c.index++) {
                c.width = ifd->width - c.x < ifd->tile_width ? ifd->width - c.x : ifd->tile_width;
                c.height = ifd->height - c.y < ifd->tile_height ? ifd->height - c.y : ifd->tile_height;
                status = decode_chunk(d, &c, err);
            }
    return status;
}

/* libtiff must see the page as we do. */
static lmp_status check_layout(decoder *d, lmp_error *err)
{
    const tiff_ifd *ifd = d->ifd;
    const tmsize_t wanted = (tmsize_t)(d->row_bytes * ifd->tile_height);
    const tmsize_t size = ifd->is_tiled ? TIFFTileSize(d->tiff) : TIFFVStripSize(d->tiff, (uint32_t)ifd->tile_height);
    const bool is_tiled = TIFFIsTiled(d->tiff) != 0;
    if (size == wanted && is_tiled == ifd->is_tiled) return LMP_OK;
    if (d->view->why[0] == '\0') snprintf(d->view->why, sizeof d->view->why, "its directory contradicts itself");
    return fail(d->view, d->number, err);
}

static lmp_status find_palette(decoder *d, lmp_error *err)
{
    uint16_t *colours[3] = {NULL};
    const int64_t n = (int64_t)1 << d->ifd->bits;
    if (TIFFGetField(d->tiff, TIFFTAG_COLORMAP, &colours[0], &colours[1], &colours[2]) != 1 || colours[2] == NULL) {
        snprintf(d->view->why, sizeof d->view->why, "its palette is missing");
        return fail(d->view, d->number, err);
    }
    d->unpack.palette_is_small = true;
    for (int c = 0; c < 3; c++) {
        d->unpack.palette[c] = colours[c];
        for (int64_t i = 0; i < n; i++) d->unpack.palette_is_small &= colours[c][i] < 256;
    }
    return LMP_OK;
}

static lmp_status decode_coded(decoder *d, void *room, lmp_error *err)
{
    const tiff_ifd *ifd = d->ifd;
    if (ifd->photometric == TIFF_YCBCR) (void)TIFFSetField(d->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (ifd->photometric == TIFF_LOG_L) (void)TIFFSetField(d->tiff, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
    d->row_bytes = tiff_chunk_row_bytes(ifd);
    d->chunk = room;
    const size_t chunk_bytes = is_straight(ifd, d->kind) ? 0 : (d->kind->chunk_bytes + 63) / 64 * 64;
    d->unpack = (tiff_unpack){.ifd = ifd, .kind = d->kind, .line = d->chunk + chunk_bytes};
    lmp_status status = check_layout(d, err);
    if (status == LMP_OK && ifd->photometric == TIFF_PALETTE) status = find_palette(d, err);
    return status == LMP_OK ? decode_chunks(d, err) : status;
}

/* ---- Conversion ------------------------------------------------------------------------------------------- */

static lmp_status decode_converted(const decoder *d, uint32_t *raster, lmp_error *err)
{
    const int64_t n = d->ifd->width * d->ifd->height;
    const int orientation = d->ifd->orientation >= 1 && d->ifd->orientation <= 8 ? (int)d->ifd->orientation : 1;
    uint8_t *rgb = (uint8_t *)d->pixels;
    memset(raster, 0, (size_t)n * sizeof *raster);
    if (TIFFReadRGBAImageOriented(d->tiff, (uint32_t)d->ifd->width, (uint32_t)d->ifd->height, raster, orientation, 1) ==
        0)
        return fail(d->view, d->number, err);
    for (int64_t i = 0; i < n; i++, rgb += 3) {
        rgb[0] = (uint8_t)TIFFGetR(raster[i]);
        rgb[1] = (uint8_t)TIFFGetG(raster[i]);
        rgb[2] = (uint8_t)TIFFGetB(raster[i]);
    }
    return LMP_OK;
}

/* ---- Pages ------------------------------------------------------------------------------------------------ */

/* A row of indices or inks takes up to 16 bytes a pixel. */
static size_t room_bytes(const tiff_ifd *ifd, size_t chunk_bytes, bool is_converted)
{
    return is_converted ? (size_t)(ifd->width * ifd->height) * sizeof(uint32_t)
                        : chunk_bytes + 64 + 16 * (size_t)ifd->width;
}

lmp_status tiff_codec_check(const tiff_file *file, const tiff_ifd *ifd, lmp_error *err)
{
    if (TIFFIsCODECConfigured((uint16_t)ifd->compression) != 0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s is compressed in a way (TIFF compression %" PRId64
                    ") that is not known here; save it again with LZW or deflate",
                    file->input.path, ifd->compression);
}

size_t tiff_codec_bytes(const tiff_ifd *ifd, size_t chunk_bytes, bool is_converted)
{
    return room_bytes(ifd, chunk_bytes, is_converted) + 2 * chunk_bytes + LIBRARY_BYTES;
}

lmp_status tiff_codec_decode(const tiff_file *file, const tiff_ifd *ifd, const tiff_kind *kind, int64_t number,
                             void *pixels, lmp_budget *budget, lmp_error *err)
{
    const bool is_converted = kind->way == TIFF_CONVERTED;
    const size_t inside = 2 * kind->chunk_bytes + LIBRARY_BYTES; /* what libtiff takes by itself */
    page_view view = {.file = file};
    decoder d = {.view = &view, .ifd = ifd, .kind = kind, .number = number, .pixels = pixels};
    void *room = NULL;
    lmp_status status = budget_reserve(budget, inside, err);
    if (status != LMP_OK) return status;
    status = budget_take_raw(budget, room_bytes(ifd, is_straight(ifd, kind) ? 0 : kind->chunk_bytes, is_converted),
                             &room, err);
    if (status == LMP_OK) status = open_page(&view, ifd, inside + LEAST_PIECE, number, &d.tiff, err);
    if (status == LMP_OK) status = is_converted ? decode_converted(&d, room, err) : decode_coded(&d, room, err);
    if (d.tiff != NULL) TIFFClose(d.tiff);
    lmp_give(budget, room);
    budget_release(budget, inside);
    return status;
}
