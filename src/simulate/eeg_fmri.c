/* SPDX-License-Identifier: BSD-3-Clause
 *
 * eeg_fmri.c: EEG recorded inside an MRI scanner, with known truth.
 *
 * The simulator is a source without a file. Everything random is a hash of (seed, purpose, lane, number), see noise.h,
 * so that any stretch of any lane can be made at any time:
 *
 *   scan.c                when blocks, volumes and slices start, by the scanner's own clock
 *   triggers.c            what the recorder writes of that: rounded, jittered, with pulses missing and too many
 *   gradient_artifact.c   the gradient artifact: waveform, drift, head movements
 *   heartbeat.c           ECG and pulse artifact
 *   brain.c               the signal that cleaning must keep: 1/f background, alpha rhythm, tones, evoked responses
 *   eeg_fmri_read.c       puts the samples together
 *   eeg_fmri_facts.c      channels, events, and the truth as JSON
 *
 * This file holds the table of parameters, checks their combinations and opens the recording.
 */
#include "simulate/eeg_fmri.h"

#include "core/stream.h"
#include "simulate/heartbeat.h"
#include "simulate/noise.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Parameters ---- */

#define AT(field) offsetof(eeg_fmri_params, field)
static const lmp_param params_table[] = {
    {"channels", LMP_PARAM_INTEGER, AT(channels), "32", 1, 1024, "", NULL,
     "Number of EEG channels; their names follow the 10-20 and 10-10 systems."},
    {"rate", LMP_PARAM_NUMBER, AT(rate_hz), "5000", 100, 100000, "Hz", NULL, "Samples per second."},
    {"seconds", LMP_PARAM_NUMBER, AT(seconds), "300", 1, 1000000, "s", NULL, "Length of the recording."},
    {"lead-in", LMP_PARAM_NUMBER, AT(lead_in_s), "5", 0, 100000, "s", NULL,
     "Time without scanning at the start, and at least as much at the end."},
    {"blocks", LMP_PARAM_INTEGER, AT(blocks), "1", 1, 1000, "", NULL,
     "Number of scans in the recording, all of the same length."},
    {"block-pause", LMP_PARAM_NUMBER, AT(block_pause_s), "10", 0, 100000, "s", NULL, "Time between two scans."},
    {"tr", LMP_PARAM_NUMBER, AT(tr_s), "1.42868", 0.001, 1000, "s", NULL,
     "Repetition time: from volume to volume, by the scanner's clock."},
    {"slices", LMP_PARAM_INTEGER, AT(slices), "20", 1, 10000, "", NULL, "Slices per volume."},
    {"volume-pause", LMP_PARAM_NUMBER, AT(volume_pause_s), "0", 0, 1000, "s", NULL,
     "Time without gradients at the end of every volume."},
    {"triggers", LMP_PARAM_CHOICE, AT(triggers), "slices", 0, 1, "", "slices|volumes",
     "What the scanner sends a trigger for; with volumes, the slices of a volume differ from each other."},
    {"trigger-label", LMP_PARAM_TEXT, AT(trigger_label), "S  1", 0, 0, "", NULL, "Label of the trigger events."},
    {"clock-ratio", LMP_PARAM_NUMBER, AT(clock_ratio), "0", -10000, 10000, "ppm", NULL,
     "How much faster the scanner's clock runs than the recorder's."},
    {"clock-drift", LMP_PARAM_NUMBER, AT(clock_drift), "0", -10000, 10000, "ppm", NULL,
     "How much the ratio of the clocks grows from the start to the end, steadily."},
    {"trigger-rounding", LMP_PARAM_FLAG, AT(trigger_rounding), "yes", 0, 1, "", NULL,
     "Whether recorded events are rounded to the nearest sample, as recorders do."},
    {"trigger-jitter", LMP_PARAM_NUMBER, AT(trigger_jitter_s), "0", 0, 1, "s", NULL,
     "Standard deviation of the recorded trigger times about the true ones, before rounding."},
    {"missing", LMP_PARAM_NUMBERS, AT(missing), "", 1, 1000000, "", NULL,
     "Triggers that were not recorded, as lengths of runs: 3,1 is a gap of three neighbours and a gap of one."},
    {"extra", LMP_PARAM_INTEGER, AT(extra), "0", 0, 1000000, "", NULL,
     "Number of recorded triggers that the scanner never sent."},
    {"drift", LMP_PARAM_NUMBER, AT(drift_percent), "2", 0, 50, "%", NULL,
     "Slow change of the artifact's amplitude, up and down by this much, at another phase in every channel."},
    {"motion", LMP_PARAM_INTEGER, AT(motion), "0", 0, 10000, "", NULL,
     "Number of head movements; each changes the strength and the shape of the artifact in every channel."},
    {"artifact-uv", LMP_PARAM_NUMBER, AT(artifact_uv), "1500", 0, 100000, "uV", NULL,
     "Peak of the gradient artifact at gain 1; channels have gains from 0.5 to 1.375."},
    {"artifact-bandwidth", LMP_PARAM_NUMBER, AT(artifact_bandwidth_hz), "560", 1, 50000, "Hz", NULL,
     "The artifact holds all harmonics of the slice frequency up to here."},
    {"background-uv", LMP_PARAM_NUMBER, AT(background_uv), "15", 0, 1000, "uV", NULL,
     "Root mean square of the brain's 1/f background above 0.5 Hz."},
    {"alpha-uv", LMP_PARAM_NUMBER, AT(alpha_uv), "10", 0, 1000, "uV", NULL, "Peak of the alpha rhythm."},
    {"alpha-hz", LMP_PARAM_NUMBER, AT(alpha_hz), "10", 1, 45, "Hz", NULL,
     "Frequency of the alpha rhythm, about which it wanders by 0.3 Hz."},
    {"tones", LMP_PARAM_NUMBERS, AT(tones_hz), "", 0.1, 50000, "Hz", NULL,
     "Frequencies of steady sines in every EEG channel, to see whether cleaning keeps them: 3.3,11.9."},
    {"tone-uv", LMP_PARAM_NUMBER, AT(tone_uv), "2", 0, 1000, "uV", NULL, "Peak of each tone."},
    {"evoked-uv", LMP_PARAM_NUMBER, AT(evoked_uv), "0", 0, 1000, "uV", NULL,
     "Peak of the response to stimuli, which are events labelled \"stimulus\"; 0 for no stimuli."},
    {"evoked-period", LMP_PARAM_NUMBER, AT(evoked_period_s), "2", 0.1, 1000, "s", NULL,
     "Mean time between stimuli; single ones vary by a fifth at random, so they are not locked to the scanner."},
    {"heartbeat-uv", LMP_PARAM_NUMBER, AT(heartbeat_uv), "0", 0, 10000, "uV", NULL,
     "Peak of the pulse artifact (ballistocardiogram); above 0 an ECG channel is added as the last one."},
    {"heart-rate", LMP_PARAM_NUMBER, AT(heart_rate_bpm), "66", 20, 250, "bpm", NULL,
     "Mean heart rate; intervals vary by some percent."},
    {"line-hz", LMP_PARAM_NUMBER, AT(line_hz), "50", 1, 50000, "Hz", NULL, "Frequency of the mains."},
    {"line-uv", LMP_PARAM_NUMBER, AT(line_uv), "0", 0, 10000, "uV", NULL,
     "Largest peak of mains interference; channels have half of it to all of it."},
    {"drift-uv", LMP_PARAM_NUMBER, AT(drift_uv), "0", 0, 100000, "uV", NULL,
     "Peak of the slow drift of the electrodes, below 0.08 Hz."},
    {"electrode-noise-uv", LMP_PARAM_NUMBER, AT(electrode_noise_uv), "0", 0, 1000, "uV", NULL,
     "Root mean square of white noise of electrodes and amplifier."},
    {"full-scale-uv", LMP_PARAM_NUMBER, AT(full_scale_uv), "3276.7", 1, 1000000, "uV", NULL,
     "Largest value the recorder can store; widened by factors of two if the artifact exceeds it."},
    {"bits", LMP_PARAM_INTEGER, AT(bits), "16", 8, 24, "", NULL,
     "Bits of a recorded sample; 16 with the full scale of 3276.7 uV make steps of 0.1 uV."},
    {"seed", LMP_PARAM_INTEGER, AT(seed), "1", 0, 9e15, "", NULL,
     "Start of the random numbers: another seed is another recording."},
    {0},
};
#undef AT

