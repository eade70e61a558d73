"""The editor of permitted clients, without its widgets: what is checked, what that means, what would be saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, unique
from typing import Any, Final

from PySide6.QtCore import Qt

from hqgui.models.client_columns import state_text
from hqgui.models.formats import bytes_text, count, one_line
from hqgui.models.keyed_tree import Node
from hqgui.models.roles import EMPTY, Cell, Tone
from hqgui.models.status_words import client_sign
from hqgui.words import counted, translate
from hqserver.wire.statuses import ClientStatus

FEW: Final = 6
"""Clients of a group that are shown until more are wanted."""
COLUMNS: Final = ("name", "state", "memory", "free")
_LABEL: Final = "hostname:name"
_NEGATIVE: Final = ("!=", "not_in")

Row = Mapping[str, Any]


@unique
class Mode(StrEnum):
    """What a check means."""

    ANY = "any"
    ONLY = "only"
    EXCEPT = "except"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has chosen."""

    mode: Mode
    checked: frozenset[int]

    def permitted(self, clients: Iterable[int]) -> frozenset[int]:
        """Which of all clients it permits."""
        everybody = frozenset(clients)
        if self.mode is Mode.ANY:
            return everybody
        return everybody & self.checked if self.mode is Mode.ONLY else everybody - self.checked

    def with_checked(self, clients: Iterable[int], on: bool) -> Draft:
        """With these clients checked or not; to check something means that not any client will do."""
        chosen = frozenset(clients)
        mode = Mode.ONLY if self.mode is Mode.ANY else self.mode
        return replace(self, mode=mode, checked=self.checked | chosen if on else self.checked - chosen)

    def with_permitted(self, clients: Iterable[int]) -> Draft:
        """With these clients permitted: they alone where any would do, beside the others where some are chosen."""
        chosen = frozenset(clients)
        if self.mode is Mode.ANY:
            return Draft(Mode.ONLY, chosen)
        return self.with_checked(chosen, on=self.mode is Mode.ONLY)

    def conditions(self, clients: Mapping[int, Row]) -> list[dict[str, str]]:
        """What is saved: none, or one that names the checked clients."""
        if self.mode is Mode.ANY:
            return []
        labels = [full_label(clients[id_]) for id_ in sorted(self.checked) if id_ in clients]
        op = "in" if self.mode is Mode.ONLY else "not_in"
        return [{"type": "client", "name": _LABEL, "op": op, "value": ",".join(labels)}]


def full_label(row: Row) -> str:
    """`hostname:name`, with the colon also where there is no name: without it every client of the host is meant."""
    return f"{row['hostname']}:{row['name']}"


def draft_of(conditions: Sequence[Row], permitted: Iterable[int], clients: Iterable[int]) -> Draft:
    """What the job has now, as the editor shows it."""
    allowed = frozenset(permitted)
    if not conditions:
        return Draft(Mode.ANY, frozenset(clients))
    one = conditions[0]
    if len(conditions) == 1 and one["name"] in ("hostname", _LABEL) and one["op"] in _NEGATIVE:
        return Draft(Mode.EXCEPT, frozenset(clients) - allowed)
    return Draft(Mode.ONLY, allowed)


def condition_words(condition: Row) -> str:
    """A condition as a line."""
    return one_line(f"{condition['name']} {condition['op']} {condition['value']}")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the list shows of all clients."""

    text: str = ""
    free_only: bool = False
    checked_only: bool = False
    opened: frozenset[int] = frozenset()
    """Groups of which all clients are shown."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What saving would do, as the server says."""

    permitted: int = 0
    permitted_then: int = 0
    free: int = 0
    free_then: int = 0
    gained: frozenset[int] = frozenset()
    """Clients that could take the job then and cannot now."""
    known: bool = field(default=False)
    """Whether the server has answered for what is chosen now."""


def arranged(
    clients: Mapping[int, Row], groups: Mapping[int, Row], first: frozenset[int], known: Sequence[int] = ()
) -> list[int]:
    """Groups in the order of the list.

    Those of which most clients are among `first` come first, then those with free clients. Groups that are `known`
    keep their places: what is checked, and clients that become free meanwhile, move nothing.
    """
    members_of = _members(clients)
    places = {id_: place for place, id_ in enumerate(known)}

    def place(row: Row) -> tuple[int, float, int, str]:
        members = members_of.get(row["id"], [])
        share = sum(id_ in first for id_ in members) / len(members) if members else 0.0
        free = sum(clients[id_]["status"] == ClientStatus.AVAILABLE for id_ in members)
        return places.get(row["id"], len(places)), -share, -free, str(row["name"]).casefold()

    return [row["id"] for row in sorted(groups.values(), key=place)]


