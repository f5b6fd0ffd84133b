# SPDX-License-Identifier: BSD-3-Clause
"""Folders and patterns of files as one movie, against np.stack of what other readers give file by file.

PNG, TIFF, BMP and .npy are lossless: every pixel is the same. JPEG may differ by 1, as in oracle_images.py. Whole movies
go through `limpid run` with several threads and little memory too: the bytes may not depend on either.
"""
import glob
import json
import os
import re
import resource
import shutil

import numpy as np

from check import Skip, add, case, limpid, main, scratch, shared_data
from frames import need, probe, refusal

try:
    import cv2
except ImportError:
    cv2 = None
try:
    from PIL import Image
except ImportError:
    Image = None
try:
    import tifffile
except ImportError:
    tifffile = None

SKIP_BROKEN, CROP = {"skip_broken": 1}, {"crop_to_least": 1}


def reads(ending):
    """Skips where this build does not read such files."""
    formats = json.loads(limpid("formats", "--json").stdout)
    if not any(f["reads"] and ending in f["extensions"] for f in formats):
        raise Skip("." + ending + " is not read by this build")


def folder(name):
    path = scratch(name)
    shutil.rmtree(path, ignore_errors=True)
    os.mkdir(path)
    return path


def movie(n=12, shape=(37, 53), kind=np.uint8, seed=5):
    highest = np.iinfo(kind).max if np.issubdtype(kind, np.integer) else 1
    return (np.random.default_rng(seed).random((n, *shape)) * highest).astype(kind)


def save(path, frame):
    if path.endswith(".npy"):
        np.save(path, frame)
    elif path.endswith((".tif", ".tiff")):
        need(tifffile, "tifffile")
        tifffile.imwrite(path, frame)
    else:
        need(Image, "Pillow")
        Image.fromarray(frame).save(path)


def natural(path):
    return [int(w) if w.isdigit() else w.lower() for w in re.split(r"(\d+)", os.path.basename(path))]


# ---- Folders of one kind --------------------------------------------------------------------------------------------

def stacks(ending, kind, colour):
    reads(ending)
    shape = (37, 53, 3) if colour else (37, 53)
    frames, path = movie(12, shape, kind), folder("stack")
    for i, frame in enumerate(frames):
        save(os.path.join(path, "img%d.%s" % (i, ending)), frame)  # img2 before img10
    header, ours = probe(path)
    assert header["n_times"] == 12 and header["n_colours"] == (3 if colour else 1), header
    assert header["facts"]["n_files"] == 12 and header["facts"]["files"][10] == "img10." + ending
    assert "frame_numbers" not in header
    np.testing.assert_array_equal(ours, frames)
    _, some = probe(path, 5, 4)
    np.testing.assert_array_equal(some, frames[5:9])
    _, some = probe(os.path.join(path, "img1*." + ending))
    np.testing.assert_array_equal(some, frames[[1, 10, 11]])


for ending, kind, colour in [("png", np.uint8, False), ("png", np.uint8, True), ("png", np.uint16, False),
                             ("bmp", np.uint8, False), ("bmp", np.uint8, True), ("tif", np.uint8, False),
                             ("tif", np.uint16, False), ("tif", np.float32, False), ("tif", np.uint8, True),
                             ("npy", np.uint8, False), ("npy", np.uint16, False), ("npy", np.float32, False)]:
    add("stack of %s %s%s" % (ending, np.dtype(kind).name, " in colour" if colour else ""), stacks, ending, kind, colour)


@case
def jpegs_in_a_folder():
    need(cv2, "OpenCV")
    reads("jpg")
    path, theirs = folder("jpegs"), []
    for i in range(9):
        name = os.path.join(path, "frame_%03d.jpg" % i)
        smooth = cv2.GaussianBlur(movie(1, (48, 64), np.uint8, i)[0], (0, 0), 3)
        cv2.imwrite(name, smooth)
        theirs.append(cv2.imread(name, cv2.IMREAD_UNCHANGED))
    _, ours = probe(path)
    assert np.abs(ours.astype(int) - np.stack(theirs)).max() <= 1


