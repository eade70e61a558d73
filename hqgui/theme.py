"""How the window looks: one `Look` gives colours, fonts and sizes to everything that is drawn.

Sizes are written as pixels at 100 % and pass through `Look.px`, fonts come from `Look.font`, so zoom is one factor.
Widgets that cannot take their look from the style sheet tie a function to `Look.changed` (`tie`), which runs at once
and whenever theme, zoom, density or contrast change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from hqgui.style_sheet import style_sheet
from hqgui.tokens import HIGH_CONTRAST, MODES, ROW_HEIGHTS, ZOOMS

THEMES: Final = ("system", "dark", "light")
UI_FAMILY: Final = "Inter"
MONO_FAMILY: Final = "JetBrains Mono"
_FONT_FILES: Final = ("Inter-Regular", "Inter-Medium", "Inter-SemiBold", "JetBrainsMono-Regular")
_SCHEMES: Final = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light, "system": Qt.ColorScheme.Unknown}

_PALETTE: Final = (
    (QPalette.ColorRole.Window, "window"),
    (QPalette.ColorRole.WindowText, "text"),
    (QPalette.ColorRole.Base, "base"),
    (QPalette.ColorRole.AlternateBase, "hover"),
    (QPalette.ColorRole.Text, "text"),
    (QPalette.ColorRole.PlaceholderText, "text3"),
    (QPalette.ColorRole.Button, "btn"),
    (QPalette.ColorRole.ButtonText, "text"),
    (QPalette.ColorRole.BrightText, "failed"),
    (QPalette.ColorRole.ToolTipBase, "raised"),
    (QPalette.ColorRole.ToolTipText, "text"),
    (QPalette.ColorRole.Highlight, "sel"),
    (QPalette.ColorRole.HighlightedText, "text"),
    (QPalette.ColorRole.Link, "link"),
    (QPalette.ColorRole.LinkVisited, "link"),
    (QPalette.ColorRole.Accent, "accent"),
    (QPalette.ColorRole.Mid, "line"),
    (QPalette.ColorRole.Midlight, "lineStrong"),
    (QPalette.ColorRole.Light, "lineStrong"),
    (QPalette.ColorRole.Dark, "line"),
    (QPalette.ColorRole.Shadow, "base"),
)
_DISABLED: Final = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.HighlightedText,
)


class Look(QObject):
    """Theme, zoom, density and contrast of the whole application."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.theme = "system"
        self.zoom = 1.0
        self.density = "default"
        self.high_contrast = False
        self.mode = "dark"
        self._colors: dict[str, QColor] = {}
        self._fonts: dict[tuple[float, int, bool], QFont] = {}
        self._dressed = False

    def choose(
        self,
        theme: str | None = None,
        zoom: float | None = None,
        density: str | None = None,
        high_contrast: bool | None = None,
    ) -> None:
        """Change what is given and dress the application anew. What is no theme or no number is as good as not said."""
        self.theme = theme if theme in THEMES else self.theme
        if zoom is not None and math.isfinite(zoom):
            self.zoom = min(max(zoom, ZOOMS[0]), ZOOMS[-1])
        self.density = self.density if density is None else density
        self.high_contrast = self.high_contrast if high_contrast is None else high_contrast
        self.dress()

    def dress(self) -> None:
        """Give the application its style, palette, font and style sheet, and tell everybody."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        if not self._dressed:
            self._dressed = True
            _load_fonts()
            app.setStyle(QStyleFactory.create("Fusion"))
            QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._tell_system()
        self._set_mode(self._resolved())
        self._fonts.clear()
        app.setPalette(self._palette())
        app.setFont(self.font())
        app.setStyleSheet(style_sheet(self))
        self.changed.emit()

    def _tell_system(self) -> None:
        hints = QGuiApplication.styleHints()
        wanted = _SCHEMES.get(self.theme, Qt.ColorScheme.Unknown)
        if self.theme != "system" and hints.colorScheme() != wanted:
            hints.setColorScheme(wanted)
        elif self.theme == "system":
            hints.unsetColorScheme()

    def _system_changed(self) -> None:
        if self.theme == "system" and self._resolved() != self.mode:
            self.dress()

    def _resolved(self) -> str:
        if self.theme != "system":
            return self.theme
        light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
        return "light" if light else "dark"

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, name in _PALETTE:
            palette.setColor(role, self.color(name))
        for role in _DISABLED:
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("textDis"))
        palette.setColor(QPalette.ColorGroup.Inactive, QPalette.ColorRole.Highlight, self.color("selInactive"))
        return palette

    def hex(self, name: str) -> str:
        """A colour as `#RRGGBB`."""
        if self.high_contrast and name in HIGH_CONTRAST[self.mode]:
            return HIGH_CONTRAST[self.mode][name]
        return MODES[self.mode][name]

    def color(self, name: str) -> QColor:
        """A colour by its token name. Do not change the object: it is shared."""
        color = self._colors.get(name)
        if color is None:
            color = self._colors[name] = QColor(self.hex(name))
        return color

    def mixed(self, below: str, above: str, share: float) -> QColor:
        """`share` (0 to 1) of the colour `above` laid over the colour `below`."""
        key = f"{below}+{above}*{share}"
        color = self._colors.get(key)
        if color is None:
            color = self._colors[key] = _blend(self.color(below), self.color(above), share)
        return color

    @contextmanager
    def drawn_in(self, mode: str) -> Iterator[None]:
        """Give the colours of `dark` or `light` for a while, to draw both side by side; nobody is told."""
        before = self.mode
        self._set_mode(mode)
        try:
            yield
        finally:
            self._set_mode(before)

    def _set_mode(self, mode: str) -> None:
        self.mode = mode
        self._colors.clear()

    def px(self, size: float) -> int:
        """Whole pixels for a size at 100 %; what is not zero stays at least 1."""
        return 0 if size == 0 else max(1, round(size * self.zoom))

    @property
    def row_height(self) -> int:
        """Height of a row of a table in pixels."""
        return self.px(ROW_HEIGHTS.get(self.density, ROW_HEIGHTS["default"]))

    def font(self, size: float = 12, weight: int = 400, mono: bool = False) -> QFont:
        """A font with digits of one width. Do not change the object: it is shared."""
        key = (size, weight, mono)
        font = self._fonts.get(key)
        if font is None:
            font = self._fonts[key] = self._made_font(*key)
        return font

    def _made_font(self, size: float, weight: int, mono: bool) -> QFont:
        font = QFont(MONO_FAMILY if mono else UI_FAMILY)
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight(weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
        if mono:
            font.setFixedPitch(True)
            font.setFeature(QFont.Tag("calt"), 0)
        else:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def tie(self, owner: QObject, function: Callable[[], None]) -> None:
        """Run `function` now and after every change of the look, as long as `owner` lives."""
        tied = _Tie(owner, function)
        self.changed.connect(tied.run)
        function()

    def tie_font(self, widget: QWidget, size: float = 12, weight: int = 400, mono: bool = False) -> None:
        """Keep a widget's font."""
        self.tie(widget, lambda: widget.setFont(self.font(size, weight, mono)))


class _Tie(QObject):
    """A connection that ends with its owner: a child object dies with it, and its slot with the child."""

    def __init__(self, owner: QObject, function: Callable[[], None]) -> None:
        super().__init__(owner)
        self._function = function

    def run(self) -> None:
        self._function()


def _blend(below: QColor, above: QColor, share: float) -> QColor:
    def part(low: int, high: int) -> int:
        return round(low + (high - low) * share)

    return QColor(part(below.red(), above.red()), part(below.green(), above.green()), part(below.blue(), above.blue()))


def _load_fonts() -> None:
    for name in _FONT_FILES:
        with as_file(files("resources") / "fonts" / f"{name}.ttf") as path:
            QFontDatabase.addApplicationFont(str(path))


@lru_cache(maxsize=1)
def look() -> Look:
    """The application's look; there is one."""
    return Look()
