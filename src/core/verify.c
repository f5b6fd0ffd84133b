/* SPDX-License-Identifier: BSD-3-Clause
 *
 * verify.c: an output against its provenance record.
 */
#include "core/budget.h"
#include "core/digest_set.h"
#include "core/engine.h"
#include "core/record.h"
#include "os/os.h"

#include <jansson.h>
#include <stdio.h>
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

/* Where the file that holds the data is now: beside the output, wherever both were written. BrainVision's is not the
 * one the user names. Caller frees. */
static char *data_file(const json_t *written, const char *folder, const char *output)
{
    char *path = NULL;
    const char *name = json_string_value(json_object_get(written, "data_path"));
    if (name == NULL) return strdup(output);
    const char *slash = strrchr(name, '/');
    return asprintf(&path, "%s/%s", folder, slash == NULL ? name : slash + 1) < 0 ? NULL : path;
}

/* The files that were written, if they are several. A name that leads out of the folder is none of limpid's. */
static lmp_status list_files(const json_t *written, const char *output, name_list *files, lmp_error *err)
{
    const json_t *names = json_object_get(written, "files");
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (name == NULL || strchr(name, '/') != NULL)
            return lmp_fail(err, LMP_ERR_INPUT, "the record of %s names files that are none: it has been changed",
                            output);
        if (!name_list_add(files, strdup(name)))
            return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to verify %s", output);
    }
    return LMP_OK;
}

static lmp_status digest_now(const json_t *written, const char *output, pool *workers, lmp_budget *budget,
                             char found[DIGEST_TEXT], lmp_error *err)
{
    os_file_info info;
    name_list files = {0};
    char *folder = os_path_directory(output), *path = NULL;
    if (folder != NULL) path = data_file(written, folder, output);
    lmp_status status = path == NULL
                            ? lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left to verify %s", output)
                            : list_files(written, output, &files, err);
    const bool is_folder = status == LMP_OK && files.count == 0 && os_path_stat(path, &info) == 0 && info.is_directory;
    if (is_folder) status = name_list_folder(path, &files, err);
    if (status == LMP_OK && (files.count > 0 || is_folder))
        status = digest_set(is_folder ? path : folder, &files, workers, budget, found, err);
    else if (status == LMP_OK)
        status = digest_file(path, NULL, workers, budget, found, err);
    name_list_clear(&files);
    free(folder);
    free(path);
    return status;
}

static lmp_status compare(const lmp_engine *engine, const json_t *record, const char *output, char found[DIGEST_TEXT],
                          lmp_error *err)
{
    const json_t *written = json_object_get(record, "output");
    const char *expected = json_string_value(json_object_get(written, "digest"));
    if (expected == NULL) return lmp_fail(err, LMP_ERR_INPUT, "the record of %s names no digest of the output", output);
    pool *workers = NULL;
    lmp_budget *budget = NULL;
    lmp_status status = pool_new(engine->threads, &workers, err);
    if (status == LMP_OK) status = budget_new(engine->memory_limit, &budget, err);
    if (status == LMP_OK) status = digest_now(written, output, workers, budget, found, err);
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
        const json_t *input = json_object_get(record, "input");
        json_t *o = json_pack("{s:s,s:s,s:O?,s:O*}", "output", output, "digest", found, "chain",
                              json_object_get(record, "chain"), "no_input_digest", json_object_get(input, "no_digest"));
        *json = o == NULL ? NULL : json_dumps(o, JSON_INDENT(1));
        json_decref(o);
    }
    json_decref(record);
    return status;
}
