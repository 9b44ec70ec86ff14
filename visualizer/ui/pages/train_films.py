"""Export of kernels or maps over time, as a GIF or a video, from the history of a run."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from visualizer.core import film, time_film
from visualizer.ui.context import Context
from visualizer.ui.saver import Saver
from visualizer.ui.time_machine import TimeMachine

if TYPE_CHECKING:
    from visualizer.learning.history import Moment

_KINDS = "Animated GIF (*.gif);;WebM video (*.webm);;MPEG-4 video (*.mp4)"
Tick = Callable[[float], None]


class TrainFilms(QObject):
    """Registers the commands and writes the films off the GUI thread."""

    def __init__(
        self, context: Context, page: QWidget, time: TimeMachine, layer: Callable[[], str]
    ) -> None:
        """`layer` returns the convolution whose kernels are on show."""
        super().__init__(page)
        self._context, self._time, self._layer = context, time, layer
        self._saver = Saver(context, page)
        for key, text, maps in (
            ("kernel_film", "Save kernels over time…", False),
            ("map_film", "Save maps over time…", True),
        ):
            context.actions.add(
                f"train.{key}",
                text,
                lambda maps=maps: self.save(maps),
                menu="Export",
                page="Train",
                tip="Of the convolution whose kernels are on show, at every kept step",
            )

    def close_work(self) -> None:
        """Cancel what is being written."""
        self._saver.close()

    def save(self, maps: bool) -> None:
        """Ask for a file and write the film."""
        layer, history = self._layer(), self._time.history
        moments = () if history is None else history.moments()
        if len(moments) < 2 or not layer:
            self._context.tell(
                "There is no history to film yet: train a network first.",
                until=self._context.training().changed,
            )
            return
        write = self.writer(layer, moments, maps)
        name = f"{layer}-{'maps' if maps else 'kernels'}"
        self._saver.ask("Save over time", name, _KINDS, write)

    def writer(
        self, layer: str, moments: "tuple[Moment, ...]", maps: bool
    ) -> Callable[[Path, Tick], None]:
        """Return what writes the film to a path."""
        colors = self._context.theme.colors
        style = film.Style(
            **{name: getattr(colors, name) for name in film.Style.__dataclass_fields__}
        )
        maps_at = self._time.maps_of(layer) if maps else None

        def tiles(position: int) -> Any:
            moment = moments[position]
            if maps_at is not None:
                return maps_at(moment)
            kernels = moment.weights[f"layers.{layer}.weight"].numpy()
            return kernels.reshape(-1, *kernels.shape[2:])

        def write(path: Path, tick: Tick) -> None:
            title = f"{layer}, {'maps' if maps else 'kernels'}"
            painter = time_film.TimePainter(title, [m.step for m in moments], tiles, style)
            to_file = film.write_gif if path.suffix.lower() == ".gif" else film.write_video
            to_file(painter, time_film.plan(len(moments)), path, tick)

        return write
