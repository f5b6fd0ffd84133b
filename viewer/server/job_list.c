/* SPDX-License-Identifier: BSD-3-Clause
 *
 * job_list.c: jobs in the order they came.
 */
#include "job_list.h"

#include "job_files.h"

#include <stdlib.h>
#include <string.h>

bool job_has_ended(const job *one)
{
    return one->state != JOB_WAITING && one->state != JOB_RUNNING;
}

void job_cancel(job *one)
{
    one->is_cancelled = true;
    if (one->state == JOB_WAITING) one->state = JOB_CANCELLED;
    if (one->run != NULL) lmp_run_cancel(one->run);
}

job *job_list_find(job *first, const char *id)
{
    while (first != NULL && strcmp(first->id, id) != 0) first = first->next;
    return first;
}

job *job_list_next(job *first, bool is_preview)
{
    while (first != NULL && (first->state != JOB_WAITING || first->request.is_preview != is_preview))
        first = first->next;
    return first;
}

int64_t job_list_waiting(const job *first)
{
    int64_t n = 0;
    for (; first != NULL; first = first->next) n += first->state == JOB_WAITING;
    return n;
}

static void move(job **at, job **to)
{
    job *one = *at;
    *at = one->next;
    one->next = *to;
    *to = one;
}

job *job_list_take_old(job **first, int64_t most)
{
    int64_t n = 0;
    job *old = NULL;
    for (const job *one = *first; one != NULL; one = one->next) n += job_has_ended(one);
    for (job **at = first; *at != NULL && n > most;) {
        if (!job_has_ended(*at)) {
            at = &(*at)->next;
            continue;
        }
        move(at, &old);
        n--;
    }
    return old;
}

bool job_is_replaced(const job *one, const job *next)
{
    return one != next && one->request.is_preview && next->request.is_preview &&
           strcmp(one->source_id, next->source_id) == 0 && strcmp(one->request.slot, next->request.slot) == 0;
}

job *job_list_take_replaced(job **first, const job *next)
{
    job *old = NULL;
    for (job **at = first; *at != NULL && next->request.slot[0] != '\0';) {
        const job *one = *at;
        const bool is_told = job_has_ended(one) && one->source == NULL;
        if (is_told && job_is_replaced(one, next))
            move(at, &old);
        else
            at = &(*at)->next;
    }
    return old;
}

static void free_one(server *s, job *one)
{
    recording_release(s, one->source);
    if (one->folder != NULL) scratch_remove_tree(one->folder);
    job_request_clear(&one->request);
    json_decref(one->tables);
    lmp_text_free(one->chain);
    free(one->folder);
    free(one);
}

void job_list_free(server *s, job *first)
{
    while (first != NULL) {
        job *next = first->next;
        free_one(s, first);
        first = next;
    }
}
