/* SPDX-License-Identifier: BSD-3-Clause
 *
 * registry.c: limpid steps, formats, schema, help: what the registry says.
 */
#include "cli.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void print_steps(const json_t *steps)
{
    size_t i;
    json_t *step;
    json_array_foreach(steps, i, step)
        printf("%-18s %-6s %s\n", text_of(step, "name"), text_of(step, "grain"), text_of(step, "summary"));
}

static void print_formats(const json_t *formats)
{
    size_t i, k;
    json_t *format, *extension;
    json_array_foreach(formats, i, format)
    {
        printf("%-12s %-8s %s%s ", text_of(format, "name"), text_of(format, "kind"),
               json_is_true(json_object_get(format, "reads")) ? "r" : "-",
               json_is_true(json_object_get(format, "writes")) ? "w" : "-");
        json_array_foreach(json_object_get(format, "extensions"), k, extension) if (json_string_length(extension) > 0)
            printf(" .%s", json_string_value(extension));
        printf("  %s\n", text_of(format, "summary"));
    }
}

static int print_registry(cli *c, char *(*get)(const lmp_engine *), void (*print)(const json_t *))
{
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    const int code = cli_new_engine(c, &engine, &err);
    if (code != 0) return code;
    char *text = get(engine);
    json_t *json = text == NULL ? NULL : json_loads(text, 0, NULL);
    if (c->json || print == NULL)
        puts(text != NULL ? text : "");
    else
        print(json);
    json_decref(json);
    lmp_text_free(text);
    lmp_engine_free(engine);
    return 0;
}

int cmd_steps(cli *c)
{
    return print_registry(c, lmp_engine_steps, print_steps);
}

int cmd_formats(cli *c)
{
    return print_registry(c, lmp_engine_formats, print_formats);
}

int cmd_schema(cli *c)
{
    return c->api ? cli_print_api() : print_registry(c, lmp_engine_chain_schema, NULL);
}

int cmd_help(cli *c)
{
    lmp_error err = {0};
    lmp_engine *engine = NULL;
    if (c->n_words != 1)
        return cli_usage(
            "limpid help takes the name of one command, step, preset or simulator: limpid steps lists steps");
    int code = cli_new_engine(c, &engine, &err);
    if (code != 0) return code;
    char *page = NULL;
    const bool is_command = cli_print_command(c->words[0]);
    if (lmp_engine_help(engine, c->words[0], &page, &err) == LMP_OK)
        printf("%s%s", is_command ? "\n" : "", page);
    else if (!is_command)
        code = cli_fail(&err);
    lmp_text_free(page);
    lmp_engine_free(engine);
    return code;
}
