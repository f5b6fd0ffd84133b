# SPDX-License-Identifier: BSD-3-Clause
"""limpid score motion against NumPy: errors of shifts, sharpness, correlation with the mean, local correlation.

Both compute in double precision from the same numbers, in another order; limpid takes movies as float32, which holds
these integers exactly. Hence 1e-6 relative, with margin: JSON is printed with 10 digits. Displacements between thirds
of the frames are compared with what the movie was made with, to 0.1 px.
"""
import json

import numpy as np

from check import Skip, case, limpid, main, scratch

try:
    from scipy import ndimage
except ImportError:
    ndimage = None

N, H, W = 45, 120, 150
RANDOM = np.random.default_rng(11)
TRUTH = np.cumsum(RANDOM.normal(0, 0.8, (N, 2)), axis=0)
SHIFTS = -0.97 * TRUTH + RANDOM.normal(0, 0.05, (N, 2)) + [1.5, -0.75]
FLAGGED = np.zeros(N, bool)
FLAGGED[[3, 4, 20, 44]] = True
SHIFTS[3] += 30
SHIFTS[20] -= 17


def close(ours, theirs, what, relative=1e-6):
    assert ours is not None and abs(ours - theirs) <= relative * max(abs(theirs), 1e-3), (what, ours, theirs)


def write_shifts(name, shifts=SHIFTS, flagged=FLAGGED):
    with open(scratch(name), "w", encoding="utf-8") as file:
        file.write("frame,dy_px,dx_px,peak,flag\n")
        for i, (dy, dx) in enumerate(shifts):
            file.write("%d,%.17g,%.17g,%.3f,%d\n" % (i, dy, dx, 0.9, 2 * flagged[i]))
    return scratch(name)


def write_truth():
    np.save(scratch("truth.npy"), TRUTH)
    return scratch("truth.npy")


def score(*words):
    return json.loads(limpid("score", "motion", *words, "--json").stdout)


def expected_spread(size):
    return {"mean_px": size.mean(), "p95_px": np.percentile(size, 95), "max_px": size.max(),
            "rmse_px": np.sqrt((size ** 2).mean())}


def check_errors(told, used):
    e = (SHIFTS + TRUTH)[used]
    assert told["frames"] == used.sum()
    for removed, values in (("mean", e - e.mean(0)), ("median", e - np.median(e, axis=0))):
        o = told if removed == "mean" else told["median_removed"]
        for key, value in expected_spread(np.hypot(*values.T)).items():
            close(o[key], value, (removed, key))
        for axis, name in enumerate(("dy", "dx")):
            a = told[name] if removed == "mean" else told[name]["median_removed"]
            for key, value in expected_spread(np.abs(values[:, axis])).items():
                close(a[key], value, (removed, name, key))
    for axis, name in enumerate(("dy", "dx")):
        close(told[name]["constant_mean_px"], e[:, axis].mean(), name)
        close(told[name]["constant_median_px"], np.median(e[:, axis]), name)
        close(told[name]["slope"], np.polyfit(-TRUTH[used, axis], SHIFTS[used, axis], 1)[0], name)
        steps = np.diff(np.where(used, (SHIFTS + TRUTH)[:, axis], np.nan))
        close(told[name]["step_px"], np.nanstd(steps), name)


@case
def errors_of_shifts():
    told = score("--shifts", write_shifts("s.csv"), "--truth", write_truth())
    assert told["shifts"]["frames_flagged"] == 4 and told["shifts"]["flagged"] == [3, 4, 20, 44]
    check_errors(told["with_truth"], ~FLAGGED)
    check_errors(told["with_truth"]["with_flagged"], np.ones(N, bool))


@case
def truth_in_a_table():
    write_shifts("truth.csv", TRUTH, np.zeros(N, bool))
    told = score("--shifts", write_shifts("s.csv"), "--truth", scratch("truth.csv"))
    check_errors(told["with_truth"], ~FLAGGED)


