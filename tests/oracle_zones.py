# SPDX-License-Identifier: BSD-3-Clause
"""Zones and analysis of movies through the command, against NumPy, SciPy and whole numbers.

Membership of pixels is decided with Python's fractions, so sums of whole numbers must agree exactly; sums of floats are
those of double precision in another order, hence 1e-12 relative. What passes through float32 or a table of 9 digits is
compared to that.
"""
import csv
import json
import math
from fractions import Fraction

import numpy as np

from check import Skip, add, case, limpid, main, scratch

try:
    from scipy import ndimage
except ImportError:
    ndimage = None

T, H, W = 23, 61, 83
RANDOM = np.random.default_rng(7)
BYTES = RANDOM.integers(0, 256, (T, H, W), dtype=np.uint8)
WORDS = RANDOM.integers(0, 65536, (T, H, W, 3), dtype=np.uint16)
FLOATS = RANDOM.normal(50, 20, (T, H, W)).astype(np.float32)
FLOATS[RANDOM.random(FLOATS.shape) < 0.02] = np.nan

POLYGONS = {
    "triangle": [[5, 5], [60.5, 20], [10, 50.25]],
    "bow": [[0, 0], [40, 40], [40, 0], [0, 40]],
    "star": [[40, 2], [52, 55], [5, 20], [75, 22], [28, 55]],
    "hanging": [[-20, -7.5], [30.1, 10.7], [120.3, 80.9], [-3, 66]],
    "fractions": [[0.1, 0.2], [70.3, 3.7], [33.3, 58.1], [20.7, 30.9]],
}
BOXES = {"box": [10, 7, 30, 21], "edge": [70.5, 40.5, 40, 40]}
ELLIPSES = {"disc": [10, 7, 30, 30], "oval": [20, 3, 33, 51]}
LINE = {"name": "path", "shape": "polyline", "points": [[3.25, 3.5], [50, 40.5], [70, 10]]}


def in_polygon(points, x, y):
    """Even-odd, edges inside, in exact arithmetic."""
    points = [(Fraction(a), Fraction(b)) for a, b in points]
    inside = False
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
        cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if cross == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
        if (ay > y) != (by > y) and (cross > 0) == (by > ay):
            inside = not inside
    return inside


def in_ellipse(box, x, y):
    left, top, width, height = (Fraction(v) for v in box)
    u, v = 2 * x - 2 * left - width, 2 * y - 2 * top - height
    return (u * height) ** 2 + (v * width) ** 2 <= (width * height) ** 2


def masks():
    made = {}
    where = [(x, y) for y in range(H) for x in range(W)]
    for name, points in POLYGONS.items():
        made[name] = np.array([in_polygon(points, x, y) for x, y in where]).reshape(H, W)
    for name, (x0, y0, w, h) in BOXES.items():
        made[name] = np.array([x0 <= x <= x0 + w and y0 <= y <= y0 + h for x, y in where]).reshape(H, W)
    for name, box in ELLIPSES.items():
        made[name] = np.array([in_ellipse(box, x, y) for x, y in where]).reshape(H, W)
    return made


MASKS = masks()


def zones_file():
    zones = [{"name": n, "shape": "polygon", "points": p} for n, p in POLYGONS.items()]
    for shape, boxes in (("rectangle", BOXES), ("ellipse", ELLIPSES)):
        zones += [{"name": n, "shape": shape, "x": b[0], "y": b[1], "width": b[2], "height": b[3]}
                  for n, b in boxes.items()]
    with open(scratch("zones.json"), "w", encoding="utf-8") as file:
        json.dump({"zones": zones + [LINE]}, file)
    return scratch("zones.json")


def run(movie, *words, out="out.npy"):
    """The chain on an array; what the .npy holds that it writes."""
    np.save(scratch("in.npy"), movie)
    limpid("run", scratch("in.npy"), "--rate", "10", "--kind", "movie", *words, "!", "write", scratch(out), "--overwrite")
    return np.load(scratch(out)) if out.endswith(".npy") else rows_of(scratch(out))


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def record_of(step):
    with open(scratch("out.npy.limpid.json"), encoding="utf-8") as file:
        text = json.load(file)
    found = [s for s in text["chain"] if s.get("step", s.get("name")) == step]
    return found[0].get("record", found[0])


# ---- Traces ----------------------------------------------------------------------------------------------------------

STATS = {"mean": np.nanmean, "median": np.nanmedian, "min": np.nanmin, "max": np.nanmax, "std": np.nanstd,
         "sum": np.nansum, "count": lambda x, axis: np.sum(~np.isnan(x), axis=axis)}


