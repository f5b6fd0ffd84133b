#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The simulated miniscope movie against NumPy, SciPy and scikit-image: what it says about its motion is true.

The canvas is smooth (nothing but Gaussians of 3 px and more), so a frame can be displaced here by other means: by NumPy's
transform of a frame that is faded out towards its edges, or by quintic splines.
"""
import csv
import json

import numpy as np
from check import Skip, case, limpid, main, scratch

try:
    import scipy.ndimage as ndimage
except ImportError:
    ndimage = None
try:
    from skimage.registration import phase_cross_correlation
except ImportError:
    phase_cross_correlation = None

CLEAN = ["photons=0", "read-noise=0", "type=float32"]


class Movie:
    """A movie with its truth; made once per name."""

    made = {}

    def __init__(self, name, *settings):
        path = scratch(name + ".npy")
        limpid("simulate", "miniscope", path, *settings)
        self.frames = np.load(path)
        self.still = np.load(scratch(name + ".truth.npy"))
        with open(scratch(name + ".truth.json")) as file:
            self.facts = json.load(file)
        with open(scratch(name + ".truth.csv"), newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.moves = np.array([[float(row["dy_px"]), float(row["dx_px"])] for row in self.rows])
        self.bends = np.array([float(row["bend_px"]) for row in self.rows])
        self.status = np.array([row["status"] for row in self.rows])


def movie(name, *settings):
    if name not in Movie.made:
        Movie.made[name] = Movie(name, *settings)
    return Movie.made[name]


def needs(module, name):
    if module is None:
        raise Skip(name + " is absent")


def fade(length, edge):
    """1 inside, down to 0 over `edge` pixels as a cosine's fourth power: as smooth as the canvas."""
    ramp = np.sin(0.5 * np.pi * (np.arange(edge) + 0.5) / edge) ** 4
    return np.concatenate([ramp, np.ones(length - 2 * edge), ramp[::-1]])


def displaced(image, dy, dx):
    """Content moved down by dy and right by dx, around the edges, by the Fourier shift theorem."""
    fy, fx = np.fft.fftfreq(image.shape[0])[:, None], np.fft.rfftfreq(image.shape[1])[None, :]
    return np.fft.irfft2(np.fft.rfft2(image) * np.exp(-2j * np.pi * (fy * dy + fx * dx)), image.shape)


@case
def frames_are_the_first_one_displaced_by_the_table():
    m = movie("rigid", "frames=40", "height=200", "width=240", "cells=0", "vignette=0", "motion=12", *CLEAN)
    assert np.abs(m.moves).max() > 4 and np.all(m.moves[0] == 0)
    edge = 40
    window = fade(200, edge)[:, None] * fade(240, edge)[None, :]
    base = m.frames[0] - m.frames[0].mean()
    inner = (slice(edge + 14, -edge - 14),) * 2  # where the window is 1 before and after
    contrast = np.ptp(m.frames[0])
    for t in range(1, 40):
        moved = displaced(base * window, *m.moves[t]) + m.frames[0].mean()
        # Float transforms there and 9 digits of the table here; 3e-6 measured.
        assert np.abs(moved - m.frames[t])[inner].max() < 2e-5 * contrast, t


@case
def the_truth_is_the_movie_at_rest():
    m = movie("rest", "frames=30", "height=100", "width=120", "motion=0", "offset=20", "vignette=0", *CLEAN)
    assert m.still.dtype == np.float32 and np.all(m.moves == 0)
    # Floats of up to 200; the same sums in another order of rounding.
    assert np.abs(m.frames - 20 - m.still).max() < 1e-4
    assert m.still.std(0).max() > 1, "no cell fired"


@case
def cells_move_with_the_tissue():
    needs(ndimage, "SciPy")
    m = movie("cells", "frames=25", "height=160", "width=160", "motion=8", "vignette=0", "offset=0", "cells=60", *CLEAN)
    for t in (0, 7, 24):
        moved = ndimage.shift(m.still[t].astype(float), m.moves[t], order=5, mode="mirror")
        # Quintic splines on cells of 3.5 px and more, away from the edges: 2e-5 of the contrast measured.
        assert np.abs(moved - m.frames[t])[14:-14, 14:-14].max() < 2e-4 * np.ptp(m.still[t])