@case
def truth_of_other_layouts():
    want = score("--shifts", write_shifts("s.csv"), "--truth", write_truth())["with_truth"]
    np.save(scratch("fortran.npy"), np.asfortranarray(TRUTH))
    assert score("--shifts", scratch("s.csv"), "--truth", scratch("fortran.npy"))["with_truth"] == want
    np.save(scratch("single.npy"), TRUTH.astype(np.float32))
    single = score("--shifts", scratch("s.csv"), "--truth", scratch("single.npy"))["with_truth"]
    close(single["mean_px"], want["mean_px"], "float32", 1e-4)


# ---- Movies ----


def crispness(image):
    return np.sqrt(sum((g ** 2).sum() for g in np.gradient(image)))


def local_correlation(movie):
    """Mean correlation of each pixel with its neighbours, of those there are."""
    z = movie - movie.mean(0)
    z /= np.sqrt((z ** 2).mean(0))
    total, count = np.zeros(z.shape[1:]), np.zeros(z.shape[1:])
    h, w = total.shape
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if dy == dx == 0:
                continue
            here = (slice(max(0, -dy), h - max(0, dy)), slice(max(0, -dx), w - max(0, dx)))
            there = (slice(max(0, dy), h - max(0, -dy)), slice(max(0, dx), w - max(0, -dx)))
            total[here] += (z[(slice(None), *here)] * z[(slice(None), *there)]).mean(0)
            count[here] += 1
    return total / count


def check_side(told, movie, used, region):
    top, left, height, width = region
    assert told["valid_region"] == {"top": top, "left": left, "height": height, "width": width}, told["valid_region"]
    part = movie[:, top:top + height, left:left + width].astype(float)
    mean = part[used].mean(0)
    close(told["crispness"], crispness(mean), "crispness")
    gy, gx = np.gradient(mean)
    close(told["acutance"], np.hypot(gy, gx).mean() / mean.mean(), "acutance")
    close(told["mean"], mean.mean(), "mean")
    close(told["deviation_of_mean_image"], mean.std(), "deviation")
    r = np.array([np.corrcoef(f.ravel(), mean.ravel())[0, 1] for f in part[used]])
    close(told["correlation_with_mean"], r.mean(), "correlation")
    close(told["correlation_with_mean_least"], r.min(), "least correlation")
    close(told["correlation_with_mean_p05"], np.percentile(r, 5), "low correlation")
    local = local_correlation(part[used])
    close(told["local_correlation"], local.mean(), "local correlation")
    close(told["local_correlation_crispness"], crispness(local), "its crispness")


def movie(kind=np.uint16):
    base = RANDOM.normal(0, 1, (H, W))
    values = 400 + 60 * base + RANDOM.normal(0, 12, (N, H, W)) + 30 * RANDOM.random((N, 1, 1))
    return values.astype(kind)


def small_shifts():
    shifts = np.clip(SHIFTS / 4, -4.5, 4.5)
    region = (int(np.ceil(max(shifts[~FLAGGED, 0].max(), 0))), int(np.ceil(max(shifts[~FLAGGED, 1].max(), 0))))
    lost = (int(np.ceil(max(-shifts[~FLAGGED, 0].min(), 0))), int(np.ceil(max(-shifts[~FLAGGED, 1].min(), 0))))
    return shifts, (region[0], region[1], H - region[0] - lost[0], W - region[1] - lost[1])


@case
def sharpness_and_correlation():
    shifts, region = small_shifts()
    before, after = movie(), movie()
    np.save(scratch("before.npy"), before)
    np.save(scratch("after.npy"), after)
    told = score(scratch("before.npy"), scratch("after.npy"), "--shifts", write_shifts("m.csv", shifts))
    check_side(told["before"], before, ~FLAGGED, region)
    check_side(told["after"], after, ~FLAGGED, region)


