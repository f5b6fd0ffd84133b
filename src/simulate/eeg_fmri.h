/* SPDX-License-Identifier: BSD-3-Clause
 *
 * eeg_fmri.h: the parts of the EEG-fMRI simulator. See eeg_fmri.c for how they work together.
 */
#ifndef LIMPID_SIMULATE_EEG_FMRI_H
#define LIMPID_SIMULATE_EEG_FMRI_H

#include "core/simulator.h"
#include "simulate/brain.h"
#include "simulate/gradient_artifact.h"
#include "simulate/trigger_faults.h"

extern const lmp_simulator lmp_simulator_eeg_fmri;

/* In the order of the table in eeg_fmri.c. */
typedef struct eeg_fmri_params {
    int64_t channels;
    double rate_hz, seconds, lead_in_s;
    int64_t blocks;
    double block_pause_s, tr_s;
    int64_t slices;
    double volume_pause_s;
    int64_t triggers; /* 0 slices, 1 volumes */
    const char *trigger_label;
    double clock_ratio, clock_drift; /* ppm */
    int64_t trigger_rounding;
    double trigger_jitter_s;
    lmp_numbers missing;
    int64_t extra;
    double drift_percent;
    int64_t motion;
    double artifact_uv, artifact_bandwidth_hz, background_uv, alpha_uv, alpha_hz;
    lmp_numbers tones_hz;
    double tone_uv, evoked_uv, evoked_period_s, heartbeat_uv, heart_rate_bpm, line_hz, line_uv, drift_uv;
    double electrode_noise_uv, full_scale_uv;
    int64_t bits, seed;
} eeg_fmri_params;

/* How a recorder stores numbers: value = scale * (digital - digital_min) + physical_min. */
typedef struct eeg_fmri_grid {
    double scale, physical_max, digital_max; /* symmetric: the minima are the negatives */
} eeg_fmri_grid;

/* A simulated recording; immutable once open, so any number of threads may read. */
typedef struct eeg_fmri {
    eeg_fmri_params params; /* without the texts and lists, which belong to the caller of open */
    bool is_truth;
    int64_t n_times, n_lanes, ecg_lane; /* ecg_lane: -1 if there is none */
    eeg_fmri_grid grid;
    scan timetable;
    triggers pulses;
    gradient_artifact gradient; /* empty if artifact-uv is 0 */
    pulse_train beats;          /* empty if heartbeat-uv is 0 */
    brain eeg;
    uint64_t line_key, drift_key, noise_key, pulse_key;
} eeg_fmri;

/* Stretches that start at multiples of this are cheapest; workspace is taken for at most this many samples. */
enum { EEG_FMRI_TILE = 2048, EEG_FMRI_BYTES_PER_TIME = 128 };

/* lmp_source.read */
LMP_CHECKED lmp_status eeg_fmri_read(void *state, const lmp_read_request *request, lmp_budget *budget, lmp_error *err);

/* How much of the pulse artifact a lane sees, with its sign: 0.5 to 1 in size. */
double eeg_fmri_pulse_gain(const eeg_fmri *r, int64_t lane);

/* A bound on the absolute value of any sample. */
double eeg_fmri_peak_uv(const eeg_fmri *r);

/* Channels and events of the recording, or of its truth. */
LMP_CHECKED lmp_status eeg_fmri_describe(const eeg_fmri *r, const eeg_fmri_params *params, lmp_stream *stream,
                                         lmp_error *err);

/* What is known about the recording as JSON; NULL if memory is out. */
json_t *eeg_fmri_facts(const eeg_fmri *r, const lmp_param *table, const eeg_fmri_params *params);

#endif
