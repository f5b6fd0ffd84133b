/* SPDX-License-Identifier: BSD-3-Clause
 *
 * queue.c: samples that wait in order.
 */
#include "score/queue.h"

#include <string.h>

lmp_status queue_open(queue *q, int64_t room, lmp_budget *budget, lmp_error *err)
{
    void *memory = NULL;
    const lmp_status status = lmp_take(budget, (size_t)(room > 0 ? room : 1) * sizeof(double), &memory, err);
    if (status == LMP_OK) *q = (queue){.values = memory, .room = room};
    return status;
}

void queue_close(queue *q, lmp_budget *budget)
{
    lmp_give(budget, q->values);
    *q = (queue){0};
}

static lmp_status grow(queue *q, int64_t room, lmp_budget *budget, lmp_error *err)
{
    queue larger = {0};
    const lmp_status status = queue_open(&larger, room, budget, err);
    if (status != LMP_OK) return status;
    if (q->n > 0) memcpy(larger.values, q->values, (size_t)q->n * sizeof *q->values);
    larger.n = q->n;
    queue_close(q, budget);
    *q = larger;
    return LMP_OK;
}

lmp_status queue_append(queue *q, const double *values, int64_t n, lmp_budget *budget, lmp_error *err)
{
    const lmp_status status = q->n + n > q->room ? grow(q, q->n + n, budget, err) : LMP_OK;
    if (status != LMP_OK || n == 0) return status;
    memcpy(q->values + q->n, values, (size_t)n * sizeof *values);
    q->n += n;
    return LMP_OK;
}

void queue_drop(queue *q, int64_t n)
{
    q->n -= n;
    if (n > 0 && q->n > 0) memmove(q->values, q->values + n, (size_t)q->n * sizeof *q->values);
}
