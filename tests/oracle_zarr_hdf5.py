# SPDX-License-Identifier: BSD-3-Clause
"""Zarr and HDF5 as movies, against zarr-python and h5py.

Both hold numbers as they are, so everything must be exact: the same type, the same bytes. What limpid writes is opened
by zarr and h5py. Arrays that cannot be movies must be refused in one sentence.
"""
import glob
import itertools
import json
import os
import shutil

import numpy as np

from check import Skip, add, case, limpid, main, scratch, shared_data
from frames import Refused, as_movie, native, need, numbers, probe, refusal, same

try:
    import numcodecs
    import zarr
except ImportError:
    zarr = None
try:
    import h5py
except ImportError:
    h5py = None

TYPES = ["?", "i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">u4", "<i8", ">u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]


def every_second(cases, dtype):
    """Of the cases every second: what the one type leaves out, its neighbours try."""
    return list(cases)[TYPES.index(dtype) % 2::2]


def can_be_movie(array):
    return (array.dtype.kind in "biuf" and array.dtype.itemsize <= 8 and array.size > 0 and
            (array.ndim in (2, 3) or (array.ndim == 4 and array.shape[3] in (1, 3, 4))))


def patchy(shape, dtype, seed=1):
    return numbers(shape, dtype, seed, patches=True)


# ---- Zarr ----------------------------------------------------------------------------------------------------------

def zarr_of(name, array, **options):
    path = scratch(name)
    shutil.rmtree(path, ignore_errors=True)
    z = zarr.open_array(path, mode="w", shape=array.shape, dtype=array.dtype, **options)
    z[...] = array
    return path, z


def zarr_of_type(dtype):
    need(zarr, "python3-zarr")
    shapes = [((7, 9), (4, 5)), ((5, 8, 11), (2, 3, 11)), ((5, 8, 11), (2, 8, 11)), ((5, 8, 11), (9, 9, 99)),
              ((3, 7, 5, 3), (2, 4, 5, 3)), ((2, 6, 5, 4), (1, 6, 5, 2)), ((3, 1, 1, 6, 7), (2, 1, 1, 6, 4)),
              ((9, 8, 3), (4, 8, 3)), ((300, 5, 2), (64, 5, 1)), ((300, 5, 2), (64, 5, 2))]
    orders = [(*shape, order) for i, shape in enumerate(shapes) for order in ("CF", "FC")[i % 2]]
    for shape, chunks, order in every_second(orders, dtype):
        array = patchy(shape, dtype)
        path, z = zarr_of("types.zarr", array, chunks=chunks, order=order, dimension_separator="./"[order == "F"])
        wanted = as_movie(array)
        same(probe(path)[1], wanted)
        if len(wanted) == 300:
            same(probe(path, 123, 100)[1], wanted[123:223])


for dtype in TYPES:
    add("zarr_" + dtype.replace("<", "little_").replace(">", "big_").replace("?", "bool"), zarr_of_type, dtype)


@case
def zarr_codecs():
    need(zarr, "python3-zarr")
    array = patchy((9, 40, 50), "<u2")
    blosc = [numcodecs.Blosc(name, level, shuffle) for name, level, shuffle in
             itertools.product(["lz4", "lz4hc", "blosclz", "zstd", "zlib"], [0, 5], [0, 1, 2])]
    for codec in [None, numcodecs.Zlib(3), numcodecs.GZip(2), numcodecs.Zstd(4)] + blosc:
        path, z = zarr_of("codec.zarr", array, chunks=(4, 40, 50), compressor=codec)
        same(probe(path)[1], array)
    path, z = zarr_of("codec.zarr", array, chunks=(4, 40, 50), compressor=numcodecs.Zlib(3),
                      filters=[numcodecs.Shuffle(2)])
    same(probe(path)[1], array)
    for options, word in [({"compressor": numcodecs.BZ2()}, "bz2"), ({"compressor": numcodecs.LZMA()}, "lzma"),
                          ({"compressor": numcodecs.LZ4()}, "lz4"), ({"filters": [numcodecs.Delta("<u2")]}, "delta")]:
        path, z = zarr_of("codec.zarr", array, chunks=(4, 40, 50), **options)
        assert word in refusal(path)


