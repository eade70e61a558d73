"""Why waiting, between its views and the server: asks, does what buttons want, then asks again.

One coroutine attends to each window and to the inspector's page. It asks when there is news of the job, when somebody
wants to know, and now and then while nothing happens; never more than one question of a kind at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

from hqgui.actions import Outcome
from hqgui.feed_state import FeedState, Phase
from hqgui.models.client_cells import job_title
from hqgui.models.farm import FarmChanges
from hqgui.models.why.answer import Fix, Why, read_why
from hqgui.models.why.below import Below, waiting_below
from hqgui.session import Session
from hqgui.tasks import answer, spawn
from hqgui.troubles import LinkError
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.views.why.page import WhyPage
from hqgui.views.why.window import WhyWindow, hour_and_minute
from hqgui.words import translate
from hqserver.wire.reasons import Reason

AGAIN_SECONDS: Final = 15.0
"""After which it is asked again though nothing was heard: a machine may have become free."""
FARM_AFTER_MS: Final = 1500
SETTLE_SECONDS: Final = 0.15
"""Clicks in the editor that follow each other ask once."""
_NEEDS: Final = "explain"


class Whys(QObject):
    """All that one main window knows of why jobs wait."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.windows: dict[int, Asking] = {}
        self.page = WhyPage(hour_and_minute)
        self.tab = window.inspector.add_tab(translate("Why", "Why waiting"), self.page)
        self._paging = Paging(session, window, self)
        window.add_way(
            Way("why", translate("Menus", "Why waiting"), "W", self.open_current, in_table=True, menu="jobs")
        )
        window.add_way(
            Way(
                "permitted",
                translate("Menus", "Permitted clients…"),
                "",
                self.open_permitted,
                in_table=True,
                menu="jobs",
            )
        )
        window.tree.why_wanted.connect(self.open)
        window.inspector.permitted_wanted.connect(self.open_editor)
        window.tree.clients_dropped.connect(self.open_with)
        window.closed.connect(self._close)
        session.flushed.connect(self._flushed)
        session.feed.state_changed.connect(self._state_changed)

    def open_current(self) -> None:
        """Of the current job."""
        job = self._window.tree.current_id()
        if job is not None:
            self.open(job)

    def open_permitted(self) -> None:
        """The same, with the keyboard in the list of clients."""
        job = self._window.tree.current_id()
        if job is not None:
            self.open_editor(job)

    def open_editor(self, job: int) -> None:
        """Of a job, with the keyboard in the list of clients."""
        self.open(job).view.editor.rows.setFocus()

    def open_with(self, job: int, clients: tuple[int, ...]) -> None:
        """The same, with clients checked that were dropped on a job; nothing is saved."""
        editor = self.open(job).view.editor
        editor.permit(frozenset(clients))
        editor.rows.setFocus()

    def open(self, job: int) -> Asking:
        """The window of a job, in front."""
        asking = self.windows.get(job)
        if asking is None:
            view = WhyWindow(job, self._session.now, parent=self._window)
            asking = self.windows[job] = Asking(self._session, self._window, view, self)
            view.closed.connect(lambda: self.windows.pop(job, None))
            view.why_wanted.connect(self.open)
            view.show()
            asking.start()
        asking.view.raise_()
        asking.view.activateWindow()
        return asking

    def _flushed(self, changes: FarmChanges) -> None:
        for asking in tuple(self.windows.values()):
            asking.heard(changes)
        self._paging.heard(changes)

    def _state_changed(self, state: FeedState) -> None:
        if state.phase is Phase.LIVE:
            for asking in tuple(self.windows.values()):
                asking.ask_again()
            self._paging.ask_again()
        elif state.phase is Phase.RECONNECTING:
            words = translate("Why", "The server is out of reach. What you see is as it was then.")
            for asking in tuple(self.windows.values()):
                asking.view.show_trouble(words)

    def _close(self) -> None:
        for asking in tuple(self.windows.values()):
            asking.view.close()
        self._paging.stop()