def traces_are_those_of_numpy(movie, tolerance):
    movie4 = movie if movie.ndim == 4 else movie[..., None]
    for stat, function in STATS.items():
        made = run(movie, "traces", "zones=" + zones_file(), "stat=" + stat)
        lane = 0
        for name, mask in MASKS.items():
            for c in range(movie4.shape[3]):
                want = function(movie4[:, mask, c].astype(float), axis=1)
                assert np.all(np.abs(made[lane] - want) <= tolerance * np.abs(want)), (name, stat)
                lane += 1
        assert made.shape[0] == lane + movie4.shape[3]


add("traces_of_bytes", traces_are_those_of_numpy, BYTES, 1e-14)
add("traces_of_colours", traces_are_those_of_numpy, WORDS, 1e-14)
add("traces_of_floats_with_nan", traces_are_those_of_numpy, FLOATS, 1e-12)


@case
def traces_as_csv():
    rows = run(BYTES, "traces", "zones=" + zones_file(), out="out.csv")
    assert list(rows[0]) == ["frame", "time_s", *MASKS, "path"]
    want = BYTES[:, MASKS["star"]].mean(axis=1)
    for t, row in enumerate(rows):
        assert int(row["frame"]) == t and abs(float(row["time_s"]) - t / 10) < 1e-9
        assert abs(float(row["star"]) - want[t]) <= 1e-8 * want[t]


# ---- Masks, profiles, kymographs -------------------------------------------------------------------------------------

@case
def masks_of_zones_and_of_an_image():
    union = np.any(list(MASKS.values()), axis=0)
    with open(scratch("one.json"), "w", encoding="utf-8") as file:
        json.dump([{"name": "star", "shape": "polygon", "points": POLYGONS["star"]}], file)
    made = run(BYTES, "mask", "zones=" + scratch("one.json"))
    assert made.dtype == np.float32
    assert np.array_equal(made, np.where(MASKS["star"], BYTES, np.nan), equal_nan=True)
    np.save(scratch("mask.npy"), union[None].astype(np.uint8))
    made = run(WORDS, "mask", "file=" + scratch("mask.npy"), "keep=outside", "fill=7")
    assert made.dtype == np.uint16 and np.array_equal(made, np.where(union[:, :, None], 7, WORDS))


def path_samples():
    points = np.array(LINE["points"], float)
    xy, normals = [], []
    for a, b in zip(points, points[1:]):
        length = math.hypot(*(b - a))
        n = math.ceil(length)
        normal = np.array([-(b - a)[1], (b - a)[0]]) / length
        for k in range(n):
            xy.append(a + (b - a) * k / n)
            normals.append(normal)
    return np.array(xy + [points[-1]]), np.array(normals + [normal])


@case
def line_profiles_are_those_of_map_coordinates():
    if ndimage is None:
        raise Skip("SciPy is absent")
    xy, normals = path_samples()
    movie = FLOATS.copy()
    movie[np.isnan(movie)] = 3
    want = np.zeros((T, len(xy)))
    for t in range(T):
        for j in range(-2, 3):
            at = xy + j * normals
            want[t] += ndimage.map_coordinates(movie[t].astype(float), [at[:, 1], at[:, 0]], order=1) / 5
    words = ["axis=line", "zones=" + zones_file(), "zone=path", "width=2"]
    profile = run(movie, "profile", *words).reshape(T, -1)
    kymograph = run(movie, "kymograph", *words).reshape(T, -1)
    inside = np.all([(xy + j * normals >= 0).all(axis=1) for j in (-2, 2)], axis=0)
    for made in (profile, kymograph):
        assert made.shape == want.shape
        assert np.max(np.abs(made - want)[:, inside]) < 1e-4 * np.max(want)
    assert np.max(np.abs(kymograph - profile)) <= 1e-6 * np.max(want)


@case
def axis_profiles_are_means_without_nan():
    assert np.allclose(run(FLOATS, "profile", "y=9", "width=3").reshape(T, W), np.nanmean(FLOATS[:, 6:13], axis=1),
                       rtol=1e-6)
    made = run(FLOATS, "kymograph", "axis=vertical", "x=1", "width=4").reshape(T, H)
    assert np.allclose(made, np.nanmean(FLOATS[:, :, :6], axis=2), rtol=1e-6)


# ---- Histogram, components, correlation, events ----------------------------------------------------------------------

