"""Action icons: SVG files of one set, drawn in the colour of the text beside them, at any size and resolution."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QDir, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from hqgui.theme import look

SIZE: Final = 16
"""Side of an action icon in pixels at 100 %."""


STROKE: Final = 1.5
"""Width of an icon's lines in pixels at 100 %, whatever its size; of a small one a little less."""
_SMALL: Final = 13
_SMALL_STROKE: Final = 1.3


@lru_cache(maxsize=512)
def _renderer(name: str, color: str, stroke: float) -> QSvgRenderer:
    text = (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    text = text.replace("currentColor", color).replace('stroke-width="2"', f'stroke-width="{stroke}"')
    return QSvgRenderer(QByteArray(text.encode()))


def paint_icon(painter: QPainter, name: str, rect: QRectF, color: str) -> None:
    """Draw an icon; `color` is `#RRGGBB`."""
    thick = STROKE if rect.width() >= _SMALL * look().zoom else _SMALL_STROKE
    stroke = round(min(thick * look().zoom / max(rect.width(), 1) * 24, 3.4), 2)
    _renderer(name, color, stroke).render(painter, rect)


class _Engine(QIconEngine):
    """An icon that takes its colours from the look whenever it is drawn."""

    def __init__(self, name: str, ink: str) -> None:
        super().__init__()
        self._name = name
        self._ink = ink

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Draw it."""
        ink = "textDis" if mode == QIcon.Mode.Disabled else self._ink
        paint_icon(painter, self._name, QRectF(rect), look().hex(ink))  # type: ignore[call-overload]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The icon at a size."""
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        pixmap = QPixmap(size * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRectF(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Another one like it."""
        return _Engine(self._name, self._ink)


def icon(name: str, ink: str = "text") -> QIcon:
    """An icon by its file's name; disabled it is drawn dim by itself."""
    return QIcon(_Engine(name, ink))


def offer_to_style_sheet() -> None:
    """Let the style sheet find icons under `icons:`."""
    folder = files("resources") / "icons"
    if isinstance(folder, Path):
        QDir.setSearchPaths("icons", [str(folder)])
