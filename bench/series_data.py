# SPDX-License-Identifier: BSD-3-Clause
"""series_data.py FOLDER KIND FRAMES: makes the image series that bench_series.py measures with, of 512 x 512 pixels:
moving waves and noise, so that JPEG and PNG find both smooth parts and grain. A process of its own, so that its memory does not
count as anybody's."""
import os
import sys

import cv2
import numpy

SIDE, N_NOISE = 512, 16


class Scene:
    def __init__(self, side=SIDE):
        random = numpy.random.default_rng(1)
        y, x = numpy.mgrid[0:side, 0:side].astype("f4")
        self.waves = 120 + 50 * numpy.sin(x / 23) * numpy.cos(y / 31)
        self.noise = [6 * random.standard_normal((side, side), dtype="f4") for _ in range(N_NOISE)]

    def frame(self, t):
        """Frame t as float32, between 20 and 250."""
        return numpy.roll(self.waves, 3 * t, axis=1) + numpy.roll(self.noise[t % N_NOISE], 5 * t, axis=0) + 20 * (t % 97) / 97

    def grey(self, t):
        return self.frame(t).clip(0, 255).round().astype("u1")

    def colour(self, t):
        grey = self.grey(t)
        return numpy.dstack([grey, numpy.roll(grey, 40, axis=0), numpy.roll(grey, 80, axis=1)])


def make_array(path, n, dtype, side=SIDE):
    scene = Scene(side)
    array = numpy.lib.format.open_memmap(path, "w+", dtype, (n, side, side))
    for t in range(n):
        array[t] = scene.grey(t) if dtype == "u1" else scene.frame(t)
    array.flush()


def make_images(folder, n, ending, kind, settings=()):
    os.makedirs(folder)
    scene = Scene()
    for t in range(n):
        cv2.imwrite(os.path.join(folder, "f%05d%s" % (t, ending)), getattr(scene, kind)(t), list(settings))


def make_video(path, n, code):
    scene = Scene()
    writer = cv2.VideoWriter(path, cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*code), 25.0, (SIDE, SIDE), True)
    if not writer.isOpened():
        sys.exit("series_data: OpenCV cannot write %s here" % code)
    for t in range(n):
        writer.write(scene.colour(t))
    writer.release()


def make_sparse(path, n):
    """An array of zeros that takes no room on the disk."""
    with open(path, "wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (n, SIDE, SIDE)}
        numpy.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 4 * n * SIDE * SIDE)


QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 90)
KINDS = {
    "float32.npy": lambda path, n: make_array(path, n, "f4"),
    "uint8.npy": lambda path, n: make_array(path, n, "u1"),
    "short.npy": lambda path, n: make_array(path, n, "f4", 256),
    "long.npy": lambda path, n: make_array(path, n, "f4", 256),
    "one-float32.npy": lambda path, n: make_array(path, 1, "f4"),
    "one-uint8.npy": lambda path, n: make_array(path, 1, "u1"),
    "grey-jpeg": lambda path, n: make_images(path, n, ".jpg", "grey", QUALITY),
    "colour-jpeg": lambda path, n: make_images(path, n, ".jpg", "colour", QUALITY),
    "grey-png": lambda path, n: make_images(path, n, ".png", "grey"),
    "ffv1.avi": lambda path, n: make_video(path, n, "FFV1"),
    "mjpeg.avi": lambda path, n: make_video(path, n, "MJPG"),
    "sparse.npy": make_sparse,
}


def main():
    folder, kind, frames = sys.argv[1:]
    KINDS[kind](os.path.join(folder, kind), int(frames))


main()
