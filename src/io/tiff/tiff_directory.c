/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_directory.c: the directories of a TIFF file that is written.
 *
 *     header | pixels of all pages | description, bits, resolution | arrays of strips | directory of page 1, 2, ...
 *
 * Everything is in the machine's byte order. The description is ImageJ's: lines of key=value, on the first page. ImageJ
 * keeps the pixel size as pixels per unit, with the unit in the description and none in the tag.
 */
#include "io/tiff/tiff_directory.h"

#include "io/decimal.h"
#include "io/tiff/tiff_ifd.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_ENTRIES = 17, MOST_DESCRIPTION = 512, BUFFER_BYTES = 1 << 18 };
enum { SHORT = 3, LONG = 4, RATIONAL = 5, LONG8 = 16 };

/* ---- Places ----------------------------------------------------------------------------------------------- */

static int64_t offset_bytes(const tiff_layout *l)
{
    return l->is_big ? 8 : 4;
}

static int64_t entry_bytes(const tiff_layout *l)
{
    return 4 + 2 * offset_bytes(l);
}

static int64_t directory_bytes(const tiff_layout *l)
{
    return (l->is_big ? 8 : 2) + N_ENTRIES * entry_bytes(l) + offset_bytes(l);
}

/* Description, then bits of the colours (8 bytes), then two rationals. */
static int64_t shared_bytes(void)
{
    return MOST_DESCRIPTION + 8 + 16;
}

/* Offsets and byte counts of the strips of a page, where they do not fit their entries. */
static int64_t array_bytes(const tiff_layout *l)
{
    return l->n_strips > 1 ? 2 * l->n_strips * offset_bytes(l) : 0;
}

int64_t tiff_directory_bytes(const tiff_layout *layout)
{
    return shared_bytes() + layout->format.n_times * (array_bytes(layout) + directory_bytes(layout));
}

/* ---- Description ------------------------------------------------------------------------------------------ */

static size_t describe(const lmp_format *f, char text[MOST_DESCRIPTION])
{
    char number[DECIMAL_ROOM];
    int n = snprintf(text, MOST_DESCRIPTION, "ImageJ=1.53t\nimages=%" PRId64 "\n", f->n_times);
    if (f->n_times > 1)
        n += snprintf(text + n, (size_t)(MOST_DESCRIPTION - n), "frames=%" PRId64 "\nhyperstack=true\nmode=grayscale\n",
                      f->n_times);
    if (f->pixel_width_um > 0 && f->pixel_height_um > 0)
        n += snprintf(text + n, (size_t)(MOST_DESCRIPTION - n), "unit=micron\n");
    if (f->rate_hz > 0 && f->n_times > 1) {
        decimal_print(1 / f->rate_hz, number);
        n += snprintf(text + n, (size_t)(MOST_DESCRIPTION - n), "finterval=%s\n", number);
    }
    n += snprintf(text + n, (size_t)(MOST_DESCRIPTION - n), "loop=false\n");
    return (size_t)n + 1;
}

/* The nearest fraction of 32-bit numbers, by its continued fraction; 0/1 if there is none. */
static void find_fraction(double value, uint32_t fraction[2])
{
    uint64_t p[2] = {0, 1}, q[2] = {1, 0};
    double rest = value;
    fraction[0] = 0;
    fraction[1] = 1;
    if (!(value > 0 && value < 4e9)) return;
    for (int i = 0; i < 40 && rest < 4e9; i++) {
        const double whole = floor(rest);
        const uint64_t above = (uint64_t)whole * p[1] + p[0], below = (uint64_t)whole * q[1] + q[0];
        if (above > UINT32_MAX || below > UINT32_MAX) return;
        p[0] = p[1];
        q[0] = q[1];
        p[1] = above;
        q[1] = below;
        fraction[0] = (uint32_t)above;
        fraction[1] = (uint32_t)below;
        if ((double)above / (double)below == value || rest == whole) return;
        rest = 1 / (rest - whole);
    }
}

