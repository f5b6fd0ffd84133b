# SPDX-License-Identifier: BSD-3-Clause
"""What the viewer's server says of movies, against NumPy on the same data.

Tolerances: whole numbers, frames, extremes, percentiles, histograms, courses of whole numbers: none. Means of whole
numbers by one division: none. Other sums are in double precision in another order: 1e-12 of the largest number involved.
Levels of floats and windows are rounded to the type they come in.
"""
import contextlib
import http.client
import io
import json
import os
import time
import warnings

import numpy as np

from check import add, case, end, limpid, main, scratch
from view import Refused, Viewer

TYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split()
N, H, W = 11, 37, 53


def movie(dtype, shape=(N, H, W), seed=3):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        x = rng.normal(50, 20, shape).astype(dtype)
        x[rng.random(shape) < 0.03] = np.nan
        x[2, :8, :8] = np.nan
        x[3] = np.nan
        return x
    info = np.iinfo(dtype)
    low, high = max(info.min, -2**52), min(info.max, 2**52) # what doubles hold
    x = rng.integers(low, high, shape, dtype=dtype, endpoint=True)
    x[0], x[1].flat[:4] = low, high
    return x


MOVIES = {dtype: movie(dtype) for dtype in TYPES}
MOVIES["colour"] = movie("uint8", (N, H, W, 3))
MOVIES["deep colour"] = movie("uint16", (N, H, W, 3))
NAMES = list(MOVIES)
PARTS = [(0, 0, W, H), (0, 0, 1, 1), (W - 1, H - 1, 1, 1), (5, 7, 20, 13), (0, 30, W, 7), (50, 0, 3, H)]

_opened = {}


def write(name):
    path = scratch(name.replace(" ", "-") + ".npy")
    if not os.path.exists(path):
        np.save(path, MOVIES[name])
    return path


def opened(name):
    """The viewer that all cases share, and the id of a movie in it."""
    if not _opened:
        _opened["viewer"] = viewer = Viewer(*[write(n) for n in NAMES])
        viewer.__enter__()
        for n, recording in zip(NAMES, viewer.recordings()):
            _opened[n] = recording["id"]
    return _opened["viewer"], _opened[name]


def image(answer):
    headers, body = answer
    shape = [int(n) for n in headers["X-Limpid-Shape"].split(",")]
    return np.frombuffer(body, headers["X-Limpid-Type"]).reshape(shape if shape[2] > 1 else shape[:2])


