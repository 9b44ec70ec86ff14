"""Colours and type sizes by role: the one place that decides how the window looks.

Widgets are given the `Theme` and ask it for a role (`theme.colors.here`, `theme.font("number")`);
none holds a colour or a size of its own. `changed` tells them to repaint.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from string import Template
from typing import Literal

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from visualizer.paths import resource

Choice = Literal["system", "dark", "light"]
Role = Literal["caption", "body", "strong", "title", "number", "small_number", "large_number"]

SANS = "Inter"
MONO = "JetBrains Mono"

# Pixels at scale 1. Presentation mode multiplies every one of them.
_SIZES: dict[Role, float] = {
    "caption": 11.5,
    "body": 13,
    "strong": 13,
    "title": 16,
    "number": 13,
    "small_number": 11,
    "large_number": 26,
}
_MONO_ROLES = {"number", "small_number", "large_number"}
_SAME_DIGITS = str.maketrans("123456789", "000000000")
_MOST_WIDTHS = 4096  # of texts, that are kept
_UP_TO_DATE = "upToDate"  # of a page that is styled when it is shown: whether it is by now


@dataclass(frozen=True)
class Colors:
    """One scheme's colours, as #rrggbb, named by what they are for."""

    window: str  # behind everything
    rail: str  # navigation
    bar: str  # header and status bar
    card: str  # panels
    field: str  # buttons, text fields
    field_hover: str
    border: str
    text: str
    muted: str  # captions, units
    faint: str  # disabled, ticks
    accent: str  # sliders, links, selected navigation
    accent_fill: str  # primary button
    accent_tint: str  # selected navigation background
    on_accent: str  # text on accent_fill
    here: str  # "this cell, this window": the same yellow on every page
    here_tint: str
    mark: str  # the same yellow on top of pictures, with a dark rim
    positive: str  # strongest positive number
    negative: str  # strongest negative number
    neutral: str  # zero
    blank: str  # not computed yet
    invalid: str  # NaN and infinity
    red: str  # the R, G, B planes in plots
    green: str
    blue: str
    good: str
    bad: str


DARK = Colors(
    window="#101216", rail="#0f1216", bar="#171b21", card="#15191f", field="#1f242c",
    field_hover="#2a303a", border="#303742", text="#e6e9ee", muted="#98a1ad", faint="#5a626e",
    accent="#5aa2f5", accent_fill="#2a66c8", accent_tint="#1f2a3a", on_accent="#ffffff",
    here="#f5cb5c", here_tint="#2f2612", mark="#f5cb5c", positive="#e0743a", negative="#3f86d8",
    neutral="#1f242c", blank="#0c0e11", invalid="#d63fb4", red="#ff7b66", green="#7fd8a4",
    blue="#6ba5f7", good="#7fd8a4", bad="#ff7b72",
)  # fmt: skip

LIGHT = Colors(
    window="#f3f4f7", rail="#eaecf0", bar="#ffffff", card="#ffffff", field="#f0f2f5",
    field_hover="#e3e7ed", border="#cfd5de", text="#1b2129", muted="#566070", faint="#98a1ae",
    accent="#1f66d0", accent_fill="#1f66d0", accent_tint="#dce8fa", on_accent="#ffffff",
    here="#a86e00", here_tint="#fff2cf", mark="#ffd54f", positive="#d9631f", negative="#2b74cc",
    neutral="#eef0f3", blank="#e4e7ec", invalid="#c01f9b", red="#d13c2a", green="#1c8a50",
    blue="#2b6fd6", good="#1c8a50", bad="#c93126",
)  # fmt: skip


@cache
def _add_fonts() -> None:
    """Once for the process: Qt would hold each as many times as it is added."""
    for file in ("Inter-Regular.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf"):
        QFontDatabase.addApplicationFont(str(resource("fonts", file)))


