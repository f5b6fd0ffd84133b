/* SPDX-License-Identifier: BSD-3-Clause
 *
 * filter.h: what the steps highpass, lowpass, bandpass and notch share: each describes its filter by a filter_spec, and
 * uses the callbacks below for the rest.
 */
#ifndef LIMPID_SIGNAL_FILTER_H
#define LIMPID_SIGNAL_FILTER_H

#include <limpid/step.h>

typedef enum filter_method { FILTER_FIR, FILTER_BUTTERWORTH } filter_method;

/* Rows of the tables of parameters that all filters have. */
/* clang-format off */
#define FILTER_ROWS(type)                                                                                              \
    {"method", LMP_PARAM_CHOICE, offsetof(type, method), "fir", 0, 0, "", "fir|butterworth",                           \
     "fir: linear phase and steep; butterworth: recursive, for very low frequencies. Neither delays the signal."},     \
    {"order", LMP_PARAM_INTEGER, offsetof(type, order), "4", 1, 12, "", NULL,                                          \
     "Order of the Butterworth filter for one of its two passes; not used by fir."},                                   \
    {"channels", LMP_PARAM_CHANNELS, offsetof(type, channels), "data", 0, 0, "", NULL,                                 \
     "Channels to filter: names with wildcards, roles, all, or data (all but stim and slow ones)."}
/* clang-format on */

/* Entries of lmp_step that all filters have. */
#define FILTER_CALLBACKS                                                                                               \
    .kind = LMP_SIGNALS, .grain = LMP_GRAIN_TIME, .ready = filter_ready, .lane_open = filter_lane_open,                \
    .process = filter_process, .lane_close = filter_lane_close, .record = filter_record, .close = filter_close

/* For the documentation: what is the same for all filters. */
#define FILTER_DOC_FIR                                                                                                 \
    "With `method=fir` the filter is a sinc cut off in the middle of the transition band (there half the amplitude "   \
    "is left, -6 dB) and weighted by a Hamming window: `3.3 / transition-hz` seconds long, pass-band ripple 0.2 %, "   \
    "stop band -53 dB, zero phase. "                                                                                   \
    "Taps are those of MNE-Python's defaults (`fir_design='firwin'`, `phase='zero'`), and so are the ends: the "       \
    "recording is continued by reflection about its first and last value, `2 x[0] - x[k]`. The convolution is done "   \
    "with Fourier transforms by overlap-save on segments at fixed sample numbers.\n\n"
#define FILTER_DOC_BUTTERWORTH                                                                                         \
    "With `method=butterworth` a recursive filter of the given order runs forward and then backward as second-order "  \
    "sections: zero phase, the attenuation of twice the order, half the amplitude (-6 dB) at the given frequency. "    \
    "Sections and ends are those of SciPy's `butter` and `sosfiltfilt`. The backward pass begins where what follows "  \
    "has decayed to 1e-15.\n\n"
#define FILTER_DOC_MISSING                                                                                             \
    "**Missing samples** (NaN, infinite) come out as NaN, and only they: for the others the filter sees a straight "   \
    "line across a gap of up to 1,024 samples, and across a longer one the value before it with a line over the last " \
    "1,024 samples.\n\n"
#define FILTER_DOC_SOURCE                                                                                              \
    "**Source**: Oppenheim & Schafer, Discrete-Time Signal Processing, 3rd ed., 7.2, 7.5, 8.7; Widmann, Schroeger & "  \
    "Maess, J. Neurosci. Methods 250:34, 2015; Gustafsson, IEEE Trans. Signal Process. 44:988, 1996.\n"

typedef struct filter_spec {
    const char *name;                             /* of the step, for messages */
    double low_hz, high_hz;                       /* edges of the pass band; 0: none */
    double low_transition_hz, high_transition_hz; /* NaN: automatic */
    lmp_numbers notch_hz;                         /* centres of stop bands */
    double notch_width_hz;                        /* NaN: 1/200 of the centre */
    double notch_transition_hz;                   /* on either side */
    int64_t method, order;
    const char *channels;
} filter_spec;

lmp_status filter_plan(const filter_spec *spec, const lmp_stream *in, lmp_step_plan *plan, lmp_error *err);
lmp_status filter_open(const filter_spec *spec, const lmp_stream *in, lmp_budget *budget, void **shared,
                       lmp_error *err);

/* Callbacks of lmp_step. */
int64_t filter_ready(const void *shared, int64_t n_in, bool ended);
lmp_status filter_lane_open(const void *shared, int64_t lane, lmp_budget *budget, void **state, lmp_error *err);
lmp_status filter_process(const void *shared, void *state, void *scratch, const void *in, int64_t n_in, void *out,
                          int64_t n_out, bool ended, lmp_error *err);
void filter_lane_close(const void *shared, void *state, lmp_budget *budget);
void filter_record(const void *shared, lmp_record *record);
void filter_close(void *shared, lmp_budget *budget);

#endif
