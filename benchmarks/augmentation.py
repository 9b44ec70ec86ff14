"""Augmenting a batch at once against torchvision's transforms: one image after the other, and on
the batch, although that gives every image the same numbers.

All do what the gentle preset does: an affine map, mirroring, brightness and noise. torchvision runs
image by image on PIL images and on tensors; the faster of the two counts. The ways take turns, and
the median of their times is shown. Prints Markdown.

Then the Augment page: from a slider that moves to the painted grid of 16 results, 224×224 RGB.

    python benchmarks/augmentation.py [--threads N]
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import InterpolationMode

from visualizer.learning.augmentation import augment
from visualizer.learning.pipeline import PRESETS

OURS, ON_BATCH = "ours", "torchvision on the batch"
ROUNDS, REPEATS, MOVES = 9, 5, 40
SIZES = {  # shape of an image, images a batch, how much faster than image by image is aimed at
    "28×28 grey": ((1, 28, 28), 100, 12.0),
    "32×32 RGB": ((3, 32, 32), 100, 8.0),
    "224×224 RGB": ((3, 224, 224), 32, 3.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    sys.stdout.reconfigure(line_buffering=True)  # a row is seen when it is known
    torch.set_num_threads(parser.parse_args().threads)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n")
    print("| images | way | ms a batch | images/s | ours is faster by | aim |")
    print("|---|---|--:|--:|--:|--:|")
    for name, (shape, count, aim) in SIZES.items():
        times = in_turns(ways_of(shape, count))
        for way, seconds in times.items():
            row = f"| {name} | {way} | {1e3 * seconds:.2f} | {count / seconds:,.0f} |"
            least = 1 if way == ON_BATCH else aim
            print(row, "| |" if way == OURS else f" {seconds / times[OURS]:.1f} × | {least:g} × |")
    print("\n| slider to painted grid of 16, 224×224 RGB | median ms | 95 % | aim |")
    print("|---|--:|--:|--:|")
    for name in ("gentle", "generator", "strong"):
        times_ms = slider_to_grid(name)
        worst = times_ms[int(0.95 * len(times_ms))]
        print(f"| {name} | {statistics.median(times_ms):.1f} | {worst:.1f} | 33 |")


def slider_to_grid(name: str) -> list[float]:
    """Return the sorted milliseconds from each move of a slider to the painted grid."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    from visualizer.core import samples
    from visualizer.ui.main_window import MainWindow
    from visualizer.ui.preferences import Preferences
    from visualizer.ui.theme import Theme
    from visualizer.ui.tour import settle

    app = QApplication.instance() or QApplication([])
    window = MainWindow(Theme(app), Preferences(), samples.load(samples.DEFAULT))
    window.remembers = False
    window.resize(1440, 900)
    window.show()
    page = window.show_page("Augment")
    page.model.choose_preset(name)
    settle(window)
    kinds = [operation.kind for operation in page.model.settings.pipeline.operations]
    rotation, times = kinds.index("rotation"), []
    for move in range(1, MOVES + 1):  # each to another number: the first is none of a preset's
        before = page.made
        started = time.perf_counter()
        page.model.change(rotation, "move", high=30 + 0.1 * move)
        while page.made is before:
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        page.results.mosaic.repaint()
        times.append(1e3 * (time.perf_counter() - started))
        settle(window)
    window.close()
    return sorted(times)


def ways_of(shape: tuple[int, int, int], count: int) -> dict[str, Callable[[], object]]:
    """Return what is compared, each a function that augments one batch."""
    images = torch.randint(0, 256, (count, *shape), dtype=torch.uint8)
    resident = images.float().div(255)
    pictures = [v2.functional.to_pil_image(image) for image in images]
    generator = torch.Generator().manual_seed(0)
    theirs = torchvision_transforms()
    return {
        OURS: lambda: augment(resident, PRESETS["gentle"], generator),
        "torchvision on PIL": lambda: torch.stack([theirs(x) for x in pictures]),
        "torchvision on tensors": lambda: torch.stack([theirs(x) for x in images]),
        ON_BATCH: lambda: theirs(resident),
    }


def torchvision_transforms() -> v2.Compose:
    """Return the gentle preset in torchvision's own words."""
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomAffine(
                degrees=10,
                translate=(0.07, 0.07),
                scale=(0.9, 1.1),
                shear=5,
                interpolation=InterpolationMode.BILINEAR,
            ),
            v2.ColorJitter(brightness=0.15),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.GaussianNoise(sigma=0.025),
        ]
    )


def in_turns(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds a batch of each way."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    for work in ways.values():
        work()
    for _ in range(ROUNDS):
        for way, work in ways.items():
            repeats = REPEATS if way in (OURS, ON_BATCH) else 1
            started = time.perf_counter()
            for _ in range(repeats):
                work()
            times[way].append((time.perf_counter() - started) / repeats)
    return {way: statistics.median(seconds) for way, seconds in times.items()}


if __name__ == "__main__":
    main()
