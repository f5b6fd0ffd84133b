/* SPDX-License-Identifier: BSD-3-Clause
 *
 * session_file.c: opens what a saved session names.
 */
#include "session_file.h"

#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_SESSION = 16 << 20 };

bool session_file_is(const char *path, json_t **session)
{
    const size_t n = strlen(path);
    struct stat facts;
    if (n < 5 || strcasecmp(path + n - 5, ".json") != 0) return false;
    if (stat(path, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size > LARGEST_SESSION) return false;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    if (json_object_get(json, "limpid_session") == NULL) {
        json_decref(json);
        return false;
    }
    *session = json;
    return true;
}

static char *input_path(const char *session_path, const char *input)
{
    const char *slash = strrchr(session_path, '/');
    char *path = NULL;
    if (input[0] == '/' || slash == NULL) return strdup(input);
    return asprintf(&path, "%.*s/%s", (int)(slash - session_path), session_path, input) < 0 ? NULL : path;
}

static lmp_status open_input(server *s, const char *session_path, const char *input, lmp_error *err)
{
    opened *made = NULL;
    char *path = input_path(session_path, input);
    if (path == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
    const lmp_status status = recording_add_trusted(s, path, &made, err);
    if (status == LMP_OK) recording_release(s, made);
    free(path);
    return status;
}

lmp_status session_file_open(server *s, const char *path, json_t *session, lmp_error *err)
{
    size_t i;
    json_t *input;
    s->session = session;
    const json_t *inputs = json_object_get(session, "inputs");
    if (json_integer_value(json_object_get(session, "limpid_session")) != 1)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is a session of another version of limpid: this one reads version 1",
                        path);
    if (!json_is_array(inputs) || json_array_size(inputs) == 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is a session that names no inputs", path);
    json_array_foreach(inputs, i, input)
    {
        if (!json_is_string(input)) return lmp_fail(err, LMP_ERR_INPUT, "an input of %s is not a path", path);
        const lmp_status status = open_input(s, path, json_string_value(input), err);
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}
