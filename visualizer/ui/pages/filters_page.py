"""The Filters page: a picture, a kernel, the feature map, and every number on the way."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction

from visualizer.core.display import Palette, Rgb8, to_rgb8
from visualizer.core.examples import EXAMPLES
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel, Weights
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import FilterFrame, LaidFilter, lay, map_region
from visualizer.state.filters_model import FiltersModel, fitted
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.exports import FilterExports
from visualizer.ui.pages import filters_tour
from visualizer.ui.pages.filters_cards import APPLIED_TO, FeatureMapCard
from visualizer.ui.pages.filters_engine import FilterEngine, Result, Source
from visualizer.ui.pages.filters_examples import show_example
from visualizer.ui.pages.filters_kernel import KernelCard
from visualizer.ui.pages.filters_own import OwnKernelsMenu
from visualizer.ui.pages.filters_preview import Preview, Seen
from visualizer.ui.pages.picture_cards import InputCard, signed_palette
from visualizer.ui.pages.stepping import (
    StripCard,
    Walk,
    add_step_commands,
    add_zoom_commands,
    transport,
)
from visualizer.ui.pages.stepping_page import SteppingPage
from visualizer.ui.widgets.strip_convolution import ConvolvedCell
from visualizer.ui.widgets.viewport import Frame

_MOMENT_MS = 40  # most that the arithmetic waits for the map; both at once would be slower


class FiltersPage(SteppingPage):
    """Puts the cards together: their wishes go to `model`, its changes are shown in them.

    Attributes:
        frame: what is on show, once the first map is finished; the raw numbers are in it.
    """

    title = "Filters"
    icon = "mdi6.grid"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model: FiltersModel = FiltersModel(context.session.image)
        context.session.kernel = self.model.settings.kernel
        self.frame: FilterFrame | None = None
        self._laid: LaidFilter | None = None
        self._settings = self.model.settings
        theme = context.theme
        self._engine = FilterEngine(self)
        self._catching_up = QTimer(self, singleShot=True)
        self._catching_up.timeout.connect(self._catch_up)
        examples = self._add_commands()
        self._own = OwnKernelsMenu(self, lambda: self.model.settings.kernel, context.tell)
        self.input = InputCard(theme, self.viewport, APPLIED_TO)
        undo = context.undo.createUndoAction(self, "Undo")
        self.kernel = KernelCard(theme, self._own, undo)
        self.map = FeatureMapCard(theme, self.viewport)
        commands = [context.actions[f"filters.{key}"] for key in ("predict", "reveal", "send")]
        self.strip = StripCard(theme, examples, commands)
        self._transport = transport(theme, context.actions, "filters", self.stepper)
        self._walk = Walk(self.stepper, self.input.view, self.map.view, self._transport)
        self._exports = FilterExports(context, self, lambda: self.frame, self.painted)
        self._lay_out_cards((self.input, self.kernel, self.map), fixed=self.kernel)
        self._connect()
        self.kernel.show_own(self._own.kernels.names)
        self._own.tell_problem()

    def tour(self, shot: Callable[[str], None]) -> None:
        """Show the best there is to see."""
        filters_tour.run(self, self._context, shot)

    def close_work(self) -> None:
        """End the filtering thread, and the playing."""
        self.stepper.pause()
        self._exports.close_work()
        self._engine.close()

    def painted(self, frame: FilterFrame) -> tuple[Rgb8, Rgb8]:
        """Return the whole input (H, W, 3) and the whole feature map as they are shown."""
        palette = self._palette()
        picture = to_rgb8(frame.pixels, *frame.image.value_range, palette.invalid)
        return picture, frame.paint(frame.feature, frame.scale, palette)

    def _connect(self) -> None:
        model, stepper, kernel = self.model, self.stepper, self.kernel
        self._context.session.image_changed.connect(self._image_changed)
        self._context.theme.changed.connect(self._restyle)
        model.changed.connect(self._settings_changed)
        stepper.moved.connect(self._show_position)
        stepper.changed.connect(self._show_position)
        self._engine.sourced.connect(self._show_source)
        self._engine.previewed.connect(self._show_preview)
        self._engine.finished.connect(self._show_result)
        self._engine.failed.connect(unexpected)
        for card in (self.kernel, self.map):
            card.edited.connect(self._edit)
        self.input.appliedTo.connect(lambda *to: self.attempt(partial(model.apply_to, *to)))
        self.map.mapChosen.connect(lambda i: self._edit("feature map", "", {"plane": i}))
        self.strip.exactChosen.connect(lambda on: self._edit("exact", "", {"exact": on}))
        kernel.presetChosen.connect(lambda *to: self.attempt(partial(model.choose_preset, *to)))
        kernel.weightsEdited.connect(self._set_weights)
        kernel.sizeWanted.connect(lambda *to: self.attempt(partial(model.resize_kernel, *to)))
        kernel.changeWanted.connect(
            lambda label, change: self.attempt(partial(model.change_kernel, change, label))
        )
        kernel.planeChosen.connect(lambda i: self._edit("plane", "", {"plane": i}))
        kernel.ownChosen.connect(lambda name: self._take_kernel(self._own.kernels[name]))
        self._own.namesChanged.connect(lambda: kernel.show_own(self._own.kernels.names))
        self._own.imported.connect(self._take_kernel)
        self._own.saved.connect(self._take_kernel)
        self._connect_lights()

    def _connect_lights(self) -> None:
        self.kernel.weightHovered.connect(lambda *at: self.light(*self._turned(*at)))
        self.kernel.weightLeft.connect(lambda: self.light(None))
        self.strip.weightHovered.connect(self.light)
        self.strip.weightLeft.connect(lambda: self.light(None))

    def _add_commands(self) -> list[QAction]:
        """Register the page's commands; return those that show an example."""
        actions = self._context.actions
        add_step_commands(actions, "filters", self.stepper, self.title)
        add_zoom_commands(actions, "filters", self.viewport, self.title)
        actions.add(
            "filters.send", "To Pooling", self._send, menu="Export", page=self.title,
            shortcuts="Ctrl+Shift+Return", tip="Send this feature map to the Pooling page",
        )  # fmt: skip
        return [
            actions.add(
                f"filters.example.{example.key}",
                example.title,
                partial(show_example, self, self._context, example),
                menu="Examples",
                page=self.title,
                tip=example.caption,
            )
            for example in EXAMPLES
        ]

    # Edits

    def _set_weights(self, weights: Weights, merge: str) -> None:
        self.light(None)  # whoever edits a weight wants to see what it does
        self.attempt(partial(self.model.set_weights, weights, merge))

    def _take_kernel(self, kernel: Kernel) -> None:
        self.attempt(partial(self.model.set_kernel, kernel, "own kernel"))

    def _send(self) -> None:
        """Go on to the Pooling page with the feature map on show."""
        frame = self.frame
        image = self._context.session.image
        if frame is None or frame.image is not image or frame.settings != self._settings:
            self._context.tell("The feature map is still being computed: try again in a moment.")
            return
        self._context.actions["page.Pooling"].trigger()
        self._context.session.feature_sent.emit(frame)

    # What is on show

    def _image_changed(self, image: Image) -> None:
        if self.isVisible():
            self._show_image(image)

    def _settings_changed(self, before: FilterSettings, after: FilterSettings) -> None:
        self._context.session.kernel = after.kernel
        self._demand()

    def _demand(self) -> None:
        """Filter anew. What is known at once waits a moment, so that the map is painted first."""
        image = self._context.session.image
        self._settings, _ = fitted(self.model.settings, image)
        self._engine.demand(self._settings, image, self._seen(image), self._palette())
        self._catching_up.start(_MOMENT_MS)

    def _catch_up(self) -> None:
        """Show where the windows are, and the arithmetic, when that has not been done."""
        source = self._engine.source
        if source is not None and (self._laid is None or self._laid.settings is not self._settings):
            self._show_laid(lay(self._settings, self._context.session.image, source.pixels))

    def _show_source(self, source: Source) -> None:
        self.input.view.set_picture(source.picture, source.pixels)
        self._show_laid(lay(self._settings, self._context.session.image, source.pixels))

    def _show_laid(self, laid: LaidFilter) -> None:
        """Show all of a filter but for its numbers."""
        before, self._laid = self._laid, laid
        anew = before is None or self._image is not laid.image
        self._image = laid.image
        self._walk.take(laid.geometry, anew=anew)
        self.kernel.show_laid(laid)
        self.input.offer(laid.image.bands)
        self.input.show_laid(laid)
        self.map.show_filter(laid)
        self.strip.show_caption(laid.image, self._about())
        self._show_position()
        self._fit_strip()

    def _show_preview(self, preview: Preview) -> None:
        self.map.view.frame.place(region=map_region(preview.laid.geometry))
        self.map.view.set_picture(preview.picture, preview.values)
        self._catching_up.start(0)

    def _show_result(self, result: Result) -> None:
        self.frame = frame = result.frame
        if self._laid is None or self._laid.settings is not frame.settings:
            self._show_laid(frame)
        self._laid = frame
        self.map.view.frame.place(region=map_region(frame.geometry))
        self.map.view.set_picture(result.picture, frame.feature)
        self.map.show_numbers(frame, self._palette())
        self._computed = f"filter {result.took.clock:.1f} ms"
        self._show_status()

    def _show_position(self) -> None:
        """Show the window, the cell, what is computed, and the arithmetic."""
        laid, stepper = self._laid, self.stepper
        if laid is None:
            return
        self._walk.show()
        cell = _arithmetic(laid, *stepper.row_column(stepper.shown))
        self.strip.show_cell(cell, exact=laid.settings.exact, hidden=stepper.hidden)
        row, column = stepper.row_column(stepper.position)
        self.input.show_window(laid, row, column, stepper.pinned is not None)
        self._show_status()

    def light(self, row: int | None, column: int = 0) -> None:
        """Light every pixel that a weight touches; it is named as it lies on the picture."""
        if self._laid is None:
            return
        rows, columns = (range(0), range(0)) if row is None else self._laid.touched(row, column)
        self.input.view.set_highlights(rows, columns)
        self.kernel.light(*((None,) if row is None else self._turned(row, column)))
        self.strip.light(row, column)

    def _turned(self, row: int, column: int) -> tuple[int, int]:
        """Return a weight's place on the picture for its place in the editor, and back."""
        kernel = self._settings.kernel
        if not self._settings.flip:
            return row, column
        return kernel.height - 1 - row, kernel.width - 1 - column

    def _show_status(self) -> None:
        """Tell the status bar the pixel in the middle of the window."""
        if self._laid is not None and self.isVisible():
            self._context.status(self._walk.status(self._laid.image), self._computed)

    _computed: str | None = None

    def _seen(self, image: Image) -> Seen:
        """Return what of the map will be on the screen."""
        geometry, now = self._settings.geometry(image), self.map.view.frame
        frame = Frame(self.viewport)
        frame.size, frame.ratio, frame.region = now.size, now.ratio, map_region(geometry)
        frame.rows, frame.columns = geometry.out_height, geometry.out_width
        return Seen.of(frame)

    def _palette(self) -> Palette:
        return signed_palette(self._context.theme)

    def _least_cards(self) -> int:
        return self.kernel.least_height()

    def _about(self) -> object:
        settings = self.model.settings
        kernel = settings.kernel.renamed("")
        return replace(
            settings, kernel=kernel, preset="", parameters=(), display="auto", plane=0, exact=False
        )

    def _say(self, sentence: str) -> None:
        self.kernel.say(sentence)

    def _show_settings(self) -> None:
        if self._laid is not None:
            self.kernel.show_laid(self._laid)

    def _restyle(self) -> None:
        if self._image is self._context.session.image:  # else it is shown with the page
            self._demand()
        self._fit_strip()


def _arithmetic(laid: LaidFilter, row: int, column: int) -> ConvolvedCell:
    """Return one cell as the strip shows it."""
    across = laid.settings.applied_to == "across"
    bands = laid.bands if across else (laid.bands[laid.map_looked_at],)
    cell = laid.cell(row, column)
    return ConvolvedCell(
        cell, row, column, bands, laid.settings.activation, *laid.image.value_range
    )
