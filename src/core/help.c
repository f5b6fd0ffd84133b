/* SPDX-License-Identifier: BSD-3-Clause
 *
 * help.c: everything that is derived from the registry: JSON for forms and programs, Markdown for people, a schema for
 * chains.
 */
#include "core/chain.h"
#include "core/engine.h"
#include "core/param.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *dump_and_drop(json_t *json)
{
    char *text = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    json_decref(json);
    return text;
}

static void set_limit(json_t *o, const char *key, double value)
{
    if (isfinite(value)) json_object_set_new(o, key, json_real(value));
}

static bool is_numeric(lmp_param_type type)
{
    return type == LMP_PARAM_NUMBER || type == LMP_PARAM_INTEGER || type == LMP_PARAM_NUMBERS;
}

static json_t *choices_json(const char *choices)
{
    json_t *array = json_array();
    if (choices[0] == '\0') return array;
    for (const char *at = choices;;) {
        const size_t n = strcspn(at, "|");
        json_array_append_new(array, json_stringn(at, n));
        if (at[n] == '\0') return array;
        at += n + 1;
    }
}

static json_t *params_json(const lmp_param *table)
{
    json_t *array = json_array();
    for (; table->name != NULL; table++) {
        json_t *o = json_object();
        json_object_set_new(o, "name", json_string(table->name));
        json_object_set_new(o, "type", json_string(param_type_name(table->type)));
        json_object_set_new(o, "default", table->fallback == NULL ? json_null() : json_string(table->fallback));
        if (is_numeric(table->type)) {
            set_limit(o, "min", table->min);
            set_limit(o, "max", table->max);
        }
        json_object_set_new(o, "unit", json_string(table->unit));
        if (table->choices != NULL) json_object_set_new(o, "choices", choices_json(table->choices));
        json_object_set_new(o, "help", json_string(table->help));
        json_array_append_new(array, o);
    }
    return array;
}

static const char *grain_name(lmp_grain grain)
{
    static const char *const names[] = {"none", "time", "frame", "block", "sink"};
    return names[grain];
}

static const char *kind_name(lmp_kind kind)
{
    return kind == LMP_SIGNALS ? "signals" : kind == LMP_MOVIE ? "movies" : "any";
}

static json_t *entry_json(const char *name, const char *summary, const char *doc, const lmp_param *params)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(name));
    json_object_set_new(o, "summary", json_string(summary));
    json_object_set_new(o, "doc", json_string(doc));
    json_object_set_new(o, "params", params_json(params));
    return o;
}

char *lmp_engine_steps(const lmp_engine *engine)
{
    json_t *array = json_array();
    const lmp_step *step;
    for (int64_t i = 0; (step = engine_step_at(engine, i)) != NULL; i++) {
        json_t *o = entry_json(step->name, step->summary, step->doc, step->params);
        json_object_set_new(o, "kind", json_string(kind_name(step->kind)));
        json_object_set_new(o, "grain", json_string(grain_name(step->grain)));
        json_object_set_new(o, "known_as", json_string(step->known_as != NULL ? step->known_as : ""));
        json_array_append_new(array, o);
    }
    return dump_and_drop(array);
}

char *lmp_engine_formats(const lmp_engine *engine)
{
    json_t *array = json_array();
    for (const lmp_io *const *io = engine->catalog.formats; *io != NULL; io++) {
        json_t *o = json_pack("{s:s,s:s,s:s,s:b,s:b}", "name", (*io)->name, "summary", (*io)->summary, "kind",
                              kind_name((*io)->kind), "reads", (*io)->can_read, "writes", (*io)->can_write);
        json_object_set_new(o, "extensions", choices_json((*io)->extensions));
        json_array_append_new(array, o);
    }
    return dump_and_drop(array);
}

char *lmp_engine_simulators(const lmp_engine *engine)
{
    json_t *array = json_array();
    for (const lmp_simulator *const *s = engine->catalog.simulators; *s != NULL; s++)
        json_array_append_new(array, entry_json((*s)->name, (*s)->summary, (*s)->doc, (*s)->params));
    return dump_and_drop(array);
}

/* ---- Schema ---- */

static json_t *param_schema(const lmp_param *row)
{
    json_t *o = json_object();
    json_object_set_new(o, "description", json_string(row->help));
    if (row->type == LMP_PARAM_CHOICE) {
        json_object_set_new(o, "enum", choices_json(row->choices));
    } else if (row->type == LMP_PARAM_NUMBER || row->type == LMP_PARAM_INTEGER) {
        json_object_set_new(o, "type",
                            json_pack("[s,s]", row->type == LMP_PARAM_INTEGER ? "integer" : "number", "string"));
        set_limit(o, "minimum", row->min);
        set_limit(o, "maximum", row->max);
    } else {
        json_object_set_new(o, "type", json_pack("[s,s,s,s]", "string", "number", "boolean", "array"));
    }
    return o;
}

