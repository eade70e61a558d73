"""What may be written where the cursor stands in a filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hqserver.wire.filter_fields import FIELD_OF, FIELDS, Field

MOST_OFFERS: Final = 50
_TOKEN: Final = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^\s()"])+$')
_TEST: Final = re.compile(r"([^\W\d]\w*)(:|!=|<=|>=|=|<|>)(.*)$", re.DOTALL)
_NEEDS_QUOTES: Final = re.compile(r'[\s()",*?]|^$')

KnownValues = Callable[[str], Iterable[str]]
"""What values a field has on this farm: names of users, clients, groups, by the field's name."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Text that would stand from `start` to the cursor, and what it means."""

    text: str
    help: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What is being written, and how it may go on."""

    start: int
    """Where in the filter the offers begin; they reach to the cursor."""
    field: str
    """The field whose value is being written; empty while a word or a field is."""
    offers: tuple[Offer, ...]


def completion(text: str, cursor: int, known: KnownValues = lambda field: ()) -> Completion:
    """What the text before the cursor may become; no offers where anything goes."""
    found = _TOKEN.search(text[:cursor])
    token = found[0] if found is not None else ""
    token = token.removeprefix("-")
    start = cursor - len(token)
    test = _TEST.match(token)
    if test is None:
        return Completion(start, "", tuple(_fields(token.casefold())))
    field = FIELD_OF.get(test[1].casefold())
    if field is None:
        return Completion(start, "", ())
    written = _last_value(test[3])
    return Completion(cursor - len(written), field.name, tuple(_values(field, written, known))[:MOST_OFFERS])


def _fields(prefix: str) -> Iterator[Offer]:
    """Fields whose name begins so, then those of which an alias does."""
    for field in FIELDS:
        if field.name.startswith(prefix):
            yield Offer(f"{field.name}{field.operators[0]}", field.help)
    for field in FIELDS:
        if prefix and not field.name.startswith(prefix) and any(name.startswith(prefix) for name in field.aliases):
            yield Offer(f"{field.name}{field.operators[0]}", field.help)


def _values(field: Field, written: str, known: KnownValues) -> Iterator[Offer]:
    """Choices and known values that hold what is written; the ones that begin with it first."""
    prefix = written.strip('"').casefold()
    offers = [Offer(word, help_) for word, help_ in field.choices]
    if not offers:
        offers = [Offer(_as_value(value), "") for value in known(field.name)]
    begin = [offer for offer in offers if offer.text.strip('"').casefold().startswith(prefix)]
    yield from begin
    yield from (offer for offer in offers if offer not in begin and prefix in offer.text.casefold())


def _last_value(values: str) -> str:
    """What stands behind the last comma that is not in quotes."""
    quoted, start = False, 0
    for index, char in enumerate(values):
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            start = index + 1
    return values[start:]


def _as_value(text: str) -> str:
    if not _NEEDS_QUOTES.search(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
