import io
import os
import pickle
import socket
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from visualizer.core.image import Image
from visualizer.core.reader import MAX_BYTES, BadImage, read, read_bytes


def reason(path: Path) -> str:
    """Return why a file is refused, after checking that it is one sentence naming the file."""
    with pytest.raises(BadImage) as refused:
        read(path)
    return checked(refused.value.reason, path.name)


def reason_of(data: bytes, name: str) -> str:
    with pytest.raises(BadImage) as refused:
        read_bytes(data, name)
    return checked(refused.value.reason, name)


def checked(sentence: str, name: str) -> str:
    assert sentence.startswith(name)
    assert sentence.endswith(".") and ". " not in sentence.removeprefix(name)
    assert "\n" not in sentence and len(sentence) < 250 + len(name)
    return sentence


def test_a_missing_file(tmp_path):
    assert "does not exist" in reason(tmp_path / "gone.png")


def test_a_path_through_a_file(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    assert "cannot be opened (Not a directory)" in reason(tmp_path / "file" / "a.png")


def test_a_path_that_cannot_be(tmp_path):
    assert "cannot be opened" in reason(tmp_path / ("x" * 300 + ".png"))
    assert "cannot be opened" in reason(tmp_path / "a\0b.png")


def test_links_that_go_nowhere_and_in_circles(tmp_path):
    (tmp_path / "dangling.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "circle.png").symlink_to(tmp_path / "circle.png")
    assert "does not exist" in reason(tmp_path / "dangling.png")
    assert "cannot be opened" in reason(tmp_path / "circle.png")


UNREADABLE = """
import os, sys
from pathlib import Path
from visualizer.core.reader import BadImage, read
if os.getuid() == 0:
    os.setuid(65534)
try:
    read(Path(sys.argv[1]))
except BadImage as refusal:
    print(refusal.reason)
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="the owner's rights are those of Unix")
def test_an_unreadable_file(tmp_path, picture, encode):
    path = tmp_path / "secret.png"
    path.write_bytes(encode(picture, "PNG"))
    path.chmod(0)
    done = subprocess.run(
        [sys.executable, "-c", UNREADABLE, path], capture_output=True, text=True, check=True
    )
    assert "may not be read by you" in checked(done.stdout.strip(), "secret.png")


def test_a_folder(tmp_path):
    assert "is a folder" in reason(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are those of Unix")
def test_pipes_sockets_and_devices_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert "is a pipe or device" in reason(tmp_path / "pipe.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "pipe.png")
    assert "is a pipe or device" in reason(tmp_path / "link.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "s.png"))
        assert "is a pipe or device" in reason(tmp_path / "s.png")
    assert "is a pipe or device" in reason(Path("/dev/zero"))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/cat.png",
        "http://example.org/",
        "ftp://a/b.png",
        "data:image/png;base64,x",
    ],
)
def test_nothing_is_fetched(address):
    with pytest.raises(BadImage, match="nothing is fetched from the network"):
        read(Path(address))


def test_an_empty_file(tmp_path):
    (tmp_path / "empty.png").touch()
    assert "is empty" in reason(tmp_path / "empty.png")
    assert "is empty" in reason_of(b"", "nothing.png")


def test_a_file_over_the_limit_is_not_even_opened(tmp_path):
    path = tmp_path / "huge.tif"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # a hole: it takes no room on the disk
    assert "at most 512 MB" in reason(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"These are words.\nNo picture.\n", "is text"),
        ("Größe: 猫".encode(), "is text"),
        ("A picture".encode("utf-16"), "is text"),
        (b"P5 is not always a picture", "is text"),
        (b"BM is short for something else, longer than a header", "is text"),
        (b"<!DOCTYPE html><html><img src='a.jpg'></html>", "is a web page"),
        (b"\xef\xbb\xbf\n  <HTML>\n", "is a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG"),
        (b"<?xml version='1.0'?>\n<!-- made by hand -->\n<svg width='3'>", "is an SVG"),
        (b"<?xml version='1.0'?><note/>", "is text"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF"),
        (b"\n\n%PDF-1.4\n", "is a PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is a PostScript"),
        (b"\xc5\xd0\xd3\xc6\x20\0\0\0", "is a PostScript"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is a HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "is a HEIC"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "raw file"),
        (b"II*\0\x10\0\0\0CR\2\0", "raw file"),
        (b"FUJIFILMCCD-RAW 0201", "raw file"),
        (b"IIU\0\x18\0\0\0", "raw file"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isommp41", "is a video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "is a video"),
        (b"RIFF\x10\0\0\0AVI LIST", "is a video"),
        (b"\x1aE\xdf\xa3\x01\0\0\0", "is a video"),
        (b"PK\3\4\x14\0\6\0", "is an archive"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "is an archive"),
        (b"8BPS\0\1\0\0", "is a Photoshop document"),
        (b"\xff\x0a\xfa\x7f", "is a JPEG XL picture"),
        (b"\x93NUMPY\1\0v\0", "saved by NumPy"),
        (b"CNN Visualizer checkpoint 1\n" + bytes(64), "Open checkpoint"),
        (b'\x58\0\0\0\0\0\0\0{"__metadata__":{}}', "Open checkpoint"),
        (b"\0" * 132, "does not begin as a picture does"),
        (bytes(range(128, 256)), "does not begin as a picture does"),
    ],
)
def test_what_is_no_picture_is_named(content, what):
    assert what in reason_of(content, "a.png")


def test_raw_files_that_look_like_tiff(picture, encode):
    assert "raw file" in reason_of(encode(picture, "TIFF"), "DSC_0001.NEF")


def test_an_unknown_ending_hears_of_the_formats():
    assert "PNG, JPEG, WebP, BMP, GIF, TIFF, PPM, AVIF or JPEG 2000" in reason_of(
        b"\0\1\2", "a.bin"
    )


def claims(size: int) -> dict[str, bytes]:
    """Headers that promise a picture of size × size pixels, and little after them."""
    tags = [(256, 4, size), (257, 4, size), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 200),
            (277, 3, 1), (278, 4, size), (279, 4, 10)]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    webp = b"VP8X\x0a\0\0\0\x10\0\0\0" + (min(size, 1 << 24) - 1).to_bytes(3, "little") * 2
    webp += b"VP8L\5\0\0\0\x2f\xff\xff\xff\xff\0"
    return {
        "a.bmp": b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, size, size, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(900),
        "a.gif": b"GIF89a" + struct.pack("<HHBBB", size, size, 0, 0, 0)
        + b"," + struct.pack("<HHHHB", 0, 0, size, size, 0) + b"\2\2\x4c\1\0;",
        "a.jpg": b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 11, 8, size, size, 1) + b"\1\x11\0"
        + b"\xff\xda\0\x08\1\1\0\0\x3f\0" + bytes(900) + b"\xff\xd9",
        "a.tif": b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(300),
        "a.ppm": f"P6 {size} {size} 255\n".encode() + bytes(900),
        "a.pgm": f"P2 {size} {size} 255\n".encode() + b"1 " * 900,
        "a.pfm": f"PF {size} {size} -1\n".encode() + bytes(900),
        "a.webp": b"RIFF" + struct.pack("<I", len(webp) + 4) + b"WEBP" + webp,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [*claims(1), "a.png", "a.jp2"])
def test_a_header_that_claims_too_much(kind, png, encode, picture):
    size = 65000
    data = claims(size).get(kind, b"")
    if kind == "a.png":
        data = png(size, size, 8, 2, zlib.compress(bytes(1000)))
    elif kind == "a.jp2":
        whole = encode(picture, "JPEG2000", no_jp2=True)
        at = whole.index(b"\xff\x51") + 6  # Xsiz and Ysiz in the SIZ marker segment
        data = whole[:at] + struct.pack(">II", size, size) + whole[at + 8 :]
    expected = f"claims to be {size:,} × {size:,} pixels, and at most 100 megapixels"
    if kind == "a.webp":
        expected = "more than the 100 megapixels"
    assert expected in reason_of(data, kind)


@pytest.mark.parametrize("height", [10_000, 10_001])
def test_the_limit_is_exact_and_warns_of_nothing(height, png):
    line = bytes(1 + 10_000 // 8)
    pack = zlib.compressobj(1)
    packed = b"".join(pack.compress(line * 100) for _ in range(height // 100 + 1)) + pack.flush()
    data = png(height, 10_000, 1, 0, packed)
    if height == 10_000:
        assert read_bytes(data, "a.png").pixels.shape == (10_000, 10_000, 1)
    else:
        assert "10,001 × 10,000 pixels, and at most 100 megapixels" in reason_of(data, "a.png")


def test_deep_pictures_are_limited_by_their_bytes(encode_tiff):
    data = bytearray(encode_tiff(np.zeros((8, 8, 3), np.float32), photometric="rgb"))
    for tag in (256, 257, 278):  # width, height, rows a strip
        at = data.index(struct.pack("<H", tag), 8)
        data[at + 2 : at + 12] = struct.pack("<HII", 4, 1, 9000)
    assert "9,000 × 9,000 pixels of 12 bytes, and at most 512 MB" in reason_of(bytes(data), "a.tif")


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_a_bomb_in_a_text_of_a_png(kind, picture, encode, png_chunk):
    bomb = zlib.compress(bytes(50_000_000), 9)
    text = b"Comment\0" + (b"\0" if kind == b"zTXt" else b"\1\0\0\0") + bomb
    whole = encode(picture, "PNG")
    assert "decompression bomb" in reason_of(
        whole[:33] + png_chunk(kind, text) + whole[33:], "a.png"
    )


def test_a_bomb_in_the_pixels_of_a_png_is_read_no_further_than_the_picture(png):
    image = read_bytes(png(10, 10, 8, 0, zlib.compress(bytes(100_000_000), 9)), "a.png")
    assert image.pixels.shape == (10, 10, 1)


BOMB = """
import resource, sys
from pathlib import Path
from visualizer.core.reader import BadImage, read
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
try:
    read(Path(sys.argv[1]))
except BadImage as refusal:
    print(refusal.reason)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_a_bomb_in_a_deep_tiff(tmp_path, encode_tiff):
    whole = encode_tiff(np.zeros((4, 4, 5), np.uint16), photometric="minisblack",
                        planarconfig="contig", compression="zlib")  # fmt: skip
    packer = zlib.compressobj(1)
    first, again = (packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in "ab")
    bomb = first + again * 520  # MB, unpacked
    data = bytearray(whole) + bomb
    for tag, value in ((273, len(whole)), (279, len(bomb))):  # where the strip is, and its size
        at = data.index(struct.pack("<HH", tag, 4), 8)
        data[at + 8 : at + 12] = struct.pack("<I", value)
    path = tmp_path / "bomb.tif"
    path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", BOMB, path], capture_output=True, text=True, check=True
    )
    assert "decompression bomb" in checked(done.stdout.strip(), "bomb.tif")


NAMES = [
    "rgb.png", "palette.png", "deep.png", "deep_grey.png", "turned.jpg", "progressive.jpg",
    "cmyk.jpg", "lossless.webp", "lossy.webp", "rgb.bmp", "rgb.tif", "lzw.tif", "jpeg.tif",
    "deep_lzw.tif", "float.tif", "bands.tif", "planar.tif", "rgb.ppm", "real.pfm", "rgb.avif",
    "rgb.jp2", "rgb.j2k",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_short_anywhere_is_refused(name, valid_files):
    data = valid_files[name]
    needed = len(data)
    if name.endswith((".tif", ".bmp")):  # what follows the pixels may be padding
        needed -= 16
    for cut in {*range(1, needed, max(1, needed // 40)), needed - 1}:
        with pytest.raises(BadImage) as refused:
            read_bytes(data[:cut], name)
        checked(refused.value.reason, name)


def test_a_tiled_jpeg_2000_cut_between_its_tiles_is_refused(picture, encode):
    data = encode(picture, "JPEG2000", tile_size=(16, 16))
    tile = data.index(b"\xff\x90", 1)
    for _ in range(3):
        tile = data.index(b"\xff\x90", tile + 1)
        assert "cut short" in reason_of(data[:tile], "a.jp2")
    assert read_bytes(data + b"\0\0\0\x0cfreefree", "a.jp2").pixels.shape == picture.shape


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".png")])
def test_one_wrong_bit_in_a_png_is_noticed(name, valid_files):
    data = valid_files[name]
    for at in range(0, len(data), max(1, len(data) // 50)):
        wrong = bytes([*data[:at], data[at] ^ 4, *data[at + 1 :]])
        with pytest.raises(BadImage):
            read_bytes(wrong, name)


def test_a_jpeg_filled_up_with_zeros_is_refused(valid_files):
    data = valid_files["turned.jpg"]
    half = len(data) * 2 // 3
    assert "cut short" in reason_of(data[:half] + bytes(len(data) - half), "a.jpg")


def test_an_animation_cut_short_keeps_its_whole_frames(animation):
    counts = set()
    for cut in [*range(40, len(animation), len(animation) // 50), len(animation) - 1]:
        try:
            image = read_bytes(animation[:cut], "a.gif")
        except BadImage as refusal:
            assert "cut short" in refusal.reason
            counts.add(0)
            continue
        count = image.frame_count
        counts.add(count)
        assert len(image.notes) == 1 and "The file is cut short: only its first" in image.notes[0]
        last = read_bytes(animation[:cut], "a.gif", frame=count - 1)
        assert np.abs(last.pixels[:13].astype(int) - 50 * (count - 1)).max() <= 1
        with pytest.raises(BadImage, match=f"has no frame {count}"):
            read_bytes(animation[:cut], "a.gif", frame=count)
    assert counts == {0, 1, 2, 3, 4, 5}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_stack_cut_short_keeps_its_whole_pages(encode):
    pages = [Pillow.fromarray(np.full((40, 50), i, np.uint16)) for i in range(3)]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        last = file.pages[2]
        directory, pixels = last.offset, last.dataoffsets[0]
    in_pixels = data[: pixels + 20]
    assert read_bytes(in_pixels, "stack.tif", frame=1).frame_count == 3
    with pytest.raises(BadImage, match="damaged or cut short"):
        read_bytes(in_pixels, "stack.tif", frame=2)
    image = read_bytes(data[: directory + 20], "stack.tif", frame=1)
    assert image.frame_count == 2
    assert (image.pixels == 1).all()
    assert image.notes == ("The file is cut short: only its first 2 frames can be read.",)


def test_pages_in_a_ring_end(encode_tiff):
    data = encode_tiff(np.zeros((4, 4), np.uint16))
    entries = int.from_bytes(data[8:10], "little")
    following = 10 + 12 * entries
    ring = data[:following] + struct.pack("<I", 8) + data[following + 4 :]
    image = read_bytes(ring, "ring.tif")
    assert image.frame_count == 1
    assert image.notes == ("The file is cut short: only its first frame can be read.",)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_happens_to_a_file_only_a_sentence_comes_of_it(data, valid_files):
    name = data.draw(st.sampled_from(sorted(valid_files)))
    content = bytearray(valid_files[name])
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    content = content[:cut] if data.draw(st.booleans()) else content
    try:
        image = read_bytes(bytes(content), name)
    except BadImage as refusal:
        checked(refusal.reason, name)
    else:
        assert isinstance(image, Image)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"",
            b"II*\0",
            b"MM\0*",
            b"GIF89a",
            b"\xff\xd8\xff",
            b"P6 3 3 255\n",
            b"P2 3 ",
            b"BM",
            b"RIFF",
        ]
    ),
)
def test_noise_behind_a_signature(noise, signature):
    try:
        read_bytes(signature + noise, "noise.png")
    except BadImage as refusal:
        checked(refusal.reason, "noise.png")


QUIET = """
import logging, pickle, random, sys
from pathlib import Path
from visualizer.core.reader import BadImage, read_bytes
logging.getLogger().addHandler(logging.NullHandler())
files = pickle.loads(Path(sys.argv[1]).read_bytes())
chance = random.Random(0)
refused = 0
for name, data in files.items():
    for _ in range(25):
        wrong = bytearray(data)
        for _ in range(chance.randrange(1, 5)):
            wrong[chance.randrange(len(wrong))] = chance.randrange(256)
        try:
            read_bytes(bytes(wrong[: chance.randrange(len(wrong) // 2, len(wrong))]), name)
        except BadImage:
            refused += 1
print(refused)
"""


def test_damage_causes_no_warnings(tmp_path, valid_files):
    (tmp_path / "files").write_bytes(pickle.dumps(valid_files))
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", QUIET, tmp_path / "files"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) > 300
    assert "Warning:" not in done.stderr  # libtiff's own remarks do not pass through Python
