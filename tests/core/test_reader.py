import io
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow
from PIL import ImageCms

from visualizer.core import samples
from visualizer.core.reader import BadImage, read, read_bytes

LOSSLESS = {
    "PNG": {},
    "WEBP": {"lossless": True},
    "BMP": {},
    "TIFF": {},
    "PPM": {},
    "JPEG2000": {},
}
ON_WHITE = "Transparent parts lie on white."
TURNED = "Turned upright by its EXIF tag."


def exif(orientation: int) -> Pillow.Exif:
    tags = Pillow.Exif()
    tags[0x0112] = orientation
    return tags


def stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """Lay a picture down as a camera held that way stores it (TIFF 6.0, tag Orientation)."""
    turned = orientation > 4
    shape = (upright.shape[1], upright.shape[0]) if turned else upright.shape[:2]
    height, width = shape
    result = np.empty((height, width, *upright.shape[2:]), upright.dtype)
    for r in range(height):
        for c in range(width):
            place = {
                1: (r, c),
                2: (r, width - 1 - c),
                3: (height - 1 - r, width - 1 - c),
                4: (height - 1 - r, c),
                5: (c, r),
                6: (c, height - 1 - r),
                7: (width - 1 - c, height - 1 - r),
                8: (width - 1 - c, r),
            }[orientation]
            result[r, c] = upright[place]
    return result


def over_white(colours: np.ndarray, alpha: np.ndarray, white: int) -> np.ndarray:
    share = alpha[..., np.newaxis] / white
    return np.floor(colours * share + white * (1 - share) + 0.5)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_colour_comes_back_exactly(kind, picture, encode):
    image = read_bytes(encode(picture, kind, **LOSSLESS[kind]), "a")
    assert np.array_equal(image.pixels, picture)
    assert image.pixels.dtype == np.uint8
    assert image.bands == ("R", "G", "B")
    assert image.value_range == (0, 255)
    assert image.notes == ()
    assert (image.frame, image.frame_count, image.invalid) == (0, 1, 0)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "JPEG2000"])
def test_lossless_grey_comes_back_exactly(kind, picture, encode):
    image = read_bytes(encode(picture[:, :, 0], kind), "a")
    assert np.array_equal(image.pixels[:, :, 0], picture[:, :, 0])
    assert image.bands == ("grey",)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_lossy_formats_come_close(kind, encode):
    rows, columns = np.mgrid[0:64, 0:80]
    smooth = np.stack([rows * 3, columns * 2, rows + columns], axis=-1).astype(np.uint8)
    image = read_bytes(encode(smooth, kind, quality=95), "a")
    assert np.abs(image.pixels.astype(int) - smooth).mean() < 3


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
def test_tiff_packings(compression, mode, picture, encode):
    source = Pillow.fromarray(picture).convert(mode)
    image = read_bytes(encode(source, "TIFF", compression=compression), "a.tif")
    expected = source.convert("L" if mode in "1L" else "RGB")
    assert np.array_equal(image.pixels.squeeze(), np.asarray(expected))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_one_bit_becomes_black_and_white(kind, picture, encode):
    bits = picture[:, :, 0] > 100
    image = read_bytes(encode(bits, kind), "a")
    assert np.array_equal(image.pixels[:, :, 0], bits * np.uint8(255))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF"])
def test_palette_colours_are_looked_up(kind, picture, encode):
    source = Pillow.fromarray(picture).convert("P", palette=Pillow.Palette.ADAPTIVE, colors=200)
    image = read_bytes(encode(source, kind), "a")
    assert np.array_equal(image.pixels, np.asarray(source.convert("RGB")))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "JPEG2000"])
def test_alpha_lies_on_white(kind, picture, encode):
    alpha = (np.arange(31) * 8 % 256).astype(np.uint8) * np.ones((23, 1), np.uint8)
    alpha[:, :3] = (0, 255, 128)
    rgba = np.dstack([picture, alpha])
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    image = read_bytes(encode(rgba, kind, **options), "a")
    assert np.array_equal(image.pixels, over_white(picture, alpha, 255))
    assert image.notes == (ON_WHITE,)


