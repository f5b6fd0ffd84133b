# SPDX-License-Identifier: BSD-3-Clause
"""What the library measures without a run, against NumPy and SciPy: parts of frames of every way of reading, courses of
zones, spectra.

Tolerances: parts none; courses 1e-12, sums in another order, and none against step traces; spectra 1e-10 of the largest
density: another FFT.
"""
import os
import subprocess

import numpy as np

from check import LIMPID, Skip, case, limpid, main, scratch

try:
    import scipy.signal
except ImportError:
    scipy = None

PROBE = os.path.join(os.path.dirname(LIMPID), "tests", "measure_probe")
RANDOM = np.random.default_rng(5)
T, H, W = 30, 41, 67
MOVIE = RANDOM.integers(0, 60000, (T, H, W)).astype(np.uint16)
COLOUR = RANDOM.integers(0, 255, (T, H, W, 3)).astype(np.uint8)
ZONES = ('[{"name": "box", "shape": "rectangle", "x": 5, "y": 20, "width": 30, "height": 11},'
         ' {"name": "disc", "shape": "ellipse", "x": 30, "y": 3, "width": 25, "height": 25},'
         ' {"name": "beyond", "shape": "pixel", "points": [[200, 200]]}]')


def probe(dtype, path, *words, code=0):
    if not os.access(PROBE, os.X_OK):
        raise Skip("measure_probe is not built")
    done = subprocess.run([PROBE, path, *map(str, words)], capture_output=True)
    assert done.returncode == code, done.stderr
    return np.frombuffer(done.stdout, dtype) if code == 0 else done.stderr.decode()


def made():
    """The same movies as files that are lent, read by rows, by columns, and decoded whole."""
    files = {"lent": (scratch("lent.npy"), MOVIE), "by rows": (scratch("rows.npy"), MOVIE.astype(">u2")),
             "by columns": (scratch("columns.npy"), np.asfortranarray(MOVIE)), "colour": (scratch("colour.npy"), COLOUR),
             "packed": (scratch("packed.npz"), MOVIE)}
    for path, values in files.values():
        if not os.path.exists(path):
            np.savez_compressed(path, movie=values) if path.endswith("z") else np.save(path, values)
    for name, words in {"decoded": ["decoded.tif", "compress=yes"], "chunks": ["chunks.zarr"]}.items():
        path = scratch(words[0])
        if not os.path.exists(path):
            limpid("run", files["lent"][0], "write", path, *words[1:])
        files[name] = (path, MOVIE)
    return files


@case
def parts_of_frames():
    for name, (path, values) in made().items():
        native = values.astype(values.dtype.newbyteorder("="))
        for first, count, x, y, w, h in [(0, T, 0, 0, W, H), (7, 5, 0, 3, W, 20), (29, 1, 66, 40, 1, 1), (3, 20, 10, 0, 30, H),
                                         (0, 3, 5, 7, 11, 13), (4, 0, 0, 0, 1, 1)]:
            ours = probe(native.dtype, path, "part", first, count, x, y, w, h)
            theirs = native[first:first + count, y:y + h, x:x + w]
            assert (ours == theirs.ravel()).all() and ours.size == theirs.size, (name, first, count)
    for words in [(0, 31, 0, 0, 1, 1), (-1, 1, 0, 0, 1, 1), (0, 1, 67, 0, 1, 1), (0, 1, 0, 40, 1, 2), (0, 1, 0, 0, 0, 1)]:
        assert "asked for" in probe(None, made()["lent"][0], "part", *words, code=3)


def inside():
    y, x = np.mgrid[:H, :W]
    box = (x >= 5) & (x <= 35) & (y >= 20) & (y <= 31)
    disc = (2 * x - 85) ** 2 + (2 * y - 31) ** 2 <= 625
    return [box, disc, np.zeros((H, W), bool)]


