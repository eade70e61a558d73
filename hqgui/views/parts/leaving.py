"""How windows are left: Ctrl+W closes one, Escape too where nothing in it needs that key, Ctrl+Q ends the program.

Nothing is asked, unless a window holds what nobody has sent or saved; such a window has a `Guard`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget

QUIT_KEY: Final = "Ctrl+Q"
QUIT_NAME: Final = "quit"
"""Object name of the action that ends the program; its keys are the user's choice."""
ZOOM_NAME: Final = "zoom"
"""Object name of the actions that make everything larger or smaller."""
_SHARED: Final = frozenset({QUIT_NAME, ZOOM_NAME})
"""What works in the windows beside the main one too."""

_then: Final[list[Callable[[], object]]] = []
"""What was going on while windows are being closed, the outermost first."""
_forced: Final[list[bool]] = []


def quit_program() -> None:
    """Close all windows, which ends the program; the first that holds something asks, and then nothing is closed."""
    with _going_on(quit_program):
        QApplication.closeAllWindows()


@contextmanager
def _going_on(again: Callable[[], object]) -> Iterator[None]:
    _then.append(again)
    try:
        yield
    finally:
        _then.pop()


def close_below(window: QWidget, again: Callable[[], object]) -> bool:
    """Close the windows that belong to one; False when one of them asks first, and `again` is called if it may go."""
    windows = [one for one in QApplication.topLevelWidgets() if one.isVisible() and one.parentWidget() is window]
    with _going_on(again):
        return all(one.close() for one in windows)


@contextmanager
def unasked() -> Iterator[None]:
    """The program was told to end by somebody who cannot answer: meanwhile windows close without asking."""
    _forced.append(True)
    try:
        yield
    finally:
        _forced.pop()


def leave_by_keys(window: QWidget) -> None:
    """Let a window beside the main one be left by the keyboard."""
    _action(window, "Ctrl+W", window.close)
    above = window.parentWidget()
    shared = [one for one in above.window().actions() if one.objectName() in _SHARED] if above else []
    window.addActions(shared)
    if not any(one.objectName() == QUIT_NAME for one in shared):
        _action(window, QUIT_KEY, quit_program)
    if not isinstance(window, QDialog):
        _Escape(window)


def _action(window: QWidget, keys: str, act: Callable[[], object]) -> None:
    action = QAction(window)
    action.setShortcut(keys)
    action.triggered.connect(lambda _on=False: act())
    window.addAction(action)


class _Escape(QObject):
    """Closes a window by the Escape that nothing in it took."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the window."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._window.close()
            return True
        return False


class Guard(QObject):
    """Stands before what a window would lose."""

    def __init__(
        self, window: QWidget, unsaved: Callable[[], bool], ask: Callable[[], QDialog], parent: QObject | None = None
    ) -> None:
        """`ask` opens a dialog whose `accepted` means that it may be lost."""
        super().__init__(parent or window)
        self._window = window
        self._unsaved = unsaved
        self._ask = ask
        self._asking: QDialog | None = None
        self._agreed = False

    def let_go(self) -> None:
        """There is nothing to lose any more."""
        self._agreed = True

    def lets_go(self) -> bool:
        """Whether the window may close now; if not, somebody is asked, and it closes by itself when they agree."""
        if self._agreed or _forced or not self._unsaved():
            return True
        again = _then[0] if _then else None
        if self._asking is None:
            self._asking = self._ask()
            self._asking.accepted.connect(lambda: self._leave(again))
            self._asking.finished.connect(self._answered)
        else:
            self._asking.raise_()
        return False

    def _answered(self) -> None:
        self._asking = None

    def _leave(self, again: Callable[[], object] | None) -> None:
        self._agreed = True
        self._asking = None
        self._window.close()
        if again is not None:
            again()