@case
def zarr_missing_chunks():
    need(zarr, "python3-zarr")
    for dtype, fill in [("<u2", 7), ("<i4", -5), ("<f4", np.nan), ("<f8", -np.inf), ("<f4", 0.1), ("?", True), ("<f2", 1.5),
                        ("<u2", None), ("<u8", 2 ** 62)]:
        path = scratch("holes.zarr")
        shutil.rmtree(path, ignore_errors=True)
        z = zarr.open_array(path, mode="w", shape=(9, 10, 11), dtype=dtype, chunks=(4, 5, 6), fill_value=fill)
        z[4:8, :5] = 1
        wanted = z[...]
        if fill is None:
            wanted[:4] = wanted[8:] = wanted[:, 5:] = 0
        same(probe(path)[1], native(wanted))


@case
def zarr_groups():
    need(zarr, "python3-zarr")
    path = scratch("group.zarr")
    shutil.rmtree(path, ignore_errors=True)
    group = zarr.open_group(path, mode="w")
    movie, small = patchy((6, 20, 20), "u2"), patchy((3, 5, 6), "f4")
    group.create_dataset("a/b/movie", data=movie, chunks=(2, 20, 20))
    group.create_dataset("small", data=small)
    group.create_dataset("frame", data=np.arange(100000.0))
    header, got = probe(path)
    same(got, movie)
    assert "a/b/movie" in header["warnings"] and "small" in header["warnings"]
    same(probe(path, dataset="small")[1], small)
    same(probe(path, dataset="/a/b/movie")[1], movie)
    same(probe(os.path.join(path, "a"))[1], movie)
    for name in ("frame", "nothing", "../group.zarr/small", "a/b", "a/../small"):
        refusal(path, dataset=name)
    refusal(os.path.join(path, "small"), dataset="small")


@case
def zarr_named_dimensions():
    need(zarr, "python3-zarr")
    canonical = patchy((9, 7, 5), "<i2")
    names = ["frame", "height", "width"]
    for order in itertools.permutations(range(3)):
        path, z = zarr_of("named.zarr", canonical.transpose(order), chunks=(4, 3, 2))
        z.attrs["_ARRAY_DIMENSIONS"] = [names[i] for i in order]
        same(probe(path)[1], canonical)
        same(probe(path, 3, 4)[1], canonical[3:7])
    colour = patchy((4, 7, 6, 3), "u1")
    path, z = zarr_of("named.zarr", colour.transpose(3, 0, 1, 2), chunks=(1, 2, 7, 6))
    z.attrs["_ARRAY_DIMENSIONS"] = ["c", "t", "y", "x"]
    same(probe(path)[1], colour)
    path, z = zarr_of("named.zarr", patchy((9, 8, 3), "u1"), chunks=(4, 8, 3))
    z.attrs["_ARRAY_DIMENSIONS"] = ["t", "y", "x"]
    assert probe(path)[1].shape == (9, 8, 3)
    path, z = zarr_of("named.zarr", patchy((4, 5, 6, 7), "u1"), chunks=(4, 5, 6, 7))
    z.attrs["_ARRAY_DIMENSIONS"] = ["t", "z", "y", "x"]
    assert "slices (Z)" in refusal(path)
    z.attrs["_ARRAY_DIMENSIONS"] = ["t", "c", "y", "x"]
    assert "channels (C)" in refusal(path)


@case
def zarr_ome():
    need(zarr, "python3-zarr")
    path = scratch("ome.zarr")
    shutil.rmtree(path, ignore_errors=True)
    group = zarr.open_group(path, mode="w")
    movie = patchy((6, 20, 30), "u2")
    group.create_dataset("0", data=movie[:, None, None], chunks=(1, 1, 1, 20, 30), dimension_separator="/")
    group.create_dataset("1", data=movie[:, None, None, ::2, ::2], chunks=(1, 1, 1, 10, 15), dimension_separator="/")
    group.attrs["multiscales"] = [{
        "axes": [{"name": "t", "type": "time", "unit": "millisecond"}, {"name": "c", "type": "channel"},
                 {"name": "z", "type": "space", "unit": "micrometer"},
                 {"name": "y", "type": "space", "unit": "micrometer"},
                 {"name": "x", "type": "space", "unit": "micrometer"}],
        "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [50, 1, 1, 0.5, 0.25]}]},
                     {"path": "1", "coordinateTransformations": [{"type": "scale", "scale": [50, 1, 1, 1, 0.5]}]}]}]
    header, got = probe(path)
    same(got, movie)
    assert (header["rate_hz"], header["pixel_height_um"], header["pixel_width_um"]) == (20, 0.5, 0.25)
    header, got = probe(path, dataset="1")
    same(got, movie[:, ::2, ::2])
    assert (header["pixel_height_um"], header["pixel_width_um"]) == (1, 0.5)


