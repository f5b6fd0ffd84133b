# SPDX-License-Identifier: BSD-3-Clause
"""The same bits for any number of threads, memory limit and block length: for every step of the registry that works on
movies, on whole numbers and on floats with NaN, and for whole chains, scratch files and every way a source may be read.

With CHECK_SHORT set (ThreadSanitizer) bits are beside the point, races are not: every setting of every step runs with
several threads twice, on a smaller movie.

A new step is tested as soon as it is in the registry. If a parameter of it has no default, it also gets a line in
SETTINGS."""
import itertools
import json
import os

import numpy

import check
from check import add, limpid, read_bytes, scratch

SHORT = "CHECK_SHORT" in os.environ
THREADS = [1, 2, 7]
MEMORY = ["least", "2G"]
BLOCKS = [0, 1, 7]  # 0: as the plan decides
FRAMES, HEIGHT, WIDTH = 60, 200, 110 if SHORT else 170  # two or three bands of rows
FEW = 14 if SHORT else 24

BEFORE = {"events": ["profile", "!"]}
ZONES = [
    {"name": "a", "shape": "rectangle", "x": 3, "y": 5, "width": 60, "height": 150},
    {"name": "b", "shape": "polygon", "points": [[10, 10], [80.5, 30], [60, 190]]},
    {"name": "line", "shape": "polyline", "points": [[4, 4], [70, 50], [30, 180]]},
]
SETTINGS = {
    "crop": [["x=7", "y=11", "width=64", "height=150"]],
    "frames": [["range=5:50"], ["range=3:55:7"]],
    "reduce": [["mean"], ["std"], ["stat=max,min,sum,p5"], ["median"]],
    "sliding": [["mean"], ["median", "window=7"], ["std", "edges=shrink"], ["max", "lag=3"]],
    "subtract": [["from=range", "range=2:40", "stat=median"], ["from=sliding", "window=9"]],
    "convert": [["type=uint16", "overflow=clip"], ["type=float64"]],
    "clip": [["low=60", "high=120"]],
    "glow": [[], ["range=3:50:2"]],
    "denoise": [[], ["gaussian"], ["anisotropic", "niter=3"]],
    "background": [[], ["uniform"]],
    "stripes": [["both", "size=21"]],
    "gamma": [["exponent=0.5"]],
    "resize": [["width=50", "height=61"]],
    "motion": [
        [],
        ["shifts=" + scratch("found.csv"), "template-out=" + scratch("template.npy")],
        ["shifts=" + scratch("found.csv"), "border=crop", "max-shift=3"],
        ["shifts=" + scratch("found.csv"), "bad-frames=interpolate", "apply=no"],
        ["method=recursive", "chunk=12", "shifts=" + scratch("found.csv")],
        ["method=piecewise"],
        ["method=piecewise", "border=crop", "bad-frames=interpolate"],
    ],
    "motion-apply": [[], ["interpolation=bicubic", "border=crop"], ["interpolation=fourier"]],
    "isolines": [["table=" + scratch("lines.csv")]],
    "measure": [["table=" + scratch("measured.csv")]],
    "divide": [["from=range"], ["from=sliding", "window=5", "stat=mean", "amount=0.5"]],
}
SLOW = ("background", "denoise", "motion", "stripes")  # with CHECK_SHORT their movie has fewer frames
SLOWEST = ("method=piecewise", "size=21")  # always


def movie(kind):
    """60 frames of noise, drift and spots; the floats with some NaN. "few ...": FEW of them."""
    path = scratch(kind + ".npy")
    if os.path.exists(path):
        return path
    random = numpy.random.default_rng(7)
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    values = 90 + 40 * numpy.sin(x / 17) * numpy.cos(y / 23) + 10 * random.standard_normal((FRAMES, HEIGHT, WIDTH))
    values += numpy.linspace(0, 30, FRAMES)[:, None, None]
    if kind.startswith("few"):
        values = values[:FEW]
    if kind.endswith("uint8"):
        numpy.save(path, values.clip(0, 255).round().astype("u1"))
    elif kind == "colour":
        numpy.save(path, numpy.stack([values, values[::-1], 255 - values], axis=3).clip(0, 255).round().astype("u1"))
    elif kind == "swapped":  # big-endian: read, not lent
        numpy.save(path, (values * 100).round().astype(">u2"))
    else:
        values[random.random(values.shape) < 0.001] = numpy.nan
        numpy.save(path, values.astype("f4"))
    return path


