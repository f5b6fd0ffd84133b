# SPDX-License-Identifier: BSD-3-Clause
"""Arrays as movies (.npy, .npz), tables in text files and Photron's .mraw through the library, against NumPy.

All of them hold numbers as they are, so everything must be exact: the same type, the same bytes. What limpid writes is
loaded by numpy.load.
"""
import csv
import glob
import itertools
import os
import re

import numpy as np

from check import Skip, add, case, limpid, main, scratch, shared_data
from frames import as_movie, numbers, probe, refusal, same

MOVIE = 2


# ---- .npy ----------------------------------------------------------------------------------------------------------

SHAPES = [(7, 9), (3, 8, 11), (2, 7, 5, 3), (2, 6, 5, 4), (4, 6, 5, 1), (9, 8, 3), (9, 8, 4), (1, 1, 1), (300, 5, 2)]
TYPES = ["?", "b", "B", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4", "<i8", ">i8", "<u8", ">u8", "<f2", ">f2",
         "<f4", ">f4", "<f8", ">f8"]


def npy_of_type(dtype):
    path = scratch("array.npy")
    for shape, order in itertools.product(SHAPES, "CF"):
        array = np.asarray(numbers(shape, dtype), order=order)
        np.save(path, array)
        assert np.load(path).dtype == np.dtype(dtype)
        wanted = as_movie(array)
        same(probe(path)[1], wanted)
        if len(wanted) == 300:
            same(probe(path, 123, 100)[1], wanted[123:223])


for dtype in TYPES:
    add("npy_" + dtype.replace("<", "little_").replace(">", "big_").replace("?", "bool"), npy_of_type, dtype)


@case
def npy_rate_and_kind():
    path = scratch("two.npy")
    np.save(path, numbers((50, 60), "<u2"))
    assert probe(path)[0]["rate_hz"] == 0
    assert "holds signals" in refusal(path, rate_hz=100)
    assert probe(path, rate_hz=100, kind=MOVIE)[0]["rate_hz"] == 100
    np.save(path, numbers((5, 50, 60), "<u2"))
    assert probe(path, rate_hz=29.97)[0]["rate_hz"] == 29.97


@case
def npy_refusals():
    path = scratch("bad.npy")
    for array in [np.zeros((3, 4), complex), np.zeros((3, 4), "U2"), np.zeros(3, [("a", "i4"), ("b", "f8")]),
                  np.zeros((3, 4), "M8[s]"), np.float64(3), np.zeros((2, 3, 4, 5)), np.zeros((2,) * 5),
                  np.zeros((0, 3, 4)), np.zeros((3, 4), np.longdouble)]:
        np.save(path, array)
        refusal(path)


@case
def npy_cut_short():
    path, array = scratch("cut.npy"), numbers((6, 7, 8), "<f4")
    np.save(path, array)
    with open(path, "rb") as file:
        whole = file.read()
    with open(path, "wb") as file:
        file.write(whole[:-3 * 7 * 8 * 4 + 1])
    assert "salvage it (--salvage) to read 3 whole frames" in refusal(path)
    same(probe(path, salvage=1)[1], array[:3])


def written(source, *words):
    out = scratch("out.npy")
    limpid("run", source, *words, "write", out, "--overwrite")
    return np.load(out)


