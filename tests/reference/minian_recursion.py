# SPDX-License-Identifier: BSD-3-Clause
"""An executable specification of motion method=recursive minian-exact=yes: Minian's rigid estimate (pull request 320),
in NumPy and in double precision. Nothing here is fast.

    estimate(movie, npart, chunk, alt_error, aggregation, circularity) -> shifts, frames x (dy, dx)

The shift of a frame is its correction: its content is to be moved by it. circularity (0: off) needs OpenCV. Names follow
src/movie/motion_recursive*.c.
"""
import math

import numpy as np


def split(shift):
    """Where row or column 0 of the moved image comes from: whole pixels, and 32nds of one."""
    q = (int(np.rint(-float(np.float32(shift)) * 1024)) + 16) >> 5
    return q >> 5, np.float32((q & 31) / 32)


def move(image, shift):
    """Bilinear in single precision, 0 beyond the edge; whole numbers are truncated."""
    height, width = image.shape
    (row, y), (column, x) = split(shift[0]), split(shift[1])
    rows, columns = np.arange(height + 1) + row, np.arange(width + 1) + column
    inside = np.ix_((rows >= 0) & (rows < height), (columns >= 0) & (columns < width))
    source = np.zeros((height + 1, width + 1), np.float32)
    source[inside] = image.astype(np.float32)[np.ix_(rows[(rows >= 0) & (rows < height)],
                                                     columns[(columns >= 0) & (columns < width)])]
    moved = ((1 - y) * (1 - x) * source[:-1, :-1] + (1 - y) * x * source[:-1, 1:] +
             y * (1 - x) * source[1:, :-1] + y * x * source[1:, 1:])
    return moved.astype(image.dtype)


def register(source, target, shape):
    """What to move the source by, from spectra: the highest circular correlation, and a parabola along each axis."""
    c = np.fft.irfft2(source * np.conj(target), s=shape)
    peak = np.unravel_index(np.argmax(c), c.shape)
    shift = np.empty(2)
    for axis, n in enumerate(shape):
        before, after = list(peak), list(peak)
        before[axis], after[axis] = (peak[axis] - 1) % n, (peak[axis] + 1) % n
        a, b, c_ = c[tuple(before)], c[peak], c[tuple(after)]
        bend = a - 2 * b + c_
        place = peak[axis] + (0.5 * (a - c_) / bend if bend != 0 else 0)
        shift[axis] = -(place - n if place > n // 2 else place)
    return shift


def register_ends(spectra, i, j, aggregate, alt_error, shape):
    """The frames at the joint decide if they disagree and need less motion. Slots: first, aggregate, last."""
    source, target = (2, 0) if i < j else (0, 2)
    ends = register(spectra[i, source], spectra[j, target], shape)
    differ = (np.abs(aggregate - ends) > alt_error).any()
    return ends if differ and np.abs(aggregate).sum() > np.abs(ends).sum() else aggregate


def measure_circularity(frame, reach=100):
    """Of the displacements at which a frame is like itself, if they make one shape."""
    import cv2
    frame = frame.astype(np.float32)
    alike = cv2.matchTemplate(frame, np.pad(frame, reach), cv2.TM_SQDIFF_NORMED) < 1
    outlines = cv2.findContours(alike.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[-2]
    if len(outlines) != 1:
        return 0
    length = cv2.arcLength(outlines[0], True)
    return 4 * np.pi * cv2.contourArea(outlines[0]) / length ** 2 if length > 0 else 0


def find_moves(items, good, alt_error):
    """Each item onto the nearest good one towards the middle, summed up, less the mean. Others move themselves alone."""
    n, shape = len(items), items.shape[-2:]
    middle = int(good[np.argmin(np.abs(good - n / 2))])
    spectra = np.fft.rfft2(items, axes=(-2, -1))
    moves = np.zeros((n, 2))
    for i in range(n):
        if i == middle:
            continue
        j = good[good > i].min() if i < middle else good[good < i].max()
        if items.ndim == 4:
            step = register(spectra[i, 1], spectra[j, 1], shape)
            if alt_error:
                step = register_ends(spectra, i, j, step, alt_error, shape)
        else:
            step = register(spectra[i], spectra[j], shape)
        if i in good:
            moves[slice(0, i + 1) if i < middle else slice(i, None)] += step
        else:
            moves[i] += step
    return moves - moves.mean(0)


def find_good(items, shifts, circularity):
    """Frames that may move others; all, if none may."""
    every = np.arange(len(items))
    if not circularity or shifts is not None:
        return every
    good = every[[measure_circularity(frame) > circularity for frame in items]]
    return good if len(good) else every


def node(items, shifts, alt_error, aggregation, circularity):
    """items: frames (n x height x width), or first frame, aggregate, last frame of each (n x 3 x height x width)."""
    has_ends = items.ndim == 4
    if not has_ends and len(items) == 1:
        made = np.stack([items[0]] * 3) if alt_error else items[0]
        return made, shifts if shifts is not None else np.zeros((1, 2))
    good = find_good(items, shifts, circularity)
    moves = find_moves(items, good, alt_error)
    moved = items[good]
    for i, one in enumerate(moves[good]):
        if has_ends:
            for slot in range(3):
                moved[i, slot] = move(moved[i, slot], one)
        else:
            moved[i] = move(moved[i], one)
    over = (0, 1) if has_ends else 0
    made = moved.mean(over) if aggregation == "mean" else moved.max(over)
    if alt_error:  # of frames, the second one stands for the last
        ends = (moved[0, 0], moved[-1, -1]) if has_ends else (moved[0], moved[min(1, len(moved) - 1)])
        made = np.stack([ends[0], made, ends[1]])
    if shifts is not None:
        moves = np.concatenate([moves[i] + s for i, s in enumerate(shifts)])
    return made, moves


def merge(items, shifts, npart, **rule):
    """Groups of almost equal size, until one is left."""
    if items.ndim == 3 and len(items) == 1:
        return node(items, shifts, **rule)
    while len(items) > npart:
        groups = np.array_split(np.arange(len(items)), math.ceil(len(items) / npart))
        made = [node(items[g], [shifts[i] for i in g] if shifts is not None else None, **rule) for g in groups]
        items, shifts = np.stack([one[0] for one in made]), [one[1] for one in made]
    return node(items, shifts, **rule)


def estimate(movie, npart=3, chunk=250, alt_error=5.0, aggregation="mean", circularity=0):
    rule = {"alt_error": alt_error, "aggregation": aggregation, "circularity": circularity}
    made = [merge(movie[i:i + chunk], None, npart, **rule) for i in range(0, len(movie), chunk)]
    while len(made) > 1:
        parts = [made[i:i + npart] for i in range(0, len(made), npart)]
        made = [merge(np.stack([m[0] for m in part]), [m[1] for m in part], npart, **rule) for part in parts]
    return made[0][1]
