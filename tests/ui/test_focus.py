"""Where the keyboard is, is seen on what stands behind tabs and in dialogs."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea

from visualizer.state.matrix import MatrixDraft
from visualizer.ui.command_palette import ShortcutSheet
from visualizer.ui.dialogs.matrix import MatrixDialog
from visualizer.ui.pages.train_runs import LayersView
from visualizer.ui.widgets.point_cloud import PointCloud


def _cloud(theme, actions):
    cloud = PointCloud(theme)
    return cloud, cloud


def _layers(theme, actions):
    layers = LayersView()
    return layers, layers


def _keys(theme, actions):
    sheet = ShortcutSheet(actions, None)
    return sheet, sheet.findChild(QScrollArea)


def _numbers(theme, actions):
    dialog = MatrixDialog(theme, MatrixDraft.from_array(np.zeros((2, 2), np.uint8)))
    return dialog, dialog.table


@pytest.mark.parametrize("make", [_cloud, _layers, _keys, _numbers])
def test_the_focus_is_seen(qtbot, theme, context, make) -> None:
    window, control = make(theme, context.actions)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    control.clearFocus()
    plain = control.grab().toImage()
    control.setFocus(Qt.FocusReason.TabFocusReason)
    assert control.grab().toImage() != plain
