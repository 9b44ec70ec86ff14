"""Icons from the Material Design font that comes with QtAwesome, in the theme's colours.

The font is read here and QtAwesome itself is never imported: with it comes QtPy, which takes
0.2 s of the start.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton

if TYPE_CHECKING:
    from visualizer.ui.theme import Theme

_FILL = 0.875  # of the icon's height, taken by the type: the glyph's own margins make up the rest


def icon(
    name: str,
    *,
    color: str,
    color_on: str | None = None,
    color_disabled: str | None = None,
    mirrored: bool = False,
) -> QIcon:
    """Return the icon of that name, such as "mdi6.close", sharp at every size.

    `color_on` is used while the control is checked; a disabled one takes the palette's colour for
    disabled text, unless it is given. `mirrored` swaps left and right. Raises KeyError when there
    is no such icon.
    """
    glyph = chr(int(_codes()[name.removeprefix("mdi6.")], 16))
    return QIcon(_Glyph(glyph, color, color_on or color, color_disabled, mirrored))


def fit(theme: "Theme", *buttons: QAbstractButton, side: int = 16) -> None:
    """Give the icons of buttons `side` px at scale 1; to be called for every scale anew."""
    size = QSize(theme.px(side), theme.px(side))
    for button in buttons:
        button.setIconSize(size)


def _file(pattern: str) -> Path:
    """Return QtAwesome's file; each of its releases writes a version into the name."""
    package = find_spec("qtawesome")
    assert package is not None and package.origin is not None
    return next((Path(package.origin).parent / "fonts").glob(pattern))


@cache
def _codes() -> dict[str, str]:
    """Return the code point of every icon, in hexadecimal."""
    text = _file("materialdesignicons6-*charmap*.json").read_text(encoding="utf-8")
    codes: dict[str, str] = json.loads(text)
    return codes


@cache
def _family() -> str:
    number = QFontDatabase.addApplicationFont(str(_file("materialdesignicons6-*.ttf")))
    return QFontDatabase.applicationFontFamilies(number)[0]


class _Glyph(QIconEngine):
    """Paints one character of the icon font.

    It is never cloned: Qt does so only when a shared icon is changed, and these are not.
    """

    def __init__(
        self, glyph: str, color: str, color_on: str, color_disabled: str | None, mirrored: bool
    ) -> None:
        super().__init__()
        self._mirrored = mirrored
        self._glyph = glyph
        self._color, self._color_on, self._color_disabled = color, color_on, color_disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint the character in the middle of `rect`."""
        font = QFont(_family())
        font.setPixelSize(max(1, round(_FILL * rect.height())))
        painter.save()
        painter.setFont(font)
        painter.setPen(self._pen(mode, state))
        if self._mirrored:
            painter.translate(2 * rect.left() + rect.width(), 0)
            painter.scale(-1, 1)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._glyph)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the character on a transparent ground."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        return pixmap

    def _pen(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        if mode == QIcon.Mode.Disabled:
            palette = QGuiApplication.palette()
            usual = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
            return QColor(self._color_disabled) if self._color_disabled else usual
        return QColor(self._color_on if state == QIcon.State.On else self._color)
