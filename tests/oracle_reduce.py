# SPDX-License-Identifier: BSD-3-Clause
"""Statistics over time through the command, against NumPy: reduce, sliding, subtract, divide, delta-f, detrend.

What is exact is compared to the bit: sums and extremes of integers, medians, percentiles (type 7, in the arithmetic of
numpy.percentile on an array of several pixels). Means are sums in another order than NumPy's: 1e-12 of float64, and one
float32 where the result is float32. A standard deviation is as good as two passes: 1e-9, or one float32.
"""
import itertools
import warnings

import numpy as np

from check import add, case, limpid, main, scratch

warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, about columns of nothing but NaN

TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
ONE_FLOAT32 = 6e-8
_counter = itertools.count()


def movie(dtype, shape=(53, 9, 13), nan=0.0, offset=0):
    rng = np.random.default_rng(3)
    if np.dtype(dtype).kind == "f":
        x = (rng.normal(size=shape) * 10 + offset).astype(dtype)
        x[rng.random(shape) < nan] = np.nan
        if nan:
            x[:, 1, 2] = np.nan
        return x
    info = np.iinfo(dtype)
    low, high = max(info.min, -2**40), min(info.max, 2**40)
    return rng.integers(low, high, shape, dtype=dtype, endpoint=True)


def run(x, *words):
    n = next(_counter)
    source, target = scratch("in%d.npy" % n), scratch("out%d.npy" % n)
    np.save(source, x)
    limpid("run", source, *words, "!", "write", target)
    got = np.load(target)
    return got[None] if got.ndim < x.ndim else got  # one frame is written as an image


def result_type(x):
    return np.float32 if x.dtype == np.float32 or x.dtype.itemsize <= 2 else np.float64


def agree(got, wanted, tolerance, what):
    assert got.shape == wanted.shape, (what, got.shape, wanted.shape)
    np.testing.assert_allclose(got.astype(np.float64), wanted.astype(np.float64), rtol=tolerance, atol=0, err_msg=what)


# ---- reduce ----------------------------------------------------------------------------------------------------------

def check_reduce(dtype):
    for nan in ([0.0, 0.2] if np.dtype(dtype).kind == "f" else [0.0]):
        x = movie(dtype, nan=nan)
        kind = result_type(x)
        rounding = ONE_FLOAT32 if kind == np.float32 else 1e-12
        mean = run(x, "reduce")
        assert mean.dtype == kind
        reference = np.nanmean(x.astype(np.float64), axis=0, dtype=np.longdouble)[None]
        scale = np.nanmax(np.abs(x.astype(np.float64)))
        np.testing.assert_allclose(mean, reference.astype(np.float64), rtol=rounding, atol=scale * 1e-14)
        for name, function in [("max", np.nanmax), ("min", np.nanmin)]:
            got = run(x, "reduce", name)
            assert got.dtype == x.dtype
            np.testing.assert_array_equal(got, function(x, axis=0)[None], err_msg=name)
        median = run(x, "reduce", "median")
        assert median.dtype == kind
        np.testing.assert_array_equal(median, np.nanmedian(x, axis=0)[None].astype(kind))
        got = run(x, "reduce", "std", "ddof=1")
        agree(got, np.nanstd(x.astype(np.float64), axis=0, ddof=1)[None], max(rounding, 1e-9), "std")
        total = run(x, "reduce", "sum")
        if np.dtype(dtype).kind == "f":
            filled = np.where(np.isnan(x).all(axis=0), np.nan, np.nansum(x.astype(np.float64), axis=0))
            np.testing.assert_allclose(total[0], filled, rtol=1e-12, atol=scale * 1e-12)
        else:
            assert total.dtype == (np.uint64 if dtype == "uint64" else np.int64)
            np.testing.assert_array_equal(total[0], x.sum(axis=0))
            np.testing.assert_array_equal(run(x, "reduce", "argmax")[0], x.argmax(axis=0))


