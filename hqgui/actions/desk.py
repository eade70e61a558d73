"""Where actions are done: asks whether they apply, foretells what they do, calls the server, remembers how to undo.

An action's failure is an `Outcome` too: nothing is raised at a view. While the server is out of reach, none applies.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from hqgui.actions.consequences import Consequence, consequence
from hqgui.actions.deeds import Call, Deed, Step, StepsEntry, one_by_one, together
from hqgui.actions.outcomes import Outcome
from hqgui.actions.priorities import plan
from hqgui.actions.rules import NOT_APPLICABLE, RULES, Linked, linked, status_of, why_skipped
from hqgui.actions.table import ACTIONS, Kind
from hqgui.actions.undo import Caller, Entry, PauseEntry, PriorityEntry, ResumeEntry, UndoLog, present
from hqgui.models import formats
from hqgui.models.farm import FarmData
from hqgui.troubles import LinkError
from hqgui.words import counted, translate
from hqserver.wire.statuses import FINISHED

if TYPE_CHECKING:
    from hqgui.models.why.answer import Fix

END_WAIT_SECONDS: Final = 60.0
"""How long a delete waits for the jobs that it cancelled first."""
_LOOK_AGAIN_SECONDS: Final = 0.5
MOST_ASKED: Final = 5_000
"""Jobs whose priorities are asked for before they are changed."""
SPECIFICATION: Final = (
    "id", "name", "status", "command", "shell", "environment", "priority", "cpus", "tags", "conditions", "resources",
    "description", "triesLeft", "submittedBy", "frame", "output", "parents", "children", "clients", "queueTime",
    "startTime", "endTime",
)  # fmt: skip

Pause = Callable[[float], Awaitable[None]]


class Desk:
    """Actions on one farm."""

    def __init__(
        self, farm: FarmData, server: Caller, clock: Callable[[], float], pause: Pause = asyncio.sleep
    ) -> None:
        self._farm = farm
        self._server = server
        self._clock = clock
        self._pause = pause
        self._log = UndoLog()
        self._turn = asyncio.Lock()
        """One after the other: raising twice raises by two."""
        self.connected = False
        """Set by whoever follows the connection."""
        self.features: frozenset[str] = frozenset()
        self.users: frozenset[str] = frozenset()
        """The names under which the user submits."""
        self.user = ""
        """Who signs notes; empty: nobody knows."""

    def signed(self) -> list[str]:
        """The last argument of a note: who writes it, for a server that keeps that."""
        return [self.user] if self.user and _SIGNS in self.features else []

    # Before

    def why_not(self, name: str, ids: Iterable[int]) -> str:
        """Why an action does not apply; empty when it does."""
        chosen = list(ids)
        action = ACTIONS[name]
        if not chosen and not action.alone:
            return _SELECT[action.kind]()
        if name in _LOCAL:
            return ""
        if not self.connected:
            return translate("Actions", "The server is out of reach. Actions wait until it is back.")
        if action.needs and action.needs not in self.features:
            return translate("Actions", "This server cannot do that.")
        deed = _deed(name)
        if deed is not None:
            return deed.why_not(self._farm, chosen)
        rule = "set_priority" if name in _PRIORITY else name
        return "" if rule not in RULES or self._any(rule, chosen) else NOT_APPLICABLE[rule]()

    def _any(self, rule: str, chosen: Sequence[int]) -> bool:
        """Whether anything linked is concerned; asked at each selection, so counts are read before anybody walks."""
        store, concerns = self._farm.jobs, RULES[rule].concerns
        if not RULES[rule].sends_reach and any(concerns(store, job) for job in chosen):
            return True
        counted_jobs = [job for job in chosen if store.value(job, "childCounts")]
        for job in counted_jobs:
            if any(count and status in RULES[rule].found_in for status, count in store.value(job, "childCounts")):
                return True
        others = [job for job in chosen if job not in counted_jobs]
        return any(concerns(store, job) for job in RULES[rule].reach(store, others))

    def consequence(self, name: str, ids: Iterable[int]) -> Consequence:
        """What an action would do; its `asks` says whether to show that first."""
        deed = _deed(name)
        if deed is not None and deed.consequence is not None:
            return deed.consequence(self._farm, list(ids))
        if name not in RULES:
            return Consequence(asks=False, linked=len(list(ids)))
        return consequence(self._farm.jobs, name, ids, self._clock(), self.users)

    # Doing

    async def perform(self, name: str, ids: Iterable[int], value: Any = None) -> Outcome:
        """Do it. `value`: what somebody chose or typed, for actions that need it: a priority, a text, a group's id."""
        chosen = tuple(dict.fromkeys(ids))
        refused = self.why_not(name, chosen)
        if refused:
            return Outcome(refused, failed=True)
        try:
            return await self._do(name, chosen, value)
        except LinkError as error:
            return Outcome(error.words, failed=True)

    async def _do(self, name: str, chosen: tuple[int, ...], value: Any) -> Outcome:
        kind = ACTIONS[name].kind
        if kind is Kind.COPY:
            return await self._copy(name, chosen)
        if name == "copy_client":
            return self._copy_clients(chosen)
        if name == "new_group":
            return await self._new_group(chosen, str(value))
        deed = _deed(name)
        if deed is not None:
            return await self._do_deed(deed, chosen, value)
        if name in _PRIORITY:
            async with self._turn:
                return await self._set_priorities(name, chosen, value)
        if name == "delete":
            return await self._delete(chosen)
        return await self._act(name, chosen)

    async def _act(self, name: str, chosen: tuple[int, ...]) -> Outcome:
        store = self._farm.jobs
        rule, reached = RULES[name], linked(store, name, chosen)
        outcome = self._outcome(name, reached)
        await self._server.call(rule.method, list(reached.concerned if rule.sends_reach else chosen))
        if name == "pause":
            text = self._undo_words(translate("Actions", "Undo pause of {what}"), reached.concerned)
            before = tuple(job for job in reached.skipped if status_of(store, job) not in FINISHED)
            self._log.add(PauseEntry(text, chosen, reached.concerned, before))
        elif name == "resume":
            text = self._undo_words(translate("Actions", "Undo resume of {what}"), reached.concerned)
            self._log.add(ResumeEntry(text, reached.concerned))
        return outcome

    async def _set_priorities(self, name: str, chosen: tuple[int, ...], value: int | None) -> Outcome:
        store = self._farm.jobs
        reached = linked(store, "set_priority", chosen)
        former = await self._priorities_now(reached.concerned)
        step = _PRIORITY[name]
        if step is None:
            if value is None:
                raise ValueError("set_priority needs a value")
            calls = [(value, list(chosen))]
        else:
            wanted = {job: max(0, former[job] + step) for job in chosen if job in former}
            calls = plan(store, wanted, former)
        given = dict(former)
        for priority, jobs in calls:
            await self._server.call("setPriority", jobs, priority)
            given.update((job, priority) for job in store.family(jobs) if job in given)
        text = self._undo_words(translate("Actions", "Undo priority of {what}"), reached.concerned)
        self._log.add(PriorityEntry(text, former, given))
        return self._outcome("set_priority", reached, undo=True)

    async def _priorities_now(self, jobs: Sequence[int]) -> dict[int, int]:
        """As the server has them, because the rows here may be a moment old; of very many jobs as they are here."""
        store = self._farm.jobs
        if len(jobs) > MOST_ASKED:
            return {job: int(store.value(job, "priority")) for job in jobs}
        return {job: int(value) for job, (value, _) in (await present(self._server, tuple(jobs), "priority")).items()}

    async def _delete(self, chosen: tuple[int, ...]) -> Outcome:
        store = self._farm.jobs
        reached = linked(store, "delete", chosen)
        outcome = self._outcome("delete", reached)
        alive = [job for job in reached.jobs if status_of(store, job) not in FINISHED]
        if alive:
            await self._server.call("cancelJobs", list(chosen))
            left = await self._still_alive(alive)
            if left:
                text = counted(
                    len(left),
                    translate("Outcome", "Not deleted yet: {n} job was cancelled but has not ended."),
                    translate("Outcome", "Not deleted yet: {n} jobs were cancelled but have not ended."),
                )
                return Outcome(text, translate("Outcome", "Delete again when they have."), tuple(left), failed=True)
        await self._server.call("deleteJobs", list(chosen))
        return outcome

    async def _still_alive(self, jobs: list[int]) -> list[int]:
        """Wait until cancelled jobs have ended, as long as that is worth waiting; those that have not."""
        waited = 0.0
        while True:
            rows = await self._server.call("getJobs", jobs, ["id", "status"])
            jobs = [row["id"] for row in rows or () if row["status"] not in FINISHED]
            if not jobs or waited >= END_WAIT_SECONDS:
                return jobs
            await self._pause(_LOOK_AGAIN_SECONDS)
            waited += _LOOK_AGAIN_SECONDS

    async def _do_deed(self, deed: Deed, chosen: tuple[int, ...], value: Any) -> Outcome:
        plan = deed.plan(self._farm, chosen, value, self._clock())
        again = deed.again(self._farm, chosen) if deed.again is not None else None
        if not plan.calls:
            return Outcome(plan.skipped or translate("Outcome", "Nothing to change."), failed=True)
        send = together if "multicall" in self.features else one_by_one
        faults = await send(self._server, plan.calls)
        failed = [words for words in faults if words]
        done = len(plan.names) - len(failed) if len(faults) == len(plan.names) else len(plan.names)
        if again is not None:
            self._log.add(again)
        elif plan.steps and len(failed) < len(faults):
            each = len(faults) == len(plan.steps)  # else one call did it for all
            steps = tuple(step for place, step in enumerate(plan.steps) if not (each and faults[place]))
            self._log.add(StepsEntry(plan.undo, steps))
        can_undo = bool(again is not None or plan.steps) and len(failed) < len(faults)
        return Outcome(plan.text(done), failed[0] if failed else plan.skipped, undo=can_undo, failed=bool(failed))

    async def _new_group(self, chosen: tuple[int, ...], name: str) -> Outcome:
        group = await self._server.call("createClientGroup", name)
        calls = [Call("addClientToGroup", (group, client)) for client in chosen]
        if calls:
            await (together if "multicall" in self.features else one_by_one)(self._server, calls)
        text = translate("Outcome", "{name} is a group now.").replace("{name}", formats.one_line(name, 60))
        words = translate("Actions", "Undo new group {name}").replace("{name}", formats.one_line(name, 60))
        members = set(chosen)
        back = Step(
            "groups",
            group,
            lambda row: set(row.get("clients") or ()) == members,
            Call("deleteClientGroup", (group,)),
        )
        self._log.add(StepsEntry(words, (back,)))
        one, many = translate("Outcome", "With {n} client."), translate("Outcome", "With {n} clients.")
        return Outcome(text, counted(len(chosen), one, many) if chosen else "", undo=True)

    def _copy_clients(self, chosen: tuple[int, ...]) -> Outcome:
        labels = [self._farm.clients.label(client) for client in chosen]
        words = counted(
            len(labels), translate("Outcome", "Copied {n} name."), translate("Outcome", "Copied {n} names.")
        )
        return Outcome(words, clipboard="\n".join(labels))

    async def fix(self, fix: Fix, job: int) -> Outcome:
        """What Why waiting offers for a job."""
        from hqgui.actions.fixing import do_fix  # with what it needs it would make a start slower

        return await self._with_undo(lambda: do_fix(self._server, fix, str(self._farm.jobs.value(job, "name") or job)))

    async def permit(self, job: int, conditions: Sequence[Mapping[str, Any]], permitted: int) -> Outcome:
        """Give a job other conditions; `permitted`: how many clients they permit."""
        from hqgui.actions.fixing import save_conditions  # as above

        return await self._with_undo(lambda: save_conditions(self._server, job, conditions, permitted))

    async def _with_undo(self, work: Callable[[], Awaitable[tuple[Outcome, Entry | None]]]) -> Outcome:
        if not self.connected:
            text = translate("Actions", "The server is out of reach. Actions wait until it is back.")
            return Outcome(text, failed=True)
        async with self._turn:
            outcome, entry = await work()
        if entry is not None:
            self._log.add(entry)
        return outcome

    # After

    def undo_text(self) -> str:
        """What would be taken back; empty when there is nothing."""
        return self._log.text

    async def undo(self) -> Outcome:
        """Take the newest action back."""
        async with self._turn:
            if not len(self._log):
                return Outcome(translate("Outcome", "There is nothing to undo."), failed=True)
            if not self.connected:
                return Outcome(
                    translate("Actions", "The server is out of reach. Actions wait until it is back."), failed=True
                )
            try:
                return await self._log.take_back(self._server, self._farm.jobs)
            except LinkError as error:
                return Outcome(error.words, failed=True)

    def _outcome(self, name: str, reached: Linked, undo: bool | None = None) -> Outcome:
        store = self._farm.jobs
        of_all, many, one = RULES[name].done()
        done, everybody = len(reached.concerned), len(reached.jobs)
        if done == 1 and everybody == 1:
            label = formats.one_line(str(store.value(reached.concerned[0], "name")), 80)
            text = one.replace("{name}", label)
        elif done == everybody:
            text = many.replace("{n}", formats.count(done))
        else:
            text = of_all.replace("{n}", formats.count(done)).replace("{m}", formats.count(everybody))
        detail = why_skipped(store, name, reached.skipped)
        can_undo = name in ("pause", "resume") if undo is None else undo
        return Outcome(text, detail, reached.skipped, undo=can_undo)

    def _undo_words(self, words: str, jobs: Sequence[int]) -> str:
        if len(jobs) == 1:
            what = formats.one_line(str(self._farm.jobs.value(jobs[0], "name")), 60)
        else:
            what = counted(len(jobs), translate("Actions", "{n} job"), translate("Actions", "{n} jobs"))
        return words.replace("{what}", what)

    # Copies

    async def _copy(self, name: str, chosen: tuple[int, ...]) -> Outcome:
        store = self._farm.jobs
        if name == "copy_id":
            text = "\n".join(map(str, chosen))
        elif name == "copy_name":
            text = "\n".join(str(store.value(job, "name")) for job in chosen if job in store)
        elif name == "copy_command":
            rows = await self._server.call("getJobs", list(chosen), ["command"])
            text = "\n".join(_command(row.get("command")) for row in rows or ())
        else:
            rows = await self._server.call("getJobs", list(chosen), list(SPECIFICATION))
            text = json.dumps(rows[0] if len(rows) == 1 else rows, indent=2, ensure_ascii=False, default=_date)
        words = counted(
            len(chosen), translate("Outcome", "Copied from {n} job."), translate("Outcome", "Copied from {n} jobs.")
        )
        return Outcome(words, clipboard=text)


_PRIORITY: Final[dict[str, int | None]] = {"set_priority": None, "raise_priority": 1, "lower_priority": -1}
_SIGNS: Final = "noteAuthor"
_LOCAL: Final = ("copy_id", "copy_name", "copy_client")
"""Work without a server."""


def _command(command: object) -> str:
    return json.dumps(command, ensure_ascii=False) if isinstance(command, dict) else str(command or "")


def _date(value: object) -> Any:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else str(value)


def _deed(name: str) -> Deed | None:
    """The deed of an action that is one. The tables are loaded when somebody selects something: a start is faster."""
    from hqgui.actions.all_deeds import DEEDS

    return DEEDS.get(name)


_SELECT: Final[dict[Kind, Callable[[], str]]] = {
    Kind.JOBS: lambda: translate("Actions", "Select a job first."),
    Kind.COPY: lambda: translate("Actions", "Select a job first."),
    Kind.CLIENTS: lambda: translate("Actions", "Select a client first."),
    Kind.GROUPS: lambda: translate("Actions", "Select a group first."),
    Kind.RESOURCES: lambda: translate("Actions", "Select a resource first."),
}
