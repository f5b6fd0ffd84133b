# SPDX-License-Identifier: BSD-3-Clause
"""The whole chain against known truth: what is removed and what is kept, in the bands and at the bounds that users can
hold us to. Recordings are limpid's own simulations; the error is computed here, with MNE's filters, not by limpid.

Bounds: microvolts rms in 3-60 Hz and 62-108 Hz, EEG 11 uV, artifact 0.75 to 2 mV. What is reached is printed; it is
about half of the bound, so that a bound is broken by a fault and not by another seed."""
import json

import mne
import numpy as np

from check import case, limpid, main, scratch, shared_data

mne.set_log_level("ERROR")
CHAIN = ["triggers", "pattern=S  1", "!", "complete-triggers", "!", "align", "!", "highpass", "hz=1", "!", "gradient", "!",
         "lowpass", "hz=120"]


def band(x, rate, low, high):
    return mne.filter.filter_data(x, rate, low, high)


def rms(x):
    return float(np.sqrt(np.mean(np.square(x))))


class Recording:
    """A simulation, its truth through the chain's filters, and the stretch of the scan in samples."""

    def __init__(self, *settings):
        path = scratch("sim.edf")
        limpid("simulate", "eeg-fmri", path, *settings, "--overwrite")
        facts = json.load(open(scratch("sim.truth.json")))
        truth = mne.io.read_raw_bdf(scratch("sim.truth.bdf"))
        self.path, self.facts, self.rate = path, facts, truth.info["sfreq"]
        clean = truth.get_data() * 1e6
        self.clean = band(band(clean, self.rate, 1.0, None), self.rate, None, 120.0)
        self.first = int(facts["blocks"][0]["first_s"] * self.rate)
        self.last = int(facts["blocks"][-1]["last_s"] * self.rate)

    def run(self, *chain):
        out = scratch("out.bdf")
        limpid("run", self.path, *(chain or CHAIN), "!", "write", out, "--overwrite", "--quiet")
        return mne.io.read_raw_bdf(out).get_data()[:, :self.clean.shape[1]] * 1e6

    def errors(self, result):
        e = result - self.clean
        scan = slice(self.first, self.last)
        return rms(band(e, self.rate, 3, 60)[:, scan]), rms(band(e, self.rate, 62, 108)[:, scan])


def expect(what, recording, low_uv, high_uv):
    low, high = recording.errors(recording.run())
    nothing = recording.errors(recording.run("highpass", "hz=1", "!", "lowpass", "hz=120"))
    print("# %s: %.3f / %.3f uV of at most %.2f / %.2f; untouched %.0f / %.0f" % (what, low, high, low_uv, high_uv, *nothing))
    assert low <= low_uv and high <= high_uv
    assert low < nothing[0] and high < nothing[1]


@case
def slices_with_rounded_triggers():
    for seed in (11, 12):
        expect("slices, seed %d" % seed, Recording("channels=8", "seconds=60", "seed=%d" % seed), 1.30, 0.66)


@case
def clock_drift_and_missing_triggers():
    expect("drift", Recording("channels=8", "seconds=60", "clock-drift=20", "missing=3,1", "seed=13"), 1.38, 0.72)
    expect("ratio", Recording("channels=8", "seconds=60", "clock-ratio=20", "missing=3,1", "extra=2", "seed=14"), 1.38, 0.72)


@case
def volumes_with_a_pause():
    expect("volumes", Recording("channels=16", "seconds=120", "triggers=volumes", "tr=2.0004", "slices=27",
                                "volume-pause=0.072", "seed=15"), 1.75, 0.75)


@case
def jittered_triggers():
    expect("jitter", Recording("channels=8", "seconds=60", "trigger-jitter=0.0004", "seed=16"), 1.30, 0.66)


@case
def what_is_marked_takes_no_part():
    """The head moves for 3 s, and with it the artifact. Marked as bad, it harms its neighbours less than unmarked."""
    r = Recording("channels=8", "seconds=60", "seed=20")
    raw = mne.io.read_raw_edf(r.path)
    x = raw.get_data() * 1e6
    first, last = r.first + int(20 * r.rate), r.first + int(23 * r.rate)
    moved = np.sin(np.linspace(0, 6 * np.pi, last - first)) * np.hanning(last - first)
    x[:8, first:last] += 0.2 * moved * np.roll(x[:8], 40, 1)[:, first:last]
    np.save(scratch("moved.npy"), x)
    with open(scratch("moved.tsv"), "w", encoding="utf-8") as tsv:
        tsv.write("onset\tduration\ttrial_type\n")
        tsv.writelines("%.9f\t0\t%s\n" % (a["onset"], a["description"]) for a in raw.annotations)
    given = ["run", scratch("moved.npy"), "--rate", r.rate, "--events", scratch("moved.tsv"), "--overwrite", "--quiet"]
    mark = ["annotate", "%.6f-%.6f" % (first / r.rate, last / r.rate), "!"]

    def beside(before, *settings):
        limpid(*given, *before, *CHAIN[:-3], *settings, *CHAIN[-3:], "!", "write", scratch("moved.bdf"))
        e = mne.io.read_raw_bdf(scratch("moved.bdf")).get_data()[:8] * 1e6 - r.clean[:8]
        margin, reach = int(0.2 * r.rate), int(6 * r.rate)
        return rms(band(e, r.rate, 3, 108)[:, np.r_[first - reach:first - margin, last + margin:last + reach]])

    unmarked, unused, marked = beside([]), beside(mark, "skip="), beside(mark)
    print("# beside it %.3f uV unmarked, %.3f marked but used, %.3f marked" % (unmarked, unused, marked))
    assert unused == unmarked and marked < 0.95 * unmarked
    limpid(*given, *mark[:2], "label=BAD_erase", "!", "erase", "!", "write", scratch("erased.npy"))
    erased, outside = np.load(scratch("erased.npy")), np.ones(x.shape[1], bool)
    outside[first:last] = False
    assert np.array_equal(erased[:, outside], x[:, outside])
    assert np.abs(np.diff(erased[:8, first:last], 2)).max() < 1e-9 * np.abs(x).max()


