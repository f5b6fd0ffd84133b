# SPDX-License-Identifier: BSD-3-Clause
"""Filters and resampling against MNE-Python and SciPy, on signals with drift, offset and steps.

Tolerances, relative to the signal's standard deviation:
  FIR           1e-9   same taps and ends; what is left is rounding in the Fourier transforms
  Butterworth   1e-8   same sections and ends; SciPy's own rounding at very low cut-offs is of this size
  erasing       1e-12  the same sums in another order
  resampling    2e-3   another kernel: SciPy's, made long, has a pass band as flat but other transitions; band-limited noise
                       keeps away from them. Against the formula of the signal itself 1e-6 (tests/test_resample.c).
"""
import os
import subprocess

import numpy as np

from check import LIMPID, Skip, add, case, main

try:
    import mne
    import scipy.signal
    mne.set_log_level("ERROR")
except ImportError:
    mne = None

PROBE = os.environ.get("FILTER_PROBE", os.path.join(os.path.dirname(LIMPID), "tests", "filter_probe"))


def probe(step, rate, settings, x, block=4096):
    if mne is None:
        raise Skip("MNE-Python or SciPy is absent")
    if not os.path.exists(PROBE):
        raise Skip("filter_probe is not built")
    done = subprocess.run([PROBE, step, repr(rate), settings, str(block)], input=np.ascontiguousarray(x, float).tobytes(),
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return np.frombuffer(done.stdout)


def signal(n, rate, seed=0):
    """Drift, alpha, noise, an offset and a jump."""
    rng = np.random.default_rng(seed)
    t = np.arange(n) / rate
    x = 200 + 5 * np.cumsum(rng.standard_normal(n)) / np.sqrt(rate) + 10 * np.sin(2 * np.pi * 10 * t)
    x += rng.standard_normal(n)
    x[n // 3:] += 80
    return x


def near(ours, theirs, x, tolerance):
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    worst = np.abs(ours - theirs).max() / (x.std() if len(x) > 1 else 1)
    assert worst <= tolerance, "off by %.3g of the signal" % worst


def fir(step, settings, rate, n, **theirs):
    x = signal(n, rate)
    near(probe(step, rate, settings, x), mne.filter.filter_data(x, rate, **theirs), x, 1e-9)


FIR = [
    ("highpass", "hz=1", dict(l_freq=1, h_freq=None)),
    ("highpass", "hz=0.5 transition-hz=0.3", dict(l_freq=.5, h_freq=None, l_trans_bandwidth=.3)),
    ("lowpass", "hz=70", dict(l_freq=None, h_freq=70)),
    ("lowpass", "hz=120 transition-hz=5", dict(l_freq=None, h_freq=120, h_trans_bandwidth=5)),
    ("bandpass", "low-hz=1 high-hz=40", dict(l_freq=1, h_freq=40)),
    ("bandpass", "low-hz=8 high-hz=12 low-transition-hz=1", dict(l_freq=8, h_freq=12, l_trans_bandwidth=1)),
]
for rate in (500.0, 2048.0, 5000.0):
    for step, settings, theirs in FIR:
        for n in (1, 50, int(3.1 * rate), int(40 * rate) + 7):
            add("fir %s %s at %g Hz, %d samples" % (step, settings, rate, n),
                lambda step=step, settings=settings, rate=rate, n=n, theirs=theirs: fir(step, settings, rate, n, **theirs))


@case
def notch_equals_mne():
    for rate in (1000.0, 5000.0):
        x = signal(int(rate * 20), rate)
        near(probe("notch", rate, "hz=50,100,150", x), mne.filter.notch_filter(x, rate, [50, 100, 150]), x, 1e-9)
        theirs = mne.filter.notch_filter(x, rate, [60], notch_widths=3, trans_bandwidth=2)
        near(probe("notch", rate, "hz=60 width-hz=3 transition-hz=1", x), theirs, x, 1e-9)


def butterworth(step, settings, kind, edges, order, rate, n):
    x = signal(n, rate)
    ours = probe(step, rate, "%s order=%d method=butterworth" % (settings, order), x)
    sections = scipy.signal.butter(order, edges, kind, fs=rate, output="sos")
    taps = 2 * len(sections) + 1 - min((sections[:, 2] == 0).sum(), (sections[:, 5] == 0).sum())
    near(ours, scipy.signal.sosfiltfilt(sections, x, padlen=min(3 * taps, n - 1)), x, 1e-8)


for rate in (250.0, 5000.0):
    for order in (1, 2, 4, 7):
        for n in (5, 1000, int(30 * rate)):
            for step, settings, kind, edges in (("highpass", "hz=1", "highpass", 1), ("lowpass", "hz=70", "lowpass", 70),
                                                ("bandpass", "low-hz=8 high-hz=12", "bandpass", [8, 12]),
                                                ("notch", "hz=50 width-hz=2 transition-hz=1", "bandstop", [48, 52])):
                add("butterworth %s order %d at %g Hz, %d samples" % (step, order, rate, n), butterworth, step, settings,
                    kind, edges, order, rate, n)


def erase(settings, edge, fill, rate, n):
    """Stretches in samples are drawn at random; NumPy puts in what the formula says."""
    rng = np.random.default_rng(n)
    x = signal(n, rate)
    x[rng.integers(0, n, n // 50)] = np.nan
    edges = np.unique(rng.integers(0, n + 1, 12))
    edges = edges[:len(edges) // 2 * 2].reshape(-1, 2)
    want, inside = x.copy(), np.zeros(n, bool)
    ends = [0, *edges[:, 1]], [*edges[:, 0], n]
    for k, (a, b) in enumerate(edges):
        inside[a:b] = True
        left, right = x[max(ends[0][k], a - edge):a], x[b:min(ends[1][k + 1], b + edge)]
        both = np.nanmean(np.concatenate([left, right]))
        left, right = (np.nanmean(s) if np.isfinite(s).any() else both for s in (left, right))
        want[a:b] = {"line": np.linspace(left, right, b - a + 2)[1:-1], "mean": both, "zero": 0}[fill]
    text = ",".join("%r-%r" % (a / rate, b / rate) for a, b in edges.tolist())
    ours = probe("erase", rate, "ranges=%s with=%s %s" % (text, fill, settings), x, 777)
    assert np.array_equal(ours[~inside], x[~inside], equal_nan=True)
    near(ours[inside], want[inside], x[np.isfinite(x)], 1e-12)


for n in (60, 4999, 100000):
    for fill in ("line", "mean", "zero"):
        add("erase with %s, %d samples" % (fill, n), erase, "edge-s=0.1", 50, fill, 500.0, n)


def resample(up, down, rate, n):
    rng = np.random.default_rng(1)
    lower = min(rate, rate * up / down)
    x = scipy.signal.sosfiltfilt(scipy.signal.butter(10, .25 * lower, fs=rate, output="sos"), rng.standard_normal(n)) + 7
    ours = probe("resample", rate, "rate=%r" % (rate * up / down), x)
    most = max(up, down)
    taps = scipy.signal.firwin(2 * 200 * most + 1, 1 / most, window=("kaiser", 14))
    theirs = scipy.signal.resample_poly(x - 7, up, down, window=taps) + 7
    n_out = int(np.floor(n * up / down + .5))
    assert len(ours) == n_out, (len(ours), n_out)
    inside = slice(n_out // 10, -n_out // 10)
    worst = np.abs(ours[inside] - theirs[:n_out][inside]).max() / x.std()
    assert worst < 2e-3, worst
    # MNE's brick wall is another kernel again. (With npad="auto" its padded length is no multiple of `down`, and its
    # time axis drifts.)
    theirs = mne.filter.resample(x, up, down, npad=12500)[inside]
    worst = np.abs(ours[inside] - theirs).max() / x.std()
    assert worst < 2e-3, worst


for up, down in ((1, 20), (4, 1), (5, 2), (64, 125)):
    add("resample by %d/%d" % (up, down), resample, up, down, 5000.0, 100000)

if __name__ == "__main__":
    main()
