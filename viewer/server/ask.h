/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ask.h: from an address to a route and checked values of its parameters. Plain functions on texts.
 */
#ifndef LIMPID_VIEWER_ASK_H
#define LIMPID_VIEWER_ASK_H

#include "route.h"

enum { MOST_PARAMS = 16, MOST_SEGMENTS = 12, LONGEST_TARGET = 8192, ASK_SENTENCE = 400 };

typedef struct ask_value {
    bool is_given, is_set; /* in the address; or by its fallback */
    int64_t integer;       /* of choices: the index */
    double number;
    const char *text;
} ask_value;

typedef struct ask {
    const route *route;
    ask_value values[MOST_PARAMS]; /* in the order of route->params */
    char *texts;
} ask;

/* The tables of routes that there are, ended by NULL. */
typedef const route *const *route_tables;

/* `target` is path and query, as they came. 0, or 400, 404, 405, 414, 507 with a sentence. */
int ask_read(ask *a, const char *method, const char *target, route_tables tables, char sentence[ASK_SENTENCE]);
void ask_clear(ask *a);
/* The methods that a path is there for, "GET, POST", after 405. */
void ask_methods(const char *target, route_tables tables, char methods[64]);
/* NULL if the route has no parameter of this name. */
const ask_value *ask_find(const ask *a, const char *name);

/* JSON of a body: an object, at most 16 deep, no key twice. 0, or 400 or 507 with a sentence. */
int ask_body(const char *text, size_t size, json_t **body, char sentence[ASK_SENTENCE]);

/* One parameter's value from its text; false with a sentence. */
bool ask_value_read(const route_param *param, const char *text, ask_value *value, char sentence[ASK_SENTENCE]);

/* Undoes percent signs. Of paths: no slash, backslash, percent sign; of both: no control characters, valid UTF-8. *to
 * has room for n + 1 bytes. */
bool ask_decode(const char *raw, size_t n, bool is_query, char *to);

/* All tables (routes.c). */
route_tables all_routes(void);

#endif
