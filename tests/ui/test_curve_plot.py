"""The curves of a run: points, ranges, marks, reading; and the trace behind them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visualizer.ui.widgets import curve_ticks
from visualizer.ui.widgets.curve_legend import CurveLegend, Entry
from visualizer.ui.widgets.curve_plot import CurvePlot
from visualizer.ui.widgets.curve_trace import MOST_BINS, Trace


@pytest.fixture
def plot(qtbot, theme):
    theme.set_choice("dark")
    plot = CurvePlot(theme, "Loss")
    qtbot.addWidget(plot)
    plot.resize(420, 260)
    plot.show()
    qtbot.waitExposed(plot)
    plot.add_curve("train", "train", "positive")
    return plot


def _falling(count, start=1):
    steps = np.arange(start, start + count)
    noise = np.random.default_rng(0).random(count)
    return steps, 2 * np.exp(-steps / 300) + 0.1 * noise


def _colors(plot):
    """What is painted beside the legend."""
    image = plot._plot.grab().toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_a_few_points_are_drawn_as_they_are(plot):
    plot.append("train", [1, 2, 3], [3.0, 2.0, 1.0])
    (steps, values), _ = plot.drawn("train")
    assert steps.tolist() == [1, 2, 3]
    assert values.tolist() == [3, 2, 1]


def test_many_points_are_few_and_keep_the_extremes(plot):
    steps, values = _falling(100_000)
    values[50_000] = 1.7
    for part in np.array_split(np.arange(100_000), 37):
        plot.append("train", steps[part], values[part])
    (xs, ys), (strong, _) = plot.drawn("train")
    assert len(xs) <= 1000
    assert len(strong) <= 1000
    assert ys.max() == values.max()
    assert ys.min() == values.min()
    assert 1.7 in ys
    assert xs[0] == 1
    assert xs[-1] == 100_000


def test_there_is_room_for_a_label_at_the_very_top(plot, theme):
    room = plot._plot.getViewBox().sceneBoundingRect().top()
    assert room >= QFontMetricsF(theme.font("caption")).capHeight() / 2


def test_the_curve_is_painted_in_its_colour(plot, theme):
    theme_color = theme.color("positive").name()
    assert theme_color not in _colors(plot)
    plot.append("train", *_falling(300))
    plot.set_crosshair(None)
    assert theme_color in _colors(plot)


def test_a_legend_without_room_for_one_row_takes_two(qtbot, theme):
    legend = CurveLegend(theme)
    qtbot.addWidget(legend)
    entries = Entry("train", "accent", "99.4 %"), Entry("validation", "text", "99.6 %")
    legend.set_entries(entries)
    metrics = QFontMetricsF(theme.font("caption"))
    legend.resize(300, legend.sizeHint().height())
    assert legend._words() == ("", (entries,))
    legend.resize(150, legend.height())
    assert legend._words() == ("", (entries[:1], entries[1:]))
    assert 2 * metrics.height() <= legend.height() + 1
    legend.grab()


@pytest.mark.parametrize(
    ("width", "lead", "names"),
    [
        (240, "step 189", ["train", "validation"]),
        (137, "189", ["train", "validation"]),  # the accuracy in a window of 1280 × 720
        (115, "", ["train", "validation"]),
        (105, "", ["train", "val"]),
    ],
)
def test_words_give_way_before_they_would_be_cut(qtbot, theme, width, lead, names):
    legend = CurveLegend(theme)
    qtbot.addWidget(legend)
    train = Entry("train", "accent", "100.0 %")
    legend.set_entries((train, Entry("validation", "text", "99.3 %", "val")), "step 189", "189")
    legend.resize(width, legend.sizeHint().height())
    said, rows = legend._words()
    assert said == lead and [entry.name for row in rows for entry in row] == names


def test_the_corner_is_painted_anew_only_when_it_reads_otherwise(plot, monkeypatch):
    plot.add_curve("validation", "validation", "text", noisy=False)
    plot.add_curve("1", "Run 1", "accent", noisy=False)
    plot.append("1", [1, 2], [3.0, 1.0])
    painted = []
    monkeypatch.setattr(plot._corner, "setGeometry", painted.append)
    monkeypatch.setattr(plot._corner, "update", lambda: painted.append(1))
    plot.append("train", [1, 2], [3.0, 2.0])
    assert not painted
    plot.append("1", [3], [0.5])
    assert painted == [1] and plot._corner.shown() == ["Run 1 0.500"]


def _covered(plot):
    """How many of the curves lie below what is read in the corner."""
    view, box = plot._plot.getViewBox(), plot._corner.geometry().toRectF()
    points = [zip(*plot.drawn(key)[1], strict=True) for key in tuple(plot._curves)]
    return sum(any(box.contains(view.mapViewToScene(QPointF(*p))) for p in c) for c in points)


def test_what_is_read_in_the_corner_goes_where_it_covers_the_least(plot):
    plot.add_curve("validation", "validation", "text", noisy=False)
    plot.set_span(40)
    steps = np.arange(41)
    for number in range(4):
        plot.add_curve(f"{number}", f"Run {number}", "accent", noisy=False)
    for number in range(4):  # falling: the right is free at the top
        plot.append(f"{number}", steps, 2 * np.exp(-steps / (5 + number)))
    right = plot._corner.geometry()
    assert right.center().x() > plot._plot.width() / 2 and not _covered(plot)
    for number in range(4):  # rising, as a loss that diverges
        plot.append(f"{number}", steps, 0.05 * steps - 0.1 * number)
    left = plot._corner.geometry()
    assert left.center().x() < plot._plot.width() / 2 and not _covered(plot)
    for number in range(4):
        plot.append(f"{number}", [41], [2.05 - 0.1 * number])
    assert plot._corner.geometry() == left, "it stays while curves only go on"


def test_what_is_read_in_the_corner_goes_out_of_the_way_on_another_axis_too(plot):
    plot.add_curve("validation", "validation", "text", noisy=False)
    plot.set_span(40)
    steps = np.arange(41)
    values = np.where(steps, 5 * np.exp((steps - 40) / 5), 10)  # free: right at the top, then left
    for number in range(4):
        plot.add_curve(f"{number}", f"Run {number}", "accent", noisy=False)
        plot.append(f"{number}", steps, values * 0.9**number)
    assert plot._corner.geometry().center().x() > plot._plot.width() / 2
    plot.set_switch(True)
    assert plot._corner.geometry().center().x() < plot._plot.width() / 2


def test_what_is_read_in_the_corner_is_shortened_where_it_would_cover_much(plot):
    plot.resize(280, 190)  # in a window of 1280 × 720
    plot.add_curve("validation", "validation", "text", noisy=False)
    plot.set_span(40)
    steps = np.arange(41)
    for number in range(7):
        plot.add_curve(f"{number}", f"Run {number}", "accent", noisy=False)
    for number in range(7):
        plot.append(f"{number}", steps, 1.6 - 0.1 * number + 0.6 * np.exp(-steps / 3))
    assert len(plot._corner.shown()) < 7 and plot._corner.shown()[-1].endswith("more")
    assert _covered(plot) <= 3, "of the seven"
    assert "Run 6 1.0" in plot.readout()


def test_a_long_name_leaves_half_of_the_plot_and_the_number(plot, theme):
    plot.add_curve("validation", "validation", "text", noisy=False)
    plot.add_curve("1", "a run with quite a long name " * 4, "accent", noisy=False)
    plot.append("1", [1, 2], [3.0, 1.0])
    assert plot._corner.width() <= 0.61 * plot._plot.width()
    cut = plot._corner.grab().toImage()
    plot.rename("1", "a run with quite a long name " * 8)
    assert plot._corner.shown()[0].endswith(" 1.000")
    right = range(cut.width() - round(theme.text_width("caption", "1.000")), cut.width())
    again = plot._corner.grab().toImage()
    assert len({cut.pixel(x, y) for x in right for y in range(cut.height())}) > 2
    assert all(cut.pixel(x, y) == again.pixel(x, y) for x in right for y in range(cut.height()))


def test_a_dashed_curve_has_gaps_and_a_ring_in_the_legend(plot, theme):
    counts = []
    for dashed in (False, True):
        plot.add_curve("train", "train", "invalid", noisy=False, dashed=dashed)
        plot.append("train", [0, 20], [1.0, 1.0])
        counts.append([])
        for part in (plot._plot, plot._legend):
            seen, color = part.grab().toImage(), theme.color("invalid").rgb()
            places = [(x, y) for x in range(seen.width()) for y in range(seen.height())]
            counts[-1].append(sum(seen.pixel(*place) == color for place in places))
    (line, dot), (dashes, ring) = counts
    assert 0.4 * line < dashes < 0.9 * line and ring < dot


def test_a_number_from_some_of_the_images_is_marked(plot):
    plot.add_curve("validation", "validation", "text", noisy=False)
    plot.append("validation", [10, 20, 30], [3.0, 2.0, 1.0], rough=[20])
    assert plot.readout().endswith("validation 1.000")
    plot.append("validation", [40], [0.5], rough=[40])
    assert plot.readout().endswith("validation ≈ 0.500")
    assert "on some of the validation images" in plot._legend.toolTip()
    for step, read in ((10, "3.000"), (15, "≈ 2.500"), (20, "≈ 2.000"), (30, "1.000")):
        plot.set_crosshair(step)
        assert plot.readout().endswith(f"validation {read}")
    plot.append("validation", [40], [0.4])  # once it has gone back
    plot.set_crosshair(None)
    assert plot.readout().endswith("validation 0.400")


def test_every_run_is_read_somewhere(plot, theme):
    plot.resize(280, 190)  # in a window of 1280 × 720
    plot.add_curve("validation", "validation", "text", noisy=False)
    for number in range(1, 4):
        plot.add_curve(f"{number}", f"Run {number}", "accent", noisy=False)
        plot.append(f"{number}", [1, 2, 3], [3.0, 2.0, number])
    assert plot._corner.shown() == ["Run 1 1.000", "Run 2 2.000", "Run 3 3.000"]
    assert plot._plot.rect().contains(plot._corner.geometry())
    assert plot.readout().endswith("Run 1 1.000 · Run 2 2.000 · Run 3 3.000")
    plot.set_crosshair(2)
    assert plot._corner.shown()[2] == "Run 3 2.000"
    for number in range(4, 30):
        plot.add_curve(f"{number}", f"Run {number}", "accent", noisy=False)
    shown = plot._corner.shown()
    assert shown[-1] == f"and {29 - len(shown) + 1} more"
    assert theme.color("accent").name() in {
        plot._corner.grab().toImage().pixelColor(7, y).name() for y in range(12)
    }
    for number in range(1, 30):
        plot.remove_curve(f"{number}")
    assert not plot._corner.isVisible() and not plot._corner.shown()


def test_what_is_read_in_the_corner_leaves_room_for_named_changes(plot):
    plot.add_curve("validation", "validation", "text", noisy=False)
    plot.add_curve("1", "Run 1", "accent", noisy=False)
    plot.append("1", [1, 10], [0.4, 0.3])
    before = plot._corner.geometry()
    plot.set_changes([(2.0, "rate 0.1")])
    assert plot._corner.geometry() == before, "far from that"
    plot.set_changes([(13.0, "learning rate 0.1")])
    name = plot._names[0]
    box = name.mapRectToScene(name.boundingRect())
    assert box.right() > before.left(), "it stands where the corner was read"
    assert not box.intersects(plot._corner.geometry().toRectF()) and not _covered(plot)


def test_the_legend_reads_the_ends_and_the_crosshair(plot):
    plot.add_curve("validation", "validation", "accent", noisy=False)
    plot.append("train", [1, 2, 3], [3.0, 2.0, 1.0])
    plot.append("validation", [1, 3], [4.0, 2.0])
    assert plot.readout() == "train 1.000 · validation 2.000"
    plot.set_crosshair(2)
    assert plot.readout() == "step 2 · train 2.000 · validation 3.000"
    plot.set_crosshair(15)
    assert plot.readout() == "step 15 · train · validation"


def test_the_pointer_moves_the_crosshair(qtbot, plot):
    plot.append("train", [0, 20], [1.0, 1.0])
    middle = plot._plot.viewport().rect().center()
    qtbot.mouseMove(plot._plot.viewport(), middle)
    assert plot.readout().startswith("step ")
    qtbot.mouseMove(plot._plot.viewport(), QPoint(2, 2))
    assert plot.readout() == "train 1.000"


def test_the_moment_looked_at_is_marked_and_read_while_none_is_pointed_at(plot):
    plot.append("train", [1, 3], [3.0, 1.0])
    plot.set_moment(2)
    assert plot._cross_line.isVisible() and plot._cross_line.value() == 2
    assert plot.readout() == "step 2 · train 2.000"
    plot.set_crosshair(3)
    assert plot.readout() == "step 3 · train 1.000" and plot._cross_line.value() == 3
    plot.set_crosshair(None)
    assert plot.readout() == "step 2 · train 2.000" and plot._cross_line.value() == 2
    plot.set_moment(None)
    assert plot.readout() == "train 1.000" and not plot._cross_line.isVisible()


def test_the_keyboard_moves_the_crosshair(qtbot, plot):
    plot.append("train", [0, 20], [1.0, 1.0])
    plot.set_crosshair(10)
    qtbot.keyClick(plot._plot, Qt.Key.Key_Right)
    assert plot.readout().startswith("step 11")
    qtbot.keyClick(plot._plot, Qt.Key.Key_Left)
    assert plot.readout().startswith("step 10")
    qtbot.keyClick(plot._plot, Qt.Key.Key_Escape)
    assert plot.readout() == "train 1.000"


def test_the_axes_grow_in_leaps(plot):
    ranges = set()
    for start in range(1, 2001, 20):
        plot.append("train", *_falling(20, start))
        ranges.add(plot.view_range())
    assert len(ranges) <= 15
    assert plot.view_range()[0][1] >= 2000


def test_an_end_that_is_near_fixes_the_axis(plot):
    plot.set_span(469)
    plot.append("train", *_falling(1))
    assert plot.view_range()[0] == (0, 469)


def test_the_beginning_of_a_long_run_fills_the_plot(plot):
    plot.set_span(4690)
    for start in range(1, 1001, 20):
        plot.append("train", *_falling(20, start))
        assert start < 20 or plot.view_range()[0][1] < 2 * (start + 20)
    plot.append("train", *_falling(300, 1001))
    assert plot.view_range()[0] == (0, 4690)


def test_a_single_spike_does_not_flatten_the_rest(plot):
    steps, values = _falling(500)
    values[400], values[401], values[402] = 20, np.inf, np.nan
    plot.append("train", steps, values)
    assert 2 < plot.view_range()[1][1] < 4


def test_a_logarithmic_axis_leaves_out_what_is_not_above_zero(plot):
    plot.append("train", [1, 2, 3], [100.0, 0.0, 1.0])
    plot.set_switch(True)
    (steps, values), _ = plot.drawn("train")
    assert steps.tolist() == [1, 3]
    assert values.tolist() == [2, 0]
    bottom, top = plot.view_range()[1]
    assert bottom < 0 < 2 < top
    plot.set_switch(False)
    assert plot.view_range()[1][0] == 0


def test_a_share_reads_in_percent_and_can_be_looked_at_closely(qtbot, theme):
    plot = CurvePlot(theme, "Accuracy", share=True)
    qtbot.addWidget(plot)
    plot.add_curve("v", "validation", "accent", noisy=False)
    plot.append("v", [1, 2], [0.5, 0.976])
    assert plot.readout() == "validation 97.6 %"
    assert plot.view_range()[1] == (0, pytest.approx(1.04))
    plot.set_switch(True)
    assert plot.view_range()[1] == (0.8, pytest.approx(1.008))


def test_curves_are_renamed_and_taken_away(plot, theme):
    plot.append("train", *_falling(300))
    plot.add_curve("other", "run 2", "accent")
    plot.append("other", *_falling(900))
    plot.append("other", *_falling(10, 901))
    plot.rename("other", "gentle")
    assert "gentle 0." in plot.readout()
    assert plot.drawn("other")[0][0][-1] == 910
    plot.remove_curve("other")
    assert plot.keys() == ("train",)
    plot.clear()
    assert plot.keys() == ()
    assert plot.readout() == ""


def test_epochs_and_changes_are_marked(plot, theme):
    plot.append("train", *_falling(100))
    assert theme.color("here").name() not in _colors(plot)
    plot.set_epochs([20, 40])
    heights = plot._epoch_lines.getData()[1]
    assert (heights.min(), heights.max()) == (plot._bottom, plot._top)  # an SVG does not cut them
    plot.set_changes([(30, "learning rate 0.001 to 0.0001")])
    assert theme.color("here").name() in _colors(plot)
    assert [label.toPlainText() for label in plot._names] == ["learning rate 0.001 to 0.0001"]
    plot.set_changes(())
    assert theme.color("here").name() not in _colors(plot)


def test_ends_of_epochs_that_would_fill_the_plot_are_not_drawn(qtbot, plot):
    plot.resize(400, 260)
    plot.show()
    plot.append("train", *_falling(400))
    for every, drawn in ((40, True), (2, False)):
        plot.set_epochs(np.arange(every, 401, every))
        assert bool(len(plot._epoch_lines.getData()[0])) is drawn
    plot.set_epochs(np.arange(8, 401, 8))
    plot.resize(1400, 260)
    qtbot.waitUntil(lambda: len(plot._epoch_lines.getData()[0]) == 100)


@pytest.mark.parametrize("share", [False, True])
@pytest.mark.parametrize("width", [380, 700])
@pytest.mark.parametrize("first", [2, 40, 60, 84])
def test_no_name_of_a_change_crosses_the_line_of_another(qtbot, theme, share, width, first):
    plot = CurvePlot(theme, "Accuracy", share=share)
    qtbot.addWidget(plot)
    plot.resize(width, 260)
    plot.show()
    plot.set_span(100)
    names = ("dropout 0.5", "rate 0.0009", "batch 251", "augmentation gentle")
    plot.set_changes([(first + 3 * i, name) for i, name in enumerate((*names, *names[:2]))])
    qtbot.wait(10)
    view = plot._plot.getViewBox()
    boxes = [label.mapRectToScene(label.boundingRect()) for label in plot._names]
    ends = [view.mapViewToScene(QPointF(*xy)) for xy in np.transpose(plot._change_lines.getData())]
    lines = sorted(zip(ends[::2], ends[1::2], strict=True), key=lambda line: line[0].x())
    for i, box in enumerate(boxes):
        own = lines[i + 2][0].x()
        assert min(abs(box.left() - own), abs(box.right() - own)) < 1, "it begins at its line"
        assert view.sceneBoundingRect().adjusted(-1, -1, 1, 1).contains(box), "nothing is cut off"
        for start, end in lines[: i + 2] + lines[i + 3 :]:
            inside = box.adjusted(1, 1, -1, -1)
            low, high = sorted((start.y(), end.y()))
            crosses = inside.left() < start.x() < inside.right()
            assert not (crosses and low < inside.bottom() and high > inside.top())
    for i, box in enumerate(boxes):
        assert not any(box.adjusted(1, 1, -1, -1).intersects(other) for other in boxes[i + 1 :])


def test_changes_of_one_step_share_a_line(plot):
    plot.set_changes([(5, "rate 0.1"), (5, "batch 50"), (5, "dropout 0.5")])
    steps, heights = plot._change_lines.getData()
    assert steps.tolist() == [5, 5] and heights.max() == plot._top


def test_scheme_and_scale_are_followed(plot, theme):
    plot.append("train", *_falling(300))
    theme.set_choice("light")
    theme.set_scale(1.5)
    assert theme.color("positive").name() in _colors(plot)


def test_long_names_never_widen_the_card(plot):
    before = plot.minimumSizeHint().width()
    plot.rename("train", "a run with quite a long name " * 4)
    plot.append("train", [1], [1.0])
    plot.grab()
    assert plot.minimumSizeHint().width() == before


def test_going_back_forgets_what_came_after():
    trace = Trace()
    trace.append([1, 2, 3, 4, 5], [1, 1, 1, 9, 9])
    trace.append([4, 5], [2, 3])
    assert trace.envelope()[0].tolist() == [1, 2, 3, 4, 5]
    assert trace.envelope()[1].tolist() == [1, 1, 1, 2, 3]
    within = Trace()
    within.append([1, 2, 3, 2, 3], [1, 9, 9, 2, 3])
    assert within.envelope()[1].tolist() == [1, 2, 3]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=12))
def test_however_it_arrives_the_trace_covers_all_of_it(parts):
    count = sum(parts)
    values = np.random.default_rng(count).standard_normal(count)
    trace, start = Trace(), 0
    for part in parts:
        trace.append(np.arange(start, start + part), values[start : start + part])
        start += part
    steps, shown = trace.envelope()
    assert len(trace) == count
    assert len(steps) <= 2 * MOST_BINS
    assert (np.diff(steps) >= 0).all()
    assert (steps[0], steps[-1]) == (0, count - 1)
    assert (shown.min(), shown.max()) == (values.min(), values.max())
    _, means = trace.smoothed()
    assert values.min() <= means.min() <= means.max() <= values.max()


def test_the_mean_of_a_constant_is_the_constant():
    trace = Trace()
    trace.append(np.arange(7777), np.full(7777, 0.25))
    assert trace.smoothed()[1] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 2.4, ["0", "0.5", "1", "1.5", "2"]),
        (0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0, 46_900, ["0", "10k", "20k", "30k", "40k"]),
    ],
)
def test_ticks_are_round(low, high, labels):
    assert [label for _, label in curve_ticks.linear(low, high, 5)] == labels


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-1.1, 0.5, ["0.1", "0.2", "0.5", "1", "2"]),
        (-2.2, 0.5, ["0.01", "0.03", "0.1", "0.3", "1", "3"]),
        (-0.1, 1.2, ["1", "2", "5", "10"]),
        (-3, 9, ["0.001", "1", "1000", "1e6", "1e9"]),
    ],
)
def test_logarithmic_ticks_are_few(low, high, labels):
    assert [label for _, label in curve_ticks.logarithmic(low, high, 5)] == labels


def test_a_line_that_moves_stays_nowhere_on_the_screen(qtbot, theme):
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    plots = [CurvePlot(theme, "Loss"), CurvePlot(theme, "Accuracy", share=True)]
    for plot in plots:
        column.addWidget(plot)
        for key in ("train", "validation", "another run"):  # the last is read in a corner
            plot.add_curve(key, key, "accent", noisy=False)
            plot.append(key, [0, 300], [0.4, 0.6])
    window.resize(400, 600)
    window.show()
    qtbot.waitExposed(window)
    here = theme.color("here").rgb()

    def lines(plot):
        seen = window.screen().grabWindow(window.winId()).toImage()
        area = plot._plot.viewport()
        corner = area.mapTo(window, QPoint(0, area.height() // 4))
        row = range(corner.x(), corner.x() + area.width())
        return sum(seen.pixel(x, corner.y()) == here for x in row)

    for step in (250, 200, 100):
        for plot in plots:
            plot.set_moment(step)
        qtbot.wait(50)
    assert [lines(plot) for plot in plots] == [1, 1]


def test_the_plot_is_as_high_as_the_curves_that_lead(plot) -> None:
    plot.add_curve("diverged", "Run 1", "positive", noisy=False)
    plot.append("diverged", [0, 50, 100], [2.3, 8.0, 10.4])
    assert plot.view_range()[1][1] > 10.4  # as long as there is nothing else
    plot.add_curve("train", "train", "accent", noisy=False, leads=True)
    plot.append("train", [0, 50, 100], [0.5, 0.2, 0.13])
    assert 0.5 <= plot.view_range()[1][1] < 2.5 * 0.5
    top = plot.view_range()[1][1]
    plot.append("diverged", [110], [0.1])
    _, (steps, values) = plot.drawn("diverged")
    assert np.nanmax(values) == values[3] == top and np.isnan(values[:3]).all()
    assert 100 < steps[3] < 110, "where it comes back"
    plot.remove_curve("train")
    assert plot.view_range()[1][1] > 10.4 == plot.drawn("diverged")[1][1].max()
