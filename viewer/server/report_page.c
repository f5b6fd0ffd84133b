/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_page.c: the page of reports, which is built beside the viewer's own.
 */
#include "viewer.h"

#include "page.h"

#include <string.h>

const char *viewer_report_page(void)
{
    for (const page_file *f = page_files; f->path != NULL; f++)
        if (strcmp(f->path, "/report.html") == 0) return (const char *)f->bytes;
    return NULL;
}
