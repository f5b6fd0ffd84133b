/* SPDX-License-Identifier: BSD-3-Clause
 *
 * openapi.c: the table of routes as an OpenAPI 3.1 description.
 */
#include "ask.h"
#include "viewer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *choices_json(const char *choices)
{
    json_t *all = json_array();
    for (const char *at = choices;;) {
        const size_t n = strcspn(at, "|");
        json_array_append_new(all, json_stringn(at, n));
        if (at[n] == '\0') return all;
        at += n + 1;
    }
}

static json_t *bound_json(const route_param *p, double bound)
{
    static const double largest = 9007199254740992; /* that every reader of JSON keeps exactly */
    if (bound > largest) bound = largest;
    if (bound < -largest) bound = -largest;
    return p->type == ROUTE_NUMBER ? json_real(bound) : json_integer((json_int_t)bound);
}

static json_t *default_json(const route_param *p)
{
    if (p->type == ROUTE_INTEGER) return json_integer(strtoll(p->fallback, NULL, 10));
    return p->type == ROUTE_NUMBER ? json_real(strtod(p->fallback, NULL)) : json_string(p->fallback);
}

static json_t *schema_json(const route_param *p)
{
    static const char *const types[] = {"integer", "number", "string", "string"};
    json_t *schema = json_pack("{s:s}", "type", types[p->type]);
    if (p->type == ROUTE_CHOICE) {
        json_object_set_new(schema, "enum", choices_json(p->choices));
    } else {
        json_object_set_new(schema, p->type == ROUTE_TEXT ? "minLength" : "minimum", bound_json(p, p->min));
        json_object_set_new(schema, p->type == ROUTE_TEXT ? "maxLength" : "maximum", bound_json(p, p->max));
    }
    if (p->fallback != NULL && p->fallback[0] != '\0') json_object_set_new(schema, "default", default_json(p));
    return schema;
}

static json_t *params_json(const route *r)
{
    json_t *all = json_array();
    for (const route_param *p = r->params; p != NULL && p->name != NULL; p++) {
        char hole[80];
        snprintf(hole, sizeof hole, "{%s}", p->name);
        const bool in_path = strstr(r->path, hole) != NULL;
        json_array_append_new(all, json_pack("{s:s,s:s,s:b,s:s,s:o}", "name", p->name, "in", in_path ? "path" : "query",
                                             "required", (int)(in_path || p->fallback == NULL), "description",
                                             p->help != NULL ? p->help : "", "schema", schema_json(p)));
    }
    return all;
}

static json_t *content_json(const char *media_type, json_t *schema)
{
    return json_pack("{s:{s:o}}", media_type, "schema", schema);
}

static json_t *schema_of_answer(const route *r)
{
    if (strcmp(r->answer, "application/json") == 0) return json_object();
    if (strncmp(r->answer, "text/", 5) == 0) return json_pack("{s:s}", "type", "string");
    return json_pack("{s:s,s:s}", "type", "string", "contentMediaType", r->answer);
}

/* What any address may answer instead, each described once. */
static const struct refusal {
    const char *code, *name, *why;
} refusals[] = {
    {"400", "Wrong", "A parameter is unknown, repeated, malformed or out of range, or the request makes no sense."},
    {"403", "Forbidden", "Token, Host, Origin or Sec-Fetch-Site are not those of the page."},
    {"404", "Missing", "There is nothing of this id or name."},
    {"422", "Unusable", "A recording cannot be used: damaged, or not what is asked for."},
    {"429", "Busy", "So many of these go on already that no more is taken: jobs that wait, streams of news."},
    {"499", "GivenUp", "The viewer ends, or the client has gone."},
    {"500", "System", "The system refused to open, read or write."},
    {"507", "Memory", "The memory limit is too small for this."},
    {0},
};

static json_t *refusal_json(const char *why)
{
    return json_pack("{s:s,s:o}", "description", why, "content",
                     content_json("application/json", json_pack("{s:s}", "$ref", "#/components/schemas/Error")));
}

static json_t *refusals_json(void)
{
    json_t *all = json_object();
    for (const struct refusal *each = refusals; each->code != NULL; each++)
        json_object_set_new(all, each->name, refusal_json(each->why));
    return all;
}