class Theme(QObject):
    """The scheme and scale in force.

    Signals:
        changed(): either was changed.
        applying(bool): a change begins, which takes the window some tenths of a second; has ended.
    """

    changed = Signal()
    applying = Signal(bool)

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice: Choice = "system"
        self._scale = 1.0
        self._fonts: dict[Role, QFont] = {}
        self._widths: dict[tuple[Role, str], float] = {}
        self._painted: dict[str, QColor] = {}
        self._styled = True
        _add_fonts()
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._apply()

    @property
    def choice(self) -> Choice:
        """What the user asked for."""
        return self._choice

    @property
    def scale(self) -> float:
        """Factor on every size: 1.0, or more in presentation mode."""
        return self._scale

    @property
    def is_dark(self) -> bool:
        """Whether the dark scheme is in force; a system that does not say counts as dark."""
        if self._choice == "system":
            return self._app.styleHints().colorScheme() != Qt.ColorScheme.Light
        return self._choice == "dark"

    @property
    def colors(self) -> Colors:
        """The colours in force."""
        return DARK if self.is_dark else LIGHT

    def set_choice(self, choice: Choice) -> None:
        """Follow the system, or stay dark or light."""
        if choice != self._choice:
            self._choice = choice
            self._apply()

    def set_scale(self, scale: float) -> None:
        """Multiply every size by `scale`."""
        if scale != self._scale:
            self._scale = scale
            self._apply()

    @contextmanager
    def unstyled(self) -> Iterator[None]:
        """Leave the style sheet out until the block ends.

        Building a window under it takes twice as long: each widget is styled anew whenever it, or
        what holds it, is given a parent.
        """
        self._styled = False
        self._app.setStyleSheet("")
        try:
            yield
        finally:
            self._styled = True
            self._app.setStyleSheet(self._sheet())

    def style_when_shown(self, page: QWidget) -> None:
        """Put off styling `page` anew while it is hidden; `catch_up` is called before it is shown.

        A window in which all pages are styled at once stands still three times as long.
        """
        page.setProperty(_UP_TO_DATE, True)

    def catch_up(self, page: QWidget) -> None:
        """Style a page that was hidden when the look was changed."""
        if page.property(_UP_TO_DATE) is False:
            page.setProperty(_UP_TO_DATE, True)
            for widget in (page, *page.findChildren(QWidget)):
                for kind in (QEvent.Type.Polish, QEvent.Type.StyleChange):
                    QApplication.sendEvent(widget, QEvent(kind))
            self.changed.emit()  # what measures its texts could not do so before

    def px(self, size: float) -> int:
        """Return a length at the scale in force, in device-independent pixels."""
        return round(size * self._scale)

    def font(self, role: Role) -> QFont:
        """Return the font of a role. Digits are tabular in every one."""
        if role not in self._fonts:  # asked for at every paint
            self._fonts[role] = self._make_font(role)
        return QFont(self._fonts[role])

    def text_width(self, role: Role, text: str) -> float:
        """Return how wide a text of this role is, in device-independent pixels."""
        text = text.translate(_SAME_DIGITS)  # as wide, and most texts are known by then
        if (role, text) not in self._widths:
            if len(self._widths) >= _MOST_WIDTHS:
                self._widths.clear()
            width = QFontMetricsF(self.font(role)).horizontalAdvance(text)
            self._widths[role, text] = width
        return self._widths[role, text]

    def cut(self, role: Role, text: str, width: float) -> str:
        """Return `text`, with … in place of its end where it is wider than `width`."""
        if self.text_width(role, text) <= width:
            return text
        metrics = QFontMetricsF(self.font(role))
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)

    def _make_font(self, role: Role) -> QFont:
        font = QFont(MONO if role in _MONO_ROLES else SANS)
        font.setPixelSize(self.px(_SIZES[role]))
        if role in ("strong", "title"):
            font.setWeight(QFont.Weight.DemiBold)
        if role not in _MONO_ROLES:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def color(self, role: str) -> QColor:
        """Return a role's colour for painting, for instance `color("here")`."""
        if role not in self._painted:  # asked for at every paint
            self._painted[role] = QColor(getattr(self.colors, role))
        return QColor(self._painted[role])

    def rgb(self, role: str) -> tuple[int, int, int]:
        """Return a role's colour as levels 0–255, for painting into arrays."""
        color = self.color(role)
        return color.red(), color.green(), color.blue()

    def signed_color(self, value: float, largest: float) -> QColor:
        """Return the diverging colour of `value`, full at ±`largest`: orange +, blue −."""
        if not np.isfinite(value):
            return self.color("invalid")
        share = min(abs(value) / largest, 1.0) if largest > 0 else 0.0
        return blend(self.color("neutral"), self.color("positive" if value > 0 else "negative"),
                     0.7 * share + (0.12 if share else 0.0))  # fmt: skip

    def _system_changed(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        """Put palette, font and style sheet in force.

        Without the old sheet first: to go from one sheet straight to another takes three times as
        long, seconds in which the window stands still.
        """
        self.applying.emit(True)
        self._fonts.clear()
        self._widths.clear()
        self._painted.clear()
        self._put_off()
        self._app.setStyleSheet("")
        palette = QPalette()
        for group, names in {
            "window": ("Window",),
            "field": ("Button", "AlternateBase", "ToolTipBase"),
            "card": ("Base",),
            "text": ("WindowText", "Text", "ButtonText", "ToolTipText", "BrightText"),
            "muted": ("PlaceholderText",),
            "accent_fill": ("Highlight",),
            "accent": ("Link", "Accent"),
            "on_accent": ("HighlightedText",),
        }.items():
            for name in names:
                palette.setColor(getattr(QPalette.ColorRole, name), self.color(group))
        for name in ("WindowText", "Text", "ButtonText"):
            role = getattr(QPalette.ColorRole, name)
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("faint"))
        self._app.setPalette(palette)
        self._app.setFont(self.font("body"))
        if self._styled:
            self._app.setStyleSheet(self._sheet())
        self.changed.emit()
        # After layout and paint, which the change has left to the event loop.
        QTimer.singleShot(0, self, lambda: self.applying.emit(False))

    def _put_off(self) -> None:
        """Keep Qt from styling the pages that are not on show: most widgets are on them."""
        for page in self._app.allWidgets():
            if page.property(_UP_TO_DATE) is not None and not page.isVisible():
                page.setProperty(_UP_TO_DATE, False)
                for widget in (page, *page.findChildren(QWidget)):
                    widget.setAttribute(Qt.WidgetAttribute.WA_WState_Polished, False)

    def _sheet(self) -> str:
        sizes = {f"size_{role}": f"{self.px(size)}px" for role, size in _SIZES.items()}
        lengths = {
            f"px{n}": f"{self.px(n)}px" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 22, 24)
        }
        lengths["half14"] = f"{self.px(14) // 2}px"  # Qt rounds no corner by more than half a side
        tick = resource("styles", "tick.svg").as_posix()
        template = Template(resource("styles", "app.qss").read_text(encoding="utf-8"))
        return template.substitute(
            asdict(self.colors), sans=SANS, mono=MONO, tick=tick, **sizes, **lengths
        )


