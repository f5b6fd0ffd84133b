/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ask.c: finds the route of an address and reads its parameters.
 */
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct segments {
    int n;
    char *text[MOST_SEGMENTS];
} segments;

static int refuse(char sentence[ASK_SENTENCE], int code, const char *why)
{
    snprintf(sentence, ASK_SENTENCE, "%s", why);
    return code;
}

/* Splits "/a/b" and decodes each part into `room`. "." and ".." are refused however they are written. */
static bool split(const char *path, size_t n, char *room, segments *s)
{
    s->n = 0;
    for (size_t at = 0; at < n;) {
        if (path[at] != '/' || s->n == MOST_SEGMENTS) return false;
        at++;
        size_t length = 0;
        while (at + length < n && path[at + length] != '/') length++;
        if (!ask_decode(path + at, length, false, room)) return false;
        if (room[0] == '\0' || strcmp(room, ".") == 0 || strcmp(room, "..") == 0) return false;
        s->text[s->n++] = room;
        room += strlen(room) + 1;
        at += length;
    }
    return s->n > 0;
}

/* The next part of a template, without its slash. */
static const char *next_part(const char *template, size_t *n)
{
    template ++;
    *n = strcspn(template, "/");
    return template;
}

static bool is_hole(const char *part, size_t n)
{
    return n > 2 && part[0] == '{' && part[n - 1] == '}';
}

static bool fits(const char *template, const segments *s)
{
    int i = 0;
    for (size_t n; *template != '\0'; template += n, i++) {
        template = next_part(template, &n);
        if (i == s->n) return false;
        if (!is_hole(template, n) && (strlen(s->text[i]) != n || strncmp(template, s->text[i], n) != 0)) return false;
    }
    return i == s->n;
}

static const route *find_route(const char *method, const segments *s, route_tables tables, bool *is_path)
{
    *is_path = false;
    for (; *tables != NULL; tables++)
        for (const route *r = *tables; r->path != NULL; r++) {
            if (!fits(r->path, s)) continue;
            *is_path = true;
            if (strcmp(r->method, method) == 0) return r;
        }
    return NULL;
}

static int param_index(const route *r, const char *name, size_t n)
{
    for (int i = 0; r->params != NULL && r->params[i].name != NULL; i++)
        if (strlen(r->params[i].name) == n && strncmp(r->params[i].name, name, n) == 0) return i;
    return -1;
}

static bool is_in_path(const route *r, const char *name)
{
    char hole[80];
    snprintf(hole, sizeof hole, "{%s}", name);
    return strstr(r->path, hole) != NULL;
}

/* A number is not a resource that could be missing: a wrong one is a wrong parameter. */
static int read_path(ask *a, const segments *s, char sentence[ASK_SENTENCE])
{
    const char *template = a->route->path;
    int i = 0;
    for (size_t n; *template != '\0'; template += n, i++) {
        template = next_part(template, &n);
        if (!is_hole(template, n)) continue;
        const int k = param_index(a->route, template + 1, n - 2);
        if (k < 0) return refuse(sentence, 500, "The table of routes lacks a parameter of its path.");
        if (!ask_value_read(&a->route->params[k], s->text[i], &a->values[k], sentence)) return 400;
        a->values[k].is_given = true;
    }
    return 0;
}

static int read_pair(ask *a, const char *pair, size_t n, char *room, char sentence[ASK_SENTENCE])
{
    const char *equals = memchr(pair, '=', n);
    const size_t name_size = equals != NULL ? (size_t)(equals - pair) : n;
    const int k = param_index(a->route, pair, name_size);
    if (k < 0 || is_in_path(a->route, a->route->params[k].name)) {
        snprintf(sentence, ASK_SENTENCE, "There is no parameter \"%.*s\" here.", name_size < 60 ? (int)name_size : 60,
                 pair);
        for (char *c = sentence; *c != '\0'; c++)
            if ((unsigned char)*c < ' ' || (unsigned char)*c > '~') *c = '?';
        return 400;
    }
    const char *name = a->route->params[k].name;
    if (a->values[k].is_given) {
        snprintf(sentence, ASK_SENTENCE, "The parameter \"%s\" is given twice.", name);
        return 400;
    }
    if (equals == NULL || !ask_decode(equals + 1, n - name_size - 1, true, room)) {
        snprintf(sentence, ASK_SENTENCE, "The value of \"%s\" cannot be read: it must be UTF-8 text.", name);
        return 400;
    }
    if (!ask_value_read(&a->route->params[k], room, &a->values[k], sentence)) return 400;
    a->values[k].is_given = true;
    return 0;
}