static void add_refusals(json_t *responses)
{
    for (const struct refusal *each = refusals; each->code != NULL; each++)
        json_object_set_new(responses, each->code,
                            json_pack("{s:o}", "$ref", json_sprintf("#/components/responses/%s", each->name)));
}

static json_t *responses_json(const route *r)
{
    json_t *all = json_object();
    json_object_set_new(all, "200",
                        json_pack("{s:s,s:o}", "description", r->layout != NULL ? r->layout : "", "content",
                                  content_json(r->answer, schema_of_answer(r))));
    add_refusals(all);
    if (r->most_body_bytes > 0) {
        char sentence[80];
        snprintf(sentence, sizeof sentence, "The body has more than %zu bytes.", r->most_body_bytes);
        json_object_set_new(all, "413", refusal_json(sentence));
        json_object_set_new(all, "415", refusal_json("The Content-Type is not application/json."));
    }
    return all;
}

/* "get_recordings_id_frames_frame". */
static json_t *operation_id(const route *r)
{
    char id[200];
    size_t n = 0;
    for (const char *c = r->method; *c != '\0' && n + 1 < sizeof id; c++) id[n++] = (char)tolower((unsigned char)*c);
    const char *path = r->path + (strncmp(r->path, "/api/v1", 7) == 0 ? 7 : 0);
    for (const char *c = path; *c != '\0' && n + 1 < sizeof id; c++)
        if (isalnum((unsigned char)*c) || *c == '/' || *c == '_') id[n++] = *c == '/' ? '_' : *c;
    return json_stringn(id, n);
}

static json_t *operation_json(const route *r)
{
    json_t *o = json_object();
    json_object_set_new(o, "operationId", operation_id(r));
    json_object_set_new(o, "summary", json_string(r->summary));
    json_object_set_new(o, "parameters", params_json(r));
    if (r->body != NULL) {
        json_t *schema = json_loads(r->body, 0, NULL);
        json_object_set_new(o, "requestBody",
                            json_pack("{s:b,s:o}", "required", 1, "content",
                                      content_json("application/json", schema != NULL ? schema : json_object())));
    }
    json_object_set_new(o, "responses", responses_json(r));
    return o;
}

static void add_route(json_t *paths, const route *r)
{
    char method[16] = "";
    for (size_t i = 0; r->method[i] != '\0' && i + 1 < sizeof method; i++)
        method[i] = (char)tolower((unsigned char)r->method[i]);
    json_t *path = json_object_get(paths, r->path);
    if (path == NULL) {
        path = json_object();
        json_object_set_new(paths, r->path, path);
    }
    json_object_set_new(path, method, operation_json(r));
}

static json_t *info_json(void)
{
    return json_pack("{s:s,s:s,s:s}", "title", "limpid view", "version", lmp_version(), "description",
                     "What the server of `limpid view` answers to its page. Numbers are little-endian, rows one behind "
                     "the other. Recordings have ids that are never used again, so that answers that cannot change may "
                     "be cached for ever.");
}

json_t *openapi_make(void)
{
    json_t *paths = json_object();
    for (route_tables t = all_routes(); *t != NULL; t++)
        for (const route *r = *t; r->path != NULL; r++) add_route(paths, r);
    json_t *error = json_pack("{s:s,s:[s],s:{s:{s:s,s:s}}}", "type", "object", "required", "error", "properties",
                              "error", "type", "string", "description", "One sentence.");
    json_t *home = json_pack("{s:s,s:{s:{s:s,s:s},s:{s:s,s:s}}}", "url", "http://127.0.0.1:{port}/{token}", "variables",
                             "port", "default", "0", "description", "As printed at the start.", "token", "default",
                             "TOKEN", "description", "As printed at the start.");
    return json_pack("{s:s,s:o,s:[o],s:o,s:{s:{s:o},s:o}}", "openapi", "3.1.0", "info", info_json(), "servers", home,
                     "paths", paths, "components", "schemas", "Error", error, "responses", refusals_json());
}

char *viewer_api(void)
{
    json_t *api = openapi_make();
    char *text = json_dumps(api, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    json_decref(api);
    return text;
}
