/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_pages.h: the pages of a TIFF file that are the frames of a movie.
 */
#ifndef LIMPID_IO_TIFF_PAGES_H
#define LIMPID_IO_TIFF_PAGES_H

#include "io/tiff/tiff_kind.h"

typedef struct tiff_page {
    int64_t ifd;
    int64_t data; /* of the numbers, where they need no decoder; else -1 */
} tiff_page;

typedef struct tiff_pages {
    int64_t count;
    tiff_page *table;     /* NULL: all pages need no decoder and lie at equal distances: */
    int64_t data, stride; /* the first one's numbers, bytes to the next */
    bool is_direct;       /* no page needs a decoder */
    tiff_ifd first;       /* all others have its size, type and colours */
    tiff_kind kind;
    size_t chunk_bytes; /* of the largest strip or tile that is decoded */
    bool is_converted;  /* some page is TIFF_CONVERTED */
} tiff_pages;

/* Walks the chain of directories. Reduced pages are left out, with a warning; with `salvage` the walk ends before what
 * is damaged or unlike the first page, else that is refused. */
LMP_CHECKED lmp_status tiff_pages_find(tiff_window *window, bool salvage, tiff_pages *pages, char **warnings,
                                       lmp_error *err);
void tiff_pages_free(tiff_pages *pages);

/* Takes a file of one page for `n_planes` planes that follow one another. Those that are not in the file are refused,
 * or with `salvage` left out. */
LMP_CHECKED lmp_status tiff_pages_extend(const tiff_file *file, int64_t n_planes, bool salvage, tiff_pages *pages,
                                         char **warnings, lmp_error *err);

/* True if a page can be read as the frames of `pages` are. */
bool tiff_pages_fit(const tiff_pages *pages, const tiff_ifd *ifd, const tiff_kind *kind);

static inline int64_t tiff_pages_data(const tiff_pages *pages, int64_t i)
{
    return pages->table != NULL ? pages->table[i].data : pages->data + i * pages->stride;
}

#endif
