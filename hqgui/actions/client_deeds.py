"""What a wrangler does to clients: a table of deeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from hqgui.actions.consequences import Consequence
from hqgui.actions.deeds import Call, Deed, Plan, Step, skipped_words
from hqgui.models.client_cells import label
from hqgui.models.client_store import Client
from hqgui.models.farm import FarmData
from hqgui.models.formats import one_line
from hqgui.words import counted, translate
from hqserver.wire.clients import Override
from hqserver.wire.statuses import ClientStatus

HOUR: Final = 3600.0
_MORNING: Final = 8


class _Words(NamedTuple):
    one: str
    many: str
    undo: str
    """Empty: it cannot be undone."""
    not_applicable: str


def _known(farm: FarmData, ids: Iterable[int]) -> list[Client]:
    return [row for one in ids if (row := farm.clients.get(one)) is not None]


def _online(row: Client) -> bool:
    return bool(row["status"] != ClientStatus.OFFLINE)


Concerns = Callable[[Client, Any], bool]
Calls = Callable[[Sequence[Client], Any], Iterable[Call]]


def _deed(
    words: Callable[[], _Words],
    concerns: Concerns,
    calls: Calls,
    attribute: str = "",
    back: Callable[[Client], Call] | None = None,
    given: Callable[[Client, Any], Any] = lambda row, value: value,
    consequence: Callable[[FarmData, Sequence[int]], Consequence] | None = None,
    value: Callable[[float], Any] | None = None,
) -> Deed:
    """A deed on clients. `attribute`: what it changes, to what `given` says; `back` undoes it for one client.

    `value` makes the value from the time where nobody chooses one.
    """

    def why_not(farm: FarmData, ids: Sequence[int]) -> str:
        rows = _known(farm, ids)
        if not rows:
            return translate("Actions", "These clients are gone.")
        wanted = value(0.0) if value is not None else None
        return "" if any(concerns(row, wanted) for row in rows) else words().not_applicable

    def plan(farm: FarmData, ids: Sequence[int], chosen: Any, now: float) -> Plan:
        wanted = value(now) if value is not None else chosen
        rows = _known(farm, ids)
        changed = [row for row in rows if concerns(row, wanted)]
        steps = tuple(_step(row, attribute, given(row, wanted), back(row)) for row in changed) if back else ()
        return Plan(
            tuple(calls(changed, wanted)),
            words().one,
            words().many,
            names(changed),
            skipped_words(len(rows) - len(changed), words().not_applicable),
            words().undo,
            steps,
        )

    return Deed(why_not, plan, consequence)


def names(rows: Iterable[Client]) -> tuple[str, ...]:
    """Labels of clients."""
    return tuple(one_line(label(row), 60) for row in rows)


def _step(row: Client, attribute: str, expected: object, call: Call) -> Step:
    return Step("clients", row["id"], lambda now: _plain(now.get(attribute)) == _plain(expected), call)


def _plain(value: object) -> object:
    """Rules as dicts compare whether they came as tuples or lists."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _override(row: Client) -> Call:
    until = row["overrideUntil"]
    return Call("setClientOverride", (row["id"], row["override"] or "none", None if until is None else _date(until)))


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)


def _drain(until: Callable[[float], float | None]) -> Deed:
    return _deed(
        lambda: _Words(
            translate("Outcome", "{name} gets no new jobs."),
            translate("Outcome", "{n} clients get no new jobs."),
            translate("Actions", "Undo draining"),
            translate("Actions", "Drained already."),
        ),
        lambda row, wanted: row["override"] != Override.DRAIN or row["overrideUntil"] != (wanted and int(wanted)),
        lambda rows, wanted: [
            Call("setClientOverride", (row["id"], Override.DRAIN.value, None if wanted is None else _date(wanted)))
            for row in rows
        ],
        "override",
        _override,
        lambda row, wanted: Override.DRAIN.value,
        value=until,
    )


def tomorrow_morning(now: float) -> float:
    """8:00 of the next day, by the time zone of this machine; seconds since the epoch."""
    here = datetime.fromtimestamp(now, UTC).astimezone()
    return (here.replace(hour=_MORNING, minute=0, second=0, microsecond=0) + timedelta(days=1)).timestamp()


def _disable(disabled: bool) -> Deed:
    def words() -> _Words:
        if disabled:
            return _Words(
                translate("Outcome", "Disabled {name}."),
                translate("Outcome", "Disabled {n} clients."),
                translate("Actions", "Undo disabling"),
                translate("Actions", "Disabled already."),
            )
        return _Words(
            translate("Outcome", "Enabled {name}."),
            translate("Outcome", "Enabled {n} clients."),
            translate("Actions", "Undo enabling"),
            translate("Actions", "Enabled already."),
        )

    return _deed(
        words,
        lambda row, _: bool(row["disabled"]) is not disabled,
        lambda rows, _: [Call("setdisabled", (str(row["label"]), disabled)) for row in rows],
        "disabled",
        lambda row: Call("setdisabled", (str(row["label"]), not disabled)),
        lambda row, _: disabled,
    )


