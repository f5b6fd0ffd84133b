# SPDX-License-Identifier: BSD-3-Clause
"""limpid beside scikit-image, OpenCV, cp and the transforms that an estimate cannot do without, in one run: the same
simulated movies, whose motion is known, of 480 x 752 pixels and uint8.

CPU time of limpid is that of the whole command over all frames: start-up, learning, reading, digest and record count. Of
the peers it is that of the loop over frames alone, on every tenth frame, and their template is made with the truth. An
error is the distance of shift and truth after the mean over the frames has been taken off. Of rows without a file to
write the round with the least CPU time counts, of the others the quickest. Memory is the highest resident memory, mapped
pages of files included."""
import argparse
import csv
import math
import os
import shutil
import tempfile
import time

from table import Bar, Report
from timing import BUILD, LIMPID, PYTHON, ROOT, contest, own_clock, run, whole

FFT2, MOVE_IMAGES, MOTION_FIELD = (os.path.join(BUILD, "bench", name) for name in ("fft2", "move_images", "motion_field"))
PEER = os.path.join(ROOT, "bench", "motion_peer.py")
THREADS = 2
HEIGHT, WIDTH = 480, 752
FRAME_BYTES = HEIGHT * WIDTH
SEED = 20260704  # of no movie that anything was tuned on
ROUNDS = 4
ENOUGH_DISK_S = 30.0  # who needs longer than this runs once, where the disk decides
EVERY = 10  # frames that peers get: they are slow
FEW = 30  # frames for the specification, which is slower still
LIMIT_BYTES = 256 << 20
BEYOND_LIMIT_BYTES = 48 << 20  # code, libraries and metadata: ALLOWANCE in tests/memory_movie.py
MOVIES = {"15": ("motion=15",), "3": ("motion=3", "step=0.11", "jump-size=0.8")}  # by their largest displacement, px

# What must be.
MOST_MEAN_PX, MOST_MAX_PX = 0.035, 0.13
MOST_ESTIMATE_MS, MOST_APPLY_MS, MOST_RECURSIVE_MS = 0.32, 0.06, 6.0
LEAST_FRAMES_S = 4000  # or what the disk takes
MOST_RECURSIVE_PX = 1e-4
MOST_FIELD_PX = 0.15
MOST_GROWTH = 1.1  # of time per frame, from 1,000 frames to many


class MotionReport(Report):
    """Every group has its own numbers; a bar is printed behind them."""

    def group(self, title, *columns):
        self.columns = columns
        self.open_group(title, ("%-50s " % title) + " ".join("%12s" % name for name in columns) + "  must be")

    def row(self, what, *numbers, bars=()):
        cells = " ".join("%12s" % ("" if n is None else n if isinstance(n, str) else "%.4g" % n) for n in numbers)
        wanted = "; ".join("%s %s" % (bar.text, bar.wanted()) for bar in bars)
        filled = cells + " " * (13 * (len(self.columns) - len(numbers)))
        self.add("%-50s %s  %s" % (what, filled, wanted), what, dict(zip(self.columns, numbers)), bars)


def read_shifts(path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    flagged = sum(int(row.get("flag") or 0) != 0 for row in rows)
    return [(float(row["dy_px"]), float(row["dx_px"])) for row in rows], flagged


def errors(found, truth):
    """Mean and largest distance; the truth is the displacement, shifts are minus that."""
    apart = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(found, truth)]
    mean = [sum(axis) / len(apart) for axis in zip(*apart)]
    lengths = [math.hypot(y - mean[0], x - mean[1]) for y, x in apart]
    return sum(lengths) / len(lengths), max(lengths)


