/* SPDX-License-Identifier: BSD-3-Clause
 *
 * http.c: from a socket to a handler: limits, guard, body, dispatch.
 */
#include "request.h"

#include "json_text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_HEADER_BYTES = 64 << 10 };

/* ---- The body ---- */

/* Only this content type: forms of other pages cannot send it without asking first. */
static bool is_json(const char *type)
{
    static const char name[] = "application/json";
    if (type == NULL || strncasecmp(type, name, sizeof name - 1) != 0) return false;
    const char *rest = type + sizeof name - 1;
    rest += strspn(rest, " ");
    return rest[0] == '\0' || strcasecmp(rest, ";charset=utf-8") == 0 || strcasecmp(rest, "; charset=utf-8") == 0;
}

/* How many bytes the client says will follow; false, and answered, if not so many are taken. */
static bool accepts_length(request *r)
{
    const char *length = request_header(r, "Content-Length");
    if (request_header(r, "Transfer-Encoding") != NULL) {
        answer_error(r, 411, "The length of the body must be said beforehand (Content-Length).");
        return false;
    }
    const unsigned long long n = length != NULL ? strtoull(length, NULL, 10) : 0;
    if (n > r->ask.route->most_body_bytes) {
        answer_error(r, 413, "The body is too large: at most %zu bytes are taken here.", r->ask.route->most_body_bytes);
        return false;
    }
    r->body_length = (size_t)n;
    return true;
}

/* Of the budget, until the request is over. */
static bool has_memory(request *r, uint64_t bytes)
{
    lmp_error err = {0};
    if (answer_need_memory(r, bytes, &err) == LMP_OK) return true;
    answer_failure(r, &err);
    return false;
}

static bool accepts_body(request *r)
{
    if (!accepts_length(r)) return false;
    if (r->ask.route->most_body_bytes == 0) return true;
    if (!is_json(request_header(r, "Content-Type"))) {
        answer_error(r, 415, "The body must have the Content-Type application/json.");
        return false;
    }
    if (!has_memory(r, r->body_length)) return false;
    r->body = malloc(r->body_length + 1);
    if (r->body == NULL) answer_error(r, 507, "The system has no memory left.");
    return r->body != NULL;
}

static bool add_to_body(request *r, const char *bytes, size_t size)
{
    if (r->body == NULL || size > r->body_length - r->body_size) return false;
    memcpy(r->body + r->body_size, bytes, size);
    r->body_size += size;
    return true;
}

static bool read_body(request *r)
{
    char sentence[ASK_SENTENCE];
    if (r->body == NULL) return true;
    const uint64_t bytes = json_parsed_bytes(r->body, r->body_size);
    if (!has_memory(r, bytes)) return false;
    r->body_bytes = bytes;
    const int code = ask_body(r->body, r->body_size, &r->body_json, sentence);
    if (code != 0) answer_error(r, code, "%s", sentence);
    return code == 0;
}

static bool announces_body(const request *r)
{
    const char *length = request_header(r, "Content-Length");
    return request_header(r, "Transfer-Encoding") != NULL || (length != NULL && strcmp(length, "0") != 0);
}

/* ---- Requests ---- */

/* Relative addresses of the page need the slash behind the token. */
static void answer_slash(request *r)
{
    answer_header(r, "Location", "/%s/", r->server->token);
    answer_json(r, 308, json_object());
}

static void answer_ask(request *r, const char *path, int code, const char *sentence)
{
    char methods[64];
    if (code == 405) {
        ask_methods(path, all_routes(), methods);
        answer_header(r, "Allow", "%s", methods);
    }
    answer_error(r, code, "%s", sentence);
}

/* Headers are here: true if there is something to be handled. */
static bool begin(request *r, const char *method)
{
    const char *path;
    char sentence[ASK_SENTENCE];
    if (!guard_passes(r, method, &path)) return false;
    if (path[0] == '\0') {
        answer_slash(r);
        return false;
    }
    if (strncmp(path, "/api/", 5) != 0) {
        if (strcmp(method, "GET") != 0)
            answer_error(r, 405, "The page's files can only be read.");
        else if (!page_answer(r, path))
            answer_error(r, 404, "There is nothing at this address.");
        return false;
    }
    const int code = ask_read(&r->ask, method, path, all_routes(), sentence);
    if (code != 0) answer_ask(r, path, code, sentence);
    return code == 0 && accepts_body(r);
}

/* The time that a handler takes is not the client's. */
static void handle(request *r)
{
    (void)MHD_set_connection_option(r->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
    if (read_body(r)) r->ask.route->handle(r->server, r);
    (void)MHD_set_connection_option(r->connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned int)IDLE_SECONDS);
    if (!r->is_answered) answer_error(r, 500, "This request was not answered.");
}

static void *on_target(void *user, const char *target, struct MHD_Connection *connection)
{
    request *r = calloc(1, sizeof *r);
    if (r == NULL) return NULL;
    r->server = user;
    r->connection = connection;
    r->sent = MHD_NO;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    r->place = info != NULL ? info->socket_context : NULL;
    r->target = strdup(target);
    return r;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)user, (void)connection, (void)url, (void)version;
    request *r = *state;
    if (r == NULL || r->target == NULL) return MHD_NO;
    if (!r->has_headers) {
        /* An answer to headers alone closes the connection: right only where a body would have to be read. */
        r->has_headers = true;
        if (!announces_body(r) || begin(r, method)) return MHD_YES;
        doors_serving(r->server->doors, r->place);
        return r->sent;
    }
    if (*upload_size > 0) {
        const bool is_taken = add_to_body(r, upload, *upload_size);
        *upload_size = 0;
        return is_taken ? MHD_YES : MHD_NO;
    }
    doors_serving(r->server->doors, r->place);
    if (r->ask.route != NULL || begin(r, method)) handle(r);
    return r->sent;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)connection, (void)code;
    server *s = user;
    request *r = *state;
    if (r == NULL) return;
    doors_asking(s->doors, r->place);
    if (r->ends_server) (void)eventfd_write(s->end_event, 1);
    request_clear(r);
    *state = NULL;
}

static void on_connection(void *user, struct MHD_Connection *connection, void **place,
                          enum MHD_ConnectionNotificationCode code)
{
    server *s = user;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        doors_leave(s->doors, *place);
        return;
    }
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *place = info != NULL ? doors_enter(s->doors, info->connect_fd) : NULL;
}

/* Percent signs are our own business (ask.c). */
static size_t leave_escaped(void *user, struct MHD_Connection *connection, char *text)
{
    (void)user, (void)connection;
    return strlen(text);
}

/* ---- The socket ---- */

lmp_status http_listen(server *s, int *fd, lmp_error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->options.port)};
    socklen_t size = sizeof address;
    const int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0) return lmp_fail(err, LMP_ERR_IO, "no socket can be opened: %s", strerror(errno));
    (void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(*fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(*fd, 64) != 0 ||
        getsockname(*fd, (struct sockaddr *)&address, &size) != 0) {
        const int why = errno;
        close(*fd);
        return lmp_fail(err, LMP_ERR_IO, "port %lld of this machine cannot be used: %s; give another with --port",
                        (long long)s->options.port, strerror(why));
    }
    s->port = ntohs(address.sin_port);
    return LMP_OK;
}

struct MHD_Daemon *http_start(server *s, int fd)
{
    return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL,
                            NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_target,
                            s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
                            on_connection, s, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned int)MOST_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned int)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MOST_HEADER_BYTES,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
}