class Attending(QObject):
    """Asks about one job, over and over, as long as somebody looks."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def ask_again(self) -> None:
        """Ask as soon as may be."""
        self._news.set()

    def stop(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _attend(self, job: int) -> None:
        while True:
            self._news.clear()
            await self._ask(job)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), AGAIN_SECONDS)
            await asyncio.sleep(SETTLE_SECONDS)

    async def _ask(self, job: int) -> None:
        raise NotImplementedError

    async def _why(self, job: int, conditions: list[dict[str, str]] | None = None) -> Why:
        more = [] if conditions is None else [conditions]
        return read_why(await self._session.link.call("explainJob", job, *more), self._called)

    def _below(self, job: int, why: Why) -> Below | None:
        jobs = self._session.farm.jobs
        waits = bool(why.reasons) and why.reasons[0].code == Reason.CHILDREN
        return waiting_below(jobs, job) if waits and job in jobs else None

    def _called(self, job: int, name: str) -> str:
        """With the name of what it is in: a frame's number alone says little."""
        jobs = self._session.farm.jobs
        return job_title(jobs, job) if job in jobs else name

    def _group(self, group: int) -> str:
        row = self._session.farm.groups.get(group)
        return f"#{group}" if row is None else str(row["name"])

    def _can_explain(self) -> bool:
        return _NEEDS in self._session.actions.features

    async def _do(self, job: int, fix: Fix, window: MainWindow) -> Outcome | None:
        """Do a fix; None: somebody thought better of it."""
        desk = self._session.actions
        if fix.code == "eject":
            jobs = fix.calls[0].arguments[0]
            foretold = desk.consequence("eject", jobs)
            if foretold.asks and not await answer(window.confirm(foretold).finished):
                return None
        return await desk.fix(fix, job)


class Asking(Attending):
    """Of one window."""

    def __init__(self, session: Session, window: MainWindow, view: WhyWindow, parent: QObject) -> None:
        super().__init__(session, parent)
        self._window = window
        self.view = view
        self._effect: asyncio.Task[None] | None = None
        self._farm_soon = QTimer(self, singleShot=True, interval=FARM_AFTER_MS)
        """Clients call in all the time; a list of thousands is not made anew each time."""
        self._farm_soon.timeout.connect(self._show_farm)
        view.check_wanted.connect(self.ask_again)
        view.fix_wanted.connect(lambda fix: self._begin(self._press(fix), "a fix"))
        view.save_wanted.connect(lambda: self._begin(self._save(), "saving permitted clients"))
        view.undo_wanted.connect(lambda: self._begin(self._undo(), "undo"))
        view.effect_wanted.connect(self._ask_effect)
        view.job_wanted.connect(window.go_to_job)
        view.copy_wanted.connect(lambda text: QGuiApplication.clipboard().setText(text))
        view.closed.connect(self.stop)

    def start(self) -> None:
        """Begin to ask."""
        self._show_farm()
        jobs, job = self._session.farm.jobs, self.view.job
        self.view.show_named(self._name(job), str(jobs.value(job, "status")) if job in jobs else "")
        self._task = spawn(self._attend(self.view.job), f"asking why job {self.view.job} waits")

    def _show_farm(self) -> None:
        self.view.show_farm(self._session.farm.clients.rows, self._session.farm.groups)

    def stop(self) -> None:
        """Ask no more."""
        super().stop()
        self._farm_soon.stop()
        if self._effect is not None:
            self._effect.cancel()

    def heard(self, changes: FarmChanges) -> None:
        """There is news of the farm."""
        if (changes.clients or changes.kinds) and not self._farm_soon.isActive():
            self._farm_soon.start()
        if self.view.job in changes.jobs.changed:
            self.ask_again()

    def _begin(self, work: Any, what: str) -> None:
        spawn(work, f"{what} for job {self.view.job}")

    async def _ask(self, job: int) -> None:
        if not self._can_explain():
            row = self._session.farm.jobs.value(job, "waitingFor") if job in self._session.farm.jobs else ""
            self.view.show_trouble(str(row) or translate("Why", "This server does not say more."))
            self.view.editor.setEnabled(False)
            return
        self.view.editor.setEnabled(True)
        try:
            why = await self._why(job)
            permitted = await self._permitted(job)
        except LinkError as error:
            self.view.show_trouble(error.words)
            return
        self.view.show_why(why, self._name(job), permitted, self._below(job, why))
        if self.view.editor.is_touched:
            await self._show_effect()

    async def _permitted(self, job: int) -> frozenset[int]:
        labels = set(await self._session.link.call("getPermittedClientsList", job))
        rows = self._session.farm.clients.rows
        return frozenset(id_ for id_, row in rows.items() if row["label"] in labels)

    def _name(self, job: int) -> str:
        jobs = self._session.farm.jobs
        return str(jobs.value(job, "name")) if job in jobs else f"#{job}"

    def _ask_effect(self) -> None:
        if self._effect is not None:
            self._effect.cancel()
        if self.view.editor.is_touched:
            self._effect = spawn(self._effect_soon(), f"asking what would let job {self.view.job} run")
        elif self.view.why is not None:
            self.ask_again()

    async def _effect_soon(self) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        await self._show_effect()

    async def _show_effect(self) -> None:
        editor, why = self.view.editor, self.view.why
        if why is None:
            return
        draft = editor.draft
        try:
            supposed = await self._why(self.view.job, draft.conditions(self._session.farm.clients.rows))
        except LinkError as error:
            self._tell(Outcome(error.words, failed=True))
            return
        if editor.draft == draft:
            self.view.show_effect(why, supposed)

    async def _press(self, fix: Fix) -> None:
        outcome = await self._do(self.view.job, fix, self._window)
        if outcome is not None:
            self._tell(outcome)
            self.ask_again()

    async def _save(self) -> None:
        editor = self.view.editor
        clients = self._session.farm.clients.rows
        number = len(editor.draft.permitted(clients))
        outcome = await self._session.actions.permit(self.view.job, editor.draft.conditions(clients), number)
        if not outcome.failed:
            editor.saved()
        self._tell(outcome)
        self.ask_again()

    async def _undo(self) -> None:
        self._tell(await self._session.actions.undo())
        self.ask_again()

    def _tell(self, outcome: Outcome) -> None:
        if self.view.is_open:
            self.view.tell(outcome.text, outcome.detail, outcome.failed, outcome.undo)


