# SPDX-License-Identifier: BSD-3-Clause
"""A memory limit is kept for movies too: the highest resident memory of the whole process stays within the limit plus 48 MB
for code, libraries and metadata, from the smallest limit that is accepted upwards, for movies larger than most of them. Of
FFmpeg, what its libraries and encoders take for themselves comes on top: they cannot be told a limit.

Only the standard library is imported; see peaks.py."""
import json
import os
import shutil
import struct
import zlib

import check
from check import add, limpid, scratch
from peaks import MB, peak_bytes, smallest

ALLOWANCE = 48 * MB
VIDEO_ALLOWANCE = 96 * MB
MOVIE_BYTES = 350 * MB
LIMITS = (64 * MB, 160 * MB)

check.use_disk()  # files in memory would not be what a limit is for


def sparse_movie(name, descr, shape):
    """Zeros that take no room on the disk."""
    path = scratch(name)
    if not os.path.exists(path):
        header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)
        header = header.ljust(128 - 10 - 1) + "\n"
        size = int(descr[2:]) * shape[0] * shape[1] * shape[2]
        assert size >= MOVIE_BYTES
        with open(path, "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
            file.truncate(128 + size)
    return path


def float_movie():
    return sparse_movie("float32.npy", "<f4", (350, 512, 512))


def byte_movie():
    return sparse_movie("uint8.npy", "|u1", (1400, 512, 512))


def write_png(path, size, seed):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = bytes((x * 7 + seed) % 256 for x in range(2 * size))
    rows = b"".join(b"\0" + row[y % 64:] + row[:y % 64] for y in range(size))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 16, 0, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def png_folder():
    """175 images of 16 bits: 350 MB as numbers."""
    folder = scratch("png")
    if not os.path.isdir(folder):
        os.mkdir(folder)
        write_png(os.path.join(folder, "i_000.png"), 1024, 0)
        for i in range(1, 175):
            os.link(os.path.join(folder, "i_000.png"), os.path.join(folder, "i_%03d.png" % i))
    return folder


def limit_is_kept(movie, chain, output, threads):
    folder = scratch("out")
    os.makedirs(folder, exist_ok=True)
    words = ["run", movie(), *chain.split(), "!", "write", os.path.join(folder, output), "--overwrite", "--threads", str(threads),
             "--progress", "none"]
    least = smallest(words)
    told, over = [], 0
    for limit in sorted({least, *(limit for limit in LIMITS if limit > least)}):
        peak = peak_bytes([*words, "--memory", str(limit)])
        told.append("%.0f MB of %.0f MB" % (peak / MB, limit / MB))
        over = max(over, peak - limit)
    shutil.rmtree(folder)
    print("# %s, %d threads: %s" % (chain, threads, ", ".join(told)))
    is_video = output.endswith((".avi", ".mp4"))
    assert over <= (VIDEO_ALLOWANCE if is_video else ALLOWANCE), ", ".join(told)


CASES = [
    # movie, chain, output, threads
    ("copy of float32", float_movie, "frames range=:", "out.npy", (1, 2, 7)),
    ("copy of uint8", byte_movie, "frames range=:", "out.npy", (2,)),
    ("mean of float32", float_movie, "reduce mean", "out.npy", (1, 2, 7)),
    ("mean of uint8", byte_movie, "reduce mean", "out.npy", (2,)),
    ("mean of PNG", png_folder, "reduce mean", "out.npy", (1, 2, 7)),
    ("median of float32", float_movie, "reduce median", "out.npy", (1, 2)),
    ("median of uint8", byte_movie, "reduce median", "out.npy", (7,)),
    ("median of PNG", png_folder, "reduce median", "out.npy", (2,)),
    ("sliding mean", byte_movie, "sliding mean window=20 ! reduce max", "out.npy", (1, 2, 7)),
    ("flat field", float_movie, "subtract from=range range=:50 ! divide from=sliding window=5 ! reduce mean", "out.npy", (1, 2, 7)),
    ("smooth and std", float_movie, "smooth ! reduce std", "out.npy", (2, 7)),
    ("smooth and std of PNG", png_folder, "smooth ! reduce std", "out.npy", (2,)),
    ("motion", byte_movie, "motion", "out.npy", (1, 2)),
    ("motion, all shifts first", float_movie, "motion border=crop bad-frames=interpolate", "out.npy", (2,)),
    ("traces", byte_movie, "traces", "out.csv", (1, 2, 7)),
    ("traces of PNG", png_folder, "traces", "out.csv", (2,)),
    ("TIFF", float_movie, "frames range=:128", "out.tif", (1, 2, 7)),
    ("TIFF of PNG", png_folder, "frames range=:100", "out.tif", (2,)),
    ("PNG", byte_movie, "frames range=:256", "out_%04d.png", (1, 7)),
    ("Zarr", float_movie, "frames range=:128", "out.zarr", (2, 7)),
    ("AVI", byte_movie, "frames range=:128", "out.avi", (2,)),
    ("MP4", byte_movie, "frames range=:128", "out.mp4", (2,)),
]
for name, movie, chain, output, counts in CASES:
    for threads in counts:
        add("%s with %d threads" % (name, threads), limit_is_kept, movie, chain, output, threads)



def motion_grows_by_its_shifts_alone(words):
    """Four times the frames of one stretch: 40 bytes more for each."""
    least = [smallest(["run", byte_movie(), "frames", "range=:%d" % n, "!", "motion", *words, "!", "write", scratch("out.npy"),
                       "--threads", "2"]) for n in (350, 1400)]
    print("# %d frames take %.1f MB, %d %.1f MB" % (350, least[0] / MB, 1400, least[1] / MB))
    assert least[1] - least[0] <= 40 * 1050 + 4096, "%d bytes more" % (least[1] - least[0])


for words in ([], ["bad-frames=interpolate"], ["apply=no"]):
    add("motion %s of four times the frames" % "".join(words), motion_grows_by_its_shifts_alone, words)


def plan_holds(output, compress):
    """What packing takes is in the plan: with the smallest limit that is accepted no write runs out of memory."""
    source = scratch("noise.npy")
    if not os.path.exists(source):
        header = "{'descr': '<u2', 'fortran_order': False, 'shape': (6, 1400, 1400), }".ljust(128 - 10 - 1) + "\n"
        with open(source, "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() +
                       os.urandom(6 * 1400 * 1400 * 2))
    folder = scratch("packed")
    os.makedirs(folder, exist_ok=True)
    words = [source, "flip", "!", "write", os.path.join(folder, output), "compress=" + compress, "--overwrite", "--threads", "2"]
    least = str(smallest(["run", *words]))
    planned = json.loads(limpid("plan", *words, "--json", "--memory", least).stdout)["memory_expected"]
    limpid("run", *words, "--memory", least)
    record, = (name for name in os.listdir(folder) if name.endswith(".limpid.json"))
    with open(os.path.join(folder, record)) as file:
        taken = json.load(file)["run"]["memory_peak"]
    shutil.rmtree(folder)
    assert taken <= planned, "%d bytes taken, %d planned" % (taken, planned)


for output in ("out_%04d.png", "out.tif", "out.zarr", "out.h5"):
    for compress in ("no", "yes"):
        add("plan of %s, compress=%s" % (output.replace("_%04d", ""), compress), plan_holds, output, compress)

check.main()