static const char doc[] =
    "Makes a recording of EEG inside an MRI scanner whose truth is known: the same channels and times without "
    "artifacts, and the true trigger times. Any stretch of any channel is generated when it is read, so a "
    "simulation takes 0.3 MB of memory and no disk, whatever its length, and has the same bits however it is read.\n"
    "\n"
    "The defaults measure one thing, how well the gradient artifact is removed: 15 uV (root mean square) of 1/f "
    "background and 10 uV of alpha rhythm under slices of 71.434 ms, 357.17 samples, so that recorded triggers "
    "are off by up to half a sample. Heartbeats, mains, drift of the electrodes, trigger faults and head "
    "movements are added by their parameters:\n"
    "\n"
    "    limpid simulate eeg-fmri hard.edf blocks=2 triggers=volumes volume-pause=0.1 clock-ratio=12 clock-drift=5 \\\n"
    "        missing=3,1 extra=2 motion=4 tones=3.3,11.9 evoked-uv=8 heartbeat-uv=80 line-uv=3 drift-uv=100 \\\n"
    "        electrode-noise-uv=0.5\n"
    "\n"
    "**Truth.** Background, alpha rhythm, tones and evoked responses; in the ECG channel the ECG. Not rounded, "
    "with all true trigger times and none of the faults.\n"
    "\n"
    "**Gradient artifact.** Channel c has the gain g = 0.5 + (c mod 8)/8 and sees\n"
    "\n"
    "    a(t) = artifact-uv g (1 + drift sin(2 pi (1.5 s + c/7))) (m w(x) + n v(x))\n"
    "\n"
    "where s runs from 0 to 1 over all scanning and x over each slice, by the scanner's clock: at t on the "
    "recorder's clock, the scanner's shows t + (clock-ratio t + clock-drift t^2 / (2 seconds)) 1e-6. w and v are "
    "sums of the harmonics h of the slice frequency with amplitudes 1/sqrt(h) and random phases that make value "
    "and slope 0 between slices, evaluated in continuous time. m = 1 and n = 0 until the first head movement; "
    "each movement takes 0.3 s and gives m = 1 +- 0.08, n = +- 0.08 anew. With triggers=volumes each slice of a "
    "volume has its own m and n, within 0.1.\n"
    "\n"
    "**Background.** 1/f within 0.05 dB from 0.5 Hz to the Nyquist frequency, independent between channels; the "
    "alpha rhythm's frequency wanders by 0.3 Hz. **Stimuli** are followed by a wave of -0.6 at 100 ms and of 1 at "
    "330 ms, times 0.5 to 1 by channel. **Heartbeats** vary by 4 % with respiration and by 2 % at random; their "
    "pulse artifact is largest 210 ms after the R peak, has the opposite sign on the two sides of the head and "
    "varies by 20 % from beat to beat.\n"
    "\n"
    "**Limits.** Background is not correlated between channels, and there is no eye or muscle activity. Movements "
    "do not induce voltages of their own. The amplifier is linear and has no filter.\n";

