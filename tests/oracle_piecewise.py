# SPDX-License-Identifier: BSD-3-Clause
"""Motion by patches: fields against the truth of simulated movies, moved frames against scipy's map_coordinates."""
import csv
import json
import os
import subprocess

import numpy

from check import LIMPID, Skip, case, limpid, main, scratch

try:
    from scipy import ndimage
except ImportError:
    ndimage = None

PROBE = os.path.join(os.path.dirname(LIMPID), "tests", "piecewise_probe")
EVERY = 4


def movie(name, *words):
    path = scratch(name + ".npy")
    if not os.path.exists(path):
        limpid("simulate", "miniscope", path, *words, "--progress", "none")
    with open(scratch(name + ".truth.json"), encoding="utf-8") as file:
        return path, json.load(file)


def fields(path, truth, *words):
    """Where pixels come from, (frames, rows / 4, columns / 4, 2); rigid shifts; what the probe tells."""
    if not os.access(PROBE, os.X_OK):
        raise Skip("tests/piecewise_probe is not built")
    raw = scratch("field.raw")
    done = subprocess.run([PROBE, path, raw, *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    shape = truth["frames"], (truth["height"] + EVERY - 1) // EVERY, (truth["width"] + EVERY - 1) // EVERY, 2
    shifts = numpy.array([[float(word) for word in line.split()] for line in lines[1:]])
    return numpy.fromfile(raw, "f4").reshape(shape), shifts, json.loads(lines[0])


def displacement(truth):
    y, x = numpy.mgrid[0:truth["height"]:EVERY, 0:truth["width"]:EVERY]
    made = numpy.zeros((truth["frames"], *y.shape, 2))
    for i, axis in enumerate("yx"):
        made[..., i] += numpy.array(truth["d%s_px" % axis])[:, None, None]
        if truth["bend"]["largest_px"]:
            wave = truth["bend"][axis]
            phase = wave["y_rad_per_px"] * y + wave["x_rad_per_px"] * x + wave["phase_rad"]
            made[..., i] += numpy.array(truth["bend_px"])[:, None, None] * numpy.sin(phase)
    return made


def interior(errors, margin=64):
    m = margin // EVERY
    return errors[:, m:-m, m:-m]


def mean_error(found, truth, per_place):
    """The template has the mean of the bends: one constant, or one for each place, is nobody's fault."""
    off = found - displacement(truth)
    off -= off.mean(0) if per_place else off.mean((0, 1, 2))
    return numpy.hypot(off[..., 0], off[..., 1])


@case
def a_bend_of_four_pixels_is_found():
    """Mean of three movies that nothing was tuned on. The issue's bar, 0.15 px, is held with one constant for each place
    (the mean bend of the frames, which no estimate can know); with a single constant the mean was 0.157 px."""
    means = []
    for seed in (101, 102, 103):
        path, truth = movie("bend%d" % seed, "frames=100", "rate=4", "bend=4", "motion=10", "seed=%d" % seed)
        found, shifts, told = fields(path, truth)
        places, one = mean_error(found, truth, True), mean_error(found, truth, False)
        rigid = mean_error(numpy.zeros_like(found) - shifts[:, None, None, :2], truth, True)
        means.append((interior(places).mean(), interior(one).mean(), interior(rigid).mean(), places.mean()))
        print("# mean error %.3f px (%.3f with one constant), rigid %.3f, with edges %.3f" % means[-1])
        # The truth changes by 0.16 px in 4 px at most; a step between patches would be more.
        for axis in (1, 2):
            assert abs(numpy.diff(found, axis=axis)).max() < 0.25
        assert told["peak_bytes"] <= told["planned_bytes"]
        os.remove(path)
    places, one, rigid, all_places = numpy.mean(means, axis=0)
    assert places <= 0.15
    assert one <= 0.2
    assert all_places <= 0.25
    assert rigid > 4 * places


@case
def what_does_not_bend_moves_as_one():
    path, truth = movie("rigid", "frames=60", "rate=4", "motion=10", "seed=111")
    found, shifts, _ = fields(path, truth)
    template = mean_error(numpy.zeros_like(found) - shifts[:, None, None, :2], truth, False).mean()
    pieces = mean_error(found, truth, False).mean()
    print("# mean error %.4f px, of the rigid shifts %.4f" % (pieces, template))
    assert pieces <= template + 0.02


@case
def what_does_not_move_is_left_alone():
    path, truth = movie("still", "frames=40", "motion=0", "step=0", "jumps=0", "seed=112")
    found, shifts, _ = fields(path, truth)
    assert numpy.abs(found + shifts[:, None, None, :2]).mean() < 0.02
    assert mean_error(found, truth, False).mean() < 0.04


@case
def the_order_of_frames_does_not_matter():
    path, truth = movie("small", "frames=30", "height=201", "width=262", "bend=3", "motion=5", "seed=34")
    first, _, _ = fields(path, truth)
    other, _, _ = fields(path, truth, "order=backwards")
    assert first.tobytes() == other.tobytes()


def moved_by_scipy(frame, field, fill):
    """field: every fourth pixel; cubic between them is as exact as the field is smooth."""
    y, x = numpy.mgrid[0:frame.shape[0], 0:frame.shape[1]].astype(float)
    grid_y, grid_x = y / EVERY, x / EVERY
    from_y = y + ndimage.map_coordinates(field[..., 0].astype(float), [grid_y, grid_x], order=3, mode="nearest")
    from_x = x + ndimage.map_coordinates(field[..., 1].astype(float), [grid_y, grid_x], order=3, mode="nearest")
    inside = (from_y >= 0) & (from_y <= frame.shape[0] - 1) & (from_x >= 0) & (from_x <= frame.shape[1] - 1)
    values = ndimage.map_coordinates(frame.astype(float), [from_y, from_x], order=1, mode="nearest")
    return numpy.where(inside, values, fill), inside


@case
def frames_are_moved_as_scipy_does():
    if ndimage is None:
        raise Skip("scipy is absent")
    for kind in ("uint8", "uint16", "float32"):
        path, truth = movie("moved" + kind, "frames=12", "height=181", "width=241", "bend=3", "motion=5", "seed=35",
                            "type=" + kind)
        out = scratch("out.npy")
        limpid("run", path, "motion", "method=piecewise", "fill=9", "!", "write", out, "--overwrite", "--progress",
               "none")
        found, shifts, _ = fields(path, truth, "fill=9")
        frames, made = numpy.load(path), numpy.load(out)
        assert made.dtype == frames.dtype and made.shape == frames.shape
        assert not shifts[:, 2].any()
        for t in range(len(frames)):
            expected, inside = moved_by_scipy(frames[t], found[t], 9)
            # Away from where the field is not given to the last pixel, and where being inside is a matter of rounding.
            core = numpy.zeros_like(inside)
            core[4:-8, 4:-8] = True
            core &= ndimage.binary_erosion(inside) | ndimage.binary_erosion(~inside)
            slope = float(numpy.ptp(frames[t])) * 2e-3  # of places 2e-3 px off
            off = numpy.abs(made[t].astype(float) - expected)[core]
            assert off.max() <= (0.5 if kind != "float32" else 0) + slope + 1e-3, (kind, t, off.max())


@case
def tables_borders_and_bad_frames():
    path, truth = movie("bad", "frames=40", "height=200", "width=240", "bend=2", "motion=4", "blank=0.1", "seed=36")
    table, out = scratch("shifts.csv"), scratch("bad-out.npy")
    limpid("run", path, "motion", "method=piecewise", "bad-frames=interpolate", "border=crop", "max-deviation=4",
           "shifts=" + table, "!", "write", out, "--overwrite", "--progress", "none")
    with open(table, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    blank = [t for t, status in enumerate(truth["status"]) if status == "blank"]
    assert blank and len(rows) == truth["frames"]
    assert all(int(rows[t]["flag"]) & 31 for t in blank)
    made, frames = numpy.load(out), numpy.load(path)
    assert made.shape[1] < frames.shape[1] - 8 and made.shape[2] < frames.shape[2] - 8
    for t in blank[:2]:
        if 0 < t < truth["frames"] - 1 and t - 1 not in blank and t + 1 not in blank:
            middle = (float(rows[t - 1]["dy_px"]) + float(rows[t + 1]["dy_px"])) / 2
            assert abs(float(rows[t]["dy_px"]) - middle) < 1e-3


@case
def impossible_settings_are_refused():
    path, _ = movie("small", "frames=30", "height=201", "width=262", "bend=3", "motion=5", "seed=34")
    for words, says in ((["patch=300"], "do not fit"), (["patch=32", "max-deviation=20"], "too large for patches"),
                        (["overlap=95"], "three quarters"), (["interpolation=fourier"], "bilinear alone")):
        said = limpid("run", path, "motion", "method=piecewise", *words, "!", "write", scratch("no.npy"), code=2).stderr
        assert says in said, said


main()
