/* SPDX-License-Identifier: BSD-3-Clause
 *
 * verify.c: an output against its provenance record.
 */
#include "core/budget.h"
#include "core/digest.h"
#include "core/engine.h"
#include "core/record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static lmp_status load_record(const char *output, json_t **record, lmp_error *err)
{
    char *path = record_path(output);
    if (path == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    json_error_t why;
    *record = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    const lmp_status status =
        *record == NULL ? lmp_fail(err, LMP_ERR_INPUT, "%s has no readable record %s: %s", output, path, why.text)
                        : LMP_OK;
    free(path);
    return status;
}

/* The record names the file that holds the data: BrainVision's is not the one the user names. */
static const char *data_file(const json_t *record, const char *output)
{
    const char *path = json_string_value(json_object_get(json_object_get(record, "output"), "data_path"));
    return path != NULL ? path : output;
}

static lmp_status compare(const lmp_engine *engine, const json_t *record, const char *output, char found[DIGEST_TEXT],
                          lmp_error *err)
{
    const char *expected = json_string_value(json_object_get(json_object_get(record, "output"), "digest"));
    if (expected == NULL) return lmp_fail(err, LMP_ERR_INPUT, "the record of %s names no digest of the output", output);
    pool *workers = NULL;
    lmp_budget *budget = NULL;
    lmp_status status = pool_new(engine->threads, &workers, err);
    if (status == LMP_OK) status = budget_new(engine->memory_limit, &budget, err);
    if (status == LMP_OK) status = digest_file(data_file(record, output), workers, budget, found, err);
    if (status == LMP_OK && strcmp(found, expected) != 0)
        status = lmp_fail(err, LMP_ERR_CHECK, "%s is not what was written: its digest is %s, the record says %s",
                          output, found, expected);
    budget_free(budget);
    pool_free(workers);
    return status;
}

lmp_status lmp_verify(lmp_engine *engine, const char *output, char **json, lmp_error *err)
{
    json_t *record = NULL;
    char found[DIGEST_TEXT] = "";
    lmp_status status = load_record(output, &record, err);
    if (status == LMP_OK) status = compare(engine, record, output, found, err);
    if (status == LMP_OK && json != NULL) {
        json_t *o =
            json_pack("{s:s,s:s,s:O?}", "output", output, "digest", found, "chain", json_object_get(record, "chain"));
        *json = o == NULL ? NULL : json_dumps(o, JSON_INDENT(1));
        json_decref(o);
    }
    json_decref(record);
    return status;
}
