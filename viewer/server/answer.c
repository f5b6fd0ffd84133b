/* SPDX-License-Identifier: BSD-3-Clause
 *
 * answer.c: what handlers know of the request, and how they answer it.
 */
#include "request.h"

#include "json_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- What was asked ---- */

static ask_value value_of(const request *r, const char *name)
{
    const ask_value *value = ask_find(&r->ask, name);
    return value != NULL ? *value : (ask_value){.text = ""};
}

int64_t request_integer(const request *r, const char *name)
{
    return value_of(r, name).integer;
}

double request_number(const request *r, const char *name)
{
    return value_of(r, name).number;
}

const char *request_text(const request *r, const char *name)
{
    return value_of(r, name).text;
}

int64_t request_choice(const request *r, const char *name)
{
    return value_of(r, name).integer;
}

bool request_has(const request *r, const char *name)
{
    return value_of(r, name).is_given;
}

bool request_is_given_up(const request *r)
{
    char byte;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return server_is_ending(r->server) ||
           (info != NULL && recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0);
}

const json_t *request_body(const request *r)
{
    return r->body_json;
}

uint64_t request_leave_body(request *r)
{
    const uint64_t bytes = r->body_bytes;
    json_decref(r->body_json);
    r->body_json = NULL;
    r->body_bytes = 0;
    r->counted -= bytes;
    return bytes;
}

const char *request_header(const request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

lmp_status answer_need_memory(request *r, uint64_t bytes, lmp_error *err)
{
    const lmp_status status = memory_need(r->server, bytes, err);
    if (status == LMP_OK) r->counted += bytes;
    return status;
}

void request_clear(request *r)
{
    memory_give(r->server, r->counted);
    for (int i = 0; i < r->n_headers; i++) {
        free(r->headers[i].name);
        free(r->headers[i].value);
    }
    ask_clear(&r->ask);
    json_decref(r->body_json);
    free(r->body);
    free(r->target);
    free(r);
}

/* ---- The answer ---- */

/* On every answer: nothing may be loaded from elsewhere, framed, guessed or told to others. */
static const struct {
    const char *name, *value;
} always[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
     "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

void answer_send(request *r, int code, struct MHD_Response *response)
{
    if (response == NULL) return; /* memory is out: the connection is closed */
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        (void)MHD_add_response_header(response, always[i].name, always[i].value);
    for (int i = 0; i < r->n_headers; i++)
        (void)MHD_add_response_header(response, r->headers[i].name, r->headers[i].value);
    if (!r->is_answered) r->sent = MHD_queue_response(r->connection, (unsigned int)code, response);
    r->is_answered = true;
    MHD_destroy_response(response);
}

void answer_header(request *r, const char *name, const char *value, ...)
{
    if (r->n_headers == MOST_HEADERS) return;
    va_list values;
    char *text = NULL, *copy = strdup(name);
    va_start(values, value);
    const int n = vasprintf(&text, value, values);
    va_end(values);
    if (n < 0 || copy == NULL) {
        free(n < 0 ? NULL : text);
        free(copy);
        return;
    }
    r->headers[r->n_headers].name = copy;
    r->headers[r->n_headers++].value = text;
}

static struct MHD_Response *response_of(const char *media_type, void *bytes, size_t size, const char *caching)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(bytes);
        return NULL;
    }
    (void)MHD_add_response_header(response, "Content-Type", media_type);
    (void)MHD_add_response_header(response, "Cache-Control", caching);
    return response;
}

void answer_json(request *r, int code, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    json_decref(value);
    if (text == NULL) {
        text = strdup("{\"error\":\"The answer cannot be written as JSON.\"}");
        code = 500;
        if (text == NULL) return;
    }
    answer_send(r, code, response_of("application/json", text, strlen(text), "no-store"));
}

void answer_error(request *r, int code, const char *sentence, ...)
{
    char text[1024];
    va_list values;
    va_start(values, sentence);
    vsnprintf(text, sizeof text, sentence, values);
    va_end(values);
    answer_json(r, code, json_pack("{s:o}", "error", json_text(text)));
}

static int code_of(lmp_status status)
{
    switch (status) {
    case LMP_ERR_USAGE:
        return 400;
    case LMP_ERR_INPUT:
    case LMP_ERR_CHECK:
    case LMP_ERR_RANGE:
        return 422;
    case LMP_ERR_MEMORY:
        return 507;
    case LMP_CANCELLED:
        return 499;
    default:
        return 500;
    }
}

void answer_failure(request *r, const lmp_error *err)
{
    answer_error(r, code_of(err->status), "%s", err->text);
}

void answer_bytes(request *r, const char *media_type, void *bytes, size_t size, bool forever)
{
    answer_send(r, 200,
                response_of(media_type, bytes, size, forever ? "private, max-age=31536000, immutable" : "no-store"));
}

/* ---- Streams ---- */

enum { STREAM_BLOCK = 256 << 10 };

typedef struct stream {
    request *request;
    answer_produce *produce;
    void (*end)(void *user);
    void *user;
} stream;

/* The time that `produce` waits is not the client's: the connection's clock stands still and begins anew. */
static ssize_t read_stream(void *user, uint64_t at, char *to, size_t room)
{
    stream *s = user;
    (void)MHD_set_connection_option(s->request->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
    const int64_t n = s->produce(s->user, (int64_t)at, to, room);
    (void)MHD_set_connection_option(s->request->connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned int)IDLE_SECONDS);
    if (n > 0) return (ssize_t)n;
    return n == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void end_stream(void *user)
{
    stream *s = user;
    if (s->end != NULL) s->end(s->user);
    free(s);
}

/* Names for saving come from recordings: what could end the quotes or the header is left out. */
static void add_file_name(struct MHD_Response *response, const char *file_name)
{
    char header[300] = "attachment; filename=\"";
    size_t n = strlen(header);
    for (const char *c = file_name; *c != '\0' && n + 2 < sizeof header; c++)
        header[n++] = (unsigned char)*c >= ' ' && (unsigned char)*c <= '~' && strchr("\"\\/%", *c) == NULL ? *c : '_';
    header[n++] = '"';
    header[n] = '\0';
    (void)MHD_add_response_header(response, "Content-Disposition", header);
}

void answer_stream(request *r, const char *media_type, const char *file_name, int64_t size, answer_produce *produce,
                   void (*end)(void *user), void *user)
{
    stream *s = malloc(sizeof *s);
    struct MHD_Response *response = NULL;
    if (s != NULL) {
        *s = (stream){.request = r, .produce = produce, .end = end, .user = user};
        response = MHD_create_response_from_callback(size < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)size, STREAM_BLOCK,
                                                     read_stream, s, end_stream);
    }
    if (response == NULL) {
        free(s);
        if (end != NULL) end(user);
        return;
    }
    (void)MHD_add_response_header(response, "Content-Type", media_type);
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    if (file_name != NULL) add_file_name(response, file_name);
    answer_send(r, 200, response);
}
