/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_ifd.c: the directories of a TIFF file (TIFF 6.0, sections 2 and 8; BigTIFF).
 */
#include "io/tiff/tiff_ifd.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ENTRIES = 4096, MOST_BITS = 64, MOST_SAMPLES = 65535 };

enum {
    TYPE_BYTE = 1,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TYPE_RATIONAL = 5,
    TYPE_FLOAT = 11,
    TYPE_DOUBLE = 12,
    TYPE_IFD = 13,
    TYPE_LONG8 = 16,
    TYPE_IFD8 = 18
};

/* ---- Window ----------------------------------------------------------------------------------------------- */

void tiff_window_begin(tiff_window *window, const tiff_file *file)
{
    window->file = file;
    window->last = 0;
    for (int i = 0; i < 2; i++) window->panes[i].n = 0;
}

static const uint8_t *look(const tiff_pane *pane, int64_t offset, size_t size)
{
    const bool is_here = offset >= pane->offset && offset - pane->offset <= (int64_t)pane->n &&
                         size <= pane->n - (size_t)(offset - pane->offset);
    return is_here ? pane->bytes + (offset - pane->offset) : NULL;
}

const uint8_t *tiff_window_get(tiff_window *window, int64_t offset, size_t size)
{
    const int64_t end = window->file->input.info.size;
    if (offset < 0 || offset > end || size > (uint64_t)(end - offset) || size > TIFF_PANE_BYTES) return NULL;
    const uint8_t *bytes = look(&window->panes[window->last], offset, size);
    if (bytes != NULL) return bytes;
    window->last = 1 - window->last;
    tiff_pane *pane = &window->panes[window->last];
    bytes = look(pane, offset, size);
    if (bytes != NULL) return bytes;
    pane->offset = offset;
    pane->n = 0;
    if (os_file_read(window->file->input.file, offset, pane->bytes, sizeof pane->bytes, &pane->n) != 0) pane->n = 0;
    return look(pane, offset, size);
}

/* ---- Numbers ---------------------------------------------------------------------------------------------- */

static uint64_t unsigned_of(const tiff_file *file, const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) value = value << 8 | bytes[file->is_big_endian ? i : n - 1 - i];
    return value;
}

/* 0 for types that TIFF does not know. */
static size_t bytes_of_type(int64_t type)
{
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
    return type >= 0 && type < (int64_t)sizeof sizes ? sizes[type] : 0;
}

bool tiff_field_integer(tiff_window *window, const tiff_field *field, int64_t i, int64_t *value)
{
    const bool is_integer = field->type == TYPE_BYTE || field->type == TYPE_SHORT || field->type == TYPE_LONG ||
                            field->type == TYPE_IFD || field->type == TYPE_LONG8 || field->type == TYPE_IFD8;
    if (!is_integer || i >= field->count) return false;
    const size_t n = bytes_of_type(field->type);
    const uint8_t *bytes = tiff_window_get(window, field->at + i * (int64_t)n, n);
    if (bytes == NULL) return false;
    const uint64_t number = unsigned_of(window->file, bytes, n);
    if (number > INT64_MAX) return false;
    *value = (int64_t)number;
    return true;
}

double tiff_field_number(tiff_window *window, const tiff_field *field)
{
    const size_t n = bytes_of_type(field->type);
    const uint8_t *bytes = field->count < 1 ? NULL : tiff_window_get(window, field->at, n);
    double value = 0;
    if (bytes == NULL) return 0;
    if (field->type == TYPE_RATIONAL) {
        const double above = (double)unsigned_of(window->file, bytes, 4);
        const double below = (double)unsigned_of(window->file, bytes + 4, 4);
        value = below > 0 ? above / below : 0;
    } else if (field->type == TYPE_FLOAT) {
        const uint32_t raw = (uint32_t)unsigned_of(window->file, bytes, 4);
        float single;
        memcpy(&single, &raw, sizeof single);
        value = (double)single;
    } else if (field->type == TYPE_DOUBLE) {
        const uint64_t raw = unsigned_of(window->file, bytes, 8);
        memcpy(&value, &raw, sizeof value);
    }
    return isfinite(value) && value > 0 ? value : 0;
}

