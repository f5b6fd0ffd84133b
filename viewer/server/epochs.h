/* SPDX-License-Identifier: BSD-3-Clause
 *
 * epochs.h: stretches of one channel around events: their mean, their spread, and some of them.
 */
#ifndef LIMPID_VIEWER_EPOCHS_H
#define LIMPID_VIEWER_EPOCHS_H

#include "route.h"

typedef struct epoch_request {
    const char *label; /* of the events, letter by letter */
    int64_t channel;
    double before_s, after_s, offset_s;
    int64_t most;         /* epochs to show */
    const request *asker; /* who may give up; NULL: nobody does */
} epoch_request;

typedef struct epoch_set {
    int64_t n_samples; /* of an epoch */
    int64_t trigger;   /* which of them is the event's */
    int64_t n_events;  /* of this label */
    int64_t n_used;    /* of these: whose epoch lies inside the recording */
    int64_t n_shown;
    int64_t *firsts; /* first samples of the n_used epochs, in the order of the events */
    float *rows;     /* mean, standard deviation, shown epochs; n_samples each */
} epoch_set;

/* The sample of an event is the one nearest to onset_s + offset_s; the epoch has round(before_s * rate) samples before
 * it and round(after_s * rate) from it on. Mean and standard deviation (divided by n) are over all epochs, without NaN.
 */
LMP_CHECKED lmp_status epochs_find(const lmp_recording *recording, const epoch_request *q, epoch_set *e,
                                   lmp_error *err);
LMP_CHECKED lmp_status epochs_read(lmp_recording *recording, const epoch_request *q, epoch_set *e, lmp_error *err);
size_t epoch_set_bytes(const epoch_set *e); /* of rows */
void epochs_clear(epoch_set *e);

#endif
