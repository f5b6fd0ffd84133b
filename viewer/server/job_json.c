/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_json.c: a job as the page hears of it.
 */
#include "job_json.h"

#include "json_text.h"

static const char *state_name(job_state state)
{
    static const char *const names[] = {"waiting", "running", "done", "failed", "cancelled"};
    return names[state];
}

/* As long again for each share that is as big as what is done. */
static json_t *left_s(const job *j, double seconds)
{
    const double least_fraction = 0.02, least_s = 0.3;
    if (j->state != JOB_RUNNING || j->fraction < least_fraction || seconds < least_s) return json_null();
    return json_real(seconds * (1 - j->fraction) / j->fraction);
}

/* null if it was closed meanwhile. */
static json_t *result_json(server *s, const job *j)
{
    opened *o = j->result_id[0] != '\0' ? recording_find(s, j->result_id) : NULL;
    if (o == NULL) return json_null();
    json_t *result = recording_json(s, o);
    recording_release(s, o);
    return result;
}

static json_t *tables_json(const job *j)
{
    size_t i;
    json_t *name, *tables = json_array();
    json_array_foreach(j->tables, i, name)
    {
        const char *text = json_string_value(name);
        json_array_append_new(tables,
                              json_pack("{s:s, s:s++++}", "name", text, "url", "jobs/", j->id, "/files/", text, ""));
    }
    return tables;
}

json_t *job_json(server *s, const job *j, double now_s)
{
    const double seconds = j->state == JOB_RUNNING ? now_s - j->began_s : j->seconds;
    const bool has_output = j->state == JOB_DONE && j->request.out != NULL;
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:f, s:f, s:o, s:I}", "id", j->id, "what",
                          j->request.is_preview ? "preview" : "run", "slot", j->request.slot, "recording", j->source_id,
                          "chain", json_text(j->chain), "state", state_name(j->state), "stage", json_text(j->stage),
                          "fraction", j->fraction, "seconds", seconds, "left_s", left_s(j, seconds), "memory_bytes",
                          (json_int_t)j->memory_bytes);
    json_object_set_new(o, "error", j->state == JOB_FAILED ? json_text(j->error.text) : json_null());
    json_object_set_new(o, "result", result_json(s, j));
    json_object_set_new(o, "tables", tables_json(j));
    json_object_set_new(o, "outputs", has_output ? json_pack("[s]", j->request.out) : json_array());
    return o;
}