def _ids_of(rows: Iterable[Client]) -> list[int]:
    return [row["id"] for row in rows]


def _bare_consequence(
    title: tuple[str, str], yes: tuple[str, str], no: tuple[str, str], foot: tuple[str, str]
) -> Callable[[int, str, list[tuple[str, int, str]]], Consequence]:
    def make(count: int, subtitle: str, lines: list[tuple[str, int, str]]) -> Consequence:
        return Consequence(
            asks=True,
            linked=count,
            title=counted(count, *title),
            subtitle=subtitle,
            lines=tuple(line for line in lines if line[1]),
            foot=counted(count, *foot),
            yes=counted(count, *yes),
            no=counted(count, *no),
        )

    return make


def _subtitle(rows: Sequence[Client]) -> str:
    shown = ", ".join(names(rows)[:6])
    return shown if len(rows) <= 6 else f"{shown}, …"


def _terminating(farm: FarmData, ids: Sequence[int]) -> Consequence:
    rows = [row for row in _known(farm, ids) if _online(row) and not row["draining"]]
    busy = [row for row in rows if row["runningJobs"]]
    make = _bare_consequence(
        (translate("Confirm", "Terminate {n} client?"), translate("Confirm", "Terminate {n} clients?")),
        (translate("Confirm", "Terminate {n} client"), translate("Confirm", "Terminate {n} clients")),
        (translate("Confirm", "Keep it"), translate("Confirm", "Keep them")),
        (
            translate("Confirm", "Its agent has to be started again on the machine."),
            translate("Confirm", "Their agents have to be started again on the machines."),
        ),
    )
    one = translate("Confirm", "is at work: running jobs go on, paused ones are cancelled, then it leaves.")
    many = translate("Confirm", "are at work: running jobs go on, paused ones are cancelled, then they leave.")
    idle = len(rows) - len(busy)
    leaves = translate("Confirm", "leaves at once."), translate("Confirm", "leave at once.")
    lines = [
        (f"client-{ClientStatus.BUSY}", len(busy), one if len(busy) == 1 else many),
        (f"client-{ClientStatus.AVAILABLE}", idle, leaves[0] if idle == 1 else leaves[1]),
    ]
    return make(len(rows), _subtitle(rows), lines)


def _removing(farm: FarmData, ids: Sequence[int]) -> Consequence:
    rows = [row for row in _known(farm, ids) if not _online(row)]
    make = _bare_consequence(
        (translate("Confirm", "Remove {n} client?"), translate("Confirm", "Remove {n} clients?")),
        (translate("Confirm", "Remove {n} client"), translate("Confirm", "Remove {n} clients")),
        (translate("Confirm", "Keep it"), translate("Confirm", "Keep them")),
        (translate("Confirm", "An agent that comes back is a new client, in no group and without rules."),) * 2,
    )
    one = translate(
        "Confirm", "is offline; its groups, rules and notes are forgotten, and what it ran is queued again."
    )
    many = translate(
        "Confirm", "are offline; their groups, rules and notes are forgotten, and what they ran is queued."
    )
    line = (f"client-{ClientStatus.OFFLINE}", len(rows), one if len(rows) == 1 else many)
    return make(len(rows), _subtitle(rows), [line])


def _group_name(farm: FarmData, group: int) -> str:
    return one_line(str(farm.groups.get(group, {}).get("name", f"#{group}")), 60)


def member_deed(member: bool) -> Deed:
    """Clients into a group or out of it; the value is the group's id."""

    def why_not(farm: FarmData, ids: Sequence[int]) -> str:
        return "" if _known(farm, ids) else translate("Actions", "These clients are gone.")

    def plan(farm: FarmData, ids: Sequence[int], group: Any, now: float) -> Plan:
        rows = _known(farm, ids)
        changed = [row for row in rows if (group in row["groups"]) is not member]
        there, back = ("addClientToGroup", "removeClientFromGroup")[:: 1 if member else -1]
        name = _group_name(farm, group)
        if member:
            one, many = (
                translate("Outcome", "{name} is in {group}."),
                translate("Outcome", "{n} more clients in {group}."),
            )
            undo = translate("Actions", "Undo adding to {group}")
            why = translate("Outcome", "in {group} already.")
        else:
            one = translate("Outcome", "{name} is out of {group}.")
            many = translate("Outcome", "{n} clients are out of {group}.")
            undo = translate("Actions", "Undo removing from {group}")
            why = translate("Outcome", "not in {group}.")
        return Plan(
            tuple(Call(there, (group, row["id"])) for row in changed),
            one.replace("{group}", name),
            many.replace("{group}", name),
            names(changed),
            skipped_words(len(rows) - len(changed), why.replace("{group}", name)),
            undo.replace("{group}", name),
            tuple(_member_step(group, row["id"], member, Call(back, (group, row["id"]))) for row in changed),
        )

    return Deed(why_not, plan)


