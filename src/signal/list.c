/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.c: all steps and presets on signals, one line each.
 */
#include "signal/list.h"

extern const lmp_step lmp_step_triggers, lmp_step_complete_triggers, lmp_step_slice_triggers, lmp_step_align,
    lmp_step_gradient, lmp_step_highpass, lmp_step_lowpass, lmp_step_bandpass, lmp_step_notch, lmp_step_resample,
    lmp_step_upsample, lmp_step_downsample, lmp_step_pick, lmp_step_drop, lmp_step_rename, lmp_step_reference,
    lmp_step_scale, lmp_step_annotate, lmp_step_erase;

extern const lmp_preset lmp_preset_eeg_fmri;

const lmp_step *const signal_steps[] = {
    &lmp_step_triggers,       &lmp_step_complete_triggers,
    &lmp_step_slice_triggers, &lmp_step_align,
    &lmp_step_gradient,       &lmp_step_highpass,
    &lmp_step_lowpass,        &lmp_step_bandpass,
    &lmp_step_notch,          &lmp_step_resample,
    &lmp_step_upsample,       &lmp_step_downsample,
    &lmp_step_pick,           &lmp_step_drop,
    &lmp_step_rename,         &lmp_step_reference,
    &lmp_step_scale,          &lmp_step_annotate,
    &lmp_step_erase,          NULL,
};

const lmp_preset *const signal_presets[] = {
    &lmp_preset_eeg_fmri,
    NULL,
};