/* ---- Header ----------------------------------------------------------------------------------------------- */

static lmp_status read_header(tiff_file *file, lmp_error *err)
{
    uint8_t head[16] = {0};
    size_t n = 0;
    const int code = os_file_read(file->input.file, 0, head, sizeof head, &n);
    const bool has_order = memcmp(head, "II", 2) == 0 || memcmp(head, "MM", 2) == 0;
    file->is_big_endian = head[0] == 'M';
    const uint64_t version = unsigned_of(file, head + 2, 2);
    file->is_big = version == 43;
    const size_t wanted = file->is_big ? 16 : 8;
    if (code != 0 || n < wanted || !has_order || (version != 42 && version != 43))
        return lmp_fail(err, LMP_ERR_INPUT, "%s is no TIFF file: it does not start as one; check what it is",
                        file->input.path);
    if (file->is_big && (unsigned_of(file, head + 4, 2) != 8 || unsigned_of(file, head + 6, 2) != 0))
        return lmp_fail(err, LMP_ERR_INPUT, "%s says that it is BigTIFF with offsets of %d bytes; only 8 are read",
                        file->input.path, (int)unsigned_of(file, head + 4, 2));
    const uint64_t first = file->is_big ? unsigned_of(file, head + 8, 8) : unsigned_of(file, head + 4, 4);
    if (first < wanted || first >= (uint64_t)file->input.info.size)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s has no pages: its first directory is said to be at %" PRIu64 ", outside the %" PRId64
                        " bytes of the file; get the complete file again",
                        file->input.path, first, file->input.info.size);
    file->first_ifd = (int64_t)first;
    return LMP_OK;
}

lmp_status tiff_file_open(const char *path, tiff_file *file, lmp_error *err)
{
    *file = (tiff_file){0};
    lmp_status status = file_input_open(path, &file->input, err);
    if (status != LMP_OK) return status;
    status = read_header(file, err);
    if (status != LMP_OK) tiff_file_close(file);
    return status;
}

void tiff_file_close(tiff_file *file)
{
    file_input_close(&file->input);
}

/* ---- Directory -------------------------------------------------------------------------------------------- */

const char *tiff_offer_salvage(int64_t number)
{
    return number > 1 ? ", or salvage it (--salvage) to keep the pages before" : "";
}

static lmp_status fail_page(const tiff_window *window, int64_t number, const char *why, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s: the directory of page %" PRId64 " is damaged (%s); get the file again%s",
                    window->file->input.path, number, why, tiff_offer_salvage(number));
}

/* Field of the entry at `at`; count 0 if it makes no sense: such entries count as absent. */
static bool read_entry(tiff_window *window, int64_t at, int64_t *tag, tiff_field *field)
{
    const tiff_file *file = window->file;
    const size_t room = file->is_big ? 8 : 4;
    const uint8_t *bytes = tiff_window_get(window, at, file->is_big ? 20 : 12);
    if (bytes == NULL) return false;
    *tag = (int64_t)unsigned_of(file, bytes, 2);
    *field = (tiff_field){.type = (int64_t)unsigned_of(file, bytes + 2, 2), .at = at + 4 + (int64_t)room};
    const uint64_t count = unsigned_of(file, bytes + 4, room), n = bytes_of_type(field->type);
    const uint64_t size = (uint64_t)file->input.info.size;
    if (n == 0 || count > size / n) return true;
    if (count * n > room) {
        const uint64_t offset = unsigned_of(file, bytes + 4 + room, room);
        if (offset > size || count * n > size - offset) return true;
        field->at = (int64_t)offset;
    }
    field->count = (int64_t)count;
    return true;
}

