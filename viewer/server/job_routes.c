/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_routes.c: routes of chains: what one would do, running them, what they left.
 */
#include "jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- Plans and jobs ------------------------------------------------------------------------------------------ */

/* The request of the body and its recording, borrowed; false, and answered, if there is none. */
static bool take(server *s, request *r, bool for_plan, job_request *q, opened **source)
{
    lmp_error err = {0};
    if (job_request_parse(request_body(r), for_plan, q, &err) != LMP_OK) {
        answer_failure(r, &err);
        return false;
    }
    *source = recording_find(s, q->recording);
    if (*source != NULL) return true;
    job_request_clear(q);
    answer_error(r, 404, "There is no open recording of this id.");
    return false;
}

static void handle_plan(server *s, request *r)
{
    job_request q;
    opened *source;
    json_t *answer = NULL;
    lmp_error err = {0};
    if (!take(s, r, true, &q, &source)) return;
    if (jobs_plan(server_jobs(s), &q, source, &answer, &err) == LMP_OK)
        answer_json(r, 200, answer);
    else
        answer_failure(r, &err);
    job_request_clear(&q);
    recording_release(s, source);
}

static void handle_post(server *s, request *r)
{
    job_request q;
    opened *source;
    json_t *answer = NULL;
    lmp_error err = {0};
    if (!take(s, r, false, &q, &source)) return;
    job_request_own(s, r, &q);
    const lmp_status status = jobs_post(server_jobs(s), &q, source, &answer, &err);
    if (status == LMP_OK)
        answer_json(r, 200, answer);
    else if (status == LMP_ERR_IO)
        answer_error(r, 429, "%s", err.text);
    else
        answer_failure(r, &err);
}

static void handle_list(server *s, request *r)
{
    answer_json(r, 200, json_pack("{s:o}", "jobs", jobs_json(server_jobs(s))));
}

static void answer_job(request *r, json_t *answer)
{
    if (answer != NULL)
        answer_json(r, 200, answer);
    else
        answer_error(r, 404, "There is no job of this id.");
}

static void handle_one(server *s, request *r)
{
    answer_job(r, jobs_one(server_jobs(s), request_text(r, "id")));
}

static void handle_cancel(server *s, request *r)
{
    answer_job(r, jobs_cancel(server_jobs(s), request_text(r, "id")));
}

/* ---- Files --------------------------------------------------------------------------------------------------- */

static const char *media_type(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (dot != NULL && strcmp(dot, ".csv") == 0) return "text/csv; charset=utf-8";
    return dot != NULL && strcmp(dot, ".json") == 0 ? "application/json" : "application/octet-stream";
}

static int64_t produce(void *user, int64_t at, char *to, size_t room)
{
    FILE *file = user;
    (void)at;
    const size_t n = fread(to, 1, room, file);
    return n == 0 && ferror(file) ? -1 : (int64_t)n;
}

static void end(void *user)
{
    (void)fclose(user);
}

static void handle_file(server *s, request *r)
{
    const char *name = request_text(r, "name");
    char *path = jobs_file(server_jobs(s), request_text(r, "id"), name);
    FILE *file = path != NULL ? fopen(path, "rbe") : NULL;
    free(path);
    struct stat facts;
    if (file == NULL || fstat(fileno(file), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        if (file != NULL) (void)fclose(file);
        answer_error(r, 404, "The job has left no file of this name.");
        return;
    }
    answer_stream(r, media_type(name), name, facts.st_size, produce, end, file);
}

/* ---- The table ----------------------------------------------------------------------------------------------- */

#define ID                                                                                                             \
    {                                                                                                                  \
        "id", ROUTE_TEXT, NULL, 1, 23, NULL, "Which job."                                                              \
    }

static const route_param one_params[] = {ID, {0}};
static const route_param file_params[] = {ID, {"name", ROUTE_TEXT, NULL, 1, MOST_NAME, NULL, "Name of the file."}, {0}};

#define JSON_CHAIN                                                                                                     \
    "\"recording\":{\"type\":\"string\",\"description\":\"Id of an open recording.\"},"                                \
    "\"chain\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":64,\"items\":{\"type\":\"object\","                     \
    "\"required\":[\"step\"],\"additionalProperties\":false,\"properties\":{\"step\":{\"type\":\"string\"},"           \
    "\"params\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"},\"description\":"                  \
    "\"Values as on the command line. Parameters that name files: @NAME, one of files or made by the job, or a path "  \
    "inside the folders that the viewer may use.\"}}}},"                                                               \
    "\"files\":{\"type\":\"object\",\"maxProperties\":16,\"propertyNames\":{\"pattern\":\"^[a-z0-9_-][a-z0-9_.-]{0,"   \
    "63}"                                                                                                              \
    "$\"},\"description\":\"Small files: texts as they are, other values as JSON.\"},"                                 \
    "\"out\":{\"type\":\"string\",\"description\":\"Path of the result.\"}"

