# SPDX-License-Identifier: BSD-3-Clause
"""The step `gradient` against its executable specification, tests/reference/gradient.py, on recordings made here.

The specification is in double precision; the step brings epochs to the grid and templates back in single precision:
1e-7 of an artifact of 1 mV is 1e-4 uV, and the two agree within 1e-3 uV rms. Where slices are averaged the step refits
their period robustly in another way and renews the mean every fourth volume: within 2 % of the error that is left.
"""
import json
import os
import sys

import numpy as np

from check import case, limpid, main, scratch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference"))
import gradient  # noqa: E402

RATE = 2000.0


def eeg(rng, n):
    """Pink noise without its slowest part, and alpha: 12 uV."""
    f = np.fft.rfftfreq(n, 1 / RATE)
    x = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * (f > 0.7) / np.sqrt(np.maximum(f, 0.7)), n)
    t = np.arange(n) / RATE
    return 10 * x / x.std() + 8 * np.sin(2 * np.pi * 10.1 * t + np.sin(t))


def recording(starts, period, slices, seconds, channels=3, strength=500.0, drift=0.02, seed=1):
    """EEG, and an artifact that repeats `slices` times in each epoch and then pauses until the next."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE)
    clean = np.stack([eeg(rng, n) for _ in range(channels)])
    phases = rng.uniform(0, 2 * np.pi, 24)
    artifact = np.zeros(n)
    for start in starts:
        k = np.arange(int(np.ceil(start)), min(n, int(np.ceil(start + slices * period))))
        u = (k - start) / period
        artifact[k] = sum(np.cos(2 * np.pi * h * u + phases[h - 1]) / np.sqrt(h) for h in range(1, 25))
    change = 1 + drift * np.sin(2 * np.pi * np.arange(n) / n + np.arange(channels)[:, None])
    return clean, clean + strength / 4 * (1 + np.arange(channels)[:, None] / 2) * artifact * change


def write_brainvision(path, x, triggers):
    """Triggers are whole samples here; the step takes them as they are."""
    name = os.path.basename(path)
    x.T.astype("<f4").tofile(path + ".eeg")
    with open(path + ".vhdr", "w") as f:
        f.write("Brain Vision Data Exchange Header File Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\nDataFile=%s.eeg\n"
                "MarkerFile=%s.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels=%d\n"
                "SamplingInterval=%g\n\n[Binary Infos]\nBinaryFormat=IEEE_FLOAT_32\n\n[Channel Infos]\n"
                % (name, name, len(x), 1e6 / RATE))
        f.write("".join("Ch%d=E%d,,1,µV\n" % (i + 1, i) for i in range(len(x))))
    with open(path + ".vmrk", "w") as f:
        f.write("Brain Vision Data Exchange Marker File, Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\nDataFile=%s.eeg\n\n"
                "[Marker Infos]\nMk1=New Segment,,1,1,0,20240101000000000000\n" % name)
        f.write("".join("Mk%d=Response,R128,%d,1,0\n" % (i + 2, t + 1) for i, t in enumerate(triggers)))


def run(x, triggers, settings):
    """What the step gives, and its part of the record. triggers: a list of words for the step `triggers`, or samples."""
    out = scratch("corrected.npy")
    if isinstance(triggers, list):
        np.save(scratch("in.npy"), x)
        source, words = [scratch("in.npy"), "--rate", RATE], triggers
    else:
        write_brainvision(scratch("in"), x, triggers)
        source, words = [scratch("in.vhdr")], ["R128"]
    limpid("run", *source, "triggers", *words, "!", "gradient", *settings, "!", "write", out, "--overwrite", "--quiet")
    record = json.load(open(out + ".limpid.json"))
    return np.load(out), next(s for s in record["steps"] if s["step"] == "gradient")


STATUSES = ["corrected", "edge", "watch", "unreliable", "failed"]


def compare(x, triggers, settings, tolerance, **choice):
    ours, record = run(x, triggers, settings)
    starts = np.array(record["onset_s"]) * RATE
    theirs, report = gradient.correct(x, starts, RATE, **choice)
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    worst = np.sqrt(np.nanmean((ours - theirs) ** 2, axis=1)).max()
    print("# differs by %.2g uV rms" % worst)
    assert worst < tolerance, "differs by %g uV rms" % worst
    status = np.array([[STATUSES.index(s) for s in lane] for lane in report["status"]]).max(0)
    assert np.array_equal(status, record["status"])
    return ours, theirs, record


SLICES = ["first-s=1.25013", "period-s=0.0714337", "count=400"]
STARTS = (1.25013 + 0.0714337 * np.arange(400)) * RATE


@case
def slices_with_an_exponential_window():
    clean, x = recording(STARTS, 0.0714337 * RATE, 1, 31)
    ours, _, _ = compare(x, SLICES, ["weighting=exponential", "gain-smoothing=31"], 1e-3, smoothing=31)
    inside = slice(3000, 59000)
    assert (ours - clean)[:, inside].std() < 0.02 * (x - clean)[:, inside].std()


@case
def slices_with_a_hann_window():
    _, x = recording(STARTS, 0.0714337 * RATE, 1, 31, seed=2)
    compare(x, SLICES, ["window=60", "gain-smoothing=5"], 1e-3, window=60, smoothing=5)


@case
def slices_without_gain():
    _, x = recording(STARTS, 0.0714337 * RATE, 1, 31, seed=3)
    compare(x, SLICES, ["weighting=exponential", "gain=off"], 1e-3, smoothing=1, use_gain=False)


@case
def two_scans_movement_and_missing_samples():
    """A pause that ends a section, a short one that does not, a change of shape, a spike and missing samples."""
    triggers = np.cumsum(np.append(2000, np.full(349, 143)))
    triggers[60:] += 9001
    triggers[200:] += 400
    clean, x = recording(triggers, 143.0, 1, 32, seed=4)
    _, other = recording(triggers[250:], 143.0, 1, 32, seed=5)
    x = x + 0.3 * (other - recording([], 143.0, 1, 32, seed=5)[1])
    x[1, 30000:30040] += 3000
    x[2, 40000:40400] = np.nan
    x = x.astype(np.float32).astype(float)
    compare(x, triggers, ["weighting=exponential", "gain-smoothing=15"], 1e-3, smoothing=15)


@case
def volumes_by_themselves():
    starts = (2.0003 + 1.00021 * np.arange(40)) * RATE
    _, x = recording(starts, 143.7, 13, 45, seed=6)
    compare(x, ["first-s=2.0003", "period-s=1.00021", "count=40"],
            ["weighting=exponential", "gain-smoothing=3", "slices=0"], 1e-3, smoothing=3)


@case
def volumes_with_their_slices():
    starts = (2.0003 + 1.00021 * np.arange(40)) * RATE
    clean, x = recording(starts, 143.7, 13, 45, seed=7)
    ours, theirs, record = compare(x, ["first-s=2.0003", "period-s=1.00021", "count=40"],
                                   ["weighting=exponential", "gain-smoothing=3"], 0.1, smoothing=3, slices="find")
    assert abs(record["slice_period_s"] * RATE - 143.7) < 0.002, record["slice_period_s"] * RATE
    inside = slice(5000, 80000)
    left, difference = (ours - clean)[:, inside].std(), (ours - theirs)[:, inside].std()
    print("# left %.3f uV, difference %.4f uV, %d slices" % (left, difference, record["slices_per_volume"]))
    assert difference < 0.02 * left


main()
