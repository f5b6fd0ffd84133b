# SPDX-License-Identifier: BSD-3-Clause
"""motion-apply against SciPy, OpenCV and NumPy, through the command.

Tolerances:
  whole shifts           none: the same numbers
  integers, bilinear     0.5 of rounding, and 0.02 of 8 bits (steps of 1/128, weights of 15 bits) or 2^-22 of 16 bits' range
  float32                a few units in the last place of the largest number; float64: 1e-9 of it (shifts of 2^-32 px)
  OpenCV                 its weights are multiples of 1/32 (bilinear): shifts are, too
  Fourier                single precision transforms: 1e-5 of the range; NumPy does the same in double, on the same
                         continuation of the frame
"""
import numpy as np

from check import Skip, case, limpid, main, scratch

try:
    import cv2
    import scipy.ndimage
    cv2.setNumThreads(1)
except ImportError:
    cv2 = None

TYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split()
SHIFTS = np.array([(0, 0), (2, -3), (0.5, 0.5), (-0.25, 7), (1.37, -2.81), (-4.9, 0.003), (0, 0.75), (11.5, -20.25)])


def movie(dtype, shape=(len(SHIFTS), 37, 53), seed=5):
    """Structure and noise over most of the type's range (of 64 bits: of 2^40)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:shape[1], :shape[2]]
    frame = 0.5 + 0.3 * np.sin(x / 4) * np.cos(y / 3)
    values = np.stack([frame + 0.15 * rng.standard_normal(shape[1:3]) for _ in range(shape[0])]).clip(0, 1)
    if len(shape) == 4:
        values = values[..., None] * (1, 0.7, 0.4)
    if np.dtype(dtype).kind == "f":
        return (1000 * values - 300).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -2**40), min(info.max, 2**40)
    return (low + values * (high - low)).astype(dtype)


def shifts_file(shifts, name="shifts.csv"):
    path = scratch(name)
    if name.endswith(".npy"):
        np.save(path, shifts)
    else:
        with open(path, "w", encoding="utf-8") as file:
            file.write("frame,dy_px,dx_px,peak,flag\n")
            file.writelines("%d,%.17g,%.17g,1,0\n" % (i, dy, dx) for i, (dy, dx) in enumerate(shifts))
    return path


def run(x, words="", shifts=SHIFTS, name="shifts.csv"):
    if cv2 is None:
        raise Skip("OpenCV or SciPy is absent")
    source, result = scratch("in.npy"), scratch("out.npy")
    np.save(source, x)
    limpid("run", source, "motion-apply", shifts_file(shifts, name), *words.split(), "!", "write", result,
           "--overwrite", "--progress", "none")
    return np.load(result)


def scipy_shift(x, shifts=SHIFTS):
    """Bilinear; NaN where a neighbour is outside."""
    tail = (0,) * (x.ndim - 3)
    return np.stack([scipy.ndimage.shift(f.astype(float), tuple(d) + tail, order=1, mode="constant", cval=np.nan,
                                         prefilter=False) for f, d in zip(x, shifts)])


def near(ours, theirs, tolerance):
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    assert (np.isnan(ours) == np.isnan(theirs)).all(), "NaN elsewhere"
    worst = np.nanmax(np.abs(ours.astype(float) - theirs))
    assert worst <= tolerance, "off by %.6g, more than %.3g" % (worst, tolerance)


@case
def bilinear_in_every_type():
    for dtype in TYPES:
        for shape in [(len(SHIFTS), 37, 53), (len(SHIFTS), 17, 23, 3)]:
            if len(shape) == 4 and dtype not in ("uint8", "uint16", "float32"):
                continue
            x = movie(dtype, shape)
            exact = scipy_shift(x)
            ours = run(x, "fill=auto")
            assert ours.dtype == x.dtype
            if np.dtype(dtype).kind == "f":
                near(ours, exact, 1e-9 * 1000 if dtype == "float64" else 4 * 2.0 ** -24 * 1000)
                continue
            slack = 0.02 if np.dtype(dtype).itemsize == 1 else 2.0 ** -22 * 65536 if np.dtype(dtype).itemsize == 2 else \
                2.0 ** -30 * float(x.max())
            outside = np.isnan(exact)
            assert (ours[outside] == 0).all()
            off = np.abs(ours.astype(float) - exact)[~outside].max()
            assert off <= 0.5 + slack, "%s: off by %.4g" % (dtype, off)


@case
def whole_shifts_copy():
    shifts = [(0, 0), (3, -5), (-36, 52), (40, 0)]
    for dtype in TYPES:
        for method in ("bilinear", "bicubic", "fourier"):
            x = movie(dtype, (4, 37, 53))
            expected = np.full_like(x, 7)
            expected[0] = x[0]
            expected[1, 3:, :-5] = x[1, :-3, 5:]
            expected[2, 0, 52] = x[2, 36, 0]
            np.testing.assert_array_equal(run(x, "fill=7 interpolation=" + method, shifts), expected)


@case
def opencv_agrees():
    shifts = np.round(SHIFTS * 32) / 32
    for dtype, tolerance in [("uint8", 1), ("uint16", 1), ("float32", 1e-3)]:
        x = movie(dtype)
        ours = run(x, "", shifts)
        for f, ours_f, valid, d in zip(x, ours, ~np.isnan(scipy_shift(x, shifts)), shifts):
            theirs = cv2.warpAffine(f, np.float64([[1, 0, d[1]], [0, 1, d[0]]]), f.shape[::-1], flags=cv2.INTER_LINEAR)
            assert np.abs(ours_f.astype(float) - theirs)[valid].max() <= tolerance


def cubic_weights(t):
    return np.array([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -t**2 + t**3]) / 2


def bicubic(frame, d):
    """By the definition, with NaN around the frame."""
    out = frame.astype(float)
    for axis in (0, 1):
        whole = int(np.floor(-d[axis]))
        part = -d[axis] - whole
        padded = np.pad(out, [(100, 100) if k == axis else (0, 0) for k in (0, 1)], constant_values=np.nan)
        taps = [np.roll(padded, -whole - k, axis).take(range(100, 100 + out.shape[axis]), axis) for k in (-1, 0, 1, 2)]
        out = taps[1] if part == 0 else sum(w * tap for w, tap in zip(cubic_weights(part), taps))
    return out


@case
def bicubic_by_its_definition():
    for dtype in TYPES:
        x = movie(dtype)
        exact = np.stack([bicubic(f, d) for f, d in zip(x, SHIFTS)])
        ours = run(x, "fill=auto interpolation=bicubic")
        if np.dtype(dtype).kind == "f":
            near(ours, exact, 1e-8 * 1000 if dtype == "float64" else 2.0 ** -20 * 1000)
            continue
        info = np.iinfo(dtype)
        inside = ~np.isnan(exact)
        off = np.abs(ours.astype(float) - exact.clip(info.min, info.max))[inside].max()
        assert off <= 0.5 + float(x.max()) * 2.0 ** (-30 if x.itemsize > 2 else -20), "%s: off by %.4g" % (dtype, off)


def good_length(n):
    """Smallest even product of 2, 3 and 5 from n on."""
    while True:
        rest = n
        for p in (2, 3, 5):
            while rest % p == 0:
                rest //= p
        if rest == 1 and n % 2 == 0:
            return n
        n += 1


def continued(frame, axis):
    """Mirrored at its end, fading into what is mirrored at its beginning."""
    n = frame.shape[axis]
    gap = good_length(n + 32) - n
    mirror = np.pad(frame, [(gap, gap) if k == axis else (0, 0) for k in (0, 1)], mode="reflect")
    end = mirror.take(range(gap + n, 2 * gap + n), axis)
    begin = mirror.take(range(gap), axis)
    weight = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, gap + 1) / (gap + 1))
    weight = weight[:, None] if axis == 0 else weight[None]
    return np.concatenate([frame, end + weight * (begin - end)], axis)


def fourier(frame, d):
    period = continued(continued(frame.astype(float), 1), 0)
    spectrum = np.fft.fft2(period)
    for axis in (0, 1):
        n = period.shape[axis]
        ramp = np.exp(-2j * np.pi * np.fft.fftfreq(n) * d[axis])
        ramp[n // 2] = ramp[n // 2].real
        spectrum *= ramp[:, None] if axis == 0 else ramp[None]
    return np.fft.ifft2(spectrum).real[:frame.shape[0], :frame.shape[1]]


@case
def fourier_by_numpy():
    for dtype in TYPES:
        x = movie(dtype)
        valid = ~np.isnan(scipy_shift(x))
        exact = np.stack([fourier(f, d) for f, d in zip(x, SHIFTS)])
        ours = run(x, "interpolation=fourier fill=auto").astype(float)
        high, low = x.max().astype(float), x.min().astype(float)
        tolerance = 1e-5 * (high - low)
        if np.dtype(dtype).kind != "f":
            exact, tolerance = exact.clip(np.iinfo(dtype).min, np.iinfo(dtype).max), tolerance + 0.5
        off = np.abs(ours - exact)[valid].max()
        assert off <= tolerance, "%s: off by %.4g, more than %.4g" % (dtype, off, tolerance)


@case
def fourier_keeps_what_bilinear_loses():
    y, x = np.mgrid[:96, :120]
    wave = lambda dy, dx: np.sin(0.8 * np.pi * (x - dx)) * np.cos(0.7 * np.pi * (y - dy))
    frame = wave(0, 0).astype("f4")[None]
    exact = wave(0.5, 0.5)[30:-30, 30:-30]
    errors = [np.abs(run(frame, "interpolation=" + m, [(0.5, 0.5)]).reshape(96, 120)[30:-30, 30:-30] - exact).max()
              for m in ("bilinear", "bicubic", "fourier")]
    assert errors[2] < 0.05 < errors[1] < errors[0], errors  # what is left: the frame's edges


@case
def missing_pixels():
    x = movie("float32")
    x[:, 20, 30] = np.nan
    for method in ("bilinear", "fourier"):  # SciPy spreads NaN to places without weight, too
        ours = run(x, "fill=auto interpolation=" + method)
        for f, d in zip(ours, SHIFTS):
            rows = [r for r in range(37) if abs(r - d[0] - 20) < (1 if d[0] % 1 else 1e-9)]
            columns = [c for c in range(53) if abs(c - d[1] - 30) < (1 if d[1] % 1 else 1e-9)]
            inside = ~np.isnan(scipy.ndimage.shift(np.ones((37, 53)), d, order=1, cval=np.nan, prefilter=False))
            touched = np.zeros((37, 53), bool)
            touched[np.ix_(rows, columns)] = True
            assert (np.isnan(f) == (touched | ~inside)).all(), method


@case
def cropping_takes_what_is_valid():
    shifts = [(0, 0), (2, -3), (-1.5, 0.25)]
    x = movie("uint8", (3, 37, 53))
    for method, y0, y1, x0, x1 in [("bilinear", 2, 35, 1, 50), ("bicubic", 2, 34, 2, 50), ("fourier", 2, 35, 1, 50)]:
        whole = run(x, "interpolation=" + method, shifts)
        np.testing.assert_array_equal(run(x, "border=crop interpolation=" + method, shifts), whole[:, y0:y1, x0:x1])


@case
def arrays_of_shifts():
    x = movie("uint16")
    for dtype in ("f8", "f4", ">f8"):
        shifts = SHIFTS.astype(dtype)
        np.testing.assert_array_equal(run(x, "", shifts, "shifts.npy"), run(x, "", shifts.astype(float)))
    whole = np.rint(SHIFTS).astype("i2")
    np.testing.assert_array_equal(run(x, "", whole, "shifts.npy"), run(x, "", whole))
    source = scratch("in.npy")
    for bad, said in [(SHIFTS[:-1], "holds 7 shifts, but the movie has 8 frames"), (SHIFTS.T.copy(), "n x 2 numbers"),
                      (np.where(SHIFTS == 7, np.nan, SHIFTS), "row 3 of"), (SHIFTS * 1e6, "within +-1e6")]:
        np.save(scratch("bad.npy"), bad)
        done = limpid("run", source, "motion-apply", scratch("bad.npy"), "!", "write", scratch("never.npy"), code=None)
        assert done.returncode == 3 and said in done.stderr, done.stderr


main()
