"""Actions on clients, groups and resources, as plans: calls that are sent together, words, and how to take them back.

A plan is made from the rows that the window has, without asking anybody. All calls of a plan go to the server in one
request where it takes that. Taking back asks first how things are now, and leaves alone what somebody changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hqgui.actions.consequences import Consequence
from hqgui.actions.outcomes import Outcome
from hqgui.actions.rules import number_word
from hqgui.actions.undo import Caller
from hqgui.models.farm import FarmData
from hqgui.models.job_store import JobStore
from hqgui.words import counted, translate

MOST_TOGETHER: Final = 1000
"""Calls that a server takes in one request."""


class Call(NamedTuple):
    """One call of the API."""

    method: str
    arguments: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to take back."""

    kind: str
    """`jobs`, `clients`, `groups` or `resources`: what has to be asked first; empty: nothing."""
    id: int
    still: Callable[[Mapping[str, Any]], bool]
    """Whether the row, as the server has it now, is as we left it."""
    call: Call


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action does."""

    calls: tuple[Call, ...]
    one: str
    """`Drained {name}.`"""
    many: str
    """`Drained {n} clients.`"""
    names: tuple[str, ...] = ()
    """Of those that change."""
    skipped: str = ""
    """Why others do not, in a sentence."""
    undo: str = ""
    """What the undo button takes back; empty: it cannot be taken back."""
    steps: tuple[Step, ...] = ()

    def text(self, done: int) -> str:
        """What is told when so many of those that change have changed."""
        if done < len(self.names):
            words = translate("Outcome", "{n} of {m}: {words}")
            return words.format(n=done, m=len(self.names), words=counted(done, self.many, self.many))
        if done == 1:
            return self.one.replace("{name}", self.names[0])
        return counted(done, self.many, self.many)


Why = Callable[[FarmData, Sequence[int]], str]


@dataclass(frozen=True, slots=True)
class Deed:
    """One action: whether it applies, what it would lose, what it does."""

    why_not: Why
    """Why it does not apply to these ids; empty when it does."""
    plan: Callable[[FarmData, Sequence[int], Any, float], Plan]
    """The plan for ids, the value that somebody chose, and the time by the server's clock."""
    consequence: Callable[[FarmData, Sequence[int]], Consequence] | None = None
    """What is asked first; None: it is done at once."""
    again: Callable[[FarmData, Sequence[int]], Remake] | None = None
    """How to make anew what it deletes; None: it deletes nothing that could be."""


@dataclass(frozen=True, slots=True)
class Remake:
    """Makes something anew that was deleted: first a call that answers an id, then calls with that id."""

    text: str
    makes: tuple[tuple[Call, tuple[Call, ...]], ...]
    """For each: what makes it, and what is done with it; the id is put before the arguments."""
    done: tuple[str, str]

    async def take_back(self, server: Caller, store: JobStore) -> Outcome:
        """Make them anew. Raises LinkError."""
        for make, later in self.makes:
            made = await server.call(make.method, *make.arguments)
            await together(server, [Call(one.method, (made, *one.arguments)) for one in later])
        return Outcome(counted(len(self.makes), *self.done))


async def together(server: Caller, calls: Sequence[Call]) -> list[str]:
    """Make calls in one request; for each its fault in words, empty when it was done.

    Raises LinkError when the server is lost, and for one call alone what it answers.
    """
    if len(calls) == 1:
        await server.call(calls[0].method, *calls[0].arguments)
        return [""]
    words: list[str] = []
    for start in range(0, len(calls), MOST_TOGETHER):
        part = calls[start : start + MOST_TOGETHER]
        packed = [{"methodName": one.method, "params": list(one.arguments)} for one in part]
        answers = await server.call("system.multicall", packed)
        words += [str(one.get("faultString", "")) if isinstance(one, Mapping) else "" for one in answers]
    return words


async def one_by_one(server: Caller, calls: Sequence[Call]) -> list[str]:
    """The same for a server that takes one call in a request."""
    for one in calls:
        await server.call(one.method, *one.arguments)
    return [""] * len(calls)


_GETTERS: Final = {"jobs": "getJobs", "clients": "getClients", "groups": "getClientGroups", "resources": "getResources"}


@dataclass(frozen=True, slots=True)
class StepsEntry:
    """An action that can be taken back step by step."""

    text: str
    steps: tuple[Step, ...]

    async def take_back(self, server: Caller, store: JobStore) -> Outcome:
        """Take back what is as we left it. Raises LinkError."""
        rows: dict[tuple[str, int], Mapping[str, Any]] = {}
        for kind, getter in _GETTERS.items():
            ids = sorted({step.id for step in self.steps if step.kind == kind})
            if ids:
                rows |= {(kind, row["id"]): row for row in await server.call(getter, ids) or ()}
        ours = [step for step in self.steps if not step.kind or self._is_ours(step, rows)]
        if ours:
            await together(server, [step.call for step in ours])
        text = counted(
            len(ours),
            translate("Outcome", "Taken back."),
            translate("Outcome", "{n} changes are taken back."),
        )
        left = len(self.steps) - len(ours)
        if not ours:
            text = translate("Outcome", "Nothing was taken back.")
        return Outcome(text, _left_alone(left))

    @staticmethod
    def _is_ours(step: Step, rows: Mapping[tuple[str, int], Mapping[str, Any]]) -> bool:
        row = rows.get((step.kind, step.id))
        return row is not None and step.still(row)


def _left_alone(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return translate("Outcome", "One was changed since and is left alone.")
    return translate("Outcome", "{n} were changed since and are left alone.").replace("{n}", number_word(count))


def skipped_words(count: int, why: str) -> str:
    """How many were left as they are, and why; empty for none."""
    if not count:
        return ""
    one = translate("Outcome", "One was left as it is: {why}")
    many = translate("Outcome", "{n} were left as they are: {why}")
    text = one if count == 1 else many.replace("{n}", number_word(count))
    return text.replace("{why}", why[:1].lower() + why[1:])