class Paging(Attending):
    """Of the inspector's page."""

    def __init__(self, session: Session, window: MainWindow, whys: Whys) -> None:
        super().__init__(session, whys)
        self._window = window
        self._page = whys.page
        self._tab = whys.tab
        inspector = window.inspector
        inspector.job_changed.connect(lambda _job: self._look())
        inspector.tab_changed.connect(lambda _tab: self._look())
        self._page.fix_wanted.connect(self._press_soon)
        self._page.window_wanted.connect(lambda: self._open(whys.open))
        self._page.why_wanted.connect(whys.open)
        self._page.clients_wanted.connect(lambda: self._open(whys.open_editor))

    def _open(self, open_: Callable[[int], object]) -> None:
        job = self._window.inspector.job
        if job is not None:
            open_(job)

    def heard(self, changes: FarmChanges) -> None:
        """There is news of the farm."""
        if self._window.inspector.job in changes.jobs.changed:
            self.ask_again()

    def _look(self) -> None:
        self.stop()
        inspector = self._window.inspector
        if inspector.job is None or inspector.tab != self._tab:
            return
        if not self._can_explain():
            self._page.show_nothing(translate("Why", "This server does not say more than its column Note."))
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # a window without a server: nobody to ask
            return
        self._page.show_nothing(translate("Why", "Checking…"))
        self._task = spawn(self._attend(inspector.job), f"asking why job {inspector.job} waits")

    async def _ask(self, job: int) -> None:
        try:
            why = await self._why(job)
        except LinkError as error:
            self._page.show_nothing(error.words)
            return
        self._page.show_why(why, self._session.picture_time(), self._group, self._below(job, why))

    def _press_soon(self, fix: Fix) -> None:
        job = self._window.inspector.job
        if job is not None:
            spawn(self._press(job, fix), f"a fix for job {job}")

    async def _press(self, job: int, fix: Fix) -> None:
        outcome = await self._do(job, fix, self._window)
        if outcome is not None and self._window.is_open:
            self._window.tell(outcome)
        self.ask_again()