def grey_of(rgb):
    return ((rgb.astype(np.int64) @ np.array([299, 587, 114]) * 2 + 1000) // 2000).astype(rgb.dtype)


def halved(frames):
    """Mean of 2 x 2 pixels, rounded halves up."""
    total = sum(frames[:, y::2, x::2].astype(np.int64) for y in (0, 1) for x in (0, 1))
    return ((total * 2 + 4) // 8).astype(frames.dtype)


@case
def loaded_grey_and_smaller():
    """Loading options act on arrays as on images, with the same arithmetic."""
    path, zipped, table = scratch("rgb.npy"), scratch("rgb.npz"), scratch("table.txt")
    rgb = numbers((5, 24, 32, 3), "u2")
    np.save(path, rgb)
    np.savez_compressed(zipped, rgb=rgb)
    for source in (path, zipped):
        same(probe(source, grey=1)[1], grey_of(rgb))
        same(probe(source, size_ratio=0.5)[1], halved(rgb))
        same(probe(source, 3, 2, grey=1, size_ratio=0.5)[1], halved(grey_of(rgb))[3:])
    grey = numbers((4, 24, 32), "u1")
    np.save(path, grey)
    same(probe(path, grey=1, size_ratio=1)[1], grey)
    assert "64 bits" in (np.save(path, grey.astype("u8")) or refusal(path, size_ratio=0.5))
    np.savetxt(table, grey[0], fmt="%d")
    assert probe(table, size_ratio=0.5)[1].shape == (1, 12, 16)


@case
def npy_through_the_command():
    """Read, written and loaded by NumPy: the bytes stay for every type; single frames lose their first dimension."""
    path = scratch("in.npy")
    for dtype, shape in itertools.product(["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", ">u2", "f2"],
                                          [(23, 17, 19), (1, 17, 19), (4, 17, 19, 3)]):
        array = numbers(shape, dtype)
        np.save(path, array)
        wanted = as_movie(array)
        same(written(path), wanted[0] if len(wanted) == 1 else wanted)


# ---- Arrays of others ----------------------------------------------------------------------------------------------

def shared_npy(path):
    try:
        array = np.load(path)
        plain = array.dtype.kind in "biuf" and array.ndim in (2, 3, 4)
    except ValueError:
        plain = False
    if plain:
        same(probe(path)[1], as_movie(array))
    else:
        refusal(path, kind=MOVIE)


def shared_npz(path):
    arrays = {}
    try:
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
    except ValueError:
        assert refusal(path)
        return
    fitting = {k: v for k, v in arrays.items() if v.dtype.kind in "biuf" and v.ndim in (2, 3, 4)}
    for name in arrays:
        if name in fitting:
            same(probe(path, dataset=name)[1], as_movie(fitting[name]))
        else:
            refusal(path, dataset=name)
    header, got = probe(path)
    same(got, as_movie(max(fitting.values(), key=lambda a: a.nbytes)))


def add_shared():
    try:
        root = shared_data()
    except Skip as why:
        add("shared_arrays", lambda: (_ for _ in ()).throw(why))
        return
    for path in sorted(glob.glob(os.path.join(root, "tort_npy_*", "*.np[yz]"))):
        name = "_".join(path.split(os.sep)[-2:]).replace(".", "_")
        add("shared_" + name, shared_npy if path.endswith("y") else shared_npz, path)


add_shared()


# ---- .npz ----------------------------------------------------------------------------------------------------------

@case
def npz_every_type():
    path = scratch("arrays.npz")
    for save in (np.savez, np.savez_compressed):
        arrays = {"a%d" % i: np.asarray(numbers((5, 40, 30), dtype, i), order="CF"[i % 2])
                  for i, dtype in enumerate(TYPES)}
        save(path, **arrays)
        for name, array in arrays.items():
            header, got = probe(path, dataset=name)
            same(got, as_movie(array))
            assert ("deflated" in header["warnings"]) == (save is np.savez_compressed)
        same(probe(path, 4, 1, dataset="a4")[1], as_movie(arrays["a4"])[4:])


@case
def npz_largest():
    path = scratch("largest.npz")
    movie = numbers((9, 20, 20), "u2")
    np.savez(path, t=np.arange(9000.0), mask=numbers((20, 20), "?"), movie=movie, names=np.array(["x" * 500] * 500))
    header, got = probe(path)
    same(got, movie)
    assert "the largest that fits is read: movie" in header["warnings"]


@case
def npz_damage():
    path = scratch("damaged.npz")
    np.savez_compressed(path, movie=numbers((9, 20, 20), "u2"))
    with open(path, "rb") as file:
        whole = bytearray(file.read())
    whole[3000] ^= 0x55
    with open(path, "wb") as file:
        file.write(whole)
    assert "is damaged" in refusal(path)


# ---- Text ----------------------------------------------------------------------------------------------------------

def text_table(delimiter, newline, form):
    rng = np.random.default_rng(5)
    table = rng.normal(0, 1, (40, 30)) * 10.0 ** rng.integers(-20, 20, (40, 30))
    table[3, 4] = np.nan
    path = scratch("table.txt")
    np.savetxt(path, table, fmt=form, delimiter=delimiter, newline=newline, header="made by NumPy", encoding="latin1")
    wanted = np.genfromtxt(path, delimiter=None if delimiter == " " else delimiter)
    header, got = probe(path)
    same(got, wanted[None])
    assert header["format"] == "text table"


for i, (delimiter, newline, form) in enumerate(itertools.product("\t ,;", ["\n", "\r\n"], ["%.18e", "%.6g", "%.3f"])):
    add("text_%d" % i, text_table, delimiter, newline, form)


@case
def text_bad_cells():
    path = scratch("bad.asc")
    with open(path, "w") as file:
        file.write("1;2;3\n4;broken;6\n;8;9\n")
    header, got = probe(path)
    same(got, np.genfromtxt(path, delimiter=";", filling_values=np.nan)[None])
    assert "2 of 9 cells" in header["warnings"]


@case
def text_row_numbers():
    path = scratch("numbered.dat")
    table = numbers((30, 20), "<f8")
    table[~np.isfinite(table)] = 0
    for start in (0, 1):
        np.savetxt(path, np.column_stack([np.arange(30) + start, table]))
        same(probe(path)[1], table[None])
    np.savetxt(path, np.column_stack([np.arange(30) * 2, table]))
    assert probe(path)[0]["width"] == 21


# ---- Photron -------------------------------------------------------------------------------------------------------

def unpacked(data, bits, shape):
    if bits == 16:
        return np.frombuffer(data, "<u2", int(np.prod(shape))).reshape(shape)
    stream = np.unpackbits(np.frombuffer(data, np.uint8))[:int(np.prod(shape)) * bits].reshape(-1, bits)
    return (stream.astype(np.uint16) @ (1 << np.arange(bits)[::-1])).astype(np.uint16).reshape(shape)


@case
def mraw_shared():
    for name, bits, rate in [("ball_12bit", 12, 30000), ("beam", 16, 20)]:
        header_path, path = shared_data("pymraw", "data", name + ".cihx"), shared_data("pymraw", "data", name + ".mraw")
        with open(header_path, errors="ignore") as file:
            xml = file.read()
        width, height = (int(re.search("<%s>(.*?)</%s>" % (k, k), xml).group(1)) for k in ("width", "height"))
        n = int(re.search("<totalFrame>(.*?)</totalFrame>", xml).group(1))
        with open(path, "rb") as file:
            wanted = unpacked(file.read(), bits, (n, height, width))
        for either in (header_path, path):
            header, got = probe(either)
            same(got, wanted)
            assert header["rate_hz"] == rate, header["rate_hz"]


@case
def mraw_missing_movie():
    assert ".mraw" in refusal(shared_data("pymraw", "data", "sample_60k_16bit.cih"))


@case
def mraw_packed():
    for bits, (n, height, width) in itertools.product((10, 12), [(3, 5, 7), (2, 300, 301), (1, 1, 1)]):
        values = np.random.default_rng(bits).integers(0, 1 << bits, (n, height, width)).astype(np.uint16)
        stream = (values.reshape(-1, 1) >> np.arange(bits)[::-1] & 1).astype(np.uint8)
        with open(scratch("p.mraw"), "wb") as file:
            file.write(np.packbits(stream).tobytes())
        with open(scratch("p.cih"), "w") as file:
            file.write("#Camera Information Header\nTotal Frame : %d\nImage Width : %d\nImage Height : %d\n"
                       "Color Bit : %d\nRecord Rate(fps) : 125\n" % (n, width, height, bits))
        same(probe(scratch("p.cih"))[1], values)


# ---- .csv ----------------------------------------------------------------------------------------------------------

@case
def csv_of_signals():
    """Every number comes back to the bit through Python's reader."""
    path, out = scratch("s.npy"), scratch("s.csv")
    values = np.random.default_rng(8).normal(0, 1, (3, 5000)) * 10.0 ** np.random.default_rng(9).integers(-30, 30, (3, 5000))
    values[1, 7] = np.nan
    np.save(path, values)
    for threads in (1, 2):
        limpid("run", "--rate", 250, path, "write", out, "--overwrite", "--threads", threads)
        with open(out, newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0] == ["frame", "time_s", "1", "2", "3"]
        assert [int(r[0]) for r in rows[1:]] == list(range(5000))
        np.testing.assert_array_equal([float(r[1]) for r in rows[1:]], np.arange(5000) / 250)
        got = np.array([[float(x) if x else np.nan for x in r[2:]] for r in rows[1:]]).T
        assert got.tobytes() == values.tobytes()


main()
