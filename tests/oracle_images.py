# SPDX-License-Identifier: BSD-3-Clause
"""Single images through the library (tests/frames_probe), against Pillow, OpenCV and plain arithmetic.

PNG and BMP must be exact. JPEG may differ by 1 from OpenCV: both use libjpeg-turbo's codec, whose builds may round the
colour conversion differently. Loaded smaller or grey, integers must be exactly what whole-number arithmetic says.
"""
import glob
import os
import struct

import numpy as np

from check import Skip, add, case, limpid, main, scratch, shared_data
from frames import Refused, need, probe as probe_frames, refusal

try:
    import cv2
except ImportError:
    cv2 = None
try:
    from PIL import Image
except ImportError:
    Image = None


def probe(path, **options):
    """Header and array (height x width, or height x width x 3) of a file of one image."""
    header, frames = probe_frames(path, **options)
    assert header["n_times"] == 1, header
    return header, frames[0]


def grey_of(rgb):
    weights = np.array([299, 587, 114], np.int64)
    return ((rgb.astype(np.int64) @ weights * 2 + 1000) // 2000).astype(rgb.dtype)


def shrunk(array, ratio):
    """Area average in whole numbers, rounded halves up."""
    height, width = (max(1, int(np.floor(n * ratio + 0.5))) for n in array.shape[:2])

    def weights(n_in, n_out):
        w = np.zeros((n_out, n_in), np.int64)
        for i in range(n_out):
            for j in range(n_in):
                w[i, j] = max(0, min((i + 1) * n_in, (j + 1) * n_out) - max(i * n_in, j * n_out))
        return w

    sums = np.einsum("ij,jk...->ik...", weights(array.shape[0], height), array.astype(np.int64))
    sums = np.einsum("kl,il...->ik...", weights(array.shape[1], width), sums)
    area = array.shape[0] * array.shape[1]
    return ((2 * sums + area) // (2 * area)).astype(array.dtype)


# ---- PNG ------------------------------------------------------------------------------------------------------------

def is_grey_palette(image):
    palette = np.array(image.getpalette("RGB")).reshape(-1, 3)
    return (palette == palette[:, :1]).all()


def png_wanted(path):
    """Numbers of a PNG file as Pillow decodes them (8 bits) or OpenCV (16 bits); alpha dropped, upright."""
    with open(path, "rb") as file:
        head = file.read(26)
    depth, colour_type = head[24], head[25]
    if depth == 16:
        array = cv2.imread(path, cv2.IMREAD_UNCHANGED)
        if array is None:
            return None
        if colour_type == 4:  # OpenCV reads grey with alpha as BGRA
            return array[..., 0]
        return array if array.ndim == 2 else array[..., 2::-1]
    with Image.open(path) as image:
        image.load()
        mode = image.mode
        if mode == "P":
            # entries that are there; Pillow pads with black
            raw = image.palette.getdata()[1] if image.palette else b""
            palette = np.frombuffer(raw, np.uint8).reshape(-1, 3)
            colours = np.array(image.convert("RGB") if "transparency" not in image.info else image.convert("RGBA"))[..., :3]
            array = colours[..., 0] if (palette == palette[:, :1]).all() else colours
        elif mode == "1":
            array = np.array(image.convert("L"))
        else:
            array = np.array(image)
            if mode in ("LA", "RGBA"):
                array = array[..., 0] if mode == "LA" else array[..., :3]
    with Image.open(path) as image:
        orientation = image.getexif().get(0x0112, 1)
    return turned(array, orientation)


def turned(array, orientation):
    """EXIF 2.3: where row 0 and column 0 of the stored image are seen."""
    moves = {2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
             5: lambda a: np.swapaxes(a, 0, 1), 6: lambda a: np.rot90(a, -1), 7: lambda a: np.rot90(np.swapaxes(a, 0, 1), 2),
             8: lambda a: np.rot90(a)}
    return moves.get(orientation, lambda a: a)(array)


# Files that are damaged on purpose, and what the sentence must say.
DAMAGED = {"xcrn0g04": "", "xlfn0g04": "", "xs1n0g01": "", "xs2n0g01": "", "xs4n0g01": "", "xs7n0g01": "", "xc1n0g08": "damaged",
           "xc9n2c08": "damaged", "xd0n2c08": "damaged", "xd3n2c08": "damaged", "xd9n2c08": "damaged", "xhdn0g08": "",
           "xcsn0g01": "", "xdtn0g01": ""}


def check_png(path):
    need(Image, "Pillow")
    need(cv2, "OpenCV")
    name = os.path.splitext(os.path.basename(path))[0]
    if name in DAMAGED:
        assert DAMAGED[name] in refusal(path) and name in refusal(path)
        return
    try:
        wanted = png_wanted(path)
    except Exception as error:  # what Pillow cannot read
        wanted = error
    try:
        header, got = probe(path)
    except Refused as why:
        assert name.startswith("x_") or name == "invalid_palette_index", why
        assert os.path.basename(path) in str(why)
        return
    if isinstance(wanted, Exception):
        wanted = cv2.imread(path, cv2.IMREAD_UNCHANGED)[..., 2::-1]
    assert wanted is not None, header
    assert got.dtype == wanted.dtype and got.shape == wanted.shape, (got.dtype, got.shape, wanted.dtype, wanted.shape)
    np.testing.assert_array_equal(got, wanted)


def check_grey_and_smaller(path):
    _, whole = probe(path)
    grey = whole if whole.ndim == 2 else grey_of(whole)
    np.testing.assert_array_equal(probe(path, grey=1)[1], grey)
    for ratio in 0.5, 0.37, 0.11:
        np.testing.assert_array_equal(probe(path, size_ratio=ratio)[1], shrunk(whole, ratio))
    np.testing.assert_array_equal(probe(path, grey=1, size_ratio=0.37)[1], shrunk(grey, 0.37))


def shared_files(folder, pattern):
    root = os.path.join(os.environ.get("LIMPID_SHARED", os.path.join(os.path.dirname(__file__), "..", "..", "shared")), "data")
    return sorted(glob.glob(os.path.join(root, folder, "**", pattern), recursive=True))


@case
def shared_images_are_there():
    shared_data("tort_pngsuite")
    assert len(shared_files("tort_pngsuite", "*.png")) > 150


for png in shared_files("tort_pngsuite", "*.png") + shared_files("tort_libjpeg_turbo", "*.png") + \
        shared_files("trackpy_samples", "*.png"):
    add("png_" + os.path.basename(png), check_png, png)
for png in ["basn0g01", "basi0g04", "basn3p02", "basn2c08", "basi2c16", "basn4a16", "basn6a08", "basi3p08", "cs3n2c16"]:
    for path in shared_files("tort_pngsuite", png + ".png"):
        add("png_smaller_" + png, check_grey_and_smaller, path)


# ---- JPEG -----------------------------------------------------------------------------------------------------------

def check_jpeg(path):
    need(cv2, "OpenCV")
    bgr, grey = cv2.imread(path, cv2.IMREAD_UNCHANGED), cv2.imread(path, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION)
    wanted = bgr if bgr.ndim == 2 else bgr[..., ::-1]
    np.testing.assert_allclose(probe(path)[1].astype(int), wanted, atol=1)
    np.testing.assert_allclose(probe(path, grey=1)[1].astype(int), grey, atol=1)


@case
def jpeg_shared_files():
    need(cv2, "OpenCV")
    for name in "testorig.jpg", "testimgari.jpg", "testimgint.jpg":
        path = shared_data("tort_libjpeg_turbo", name)
        if cv2.imread(path) is not None:
            check_jpeg(path)
        else:
            header, got = probe(path)
            with Image.open(path) as image:
                np.testing.assert_allclose(got.astype(int), np.array(image), atol=1)


@case
def jpeg_of_12_bits_is_refused():
    assert "12 bits" in refusal(shared_data("tort_libjpeg_turbo", "monkey12.jpg"))


def photo(height=203, width=310, colours=3):
    """Smooth shapes and some noise, so that codecs have something to do."""
    rng = np.random.default_rng(4)
    y, x = np.mgrid[:height, :width]
    base = [127 + 80 * np.sin(x / (9 + 3 * c) + c) * np.cos(y / (14 - c)) for c in range(colours)]
    array = np.clip(np.stack(base, -1) + rng.normal(0, 6, (height, width, colours)), 0, 255).astype(np.uint8)
    return array if colours > 1 else array[..., 0]


def as_jpeg(name, array, mode=None, **options):
    path = scratch(name)
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path, "JPEG", **options)
    return path


@case
def jpeg_kinds():
    need(Image, "Pillow")
    need(cv2, "OpenCV")
    for i, options in enumerate([dict(subsampling=s, progressive=p, quality=q) for s in (0, 1, 2) for p in (False, True)
                                 for q in (30, 95)]):
        check_jpeg(as_jpeg("kind%d.jpg" % i, photo(), **options))
    check_jpeg(as_jpeg("grey.jpg", photo(colours=1)))
    for shape in (1, 1), (1, 17), (9, 1), (8, 8), (65, 7):
        check_jpeg(as_jpeg("small.jpg", photo(*shape)))
    assert "CMYK" in refusal(as_jpeg("cmyk.jpg", photo(), "CMYK"))


@case
def jpeg_orientation():
    """All eight, in colour and grey alike, against Pillow's own turning."""
    need(Image, "Pillow")
    array = photo(61, 83)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x010F] = "Somebody"
        exif[0x0112] = orientation
        path = as_jpeg("turned.jpg", array, exif=exif.tobytes(), subsampling=0)
        with Image.open(path) as image:
            flat = np.array(image)
        for grey in 0, 1:
            header, got = probe(path, grey=grey)
            wanted = turned(grey_of(flat) if grey else flat, orientation)
            assert got.shape == wanted.shape
            np.testing.assert_allclose(got.astype(int), wanted, atol=1)
        small = probe(path, size_ratio=0.75)[1]  # the codec cannot do 3/4: whole decode, then area
        np.testing.assert_allclose(small.astype(int), turned(shrunk(flat, 0.75), orientation), atol=1)
        assert probe(path, size_ratio=0.3)[1].shape == turned(shrunk(flat, 0.3), orientation).shape