def check_percentiles(dtype):
    x = movie(dtype)
    if dtype == "int8":  # NumPy's difference of two int8 wraps around
        x = x // 2
    for p in ["p0", "p5", "p30", "p50", "p97.5", "p100"]:
        wanted = np.percentile(x, float(p[1:]), axis=0)
        np.testing.assert_array_equal(run(x, "reduce", p)[0], wanted.astype(result_type(x)), err_msg=p)


for _dtype in TYPES:
    add("reduce_" + _dtype, check_reduce, _dtype)
    add("percentiles_" + _dtype, check_percentiles, _dtype)


@case
def several_statistics_in_one_pass():
    x = movie("uint8")
    got = run(x, "reduce", "stat=mean,std,p5,max")
    assert got.dtype == np.float32 and got.shape == (4,) + x.shape[1:]
    for i, stat in enumerate(["mean", "std", "p5", "max"]):
        np.testing.assert_array_equal(got[i], run(x, "reduce", stat)[0].astype(np.float32))


@case
def ranges_are_slices():
    x = movie("uint16")
    for text, cut in [("10:20", np.s_[10:20]), ("::5", np.s_[::5]), ("-7:", np.s_[-7:]), ("3:40:6", np.s_[3:40:6])]:
        np.testing.assert_array_equal(run(x, "reduce", "sum", "range=" + text)[0], x[cut].sum(axis=0))


@case
def infinities_are_values():
    x = movie("float32")
    x[3, 0, 0], x[4, 0, 0], x[5, 0, 1] = np.inf, -np.inf, np.inf
    np.testing.assert_array_equal(run(x, "reduce", "max")[0], x.max(axis=0))
    assert np.isnan(run(x, "reduce", "mean")[0, 0, 0]) and run(x, "reduce", "mean")[0, 0, 1] == np.inf


@case
def std_far_from_zero():
    rng = np.random.default_rng(1)
    x = 1e6 + rng.normal(size=(4000, 3, 5)) * 1e-3
    agree(run(x, "reduce", "std"), x.std(axis=0)[None], 1e-9, "std")
    agree(run(x, "sliding", "std", "window=50"), windows(x, 50).std(axis=-1), 1e-6, "sliding std")


@case
def colours_are_reduced_each():
    x = movie("uint8", (20, 6, 7, 3))
    np.testing.assert_array_equal(run(x, "reduce", "max").reshape(1, 6, 7, 3), x.max(axis=0)[None])


@case
def same_bytes_for_threads_memory_and_groups():
    x = movie("float32", (300, 96, 512), nan=0.01)
    source = scratch("many.npy")
    np.save(source, x)
    for words in [["reduce", "stat=mean,std,median"], ["sliding", "window=7"], ["subtract", "stat=median"]]:
        results = []
        for i, options in enumerate([["--threads", "1"], ["--threads", "2"], ["--threads", "2", "--memory", "48M"]]):
            target = scratch("many%d.npy" % i)
            limpid("run", *options, "--overwrite", source, *words, "!", "write", target)
            results.append(np.load(target).tobytes())
        assert results[0] == results[1] == results[2], words


# ---- sliding ---------------------------------------------------------------------------------------------------------

def windows(x, n):
    return np.lib.stride_tricks.sliding_window_view(x, n, axis=0)


def check_sliding(dtype, nan):
    x = movie(dtype, nan=nan)
    kind = result_type(x)
    wide = x.astype(np.float64)
    tolerance = ONE_FLOAT32 if kind == np.float32 else 1e-12
    for stat, function in [("mean", np.nanmean), ("max", np.nanmax), ("min", np.nanmin), ("std", np.nanstd),
                           ("median", np.nanmedian)]:
        for window, lag in [(20, 0), (7, 0), (7, 3), (1, 0), (53, 0)]:
            got = run(x, "sliding", stat, "window=%d" % window, "lag=%d" % lag)
            wanted = function(windows(wide, window), axis=-1)[lag:]
            scale = np.nanmax(np.abs(wide)) * (1e-14 if kind == np.float64 else 1e-8)
            np.testing.assert_allclose(got, wanted, rtol=max(tolerance, 1e-9 if stat == "std" else 0), atol=scale,
                                       err_msg="%s %d %d" % (stat, window, lag))


