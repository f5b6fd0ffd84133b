/* SPDX-License-Identifier: BSD-3-Clause
 *
 * page.c: serves the page's files.
 */
#include "page.h"

#include "request.h"

#include <string.h>

static const page_file *find_file(const char *path)
{
    for (const page_file *f = page_files; f->path != NULL; f++)
        if (strcmp(f->path, strcmp(path, "/") == 0 ? "/index.html" : path) == 0) return f;
    return NULL;
}

static bool takes_gzip(const request *r)
{
    const char *accepted = request_header(r, "Accept-Encoding");
    const char *gzip = accepted != NULL ? strstr(accepted, "gzip") : NULL;
    return gzip != NULL && strncmp(gzip + 4, ";q=0", 4) != 0;
}

bool page_answer(request *r, const char *path)
{
    const page_file *f = find_file(path);
    if (f == NULL) return false;
    const bool is_packed = f->packed != NULL && takes_gzip(r);
    const char *etag = is_packed ? f->packed_etag : f->etag;
    const char *known = request_header(r, "If-None-Match");
    const bool is_known = known != NULL && strstr(known, etag) != NULL;
    const size_t size = is_known ? 0 : is_packed ? f->packed_size : f->size;
    const unsigned char *bytes = is_packed ? f->packed : f->bytes;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)bytes, MHD_RESPMEM_PERSISTENT);
    if (response != NULL) {
        (void)MHD_add_response_header(response, "Content-Type", f->media_type);
        (void)MHD_add_response_header(response, "ETag", etag);
        (void)MHD_add_response_header(response, "Cache-Control", "no-cache");
        (void)MHD_add_response_header(response, "Vary", "Accept-Encoding");
        if (is_packed && !is_known) (void)MHD_add_response_header(response, "Content-Encoding", "gzip");
    }
    answer_send(r, is_known ? 304 : 200, response);
    return true;
}