@case
def zarr_damage():
    need(zarr, "python3-zarr")
    array = patchy((6, 40, 50), "<u2")
    for codec in [None, numcodecs.Zlib(3), numcodecs.GZip(2), numcodecs.Zstd(4), numcodecs.Blosc("lz4", 5, 1)]:
        path, z = zarr_of("damaged.zarr", array, chunks=(2, 40, 50), compressor=codec)
        chunk = os.path.join(path, "1.0.0")
        with open(chunk, "rb") as file:
            whole = file.read()
        for damaged in (whole[:-5], b"", whole[:10], whole + b"x" * 200000, bytes(len(whole)) if codec else b"1"):
            with open(chunk, "wb") as file:
                file.write(damaged)
            assert "damaged" in refusal(path)
            same(probe(path, 0, 2)[1], array[:2])
    with open(os.path.join(path, ".zarray")) as file:
        header = json.load(file)
    for change in [{"shape": [6, 40]}, {"shape": [6, 40, -1]}, {"chunks": [0, 1, 1]}, {"chunks": [2 ** 40, 40, 50]},
                   {"shape": [2 ** 62, 2 ** 62, 50]}, {"shape": [6, 2 ** 40, 2 ** 20]}, {"dtype": "<c8"}, {"dtype": "<u3"},
                   {"dtype": [["a", "<i4"]]}, {"order": "K"}, {"zarr_format": 3}, {"fill_value": "x"},
                   {"fill_value": 70000}, {"fill_value": 0.5}, {"shape": None}, {"dimension_separator": "-"},
                   {"compressor": {}}, {"compressor": "blosc"}, {"shape": [1] * 9, "chunks": [1] * 9},
                   {"chunks": [1, 1, 1], "shape": [6, 400, 500]}, {"filters": [{}]}]:
        with open(os.path.join(path, ".zarray"), "w") as file:
            json.dump(dict(header, **change), file)
        refusal(path)
    for text in ("", "[]", "{", "null", "\x00", "[" * 100000):
        with open(os.path.join(path, ".zarray"), "w") as file:
            file.write(text)
        refusal(path)
    os.remove(os.path.join(path, ".zarray"))
    with open(os.path.join(path, "zarr.json"), "w") as file:
        file.write('{"zarr_format": 3}')
    assert "version 3" in refusal(path)


@case
def zarr_written():
    need(zarr, "python3-zarr")
    source, out = scratch("in.npy"), scratch("out.zarr")
    for dtype, shape in itertools.product(["u1", "i2", "u2", "i4", "u8", "f4", "f8"],
                                          [(23, 17, 19), (1, 17, 19), (4, 17, 19, 3)]):
        array = patchy(shape, dtype)
        np.save(source, array)
        for words in ([], ["compress=true"]):
            limpid("run", "--rate", 20, source, "write", out, *words, "--overwrite")
            z = zarr.open_array(out, mode="r")
            same(z[...], array)
            assert (z.compressor is not None) == (words != [])
            assert z.attrs["_ARRAY_DIMENSIONS"] == ["frame", "height", "width", "channel"][:array.ndim]
            assert z.attrs["rate_hz"] == 20 and z.chunks[0] == 1
            header, got = probe(out)
            same(got, array)
            assert header["rate_hz"] == 20
    assert [n for n in os.listdir(os.path.dirname(out)) if n.endswith(".part")] == []
    assert "exists" in limpid("run", source, "write", out, code=None).stderr


def shared_zarr(path):
    need(zarr, "python3-zarr")
    nested = os.path.isdir(os.path.join(path, "0"))
    z = zarr.open_array(zarr.NestedDirectoryStore(path) if nested else path, mode="r")
    id = z.compressor.codec_id if z.compressor else "raw"
    if can_be_movie(z) and id in ("raw", "zlib", "gzip", "zstd", "blosc") and not z.filters:
        same(probe(path)[1], as_movie(z[...]))
    else:
        refusal(path)


# ---- HDF5 ----------------------------------------------------------------------------------------------------------

def h5_of(name, **datasets):
    path = scratch(name)
    with h5py.File(path, "w") as file:
        for key, (array, options) in datasets.items():
            file.create_dataset(key, data=array, **options)
    return path


