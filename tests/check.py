# SPDX-License-Identifier: BSD-3-Clause
"""Shared by all tests in Python: named cases, one line of TAP each, and how to call limpid.

    from check import case, main

    @case
    def highpass_keeps_ten_hertz():
        assert ...

    main()

A case fails by raising and is skipped by raising Skip("why"). `NAME.py WORD...` runs the cases whose name holds a word, and
those that end what cases share.
"""
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIMPID = os.path.abspath(os.environ.get("LIMPID", os.path.join(ROOT, "build", "limpid")))
SHARED = os.environ.get("LIMPID_SHARED", os.path.join(ROOT, "..", "shared"))

if not os.access(LIMPID, os.X_OK):
    sys.exit("%s is not there: build it, or name another one in LIMPID" % LIMPID)

_cases, _ends = [], []


class Skip(Exception):
    """Raised by a case that cannot run here."""


def add(name, function, *values):
    """A case called `name`: function(*values)."""
    _cases.append((name, lambda: function(*values)))


def case(function):
    """Decorator: the function is a case of its own name."""
    add(function.__name__, function)
    return function


def end(function):
    """Decorator: a case that ends what other cases share, if any of them has begun it; run last, whichever are chosen."""
    _ends.append((function.__name__, function))
    return function


def shared_data(*parts):
    """Path of a recording that is not part of the project; skips where it is absent."""
    path = os.path.join(SHARED, "data", *parts)
    if not os.path.exists(path):
        raise Skip(os.path.join("../shared/data", *parts) + " is absent")
    return path


_folders = {}


def _folder(place):
    if place not in _folders:
        _folders[place] = tempfile.mkdtemp(prefix="limpid-test-", dir=place)
        atexit.register(shutil.rmtree, _folders[place], ignore_errors=True)
    return _folders[place]


def use_disk():
    """For programs that must see a disk: scripts/test.sh puts temporary files into memory and the disk's folder into
    DISK_TMPDIR. Call it before anything is written."""
    assert not _folders
    if "DISK_TMPDIR" in os.environ:
        tempfile.tempdir = os.environ["TMPDIR"] = os.environ["DISK_TMPDIR"]


def scratch(name=""):
    """Path of `name` in a folder that is removed when the program ends."""
    return os.path.join(_folder(None), name)


def disk_scratch(name):
    """Likewise on the disk, for an output so large that room for it in memory takes seconds to get."""
    return os.path.join(_folder(os.environ.get("DISK_TMPDIR")), name)


def limpid(*words, code=0, timeout=120, **options):
    """Runs the command, checks its exit code (None: any) and returns the finished process with text in and out."""
    done = subprocess.run([LIMPID, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout, **options)
    if code is not None and done.returncode != code:
        raise AssertionError("limpid %s: exit code %d instead of %d\n%s%s" % (
            " ".join(map(str, words)), done.returncode, code, done.stdout[-2000:], done.stderr[-2000:]))
    return done


_simulated = {}


def simulate(name, *settings):
    """A simulated EEG-fMRI recording in the scratch folder, made once per program and name."""
    path = scratch(name)
    if name not in _simulated:
        limpid("simulate", "eeg-fmri", path, *settings)
        _simulated[name] = settings
    assert _simulated[name] == settings, "%s was made with other settings" % name
    return path


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def _run(number, name, function):
    began = time.monotonic()
    try:
        function()
    except Skip as why:
        print("ok %d - %s # SKIP %s" % (number, name, why), flush=True)
        return True
    except Exception as error:
        print("not ok %d - %s" % (number, name))
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename != os.path.abspath(__file__):
                print("# %s:%d: %s" % (os.path.basename(frame.filename), frame.lineno, frame.line))
        for line in ("%s: %s" % (type(error).__name__, error)).splitlines():
            print("# " + line)
        sys.stdout.flush()
        return False
    print("ok %d - %s # %.1f s" % (number, name, time.monotonic() - began), flush=True)
    return True


def main():
    """Runs the cases and exits: 0 if none failed, else 1."""
    words = sys.argv[1:]
    chosen = [(n, f) for n, f in _cases if not words or any(w in n for w in words)] + _ends
    print("1..%d" % len(chosen))
    results = [_run(i + 1, name, function) for i, (name, function) in enumerate(chosen)]
    sys.exit(0 if all(results) else 1)
