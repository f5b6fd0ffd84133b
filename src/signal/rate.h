/* SPDX-License-Identifier: BSD-3-Clause
 *
 * rate.h: what the steps resample, upsample and downsample share: each says by which fraction the rate changes, and
 * uses the callbacks below for the rest.
 */
#ifndef LIMPID_SIGNAL_RATE_H
#define LIMPID_SIGNAL_RATE_H

#include <limpid/step.h>

typedef struct rate_change {
    const char *name; /* of the step, for messages */
    double rate_hz;   /* after */
    int64_t up, down; /* rate after / rate before, in lowest terms */
} rate_change;

/* Finds the fraction for a new rate; refuses what is no fraction of numbers up to about a million. */
lmp_status rate_find_fraction(const char *name, double from_hz, double to_hz, rate_change *change, lmp_error *err);

/* Refuses a recording whose rate is unknown. */
lmp_status rate_check_known(const char *name, const lmp_stream *in, lmp_error *err);

lmp_status rate_plan(const rate_change *change, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err);
lmp_status rate_open(const rate_change *change, const lmp_stream *in, lmp_budget *budget, void **shared,
                     lmp_error *err);

/* Callbacks of lmp_step. */
int64_t rate_ready(const void *shared, int64_t n_in, bool ended);
lmp_status rate_lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err);
lmp_status rate_process(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                        int64_t n_out, bool ended, lmp_error *err);
void rate_lane_close(const void *shared, void *state, lmp_budget *budget);
void rate_record(const void *shared, lmp_record *record);
void rate_close(void *shared, lmp_budget *budget);

/* Entries of lmp_step that all three have. */
#define RATE_CALLBACKS                                                                                                 \
    .kind = LMP_SIGNALS, .grain = LMP_GRAIN_TIME, .ready = rate_ready, .lane_open = rate_lane_open,                    \
    .process = rate_process, .lane_close = rate_lane_close, .record = rate_record, .close = rate_close

#define RATE_DOC                                                                                                       \
    "**Method**: band-limited interpolation. The signal is convolved with a Kaiser-windowed sinc whose pass band "     \
    "goes "                                                                                                            \
    "to 0.9 and whose stop band begins at 1.0 times half the lower of the two rates (140 dB attenuation, pass-band "   \
    "error below 1e-6), and evaluated at the new times `m / rate`; nothing is delayed. Both happen at once in the "    \
    "frequency domain: segments at fixed sample numbers are transformed at the old rate and transformed back at the "  \
    "new one (overlap-save).\n\n"                                                                                      \
    "The recording keeps its duration: `round(n * new rate / old rate)` samples. Event times are in seconds and stay " \
    "as they are. At its ends the recording is continued by reflection, `2 x[0] - x[k]`, as filters do.\n\n"           \
    "**Channels that are no measurement** are not interpolated: `slow` channels are held, and so are `stim` "          \
    "channels, "                                                                                                       \
    "where a code that is shorter than a new sample still shows in one.\n\n"                                           \
    "**Missing samples** (NaN, infinite) make NaN of the new samples nearest to them, and of no others.\n\n"           \
    "**Source**: Crochiere & Rabiner, Multirate Digital Signal Processing, 1983, ch. 2; Kaiser, Proc. IEEE ISCAS, "    \
    "1974, p. 20.\n"

#endif
