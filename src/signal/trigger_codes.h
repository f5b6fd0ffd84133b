/* SPDX-License-Identifier: BSD-3-Clause
 *
 * trigger_codes.h: trigger codes that are written as the values of a stim channel.
 */
#ifndef LIMPID_SIGNAL_TRIGGER_CODES_H
#define LIMPID_SIGNAL_TRIGGER_CODES_H

#include <limpid/step.h>

typedef struct trigger_code {
    int64_t sample, code;
} trigger_code;

typedef struct trigger_codes {
    int64_t mask; /* bits of the value that hold the code */
    int64_t last; /* code of the sample before; -1 before the first */
    int64_t n, room, most;
    trigger_code *rows;
    lmp_budget *budget;
} trigger_codes;

/* A list for a recording of n_times samples; takes memory as codes come, at most trigger_codes_bytes(). */
trigger_codes trigger_codes_new(int64_t n_times, int64_t mask, lmp_budget *budget);
void trigger_codes_clear(trigger_codes *codes);
size_t trigger_codes_bytes(int64_t n_times);

/* Takes the next values of the channel; the first is sample number `first`. A change to a code other than 0 is a
 * trigger; values that are no number are passed over. `step` and `channel` are for the message if there are too many.
 */
LMP_CHECKED lmp_status trigger_codes_add(trigger_codes *codes, int64_t first, const double *values, int64_t count,
                                         const char *step, const char *channel, lmp_error *err);

/* Times in samples of the codes that are in the list `wanted`; if that is empty, of the code that repeats most
 * regularly, or of all if none does. `chosen` gets what was taken, in words. Refuses if there is none. Caller frees. */
LMP_CHECKED lmp_status trigger_codes_choose(const trigger_codes *codes, lmp_numbers wanted, double rate_hz,
                                            const char *step, const char *channel, double **times, int64_t *count,
                                            char chosen[64], lmp_error *err);

#endif
