/* SPDX-License-Identifier: BSD-3-Clause
 *
 * route.h: the table of what the server answers. From one table come the dispatch, the strict check of parameters and
 * the OpenAPI description: a new address is one row in the file of its feature.
 */
#ifndef LIMPID_VIEWER_ROUTE_H
#define LIMPID_VIEWER_ROUTE_H

#include <jansson.h>
#include <limpid/limpid.h>
#include <stdbool.h>

typedef struct server server;   /* server.h */
typedef struct request request; /* one request and its answer; used by one thread */

typedef enum route_type { ROUTE_INTEGER, ROUTE_NUMBER, ROUTE_TEXT, ROUTE_CHOICE } route_type;

/* A parameter, in the path ("{frame}" in route.path) or behind the question mark. Unknown, repeated, malformed and
 * out-of-range parameters are answered with 400 and a sentence before the handler is called. */
typedef struct route_param {
    const char *name;
    route_type type;
    const char *fallback; /* as text; NULL: must be given; "" (not in paths): may be missing, see request_has() */
    double min, max;      /* of numbers; of texts: their length in bytes */
    const char *choices;  /* "a|b|c" */
    const char *help;     /* one sentence */
} route_param;

typedef struct route {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *path;   /* "/api/v1/recordings/{id}/frames/{frame}" */
    const char *summary;
    const char *answer;        /* media type of the answer: "application/json", "application/octet-stream" */
    const char *layout;        /* what the answer holds: keys, or shape and type of the numbers */
    const route_param *params; /* ended by a row whose name is NULL */
    const char *body;       /* POST: JSON text of the schema (draft 2020-12) that describes the body; NULL: no body */
    size_t most_body_bytes; /* 0: no body is accepted; else larger ones get 413 */
    void (*handle)(server *s, request *r);
} route;

/* ---- What was asked. Values are those of the route's parameters: checked, or their fallback ---- */

int64_t request_integer(const request *r, const char *name);
double request_number(const request *r, const char *name);
const char *request_text(const request *r, const char *name);
int64_t request_choice(const request *r, const char *name); /* index into choices */
bool request_has(const request *r, const char *name);       /* it was given */
/* The client has closed its connection, or the server is to end: what takes long stops. */
bool request_is_given_up(const request *r);
const json_t *request_body(const request *r); /* an object; the request's own */
/* Leaves the body to whoever has another reference to it, before any other thread may have one. Returns how many bytes
 * of the budget are to be given back with it. */
uint64_t request_leave_body(request *r);

/* ---- The answer: exactly one of these, once. Numbers are little-endian, rows one behind the other ---- */

/* Takes the reference. */
void answer_json(request *r, int code, json_t *value);
/* {"error": sentence}. */
void answer_error(request *r, int code, const char *sentence, ...) LMP_PRINTF(3, 4);
/* The error of the library: 400 usage, 404/422 input, 500 io, 507 memory, 499 cancelled. */
void answer_failure(request *r, const lmp_error *err);
/* Takes `bytes`, which malloc made. With forever the answer never changes under this address and is cached. */
void answer_bytes(request *r, const char *media_type, void *bytes, size_t size, bool forever);
/* Content that is produced while it is sent: `produce` fills up to `room` bytes of `to` from position `at` on and
 * returns how many (0: the end, negative: failed, the connection is closed); it may wait. `end` is called once. size:
 * of the whole answer, -1 if unknown. file_name: offered for saving; NULL: none. */
typedef int64_t answer_produce(void *user, int64_t at, char *to, size_t room);
void answer_stream(request *r, const char *media_type, const char *file_name, int64_t size, answer_produce *produce,
                   void (*end)(void *user), void *user);
/* An additional header; before the answer. Names begin with "X-Limpid-". */
void answer_header(request *r, const char *name, const char *value, ...) LMP_PRINTF(3, 4);

/* ---- The table: one list for each feature, ended by a row whose path is NULL ---- */

extern const route session_routes[], recording_routes[], frame_routes[], zone_routes[], signal_routes[], job_routes[];

#define PARAM_RECORDING                                                                                                \
    {                                                                                                                  \
        "id", ROUTE_TEXT, NULL, 1, 40, NULL, "Id of an open recording."                                                \
    }

/* The OpenAPI 3.1 description of all routes. */
json_t *openapi_make(void);

#endif
