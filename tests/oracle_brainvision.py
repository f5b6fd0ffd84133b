# SPDX-License-Identifier: BSD-3-Clause
"""BrainVision and .npy files through the command, against readers that are not ours: MNE and NumPy.

Recordings are read by limpid and written as .npy (float64), which NumPy loads; MNE reads the same recording. MNE gives
volts: cal * unit factor in its own order of multiplication, so values agree to a few ulp, not to the bit. What limpid
writes as BrainVision is read back by MNE.
"""
import itertools
import os
import re
import warnings

import numpy as np

from check import Skip, add, case, limpid, main, scratch, shared_data

try:
    import mne
except ImportError:
    mne = None

ULPS = 8 * np.finfo(float).eps
# MNE scales every unit it knows to SI, limpid voltages only, to microvolts: the number to divide MNE's values by.
SI = {"V": 1e-6, "mV": 1e-6, "µV": 1e-6, "uV": 1e-6, "nV": 1e-6, "µS": 1e-6, "uS": 1e-6}


def units_of(path):
    """Units as the header has them: MNE reports those it does not know, and "uS", as n/a."""
    with open(path, "rb") as file:
        text = file.read().split(b"[Comment]")[0].split(b"[Channel Infos]")[1].split(b"\n[")[0]
    rows = re.findall(rb"^Ch\d+=(.*?)\r?$", text, re.MULTILINE)
    return [(row.split(b",") + [b""] * 4)[3].decode() or "µV" for row in rows]


