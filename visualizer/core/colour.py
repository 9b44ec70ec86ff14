"""What reading does to the values of a picture: colour profiles, transparency, orientation."""

from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageCms

ON_WHITE = "Transparent parts lie on white."
LEFT_OUT = "Its colour profile was not applied: values beyond 8 bits are kept as they are."
TURNED = "Turned upright by its EXIF tag."

Transform = Callable[[Pillow.Image], Pillow.Image]

_STRIP_PIXELS = 1 << 18
_SAME = 3  # of 255: profiles this close to sRGB are taken as sRGB


def strips(pixels: npt.NDArray) -> Iterator[slice]:
    """Return the rows of `pixels` (H, W, …) in portions small enough to convert one by one."""
    height, width = pixels.shape[:2]
    step = max(1, _STRIP_PIXELS // width)
    return (slice(top, min(top + step, height)) for top in range(0, height, step))


def on_white(pixels: npt.NDArray, alpha: npt.NDArray) -> npt.NDArray:
    """Lay `pixels` (H, W) or (H, W, C) over white by `alpha` (H, W), both uint8 or uint16.

    c·a + white·(1 − a), rounded; fully opaque and fully transparent pixels come out exactly.
    """
    white = int(np.iinfo(pixels.dtype).max)
    opacity = alpha.astype(np.uint64 if white > 255 else np.uint32)
    opacity = opacity if pixels.ndim == 2 else opacity[:, :, np.newaxis]
    mixed = pixels * opacity + white * (white - opacity) + white // 2
    return (mixed // white).astype(pixels.dtype)


def upright(pixels: npt.NDArray, orientation: int) -> npt.NDArray:
    """Return a view of `pixels` (H, W, C) as EXIF orientation 1–8 wants it seen; others as 1."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def to_srgb(profile: bytes, mode: str) -> tuple[Transform | None, str]:
    """Return what takes Pillow pictures of `mode` (L, RGB, CMYK) to sRGB, and a note on it.

    None when there is nothing to do or nothing that can be done; the note then says why, or is
    empty when the profile is sRGB itself.
    """
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        title = " ".join(ImageCms.getProfileDescription(source).split()) or "unnamed"
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (OSError, ImageCms.PyCMSError):
        return None, "Its colour profile is damaged or does not fit, and was left out."
    if mode != "CMYK" and _changes_little(transform, mode):
        return None, ""
    note = f"Converted from “{title}” to sRGB."
    if mode == "L":
        return lambda grey: transform.apply(grey).getchannel(0), note
    return transform.apply, note


def left_out(profile: bytes, mode: str) -> tuple[str, ...]:
    """Return the note on a profile that is not applied, because the values are not 8-bit ones."""
    transform, note = to_srgb(profile, mode)
    return (LEFT_OUT,) if transform else (note,) if note else ()


def lab_to_srgb() -> Transform:
    """Return what takes Pillow pictures of mode LAB to sRGB."""
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
    return transform.apply


def _changes_little(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Tell whether colours spread over the whole cube stay as they are."""
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    before = steps[np.newaxis]
    if mode == "RGB":
        before = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    after = np.asarray(transform.apply(Pillow.fromarray(before)))
    expected = before if mode == "RGB" else before[:, :, np.newaxis]
    return bool((np.abs(after.astype(int) - expected) <= _SAME).all())