@case
def the_bend_is_the_one_in_the_facts():
    needs(ndimage, "SciPy")
    for scene in ("miniscope", "two-photon"):
        m = movie("bend-" + scene, "frames=20", "height=240", "width=320", "motion=5", "bend=4", "vignette=0", "offset=0",
                  "scene=" + scene, *CLEAN)
        bend = m.facts["bend"]
        y, x = np.mgrid[0:240, 0:320].astype(float)

        def wave(of, y, x):
            return np.sin(of["y_rad_per_px"] * y + of["x_rad_per_px"] * x + of["phase_rad"])

        assert np.abs(m.bends).max() > 1
        for t in (0, 11, 19):
            from_y, from_x = y, x  # the tissue that pixel (y, x) sees, by iteration
            for _ in range(60):
                from_y, from_x = (y - m.moves[t, 0] - m.bends[t] * wave(bend["y"], from_y, from_x),
                                  x - m.moves[t, 1] - m.bends[t] * wave(bend["x"], from_y, from_x))
            seen = ndimage.map_coordinates(m.still[t].astype(float), [from_y, from_x], order=5, mode="mirror")
            # Quintic splines here, cubic ones there: 2e-5 of the contrast measured.
            assert np.abs(seen - m.frames[t])[16:-16, 16:-16].max() < 1e-4 * np.ptp(m.still[t]), (scene, t)


@case
def measured_displacement_agrees_with_the_table():
    needs(ndimage, "SciPy")
    needs(phase_cross_correlation, "scikit-image")
    m = movie("noisy", "frames=120", "height=256", "width=256", "vignette=0", "motion=9", "seed=3")
    chosen = range(10, 120, 10)

    def fine(t):
        """Vessels only: under texture as large as the window its edges would decide."""
        frame = m.frames[t].astype(float)
        return ndimage.gaussian_filter(frame, 1.5) - ndimage.gaussian_filter(frame, 6)

    first = fine(0)[24:-24, 24:-24]
    window = fade(208, 40)[:, None] * fade(208, 40)[None, :]
    errors = []
    for t in chosen:
        whole = np.rint(m.moves[t]).astype(int)  # a window that stays behind would draw the result towards 0
        frame = fine(t)[24 + whole[0]:232 + whole[0], 24 + whole[1]:232 + whole[1]]
        rest = phase_cross_correlation(frame * window, first * window, upsample_factor=100, normalization=None)[0]
        errors.append(whole + rest - m.moves[t])
    # What is left of that (a tenth of half a pixel), cells that fire, noise.
    assert np.abs(errors).max() < 0.15, np.abs(errors).max()
    moves = m.moves[chosen].ravel()
    assert np.ptp(moves) > 10
    slope = np.polyfit(moves, moves + np.ravel(errors), 1)[0]
    assert abs(slope - 1) < 0.01, slope


@case
def drift_brings_new_tissue():
    m = movie("drift", "frames=30", "height=128", "width=160", "motion=3", "drift=400", "cells=0", "vignette=0", *CLEAN)
    way = np.array([m.facts["drift_px"]["y"], m.facts["drift_px"]["x"]])
    assert abs(np.hypot(*way) - 400) < 1e-9
    assert np.abs(m.moves[-1] - way).max() <= 3
    first, last = m.frames[0] - m.frames[0].mean(), m.frames[-1] - m.frames[-1].mean()
    alike = np.fft.irfft2(np.fft.rfft2(first) * np.conj(np.fft.rfft2(last))).max() / (first * last).size
    assert alike < 0.7 * first.std() * last.std(), "the same tissue is seen again"


