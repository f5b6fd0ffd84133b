# SPDX-License-Identifier: BSD-3-Clause
"""Shared by the oracles of movies: frames as limpid reads them, through tests/frames_probe."""
import json
import os
import subprocess

import numpy as np

from check import LIMPID, Skip

PROBE = os.environ.get("FRAMES_PROBE", os.path.join(os.path.dirname(LIMPID), "tests", "frames_probe"))


class Refused(Exception):
    """The sentence with which a file was not opened, or not read."""


def probe(path, *frames, timeout=120, **options):
    """Header and array (frames, rows, columns[, colours]) of a movie; of all frames, or FIRST [COUNT]."""
    if not os.path.exists(PROBE):
        raise Skip("frames_probe is not built")
    words = [PROBE, path, *map(str, frames)] + ["%s=%s" % item for item in options.items()]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
    if done.returncode == 3:
        sentence = done.stderr.decode().strip()
        assert sentence and len(sentence.splitlines()) == 1, sentence
        raise Refused(sentence)
    assert done.returncode == 0 and done.stderr == b"", (path, done.returncode, done.stderr[-500:])
    end = done.stdout.index(b"\n")
    header = json.loads(done.stdout[:end])
    shape = (header["count"], header["height"], header["width"]) + ((3,) if header["n_colours"] == 3 else ())
    return header, np.frombuffer(done.stdout, header["type"], offset=end + 1).reshape(shape)


def refusal(path, **options):
    """The sentence; the file must not open."""
    try:
        probe(path, **options)
    except Refused as why:
        return str(why)
    raise AssertionError(path + " opened, but should be refused")


def need(module, name):
    """Skips where a module could not be imported."""
    if module is None:
        raise Skip(name + " is absent")


# ---- Arrays --------------------------------------------------------------------------------------------------------


def native(array):
    """The array in the type that limpid gives it: in this machine's byte order, without truths and half floats."""
    kinds = {"b": np.uint8, "e": np.float32}
    char = array.dtype.char if array.dtype.char == "e" else array.dtype.kind
    return array.astype(kinds.get(char, array.dtype.newbyteorder("=")))


def as_movie(array):
    """What limpid makes of an array without names: its rules of types and shapes, in NumPy."""
    array = native(array)
    if array.ndim == 5:
        assert array.shape[1:3] == (1, 1)
        array = array[:, 0, 0]
    if array.ndim == 2:
        return array[None]
    if array.ndim == 3 and array.shape[2] in (3, 4) and min(array.shape[:2]) > 4:
        return array[None, ..., :3]
    if array.ndim == 4 and array.shape[3] == 1:
        return array[..., 0]
    return array[..., :3] if array.ndim == 4 else array


def same(got, wanted):
    assert got.dtype == wanted.dtype and got.shape == wanted.shape, (got.dtype, got.shape, wanted.dtype, wanted.shape)
    assert got.tobytes() == np.ascontiguousarray(wanted).tobytes(), "values differ"


def numbers(shape, dtype, seed=1, patches=False):
    """Any number that the type can hold, of floats in many sizes; NaN without payload, which conversions may change. With
    patches: every third integer is the same, so that compressors have something to do."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.kind == "f":
        values = (rng.normal(0, 1, shape) * 10.0 ** rng.integers(-7, 4, shape)).astype(dtype)
        values.flat[:3] = [np.nan, np.inf, -0.0]
        return values
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    values = rng.integers(low, high, shape, dtype.newbyteorder("="), endpoint=True).astype(dtype)
    if patches:
        values.reshape(-1)[::3] = 7
    return values