for _dtype in TYPES:
    add("sliding_" + _dtype, check_sliding, _dtype, 0.0)
add("sliding_nan_float32", check_sliding, "float32", 0.3)
add("sliding_nan_float64", check_sliding, "float64", 0.3)


@case
def sliding_mean_does_not_drift():
    rng = np.random.default_rng(2)
    x = (1e6 + rng.random((20000, 2, 3)) * 1e4).astype(np.float32)
    x[10000] = 1e30
    agree(run(x, "sliding", "window=20"), windows(x.astype(np.float64), 20).mean(axis=-1), ONE_FLOAT32, "mean")


# ---- subtract, divide -------------------------------------------------------------------------------------------------

def check_operations(dtype):
    x = movie(dtype)
    wide = x.astype(np.float64)
    reference = wide[5:30].mean(axis=0)
    scale = np.abs(wide).max() * 2 * ONE_FLOAT32
    got = run(x, "subtract", "range=5:30")
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, wide - reference, rtol=ONE_FLOAT32, atol=scale)
    np.testing.assert_allclose(run(x, "subtract", "range=5:30", "amount=0.25"), wide - 0.25 * reference,
                               rtol=ONE_FLOAT32, atol=scale)
    np.testing.assert_allclose(run(x, "divide", "range=5:30", "amount=0.5"), wide / (0.5 * reference + 0.5),
                               rtol=1e-5)
    got = run(x, "subtract", "from=sliding", "window=10", "lag=2")
    np.testing.assert_allclose(got, wide[:42] - windows(wide, 10).mean(axis=-1)[2:], rtol=ONE_FLOAT32, atol=scale)


for _dtype in TYPES:
    add("operations_" + _dtype, check_operations, _dtype)


@case
def a_file_is_a_reference():
    x, image = movie("uint8"), movie("uint16", (1, 9, 13))[0] + np.uint16(1)
    path = scratch("reference.npy")
    np.save(path, image[None])
    np.testing.assert_array_equal(run(x, "subtract", "from=file", "file=" + path), x - image.astype(np.float32))
    np.testing.assert_array_equal(run(x, "divide", "from=file", "file=" + path),
                                  (x / image.astype(np.float64)).astype(np.float32))


# ---- subtract right before divide: one operation, both references from the movie itself -------------------------------

def check_both(dtype):
    """Extremes are exact, so is all but the one rounding."""
    x = movie(dtype, nan=0.1 if np.dtype(dtype).kind == "f" else 0.0)
    wide = x.astype(np.float64)
    less, over = np.nanmin(wide[:20], axis=0), np.nanmax(wide[30:], axis=0)
    got = run(x, "subtract", "stat=min", "range=:20", "amount=0.5", "!", "divide", "stat=max", "range=30:", "amount=0.25")
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, ((wide - 0.5 * less) / (0.25 * over + 0.75)).astype(np.float32))


for _dtype in TYPES:
    add("subtract_and_divide_" + _dtype, check_both, _dtype)


def sliding_reference(wide, function, window, lag, edges):
    """A statistic for each frame, NaN where there is none."""
    frames = len(wide)
    out = np.full(wide.shape, np.nan)
    for n in range(frames):
        first, end = n + lag, n + lag + window
        if edges == "shrink" or (first >= 0 and end <= frames):
            held = wide[max(first, 0):max(end, 0)]
            out[n] = function(held, axis=0) if len(held) else np.nan
    return out


def check_both_sliding(dtype, one, other):
    """Frames that have whole windows for both where edges=crop; the same for any blocks."""
    x = movie(dtype, nan=0.1 if dtype == "float32" else 0.0)
    wide, frames = x.astype(np.float64), len(x)
    less, over = sliding_reference(wide, np.nanmedian, *one), sliding_reference(wide, np.nanmax, *other)
    cropped = [(window, lag) for window, lag, edges in (one, other) if edges == "crop"]
    lowest = max([0] + [-lag for _, lag in cropped])
    end = min([frames] + [frames - window - lag + 1 for window, lag in cropped])
    with np.errstate(divide="ignore", invalid="ignore"):
        under = 0.25 * over + 0.75
        wanted = ((wide - less) / np.where(under == 0, np.nan, under))[lowest:end].astype(np.float32)
    words = "subtract stat=median window=%d lag=%d edges=%s ! divide stat=max window=%d lag=%d edges=%s amount=0.25"
    for block in ([], ["--block", 1], ["--block", 7]):
        np.testing.assert_array_equal(run(x, *(words % (one + other)).split(), *block), wanted)


