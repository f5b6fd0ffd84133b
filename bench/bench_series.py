# SPDX-License-Identifier: BSD-3-Clause
"""limpid beside NumPy, SciPy, numba, OpenCV, cp and this machine's memory, in one run: the same image series, taking turns,
the best of several rounds after one that warms up.

Seconds of limpid are those of the whole command; of the others, without start-up, imports and compilation. Where a share
of the read bandwidth is given, the start-up of limpid, measured on one frame, is taken off. Everything that writes a file
waits for the disk, cp alone excepted. Memory is the highest resident memory, mapped pages of files included."""
import argparse
import json
import os
import shutil
import tempfile
import time

from table import Bar, Report
from timing import BUILD, LIMPID, PYTHON, ROOT, contest, own_clock, run, whole

BANDWIDTH, LOAD, IN_MEMORY = (os.path.join(BUILD, "bench", name) for name in ("bandwidth", "load_series", "in_memory"))
THREADS = os.cpu_count()
ENOUGH_DISK_S = 30.0  # who needs longer than this runs once, where the disk decides
FRAME_PIXELS = 512 * 512
WINDOW = 20

# What must be, by the last column.
LEAST_READ_SHARE = {"mean": 0.8, "max": 0.8, "min": 0.8, "std": 0.4}  # std: twice the mean's time
MOST_MEDIAN_S = {"float32": 3.0, "uint8": 0.7}
MOST_OF_SYNCED_COPY = 1.5
MOST_GROWTH = 1.1  # of memory where a movie is four times as long: none, but for what resident memory varies by from run to run
LEAST_COPY_SHARE = 0.6
LEAST_LOAD_RATIO = 1.9
MOST_LOAD_MEMORY = 1.15
LEAST_VIDEO_RATIO = 1.0  # OpenCV decodes with FFmpeg too: as fast is all there is to win
LARGE_LIMIT_BYTES = 512 << 20
MOST_BEYOND_LIMIT_BYTES = 48 << 20  # code, libraries and metadata: ALLOWANCE in tests/memory_movie.py


class SeriesReport(Report):
    def group(self, title):
        self.open_group(title, "%-45s %8s %8s %8s  %-20s %8s %8s %8s %7s  %-32s %s" % (
            title, "limpid s", "CPU s", "peak MB", "peer", "s", "CPU s", "peak MB", "ratio", "measured", "must be"))

    def row(self, what, ours, name="", theirs=None, bar=None):
        mine = "%8.3f %8.2f %8.0f" % (ours["seconds"], ours["cpu"], ours["peak"] / 2**20)
        others, ratio = "", None
        if theirs is None:
            others = "%-20s" % (name + " not here" if name else "")
        else:
            ratio = theirs["seconds"] / ours["seconds"]
            others = "%-20s %8.3f %8.2f %8.0f %6.2fx" % (name, theirs["seconds"], theirs["cpu"], theirs["peak"] / 2**20, ratio)
        self.add("%-45s %s  %-54s  %-32s %s" % (what, mine, others, bar.text if bar else "", bar.wanted() if bar else ""), what,
                 {"limpid": ours, "peer": name, "theirs": theirs, "ratio": ratio}, [bar] if bar else [])