@case
def without_shifts_the_whole_frame():
    after = movie(np.float32)
    np.save(scratch("float.npy"), after)
    told = score(scratch("float.npy"))
    check_side(told["after"], after, np.ones(N, bool), (0, 0, H, W))
    assert told["before"] is None and told["with_truth"] is None
    assert any("No shifts" in w for w in told["warnings"])


@case
def a_cropped_movie_is_compared_on_its_place():
    shifts, (top, left, height, width) = small_shifts()
    before = movie()
    np.save(scratch("whole.npy"), before)
    np.save(scratch("cropped.npy"), before[:, top:top + height, left:left + width])
    told = score(scratch("whole.npy"), scratch("cropped.npy"), "--shifts", write_shifts("m.csv", shifts))
    check_side(told["before"], before, ~FLAGGED, (top, left, height, width))
    for key in ("crispness", "correlation_with_mean", "local_correlation"):
        close(told["after"][key], told["before"][key], key)
    refused = limpid("score", "motion", scratch("whole.npy"), scratch("cropped.npy"), code=3).stderr
    assert "no shifts tell" in refused and len(refused.splitlines()) == 1, refused


@case
def missing_pixels_take_no_part():
    after = movie(np.float32)
    after[:, :7] = np.nan
    after[5, 40, 50] = np.nan
    np.save(scratch("missing.npy"), after)
    whole = score(scratch("missing.npy"))["after"]
    np.save(scratch("rest.npy"), after[:, 7:])
    rest = score(scratch("rest.npy"))["after"]
    for key in ("mean", "deviation_of_mean_image", "correlation_with_mean", "local_correlation"):
        close(whole[key], rest[key], key)


@case
def colours_become_grey():
    colours = RANDOM.integers(0, 256, (N, 60, 70, 3), dtype=np.uint8)
    np.save(scratch("colours.npy"), colours)
    grey = np.floor(colours @ np.array([0.299, 0.587, 0.114]) + 0.5)
    told = score(scratch("colours.npy"))["after"]
    close(told["mean"], grey.mean(), "mean", 1e-3)
    close(told["crispness"], crispness(grey.mean(0)), "crispness", 1e-2)


def textured():
    image = ndimage.gaussian_filter(RANDOM.normal(0, 1, (H + 40, W + 40)), 2.5)
    return 100 + 30 * image / image.std()


@case
def displacement_of_a_part_is_seen():
    """The right half of the frames with the largest shifts lies 1.5 px lower: rigid correction cannot see it."""
    if ndimage is None:
        raise Skip("SciPy is absent")
    image, shifts = textured(), np.stack([np.linspace(-3, 3, N), np.zeros(N)], axis=1)
    bent = image.copy()
    bent[:, 20 + W // 2:] = ndimage.shift(image, (1.5, 0), order=3)[:, 20 + W // 2:]
    frames = [(bent if i >= N - N // 3 else image)[20:20 + H, 20:20 + W] for i in range(N)]
    np.save(scratch("bent.npy"), (np.array(frames) + RANDOM.normal(0, 2, (N, H, W))).astype(np.float32))
    told = score(scratch("bent.npy"), "--shifts", write_shifts("b.csv", shifts, np.zeros(N, bool)))["motion_left"]
    pair = {p["by"]: p for p in told["pairs"]}["dy"]
    assert "dx" not in {p["by"] for p in told["pairs"]}
    assert pair["frames_of_each"] == N // 3
    close(pair["apart_px"], shifts[-(N // 3):, 0].mean() - shifts[:N // 3, 0].mean(), "apart")
    for block in pair["blocks"]:
        if abs(block["x"] - W / 2) < 25:
            continue
        want = 1.5 if block["x"] > W / 2 else 0
        assert abs(block["dy_px"] - want) < 0.1 and abs(block["dx_px"]) < 0.1, block
    assert 1.3 < told["local_max_px"] < 1.7, told["local_max_px"]


main()
