/* SPDX-License-Identifier: BSD-3-Clause
 *
 * queue.h: samples that wait in order.
 */
#ifndef LIMPID_SCORE_QUEUE_H
#define LIMPID_SCORE_QUEUE_H

#include <limpid/step.h>

typedef struct queue {
    double *values; /* n of them wait, the oldest first */
    int64_t n, room;
} queue;

/* Room for that many from the start; the queue grows if more come. */
LMP_CHECKED lmp_status queue_open(queue *q, int64_t room, lmp_budget *budget, lmp_error *err);
void queue_close(queue *q, lmp_budget *budget);

LMP_CHECKED lmp_status queue_append(queue *q, const double *values, int64_t n, lmp_budget *budget, lmp_error *err);
void queue_drop(queue *q, int64_t n);

#endif
