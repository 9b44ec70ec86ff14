"""The Pooling page: a picture, a window, the pooled map, and every number on the way."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction

from visualizer.core.display import Rgb8, signed
from visualizer.core.image import Image
from visualizer.core.pooling_examples import POOLING_EXAMPLES
from visualizer.state.filters import FilterFrame, map_region
from visualizer.state.matrix import SIDE_LIMIT
from visualizer.state.pooling import PoolFrame
from visualizer.state.pooling_model import PoolingModel, fitted
from visualizer.state.pooling_settings import PoolingSettings
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.exports import ExportedMap, MapExports, file_name
from visualizer.ui.pages import pooling_tour
from visualizer.ui.pages.picture_cards import InputCard, MapCard, signed_palette
from visualizer.ui.pages.pooling_cells import arithmetic, chosen, offered_map, origin, pixel
from visualizer.ui.pages.pooling_controls import PoolingCard
from visualizer.ui.pages.pooling_engine import PoolingEngine, Result
from visualizer.ui.pages.pooling_examples import show_example
from visualizer.ui.pages.pooling_export import script_of
from visualizer.ui.pages.pooling_shift import ShiftCard
from visualizer.ui.pages.stepping import (
    StripCard,
    Walk,
    add_step_commands,
    add_zoom_commands,
    transport,
)
from visualizer.ui.pages.stepping_page import SteppingPage
from visualizer.ui.widgets.picture import Picture

_APPLIED_TO = (
    ("luma", "Luma", "The grey of the picture: 0.299 R + 0.587 G + 0.114 B"),
    ("each", "Each channel", "Every channel is pooled by itself"),
)
_SLOW_MS = 500  # from then on it is said that work is going on
_LEAST_CARDS = 250  # px at scale 1: the least height for the cards


class PoolingPage(SteppingPage):
    """Puts the cards together: their wishes go to `model`, its changes are shown in them.

    Attributes:
        frame: what is on show, once the first map is finished; the raw numbers are in it.
    """

    title = "Pooling"
    icon = "mdi6.arrow-collapse-all"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model: PoolingModel = PoolingModel(context.session.image)
        self.frame: PoolFrame | None = None
        self._result: Result | None = None
        theme = context.theme
        self._engine = PoolingEngine(self)
        self._slow = QTimer(self, interval=_SLOW_MS, singleShot=True)
        self._slow.timeout.connect(lambda: context.status("Working on a large picture…", None))
        examples, draw_again = self._add_commands()
        self.input = InputCard(theme, self.viewport, _APPLIED_TO)
        self.card = PoolingCard(theme, draw_again)
        self.map = MapCard(theme, "Pooled map", self.viewport, "Pooling…")
        self.shift = ShiftCard(theme, self.viewport, examples)
        asking = [context.actions[f"pooling.{key}"] for key in ("predict", "reveal")]
        self.strip = StripCard(theme, examples, asking)
        self._transport = transport(theme, context.actions, "pooling", self.stepper)
        self._walk = Walk(self.stepper, self.input.view, self.map.view, self._transport)
        self._exports = MapExports(
            context, self, self.title, "pooling.export", "pooled map", self._exported
        )
        cards = (self.input, self.card, self.map, self.shift)
        self._lay_out_cards(cards, fixed=self.card)
        self.shift.hide()
        self._align()
        self._connect()

    def tour(self, shot: Callable[[str], None]) -> None:
        """Show the best there is to see."""
        pooling_tour.run(self, self._context, shot)

    def close_work(self) -> None:
        """End the pooling thread, and the playing."""
        self.stepper.pause()
        self._slow.stop()
        self._exports.close_work()
        self._engine.close()

    def _connect(self) -> None:
        model, stepper, card = self.model, self.stepper, self.card
        session = self._context.session
        session.image_changed.connect(self._image_changed)
        session.feature_sent.connect(self._take_map)
        self._context.theme.changed.connect(self._restyle)
        model.changed.connect(self._settings_changed)
        stepper.moved.connect(self._show_position)
        stepper.changed.connect(self._show_position)
        self._engine.finished.connect(self._show_result)
        self._engine.failed.connect(unexpected)
        card.edited.connect(self._edit)
        card.windowEdited.connect(
            lambda label, merge, changes: self.attempt(
                partial(model.change_window, label, merge, **changes)
            )
        )
        card.squareWanted.connect(lambda on: self.attempt(partial(model.make_square, on)))
        card.windowWanted.connect(lambda *to: self.attempt(partial(model.choose_window, *to)))
        self.input.appliedTo.connect(lambda *to: self.attempt(partial(model.apply_to, *to)))
        self.map.mapChosen.connect(lambda i: self._edit("pooled map", "", {"plane": i}))
        self.strip.exactChosen.connect(lambda on: self._edit("exact", "", {"exact": on}))
        self.strip.weightHovered.connect(self._light)
        self.strip.weightLeft.connect(lambda: self._light(None))
        card.pad.moved.connect(model.move)
        card.pad.centred.connect(lambda: self._edit("shift", "", {"shift": (0, 0)}))
        self.shift.thresholdChosen.connect(
            lambda share: self._edit("threshold", "", {"threshold": share})
        )

    def _add_commands(self) -> tuple[list[QAction], QAction]:
        """Register the page's commands; return those that show an example, and "Draw again"."""
        actions = self._context.actions
        add_step_commands(actions, "pooling", self.stepper, self.title, self._arrow)
        add_zoom_commands(actions, "pooling", self.viewport, self.title)
        draw = actions.add(
            "pooling.draw", "Draw again", self._draw_again, menu="Step", page=self.title,
            shortcuts="D", tip="Stochastic pooling: draw other numbers",
        )  # fmt: skip
        examples = [
            actions.add(
                f"pooling.example.{example.key}",
                example.title,
                partial(show_example, self, self._context, example),
                menu="Examples",
                page=self.title,
                tip=example.caption,
            )
            for example in POOLING_EXAMPLES
        ]
        return examples, draw

    def _arrow(self, down: int, right: int) -> None:
        """Shift the picture, or step, whichever is on show."""
        if self.model.settings.view == "shift":
            self.model.move(down, right)
        elif down:
            self.stepper.next_row(down)
        else:
            self.stepper.step(right)

    # Edits

    def _exported(self) -> ExportedMap | None:
        if self.frame is None:
            return None
        frame, palette = self.frame, signed_palette(self._context.theme)
        return ExportedMap(
            file_name(f"{Path(frame.source.name).stem}-{frame.settings.kind}"),
            frame.feature,
            frame.bands,
            lambda: frame.paint(frame.feature, frame.scale, palette),
            partial(script_of, frame),
        )

    def _draw_again(self) -> None:
        if self.model.settings.kind == "stochastic":
            self.model.draw_again()
        else:
            self._context.tell("Only stochastic pooling draws: choose “Stochastic: training”.")

    def _take_map(self, frame: FilterFrame) -> None:
        self.model.take(self._context.session.image)
        self.attempt(partial(self.model.send, frame))

    # What is on show

    def _image_changed(self, image: Image) -> None:
        self.model.take(image)
        if self.isVisible():
            self._show_image(image)

    def _settings_changed(self, before: PoolingSettings, after: PoolingSettings) -> None:
        self._demand()

    def _demand(self) -> None:
        """Pool anew."""
        image = self._context.session.image
        settings, _ = fitted(self.model.settings, image)
        self._slow.start()
        self._engine.demand(settings, image, signed_palette(self._context.theme))

    def _show_result(self, result: Result) -> None:
        self._slow.stop()
        before, self._result = self._result, result
        self.frame = frame = result.frame
        self._image = self._context.session.image
        is_map = frame.applied == "map"  # what was told of the picture is not true of its map
        self.strip.show_caption(None if is_map else self._image, self._about())
        palette = signed_palette(self._context.theme)
        self._walk.take(
            frame.geometry, anew=before is None or before.frame.source is not frame.source
        )
        self._show_view(frame.settings)
        self._align()
        self.card.show_frame(frame)
        self.input.offer(frame.image.bands, offered_map(frame))
        self.input.show_laid(frame)
        self.map.show_laid(frame)
        self.map.show_numbers(frame, palette)
        self.map.view.frame.place(region=map_region(frame.geometry))
        self.map.view.set_picture(result.map, frame.feature)
        self._show_input()
        if result.shift is not None:
            self.shift.show_comparison(result.shift, palette)
        self._show_position()
        self._fit_strip()

    def _show_view(self, settings: PoolingSettings) -> None:
        """Show the cards that a view has, and no others."""
        shifted = settings.view == "shift"
        for card in (self.input, self.map, self.strip, self._transport):
            card.setVisible(not shifted)
        self.shift.setVisible(shifted)
        self.input.heading.setText("Gradient" if self._gradient_shown() else "Input")

    def _show_input(self) -> None:
        """Show what is pooled, or the gradient that comes back."""
        result, frame = self._result, self.frame
        assert result is not None and frame is not None
        values = result.input_values
        if frame.settings.view == "backwards" and frame.settings.all_cells:
            values = values[:, :, [frame.map_looked_at]]
        self.input.view.set_picture(result.input, values)

    def _show_winners(self) -> None:
        """Mark all winners, unless the class is to find them."""
        assert self.frame is not None
        settings, winners = self.frame.settings, None
        wanted = settings.winners and settings.kind in ("max", "stochastic")
        if wanted and settings.view == "forwards" and not self.stepper.predicting:
            winners = self.frame.winners_looked_at
        self.input.view.set_dots(winners)

    def _show_position(self) -> None:
        """Show the window, the cell, what is computed, and the arithmetic."""
        frame, stepper = self.frame, self.stepper
        if frame is None:
            return
        self._walk.show()
        self._show_winners()
        row, column = stepper.row_column(stepper.shown)
        self.strip.show_cell(
            arithmetic(frame, row, column), exact=frame.settings.exact, hidden=stepper.hidden
        )
        if self._gradient_shown() and not frame.settings.all_cells:
            self._show_gradient(row, column)
        row, column = stepper.row_column(stepper.position)
        self.input.show_window(frame, row, column, stepper.pinned is not None, origin(frame))
        self._light(None)
        self._show_status()

    def _gradient_shown(self) -> bool:
        """Tell whether the input card shows a gradient: one cell's only where it can be read."""
        assert self.frame is not None
        settings, source = self.frame.settings, self.frame.source
        small = max(source.height, source.width) <= SIDE_LIMIT
        return settings.view == "backwards" and (settings.all_cells or small)

    def _show_gradient(self, row: int, column: int) -> None:
        """Show in the input what one output cell sends back, unless the class is to predict it."""
        assert self.frame is not None and self._result is not None
        frame = self.frame
        if self.stepper.hidden:
            self.input.view.set_picture(self._result.input, self._result.input_values)
            return
        palette = signed_palette(self._context.theme)
        arriving = frame.arriving(row, column)
        largest = float(np.abs(arriving).max())

        def paint(block: np.ndarray) -> Rgb8:
            return signed(np.ascontiguousarray(block[:, :, 0]), largest, palette)

        self.input.view.set_picture(Picture.of(arriving, paint), arriving)

    def _light(self, row: int | None, column: int = 0) -> None:
        """Light the pixel at a place of the window; None: the winner, where there is one."""
        if self.frame is None:
            return
        stepper, view = self.stepper, self.input.view
        cell = self.frame.cell(*stepper.row_column(stepper.shown))
        place = (row, column) if row is not None else chosen(cell, stepper.hidden)
        at = None if place is None else pixel(cell, *place)
        if at is None:
            view.set_highlights()
        else:
            view.set_highlights(range(at[0], at[0] + 1), range(at[1], at[1] + 1))
        self.strip.light(row, column)

    def _show_status(self) -> None:
        """Tell the status bar the pixel in the middle of the window."""
        if self.frame is not None and self._result is not None and self.isVisible():
            took = f"pooling {self._result.took:.1f} ms"
            shifting = self.frame.settings.view == "shift"
            self._context.status("" if shifting else self._walk.status(self.frame.source), took)

    def _least_cards(self) -> int:
        return self._context.theme.px(_LEAST_CARDS)

    def _about(self) -> object:
        now = self.model.settings
        return now.applied_to, now.channel, now.kind, now.window, now.count_padding

    def _say(self, sentence: str) -> None:
        self.card.say(sentence)

    def _show_settings(self) -> None:
        if self.frame is not None:
            self.card.show_frame(self.frame)

    def _restyle(self) -> None:
        if self._image is self._context.session.image:  # else it is shown with the page
            self._demand()
        QTimer.singleShot(0, self, self._align)  # the choice has its new size then
        self._fit_strip()

    def _align(self) -> None:
        """Let both pictures begin at the same height, though only one has a choice above it."""
        self.map.set_top_height(self.input.control_height())