@case
def histograms_are_those_of_numpy():
    valid = FLOATS[~np.isnan(FLOATS)].astype(float)
    made = run(FLOATS, "histogram", "bins=50")
    assert np.array_equal(made.reshape(-1), np.histogram(valid, 50)[0])
    made = run(BYTES, "histogram", "bins=37", "range=10,200", "per=frame", "table=" + scratch("h.csv"), "--overwrite")
    want = np.array([np.histogram(f, 37, (10, 200))[0] for f in BYTES])
    assert np.array_equal(made, want.T)
    for t, row in enumerate(rows_of(scratch("h.csv"))):
        assert int(row["below"]) == np.sum(BYTES[t] < 10) and int(row["above"]) == np.sum(BYTES[t] > 200)
        assert [int(row["bin%d" % b]) for b in range(37)] == list(want[t])


def cells():
    """Five blobs of their own time courses, and noise."""
    y, x = np.mgrid[:H, :W]
    movie = 100 + RANDOM.normal(0, 0.5, (60, H, W))
    for k in range(5):
        blob = np.exp(-((y - 10 - 9 * k) ** 2 + (x - 12 - 13 * k) ** 2) / 40)
        movie += (40 - 6 * k) * RANDOM.normal(size=60)[:, None, None] * blob
    return movie.astype(np.float32)


def components_are_those_of_svd(method, tolerance):
    movie = cells()
    a = movie.reshape(60, -1).astype(float)
    a -= a.mean(axis=0)
    u, s, v = np.linalg.svd(a, full_matrices=False)
    made = run(movie, "pca", "components=5", "method=" + method, "scores=" + scratch("s.csv"), "--overwrite").reshape(5, -1)
    rows = rows_of(scratch("s.csv"))
    scores = np.array([[float(r["pc%d" % (k + 1)]) for k in range(5)] for r in rows])
    for k in range(5):
        sign = np.sign(v[k][np.argmax(np.abs(v[k]))])
        assert np.max(np.abs(made[k] - sign * v[k])) < tolerance, (k, np.max(np.abs(made[k] - sign * v[k])))
        assert np.max(np.abs(scores[:, k] - sign * u[:, k] * s[k])) < 100 * tolerance * s[k]
        assert made[k][np.argmax(np.abs(made[k]))] > 0
    ratios = find(json.load(open(scratch("out.npy.limpid.json"), encoding="utf-8")), "explained_variance_ratio")
    assert np.allclose(ratios, s[:5] ** 2 / np.sum(s ** 2), rtol=max(1e-9, tolerance ** 2))


def find(tree, key):
    """The value of a key anywhere in a record."""
    if isinstance(tree, dict):
        if key in tree:
            return tree[key]
        tree = list(tree.values())
    for item in tree if isinstance(tree, list) else []:
        found = find(item, key)
        if found is not None:
            return found
    return None


add("components_exact", components_are_those_of_svd, "exact", 1e-6)
add("components_randomised", components_are_those_of_svd, "randomised", 1e-5)


@case
def components_are_the_same_bits_for_any_threads():
    np.save(scratch("in.npy"), cells())
    for method in ("exact", "randomised"):
        made = []
        for options in (["--threads", "1"], ["--threads", "2"], ["--threads", "2", "--block", "7"]):
            limpid("run", scratch("in.npy"), *options, "pca", "components=5", "method=" + method, "!", "write",
                   scratch("out.npy"), "--overwrite")
            made.append(np.load(scratch("out.npy")).tobytes())
        assert made[0] == made[1] == made[2]


@case
def correlations_are_those_of_corrcoef():
    a = np.cumsum(RANDOM.normal(size=200))
    movie = np.zeros((200, 4, 4), np.float32)
    movie[:, 1, 1], movie[:, 2, 2] = a, np.roll(a, 6) + RANDOM.normal(0, 0.1, 200)
    with open(scratch("two.json"), "w", encoding="utf-8") as file:
        json.dump([{"name": n, "shape": "pixel", "x": k, "y": k} for k, n in ((1, "a"), (2, "b"))], file)
    made = run(movie, "traces", "zones=" + scratch("two.json"), "!", "correlate", "max-lag=15",
               "table=" + scratch("r.csv"), "--overwrite").reshape(-1)
    x, y = movie[:, 1, 1].astype(float), movie[:, 2, 2].astype(float)
    for lag in range(-15, 16):
        n = abs(lag)
        p, q = (x[: 200 - n], y[n:]) if lag >= 0 else (x[n:], y[: 200 - n])
        assert abs(made[lag + 15] - np.corrcoef(p, q)[0, 1]) < 1e-12
    assert rows_of(scratch("r.csv"))[0]["lag"] == str(int(np.argmax(np.abs(made))) - 15)


