/* SPDX-License-Identifier: BSD-3-Clause
 *
 * guard.c: who is heard at all. The token keeps other users of the machine out; Host keeps out pages that have their
 * name point to this machine; Origin and Sec-Fetch-Site keep out what other pages send blindly. Refusals give no hint.
 */
#include "request.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

typedef struct header {
    const char *name, *value;
    int n;
} header;

static enum MHD_Result count_header(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
    header *h = user;
    (void)kind;
    if (strcasecmp(name, h->name) != 0) return MHD_YES;
    h->value = value != NULL ? value : "";
    h->n++;
    return MHD_YES;
}

static header find_header(const request *r, const char *name)
{
    header h = {.name = name};
    (void)MHD_get_connection_values(r->connection, MHD_HEADER_KIND, count_header, &h);
    return h;
}

static bool is_port(const char *text)
{
    const size_t n = strspn(text, "0123456789");
    return n >= 1 && n <= 5 && text[n] == '\0';
}

/* "localhost", "127.1.2.3" or "[::1]", perhaps with a port: behind a tunnel it is not ours. */
static bool is_loopback(const char *host)
{
    char name[80];
    const char *end = host[0] == '[' ? strchr(host, ']') : NULL;
    const size_t n = end != NULL ? (size_t)(end + 1 - host) : strcspn(host, ":");
    if (n >= sizeof name || (host[n] != '\0' && (host[n] != ':' || !is_port(host + n + 1)))) return false;
    memcpy(name, host, n);
    name[n] = '\0';
    struct in_addr address;
    if (strcasecmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0) return true;
    return inet_pton(AF_INET, name, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static bool host_is_ours(const header *host)
{
    return host->n == 1 && is_loopback(host->value);
}

static bool origin_is_ours(const request *r, const char *host)
{
    const header origin = find_header(r, "Origin");
    if (origin.n == 0) return true;
    return origin.n == 1 && strncmp(origin.value, "http://", 7) == 0 && strcasecmp(origin.value + 7, host) == 0;
}

/* Somebody may come here by a link on another page (a terminal in the browser); that page sees nothing of ours. */
static bool comes_by_link(const request *r, const char *method)
{
    const header mode = find_header(r, "Sec-Fetch-Mode"), target = find_header(r, "Sec-Fetch-Dest");
    return strcmp(method, "GET") == 0 && mode.n == 1 && strcmp(mode.value, "navigate") == 0 && target.n == 1 &&
           strcmp(target.value, "document") == 0 && strstr(r->target, "/api/") == NULL;
}

static bool site_is_ours(const request *r, const char *method)
{
    const header site = find_header(r, "Sec-Fetch-Site");
    if (site.n == 0) return true;
    if (site.n > 1) return false;
    return strcmp(site.value, "same-origin") == 0 || strcmp(site.value, "none") == 0 || comes_by_link(r, method);
}

/* Looks at every byte whatever the first ones are. */
static bool names(const request *r, const char *secret)
{
    if (r->target[0] != '/' || strlen(r->target) < 1 + TOKEN_LENGTH) return false;
    unsigned difference = 0;
    for (int i = 0; i < TOKEN_LENGTH; i++) difference |= (unsigned char)r->target[1 + i] ^ (unsigned char)secret[i];
    const char after = r->target[1 + TOKEN_LENGTH];
    return difference == 0 && (after == '/' || after == '\0');
}

/* A ticket leads to the address with the token, once. */
static bool has_ticket(const request *r)
{
    return names(r, r->server->ticket) && atomic_exchange(&r->server->has_ticket, false);
}

bool guard_passes(request *r, const char *method, const char **path)
{
    const header host = find_header(r, "Host");
    const bool is_ours = host_is_ours(&host) && origin_is_ours(r, host.value) && site_is_ours(r, method);
    *path = is_ours && names(r, r->server->token) ? r->target + 1 + TOKEN_LENGTH : is_ours && has_ticket(r) ? "" : NULL;
    if (*path == NULL) answer_error(r, 403, "Forbidden.");
    return *path != NULL;
}
