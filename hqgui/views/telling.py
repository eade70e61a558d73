"""Says what became of an action: a strip over the tree's foot, a line in what happened, the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from hqgui.actions import Outcome
from hqgui.views.activity import ActivityLog, activity_popup
from hqgui.views.strips import Offer, Strip, Strips
from hqgui.views.toolbar import Bell
from hqgui.words import counted


class Telling(QObject):
    """Of one window."""

    undo_wanted = Signal()
    job_wanted = Signal(int)
    """One of those that an action left alone should be shown."""

    def __init__(self, strips: Strips, bell: Bell, now: Callable[[], float], parent: QObject) -> None:
        super().__init__(parent)
        self.strips = strips
        self.activity = ActivityLog()
        self._bell = bell
        self._now = now
        self._undoable: Strip | None = None
        """The strip of the newest change, which is the one that Undo takes back."""
        bell.clicked.connect(self.open_activity)

    def tell(self, outcome: Outcome) -> None:
        """Show what became of an action."""
        warn = outcome.failed or bool(outcome.skipped)
        offer = self._offer(outcome)
        strip = self.strips.tell(outcome.text, outcome.detail, failed=warn, offer=offer, passing=outcome.passing)
        if outcome.undo:
            self.withdraw_undo()
            self._undoable = strip
            strip.left.connect(lambda: self._gone(strip))
        self.activity.note(self._now(), f"{outcome.text} {outcome.detail}".strip(), outcome.failed)
        if outcome.failed:
            self._bell.show_unseen(unseen=True)
        if outcome.clipboard is not None:
            QGuiApplication.clipboard().setText(outcome.clipboard)

    def withdraw_undo(self) -> None:
        """The change of the strip that offers Undo is not the newest any more, or is being taken back."""
        if self._undoable is not None:
            self._undoable.withdraw()
            self._undoable = None

    def _gone(self, strip: Strip) -> None:
        if self._undoable is strip:
            self._undoable = None

    def _offer(self, outcome: Outcome) -> Offer | None:
        if outcome.undo:
            return Offer(self.tr("Undo"), "undo-2", self.undo_wanted.emit)
        if not outcome.skipped:
            return None
        words = counted(len(outcome.skipped), self.tr("Show the one"), self.tr("Show the {n}"))
        return Offer(words, "", lambda: self.job_wanted.emit(outcome.skipped[0]))

    def offer_undo(self, text: str, undo: Callable[[], None]) -> None:
        """Say what was changed in this window alone, and take it back if that is wanted."""
        self.strips.tell(text, offer=Offer(self.tr("Undo"), "undo-2", undo))
        self.activity.note(self._now(), text, failed=False)

    def failure(self, what: str, error: BaseException) -> None:
        """Say that the program itself failed at something; the log has the rest."""
        words = self.tr("Something went wrong in this window: {what}.").replace("{what}", what)
        self.tell(Outcome(words, f"{type(error).__name__}: {error}", failed=True))

    def copy(self, text: str) -> None:
        """Put a text on the clipboard, and say so."""
        QGuiApplication.clipboard().setText(text)
        self.strips.tell(self.tr("Copied."), icon="copy")

    def open_activity(self) -> None:
        """Show what happened lately."""
        self._bell.show_unseen(unseen=False)
        activity_popup(self.activity, self._bell.window()).open_under(self._bell)


def call_attention(window: QWidget) -> None:
    """Have the desktop say that there is news in a window that is not in use."""
    QApplication.alert(window)