@case
def events_are_those_of_the_definition():
    x = np.arange(W)
    movie = np.array([np.exp(-((x - 20 - t) ** 2) / (8 + t)) for t in range(T)], np.float32)[:, None, :]
    movie = movie + RANDOM.normal(0, 0.01, movie.shape).astype(np.float32)
    for extent in ("global", "local"):
        for n in (1, 4, 5):
            made = run(movie, "events", "extent=" + extent, "smooth=%d" % n)
            for t in range(T):
                s = movie[t, 0].astype(float)
                f = np.cumsum(s - s.mean())
                if n > 1:
                    f = np.array([np.pad(f, n, mode="reflect")[n + i - n // 2:][:n].mean() for i in range(W)])
                eye = int(np.argmax(s))
                start, end = int(np.argmin(f)), int(np.argmax(f))
                if extent == "local":
                    turns = np.flatnonzero(np.diff(np.sign(np.diff(f)))) + 1
                    start = max([m for m in turns if m < eye], default=0)
                    end = min([m for m in turns if m >= eye], default=W - 1)
                assert list(made[:, t]) == [start, eye, end], (extent, n, t)


# ---- Cropping and measuring ------------------------------------------------------------------------------------------

@case
def autocrop_keeps_the_bright_box():
    movie = np.full((6, 100, 150), 12, np.uint16)
    for t in range(6):
        movie[t, 30 + 5 * t:40 + 5 * t, 60:110] = 900 + t
    highest = movie.max(axis=0).astype(float)
    low, high = np.percentile(highest, [1, 99])
    y, x = np.nonzero(highest >= low + 0.05 * (high - low))
    top, left = max(y.min() - 3, 0), max(x.min() - 5, 0)  # 3 % of 100; 4.5 rounded up
    bottom, right = min(y.max() + 3, 99), min(x.max() + 5, 149)
    assert np.array_equal(run(movie, "autocrop"), movie[:, top:bottom + 1, left:right + 1])


@case
def shapes_are_measured():
    shapes = [
        {"name": "square", "shape": "rectangle", "x": 5, "y": 5, "width": 30, "height": 20, "angle": 30},
        {"name": "arrow", "shape": "polygon", "points": [[0, 0], [20, 10], [0, 20], [10, 10]]},
        {"name": "arrow back", "shape": "polygon", "points": [[10, 10], [0, 20], [20, 10], [0, 0]]},
        {"name": "oval", "shape": "ellipse", "x": 0, "y": 0, "width": 40, "height": 20, "angle": 17},
        {"name": "way", "shape": "polyline", "points": [[0, 0], [3, 4], [3, 10]]}]
    with open(scratch("shapes.json"), "w", encoding="utf-8") as file:
        json.dump(shapes, file)
    made = run(BYTES, "measure", "zones=" + scratch("shapes.json"), "table=" + scratch("m.csv"), "pixel-um=2", "--overwrite")
    assert np.array_equal(made, BYTES)
    square, arrow, back, oval, way = rows_of(scratch("m.csv"))
    number = lambda row, key: float(row[key])
    assert np.allclose([number(square, k) for k in ("perimeter_px", "area_px2", "centroid_x_px", "area_um2")],
                       [100, 600, 20, 2400], rtol=1e-8)
    assert np.allclose([float(a) for a in square["angles_deg"].split()], 90)
    tip = 2 * math.degrees(math.atan(0.5))
    side = (180 - tip - 90) / 2 + 0
    angles = [45 - tip / 2, tip, 45 - tip / 2, 270]
    assert np.allclose([float(a) for a in arrow["angles_deg"].split()], angles) and side > 0
    assert np.allclose([float(a) for a in back["angles_deg"].split()], angles[::-1])
    assert abs(sum(angles) - 360) < 1e-9 and abs(number(arrow, "area_px2") - 100) < 1e-9
    t = np.linspace(0, 2 * np.pi, 200001)
    assert abs(number(oval, "perimeter_px") - np.sum(np.hypot(np.diff(20 * np.cos(t)), np.diff(10 * np.sin(t))))) < 1e-5
    assert abs(number(oval, "area_px2") - 200 * np.pi) < 1e-5
    assert number(way, "perimeter_px") == 11 and number(way, "perimeter_um") == 22 and way["angles_deg"] == ""


main()
