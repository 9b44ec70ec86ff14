"""Pictures that change many times a second are painted alone, without the card and the page."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication

from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.curve_legend import CurveLegend, Entry
from visualizer.ui.widgets.curve_plot import CurvePlot
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.probability_bars import ProbabilityBars


class _Painted(QObject):
    """Counts how often widgets are painted."""

    def __init__(self, *widgets):
        super().__init__()
        self.times = dict.fromkeys(widgets, 0)
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.times[watched] += 1
        return False


def _mosaic(theme):
    mosaic = MapMosaic(theme, "conv1")
    mosaic.set_maps(np.zeros((2, 4, 4), np.float32))
    return mosaic, lambda: mosaic.set_maps(np.ones((2, 4, 4), np.float32))


def _bars(theme):
    bars = ProbabilityBars(theme)
    bars.set_names(["cat", "dog"])
    return bars, lambda: bars.set_probabilities([0.25, 0.75])


def _legend(theme):
    legend = CurveLegend(theme)
    return legend, lambda: legend.set_entries((Entry("train", "accent", "0.5"),))


@pytest.mark.parametrize("make", [_mosaic, _bars, _legend])
def test_the_card_behind_is_not_painted_again(qtbot, theme, make):
    card = Card("Card")
    widget, change = make(theme)
    card.body.addWidget(widget)
    qtbot.addWidget(card)
    card.resize(300, 300)
    card.show()
    qtbot.waitExposed(card)
    qtbot.wait(20)  # until all is painted once
    painted = _Painted(card, widget)
    change()
    qtbot.waitUntil(lambda: painted.times[widget] == 1)
    assert painted.times[card] == 0
    colour = card.grab().toImage().pixelColor(widget.geometry().bottomRight()).name()
    assert colour == theme.color("card").name(), "the ground is that of the card"


def test_nor_behind_a_plot(qtbot, theme):
    plot = CurvePlot(theme, "Loss")
    plot.add_curve("a", "train", "accent")
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show()
    qtbot.waitExposed(plot)
    qtbot.wait(20)
    area = plot._plot.viewport()
    painted = _Painted(plot, area)
    plot.append("a", [1, 2], [0.5, 0.25])
    qtbot.waitUntil(lambda: painted.times[area] > 0)
    assert painted.times[plot] == 0


def test_what_lies_behind_is_painted_where_they_share_screen_pixels(qtbot, theme):
    bars, _ = _bars(theme)
    qtbot.addWidget(bars)
    assert bars.testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
    bars.devicePixelRatioF = lambda: 1.5
    QApplication.sendEvent(bars, QEvent(QEvent.Type.DevicePixelRatioChange))
    assert not bars.testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
