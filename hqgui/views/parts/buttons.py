"""Buttons. Each has an accessible name; icon buttons take it, and a tooltip, from the name they are given."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton, QWidget

from hqgui.models.formats import tooltip
from hqgui.theme import look
from hqgui.views.parts.icons import icon


def _is_pressed_by(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Press a button that has the keyboard by Enter; Qt knows the space bar alone, or presses a dialog's default."""
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not plain or event.isAutoRepeat():
        return False
    if isinstance(button, QToolButton) and button.menu() is not None:
        button.showMenu()
    else:
        button.click()
    return True


class Button(QPushButton):
    """A push button; `role` is a variant of the style sheet: primary, danger, flat, small, link, toggle."""

    def __init__(
        self,
        text: str,
        role: str = "",
        icon_name: str = "",
        clicked: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._gap = " " if icon_name else ""
        self.setProperty("role", role)
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        if icon_name:
            ink = {"primary": "onAccent", "danger": "onDanger", "link": "link"}.get(role, "text")
            self.setIcon(icon(icon_name, ink))
        if clicked is not None:
            self.clicked.connect(lambda _on=False: clicked())
        size = 11 if role == "small" else 12
        weight = {"link": 400}.get(role, 500)
        look().tie(self, lambda: self._measure(size, weight))

    def _measure(self, size: int, weight: int) -> None:
        self.setFont(look().font(size, weight))
        side = look().px(12 if self.property("role") == "small" else 13)
        self.setIconSize(QSize(side, side))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key."""
        if not _is_pressed_by(self, event):
            super().keyPressEvent(event)

    def setText(self, text: str) -> None:
        """Show another text, which is also its accessible name."""
        self._words = text
        super().setText(f"{self._gap}{text}")
        self.setAccessibleName(text)

    def show_words(self, on: bool) -> None:
        """Words beside the icon, or the icon alone; its name and then a tooltip still tell."""
        wanted = f"{self._gap}{self._words}" if on else ""
        if wanted != self.text():
            super().setText(wanted)
            self.setToolTip("" if on else tooltip(self._words))

    def width_with_words(self) -> int:
        """What it needs with its words."""
        missing = self.fontMetrics().horizontalAdvance(f"{self._gap}{self._words}") + look().px(4)
        return self.sizeHint().width() + (0 if self.text() else missing)


class ToolButton(QToolButton):
    """A tool button that Enter presses when it has the keyboard; all of ours are such."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key."""
        if not _is_pressed_by(self, event):
            super().keyPressEvent(event)


class IconButton(ToolButton):
    """A square button with an icon alone."""

    def __init__(
        self,
        icon_name: str,
        name: str,
        clicked: Callable[[], object] | None = None,
        ink: str = "text2",
        size: int = 16,
        side: int = 26,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ink = ink
        self._size = size
        self._side = side
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_icon(icon_name, name)
        if clicked is not None:
            self.clicked.connect(lambda _on=False: clicked())
        look().tie(self, self._measure)

    def set_icon(self, icon_name: str, name: str) -> None:
        """Change icon, accessible name and tooltip."""
        self.setIcon(icon(icon_name, self._ink))
        self.setAccessibleName(name)
        self.setToolTip(tooltip(name))

    def _measure(self) -> None:
        self.setFixedSize(look().px(self._side), look().px(self._side))
        self.setIconSize(QSize(look().px(self._size), look().px(self._size)))
