"""The ring around the control that has the keyboard: two pixels of accent, outside it.

One widget per window lies over everything and lets the mouse through. Tables show their focus by the colour of the
selection and have no ring.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QTabBar, QWidget
from shiboken6 import isValid

from hqgui.theme import look

_OUTSIDE = 3


class FocusRing(QWidget):
    """Follows the focus within one window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("focusRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._around: QWidget | None = None
        self._watched: list[QWidget] = []
        """The widget with the ring, and all above it within the window: each that moves takes it along."""
        self.hide()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow)
        self._follow(None, app.focusWidget())

    def _follow(self, _old: QWidget | None, now: QWidget | None) -> None:
        for former in filter(isValid, self._watched):
            former.removeEventFilter(self)
        self._around, self._watched = None, []
        if now is not None and now.window() is self.window() and isinstance(now, (QAbstractButton, QLineEdit, QTabBar)):
            self._around = _ringed(now)
            self._watched = list(_up_to(self.window(), self._around))
            for widget in self._watched:
                widget.installEventFilter(self)
        self.place()

    def _living(self) -> QWidget | None:
        """The widget with the ring; None for one that is gone, like the button of a strip."""
        return self._around if self._around is not None and isValid(self._around) else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the other widget."""
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show):
            self.place()
        return False

    def place(self) -> None:
        """Go around the control again: something above it has moved."""
        widget = self._living()
        if widget is None or not widget.isVisible():
            self.hide()
            return
        corner = widget.mapTo(self.window(), QPoint(0, 0))
        grown = QRect(corner, widget.size()).adjusted(-_OUTSIDE, -_OUTSIDE, _OUTSIDE, _OUTSIDE)
        self.setGeometry(grown.intersected(self.window().rect()))
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look().color("accent"), 2))
        ring = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        widget = self._living()
        radius = widget.property("ringRadius") if widget is not None else None
        rounding = look().px(int(radius) if radius else 6)
        painter.drawRoundedRect(ring, rounding, rounding)


def _up_to(window: QWidget, widget: QWidget | None) -> Iterator[QWidget]:
    """A widget and those above it, below the window."""
    while widget is not None and widget is not window:
        yield widget
        widget = widget.parentWidget()


def _ringed(widget: QWidget) -> QWidget:
    """What the ring goes around: the field that a bare line edit stands in, or the widget itself."""
    parent = widget.parentWidget()
    if isinstance(widget, QLineEdit) and parent is not None and parent.property("field"):
        return parent
    return widget
