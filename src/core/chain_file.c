/* SPDX-License-Identifier: BSD-3-Clause
 *
 * chain_file.c: chains from YAML (JSON is a subset of it).
 *
 *   - highpass: {hz: 1}            a step with its parameters, or
 *   - step: highpass               the form that limpid writes
 *     hz: 1
 *   - align                        a step with its defaults
 *
 * The list may also stand under a key "chain". Aliases are not expanded by the document loader, so a small file cannot
 * become a large one.
 */
#include "core/chain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { LARGEST_FILE = 1 << 20 };

typedef struct reader {
    const char *path;
    yaml_document_t *document;
    lmp_chain *chain;
    lmp_error *err;
} reader;

static const char *scalar(const reader *r, int index, const yaml_node_t **node)
{
    const yaml_node_t *n = yaml_document_get_node(r->document, index);
    if (node != NULL) *node = n;
    if (n == NULL || n->type != YAML_SCALAR_NODE || strlen((const char *)n->data.scalar.value) != n->data.scalar.length)
        return NULL;
    return (const char *)n->data.scalar.value;
}

static lmp_status bad(const reader *r, const yaml_node_t *node, const char *what)
{
    return lmp_fail(r->err, LMP_ERR_USAGE, "%s, line %zu: %s", r->path, node == NULL ? 0 : node->start_mark.line + 1,
                    what);
}

/* A scalar, or a list of scalars joined by commas (tones: [3, 5, 7]). */
static lmp_status value_text(const reader *r, int index, char text[4096])
{
    const yaml_node_t *node;
    const char *one = scalar(r, index, &node);
    size_t used = 0;
    if (one != NULL) {
        if (snprintf(text, 4096, "%s", one) >= 4096) return bad(r, node, "the value is too long");
        return LMP_OK;
    }
    if (node == NULL || node->type != YAML_SEQUENCE_NODE)
        return bad(r, node, "a value must be a text, a number or a list of them");
    text[0] = '\0';
    for (const yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
        one = scalar(r, *i, NULL);
        if (one == NULL) return bad(r, node, "the items of a list must be texts or numbers");
        const int n = snprintf(text + used, 4096 - used, "%s%s", used > 0 ? "," : "", one);
        if (n < 0 || (size_t)n >= 4096 - used) return bad(r, node, "the list is too long");
        used += (size_t)n;
    }
    return LMP_OK;
}

static lmp_status set_pairs(const reader *r, const yaml_node_t *map, const yaml_node_pair_t *skip)
{
    char text[4096];
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        if (p == skip) continue;
        const char *key = scalar(r, p->key, NULL);
        if (key == NULL) return bad(r, map, "a parameter's name must be a text");
        lmp_status status = value_text(r, p->value, text);
        if (status == LMP_OK) status = lmp_chain_set(r->chain, key, text, r->err);
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}

static lmp_status add_map(const reader *r, const yaml_node_t *map)
{
    const yaml_node_pair_t *first = map->data.mapping.pairs.start;
    for (const yaml_node_pair_t *p = first; p < map->data.mapping.pairs.top; p++) {
        const char *key = scalar(r, p->key, NULL), *name = scalar(r, p->value, NULL);
        if (key == NULL || strcmp(key, "step") != 0) continue;
        if (name == NULL) return bad(r, map, "\"step\" must be followed by a step's name");
        const lmp_status status = lmp_chain_add(r->chain, name, r->err);
        return status != LMP_OK ? status : set_pairs(r, map, p);
    }
    if (map->data.mapping.pairs.top - first != 1)
        return bad(r, map, "a step is written as {step: NAME, key: value, ...} or NAME: {key: value, ...}");
    const char *name = scalar(r, first->key, NULL);
    const yaml_node_t *parameters = yaml_document_get_node(r->document, first->value);
    if (name == NULL || parameters == NULL) return bad(r, map, "a step's name must be a text");
    const lmp_status status = lmp_chain_add(r->chain, name, r->err);
    if (status != LMP_OK) return status;
    if (parameters->type == YAML_MAPPING_NODE) return set_pairs(r, parameters, NULL);
    const char *value = scalar(r, first->value, NULL);
    if (value != NULL && value[0] == '\0') return LMP_OK;
    return bad(r, parameters, "the parameters of a step are written as {key: value, ...}");
}

static lmp_status add_steps(const reader *r)
{
    const yaml_node_t *root = yaml_document_get_root_node(r->document);
    if (root != NULL && root->type == YAML_MAPPING_NODE)
        for (const yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++) {
            const char *key = scalar(r, p->key, NULL);
            if (key != NULL && strcmp(key, "chain") == 0) {
                root = yaml_document_get_node(r->document, p->value);
                break;
            }
        }
    if (root == NULL || root->type != YAML_SEQUENCE_NODE)
        return bad(r, root, "a chain is a list of steps, each line starting with -");
    for (const yaml_node_item_t *i = root->data.sequence.items.start; i < root->data.sequence.items.top; i++) {
        const yaml_node_t *item;
        const char *name = scalar(r, *i, &item);
        lmp_status status;
        if (name != NULL)
            status = lmp_chain_add(r->chain, name, r->err);
        else if (item != NULL && item->type == YAML_MAPPING_NODE)
            status = add_map(r, item);
        else
            status = bad(r, item, "an item of a chain is a step's name or {step: NAME, key: value, ...}");
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}

lmp_status lmp_chain_load(lmp_chain *chain, const char *path, lmp_error *err)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) return lmp_fail(err, LMP_ERR_IO, "the chain file %s cannot be opened: %s", path, strerror(errno));
    lmp_status status;
    unsigned char *bytes = malloc(LARGEST_FILE + 1);
    const size_t size = bytes == NULL ? 0 : fread(bytes, 1, LARGEST_FILE + 1, file);
    const bool failed = ferror(file) != 0;
    fclose(file);
    yaml_parser_t parser;
    if (bytes == NULL || yaml_parser_initialize(&parser) == 0) {
        free(bytes);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to read %s", path);
    }
    yaml_document_t document;
    if (failed || size > LARGEST_FILE) {
        status = lmp_fail(err, LMP_ERR_INPUT, "%s cannot be read, or is too large for a chain of steps", path);
        goto done;
    }
    yaml_parser_set_input_string(&parser, bytes, size);
    if (yaml_parser_load(&parser, &document) == 0) {
        status = lmp_fail(err, LMP_ERR_USAGE, "%s, line %zu: not valid YAML: %s", path, parser.problem_mark.line + 1,
                          parser.problem != NULL ? parser.problem : "unreadable");
        goto done;
    }
    status = add_steps(&(reader){.path = path, .document = &document, .chain = chain, .err = err});
    yaml_document_delete(&document);
done:
    yaml_parser_delete(&parser);
    free(bytes);
    return status;
}
