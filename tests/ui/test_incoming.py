"""What a drop or the clipboard holds."""

import base64

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from visualizer.ui.incoming import (
    Bitmap,
    Encoded,
    Files,
    Grid,
    LongText,
    Refusal,
    from_bitmap,
    numbers,
    promising,
    unpack,
)


def encoded(format="PNG"):
    image = QImage(2, 1, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, format)
    return buffer.data().data()


@pytest.fixture
def mime():
    return QMimeData()


def test_local_files_come_first(mime, tmp_path):
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / n)) for n in ("a.png", "b c.png")])
    mime.setData("image/png", encoded())
    assert unpack(mime, "dropped") == Files((tmp_path / "a.png", tmp_path / "b c.png"))


def test_a_browser_picture_is_used_and_named_by_its_address(mime):
    data = encoded()
    mime.setUrls([QUrl("https://example.org/pets/cat.png?size=9")])
    mime.setData("image/png", data)
    assert unpack(mime, "dropped") == Encoded(data, "cat.png")


def test_the_file_that_chromium_drags_along_is_used(mime):
    """As recorded from Chromium: the picture links elsewhere, its file comes as plain bytes."""
    data = encoded("JPG")
    mime.setUrls([QUrl("https://example.org/gallery")])
    mime.setText("https://example.org/gallery")
    mime.setHtml('<a href="/gallery"><img id="a" src="https://example.org/a&amp;b/cat.jpg"></a>')
    mime.setData("application/octet-stream", data)
    assert unpack(mime, "dropped") == Encoded(data, "cat.jpg")


def test_a_form_without_data_is_passed_over(mime):
    """As recorded from Firefox, which promises more forms than it gives."""
    mime.setUrls([QUrl("https://example.org/pets/cat.png")])
    for kind, data in (("image/png", b""), ("image/jpeg", encoded("JPG")), ("image/gif", b"")):
        mime.setData(kind, data)
    assert unpack(mime, "dropped") == Encoded(encoded("JPG"), "cat.png")


def test_an_image_written_into_the_page_is_used(mime):
    written = "data:image/png;base64," + base64.b64encode(encoded()).decode()
    mime.setUrls([QUrl("https://example.org/gallery")])
    mime.setHtml(f'<a href="/gallery"><img alt="a cat" src="{written}"></a>')
    assert unpack(mime, "dropped") == Encoded(encoded(), "gallery")


def test_the_lossless_form_is_preferred(mime):
    mime.setData("image/jpeg", encoded("JPG"))
    mime.setData("image/png", encoded())
    assert unpack(mime, "pasted") == Encoded(encoded(), "pasted picture")


def test_a_bitmap_without_bytes_is_used(mime):
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    mime.setImageData(image)
    got = unpack(mime, "pasted")
    assert isinstance(got, Bitmap) and got.image.size() == image.size()


def test_cells_of_a_spreadsheet_are_numbers_although_a_drawing_comes_along(mime):
    mime.setText("1\t2\n3\t4\n")
    mime.setData("image/png", encoded())
    got = unpack(mime, "pasted")
    assert isinstance(got, Grid) and got.values.tolist() == [[1, 2], [3, 4]]


def test_a_picture_with_a_caption_is_a_picture(mime):
    mime.setText("A cat")
    mime.setData("image/png", encoded())
    assert isinstance(unpack(mime, "pasted"), Encoded)


@pytest.mark.parametrize("as_text", [False, True])
def test_an_address_alone_is_never_fetched(mime, as_text):
    if as_text:
        mime.setText("https://example.org/cat.png")
    else:
        mime.setUrls([QUrl("https://example.org/cat.png")])
    got = unpack(mime, "dropped")
    assert isinstance(got, Refusal)
    assert "nothing is fetched" in got.reason and "dropped" in got.reason


def test_an_address_that_is_the_picture_is_used(mime):
    text = "data:image/png;base64," + base64.b64encode(encoded()).decode()
    mime.setUrls([QUrl(text)])
    assert unpack(mime, "dropped") == Encoded(encoded(), "dropped picture")


@pytest.mark.parametrize("text", ["data:image/png;base64,!!!", "data:text/plain,hello"])
def test_an_address_with_damaged_data_is_refused(mime, text):
    mime.setUrls([QUrl(text)])
    got = unpack(mime, "dropped")
    assert isinstance(got, Refusal) and "save" in got.reason


def test_plain_text_is_refused_with_the_reason(mime):
    mime.setText("hello world")
    got = unpack(mime, "pasted")
    assert isinstance(got, Refusal) and got.reason.startswith("The text is not a grid of numbers.")


def test_an_empty_clipboard_is_refused(mime):
    assert isinstance(unpack(mime, "pasted"), Refusal)


def test_a_long_text_is_read_later_when_it_begins_with_numbers(mime):
    text = "\n".join(" ".join(str(i) for i in range(100)) for _ in range(100))
    mime.setText(text)
    got = unpack(mime, "pasted")
    assert isinstance(got, LongText)
    read = numbers(got.text)
    assert isinstance(read, Grid) and read.values.shape == (100, 100)


def test_a_long_text_of_words_is_refused_at_once(mime):
    mime.setText("word " * 10_000)
    assert isinstance(unpack(mime, "pasted"), Refusal)


def test_what_a_drag_may_hold(mime):
    assert not promising(mime)
    mime.setData("application/x-something", QByteArray(b"1"))
    assert not promising(mime)
    mime.setData("image/webp", QByteArray(b"1"))
    assert promising(mime)


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_colours_survive_the_padding_of_lines(width):
    image = QImage(width, 2, QImage.Format.Format_RGB32)
    for x in range(width):
        image.setPixelColor(x, 0, QColor(10 * x, 20, 30))
        image.setPixelColor(x, 1, QColor(1, 2, 10 * x))
    pixels = from_bitmap(image, "x").pixels
    assert pixels.shape == (2, width, 3)
    assert pixels[0].tolist() == [[10 * x, 20, 30] for x in range(width)]
    assert pixels[1].tolist() == [[1, 2, 10 * x] for x in range(width)]


def test_grey_stays_grey_in_full_depth():
    grey = QImage(3, 1, QImage.Format.Format_Grayscale8)
    grey.fill(77)
    assert from_bitmap(grey, "x").pixels.tolist() == [[[77]] * 3]
    deep = QImage(3, 1, QImage.Format.Format_Grayscale16)
    deep.fill(QColor.fromRgba64(300, 300, 300))
    assert from_bitmap(deep, "x").pixels.dtype == np.uint16


def test_transparent_parts_lie_on_white():
    image = QImage(2, 1, QImage.Format.Format_ARGB32)
    image.setPixelColor(0, 0, QColor(0, 0, 0, 0))
    image.setPixelColor(1, 0, QColor(200, 100, 50, 255))
    made = from_bitmap(image, "x")
    assert made.pixels[0].tolist() == [[255, 255, 255], [200, 100, 50]]
    assert made.notes == ("Transparent parts lie on white.",)
