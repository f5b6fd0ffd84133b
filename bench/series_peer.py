# SPDX-License-Identifier: BSD-3-Clause
"""series_peer.py TASK [WORDS]: a task on an image series as one does it with NumPy, SciPy, numba and OpenCV. Prints, as
JSON, wall and CPU seconds without imports and compilation, or {"absent": why}."""
import glob
import json
import os
import sys
import time

import numpy


class Stopwatch:
    def __enter__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.wall, self.cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu


def save(path, values):
    """A result on the disk, as limpid leaves it."""
    with open(path, "wb") as file:
        numpy.save(file, values)
        file.flush()
        os.fsync(file.fileno())


def mapped(path):
    return numpy.load(path, mmap_mode="r")


# ---- Reductions ----

def reduce(source, stat, out):
    with Stopwatch() as watch:
        values = mapped(source)
        result = numpy.median(values, axis=0) if stat == "median" else getattr(values, stat)(axis=0)
        save(out, result)
    return watch


def reduce_numba(source, _, out):
    import numba

    @numba.njit(parallel=True)
    def mean(values):
        n, height, width = values.shape
        sums = numpy.zeros((height, width))
        for y in numba.prange(height):
            for t in range(n):
                for x in range(width):
                    sums[y, x] += values[t, y, x]
        return (sums / n).astype(numpy.float32)

    mean(mapped(source)[:2])
    with Stopwatch() as watch:
        save(out, mean(mapped(source)))
    return watch


# ---- Sliding mean ----

def sliding_scipy(source, window, out):
    from scipy.ndimage import uniform_filter1d
    window = int(window)
    with Stopwatch() as watch:
        values = mapped(source)
        means = uniform_filter1d(values, window, axis=0)
        save(out, means[window // 2:len(values) - window + 1 + window // 2])
    return watch


def sliding_numpy(source, window, out):
    """Differences of running sums, in double precision."""
    window = int(window)
    with Stopwatch() as watch:
        sums = numpy.cumsum(mapped(source), axis=0, dtype="f8")
        means = sums[window - 1:].copy()
        means[1:] -= sums[:-window]
        means /= window
        save(out, means.astype("f4"))
    return watch


# ---- Subtract and divide ----

def correct_to_file(source, out):
    with Stopwatch() as watch:
        values = numpy.load(source)
        values -= values.min(axis=0)
        values /= values.mean(axis=0)
        save(out, values)
    return watch


def correct_in_place(source, out):
    """Everything in memory: the array is there before the clock starts."""
    values = numpy.load(source)
    with Stopwatch() as watch:
        values -= values.min(axis=0)
        values /= values.mean(axis=0)
        save(out, values.mean(axis=0))
    return watch


def correct_by_images(source, dark, flat, out):
    values, dark, flat = numpy.load(source), numpy.load(dark), numpy.load(flat)
    with Stopwatch() as watch:
        numpy.subtract(values, dark, out=values)
        numpy.divide(values, flat, out=values)
        save(out, values.mean(axis=0))
    return watch


# ---- Loading ----

def load_images(folder, flag):
    import cv2
    cv2.setNumThreads(1)
    how = {"grey": cv2.IMREAD_GRAYSCALE, "colour": cv2.IMREAD_COLOR}[flag]
    with Stopwatch() as watch:
        names = sorted(glob.glob(os.path.join(folder, "*")))
        first = cv2.imread(names[0], how)
        values = numpy.empty((len(names), *first.shape), first.dtype)
        values[0] = first
        for i, name in enumerate(names[1:], 1):
            values[i] = cv2.imread(name, how)
    return watch


def load_video(path):
    import cv2
    cv2.setNumThreads(1)
    with Stopwatch() as watch:
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
        n = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        ok, frame = capture.read()
        values = numpy.empty((n, *frame.shape), frame.dtype)
        count = 0
        while ok:
            values[count] = frame
            count += 1
            ok, frame = capture.read()
    if count != n:
        sys.exit("series_peer: %s has %d frames, %d were read" % (path, n, count))
    return watch


TASKS = {function.__name__: function for function in (
    reduce, reduce_numba, sliding_scipy, sliding_numpy, correct_to_file, correct_in_place, correct_by_images, load_images,
    load_video)}


def main():
    try:
        watch = TASKS[sys.argv[1]](*sys.argv[2:])
        print(json.dumps({"seconds": watch.wall, "cpu": watch.cpu}))
    except ModuleNotFoundError as missing:
        print(json.dumps({"absent": missing.name}))


main()
