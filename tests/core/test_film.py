from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageColor

from visualizer.core import film
from visualizer.core.convolution import cell, convolve
from visualizer.core.geometry import Geometry
from visualizer.core.kernels import Kernel
from visualizer.core.saving import CannotSave

STYLE = film.Style(
    window="#101216", text="#e6e9ee", muted="#98a1ad", here="#f5cb5c",
    blank="#0c0e11", neutral="#1f242c", positive="#e0743a",
    negative="#3f86d8",
)  # fmt: skip


@pytest.fixture
def painter() -> film.Painter:
    pixels = np.arange(36, dtype=np.uint8).reshape(6, 6, 1)
    kernel = Kernel(np.array([[[0.0, 1, 1], [1, 0, 0], [1, 0, 1]]]), "example")
    geometry = Geometry.of(6, 6, 3, 3)
    values = convolve(pixels, kernel, geometry)
    shown = np.repeat((values - values.min()).astype(np.uint8) + 100, 3, axis=2)
    return film.Painter(
        film.Scene(
            picture=np.repeat(pixels, 3, axis=2),
            feature_map=shown,
            geometry=geometry,
            cell=lambda row, column: cell(pixels, kernel, geometry, row, column),
            kernel="example",
            source="matrix",
            activation="none",
            pixels=pixels,
            values=values,
        ),
        STYLE,
    )


@pytest.mark.parametrize("count", [1, 2, 16, 55, 56, 1000, 90_000, 12_000_000])
def test_a_film_shows_first_and_last_step_and_stays_under_thirty_seconds(count: int) -> None:
    plan = film.plan(count, fast_fps=10)
    assert plan.positions[0] == 0
    assert plan.positions[-1] == count - 1
    assert list(plan.positions) == sorted(plan.positions)
    assert plan.seconds <= film.LONGEST_S


def test_a_small_grid_shows_every_step() -> None:
    assert set(film.plan(16, fast_fps=10).positions) == set(range(16))


