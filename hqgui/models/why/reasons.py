"""The list of reasons as rows of a tree: a reason, below it groups or clients, each with what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hqgui.models.formats import count, one_line
from hqgui.models.keyed_tree import Node
from hqgui.models.roles import EMPTY, Cell, Segment, Tone
from hqgui.models.why import words
from hqgui.models.why.answer import ClientLine, Fix, GroupLine, ReasonLine, Why
from hqgui.words import translate

COLUMNS: Final = ("reason", "clients", "share", "clears", "fix")
FEW: Final = 6
"""Clients that are shown below a reason until more are wanted."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A row of a reason."""

    line: ReasonLine


@dataclass(frozen=True, slots=True)
class Group:
    """A row of a group; `states` are glyphs and words."""

    line: GroupLine
    states: tuple[tuple[str, str], ...]

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """What can be done."""
        return () if self.line.fix is None else (self.line.fix,)


@dataclass(frozen=True, slots=True)
class Client:
    """A row of a client."""

    line: ClientLine

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """What can be done."""
        return self.line.fixes


@dataclass(frozen=True, slots=True)
class More:
    """The rest of a reason's clients."""

    code: str


def titles(total: int) -> tuple[str, ...]:
    """Of the columns."""
    return (
        translate("Why", "Reason"),
        translate("Why", "Clients"),
        translate("Why", "Share of {n}").replace("{n}", count(total)),
        translate("Why", "When it clears"),
        translate("Why", "Fix"),
    )


def rows(why: Why, now: float, opened: frozenset[str] = frozenset()) -> list[Node]:
    """A row for each reason that keeps clients; `opened`: reasons of which all clients are shown."""
    if not why.waits:
        return []
    counted = [reason for reason in why.reasons if reason.count]
    counted.sort(key=lambda reason: (reason.of_job, reason.code == "next", -reason.count))
    return [_reason(reason, why, now, reason.code in opened) for reason in counted]


def _reason(reason: ReasonLine, why: Why, now: float, opened: bool) -> Node:
    segments = tuple(
        Segment(f"client-{status}", reason.states[status] / why.total)
        for status in words.STATE_ORDER
        if reason.states.get(status)
    )
    nothing = ""
    if reason.code != "condition" and not buttons(reason):
        nothing = translate("Why", words.ABOVE if reason.of_job and reason.fixes else words.NOTHING)
    cells = (
        Cell(words.title(reason), glyph=words.GLYPHS.get(reason.code, "event"), weight=500),
        Cell(count(reason.count), weight=600),
        Cell(segments=segments),
        Cell(words.clears(reason, now), tone=Tone.SECONDARY),
        Cell(nothing, tone=Tone.DIM) if nothing else EMPTY,
    )
    children = [_group(group) for group in reason.groups] or _clients(reason, now, opened)
    spoken = f"{words.title(reason)}, {count(reason.count)}, {words.clears(reason, now)}"
    return Node(reason.code, cells, children, one_line(reason.text), spoken, Reason(reason))


def buttons(reason: ReasonLine) -> tuple[Fix, ...]:
    """What stands beside a reason; what is done about the whole job stands in its own list."""
    return () if reason.of_job else reason.fixes


def _group(group: GroupLine) -> Node:
    shown = words.states(group)
    name = one_line(group.name) if group.id is not None else translate("Why", "in no group")
    told = "  ".join(text for _, text in shown)
    fix = "" if group.fix is None else words.permit(group.count)
    cells = (
        Cell(name, tone=Tone.NORMAL if group.id is not None else Tone.DIM),
        Cell(count(group.count), tone=Tone.SECONDARY),
        Cell(told, tone=Tone.SECONDARY),
        EMPTY,
        Cell(fix, tone=Tone.LINK),
    )
    tip = "" if group.fix is None else words.tip(group.fix)
    return Node(("group", group.id), cells, tip=tip, value=Group(group, tuple(shown)))


def _clients(reason: ReasonLine, now: float, opened: bool) -> list[Node]:
    shown = reason.items if opened or len(reason.items) <= FEW + 1 else reason.items[:FEW]
    found = [_client(line, reason.code, now) for line in shown]
    rest = reason.count - len(shown)
    if rest > 0 and found:
        text = translate("Why", "{n} more").replace("{n}", count(rest))
        tone = Tone.LINK if not opened and len(shown) < len(reason.items) else Tone.DIM
        found.append(Node("more", (Cell(text, tone=tone), EMPTY, EMPTY, EMPTY, EMPTY), value=More(reason.code)))
    return found


def _client(line: ClientLine, code: str, now: float) -> Node:
    fix = words.button(line.fixes[0]) if line.fixes else ""
    cells = (
        Cell(one_line(line.label), glyph=words.client_sign(line, code)),
        EMPTY,
        Cell(words.line_detail(line, code), tone=Tone.SECONDARY),
        Cell(words.line_clears(line, code, now), tone=Tone.SECONDARY),
        Cell(fix, tone=Tone.LINK),
    )
    tip = words.tip(line.fixes[0]) if line.fixes else ""
    return Node(("client", line.id), cells, tip=tip, value=Client(line))