def variance_fits(m, photons, read):
    """Variance of each pixel over time against its level: level / photons + read^2."""
    level = m.frames.mean(0, dtype=float)
    variance = m.frames.var(0, dtype=float, ddof=1)
    wanted = level / photons + read**2
    n = len(m.frames)
    # Mean ratio over N pixels of estimates with 2 / (n - 1) variance each (more where photons are few).
    assert abs(np.mean(variance / wanted) - 1) < 0.02, np.mean(variance / wanted)
    assert abs(np.std(variance / wanted) / np.sqrt(2 / (n - 1)) - 1) < 0.35
    order = np.argsort(level.ravel())
    for part in np.array_split(order, 5):
        assert abs(np.mean(variance.ravel()[part]) / np.mean(wanted.ravel()[part]) - 1) < 0.04


@case
def noise_is_shot_and_read_noise():
    still = ["frames=400", "height=64", "width=64", "cells=0", "motion=0", "type=float32", "full=65535"]
    variance_fits(movie("shot", *still, "photons=3", "read-noise=2"), 3, 2)


@case
def few_photons_are_poisson_distributed():
    still = ["frames=400", "height=64", "width=64", "cells=0", "motion=0", "type=float32", "full=65535", "read-noise=0"]
    m = movie("poisson", *still, "scene=two-photon")
    counts = m.frames.astype(float) * 0.15
    assert np.abs(counts - np.rint(counts)).max() < 1e-4, "not whole photons"
    variance_fits(m, 0.15, 0)
    level = np.mean(counts)
    assert abs(np.mean(counts == 0) / np.exp(-counts.mean(0)).mean() - 1) < 0.01
    assert abs(level - 0.15 * (m.still.mean() + 12)) < 0.005 * level
    # On both sides of 16 photons, where counting ends.
    m = movie("bridge", *still, "photons=0.25", "vignette=0")
    assert m.still.min() * 0.25 + 3 < 16 < m.still.max() * 0.25 + 3
    variance_fits(m, 0.25, 0)
    assert abs(np.mean(m.frames, dtype=float) - 12 - m.still.mean(dtype=float)) < 0.05


@case
def wrong_frames_are_as_the_table_says():
    m = movie("faults", "frames=120", "height=96", "width=128", "blank=0.1", "dropped=0.15", "corrupted=0.15",
              "saturated=0.1", "bleaching=20", "dirt=4", "type=uint16", "full=1023", "gain=280")
    assert m.facts["status"] == list(m.status) and m.status[0] == "ok"
    assert set(m.status) == {"ok", "blank", "repeated", "corrupted", "saturated"}
    assert m.frames.max() <= 1023
    for t in range(1, 120):
        frame, before = m.frames[t].astype(float), m.frames[t - 1].astype(float)
        if m.status[t] != "saturated":
            assert np.array_equal(frame, before) == (m.status[t] == "repeated"), t
        if m.status[t] == "repeated":
            assert np.all(m.moves[t] == m.moves[t - 1])
        if m.status[t] == "blank":
            assert abs(frame.mean() - 12) < 0.1
        if m.status[t] == "saturated":
            assert np.mean(frame == 1023) > 0.9
        if m.status[t] == "corrupted":
            smooth = np.abs(np.diff(frame, axis=0)).mean(1)
            assert smooth.max() > 5 * np.median(smooth)


@case
def facts_and_table_agree():
    m = movie("faults")
    assert np.abs(np.array(m.facts["dy_px"]) - m.moves[:, 0]).max() < 1e-7
    assert np.abs(np.array(m.facts["dx_px"]) - m.moves[:, 1]).max() < 1e-7
    assert [int(row["frame"]) for row in m.rows] == list(range(120))


@case
def nothing_is_overwritten_unasked():
    path = scratch("kept.npy")
    with open(scratch("kept.truth.csv"), "w") as file:
        file.write("mine")
    done = limpid("simulate", "miniscope", path, "frames=2", "height=16", "width=16", code=2)
    assert "kept.truth.csv" in done.stderr
    with open(scratch("kept.truth.csv")) as file:
        assert file.read() == "mine"
    limpid("simulate", "miniscope", path, "frames=2", "height=16", "width=16", "--overwrite")


main()