def _members(clients: Mapping[int, Row]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for id_, row in clients.items():
        for group in row["groups"]:
            found.setdefault(group, []).append(id_)
    return found


def rows(
    draft: Draft,
    clients: Mapping[int, Row],
    groups: Mapping[int, Row],
    shown: Shown,
    gained: frozenset[int] = frozenset(),
    order: Sequence[int] | None = None,
) -> list[Node]:
    """A row for each group with its clients, and one for clients in none. A client is below each of its groups.

    `order`: of the groups, as `arranged` says.
    """
    words = shown.text.casefold().split()
    members_of = _members(clients)
    found = []
    for place in arranged(clients, groups, frozenset()) if order is None else order:
        group = groups[place]
        members = members_of.get(group["id"], [])
        fits = _says(str(group["name"]), words)
        node = _group(group["id"], str(group["name"]), members, fits, draft, clients, shown, words, gained)
        if node is not None:
            found.append(node)
    rest = [id_ for id_, row in clients.items() if not any(group in groups for group in row["groups"])]
    if rest:
        node = _group(0, translate("Why", "in no group"), rest, not words, draft, clients, shown, words, gained)
        if node is not None:
            found.append(node)
    return found


def _says(text: str, words: Sequence[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _group(
    id_: int,
    name: str,
    members: Sequence[int],
    fits: bool,
    draft: Draft,
    clients: Mapping[int, Row],
    shown: Shown,
    words: Sequence[str],
    gained: frozenset[int],
) -> Node | None:
    seen = [
        one
        for one in members
        if (fits or _says(str(clients[one]["label"]), words))
        and (not shown.free_only or clients[one]["status"] == ClientStatus.AVAILABLE)
        and (not shown.checked_only or one in draft.checked)
    ]
    narrowed = bool(words) or shown.free_only or shown.checked_only
    if narrowed and not seen:
        return None
    seen.sort(key=lambda one: str(clients[one]["label"]).casefold())
    more = 0 if id_ in shown.opened or len(seen) <= FEW + 1 else len(seen) - FEW
    children = [_client(clients[one], draft, gained) for one in (seen[:FEW] if more else seen)]
    if more:
        text = translate("Why", "{n} more").replace("{n}", count(more))
        children.append(Node("more", (Cell(text, tone=Tone.LINK), EMPTY, EMPTY, EMPTY), value=id_))
    hits = sum(one in draft.checked for one in members)
    state = Qt.CheckState.Unchecked if not hits else Qt.CheckState.PartiallyChecked
    if hits and hits == len(members):
        state = Qt.CheckState.Checked
    plus = len(gained.intersection(members))
    number = counted(len(members), translate("Why", "{n} client"), translate("Why", "{n} clients"))
    cells = (
        Cell(one_line(name), glyph="group", weight=500),
        Cell(number, tone=Tone.SECONDARY),
        EMPTY,
        Cell(translate("Why", "+{n} free").replace("{n}", count(plus)) if plus else "", weight=500),
    )
    return Node(
        ("group", id_), cells, children, value=tuple(members), check=state, spoken=f"{one_line(name)}, {number}"
    )


def _client(row: Row, draft: Draft, gained: frozenset[int]) -> Node:
    memory = bytes_text(row["memory"] * 1024) if row["memory"] else ""
    cells = (
        Cell(one_line(str(row["label"])), glyph=client_sign(row)),
        Cell(state_text(row), tone=Tone.SECONDARY),
        Cell(memory, tone=Tone.SECONDARY),
        Cell("+1" if row["id"] in gained else ""),
    )
    state = Qt.CheckState.Checked if row["id"] in draft.checked else Qt.CheckState.Unchecked
    return Node(("client", row["id"]), cells, value=(row["id"],), check=state)


def save_words(draft: Draft) -> str:
    """What the button says."""
    number = len(draft.checked)
    if draft.mode is Mode.ANY:
        return translate("Why", "Permit any client")
    if draft.mode is Mode.EXCEPT:
        return counted(
            number, translate("Why", "Save all but {n} client"), translate("Why", "Save all but {n} clients")
        )
    return counted(
        number, translate("Why", "Save {n} permitted client"), translate("Why", "Save {n} permitted clients")
    )
