"""The stepping filter as a film: which steps to show, each as a picture, written as GIF or video.

Frames are drawn with Pillow on plain arrays, so that they can be made in any thread.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageColor, ImageDraw, ImageFont

from visualizer.core.convolution import Cell
from visualizer.core.geometry import Geometry, Padding
from visualizer.core.gif_colours import GifPalette
from visualizer.core.numbers import format_number
from visualizer.core.saving import CannotSave, whole
from visualizer.paths import resource

Rgb8 = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 960, 640
LONGEST_S = 30.0
_FAST_S = 20.0  # a large grid runs this long
_SLOW_FPS = 2.0  # each step of a small grid is read as numbers
_REST_S = 2.0  # the finished map stays on show
_LARGEST_GRID = 5  # kernel cells that still fit as numbers

_NUMBERS_FROM = 24  # px, the side of a cell that its number is written into
_LIT_FROM = 5  # px, the side of a cell that can be marked by itself
_TYPE_SIZES = range(15, 8, -1)

_MARGIN, _GAP = 28, 24
_BOX_W = (WIDTH - 2 * _MARGIN - _GAP) // 2
_BOX_TOP, _BOX_H = 70, 350
_STRIP_TOP = 440
_TITLE_W = 760  # beside it stands how far the stepping has come


@dataclass(frozen=True)
class Style:
    """Colours as #rrggbb, by what they are for."""

    window: str
    text: str
    muted: str
    here: str
    blank: str
    neutral: str
    positive: str
    negative: str


@dataclass(frozen=True, eq=False)
class Scene:
    """What is filmed.

    Attributes:
        picture: (H, W, 3), the input as shown.
        feature_map: (OH, OW, 3), the whole output as shown.
        geometry: of the step from one to the other.
        cell: gives the arithmetic of output cell (row, column).
        kernel: the kernel's name.
        source: the picture's name.
        activation: what the output goes through, "none" for nothing.
        pixels: (H, W, C), the numbers of the input; written into large cells when C is 1.
        values: (OH, OW, K), the numbers of the output, likewise.
    """

    picture: Rgb8
    feature_map: Rgb8
    geometry: Geometry
    cell: Callable[[int, int], Cell]
    kernel: str
    source: str
    activation: str
    pixels: npt.NDArray
    values: npt.NDArray

    @property
    def count(self) -> int:
        """Steps from the first cell to the last."""
        return self.geometry.out_height * self.geometry.out_width


@dataclass(frozen=True)
class Plan:
    """Which steps are shown, one frame each, and how many frames a second."""

    positions: tuple[int, ...]
    fps: float

    @property
    def seconds(self) -> float:
        """How long the film lasts."""
        return len(self.positions) / self.fps


def plan(count: int, fast_fps: float) -> Plan:
    """Choose the steps of a film that stays under LONGEST_S.

    A small grid shows each step for half a second; a large one runs at `fast_fps` through steps
    at equal distances. The last step rests for two seconds.
    """
    slow_frames = int((LONGEST_S - _REST_S) * _SLOW_FPS) - 1
    slow = count <= slow_frames
    fps = _SLOW_FPS if slow else fast_fps
    frames = count if slow else min(count, int((_FAST_S - _REST_S) * fps))
    steps = np.unique(np.linspace(0, count - 1, frames).round().astype(int)).tolist()
    return Plan(tuple(steps) + (count - 1,) * int(_REST_S * fps), fps)


