/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ask_body.c: the JSON of a body.
 */
#include "ask.h"

#include <stdio.h>

enum { DEEPEST = 16 };

/* Nesting as far as brackets tell; what is not JSON at all is found out afterwards. */
static bool is_too_deep(const char *text, size_t size)
{
    int depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < size; i++) {
        if (in_text && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_text = !in_text;
        else if (!in_text && (text[i] == '{' || text[i] == '['))
            depth++;
        else if (!in_text && (text[i] == '}' || text[i] == ']'))
            depth--;
        if (depth > DEEPEST) return true;
    }
    return false;
}

int ask_body(const char *text, size_t size, json_t **body, char sentence[ASK_SENTENCE])
{
    json_error_t where;
    if (is_too_deep(text, size)) {
        snprintf(sentence, ASK_SENTENCE, "The body is nested more than %d deep.", DEEPEST);
        return 400;
    }
    json_t *json = json_loadb(size > 0 ? text : "", size, JSON_REJECT_DUPLICATES, &where);
    if (json == NULL) {
        snprintf(sentence, ASK_SENTENCE, "The body is not JSON: line %d, column %d: %.120s.", where.line, where.column,
                 where.text);
        return 400;
    }
    if (!json_is_object(json)) {
        json_decref(json);
        snprintf(sentence, ASK_SENTENCE, "The body must be a JSON object.");
        return 400;
    }
    *body = json;
    return 0;
}
