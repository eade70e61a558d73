"""The window Why waiting: what blocks one job on the left, its permitted clients on the right.

It knows no network: what it wants leaves by signals, what came back enters by a method (`hqgui.whys` is between).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QSplitter, QVBoxLayout, QWidget

from hqgui.actions import Consequence
from hqgui.models.formats import clock, one_line, rough_duration
from hqgui.models.status_words import job_label
from hqgui.models.why import words
from hqgui.models.why.answer import Why
from hqgui.models.why.below import Below
from hqgui.models.why.copying import as_text
from hqgui.models.why.permitted import Effect, Row
from hqgui.theme import look
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.views.parts.leaving import Guard, leave_by_keys
from hqgui.views.strips import Offer, Strips
from hqgui.views.why.blockers import Blockers
from hqgui.views.why.head import Head
from hqgui.views.why.permitted_editor import PermittedEditor
from hqgui.views.why.reason_rows import ReasonRows
from hqgui.views.why.verdict import Verdict, verdict_of
from hqgui.words import counted

_WIDTH, _HEIGHT = 1500, 940
_EDITOR_SHARE = 0.345
_OF_SCREEN = 0.92


def hour_and_minute(seconds: int) -> str:
    """`19:00`, local."""
    return clock(seconds)[:5]


class WhyWindow(QMainWindow):
    """Of one job."""

    check_wanted = Signal()
    fix_wanted = Signal(object)
    """A `Fix` should be done."""
    effect_wanted = Signal()
    """What the editor's draft would do should be asked for."""
    save_wanted = Signal()
    job_wanted = Signal(int)
    why_wanted = Signal(int)
    """Why another job waits."""
    copy_wanted = Signal(str)
    undo_wanted = Signal()
    closed = Signal()

    def __init__(self, job: int, now: Callable[[], float], moving: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("whyWindow")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.job = job
        self.is_open = True
        self._now = now
        self._name = ""
        self._asked_at: float | None = None
        self._moved = False
        self._opened: frozenset[str] = frozenset()
        self.why: Why | None = None
        self._below: Below | None = None
        self.head = Head()
        self.verdict = Verdict()
        self.blockers = Blockers()
        self.reasons = ReasonRows(hour_and_minute)
        self.editor = PermittedEditor()
        self._lay_out()
        self.strips = Strips(self._left, moving)
        self.ring = FocusRing(self)
        leave_by_keys(self)
        self._guard = Guard(self, lambda: self.editor.is_touched, self._ask_to_lose)
        self._second = QTimer(self, interval=1000)
        self._connect()
        self.blockers.hide()
        self._show_parts(of_clients=False)
        room = self.screen().availableSize() * _OF_SCREEN
        self.resize(min(look().px(_WIDTH), room.width()), min(look().px(_HEIGHT), room.height()))
        self.reasons.setFocus()
        self._second.start()

    def _lay_out(self) -> None:
        self._whole_title = PlainLabel(self.tr("Blocks the whole job"), "text", 12, 600)
        self._clients_title = PlainLabel(self.tr("Blocks clients"), "text", 12, 600)
        self._clients_words = ElidedLabel(
            self.tr("Each client is counted once, under the first rule that stops it"), "text3"
        )
        self._titles = QHBoxLayout()
        self._titles.addWidget(self._clients_title)
        self._titles.addWidget(self._clients_words, 1)
        self._box = QFrame()
        self._box.setProperty("role", "box")
        inner = QVBoxLayout(self._box)
        inner.setContentsMargins(1, 1, 1, 1)
        inner.addWidget(self.reasons)
        self._left = QWidget()
        self._left.setProperty("role", "window")
        self._left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(self._left)
        self._column.addWidget(self.verdict)
        self._column.addWidget(self._whole_title)
        self._column.addWidget(self.blockers)
        self._column.addLayout(self._titles)
        self._column.addWidget(self._box, 1000)
        self._column.addStretch(1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._left)
        self._split.addWidget(self.editor)
        self._split.setStretchFactor(0, 1)
        whole = QWidget()
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.head)
        rows.addWidget(self._split, 1)
        self.setCentralWidget(whole)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(24), px(16), px(24), px(20))
        self._column.setSpacing(px(9))
        self._titles.setSpacing(px(10))
        self._titles.setContentsMargins(0, px(8), 0, 0)
        self._whole_title.setContentsMargins(0, px(8), 0, 0)
        self._split.setHandleWidth(px(4))
        self.editor.setMinimumWidth(px(390))
        self._left.setMinimumWidth(px(455))
        self._share_out()

    def _connect(self) -> None:
        self.head.check_wanted.connect(self.check_wanted)
        self.head.copy_wanted.connect(self._copy)
        self.verdict.pressed.connect(self._press_best)
        self.blockers.fix_wanted.connect(self.fix_wanted)
        self.blockers.job_wanted.connect(self.job_wanted)
        self.reasons.fix_wanted.connect(self.fix_wanted)
        self.reasons.edit_wanted.connect(self.editor.rows.setFocus)
        self.reasons.more_wanted.connect(self._open_more)
        self.editor.draft_changed.connect(self.effect_wanted)
        self.editor.save_wanted.connect(self.save_wanted)
        self._second.timeout.connect(self._tick)
        self._split.splitterMoved.connect(self._border_moved)
        self.reasons.heading.geometriesChanged.connect(self._align)
        self.reasons.heading.sectionResized.connect(self._column_resized)
        for keys, act in (
            ("F5", self.check_wanted.emit),
            ("Ctrl+Return", self._press_best),
            ("Ctrl+Enter", self._press_best),
            ("Ctrl+Z", self.undo_wanted.emit),
            ("Ctrl+F", self.editor.search.edit.setFocus),
            ("F6", self._next_pane),
            ("Shift+F6", self._next_pane),
        ):
            action = QAction(self)
            action.setShortcut(keys)
            action.triggered.connect(lambda _on=False, act=act: act())
            self.addAction(action)

    def _share_out(self) -> None:
        """The editor gets about a third, until somebody moves the border."""
        if not self._moved:
            editor = min(max(round(self.width() * _EDITOR_SHARE), look().px(390)), look().px(560))
            self._split.setSizes([self.width() - editor, editor])

    def _column_resized(self, _section: int, _before: int, _now: int) -> None:
        self._align()

    def _align(self) -> None:
        """What blocks the whole job stands under the same headings as what blocks clients."""
        self.blockers.align(self.reasons.place_of_column("share"), self.reasons.place_of_column("clears"))

    def _border_moved(self, _place: int, _border: int) -> None:
        self._moved = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._share_out()

    # What is shown

    def show_farm(self, clients: Mapping[int, Row], groups: Mapping[int, Row]) -> None:
        """Clients and groups as they are now."""
        self._groups = groups
        self.editor.show_farm(clients, groups)

    def show_why(self, why: Why, name: str, permitted: frozenset[int], below: Below | None = None) -> None:
        """An answer, which clients the job is permitted now, and what waits below it."""
        first = self.why is None
        self.why, self._name, self._below = why, name, below
        self._asked_at = self._now()
        title = self.tr("Why is {name} waiting? – Wrangler").replace("{name}", one_line(name, 80))
        self.setWindowTitle(title)
        self.head.show_needs(words.tags(why.needs))
        self.editor.show_job(why.needs, permitted, self._whose(why))
        if not self.editor.is_touched:
            self.editor.show_effect(Effect(why.needs.permitted, why.needs.permitted, why.eligible, why.eligible))
        self._show()
        self._tick()
        if first:
            (self.reasons if self._box.isVisibleTo(self) else self.editor.rows).setFocus()

    def show_effect(self, why: Why, supposed: Why) -> None:
        """What would be with the editor's draft."""
        gained = supposed.eligible_clients - why.eligible_clients
        self.editor.show_effect(
            Effect(why.needs.permitted, supposed.needs.permitted, why.eligible, supposed.eligible, gained, known=True)
        )

    def show_trouble(self, text: str) -> None:
        """It cannot be said why the job waits."""
        self.verdict.show_verdict("fail-box", self.tr("It cannot be checked now"), text, "")
        if self._asked_at is None:
            self.head.show_unchecked()
        self._tick()

    def show_named(self, name: str, status: str) -> None:
        """What is known of the job before the first answer."""
        self._name = name
        self.head.show_job(name, self.job, status, job_label(status) if status else "")

    def show_busy(self) -> None:
        """It is being asked for."""
        self.head.show_age(None)

    def tell(self, text: str, detail: str, failed: bool, undo: bool) -> None:
        """What became of an action."""
        offer = Offer(self.tr("Undo"), "undo-2", self.undo_wanted.emit) if undo else None
        self.strips.tell(text, detail, failed=failed, offer=offer)

    def _whose(self, why: Why) -> str:
        if why.needs.heirs:
            children = counted(why.needs.heirs, self.tr("{n} child"), self.tr("{n} children"))
            return self.tr("for this job and its {children}").replace("{children}", children)
        return self.tr("of its root job, until saved here") if why.needs.inherits else self.tr("for this job")

    def _show(self) -> None:
        why, now = self.why, self._now()
        if why is None:
            return
        since = f", {rough_duration(max(0.0, now - why.since))}" if why.since else ""
        self.head.show_job(self._name, why.job, why.status, f"{job_label(why.status)}{since}")
        shown = verdict_of(why, self._below, now, self._group_name, hour_and_minute)
        self.verdict.show_verdict(*shown)
        self.blockers.show_why(why, now)
        self.reasons.show_why(why, now, self._opened)
        self._show_parts(of_clients=why.waits and bool(why.total))

    def _show_parts(self, of_clients: bool) -> None:
        """Nothing stands empty."""
        self._whole_title.setVisible(self.blockers.isVisibleTo(self._left))
        for part in (self._clients_title, self._clients_words, self._box):
            part.setVisible(of_clients)

    def _group_name(self, group: int) -> str:
        row = self._groups.get(group)
        return f"#{group}" if row is None else str(row["name"])

    def _tick(self) -> None:
        if self._asked_at is not None:
            self.head.show_age(self._now() - self._asked_at)

    def _open_more(self, code: str) -> None:
        self._opened |= {code}
        self._show()

    # What is wanted

    def _press_best(self) -> None:
        if self.why is None:
            return
        if self.why.best_fix is not None:
            self.fix_wanted.emit(self.why.best_fix[1])
        elif self._below is not None:
            self.why_wanted.emit(self._below.first)
        elif words.needs_clients(self.why):
            self.editor.rows.setFocus()

    def _copy(self) -> None:
        if self.why is not None:
            self.copy_wanted.emit(as_text(self.why, self._name, self._now()))

    def _next_pane(self) -> None:
        (self.reasons if self.editor.rows.hasFocus() else self.editor.rows).setFocus()

    def _ask_to_lose(self) -> ConfirmDialog:
        title = self.tr("Forget the changes of the permitted clients?")
        asked = Consequence(asks=True, linked=0, title=title, yes=self.tr("Forget them"), no=self.tr("Go on editing"))
        dialog = ConfirmDialog(asked, self)
        dialog.open()
        return dialog

    def closeEvent(self, event: QCloseEvent) -> None:
        """It is closed: nothing is asked any more."""
        if not self._guard.lets_go():
            event.ignore()
            return
        self._second.stop()
        self.is_open = False
        self.closed.emit()
        super().closeEvent(event)