static int read_query(ask *a, const char *query, char *room, char sentence[ASK_SENTENCE])
{
    for (const char *at = query; *at != '\0';) {
        const size_t n = strcspn(at, "&");
        const int code = read_pair(a, at, n, room, sentence);
        if (code != 0) return code;
        room += strlen(room) + 1;
        at += n;
        if (*at == '&' && at[1] == '\0') return refuse(sentence, 400, "The address ends with \"&\".");
        at += *at == '&';
    }
    return 0;
}

/* What was not given is its fallback. */
static int fill(ask *a, char sentence[ASK_SENTENCE])
{
    for (int i = 0; a->route->params != NULL && a->route->params[i].name != NULL; i++) {
        const route_param *param = &a->route->params[i];
        ask_value *value = &a->values[i];
        if (value->is_given) continue;
        if (param->fallback == NULL) {
            snprintf(sentence, ASK_SENTENCE, "The parameter \"%s\" is missing: %s", param->name, param->help);
            return 400;
        }
        value->text = "";
        if (param->fallback[0] != '\0' && !ask_value_read(param, param->fallback, value, sentence)) return 500;
    }
    return 0;
}

int ask_read(ask *a, const char *method, const char *target, route_tables tables, char sentence[ASK_SENTENCE])
{
    const size_t length = strlen(target), path_size = strcspn(target, "?#");
    segments s;
    bool is_path;
    *a = (ask){0};
    if (length > LONGEST_TARGET) return refuse(sentence, 414, "The address is too long.");
    char *room = a->texts = malloc(2 * length + MOST_SEGMENTS + 2);
    if (room == NULL) return refuse(sentence, 507, "The system has no memory left.");
    if (strchr(target, '#') != NULL || !split(target, path_size, room, &s))
        return refuse(sentence, 400, "The address is malformed.");
    a->route = find_route(method, &s, tables, &is_path);
    if (a->route == NULL && is_path) return refuse(sentence, 405, "This address does not answer to that method.");
    if (a->route == NULL) return refuse(sentence, 404, "There is nothing at this address.");
    int code = read_path(a, &s, sentence);
    const char *query = target[path_size] == '?' ? target + path_size + 1 : "";
    if (code == 0) code = read_query(a, query, room + path_size + MOST_SEGMENTS, sentence);
    return code != 0 ? code : fill(a, sentence);
}

void ask_clear(ask *a)
{
    free(a->texts);
    *a = (ask){0};
}

void ask_methods(const char *target, route_tables tables, char methods[64])
{
    const size_t n = strcspn(target, "?#");
    char *room = malloc(n + MOST_SEGMENTS + 1);
    segments s;
    methods[0] = '\0';
    if (room != NULL && split(target, n, room, &s))
        for (; *tables != NULL; tables++)
            for (const route *r = *tables; r->path != NULL; r++)
                if (fits(r->path, &s) && strlen(methods) + strlen(r->method) + 3 < 64) {
                    strcat(methods, methods[0] != '\0' ? ", " : "");
                    strcat(methods, r->method);
                }
    free(room);
}

const ask_value *ask_find(const ask *a, const char *name)
{
    const int i = a->route != NULL ? param_index(a->route, name, strlen(name)) : -1;
    return i < 0 ? NULL : &a->values[i];
}