/* ---- Checks of single values against each other ---- */

static lmp_status check_below_nyquist(const char *name, double hz, double rate_hz, lmp_error *err)
{
    if (hz <= rate_hz / 2) return LMP_OK;
    return lmp_fail(err, LMP_ERR_USAGE,
                    "eeg-fmri: %s=%g Hz is above the Nyquist frequency of rate=%g Hz: give at most %g", name, hz,
                    rate_hz, rate_hz / 2);
}

static lmp_status check(const eeg_fmri_params *p, lmp_error *err)
{
    lmp_status status = LMP_OK;
    if (p->artifact_uv > 0)
        status = check_below_nyquist("artifact-bandwidth", p->artifact_bandwidth_hz, p->rate_hz, err);
    if (status == LMP_OK && p->alpha_uv > 0) status = check_below_nyquist("alpha-hz", p->alpha_hz, p->rate_hz, err);
    if (status == LMP_OK && p->line_uv > 0) status = check_below_nyquist("line-hz", p->line_hz, p->rate_hz, err);
    for (int64_t i = 0; i < p->tones_hz.count && status == LMP_OK; i++)
        status = check_below_nyquist("tones", p->tones_hz.values[i], p->rate_hz, err);
    if (status == LMP_OK && p->trigger_label[0] == '\0')
        status =
            lmp_fail(err, LMP_ERR_USAGE, "eeg-fmri: trigger-label is empty: give the triggers a label such as R128");
    return status;
}