def long_movie():
    """3200 small frames of a pattern that drifts: `motion` learns several templates."""
    path = scratch("long.npy")
    random = numpy.random.default_rng(5)
    big = numpy.kron(random.integers(20, 200, (30, 34)), numpy.ones((3, 3), "u1"))
    frames = numpy.empty((3200, 50, 66), "u1")
    for t in range(len(frames)):
        y, x = 10 + t // 400 + t % 3, 14 - t // 500 + t % 2
        frames[t] = big[y:y + 50, x:x + 66] + random.integers(0, 40, (50, 66))
    numpy.save(path, frames)
    return path


def zones():
    path = scratch("zones.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(ZONES, file)
    return path


def shifts():
    """Whole and fractional, for 60 frames."""
    path = scratch("shifts.csv")
    with open(path, "w", encoding="utf-8") as file:
        file.write("frame,dy_px,dx_px\n")
        file.writelines("%d,%.3f,%.3f\n" % (t, t % 7 - 3, t * 0.37 % 5 - 2) for t in range(FRAMES))
    return path


def runs(half):
    """(threads, memory, block), the first as reference. Half 0 and half 1 are every combination together, and each of
    them holds every pair of threads and memory, threads and block, memory and block."""
    if SHORT:
        yield from [(2, "least", 0), (7, "160M", 7)]
        return
    yield 1, "2G", 0
    for (i, threads), (j, memory), (k, block) in itertools.product(*map(enumerate, (THREADS, MEMORY, BLOCKS))):
        if (i + j + k) % 2 == half and (i, j, k) != (0, 1, 0):
            yield threads, memory, block


def output(words, threads, memory, block):
    """All that the run makes: the movie, and the files that `motion` writes beside it."""
    path = scratch("out.npy")
    limpid(*words, "write", path, "--threads", threads, "--memory", memory, *(["--block", block] if block else []),
           "--overwrite", "--progress", "none")
    beside = [w.split("=")[1] for w in words if w.startswith("template-out=") or w == "shifts=" + scratch("found.csv")]
    return [read_bytes(made) for made in [path, *beside]]


def smallest_memory(words, block):
    """The limit that a refused run names."""
    said = limpid(*words, "write", scratch("refused.npy"), "--memory", "1K", *(["--block", block] if block else []),
                  code=5).stderr
    return said.split("--memory ")[1].split()[0]


def same_bits(words, half):
    reference = None
    for threads, memory, block in runs(half):
        limit = smallest_memory(words, block) if memory == "least" else memory
        got = output(words, threads, limit, block)
        reference = reference or got
        assert got == reference, "other bits with --threads %s --memory %s --block %s" % (threads, limit, block)


def variants(step):
    """Settings to try; zones and files are filled in by the parameters' names."""
    needs = [p["name"] for p in step["params"] if p.get("default") in (None, "")]
    settings = SETTINGS.get(step["name"], [[]])
    for words in settings:
        words = list(words)
        if "zones" in needs and not any(w.startswith("zones=") for w in words):
            words.append("zones=" + zones())
        if "shifts" in needs and step["name"] == "motion-apply":
            words.append("shifts=" + shifts())
        yield words


for step in json.loads(limpid("steps", "--json").stdout):
    if step["kind"] not in ("movies", "any") or step["grain"] == "sink":
        continue
    for words in variants(step):
        slow = step["name"] in SLOW if SHORT else any(w in SLOWEST for w in words)
        for half, kind in enumerate(["uint8"] if SHORT else ["uint8", "float32"]):
            kind = "few " + kind if slow else kind
            chain = ["run", movie(kind), *BEFORE.get(step["name"], []), step["name"], *words, "!"]
            add("step %s on %s" % (" ".join([step["name"], *(w.split("/")[-1] for w in words)]), kind), same_bits, chain, half)

WHOLE = {
    "fused": "subtract from=range range=:20 ! divide from=sliding window=5 ! reduce std",
    "frames, then bands, then frames": "smooth sigma=1 ! sliding mean window=4 ! flip ! reduce mean,max",
    "measured": "subtract from=range ! traces",
}
for name, text in WHOLE.items():
    for kind, half in {"uint8": 0, "float32": 1, "swapped": 0, "colour": 1}.items():
        add("whole chain: %s, %s" % (name, kind), same_bits, ["run", movie(kind), *text.split(), "!"], half)

LONG = ["motion", "max-shift=5", "shifts=" + scratch("found.csv"), "template-out=" + scratch("template.npy"), "!"]
if not SHORT:
    add("motion of several stretches", same_bits, ["run", long_movie(), *LONG], 0)

check.main()
