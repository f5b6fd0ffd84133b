/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trigger_events.h: the gradient triggers among the events of a stream.
 */
#ifndef LIMPID_SIGNAL_TRIGGER_EVENTS_H
#define LIMPID_SIGNAL_TRIGGER_EVENTS_H

#include "signal/trigger_lattice.h"

/* Times of the events labelled TRIGGER_LABEL in samples, ascending; caller frees. Fails if the rate is unknown, or if
 * there is none and the stream has no events pending: the sentence names `step`. */
LMP_CHECKED lmp_status trigger_events_get(const char *step, const lmp_stream *stream, double **times, int64_t *count,
                                          lmp_error *err);

/* Replaces the gradient triggers of `stream` by `count` others at `times` (samples). All other events stay. */
LMP_CHECKED lmp_status trigger_events_put(lmp_stream *stream, const double *times, int64_t count, lmp_error *err);

/* "'S  1' (312), 'R128' (150) and 3 more labels": up to five labels, the most frequent first. */
#define TRIGGER_EVENTS_TEXT 240
LMP_CHECKED lmp_status trigger_events_list(const lmp_stream *stream, char text[TRIGGER_EVENTS_TEXT], lmp_error *err);

#endif