def hdf5_of_type(dtype):
    need(h5py, "python3-h5py")
    layouts = [{}, {"chunks": True}, {"compression": "gzip"}, {"compression": "gzip", "shuffle": True},
               {"shuffle": True, "chunks": True}, {"compression": "gzip", "fletcher32": True}, {"compression": "szip"}]
    shapes = [(7, 9), (5, 8, 11), (3, 7, 5, 3), (2, 6, 5, 4), (40, 50, 30)]
    for shape, options in every_second(itertools.product(shapes, layouts), dtype):
        if options.get("compression") == "szip" and (dtype == "?" or not h5py.h5z.filter_avail(h5py.h5z.FILTER_SZIP)):
            continue
        array = patchy(shape, dtype)
        path = h5_of("types.h5", data=(array, options))
        same(probe(path)[1], as_movie(array))


for dtype in TYPES:
    add("hdf5_" + dtype.replace("<", "little_").replace(">", "big_").replace("?", "bool"), hdf5_of_type, dtype)


@case
def hdf5_chunks():
    need(h5py, "python3-h5py")
    array = patchy((23, 31, 29), "<u2")
    for chunks in [(1, 31, 29), (5, 31, 29), (23, 8, 8), (4, 31, 10), (7, 7, 7)]:
        for options in [{}, {"compression": "gzip", "shuffle": True}, {"compression": "gzip", "fletcher32": True}]:
            path = h5_of("chunks.h5", data=(array, dict(options, chunks=chunks)))
            same(probe(path)[1], array)
            same(probe(path, 9, 6)[1], array[9:15])
    with h5py.File(path, "w") as file:
        file.create_dataset("holes", shape=(23, 31, 29), chunks=(4, 31, 29), dtype="<f4", fillvalue=np.nan)
        file["holes"][5:9] = 1
        wanted = file["holes"][...]
    same(probe(path)[1], wanted)
    with h5py.File(path, "w") as file:
        file.create_dataset("never", shape=(5, 6, 7), dtype="<i2", fillvalue=-3)
    same(probe(path)[1], np.full((5, 6, 7), -3, "<i2"))
    assert "filter" in refusal(h5_of("lzf.h5", data=(array, {"compression": "lzf"})))


@case
def hdf5_filters_of_others():
    """Blosc and zstd, whose chunks are stored as their plugins store them."""
    need(h5py, "python3-h5py")
    need(zarr, "python3-zarr")
    array = patchy((6, 40, 50), "<u2")
    for id, codec in [(32001, numcodecs.Blosc("lz4", 5, 1)), (32015, numcodecs.Zstd(3))]:
        path = scratch("plugin.h5")
        with h5py.File(path, "w") as file:
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_chunk((2, 40, 50))
            plist.set_filter(id, h5py.h5z.FLAG_OPTIONAL, ())
            dataset = h5py.h5d.create(file.id, b"movie", h5py.h5t.py_create(array.dtype),
                                      h5py.h5s.create_simple(array.shape), plist)
            for t in range(0, 6, 2):
                dataset.write_direct_chunk((t, 0, 0), codec.encode(array[t:t + 2]), 0)
        same(probe(path)[1], array)


@case
def hdf5_named_dimensions():
    need(h5py, "python3-h5py")
    canonical = patchy((70, 17, 15), "<i2")
    for order, options in itertools.product(itertools.permutations(range(3)),
                                            [{}, {"chunks": (4, 5, 6), "compression": "gzip"}]):
        path = h5_of("named.h5", data=(canonical.transpose(order), options))
        with h5py.File(path, "a") as file:
            for i, d in enumerate(order):
                file["data"].dims[i].label = "tyx"[d]
            file["data"].attrs["element_size_um"] = [1, 0.5, 0.25]
        header, got = probe(path)
        same(got, canonical)
        assert (header["pixel_height_um"], header["pixel_width_um"]) == (0.5, 0.25)
        same(probe(path, 3, 40)[1], canonical[3:43])


@case
def hdf5_matlab_and_nwb():
    need(h5py, "python3-h5py")
    movie = patchy((9, 7, 5), "<f8")
    path = scratch("matlab.mat")
    with h5py.File(path, "w", userblock_size=512) as file:
        file["movie"] = movie.transpose(0, 2, 1)
        file["movie"].attrs["MATLAB_class"] = np.bytes_("double")
        file.create_dataset("packed", data=movie[:, :6].transpose(0, 2, 1), compression="gzip", chunks=(2, 5, 6))
        file["packed"].attrs["MATLAB_class"] = np.bytes_("double")
        file["plain"] = movie[:5]
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file" + b" " * 100)
    same(probe(path)[1], movie)
    same(probe(path, dataset="packed")[1], movie[:, :6])
    same(probe(path, dataset="plain")[1], movie[:5])
    path = scratch("session.nwb")
    with h5py.File(path, "w") as file:
        series = file.create_group("acquisition/TwoPhotonSeries")
        series["data"] = movie
        series["starting_time"] = 0.0
        series["starting_time"].attrs["rate"] = 30.0
        series["starting_time"].attrs["unit"] = "seconds"
    header, got = probe(path)
    same(got, movie)
    assert header["rate_hz"] == 30