class Bench:
    def __init__(self, folder, report, options):
        self.folder, self.report, self.options = folder, report, options
        self.frames = 200 if options.quick else 2000
        self.startup = {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, kind, frames):
        if not os.path.exists(self.path(kind)):
            run([PYTHON, os.path.join(ROOT, "bench", "series_data.py"), self.folder, kind, str(frames)])
        return self.path(kind)

    def drop(self, *names):
        for name in names:
            path = self.path(name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.remove(path)

    def limpid(self, source, chain, *options):
        words = [LIMPID, "run", source, *chain.split(), "!", "write", self.path("ours.npy"), "--overwrite", "--quiet",
                 "--progress", "none", *options]
        return lambda: self.writing("ours.npy", words)

    def peer(self, task, *words):
        return lambda: own_clock([PYTHON, os.path.join(ROOT, "bench", "series_peer.py"), task, *words])

    def bandwidth(self, kind, source):
        return lambda: own_clock([BANDWIDTH, kind, source, str(THREADS)])

    def copy(self, source, is_synced):
        script = 'cp "$1" "$2"' + (' && sync "$2"' if is_synced else "")
        return lambda: self.writing("copy.npy", ["sh", "-c", script, "sh", source, self.path("copy.npy")])

    def writing(self, name, words):
        """Every file is written anew: the pages of its predecessor are free for it."""
        self.drop(name)
        return whole(words)

    # ---- Groups ----

    def machine(self):
        source = self.make("float32.npy", self.frames)
        size = os.path.getsize(source)
        made = contest({kind: self.bandwidth(kind, source) for kind in ("file", "memory", "copy")})
        self.report.group("This machine, %d threads, %.2f GB" % (THREADS, size / 1e9))
        for kind, what in (("file", "sum of a mapped file"), ("memory", "sum of memory"), ("copy", "copy of memory")):
            rate = size / 1e9 / made[kind]["seconds"]
            self.report.row(what, made[kind], bar=Bar(rate, "%.1f GB/s" % rate))

    def start_up(self, kind, chain):
        """What a command costs that has one frame to read."""
        return self.limpid(self.make("one-%s.npy" % kind, 1), chain)

    def share(self, source, work, of, what, least):
        """The rate of limpid without its start-up as a share of what the machine can do. Too short to say: no bar."""
        if self.options.quick or work <= 0:
            return None
        share, rate = of["seconds"] / work, os.path.getsize(source) / work / 1e9
        return Bar(share, "%.1f GB/s, %.2f of %s" % (rate, share, what), least=least)

    def arithmetic(self):
        """Without files and the engine: frames that are in memory, two images in memory."""
        for kind in ("float32", "uint8"):
            source = self.make(kind + ".npy", self.frames)
            stats = ("mean", "max", "min", "std", "median")
            tasks = {what: [IN_MEMORY, what, kind, str(self.frames), str(THREADS)] for what in (*stats, "compare")}
            made = contest({**{what: (lambda words=words: own_clock(words)) for what, words in tasks.items()},
                            "reading": self.bandwidth("memory", source), "copying": self.bandwidth("copy", source)}, 3)
            self.report.group("Arithmetic alone, %s in memory" % kind)
            for stat in stats:
                self.report.row("%s over time" % stat, made[stat], "sum of memory", made["reading"],
                                self.share(source, made[stat]["seconds"], made["reading"], "reading", LEAST_READ_SHARE.get(stat)))
            least = LEAST_COPY_SHARE if kind == "float32" else None  # bytes become floats: more is written than copied
            self.report.row("subtract and divide by images", made["compare"], "copy of memory", made["copying"],
                            self.share(source, made["compare"]["seconds"], made["copying"], "copying", least))

    def reductions(self):
        for kind in ("float32", "uint8"):
            source = self.make(kind + ".npy", self.frames)
            self.report.group("reduce, %s, %.2f GB" % (kind, os.path.getsize(source) / 1e9))
            for stat in ("mean", "max", "min", "std", "median"):
                self.reduction(source, kind, stat)

    def reduction(self, source, kind, stat):
        chain = "reduce stat=" + stat
        theirs = {"NumPy": self.peer("reduce", source, stat, self.path("peer.npy"))}
        ours = {"limpid": self.limpid(source, chain)}
        if stat == "mean":
            theirs["numba, parallel"] = self.peer("reduce_numba", source, stat, self.path("peer.npy"))
            ours["without record"] = self.limpid(source, chain, "--no-record")
        made = contest({**ours, **theirs, "reading": self.bandwidth("file", source), "start": self.start_up(kind, chain)})
        for name in ours:
            work = made[name]["seconds"] - made["start"]["seconds"]
            title = "%s of %s%s" % (stat, kind, "" if name == "limpid" else ", " + name)
            self.report.row(title, made[name], "reading alone", made["reading"],
                            self.share(source, work, made["reading"], "reading", LEAST_READ_SHARE.get(stat)))
        for name in theirs:
            bar = None
            if stat == "median" and made[name] is not None:
                seconds = made["limpid"]["seconds"]
                bar = Bar(seconds, "%.2f s" % seconds, most=None if self.options.quick else MOST_MEDIAN_S[kind])
            self.report.row("%s of %s" % (stat, kind), made["limpid"], name, made[name], bar)

    def sliding(self):
        source = self.make("float32.npy", self.frames)
        chain = "sliding stat=mean window=%d" % WINDOW
        theirs = {
            "cp": self.copy(source, False),
            "cp, sync": self.copy(source, True),
            "SciPy": self.peer("sliding_scipy", source, str(WINDOW), self.path("peer.npy")),
            "NumPy": self.peer("sliding_numpy", source, str(WINDOW), self.path("peer.npy")),
        }
        made = contest({"limpid": self.limpid(source, chain), **theirs}, 2, ENOUGH_DISK_S)
        self.report.group("Sliding mean of %d, float32, to .npy" % WINDOW)
        for name in theirs:
            bar = None
            if name == "cp, sync":
                part = made["limpid"]["seconds"] / made[name]["seconds"]
                bar = Bar(part, "%.2f of a copy's time" % part, most=MOST_OF_SYNCED_COPY)
            self.report.row(chain, made["limpid"], name, made[name], bar)
        self.drop("copy.npy", "peer.npy", "ours.npy")
        self.not_written(source, chain + " ! reduce", "mean of the means, not written")
        self.growth(chain)

    def not_written(self, source, chain, title, **theirs):
        """A chain whose result is one image, beside copying the whole array once."""
        made = contest({"limpid": self.limpid(source, chain), "copy of memory": self.bandwidth("copy", source),
                        "start": self.start_up("float32", "reduce"), **theirs})
        work = made["limpid"]["seconds"] - made["start"]["seconds"]
        self.report.row(title, made["limpid"], "copy of memory", made["copy of memory"],
                        self.share(source, work, made["copy of memory"], "copying", None))
        for name in theirs:
            self.report.row(title, made["limpid"], name.replace("_", " "), made[name])

    def growth(self, chain):
        lengths = {"short.npy": self.frames, "long.npy": 4 * self.frames}
        made = contest({kind: self.limpid(self.make(kind, n), chain) for kind, n in lengths.items()}, 1)
        for kind, n in lengths.items():
            times = made[kind]["peak"] / made["short.npy"]["peak"]
            self.report.row("%d frames of 256 x 256" % n, made[kind],
                            bar=Bar(times, "%.2f times the memory" % times, most=MOST_GROWTH))
        self.drop("short.npy", "long.npy", "ours.npy")

    def corrections(self):
        source = self.make("float32.npy", self.frames)
        chain = "subtract from=range stat=min ! divide from=range stat=mean"
        self.report.group("Subtract and divide, float32")
        made = contest({"limpid": self.limpid(source, chain),
                        "NumPy": self.peer("correct_to_file", source, self.path("peer.npy")),
                        "cp, sync": self.copy(source, True)}, 2, ENOUGH_DISK_S)
        for name in ("NumPy", "cp, sync"):
            part = made["limpid"]["seconds"] / made[name]["seconds"]
            bar = Bar(part, "%.2f of a copy's time" % part, most=MOST_OF_SYNCED_COPY) if name == "cp, sync" else None
            self.report.row("by ranges, to .npy", made["limpid"], name, made[name], bar)
        self.drop("copy.npy", "ours.npy")
        dark, flat = self.path("dark.npy"), self.path("flat.npy")
        run([LIMPID, "run", source, "reduce", "min", "!", "write", dark, "--quiet", "--progress", "none"])
        run([LIMPID, "run", source, "reduce", "max", "!", "write", flat, "--quiet", "--progress", "none"])
        by_images = "subtract from=file file=%s ! divide from=file file=%s ! reduce" % (dark, flat)
        for title, words, task, files in (
                ("by ranges, mean of it (3 passes)", chain + " ! reduce", "correct_in_place", ()),
                ("by images, mean of it (1 pass)", by_images, "correct_by_images", (dark, flat))):
            self.not_written(source, words, title, NumPy_in_place=self.peer(task, source, *files, self.path("peer.npy")))
        self.drop("peer.npy", "ours.npy")

    def load(self, title, source, peer, flag=None, rate_bar=LEAST_LOAD_RATIO):
        """Everything into memory: rate and memory beside OpenCV."""
        words = [LOAD, source, str(THREADS), *([flag] if flag else [])]
        made = contest({"limpid": lambda: own_clock(words), "OpenCV": peer}, 3)
        ours, theirs = made["limpid"], made["OpenCV"]
        ratio = theirs["seconds"] / ours["seconds"]
        rate = ours["frames"] / ours["seconds"]
        text = "%.0f frames/s, opened in %.3f s" % (rate, ours["open_seconds"])
        self.report.row(title, ours, "OpenCV", theirs, Bar(ratio, text, least=rate_bar))
        part = ours["peak"] / ours["bytes"]
        self.report.row(title + ", memory", ours, "OpenCV", theirs,
                        Bar(part, "%.2f of the result (%.2f)" % (part, theirs["peak"] / ours["bytes"]),
                            most=None if self.options.quick else MOST_LOAD_MEMORY))

    def loading(self):
        self.report.group("Loading, %d threads; OpenCV with one" % THREADS)
        n = self.frames
        grey, colour, png = self.make("grey-jpeg", n), self.make("colour-jpeg", n // 2), self.make("grey-png", n // 2)
        self.load("grey JPEG", grey, self.peer("load_images", grey, "grey"))
        self.load("colour JPEG", colour, self.peer("load_images", colour, "colour"))
        self.load("colour JPEG to grey", colour, self.peer("load_images", colour, "grey"), "grey")
        self.load("grey PNG", png, self.peer("load_images", png, "grey"))
        for kind in ("ffv1.avi", "mjpeg.avi"):
            video = self.make(kind, n // 4)
            self.load(kind, video, self.peer("load_video", video), rate_bar=LEAST_VIDEO_RATIO)

    def others(self):
        zones = self.path("zones.json")
        with open(zones, "w", encoding="utf-8") as file:
            json.dump([{"name": "a", "shape": "rectangle", "x": 30, "y": 50, "width": 120, "height": 90},
                       {"name": "b", "shape": "ellipse", "x": 300, "y": 100, "width": 90, "height": 60, "angle": 30},
                       {"name": "c", "shape": "polygon", "points": [[100, 300], [300, 330.5], [200, 450]]}], file)
        self.report.group("Other steps, alone")
        for kind in ("float32", "uint8"):
            source = self.make(kind + ".npy", self.frames)
            for what in ("traces zones=%s" % zones, "kymograph", "histogram", "smooth method=gaussian ! reduce",
                         "smooth method=box size=5 ! reduce", "smooth method=median ! reduce"):
                made = contest({"limpid": self.limpid(source, what)}, 2)["limpid"]
                rate = os.path.getsize(source) / made["seconds"] / 1e9
                self.report.row(what.replace(zones, "(3)") + ", " + kind, made, bar=Bar(rate, "%.2f GB/s" % rate))

    def large(self):
        """More than memory, and no room on the disk."""
        frames = int(40e9) // (4 * FRAME_PIXELS)
        source = self.make("sparse.npy", frames)
        size = os.path.getsize(source)
        self.report.group("Sparse .npy of %.0f GB, --memory 512M" % (size / 1e9))
        made = self.limpid(source, "reduce stat=mean", "--memory", "512M")()
        peak = made["peak"] / 2**20
        self.report.row("mean, ended with 0", made, bar=Bar(
            peak, "%.1f GB/s, %.0f MB" % (size / made["seconds"] / 1e9, peak),
            most=(LARGE_LIMIT_BYTES + MOST_BEYOND_LIMIT_BYTES) / 2**20))
        self.drop("sparse.npy")


GROUPS = ("machine", "arithmetic", "reductions", "sliding", "corrections", "loading", "others")


def parse():
    parser = argparse.ArgumentParser(description="limpid beside its peers on image series")
    parser.add_argument("--quick", action="store_true", help="200 frames instead of 2000")
    parser.add_argument("--large", action="store_true", help="also 40 GB in a sparse file")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--groups", default=",".join(GROUPS), help="which, of %s and large" % ", ".join(GROUPS))
    options = parser.parse_args()
    options.groups = options.groups.split(",") + (["large"] if options.large else [])
    unknown = sorted(set(options.groups) - {*GROUPS, "large"})
    if unknown:
        parser.error("no group %s; there are %s and large" % (", ".join(unknown), ", ".join(GROUPS)))
    return options


def main():
    options = parse()
    report = SeriesReport(options.json)
    folder = tempfile.mkdtemp(prefix="limpid-bench-", dir=os.environ.get("BENCH_DIR"))
    facts = {"date": time.strftime("%Y-%m-%d"), "cores": THREADS, "load_before": os.getloadavg()[0]}
    report.say("Image series: %d cores" % THREADS)
    try:
        bench = Bench(folder, report, options)
        for name in options.groups:
            getattr(bench, name)()
    finally:
        shutil.rmtree(folder)
    facts["load_after"] = os.getloadavg()[0]
    report.end(facts)


main()
