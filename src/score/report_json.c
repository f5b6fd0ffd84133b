/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_json.c: a described report as text.
 */
#include "score/report_json.h"

#include <stdint.h>
#include <stdlib.h>

/* jansson's own writer takes one number of digits for all: 0.1 would become 0.10000000000000001. */
static void write_real(FILE *out, double value)
{
    char text[40];
    for (int digits = 7; digits <= 17; digits += digits == 7 ? 3 : digits == 10 ? 5 : 1) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    fputs(text, out);
}

static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == '<' || c == '>' || c == '&')
            fprintf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void write_array(FILE *out, const json_t *array)
{
    fputc('[', out);
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0) fputc(',', out);
        report_json_write(out, json_array_get(array, i));
    }
    fputc(']', out);
}

static void write_object(FILE *out, const json_t *object)
{
    const char *key, *between = "";
    json_t *value, *all = (json_t *)(uintptr_t)object;
    fputc('{', out);
    json_object_foreach(all, key, value)
    {
        fputs(between, out);
        write_string(out, key);
        fputc(':', out);
        report_json_write(out, value);
        between = ",";
    }
    fputc('}', out);
}

void report_json_write(FILE *out, const json_t *value)
{
    if (json_is_object(value))
        write_object(out, value);
    else if (json_is_array(value))
        write_array(out, value);
    else if (json_is_string(value))
        write_string(out, json_string_value(value));
    else if (json_is_integer(value))
        fprintf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        write_real(out, json_real_value(value));
    else
        fputs(json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null", out);
}
