/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_kind.c: what numbers a page holds, and how limpid gets at them.
 */
#include "io/tiff/tiff_kind.h"

#include <inttypes.h>
#include <stdio.h>

/* No decoder makes more of a byte: a blank row of a fax is one bit. */
#define MOST_EXPANSION   65536.0
#define MOST_CHUNK_BYTES ((int64_t)1 << 36)

static lmp_status refuse(const tiff_window *window, int64_t number, const char *what, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s: page %" PRId64 " holds %s, which cannot be read; save it as plain TIFF",
                    window->file->input.path, number, what);
}

/* ---- Numbers ---------------------------------------------------------------------------------------------- */

/* The smallest of the types that holds numbers of `bits` bits; -1 if none does. */
static int find_width(int64_t bits)
{
    if (bits == 64) return 3;
    return bits <= 8 ? 0 : bits <= 16 ? 1 : bits <= 32 ? 2 : -1;
}

static bool find_type(const tiff_ifd *ifd, tiff_kind *kind)
{
    static const sample_type unsigned_of[] = {SAMPLE_UINT8, SAMPLE_UINT16, SAMPLE_UINT32, SAMPLE_UINT64};
    static const sample_type signed_of[] = {SAMPLE_INT8, SAMPLE_INT16, SAMPLE_INT32, SAMPLE_INT64};
    static const sample_type float_of[] = {SAMPLE_FLOAT16, SAMPLE_FLOAT16, SAMPLE_FLOAT32, SAMPLE_FLOAT64};
    const bool is_float = ifd->format == TIFF_FORMAT_FLOAT, is_signed = ifd->format == TIFF_FORMAT_SIGNED;
    const int width = find_width(ifd->bits);
    kind->is_packed = ifd->bits != 8 && ifd->bits != 16 && ifd->bits != 32 && ifd->bits != 64;
    if (width < 0 || ifd->bits_differ || (is_float && (kind->is_packed || ifd->bits == 8))) return false;
    if (ifd->format < TIFF_FORMAT_UNSIGNED || ifd->format > TIFF_FORMAT_UNDEFINED) return false;
    kind->stored = (is_float ? float_of : is_signed ? signed_of : unsigned_of)[width];
    kind->type = sample_get_info(kind->stored)->type;
    return true;
}

static lmp_status check_type(const tiff_window *window, const tiff_ifd *ifd, int64_t number, tiff_kind *kind,
                             lmp_error *err)
{
    char what[96];
    if (find_type(ifd, kind)) return LMP_OK;
    if (ifd->bits_differ)
        snprintf(what, sizeof what, "colours of different numbers of bits");
    else if (ifd->format == 5 || ifd->format == 6)
        snprintf(what, sizeof what, "complex numbers");
    else
        snprintf(what, sizeof what, "%s of %" PRId64 " bits (format %" PRId64 ")",
                 ifd->format == TIFF_FORMAT_FLOAT ? "floating-point numbers" : "numbers", ifd->bits, ifd->format);
    return refuse(window, number, what, err);
}

/* ---- Colours ---------------------------------------------------------------------------------------------- */

static void make_converted(tiff_kind *kind)
{
    kind->way = TIFF_CONVERTED;
    kind->type = LMP_UINT8;
    kind->stored = SAMPLE_UINT8;
    kind->is_packed = false;
    kind->colours = 3;
}

static bool has_type_of_inks(const tiff_ifd *ifd, const tiff_kind *kind)
{
    return !kind->is_packed &&
           (kind->stored == SAMPLE_UINT8 || kind->stored == SAMPLE_UINT16 || kind->stored == SAMPLE_FLOAT32) &&
           ifd->ink_set == 1;
}

/* NULL, or what is wrong. */
static const char *find_colours(const tiff_ifd *ifd, tiff_kind *kind)
{
    kind->way = TIFF_CODED;
    kind->n_used = kind->colours = 1;
    switch (ifd->photometric) {
    case TIFF_WHITE_IS_ZERO:
        kind->is_inverted = ifd->format != TIFF_FORMAT_FLOAT;
        return NULL;
    case TIFF_BLACK_IS_ZERO:
    case TIFF_MASK:
    case TIFF_FILTER_ARRAY:
        return NULL;
    case TIFF_LINEAR_RAW:
        kind->n_used = kind->colours = ifd->samples >= 3 ? 3 : 1;
        return NULL;
    case TIFF_RGB:
        kind->n_used = kind->colours = 3;
        return ifd->samples < 3 ? "RGB of fewer than three colours" : NULL;
    case TIFF_PALETTE:
        kind->type = LMP_UINT8;
        kind->colours = 3;
        return ifd->bits > 16 || (kind->stored != SAMPLE_UINT8 && kind->stored != SAMPLE_UINT16)
                   ? "palette colours whose indices are not whole numbers of up to 16 bits"
                   : NULL;
    case TIFF_CMYK:
        kind->n_used = 4;
        kind->colours = 3;
        if (ifd->samples < 4 || !has_type_of_inks(ifd, kind)) return "inks other than CMYK of 8, 16 or 32 (float) bits";
        return NULL;
    case TIFF_YCBCR:
        kind->n_used = kind->colours = 3;
        if (ifd->bits != 8 || ifd->samples != 3) return "YCbCr other than three colours of 8 bits";
        if (ifd->compression != TIFF_JPEG || ifd->is_planar) make_converted(kind);
        return NULL;
    case TIFF_CIELAB:
    case TIFF_ICCLAB:
    case TIFF_ITULAB:
    case TIFF_LOG_LUV:
        make_converted(kind);
        return NULL;
    case TIFF_LOG_L:
        kind->type = LMP_FLOAT32;
        kind->stored = SAMPLE_FLOAT32;
        kind->is_packed = false;
        return ifd->samples != 1 ? "logarithms of luminance with something else" : NULL;
    default:
        return "a colour space that is not known";
    }
}