/* ---- Opening ---- */

enum {
    PURPOSE_BRAIN = 1,
    PURPOSE_GRADIENT,
    PURPOSE_TRIGGERS,
    PURPOSE_HEART,
    PURPOSE_PULSE,
    PURPOSE_LINE,
    PURPOSE_DRIFT,
    PURPOSE_NOISE
};

static uint64_t key_for(const eeg_fmri_params *p, uint64_t purpose)
{
    return noise_key((uint64_t)p->seed, purpose, 0);
}

static void close_(void *state)
{
    eeg_fmri *r = state;
    if (r == NULL) return;
    triggers_clear(&r->pulses);
    gradient_artifact_clear(&r->gradient);
    pulse_train_clear(&r->beats);
    brain_clear(&r->eeg);
    free(r);
}

static lmp_status open_scanner(eeg_fmri *r, const eeg_fmri_params *p, lmp_error *err)
{
    const scan_settings timetable = {
        .seconds = p->seconds,
        .lead_in_s = p->lead_in_s,
        .block_pause_s = p->block_pause_s,
        .tr_s = p->tr_s,
        .volume_pause_s = p->volume_pause_s,
        .n_blocks = p->blocks,
        .n_slices = p->slices,
        .clock_ratio = p->clock_ratio,
        .clock_drift = p->clock_drift,
    };
    const triggers_settings pulses = {
        .per_slice = p->triggers == 0,
        .is_rounded = p->trigger_rounding != 0,
        .rate_hz = p->rate_hz,
        .jitter_s = p->trigger_jitter_s,
        .missing_runs = p->missing,
        .n_extra = p->extra,
        .key = key_for(p, PURPOSE_TRIGGERS),
    };
    const gradient_settings gradient = {
        .peak_uv = p->artifact_uv,
        .bandwidth_hz = p->artifact_bandwidth_hz,
        .drift = p->drift_percent / 100,
        .slices_differ = p->triggers == 1,
        .n_movements = p->motion,
        .key = key_for(p, PURPOSE_GRADIENT),
    };
    lmp_status status = scan_init(&r->timetable, &timetable, err);
    if (status == LMP_OK) status = triggers_init(&r->pulses, &r->timetable, &pulses, err);
    if (status == LMP_OK && p->artifact_uv > 0)
        status = gradient_artifact_init(&r->gradient, &gradient, &r->timetable, err);
    return status;
}

