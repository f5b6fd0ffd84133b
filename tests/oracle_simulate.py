# SPDX-License-Identifier: BSD-3-Clause
"""The simulated EEG-fMRI recording against an independent one of the same shape, made with NumPy's transforms.

The second recording: 15 uV of noise shaped to 1/f in the frequency domain, a 10 Hz rhythm of 10 uV that wanders by
0.3 Hz, and a slice artifact of 40 harmonics with amplitudes 1/sqrt(h) whose largest value is 1.5 mV at gain 1.
"""
import json

import numpy as np
from check import case, limpid, main, scratch

RATE, CHANNELS, SECONDS = 5000, 8, 60
SLICE = 357.17  # samples
BANDS = [(0.7, 2), (2, 4), (4, 8), (8, 12), (12, 30), (30, 60), (60, 120), (120, 500), (500, 1000), (1000, 2490)]


def independent_eeg(seed=0):
    rng, n = np.random.default_rng(seed), RATE * SECONDS
    f = np.fft.rfftfreq(n, 1 / RATE)
    shape = np.where(f < 0.5, 0, 1 / np.sqrt(np.maximum(f, 0.5)))
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal((CHANNELS, n))) * shape, n)
    noise *= 15 / noise.std(axis=1, keepdims=True)
    t, c = np.arange(n) / RATE, np.arange(CHANNELS)[:, None]
    phase = np.cumsum(2 * np.pi * (10 + 0.3 * np.sin(2 * np.pi * 0.05 * t + c)) / RATE, axis=1)
    return noise + 10 * np.sin(phase + c)


def density(x, length=16384):
    """Welch's estimate, mean over channels: frequencies and uV^2/Hz."""
    window = np.hanning(length)
    starts = range(0, x.shape[1] - length, length // 2)
    power = np.mean([np.abs(np.fft.rfft(x[:, s:s + length] * window)) ** 2 for s in starts], axis=(0, 1))
    return np.fft.rfftfreq(length, 1 / RATE), 2 * power / (RATE * (window ** 2).sum())


def simulated():
    """Recording and truth in uV, and the facts; made once."""
    import mne
    path = scratch("sim.edf")
    if not simulated.made:
        limpid("simulate", "eeg-fmri", path, "channels=%d" % CHANNELS, "seconds=%d" % SECONDS, "rate=%d" % RATE)
        recorded = mne.io.read_raw_edf(path, preload=True, verbose="error")
        truth = mne.io.read_raw_bdf(scratch("sim.truth.bdf"), preload=True, verbose="error")
        with open(scratch("sim.truth.json"), encoding="utf-8") as file:
            facts = json.load(file)
        simulated.made += [recorded, recorded.get_data() * 1e6, truth.get_data() * 1e6, facts]
    return simulated.made


simulated.made = []


@case
def spectrum_of_the_truth_is_that_of_shaped_noise():
    _, _, truth, _ = simulated()
    f, ours = density(truth)
    _, theirs = density(independent_eeg())
    for low, high in BANDS:
        inside = (f >= low) & (f < high)
        ratio = ours[inside].mean() / theirs[inside].mean()
        # Below 4 Hz a band holds few degrees of freedom: 8 channels x 35 windows x some bins.
        assert abs(ratio - 1) < (0.15 if low < 4 else 0.06), (low, high, ratio)


@case
def levels_are_those_of_the_independent_recording():
    _, _, truth, _ = simulated()
    assert np.all(np.abs(truth.std(axis=1) / independent_eeg().std(axis=1) - 1) < 0.06), truth.std(axis=1)


@case
def artifact_has_forty_harmonics_that_fall_as_one_over_root_h():
    _, recorded, truth, _ = simulated()
    first, n = 5 * RATE, int(600 * SLICE)
    artifact = (recorded - truth)[:, first:first + n]
    window = np.hanning(n)
    turns = np.arange(n) / SLICE
    size = np.array([abs(artifact @ (window * np.exp(-2j * np.pi * h * turns))) for h in range(1, 46)]).T
    relative = size / size[:, :1]
    # The amplitude drifts by 2 %, which is in all harmonics alike.
    assert np.allclose(relative[:, :40], 1 / np.sqrt(np.arange(1, 41)), rtol=2e-3)
    assert np.all(relative[:, 40:] < 1e-3), relative[:, 40:].max()


@case
def peaks_follow_the_gains():
    _, recorded, truth, facts = simulated()
    gain = 0.5 + np.arange(CHANNELS) / 8
    assert np.allclose(facts["artifact_gain"], gain)
    peak = np.abs(recorded - truth).max(axis=1)
    assert np.all(np.abs(peak / (1500 * gain) - 1) < 0.025), peak


@case
def triggers_are_the_true_times_rounded():
    raw, _, _, facts = simulated()
    true = np.array(facts["triggers"]["true_s"])
    assert np.allclose(true, 5 + np.arange(len(true)) * SLICE / RATE, atol=1e-10, rtol=0)
    recorded = raw.annotations.onset[np.array(raw.annotations.description) == "S  1"]
    assert len(recorded) == len(true)
    samples = recorded * RATE
    assert np.allclose(samples, np.round(samples), atol=1e-3, rtol=0)
    assert np.all(np.abs(samples - true * RATE) <= 0.5 + 1e-3)  # every 50th lies half-way: either neighbour is right


main()