@case
def jpeg_smaller_by_the_codec():
    """A smooth image has nothing above the new Nyquist frequency: fewer coefficients and area average agree to 2 grey
    levels (each rounds coefficients by itself). Where the sides are no multiples, the codec's pixels are up to 7/8 of one
    further at the far end: another 4 levels in this image."""
    need(Image, "Pillow")
    for shape in (256, 320), (203, 310), (97, 50):
        y, x = np.mgrid[:shape[0], :shape[1]]
        smooth = np.clip(127 + 100 * np.sin(x / 60) * np.cos(y / 75), 0, 255).astype(np.uint8)
        path = as_jpeg("smooth.jpg", smooth, quality=100)
        with Image.open(path) as image:
            whole = np.array(image)
        for ratio in 0.5, 0.25, 0.125, 0.4, 0.2, 0.6:
            got, wanted = probe(path, size_ratio=ratio)[1], shrunk(whole, ratio)
            assert got.shape == wanted.shape
            inside = np.abs(got.astype(int) - wanted)[1:-1, 1:-1]
            most = 2 if all((n * ratio) % 1 == 0 for n in shape) else 6
            assert inside.size == 0 or inside.max() <= most, (shape, ratio, inside.max())
            assert abs(got.mean() - wanted.mean()) < 1, (shape, ratio, got.mean(), wanted.mean())


