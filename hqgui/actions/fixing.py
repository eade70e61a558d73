"""Doing what Why waiting offers: the calls of a fix, and how each is taken back.

Before a call is made the server is asked for what it will change, so that Undo gives back what there was and not what a
window believed. What was only let go (an ejected job, a released hold) is not taken back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hqgui.actions.outcomes import Outcome
from hqgui.actions.undo import Caller
from hqgui.models.formats import count, one_line
from hqgui.models.job_store import JobStore
from hqgui.models.why.answer import Call, Fix
from hqgui.troubles import LinkError
from hqgui.words import counted, translate

Taker = Callable[[Caller, tuple[Any, ...]], Awaitable[list[Call]]]


@dataclass(frozen=True, slots=True)
class CallsEntry:
    """Calls that give back what there was."""

    text: str
    calls: tuple[Call, ...]

    async def take_back(self, server: Caller, store: JobStore) -> Outcome:
        """Make them."""
        for call in self.calls:
            await server.call(call.function, *call.arguments)
        return Outcome(translate("Outcome", "Taken back: {what}").replace("{what}", self.text))


async def do_fix(server: Caller, fix: Fix, name: str) -> tuple[Outcome, CallsEntry | None]:
    """Make the calls of a fix for a job of this name; what became of it, and how to take it back."""
    back: list[Call] = []
    done = 0
    try:
        for call in fix.calls:
            taker = _TAKERS.get(call.function)
            inverse = [] if taker is None else await taker(server, call.arguments)
            await server.call(call.function, *call.arguments)
            back[:0] = inverse
            done += 1
    except LinkError as error:
        if not done:
            return Outcome(error.words, failed=True), None
        words = translate("Outcome", "Done {n} of {m}, then: {why}")
        text = words.replace("{n}", count(done)).replace("{m}", count(len(fix.calls))).replace("{why}", error.words)
        return Outcome(text, failed=True), _entry(fix, back)
    entry = _entry(fix, back)
    text = _done(fix).replace("{name}", one_line(name, 60))
    return Outcome(text, undo=entry is not None), entry


async def save_conditions(
    server: Caller, job: int, conditions: Sequence[Mapping[str, Any]], permitted: int
) -> tuple[Outcome, CallsEntry | None]:
    """Give a job these conditions; `permitted`: how many clients they permit."""
    try:
        former = await _former_conditions(server, (job,))
        await server.call("setJobConditions", job, [dict(item) for item in conditions])
    except LinkError as error:
        return Outcome(error.words, failed=True), None
    text = counted(
        permitted,
        translate("Outcome", "{n} client is permitted now."),
        translate("Outcome", "{n} clients are permitted now."),
    )
    return Outcome(text, undo=True), CallsEntry(translate("Outcome", "permitted clients"), tuple(former))


def _entry(fix: Fix, back: Sequence[Call]) -> CallsEntry | None:
    return CallsEntry(_undo_words(fix), tuple(back)) if back else None


def _undo_words(fix: Fix) -> str:
    return translate("Outcome", _UNDO.get(fix.code, "change"))


def _done(fix: Fix) -> str:
    known = _DONE.get(fix.code, ("Done.", "Done."))
    if fix.code == "permit" and not fix.clients:
        return translate("Outcome", "Permitted more clients.")
    return counted(fix.clients or len(fix.calls), *(translate("Outcome", text) for text in known))


_UNDO: Final = {
    "resume": "resume",
    "make-resource": "the new resource",
    "permit": "permitted clients",
    "raise-priority": "priority",
    "drop-single": "the tag single",
    "open": "opened clients",
    "enable": "enabled clients",
    "end-override": "overrides",
    "fewer-cpus": "number of cpus",
    "fewer-clients": "number of clients",
    "raise-resource": "amount",
}
_DONE: Final = {
    "resume": ("{name} goes on.", "{name} goes on."),
    "make-resource": ("Made the resource.", "Made the resource."),
    "unblock": ("Blocked clients are tried again.", "Blocked clients are tried again."),
    "permit": ("Permitted {n} client more.", "Permitted {n} clients more."),
    "raise-priority": ("Raised the priority of {name}.", "Raised the priority of {name}."),
    "drop-single": ("{name} shares a machine now.", "{name} shares a machine now."),
    "release-hold": ("Released the hold.", "Released the hold."),
    "open": ("Opened {n} client for a while.", "Opened {n} clients for a while."),
    "enable": ("Enabled {n} client.", "Enabled {n} clients."),
    "end-override": ("Ended {n} override.", "Ended {n} overrides."),
    "fewer-cpus": ("{name} asks for fewer cpus.", "{name} asks for fewer cpus."),
    "fewer-clients": ("{name} asks for fewer clients.", "{name} asks for fewer clients."),
    "raise-resource": ("Changed the amount of the resource.", "Changed the amount of the resource."),
    "eject": ("Ejected what ran there.", "Ejected what ran there."),
}


# What there was, by function


async def _former_conditions(server: Caller, arguments: tuple[Any, ...]) -> list[Call]:
    job = arguments[0]
    row = await server.call("explainJob", job)
    needs = row["needs"]
    former = [] if needs["inherits"] else needs["conditions"]
    return [Call("setJobConditions", (job, former))]


async def _former_priorities(server: Caller, arguments: tuple[Any, ...]) -> list[Call]:
    rows = await server.call("getJobs", list(arguments[0]), ["id", "priority"])
    return [Call("setPriority", ([row["id"]], row["priority"])) for row in rows or ()]


async def _former_attribs(server: Caller, arguments: tuple[Any, ...]) -> list[Call]:
    jobs, attribs = arguments
    rows = await server.call("getJobs", list(jobs), ["id", *attribs])
    return [Call("setJobAttribs", ([row["id"]], {name: row[name] for name in attribs})) for row in rows or ()]


async def _former_disabled(server: Caller, arguments: tuple[Any, ...]) -> list[Call]:
    label, disabled = arguments
    return [Call("setdisabled", (label, not disabled))]


async def _former_override(server: Caller, arguments: tuple[Any, ...]) -> list[Call]:
    row = await server.call("getClient", arguments[0], ["override", "overrideUntil"])
    if not row:
        return []
    until = [] if row["overrideUntil"] is None else [row["overrideUntil"]]
    return [Call("setClientOverride", (arguments[0], row["override"], *until))]


async def _former_amount(server: Caller, arguments: tuple[Any, ...]) -> list[Call]:
    rows = await server.call("getResources", None, ["name", "amount"])
    return [
        Call("setResourceAmount", (row["name"], row["amount"])) for row in rows or () if row["name"] == arguments[0]
    ]


async def _new_resource(server: Caller, arguments: tuple[Any, ...]) -> list[Call]:
    return [Call("deleteResource", (arguments[0],))]


async def _resumed(server: Caller, arguments: tuple[Any, ...]) -> list[Call]:
    return [Call("pauseJobs", (arguments[0],))]


_TAKERS: Final[dict[str, Taker]] = {
    "permitClients": _former_conditions,
    "setPriority": _former_priorities,
    "setJobAttribs": _former_attribs,
    "setdisabled": _former_disabled,
    "setClientOverride": _former_override,
    "setResourceAmount": _former_amount,
    "createResource": _new_resource,
    "resumeJobs": _resumed,
}
