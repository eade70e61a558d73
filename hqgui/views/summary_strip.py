"""The strip over the tree: clients and jobs by state, resources, what was finished in the last day.

One widget, one paint. Each painted part leaves a place behind with its tooltip and, where a click does something, what
it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from hqgui.models.formats import count, one_line, tooltip
from hqgui.models.status_words import client_label, job_label
from hqgui.models.summary import ResourceFacts, SummaryFacts
from hqgui.theme import look
from hqgui.views.parts.bars import paint_bar
from hqgui.views.parts.cell_paint import STALE
from hqgui.views.parts.chips import look_width
from hqgui.views.parts.glyphs import glyph, paint_glyph
from hqgui.words import QT_TRANSLATE_NOOP, translate
from hqserver.wire.statuses import JobStatus

HEIGHT: Final = 58
_PAD: Final = 16
_FINISHED_WIDTH: Final = 224
_RESOURCE: Final = 103
_RESOURCE_GAP: Final = 11
_SHORT: Final = {
    "client-busy": QT_TRANSLATE_NOOP("Summary", "busy"),
    "client-available": QT_TRANSLATE_NOOP("Summary", "free"),
    "client-onhold": QT_TRANSLATE_NOOP("Summary", "held"),
    "client-unavailable": QT_TRANSLATE_NOOP("Summary", "off hours"),
    "client-drained": QT_TRANSLATE_NOOP("Summary", "drained"),
    "client-taken back": QT_TRANSLATE_NOOP("Summary", "taken back"),
    "client-disabled": QT_TRANSLATE_NOOP("Summary", "disabled"),
    "client-offline": QT_TRANSLATE_NOOP("Summary", "offline"),
    JobStatus.RUNNING: QT_TRANSLATE_NOOP("Summary", "running"),
    JobStatus.PAUSED: QT_TRANSLATE_NOOP("Summary", "paused"),
    JobStatus.RUNNABLE: QT_TRANSLATE_NOOP("Summary", "need machine"),
    JobStatus.QUEUED: QT_TRANSLATE_NOOP("Summary", "need children"),
    JobStatus.FAILED: QT_TRANSLATE_NOOP("Summary", "failed"),
    JobStatus.ABANDONED: QT_TRANSLATE_NOOP("Summary", "abandoned"),
}
"""Words of the legends, short because they stand side by side."""
_STALE_INK: Final = {"text": "text2", "text2": "text3"}
_RARE: Final = (JobStatus.CANCELLED, JobStatus.ABANDONED)


@dataclass(frozen=True, slots=True)
class _Place:
    rect: QRect
    tip: str
    ask: Callable[[], None] | None = None


class SummaryStrip(QWidget):
    """The strip."""

    clients_wanted = Signal(str)
    """Clients in a state should be shown; empty: all."""
    jobs_wanted = Signal(str)
    """Jobs in a state should be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("summaryStrip")
        self.setAccessibleName(self.tr("Farm summary"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._facts: SummaryFacts | None = None
        self._places: list[_Place] = []
        self._stale = False
        self._legend_end = 0
        self._gap = 0
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(look().px(HEIGHT))
        self.update()

    def minimumSizeHint(self) -> QSize:
        """It can be narrow: words go first, then whole parts."""
        return QSize(look().px(320), look().px(HEIGHT))

    def show_facts(self, facts: SummaryFacts | None) -> None:
        """Show other figures; None: nothing is known yet."""
        if facts != self._facts:
            self._facts = facts
            self.setAccessibleDescription(_unknown() if facts is None else _sentence(facts))
            self.update()

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        if stale != self._stale:
            self._stale = stale
            self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("window"))
        bottom = self.height() - 1
        painter.fillRect(QRect(0, bottom, self.width(), 1), look().color("line"))
        self._places = []
        if self._facts is None:
            self._paint_unknown(painter, bottom)
            return
        if self._stale:
            painter.setOpacity(STALE)
        x, right = 0, self.width()
        if right >= look().px(1150):
            right -= look().px(_FINISHED_WIDTH)
            self._paint_finished(painter, QRect(right, 0, self.width() - right, bottom), self._facts)
        shown = self._resources_that_fit(right)
        if shown:
            room = len(shown) * look().px(_RESOURCE + _RESOURCE_GAP) + look().px(2 * _PAD - _RESOURCE_GAP)
            right -= room
            self._paint_resources(painter, QRect(right, 0, room, bottom), shown)
        half = self._divide(right, self._facts)
        self._paint_clients(painter, QRect(x, 0, half, bottom), self._facts)
        self._paint_jobs(painter, QRect(half, 0, right - half, bottom), self._facts)

    def _paint_unknown(self, painter: QPainter, height: int) -> None:
        """Where clients and jobs will stand."""
        half = self.width() // 2
        for title, rect in (
            (translate("Summary", "Clients"), QRect(0, 0, half, height)),
            (translate("Summary", "Jobs"), QRect(half, 0, self.width() - half, height)),
        ):
            self._border(painter, rect)
            self._title(painter, rect.x() + look().px(_PAD), title, _unknown())
            self._bar(painter, rect, [], 0, self.jobs_wanted.emit)

    def _divide(self, room: int, facts: SummaryFacts) -> int:
        """Where clients end and jobs begin: in the middle, unless only another place has room for all words."""
        half = room // 2
        clients = half - _legend_width([(f"client-{status}", n) for status, n in facts.clients], facts.upgrades)
        jobs = room - half - _legend_width([item for item in facts.jobs if item[0] not in _RARE])
        if jobs < 0 < clients:
            return half - min(_in_steps(-jobs), clients)
        return half + min(_in_steps(-clients), jobs) if clients < 0 < jobs else half

    def _resources_that_fit(self, room: int) -> Sequence[ResourceFacts]:
        assert self._facts is not None
        each = look().px(_RESOURCE + _RESOURCE_GAP)
        fit = (room - 2 * look().px(420)) // each
        return self._facts.resources[: max(0, min(fit, 6))]

    def _border(self, painter: QPainter, rect: QRect) -> None:
        if rect.x() > 0:
            painter.fillRect(QRect(rect.x(), 0, 1, rect.height()), look().color("line"))

    def _title(self, painter: QPainter, x: int, title: str, detail: str = "", room: int = 10_000) -> None:
        shown = _text(painter, x, 14, title, 11, 500, "text2", room)
        if detail:
            _text(painter, shown + look().px(7), 14, detail, 11, 400, "text3")

    def _paint_clients(self, painter: QPainter, rect: QRect, facts: SummaryFacts) -> None:
        self._border(painter, rect)
        words = translate("Summary", "{n} registered").replace("{n}", count(facts.registered))
        self._title(painter, rect.x() + look().px(_PAD), translate("Summary", "Clients"), words)
        items = [(f"client-{status}", n) for status, n in facts.clients]
        self._bar_and_legend(painter, rect, items, facts.registered, self.clients_wanted.emit)
        if facts.upgrades:
            self._legend_item(painter, self._legend_end, "upgrade", facts.upgrades, "", None)

    def _paint_jobs(self, painter: QPainter, rect: QRect, facts: SummaryFacts) -> None:
        self._border(painter, rect)
        one, many = (
            translate("Summary", "{n} unfinished in one tree"),
            translate("Summary", "{n} unfinished in {trees} trees"),
        )
        words = one if facts.trees == 1 else many.replace("{trees}", count(facts.trees))
        words = words.replace("{n}", count(facts.unfinished))
        self._title(painter, rect.x() + look().px(_PAD), translate("Summary", "Jobs"), words)
        legend = sorted(facts.jobs, key=lambda item: (item[0] in _RARE, item[0] == JobStatus.FAILED))
        unfinished = [(status, n) for status, n in facts.jobs if status != JobStatus.FAILED]
        self._bar(painter, rect, unfinished, facts.unfinished, self.jobs_wanted.emit)
        self._legend(painter, rect, legend, self.jobs_wanted.emit)

    def _bar_and_legend(
        self, painter: QPainter, rect: QRect, items: list[tuple[str, int]], total: int, ask: Callable[[str], None]
    ) -> None:
        self._bar(painter, rect, items, total, ask)
        self._legend(painter, rect, items, ask)

    def _bar(
        self, painter: QPainter, rect: QRect, items: list[tuple[str, int]], total: int, ask: Callable[[str], None]
    ) -> None:
        pad = look().px(_PAD)
        box = QRect(rect.x() + pad, look().px(25), rect.width() - 2 * pad, look().px(8))
        paint_bar(painter, box, [(status, n / max(total, 1)) for status, n in items])
        x = float(box.x())
        for status, n in items:
            width = box.width() * n / max(total, 1)
            place = QRect(round(x), box.y() - 4, max(round(width), 3), box.height() + 8)
            self._places.append(_Place(place, _tip(status, n, total), _asker(ask, status)))
            x += width

    def _fitting(self, items: list[tuple[str, int]], room: int) -> list[tuple[str, int]]:
        """Leave out what is rare where there is no room for it."""
        while items and items[-1][0] in _RARE and sum(_item_width(n, _word(status)) for status, n in items) > room:
            items = items[:-1]
        return items

    def _legend(self, painter: QPainter, rect: QRect, items: list[tuple[str, int]], ask: Callable[[str], None]) -> None:
        pad = look().px(_PAD)
        x, end = rect.x() + pad, rect.right() - pad
        items = self._fitting(items, end - x + look().px(16))
        words = [_word(status) for status, _ in items]
        wide = sum(_item_width(n, word) for (_, n), word in zip(items, words, strict=True))
        upgrades = self._facts.upgrades if self._facts is not None and rect.x() == 0 else 0
        extra = look().px(28) if upgrades else 0
        tight = x + wide + extra > end + look().px(12)
        self._gap = look().px(8 if tight else 11)
        if tight and x + wide + extra - len(items) * look().px(3) > end + look().px(12):
            words = [""] * len(words)
        for (status, n), word in zip(items, words, strict=True):
            if x + _item_width(n, word) > end + look().px(12):
                break
            x = self._legend_item(painter, x, status, n, word, _asker(ask, status))
        self._legend_end = x

    def _legend_item(
        self, painter: QPainter, x: int, status: str, n: int, word: str, ask: Callable[[], None] | None
    ) -> int:
        size = look().px(11)
        middle = look().px(45)
        painter.drawPixmap(x, middle - size // 2, glyph(status, size, self.devicePixelRatioF()))
        start = x
        x = _text(painter, x + look().px(16), 45, count(n), 11, 600, "text")
        if word:
            x = _text(painter, x + look().px(4), 45, word, 11, 400, "text3")
        place = QRect(start, middle - look().px(10), x - start, look().px(20))
        self._places.append(_Place(place, _tip(status, n, 0), ask))
        return x + self._gap

    def _paint_resources(self, painter: QPainter, rect: QRect, shown: Sequence[ResourceFacts]) -> None:
        self._border(painter, rect)
        x = rect.x() + look().px(_PAD)
        width = look().px(_RESOURCE)
        for resource in shown:
            full = resource.amount > 0 and resource.used >= resource.amount
            self._title(painter, x, one_line(resource.name, 60), room=width)
            share = resource.used / resource.amount if resource.amount > 0 else 0.0
            part = "full" if full else "running"
            paint_bar(painter, QRect(x, look().px(25), width, look().px(8)), ((part, min(share, 1.0)),))
            self._resource_words(painter, x, resource, full)
            tip = translate("Summary", "{name}: {used} of {amount} in use")
            tip = tip.format(name=resource.name, used=resource.used, amount=resource.amount)
            self._places.append(_Place(QRect(x, 0, width, rect.height()), tip))
            x += width + look().px(_RESOURCE_GAP)

    def _resource_words(self, painter: QPainter, x: int, resource: ResourceFacts, full: bool) -> None:
        end = _text(painter, x, 45, count(resource.used), 11, 600, "text")
        words = translate("Summary", "of {n}").replace("{n}", count(resource.amount))
        end = _text(painter, end + look().px(5), 45, words, 11, 400, "text3")
        if full:
            size = look().px(12)
            box = QRectF(end + look().px(9), look().px(45) - size / 2, size, size)
            paint_glyph(painter, "warning", box)
            _text(painter, round(box.right()) + look().px(4), 45, translate("Summary", "full"), 11, 400, "runnable")

    def _paint_finished(self, painter: QPainter, rect: QRect, facts: SummaryFacts) -> None:
        self._border(painter, rect)
        x = rect.x() + look().px(_PAD)
        self._title(painter, x, translate("Summary", "Finished"))
        end = _text(painter, x, 36, count(facts.finished_last_hour), 16, 600, "text")
        _text(painter, end + look().px(5), 38, translate("Summary", "/ h"), 11, 400, "text3")
        chart = QRect(rect.right() - look().px(_PAD + 118), look().px(9), look().px(118), look().px(29))
        _sparkline(painter, chart, facts.finished_points)
        words = translate("Summary", "last 24 h")
        _text(painter, chart.right() + 1 - look_width(words, 400, 11), 49, words, 11, 400, "text3")
        tip = translate("Summary", "{n} jobs finished in the last hour, {day} in the last 24 hours")
        tip = tip.format(n=count(facts.finished_last_hour), day=count(sum(facts.finished_points)))
        self._places.append(_Place(rect, tip))

    # Pointer

    def _at(self, point: QPoint) -> _Place | None:
        return next((place for place in self._places if place.rect.contains(point)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pointer moved."""
        place = self._at(event.position().toPoint())
        hand = place is not None and place.ask is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click asks for what was clicked."""
        place = self._at(event.position().toPoint())
        if place is not None and place.ask is not None and event.button() == Qt.MouseButton.LeftButton:
            place.ask()

    def event(self, event: QEvent) -> bool:
        """A tooltip for each part."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._at(event.pos())
            QToolTip.showText(event.globalPos(), "" if place is None else tooltip(place.tip), self)
            return True
        return super().event(event)


def _asker(ask: Callable[[str], None], status: str) -> Callable[[], None]:
    return lambda: ask(status.removeprefix("client-"))


def _tip(status: str, n: int, total: int) -> str:
    if status == "upgrade":
        return translate("Summary", "{n} clients need an upgrade").replace("{n}", count(n))
    word = client_label(status.removeprefix("client-")) if status.startswith("client-") else job_label(status)
    share = f", {n / total:.0%}" if total else ""
    return f"{word}: {count(n)}{share}"


def _word(status: str) -> str:
    return translate("Summary", _SHORT[status]) if status in _SHORT else status


def _item_width(n: int, word: str) -> int:
    width = look().px(16 + 11) + look_width(count(n), 600, 11)
    return width + (look().px(4) + look_width(word, 400, 11) if word else 0)


def _legend_width(items: Sequence[tuple[str, int]], upgrades: int = 0) -> int:
    """What a legend needs with all its words, at its usual distances."""
    words = sum(_item_width(n, _word(status)) for status, n in items)
    return words + look().px(2 * _PAD - 11) + (look().px(28) if upgrades else 0)


def _in_steps(room: int) -> int:
    """Rounded up, so that a digit more moves nothing."""
    step = look().px(16)
    return -(-room // step) * step


def _text(
    painter: QPainter, x: int, middle: int, text: str, size: int, weight: int, ink: str, room: int = 10_000
) -> int:
    """A line of text around a height; gives where it ends. Where all else is dim it steps down, to be readable."""
    opacity = painter.opacity()
    if opacity < 1.0:
        painter.setOpacity(1.0)
        ink = _STALE_INK.get(ink, ink)
    font = look().font(size, weight)
    painter.setFont(font)
    painter.setPen(look().color(ink))
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    baseline = look().px(middle) + (metrics.ascent() - metrics.descent()) / 2
    painter.drawText(QPointF(x, round(baseline)), shown)
    painter.setOpacity(opacity)
    return x + metrics.horizontalAdvance(shown)


def _sparkline(painter: QPainter, rect: QRect, points: Sequence[int]) -> None:
    if len(points) < 2:
        return
    top = max(*points, 1)
    step = (rect.width() - look().px(2)) / (len(points) - 1)
    places = [
        QPointF(rect.x() + place * step, rect.bottom() - value / top * (rect.height() - look().px(4)))
        for place, value in enumerate(points)
    ]
    line = QPainterPath(places[0])
    for place in places[1:]:
        line.lineTo(place)
    area = QPainterPath(line)
    area.lineTo(places[-1].x(), rect.bottom() + 1)
    area.lineTo(rect.x(), rect.bottom() + 1)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(area, look().mixed("window", "running", 0.2))
    painter.setPen(QPen(look().color("running"), max(1.5 * look().zoom, 1.2)))
    painter.drawPath(line)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look().color("running"))
    painter.drawEllipse(places[-1], look().px(2.5), look().px(2.5))
    painter.restore()


def _unknown() -> str:
    return translate("Summary", "not known yet")


def _sentence(facts: SummaryFacts) -> str:
    clients = ", ".join(f"{count(n)} {client_label(status)}" for status, n in facts.clients)
    jobs = ", ".join(f"{count(n)} {job_label(status)}" for status, n in facts.jobs)
    resources = ", ".join(f"{one_line(r.name, 60)} {r.used}/{r.amount}" for r in facts.resources)
    finished = translate("Summary", "{n} finished in the last hour").replace("{n}", count(facts.finished_last_hour))
    return "; ".join(part for part in (clients, jobs, resources, finished) if part)