static lmp_status open_subject(eeg_fmri *r, const eeg_fmri_params *p, lmp_error *err)
{
    const brain_settings eeg = {
        .rate_hz = p->rate_hz,
        .seconds = p->seconds,
        .background_uv = p->background_uv,
        .alpha_uv = p->alpha_uv,
        .alpha_hz = p->alpha_hz,
        .tone_uv = p->tone_uv,
        .evoked_uv = p->evoked_uv,
        .evoked_period_s = p->evoked_period_s,
        .tones_hz = p->tones_hz,
        .key = key_for(p, PURPOSE_BRAIN),
    };
    lmp_status status = brain_init(&r->eeg, &eeg, err);
    if (status == LMP_OK && p->heartbeat_uv > 0)
        status = heartbeat_init(&r->beats, p->heart_rate_bpm, p->seconds, key_for(p, PURPOSE_HEART), err);
    return status;
}

/* The grid asked for, widened until every value fits. */
static void choose_grid(eeg_fmri *r)
{
    const double peak_uv = eeg_fmri_peak_uv(r);
    r->grid.digital_max = (double)((INT64_C(1) << (r->params.bits - 1)) - 1);
    r->grid.physical_max = r->params.full_scale_uv;
    while (r->grid.physical_max < peak_uv) r->grid.physical_max *= 2;
    r->grid.scale = r->grid.physical_max / r->grid.digital_max;
}

static lmp_status describe(const eeg_fmri *r, const eeg_fmri_params *p, lmp_source *source, lmp_error *err)
{
    const lmp_status status = eeg_fmri_describe(r, p, &source->stream, err);
    if (status != LMP_OK) return status;
    const bool is_widened = !r->is_truth && r->grid.physical_max > p->full_scale_uv;
    if (is_widened &&
        asprintf(&source->warnings,
                 "full-scale-uv was widened from %g to %g uV, with steps of %g uV, so that the artifact fits.",
                 p->full_scale_uv, r->grid.physical_max, r->grid.scale) < 0)
        source->warnings = NULL;
    source->facts = eeg_fmri_facts(r, params_table, p);
    if (source->facts == NULL || (is_widened && source->warnings == NULL))
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for the truth of a simulation");
    return LMP_OK;
}

static lmp_status open_(const void *params, bool truth, lmp_source *source, lmp_error *err)
{
    const eeg_fmri_params *p = params;
    lmp_status status = check(p, err);
    if (status != LMP_OK) return status;
    eeg_fmri *r = calloc(1, sizeof *r);
    if (r == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a simulation");
    r->params = *p;
    r->params.trigger_label = NULL;
    r->params.missing = r->params.tones_hz = (lmp_numbers){0};
    r->is_truth = truth;
    r->n_times = llround(p->seconds * p->rate_hz);
    r->ecg_lane = p->heartbeat_uv > 0 ? p->channels : -1;
    r->n_lanes = p->channels + (r->ecg_lane >= 0);
    r->line_key = key_for(p, PURPOSE_LINE);
    r->drift_key = key_for(p, PURPOSE_DRIFT);
    r->noise_key = key_for(p, PURPOSE_NOISE);
    r->pulse_key = key_for(p, PURPOSE_PULSE);
    status = open_scanner(r, p, err);
    if (status == LMP_OK) status = open_subject(r, p, err);
    if (status == LMP_OK) {
        choose_grid(r);
        status = describe(r, p, source, err);
    }
    if (status != LMP_OK) {
        stream_clear(&source->stream);
        json_decref(source->facts);
        free(source->warnings);
        *source = (lmp_source){0};
        close_(r);
        return status;
    }
    source->format_name = truth ? "simulation: truth of eeg-fmri" : "simulation: eeg-fmri";
    source->time_grain = EEG_FMRI_TILE;
    source->bytes_per_time = EEG_FMRI_BYTES_PER_TIME;
    source->state = r;
    source->read = eeg_fmri_read;
    source->close = close_;
    return LMP_OK;
}

const lmp_simulator lmp_simulator_eeg_fmri = {
    .struct_size = sizeof(lmp_simulator),
    .name = "eeg-fmri",
    .summary = "EEG recorded during fMRI: gradient artifacts, heartbeats, trigger faults, and the truth beneath.",
    .doc = doc,
    .params = params_table,
    .params_size = sizeof(eeg_fmri_params),
    .open = open_,
};