static size_t make_shared(const tiff_layout *l, uint8_t *bytes)
{
    const lmp_format *f = &l->format;
    const uint16_t bits = (uint16_t)(8 * lmp_type_bytes(f->type)), all[4] = {bits, bits, bits, 0};
    uint32_t fractions[4];
    memset(bytes, 0, (size_t)shared_bytes());
    const size_t n = describe(f, (char *)bytes);
    find_fraction(f->pixel_width_um > 0 ? 1 / f->pixel_width_um : 0, fractions);
    find_fraction(f->pixel_height_um > 0 ? 1 / f->pixel_height_um : 0, fractions + 2);
    memcpy(bytes + MOST_DESCRIPTION, all, sizeof all);
    memcpy(bytes + MOST_DESCRIPTION + 8, fractions, sizeof fractions);
    return n;
}

/* ---- Directories ------------------------------------------------------------------------------------------ */

typedef struct maker {
    const tiff_layout *layout;
    int64_t shared, arrays, directories;       /* places in the file */
    size_t description;                        /* its bytes */
    uint8_t values[MOST_DESCRIPTION + 8 + 16]; /* what is at `shared` */
    uint8_t *at;                               /* where to put the next entry */
} maker;

static void put(maker *m, uint64_t value, int64_t bytes)
{
    const uint16_t two = (uint16_t)value;
    const uint32_t four = (uint32_t)value;
    memcpy(m->at,
           bytes == 2   ? (const void *)&two
           : bytes == 4 ? (const void *)&four
                        : (const void *)&value,
           (size_t)bytes);
    m->at += bytes;
}

static void put_entry(maker *m, int64_t tag, int64_t type, int64_t count, int64_t value)
{
    const int64_t room = offset_bytes(m->layout), bytes = type == SHORT && count == 1 ? 2 : room;
    put(m, (uint64_t)tag, 2);
    put(m, (uint64_t)type, 2);
    put(m, (uint64_t)count, room);
    put(m, (uint64_t)value, bytes);
    if (bytes < room) {
        memset(m->at, 0, (size_t)(room - bytes));
        m->at += room - bytes;
    }
}

/* Values that fit an entry of BigTIFF stand in it, in the classic form behind an offset. */
static void put_shared(maker *m, int64_t tag, int64_t type, int64_t count, int64_t place)
{
    if (!m->layout->is_big) {
        put_entry(m, tag, type, count, m->shared + place);
        return;
    }
    uint64_t value = 0;
    memcpy(&value, m->values + place, sizeof value);
    put_entry(m, tag, type, count, (int64_t)value);
}

static tiff_strip strip_of(const tiff_layout *l, int64_t page, int64_t i)
{
    if (l->strips != NULL) return l->strips[page * l->n_strips + i];
    const int64_t bytes =
        l->format.height * l->format.width * l->format.n_colours * (int64_t)lmp_type_bytes(l->format.type);
    return (tiff_strip){.offset = l->data + page * bytes, .bytes = bytes};
}

static void put_strips(maker *m, int64_t tag, int64_t page, bool counts)
{
    const tiff_layout *l = m->layout;
    const int64_t type = l->is_big ? LONG8 : LONG;
    const int64_t place = m->arrays + page * array_bytes(l) + (counts ? array_bytes(l) / 2 : 0);
    const tiff_strip only = strip_of(l, page, 0);
    put_entry(m, tag, type, l->n_strips, l->n_strips > 1 ? place : counts ? only.bytes : only.offset);
}

static int64_t sample_format(lmp_type type)
{
    if (type == LMP_FLOAT32 || type == LMP_FLOAT64) return TIFF_FORMAT_FLOAT;
    return type == LMP_INT8 || type == LMP_INT16 || type == LMP_INT32 ? TIFF_FORMAT_SIGNED : TIFF_FORMAT_UNSIGNED;
}

