/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_ifd.h: the directories (IFDs) of a TIFF file, one at a time; nothing in them is trusted.
 */
#ifndef LIMPID_IO_TIFF_IFD_H
#define LIMPID_IO_TIFF_IFD_H

#include "io/file.h"

/* Values of tags, by the names of the TIFF 6.0 specification. */
enum {
    TIFF_WHITE_IS_ZERO = 0,
    TIFF_BLACK_IS_ZERO = 1,
    TIFF_RGB = 2,
    TIFF_PALETTE = 3,
    TIFF_MASK = 4,
    TIFF_CMYK = 5,
    TIFF_YCBCR = 6,
    TIFF_CIELAB = 8,
    TIFF_ICCLAB = 9,
    TIFF_ITULAB = 10,
    TIFF_FILTER_ARRAY = 32803,
    TIFF_LOG_L = 32844,
    TIFF_LOG_LUV = 32845,
    TIFF_LINEAR_RAW = 34892
};
enum { TIFF_UNCOMPRESSED = 1, TIFF_OLD_JPEG = 6, TIFF_JPEG = 7, TIFF_DEFLATE = 8 };
enum { TIFF_FORMAT_UNSIGNED = 1, TIFF_FORMAT_SIGNED = 2, TIFF_FORMAT_FLOAT = 3, TIFF_FORMAT_UNDEFINED = 4 };

typedef struct tiff_file {
    file_input input;
    bool is_big; /* BigTIFF: 64-bit offsets */
    bool is_big_endian;
    int64_t first_ifd;
} tiff_file;

/* Opens and reads the header; refuses what is no TIFF. */
LMP_CHECKED lmp_status tiff_file_open(const char *path, tiff_file *file, lmp_error *err);
void tiff_file_close(tiff_file *file);

/* Two windows that move over a file, as values often lie apart from the entries that name them: one for each thread. */
enum { TIFF_PANE_BYTES = 4096 };
typedef struct tiff_pane {
    int64_t offset; /* of bytes[0] */
    size_t n;
    uint8_t bytes[TIFF_PANE_BYTES];
} tiff_pane;
typedef struct tiff_window {
    const tiff_file *file;
    int last; /* pane */
    tiff_pane panes[2];
} tiff_window;

void tiff_window_begin(tiff_window *window, const tiff_file *file);
/* Bytes [offset, offset + size) if the file has them and they fit a pane, else NULL; valid until the next call. */
const uint8_t *tiff_window_get(tiff_window *window, int64_t offset, size_t size);

/* The values of a tag: count numbers of a TIFF type, from `at` in the file on; count 0: the tag is absent. */
typedef struct tiff_field {
    int64_t type, count, at;
} tiff_field;

/* Value i as a whole number of at least 0; false if there is none. */
bool tiff_field_integer(tiff_window *window, const tiff_field *field, int64_t i, int64_t *value);
/* The first value of a RATIONAL, FLOAT or DOUBLE, above 0 and finite; else 0. */
double tiff_field_number(tiff_window *window, const tiff_field *field);

typedef struct tiff_ifd {
    int64_t at, next; /* next: 0 at the end of the chain */
    int64_t bytes;    /* of the directory, with the lists that it names */
    bool next_is_cut; /* the file ends before `next` */
    int64_t width, height;
    int64_t bits, samples; /* per number; numbers per pixel */
    bool bits_differ;      /* not all numbers of a pixel have as many bits */
    int64_t format, photometric, compression, orientation, fill_order;
    bool is_planar; /* the colours lie one plane behind the other */
    bool is_tiled;  /* else strips of tile_width = width */
    int64_t tile_width, tile_height;
    int64_t ink_set;
    bool is_reduced;            /* a smaller version of another page, or a transparency mask */
    tiff_field offsets, counts; /* of the strips or tiles */
    int64_t n_planes;           /* MetaMorph: images that follow one another behind one directory; else 0 */
    tiff_field description, resolution_x, resolution_y;
    int64_t resolution_unit; /* 1: none, 2: inch, 3: cm */
} tiff_ifd;

/* The end of a sentence about damage of page `number`: what salvaging would give; "" where that is nothing. */
const char *tiff_offer_salvage(int64_t number);

/* Reads the directory at `offset`. Fails with one sentence about page `number` (from 1) if it is damaged. */
LMP_CHECKED lmp_status tiff_ifd_read(tiff_window *window, int64_t offset, int64_t number, tiff_ifd *ifd,
                                     lmp_error *err);

#endif