static void keep_integer(tiff_window *window, const tiff_field *field, int64_t *value)
{
    int64_t number = 0;
    if (tiff_field_integer(window, field, 0, &number)) *value = number;
}

static void keep_bits(tiff_window *window, const tiff_field *field, tiff_ifd *ifd)
{
    keep_integer(window, field, &ifd->bits);
    for (int64_t i = 1; i < field->count && i < MOST_SAMPLES; i++) {
        int64_t bits = ifd->bits;
        if (tiff_field_integer(window, field, i, &bits) && bits != ifd->bits) ifd->bits_differ = true;
    }
}

/* What is read besides the entries: a limit on how often hostile pages share long lists. */
static void count_bytes(const tiff_field *field, tiff_ifd *ifd)
{
    ifd->bytes += field->count * (int64_t)bytes_of_type(field->type);
}

/* Tags of one whole number, and of lists. */
typedef struct tag_place {
    int64_t tag;
    size_t place; /* in tiff_ifd */
} tag_place;

static const tag_place number_tags[] = {
    {256, offsetof(tiff_ifd, width)},       {257, offsetof(tiff_ifd, height)},
    {259, offsetof(tiff_ifd, compression)}, {262, offsetof(tiff_ifd, photometric)},
    {266, offsetof(tiff_ifd, fill_order)},  {274, offsetof(tiff_ifd, orientation)},
    {277, offsetof(tiff_ifd, samples)},     {296, offsetof(tiff_ifd, resolution_unit)},
    {322, offsetof(tiff_ifd, tile_width)},  {323, offsetof(tiff_ifd, tile_height)},
    {332, offsetof(tiff_ifd, ink_set)},     {339, offsetof(tiff_ifd, format)},
};
static const tag_place list_tags[] = {
    {270, offsetof(tiff_ifd, description)},  {273, offsetof(tiff_ifd, offsets)},
    {279, offsetof(tiff_ifd, counts)},       {282, offsetof(tiff_ifd, resolution_x)},
    {283, offsetof(tiff_ifd, resolution_y)}, {324, offsetof(tiff_ifd, offsets)},
    {325, offsetof(tiff_ifd, counts)},
};

/* Where a tag is kept as it is; NULL: it is not. */
static void *find_place(const tag_place *places, size_t n, int64_t tag, tiff_ifd *ifd)
{
    for (size_t i = 0; i < n; i++)
        if (places[i].tag == tag) return (char *)ifd + places[i].place;
    return NULL;
}

static void keep_tag(tiff_window *window, int64_t tag, const tiff_field *field, tiff_ifd *ifd)
{
    int64_t *number_place = find_place(number_tags, sizeof number_tags / sizeof *number_tags, tag, ifd);
    tiff_field *list_place = find_place(list_tags, sizeof list_tags / sizeof *list_tags, tag, ifd);
    int64_t number = 0;
    const bool is_integer = tiff_field_integer(window, field, 0, &number);
    if (number_place != NULL) keep_integer(window, field, number_place);
    if (list_place != NULL) *list_place = *field;
    switch (tag) {
    case 254: /* NewSubfileType: 1 reduced, 4 transparency mask */
        ifd->is_reduced |= is_integer && (number & 5) != 0;
        break;
    case 255: /* SubfileType: 2 reduced */
        ifd->is_reduced |= is_integer && number == 2;
        break;
    case 258: /* BitsPerSample */
        keep_bits(window, field, ifd);
        count_bytes(field, ifd);
        break;
    case 273: /* StripOffsets */
    case 324: /* TileOffsets */
        count_bytes(field, ifd);
        break;
    case 278: /* RowsPerStrip */
        if (!ifd->is_tiled) keep_integer(window, field, &ifd->tile_height);
        break;
    case 284: /* PlanarConfiguration */
        ifd->is_planar = is_integer && number == 2;
        break;
    case 322: /* TileWidth */
    case 323: /* TileLength */
        ifd->is_tiled = true;
        break;
    case 33629: /* UIC2: six numbers for each plane */
        ifd->n_planes = field->count;
        break;
    default:
        break;
    }
}

