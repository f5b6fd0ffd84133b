/* SPDX-License-Identifier: BSD-3-Clause
 *
 * session.c: the server itself: what it is, what it can do, news, folders, its end.
 */
#include "folder.h"
#include "json_text.h"
#include "request.h"

#include <stdlib.h>

static void tell_api(server *s, request *r)
{
    (void)s;
    answer_json(r, 200, openapi_make());
}

static json_t *roots_json(const server *s)
{
    json_t *all = json_array();
    for (int64_t i = 0; i < s->n_roots; i++) json_array_append_new(all, json_text(s->roots[i]));
    return all;
}

static json_t *budget_json(uint64_t limit, uint64_t used)
{
    return json_pack("{s:I,s:I}", "limit_bytes", (json_int_t)limit, "used_bytes", (json_int_t)used);
}

static void tell_about(server *s, request *r)
{
    json_t *memory = budget_json(memory_limit(s), memory_used(s)),
           *scratch = budget_json(scratch_limit(s), scratch_used(s));
    answer_json(r, 200,
                json_pack("{s:s,s:o,s:o,s:I,s:o,s:O?}", "version", lmp_version(), "memory", memory, "scratch", scratch,
                          "threads", (json_int_t)server_threads(s), "roots", roots_json(s), "session", s->session));
}

static void answer_registry(request *r, char *text)
{
    json_t *json = text != NULL ? json_loads(text, 0, NULL) : NULL;
    lmp_text_free(text);
    if (json != NULL)
        answer_json(r, 200, json);
    else
        answer_error(r, 507, "The system has no memory left.");
}

static void tell_steps(server *s, request *r)
{
    answer_registry(r, lmp_engine_steps(s->engine));
}

static void tell_formats(server *s, request *r)
{
    answer_registry(r, lmp_engine_formats(s->engine));
}

static void end(server *s, request *r)
{
    (void)s;
    r->ends_server = true; /* once this answer is out */
    answer_json(r, 200, json_object());
}

static void list_folder(server *s, request *r)
{
    lmp_error err = {0};
    json_t *json = folder_json(s, request_text(r, "path"), &err);
    if (json != NULL)
        answer_json(r, 200, json);
    else
        answer_failure(r, &err);
}

static const route_param folder_params[] = {
    {"path", ROUTE_TEXT, NULL, 1, 4096, NULL, "Absolute path of a folder."},
    {0},
};

static const char nothing[] = "{\"type\":\"object\",\"additionalProperties\":false}";

const route session_routes[] = {
    {.method = "GET",
     .path = "/api/v1/openapi.json",
     .summary = "This description.",
     .answer = "application/json",
     .layout = "OpenAPI 3.1",
     .handle = tell_api},
    {.method = "GET",
     .path = "/api/v1/about",
     .summary = "Version, memory, threads, folders that may be used, and the session that was given, if any.",
     .answer = "application/json",
     .layout =
         "{version, memory: {limit_bytes, used_bytes}, scratch: {limit_bytes, used_bytes}, threads, roots, session}",
     .handle = tell_about},
    {.method = "GET",
     .path = "/api/v1/steps",
     .summary = "All processing steps with their parameters, units, ranges, defaults and documentation.",
     .answer = "application/json",
     .layout = "[{name, summary, doc, kind, grain, params: [...]}], as `limpid steps --json`",
     .handle = tell_steps},
    {.method = "GET",
     .path = "/api/v1/formats",
     .summary = "All file formats.",
     .answer = "application/json",
     .layout = "[{name, summary, kind, reads, writes, extensions}], as `limpid formats --json`",
     .handle = tell_formats},
    {.method = "GET",
     .path = "/api/v1/news",
     .summary = "Server-sent events: what changes, as it happens. A comment every 10 s says that the server lives.",
     .answer = "text/event-stream",
     .layout = "data: {topic: \"recordings\" | \"scan\" | \"pyramid\" | \"job\", ...}; at the start the last of each "
               "scan, pyramid and job",
     .handle = news_answer},
    {.method = "GET",
     .path = "/api/v1/folder",
     .summary = "What lies in a folder. Hidden names are left out.",
     .answer = "application/json",
     .layout = "{path, parent (null where it may not be listed), entries: [{name, is_folder, bytes}]}",
     .params = folder_params,
     .handle = list_folder},
    {.method = "POST",
     .path = "/api/v1/end",
     .summary = "Ends the server: jobs are cancelled and intermediate files removed.",
     .answer = "application/json",
     .layout = "{}",
     .body = nothing,
     .most_body_bytes = 64,
     .handle = end},
    {0},
};