@case
def courses_of_zones():
    functions = {"mean": np.mean, "median": np.median, "min": np.min, "max": np.max, "std": np.std, "sum": np.sum}
    for name, (path, values) in made().items():
        x = values.reshape(T, H, W, -1).astype(float)
        for first, count, step in [(0, T, 1), (3, 6, 4), (29, 1, 1), (5, 10, 1)]:
            for stat, function in functions.items():
                ours = probe(float, path, "zones", ZONES, stat, first, count, step).reshape(3, -1, count)
                for z, mask in enumerate(inside()):
                    chosen = x[first:first + (count - 1) * step + 1:step][:, mask]
                    if mask.any():
                        theirs = function(chosen, 1).T
                        assert np.abs(ours[z] - theirs).max() <= 1e-12 * theirs.max(), (name, stat)
                    else:
                        assert (ours[z] == 0).all() if stat == "sum" else np.isnan(ours[z]).all()
    path = made()["lent"][0]
    assert "step=0" in probe(None, path, "zones", ZONES, "mean", 0, 1, 0, code=3)
    assert "one statistic" in probe(None, path, "zones", ZONES, "mean,max", 0, 1, 1, code=3)
    assert "the recording has 30" in probe(None, path, "zones", ZONES, "mean", 0, 11, 3, code=3)
    assert "the recording has 30" in probe(None, path, "zones", ZONES, "mean", 0, 2**62, 2**62, code=3)


@case
def courses_have_the_bits_of_traces():
    with open(scratch("zones.json"), "w", encoding="utf-8") as file:
        file.write(ZONES)
    for path, _ in made().values():
        result = scratch("traces.npy")
        limpid("run", path, "traces", scratch("zones.json"), "outside=nan", "!", "write", result, "type=float64", "--overwrite")
        theirs = np.load(result)
        np.testing.assert_array_equal(probe(float, path, "zones", ZONES, "mean", 0, T, 1).reshape(theirs.shape), theirs)


@case
def spectra_of_scipy():
    if scipy is None:
        raise Skip("SciPy is absent")
    rate, x = 250.0, RANDOM.normal(3, 20, (2, 5000))
    x[1] += 50 * np.sin(2 * np.pi * 10 * np.arange(5000) / rate)
    path = scratch("signals.npy")
    np.save(path, x)
    for channel, first, count, segment in [(0, 0, 5000, 500), (1, 0, 5000, 512), (1, 17, 3001, 501), (0, 4000, 1000, 1000),
                                           (1, 100, 2, 2)]:
        ours = probe(float, path, "spectrum", rate, channel, first, count, segment)
        _, theirs = scipy.signal.welch(x[channel, first:first + count], rate, "hann", segment, segment - segment // 2)
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= 1e-10 * theirs.max(), (segment, np.abs(ours - theirs).max() / theirs.max())
    x[0, 2000:2010] = np.nan
    np.save(path, x)
    ours = probe(float, path, "spectrum", rate, 0, 0, 5000, 500)
    whole = [s for s in range(0, 4501, 250) if not np.isnan(x[0, s:s + 500]).any()]
    theirs = np.mean([scipy.signal.welch(x[0, s:s + 500], rate, "hann", 500)[1] for s in whole], 0)
    assert np.abs(ours - theirs).max() <= 1e-10 * theirs.max()
    assert np.isnan(probe(float, path, "spectrum", rate, 0, 2000, 100, 100)).all()
    assert "2 to 50" in probe(None, path, "spectrum", rate, 0, 0, 50, 51, code=3)
    assert "no channel 2" in probe(None, path, "spectrum", rate, 2, 0, 50, 50, code=3)


@case
def a_saved_session_is_a_chain():
    path, result = made()["lent"][0], scratch("session.npy")
    with open(scratch("session.json"), "w", encoding="utf-8") as file:
        file.write('{"limpid_session": 1, "inputs": ["%s"], "current": 0, "chain": [{"step": "crop", "x": "5", "width": "20"},'
                   ' {"step": "flip", "axis": "x"}], "zones": %s, "view": {"frame": 3, "contrast": {"low": 1.5}}}' % (path, ZONES))
    limpid("run", path, "--chain", scratch("session.json"), "--out", result, "--overwrite")
    assert (np.load(result) == MOVIE[:, :, 5:25][:, :, ::-1]).all()


main()
