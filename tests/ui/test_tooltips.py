"""Names of runs, files and classes are read in tooltips as they are, whatever they hold."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QHelpEvent, QTextDocument
from PySide6.QtGui import Qt as Text
from PySide6.QtWidgets import QApplication, QComboBox, QToolTip

from visualizer.state.runs import Runs
from visualizer.state.training import Experiment
from visualizer.ui.pages.train_experiment import ExperimentCard
from visualizer.ui.pages.train_runs import RunList
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.choices import LabelledChoice
from visualizer.ui.widgets.confusion_grid import ConfusionGrid
from visualizer.ui.widgets.curve_legend import CurveLegend, Entry
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.number_line import NumberLine
from visualizer.ui.widgets.probability_bars import ProbabilityBars
from visualizer.ui.widgets.thumbnail_list import ThumbnailList

NAME = "<b>bold & &lt;small"
TIP = Qt.ItemDataRole.ToolTipRole


def read(tooltip: str) -> str:
    """What a user reads: Qt guesses whether a tooltip is HTML."""
    if not Text.mightBeRichText(tooltip):
        return tooltip
    document = QTextDocument()
    document.setHtml(tooltip)
    return document.toPlainText().replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    "text",
    [
        "Run 1",
        NAME,
        "&lt;b",
        "1 < 2 & 3 > 2",
        "<i>",
        "one\n<b>two",
        "<b>one\n  two",
        "a  <br> b",
        "",
    ],
)
def test_a_text_is_read_as_it_is(text):
    assert read(plain(text)) == text


def _elided(theme, _folder):
    label = ElidedLabel(NAME)
    label.resize(20, 20)
    label.grab()
    return label, label.toolTip()


def _thumbnail(theme, _folder):
    made = ThumbnailList(theme, (60, 40), lines=1, name="Pictures")
    made.set_items([(NAME, "photograph")])
    return made, made.item(0).toolTip()


def _problem(theme, _folder):
    made = ThumbnailList(theme, (60, 40), lines=1, name="Pictures")
    made.set_items([("a.png", "")])
    made.set_problem(0, f"{NAME} is no picture.")
    return made, made.item(0).toolTip()


def _legend(theme, _folder):
    legend = CurveLegend(theme)
    legend.set_entries((Entry(NAME, "text", "≈ 97.0 %"),))
    return legend, legend.toolTip()


def _run(theme, folder):
    runs = Runs(folder)
    runs.rename(runs.begin(Experiment()), NAME)
    listed = RunList(theme, runs)
    return listed, listed.topLevelItem(0).toolTip(0)


def _apart(theme, folder):
    runs = Runs(folder)
    for data in (("digits",), ("folder", f"/pictures/{NAME}")):
        runs.begin(Experiment(data=data))
    listed = RunList(theme, runs)
    return listed, listed.topLevelItem(0).child(0).toolTip(0)


def _option(theme, _folder):
    choice = LabelledChoice(theme, "Data", [("a", "A", f"/pictures/{NAME}")])
    return choice, choice.findChild(QComboBox).itemData(0, TIP)


def _numbers(theme, _folder):
    line = NumberLine(theme)
    line.show_parts((NAME, "text"), tip="of the picture")
    return line, line.toolTip()


def _refusal(theme, _folder):
    card = ExperimentCard(theme, [QAction("Start")])
    card.refuse(f"/pictures/{NAME} holds no folder.")
    return card, card.refusal.toolTip()


@pytest.mark.parametrize(
    "make",
    [_elided, _thumbnail, _problem, _legend, _run, _apart, _option, _numbers, _refusal],
)
def test_a_name_is_read_as_it_is(qtbot, theme, tmp_path, make):
    widget, tooltip = make(theme, tmp_path)
    qtbot.addWidget(widget)
    assert NAME in read(tooltip)


@pytest.mark.qt_log_ignore("does not support raise", extend=True)
@pytest.mark.parametrize("kind", [ProbabilityBars, ConfusionGrid])
def test_the_name_of_a_class_is_read_as_it_is(qtbot, theme, kind):
    widget = kind(theme)
    qtbot.addWidget(widget)
    widget.resize(300, 280)
    if kind is ProbabilityBars:
        widget.set_names([NAME, "b"])
        place = widget.row_rect(0).center().toPoint()
    else:
        widget.set_counts(np.eye(2, dtype=int), (NAME, "b"))
        place = widget.cell_rect(0, 0).center().toPoint()
    widget.show()
    qtbot.waitExposed(widget)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)
    assert NAME in read(QToolTip.text())
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
