/* SPDX-License-Identifier: BSD-3-Clause
 *
 * inputs.h: all that a score is made from: the result, what it was before, the truth, the record, the scan's times.
 */
#ifndef LIMPID_SCORE_INPUTS_H
#define LIMPID_SCORE_INPUTS_H

#include "core/recording.h"
#include "score/psd.h"
#include "score/timing.h"

#include <jansson.h>

/* A channel of the result, and where it is in the others (-1: nowhere). */
typedef struct input_channel {
    int64_t result, before, truth;
    bool counts; /* in means and medians over channels: EEG, or all if there is none */
} input_channel;

typedef struct score_inputs {
    lmp_engine *engine;
    lmp_recording *result, *before, *truth; /* before, truth: may be NULL */
    json_t *record;                         /* NULL: none */
    double result_start_s;                  /* of the result on the clock of the recording before processing */
    input_channel *channels;
    int64_t n_channels;
    bool has_times;
    timing times;
    const char *times_from; /* in words; static text */
    psd_band_edges *bands;  /* for errors */
    int64_t n_bands;
    double *tones_hz;
    int64_t n_tones;
    json_t *warnings; /* texts */
} score_inputs;

/* Opens what there is. Fails only for the result, or for what was named explicitly; all else that is missing becomes a
 * warning. */
LMP_CHECKED lmp_status score_inputs_open(lmp_engine *engine, const char *result, const lmp_score_options *options,
                                         score_inputs *in, lmp_error *err);
void score_inputs_close(score_inputs *in);

/* Adds a sentence to the warnings. */
void score_warn(score_inputs *in, const char *sentence, ...) LMP_PRINTF(2, 3);

const char *input_channel_name(const score_inputs *in, int64_t i);

/* Seconds that a recording lasts. */
double score_duration_s(const lmp_recording *recording);

#endif
