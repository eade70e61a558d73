"""What the page of one thread holds: days, notes, automatic notes, and the line over what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from hqgui.models import formats
from hqgui.models.note_text import Links, Paragraph, paragraphs
from hqgui.models.status_words import BAR_ORDER
from hqgui.models.thread_store import who
from hqgui.models.wire_values import wire_seconds
from hqgui.words import capital, translate

MOST_NOTES: Final = 200
MOST_CHARACTERS: Final = 300_000
"""Of one page; earlier notes are a click away."""
_CLIENT_GLYPHS: Final = ("offline", "disabled")


class Note(NamedTuple):
    """One note, as the server has it."""

    id: int
    at: int
    """Seconds since the epoch."""
    text: str
    author: str = ""
    automatic: bool = False


class Day(NamedTuple):
    """A line that says which day begins."""

    text: str


class New(NamedTuple):
    """The line over what was not read."""


class Earlier(NamedTuple):
    """Notes that are left out at the front."""

    number: int


class Said(NamedTuple):
    """What somebody wrote."""

    id: int
    who: str
    initials: str
    color: int
    """A small number that stays with the name."""
    when: str
    moment: str
    """The exact time, on two lines."""
    lines: tuple[Paragraph, ...]


class Happened(NamedTuple):
    """What the farm wrote by itself."""

    id: int
    glyph: str
    when: str
    moment: str
    lines: tuple[Paragraph, ...]


Item = Day | New | Earlier | Said | Happened


def notes_from(rows: Iterable[Mapping[str, Any]]) -> tuple[Note, ...]:
    """The notes of an answer of `getNoteThreads`; ids are places where a server has none."""
    return tuple(
        Note(
            int(row.get("id") or place),
            _seconds(row.get("date")),
            str(row.get("text") or ""),
            str(row.get("author") or ""),
            bool(row.get("automatic")),
        )
        for place, row in enumerate(rows, 1)
    )


def _seconds(date: object) -> int:
    if isinstance(date, datetime):
        return int(date.replace(tzinfo=UTC).timestamp())
    return wire_seconds(date) or 0


def page(
    notes: Sequence[Note], read: int | None, now: float, links: Links, whole: bool = False, reader: str = ""
) -> tuple[Item, ...]:
    """The items of a page. `read`: the latest note that was read; None: no line over what is new.

    `whole`: with all notes, however many. `reader`: who reads; what they wrote themselves is never new to them.
    """
    first = 0 if whole else _first_shown(notes)
    items: list[Item] = [Earlier(first)] if first else []
    day, told = "", read is None
    for note in notes[first:]:
        if (new := _day(note.at, now)) != day:
            day = new
            items.append(Day(day))
        own = bool(reader) and note.author == reader
        if not told and read is not None and note.id > read and not note.automatic and not own:
            told = True
            items.append(New())
        items.append(_item(note, links))
    return tuple(items)


def _first_shown(notes: Sequence[Note]) -> int:
    room, first = MOST_CHARACTERS, len(notes)
    while first > 0 and len(notes) - first < MOST_NOTES and room > 0:
        first -= 1
        room -= len(notes[first].text)
    return first


def _item(note: Note, links: Links) -> Item:
    when = formats.clock(note.at)[:5]
    moment = formats.both_times(note.at)
    text = "\n".join(map(capital, note.text.split("\n"))) if note.automatic else note.text
    lines = paragraphs(text, links)
    if note.automatic:
        return Happened(note.id, event_glyph(note.text), when, moment, lines)
    name = formats.one_line(who(note.author), 80) or translate("Notes", "somebody")
    return Said(note.id, name, initials(name), sum(map(ord, name)) % 8, when, moment, lines)


def _day(at: int, now: float) -> str:
    if not at:
        return translate("Notes", "Earlier")
    text = formats.when(at, now)
    if " " not in text:
        return translate("Notes", "Today")
    if " " not in formats.when(at, now - timedelta(days=1).total_seconds()):
        return translate("Notes", "Yesterday")
    date = formats.when(at, at + timedelta(days=30).total_seconds())
    return f"{text.split(' ')[0]} {date}" if ":" in text else text


def event_glyph(text: str) -> str:
    """The state that an automatic note speaks of: the one that it says last."""
    for line in reversed(text.splitlines()):
        word = line.split(":")[0].split(" ")[0]
        if word in BAR_ORDER:
            return word
        if word in _CLIENT_GLYPHS:
            return f"client-{word}"
        if word == "enabled":
            return "client-available"
    return "event"


def initials(name: str) -> str:
    """`SI` for `s.iyer`, `MB` for `mbrandt`, the last number of an address."""
    parts = [part for part in name.replace("_", ".").replace("-", ".").replace(" ", ".").split(".") if part]
    if not parts:
        return "?"
    if all(part.isdigit() for part in parts):
        return parts[-1][:3]
    if len(parts) > 1:
        return (parts[0][0] + parts[-1][0]).upper()
    return parts[0][:2].upper()
