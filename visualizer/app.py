"""The roof: reads the command line, builds the objects, opens the window. Only wiring."""

import argparse
import os
import re
import sys
from pathlib import Path

from visualizer import __version__
from visualizer.display import why_no_display
from visualizer.ui.pages import PAGES

IDLE_MS = 300  # the first paint comes before anything that can wait
_PAGE_NAMES = ", ".join(PAGES).lower()


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{3,5})[x×](\d{3,5})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write it as 1280x720")
    return int(match[1]), int(match[2])


def _page(text: str) -> str:
    title = text.capitalize()
    if title not in PAGES:
        raise argparse.ArgumentTypeError(f"there is no page {text!r}; the pages are {_PAGE_NAMES}")
    return title


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line. Exits with status 2 and a sentence when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="cnn-visualizer",
        description="See how convolutional networks work.",
        epilog="Without a window: cnn-visualizer train --help, cnn-visualizer evaluate --help",
    )
    parser.add_argument("image", nargs="?", type=Path, metavar="IMAGE", help="a picture to show")
    parser.add_argument("--page", type=_page, metavar="NAME", help=_PAGE_NAMES)
    parser.add_argument("--theme", choices=("system", "dark", "light"))
    parser.add_argument("--size", type=_size, metavar="WxH", help="window size, such as 1280x720")
    parser.add_argument(
        "--screenshot", type=Path, metavar="FILE", help="save the window as a PNG and leave"
    )
    parser.add_argument(
        "--tour", type=Path, metavar="DIR", help="save pictures of every page and leave"
    )
    parser.add_argument("--version", action="version", version=f"CNN Visualizer {__version__}")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Run the application; leaves through SystemExit with the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] in (["train"], ["evaluate"]):
        from visualizer.learning import command_line

        raise SystemExit(command_line.main(words))
    options = parse(arguments)
    reason = why_no_display()
    if reason:
        if options.screenshot is None and options.tour is None:
            print(f"cnn-visualizer: {reason}", file=sys.stderr)
            raise SystemExit(2)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    raise SystemExit(_run(options))


def _run(options: argparse.Namespace) -> int:
    from visualizer.core import samples  # before Qt, which reads the source of what comes after it

    # isort: split
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from visualizer.ui import tour
    from visualizer.ui.errors import ErrorReporter
    from visualizer.ui.main_window import USUAL_SIZE, MainWindow
    from visualizer.ui.preferences import Preferences
    from visualizer.ui.theme import Theme

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("CNN Visualizer")
    app.setApplicationVersion(__version__)
    preferences = Preferences()
    theme = Theme(app)
    theme.set_choice(options.theme or preferences.theme)
    scripted = options.screenshot is not None or options.tour is not None
    remembered = preferences.page if preferences.page in PAGES else next(iter(PAGES))
    with theme.unstyled():
        window = MainWindow(theme, preferences, samples.load(samples.DEFAULT))
        errors = ErrorReporter(window)
        window.remembers = not scripted
        usual = USUAL_SIZE.toTuple() if scripted else None  # pictures do not go by the screen
        window.open_at(options.size or usual, None if scripted else preferences.geometry)
        window.show_page(options.page or remembered)
    try:
        window.show()
        if options.image is not None:
            window.sources.open_path(options.image)
        if not scripted:
            QTimer.singleShot(IDLE_MS, window.build_pages_when_idle)
            return app.exec()
        if options.tour is not None:
            tour.run(window, options.tour)
        if options.screenshot is not None:
            tour.save(window, options.screenshot)
    except OSError as error:
        print(f"cnn-visualizer: {error}", file=sys.stderr)
        return 1
    finally:
        if scripted:
            window.close()
        errors.close()
    return 0
