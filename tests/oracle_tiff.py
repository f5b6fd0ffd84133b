# SPDX-License-Identifier: BSD-3-Clause
"""TIFF through the library (tests/frames_probe, tests/tiff_probe), against tifffile, Pillow and plain NumPy.

Numbers must be exact: those of tifffile, or unpacked here from the bits of the strips where tifffile does not, then
inverted, looked up or mixed as the photometric tag says. What only Pillow decodes is compared with its RGB: exact, but
for JPEG and YCbCr, whose conversions may round by a few units differently. Damaged files may be refused, in one
sentence, and must neither crash nor hang.
"""
import glob
import os
import subprocess
import warnings

import numpy as np

from check import LIMPID, Skip, add, case, main, scratch, shared_data
from frames import Refused, need, probe, refusal

try:
    import tifffile
except ImportError:
    tifffile = None
try:
    from PIL import Image
except ImportError:
    Image = None

WRITER = os.environ.get("TIFF_PROBE", os.path.join(os.path.dirname(LIMPID), "tests", "tiff_probe"))
WHITE, PALETTE, CMYK, YCBCR, CONVERTED = 0, 3, 5, 6, (8, 9, 10, 32845)


# ---- What the pixels are -------------------------------------------------------------------------------------------

def unpacked(page, path):
    """Numbers of an uncompressed page of strips, of any number of bits: height x width x samples."""
    if page.compression != 1 or page.is_tiled or page.fillorder != 1:
        raise ValueError("not uncompressed strips")
    with open(path, "rb") as file:
        data = file.read()
    height, width, samples, bits = page.imagelength, page.imagewidth, page.samplesperpixel, page.bitspersample
    planes = samples if page.planarconfig == 2 else 1
    row = (width * samples // planes * bits + 7) // 8
    raw = b"".join(data[o:o + n] for o, n in zip(page.dataoffsets, page.databytecounts))
    rows = np.frombuffer(raw, np.uint8)[:planes * height * row].reshape(planes * height, row)
    if bits % 8 == 0 and page.parent.byteorder == "<":
        rows = rows.reshape(len(rows), -1, bits // 8)[..., ::-1].reshape(len(rows), -1)
    ones = np.unpackbits(rows, axis=1)[:, :width * samples // planes * bits]
    ones = ones.reshape(len(rows), -1, bits).astype(np.uint64)
    values = (ones << np.arange(bits - 1, -1, -1, dtype=np.uint64)).sum(axis=2, dtype=np.uint64)
    values = values.reshape(planes, height, width, samples // planes)
    values = np.moveaxis(values, 0, -1).reshape(height, width, samples) if planes > 1 else values[0]
    return values.astype(np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32)


def numbers(page, path):
    """Height x width x samples as stored."""
    bits = page.bitspersample
    if bits in (8, 16, 32, 64) or page.compression != 1:
        array = page.asarray()
        if page.planarconfig == 2 and page.samplesperpixel > 1:
            array = np.moveaxis(array, 0, -1)
        array = array.reshape(page.imagelength, page.imagewidth, page.samplesperpixel)
        return array.astype(array.dtype.newbyteorder("="))
    return unpacked(page, path)


def seen(page, stored):
    """The image that limpid gives: grey or RGB."""
    bits, dtype = page.bitspersample, stored.dtype
    if dtype == bool:
        stored = stored.astype(np.uint8)
    if dtype == np.float16:
        stored = stored.astype(np.float32)
    kind = int(page.photometric)
    if kind == WHITE and stored.dtype.kind != "f":
        stored = ~stored if stored.dtype.kind == "i" or bits >= 64 else (2 ** bits - 1 - stored).astype(stored.dtype)
    if kind == PALETTE:
        table = page.colormap
        return (table if table.max() < 256 else table >> 8).astype(np.uint8)[:, stored[..., 0]].transpose(1, 2, 0)
    if kind == CMYK:
        top = {"u1": 255, "u2": 65535, "f4": 1}[stored.dtype.str[1:]]
        ink = top - stored.astype(np.float64)
        mixed = ink[..., :3] * ink[..., 3:4] / top
        return (mixed if top == 1 else np.rint(mixed)).astype(stored.dtype)
    if kind in (2, YCBCR):
        return stored[..., :3]
    return stored[..., 0]


def upright(image, orientation):
    turned = {1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
              5: lambda a: a.swapaxes(0, 1), 6: lambda a: a.swapaxes(0, 1)[:, ::-1],
              7: lambda a: a.swapaxes(0, 1)[::-1, ::-1], 8: lambda a: a.swapaxes(0, 1)[::-1]}
    return turned.get(orientation, turned[1])(image)


def by_pillow(page, path):
    """The first page as Pillow shows it, and by how much it may differ."""
    if Image is None or 1 in page.extrasamples:
        raise ValueError("no Pillow, or it divides colours by alpha")
    with Image.open(path) as image:
        if image.mode in ("I;16", "I;16B", "F", "I"):
            array = np.array(image)
            return array.astype(array.dtype.newbyteorder("=")), 0
        if image.mode in ("RGBX", "RGBA"):
            array = np.array(image)[..., :3]
        elif image.mode in ("1", "L", "LA"):
            array = np.array(image.convert("L"))
            array = array if page.bitspersample >= 8 else array // (255 // (2 ** page.bitspersample - 1))
        elif image.mode in ("CMYK",):
            return seen(page, np.array(image)), 0
        else:
            array = np.array(image.convert("RGB"))
    return array, 3 if int(page.compression) in (6, 7) or int(page.photometric) == YCBCR else 0


def wanted(page, path):
    """Image and tolerance; ValueError where nothing here decodes the page."""
    kind = int(page.photometric) if page.photometric is not None else 1
    if page.samplesperpixel < 1 or kind in CONVERTED:
        raise ValueError("another colour space")
    orientation = int(page.tags.valueof(274, default=1))
    try:
        if kind == YCBCR:
            raise ValueError("YCbCr")
        return upright(seen(page, numbers(page, path)), orientation), 0
    except Exception:
        if page.index != 0:
            raise ValueError("only tifffile reads later pages")
        try:
            image, tolerance = by_pillow(page, path)
        except OSError as why:
            raise ValueError(why)
        return upright(image, orientation), tolerance


def compare(path, got):
    """Number of pages that were compared."""
    checked = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with tifffile.TiffFile(path) as file:
            pages = [p for p in file.pages if not int(p.subfiletype) & 5]
            if len(pages) != len(got):  # one directory, many planes
                series = file.series[0].asarray().reshape(got.shape)
                np.testing.assert_array_equal(got, series)
                return len(got)
            for i, page in enumerate(pages):
                try:
                    image, tolerance = wanted(page, path)
                except ValueError:
                    continue
                assert image.shape == got[i].shape, (path, i, image.shape, got[i].shape)
                if tolerance == 0:
                    assert image.dtype == got.dtype or image.dtype.kind in "iu", (path, image.dtype, got.dtype)
                    np.testing.assert_array_equal(got[i], image, err_msg="%s page %d" % (path, i))
                else:
                    assert np.abs(got[i].astype(int) - image).mean() < 1, path
                    assert np.abs(got[i].astype(int) - image).max() <= 16 * tolerance, path
                checked += 1
    return checked


# ---- Shared files --------------------------------------------------------------------------------------------------

# What is refused, and a word of the sentence: signed inks, a thumbnail that is not marked as one, a damaged strip.
UNREADABLE = {"tiled-cmyk-i8.tif": "inks", "dscf0013.tif": "page 2 has", "text.tif": "Not enough data"}


def read_all(*parts):
    """Every file of a folder of sound files: right pixels. At least one page in two must have been compared."""
    need(tifffile, "tifffile")
    folder = shared_data(*parts)
    n_pages = n_checked = 0
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.tif*"), recursive=True)):
        try:
            header, got = probe(path)
        except Refused as why:
            known = [word for name, word in UNREADABLE.items() if name in path]
            assert known and known[0] in str(why), why
            continue
        n_pages += len(got)
        n_checked += compare(path, got)
    print("# %d of %d pages compared" % (n_checked, n_pages))
    assert n_pages > 0 and n_checked > n_pages / 2


for folder in [("tort_libtiff",), ("tort_image_tiff", "images"), ("tort_image_tiff", "libtiffpic"),
               ("tort_image_tiff", "benches"), ("pystackreg",), ("trackpy_samples", "foam"), ("sima",)]:
    add("reads " + "/".join(folder), lambda folder=folder: read_all(*folder))


@case
def damaged_files():
    """Files that made other readers crash or run for ever: pixels, or one sentence. Salvaging them too."""
    folder = shared_data("tort_image_tiff", "fuzz_images")
    opened = refused = 0
    for path in sorted(glob.glob(os.path.join(folder, "*", "*"))):
        for salvage in 0, 1:
            try:
                probe(path, salvage=salvage)
                opened += 1
            except Refused:
                refused += 1
    print("# %d opened, %d refused" % (opened, refused))
    assert refused > 0


# ---- Files that tifffile writes --------------------------------------------------------------------------------------

def noise(shape, dtype, seed=7):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.normal(size=shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


def round_trip(name, data, wanted_frames=None, **options):
    need(tifffile, "tifffile")
    path = scratch(name)
    tifffile.imwrite(path, data, **options)
    header, got = probe(path)
    np.testing.assert_array_equal(got, data if wanted_frames is None else wanted_frames)
    return header


@case
def types_and_byte_orders():
    for dtype in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
        for order in "<>":
            for big in False, True:
                data = noise((5, 13, 17), dtype)
                round_trip("t.tif", data, data.astype("f4") if dtype == "f2" else data, byteorder=order, bigtiff=big,
                           photometric="minisblack")


@case
def strips_tiles_and_compressions():
    for dtype in "u1", "u2", "i2", "f4", "f8":
        for options in [dict(rowsperstrip=3), dict(tile=(16, 32)), dict(compression="zlib"),
                        dict(compression="zlib", predictor=dtype[0] != "f", rowsperstrip=4),
                        dict(compression="zlib", tile=(16, 16)), dict(compression="lzma")]:
            for order in "<>":
                for data in noise((3, 37, 41), dtype), noise((2, 37, 41, 3), dtype):
                    kind = "rgb" if data.ndim == 4 else "minisblack"
                    round_trip("t.tif", data, byteorder=order, photometric=kind, **options)


@case
def compressions_by_pillow():
    need(tifffile, "tifffile")
    if Image is None:
        raise Skip("Pillow is absent")
    path = scratch("t.tif")
    for data in noise((37, 41), "u1") // 32, noise((37, 41, 3), "u1") // 64, noise((37, 41), "u2") // 999:
        for compression in "tiff_lzw", "packbits", "tiff_adobe_deflate", "lzma", "zstd":
            Image.fromarray(data).save(path, compression=compression)
            np.testing.assert_array_equal(probe(path)[1][0], data)
    bits = noise((37, 41), "u1") > 128
    for compression in "group3", "group4", "tiff_ccitt", "packbits":
        Image.fromarray(bits).save(path, compression=compression)
        np.testing.assert_array_equal(probe(path)[1][0], bits)
    smooth = np.add.outer(np.arange(40), np.arange(50)).astype("u1")
    Image.fromarray(smooth).save(path, compression="jpeg", quality=95)
    assert np.abs(probe(path)[1][0].astype(int) - smooth).max() < 4


@case
def planes_and_extra_samples():
    rgb = noise((2, 3, 19, 23), "u2")
    round_trip("t.tif", rgb, np.moveaxis(rgb, 1, -1), photometric="rgb", planarconfig="separate")
    alpha = noise((2, 19, 23, 4), "u1")
    header = round_trip("t.tif", alpha, alpha[..., :3], photometric="rgb", extrasamples=["unassalpha"])
    assert "1 of 4 values" in header["warnings"], header
    grey = noise((2, 19, 23, 2), "u1")
    round_trip("t.tif", grey, grey[..., 0], photometric="minisblack", extrasamples=["unassalpha"],
               planarconfig="contig")


@case
def photometric():
    data = noise((2, 9, 11), "u2")
    header = round_trip("t.tif", data, 65535 - data, photometric="miniswhite")
    assert "inverted" in header["warnings"]
    table = noise((3, 256), "u2")
    index = noise((2, 9, 11), "u1")
    round_trip("t.tif", index, (table >> 8).astype("u1")[:, index].transpose(1, 2, 3, 0), photometric="palette",
               colormap=table)


@case
def imagej_stacks():
    data = noise((20, 15, 18), "u2")
    header = round_trip("t.tif", data, imagej=True, resolution=(2.0, 4.0),
                        metadata={"axes": "TYX", "finterval": 0.05, "unit": "um"})
    assert header["format"] == "TIFF (ImageJ)" and abs(header["rate_hz"] - 20) < 1e-9
    assert abs(header["pixel_width_um"] - 0.5) < 1e-9 and abs(header["pixel_height_um"] - 0.25) < 1e-9
    hyper = noise((4, 3, 2, 15, 18), "f4")
    header = round_trip("t.tif", hyper, hyper.reshape(24, 15, 18), imagej=True, metadata={"axes": "TZCYX", "fps": 5.0})
    assert "2 channels (C), 3 slices (Z) and 4 times (T)" in header["warnings"], header
    assert abs(header["rate_hz"] - 30) < 1e-9
    rgb = noise((5, 15, 18, 3), "u1")
    header = round_trip("t.tif", rgb, imagej=True, metadata={"axes": "TYXS", "finterval": 0.25})
    assert header["warnings"] == "" and header["rate_hz"] == 4, header


@case
def one_directory_and_planes_behind():
    """ImageJ's form above 4 GB, small and large: the file ends sparse, with the last plane written."""
    need(tifffile, "tifffile")
    for n, side in (7, 10), (4300, 1024):
        path = scratch("one.tif")
        first = noise((side, side), "u1")
        tifffile.imwrite(path, first, description="ImageJ=1.54f\nimages=%d\nframes=%d\n" % (n, n), metadata=None)
        with tifffile.TiffFile(path) as file:
            at = file.pages[0].dataoffsets[0]
        last = noise((side, side), "u1", 8)
        with open(path, "r+b") as file:
            file.seek(at + (n - 1) * side * side)
            file.write(last.tobytes())
        header, got = probe(path, n - 1, 1)
        assert header["n_times"] == n
        np.testing.assert_array_equal(got[0], last)
        np.testing.assert_array_equal(probe(path, 0, 1)[1][0], first)
        with open(path, "r+b") as file:
            file.truncate(at + (n - 1) * side * side + 5)
        assert "cut short" in refusal(path)
        assert probe(path, 0, 1, salvage=1)[0]["n_times"] == n - 1
        os.remove(path)


@case
def ome():
    data = noise((6, 2, 15, 18), "u2")
    header = round_trip("t.ome.tif", data, data.reshape(12, 15, 18), photometric="minisblack", metadata={
        "axes": "TCYX", "PhysicalSizeX": 325.0, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.65,
        "TimeIncrement": 100.0, "TimeIncrementUnit": "ms"})
    assert header["format"] == "OME-TIFF" and abs(header["rate_hz"] - 20) < 1e-9, header
    assert abs(header["pixel_width_um"] - 0.325) < 1e-12 and header["pixel_height_um"] == 0.65
    assert "2 channels (C)" in header["warnings"] and "6 times (T)" in header["warnings"]
    rgb = noise((5, 15, 18, 3), "u1")  # SizeC is 3 for the colours
    header = round_trip("t.ome.tif", rgb, photometric="rgb", metadata={"axes": "TYXS", "TimeIncrement": 0.25})
    assert header["warnings"] == "" and header["rate_hz"] == 4, header


@case
def resolution():
    data = noise((2, 15, 18), "u2")
    header = round_trip("t.tif", data, photometric="minisblack", resolution=(10000.0, 5000.0),
                        resolutionunit="CENTIMETER")
    assert abs(header["pixel_width_um"] - 1) < 1e-9 and abs(header["pixel_height_um"] - 2) < 1e-9
    header = round_trip("t.tif", data, photometric="minisblack", resolution=(72.0, 72.0), resolutionunit="INCH")
    assert header["pixel_width_um"] == 0


@case
def thumbnails_and_odd_pages():
    need(tifffile, "tifffile")
    path = scratch("t.tif")
    data = noise((3, 16, 16), "u1")
    with tifffile.TiffWriter(path) as file:
        for frame in data:
            file.write(frame, subfiletype=0, metadata=None)
            file.write(frame[::4, ::4], subfiletype=1, metadata=None)
    header, got = probe(path)
    np.testing.assert_array_equal(got, data)
    assert "3 reduced pages" in header["warnings"]
    with tifffile.TiffWriter(path) as file:
        for frame in data[0], data[1], data[2, :8], data[2]:
            file.write(frame, metadata=None)
    assert "page 3 has 16 x 8 pixels" in refusal(path)
    np.testing.assert_array_equal(probe(path, salvage=1)[1], data[:2])


@case
def many_pages():
    need(tifffile, "tifffile")
    path = scratch("t.tif")
    data = noise((20000, 4, 5), "u1")
    tifffile.imwrite(path, data, photometric="minisblack", compression="zlib")
    header, got = probe(path)
    np.testing.assert_array_equal(got, data)


@case
def grey_and_smaller():
    rgb, grey = noise((2, 20, 30, 3), "u1"), noise((2, 20, 30), "u2")
    weights = np.array([299, 587, 114], np.int64)
    want = ((rgb.astype(np.int64) @ weights * 2 + 1000) // 2000).astype("u1")
    halves = (grey.astype(np.int64).reshape(2, 10, 2, 15, 2).sum(axis=(2, 4)) * 2 + 4) // 8
    for options in {}, {"compression": "zlib", "rowsperstrip": 7}, {"byteorder": ">"}:
        path = scratch("t.tif")
        tifffile.imwrite(path, rgb, photometric="rgb", **options)
        np.testing.assert_array_equal(probe(path, grey=1)[1], want)
        tifffile.imwrite(path, grey, photometric="minisblack", **options)
        np.testing.assert_array_equal(probe(path, size_ratio=0.5)[1], halves)


# ---- Files that we write ---------------------------------------------------------------------------------------------

def run_writer(*words, **options):
    """Through tests/tiff_probe; returns the finished process."""
    if not os.path.exists(WRITER):
        raise Skip("tiff_probe is not built")
    return subprocess.run([WRITER, *map(str, words)], capture_output=True, timeout=60, **options)


def write(path, data, rate=0, pixel=0, compress=0):
    colours = 3 if data.ndim == 4 else 1
    done = run_writer(path, data.dtype.name, *data.shape[:3], colours, rate, pixel, compress, input=data.tobytes())
    assert done.returncode == 0, done.stderr


@case
def ours_by_tifffile_and_pillow():
    need(tifffile, "tifffile")
    for compress in 0, 1:
        for dtype in ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"]:
            for shape in [(1, 9, 11), (7, 9, 11), (1, 9, 11, 3), (7, 9, 11, 3), (2, 700, 800)]:
                data, path = noise(shape, dtype), scratch("ours.tif")
                write(path, data, rate=25, pixel=0.75, compress=compress)
                with tifffile.TiffFile(path) as file:
                    assert len(file.pages) == shape[0] and file.is_imagej
                    np.testing.assert_array_equal(np.stack([p.asarray() for p in file.pages]), data)
                    np.testing.assert_array_equal(file.asarray().reshape(shape), data)
                    info = file.imagej_metadata
                    assert info["unit"] == "micron" and info["images"] == shape[0]
                    assert shape[0] == 1 or (info["finterval"] == 0.04 and info["frames"] == shape[0])
                    assert abs(np.divide(*file.pages[0].tags[282].value) - 1 / 0.75) < 1e-9
                header, got = probe(path)
                np.testing.assert_array_equal(got, data)
                assert abs(header["pixel_width_um"] - 0.75) < 1e-9
                assert shape[0] == 1 or abs(header["rate_hz"] - 25) < 1e-9
                if Image is not None and dtype in ("u1", "u2") and (dtype == "u1" or len(shape) == 3):
                    with Image.open(path) as image:
                        assert image.n_frames == shape[0]
                        image.seek(shape[0] - 1)
                        np.testing.assert_array_equal(np.array(image), data[-1])
                os.remove(path)


@case
def above_4_gb():
    """A sparse movie of 5 GB: first and last frame are written."""
    need(tifffile, "tifffile")
    path = scratch("large.tif")
    done = run_writer(path, "uint16", 2500, 1024, 1024, 1, 10, 1, "sparse")
    assert done.returncode == 0, done.stderr
    ramp = (np.arange(1024 * 1024) % 60000).astype("u2").reshape(1024, 1024)
    with tifffile.TiffFile(path) as file:
        assert file.is_bigtiff and len(file.pages) == 2500 and file.series[0].shape == (2500, 1024, 1024)
        np.testing.assert_array_equal(file.pages[0].asarray(), ramp)
        np.testing.assert_array_equal(file.pages[2499].asarray(), ramp)
        assert file.pages[1].asarray().max() == 0
    np.testing.assert_array_equal(probe(path, 2499, 1)[1][0], ramp)
    os.remove(path)


main()