@case
def jpeg_cut_short():
    need(Image, "Pillow")
    whole = as_jpeg("whole.jpg", photo(colours=1))
    with open(whole, "rb") as file:
        data = file.read()
    path = scratch("cut.jpg")
    with open(path, "wb") as file:
        file.write(data[:len(data) * 2 // 3])
    assert "cut.jpg" in refusal(path) and "salvage" in refusal(path)
    got, wanted = probe(path, salvage=1)[1], probe(whole)[1]
    np.testing.assert_array_equal(got[:80], wanted[:80])


# ---- HIKMICRO -------------------------------------------------------------------------------------------------------

def thermal(name, raw, lowest, highest, **options):
    path = as_jpeg(name, photo(), **options)
    height, width = raw.shape
    header = b"HDRI" + struct.pack("<HHIII", 0x1028, 1, 0, width, height) + bytes(24)
    with open(path, "ab") as file:
        file.write(header + raw.astype("<u2").tobytes() + bytes(1016) + struct.pack("<ff", highest, lowest) + bytes(100))
    return path


@case
def hikmicro_temperatures():
    need(Image, "Pillow")
    raw = np.random.default_rng(8).integers(3000, 9000, (120, 160)).astype(np.uint16)
    path = thermal("thermal.jpg", raw, 18.25, 74.5)
    header, got = probe(path)
    assert header["format"] == "HIKMICRO thermal JPEG" and header["type"] == "float32"
    r = raw.astype(float)
    wanted = 18.25 + (r - r.min()) / (r.max() - r.min()) * (74.5 - 18.25)
    np.testing.assert_allclose(got, wanted, rtol=1e-6)
    assert "interpolated" in header["warnings"]
    np.testing.assert_allclose(probe(path, size_ratio=0.5)[1], wanted.reshape(60, 2, 80, 2).mean((1, 3)), rtol=1e-6)
    flat = thermal("flat.jpg", np.full((4, 6), 5000), 20, 20)
    np.testing.assert_array_equal(probe(flat)[1], np.full((4, 6), 20, np.float32))
    # The visible image of a pair stays an image.
    assert probe(thermal("a_vis.jpg", raw, 1, 2))[0]["format"] == "JPEG"


@case
def hikmicro_damage():
    need(Image, "Pillow")
    raw = np.zeros((120, 160), np.uint16)
    path = thermal("cut.jpg", raw, 1, 2)
    size = os.path.getsize(path)
    os.truncate(path, size - 600)
    assert "cut short" in refusal(path)
    assert "makes no sense" in refusal(thermal("nan.jpg", raw, float("nan"), 2))


# ---- BMP ------------------------------------------------------------------------------------------------------------

@case
def bmp_shared_files():
    need(Image, "Pillow")
    files = shared_files("tort_libjpeg_turbo", "*.bmp") + shared_files("tort_libtiff", "*.bmp")
    if not files:
        raise Skip("../shared/data is absent")
    for path in files:
        with Image.open(path) as image:
            wanted = np.array(image if image.mode in ("L", "RGB") else image.convert("RGB"))
        _, got = probe(path)
        if got.ndim == 2 and wanted.ndim == 3:
            assert (wanted == wanted[..., :1]).all()
            wanted = wanted[..., 0]
        np.testing.assert_array_equal(got, wanted)


@case
def bmp_as_pillow_writes():
    need(Image, "Pillow")
    colour, grey = photo(31, 45), photo(31, 45, 1)
    for mode, array in [("RGB", colour), ("L", grey), ("1", grey), ("P", colour)]:
        path = scratch(mode + ".bmp")
        image = Image.fromarray(array).convert(mode)
        image.save(path)
        _, got = probe(path)
        wanted = np.array(image.convert("RGB" if mode == "P" else "L" if mode == "1" else mode))
        np.testing.assert_array_equal(got, wanted)


# ---- Writing --------------------------------------------------------------------------------------------------------

@case
def png_sequences_are_read_by_others():
    """uint8 and uint16, grey and colour: OpenCV reads every bit that NumPy saved."""
    need(cv2, "OpenCV")
    rng = np.random.default_rng(6)
    for kind in np.uint8, np.uint16:
        for shape in (7, 19, 23), (7, 19, 23, 3):
            movie = rng.integers(0, np.iinfo(kind).max, shape, endpoint=True).astype(kind)
            name = "%s_%d" % (np.dtype(kind).name, len(shape))
            np.save(scratch(name + ".npy"), movie)
            limpid("run", scratch(name + ".npy"), "write", scratch(name + "_%03d.png"))
            assert len(glob.glob(scratch(name + "_*.png"))) == 7
            for i, frame in enumerate(movie):
                got = cv2.imread(scratch("%s_%03d.png" % (name, i)), cv2.IMREAD_UNCHANGED)
                np.testing.assert_array_equal(got if got.ndim == 2 else got[..., ::-1], frame)


@case
def jpeg_sequences_are_read_by_others():
    """At quality 100 without subsampling: coefficients and two conversions of colour round, 4 levels at most."""
    need(Image, "Pillow")
    for colours in 1, 3:
        movie = np.stack([photo(40, 56, colours)] * 3)
        np.save(scratch("j%d.npy" % colours), movie)
        limpid("run", scratch("j%d.npy" % colours), "write", scratch("j%d.jpg" % colours), "quality=100")
        for i in range(3):
            with Image.open(scratch("j%d_%05d.jpg" % (colours, i))) as image:
                assert image.mode == ("L" if colours == 1 else "RGB")
                assert np.abs(np.array(image).astype(int) - movie[i]).max() <= 4


@case
def refusals_leave_nothing():
    np.save(scratch("f.npy"), np.zeros((3, 4, 5), np.float32))
    done = limpid("run", scratch("f.npy"), "write", scratch("f.png"), code=2)
    assert "convert type=uint16" in done.stderr, done.stderr
    assert not glob.glob(scratch("f*.png"))


if __name__ == "__main__":
    main()
