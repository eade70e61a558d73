"""What a wrangler does to client groups and resources: a table of deeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hqgui.actions.consequences import Consequence
from hqgui.actions.deeds import Call, Deed, Plan, Remake, Step, skipped_words
from hqgui.models.farm import FarmData
from hqgui.models.formats import one_line
from hqgui.words import counted, translate
from hqserver.wire.statuses import FINISHED, JobStatus

Row = Mapping[str, Any]


class NewResource(NamedTuple):
    """What somebody wants made."""

    name: str
    amount: int
    per_machine: bool


def _rows(table: Mapping[int, Row], ids: Iterable[int]) -> list[Row]:
    return [table[one] for one in ids if one in table]


def _names(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(one_line(str(row["name"]), 60) for row in rows)


def _members(farm: FarmData, group: int) -> list[int]:
    """By the clients' own rows, which every server has."""
    return [client for client, row in farm.clients.rows.items() if group in row["groups"]]


def _gone(rows: Sequence[Row]) -> str:
    return "" if rows else translate("Actions", "That is no longer on the farm, somebody removed it.")


# Groups


def _rename(farm: FarmData, ids: Sequence[int], name: Any, now: float) -> Plan:
    rows = _rows(farm.groups, ids)
    steps = tuple(
        Step(
            "groups",
            row["id"],
            lambda there: there.get("name") == name,
            Call("renameClientGroup", (row["id"], row["name"])),
        )
        for row in rows
    )
    words = translate("Outcome", "{name} is called {new} now.").replace("{new}", one_line(str(name), 60))
    calls = tuple(Call("renameClientGroup", (row["id"], name)) for row in rows)
    return Plan(calls, words, words, _names(rows), undo=translate("Actions", "Undo renaming"), steps=steps)


def _delete_groups(farm: FarmData, ids: Sequence[int], _value: Any, now: float) -> Plan:
    rows = _rows(farm.groups, ids)
    return Plan(
        tuple(Call("deleteClientGroup", (row["id"],)) for row in rows),
        translate("Outcome", "Deleted the group {name}."),
        translate("Outcome", "Deleted {n} groups."),
        _names(rows),
        undo=translate("Actions", "Undo deleting groups"),
    )


def _asking_for(farm: FarmData, groups: Sequence[Row]) -> int:
    """Unfinished jobs whose own conditions name one of the groups."""
    names = {str(row["name"]) for row in groups}
    jobs = farm.jobs
    return sum(
        any(_names_group(condition, names) for condition in conditions)
        for conditions, status in zip(jobs.columns["conditions"], jobs.status, strict=True)
        if conditions and status in _UNFINISHED
    )


_UNFINISHED: Final = frozenset(JobStatus) - FINISHED


def _names_group(condition: Mapping[str, Any], names: set[str]) -> bool:
    values = {part.strip() for part in str(condition.get("value", "")).split(",")}
    return str(condition.get("name")) == "group" and bool(values & names)


def _losing_groups(farm: FarmData, ids: Sequence[int]) -> Consequence:
    rows = _rows(farm.groups, ids)
    asking = _asking_for(farm, rows)
    clients = len({client for row in rows for client in _members(farm, row["id"])})
    waits = translate("Confirm", "asks for it and will wait."), translate("Confirm", "ask for it and will wait.")
    stays = (
        translate("Confirm", "is in it and stays as it is."),
        translate("Confirm", "are in it and stay as they are."),
    )
    lines = (
        (JobStatus.RUNNABLE, asking, waits[asking != 1]),
        ("client-available", clients, stays[clients != 1]),
    )
    return Consequence(
        asks=True,
        linked=len(rows),
        title=counted(len(rows), translate("Confirm", "Delete {n} group?"), translate("Confirm", "Delete {n} groups?")),
        subtitle=", ".join(_names(rows)[:6]),
        lines=tuple(line for line in lines if line[1]),
        foot=translate("Confirm", "Undo makes it again, with the same clients."),
        yes=counted(len(rows), translate("Confirm", "Delete {n} group"), translate("Confirm", "Delete {n} groups")),
        no=translate("Confirm", "Keep it") if len(rows) == 1 else translate("Confirm", "Keep them"),
    )


def _groups_again(farm: FarmData, ids: Sequence[int]) -> Remake:
    makes = tuple(
        (
            Call("createClientGroup", (row["name"],)),
            tuple(Call("addClientToGroup", (client,)) for client in _members(farm, row["id"])),
        )
        for row in _rows(farm.groups, ids)
    )
    done = translate("Outcome", "The group is back."), translate("Outcome", "{n} groups are back.")
    return Remake(translate("Actions", "Undo deleting groups"), makes, done)


# Resources