def mne_read(path):
    if mne is None:
        raise Skip("MNE is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = mne.io.read_raw_brainvision(path, preload=True, verbose="error")
    per_unit = [SI.get(unit, 1.0) for unit in units_of(path)]
    return raw, raw.get_data() / np.array(per_unit)[:, None]


def as_array(path, *options):
    out = scratch("out.npy")
    limpid("run", *options, path, "write", out, "--overwrite")
    return np.load(out)


def events_of(raw):
    """Onset in samples, size in samples (1 means instantaneous to us), description."""
    rate = raw.info["sfreq"]
    return [(round(a["onset"] * rate), max(1, round(a["duration"] * rate)), a["description"]) for a in raw.annotations]


def shared_recording(*parts):
    path = shared_data(*parts)
    raw, wanted = mne_read(path)
    got = as_array(path)
    assert got.shape == wanted.shape, (got.shape, wanted.shape)
    np.testing.assert_allclose(got, wanted, rtol=ULPS, atol=0)


def shared_round_trip(*parts):
    """Read by limpid, written as BrainVision, read by MNE: samples, names, events and date are those of the original."""
    path = shared_data(*parts)
    raw, wanted = mne_read(path)
    out = scratch("round.vhdr")
    limpid("run", path, "write", out, "--overwrite")
    again, got = mne_read(out)
    assert again.ch_names == raw.ch_names
    assert again.info["sfreq"] == raw.info["sfreq"]
    assert again.info["meas_date"] == raw.info["meas_date"]
    # float32: exact on the grid of the integers the file came from, else 24 bits.
    np.testing.assert_allclose(got, wanted, rtol=2.0**-23, atol=0)
    # MNE cuts annotations at the end of the data, in both files alike. Ours always starts with a segment.
    before, after = events_of(raw), events_of(again)
    if "New Segment/" not in [e[2] for e in before[:1]]:
        after = after[1:]
    assert after == before, (before, after)
    if raw.orig_format != "single":
        np.testing.assert_array_equal(as_array(out), as_array(path))


MNE_FILES = ["test", "test_highpass", "test_highpass_hz", "test_lowpass_s", "test_mixed_highpass",
             "test_mixed_highpass_hz", "test_mixed_lowpass", "test_mixed_lowpass_s",
             "test_partially_disabled_hw_filter", "test_units", "testv2", "test_old_layout_latin1_software_filter",
             "test_old_layout_latin1_software_filter_longname"]
TINY = ("mne_bids_tiny", "tiny_bids", "sub-01", "ses-eeg", "eeg", "sub-01_ses-eeg_task-rest_eeg.vhdr")

for name in MNE_FILES:
    add("brainvision_reads_" + name, shared_recording, "mne_io", "brainvision", "tests", "data", name + ".vhdr")
    add("brainvision_round_trip_" + name, shared_round_trip, "mne_io", "brainvision", "tests", "data", name + ".vhdr")
add("brainvision_reads_tiny_bids", shared_recording, *TINY)
add("brainvision_round_trip_tiny_bids", shared_round_trip, *TINY)


@case
def brainvision_says_which_data_are_missing():
    path = shared_data("eegfmri_markers_bids_rest", "sub-32", "eeg", "sub-32_task-rest_eeg.vhdr")
    done = limpid("info", path, code=3)
    assert "sub-32_task-rest_eeg.eeg" in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr


HEADER = """Brain Vision Data Exchange Header File Version 1.0
[Common Infos]
Codepage=UTF-8
DataFile={name}.eeg
MarkerFile={name}.vmrk
DataFormat=BINARY
DataOrientation={orientation}
NumberOfChannels={n}
DataPoints={points}
SamplingInterval=200
[Binary Infos]
BinaryFormat={kind}
[Channel Infos]
{channels}
"""
MARKERS = """Brain Vision Data Exchange Marker File, Version 1.0
[Common Infos]
Codepage=UTF-8
DataFile={name}.eeg
[Marker Infos]
Mk1=New Segment,,1,1,0,20240229235959123456
Mk2=Stimulus,S  7,11,1,0
Mk3=Comment,one\\1 two,21,5,0
"""


def made_recording(kind, dtype, orientation):
    """Random numbers of every type and orientation, channels of several units."""
    name, n, points = "made", 5, 1234
    rng = np.random.default_rng(7)
    info = np.iinfo(dtype) if dtype.kind == "i" else None
    numbers = rng.integers(info.min, info.max, (n, points)) if info else rng.normal(0, 100, (n, points))
    numbers = numbers.astype(dtype)
    rows = ["Ch%d=c%d\\1x,,%s,%s" % (i + 1, i + 1, resolution, unit) for i, (resolution, unit) in enumerate(
        [("0.5", "µV"), ("", "µV"), ("0.0488281", "mV"), ("1e-7", "V"), ("100", "nV")])]
    with open(scratch(name + ".vhdr"), "w", encoding="utf-8") as file:
        file.write(HEADER.format(name=name, n=n, points=points, kind=kind, orientation=orientation, channels="\n".join(rows)))
    with open(scratch(name + ".vmrk"), "w", encoding="utf-8") as file:
        file.write(MARKERS.format(name=name))
    (numbers.T if orientation == "MULTIPLEXED" else numbers).astype(dtype, order="C").tofile(scratch(name + ".eeg"))
    raw, wanted = mne_read(scratch(name + ".vhdr"))
    np.testing.assert_allclose(as_array(scratch(name + ".vhdr")), wanted, rtol=ULPS, atol=0)
    out = scratch("again.vhdr")
    limpid("run", scratch(name + ".vhdr"), "write", out, "--overwrite")
    again, got = mne_read(out)
    np.testing.assert_allclose(got, wanted, rtol=2.0**-23, atol=0)
    assert again.ch_names == raw.ch_names
    # Sizes above 1 are durations; an instantaneous marker has the size 1 in both.
    assert events_of(again) == events_of(raw), (events_of(raw), events_of(again))
    assert again.info["meas_date"] == raw.info["meas_date"]


for (kind, dtype), orientation in itertools.product(
        [("INT_16", np.dtype("<i2")), ("INT_32", np.dtype("<i4")), ("IEEE_FLOAT_32", np.dtype("<f4"))],
        ["MULTIPLEXED", "VECTORIZED"]):
    add("brainvision_made_%s_%s" % (kind, orientation), made_recording, kind, dtype, orientation)


@case
def brainvision_int16_is_within_half_a_step():
    path = scratch("noise.npy")
    numbers = np.random.default_rng(3).normal(0, 50, (4, 5000)) * np.array([[1], [10], [100], [0.01]])
    np.save(path, numbers)
    out = scratch("int16.vhdr")
    limpid("run", "--rate", 1000, path, "write", out, "type=int16", "--overwrite")
    raw, got = mne_read(out)
    step = np.abs(numbers).max(axis=1) / 32767 * 1.0002
    assert (np.abs(got - numbers).max(axis=1) <= 0.5001 * step).all()
    assert os.path.getsize(scratch("int16.eeg")) == numbers.size * 2


def npy_array(dtype, order, transposed):
    """Every dtype, both orders, both orientations; float64 out must be NumPy's own conversion."""
    rng = np.random.default_rng(1)
    dtype = np.dtype(dtype)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        numbers = rng.integers(info.min, info.max, (7, 300), dtype=dtype.newbyteorder("="), endpoint=True)
    else:
        numbers = rng.normal(0, 100, (7, 300))
    numbers = np.array(numbers.T if transposed else numbers, order=order).astype(dtype, order="K")
    path = scratch("in.npy")
    np.save(path, numbers)
    got = as_array(path, "--rate", 500)
    wanted = (numbers.T if transposed else numbers).astype(float)
    np.testing.assert_array_equal(got, wanted)


for dtype in ["?", "i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4", "<i8", ">i8", "<u8", ">u8",
              "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
    for order, transposed in itertools.product("CF", [False, True]):
        label = dtype.replace("<", "little_").replace(">", "big_").replace("?", "bool")
        add("npy_%s_%s%s" % (label, order, "_transposed" if transposed else ""), npy_array, dtype, order, transposed)


@case
def npy_versions():
    numbers = np.arange(600.0).reshape(3, 200)
    for version in [(1, 0), (2, 0), (3, 0)]:
        path = scratch("version.npy")
        with open(path, "wb") as file:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                np.lib.format.write_array(file, numbers, version=version)
        np.testing.assert_array_equal(as_array(path, "--rate", 1), numbers)


@case
def npy_float32_and_scale():
    numbers = np.random.default_rng(2).normal(0, 1, (2, 999))
    path, out = scratch("volts.npy"), scratch("single.npy")
    np.save(path, numbers)
    limpid("run", "--rate", 250, "--scale-uv", 1e6, path, "write", out, "type=float32", "--overwrite")
    got = np.load(out)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, (numbers * 1e6).astype(np.float32))


@case
def npy_needs_a_rate():
    path = scratch("rateless.npy")
    np.save(path, np.zeros(9))
    done = limpid("info", path, code=3)
    assert "--rate" in done.stderr and "(9,) of float64" in done.stderr, done.stderr


def npy_shared(name):
    """Opens with NumPy's values if it is one or two dimensions of plain numbers; else one sentence and exit code 3."""
    path = shared_data(name)
    try:
        numbers = np.load(path)
        if numbers.ndim == 3:
            raise Skip("a movie: see oracle_arrays.py")
        plain = numbers.ndim in (1, 2) and numbers.dtype.kind in "biuf" and numbers.size > 0
    except ValueError:
        plain = False
    if plain:
        np.testing.assert_array_equal(as_array(path, "--rate", 100), np.atleast_2d(numbers).astype(float))
    else:
        done = limpid("info", "--rate", 100, path, code=3)
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def add_shared_arrays():
    try:
        folders = [(f, shared_data(f)) for f in ("tort_npy_libnpy", "tort_npy_numpy", "tort_npy_xtensor")]
    except Skip:
        return
    for folder, path in folders:
        for name in sorted(os.listdir(path)):
            if name.endswith(".npy"):
                add("npy_shared_%s_%s" % (folder, name), npy_shared, os.path.join(folder, name))


add_shared_arrays()
main()
