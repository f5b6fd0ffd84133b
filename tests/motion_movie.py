# SPDX-License-Identifier: BSD-3-Clause
"""Small movies of which the motion is known exactly, for the tests of motion, and what limpid says about them.

Tissue is a band-limited texture on a periodic canvas larger than the frames; a frame is the canvas moved by Fourier's
theorem, exactly, and cropped, below a vignette that stands still, with shot and read noise: as make_movie.py of the
issue has it, smaller."""
import json

import numpy as np

from check import limpid, scratch

MARGIN = 32  # px of the canvas around the frames


def _smooth(random, shape, sigma):
    """White noise through a Gaussian, of unit variance and periodic."""
    fy, fx = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])
    gain = np.exp(-2 * np.pi ** 2 * sigma ** 2 * (fy ** 2 + fx ** 2))
    made = np.fft.irfft2(np.fft.rfft2(random.standard_normal(shape)) * gain, s=shape)
    return made / made.std()


def canvas(height, width, seed=0, fine=0.08):
    random = np.random.default_rng(seed)
    shape = (height + 2 * MARGIN, width + 2 * MARGIN)
    texture = 1 + 0.10 * _smooth(random, shape, 40) + 0.06 * _smooth(random, shape, 12)
    return texture + fine * _smooth(random, shape, 4)


def moved(texture, positions):
    """Frames of the texture whose content is displaced by (dy, dx) of each position."""
    h, w = texture.shape
    fy, fx = np.fft.fftfreq(h)[:, None], np.fft.rfftfreq(w)
    spectrum = np.fft.rfft2(texture)
    for dy, dx in positions:
        ramp = np.exp(-2j * np.pi * (fy * dy + fx * dx))
        yield np.fft.irfft2(spectrum * ramp, s=texture.shape)[MARGIN:h - MARGIN, MARGIN:w - MARGIN]


def vignette(height, width):
    y, x = np.mgrid[:height, :width]
    r = np.hypot((y - height / 2 - 10) / (height / 2), (x - width / 2 + 12) / (width / 2))
    return 0.25 + 0.75 * np.exp(-(r / 0.95) ** 2)


def walk(n, reach, seed=0):
    """A walk that is smooth for most of the time, within +-reach."""
    random = np.random.default_rng(seed)
    steps = np.cumsum(random.normal(0, 1, (n + 8, 2)), axis=0)
    path = np.stack([np.convolve(steps[:, i], np.ones(9) / 9, "valid") for i in range(2)], axis=1)
    path -= path.mean(0)
    path += random.normal(0, 0.03, path.shape) * np.abs(path).max()
    return reach * path / np.abs(path).max()


def exposed(light, seed=0, photons=9.0, read_noise=0.6):
    """Grey levels of a camera, not yet whole numbers."""
    random = np.random.default_rng(seed)
    return random.poisson(np.maximum(light, 0) * photons) / photons + random.normal(0, read_noise, light.shape)


def filmed(positions, height=256, width=320, seed=0, still=None, **how):
    """uint8; still: multiplies what the sensor sees."""
    shade = 70 * vignette(height, width) * (1 if still is None else still)
    frames = np.empty((len(positions), height, width), np.uint8)
    texture = canvas(height, width, seed, **how)
    for t, light in enumerate(moved(texture, positions)):
        frames[t] = np.clip(np.round(exposed(light * shade + 12, seed * 1000 + t)), 0, 255)
    return frames


class Found:
    """The table of limpid motion."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            assert file.readline() == "frame,dy_px,dx_px,peak,flag\n"
        table = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
        assert (table[:, 0] == np.arange(len(table))).all()
        self.shifts, self.peak, self.flag = table[:, 1:3], table[:, 3], table[:, 4].astype(int)

    def errors(self, truth, frames=slice(None)):
        """Distance from minus the displacement, less the constant that no estimate can know, px."""
        off = (self.shifts + truth)[frames]
        return np.hypot(*(off - off.mean(0)).T)


def save(frames, name="movie.npy"):
    path = scratch(name)
    np.save(path, frames)
    return path


def find(frames, *settings, name="shifts.csv"):
    """What limpid motion finds in frames (or in the movie of that path)."""
    path = frames if isinstance(frames, str) else save(frames)
    limpid("motion", path, "--shifts", scratch(name), "--overwrite", "--progress", "none", *settings)
    return Found(scratch(name))


def facts(output):
    """What the record beside an output says about its step motion."""
    with open(output + ".limpid.json", encoding="utf-8") as file:
        record = json.load(file)
    return next(step for step in record["steps"] if step["step"] == "motion")