/* ---- Where the numbers lie --------------------------------------------------------------------------------- */

int64_t tiff_chunk_row_bytes(const tiff_ifd *ifd)
{
    const int64_t bits = ifd->photometric == TIFF_LOG_L ? 32 : ifd->bits;
    return (ifd->tile_width * bits * (ifd->is_planar ? 1 : ifd->samples) + 7) / 8;
}

int64_t tiff_kind_frame_bytes(const tiff_ifd *ifd, const tiff_kind *kind)
{
    return ifd->width * ifd->height * kind->n_used * (int64_t)sample_get_info(kind->stored)->bytes;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* True if the strips of an uncompressed page follow one another without gaps. Their byte counts say nothing more. */
static bool find_data(tiff_window *window, const tiff_ifd *ifd, int64_t *data)
{
    const int64_t strip = tiff_chunk_row_bytes(ifd) * ifd->tile_height, n = divide_up(ifd->height, ifd->tile_height);
    if (ifd->offsets.count < n || !tiff_field_integer(window, &ifd->offsets, 0, data)) return false;
    for (int64_t i = 1; i < n; i++) {
        int64_t offset = 0;
        if (!tiff_field_integer(window, &ifd->offsets, i, &offset) || offset - *data != i * strip) return false;
    }
    return true;
}

static bool is_plain(const tiff_ifd *ifd, const tiff_kind *kind)
{
    return kind->way == TIFF_CODED && ifd->compression == TIFF_UNCOMPRESSED && !ifd->is_tiled && !ifd->is_planar &&
           ifd->fill_order == 1 && !kind->is_packed && !kind->is_inverted && kind->n_used == ifd->samples &&
           kind->n_used == kind->colours && ifd->photometric != TIFF_LOG_L;
}

static lmp_status fail_cut(const tiff_window *window, int64_t number, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT,
                    "%s is cut short: page %" PRId64 " goes on behind the end of the file, at %" PRId64
                    " bytes; get the complete file again%s",
                    window->file->input.path, number, window->file->input.info.size, tiff_offer_salvage(number));
}

/* All strips or tiles must lie in the file, and be enough bytes for so many pixels. */
static lmp_status check_chunks(tiff_window *window, const tiff_ifd *ifd, int64_t number, lmp_error *err)
{
    const int64_t size = window->file->input.info.size;
    const int64_t n = divide_up(ifd->width, ifd->tile_width) * divide_up(ifd->height, ifd->tile_height) *
                      (ifd->is_planar ? ifd->samples : 1);
    double stored = 0;
    if (ifd->offsets.count < n) return refuse(window, number, "fewer strips or tiles than it has pixels for", err);
    for (int64_t i = 0; i < n; i++) {
        int64_t offset = 0, count = 0;
        if (!tiff_field_integer(window, &ifd->offsets, i, &offset)) return fail_cut(window, number, err);
        (void)tiff_field_integer(window, &ifd->counts, i, &count); /* libtiff guesses where there are none */
        if (offset > size || count > size - offset) return fail_cut(window, number, err);
        stored += (double)(count > 0 ? count : size - offset);
    }
    const double bytes = (double)tiff_chunk_row_bytes(ifd) * (double)ifd->tile_height * (double)n;
    const double most = ifd->compression == TIFF_UNCOMPRESSED ? 1 : MOST_EXPANSION;
    /* Tiles may be larger than the image, and the last strip lower than the others. */
    if (bytes / 4 - 65536 > stored * most)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s says that page %" PRId64 " has %" PRId64 " x %" PRId64
                        " pixels, more than its bytes can hold; get the complete file again",
                        window->file->input.path, number, ifd->width, ifd->height);
    return LMP_OK;
}

lmp_status tiff_kind_find(tiff_window *window, const tiff_ifd *ifd, int64_t number, tiff_kind *kind, lmp_error *err)
{
    *kind = (tiff_kind){0};
    const bool needs_type = ifd->photometric != TIFF_LOG_L && ifd->photometric != TIFF_LOG_LUV;
    lmp_status status = needs_type ? check_type(window, ifd, number, kind, err) : LMP_OK;
    if (status != LMP_OK) return status;
    const char *wrong = find_colours(ifd, kind);
    if (wrong != NULL) return refuse(window, number, wrong, err);
    if (ifd->compression == TIFF_OLD_JPEG) make_converted(kind);
    if (ifd->height > ((int64_t)1 << 31) / ifd->width) return refuse(window, number, "more than 2^31 pixels", err);
    if (tiff_chunk_row_bytes(ifd) > MOST_CHUNK_BYTES / ifd->tile_height)
        return refuse(window, number, "strips or tiles of more than 64 GB", err);
    kind->chunk_bytes = (size_t)(tiff_chunk_row_bytes(ifd) * ifd->tile_height);
    if (is_plain(ifd, kind) && find_data(window, ifd, &kind->data)) {
        kind->way = TIFF_DIRECT;
        const int64_t size = window->file->input.info.size;
        const bool is_inside = kind->data <= size && tiff_kind_frame_bytes(ifd, kind) <= size - kind->data;
        return is_inside ? LMP_OK : fail_cut(window, number, err);
    }
    return check_chunks(window, ifd, number, err);
}