@case
def hdf5_choices():
    need(h5py, "python3-h5py")
    path, movie = scratch("many.h5"), patchy((6, 20, 20), "u2")
    with h5py.File(path, "w") as file:
        file["a/b/movie"] = movie
        file["times"] = np.arange(100000.0)
        file["names"] = np.array([b"x"] * 9)
        file["table"] = np.zeros(99999, [("a", "i4"), ("b", "f8")])
        file["complex"] = np.zeros((50, 50, 50), complex)
        file["soft"] = h5py.SoftLink("/a/b/movie")
        file["external"] = h5py.ExternalLink("other.h5", "/x")
        file.create_dataset("empty", shape=(0, 4, 4))
        file["scalar"] = 3
    header, got = probe(path)
    same(got, movie)
    assert "a/b/movie" in header["warnings"]
    same(probe(path, dataset="/a/b/movie")[1], movie)
    for name in ("times", "names", "table", "complex", "soft", "external", "empty", "scalar", "a", "nothing", "", "/"):
        refusal(path, dataset=name)
    raw, path = scratch("raw.bin"), scratch("elsewhere.h5")
    movie.tofile(raw)
    with h5py.File(path, "w") as file:
        file.create_dataset("out", shape=movie.shape, dtype=movie.dtype, external=[(raw, 0, movie.nbytes)])
    assert "other files" in refusal(path)


@case
def hdf5_damage():
    """Bytes changed anywhere: pixels or one sentence, never a crash."""
    need(h5py, "python3-h5py")
    array = patchy((6, 40, 50), "<u2")
    for options in [{}, {"chunks": (2, 40, 50), "compression": "gzip", "shuffle": True}]:
        path = h5_of("damaged.h5", data=(array, options))
        with open(path, "rb") as file:
            whole = file.read()
        rng, n_read, n_refused = np.random.default_rng(3), 0, 0
        for i in range(40):
            damaged = bytearray(whole)
            if i % 4 == 0:
                damaged = damaged[:rng.integers(1, len(whole))]
            else:
                for at in rng.integers(0, 3000, 3):
                    damaged[at] = rng.integers(256)
            with open(path, "wb") as file:
                file.write(damaged)
            try:
                probe(path)
                n_read += 1
            except Refused:
                n_refused += 1
        assert n_refused >= 9, (n_read, n_refused)


@case
def hdf5_written():
    need(h5py, "python3-h5py")
    source, out = scratch("in.npy"), scratch("out.h5")
    for dtype, shape in itertools.product(["u1", "i2", "u2", "i4", "u8", "f4", "f8"],
                                          [(23, 17, 19), (1, 17, 19), (4, 17, 19, 3), (9, 8, 3)]):
        array = patchy(shape, dtype)
        np.save(source, array)
        wanted = as_movie(array)
        for words in ([], ["compress=true"]):
            limpid("run", "--rate", 20, source, "write", out, *words, "--overwrite")
            with h5py.File(out, "r") as file:
                same(file["movie"][...], wanted)
                assert (file["movie"].compression == "gzip") == (words != [])
                assert file["movie"].attrs["rate_hz"] == 20
                assert file["movie"].dims[1].label == "y"
            header, got = probe(out)
            same(got, wanted)
            assert header["rate_hz"] == 20
    assert "exists" in limpid("run", source, "write", out, code=None).stderr


def shared_hdf5(path):
    need(h5py, "python3-h5py")
    with h5py.File(path, "r") as file:
        array = file["imaging"][...]
    if can_be_movie(array):
        same(probe(path)[1], as_movie(array))
    else:
        assert "slices (Z)" in refusal(path)


# ---- Arrays of others ----------------------------------------------------------------------------------------------

def add_shared():
    try:
        root = shared_data()
    except Skip as why:
        add("shared", lambda: (_ for _ in ()).throw(why))
        return
    for path in sorted(glob.glob(os.path.join(root, "tort_zarr_v2", "**", ".zarray"), recursive=True)):
        folder = os.path.dirname(path)
        add("shared_" + "_".join(folder.split(os.sep)[-2:]), shared_zarr, folder)
    for path in sorted(glob.glob(os.path.join(root, "sima", "*.h5"))):
        add("shared_" + os.path.basename(path), shared_hdf5, path)


add_shared()
main()
