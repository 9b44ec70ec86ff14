"""The arithmetic of one number as text, laid out as its card does."""

import pytest
from PySide6.QtGui import QTextDocument

from visualizer.learning.cells import NormCell, Place
from visualizer.ui.pages.cell_lines import Writer


def lines_of(html, font, width):
    document = QTextDocument()
    document.setDefaultFont(font)
    document.setHtml(html)
    document.setTextWidth(width)
    assert document.size().width() <= width  # asking lays it out
    layout, text = document.firstBlock().layout(), document.firstBlock().text()
    lines = (layout.lineAt(i) for i in range(layout.lineCount()))
    return [text[line.textStart() : line.textStart() + line.textLength()] for line in lines]


@pytest.mark.parametrize("width", range(260, 620, 20))
def test_a_line_of_a_batch_norm_ends_at_no_bracket(theme, width):
    numbers = {"x": -0.8125, "mean": -0.0417, "variance": 0.0123, "epsilon": 1e-5}
    cell = NormCell(Place("norm1", (0, 2, 3)), ("conv1",), -6.87, -6.87, **numbers, scale=0.987,
                    shift=-0.0123)  # fmt: skip
    (html,) = Writer((), False, "dense1").all_lines([cell])
    lines = lines_of(f"norm1: {html}", theme.font("number"), width)
    assert len(lines) >= 3 and all(line.count("(") == line.count(")") for line in lines), lines
    assert not any(line.split()[-1] in "+−·/" for line in lines), lines
