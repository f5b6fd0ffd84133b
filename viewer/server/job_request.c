/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_request.c: a chain that the page wants planned or run. Every key is known, every value of its type.
 */
#include "job_request.h"

#include <limpid/step.h>
#include <string.h>

enum { MOST_STEPS = 64, MOST_PARAMS = 64, MOST_FILES = 16, MOST_FORMAT = 8, MOST_SLOT = 40 };

bool job_name_is_good(const char *name)
{
    const size_t n = strlen(name);
    return n > 0 && n <= MOST_NAME && name[0] != '.' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == n;
}

/* ---- The chain ----------------------------------------------------------------------------------------------- */

static lmp_status check_params(const char *step, json_t *params, lmp_error *err)
{
    const char *key;
    json_t *value;
    if (params != NULL && (!json_is_object(params) || json_object_size(params) > MOST_PARAMS))
        return lmp_fail(err, LMP_ERR_USAGE, "\"params\" of %.60s must be an object of texts, at most %d", step,
                        MOST_PARAMS);
    json_object_foreach(params, key, value) if (!json_is_string(value)) return lmp_fail(
        err, LMP_ERR_USAGE, "%.60s: \"%.60s\" must be a text, as on the command line", step, key);
    return LMP_OK;
}

static lmp_status check_step(json_t *item, lmp_error *err)
{
    const json_t *step = json_object_get(item, "step");
    json_t *params = json_object_get(item, "params");
    const size_t known = 1 + (params != NULL);
    if (!json_is_string(step) || json_object_size(item) != known)
        return lmp_fail(err, LMP_ERR_USAGE, "an item of \"chain\" must be {\"step\": NAME, \"params\": {...}}");
    return check_params(json_string_value(step), params, err);
}

static lmp_status take_chain(job_request *q, json_t *value, lmp_error *err)
{
    size_t i;
    json_t *item;
    if (!json_is_array(value) || json_array_size(value) == 0 || json_array_size(value) > MOST_STEPS)
        return lmp_fail(err, LMP_ERR_USAGE, "\"chain\" must be an array of 1 to %d steps", MOST_STEPS);
    json_array_foreach(value, i, item)
    {
        const lmp_status status = check_step(item, err);
        if (status != LMP_OK) return status;
    }
    q->chain = value;
    return LMP_OK;
}

/* ---- What else there may be ---------------------------------------------------------------------------------- */

static lmp_status take_files(job_request *q, json_t *value, lmp_error *err)
{
    const char *name;
    json_t *content;
    if (!json_is_object(value) || json_object_size(value) > MOST_FILES)
        return lmp_fail(err, LMP_ERR_USAGE, "\"files\" must be an object of at most %d files", MOST_FILES);
    json_object_foreach(value, name, content) if (!job_name_is_good(name)) return lmp_fail(
        err, LMP_ERR_USAGE, "\"%.80s\" is no name for a file: use up to %d of a-z, 0-9, _, - and ., not a . first",
        name, MOST_NAME);
    q->files = value;
    return LMP_OK;
}

static lmp_status take_part(job_request *q, json_t *value, lmp_error *err)
{
    const json_t *first = json_object_get(value, "first"), *count = json_object_get(value, "count");
    if (!json_is_integer(first) || !json_is_integer(count) || json_object_size(value) != 2 ||
        json_integer_value(first) < 0 || json_integer_value(count) < 1)
        return lmp_fail(err, LMP_ERR_USAGE, "\"part\" must be {\"first\": N, \"count\": N}, from 0 on, at least one");
    q->part_first = json_integer_value(first);
    q->part_count = json_integer_value(count);
    return LMP_OK;
}

static lmp_status take_what(job_request *q, const json_t *value, lmp_error *err)
{
    const char *what = json_string_value(value);
    q->is_preview = what != NULL && strcmp(what, "preview") == 0;
    if (q->is_preview || (what != NULL && strcmp(what, "run") == 0)) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "\"what\" must be \"preview\" or \"run\"");
}

static lmp_status take_text(const char *key, const json_t *value, const char **text, lmp_error *err)
{
    *text = json_string_value(value);
    if (*text != NULL && (*text)[0] != '\0') return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "\"%s\" must be a text that is not empty", key);
}

