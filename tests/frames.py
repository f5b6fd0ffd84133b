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
    line, data = done.stdout.split(b"\n", 1)
    header = json.loads(line)
    shape = (header["count"], header["height"], header["width"]) + ((3,) if header["n_colours"] == 3 else ())
    return header, np.frombuffer(data, header["type"]).reshape(shape)


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