def _set_amount(farm: FarmData, ids: Sequence[int], amount: Any, now: float) -> Plan:
    rows = _rows(farm.resources, ids)
    changed = [row for row in rows if row.get("amount") != amount]
    steps = tuple(
        Step(
            "resources",
            row["id"],
            lambda there: there.get("amount") == amount,
            Call("setResourceAmount", (row["name"], row["amount"])),
        )
        for row in changed
    )
    many = translate("Outcome", "{n} resources have {amount} each.").replace("{amount}", str(amount))
    return Plan(
        tuple(Call("setResourceAmount", (row["name"], amount)) for row in changed),
        translate("Outcome", "There are {amount} of {name}.").replace("{amount}", str(amount)),
        many,
        _names(changed),
        skipped_words(len(rows) - len(changed), translate("Outcome", "as many already.")),
        translate("Actions", "Undo amount"),
        steps,
    )


def _why_not_delete_resources(farm: FarmData, ids: Sequence[int]) -> str:
    rows = _rows(farm.resources, ids)
    if rows and all(row.get("inUse") for row in rows):
        return translate("Actions", "In use: it can be deleted when no job holds it.")
    return _gone(rows)


def _delete_resources(farm: FarmData, ids: Sequence[int], _value: Any, now: float) -> Plan:
    rows = _rows(farm.resources, ids)
    free = [row for row in rows if not row.get("inUse")]
    return Plan(
        tuple(Call("deleteResource", (row["name"],)) for row in free),
        translate("Outcome", "Deleted the resource {name}."),
        translate("Outcome", "Deleted {n} resources."),
        _names(free),
        skipped_words(len(rows) - len(free), translate("Outcome", "in use.")),
        translate("Actions", "Undo deleting resources"),
    )


def _losing_resources(farm: FarmData, ids: Sequence[int]) -> Consequence:
    rows = [row for row in _rows(farm.resources, ids) if not row.get("inUse")]
    names = {str(row["name"]) for row in rows}
    jobs = farm.jobs
    asking = sum(
        any(name in names for name, _ in wanted)
        for wanted, status in zip(jobs.columns["resources"], jobs.status, strict=True)
        if wanted and status in _UNFINISHED
    )
    waits = translate("Confirm", "asks for it and will wait."), translate("Confirm", "ask for it and will wait.")
    one, many = translate("Confirm", "Delete {n} resource"), translate("Confirm", "Delete {n} resources")
    return Consequence(
        asks=True,
        linked=len(rows),
        title=counted(
            len(rows), translate("Confirm", "Delete {n} resource?"), translate("Confirm", "Delete {n} resources?")
        ),
        subtitle=", ".join(_names(rows)[:6]),
        lines=((JobStatus.RUNNABLE, asking, waits[asking != 1]),) if asking else (),
        foot=translate("Confirm", "Undo makes it again, with the same amount."),
        yes=counted(len(rows), one, many),
        no=translate("Confirm", "Keep it") if len(rows) == 1 else translate("Confirm", "Keep them"),
    )


def _resources_again(farm: FarmData, ids: Sequence[int]) -> Remake:
    makes: tuple[tuple[Call, tuple[Call, ...]], ...] = tuple(
        (Call("createResource", (row["name"], row["amount"], bool(row.get("perMachine")))), ())
        for row in _rows(farm.resources, ids)
        if not row.get("inUse")
    )
    done = translate("Outcome", "The resource is back."), translate("Outcome", "{n} resources are back.")
    return Remake(translate("Actions", "Undo deleting resources"), makes, done)


def _create_resource(farm: FarmData, ids: Sequence[int], wanted: Any, now: float) -> Plan:
    name = one_line(wanted.name, 60)
    words = translate("Outcome", "{name} can be asked for now.")
    step = Step("", 0, lambda row: True, Call("deleteResource", (wanted.name,)))
    return Plan(
        (Call("createResource", tuple(wanted)),),
        words,
        words,
        (name,),
        undo=translate("Actions", "Undo creating {name}").replace("{name}", name),
        steps=(step,),
    )


def _nothing(_farm: FarmData, _ids: Sequence[int]) -> str:
    return ""


def _needs(table: Callable[[FarmData], Mapping[int, Row]]) -> Callable[[FarmData, Sequence[int]], str]:
    return lambda farm, ids: _gone(_rows(table(farm), ids))


SUPPLY_DEEDS: Final[dict[str, Deed]] = {
    "rename_group": Deed(_needs(lambda farm: farm.groups), _rename),
    "delete_group": Deed(_needs(lambda farm: farm.groups), _delete_groups, _losing_groups, _groups_again),
    "create_resource": Deed(_nothing, _create_resource),
    "set_amount": Deed(_needs(lambda farm: farm.resources), _set_amount),
    "delete_resource": Deed(_why_not_delete_resources, _delete_resources, _losing_resources, _resources_again),
}
"""By the names of the table of actions. Values: the name, a `NewResource`, the amount."""