def blend(a: QColor, b: QColor, share: float) -> QColor:
    """Return the colour `share` of the way from `a` to `b`, in sRGB."""
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * share,
        a.greenF() + (b.greenF() - a.greenF()) * share,
        a.blueF() + (b.blueF() - a.blueF()) * share,
    )


_SHARES = np.arange(256) / 255
_LINEAR = np.where(
    _SHARES <= 0.04045, _SHARES / 12.92, ((_SHARES + 0.055) / 1.055) ** 2.4
)  # light of every sRGB value
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])[:, np.newaxis] * _LINEAR  # (3, 256)


def readable_on(background: QColor) -> QColor:
    """Return near-black or near-white, whichever reads better on `background` (WCAG luminance)."""
    rgb = np.array([background.red(), background.green(), background.blue()])
    return QColor("#101216") if reads_dark(rgb) else QColor("#f2f4f7")


def reads_dark(rgb: np.ndarray) -> np.ndarray:
    """Return where dark text reads better than light text: bool (…) for sRGB 0–255 (…, 3)."""
    return luminance(rgb) > 0.18


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Return the relative luminance 0–1 (WCAG) of sRGB 0–255 (…, 3)."""
    red, green, blue = _LUMINANCE
    return np.asarray(red[rgb[..., 0]] + green[rgb[..., 1]] + blue[rgb[..., 2]])