static void put_directory(maker *m, int64_t page)
{
    const tiff_layout *l = m->layout;
    const lmp_format *f = &l->format;
    const int64_t bits = 8 * (int64_t)lmp_type_bytes(f->type);
    const bool is_last = page == f->n_times - 1;
    put(m, N_ENTRIES, l->is_big ? 8 : 2);
    put_entry(m, 254, LONG, 1, f->n_times > 1 ? 2 : 0); /* a page of several */
    put_entry(m, 256, LONG, 1, f->width);
    put_entry(m, 257, LONG, 1, f->height);
    if (f->n_colours == 3)
        put_shared(m, 258, SHORT, 3, MOST_DESCRIPTION);
    else
        put_entry(m, 258, SHORT, 1, bits);
    put_entry(m, 259, SHORT, 1, l->compression);
    put_entry(m, 262, SHORT, 1, f->n_colours == 3 ? TIFF_RGB : TIFF_BLACK_IS_ZERO);
    /* The others share a text of one byte, so that all directories are of one size. */
    put_entry(m, 270, 2, page == 0 ? (int64_t)m->description : 1, page == 0 ? m->shared : 0);
    put_strips(m, 273, page, false);
    put_entry(m, 274, SHORT, 1, 1);
    put_entry(m, 277, SHORT, 1, f->n_colours);
    put_entry(m, 278, LONG, 1, l->rows_per_strip);
    put_strips(m, 279, page, true);
    put_shared(m, 282, RATIONAL, 1, MOST_DESCRIPTION + 8);
    put_shared(m, 283, RATIONAL, 1, MOST_DESCRIPTION + 16);
    put_entry(m, 284, SHORT, 1, 1);
    put_entry(m, 296, SHORT, 1, 1);
    put_entry(m, 339, SHORT, 1, sample_format(f->type));
    put(m, is_last ? 0 : (uint64_t)(m->directories + (page + 1) * directory_bytes(l)), offset_bytes(l));
}

static void put_array(maker *m, int64_t page)
{
    const tiff_layout *l = m->layout;
    for (int counts = 0; counts < 2; counts++)
        for (int64_t i = 0; i < l->n_strips; i++) {
            const tiff_strip strip = strip_of(l, page, i);
            put(m, (uint64_t)(counts != 0 ? strip.bytes : strip.offset), offset_bytes(l));
        }
}

/* Puts something for each page into the file, many pages at a time. */
static lmp_status put_all(maker *m, file_output *output, void (*put_one)(maker *m, int64_t page), int64_t bytes,
                          int64_t at, lmp_error *err)
{
    const int64_t n = m->layout->format.n_times, most = bytes < BUFFER_BYTES ? BUFFER_BYTES / bytes : 1;
    uint8_t *buffer = malloc((size_t)(most * bytes));
    if (buffer == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", output->path);
    lmp_status status = LMP_OK;
    for (int64_t page = 0; page < n && status == LMP_OK; page += most) {
        const int64_t count = n - page < most ? n - page : most;
        m->at = buffer;
        for (int64_t i = 0; i < count; i++) put_one(m, page + i);
        status = file_output_write(output, at + page * bytes, buffer, (size_t)(count * bytes), err);
    }
    free(buffer);
    return status;
}

static lmp_status write_head(file_output *output, maker *m, lmp_error *err)
{
    uint8_t head[TIFF_HEAD_BYTES] = {0};
    const bool host_is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    memcpy(head, host_is_big ? "MM" : "II", 2);
    m->at = head + 2;
    put(m, m->layout->is_big ? 43 : 42, 2);
    if (m->layout->is_big) {
        put(m, 8, 2);
        put(m, 0, 2);
    }
    put(m, (uint64_t)m->directories, offset_bytes(m->layout));
    return file_output_write(output, 0, head, sizeof head, err);
}

lmp_status tiff_directory_write(file_output *output, const tiff_layout *layout, int64_t at, lmp_error *err)
{
    maker m = {.layout = layout, .shared = at, .arrays = at + shared_bytes()};
    m.directories = m.arrays + layout->format.n_times * array_bytes(layout);
    m.description = make_shared(layout, m.values);
    lmp_status status = file_output_write(output, at, m.values, sizeof m.values, err);
    if (status == LMP_OK && layout->n_strips > 1)
        status = put_all(&m, output, put_array, array_bytes(layout), m.arrays, err);
    if (status == LMP_OK) status = put_all(&m, output, put_directory, directory_bytes(layout), m.directories, err);
    return status == LMP_OK ? write_head(output, &m, err) : status;
}
