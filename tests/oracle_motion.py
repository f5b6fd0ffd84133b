# SPDX-License-Identifier: BSD-3-Clause
"""The motion estimate (method template) against movies whose motion is known, through the command; what all methods of
the step share. motion_movie.py makes the movies.

Tolerances. A movie here has 256 x 320 pixels of about 50 grey levels with 2.5 of noise, texture of 8 % (standard
deviation) that is 4 px fine and coarser texture below a vignette. 0.02 px is what its noise and vignette leave on
average; 0.05 px (mean) and 0.2 px (worst of 100 frames) are asked for, twice and thrice of what is measured. Fewer
pixels tell less: the error grows with one over the root of their number, and with the binning.
"""
import hashlib
import os

import numpy as np

from check import Skip, case, limpid, main, scratch
from motion_movie import Found, canvas, facts, filmed, find, moved, save, vignette, walk

MEAN, WORST = 0.05, 0.2
AT_LIMIT, BLANK, WEAK, SATURATED, CORRUPT, REPEATED = 1, 2, 4, 8, 16, 32
UNKNOWN = AT_LIMIT | BLANK | WEAK | SATURATED | CORRUPT

_made = {}


def made(name, make):
    if name not in _made:
        _made[name] = make()
    return _made[name]


def wide():
    """100 frames that move by up to 12 px, and their displacement."""
    truth = walk(100, 12, 1)
    return made("wide", lambda: filmed(truth)), truth


def narrow():
    """100 frames that move by up to 2 px."""
    truth = walk(100, 2, 2)
    return made("narrow", lambda: filmed(truth, seed=5)), truth


def found_wide():
    return made("found", lambda: find(wide()[0]))


def good(found, truth, mean=MEAN, worst=WORST, frames=slice(None)):
    off = found.errors(truth, frames)
    said = "mean error %.4f px (at most %.2f), worst %.4f (at most %.2f)" % (off.mean(), mean, off.max(), worst)
    print("# " + said)
    assert off.mean() <= mean and off.max() <= worst, said
    assert not (found.flag[frames] & UNKNOWN).any(), "flagged: %s" % found.flag[frames]


def close(ours, theirs, tolerance):
    worst = np.abs(ours - theirs).max()
    assert worst <= tolerance, "shifts differ by %.4f px, more than %g" % (worst, tolerance)


def run(path, *words, **options):
    return limpid("run", path, *words, "--overwrite", "--progress", "none", **options)


# ---- Truth ----

@case
def rigid_motion():
    frames, truth = wide()
    good(found_wide(), truth)
    still = np.hypot(*(truth - truth.mean(0)).T)
    off = found_wide().errors(truth)
    assert off.mean() * 20 <= still.mean() and off.max() * 20 <= still.max()
    assert np.abs((found_wide().shifts + truth).mean(0)).max() < 12  # near where most frames are
    assert (found_wide().peak > 0.9).all() and (found_wide().peak < 0.995).all()  # noise is not like the template


@case
def small_motion_below_a_vignette():
    frames, truth = narrow()
    found = find(frames)
    good(found, truth)
    for axis in range(2):
        slope = np.polyfit(-truth[:, axis], found.shifts[:, axis], 1)[0]
        assert 0.99 <= slope <= 1.01, "slope %.4f" % slope


