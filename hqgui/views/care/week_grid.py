"""A week to paint: seven days of half hours, by mouse or keyboard.

A press begins an area and the release paints it; with the keyboard Shift and the arrows make the area and Space paints.
What is painted with is told from outside. Solid means jobs, hatched means jobs when idle, empty means none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.week import CELL_MINUTES, CELLS_A_DAY, DAYS, Paint, Week, filled
from hqgui.theme import look
from hqgui.views.parts.bars import fill_of
from hqgui.words import translate
from hqserver.wire.statuses import JobStatus

ROW: Final = 20
HEAD: Final = 18
LABEL: Final = 34
LEAST_CELL: Final = 4
_GAP: Final = 3
"""Between days."""
_STEPS: Final = {
    Qt.Key.Key_Left.value: (0, -1),
    Qt.Key.Key_Right.value: (0, 1),
    Qt.Key.Key_Up.value: (-1, 0),
    Qt.Key.Key_Down.value: (1, 0),
}
_FILLS: Final = {Paint.ON: "client-busy", Paint.IDLE: JobStatus.RUNNABLE}
Place = tuple[int, int]
"""A day, Monday 0, and a half hour."""


def hours_text(first: int, last: int) -> str:
    """`19:00 – 8:00` for half hours, the last one included."""
    start, end = first * CELL_MINUTES, (last + 1) * CELL_MINUTES
    return f"{start // 60}:{start % 60:02d} – {end // 60}:{end % 60:02d}"


class WeekGrid(QWidget):
    """The grid."""

    painted = Signal(object)
    """The week as it is now, a `Week`."""
    pointed = Signal(str)
    """What is under the pointer or the cursor, in words; empty when nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Week"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.week = filled(Paint.ON)
        self.brush = Paint.ON
        self.cursor_at: Place = (0, 16)
        self._anchor: Place | None = None
        """Where the area began."""
        self._pressed = False
        self._dragged: Paint | None = None
        """What the area will be painted with."""
        self._now: datetime | None = None
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(look().px(HEAD + ROW * DAYS))
        self.setMinimumWidth(look().px(LABEL + LEAST_CELL * CELLS_A_DAY))
        self.update()

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(look().px(LABEL + 9 * CELLS_A_DAY), look().px(HEAD + ROW * DAYS))

    # What is shown

    def show_week(self, week: Week) -> None:
        """Show a week."""
        if week != self.week:
            self.week = week
            self.update()
            self._describe()

    def show_now(self, local: datetime | None) -> None:
        """Mark the time that it is at the client; None: no mark."""
        if local != self._now:
            self._now = local
            self.update()

    def days(self) -> list[str]:
        """The days' short names."""
        return translate("Formats", "Mon Tue Wed Thu Fri Sat Sun").split()

    def words_for(self, place: Place) -> str:
        """`Mon 19:00 – 19:30: jobs when idle`."""
        paint = self.week.at(*place)
        words = {
            Paint.ON: self.tr("takes jobs"),
            Paint.OFF: self.tr("no jobs"),
            Paint.IDLE: self.tr("jobs after {n} minutes without input").replace("{n}", str(self.week.idle_minutes)),
        }[paint]
        return f"{self.days()[place[0]]} {hours_text(place[1], place[1])}: {words}"

    def area(self) -> list[Place]:
        """The half hours of the area; the cursor alone where none was begun."""
        day, cell = self.cursor_at
        first_day, first_cell = self._anchor or self.cursor_at
        days = range(min(day, first_day), max(day, first_day) + 1)
        cells = range(min(cell, first_cell), max(cell, first_cell) + 1)
        return [(one, other) for one in days for other in cells]

    def _area_words(self) -> str:
        places = self.area()
        if len(places) == 1:
            return self.words_for(places[0])
        first, last = places[0], places[-1]
        days = self.days()
        named = days[first[0]] if first[0] == last[0] else f"{days[first[0]]} – {days[last[0]]}"
        return f"{named} {hours_text(first[1], last[1])}"

    def _describe(self) -> None:
        self.setAccessibleDescription(self._area_words())
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        if self.hasFocus():
            self.pointed.emit(self._area_words())

    # Painting

    def paint_area(self, paint: Paint) -> None:
        """Paint the area."""
        week = self.week.painted(self.area(), paint)
        if week != self.week:
            self.week = week
            self.painted.emit(week)
        self.update()
        self._describe()

    def _toggled(self, place: Place) -> Paint:
        """What an area that begins here is painted with: what is so already is taken back."""
        return Paint.OFF if self.week.at(*place) is self.brush else self.brush

    # Geometry

    def _cell_width(self) -> float:
        return (self.width() - look().px(LABEL) - 1) / CELLS_A_DAY

    def cell_rect(self, place: Place) -> QRectF:
        """Where a half hour is."""
        day, cell = place
        width = self._cell_width()
        height = look().px(ROW)
        return QRectF(look().px(LABEL) + cell * width, look().px(HEAD) + day * height, width, height - look().px(_GAP))

    def place_at(self, point: QPointF) -> Place | None:
        """The half hour at a point."""
        day = int((point.y() - look().px(HEAD)) // look().px(ROW))
        cell = int((point.x() - look().px(LABEL)) // max(self._cell_width(), 1.0))
        inside = 0 <= day < DAYS and 0 <= cell < CELLS_A_DAY
        return (day, cell) if inside else None

    def _nearest(self, point: QPointF) -> Place:
        day = int((point.y() - look().px(HEAD)) // look().px(ROW))
        cell = int((point.x() - look().px(LABEL)) // max(self._cell_width(), 1.0))
        return min(max(day, 0), DAYS - 1), min(max(cell, 0), CELLS_A_DAY - 1)

    # Pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """An area begins; on a day's name it is the whole day."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = self.place_at(event.position())
        day = self._nearest(event.position())[0]
        in_label = event.position().x() < look().px(LABEL) and event.position().y() >= look().px(HEAD)
        if place is None and not in_label:
            return
        self._pressed = True
        self._anchor = place or (day, 0)
        self.cursor_at = place or (day, CELLS_A_DAY - 1)
        self._dragged = self._toggled(self._anchor)
        self._describe()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The area grows, or the pointer wanders."""
        if not self._pressed:
            place = self.place_at(event.position())
            self.pointed.emit("" if place is None else self.words_for(place))
            self.setToolTip(tooltip("" if place is None else self.words_for(place)))
            return
        self.cursor_at = self._nearest(event.position())
        self._describe()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The area is painted."""
        if self._pressed and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = False
            paint, self._dragged = self._dragged, None
            self.paint_area(self.brush if paint is None else paint)
            self._anchor = None
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, with Shift they make an area; Space paints it, Delete takes it away, Escape forgets it."""
        key = event.key()
        step = _STEPS.get(int(key))
        if step is not None:
            self._move(step, event)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._move((0, -CELLS_A_DAY if key == Qt.Key.Key_Home else CELLS_A_DAY), event)
        elif key == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._anchor, self.cursor_at = (0, 0), (DAYS - 1, CELLS_A_DAY - 1)
            self._describe()
            self.update()
        elif key == Qt.Key.Key_Space:
            self.paint_area(self._toggled(self._anchor or self.cursor_at))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.paint_area(Paint.OFF)
        elif key == Qt.Key.Key_Escape and self._anchor is not None:
            self._anchor = None
            self.update()
        else:
            super().keyPressEvent(event)

    def _move(self, step: Place, event: QKeyEvent) -> None:
        extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if extends and self._anchor is None:
            self._anchor = self.cursor_at
        elif not extends:
            self._anchor = None
        day, cell = self.cursor_at
        self.cursor_at = min(max(day + step[0], 0), DAYS - 1), min(max(cell + step[1], 0), CELLS_A_DAY - 1)
        self._describe()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """It has the keyboard."""
        super().focusInEvent(event)
        self._describe()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """It has it no more."""
        super().focusOutEvent(event)
        self._anchor = None
        self.pointed.emit("")
        self.update()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        self._paint_hours(painter)
        for day, name in enumerate(self.days()):
            self._paint_day(painter, day, name)
        if self._now is not None:
            self._paint_now(painter, self._now)
        self._paint_area(painter)

    def _paint_hours(self, painter: QPainter) -> None:
        painter.setFont(look().font(10))
        painter.setPen(look().color("text3"))
        metrics = QFontMetrics(look().font(10))
        for hour in range(0, 25, 3):
            x = self.cell_rect((0, hour * 2)).left() if hour < 24 else float(self.width() - 1)
            text = str(hour)
            width = metrics.horizontalAdvance(text)
            left = min(x - width / 2, self.width() - width - 1) if hour else x
            painter.drawText(QPointF(left, look().px(HEAD) - look().px(5)), text)

    def _paint_day(self, painter: QPainter, day: int, name: str) -> None:
        rect = self.cell_rect((day, 0))
        painter.setFont(look().font(11))
        painter.setPen(look().color("text2" if self.isEnabled() else "textDis"))
        label = QRectF(0, rect.top(), look().px(LABEL), rect.height())
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, name)
        whole = QRectF(rect.left(), rect.top(), self.width() - 1 - rect.left(), rect.height())
        painter.fillRect(whole, look().color("track"))
        for first, last, paint in self._runs(day):
            self._fill(painter, day, first, last, paint)
        painter.setPen(QPen(look().color("panel"), 1))
        for hour in range(3, 24, 3):
            x = round(self.cell_rect((day, hour * 2)).left()) + 0.5
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))

    def _runs(self, day: int) -> list[tuple[int, int, Paint]]:
        found: list[tuple[int, int, Paint]] = []
        for cell in range(CELLS_A_DAY):
            paint = self.week.at(day, cell)
            if found and found[-1][2] is paint:
                found[-1] = (found[-1][0], cell, paint)
            else:
                found.append((cell, cell, paint))
        return [run for run in found if run[2] is not Paint.OFF]

    def _fill(self, painter: QPainter, day: int, first: int, last: int, paint: Paint) -> None:
        start, end = self.cell_rect((day, first)), self.cell_rect((day, last))
        left, right = round(start.left()), round(end.right())
        rect = QRect(QPoint(left, round(start.top())), QSize(right - left, round(start.height())))
        ratio = self.devicePixelRatioF()
        brush = fill_of(_FILLS[paint], ratio)
        if brush.texture().isNull():
            painter.fillRect(rect, look().color("fSucceeded"))
            return
        painter.save()
        painter.translate(rect.topLeft())
        painter.scale(1 / ratio, 1 / ratio)
        painter.setBrushOrigin(QPointF(-left * ratio, 0))
        painter.fillRect(QRectF(0, 0, rect.width() * ratio, rect.height() * ratio), brush)
        painter.restore()

    def _paint_now(self, painter: QPainter, now: datetime) -> None:
        cell = (now.hour * 60 + now.minute) / CELL_MINUTES
        rect = self.cell_rect((now.weekday(), 0))
        x = round(rect.left() + cell * self._cell_width())
        painter.fillRect(QRectF(x - 1, rect.top() - 1, 2, rect.height() + 2), look().color("text"))

    def _paint_area(self, painter: QPainter) -> None:
        if not (self.hasFocus() or self._pressed):
            return
        places = self.area()
        rect = self.cell_rect(places[0]).united(self.cell_rect(places[-1]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look().color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), 2, 2)