static lmp_status take_format(job_request *q, const json_t *value, lmp_error *err)
{
    const lmp_status status = take_text("format", value, &q->format, err);
    if (status != LMP_OK) return status;
    const size_t n = strlen(q->format);
    if (n <= MOST_FORMAT && strspn(q->format, "abcdefghijklmnopqrstuvwxyz0123456789") == n) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "\"format\" must be the ending of a file, as npy, vhdr or csv");
}

static lmp_status take_slot(job_request *q, const json_t *value, lmp_error *err)
{
    q->slot = json_string_value(value);
    if (q->slot != NULL && json_string_length(value) <= MOST_SLOT) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE, "\"slot\" must be a text of at most %d bytes", MOST_SLOT);
}

static lmp_status take(job_request *q, const char *key, json_t *value, bool for_plan, lmp_error *err)
{
    if (strcmp(key, "recording") == 0) return take_text(key, value, &q->recording, err);
    if (strcmp(key, "chain") == 0) return take_chain(q, value, err);
    if (strcmp(key, "files") == 0) return take_files(q, value, err);
    if (strcmp(key, "out") == 0) return take_text(key, value, &q->out, err);
    if (!for_plan && strcmp(key, "what") == 0) return take_what(q, value, err);
    if (!for_plan && strcmp(key, "part") == 0) return take_part(q, value, err);
    if (!for_plan && strcmp(key, "format") == 0) return take_format(q, value, err);
    if (!for_plan && strcmp(key, "slot") == 0) return take_slot(q, value, err);
    if (!for_plan && strcmp(key, "overwrite") == 0 && json_is_boolean(value)) {
        q->overwrite = json_is_true(value);
        return LMP_OK;
    }
    if (strcmp(key, "overwrite") == 0) return lmp_fail(err, LMP_ERR_USAGE, "\"overwrite\" must be true or false");
    return lmp_fail(err, LMP_ERR_USAGE, "\"%.60s\" is not known here", key);
}

/* What belongs together. */
static lmp_status check_whole(const job_request *q, bool has_what, lmp_error *err)
{
    if (q->recording == NULL || q->chain == NULL)
        return lmp_fail(err, LMP_ERR_USAGE, "\"recording\" and \"chain\" must be given");
    if (!has_what) return lmp_fail(err, LMP_ERR_USAGE, "\"what\" must be given");
    if (q->is_preview && (q->out != NULL || q->overwrite))
        return lmp_fail(err, LMP_ERR_USAGE, "\"out\" and \"overwrite\" are for runs: a preview writes no file");
    if (!q->is_preview && (q->part_count > 0 || q->format != NULL || json_object_get(q->body, "slot") != NULL))
        return lmp_fail(err, LMP_ERR_USAGE,
                        "\"part\", \"format\" and \"slot\" are for previews: a run sees the whole recording");
    return LMP_OK;
}

lmp_status job_request_parse(const json_t *body, bool for_plan, job_request *q, lmp_error *err)
{
    const char *key;
    json_t *value;
    lmp_status status = LMP_OK;
    *q = (job_request){.body = json_incref((json_t *)body), .slot = ""};
    json_object_foreach((json_t *)body, key, value)
    {
        if (status == LMP_OK) status = take(q, key, value, for_plan, err);
    }
    const bool has_what = for_plan || json_object_get(body, "what") != NULL;
    if (status == LMP_OK) status = check_whole(q, has_what, err);
    if (status != LMP_OK) job_request_clear(q);
    return status;
}

void job_request_own(server *s, request *r, job_request *q)
{
    q->counter = s;
    q->counted = request_leave_body(r);
}

static void count_no_more(job_request *q)
{
    if (q->counter != NULL) memory_give(q->counter, q->counted);
    q->counter = NULL;
}

void job_request_shrink(job_request *q)
{
    json_t *body = (json_t *)q->body;
    (void)json_object_del(body, "chain");
    (void)json_object_del(body, "files");
    q->chain = q->files = NULL;
    count_no_more(q);
}

void job_request_clear(job_request *q)
{
    count_no_more(q);
    json_decref((json_t *)q->body);
    *q = (job_request){0};
}
