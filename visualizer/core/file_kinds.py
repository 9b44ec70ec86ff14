"""What a file is, told by its content and never by its name: a picture format, or a refusal."""

import codecs
import re

from visualizer.core.bad_image import BadImage

HEAD_BYTES = 4096  # what `kind_of` wants to see

SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff",
    ".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".avif", ".jp2", ".j2k", ".j2c", ".jpx", ".jpf",
)  # fmt: skip
_FORMATS = "PNG, JPEG, WebP, BMP, GIF, TIFF, PPM, AVIF or JPEG 2000"

_PICTURES = (
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", "BMP"),
    (rb"GIF8[79]a", "GIF"),
    (rb"II[*+]\0|MM\0[*+]", "TIFF"),
    (rb"P[1-6][ \t\r\n]\s*[#0-9]|P[Ff]\s+[0-9]", "PPM"),
    (rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", "JPEG2000"),
)

_RAW = "a camera's raw file: develop it to TIFF or JPEG with a raw converter"
_VIDEO = "a video: save one of its pictures as PNG"
_ARCHIVE = "an archive: unpack it and open one of the pictures in it"
_DRAWING = "a drawing made of shapes, not pixels: export it as PNG"
_PAGE = "a document made of pages, not pixels: export the page as PNG"
_NETWORK = (
    'the weights of a network: the command "Open checkpoint…" opens what this program has saved'
)
_UNREAD = "which cannot be read: save it as"
_TIFF_BASED_RAW = (
    ".dng", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".pef", ".srw", ".3fr", ".erf", ".iiq", ".kdc",
)  # fmt: skip

_OTHERS = (
    (rb".{0,1024}?%PDF-", f"a PDF, {_PAGE}"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", f"a PostScript (EPS) file, {_DRAWING}"),
    (rb"IIU\0|IIR[OS]|MMOR|FUJIFILMCCD-RAW|FOVb|\0MRM", _RAW),
    (rb"RIFF....AVI ", _VIDEO),
    (rb"\x1aE\xdf\xa3|\0\0\x01[\xb3\xba]|FLV\x01|OggS|\x30\x26\xb2\x75", _VIDEO),
    (rb"PK[\x03\x05]|\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ|.{257}ustar", _ARCHIVE),
    (rb"\0\0\0\x0cJXL |\xff\x0a", f"a JPEG XL picture, {_UNREAD} PNG or JPEG"),
    (rb"8BPS", "a Photoshop document: save it as PNG or TIFF"),
    (rb"gimp xcf", "a GIMP document: export it as PNG or TIFF"),
    (rb"\x76\x2f\x31\x01|#\?RADIANCE", f"an OpenEXR or HDR picture, {_UNREAD} a float TIFF"),
    (rb"\0\0\x01\0[^\0]\0", "an icon: save it as PNG"),
    (rb"SIMPLE  =", "a FITS file: export it as TIFF"),
    (rb".{128}DICM", "a DICOM file: export it as TIFF or PNG"),
    (rb"CNN Visualizer checkpoint", _NETWORK),
    (rb".{8}\{\"", _NETWORK),  # safetensors: the length of its header, and the header
    (rb"\x93NUMPY", "an array saved by NumPy: save it as TIFF, or paste its numbers"),
)  # fmt: skip

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_MARKUP = (
    (re.compile(rb"<svg[\s>]", re.I), f"an SVG, {_DRAWING}"),
    (re.compile(rb"<(!doctype html|html|head|body)[\s>]", re.I),
     "a web page, not a picture: on the page, save the picture itself"),
)  # fmt: skip


def kind_of(head: bytes, name: str) -> str:
    """Return the format of a file that begins with `head`: "PNG", "JPEG", "TIFF", …

    The name is used in sentences, and to tell raw files of cameras from other TIFFs. Raises
    BadImage, saying what the file is, for everything else.
    """
    if not head:
        raise BadImage(f"{name} is empty (0 bytes): get the file again from where it came from.")
    kind = next((kind for pattern, kind in _PICTURES if _begins(head, pattern)), "")
    if kind == "TIFF" and (head[8:10] == b"CR" or name.lower().endswith(_TIFF_BASED_RAW)):
        raise BadImage(f"{name} is {_RAW}.")
    if kind:
        return kind
    for pattern, what in _OTHERS:
        if _begins(head, pattern):
            raise BadImage(f"{name} is {what}.")
    if head[4:8] == b"ftyp":
        return _isobmff_kind(head, name)
    if _is_text(head):
        raise BadImage(f"{name} is {_text_kind(head)}.")
    if name.lower().endswith(SUFFIXES):
        raise BadImage(
            f"{name} does not begin as a picture does, so it is damaged or wrongly named: "
            "get the file again from where it came from."
        )
    raise BadImage(f"{name} is in no format that can be read: save the picture as {_FORMATS}.")


def _begins(head: bytes, pattern: bytes) -> bool:
    return re.match(pattern, head, re.DOTALL) is not None


def _isobmff_kind(head: bytes, name: str) -> str:
    """Return "AVIF", or raise what else shares its container (ISO 14496-12, box `ftyp`)."""
    size = int.from_bytes(head[:4], "big")
    brands = {head[at : at + 4] for at in (8, *range(16, min(size, 256), 4))}
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    if b"crx " in brands:
        raise BadImage(f"{name} is {_RAW}.")
    if brands & _HEIF_BRANDS:
        raise BadImage(
            f"{name} is a HEIC photograph, which cannot be read: export it as JPEG, or set the "
            "phone's camera to the most compatible format."
        )
    raise BadImage(f"{name} is {_VIDEO}.")


def _is_text(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\t\r\n\f\x1b\ufeff" for letter in text)


def _text_kind(head: bytes) -> str:
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        for pattern, what in _MARKUP:
            if pattern.search(head):
                return what
    return "text, not a picture: choose a picture file"
