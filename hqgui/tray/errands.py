"""What a person wants of the tray, done: each wish is a coroutine, and what came of it is one sentence.

This machine is taken back through the agent here, which obeys at once and without a server; only where none answers is
the farm asked instead. Jobs are the farm's, and wait for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from hqgui.local_agent import AgentError
from hqgui.models import formats
from hqgui.models.tray import my_jobs
from hqgui.models.tray.keeping import Keep, ends_at, until_words
from hqgui.models.tray.machine import rules_of
from hqgui.opening import Wish, open_wrangler
from hqgui.settings import Settings
from hqgui.tasks import spawn
from hqgui.tray import asking
from hqgui.tray.dialogs import usual_keep
from hqgui.tray.session import TraySession
from hqgui.troubles import LinkError
from hqgui.words import counted, translate
from hqserver.wire.availability import Rule
from hqserver.wire.clients import Override

_LONGEST_NAME: Final = 60


class TrayErrands(QObject):
    """Of one session."""

    told = Signal(str, bool)
    """What came of a wish, and whether it failed."""

    def __init__(self, session: TraySession, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._settings = settings

    def _start(self, work: Coroutine[Any, Any, str], name: str) -> None:
        spawn(self._told(work), name)

    async def _told(self, work: Awaitable[str]) -> None:
        try:
            words = await work
        except (LinkError, AgentError) as error:
            self.told.emit(getattr(error, "words", str(error)), True)  # noqa: FBT003 - a signal's argument
        else:
            self.told.emit(words, False)  # noqa: FBT003 - a signal's argument
        self._session.look_now()

    # This machine

    def let_farm_use(self, on: bool) -> None:
        """The big switch: whether the farm may use this machine, until something else is said."""
        self._start(self._let(on), "switching this machine")

    def keep(self, choice: str) -> None:
        """It is mine for so long; what runs goes on to its end."""
        until = ends_at(Keep(choice), self._session.local_now())
        self._start(self._say(Override.MINE, until), "keeping this machine")

    def give_back(self) -> None:
        """It is the farm's again."""
        self._start(self._say(Override.NONE, None), "giving this machine back")

    def take_back(self, now: bool) -> None:
        """It is mine, now or after what runs; for as long as the preferences say."""
        until = ends_at(usual_keep(self._settings), self._session.local_now())
        self._start(self._take_back(now, until), "taking this machine back")

    async def _let(self, on: bool) -> str:
        if on:
            return await self._say(Override.NONE, None)
        if self._session.known().machine.running or any(agent.jobs for agent in self._session.known().machine.agents):
            return await self._take_back(now=False, until=None)
        return await self._say(Override.MINE, None)

    async def _say(self, mode: Override, until: float | None) -> str:
        if not await self._session.agents.set_override(mode, until):
            await self._ask_farm(mode, until)
        if mode is Override.NONE:
            return translate("Tray", "This machine is the farm's again.")
        return until_words(until, self._session.local_now()) + "."

    async def _take_back(self, now: bool, until: float | None) -> str:
        if not await self._session.agents.take_back(now, until):
            await self._ask_farm(Override.MINE if now else Override.DRAIN, until)
            if now:
                running = [job for row in self._session.farm.clients.rows.values() for job in row["runningJobs"]]
                await self._session.link.call("ejectJobs", running)
        if now:
            return until_words(until, self._session.local_now()) + "."
        return translate("Tray", "Nothing new starts here. What runs goes on to its end.")

    async def _ask_farm(self, mode: Override, until: float | None) -> None:
        """No agent here answers: the farm keeps new jobs off. Raises AgentError where it knows no client either."""
        clients = sorted(self._session.farm.clients.rows)
        if not clients or not self._session.online:
            raise AgentError(translate("Tray", "No agent answers on this machine, and the server cannot be asked."))
        date = None if until is None else datetime.fromtimestamp(until, UTC).replace(tzinfo=None, microsecond=0)
        for client in clients:
            await self._session.link.call("setClientOverride", client, mode.value, date)

    def follow_rules(self, on: bool) -> None:
        """Follow the schedule of this machine, or not."""
        self._start(self._follow_rules(on), "following the schedule")

    async def _follow_rules(self, on: bool) -> str:
        for client, row in self._session.farm.clients.rows.items():
            rules = [{**rule.as_struct(), "enabled": on} for rule in rules_of(row)]
            await self._session.link.call("setAvailabilityRules", client, rules)
        if on:
            return translate("Tray", "The schedule is followed.")
        return translate("Tray", "The schedule is not followed: the farm may use this machine at any time.")

    def change_rules(self, rules: tuple[Rule, ...]) -> None:
        """Another schedule."""
        self._start(self._change_rules(rules), "changing the schedule")

    async def _change_rules(self, rules: tuple[Rule, ...]) -> str:
        for client in self._session.farm.clients.rows:
            await self._session.link.call("setAvailabilityRules", client, [rule.as_struct() for rule in rules])
        return translate("Tray", "The schedule was changed.")

    # My jobs

    def act(self, action: str, job: int) -> None:
        """pause, resume, retry or output of a job of mine."""
        doing: dict[str, Callable[[int], Coroutine[Any, Any, str]]] = {
            "pause": lambda one: self._perform("pause", [one]),
            "resume": lambda one: self._perform("resume", [one]),
            "retry": self._retry,
            "output": self._output,
        }
        self._start(doing[action](job), f"{action} of job {job}")

    def pause_all(self) -> None:
        """Pause all my jobs or, when all are, resume them."""
        store = self._session.farm.jobs
        name = "resume" if my_jobs.all_paused(store) else "pause"
        self._start(self._perform(name, my_jobs.unfinished_ids(store)), f"{name} of my jobs")

    def retry_all(self, jobs: tuple[int, ...]) -> None:
        """Try again what failed in all these."""
        self._start(self._retry_all(jobs), "retry of what failed")

    def write_note(self, job: int, text: str) -> None:
        """Leave a note."""
        self._start(self._write_note(job, text), "a note")

    async def _perform(self, name: str, jobs: list[int]) -> str:
        outcome = await self._session.actions.perform(name, jobs)
        if outcome.failed:
            raise AgentError(outcome.text)
        return outcome.text

    async def _retry(self, job: int) -> str:
        failed = await asking.failed_below(self._session.link, job) or [job]
        await self._session.link.call("rescheduleJobs", failed)
        return counted(
            len(failed), translate("Tray", "Trying {n} job again."), translate("Tray", "Trying {n} jobs again.")
        )

    async def _retry_all(self, jobs: tuple[int, ...]) -> str:
        failed = [one for job in jobs for one in await asking.failed_below(self._session.link, job) or [job]]
        await self._session.link.call("rescheduleJobs", failed)
        return counted(
            len(failed), translate("Tray", "Trying {n} job again."), translate("Tray", "Trying {n} jobs again.")
        )

    async def _write_note(self, job: int, text: str) -> str:
        self._session.own_notes.add(text)
        actions = self._session.actions
        actions.user = self._session.signature()
        await self._session.link.call("addNote", text, None, job, None, *actions.signed())
        name = formats.one_line(str(self._session.farm.jobs.value(job, "name")), _LONGEST_NAME)
        return translate("Tray", "The note on {name} was left.").replace("{name}", name)

    # Wrangler

    async def _output(self, job: int) -> str:
        leaf = job
        if self._session.online:
            leaf = await asking.worth_reading(self._session.link, job)
        return self._open(Wish(self._session.link.url, leaf, output=True))

    def open_job(self, job: int) -> None:
        """Show a job in Wrangler; 0: just Wrangler."""
        self._tell(self._open(Wish(self._session.link.url, job)))

    def submit(self) -> None:
        """Open the form for a new job."""
        self._tell(self._open(Wish(self._session.link.url, submit=True)))

    def _tell(self, words: str) -> None:
        self.told.emit(words, bool(words))

    def _open(self, wish: Wish) -> str:
        if open_wrangler(wish):
            return ""
        return translate("Tray", "Wrangler could not be started: is hqgui installed here?")