@case
def pages_and_arrays_become_one_movie():
    reads("tif")
    need(tifffile, "tifffile")
    path, parts = folder("pages"), [movie(n, seed=n) for n in (3, 1, 5)]
    for i, part in enumerate(parts):
        tifffile.imwrite(os.path.join(path, "part%d.tif" % i), part, photometric="minisblack")
    _, ours = probe(path)
    np.testing.assert_array_equal(ours, np.concatenate(parts))
    path = folder("arrays")
    for i, part in enumerate(parts):
        np.save(os.path.join(path, "part%d.npy" % i), part)
    _, ours = probe(path)
    np.testing.assert_array_equal(ours, np.concatenate(parts))
    _, ours = probe(path, 2, 4)
    np.testing.assert_array_equal(ours, np.concatenate(parts)[2:6])


@case
def videos_become_one_movie():
    """msCam1.avi to msCam11.avi with the times beside them, as miniscopes save them."""
    need(cv2, "OpenCV")
    reads("avi")
    path, theirs = folder("videos"), []
    for i in range(1, 12):
        name = os.path.join(path, "msCam%d.avi" % i)
        writer = cv2.VideoWriter(name, cv2.VideoWriter_fourcc(*"MJPG"), 20, (64, 48))
        assert writer.isOpened()
        for frame in movie(3 + i % 2, (48, 64, 3), np.uint8, i):
            writer.write(cv2.GaussianBlur(frame, (0, 0), 4))
        writer.release()
    with open(os.path.join(path, "timeStamps.csv"), "w") as file:
        file.write("Frame Number,Time Stamp (ms),Buffer Index\n0,-3,0\n1,50,0\n2,101,0\n3,151,0\n")
    with open(os.path.join(path, "metaData.json"), "w") as file:
        file.write("{}")
    counts = [3 + i % 2 for i in range(1, 12)]
    header, ours = probe(path)
    assert header["n_times"] == sum(counts) and header["rate_hz"] == 20, header
    at = 0
    for i, n in enumerate(counts):
        _, single = probe(os.path.join(path, "msCam%d.avi" % (i + 1)))
        np.testing.assert_array_equal(ours[at:at + n], single)
        at += n
    if "frame_times_s" in header:
        np.testing.assert_allclose(header["frame_times_s"], np.arange(sum(counts)) / 20, atol=1e-6)


# ---- What does not fit together -------------------------------------------------------------------------------------

@case
def mixed_sizes():
    path, frames = folder("sizes"), []
    for i, shape in enumerate([(20, 30), (25, 28), (22, 40)]):
        frames.append(movie(1, shape, np.uint16, i)[0])
        np.save(os.path.join(path, "%d.npy" % i), frames[-1])
    assert "0.npy is 20 x 30" in refusal(path) and "1.npy is 25 x 28" in refusal(path)
    header, ours = probe(path, **CROP)
    np.testing.assert_array_equal(ours, np.stack([f[:20, :28] for f in frames]))
    assert "20 x 28" in header["warnings"]


@case
def mixed_types():
    path = folder("types")
    np.save(os.path.join(path, "a1.npy"), np.zeros((4, 4), np.uint8))
    np.save(os.path.join(path, "a2.npy"), np.zeros((4, 4), np.float32))
    why = refusal(path)
    assert "a1.npy" in why and "a2.npy" in why and "float32" in why, why


@case
def broken_files():
    reads("png")
    path, frames = folder("broken"), movie(20)
    for i, frame in enumerate(frames):
        save(os.path.join(path, "%d.png" % i), frame)
    with open(os.path.join(path, "7.png"), "r+b") as file:
        file.truncate(20)  # in its header
    with open(os.path.join(path, "13.png"), "r+b") as file:
        file.seek(400)
        file.write(bytes(300))  # the header is fine, the pixels are not
    assert "7.png" in refusal(path) and "1 of the 20 files" in refusal(path)
    header, ours = probe(path, **SKIP_BROKEN)
    kept = [i for i in range(20) if i not in (7, 13)]
    assert header["frame_numbers"] == kept, header
    assert "2 of 20" in header["warnings"] and "13.png" in header["warnings"]
    np.testing.assert_array_equal(ours, frames[kept])