class Bench:
    def __init__(self, folder, report, options):
        self.folder, self.report, self.options = folder, report, options
        self.frames = 200 if options.quick else 1000
        self.estimate_ms = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def drop(self, *names):
        for name in names:
            path = self.path(name)
            shutil.rmtree(path) if os.path.isdir(path) else os.path.exists(path) and os.remove(path)

    # ---- Movies ----

    def simulate(self, name, *settings):
        path = self.path(name + ".npy")
        if not os.path.exists(path):
            run([LIMPID, "simulate", "miniscope", path, "seed=%d" % SEED, "frames=%d" % self.frames, *settings, "--quiet",
                 "--no-record", "--progress", "none"])
            os.remove(self.path(name + ".truth.npy"))
        return path

    def movie(self, reach="15"):
        return self.simulate("moved-" + reach, *MOVIES[reach])

    def truth(self, reach="15"):
        return self.path("moved-%s.truth.csv" % reach)

    def longer(self, times):
        path = self.path("times-%d.npy" % times)
        if not os.path.exists(path):
            self.peer("repeat", self.movie(), path, str(times))()
        return path

    def linked(self, times):
        """A folder of links to the movie, forwards and backwards: any length, without room on the disk."""
        folder = self.path("links")
        if not os.path.exists(folder):
            self.peer("backwards", self.movie(), self.path("backwards.npy"))()
            os.makedirs(folder)
            for i in range(times):
                os.symlink(self.path("backwards.npy") if i % 2 else self.movie(), os.path.join(folder, "part_%04d.npy" % i))
        return folder

    # ---- Contestants ----

    def peer(self, task, *words):
        return lambda: own_clock([PYTHON, PEER, task, *words])

    def limpid(self, *words, threads=1):
        quiet = ["--overwrite", "--quiet", "--progress", "none", "--threads", str(threads)]
        return lambda: self.writing([LIMPID, *words, *quiet])

    def writing(self, words):
        """Every file is written anew: the pages of its predecessor are free for it."""
        self.drop("ours.npy")
        return whole(words)

    def copy(self, source):
        words = ["sh", "-c", 'cp "$1" "$2" && sync "$2"', "sh", source, self.path("copy.npy")]

        def fresh():
            self.drop("copy.npy")
            return whole(words)
        return fresh

    def estimate(self, source, *settings, threads=1, table="found.csv"):
        return self.limpid("motion", source, "--shifts", self.path(table), *settings, threads=threads)

    def correct(self, source, *settings, threads=1):
        return self.limpid("motion", source, self.path("ours.npy"), *settings, threads=threads)

    def per_frame(self, cost, frames=None):
        return 1e3 * cost["cpu"] / (frames or self.frames)

    def timed(self, value, name, most):
        """Short movies say nothing of time per frame: no bar."""
        return [] if self.options.quick else [Bar(value, name, most=most)]

    # ---- Groups ----

    def accuracy(self):
        for reach in MOVIES:
            source, truth = self.movie(reach), read_shifts(self.truth(reach))[0]
            self.report.group("Error, +-%s px" % reach, "mean px", "max px", "CPU ms/frame", "frames", "flagged")
            self.report.row("as it is", *errors([(0, 0)] * len(truth), truth), None, len(truth))
            made = contest({"": self.estimate(source)}, ROUNDS, by="cpu")[""]
            found, flagged = read_shifts(self.path("found.csv"))
            mean, most = errors(found, truth)
            self.report.row("limpid", mean, most, self.per_frame(made), len(found), flagged, bars=[
                Bar(mean, "mean", most=MOST_MEAN_PX), Bar(most, "max", most=MOST_MAX_PX)])
            numbers = range(0, len(truth), EVERY)
            self.report.row("limpid, the peers' frames", *errors([found[t] for t in numbers], [truth[t] for t in numbers]), None,
                            len(numbers))
            for name, how in (("scikit-image, normalization=None", "skimage"), ("scikit-image, normalization=\"phase\"",
                                                                               "skimage-phase"),
                              ("OpenCV phaseCorrelate", "opencv"), ("OpenCV phaseCorrelate, Hann window", "opencv-hann")):
                theirs = self.peer("estimate", source, self.truth(reach), how, str(EVERY))()
                if theirs is None:
                    self.report.row(name, "not here")
                    continue
                there = [truth[t] for t in theirs["numbers"]]
                self.report.row(name, *errors(theirs["shifts"], there), self.per_frame(theirs, len(there)), len(there))

    def find_estimate(self):
        if self.estimate_ms is None:
            self.estimate_ms = self.per_frame(contest({"": self.estimate(self.movie())}, ROUNDS, by="cpu")[""])
        return self.estimate_ms

    def bound(self):
        """Frames are binned by 2 and padded; only rows within max-shift (48 px) of the correlation are made."""
        estimate = self.find_estimate()
        self.report.group("Lower bound, one thread: ms/frame", "forward", "inverse", "both", "estimate", "is times")
        for what, size in (("240 x 384, what the estimate does", (240, 384, 26)), ("480 x 768, not binned", (480, 768, 52))):
            said = run([FFT2, *map(str, size), "400"]).said.splitlines()[-1].split()
            forward, forward_fftw, inverse, inverse_fftw = map(float, said[4:8])
            self.report.row(what, forward, inverse, forward + inverse, estimate, estimate / (forward + inverse))
            both = forward_fftw + inverse_fftw
            self.report.row("the same, FFTW", forward_fftw, inverse_fftw, both, estimate, estimate / both)

    def speed(self):
        source, shifts = self.movie(), self.path("found.csv")
        self.estimate(source)()
        ours = self.path("ours.npy")
        made = contest({
            "estimate": self.estimate(source, table="again.csv"),
            "without record": self.estimate(source, "--no-record", table="again.csv"),
            "correct": self.correct(source),
            "apply": self.limpid("run", source, "motion-apply", "shifts=" + shifts, "!", "write", ours),
            "copy": self.limpid("run", source, "write", ours),
            "opencv": self.peer("apply", source, shifts, self.path("peer.npy")),
            "opencv memory": self.peer("apply_in_memory", source, shifts)}, ROUNDS, by="cpu")
        memory = own_clock([MOVE_IMAGES, "bilinear"])
        cost = {name: None if one is None else self.per_frame(one) for name, one in made.items()}
        self.report.group("CPU, one thread, %d frames" % self.frames, "ms/frame", "wall frames/s", "peak MB")

        def row(what, name, bars=()):
            one = made[name]
            numbers = ["not here"] if one is None else [cost[name], self.frames / one["seconds"], one["peak"] / 2**20]
            self.report.row(what, *numbers, bars=bars)

        row("estimate", "estimate", self.timed(cost["estimate"], "estimate", MOST_ESTIMATE_MS))
        row("estimate, no record or digest", "without record")
        row("estimate and apply, file to file", "correct")
        row("motion-apply, file to file", "apply")
        row("read and write, file to file", "copy")
        alone = cost["apply"] - cost["copy"]
        self.report.row("motion-apply less read and write", alone, bars=self.timed(alone, "apply", MOST_APPLY_MS))
        self.report.row("motion-apply's kernel, in memory", memory["ms"], bars=[Bar(memory["ms"], "apply", most=MOST_APPLY_MS)])
        row("OpenCV warpAffine, file to file", "opencv")
        row("OpenCV warpAffine, in memory", "opencv memory")
        self.drop("peer.npy", "ours.npy")

    def files(self):
        times = 10
        source, frames = self.longer(times), times * self.frames
        made = contest({"limpid": self.correct(source, threads=THREADS),
                        "limited": self.correct(source, "--memory", "256M", threads=THREADS),
                        "estimate": self.estimate(source, threads=THREADS),
                        "copy": self.copy(source)}, 2, ENOUGH_DISK_S)
        rate = {name: frames / one["seconds"] for name, one in made.items()}
        self.report.group("File to file, %d frames as .npy, %d threads" % (frames, THREADS), "frames/s", "wall s", "CPU ms/frame",
                          "peak MB")

        def row(what, name, bars=()):
            one = made[name]
            self.report.row(what, rate[name], one["seconds"], self.per_frame(one, frames), one["peak"] / 2**20, bars=bars)

        wanted = min(LEAST_FRAMES_S, rate["copy"])
        for what, name in (("limpid motion", "limpid"), ("limpid motion --memory 256M", "limited")):
            row(what, name, [] if self.options.quick else [Bar(rate[name], "frames/s", least=round(wanted))])
        row("limpid motion, shifts only", "estimate")
        row("cp and sync", "copy")
        self.drop("copy.npy", "ours.npy")

    def length(self):
        """Time and memory of movies that are longer and longer, within one limit."""
        sources = {self.frames: self.movie(), 10 * self.frames: self.longer(10)}
        if os.environ.get("BENCH_LONG") or self.options.long:
            sources[100 * self.frames] = self.linked(100)
        self.report.group("--memory 256M, %d threads" % THREADS, "CPU ms/frame", "wall ms/frame", "peak MB")
        self.growth("shifts only", sources, self.estimate, "--no-record")
        self.growth("file to file", sources, self.correct)
        self.drop("ours.npy")

    def growth(self, what, sources, command, *words):
        first = None
        for frames, source in sources.items():
            if command == self.correct and shutil.disk_usage(self.folder).free < 1.1 * frames * FRAME_BYTES:
                self.report.row("%s, %d frames" % (what, frames), "no room on the disk")
                continue
            one = contest({"": command(source, "--memory", "256M", *words, threads=THREADS)}, 2, ENOUGH_DISK_S, by="cpu")[""]
            cpu, peak = self.per_frame(one, frames), one["peak"] / 2**20
            first = first or cpu
            bars = [Bar(peak, "MB", most=(LIMIT_BYTES + BEYOND_LIMIT_BYTES) / 2**20)]
            self.report.row("%s, %d frames" % (what, frames), cpu, 1e3 * one["seconds"] / frames, peak,
                            bars=bars + self.timed(cpu / first, "of the first", MOST_GROWTH))

    def recursive(self):
        source, truth = self.movie(), read_shifts(self.truth())[0]
        few, chunk = self.path("few.npy"), 12
        self.peer("part", source, few, str(FEW))()
        self.estimate(few, "method=recursive", "minian-exact=yes", "chunk=%d" % chunk, table="few.csv")()
        theirs = self.peer("recursion", few, str(chunk))()
        ours = read_shifts(self.path("few.csv"))[0]
        apart = max(abs(a - b) for x, y in zip(ours, theirs["shifts"]) for a, b in zip(x, y))
        filtered = self.path("filtered.npy")
        self.limpid("run", source, "denoise", "!", "background", "!", "write", filtered)()
        self.report.group("method=recursive", "mean px", "max px", "CPU ms/frame", "frames")
        for what, movie in (("the movie as it is", source), ("after denoise ! background", filtered)):
            made = contest({"": self.estimate(movie, "method=recursive", table="recursive.csv")}, 2, by="cpu")[""]
            cpu = self.per_frame(made)
            self.report.row("limpid, " + what, *errors(read_shifts(self.path("recursive.csv"))[0], truth), cpu, self.frames,
                            bars=self.timed(cpu, "recursive", MOST_RECURSIVE_MS))
        self.report.row("limpid beside the specification, minian-exact", None, apart, None, FEW,
                        bars=[Bar(apart, "apart", most=MOST_RECURSIVE_PX)])
        self.report.row("the specification, NumPy", None, None, self.per_frame(theirs, FEW), FEW)

    def piecewise(self):
        frames = min(200, self.frames)
        source, field = self.simulate("bent", "bend=4", "frames=%d" % frames), self.path("field")
        run([MOTION_FIELD, source, field])
        error = self.peer("field_error", field, self.path("bent.truth.json"))()
        made = contest({"": self.correct(source, "method=piecewise")}, 2, by="cpu")[""]
        self.report.group("method=piecewise, bend of 4 px, %d frames" % frames, "mean px", "max px", "CPU ms/frame", "step in 4 px")
        cpu, step = self.per_frame(made, frames), error["largest_step"]
        for what, key in (("64 px from the edges, less the mean of each place", "placed, inside"),
                          ("64 px from the edges, less one constant", "shared, inside"),
                          ("the whole frame, less the mean of each place", "placed"),
                          ("the whole frame, less one constant", "shared")):
            mean, most = error["errors"][key]
            bars = [Bar(mean, "field", most=MOST_FIELD_PX)] if key == "placed, inside" else []
            self.report.row(what, mean, most, *([cpu, step] if bars else []), bars=bars)
        self.drop("field", "ours.npy")