static lmp_status read_entries(tiff_window *window, int64_t number, tiff_ifd *ifd, lmp_error *err)
{
    const tiff_file *file = window->file;
    const int64_t head = file->is_big ? 8 : 2, entry = file->is_big ? 20 : 12, link = file->is_big ? 8 : 4;
    const uint8_t *bytes = tiff_window_get(window, ifd->at, (size_t)head);
    if (bytes == NULL) return fail_page(window, number, "it lies outside the file", err);
    const uint64_t n = unsigned_of(file, bytes, (size_t)head);
    if (n == 0 || n > MOST_ENTRIES) {
        char why[64];
        snprintf(why, sizeof why, "%" PRIu64 " entries", n);
        return fail_page(window, number, why, err);
    }
    for (int64_t i = 0; i < (int64_t)n; i++) {
        int64_t tag = 0;
        tiff_field field = {0};
        if (!read_entry(window, ifd->at + head + i * entry, &tag, &field))
            return fail_page(window, number, "the file ends within it", err);
        keep_tag(window, tag, &field, ifd);
    }
    ifd->bytes += head + (int64_t)n * entry + link;
    bytes = tiff_window_get(window, ifd->at + head + (int64_t)n * entry, (size_t)link);
    ifd->next_is_cut = bytes == NULL;
    const uint64_t next = bytes == NULL ? 0 : unsigned_of(file, bytes, (size_t)link);
    ifd->next = next > INT64_MAX ? INT64_MAX : (int64_t)next;
    return LMP_OK;
}

/* Fills in defaults and refuses what no page can be. */
static lmp_status settle(const tiff_window *window, int64_t number, tiff_ifd *ifd, lmp_error *err)
{
    if (ifd->width < 1 || ifd->height < 1 || ifd->width > INT32_MAX || ifd->height > INT32_MAX) {
        char why[96];
        snprintf(why, sizeof why, "%" PRId64 " x %" PRId64 " pixels", ifd->width, ifd->height);
        return fail_page(window, number, why, err);
    }
    if (ifd->samples < 1 || ifd->samples > MOST_SAMPLES || ifd->bits < 1 || ifd->bits > MOST_BITS) {
        char why[96];
        snprintf(why, sizeof why, "%" PRId64 " numbers of %" PRId64 " bits per pixel", ifd->samples, ifd->bits);
        return fail_page(window, number, why, err);
    }
    if (ifd->offsets.count < 1) return fail_page(window, number, "it does not say where the pixels are", err);
    if (!ifd->is_tiled) {
        ifd->tile_width = ifd->width;
        if (ifd->tile_height < 1 || ifd->tile_height > ifd->height) ifd->tile_height = ifd->height;
    }
    if (ifd->tile_width < 1 || ifd->tile_height < 1 || ifd->tile_width > INT32_MAX || ifd->tile_height > INT32_MAX)
        return fail_page(window, number, "tiles without a size", err);
    if (ifd->photometric < 0) ifd->photometric = ifd->samples >= 3 ? TIFF_RGB : TIFF_BLACK_IS_ZERO;
    if (ifd->samples == 1) ifd->is_planar = false;
    return LMP_OK;
}

lmp_status tiff_ifd_read(tiff_window *window, int64_t offset, int64_t number, tiff_ifd *ifd, lmp_error *err)
{
    *ifd = (tiff_ifd){.at = offset,
                      .bits = 1,
                      .samples = 1,
                      .format = TIFF_FORMAT_UNSIGNED,
                      .photometric = -1,
                      .compression = TIFF_UNCOMPRESSED,
                      .orientation = 1,
                      .fill_order = 1,
                      .ink_set = 1,
                      .resolution_unit = 2};
    const lmp_status status = read_entries(window, number, ifd, err);
    return status != LMP_OK || ifd->is_reduced ? status : settle(window, number, ifd, err);
}