def test_opaque_alpha_is_not_worth_a_note(picture, encode):
    opaque = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    image = read_bytes(encode(opaque, "PNG"), "a")
    assert np.array_equal(image.pixels, picture)
    assert image.notes == ()


def test_grey_with_alpha_stays_grey(picture, encode):
    grey, alpha = picture[:, :, 0], picture[:, :, 1]
    source = Pillow.merge("LA", [Pillow.fromarray(grey), Pillow.fromarray(alpha)])
    image = read_bytes(encode(source, "PNG"), "a")
    assert np.array_equal(image.pixels, over_white(grey[..., np.newaxis], alpha, 255))
    assert image.notes == (ON_WHITE,)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_a_transparent_colour_lies_on_white(mode, picture, encode):
    source = Pillow.fromarray(picture).convert(mode)
    index = source.getpixel((4, 3))
    image = read_bytes(encode(source, "PNG", transparency=index), "a")
    raw = np.asarray(source)
    chosen = (raw == raw[3, 4]).reshape(*raw.shape[:2], -1).all(axis=2)
    assert (image.pixels[chosen] == 255).all()
    shown = np.asarray(source.convert("L" if mode in "1L" else "RGB"))
    assert np.array_equal(image.pixels.squeeze()[~chosen], shown[~chosen])
    assert image.notes == (ON_WHITE,)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_converted(kind, picture, encode):
    data = encode(picture, kind, mode="CMYK")
    image = read_bytes(data, "a")
    expected = np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB"))
    assert np.array_equal(image.pixels, expected)
    assert image.notes == ("Converted from CMYK to RGB.",)