@case
def tones_are_kept():
    """Off the slice harmonics, an injected tone keeps its amplitude within 1 %."""
    tones = [3.3, 5.7, 11.9, 17.3, 23.1, 31.7, 44.5]
    r = Recording("channels=8", "seconds=60", "tones=" + ",".join(map(str, tones)), "tone-uv=5", "seed=17")
    result = r.run()
    t = np.arange(result.shape[1]) / r.rate
    inside = slice(r.first + int(r.rate), r.last - int(r.rate))
    for hz in tones:
        waves = np.stack([np.sin(2 * np.pi * hz * t[inside]), np.cos(2 * np.pi * hz * t[inside])], 1)
        after, before = (np.hypot(*np.linalg.lstsq(waves, x[:, inside].T, rcond=None)[0]) for x in (result, r.clean))
        print("# %.1f Hz: %.4f to %.4f" % (hz, (after / before).min(), (after / before).max()))
        assert np.all(np.abs(after / before - 1) < 0.01)


@case
def nothing_to_remove_stays():
    """Triggers, but no artifact: the data are left alone."""
    r = Recording("channels=8", "seconds=60", "artifact-uv=0", "seed=18")
    low, high = r.errors(r.run())
    print("# %.4f / %.4f uV" % (low, high))
    assert low < 0.1 and high < 0.1  # the quantisation of the recording, 0.1 uV steps


@case
def samples_outside_epochs_are_untouched():
    r = Recording("channels=8", "seconds=60", "blocks=2", "block-pause=7.3", "seed=19")
    before = mne.io.read_raw_edf(r.path).get_data()
    out = scratch("same.bdf")
    limpid("run", r.path, *CHAIN[:6], "!", "gradient", "!", "write", out, "--overwrite", "--quiet")
    after = mne.io.read_raw_bdf(out).get_data()[:, :before.shape[1]]
    outside = np.ones(before.shape[1], bool)
    for block in r.facts["blocks"]:
        outside[int(round(block["first_s"] * r.rate)):int(round(block["last_s"] * r.rate)) + 1] = False
    assert outside.sum() > 15 * r.rate
    assert np.array_equal(before[:, outside], after[:, outside])
    assert not np.array_equal(before[:, ~outside], after[:, ~outside])


@case
def a_real_recording():
    """One channel from inside a running scanner: harmonics of its 17.5 Hz fall, the rest keeps within its own spread."""
    from scipy.signal import welch
    path, events = (shared_data("eegfmri_ecg", name) for name in ("ecg_1000hz_first500s.npy", "events.tsv"))
    given = [path, "--rate", 1000, "--events", events, "--overwrite", "--quiet"]
    filters = ["highpass", "hz=1", "!", "lowpass", "hz=120"]
    limpid("run", *given, *filters, "!", "write", scratch("before.npy"))
    limpid("run", *given, "triggers", "TREV_", "!", "complete-triggers", "!", "align", "!", *filters[:3], "gradient", "!",
           *filters[3:], "!", "write", scratch("after.npy"))
    before, after = np.load(scratch("before.npy"))[0], np.load(scratch("after.npy"))[0]
    scan = slice(38329, 498329)
    f, b = welch(before[scan], 1000, nperseg=8000)
    _, a = welch(after[scan], 1000, nperseg=8000)
    down = [10 * np.log10(b[abs(f - h * 17.5) < 0.3].sum() / a[abs(f - h * 17.5) < 0.3].sum()) for h in range(1, 7)]
    print("# harmonics of 17.5 Hz: %s dB down" % ", ".join("%.1f" % x for x in down))
    assert min(down) >= 25
    free = [welch(before[s:s + 4000], 1000, nperseg=4000)[1] for s in range(1500, 28000, 2000)]
    fs = welch(before[:4000], 1000, nperseg=4000)[0]
    _, inside = welch(after[scan], 1000, nperseg=4000)
    for low, high in ((0.8, 4), (4, 8), (8, 12), (12, 24)):
        parts = [p[(fs >= low) & (fs < high)].sum() for p in free]
        now = inside[(fs >= low) & (fs < high)].sum()
        print("# %g-%g Hz: %.3g, scan-free %.3g to %.3g" % (low, high, now, min(parts), max(parts)))
        assert min(parts) <= now <= max(parts)


main()