@case
def several_groups():
    reads("png")
    path = folder("groups")
    for i in range(5):
        save(os.path.join(path, "img_%04d.png" % i), movie(1, seed=i)[0])
        np.save(os.path.join(path, "img_%04d.npy" % i), movie(1, seed=i + 50)[0])
    save(os.path.join(path, "mask.png"), movie(1, seed=99)[0])
    why = refusal(path)
    for text in ["'*.npy' (5 files)", "'numbered *.png' (5 files)", "'plain *.png' (1 file)", "--group"]:
        assert text in why, why
    _, ours = probe(path, group="*.npy")
    np.testing.assert_array_equal(ours[3], movie(1, seed=53)[0])
    _, ours = probe(path, group="numbered *.png")
    assert len(ours) == 5
    _, ours = probe(path, group="*.png")
    assert len(ours) == 6


# ---- Files from the field -------------------------------------------------------------------------------------------

def from_the_field(ending, names):
    reads(ending)
    path = shared_data(*names)
    files = sorted(glob.glob(os.path.join(path, "*." + ending)), key=natural)
    if ending == "png":
        need(Image, "Pillow")
        theirs = [np.asarray(Image.open(f)) for f in files]
    else:
        need(tifffile, "tifffile")
        theirs = [tifffile.imread(f) for f in files]
    theirs = np.concatenate([t if t.ndim == 3 and t.shape[-1] > 4 else t[None] for t in theirs])
    _, ours = probe(path)
    if theirs.ndim == 4 and ours.ndim == 4:
        theirs = theirs[..., :3]  # alpha is dropped
    np.testing.assert_array_equal(ours, theirs)


add("bulk water, PNG", from_the_field, "png", ("trackpy_samples", "bulk_water"))
add("foam, TIFF", from_the_field, "tif", ("trackpy_samples", "foam"))
add("sima, TIFF", from_the_field, "tif", ("sima", "example-tiffs"))


# ---- The command ----------------------------------------------------------------------------------------------------

@case
def the_command_tells_what_a_folder_is():
    path = folder("told")
    for i, frame in enumerate(movie(11, (20, 30), np.uint16)):
        np.save(os.path.join(path, "img%d.npy" % i), frame)
    told = json.loads(limpid("info", path, "--rate", "25", "--json").stdout)
    wanted = {"kind": "movie", "type": "uint16", "frames": 11, "height": 20, "width": 30, "colours": 1, "rate_hz": 25,
              "bytes_in_memory": 11 * 20 * 30 * 2, "pixel_width_um": None, "pixel_height_um": None}
    assert {key: told[key] for key in wanted} == wanted, told
    assert abs(told["duration_s"] - 11 / 25) < 1e-12
    assert told["series"]["n_files"] == 11 and told["series"]["files"][2] == "img2.npy"
    assert told["file_bytes"] == sum(os.path.getsize(f) for f in glob.glob(path + "/*"))
    assert "channels" not in told
    text = limpid("info", path, "--rate", "25").stdout
    for word in ["11 frames", "20 high", "30 wide", "25 frames per second", "11 files: img0.npy ... img10.npy", "--memory"]:
        assert word in text, text
    assert "channels" not in text


@case
def more_files_than_may_be_open():
    """3000 arrays with 128 file handles; the same bytes with one thread and with four, in little memory."""
    path, frames = folder("many"), movie(3000, (8, 9), np.uint8)
    for i, frame in enumerate(frames):
        np.save(os.path.join(path, "%d.npy" % i), frame)

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))

    for threads in (1, 4):
        out = scratch("many_%d.npy" % threads)
        limpid("run", path, "--kind", "movie", "write", out, "--threads", threads, "--memory", "64M", preexec_fn=few)
        np.testing.assert_array_equal(np.load(out), frames)


main()
