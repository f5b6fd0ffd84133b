/* SPDX-License-Identifier: BSD-3-Clause
 *
 * how_opened.c: one table of the options, for writing and for reading.
 */
#include "how_opened.h"

#include "json_text.h"

#include <string.h>

typedef enum option_type { IS_NUMBER, IS_FLAG, IS_TEXT, IS_WORD } option_type;

typedef struct option {
    const char *name;
    option_type type;
    size_t offset;        /* in lmp_open_options */
    const char *words[3]; /* one of them is given; "" is none */
} option;

static const option options[] = {
    {"rate", IS_NUMBER, offsetof(lmp_open_options, rate_hz), {NULL}},
    {"scale-uv", IS_NUMBER, offsetof(lmp_open_options, scale_uv), {NULL}},
    {"size", IS_NUMBER, offsetof(lmp_open_options, size_ratio), {NULL}},
    {"salvage", IS_FLAG, offsetof(lmp_open_options, salvage), {NULL}},
    {"grey", IS_FLAG, offsetof(lmp_open_options, grey), {NULL}},
    {"kind", IS_WORD, offsetof(lmp_open_options, kind), {[LMP_SIGNALS] = "signals", [LMP_MOVIE] = "movie"}},
    {"dataset", IS_TEXT, offsetof(lmp_open_options, dataset), {NULL}},
    {"group", IS_TEXT, offsetof(lmp_open_options, group), {NULL}},
    {"broken", IS_WORD, offsetof(lmp_open_options, skip_broken), {"refuse", "skip"}},
    {"sizes", IS_WORD, offsetof(lmp_open_options, crop_to_least), {"refuse", "crop"}},
};

enum { N_OPTIONS = sizeof options / sizeof *options, N_WORDS = sizeof options[0].words / sizeof *options[0].words };

static json_t *value_json(const option *o, const void *field)
{
    const int64_t n = o->type == IS_FLAG || o->type == IS_WORD ? *(const int64_t *)field : 0;
    const double x = o->type == IS_NUMBER ? *(const double *)field : 0;
    const char *text = o->type == IS_TEXT ? *(const char *const *)field : n > 0 && n < N_WORDS ? o->words[n] : NULL;
    if (o->type == IS_NUMBER) return x > 0 ? json_real(x) : NULL;
    if (o->type == IS_FLAG) return n != 0 ? json_true() : NULL;
    return text != NULL ? json_text(text) : NULL;
}

json_t *how_opened_json(const lmp_open_options *how, const char *events)
{
    json_t *json = json_object();
    for (const option *o = options; o < options + N_OPTIONS; o++) {
        json_t *value = value_json(o, (const char *)how + o->offset);
        if (value != NULL) json_object_set_new(json, o->name, value);
    }
    if (events != NULL) json_object_set_new(json, "events", json_text(events));
    return json;
}

static bool read_word(const option *o, const json_t *value, int64_t *field)
{
    for (int64_t i = 0; i < N_WORDS; i++) {
        if (o->words[i] == NULL || strcmp(o->words[i], json_string_value(value)) != 0) continue;
        *field = i;
        return true;
    }
    return false;
}

static bool read_value(const option *o, const json_t *value, void *field)
{
    switch (o->type) {
    case IS_NUMBER:
        *(double *)field = json_number_value(value);
        return *(double *)field > 0;
    case IS_FLAG:
        *(int64_t *)field = json_is_true(value);
        return json_is_boolean(value);
    case IS_TEXT:
        *(const char **)field = json_string_value(value);
        return json_is_string(value);
    default:
        return json_is_string(value) && read_word(o, value, field);
    }
}

static const char *wanted(const option *o)
{
    return o->type == IS_NUMBER             ? "a number above 0"
           : o->type == IS_FLAG             ? "true or false"
           : o->type == IS_TEXT             ? "a text"
           : strcmp(o->name, "kind") == 0   ? "\"signals\" or \"movie\""
           : strcmp(o->name, "broken") == 0 ? "\"refuse\" or \"skip\""
                                            : "\"refuse\" or \"crop\"";
}

static lmp_status read_option(const char *name, const json_t *value, const char *who, lmp_open_options *how,
                              lmp_error *err)
{
    const option *o = options;
    while (o < options + N_OPTIONS && strcmp(o->name, name) != 0) o++;
    if (o == options + N_OPTIONS)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is opened with \"%s\", which is no option of limpid view", who, name);
    if (read_value(o, value, (char *)how + o->offset)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_INPUT, "%s is opened with a \"%s\" that is not %s", who, name, wanted(o));
}

lmp_status how_opened_read(const json_t *json, const char *who, lmp_open_options *how, const char **events,
                           lmp_error *err)
{
    const char *name;
    json_t *value;
    *how = (lmp_open_options)LMP_OPTIONS(lmp_open_options);
    *events = NULL;
    if (!json_is_object(json))
        return lmp_fail(err, LMP_ERR_INPUT, "%s has an \"open\" that is no object of options", who);
    json_object_foreach((json_t *)json, name, value)
    {
        lmp_status status = LMP_OK;
        if (strcmp(name, "events") != 0)
            status = read_option(name, value, who, how, err);
        else if ((*events = json_string_value(value)) == NULL)
            status = lmp_fail(err, LMP_ERR_INPUT, "%s is opened with \"events\" that are not a path", who);
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}