def test_cells_after_the_step_are_blank(painter: film.Painter) -> None:
    blank = (0x0C, 0x0E, 0x11)
    early, late = painter.frame(0), painter.frame(15)
    right = slice(film.WIDTH // 2, None)

    def blanks(frame: film.Rgb8) -> int:
        return int((frame[:430, right] == blank).all(axis=2).sum())

    assert blanks(late) == 0
    assert 0.9 < blanks(early) / (350 * 350 * 15 / 16) <= 1


def changed(a: film.Rgb8, b: film.Rgb8, rows: slice, columns: slice) -> bool:
    return bool((a[rows, columns] != b[rows, columns]).any())


def test_numbers_are_written_into_cells_that_are_large(painter: film.Painter) -> None:
    scene = painter.scene
    bare = replace(
        scene,
        pixels=np.repeat(scene.pixels, 3, axis=2),
        values=np.repeat(scene.values, 3, axis=2),
    )
    plain, written = film.Painter(bare, STYLE).frame(5), painter.frame(5)
    picture, above = slice(0, film.WIDTH // 2), slice(70, 420)
    assert changed(plain, written, above, picture)
    feature = slice(film.WIDTH // 2, film.WIDTH)
    assert changed(plain, written, slice(70, 150), feature)
    assert not changed(plain, written, slice(280, 420), feature)  # not reached yet: blank


def test_small_cells_have_no_numbers(painter: film.Painter) -> None:
    pixels = np.zeros((40, 40, 1), np.uint8)
    scene = replace(painter.scene, pixels=pixels, picture=np.repeat(pixels, 3, axis=2))
    frame = film.Painter(scene, STYLE).frame(15)
    assert not frame[250:400, 200:400].any()


def test_the_activation_is_named(painter: film.Painter) -> None:
    rectified = film.Painter(replace(painter.scene, activation="ReLU"), STYLE)
    whole, line = slice(None), slice(film.HEIGHT - 40, None)
    assert changed(painter.frame(3), rectified.frame(3), line, whole)
    assert not changed(painter.frame(3), rectified.frame(3), slice(0, film.HEIGHT - 40), whole)


def test_a_picture_called_as_the_kernel_is_named_once(painter: film.Painter) -> None:
    same = film.Painter(replace(painter.scene, source="example"), STYLE)
    head = slice(0, 50), slice(150, 700)
    empty = np.array((0x10, 0x12, 0x16))
    assert (same.frame(0)[head] == empty).all()
    assert (painter.frame(0)[head] != empty).any()


def test_the_window_stays_off_the_title_in_the_padding(painter: film.Painter) -> None:
    scene = painter.scene
    pixels, kernel = scene.pixels, Kernel(np.ones((1, 3, 3)), "ones")
    geometry = Geometry.of(6, 6, 3, 3, padding=2)
    padded = replace(
        scene,
        geometry=geometry,
        cell=lambda row, column: cell(pixels, kernel, geometry, row, column),
        feature_map=np.zeros((8, 8, 3), np.uint8),
        values=convolve(pixels, kernel, geometry),
    )
    frame = film.Painter(padded, STYLE).frame(0)
    yellow = (frame == (0xF5, 0xCB, 0x5C)).all(axis=2)
    assert yellow[:430, : film.WIDTH // 2].any()
    assert not yellow[:64].any()


def test_a_dilated_window_marks_the_pixels_it_reads(painter: film.Painter) -> None:
    geometry = Geometry.of(6, 6, 3, 3, dilation=2)
    dilated = film.Painter(replace(painter.scene, geometry=geometry), STYLE)
    frame = dilated.frame(0)
    _, (left, top), zoom = dilated._picture
    for row, column in np.ndindex(5, 4):
        at = top + round((row + 0.5) * zoom), left + round((column + 1) * zoom)
        marked = (frame[at[0], at[1] : at[1] + 2] == ImageColor.getrgb(STYLE.here)).all(axis=1)
        assert marked.any() == (row % 2 == 0 and column % 2 == 1)  # the next begins there


def test_long_names_leave_room_for_the_step(painter: film.Painter) -> None:
    long = film.Painter(replace(painter.scene, kernel="kernel " * 30, source="name " * 60), STYLE)
    columns = slice(790, None)
    assert not changed(painter.frame(3), long.frame(3), slice(0, 60), columns)


def test_gif_holds_the_planned_frames(painter: film.Painter, tmp_path: Path) -> None:
    plan = film.Plan((0, 5, 15), fps=2.0)
    film.write_gif(painter, plan, tmp_path / "steps.gif", lambda share: None)
    with Pillow.open(tmp_path / "steps.gif") as picture:
        assert picture.n_frames == 3
        assert picture.size == (film.WIDTH, film.HEIGHT)
        assert picture.info["duration"] == 500
        first = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(first - painter.frame(0)).mean() < 4
    for color in (STYLE.text, STYLE.here):  # the writing keeps its colours
        wanted = np.array(ImageColor.getrgb(color))
        assert np.abs(first - wanted).max(axis=2).min() < 16
    assert [p.name for p in tmp_path.iterdir()] == ["steps.gif"]


def test_gif_leaves_greys_grey_and_flat_areas_as_they_are(tmp_path: Path) -> None:
    class Ramp:
        def frame(self, position: int) -> np.ndarray:
            frame = np.full((film.HEIGHT, film.WIDTH, 3), (49, 53, 59), np.uint8)
            if position:  # no grey is in the frame that the palette is made from
                return frame
            frame[100:612] = np.repeat(np.arange(256, dtype=np.uint8), 2)[:, None, None]
            return frame

    film.write_gif(Ramp(), film.Plan((0, 5), fps=2.0), tmp_path / "greys.gif", lambda share: None)
    with Pillow.open(tmp_path / "greys.gif") as picture:
        first = np.asarray(picture.convert("RGB")).astype(int)
    assert (first[:100] == (49, 53, 59)).all()
    seen = first[100:612:2, 0]
    assert (seen == seen[:, :1]).all()
    assert np.abs(seen[:, 0] - np.arange(256)).max() <= 1
    assert (seen[0, 0], seen[255, 0]) == (0, 255)


@pytest.mark.parametrize("ending", ["webm", "mp4"])
def test_video_can_be_read_back(painter: film.Painter, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"steps.{ending}"
    film.write_video(painter, film.Plan((0, 5, 15), fps=2.0), path, lambda share: None)
    video = cv2.VideoCapture(str(path))
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1])
    video.release()
    assert len(frames) == 3
    middle = cv2.cvtColor(frames[1], cv2.COLOR_BGR2RGB).astype(int)
    assert np.abs(middle - painter.frame(5)).mean() < 8


def test_gif_mixes_colours_it_does_not_have_and_always_the_same_way(tmp_path: Path) -> None:
    across, down = np.meshgrid(np.linspace(90, 220, film.WIDTH // 8), np.linspace(20, 160, 80))
    colours = np.dstack([across, 0.6 * across, down]).round().astype(np.uint8)
    colours = colours.repeat(8, axis=0).repeat(8, axis=1)  # smooth: it would show bands

    class Moving:
        def frame(self, position: int) -> film.Rgb8:
            frame = colours.copy()
            frame[300:340, position : position + 40] = 0
            return frame

    path = tmp_path / "mixed.gif"
    film.write_gif(Moving(), film.Plan((0, 50), fps=2.0), path, lambda share: None)
    with Pillow.open(path) as picture:
        palette = np.reshape(picture.getpalette(), (-1, 3)).astype(float)
        first = np.asarray(picture.convert("RGB")).astype(float)
        picture.seek(1)
        second = np.asarray(picture.convert("RGB")).astype(float)
    assert (first[:300] == second[:300]).all()
    true = colours[:296:8, ::8].reshape(-1, 1, 3).astype(float)
    nearest = np.linalg.norm(true - palette, axis=2).min(axis=1)
    seen = first[:296].reshape(37, 8, -1, 8, 3).mean(axis=(1, 3)).reshape(true.shape)
    assert np.linalg.norm(true - seen, axis=2).mean() < 0.75 * nearest.mean()


@pytest.mark.parametrize("write", [film.write_gif, film.write_video])
def test_cancelling_leaves_no_file(painter: film.Painter, tmp_path: Path, write) -> None:
    def cancel(share: float) -> None:
        if share > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        write(painter, film.Plan((0, 5, 15), fps=2.0), tmp_path / "steps.webm", cancel)
    assert list(tmp_path.iterdir()) == []


def test_a_video_that_cannot_be_written_says_why(painter: film.Painter, tmp_path: Path) -> None:
    plan = film.Plan((0,), fps=2.0)
    with pytest.raises(CannotSave, match=r"ends in \.webm or \.mp4"):
        film.write_video(painter, plan, tmp_path / "steps.avi", lambda share: None)
    with pytest.raises(CannotSave, match="could not be written"):
        film.write_video(painter, plan, tmp_path / "no folder" / "a.webm", lambda share: None)
