# SPDX-License-Identifier: BSD-3-Clause
"""motion_peer.py TASK [WORDS]: motion of a movie as one finds and corrects it with scikit-image and OpenCV, and what else
bench_motion.py needs of NumPy. Prints JSON: wall and CPU seconds of the work alone, without imports, or {"absent": why}."""
import csv
import json
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy

from timing import ROOT


class Stopwatch:
    def __enter__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.wall, self.cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu

    def told(self, **more):
        return {"seconds": self.wall, "cpu": self.cpu, **more}


def one_thread():
    import cv2
    cv2.setNumThreads(1)
    return cv2


def shifts_of(path, sign=1):
    with open(path, encoding="utf-8") as file:
        return [(sign * float(row["dy_px"]), sign * float(row["dx_px"])) for row in csv.DictReader(file)]


def move(cv2, frame, shift, out=None, border=None):
    """Bilinear; the content moves by (dy, dx)."""
    matrix = numpy.array([[1, 0, shift[1]], [0, 1, shift[0]]])
    return cv2.warpAffine(frame, matrix, frame.shape[::-1], out, cv2.INTER_LINEAR,
                          cv2.BORDER_CONSTANT if border is None else border)


def true_template(cv2, frames, truth, numbers):
    """The mean of frames that the truth has moved: better than a user has, so that errors are the estimate's own."""
    moved = [move(cv2, frames[t].astype("f4"), (-truth[t][0], -truth[t][1]), border=cv2.BORDER_REPLICATE) for t in numbers]
    return numpy.mean(moved, axis=0, dtype="f8").astype("f4")


# ---- Finding shifts: each frame on one template, every n-th frame ----

def estimate(source, truth, how, every):
    cv2 = one_thread()
    frames = numpy.load(source, mmap_mode="r")
    numbers = list(range(0, len(frames), int(every)))
    template = true_template(cv2, frames, shifts_of(truth), numbers)
    if how.startswith("skimage"):
        from skimage.registration import phase_cross_correlation
        normalization = "phase" if how == "skimage-phase" else None

        def shift(frame):
            return phase_cross_correlation(template, frame, upsample_factor=100, normalization=normalization)[0]
    else:
        window = cv2.createHanningWindow(template.shape[::-1], cv2.CV_32F) if how == "opencv-hann" else None

        def shift(frame):
            (dx, dy), _ = cv2.phaseCorrelate(template, frame.astype("f4"), window)
            return -dy, -dx
    with Stopwatch() as watch:
        found = [shift(frames[t]) for t in numbers]
    return watch.told(numbers=numbers, shifts=[[float(v) for v in one] for one in found])


# ---- Moving frames ----

def apply(source, shifts, out):
    """From a file into a file that reaches the disk."""
    cv2 = one_thread()
    known = shifts_of(shifts)
    with Stopwatch() as watch:
        frames = numpy.load(source)
        moved = numpy.empty_like(frames)
        for t, shift in enumerate(known):
            move(cv2, frames[t], shift, moved[t])
        with open(out, "wb") as file:
            numpy.save(file, moved)
            file.flush()
            os.fsync(file.fileno())
    return watch.told()


def apply_in_memory(source, shifts):
    cv2 = one_thread()
    known = shifts_of(shifts)
    frames = numpy.load(source)
    moved = frames.copy()  # pages that have been touched
    with Stopwatch() as watch:
        for t, shift in enumerate(known):
            move(cv2, frames[t], shift, moved[t])
    return watch.told()


# ---- The specification of method=recursive ----

def recursion(source, chunk):
    sys.path.insert(0, os.path.join(ROOT, "tests", "reference"))
    import minian_recursion
    frames = numpy.load(source)
    with Stopwatch() as watch:
        found = minian_recursion.estimate(frames, chunk=int(chunk))
    return watch.told(shifts=found.tolist())


# ---- The field of method=piecewise ----

EVERY = 4  # px of motion_field's rows and columns
MARGIN = 64 // EVERY  # half a patch: nearer to the edges fields are continued, not measured


def field_error(field, truth):
    """Of the places where the pixels of a corrected movie come from, in pixels, once a constant is removed: one that all
    frames and places share, or one for each place, the mean bend of the frames, which no estimate can know."""
    with open(truth, encoding="utf-8") as file:
        told = json.load(file)
    n, height, width = told["frames"], told["height"], told["width"]
    y, x = numpy.mgrid[0:height:EVERY, 0:width:EVERY]
    error = numpy.fromfile(field, "f4").reshape(n, *y.shape, 2).astype("f8")
    steps = max(float(numpy.abs(numpy.diff(error, axis=axis)).max()) for axis in (1, 2))
    for i, axis in enumerate("yx"):
        wave = told["bend"][axis]
        shape = numpy.sin(wave["y_rad_per_px"] * y + wave["x_rad_per_px"] * x + wave["phase_rad"])
        path, bend = numpy.array(told["d%s_px" % axis]), numpy.array(told["bend_px"])
        error[..., i] -= path[:, None, None] + bend[:, None, None] * shape
    shared = numpy.linalg.norm(error - error.mean(axis=(0, 1, 2)), axis=-1)
    placed = numpy.linalg.norm(error - error.mean(axis=0), axis=-1)
    inside = slice(None), slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN)
    made = {"placed, inside": placed[inside], "shared, inside": shared[inside], "placed": placed, "shared": shared}
    return {"errors": {name: [float(one.mean()), float(one.max())] for name, one in made.items()}, "largest_step": steps}


# ---- Movies ----

def repeat(source, out, times):
    """Forwards, backwards, forwards ...: as long as wanted, without a jump."""
    frames = numpy.load(source, mmap_mode="r")
    n = len(frames)
    made = numpy.lib.format.open_memmap(out, "w+", frames.dtype, (n * int(times), *frames.shape[1:]))
    for i in range(int(times)):
        made[i * n:(i + 1) * n] = frames[::-1] if i % 2 else frames
    made.flush()
    return {}


def part(source, out, n):
    numpy.save(out, numpy.load(source, mmap_mode="r")[:int(n)])
    return {}


def backwards(source, out):
    numpy.save(out, numpy.load(source, mmap_mode="r")[::-1])
    return {}


TASKS = {function.__name__: function for function in (
    estimate, apply, apply_in_memory, recursion, field_error, repeat, part, backwards)}


def main():
    try:
        print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
    except ModuleNotFoundError as missing:
        print(json.dumps({"absent": missing.name}))


main()
