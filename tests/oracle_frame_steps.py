# SPDX-License-Identifier: BSD-3-Clause
"""Steps on single frames against NumPy, SciPy, scikit-image and OpenCV, through the command.

Tolerances:
  moves of pixels, conversions, medians, drainage   none: the same numbers
  integers that were computed                       0.5, and what float32 leaves of it: 24 bits to tell a tie
  float32 results                                   a few units in the last place of the largest number involved: sums in
                                                    another order round otherwise
  OpenCV with uint8                                 1: fixed-point weights
"""
import numpy as np

from check import Skip, case, limpid, main, scratch

try:
    import cv2
    import scipy.ndimage
    import skimage.measure
    import skimage.transform
    cv2.setNumThreads(1)
except ImportError:
    cv2 = None

TYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split()


def movie(dtype, shape=(5, 37, 53), seed=1):
    """Smooth structure, noise, and the ends of the type."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:shape[1], :shape[2]]
    wave = 0.5 + 0.3 * np.sin(x / 7) * np.cos(y / 5)
    values = np.empty(shape)
    for t in range(shape[0]):
        frame = wave + 0.1 * rng.standard_normal(shape[1:3]) + 0.02 * t
        values[t] = frame if len(shape) == 3 else frame[..., None] * (1, 0.7, 0.4)
    values = values.clip(0, 1)
    if np.dtype(dtype).kind == "f":
        return (100 * values - 20).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -2**40), min(info.max, 2**40)
    return (low + values * (high - low)).astype(dtype)


def run(x, *words):
    """What the steps make of x, a movie T x H x W (x 3). A single frame is written without its first dimension."""
    if cv2 is None:
        raise Skip("OpenCV, SciPy or scikit-image is absent")
    source, result = scratch("in.npy"), scratch("out.npy")
    np.save(source, x)
    limpid("run", source, *" ".join(words).split(), "!", "write", result, "--overwrite", "--progress", "none")
    made = np.load(result)
    return made if made.ndim == 4 or (made.ndim == 3 and made.shape[-1] != 3) else made[None]


def near(ours, theirs, tolerance):
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    assert (np.isnan(ours) == np.isnan(theirs)).all(), "NaN elsewhere"
    worst = np.nanmax(np.abs(ours.astype(float) - theirs.astype(float)))
    assert worst <= tolerance, "off by %.6g, more than %.3g" % (worst, tolerance)


def rounded(ours, exact):
    """Integers: nearest to the exact results; float32 before rounding leaves 24 bits to tell a tie."""
    assert ours.shape == exact.shape, (ours.shape, exact.shape)
    off = np.abs(ours.astype(float) - exact)
    assert off.max() <= 0.5 + np.abs(exact).max() * 2.0 ** -23, "off by %.4g" % off.max()


def same(ours, theirs):
    assert ours.dtype == theirs.dtype, (ours.dtype, theirs.dtype)
    np.testing.assert_array_equal(ours, theirs)


@case
def frames_are_python_slices():
    for dtype in ("uint8", "float64"):
        x = movie(dtype, (23, 9, 11))
        for text, s in [("2:20:3", slice(2, 20, 3)), ("-5:", slice(-5, None)), (":7", slice(7)), ("::4", slice(None, None, 4)),
                        ("22:", slice(22, None)), ("1:-1:2", slice(1, -1, 2))]:
            same(run(x, "frames", text), x[s])


@case
def moves_of_pixels():
    for dtype in TYPES:
        for shape in [(3, 37, 53), (3, 37, 53, 3)]:
            if len(shape) == 4 and dtype not in ("uint8", "uint16", "float32"):
                continue
            x = movie(dtype, shape)
            same(run(x, "flip x"), x[:, :, ::-1])
            same(run(x, "flip y"), x[:, ::-1])
            same(run(x, "flip both"), x[:, ::-1, ::-1])
            same(run(x, "flip diagonal"), x.swapaxes(1, 2))
            same(run(x, "crop x=7 y=3 width=20 height=30"), x[:, 3:33, 7:27])
            same(run(x, "crop x=7 y=30"), x[:, 30:, 7:])
            for angle, turns in [(90, 3), (180, 2), (270, 1), (-90, 1)]:
                same(run(x, "rotate angle=%d" % angle), np.rot90(x, turns, (1, 2)))


@case
def free_rotation():
    x = movie("float32")
    for angle in (1, 30, -100, 45):
        theirs = np.stack([scipy.ndimage.rotate(f.astype(float), -angle, reshape=False, order=1, cval=np.nan,
                                                prefilter=False) for f in x])
        ours = run(x, "rotate angle=%g" % angle)
        # where the place lies on the outermost centres, rounding decides whether it is outside
        both = np.isfinite(ours) & np.isfinite(theirs)
        assert both.sum() > 0.98 * max(np.isfinite(ours).sum(), np.isfinite(theirs).sum())
        assert np.abs(ours - theirs)[both].max() < 1e-4


@case
def conversions_without_a_map():
    for source in TYPES:
        x = (movie(source) // 2 if source != "int8" else np.abs(movie(source))).astype(source)
        if np.dtype(source).kind == "f":
            x = np.abs(x) + np.array([0.5, 1.5, 2.5, 0.25, 0], source)[:, None, None]
        for target in TYPES:
            floats = np.dtype(target).kind == "f"
            whole = x if floats or np.dtype(source).kind != "f" else np.rint(x)
            if not floats and (whole.min() < np.iinfo(target).min or whole.max() > np.iinfo(target).max):
                source_path = scratch("over.npy")
                np.save(source_path, x)
                done = limpid("run", source_path, "convert", target, "!", "write", scratch("over-out.npy"), code=None)
                assert done.returncode != 0 and "does not fit into " + target in done.stderr, done.stderr
                info = np.iinfo(target)
                same(run(x, "convert", target, "overflow=clip"), np.clip(whole.astype(object), info.min, info.max).astype(target))
                continue
            same(run(x, "convert", target), whole.astype(target))


@case
def sixty_four_bits_are_exact():
    x = np.array([-2**63, -2**53 - 1, -1, 0, 1, 2**53 + 1, 2**62 + 1, 2**63 - 1], np.int64).reshape(1, 2, 4)
    same(run(np.abs(x[:, :, 1:]), "convert uint64"), np.abs(x[:, :, 1:]).astype(np.uint64))
    same(run(x, "convert uint64 map=full"), (x.astype(object) + 2**63).astype(np.uint64))
    same(run(x, "convert float64"), x.astype(float))
    same(run(x, "flip x"), x[:, :, ::-1])
    same(run(x, "clip low=-1"), x.clip(-1))


@case
def conversions_of_full_ranges():
    x = np.arange(65536, dtype=np.uint16).reshape(1, 256, 256)
    same(run(x, "convert uint8 map=full"), np.rint(x.astype(float) * 255 / 65535).astype(np.uint8))
    same(run(x, "convert int16 map=full"), (x.astype(int) - 32768).astype(np.int16))
    same(run(x, "convert float64 map=full"), x * 1.0 / 65535)
    back = run(run(x >> 8, "convert uint8"), "convert uint16 map=full")
    same(back, (x >> 8) * np.uint16(257))
    same(run(movie("float32"), "convert uint8 map=range low=-30 high=90"),
         np.rint((movie("float32").astype(float) + 30) * 255 / 120).astype(np.uint8))


@case
def clipping_counts():
    for dtype in TYPES:
        x = movie(dtype)
        low, high = (10, 60)
        same(run(x, "clip low=%d high=%d" % (low, high)), np.clip(x, np.array(low, dtype), np.array(high, dtype)))


@case
def grey_of_colours():
    x = movie("uint8", (4, 37, 53, 3))
    exact = x @ (0.299, 0.587, 0.114)
    rounded(run(x, "grey"), exact)
    theirs = np.stack([cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in x])
    near(run(x, "grey"), theirs, 1)
    rounded(run(x, "grey mean"), x.mean(-1))
    same(run(x, "grey max"), x.max(-1))
    for i, name in enumerate(("red", "green", "blue")):
        same(run(x, "grey", name), x[..., i])
    wide = movie("uint16", (2, 37, 53, 3))
    rounded(run(wide, "grey"), wide @ (0.299, 0.587, 0.114))


@case
def binning():
    for dtype in ("uint8", "uint16", "float32"):
        x = movie(dtype, (3, 36, 54))
        blocks = x.reshape(3, 18, 2, 18, 3).astype(float)
        ours = run(x, "bin x=3 y=2")
        if dtype == "float32":
            near(ours, blocks.mean((2, 4)), 1e-5)
        else:
            same(ours, np.rint(blocks.mean((2, 4))).astype(dtype))
        near(run(x, "bin x=3 y=2 stat=sum"), blocks.sum((2, 4)), 1e-4)
        same(run(x, "bin x=3 y=2 stat=max"), blocks.max((2, 4)).astype(dtype))
    x = movie("float32", (2, 37, 53))
    theirs = np.stack([skimage.transform.downscale_local_mean(f[:36, :52], (4, 4)) for f in x])
    near(run(x, "bin 4"), theirs, 1e-4)
    x[:, ::3, ::2] = np.nan
    x[:, :8, :8] = np.nan
    with np.errstate(all="ignore"):
        blocks = x[:, :36, :52].reshape(2, 9, 4, 13, 4).astype(float)
        valid = ~np.isnan(blocks)
        theirs = np.where(valid, blocks, 0).sum((2, 4)) / valid.sum((2, 4))
    near(run(x, "bin 4"), theirs, 1e-5)


def opencv(x, size, how):
    return np.stack([cv2.resize(f, size, interpolation=how) for f in x])


@case
def resizing_by_interpolation():
    for shape in [(3, 37, 53), (2, 37, 53, 3)]:
        x = movie("float32", shape)
        for size in [(80, 71), (31, 20), (53, 5), (1, 1)]:
            words = "resize width=%d height=%d method=" % size
            near(run(x, words + "linear"), opencv(x, size, cv2.INTER_LINEAR), 2e-3)
            near(run(x, words + "cubic"), opencv(x, size, cv2.INTER_CUBIC), 2e-3)
        exact = skimage.transform.resize(x[0].astype(float), (71, 80) + shape[3:], order=1, mode="edge", anti_aliasing=False)
        near(run(x, "resize width=80 height=71 method=linear")[0], exact, 1e-4)


@case
def resizing_by_area():
    for dtype in ("uint8", "float32"):
        x = movie(dtype, (3, 36, 54))
        for size in [(27, 12), (18, 18), (31, 20), (53, 5), (1, 1)]:
            ours, theirs = run(x, "resize width=%d height=%d" % size), opencv(x.astype(np.float64), size, cv2.INTER_AREA)
            if dtype == "float32":
                near(ours, theirs, 1e-4)
            else:
                rounded(ours, theirs)
    x = movie("uint16")
    same(run(x, "resize width=106 height=74"), x.repeat(2, 1).repeat(2, 2))
    same(run(x, "resize ratio=2 method=nearest"), x.repeat(2, 1).repeat(2, 2))
    assert run(x, "resize width=20").shape == (5, 14, 20)


@case
def nearest_takes_the_pixel_under_the_centre():
    x = movie("uint8")
    rows, columns = np.floor((np.arange(20) + 0.5) * 37 / 20).astype(int), np.floor((np.arange(31) + 0.5) * 53 / 31).astype(int)
    same(run(x, "resize width=31 height=20 method=nearest"), x[:, rows][:, :, columns])


@case
def logarithms_and_powers():
    x = movie("uint16")
    for base, function in [("e", np.log), ("2", np.log2), ("10", np.log10)]:
        near(run(x, "log offset=1 base=" + base), function(x + 1.0), 1e-6)
    with np.errstate(all="ignore"):
        near(run(movie("float32"), "log"), np.where(movie("float32") > 0, np.log(movie("float32").astype(float)), np.nan), 1e-6)
    near(run(x, "gamma 0.5"), (x / 65535) ** 0.5, 1e-7)
    near(run(movie("float32"), "gamma 2 low=-20 high=80"), ((movie("float32").astype(float) + 20) / 100) ** 2, 1e-6)


@case
def normalising():
    x = movie("float32")
    x[1] = 7.1
    x[2, 3:9, 4] = np.nan
    wide = x.astype(float)
    low, high = (f(wide, (1, 2))[:, None, None] for f in (np.nanmin, np.nanmax))
    flat = np.where(high > low, high - low, 1)
    near(run(x, "normalise"), (wide - low) / flat, 1e-6)
    low, high = (np.nanpercentile(wide, q, (1, 2))[:, None, None] for q in (2, 97.5))
    near(run(x, "normalise percentile low=2 high=97.5"), np.where(high > low, (wide - low) / np.where(high > low, high - low, 1), wide - low), 1e-5)
    near(run(x, "normalise mean"), wide / np.nanmean(wide, (1, 2))[:, None, None], 1e-6)
    mean, deviation = np.nanmean(wide, (1, 2))[:, None, None], np.nanstd(wide, (1, 2))[:, None, None]
    deviation[1] = np.inf
    near(run(x, "normalise zscore"), (wide - mean) / deviation, 1e-5)
    y = movie("uint16") // 3
    low, high = (f(y.astype(float), axis=(1, 2))[:, None, None] for f in (np.min, np.max))
    rounded(run(y, "normalise to=type"), (y - low) / (high - low) * 65535)


@case
def gaussian_smoothing():
    for shape in [(3, 37, 53), (2, 37, 53, 3)]:
        for dtype in ("float32", "uint8", "uint16"):
            x = movie(dtype, shape)
            for sigma in (0.5, 1.3, 6, 15):
                sigmas = (0, sigma, sigma) + (0,) * (len(shape) - 3)
                exact = scipy.ndimage.gaussian_filter(x.astype(float), sigmas, mode="mirror")
                ours = run(x, "smooth sigma=%g" % sigma)
                if dtype == "float32":
                    near(ours, exact, 5e-5)
                else:
                    assert np.abs(ours - exact).max() <= 0.5 + 1e-6 * exact.max(), np.abs(ours - exact).max()


@case
def gaussian_smoothing_leaves_nan_out():
    x = movie("float32")
    x[:, 10:13, 20:29] = np.nan
    x[0, 30, 3] = np.inf
    valid = np.isfinite(x)
    sums = scipy.ndimage.gaussian_filter(np.where(valid, x, 0).astype(float), (0, 2, 2), mode="mirror")
    weights = scipy.ndimage.gaussian_filter(valid.astype(float), (0, 2, 2), mode="mirror")
    ours = run(x, "smooth sigma=2")
    assert (np.isfinite(ours) == valid).all() and np.isposinf(ours[0, 30, 3])
    assert np.abs(ours - sums / weights)[valid].max() < 5e-5


@case
def box_and_median():
    for dtype in ("uint8", "int8", "int16", "uint16", "float32"):
        for shape in [(2, 37, 53), (2, 17, 23, 3)]:
            x = movie(dtype, shape)
            for size in (1, 3, 5, 9, 15, 41):
                sizes = (1, size, size) + (1,) * (len(shape) - 3)
                exact = scipy.ndimage.uniform_filter(x.astype(float), sizes, mode="mirror")
                ours = run(x, "smooth method=box size=%d" % size)
                if dtype == "float32":
                    near(ours, exact, 1e-4)
                else:
                    rounded(ours, exact)
                if size <= 15:
                    same(run(x, "smooth method=median size=%d" % size), scipy.ndimage.median_filter(x, sizes, mode="mirror"))
    x = movie("uint8")
    near(run(x, "smooth method=median size=3")[:, 1:-1, 1:-1], np.stack([cv2.medianBlur(f, 3) for f in x])[:, 1:-1, 1:-1], 0)
    near(run(x, "smooth method=box size=5"), np.stack([cv2.blur(f, (5, 5)) for f in x]), 1)


def bilateral(frame, radius, sigma, sigma_value):
    padded = np.pad(frame.astype(float), ((radius, radius), (radius, radius), (0, 0)), mode="reflect")
    sums, total = np.zeros(frame.shape), np.zeros(frame.shape[:2])
    for dy in range(2 * radius + 1):
        for dx in range(2 * radius + 1):
            other = padded[dy:dy + frame.shape[0], dx:dx + frame.shape[1]]
            weight = np.exp(-((dx - radius) ** 2 + (dy - radius) ** 2) / (2 * sigma ** 2)
                            - ((other - frame) ** 2).sum(-1) / (2 * sigma_value ** 2))
            sums += weight[..., None] * other
            total += weight
    return sums / total[..., None]


@case
def bilateral_smoothing():
    x = movie("float32", (2, 37, 53))
    theirs = np.stack([bilateral(f[..., None], 5, 1.5, 12)[..., 0] for f in x])
    near(run(x, "smooth method=bilateral sigma=1.5 sigma-value=12"), theirs, 1e-4)
    colours = movie("uint8", (1, 20, 30, 3))
    rounded(run(colours, "smooth method=bilateral sigma=2 size=7 sigma-value=30")[0], bilateral(colours[0], 3, 2, 30))


@case
def hillshades():
    x = movie("float32")
    for azimuth, elevation, z in [(315, 45, 1), (90, 10, 0.1), (200, 80, 3)]:
        a, e = np.radians(azimuth), np.radians(elevation)
        zy, zx = np.gradient(x.astype(float) * z, axis=(1, 2))
        light = np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)
        shade = (-zx * light[0] - zy * light[1] + light[2]) / np.sqrt(zx ** 2 + zy ** 2 + 1)
        near(run(x, "hillshade azimuth=%g elevation=%g z=%g" % (azimuth, elevation, z)), shade.clip(0, 1), 1e-6)


def drain(frame):
    """D8 by sorting: from the highest pixel to the lowest."""
    height, width = frame.shape
    counts = np.ones(frame.shape)
    ways = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
    for at in np.argsort(-frame, axis=None, kind="stable"):
        y, x = divmod(int(at), width)
        best, target = 0, None
        for dy, dx in ways:
            j, i = y + dy, x + dx
            if 0 <= j < height and 0 <= i < width:
                drop = (float(frame[y, x]) - float(frame[j, i])) * (np.sqrt(0.5) if dy and dx else 1)
                if drop > best:
                    best, target = drop, (j, i)
        if target:
            counts[target] += counts[y, x]
    return counts


@case
def drainage_by_sorting():
    for dtype in ("float32", "uint8"):
        x = movie(dtype, (2, 25, 31))
        theirs = np.stack([drain(f) for f in x])
        same(run(x, "drainage"), theirs)
        near(run(x, "drainage log=yes"), np.log10(theirs), 1e-12)


def lines(table):
    rows = np.atleast_2d(np.genfromtxt(table, delimiter=",", skip_header=1))
    return {key: rows[(rows[:, :3] == key).all(1)][:, 4:] for key in sorted(set(map(tuple, rows[:, :3])))}


@case
def isolines_of_scikit_image():
    x = scipy.ndimage.gaussian_filter(movie("float64", (3, 60, 80)), (0, 2, 2))
    x = x.astype("float32")
    table = scratch("lines.csv")
    same(run(x, "isolines levels=20,30.5 frames=1: table=" + table), x)
    found = lines(table)
    assert {key[0] for key in found} == {1, 2}
    for frame in (1, 2):
        for level in (20, 30.5):
            ours = [points for key, points in found.items() if key[:2] == (frame, level)]
            theirs = [c[:, ::-1] for c in skimage.measure.find_contours(x[frame].astype(float), level)]
            length = lambda all: sum(np.hypot(*np.diff(c, axis=0).T).sum() for c in all)
            assert abs(length(ours) - length(theirs)) < 0.01 * length(theirs)
            points = lambda all: np.unique(np.round(np.concatenate(all), 3), axis=0)
            assert np.abs(points(ours) - points(theirs)).max() < 2e-3
            closed = lambda all: sum((c[0] == c[-1]).all() for c in all)
            assert closed(ours) == closed(theirs)


@case
def results_do_not_depend_on_threads_and_blocks():
    """Every step on frames, with settings that use what it has."""
    x = movie("uint16", (11, 61, 67))
    for words in ["frames 1:10:3", "crop x=3 width=20", "convert uint8 map=full", "clip low=300", "flip diagonal", "rotate 33",
                  "log offset=1", "gamma 2", "normalise percentile", "bin 3", "resize ratio=0.37", "smooth sigma=2",
                  "smooth method=median size=9", "smooth method=box size=7", "hillshade z=0.01", "drainage",
                  "isolines frames=: table=" + scratch("threads.csv")]:
        seen = set()
        for options in (["--threads", "1"], ["--threads", "3", "--block", "2"], ["--threads", "2", "--block", "5"]):
            source, result = scratch("in.npy"), scratch("out.npy")
            np.save(source, x)
            limpid("run", source, *words.split(), "!", "write", result, "--overwrite", "--progress", "none", *options)
            table = open(scratch("threads.csv"), "rb").read() if "isolines" in words else b""
            seen.add(np.load(result).tobytes() + table)
        assert len(seen) == 1, words


main()