static const char plan_body[] = "{\"type\":\"object\",\"required\":[\"recording\",\"chain\"],\"additionalProperties\":"
                                "false,\"properties\":{" JSON_CHAIN "}}";

static const char job_body[] =
    "{\"type\":\"object\",\"required\":[\"recording\",\"chain\",\"what\"],\"additionalProperties\":false,"
    "\"properties\":{" JSON_CHAIN ","
    "\"what\":{\"enum\":[\"preview\",\"run\"]},"
    "\"overwrite\":{\"type\":\"boolean\",\"description\":\"Runs: out may replace a file.\"},"
    "\"part\":{\"type\":\"object\",\"required\":[\"first\",\"count\"],\"additionalProperties\":false,\"properties\":{"
    "\"first\":{\"type\":\"integer\",\"minimum\":0},\"count\":{\"type\":\"integer\",\"minimum\":1}},\"description\":"
    "\"Previews: the frames or samples that the chain sees.\"},"
    "\"format\":{\"type\":\"string\",\"pattern\":\"^[a-z0-9]{1,8}$\",\"description\":"
    "\"Previews: ending of the result; npy for movies and vhdr for signals if not given.\"},"
    "\"slot\":{\"type\":\"string\",\"maxLength\":40,\"default\":\"\",\"description\":"
    "\"Previews: what it is for; one that is posted ends the one before of the same recording and slot.\"}}}";

enum { MOST_BODY = 8 << 20 };

static const char job_layout[] =
    "Job: {id, what, slot, recording, chain, state (waiting, running, done, failed, cancelled), stage, fraction, "
    "seconds, "
    "left_s, memory_bytes, error, result (Recording), tables [{name, url}], outputs}; news \"job\" tell the same";

const route job_routes[] = {
    {"POST", "/api/v1/plan", "What a chain would do, without running it.", "application/json",
     "{chain, command, yaml, plan, text, memory_bytes, passes}", NULL, plan_body, MOST_BODY, handle_plan},
    {"GET", "/api/v1/jobs", "Jobs that wait, run, and the last that ended.", "application/json", "{jobs: [Job]}", NULL,
     NULL, 0, handle_list},
    {"POST", "/api/v1/jobs",
     "Runs a chain in the background. One run and a few previews go at a time. A preview ends the one before of the "
     "same "
     "recording and slot; with a slot, that one is forgotten once it has ended, and its tables with it.",
     "application/json", job_layout, NULL, job_body, MOST_BODY, handle_post},
    {"GET", "/api/v1/jobs/{id}", "One job.", "application/json", job_layout, one_params, NULL, 0, handle_one},
    {"DELETE", "/api/v1/jobs/{id}", "Cancels a job; one that has ended stays as it is.", "application/json", job_layout,
     one_params, NULL, 0, handle_cancel},
    {"GET", "/api/v1/jobs/{id}/files/{name}", "A table or file that a job left.", "application/octet-stream",
     "the file; .csv as text/csv", file_params, NULL, 0, handle_file},
    {0},
};
