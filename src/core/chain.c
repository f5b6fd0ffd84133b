/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chain.c: building chains from calls and command lines, and writing them back.
 */
#include "core/chain.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

lmp_status lmp_chain_new(lmp_engine *engine, lmp_chain **chain, lmp_error *err)
{
    lmp_chain *c = calloc(1, sizeof *c);
    if (c == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a chain");
    c->engine = engine;
    *chain = c;
    return LMP_OK;
}

void lmp_chain_free(lmp_chain *chain)
{
    if (chain == NULL) return;
    for (int64_t i = 0; i < chain->n_steps; i++) param_set_clear(&chain->steps[i].params);
    free(chain->steps);
    free(chain);
}

int64_t lmp_chain_count(const lmp_chain *chain)
{
    return chain->n_steps;
}

static lmp_status at_last_step(const lmp_chain *chain, lmp_status status, lmp_error *err)
{
    if (status != LMP_OK && err != NULL) err->step = (int32_t)(chain->n_steps - 1);
    return status;
}

lmp_status lmp_chain_add(lmp_chain *chain, const char *step, lmp_error *err)
{
    const lmp_step *found = NULL;
    lmp_status status = engine_find_step(chain->engine, step, &found, err);
    if (status != LMP_OK) return status;
    chain_step *grown = realloc(chain->steps, (size_t)(chain->n_steps + 1) * sizeof *grown);
    if (grown == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a chain");
    chain->steps = grown;
    chain_step *last = &grown[chain->n_steps];
    last->step = found;
    status = param_set_new(found->params, found->params_size, found->name, &last->params, err);
    if (status == LMP_OK) chain->n_steps++;
    return status;
}

static lmp_status need_step(const lmp_chain *chain, lmp_error *err)
{
    if (chain->n_steps > 0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "the chain has no step yet to set a parameter of: add one first");
}

lmp_status lmp_chain_set(lmp_chain *chain, const char *key, const char *value, lmp_error *err)
{
    const lmp_status status = need_step(chain, err);
    if (status != LMP_OK) return status;
    return at_last_step(chain, param_set_text(&chain->steps[chain->n_steps - 1].params, key, value, err), err);
}

lmp_status lmp_chain_parse(lmp_chain *chain, int64_t n_words, const char *const *words, lmp_error *err)
{
    bool expects_step = true;
    for (int64_t i = 0; i < n_words; i++) {
        lmp_status status;
        if (strcmp(words[i], "!") == 0) {
            if (expects_step)
                return lmp_fail(err, LMP_ERR_USAGE, "a step's name is missing %s \"!\"",
                                i == 0 ? "before" : "between two");
            expects_step = true;
            continue;
        }
        if (expects_step)
            status = lmp_chain_add(chain, words[i], err);
        else
            status = at_last_step(chain, param_set_word(&chain->steps[chain->n_steps - 1].params, words[i], err), err);
        if (status != LMP_OK) return status;
        expects_step = false;
    }
    if (n_words > 0 && expects_step)
        return lmp_fail(err, LMP_ERR_USAGE, "the chain ends with \"!\": a step must follow it");
    return LMP_OK;
}

/* ---- Writing back ---- */

/* The text as a shell would take it: in single quotes where needed. */
static void print_quoted(FILE *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/%@";
    if (text[0] != '\0' && strspn(text, plain) == strlen(text)) {
        fputs(text, out);
        return;
    }
    fputc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    }
    fputc('\'', out);
}

static void print_step_text(FILE *out, const chain_step *step)
{
    fputs(step->step->name, out);
    for (int64_t i = 0; step->params.table[i].name != NULL; i++) {
        char *value = param_print(&step->params, i);
        if (value != NULL && step->params.given[i]) {
            const bool bare = i == 0 && step->step->grain == LMP_GRAIN_SINK;
            fputc(' ', out);
            if (!bare) fprintf(out, "%s=", step->params.table[i].name);
            print_quoted(out, value);
        }
        free(value);
    }
}

char *lmp_chain_to_text(const lmp_chain *chain)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    for (int64_t i = 0; i < chain->n_steps; i++) {
        if (i > 0) fputs(" ! ", out);
        print_step_text(out, &chain->steps[i]);
    }
    fclose(out);
    return text;
}

/* YAML's double-quoted form is JSON's string. */
static void print_yaml_value(FILE *out, const char *value)
{
    json_t *string = json_string_nocheck(value);
    char *text = string == NULL ? NULL : json_dumps(string, JSON_ENCODE_ANY);
    fputs(text == NULL ? "\"\"" : text, out);
    free(text);
    json_decref(string);
}

char *lmp_chain_to_yaml(const lmp_chain *chain, int all_parameters)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    for (int64_t s = 0; s < chain->n_steps; s++) {
        const chain_step *step = &chain->steps[s];
        fprintf(out, "- step: %s\n", step->step->name);
        for (int64_t i = 0; step->params.table[i].name != NULL; i++) {
            char *value = param_print(&step->params, i);
            if (value != NULL && (all_parameters || step->params.given[i])) {
                fprintf(out, "  %s: ", step->params.table[i].name);
                print_yaml_value(out, value);
                fputc('\n', out);
            }
            free(value);
        }
    }
    fclose(out);
    return text;
}

json_t *chain_to_json(const lmp_chain *chain)
{
    json_t *all = json_array();
    for (int64_t s = 0; s < chain->n_steps && all != NULL; s++) {
        const chain_step *step = &chain->steps[s];
        json_t *one = json_pack("{s:s}", "step", step->step->name);
        for (int64_t i = 0; step->params.table[i].name != NULL; i++) {
            char *value = param_print(&step->params, i);
            if (value != NULL) json_object_set_new(one, step->params.table[i].name, json_string(value));
            free(value);
        }
        json_array_append_new(all, one);
    }
    return all;
}