for _one, _other in [
        ((5, 0, "crop"), (5, 0, "crop")),
        ((7, -6, "crop"), (3, 2, "crop")),
        ((7, -6, "crop"), (30, 0, "crop")),
        ((7, -10, "crop"), (30, 0, "nan")),
        ((9, -4, "shrink"), (12, 5, "shrink")),
        ((9, 70, "shrink"), (12, 5, "crop")),
        ((1, 0, "crop"), (4, -9, "shrink")),
        ((20, -50, "nan"), (12, 45, "shrink"))]:
    for _dtype in ["uint8", "float32"]:
        add("subtract_%d_%d_%s_and_divide_%d_%d_%s_%s" % (*_one, *_other, _dtype), check_both_sliding, _dtype, _one, _other)


@case
def an_image_and_a_slider():
    x = movie("uint16")
    wide = x.astype(np.float64)
    image, sliding = wide.max(axis=0), windows(wide, 6).min(axis=-1)
    path = scratch("image.npy")
    np.save(path, image[None])
    got = run(x, "subtract", "file=" + path, "!", "divide", "window=6", "stat=min", "amount=0.5")
    np.testing.assert_array_equal(got, ((wide[:48] - image) / (0.5 * sliding + 0.5)).astype(np.float32))
    got = run(x, "subtract", "window=6", "stat=min", "!", "divide", "from=file", "file=" + path)
    np.testing.assert_array_equal(got, ((wide[:48] - sliding) / image).astype(np.float32))


@case
def zero_denominators_of_both():
    x = movie("uint8")
    x[:, 0, 0] = 0
    got = run(x, "subtract", "stat=max", "!", "divide", "stat=max")
    assert np.isnan(got[:, 0, 0]).all() and np.isfinite(got.reshape(len(x), -1)[:, 1:]).all()


@case
def a_step_between_keeps_them_apart():
    x = movie("uint8")
    first = (x - x.astype(np.float64).min(axis=0)).astype(np.float32).clip(2, None)
    got = run(x, "subtract", "stat=min", "!", "clip", "low=2", "!", "divide", "stat=max")
    np.testing.assert_array_equal(got, (first / first.max(axis=0).astype(np.float64)).astype(np.float32))
    kept = scratch("kept.npy")
    got = run(x, "subtract", "stat=min", "!", "write", kept, "!", "divide", "stat=max")
    first = np.load(kept)
    np.testing.assert_array_equal(got, (first / first.max(axis=0).astype(np.float64)).astype(np.float32))


@case
def windows_that_no_frame_has():
    path = scratch("short.npy")
    np.save(path, movie("uint8"))
    said = limpid("run", path, "subtract", "window=40", "lag=-39", "!", "divide", "window=40", "!", "write",
                  scratch("none.npy"), code=2).stderr
    assert "both subtract and divide" in said, said


# ---- delta-f, detrend --------------------------------------------------------------------------------------------------

@case
def baseline_by_percentile():
    x = movie("uint16").astype(np.float32) + 100
    f = np.percentile(x, 10, axis=0).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(run(x, "delta-f", "offset=20"), (x - f) / (f - 20), rtol=2e-7, atol=1e-7)


@case
def bleaching_is_found():
    t = np.arange(200)
    x = (np.random.default_rng(0).random((1, 8, 9)) + 1) * (3 + 2 * np.exp(-t / 37.0))[:, None, None]
    got = run(x, "detrend")
    assert np.abs(got / got[0] - 1).max() < 1e-6
    assert abs(got.mean() / x.mean() - 1) < 0.02


main()
