"""Move it: how the probability of a class bears shifting, turning and scaling, for two networks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from visualizer.state.inspect_work import Source
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets import map_scale
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.fields import LabelledChoice
from visualizer.ui.widgets.line_plot import Line, LinePlot

if TYPE_CHECKING:
    from visualizer.learning.moving import Sweep

NOBODY, MLP = "", "train an MLP"
_ROLES = ("accent", "here")
_NOTHING = "Draw something: how sure does it stay when that is shifted, turned or scaled?"


class MoveCard(Card):
    """Shows what becomes of the probability of one class.

    Signals:
        rivalChosen(str): compare with this network: the key of a source, NOBODY or MLP.
    """

    rivalChosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Move it")
        self._theme = theme
        self._swept: dict[int, tuple[str, Sweep]] = {}
        self._target = ""
        self.rival = LabelledChoice(theme, "", name="Compare with", tip="A second network")
        leave_focus(self.rival)
        self.rival.currentChanged.connect(self.rivalChosen)
        self.maps = [ShiftMap(theme) for _ in _ROLES]
        self.angles = LinePlot(theme, "turned", (-180, 180), "°")
        self.zooms = LinePlot(theme, "scaled", (0.4, 1.6), "×")
        self.sentence = ElidedLabel(_NOTHING, "muted")
        row = QHBoxLayout()
        row.setSpacing(8)
        for heat in self.maps:
            row.addWidget(heat, 3)
        for plot in (self.angles, self.zooms):
            row.addWidget(plot, 5)
        self.maps[1].hide()
        self.note.hide()
        self.what = ElidedLabel("", "muted")
        self.top.addWidget(self.what)
        self.top.addWidget(self.rival)
        self.body.setSpacing(4)
        self.body.addLayout(row, 1)
        self.body.addWidget(self.sentence)
        self.show_rivals((), NOBODY, "")

    def show_rivals(self, sources: Sequence[Source], current: str, progress: str) -> None:
        """Offer these networks; `progress` tells how far an MLP is that is being trained."""
        options = [(source.key, f"against {source.title}") for source in sources]
        train = (MLP, progress or "against an MLP: train it now")
        self.rival.set_options([(NOBODY, "compare with…"), *options, None, train])
        keys = {NOBODY, *(key for key, _ in options)}
        self.rival.set_current(MLP if progress else current if current in keys else NOBODY)

    def show_sweep(self, which: int, name: str, target: str, swept: "Sweep") -> None:
        """Show the sweep of the network (0) or of its rival (1)."""
        self._swept[which] = (name, swept)
        self._target = target
        self._show()

    def forget(self, *which: int) -> None:
        """Show nothing of these networks any more."""
        for one in which:
            self._swept.pop(one, None)
        self._show()

    def _show(self) -> None:
        turned, scaled, words = [], [], []
        for which, heat in enumerate(self.maps):
            heat.setVisible(which == 0 or which in self._swept)
            if which not in self._swept:
                heat.set_shifts("", np.zeros((1, 1), np.float32), "muted")
                continue
            name, swept = self._swept[which]
            heat.set_shifts(name, swept.shifts, _ROLES[which])
            role = _ROLES[which]
            turned.append(Line(np.linspace(-180, 180, len(swept.angles)), swept.angles, role))
            scaled.append(Line(np.linspace(0.4, 1.6, len(swept.zooms)), swept.zooms, role))
            words.append(f"{name}: above ½ in {100 * swept.robust:.0f} % of the square")
        self.angles.set_lines(turned)
        self.zooms.set_lines(scaled)
        self.what.set_text(f"probability of {self._target}" if self._swept else "")
        self.sentence.set_text(" · ".join(words) or _NOTHING)


class ShiftMap(QWidget):
    """The probability at every shift, dark to bright; no shift is in the middle."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._name, self._role = "", "muted"  # without a name nothing is known yet
        self._shifts: npt.NDArray[np.float32] = np.zeros((1, 1), np.float32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("Shifted up, down, left and right by so many pixels: how probable it stays")
        theme.changed.connect(self.update)

    def set_shifts(self, name: str, shifts: npt.NDArray[np.float32], role: str) -> None:
        """Show probabilities (n, n); NaN is not known yet. Without a name, show nothing."""
        self._name, self._shifts, self._role = name, shifts, role
        self.setAccessibleName(f"Shifts, {name}")
        self.update()

    def is_empty(self) -> bool:
        """Return whether there is nothing to show."""
        return not self._name

    def minimumSizeHint(self) -> QSize:
        """A small square and a line of text."""
        side = self._theme.px(72)
        return QSize(side, side + self._theme.px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the map, a cross in its middle, and its name; nothing while there is none."""
        if self.is_empty():
            return
        px, reach = self._theme.px, len(self._shifts) // 2
        table = map_scale.color_table("activation", self._theme)
        levels = np.nan_to_num(self._shifts * (map_scale.LEVELS - 1)).astype(np.uint8)
        colors = np.ascontiguousarray(table.take(levels))
        side = min(self.width(), self.height() - px(18))
        room = QRectF(0, 0, side, side)
        count = len(colors)
        kind = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(colors.data, count, count, 4 * count, kind)
        with QPainter(self) as painter:
            painter.drawImage(room, image)
            painter.setPen(QPen(self._theme.color("mark"), 1))
            middle, arm = room.center(), px(4)
            painter.drawLine(middle - QPointF(arm, 0), middle + QPointF(arm, 0))
            painter.drawLine(middle - QPointF(0, arm), middle + QPointF(0, arm))
            painter.setFont(self._theme.font("caption"))
            painter.setPen(self._theme.color(self._role))
            below = QRectF(0, side, self.width(), px(18))
            text = painter.fontMetrics().elidedText(
                f"{self._name}, ±{reach} px", Qt.TextElideMode.ElideMiddle, self.width()
            )
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, text)