static json_t *step_schema(const lmp_step *step)
{
    json_t *properties = json_pack("{s:{s:s}}", "step", "const", step->name), *required = json_pack("[s]", "step");
    for (const lmp_param *row = step->params; row->name != NULL; row++) {
        json_object_set_new(properties, row->name, param_schema(row));
        if (row->fallback == NULL) json_array_append_new(required, json_string(row->name));
    }
    return json_pack("{s:s,s:s,s:o,s:o,s:b}", "type", "object", "description", step->summary, "properties", properties,
                     "required", required, "additionalProperties", 0);
}

char *lmp_engine_chain_schema(const lmp_engine *engine)
{
    json_t *any = json_array(), *names = json_array();
    const lmp_step *step;
    for (int64_t i = 0; (step = engine_step_at(engine, i)) != NULL; i++) {
        json_array_append_new(any, step_schema(step));
        json_array_append_new(names, json_string(step->name));
    }
    json_array_append_new(any, json_pack("{s:o}", "enum", names));
    return dump_and_drop(json_pack("{s:s,s:s,s:s,s:{s:o}}", "$schema", "https://json-schema.org/draft/2020-12/schema",
                                   "title", "limpid chain", "type", "array", "items", "anyOf", any));
}

/* ---- Markdown ---- */

static void print_range(FILE *out, const lmp_param *row)
{
    if (row->choices != NULL && row->type == LMP_PARAM_CHOICE) {
        for (const char *c = row->choices; *c != '\0'; c++) fputs(*c == '|' ? ", " : (char[]){*c, '\0'}, out);
        return;
    }
    if (!is_numeric(row->type)) {
        fputs(param_type_name(row->type), out);
        return;
    }
    if (isinf(row->max) && isinf(row->min))
        fputs("any number", out);
    else if (isinf(row->max))
        fprintf(out, "from %g", row->min);
    else
        fprintf(out, "%g to %g", row->min, row->max);
    if (row->unit[0] != '\0') fprintf(out, " %s", row->unit);
    if (row->choices != NULL) fprintf(out, " or %s", row->choices);
}

static void print_params(FILE *out, const lmp_param *row)
{
    if (row->name == NULL) return;
    fprintf(out, "\n## Parameters\n\n| name | default | range | what it does |\n| --- | --- | --- | --- |\n");
    for (; row->name != NULL; row++) {
        if (row->fallback == NULL)
            fprintf(out, "| `%s` | (must be given) | ", row->name);
        else if (row->fallback[0] == '\0')
            fprintf(out, "| `%s` | (none) | ", row->name);
        else
            fprintf(out, "| `%s` | `%s` | ", row->name, row->fallback);
        print_range(out, row);
        fprintf(out, " | %s |\n", row->help);
    }
}

static char *print_page(const char *name, const char *summary, const char *known_as, const char *doc,
                        const lmp_param *params)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    fprintf(out, "# %s\n\n%s\n", name, summary);
    if (known_as != NULL && known_as[0] != '\0') fprintf(out, "\nKnown elsewhere as: %s.\n", known_as);
    print_params(out, params);
    fprintf(out, "\n%s%s", doc, doc[0] != '\0' && doc[strlen(doc) - 1] != '\n' ? "\n" : "");
    fclose(out);
    return text;
}

lmp_status lmp_engine_help(const lmp_engine *engine, const char *name, char **markdown, lmp_error *err)
{
    const lmp_step *step = NULL;
    const lmp_simulator *simulator = NULL;
    const lmp_preset *preset = NULL;
    char *page = NULL;
    if (engine_find_preset(engine, name, &preset, NULL) == LMP_OK)
        page = print_page(preset->name, preset->summary, "", preset->doc, preset->params);
    if (engine_find_simulator(engine, name, &simulator, NULL) == LMP_OK) {
        /* A preset and a simulator may share the name of what they are about. */
        char *second = print_page(simulator->name, simulator->summary, "", simulator->doc, simulator->params),
             *both = NULL;
        if (page != NULL && second != NULL && asprintf(&both, "%s\n%s", page, second) < 0) both = NULL;
        if (both != NULL) {
            free(page);
            page = both;
            free(second);
        } else if (page == NULL) {
            page = second;
        } else {
            free(second);
        }
    }
    if (page == NULL) {
        const lmp_status status = engine_find_step(engine, name, &step, err);
        if (status != LMP_OK) return status;
        page = print_page(step->name, step->summary, step->known_as, step->doc, step->params);
    }
    if (page == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a help page");
    *markdown = page;
    return LMP_OK;
}