@case
def dust_that_stands_still():
    """Soft specks that take 15 % of the light."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[:256, :320]
    dust = np.ones((256, 320))
    for _ in range(6):
        dust -= 0.15 * np.exp(-((y - random.uniform(40, 216)) ** 2 + (x - random.uniform(40, 280)) ** 2) / (2 * 20 ** 2))
    truth = walk(100, 2, 2)
    found = find(filmed(truth, seed=5, still=dust))
    good(found, truth)
    for axis in range(2):
        slope = np.polyfit(-truth[:, axis], found.shifts[:, axis], 1)[0]
        assert 0.98 <= slope <= 1.02, "slope %.4f" % slope


@case
def what_stands_still_is_left_alone():
    """Shot noise moves the estimate by 0.017 px on average; without noise there is nothing to find."""
    still = np.zeros((60, 2))
    found = find(filmed(still))
    good(found, still, 0.02, 0.06)
    light = next(moved(canvas(256, 320), still[:1])) * 70 * vignette(256, 320)
    same = find(np.repeat(light[None].astype("f4"), 12, axis=0))
    assert np.ptp(same.shifts, axis=0).max() == 0 and np.abs(same.shifts).max() < 0.02
    assert (same.flag[1:] == REPEATED).all() and same.flag[0] == 0


@case
def noise_alone():
    random = np.random.default_rng(0)
    found = find(random.poisson(50, (80, 200, 240)).astype("u1"), "max-shift=12", "max-shift-x=9")
    assert (np.abs(found.shifts) <= (13, 10)).all() and np.isfinite(found.shifts).all()
    assert (found.peak < 0.4).all()


@case
def constant_and_empty_movies():
    for frames in (np.full((20, 64, 64), 7, "u1"), np.zeros((3, 64, 64), "f4"), np.full((3, 64, 64), np.nan, "f4")):
        found = find(frames)
        assert (found.flag == BLANK).all() and (found.shifts == 0).all() and (found.peak == 0).all()


@case
def an_independent_estimate():
    """scikit-image on band-passed and tapered frames, twice onto their mean: another interpolation of the peak, the same
    noise. Both are within 0.03 px of the truth on average."""
    try:
        from scipy.ndimage import fourier_shift, gaussian_filter
        from skimage.registration import phase_cross_correlation
    except ImportError:
        raise Skip("SciPy or scikit-image is absent")
    frames, truth = wide()
    chosen = np.arange(0, 100, 5)
    level = gaussian_filter(frames.mean(0), 23)
    window = np.outer(np.hanning(256), np.hanning(320)) ** 0.5
    images = [frames[t] / level for t in chosen]
    images = [(gaussian_filter(f, 1.6) - gaussian_filter(f, 9)) * window for f in images]
    template = images[10]
    for _ in range(3):
        theirs = np.array([phase_cross_correlation(template, f, normalization=None, upsample_factor=50)[0] for f in images])
        template = np.mean([np.fft.ifft2(fourier_shift(np.fft.fft2(f), s)).real for f, s in zip(images, theirs)], axis=0)
    off = found_wide().shifts[chosen] - theirs
    off = np.hypot(*(off - off.mean(0)).T)
    print("# differs from scikit-image by %.3f px on average, at most %.3f" % (off.mean(), off.max()))
    assert off.mean() <= 0.05 and off.max() <= 0.15
    of_theirs = theirs + truth[chosen]
    assert found_wide().errors(truth, chosen).mean() <= np.hypot(*(of_theirs - of_theirs.mean(0)).T).mean()


# ---- Movies of all kinds ----

@case
def number_types():
    frames, truth = wide()
    for dtype, gain in [("uint16", 200), ("int16", 100), ("int32", 1000), ("float32", 1), ("float64", 1 / 3)]:
        close(find((frames * np.float64(gain)).astype(dtype)).shifts, found_wide().shifts, 0.02)
    assert (find(frames.astype("f4")).shifts == found_wide().shifts).all()
    swapped = find(frames.astype(">u2"))
    close(swapped.shifts, found_wide().shifts, 1e-4)


@case
def dark_levels_and_negative_numbers():
    """A level added before the lens's shade is known: the shade cannot be divided out. Numbers below 0 are no light: the
    shade stays, and tells more than noise does."""
    frames, truth = wide()
    good(find(frames.astype("u2") + np.uint16(30000)), truth)
    good(find(frames.astype("f4") + 1e4), truth)
    good(find((frames * 100.0 - 10000).astype("i2")), truth, 0.12, 0.3)
    good(find(frames.astype("f4") - 100), truth, 0.12, 0.3)


@case
def changes_of_brightness():
    frames, truth = wide()
    light = frames.astype("f8")
    flicker = np.random.default_rng(0).uniform(0.7, 1.3, 100)
    for factor in (np.linspace(1, 0.5, 100), flicker):
        found = find((light * factor[:, None, None]).astype("f4"))
        good(found, truth)
        close(found.shifts, found_wide().shifts, 0.06)


@case
def missing_pixels():
    frames, truth = wide()
    inside = np.zeros((256, 320), "u1")
    inside[12:-12, 12:-12] = 1
    border = np.where(inside, frames, np.float32(np.nan))
    good(find(border), truth)
    some = frames.astype("f4")
    some[np.random.default_rng(3).random(some.shape) < 0.001] = np.nan
    some[30] = np.nan
    some[60, 100:110] = np.inf
    found = find(some)
    assert found.flag[30] == BLANK and (found.shifts[30] == 0).all()
    good(found, truth, frames=np.arange(100) != 30)


@case
def black_surroundings_are_left_out_by_a_mask_or_a_region():
    frames, truth = wide()
    inside = np.zeros((256, 320), "u1")
    inside[12:-12, 12:-12] = 1
    black = frames * inside
    good(find(black, "mask=" + save(inside, "mask.npy")), truth)
    good(find(black, "region=12,12,296,232"), truth)


@case
def a_mask_leaves_out_what_stands_still():
    frames, truth = wide()
    y, x = np.mgrid[:256, :320]
    grid = 40 * ((x // 5 + y // 5) % 2)
    dirty = frames.copy()
    dirty[:, :, 220:] = grid[:, 220:]
    mask = np.zeros((256, 320), "f4")
    mask[:, :220] = 1
    path = save(mask, "mask.npy")
    good(find(dirty, "mask=" + path), truth, 0.08, 0.25)
    assert find(dirty).errors(truth).mean() > 1, "the mask would not have been needed"


@case
def regions():
    """Less than half of the pixels."""
    frames, truth = wide()
    good(find(frames, "region=40,30,200,180"), truth, 0.1, 0.3)
    same = find(frames, "region=0,0,320,256")
    assert (same.shifts == found_wide().shifts).all()


@case
def binning():
    frames, truth = wide()
    assert (find(frames, "binning=1").shifts == found_wide().shifts).all()
    good(find(frames, "binning=2"), truth)
    good(find(frames, "binning=3", "smooth=1.6"), truth, 0.1, 0.3)
    good(find(frames, "binning=4"), truth, 0.15, 0.4)  # the finest texture is a pixel then


@case
def small_frames():
    """27 times fewer pixels: 5 times the error."""
    truth = walk(60, 3, 3)
    plain = {"still": 1 / vignette(64, 48)}
    good(find(filmed(truth, 64, 48, seed=4, **plain)), truth, 0.15, 0.5)
    plain = {"still": 1 / vignette(40, 201)}
    good(find(filmed(truth, 40, 201, seed=4, **plain), "max-shift=6"), truth, 0.15, 0.5)  # 3.4 px from the middle


@case
def small_frames_below_a_vignette():
    """Its slope is steep for the smoothing that takes it away: what is left stands still and pulls shifts towards none, the
    more the smaller the frame."""
    for side, mean, worst in ((200, 0.08, 0.2), (160, 0.15, 0.4), (128, 0.3, 0.7)):
        truth = walk(60, 4, 3)
        found = find(filmed(truth, side, side, seed=5, still=vignette(side, side)))
        good(found, truth, mean, worst)


@case
def few_frames():
    frames, truth = wide()
    for n in (2, 3, 5):
        good(find(frames[20:20 + n]), truth[20:20 + n], 0.08)
    one = find(frames[:1])
    assert one.flag[0] == 0 and np.abs(one.shifts).max() < 0.02 and one.peak[0] > 0.99


@case
def a_template_made_by_one_run_serves_the_next():
    """It lacks what lies beyond the frame, which a learned one has as far as frames show it: hence less exact where much
    moves."""
    for (frames, truth), tolerance in [(narrow(), 0.02), (wide(), 0.06)]:
        image = scratch("template.npy")
        first = find(frames, "template-out=" + image)
        second = find(frames, "template=" + image, "template-out=" + scratch("again.npy"))
        close(second.shifts, first.shifts, tolerance)
        good(second, truth)
        assert (np.load(image) == np.load(scratch("again.npy"))).all()
        made_image = np.load(image)
        assert made_image.dtype == np.float32 and made_image.shape == (256, 320)
        aligned = frames[np.hypot(*first.shifts.T) < 3].mean(0)
        assert np.corrcoef(made_image[40:-40, 40:-40].ravel(), aligned[40:-40, 40:-40].ravel())[0, 1] > 0.95
        assert abs(made_image.mean() / frames.mean() - 1) < 0.02
    # of a region, as large as it
    first = find(frames, "region=30,20,240,200", "template-out=" + image)
    assert np.load(image).shape == (200, 240)
    second = find(frames, "region=30,20,240,200", "template=" + image)
    close(second.shifts - second.shifts.mean(0), first.shifts - first.shifts.mean(0), 0.2)


@case
def reach_to_the_side():
    truth = walk(60, 3, 3) * (1, 14 / 3)
    frames = filmed(truth)
    good(find(frames, "max-shift=5", "max-shift-x=18"), truth)
    short = find(frames, "max-shift=5")
    far = np.abs(truth[:, 1] - np.median(truth[:, 1])) > 6
    assert far.sum() > 10 and (short.flag[far] & UNKNOWN).all()
    assert (np.abs(short.shifts) <= 6).all()


# ---- Frames that are not to be trusted ----

def damaged():
    """What is wrong with which frames; 120 of them, within 4 px, of which one jumps and some are broken."""
    truth = walk(120, 4, 6)
    truth[12] += (26, 0)
    frames = made("damaged", lambda: filmed(truth)).copy()
    random = np.random.default_rng(8)
    frames[27] = 0
    frames[33] = 12  # divided by the lens's shade it is not even any more
    frames[41] = random.integers(0, 256, frames[41].shape)
    frames[56] = np.clip(frames[56] * 4.0, 0, 255)
    frames[71, 128:] = np.roll(frames[71, 128:], 14, axis=1)
    frames[90] = frames[89]
    frames[91] = frames[89]
    frames[105, 60:100] = random.integers(0, 256, (40, 320))
    wrong = {12: AT_LIMIT | WEAK, 27: BLANK, 33: UNKNOWN, 41: WEAK | CORRUPT, 56: SATURATED, 71: WEAK, 90: REPEATED, 91: REPEATED,
             105: WEAK | CORRUPT}
    return frames, truth, wrong


@case
def damaged_frames_and_only_those_are_flagged():
    frames, truth, wrong = damaged()
    found = find(frames, "max-shift=12")
    for t in range(120):
        expected = wrong.get(t, 0)
        assert (found.flag[t] & expected) if expected else found.flag[t] == 0, "frame %d: flag %d" % (t, found.flag[t])
    assert found.flag[90] == found.flag[91] == REPEATED and (found.shifts[90] == found.shifts[89]).all()
    bad = [t for t in wrong if wrong[t] != REPEATED]
    assert (found.shifts[bad] == 0).all() and (np.abs(found.shifts) <= 13).all()
    sound = np.setdiff1d(np.arange(120), [*bad, 90, 91])
    good(found, truth, frames=sound)


@case
def unknown_motion_is_interpolated():
    frames, truth, wrong = damaged()
    zero = find(frames, "max-shift=12")
    between = find(frames, "max-shift=12", "bad-frames=interpolate")
    assert (between.flag == zero.flag).all()
    known = (zero.flag & UNKNOWN) == 0
    assert (between.shifts[known] == zero.shifts[known]).all()
    t = np.arange(120)
    for axis in range(2):
        close(between.shifts[:, axis], np.interp(t, t[known], zero.shifts[known, axis]), 1e-6)  # as the table has it


@case
def one_jump_in_many_sizes():
    """However far a frame has jumped, it is found, or flagged; never is a shift out of reach."""
    truth = np.zeros((40, 2))
    truth[:] = walk(40, 1.5, 9)
    truth[5:40:5, 1] = (6, 8.5, 11, 14, 18, 23, 28)
    frames = filmed(truth)
    found = find(frames, "max-shift=10")
    for t in range(5, 40, 5):
        is_known = not found.flag[t] & UNKNOWN
        assert is_known or (found.shifts[t] == 0).all()
        assert is_known == (truth[t, 1] < 10), "%g px: flag %d" % (truth[t, 1], found.flag[t])
    good(found, truth, frames=(found.flag & UNKNOWN) == 0)


@case
def many_black_frames():
    frames, truth = wide()
    dark = frames.copy()
    dark[:65] = 0
    found = find(dark)
    assert (found.flag[:65] == BLANK).all() and (found.shifts[:65] == 0).all()
    good(found, truth, frames=slice(65, None))
    lamp = frames.copy()
    lamp[:30] = np.random.default_rng(1).poisson(12, lamp[:30].shape)
    found = find(lamp)
    assert (found.flag[:30] & BLANK).all()
    good(found, truth, frames=slice(30, None))


@case
def a_camera_that_saw_nothing_leaves_blank_frames_however_noisy():
    frames, truth = narrow()
    random = np.random.default_rng(1)
    movie = frames.copy()
    shade = 70 * vignette(256, 320) + 12
    for t, noise in ((5, random.normal(12, 0.6, shade.shape)), (15, random.normal(12, 2, shade.shape)),
                     (25, random.poisson(12, shade.shape)), (45, random.poisson(9 * shade) / 9)):
        movie[t] = np.clip(np.round(noise), 0, 255)
    movie[65] = np.round(frames[65] * 0.2)  # dim, but there
    movie[85] = np.roll(frames[85], (128, 160), (0, 1))  # something else
    found = find(movie)
    assert (found.flag[[5, 15, 25, 45]] == BLANK).all() and (found.shifts[[5, 15, 25, 45]] == 0).all(), found.flag
    assert found.flag[65] == 0 and found.flag[85] & UNKNOWN and not found.flag[85] & BLANK
    good(found, truth, frames=np.setdiff1d(np.arange(100), [5, 15, 25, 45, 85]))


# ---- Drift ----

@case
def drift_beyond_the_largest_shift():
    """9000 frames of 96 x 96 px that drift by 60 px: templates of stretches, tied together, of which the first and the
    last share no content."""
    n, side, fine = 9000, 96, 8
    random = np.random.default_rng(4)
    texture = canvas(side + 40, side + 40, 7, fine=0.12)
    spectrum = np.fft.rfft2(texture)
    size = len(texture)
    padded = np.zeros((size * fine, size * fine // 2 + 1), complex)
    half = size // 2
    padded[:half, :half] = spectrum[:half, :half]
    padded[-half + 1:, :half] = spectrum[-half + 1:, :half]
    dense = (np.fft.irfft2(padded) * fine ** 2).astype("f4")  # exact at every eighth of a pixel
    drift = np.linspace(-30, 30, n)[:, None] * (0.8, -0.6)
    truth = np.round((drift + random.normal(0, 0.4, (n, 2))) * fine) / fine
    frames = np.empty((n, side, side), np.uint8)
    noise = random.normal(0, 2.5, (1024, 1024)).astype("f4")
    corners = random.integers(0, 1024 - side, (n, 2))
    first = (size - side) // 2
    for t in range(n):
        y, x = (first * fine - truth[t] * fine).astype(int)
        light = dense[y:y + side * fine:fine, x:x + side * fine:fine]
        a, b = corners[t]
        frames[t] = np.clip(70 * light + noise[a:a + side, b:b + side] + 0.5, 0, 255)
    path = save(frames, "drift.npy")
    output = scratch("undrifted.npy")
    limpid("motion", path, output, "--shifts", scratch("drift.csv"), "max-shift=8", "--overwrite", "--progress", "none")
    found = Found(scratch("drift.csv"))
    record = facts(output)
    os.remove(output)
    os.remove(path)
    count = record["templates"]
    assert count >= 3 and len(record["template_offsets_dy_px"]) == count
    middles = -np.array([d.mean(0) for d in np.array_split(drift, count)])
    offsets = np.stack([record["template_offsets_dy_px"], record["template_offsets_dx_px"]], axis=1)
    assert np.abs(offsets - offsets.mean(0) - middles + middles.mean(0)).max() < 1, offsets
    print("# tied within %.3f px" % record["template_offsets_residual_px"])
    assert record["template_offsets_residual_px"] < 0.3
    good(found, truth, 0.2, 0.6)
    for part in np.array_split(np.arange(n), count):
        good(found, truth, 0.1, 0.5, frames=part[5:-5])


# ---- Moving frames ----

@case
def crop_keeps_what_all_frames_have():
    frames, truth = wide()
    path, filled, cropped = save(frames.astype("f4")), scratch("filled.npy"), scratch("cropped.npy")
    for how in ("bilinear", "bicubic", "fourier"):
        limpid("motion", path, filled, "fill=-1e6", "interpolation=" + how, "--shifts", scratch("a.csv"), "--overwrite")
        limpid("motion", path, cropped, "fill=-1e6", "border=crop", "interpolation=" + how, "--shifts", scratch("b.csv"),
               "--overwrite")
        x, y, w, h = (int(facts(cropped)["valid_" + name]) for name in ("x", "y", "width", "height"))
        whole, part = np.load(filled), np.load(cropped)
        assert part.shape == (100, h, w) and (part > 0).all()
        assert (whole[:, y:y + h, x:x + w] == part).all()
        assert (whole[:, y - 1, x:x + w] == -1e6).any() and (whole[:, y + h, x:x + w] == -1e6).any()
        assert (whole[:, y:y + h, x - 1] == -1e6).any() and (whole[:, y:y + h, x + w] == -1e6).any()
        with open(scratch("a.csv"), encoding="utf-8") as a, open(scratch("b.csv"), encoding="utf-8") as b:
            assert a.read() == b.read()


@case
def frames_come_to_lie_over_each_other():
    frames, truth = wide()
    path, out = save(frames), scratch("out.npy")
    limpid("motion", path, out, "--overwrite", "border=crop")
    after = np.load(out)
    assert after.dtype == np.uint8
    def likeness(movie):
        mean = movie.mean(0).ravel()
        return np.mean([np.corrcoef(frame.ravel(), mean)[0, 1] for frame in movie[::5]])

    assert likeness(after) > likeness(frames[:, 16:-16, 16:-16]) + 0.03
    again = find(out)
    assert np.abs(again.shifts - again.shifts.mean(0)).max() < 0.25


@case
def estimates_alone_leave_the_movie():
    frames, truth = wide()
    path, out = save(frames), scratch("out.npy")
    before = hashlib.sha256(open(path, "rb").read()).digest()
    run(path, "motion", "apply=no", "shifts=" + scratch("a.csv"), "!", "write", out)
    assert (np.load(out) == frames).all()
    assert (Found(scratch("a.csv")).shifts == found_wide().shifts).all()
    run(path, "motion", "shifts=" + scratch("b.csv"), "!", "frames", "range=40:60", "!", "write", out)
    assert (Found(scratch("b.csv")).shifts == found_wide().shifts).all(), "frames that nobody asked for have shifts too"
    run(path, "frames", "range=40:60", "!", "motion", "shifts=" + scratch("c.csv"), "!", "write", out)
    good(Found(scratch("c.csv")), truth[40:60])
    assert hashlib.sha256(open(path, "rb").read()).digest() == before, "the input was changed"


@case
def known_shifts_give_the_same_movie():
    frames, _, _ = damaged()
    for movie in (frames, frames.astype("f4") / 3):
        path, fused, applied = save(movie), scratch("fused.npy"), scratch("applied.npy")
        for words in ([], ["interpolation=bicubic"], ["bad-frames=interpolate"]):
            limpid("motion", path, fused, "--shifts", scratch("s.csv"), "--overwrite", *words, "fill=3")
            moving = [w for w in words if w.startswith("interpolation")]
            run(path, "motion-apply", "shifts=" + scratch("s.csv"), *moving, "fill=3", "!", "write", applied)
            assert (np.load(fused) == np.load(applied)).all()


@case
def shifts_as_an_array():
    """The same numbers as in the table, which motion-apply and score take as well."""
    frames, _, _ = damaged()
    path, array, table, out = save(frames), scratch("s.npy"), scratch("s.csv"), scratch("out.npy")
    for words in ([], ["bad-frames=interpolate"], ["method=recursive"]):
        limpid("motion", path, "--shifts", table, "--overwrite", *words)
        limpid("motion", path, out, "--shifts", array, "--overwrite", *words)
        shifts = np.load(array)
        assert shifts.shape == (120, 2) and shifts.dtype == np.float64
        assert (shifts == np.genfromtxt(table, delimiter=",", skip_header=1)[:, 1:3]).all()  # recursive has no peak
        run(path, "motion-apply", "shifts=" + array, "!", "write", scratch("b.npy"))
        assert (np.load(out) == np.load(scratch("b.npy"))).all()
    limpid("motion", path, out, "--prepare", "smooth sigma=1", "--shifts", array, "--overwrite")
    run(path, "motion-apply", "shifts=" + array, "!", "write", scratch("b.npy"))
    assert (np.load(out) == np.load(scratch("b.npy"))).all()
    limpid("motion", save(frames[:1], "one.npy"), "--shifts", array, "--overwrite")
    assert np.load(array).shape == (1, 2)
    assert "ratio" in refused("motion", path, "--shifts", array, "--overwrite", "ratio=yes")
    assert "exists" in refused("motion", path, "--shifts", array)


@case
def a_table_alone_is_a_run():
    """limpid run without a write, as limpid motion IN --shifts does it."""
    frames, _ = narrow()
    path, table = save(frames), scratch("alone.csv")
    run(path, "motion", "shifts=" + table)
    assert (Found(table).shifts == find(path).shifts).all()
    run(path, "motion", "apply=no", "shifts=" + scratch("alone.npy"))
    assert (np.load(scratch("alone.npy")) == Found(table).shifts).all()
    run(path, "motion", "template-out=" + scratch("template.npy"))
    assert np.load(scratch("template.npy")).shape == (256, 320)
    said = refused("run", path, "motion")
    assert "makes no file" in said and "write" in said, said


@case
def found_in_one_movie_applied_to_another():
    frames, truth = narrow()
    path, other, out = save(frames), save(frames[:, ::-1].copy(), "other.npy"), scratch("out.npy")
    limpid("motion", path, out, "--prepare", "smooth sigma=1", "--shifts", scratch("s.csv"), "--overwrite")
    good(Found(scratch("s.csv")), truth)
    run(path, "motion-apply", "shifts=" + scratch("s.csv"), "!", "write", scratch("b.npy"))
    assert (np.load(out) == np.load(scratch("b.npy"))).all()
    limpid("motion", path, out, "--apply-to", other, "--shifts", scratch("s.csv"), "--overwrite")
    run(other, "motion-apply", "shifts=" + scratch("s.csv"), "!", "write", scratch("b.npy"))
    assert (np.load(out) == np.load(scratch("b.npy"))).all()
    close(Found(scratch("s.csv")).shifts, find(path).shifts, 0)


# ---- Refusals ----

def refused(*words, code=2):
    done = limpid(*words, code=code)
    assert done.stderr.startswith("limpid: ") and len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


@case
def existing_outputs_are_kept():
    frames, _ = wide()
    path, out, table, image = save(frames[:5]), scratch("kept.npy"), scratch("kept.csv"), scratch("kept-template.npy")
    for kept in (out, table, image):
        with open(kept, "w", encoding="utf-8") as file:
            file.write("mine")
        said = limpid("motion", path, out, "--shifts", table, "template-out=" + image, code=None)
        assert said.returncode != 0 and os.path.basename(kept) in said.stderr and "--overwrite" in said.stderr, said.stderr
        with open(kept, encoding="utf-8") as file:
            assert file.read() == "mine"
        os.remove(kept)
        assert not [name for name in (out, table, image) if os.path.exists(name)], "something was made all the same"
    limpid("motion", path, out, "--shifts", table, "template-out=" + image)
    limpid("motion", path, out, "--shifts", table, "template-out=" + image, "--overwrite")


@case
def what_cannot_be_is_refused():
    frames, _ = wide()
    path = save(frames[:5])
    colours = save(np.repeat(frames[:5, :, :, None], 3, axis=3), "colours.npy")
    assert "colour" in refused("run", colours, "motion", "!", "write", scratch("c.npy"))
    limpid("motion", colours, "--shifts", scratch("c.csv"), "--overwrite")  # the command takes the grey
    nothing = ["--shifts", scratch("c.csv"), "--overwrite"]
    assert "max-shift" in refused("motion", path, *nothing, "max-shift=128")
    assert "region" in refused("motion", path, *nothing, "region=0,0,321,20")
    assert "region" in refused("motion", path, *nothing, "region=1,2,3")
    assert "region" in refused("motion", path, *nothing, "region=1.5,2,30,30")
    assert "too few" in refused("motion", path, *nothing, "region=0,0,30,15", "max-shift=2")
    assert "too few" in refused("motion", path, *nothing, "binning=16", "region=0,0,255,256")
    assert "absent.npy" in refused("motion", path, *nothing, "mask=absent.npy", code=4)
    small = save(np.ones((20, 20), "f4"), "small.npy")
    assert "small.npy" in refused("motion", path, *nothing, "mask=" + small, code=3)
    assert "small.npy" in refused("motion", path, *nothing, "template=" + small, code=3)
    assert "fill" in refused("motion", path, scratch("c.npy"), "fill=300")


main()
