/* SPDX-License-Identifier: BSD-3-Clause
 *
 * request.h: one request on its way through the core: what is known of it, and answers that need more than route.h.
 */
#ifndef LIMPID_VIEWER_REQUEST_H
#define LIMPID_VIEWER_REQUEST_H

#include "ask.h"
#include "state.h"

#include <microhttpd.h>

enum { MOST_HEADERS = 8 };

struct request {
    server *server;
    struct MHD_Connection *connection;
    void *place;  /* of the connection among the doors */
    char *target; /* "/TOKEN/api/v1/...?...", as it came */
    ask ask;
    char *body;
    size_t body_size, body_length; /* so far; announced */
    json_t *body_json;
    uint64_t body_bytes; /* of `counted`: for body_json */
    struct {
        char *name, *value;
    } headers[MOST_HEADERS]; /* additional ones of the answer */
    int n_headers;
    uint64_t counted; /* bytes of the budget, for the answer */
    bool has_headers, is_answered, ends_server;
    enum MHD_Result sent; /* what MHD said to the answer */
};

void request_clear(request *r);
const char *request_header(const request *r, const char *name); /* NULL: it has none */

/* answer.c: takes the response and gives it the headers that every answer has. */
void answer_send(request *r, int code, struct MHD_Response *response);

/* page.c: answers with a file of the page, `path` as "/index.html"; false if there is none of this name. */
bool page_answer(request *r, const char *path);

/* guard.c: false, and answered, if the request must not be heard. *path: the address behind the token; "": it must be
 * sent there first. */
bool guard_passes(request *r, const char *method, const char **path);

#endif
