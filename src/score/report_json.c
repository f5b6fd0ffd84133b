/* SPDX-License-Identifier: BSD-3-Clause
 *
 * report_json.c: a described report as text.
 */
#include "score/report_json.h"

#include <stdint.h>

/* jansson's own writer would make 0.10000000000000001 of 0.1, and leave "<" as it is. */
static void write_real(FILE *out, double value)
{
    fprintf(out, "%.10g", value);
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