@dataclass(frozen=True, eq=False)
class Painter:
    """Draws the frames of one scene."""

    scene: Scene
    style: Style

    def frame(self, position: int) -> Rgb8:
        """Return the frame (HEIGHT, WIDTH, 3) at the step with this raster index."""
        geometry = self.scene.geometry
        row, column = divmod(position, geometry.out_width)
        canvas = self._background.copy()
        draw = ImageDraw.Draw(canvas)
        self._draw_map(canvas, draw, row, column)
        self._draw_window(draw, row, column)
        done = f"{position + 1:,} / {self.scene.count:,}"
        draw.text((WIDTH - _MARGIN, 34), done, self.style.muted, self._font(16), anchor="rs")
        self._draw_strip(draw, self.scene.cell(row, column), row, column)
        return np.asarray(canvas)

    @cached_property
    def _picture(self) -> tuple[Rgb8, tuple[int, int], float]:
        return self._numbered(
            _fitted(self.scene.picture, _MARGIN, self.scene.geometry.padding), self.scene.pixels
        )

    @cached_property
    def _map(self) -> tuple[Rgb8, tuple[int, int], float]:
        left = _MARGIN + _BOX_W + _GAP
        return self._numbered(_fitted(self.scene.feature_map, left, Padding()), self.scene.values)

    @cached_property
    def _background(self) -> Pillow.Image:
        canvas = Pillow.new("RGB", (WIDTH, HEIGHT), self.style.window)
        draw = ImageDraw.Draw(canvas)
        scene, style = self.scene, self.style
        bold, small = self._font(20, bold=True), self._font(14)
        kernel = _cut(scene.kernel, bold, _TITLE_W / 2)
        draw.text((_MARGIN, 34), kernel, style.text, bold, anchor="ls")
        if scene.source != scene.kernel:
            x = _MARGIN + bold.getlength(kernel) + 14
            source = _cut(f"on {scene.source}", small, _TITLE_W - x)
            draw.text((x, 34), source, style.muted, small, anchor="ls")
        pixels, place, _ = self._picture
        canvas.paste(Pillow.fromarray(pixels), place)
        for x, what, shown in (
            (_MARGIN, "input", scene.picture),
            (_MARGIN + _BOX_W + _GAP, "feature map", scene.feature_map),
        ):
            size = f"{what} {shown.shape[0]} × {shown.shape[1]}"
            draw.text((x, _BOX_TOP - 8), size, style.muted, small, anchor="ls")
        return canvas

    def _numbered(
        self, fitted: tuple[Rgb8, tuple[int, int], float], values: npt.NDArray
    ) -> tuple[Rgb8, tuple[int, int], float]:
        """Return a fitted picture with its numbers in its cells, where they are large enough."""
        pixels, place, zoom = fitted
        if zoom < _NUMBERS_FROM or values.shape[2] != 1:
            return fitted
        texts = {at: format_number(float(value)) for at, value in np.ndenumerate(values[:, :, 0])}
        longest = max(texts.values(), key=len)
        fonts = (self._font(size, mono=True) for size in _TYPE_SIZES)
        font = next((font for font in fonts if font.getlength(longest) <= zoom - 4), None)
        if font is None:
            return fitted
        canvas = Pillow.fromarray(pixels)
        draw = ImageDraw.Draw(canvas)
        for (row, column), text in texts.items():
            x, y = (column + 0.5) * zoom, (row + 0.5) * zoom
            shade = tuple(int(level) for level in pixels[int(y), int(x)])
            draw.text((x, y), text, _ink(shade), font, anchor="mm")
        return np.asarray(canvas), place, zoom

    def _draw_map(
        self, canvas: Pillow.Image, draw: ImageDraw.ImageDraw, row: int, column: int
    ) -> None:
        pixels, (left, top), zoom = self._map
        canvas.paste(Pillow.fromarray(pixels), (left, top))
        height, width = pixels.shape[:2]
        above, below = round(row * zoom), round((row + 1) * zoom)
        blank = self.style.blank
        right = left + width - 1
        if below < height:
            draw.rectangle((left, top + below, right, top + height - 1), blank)
        here = left + round((column + 1) * zoom)
        if here <= right:
            draw.rectangle((here, top + above, right, top + max(below - 1, above)), blank)
        self._outline(draw, left, top, zoom, (row, column, 1, 1))

    def _draw_window(self, draw: ImageDraw.ImageDraw, row: int, column: int) -> None:
        _, (left, top), zoom = self._picture
        geometry = self.scene.geometry
        if geometry.dilation > 1 and zoom >= _LIT_FROM:
            rows, columns = geometry.taps(row, column)
            for i, j in product(rows, columns):
                x0, y0 = left + round(j * zoom), top + round(i * zoom)
                x1, y1 = left + round((j + 1) * zoom) - 1, top + round((i + 1) * zoom) - 1
                draw.rectangle((x0, y0, x1, y1), outline=self.style.here)
        self._outline(draw, left, top, zoom, geometry.window(row, column))

    def _outline(
        self,
        draw: ImageDraw.ImageDraw,
        left: int,
        top: int,
        zoom: float,
        cells: tuple[int, int, int, int],
    ) -> None:
        row, column, height, width = cells
        x0, y0 = left + column * zoom, top + row * zoom
        x1, y1 = x0 + max(width * zoom, 4) - 1, y0 + max(height * zoom, 4) - 1
        draw.rectangle((x0 - 2, y0 - 2, x1 + 2, y1 + 2), outline="#000000")
        draw.rectangle((x0 - 1, y0 - 1, x1 + 1, y1 + 1), outline=self.style.here, width=2)

    def _draw_strip(self, draw: ImageDraw.ImageDraw, cell: Cell, row: int, column: int) -> None:
        planes, height, width = cell.patches.shape
        activation = self.scene.activation
        result = format_number(cell.output)
        if activation != "none":
            result = f"{activation}  →  {result}"
        total = " + ".join(_bracketed(value) for value in (*cell.plane_sums, cell.bias))
        line = f"{total} = {format_number(cell.pre_activation)}  →  {result}"
        where = f"output [{row}, {column}]"
        middle = WIDTH // 2
        if planes == 1 and max(height, width) <= _LARGEST_GRID:
            self._draw_grids(draw, cell)
            draw.text((middle, HEIGHT - 18), f"Σ  {line}   {where}", self.style.here,
                      self._font(16, mono=True), anchor="ms")  # fmt: skip
        else:
            what = f"{planes} × {height} × {width} products" if planes > 1 else (
                f"{height} × {width} products")  # fmt: skip
            draw.text((middle, _STRIP_TOP + 60), f"sum of {what}, + bias", self.style.muted,
                      self._font(16), anchor="ms")  # fmt: skip
            draw.text((middle, _STRIP_TOP + 110), line, self.style.here,
                      self._font(24, mono=True), anchor="ms")  # fmt: skip
            draw.text((middle, _STRIP_TOP + 145), where, self.style.muted, self._font(16),
                      anchor="ms")  # fmt: skip

    def _draw_grids(self, draw: ImageDraw.ImageDraw, cell: Cell) -> None:
        _, height, width = cell.patches.shape
        side_h = min(46, 150 // height)
        side_w = min(62, 260 // width)
        block = side_w * width
        x = (WIDTH - 3 * block - 2 * 44) // 2
        y = _STRIP_TOP + (150 - side_h * height) // 2
        for values, shades, sign in (
            (cell.patches[0], self._shown_patch(cell), "×"),
            (cell.weights[0], self._signed(cell.weights[0]), "="),
            (cell.products[0], self._signed(cell.products[0]), ""),
        ):
            for (i, j), value in np.ndenumerate(values):
                shade = tuple(int(v) for v in shades[i, j])
                box = (x + j * side_w, y + i * side_h)
                corner = (box[0] + side_w - 4, box[1] + side_h - 4)
                draw.rounded_rectangle((*box, *corner), 4, shade)
                draw.text((box[0] + (side_w - 4) / 2, box[1] + (side_h - 4) / 2),
                          format_number(float(value)), _ink(shade),
                          self._font(13, mono=True), anchor="mm")  # fmt: skip
            x += block
            draw.text((x + 20, y + side_h * height / 2), sign, self.style.muted, self._font(22),
                      anchor="mm")  # fmt: skip
            x += 44

    def _shown_patch(self, cell: Cell) -> Rgb8:
        """Return the colours (kh, kw, 3) of the pixels under the window; padding is blank."""
        height, width = self.scene.picture.shape[:2]
        rows = np.clip(cell.source_rows, 0, height - 1)
        columns = np.clip(cell.source_columns, 0, width - 1)
        shades = self.scene.picture[np.ix_(rows, columns)].copy()
        shades[~cell.inside] = ImageColor.getrgb(self.style.blank)
        return shades

    def _signed(self, values: npt.NDArray[np.float64]) -> Rgb8:
        """Return diverging colours (kh, kw, 3), full at the largest magnitude."""
        finite = np.nan_to_num(values, posinf=0.0, neginf=0.0)
        share = 0.75 * np.abs(finite) / (np.abs(finite).max() or 1.0)
        neutral, positive, negative = (
            np.array(ImageColor.getrgb(color), float)
            for color in (self.style.neutral, self.style.positive, self.style.negative)
        )
        full = np.where((finite > 0)[..., None], positive, negative)
        return (neutral + (full - neutral) * share[..., None]).round().astype(np.uint8)

    @cached_property
    def _fonts(self) -> dict[tuple[int, str], ImageFont.FreeTypeFont]:
        return {}

    def _font(self, size: int, *, bold: bool = False, mono: bool = False) -> ImageFont.FreeTypeFont:
        file = (
            "JetBrainsMono-Regular.ttf" if mono
            else "Inter-SemiBold.otf" if bold else "Inter-Regular.otf"
        )  # fmt: skip
        if (size, file) not in self._fonts:
            font = ImageFont.truetype(str(resource("fonts", file)), size)
            self._fonts[size, file] = font
        return self._fonts[size, file]


class Frames(Protocol):
    """What draws the frames of a film."""

    def frame(self, position: int) -> Rgb8:
        """Return the frame (HEIGHT, WIDTH, 3) at a position of the plan."""


def write_gif(painter: Frames, film: Plan, path: Path, tick: Callable[[float], None]) -> None:
    """Write a looping GIF. `tick(share)` is called before each frame and may raise to cancel.

    The file appears whole or not at all. Raises OSError as the file system gives it.
    """
    # One palette for all: what does not change from frame to frame then costs no bytes. It covers
    # the rare colours too, such as those of the writing, and all greys, so that none is tinted.
    palette = GifPalette(painter.frame(film.positions[-1]))

    def pictures() -> Iterator[Pillow.Image]:
        for i, position in enumerate(film.positions):
            tick(i / len(film.positions))
            yield palette.picture(painter.frame(position))

    with whole(path) as part:
        supply = pictures()
        first = next(supply)
        first.save(part, "GIF", save_all=True, append_images=supply, loop=0,
                   duration=round(1000 / film.fps), optimize=False)  # fmt: skip


def write_video(painter: Frames, film: Plan, path: Path, tick: Callable[[float], None]) -> None:
    """Write a video: VP8 for .webm, MPEG-4 for .mp4. `tick` as for `write_gif`.

    The file appears whole or not at all. Raises CannotSave when OpenCV has no encoder for it or
    the file cannot be written.
    """
    codec = {".webm": "VP80", ".mp4": "mp4v"}.get(path.suffix.lower())
    if codec is None:
        raise CannotSave(f"{path.name}: a video ends in .webm or .mp4; choose one of them.")
    with whole(path) as part:
        fourcc = cv2.VideoWriter.fourcc(*codec)
        writer = cv2.VideoWriter(str(part), cv2.CAP_FFMPEG, fourcc, film.fps, (WIDTH, HEIGHT))
        try:
            if not writer.isOpened():
                raise CannotSave(
                    f"{path.name} could not be written: check that the folder exists and can be "
                    "written to, or save a GIF instead."
                )
            for i, position in enumerate(film.positions):
                tick(i / len(film.positions))
                writer.write(cv2.cvtColor(painter.frame(position), cv2.COLOR_RGB2BGR))
        finally:
            writer.release()


def _fitted(pixels: Rgb8, box_left: int, padding: Padding) -> tuple[Rgb8, tuple[int, int], float]:
    """Return pixels scaled so that they fit into their box with the padding around them.

    Also their place (left, top), and the zoom.
    """
    height, width = pixels.shape[:2]
    tall, wide = height + padding.top + padding.bottom, width + padding.left + padding.right
    zoom = min(_BOX_W / wide, _BOX_H / tall)
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    method = cv2.INTER_AREA if zoom < 1 else cv2.INTER_NEAREST
    scaled = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=method)
    left = box_left + round((_BOX_W - wide * zoom) / 2 + padding.left * zoom)
    top = _BOX_TOP + round((_BOX_H - tall * zoom) / 2 + padding.top * zoom)
    return scaled.astype(np.uint8), (left, top), zoom


def _cut(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """Return the text, its end replaced by "…" where it is wider than `room`."""
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(f"{text}…") > room:
        text = text[:-1]
    return f"{text}…"


def _bracketed(value: float) -> str:
    text = format_number(float(value))
    return f"({text})" if text.startswith("-") else text


def _ink(shade: tuple[int, ...]) -> str:
    """Return dark or light text for a background, by its luma."""
    red, green, blue = shade
    return "#101216" if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else "#f2f4f7"
