"""Lays the gallery's pictures beside the drawings: `python -m hqgui.gallery.beside DRAWINGS OUT`.

DRAWINGS is a folder with `wrangler-dark.png`, `wrangler-light.png`, `states.png` and `status-legend.png`. OUT gets a
picture for each pair, ours on the left, and the window alone in both themes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from hqgui.gallery.kit import Set
from hqgui.gallery.scenes import chosen
from hqgui.gallery.stage import SIZE, farm_time, picture, prepare
from hqgui.theme import look

_GAP: Final = 24
SMALLEST: Final = 0
"""To Qt the quality of a PNG is how quickly it was packed."""
_GROUND: Final = "#7F7F7F"
_SMALL: Final = QSize(1000, 760)


class Pair(NamedTuple):
    """What is laid beside what."""

    scene: str
    theme: str
    drawing: str
    part: QRect
    """Of the drawing."""
    height: int
    """Of the result in pixels."""
    size: QSize = SIZE
    name: str = ""
    """Of the result; empty: the scene's."""


_WINDOW: Final = QRect(0, 30, 1600, 970)
PAIRS: Final = (
    Pair("wrangler", "dark", "wrangler-dark", _WINDOW, 800),
    Pair("output", "light", "wrangler-light", _WINDOW, 800),
    Pair("legend", "dark", "status-legend", QRect(0, 0, 1600, 800), 660),
    Pair("empty-farm", "dark", "states", QRect(24, 48, 500, 452), 560, _SMALL),
    Pair("reconnecting", "dark", "states", QRect(24, 541, 500, 427), 560, _SMALL),
    Pair("strips", "dark", "states", QRect(544, 48, 500, 440), 560, _SMALL),
    Pair("why-waiting", "dark", "why-waiting", _WINDOW, 800),
    Pair("why-waiting", "light", "why-waiting-light", _WINDOW, 800, name="why-waiting-light"),
    Pair("notes", "dark", "notes-browser-dark", _WINDOW, 800),
    Pair("notes", "light", "notes-browser", _WINDOW, 800, name="notes-light"),
    Pair("submit", "dark", "states", QRect(1064, 48, 512, 464), 464),
    Pair("submit-json", "dark", "states", QRect(1064, 550, 512, 418), 464),
    Pair("confirm-cancel", "dark", "states", QRect(544, 560, 500, 408), 360),
    Pair("tray", "dark", "tray", QRect(38, 88, 406, 736), 740),
    Pair("tray-in-use", "light", "tray", QRect(470, 88, 406, 766), 770),
    Pair("tray-icons", "dark", "tray", QRect(900, 50, 670, 320), 520),
    Pair("tray-menu", "dark", "tray", QRect(900, 380, 430, 430), 430),
    Pair("tray-notices", "dark", "tray", QRect(1155, 610, 420, 256), 420),
)


def shown(scene: str, theme: str, size: QSize) -> QImage:
    """A picture of the gallery."""
    look().choose(theme=theme, zoom=1.0)
    at = Set(size)
    taken = picture(next(chosen([scene])).play(at)).toImage()
    at.clear()
    return taken


def _beside(ours: QImage, drawn: QImage, height: int) -> QImage:
    smooth = Qt.TransformationMode.SmoothTransformation
    left, right = (
        image if image.height() <= height else image.scaledToHeight(height, smooth) for image in (ours, drawn)
    )
    both = QImage(left.width() + _GAP + right.width(), max(left.height(), right.height()), QImage.Format.Format_RGB32)
    both.fill(QColor(_GROUND))
    painter = QPainter(both)
    painter.drawImage(0, 0, left)
    painter.drawImage(left.width() + _GAP, 0, right)
    painter.end()
    return both


@farm_time()
def main(arguments: list[str]) -> int:
    """Write the pictures; answers the exit code."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m hqgui.gallery.beside DRAWINGS OUT\n")
        return 2
    drawings, folder = map(Path, arguments)
    application = prepare()
    folder.mkdir(parents=True, exist_ok=True)
    for pair in PAIRS:
        drawn = QImage(str(drawings / f"{pair.drawing}.png"))
        if drawn.isNull():
            sys.stderr.write(f"cannot read {drawings / pair.drawing}.png\n")
            return 1
        both = _beside(shown(pair.scene, pair.theme, pair.size), drawn.copy(pair.part), pair.height)
        both.save(str(folder / f"beside-{pair.name or pair.scene}.png"), quality=SMALLEST)
    for theme in ("dark", "light"):
        shown("wrangler", theme, SIZE).save(str(folder / f"wrangler-{theme}.png"), quality=SMALLEST)
    application.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
