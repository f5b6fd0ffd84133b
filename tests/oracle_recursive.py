# SPDX-License-Identifier: BSD-3-Clause
"""The recursive motion estimate against its executable specification, tests/reference/minian_recursion.py, which works
in double precision.

Tolerance: 1e-4 px. Values of the correlation that decide are summed up in double precision, and only the means of
images are rounded to float32: differences of some 1e-7 px are seen. They are not a matter of degree, though: a shift is
rounded to 1/32 px before images are moved by it, and one that lies on the border moves by that much.
"""
import itertools
import json
import os
import subprocess
import sys

import numpy as np

from check import LIMPID, Skip, add, case, main, scratch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference"))
import minian_recursion

PROBE = os.environ.get("MOTION_PROBE", os.path.join(os.path.dirname(LIMPID), "tests", "motion_probe"))
TOLERANCE = 1e-4


def simulate(n, height, width, step, seed=0):
    """A periodic texture on a random walk, exactly displaced, under a vignette that stands still, with noise; 0 to 255."""
    rng = np.random.default_rng(seed)
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    blur = np.exp(-2 * (2.5 * np.pi) ** 2 * (fy ** 2 + fx ** 2))
    spectrum = np.fft.rfft2(rng.standard_normal((height, width))) * blur
    texture = np.fft.irfft2(spectrum, s=(height, width))
    walk = np.cumsum(rng.normal(0, step, (n, 2)), 0)
    frames = np.array([np.fft.irfft2(spectrum * np.exp(-2j * np.pi * (fy * dy + fx * dx)), s=(height, width))
                       for dy, dx in walk])
    frames = (frames - texture.min()) / np.ptp(texture) * 200
    y, x = np.mgrid[:height, :width]
    vignette = 0.25 + 0.75 * np.exp(-((2 * y / height - 1) ** 2 + (2 * x / width - 1) ** 2))
    return (frames * vignette + rng.normal(0, 3, frames.shape)).clip(0, 255)


MOVIES = {}


def movie(dtype, jumps):
    """Neighbours a fraction of a pixel apart, or several: then first and last frames matter too."""
    if (dtype, jumps) not in MOVIES:
        values = simulate(47, 61, 75, 3.0, 1) if jumps else simulate(60, 96, 128, 0.6)
        if dtype == "uint16":
            values = values * 200
        if dtype in ("int16", "int32"):
            values = values * 100 - 9000
        MOVIES[dtype, jumps] = values.astype(dtype)
    return MOVIES[dtype, jumps]


def probe(values, **words):
    """The first line of motion_probe, and dy, dx, flags of each frame."""
    path = scratch("movie.npy")
    np.save(path, values)
    done = subprocess.run([PROBE, path] + ["%s=%s" % (k.replace("_", "-"), v) for k, v in words.items()],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    facts = json.loads(lines[0])
    assert facts["nodes_computed"] == facts["nodes"], facts
    return facts, np.array([[float(word) for word in line.split()] for line in lines[1:]])


def equals(dtype, jumps, npart, chunk, aggregation, alt_error):
    values = movie(dtype, jumps)
    expected = minian_recursion.estimate(values, npart, chunk, alt_error, aggregation)
    _, found = probe(values, npart=npart, chunk=chunk, aggregation=aggregation, alt_error=alt_error,
                     minian_exact="yes", order=5)
    worst = np.abs(found[:, :2] - expected).max()
    assert worst <= TOLERANCE, "off by %.3g px" % worst
    assert (found[:, 2] == 0).all()


# The specification cannot merge a chunk that is left over alone where alt-error=0: chunks of 25 leave none.
for dtype, jumps, npart, aggregation, alt_error in itertools.product(
        ("uint8", "float32"), (False, True), (3, 4), ("mean", "max"), (5, 0)):
    add("equals_%s_%s_npart%d_%s_alt%d" % (dtype, "jumps" if jumps else "walk", npart, aggregation, alt_error),
        equals, dtype, jumps, npart, 11 if alt_error else 25, aggregation, alt_error)
for dtype in ("uint16", "int16", "int32", "float64"):
    add("equals_%s" % dtype, equals, dtype, True, 3, 20, "max" if dtype == "int32" else "mean", 5)
for npart, chunk in ((2, 7), (3, 1), (3, 46), (5, 250), (60, 250)):
    add("equals_npart%d_chunk%d" % (npart, chunk), equals, "uint8", True, npart, chunk, "mean", 5)


@case
def equals_with_circularity():
    """Frames below the median of their measures are not trusted; one group has none that is."""
    try:
        import cv2
    except ImportError:
        raise Skip("OpenCV is absent")
    cv2.setNumThreads(1)
    values = movie("uint8", True).copy()
    values[9:12] = np.clip(values[9:12].astype(int) // 8 + np.arange(75) // 2, 0, 255)
    measures = [minian_recursion.measure_circularity(frame) for frame in values]
    least = float(np.median(measures)) + 1e-4
    for alt_error in (5, 0):
        expected = minian_recursion.estimate(values, 3, 30, alt_error, circularity=least)
        _, found = probe(values, chunk=30, alt_error=alt_error, minian_exact="yes", circularity=repr(least))
        worst = np.abs(found[:, :2] - expected).max()
        assert worst <= TOLERANCE, "off by %.3g px" % worst
    assert np.abs(found[:, :2] - minian_recursion.estimate(values, 3, 30, 0)).max() > 0.01


@case
def specification_can_fail():
    """The frame that is kept as last matters: without minian-exact, results differ."""
    values = movie("uint8", True)
    expected = minian_recursion.estimate(values, 3, 20)
    assert np.abs(probe(values, npart=3, chunk=20)[1][:, :2] - expected).max() > TOLERANCE


@case
def same_bytes_in_any_order():
    values = movie("uint8", False)
    results = [probe(values, chunk=20, order=order)[1] for order in (0, 1, 2)]
    assert (results[0] == results[1]).all() and (results[0] == results[2]).all()


@case
def region_is_as_if_cut_out():
    values = movie("uint16", True)
    inside = probe(values, chunk=20, region="9,5,50,40")[1]
    assert (inside == probe(np.ascontiguousarray(values[:, 5:45, 9:59]), chunk=20)[1]).all()


if not os.access(PROBE, os.X_OK):
    raise SystemExit("%s is not there: build it, or name another one in MOTION_PROBE" % PROBE)
main()
