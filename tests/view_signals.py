# SPDX-License-Identifier: BSD-3-Clause
"""What the viewer's server says of signals, against NumPy and SciPy on the same data.

Tolerances: samples and lowest and highest values: none but float32 (outward, where they bound). Means, deviations and
spectra are sums in double in another order: 1e-9 of the largest number involved; epochs are sent as float32.
"""
import http.client
import json
import os
import time

import numpy as np
import scipy.signal

from check import add, case, end, limpid, main, scratch, shared_data, simulate
from view import Viewer

RATE = 1000.0
FLOAT = np.float32
EVENTS = [(0.2504, "a"), (1.0006, "a"), (2.5, "b c"), (3.3333, "a"), (7.7, "a"), (49.9, "a")]


def made(n_channels=5, n_times=50000, seed=4):
    """Noise with spikes, a flat stretch, a clipped channel, NaN here and there, and a channel without any number."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 20, (n_channels, n_times)) + 1e4 * np.arange(n_channels)[:, None]
    x[0, [17, 30001]] = 1e6, -1e6
    x[1, 2000:2600] = x[1, 2000]
    x[2] = np.clip(x[2], 2e4 - 25, 2e4 + 25)
    x[3, rng.random(n_times) < 0.01] = np.nan
    x[3, 40000:45000] = np.nan
    x[-1] = np.nan
    return x


def events_file():
    path = scratch("events.tsv")
    with open(path, "w") as file:
        file.write("onset\tduration\ttrial_type\n" + "".join("%r\t0\t%s\n" % e for e in EVENTS))
    return path


class Signals:
    """Channels x samples, and the viewer that shows them."""

    def __init__(self, viewer, values):
        self.viewer, self.values = viewer, values
        self.id, self.n = viewer.recordings()[0]["id"], values.shape[1]

    def ask(self, what, **query):
        return self.viewer.get("recordings/%s/%s" % (self.id, what), **query)

    def traces(self, channels, first, count, columns):
        headers, body = self.ask("traces", channels=channels, first=first, count=count, columns=columns)
        n = len(listed(channels))
        values = np.frombuffer(body, FLOAT).reshape(n, int(headers["X-Limpid-Columns"]), -1)
        return headers, values

    def metrics(self):
        return json.loads(self.ask("metrics")[1])

    def wait(self, seconds=120):
        until = time.monotonic() + seconds
        while self.metrics()["done"] < 1:
            assert time.monotonic() < until, "the overview is not built"
            time.sleep(0.05)


def listed(text):
    out = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        out += range(int(low), int(high or low) + 1)
    return out


_shared = {}


def signals():
    """Those that most cases share."""
    if not _shared:
        path = scratch("made.npy")
        np.save(path, made())
        viewer = Viewer(path, "--rate", RATE, "--events", events_file())
        _shared["viewer"], _shared["signals"] = viewer, Signals(viewer, made())
    return _shared["signals"]


def outward(low, high):
    """float32 that are not inside; NaN stays."""
    a, b = low.astype(FLOAT), high.astype(FLOAT)
    a = np.where(a.astype(float) > low, np.nextafter(a, FLOAT(-np.inf)), a)
    return a, np.where(b.astype(float) < high, np.nextafter(b, FLOAT(np.inf)), b)


def bounds(x):
    """Lowest and highest number of each row; NaN if it has none."""
    none = np.isnan(x).all(axis=1)
    low = np.where(none, np.nan, np.where(np.isnan(x), np.inf, x).min(axis=1))
    high = np.where(none, np.nan, np.where(np.isnan(x), -np.inf, x).max(axis=1))
    return low, high


def edges_of(first, count, columns, block):
    edges = np.array([first + i * count // columns for i in range(columns + 1)])
    if block > 1:
        edges[1:-1] = (edges[1:-1] + block // 2) // block * block
    return edges


def check_columns(x, channels, first, count, columns, headers, values):
    edges = edges_of(first, count, columns, int(headers["X-Limpid-Block"]))
    assert headers["X-Limpid-Layout"] == "minmax"
    assert values.shape == (len(channels), columns, 2)
    for i in range(columns):
        low, high = outward(*bounds(x[channels, edges[i]:edges[i + 1]]))
        np.testing.assert_array_equal(values[:, i, 0], low)
        np.testing.assert_array_equal(values[:, i, 1], high)


# ---- Traces ----------------------------------------------------------------------------------------------------------

def traces_match(channels, first, count, columns):
    s = signals()
    headers, values = s.traces(channels, first, count, columns)
    assert float(headers["X-Limpid-Done"]) == 1
    if count <= 2 * columns:
        assert headers["X-Limpid-Layout"] == "samples"
        np.testing.assert_array_equal(values[:, :, 0], s.values[listed(channels), first:first + count].astype(FLOAT))
    else:
        check_columns(s.values, listed(channels), first, count, columns, headers, values)


for asked in [("0-4", 0, 50000, 100), ("0-4", 0, 50000, 1600), ("2", 7, 1, 1), ("3,0", 49000, 1000, 500),
              ("4", 100, 999, 7), ("0-2,4", 12345, 6789, 321), ("1", 49999, 1, 20), ("0", 0, 50000, 1),
              ("3", 39990, 5020, 251), ("0", 0, 201, 100), ("0", 0, 200, 100)]:
    add("traces_%s_%d_%d_%d" % asked, traces_match, *asked)


@case
def traces_from_blocks():
    """Long enough that columns come from the pyramid; while it is built, and from the whole."""
    rng = np.random.default_rng(5)
    x = rng.normal(0, 1, (40, 700001))
    x[7, 123456], x[39, 700000], x[0, 0] = 99, -99, 55
    x[3, 100000:300000] = np.nan
    path = scratch("long.npy")
    np.save(path, x.astype(FLOAT))
    x = x.astype(FLOAT).astype(float)
    with Viewer(path, "--rate", 5000) as viewer, viewer.news() as news:
        s = Signals(viewer, x)
        headers, values = s.traces("0-39", 0, s.n, 500)
        check_partly(x, headers, values, 0, s.n, 500)
        news.wait("pyramid", lambda item: item["id"] == s.id and item["done"] == 1)
        for channels, first, count, columns in [("0-39", 0, s.n, 500), ("0-39", 1, s.n - 1, 1600), ("0-39", 3333, 400000, 700),
                                                ("39,0-38", 100, 500000, 3), ("0-39", 64, 640000, 1000),
                                                ("0-39", 0, s.n, 1)]:
            headers, values = s.traces(channels, first, count, columns)
            assert int(headers["X-Limpid-Block"]) > 1 and float(headers["X-Limpid-Done"]) == 1
            check_columns(x, listed(channels), first, count, columns, headers, values)
        check_metrics(s)
    os.remove(path)


def check_partly(x, headers, values, first, count, columns):
    """What is known lies inside what is true; what is said to be whole is."""
    if float(headers["X-Limpid-Done"]) == 1:
        check_columns(x, range(len(x)), first, count, columns, headers, values)
        return
    edges = edges_of(first, count, columns, int(headers["X-Limpid-Block"]))
    for i in range(columns):
        low, high = outward(*bounds(x[:, edges[i]:edges[i + 1]]))
        known = ~np.isnan(values[:, i, 0])
        assert (values[known, i, 0] >= low[known]).all() and (values[known, i, 1] <= high[known]).all()


@case
def traces_that_are_refused():
    s = signals()
    path = "recordings/%s/traces" % s.id
    good = {"channels": "0", "first": 0, "count": 10, "columns": 10}
    for wrong in [{"channels": "5"}, {"channels": "0,0"}, {"channels": "3-1"}, {"channels": "0-"}, {"channels": "-1"},
                  {"channels": ""}, {"channels": "0,"}, {"channels": "0 1"}, {"channels": "+1"}, {"channels": "0x1"},
                  {"channels": "99999999999"}, {"first": -1}, {"first": 50001}, {"first": 49995}, {"count": 0},
                  {"count": 50001}, {"columns": 0}, {"columns": 20001}, {"first": "1.5"}, {"more": 1}]:
        s.viewer.refuses(400, path, **{**good, **wrong})
    s.viewer.refuses(404, "recordings/none/traces", **good)


@case
def traces_of_a_small_memory():
    """Blocks become coarser; short stretches are shown all the same."""
    x = np.random.default_rng(6).normal(0, 1, (64, 300000)).astype(FLOAT).astype(float)
    path = scratch("small-memory.npy")
    np.save(path, x)
    with Viewer(path, "--rate", 5000, "--memory", "12M") as viewer:
        s = Signals(viewer, x)
        s.wait()
        headers, values = s.traces("0-63", 5, s.n - 9, 20)
        assert int(headers["X-Limpid-Block"]) > 64, headers["X-Limpid-Block"]
        check_columns(x, range(64), 5, s.n - 9, 20, headers, values)
        headers, values = s.traces("3", 5, 20000, 100)
        check_columns(x, [3], 5, 20000, 100, headers, values)
    os.remove(path)


# ---- Samples, metrics, spectra ---------------------------------------------------------------------------------------

@case
def samples():
    s = signals()
    for channel, first, count in [(0, 0, 50000), (3, 40000, 7), (4, 49999, 1)]:
        got = np.frombuffer(s.ask("samples", channel=channel, first=first, count=count)[1])
        np.testing.assert_array_equal(got, s.values[channel, first:first + count])
    for wrong in [{"channel": 5}, {"count": 0}, {"first": 50000}, {"channel": -1}]:
        s.viewer.refuses(400, "recordings/%s/samples" % s.id, **{"channel": 0, "first": 0, "count": 1, **wrong})


def check_metrics(s):
    said = s.metrics()
    assert said["done"] == 1 and len(said["channels"]) == len(s.values)
    for row, x in zip(said["channels"], s.values):
        good = x[~np.isnan(x)]
        assert row["n_nan"] == len(x) - len(good)
        if len(good) == 0:
            assert row["min"] is row["max"] is row["mean"] is row["std"] is None
            continue
        assert (row["min"], row["max"]) == (good.min(), good.max())
        scale = np.abs(good).max()
        assert abs(row["mean"] - good.mean()) <= 1e-9 * scale and abs(row["std"] - good.std()) <= 1e-9 * scale
        assert row["flat_share"] == (x[1:] == x[:-1]).sum() / len(good)
        ends = (good == good.min()) | (good == good.max())
        assert row["clipped_share"] == ends.sum() / len(good)


@case
def metrics():
    s = signals()
    s.wait()
    check_metrics(s)


@case
def spectra():
    s = signals()
    for channels, first, count, segment in [("0-2", 0, 50000, 1024), ("1,0", 333, 5000, 1000), ("2", 0, 501, 501)]:
        headers, body = s.ask("spectrum", channels=channels, first=first, count=count, segment=segment)
        power = np.frombuffer(body).reshape(len(listed(channels)), int(headers["X-Limpid-Bins"]))
        f, expected = scipy.signal.welch(s.values[listed(channels), first:first + count], RATE, nperseg=segment,
                                         window="hann", detrend="constant")
        assert float(headers["X-Limpid-Bin-Hz"]) == f[1] - f[0] or np.isclose(float(headers["X-Limpid-Bin-Hz"]), f[1])
        np.testing.assert_allclose(power, expected, rtol=1e-7, atol=1e-9 * expected.max())
    path = "recordings/%s/spectrum" % s.id
    good = {"channels": "0", "first": 0, "count": 1000, "segment": 100}
    for wrong in [{"segment": 1}, {"segment": 1001}, {"count": 0}, {"channels": "x"}, {"first": 49500}]:
        s.viewer.refuses(400, path, **{**good, **wrong})


# ---- Epochs ----------------------------------------------------------------------------------------------------------

def expected_epochs(x, rate, onsets, before_s, after_s, offset_s):
    before, after = int(np.floor(before_s * rate + 0.5)), int(np.floor(after_s * rate + 0.5))
    rows = []
    for onset in onsets:
        first = int(np.floor((onset + offset_s) * rate + 0.5)) - before
        if first >= 0 and first + before + after <= len(x):
            rows.append(x[first:first + before + after])
    return np.array(rows)


def check_epochs(s, channel, onsets, rate, **query):
    headers, body = s.ask("epochs", channel=channel, **query)
    n = int(headers["X-Limpid-Samples"])
    got = np.frombuffer(body, FLOAT).reshape(-1, n)
    rows = expected_epochs(s.values[channel], rate, onsets, query["before_s"], query["after_s"], query["offset_s"])
    assert int(headers["X-Limpid-Epochs"]) == len(rows) and int(headers["X-Limpid-Events"]) == len(onsets)
    assert int(headers["X-Limpid-Trigger"]) == int(np.floor(query["before_s"] * rate + 0.5))
    shown = min(query["most"], len(rows))
    assert len(got) == 2 + shown
    if len(rows) == 0:
        assert np.isnan(got).all()
        return
    mean, std = np.nanmean(rows, axis=0), np.nanstd(rows, axis=0)
    scale = np.nanmax(np.abs(rows))
    np.testing.assert_allclose(got[0], mean, rtol=1e-6, atol=1e-9 * scale)
    np.testing.assert_allclose(got[1], std, rtol=1e-6, atol=1e-7 * scale)
    which = [k * (len(rows) - 1) // (shown - 1) if shown > 1 else 0 for k in range(shown)]
    np.testing.assert_array_equal(got[2:], rows[which].astype(FLOAT).reshape(shown, n))


@case
def epochs():
    s = signals()
    onsets = [t for t, label in EVENTS if label == "a"]
    for channel in 0, 2, 3:
        for window in [(0.1, 0.1, 0.0, 2), (0.0, 1.0, 0.0003, 0), (0.3, -0.1, 0.0, 100), (0.25, 0.2, 0.05, 1),
                       (0.25, 0.5, -0.0213, 3)]:
            check_epochs(s, channel, onsets, RATE, label="a",
                         **dict(zip(("before_s", "after_s", "offset_s", "most"), window)))
    check_epochs(s, 1, [2.5], RATE, label="b c", before_s=0.1, after_s=0.2, offset_s=0, most=5)
    check_epochs(s, 1, [2.5], RATE, label="b c", before_s=0.1, after_s=0.2, offset_s=100, most=5)
    path = "recordings/%s/epochs" % s.id
    good = {"label": "a", "channel": 0, "before_s": 0.1, "after_s": 0.1, "offset_s": 0, "most": 1}
    for wrong in [{"label": "b"}, {"label": ""}, {"channel": 5}, {"before_s": "x"}, {"before_s": 0, "after_s": 0},
                  {"before_s": -0.2}, {"after_s": 9999}, {"most": 1001}, {"before_s": "nan"}, {"offset_s": "inf"}]:
        s.viewer.refuses(400, path, **{**good, **wrong})


# ---- Recordings as they come -----------------------------------------------------------------------------------------

def as_numpy(path):
    """Samples by way of the command, whose readers are tested elsewhere."""
    out = scratch("as-numpy.npy")
    limpid("run", path, "write", out, "--overwrite")
    return np.load(out)


def whole_recording(path, *words):
    with Viewer(path, *words) as viewer:
        s = Signals(viewer, as_numpy(path) if not words else np.atleast_2d(np.load(path)).astype(float))
        s.wait()
        check_metrics(s)
        last = len(s.values) - 1
        for columns in 10, 333:
            headers, values = s.traces("0-%d" % last if last else "0", 0, s.n, columns)
            if headers["X-Limpid-Layout"] == "minmax":
                check_columns(s.values, range(last + 1), 0, s.n, columns, headers, values)
        events = viewer.json("recordings/%s/events" % s.id)["events"]
        rate = viewer.recordings()[0]["rate_hz"]
        for label in sorted({e["label"] for e in events})[:3]:
            onsets = [e["onset_s"] for e in events if e["label"] == label]
            check_epochs(s, last, onsets, rate, label=label, before_s=0.05, after_s=0.05, offset_s=0, most=4)
        assert "private" in s.ask("samples", channel=0, first=0, count=1)[0].get("Cache-Control", "private")


@case
def simulated_eeg():
    whole_recording(simulate("view.edf", "channels=4", "seconds=40"))


@case
def real_eeg_edf():
    whole_recording(shared_data("mne_io", "edf", "tests", "data", "test.edf"))


@case
def real_eeg_brainvision():
    folder = shared_data("mne_io", "brainvision")
    found = [os.path.join(d, f) for d, _, files in os.walk(folder) for f in files if f == "test.vhdr"]
    whole_recording(found[0])


@case
def real_ecg():
    path = shared_data("eegfmri_ecg", "ecg_1000hz_first500s.npy")
    whole_recording(path, "--rate", 1000, "--events", shared_data("eegfmri_ecg", "events.tsv"))


@case
def closing_while_it_is_built():
    """The overview stops with its recording and gives its memory back."""
    x = np.zeros((64, 300000), FLOAT)
    path = scratch("closing.npy")
    np.save(path, x)
    with Viewer(path, "--rate", 5000) as viewer:
        before = viewer.json("about")["memory"]["used_bytes"]
        for _ in range(5):
            s = Signals(viewer, x)
            s.traces("0-63", 0, s.n, 100)
            assert viewer.json("about")["memory"]["used_bytes"] > before
            viewer.delete("recordings/" + s.id)
            assert viewer.json("about")["memory"]["used_bytes"] == before
            viewer.post_json("recordings", {"path": path})
    os.remove(path)


@case
def answers_are_counted_until_they_have_gone():
    x = np.random.default_rng(8).normal(0, 1, (3, 1 << 20)).astype(FLOAT).astype(float)
    path = scratch("counted.npy")
    np.save(path, x.astype(FLOAT))
    with Viewer(path, "--rate", 1000, "--memory", "9M", "--events", events_file()) as viewer:
        s = Signals(viewer, x)
        s.wait()
        before = viewer.json("about")["memory"]["used_bytes"]
        one = {"first": 0, "count": 100000}
        for what, query in [("samples", {"channel": 0, **one}), ("traces", {"channels": "0-2", "columns": 500, **one}),
                            ("spectrum", {"channels": "0-2", "segment": 4096, **one}),
                            ("epochs", {"channel": 0, "label": "a", "after_s": 0.1})]:
            for _ in range(3):
                s.ask(what, **query)
            assert viewer.json("about")["memory"]["used_bytes"] == before, what
        assert "memory" in viewer.refuses(507, "recordings/%s/samples" % s.id, channel=0, first=0, count=s.n - 1)
        assert viewer.json("about")["memory"]["used_bytes"] == before
    os.remove(path)


@case
def spectra_of_many_channels_are_those_of_each():
    s = signals()
    every = s.ask("spectrum", channels="0-4", first=7, count=40000, segment=512)[1]
    each = [s.ask("spectrum", channels=c, first=7, count=40000, segment=512)[1] for c in range(5)]
    assert every == b"".join(each)


@case
def spectra_that_nobody_waits_for():
    """A page that has gone, while threads are at work for it."""
    x = np.random.default_rng(8).normal(0, 1, (32, 200000)).astype(FLOAT)
    path = scratch("spectra.npy")
    np.save(path, x)
    with Viewer(path, "--rate", 1000) as viewer:
        s = Signals(viewer, x)
        for _ in range(5):
            connection = http.client.HTTPConnection("127.0.0.1", viewer.port)
            connection.request("GET", viewer.path + "api/v1/recordings/%s/spectrum?channels=0-31&first=0&count=%d&segment=1024" % (s.id, s.n))
            connection.close()
        assert len(s.ask("spectrum", channels="0-31", first=0, count=s.n, segment=1024)[1]) == 32 * 513 * 8
    os.remove(path)


@case
def one_long_spectrum_that_nobody_waits_for():
    """One channel that would take a minute at least: given up by the page, then by the server that ends."""
    path, n = scratch("long.npy"), 10 ** 10
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (1, n)})
        file.truncate(file.tell() + 4 * n)
    with Viewer(path, "--rate", 1000) as viewer:
        asked = "api/v1/recordings/%s/spectrum?channels=0&first=0&count=%d&segment=%d" % (viewer.recordings()[0]["id"], n, 1 << 20)
        for is_last in (False, True):
            connection = http.client.HTTPConnection("127.0.0.1", viewer.port)
            before = viewer.cpu_seconds()
            connection.request("GET", viewer.path + asked)
            while viewer.cpu_seconds() - before < 0.2:
                time.sleep(0.02)
            began = time.monotonic()
            if is_last:
                viewer.stop()
            connection.close()
            while not is_last and viewer.is_busy():
                assert time.monotonic() - began < 30, "still at work"
            print("# given up after %.2f s at most" % (time.monotonic() - began))
    os.remove(path)


@end
def the_end():
    if _shared:
        _shared["viewer"].__exit__(None, None, None)


main()
