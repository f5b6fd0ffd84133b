/* SPDX-License-Identifier: BSD-3-Clause
 *
 * json_text.c: what JSON has no words for.
 */
#include "json_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *json_text(const char *text)
{
    json_t *json = json_string(text != NULL ? text : "");
    char *copy = json == NULL ? strdup(text) : NULL;
    if (copy == NULL) return json;
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c > '~') *c = '?';
    json = json_string(copy);
    free(copy);
    return json;
}

json_t *json_number_or_null(double value, bool is_known)
{
    return is_known && isfinite(value) ? json_real(value) : json_null();
}

/* Jansson's own structures, what malloc adds, and half-empty tables. What is no JSON is counted all the same. */
uint64_t json_parsed_bytes(const char *text, size_t size)
{
    enum { OBJECT = 256, LIST = 144, PAIR = 144, VALUE = 48, TEXT = 48, ROUNDS = 3 };
    uint64_t bytes = VALUE + ROUNDS * (uint64_t)size;
    bool in_text = false;
    for (size_t i = 0; i < size; i++) {
        const char c = text[i];
        if (in_text && c == '\\') {
            i++;
        } else if (c == '"') {
            in_text = !in_text;
            bytes += in_text ? TEXT : 0;
        } else if (!in_text) {
            bytes += c == '{' ? OBJECT + VALUE : c == '[' ? LIST + VALUE : c == ':' ? PAIR : c == ',' ? VALUE : 0;
        }
    }
    return bytes;
}
