"""Small pictures to choose from, each with a title and a caption: in rows, or as one strip."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
)
from PySide6.QtGui import QFocusEvent, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain

_CAPTION = Qt.ItemDataRole.UserRole
_PICTURE = Qt.ItemDataRole.UserRole + 1
_PROBLEM = Qt.ItemDataRole.UserRole + 2

Index = QModelIndex | QPersistentModelIndex


class ThumbnailList(QListWidget):
    """Thumbnails of `size` (width, height at scale 1) with `lines` of text under each.

    Without lines the title is only the tooltip; the first line is the title, more the caption.
    Arrow keys move, Enter and a double click activate (`itemActivated`). A thumbnail without a
    picture yet is blank; one with a problem cannot be chosen and says why as its tooltip.
    """

    def __init__(
        self,
        theme: Theme,
        size: tuple[int, int],
        *,
        lines: int,
        name: str,
        strip: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._strip = strip
        self._delegate = _ThumbnailDelegate(theme, size, lines, self)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(name)
        self.setProperty("role", "thumbnails")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(not strip)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        if strip:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        else:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(self._fit)
        self._fit()

    def set_items(self, items: Sequence[tuple[str, str]]) -> None:
        """List these (title, caption), without pictures yet. An empty list takes no focus."""
        self.clear()
        for title, caption in items:
            item = QListWidgetItem(title, self)
            item.setData(_CAPTION, caption)
            item.setToolTip(plain(f"{title}\n{caption}" if caption else title))
            spoken = f"{title}. {caption}" if caption else title
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        takes_focus = Qt.FocusPolicy.WheelFocus if items else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(takes_focus)

    def set_picture(self, row: int, rgb: npt.NDArray[np.uint8]) -> None:
        """Show (H, W, 3) uint8 as the thumbnail of `row`; its middle, where it is too long."""
        height, width = rgb.shape[:2]
        image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        self.item(row).setData(_PICTURE, QPixmap.fromImage(image))

    def has_picture(self, row: int) -> bool:
        """Return whether the thumbnail of `row` is there."""
        return self.item(row).data(_PICTURE) is not None

    def set_problem(self, row: int, reason: str) -> None:
        """Mark `row` as something that cannot be chosen, and say why in one sentence."""
        item = self.item(row)
        item.setData(_PROBLEM, reason)
        item.setToolTip(plain(reason))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}. {reason}")
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def cell(self) -> QSize:
        """Return the room of one thumbnail with its texts."""
        return self._delegate.cell()

    def sizeHint(self) -> QSize:
        """A strip is as high as its thumbnails and its scroll bar."""
        hint = super().sizeHint()
        return QSize(hint.width(), self._strip_height()) if self._strip else hint

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the focus without telling that a first thumbnail was gone to."""
        with QSignalBlocker(self):
            super().focusInEvent(event)

    def _strip_height(self) -> int:
        return self._delegate.cell().height() + self._theme.px(12)

    def _fit(self) -> None:
        if self._strip:
            self.setFixedHeight(self._strip_height())
        self.scheduleDelayedItemsLayout()
        self.viewport().update()


class _ThumbnailDelegate(QStyledItemDelegate):
    def __init__(
        self, theme: Theme, size: tuple[int, int], lines: int, parent: ThumbnailList
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._size = size
        self._lines = lines
        self._view = parent

    def cell(self) -> QSize:
        """Return the size of one thumbnail with its texts and the space around it."""
        px = self._theme.px
        text = 0
        if self._lines:
            text = QFontMetrics(self._theme.font("strong")).height() + px(9)
            text += (self._lines - 1) * QFontMetrics(self._theme.font("caption")).height()
        margin = 2 * self._margin()
        return QSize(px(self._size[0]) + margin, px(self._size[1]) + text + margin)

    def _margin(self) -> int:
        return self._theme.px(8 if self._lines else 5)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.cell()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, px = self._theme, self._theme.px
        state = option.state
        area: QRect = option.rect
        area = QRect(area.topLeft(), self.cell())
        frame = QRectF(area).adjusted(px(1), px(1), -px(1), -px(1))
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        if chosen or focused or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(theme.color("accent_tint" if chosen else "field"))
            painter.setPen(Qt.PenStyle.NoPen)
            if chosen or focused:
                strong = self._view.hasFocus()
                painter.setPen(QPen(theme.color("accent" if strong else "border"), px(2)))
            painter.drawRoundedRect(frame, px(10), px(10))
        corner = area.topLeft() + QPoint(self._margin(), self._margin())
        picture = QRect(corner, QSize(px(self._size[0]), px(self._size[1])))
        self._paint_picture(painter, picture, index)
        if self._lines:
            self._paint_texts(painter, picture, area, index)
        painter.restore()

    def _paint_picture(self, painter: QPainter, area: QRect, index: Index) -> None:
        radius = self._theme.px(6)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(area), radius, radius)
        painter.fillPath(outline, self._theme.color("blank"))
        pixmap = index.data(_PICTURE)
        if index.data(_PROBLEM):
            side = self._theme.px(24)
            icon = icons.icon("mdi6.image-off-outline", color=self._theme.colors.bad)
            icon.paint(painter, QRect(0, 0, side, side).translated(
                area.center().x() - side // 2, area.center().y() - side // 2))  # fmt: skip
        elif isinstance(pixmap, QPixmap):
            painter.setClipPath(outline)
            if pixmap.width() < area.width() / 2:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawPixmap(area, pixmap, _middle(pixmap.size(), area.size()))
            painter.setClipping(False)

    def _paint_texts(self, painter: QPainter, picture: QRect, area: QRect, index: Index) -> None:
        theme, px = self._theme, self._theme.px
        usable = not index.data(_PROBLEM)
        painter.setFont(theme.font("strong"))
        metrics = painter.fontMetrics()
        title = QRect(picture.left(), picture.bottom() + px(6), picture.width(), metrics.height())
        painter.setPen(theme.color("text" if usable else "faint"))
        painter.drawText(
            title,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, title.width()),
        )
        if self._lines > 1:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("muted"))
            caption = QRect(title.left(), title.bottom() + px(2), title.width(), 0)
            caption.setBottom(area.bottom() - px(4))
            painter.drawText(
                caption, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, index.data(_CAPTION)
            )


def _middle(source: QSize, target: QSize) -> QRect:
    """Return the largest part in the middle of `source` that has the shape of `target`."""
    fitted = target.scaled(source, Qt.AspectRatioMode.KeepAspectRatio)
    return QRect(
        (source.width() - fitted.width()) // 2,
        (source.height() - fitted.height()) // 2,
        fitted.width(),
        fitted.height(),
    )