def _member_step(group: int, client: int, member: bool, call: Call) -> Step:
    return Step("groups", group, lambda row: (client in (row.get("clients") or ())) is member, call)


CLIENT_DEEDS: Final[dict[str, Deed]] = {
    "enable_client": _disable(disabled=False),
    "disable_client": _disable(disabled=True),
    "wake_client": _deed(
        lambda: _Words(
            translate("Outcome", "{name} calls in."),
            translate("Outcome", "{n} clients call in."),
            "",
            translate("Actions", "Offline: its agent has to be started on the machine."),
        ),
        lambda row, _: _online(row),
        lambda rows, _: [Call("wakeClients", (_ids_of(rows),))] if rows else [],
    ),
    "drain_client": _drain(lambda now: None),
    "drain_hour": _drain(lambda now: now + HOUR),
    "drain_morning": _drain(tomorrow_morning),
    "end_override": _deed(
        lambda: _Words(
            translate("Outcome", "{name} takes jobs again."),
            translate("Outcome", "{n} clients take jobs again."),
            translate("Actions", "Undo taking back the override"),
            translate("Actions", "Neither drained nor its user's."),
        ),
        lambda row, _: row["override"] not in ("", Override.NONE),
        lambda rows, _: [Call("setClientOverride", (row["id"], Override.NONE.value)) for row in rows],
        "override",
        _override,
        lambda row, _: Override.NONE.value,
    ),
    "upgrade_client": _deed(
        lambda: _Words(
            translate("Outcome", "{name} is marked for an upgrade."),
            translate("Outcome", "{n} clients are marked for an upgrade."),
            "",
            translate("Actions", "Marked for an upgrade already."),
        ),
        lambda row, _: not row["needsUpgrade"],
        lambda rows, _: [Call("upgradeClients", (_ids_of(rows),))] if rows else [],
    ),
    "terminate_client": _deed(
        lambda: _Words(
            translate("Outcome", "{name} leaves as soon as nothing runs there."),
            translate("Outcome", "{n} clients leave as soon as nothing runs there."),
            "",
            translate("Actions", "Offline, or leaving already."),
        ),
        lambda row, _: _online(row) and not row["draining"],
        lambda rows, _: [Call("terminateClients", (_ids_of(rows),))] if rows else [],
        consequence=_terminating,
    ),
    "remove_client": _deed(
        lambda: _Words(
            translate("Outcome", "Removed {name}."),
            translate("Outcome", "Removed {n} clients."),
            "",
            translate("Actions", "Only clients that are offline can be removed: terminate them first."),
        ),
        lambda row, _: not _online(row),
        lambda rows, _: [Call("removeClients", (_ids_of(rows),))] if rows else [],
        consequence=_removing,
    ),
    "describe_client": _deed(
        lambda: _Words(
            translate("Outcome", "Described {name}."),
            translate("Outcome", "Described {n} clients."),
            translate("Actions", "Undo description"),
            translate("Outcome", "described so already."),
        ),
        lambda row, text: row["description"] != text,
        lambda rows, text: [Call("setClientDescription", (row["id"], str(text))) for row in rows],
        "description",
        lambda row: Call("setClientDescription", (row["id"], row["description"])),
    ),
    "set_rules": _deed(
        lambda: _Words(
            translate("Outcome", "Availability of {name} is saved."),
            translate("Outcome", "Availability of {n} clients is saved."),
            translate("Actions", "Undo availability"),
            translate("Outcome", "available so already."),
        ),
        lambda row, rules: _plain(row["availabilityRules"]) != _plain(rules),
        lambda rows, rules: [Call("setAvailabilityRules", (row["id"], list(rules))) for row in rows],
        "availabilityRules",
        lambda row: Call("setAvailabilityRules", (row["id"], [dict(rule) for rule in row["availabilityRules"]])),
    ),
    "add_to_group": member_deed(member=True),
    "remove_from_group": member_deed(member=False),
}
"""By the names of the table of actions. Values: the text, the rules as structs, the group's id."""
