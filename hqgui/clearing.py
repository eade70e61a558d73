"""A part of the window: deleting everything in the table that has finished, or that has failed, at once.

HQueue has a button for each under its tables. Here they act on the trees that the filters show, whether or not they are
in sight, and ask as any deletion does, with how many jobs that are and whose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from PySide6.QtCore import QObject

from hqgui.actions import Outcome
from hqgui.session import Session
from hqgui.tasks import answer, spawn
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.words import QT_TRANSLATE_NOOP, counted, translate
from hqserver.wire.statuses import JobStatus

_DELETE: Final = "delete"


class Clear(NamedTuple):
    """One of the two."""

    name: str
    words: str
    statuses: frozenset[str]
    what: tuple[str, str]
    """Beside the question: which trees."""
    nothing: str


CLEARS: Final = (
    Clear(
        "delete_finished",
        QT_TRANSLATE_NOOP("Menus", "Delete finished jobs…"),
        frozenset({JobStatus.SUCCEEDED, JobStatus.CANCELLED}),
        (
            QT_TRANSLATE_NOOP("Confirm", "{n} tree: all in the table that ended well or was cancelled"),
            QT_TRANSLATE_NOOP("Confirm", "{n} trees: all in the table that ended well or were cancelled"),
        ),
        QT_TRANSLATE_NOOP("Outcome", "No finished job is in the table. The chip Finished shows them."),
    ),
    Clear(
        "delete_failed",
        QT_TRANSLATE_NOOP("Menus", "Delete failed jobs…"),
        frozenset({JobStatus.FAILED}),
        (
            QT_TRANSLATE_NOOP("Confirm", "{n} tree: all in the table that failed"),
            QT_TRANSLATE_NOOP("Confirm", "{n} trees: all in the table that failed"),
        ),
        QT_TRANSLATE_NOOP("Outcome", "No failed job is in the table. The chip Failed shows them."),
    ),
)


class Clearing(QObject):
    """Of one window."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        for clear in CLEARS:
            window.add_way(Way(clear.name, translate("Menus", clear.words), "", self._asker(clear), menu="farm"))

    def _asker(self, clear: Clear) -> Callable[[], object]:
        return lambda: spawn(self.clear(clear), clear.name)

    def trees(self, clear: Clear) -> tuple[int, ...]:
        """The trees that it would delete: those that the filters show."""
        jobs = self._session.farm.jobs
        return tuple(job for job in self._session.tree.shown_trees() if jobs.value(job, "status") in clear.statuses)

    async def clear(self, clear: Clear) -> None:
        """Ask, and delete."""
        desk = self._session.actions
        trees = self.trees(clear)
        if not trees:
            self._tell(Outcome(translate("Outcome", clear.nothing), failed=True))
            return
        refused = desk.why_not(_DELETE, trees)
        if refused:
            self._tell(Outcome(refused, failed=True))
            return
        subtitle = counted(len(trees), *(translate("Confirm", words) for words in clear.what))
        foretold = replace(desk.consequence(_DELETE, trees), subtitle=subtitle)
        if await answer(self._window.confirm(foretold).finished):
            self._tell(await desk.perform(_DELETE, trees))

    def _tell(self, outcome: Outcome) -> None:
        if self._window.is_open:
            self._window.tell(outcome)