@contextlib.contextmanager
def quietly():
    """NumPy warns of statistics of nothing."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def same(ours, theirs):
    assert ours.dtype == theirs.dtype, (ours.dtype, theirs.dtype)
    np.testing.assert_array_equal(ours, theirs)


def near(ours, theirs, relative=1e-12):
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    assert (np.isnan(ours) == np.isnan(theirs)).all(), "NaN elsewhere"
    if np.isfinite(theirs).any():
        worst, most = np.nanmax(np.abs(ours - theirs)), np.nanmax(np.abs(theirs))
        assert worst <= relative * most, "off by %.6g of %.6g" % (worst, most)


def refused(code, words, ask):
    try:
        ask()
    except Refused as why:
        assert why.status == code and words in why.sentence, why
        return
    raise AssertionError("was answered, instead of %d" % code)


# ---- Frames

def frames(name):
    viewer, id = opened(name)
    for t in (0, 4, N - 1):
        same(image(viewer.get("recordings/%s/frames/%d" % (id, t))), MOVIES[name][t])
    for x, y, w, h in PARTS:
        same(image(viewer.get("recordings/%s/frames/5" % id, x=x, y=y, width=w, height=h)), MOVIES[name][5, y:y + h, x:x + w])


def level_of(frame, level):
    """Means of squares by whole numbers without limit, or by doubles without NaN."""
    side = 1 << level
    rows = range(0, frame.shape[0], side)
    columns = range(0, frame.shape[1], side)
    made = np.empty((len(rows), len(columns)) + frame.shape[2:], frame.dtype)
    for i, y in enumerate(rows):
        for j, x in enumerate(columns):
            square = frame[y:y + side, x:x + side].reshape(-1, *frame.shape[2:])
            if frame.dtype.kind == "f":
                with quietly():
                    made[i, j] = np.nanmean(square.astype(float), 0)
                continue
            sums, n = square.astype(object).sum(0), len(square)
            whole = lambda s: s // n + (2 * (s % n) > n or (2 * (s % n) == n and s // n % 2 == 1))
            made[i, j] = [whole(s) for s in sums] if frame.ndim == 3 else whole(sums)
    return made


def levels(name):
    viewer, id = opened(name)
    for level in range(9):
        headers, body = viewer.get("recordings/%s/frames/2" % id, level=level)
        ours, theirs = image((headers, body)), level_of(MOVIES[name][2], level)
        assert headers["X-Limpid-Level"] == str(level)
        same(ours, theirs) if ours.dtype.kind != "f" else near(ours, theirs, 1e-7 if name == "float32" else 1e-12)
    part = MOVIES[name][4, 3:33, 5:50]
    ours = image(viewer.get("recordings/%s/frames/4" % id, level=2, x=5, y=3, width=45, height=30))
    near(ours, level_of(part, 2), 1e-7)


# ---- Statistics

def statistics(name):
    viewer, id = opened(name)
    for t in (0, 1, 2, 5):
        for x, y, w, h in PARTS:
            for bins in (256, 7):
                ours = viewer.json("recordings/%s/frames/%d/statistics" % (id, t), x=x, y=y, width=w, height=h, bins=bins)
                values = MOVIES[name][t, y:y + h, x:x + w].astype(float).ravel()
                valid = values[np.isfinite(values)]
                assert (ours["n"], ours["n_nan"]) == (len(valid), len(values) - len(valid))
                if len(valid) == 0:
                    assert ours["min"] is ours["max"] is ours["mean"] is ours["std"] is None
                    assert not any(ours["histogram"]["counts"]) and ours["percentiles"] == {}
                    continue
                assert (ours["min"], ours["max"]) == (valid.min(), valid.max())
                scale = np.abs(valid).max()
                assert abs(ours["mean"] - valid.mean()) <= 1e-12 * scale, (ours["mean"], valid.mean())
                assert abs(ours["std"] - valid.std()) <= 1e-12 * scale + 1e-300
                for percent, value in ours["percentiles"].items():
                    assert value == np.percentile(valid, float(percent)), (percent, value)
                counts, edges = np.histogram(valid, bins)
                assert (ours["histogram"]["first"], ours["histogram"]["last"]) == (edges[0], edges[-1])
                np.testing.assert_array_equal(ours["histogram"]["counts"], counts)


def scans(name):
    viewer, id = opened(name)
    until = time.monotonic() + 180
    while time.monotonic() < until:
        headers, body = viewer.get("recordings/%s/scan" % id)
        if int(headers["X-Limpid-Done"]) == N:
            break
        time.sleep(0.02)
    ours = np.frombuffer(body).reshape(N, 4)
    x = MOVIES[name].reshape(N, -1).astype(float)
    with quietly():
        theirs = np.stack([np.nanmin(x, 1), np.nanmax(x, 1), np.nanmean(x, 1), np.nanstd(x, 1)], 1)
    np.testing.assert_array_equal(ours[:, :2], theirs[:, :2])
    near(ours[:, 2], theirs[:, 2])
    near(ours[:, 3], theirs[:, 3])


@case
def a_scan_tells_how_far_it_is():
    path = scratch("long.npy")
    np.save(path, movie("uint16", (400, 128, 128)))
    with Viewer(path) as viewer, viewer.news() as news:
        id = viewer.recordings()[0]["id"]
        headers, body = viewer.get("recordings/%s/scan" % id)
        assert len(body) == 400 * 4 * 8 and 0 <= int(headers["X-Limpid-Done"]) <= 400
        last = news.wait("scan", lambda item: item["done"] == 400)
        assert last["id"] == id and last["total"] == 400
        headers, body = viewer.get("recordings/%s/scan" % id)
        assert headers["X-Limpid-Done"] == "400" and "immutable" in headers["Cache-Control"]
        viewer.ask("DELETE", "recordings/%s" % id)
        viewer.json("about")


@case
def infinite_pixels_take_no_part():
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    x[0, 0, 0], x[0, 1, 1], x[1] = np.inf, -np.inf, np.nan
    path = scratch("infinite.npy")
    np.save(path, x)
    with Viewer(path) as viewer:
        id = viewer.recordings()[0]["id"]
        ours = viewer.json("recordings/%s/frames/0/statistics" % id)
        valid = x[0][np.isfinite(x[0])]
        assert (ours["min"], ours["max"], ours["n"], ours["n_nan"]) == (valid.min(), valid.max(), 10, 2)
        assert viewer.json("recordings/%s/frames/1/statistics" % id)["mean"] is None


# ---- Windows

def windows(name):
    viewer, id = opened(name)
    x = MOVIES[name]
    functions = {"mean": np.nanmean, "min": np.nanmin, "max": np.nanmax, "std": np.nanstd, "median": np.nanmedian}
    for stat, function in functions.items():
        for t, count, lag in [(0, 3, 0), (5, 4, -2), (N - 1, 5, -1), (1, 100, -50), (0, 1, 0), (0, 5, -9)]:
            ours = image(viewer.get("recordings/%s/frames/%d/window" % (id, t), stat=stat, count=count, lag=lag))
            frames = x[max(0, t + lag):max(0, t + lag + count)].astype(float)
            with quietly():
                theirs = function(frames, 0) if len(frames) else np.full(x.shape[1:], np.nan)
            assert ours.dtype == np.float32
            near(ours, theirs, 1.2e-7)
        with quietly():
            theirs = function(x[3:8, 3:33, 5:50].astype(float), 0).astype(np.float32)
        headers, body = viewer.get("recordings/%s/frames/5/window" % id, stat=stat, count=5, lag=-2, x=5, y=3, width=45, height=30, level=2)
        assert headers["X-Limpid-Level"] == "2"
        near(image((headers, body)), level_of(theirs, 2), 3e-7)


@case
def windows_are_those_of_sliding():
    viewer, id = opened("uint16")
    source, result = write("uint16"), scratch("slid.npy")
    limpid("run", source, "sliding", "std", "window=4", "lag=-2", "edges=shrink", "!", "write", result, "--overwrite")
    theirs = np.load(result)
    for t in range(N):
        near(image(viewer.get("recordings/%s/frames/%d/window" % (id, t), stat="std", count=4, lag=-2)), theirs[t], 1e-6)


# ---- Arrays

def arrays(name):
    viewer, id = opened(name)
    for query, part in [({}, np.s_[:]), (dict(first=2, count=4, step=2), np.s_[2:9:2]),
                        (dict(first=3, x=5, y=7, width=20, height=13), np.s_[3:, 7:20, 5:25])]:
        headers, body = viewer.get("recordings/%s/array" % id, **query)
        assert int(headers["Content-Length"]) == len(body) and "attachment" in headers["Content-Disposition"]
        same(np.load(io.BytesIO(body)), MOVIES[name][part])


# ---- Zones

ZONES = [
    {"name": "box", "shape": "rectangle", "x": 4, "y": 5, "width": 20, "height": 11, "colour": "#123456"},
    {"name": "turned", "shape": "rectangle", "x": 10, "y": 10, "width": 25, "height": 9, "angle": 33},
    {"name": "oval", "shape": "ellipse", "x": 20.5, "y": 2, "width": 30, "height": 29.5},
    {"name": "poly", "shape": "polygon", "points": [[1, 1], [50.5, 12], [30, 36], [7, 20]]},
    {"name": "dot", "shape": "pixel", "points": [[52, 36]]},
    {"name": "path", "shape": "polyline", "points": [[0, 0], [20, 30], [52, 5]]},
    {"name": "beyond", "shape": "rectangle", "x": 100, "y": 100, "width": 5, "height": 5},
    {"name": "all", "shape": "rectangle", "x": 0, "y": 0, "width": W - 1, "height": H - 1},
]


def masks(viewer, id):
    found = viewer.post_json("recordings/%s/members" % id, {"zones": ZONES})
    made = []
    for zone, member in zip(ZONES, found["zones"]):
        mask = np.zeros((H, W), bool)
        for y, x0, x1 in member["spans"]:
            mask[y, x0:x1 + 1] = True
        assert member["name"] == zone["name"] and member["n_pixels"] == mask.sum()
        made.append(mask)
    return made


def courses_of(viewer, id, n_colours, zones=None, **query):
    status, headers, body = viewer.ask("POST", "recordings/%s/courses" % id, {"zones": zones or ZONES}, **query)
    assert status == 200, body
    pixels = [int(n) for n in headers["X-Limpid-Pixels"].split(",")]
    return pixels, np.frombuffer(body).reshape(len(pixels), n_colours, -1)


def courses(name):
    viewer, id = opened(name)
    x = MOVIES[name].reshape(N, H, W, -1).astype(float)
    functions = {"mean": np.nanmean, "median": np.nanmedian, "min": np.nanmin, "max": np.nanmax, "std": np.nanstd, "sum": np.nansum}
    inside = masks(viewer, id)
    assert inside[0].sum() == 21 * 12 and inside[6].sum() == 0 and inside[7].all()
    for stat, function in functions.items():
        pixels, ours = courses_of(viewer, id, x.shape[3], stat=stat)
        assert pixels == [int(m.sum()) for m in inside]
        for z, mask in enumerate(inside):
            for c in range(x.shape[3]):
                with quietly():
                    chosen = x[:, mask, c]
                    theirs = function(chosen, 1) if mask.any() or stat == "sum" else np.full(N, np.nan)
                if stat in ("median", "min", "max"):
                    np.testing.assert_array_equal(ours[z, c], theirs)
                else:
                    near(ours[z, c], theirs, 1e-10 if stat == "sum" else 1e-12)
    _, all = courses_of(viewer, id, x.shape[3])
    _, some = courses_of(viewer, id, x.shape[3], first=1, step=3, count=3)
    np.testing.assert_array_equal(some, all[:, :, 1:10:3])


@case
def courses_have_the_bits_of_traces():
    for name in NAMES:
        viewer, id = opened(name)
        zones, result = scratch("zones.json"), scratch("traces.npy")
        with open(zones, "w") as file:
            json.dump(ZONES, file)
        limpid("run", write(name), "traces", zones, "outside=nan", "stat=mean", "!", "write", result, "type=float64", "--overwrite")
        theirs = np.load(result)
        _, ours = courses_of(viewer, id, 3 if "colour" in name else 1)
        assert theirs.dtype == float, theirs.dtype
        np.testing.assert_array_equal(ours.reshape(theirs.shape), theirs)
        os.remove(result)


# ---- What is refused

@case
def what_the_movie_has_not_is_refused():
    viewer, id = opened("uint8")
    of = "recordings/%s/" % id
    for path, query, words in [
            ("frames/11", {}, "11 frames"), ("frames/-1", {}, "frame=-1"), ("frames/x", {}, "frame=x"),
            ("frames/0", dict(level=9), "level"), ("frames/0", dict(x=53), "53"), ("frames/0", dict(width=54), "54"),
            ("frames/0", dict(x=50, width=4), "4 x 37"), ("frames/0", dict(width=0), "width"), ("frames/0", dict(y=37), "37"),
            ("frames/0", dict(colour=1), "colour"), ("frames/0/statistics", dict(bins=0), "bins"),
            ("frames/0/window", dict(stat="mode"), "stat"), ("frames/0/window", dict(count=0), "count"),
            ("frames/0/window", dict(level=9), "level"), ("frames/0/window", dict(x=50, width=4), "4 x 37"),
            ("frames/11/window", {}, "11 frames"), ("array", dict(first=11), "11 frames"), ("array", dict(count=12), "12"),
            ("array", dict(step=0), "step"), ("array", dict(first=10, count=2), "11 frames")]:
        refused(400, words, lambda: viewer.get(of + path, **query))
    refused(404, "no open recording", lambda: viewer.get("recordings/0123456789/frames/0"))
    for body, words in [({"zones": []}, "zone"), ({"zones": 3}, "zones"), ({}, "zones"),
                        ({"zones": [{"name": "a", "shape": "star"}]}, "shape"),
                        ({"zones": [ZONES[0], ZONES[0]]}, "box"), ({"zones": [dict(ZONES[0], x="1")]}, "number"),
                        ({"zones": [dict(ZONES[0], width=-1)]}, "box")]:
        refused(400, words, lambda: viewer.post(of + "courses", body))
        refused(400, words, lambda: viewer.post(of + "members", body))
    refused(400, "stat", lambda: viewer._accepted(viewer.ask("POST", of + "courses", {"zones": ZONES}, stat="mode")))
    refused(400, "frames", lambda: viewer._accepted(viewer.ask("POST", of + "courses", {"zones": ZONES}, first=11)))


# ---- Decoded and large movies

@case
def decoded_movies_come_from_the_cache():
    x = np.round(128 + 100 * np.sin(np.mgrid[:24, :60, :80].sum(0) / 9)).astype(np.uint8)
    source, folder = scratch("decoded.npy"), scratch("decoded.tif")
    np.save(source, x)
    limpid("run", source, "write", folder, "compress=yes")
    with Viewer(folder) as viewer:
        recording = viewer.recordings()[0]
        id = recording["id"]
        for t in list(range(24)) + [3, 20, 11, 10, 9, 8]:
            same(image(viewer.get("recordings/%s/frames/%d" % (id, t))), x[t])
        same(image(viewer.get("recordings/%s/frames/7" % id, x=3, y=5, width=11, height=13)), x[7, 5:18, 3:14])
        near(image(viewer.get("recordings/%s/frames/7/window" % id, stat="mean", count=6)), x[7:13].mean(0), 1e-6)
        _, ours = courses_of(viewer, id, 1, zones=[ZONES[0]])
        near(ours[0, 0], x[:, 5:17, 4:25].mean((1, 2)))
        _, body = viewer.get("recordings/%s/array" % id, first=20)
        same(np.load(io.BytesIO(body)), x[20:])


@case
def an_image_of_more_than_four_thousand_million_numbers():
    path = scratch("vast.npy")
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (1, 66000, 66000)})
        file.truncate(file.tell() + 66000 ** 2)
    with Viewer(path, "--memory", "8G") as viewer:
        at = "recordings/%s/frames/0" % viewer.recordings()[0]["id"]
        assert "part" in viewer.refuses(400, at + "/statistics")
        viewer.json("about")
    os.remove(path)


def vast_movie(path, shape, box):
    """A sparse movie of bytes: random ones in the box (slices of rows and columns), else 0."""
    inside = np.random.default_rng(5).integers(0, 255, (shape[0], box[0].stop - box[0].start, box[1].stop - box[1].start), np.uint8)
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        front = file.tell()
        file.truncate(front + int(np.prod(shape)))
        for t, frame in enumerate(inside):
            for y, row in enumerate(frame, box[0].start):
                file.seek(front + (t * shape[1] + y) * shape[2] + box[1].start)
                file.write(row)
    return inside


@case
def frames_larger_than_the_memory():
    """Three frames of 240 MB each in 64 MB (80 MB in builds with a sanitizer, whose own memory is no matter)."""
    short = "CHECK_SHORT" in os.environ
    rows = 4000 if short else 12000
    path, shape, box = scratch("vast.npy"), (3, rows, 20000), np.s_[rows // 2:rows // 2 + 64, 9984:10112]
    inside = vast_movie(path, shape, box)
    part = dict(x=box[1].start, y=box[0].start, width=128, height=64)
    with Viewer(path, "--memory", "64M") as viewer:
        id = viewer.recordings()[0]["id"]
        of = "recordings/%s/" % id
        same(image(viewer.get(of + "frames/1", **part)), inside[1])
        overview = image(viewer.get(of + "frames/2", level=6))
        assert overview.shape == (-(-rows // 64), 313) and np.count_nonzero(overview) == 4 # the box lies across squares
        for stat, function in (("mean", np.mean), ("median", np.median), ("std", np.std)):
            theirs = function(inside.astype(float), 0).astype(np.float32)
            near(image(viewer.get(of + "frames/1/window", stat=stat, count=3, lag=-1, **part)), theirs, 1.2e-7)
        found = image(viewer.get(of + "frames/0/window", stat="max", count=3, level=8))
        near(found.sum() * 256 ** 2, inside.max(0).sum(dtype=float), 1e-6)
        told = viewer.json(of + "frames/0/statistics")
        assert told["n"] == rows * 20000 and told["max"] == inside[0].max() and abs(told["mean"] * told["n"] / inside[0].sum(dtype=float) - 1) < 1e-12
        zone = dict(ZONES[0], x=box[1].start, y=box[0].start, width=127, height=63)
        near(courses_of(viewer, id, 1, zones=[zone])[1][0, 0], inside.mean((1, 2)))
        viewer.refuses(507, of + "frames/0")
        whole = dict(ZONES[0], x=0, y=0, width=19999, height=11999)
        viewer.refuses(507, of + "members", {"zones": [dict(whole, name=str(i)) for i in range(2000)]})
        headers, body = viewer.get(of + "array", **part)
        same(np.load(io.BytesIO(body)), inside)
        peak = viewer.resident_bytes(peak=True)
        assert peak < 110e6 or short, "%d MB were resident" % (peak / 1e6)
        print("# %d MB resident" % (peak / 1e6))
    os.remove(path)


@case
def twenty_gigabytes_open_at_once():
    path = scratch("huge.npy")
    shape = (10000, 1024, 1024)
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<u2", "fortran_order": False, "shape": shape})
        file.truncate(file.tell() + 2 * int(np.prod(shape)))
    began = time.monotonic()
    with Viewer(path, "--memory", "200M") as viewer:
        id = viewer.recordings()[0]["id"]
        assert not image(viewer.get("recordings/%s/frames/0" % id)).any()
        opening = time.monotonic() - began
        viewer.get("recordings/%s/scan" % id)
        for t in range(0, 9999, 500):
            assert not image(viewer.get("recordings/%s/frames/%d" % (id, t), level=t // 500 % 4)).any()
        courses_of(viewer, id, 1, zones=[ZONES[0]], step=50, count=200)
        peak = viewer.resident_bytes(peak=True)
        assert peak < 300e6, "%d MB were resident" % (peak / 1e6)
        print("# first frame after %.2f s, %d MB resident" % (opening, peak / 1e6))
    os.remove(path)


@case
def what_nobody_waits_for_is_given_up():
    """Courses that would take minutes, of a page that has gone."""
    path = scratch("slow.npy")
    np.save(path, movie("uint16", (1000, 256, 256)))
    zones = [dict(ZONES[0], name=str(i), x=0, y=0, width=255, height=255) for i in range(300)]
    with Viewer(path) as viewer:
        id = viewer.recordings()[0]["id"]
        connection = http.client.HTTPConnection("127.0.0.1", viewer.port)
        connection.request("POST", viewer.path + "api/v1/recordings/%s/courses?stat=median" % id, json.dumps({"zones": zones}),
                           {"Content-Type": "application/json"})
        began = time.monotonic()
        while viewer.cpu_seconds() < 0.2:
            assert time.monotonic() - began < 180, "did not begin"
            time.sleep(0.05)
        connection.close()
        while viewer.is_busy(0.5):
            assert time.monotonic() - began < 180, "still at work"
        viewer.json("about")


for name in NAMES:
    for function in (frames, levels, statistics, scans, windows, arrays, courses):
        add("%s of %s" % (function.__name__, name), function, name)


@end
def the_server_ends():
    if _opened:
        _opened.pop("viewer").__exit__(None, None, None)


main()
