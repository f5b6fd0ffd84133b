/* SPDX-License-Identifier: BSD-3-Clause
 *
 * page.h: the page's files, which the build puts into the program (scripts/embed_page.py writes page_files.c).
 */
#ifndef LIMPID_VIEWER_PAGE_H
#define LIMPID_VIEWER_PAGE_H

#include <stddef.h>

typedef struct page_file {
    const char *path; /* "/index.html" */
    const char *media_type;
    const char *etag; /* in quotes: of the bytes; the packed ones have their own */
    const char *packed_etag;
    const unsigned char *bytes, *packed; /* packed by gzip; NULL where that does not pay */
    size_t size, packed_size;
} page_file;

extern const page_file page_files[]; /* ended by a row without a path */

#endif
