/* SPDX-License-Identifier: BSD-3-Clause
 *
 * session_file.c: opens what a saved session names.
 */
#include "session_file.h"

#include "how_opened.h"

#include <limpid/step.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_SESSION = 16 << 20 };

/* JSON by its name, or by its first two signs: { and ". */
static bool is_json(const char *path)
{
    const size_t n = strlen(path);
    struct stat facts;
    char brace = 0, quote = 0;
    if (stat(path, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size > LARGEST_SESSION) return false;
    if (n >= 5 && strcasecmp(path + n - 5, ".json") == 0) return true;
    FILE *file = fopen(path, "rbe");
    if (file == NULL) return false;
    const int n_read = fscanf(file, " %c %c", &brace, &quote);
    (void)fclose(file);
    return n_read == 2 && brace == '{' && quote == '"';
}

lmp_status session_file_read(const char *path, json_t **session, lmp_error *err)
{
    json_error_t why = {0};
    *session = NULL;
    if (!is_json(path)) return LMP_OK;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (json == NULL && why.line > 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is broken JSON, seen in line %d: save the session again, or mend it",
                        path, why.line);
    if (json_object_get(json, "limpid_session") != NULL)
        *session = json;
    else
        json_decref(json);
    return LMP_OK;
}

static lmp_status no_memory(lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left");
}

static char *beside(const char *session_path, const char *path)
{
    const char *slash = strrchr(session_path, '/');
    char *made = NULL;
    if (path[0] == '/' || slash == NULL) return strdup(path);
    return asprintf(&made, "%.*s/%s", (int)(slash - session_path), session_path, path) < 0 ? NULL : made;
}

/* ---- One input: its path, or {path, open} ---- */

/* The options and events are those of the command line unless the input has its own. */
typedef struct session_input {
    const char *path, *events;
    bool has_own_events;
    lmp_open_options how;
} session_input;

static lmp_status read_input(const server *s, const char *session_path, const json_t *json, session_input *input,
                             lmp_error *err)
{
    const char *name;
    json_t *value;
    char who[300];
    const json_t *path = json_is_object(json) ? json_object_get(json, "path") : json,
                 *open = json_object_get(json, "open");
    *input = (session_input){.path = json_string_value(path), .events = s->options.events, .how = s->open};
    if (input->path == NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "an input of %s is not a path, nor an object with a path", session_path);
    json_object_foreach((json_t *)(json_is_object(json) ? json : NULL), name, value)
    {
        if (value != path && value != open)
            return lmp_fail(err, LMP_ERR_INPUT, "the input %s of %s has a \"%s\", but only path and open are known",
                            input->path, session_path, name);
    }
    if (open == NULL) return LMP_OK;
    input->has_own_events = true;
    snprintf(who, sizeof who, "the input %s of %s", input->path, session_path);
    return how_opened_read(open, who, &input->how, &input->events, err);
}

static lmp_status open_input(server *s, const char *session_path, const json_t *json, lmp_error *err)
{
    session_input input;
    opened *made = NULL;
    lmp_status status = read_input(s, session_path, json, &input, err);
    if (status != LMP_OK) return status;
    char *path = beside(session_path, input.path), *events = NULL;
    if (input.events != NULL) events = input.has_own_events ? beside(session_path, input.events) : strdup(input.events);
    if (path == NULL || (input.events != NULL && events == NULL))
        status = no_memory(err);
    else
        status = recording_add_trusted(s, path, &input.how, events, &made, err);
    if (status == LMP_OK) recording_release(s, made);
    free(path);
    free(events);
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
        const lmp_status status = open_input(s, path, input, err);
        if (status != LMP_OK) return status;
    }
    return LMP_OK;
}
