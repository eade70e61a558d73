"""Result strips: what became of an action, over the tree's foot, with Undo.

At most three; they leave after eight seconds unless they hold an error or the pointer is on one. One that tells of
something under way stays until that ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEasingCurve, QPropertyAnimation, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsOpacityEffect, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.formats import one_line
from hqgui.theme import look
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.fields import IconLabel
from hqgui.views.parts.labels import ElidedLabel

MOST: Final = 3
STAY_MS: Final = 8000
_FADE_MS: Final = 120


@dataclass(frozen=True, slots=True)
class Offer:
    """A button of a strip."""

    text: str
    icon: str
    act: Callable[[], None]


class Strip(QFrame):
    """One result."""

    left = Signal()

    def __init__(
        self,
        text: str,
        detail: str,
        icon_name: str,
        ink: str,
        offer: Offer | None,
        stays: bool,
        parent: QWidget,
        under_way: bool = False,
    ) -> None:
        """`under_way`: it tells of something that goes on, and leaves when that ends."""
        super().__init__(parent)
        self.setProperty("role", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # a press here is not one on what lies below
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.words = one_line(f"{text} {detail}".strip())
        self.setAccessibleName(self.words)
        self._row = QHBoxLayout(self)
        self._row.addWidget(IconLabel(icon_name, ink, 16))
        self._label = ElidedLabel(self.words)
        self._label.setToolTip("")
        self._row.addWidget(self._label, 1)
        self._offer = None if offer is None else Button(offer.text, "small", offer.icon, offer.act)
        if self._offer is not None:
            self._offer.clicked.connect(self.leave)
            self._row.addWidget(self._offer)
        self.under_way = under_way
        self.passing = False
        """It is over when the server is back."""
        if not under_way:
            self._row.addWidget(IconButton("x", self.tr("Close"), self.leave, ink="text", size=14, side=24))
        self._timer = QTimer(self, singleShot=True, interval=STAY_MS)
        self._timer.timeout.connect(self.leave)
        self._stays = stays
        if not stays:
            self._timer.start()
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self.setFixedHeight(px(38))
        self._row.setContentsMargins(px(14), 0, px(8), 0)
        self._row.setSpacing(px(10))

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer came: it stays to be read."""
        self._timer.stop()
        # A press here leaves the keyboard where it is.
        self.setFocusProxy(QApplication.focusWidget())  # type: ignore[arg-type]

    def leaveEvent(self, event: QMouseEvent) -> None:  # type: ignore[override]
        """The pointer left."""
        if not self._stays:
            self._timer.start()

    def show_words(self, words: str) -> None:
        """Say something else."""
        self.words = words
        self._label.setText(words)
        self.setAccessibleName(words)

    def withdraw(self) -> None:
        """What was offered is not to be had here any more."""
        if self._offer is not None:
            self._offer.hide()

    def leave(self) -> None:
        """Go."""
        self.left.emit()
        self.deleteLater()
        self.hide()


class Strips(QWidget):
    """Stacks strips over the foot of the widget that it lies on, or over its head where news come at the foot."""

    def __init__(self, over: QWidget, animated: bool = True, at_head: bool = False) -> None:
        super().__init__(over)
        self._at_head = at_head
        self.setObjectName("strips")
        self._over = over
        self._animated = animated
        self._strips: list[Strip] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()
        look().tie(self, self.place)

    def tell(
        self,
        text: str,
        detail: str = "",
        icon: str = "check",
        failed: bool = False,
        offer: Offer | None = None,
        passing: bool = False,
    ) -> Strip:
        """Show a result; `passing`: only as long as the server is out of reach."""
        name, ink = ("triangle-alert", "runnable") if failed else (icon, "text2")
        strip = self._add(Strip(text, detail, name, ink, offer, failed, self))
        strip.passing = passing
        return strip

    def server_is_back(self) -> None:
        """What was said of its absence is over."""
        for strip in [one for one in self._strips if one.passing]:
            strip.leave()

    def follow(self, text: str, stop: Callable[[], None]) -> Strip:
        """Show how something goes that takes a while; whoever does it changes the words, and lets the strip leave."""
        offer = Offer(self.tr("Stop"), "x", stop)
        return self._add(Strip(text, "", "arrow-down-to-line", "text2", offer, stays=True, parent=self, under_way=True))

    def _add(self, strip: Strip) -> Strip:
        strip.left.connect(lambda: self._gone(strip))
        self._strips.append(strip)
        self._column.addWidget(strip)
        over = len(self._strips) - MOST
        for old in [one for one in self._strips[:-1] if not one.under_way][: max(over, 0)]:
            old.leave()
        self.place()
        if self._animated:
            self._fade(strip)
        return strip

    @property
    def texts(self) -> list[str]:
        """What they say, oldest first."""
        return [strip.words for strip in self._strips]

    def _gone(self, strip: Strip) -> None:
        if strip in self._strips:
            self._strips.remove(strip)
            self._column.removeWidget(strip)
            self.place()

    def place(self) -> None:
        """Lie where they lie."""
        px = look().px
        self._column.setSpacing(px(8))
        number = len(self._strips)
        height = number * px(38) + max(0, number - 1) * px(8)
        width = min(self._over.width() - 2 * px(12), px(720))
        top = px(12) if self._at_head else self._over.height() - height - px(12)
        self.setGeometry((self._over.width() - width) // 2, top, width, height)
        self.setVisible(number > 0)
        self.raise_()

    def _fade(self, strip: Strip) -> None:
        effect = QGraphicsOpacityEffect(strip)
        strip.setGraphicsEffect(effect)
        animation = QPropertyAnimation(effect, b"opacity", strip)
        animation.setDuration(_FADE_MS)
        animation.setStartValue(0.0)
        animation.setEndValue(1.0)
        animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        animation.finished.connect(lambda: strip.setGraphicsEffect(None))  # type: ignore[arg-type]
        animation.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)