def test_lab_is_converted(picture, encode):
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = to_lab.apply(Pillow.fromarray(picture // 2 + 64))
    image = read_bytes(encode(lab, "TIFF"), "a.tif")
    assert np.abs(image.pixels.astype(int) - (picture // 2 + 64)).mean() < 2
    assert image.notes == ("Converted from Lab to RGB.",)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bit_png_keeps_every_bit(channels, deep_png):
    pixels = np.random.default_rng(channels).integers(0, 65536, (9, 11, channels), dtype=np.uint16)
    image = read_bytes(deep_png(pixels), "a.png")
    expected = pixels
    if channels in (2, 4):
        expected = over_white(pixels[:, :, :-1], pixels[:, :, -1], 65535)
        assert image.notes == (ON_WHITE,)
    assert image.pixels.dtype == np.uint16
    assert np.array_equal(image.pixels, expected)
    assert image.value_range == (0, 65535)


def test_sixteen_bit_colours_are_not_swapped(deep_png):
    red = np.zeros((2, 2, 3), np.uint16)
    red[:, :, 0] = 65535
    assert read_bytes(deep_png(red), "a.png").pixels[0, 0].tolist() == [65535, 0, 0]


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bit_jpeg_2000_keeps_every_bit(channels):
    pixels = np.random.default_rng(0).integers(0, 65536, (70, 90, channels), dtype=np.uint16)
    lossless = [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]
    _, data = cv2.imencode(".jp2", pixels[:, :, ::-1], lossless)
    image = read_bytes(data.tobytes(), "a.jp2")
    assert image.pixels.dtype == np.uint16
    assert np.array_equal(image.pixels, pixels)


@pytest.mark.skipif(not cv2.haveImageWriter("a.avif"), reason="this OpenCV has no AVIF")
def test_ten_bit_avif_keeps_its_bits():
    ramp = np.add.outer(np.arange(64), np.arange(80)) * 7
    pixels = np.stack([ramp, ramp[::-1], ramp // 2], axis=-1).astype(np.uint16)
    options = [cv2.IMWRITE_AVIF_DEPTH, 10, cv2.IMWRITE_AVIF_QUALITY, 100]
    _, data = cv2.imencode(".avif", pixels[:, :, ::-1], options)
    image = read_bytes(data.tobytes(), "a.avif")
    assert image.value_range == (0, 1023)
    assert np.abs(image.pixels.astype(int) - pixels).mean() < 8


def test_what_is_read_with_fewer_bits_says_so(encode):
    frames = [Pillow.new("RGB", (8, 8), (i * 80, 0, 0)) for i in range(2)]
    data = encode(frames[0], "AVIF", save_all=True, append_images=frames[1:])
    at = data.index(b"av1C") + 6
    claims_ten = data[:at] + bytes([data[at] | 0x40]) + data[at + 1 :]
    assert read_bytes(claims_ten, "a.avif").notes == ("Its 10-bit values were read as 8 bits.",)


@pytest.mark.parametrize("largest", [15, 255, 1023, 65535])
@pytest.mark.parametrize("channels", [1, 3])
def test_netpbm_keeps_its_numbers_and_their_range(largest, channels):
    deep = largest > 255
    dtype = np.uint16 if deep else np.uint8
    pixels = np.random.default_rng(0).integers(0, largest + 1, (5, 7, channels)).astype(dtype)
    raw = pixels.astype(">u2").tobytes() if deep else pixels.tobytes()
    header = f"P{5 if channels == 1 else 6}\n# made by hand\n7 5\n{largest}\n".encode()
    image = read_bytes(header + raw, "a.ppm")
    assert np.array_equal(image.pixels, pixels)
    assert image.pixels.dtype == dtype
    assert image.value_range == (0, largest)


@pytest.mark.parametrize(("scale", "order"), [("-1.0", "<f4"), ("1.0", ">f4")])
@pytest.mark.parametrize("channels", [1, 3])
def test_pfm_is_float_and_starts_at_the_bottom(scale, order, channels):
    pixels = np.random.default_rng(0).normal(size=(5, 7, channels)).astype(np.float32)
    header = f"{'PF' if channels == 3 else 'Pf'}\n7 5\n{scale}\n".encode()
    image = read_bytes(header + pixels[::-1].astype(order).tobytes(), "a.pfm")
    assert np.array_equal(image.pixels, pixels)
    assert image.pixels.dtype == np.float32


def test_text_pgm(picture):
    body = "\n".join(" ".join(map(str, row)) for row in picture[:, :, 0])
    image = read_bytes(f"P2\n31 23\n255\n{body}\n".encode(), "a.pgm")
    assert np.array_equal(image.pixels[:, :, 0], picture[:, :, 0])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "deep PNG", "deep TIFF", "float TIFF"])
def test_orientation(kind, orientation, picture, encode, encode_tiff, deep_png, png_chunk):
    tags = exif(orientation)
    deep = picture.astype(np.uint16) * 257
    if kind == "deep PNG":
        data = deep_png(stored(deep, orientation), png_chunk(b"eXIf", tags.tobytes()[6:]))
    elif kind in ("deep TIFF", "float TIFF"):
        raw = stored(deep, orientation)
        raw = raw if kind == "deep TIFF" else (raw[:, :, 0]).astype(np.float32)
        data = encode_tiff(raw, extratags=[(274, "H", 1, orientation, True)])
    else:
        options = LOSSLESS[kind]
        data = encode(stored(picture, orientation), kind, exif=tags, **options)
    image = read_bytes(data, "a")
    expected = picture if image.pixels.dtype == np.uint8 else deep
    assert np.array_equal(image.pixels, expected[:, :, : image.channels])
    assert image.notes == (() if orientation == 1 else (TURNED,))


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
def test_orientation_of_lossy_formats(kind, orientation, picture, encode):
    large = picture.repeat(8, axis=0).repeat(8, axis=1)
    data = encode(stored(large, orientation), kind, exif=exif(orientation), quality=98)
    image = read_bytes(data, "a")
    assert image.pixels.shape == large.shape
    assert np.abs(image.pixels.astype(int) - large).mean() < 3
    assert image.notes == (TURNED,)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_changes_nothing(orientation, picture, encode):
    image = read_bytes(encode(picture, "PNG", exif=exif(orientation)), "a")
    assert np.array_equal(image.pixels, picture)
    assert image.notes == ()


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("damage", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_damaged_exif_leaves_the_picture_alone(damage, picture, encode):
    data = encode(picture, "JPEG", quality=95)
    image = read_bytes(
        data[:2] + b"\xff\xe1" + (len(damage) + 2).to_bytes(2, "big") + damage + data[2:], "a.jpg"
    )
    assert image.pixels.shape == picture.shape
    assert all("EXIF" in note for note in image.notes)


def photographic_profile(key: str) -> bytes:
    file = next(s.file for s in samples.SAMPLES if s.key == key)
    with Pillow.open(samples._photographs() / file) as photo:
        return photo.info["icc_profile"]


def test_another_colour_space_becomes_srgb(picture, encode):
    profile = photographic_profile("rocket")
    image = read_bytes(encode(picture, "PNG", icc_profile=profile), "a")
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    expected = ImageCms.profileToProfile(
        Pillow.fromarray(picture), source, ImageCms.createProfile("sRGB")
    )
    assert np.array_equal(image.pixels, np.asarray(expected))
    assert not np.array_equal(image.pixels, picture)
    assert image.notes == ("Converted from “Adobe RGB (1998)” to sRGB.",)


def test_a_grey_profile_keeps_grey_grey(picture, encode):
    profile = photographic_profile("page")
    image = read_bytes(encode(picture[:, :, 0], "PNG", icc_profile=profile), "a")
    assert image.channels == 1
    assert not np.array_equal(image.pixels[:, :, 0], picture[:, :, 0])
    assert image.notes == ("Converted from “Dot Gain 20%” to sRGB.",)


def test_srgb_itself_changes_no_number(picture, encode):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = read_bytes(encode(picture, "PNG", icc_profile=profile), "a")
    assert np.array_equal(image.pixels, picture)
    assert image.notes == ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_damaged_profile_is_left_out_with_a_note(kind, picture, encode):
    image = read_bytes(encode(picture, kind, icc_profile=b"no profile at all" * 20), "a")
    assert image.pixels.shape == picture.shape
    assert image.notes == ("Its colour profile is damaged or does not fit, and was left out.",)


def test_a_profile_of_another_kind_of_colour_is_left_out(picture, encode):
    image = read_bytes(encode(picture, "PNG", icc_profile=photographic_profile("page")), "a")
    assert np.array_equal(image.pixels, picture)
    assert "does not fit" in image.notes[0]


def test_deep_values_are_kept_in_spite_of_a_profile(picture, encode, encode_tiff):
    deep = picture.astype(np.uint16) * 257
    profile = photographic_profile("rocket")
    image = read_bytes(encode_tiff(deep, iccprofile=profile), "a.tif")
    assert np.array_equal(image.pixels, deep)
    assert "not applied" in image.notes[0]


def test_every_frame_of_an_animation(animation):
    for frame in range(5):
        image = read_bytes(animation, "a.gif", frame=frame)
        assert (image.frame, image.frame_count) == (frame, 5)
        assert np.abs(image.pixels[:13].astype(int) - 50 * frame).max() <= 1


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "AVIF", "TIFF"])
def test_frames_of_other_formats(kind, encode):
    frames = [Pillow.new("RGB", (16, 12), (i * 80, 0, 0)) for i in range(3)]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    for i in range(3):
        image = read_bytes(data, "a", frame=i)
        assert image.frame_count == 3
        assert np.abs(image.pixels[:, :, 0].astype(int) - i * 80).max() <= 4


def test_a_frame_beyond_the_last_is_refused(animation):
    with pytest.raises(BadImage, match=r"a\.gif has no frame 5: choose one from 0 to 4"):
        read_bytes(animation, "a.gif", frame=5)


@pytest.mark.parametrize("layout", ["contig", "separate"])
@pytest.mark.parametrize("tile", [None, (16, 16)])
@pytest.mark.parametrize("packing", [None, "zlib"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_many_bands(layout, tile, packing, dtype, encode_tiff):
    bands = np.random.default_rng(0).integers(0, 200, (21, 33, 6)).astype(dtype)
    data = encode_tiff(
        bands if layout == "contig" else np.moveaxis(bands, 2, 0),
        photometric="minisblack",
        planarconfig=layout,
        tile=tile,
        compression=packing,
    )
    image = read_bytes(data, "a.tif")
    assert image.pixels.dtype == dtype
    assert np.array_equal(image.pixels, bands)
    assert image.bands == tuple(f"band {i}" for i in range(1, 7))


@pytest.mark.parametrize("bands", [2, 4])
def test_bands_without_a_colour_meaning_are_all_kept(bands, encode_tiff):
    pixels = np.arange(2 * 3 * bands, dtype=np.uint8).reshape(2, 3, bands)
    data = encode_tiff(
        pixels, photometric="minisblack", planarconfig="contig", extrasamples=[0] * (bands - 1)
    )
    image = read_bytes(data, "a.tif")
    assert np.array_equal(image.pixels, pixels)
    assert image.bands == tuple(f"band {i + 1}" for i in range(bands))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("packing", [None, "zlib"])
@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint16, np.int16, np.uint32, np.int32, np.float16, np.float32, np.float64]
)
def test_deep_tiff_keeps_its_values(order, channels, packing, dtype, encode_tiff):
    pixels = np.random.default_rng(0).integers(0, 100, (9, 8, channels)).astype(dtype)
    pixels[0, 0, 0] = 127
    pixels = pixels if channels == 3 else pixels[:, :, 0]
    meaning = "rgb" if channels == 3 else "minisblack"
    data = encode_tiff(pixels, byteorder=order, compression=packing, photometric=meaning)
    image = read_bytes(data, "a.tif")
    assert image.pixels.dtype == (np.uint16 if dtype == np.uint16 else np.float32)
    assert np.array_equal(image.pixels.squeeze(), pixels)
    wide = dtype in (np.uint32, np.int32, np.float64)
    assert image.notes == ((f"Its values of type {np.dtype(dtype)} are held as float32.",) * wide)


def test_deep_tiff_with_white_as_zero(encode_tiff):
    pixels = np.array([[0, 1000], [60000, 65535]], np.uint16)
    image = read_bytes(encode_tiff(pixels, photometric="miniswhite"), "a.tif")
    assert np.array_equal(image.pixels[:, :, 0], 65535 - pixels)


@pytest.mark.parametrize("kind", ["unassalpha", "assocalpha"])
def test_deep_tiff_with_alpha(kind, picture, encode_tiff):
    colours = picture.astype(np.uint16) * 257
    alpha = np.full(picture.shape[:2], 65535 // 3, np.uint16)
    alpha[0] = 65535
    straight = over_white(colours, alpha, 65535)
    if kind == "assocalpha":
        colours = (colours * (alpha[..., np.newaxis] / 65535)).round().astype(np.uint16)
    data = encode_tiff(np.dstack([colours, alpha]), photometric="rgb", extrasamples=[kind])
    image = read_bytes(data, "a.tif")
    assert image.channels == 3
    assert np.abs(image.pixels.astype(int) - straight).max() <= 1
    assert image.notes == (ON_WHITE,)


def test_twelve_bits_have_their_own_range():
    header = b"II*\0\x08\0\0\0"
    packed = bytes.fromhex("0010ffff0abc")  # 0x001 0x0ff 0xff0 0xabc
    tags = [(256, 4, 4), (257, 4, 1), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 0),
            (277, 3, 1), (278, 4, 1), (279, 4, len(packed))]  # fmt: skip
    start = 8 + 2 + 12 * len(tags) + 4
    body = len(tags).to_bytes(2, "little")
    for tag, kind, value in tags:
        value = start if tag == 273 else value
        body += tag.to_bytes(2, "little") + kind.to_bytes(2, "little") + (1).to_bytes(4, "little")
        body += value.to_bytes(4, "little")
    image = read_bytes(header + body + bytes(4) + packed, "a.tif")
    assert image.pixels.ravel().tolist() == [0x001, 0x0FF, 0xFF0, 0xABC]
    assert image.value_range == (0, 4095)


def test_not_numbers_are_counted(encode_tiff):
    pixels = np.linspace(-2, 3, 12, dtype=np.float32).reshape(3, 4)
    pixels[0, 0], pixels[1, 1], pixels[2, 2] = np.nan, np.inf, -np.inf
    image = read_bytes(encode_tiff(pixels), "a.tif")
    assert image.invalid == 3
    finite = pixels[np.isfinite(pixels)]
    assert image.value_range == (finite.min(), finite.max())
    assert np.array_equal(image.pixels[:, :, 0], pixels, equal_nan=True)


def test_pages_are_frames_and_previews_are_not(tmp_path):
    path = tmp_path / "stack.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(np.full((8, 9, 3), 7, np.uint16), photometric="rgb")
        file.write(np.full((4, 4), 8, np.uint8), subfiletype=1)
        file.write(np.full((5, 6), 9, np.uint8))
    first, second = read(path), read(path, frame=1)
    assert (first.frame_count, second.frame_count) == (2, 2)
    assert (first.pixels.shape, second.pixels.shape) == ((8, 9, 3), (5, 6, 1))
    assert (first.pixels == 7).all() and (second.pixels == 9).all()


def test_deep_lzw_colour_as_photo_editors_save_it(picture):
    deep = picture.astype(np.uint16) * 257
    _, data = cv2.imencode(".tiff", deep[:, :, ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    assert np.array_equal(read_bytes(data.tobytes(), "a.tif").pixels, deep)


WITHOUT_IMAGECODECS = """
import sys
sys.modules["imagecodecs"] = None
from pathlib import Path
from visualizer.core.reader import BadImage, read
for path in sys.argv[1:]:
    try:
        print(read(Path(path)).pixels.sum(dtype=int))
    except BadImage as refusal:
        print(refusal.reason)
"""


def test_without_the_optional_decoders(tmp_path, picture, encode_tiff):
    deep = picture.astype(np.uint16) * 257
    bands = np.concatenate([deep, deep], axis=2)
    layout = {"photometric": "minisblack", "planarconfig": "contig"}
    (tmp_path / "deflate.tif").write_bytes(
        encode_tiff(bands, compression="zlib", predictor=True, **layout)
    )
    (tmp_path / "lzw.tif").write_bytes(cv2.imencode(".tiff", deep)[1].tobytes())
    (tmp_path / "jpeg2000.tif").write_bytes(encode_tiff(bands, **layout))
    with tifffile.TiffFile(tmp_path / "jpeg2000.tif", mode="r+b") as file:
        file.pages[0].tags["Compression"].overwrite(34712)
    names = ["deflate.tif", "lzw.tif", "jpeg2000.tif"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_IMAGECODECS, *(str(tmp_path / name) for name in names)],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert lines[:2] == [str(bands.sum(dtype=int)), str(deep.sum(dtype=int))]
    assert lines[2] == (
        "jpeg2000.tif is packed by JPEG2000, which cannot be read for pixels of this kind: "
        "save it uncompressed or with Deflate (ZIP)."
    )


def test_a_file_keeps_its_path_and_name(tmp_path, picture, encode):
    path = tmp_path / "Überraschung 猫.jpg"  # the ending does not matter
    path.write_bytes(encode(picture, "PNG"))
    image = read(path)
    assert (image.name, image.path) == (path.name, path)
    assert np.array_equal(image.pixels, picture)


MEMORY = """
import sys
from pathlib import Path
from visualizer.core.reader import read
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
read(Path(sys.argv[1]))
before = peak()
image = read(Path(sys.argv[2]))
print((peak() - before) / image.pixels.nbytes)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the kernel's own count")
def test_memory_for_a_photograph(tmp_path, encode):
    large = np.add.outer(np.arange(3000), np.arange(4000)).astype(np.uint8)
    (tmp_path / "small.jpg").write_bytes(encode(np.dstack([large[:9, :9]] * 3), "JPEG"))
    (tmp_path / "large.jpg").write_bytes(encode(np.dstack([large] * 3), "JPEG"))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, tmp_path / "small.jpg", tmp_path / "large.jpg"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 2.6
