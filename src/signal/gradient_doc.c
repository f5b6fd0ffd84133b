/* SPDX-License-Identifier: BSD-3-Clause
 *
 * gradient_doc.c: the help page of the step gradient: method, formulas, sources, measured limits.
 */
#include "signal/gradient_doc.h"

const char gradient_known_as[] = "AASCorrection, AveragedArtifactSubtraction, FARMCorrection, "
                                 "CorrespondingSliceCorrection, VolumeTriggerCorrection, "
                                 "SliceTriggerCorrection, MoosmannCorrection (FACETpy), FASTR (FMRIB plug-in), AAS";

/* clang-format off */
const char gradient_doc[] =
    "Wants `align` before it, and `highpass hz=1`: slow drifts make gains and templates worse.\n\n"

    "## Method\n\n"
    "Averaged artifact subtraction at the recording's own rate. Epoch i begins at the trigger time `t_i = n_i + d_i`, a "
    "whole sample and a fraction. Less its mean, it is brought to the common grid by a windowed-sinc delay of 32 taps "
    "(j = -15 .. 16, divided by their sum) and taken to hold one artifact of changing strength, plus EEG:\n\n"
    "    E_i(m) = sum_j x(n_i + m + j) h_d(j),   h_d(j) = sinc(j - d) I0(8 sqrt(1 - ((j - d)/16)^2)) / I0(8)\n"
    "    E_i = g_i T + EEG\n\n"
    "**Strength.** `g_i = <D E_i, D R> / <D R, D R>`, with R the mean of early epochs and D the difference over 0.8 ms, "
    "which makes 1/f EEG nearly white. Gains are smoothed (running median, then Hann) over a number of epochs found by "
    "predicting each gain from its neighbours; between epochs they change linearly. A gain for every epoch by itself "
    "would fit EEG.\n\n"
    "**Template.** `T = sum w_i g_i E_i / sum w_i g_i^2`, less its mean. The window remembers the past slowly (60 s, at "
    "least 240 slices; 120 volumes) and waits for 60 epochs to come (at most 120 s). Epochs of a second and more also "
    "try Hann windows of 30 and 16; the one that best predicts epochs left out is taken. Where the template changes at "
    "once (the head moved), no window reaches across.\n\n"
    "**Slices inside volumes** are found in the volume's template by its autocorrelation. What is alike in them within "
    "the noise is averaged too, which lowers the error three to four times; the rest stays with the volume's template.\n\n"
    "T is delayed back, multiplied by the gain, and subtracted from the samples from `t_i` to the next epoch. No sample "
    "belongs to two epochs; samples outside epochs come out bit-identical.\n\n"

    "## Guards\n\n"
    "| status | meaning |\n| --- | --- |\n"
    "| corrected | |\n"
    "| edge | first or last of a scan, cut off by the recording's end, or few epochs in its window |\n"
    "| watch | energy beyond half of `threshold-energy`, or correlation below 0.8 of the usual |\n"
    "| unreliable | samples missing or marked (`skip`), or energy beyond `threshold-energy`: corrected, but not used for "
    "templates |\n"
    "| failed | holds less than `threshold-correlation` of the usual artifact, or fewer than 4 epochs are in its window: "
    "nothing subtracted |\n\n"
    "Energy that lasts (15 slices, 3 volumes) is no outlier but a change. A channel whose odd and even epochs share no "
    "artifact is given back unchanged. Missing samples stay as they are and do not spread.\n\n"

    "**Marked stretches.** No single epoch tells that a movement which lasts is not to count: events with a duration "
    "whose label fits `skip` do (of `annotate`, of a BIDS events.tsv, of MNE). Epochs that they overlap, with 35 samples "
    "on either side for interpolation, count neither for templates nor for gains. A simulated movement of 3 s left "
    "1.4 uV in the 6 s on either side of it, and 0.8 uV once it was marked.\n\n"

    "## What it reaches, and what it costs\n\n"
    "Simulated at 5 kHz, artifact 0.75 to 2 mV, EEG 11 uV, after `highpass hz=1`; error in 3-60 / 62-108 Hz, uV RMS: "
    "slices 0.5 / 0.3, also with a drifting clock and missing triggers; volumes of like slices 0.3 to 0.6 / 0.2 to 0.4; "
    "of slices that all differ 1.7 / 0.6. A plain mean of 30 slices leaves 1.4 / 0.8.\n\n"
    "What repeats exactly with the epochs is lost: a rhythm at a multiple of the slice rate, within about 1/(window) Hz. "
    "Other tones keep their amplitude within 0.3 %; where slices differ, up to 3 % go around multiples of 1/TR. A "
    "prototype of the method left 2 to 3 uV where the scanner itself jittered by 0.3 samples, and up to 4 uV in the "
    "second before a change of shape of 5 %.\n\n"
    "A channel waits for its window: 10 s of slices (0.7 MB at 5 kHz), up to 75 volumes (10 MB at a TR of 2 s).\n\n"

    "## Names elsewhere\n\n"
    "FACETpy's AASCorrection is `window=30 weighting=boxcar mode=block gain=off`. MoosmannCorrection's realignment file "
    "is not needed: changes are found in the artifact. FARMCorrection's choice of the most similar epochs favours those "
    "that share EEG and is not offered.\n\n"

    "## Sources\n\n"
    "Allen et al., NeuroImage 12:230, 2000 (averaging); Niazy et al., NeuroImage 28:720, 2005 (FASTR); Koskinen & "
    "Vartiainen, NeuroImage 46:160, 2009 (free-running clocks); Moosmann et al., NeuroImage 45:1144, 2009 (movement); "
    "van der Meer et al., Clin. Neurophysiol. 121:766, 2010 (FARM).\n";
/* clang-format on */
