/* SPDX-License-Identifier: BSD-3-Clause
 *
 * drive.h: runs one step on signals over arrays, without files, threads or chains, the way the engine would.
 *
 * drive_step() cuts the input into blocks by a repeated pattern and checks what step.h promises: ready() never falls,
 * process() writes exactly what ready() says, the outputs are as many as planned, and no more memory is taken than
 * planned. drive_all_cuts() does that with several patterns and checks that the results are the same bytes.
 */
#ifndef LIMPID_TESTS_DRIVE_H
#define LIMPID_TESTS_DRIVE_H

#include <limpid/step.h>

typedef struct drive_signals {
    double rate_hz;
    int64_t n_times, n_lanes;
    double **lanes;
    const lmp_role *roles; /* NULL: all EEG. Channels are named A0, A1, ... */
    const lmp_event *events;
    int64_t n_events;
} drive_signals;

/* n_lanes arrays of n_times zeros. */
drive_signals drive_new(int64_t n_lanes, int64_t n_times, double rate_hz);
void drive_free(drive_signals *signals);

/* `settings`: "key=value" texts separated by spaces. `cuts`: lengths of blocks, ended by 0, repeated. `out` gets lanes,
 * rate and length; free it with drive_free(). Fails as the step does; a broken promise fails the test. */
lmp_status drive_step(const lmp_step *step, const char *settings, const drive_signals *in, const int64_t *cuts,
                      drive_signals *out, lmp_error *err);

/* With blocks of 1 (if the input is short), 7, 4096, a mixture, and the whole. */
void drive_all_cuts(const lmp_step *step, const char *settings, const drive_signals *in, drive_signals *out);

/* Plans only; the text of the refusal, "" if there is none. Lives until the next call. */
const char *drive_refusal(const lmp_step *step, const char *settings, const drive_signals *in);

/* Lets the 1st, 2nd, ... allocation fail until the step succeeds; checks that each failure is reported. */
void drive_all_faults(const lmp_step *step, const char *settings, const drive_signals *in);

#endif
