/* SPDX-License-Identifier: BSD-3-Clause
 *
 * channels.h: choosing channels of a stream: what pick, drop and their like share.
 */
#ifndef LIMPID_SIGNAL_CHANNELS_H
#define LIMPID_SIGNAL_CHANNELS_H

#include <limpid/step.h>

/* Fails unless every word of the list fits at least one channel; names the word and the channels there are. */
LMP_CHECKED lmp_status channels_check_list(const char *step, const char *list, const lmp_format *format,
                                           lmp_error *err);

/* Routes the channels for which keep[i] is true, in their order. */
LMP_CHECKED lmp_status channels_route(const lmp_stream *in, const bool *keep, lmp_step_plan *plan, lmp_error *err);

/* Marks the chosen lanes in plan->lane_active; fails if the list fits none. */
LMP_CHECKED lmp_status channels_activate(const char *step, const char *list, const lmp_stream *in, lmp_step_plan *plan,
                                         lmp_error *err);

#endif