GROUPS = ("accuracy", "bound", "speed", "files", "length", "recursive", "piecewise")


def parse():
    parser = argparse.ArgumentParser(description="limpid beside its peers on moving movies")
    parser.add_argument("--quick", action="store_true", help="200 frames instead of 1000")
    parser.add_argument("--long", action="store_true", help="also 100,000 frames (36 GB of disk), as BENCH_LONG=1 does")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--groups", default=",".join(GROUPS), help="which, of " + ", ".join(GROUPS))
    options = parser.parse_args()
    options.groups = options.groups.split(",")
    unknown = sorted(set(options.groups) - set(GROUPS))
    if unknown:
        parser.error("no group %s; there are %s" % (", ".join(unknown), ", ".join(GROUPS)))
    return options


def main():
    options = parse()
    report = MotionReport(options.json)
    folder = tempfile.mkdtemp(prefix="limpid-bench-", dir=os.environ.get("BENCH_DIR"))
    facts = {"date": time.strftime("%Y-%m-%d"), "cores": os.cpu_count(), "load_before": os.getloadavg()[0], "seed": SEED}
    report.say("Motion of simulated movies, %d x %d, uint8: %d cores" % (HEIGHT, WIDTH, os.cpu_count()))
    try:
        bench = Bench(folder, report, options)
        for name in options.groups:
            getattr(bench, name)()
    finally:
        shutil.rmtree(folder)
    facts["load_after"] = os.getloadavg()[0]
    report.end(facts)


main()
