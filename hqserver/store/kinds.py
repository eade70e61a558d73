"""Kinds of values: how each is stored, and what is believed when it is read back.

A database does not notice every flipped bit, and SQLite keeps any value in any column. So whatever is read is looked
at before the farm gets it: a value of another type or out of all bounds is `Damaged`, and its row is put aside.
Storing is total: a value that a database could not take is made one that it can, since a row that cannot be written
would end the server again after every start.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

LARGEST_COUNT: Final = 2**53
LARGEST_REVISION: Final = 2**52
"""A farm goes on from the highest that was ever told, so there must be room above it."""
LARGEST_ID: Final = 2**31 - 1
"""XML-RPC's plain int: no script can name a larger one."""
LATEST_TIME: Final = 253_402_300_799.0
"""The end of the year 9999: later times have no date."""


class Damaged(ValueError):
    """A value is not what was written. The text says how it was noticed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Values of one sort. `store` None: stored as they are. `blank` stands in for a value that cannot be read."""

    type: sa.types.TypeEngine[Any]
    load: Callable[[Any], Any]
    """Raises Damaged."""
    blank: Any
    store: Callable[[Any], Any] | None = None
    nullable: bool = False


_NO_CHARACTER: Final = re.compile("[\0\ud800-\udfff]")


def clean(text: str) -> str:
    """A text that every database takes: what is no character (NUL, half a surrogate pair) becomes U+FFFD."""
    if text.isascii() and "\0" not in text:
        return str.__str__(text)
    return _NO_CHARACTER.sub("\ufffd", text)


def _bounded(value: Any) -> Any:
    """The nearest number that is taken back; 0 for what is none."""
    if -LARGEST_COUNT <= value <= LARGEST_COUNT:
        return value
    return 0 if value != value else LARGEST_COUNT if value > 0 else -LARGEST_COUNT  # noqa: PLR0124


def to_json(value: Any) -> str:
    """JSON in ASCII, the same text for the same value."""
    return _encode(value)


_encode: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=dict).encode


def _text(value: Any) -> str:
    if type(value) is str and (value.isascii() or _is_encodable(value)):
        return value
    raise Damaged(f"{value!r:.60} is no text")


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _word(value: Any) -> str:
    return sys.intern(_text(value))


def _count(value: Any) -> int:
    if type(value) is int and 0 <= value <= LARGEST_COUNT:
        return value
    raise Damaged(f"{value!r:.60} is no count")


def _revision(value: Any) -> int:
    if type(value) is int and 0 <= value <= LARGEST_REVISION:
        return value
    raise Damaged(f"{value!r:.60} is no revision")


def _id(value: Any) -> int:
    if type(value) is int and 0 < value <= LARGEST_ID:
        return value
    raise Damaged(f"{value!r:.60} is no id")


def _number(value: Any) -> int:
    if type(value) is int and -LARGEST_COUNT <= value <= LARGEST_COUNT:
        return value
    raise Damaged(f"{value!r:.60} is no whole number")


def _seconds(value: Any) -> float:
    if type(value) in (float, int) and -LARGEST_COUNT <= value <= LARGEST_COUNT:
        return float(value)
    raise Damaged(f"{value!r:.60} is no number of seconds")


def _time(value: Any) -> float:
    if type(value) in (float, int) and 0.0 <= value <= LATEST_TIME:
        return float(value)
    raise Damaged(f"{value!r:.60} is no time")


def _fraction(value: Any) -> float:
    if type(value) in (float, int) and 0.0 <= value <= 1.0:
        return float(value)
    raise Damaged(f"{value!r:.60} is not between 0 and 1")


def _flag(value: Any) -> bool:
    if type(value) is int and value in (0, 1):
        return value == 1
    raise Damaged(f"{value!r:.60} is neither 0 nor 1")


def _json(value: Any) -> Any:
    try:
        return json.loads(_text(value))
    except (ValueError, RecursionError) as error:
        raise Damaged(f"it is no JSON: {error}") from None


def optional(kind: Kind) -> Kind:
    """The same, or None."""
    load, store = kind.load, kind.store

    def load_optional(value: Any) -> Any:
        return None if value is None else load(value)

    def store_optional(value: Any) -> Any:
        return None if value is None else store(value) if store is not None else value

    return Kind(kind.type, load_optional, None, None if store is None else store_optional, nullable=True)


def one_of(words: Iterable[StrEnum], blank: StrEnum) -> Kind:
    """A member of an enumeration, or of a part of it, stored as its word."""
    members = {member.value: member for member in words}

    def load(value: Any) -> StrEnum:
        member = members.get(value) if type(value) is str else None
        if member is None:
            raise Damaged(f"{value!r:.60} is no {type(blank).__name__} that can be here")
        return member

    return Kind(sa.String(), load, blank, str.__str__)


def json_of(load: Callable[[Any], Any], store: Callable[[Any], Any], blank: Any) -> Kind:
    """A value kept as JSON text: `load` makes it from plain values, `store` makes it plain."""

    def load_json(value: Any) -> Any:
        plain = _json(value)
        try:
            return load(plain)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Damaged(f"{value!r:.60} cannot be read: {error}") from None

    return Kind(sa.Text(), load_json, blank, lambda value: to_json(store(value)))


_BIG: Final = sa.BigInteger()

ID: Final = Kind(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), _id, 0)
"""On SQLite a single key of this kind is the row's own number, which needs no index."""
REFERENCE: Final = Kind(_BIG, _id, 0)
COUNT: Final = Kind(_BIG, _count, 0)
REVISION: Final = Kind(_BIG, _revision, 0)
NUMBER: Final = Kind(_BIG, _number, 0, _bounded)
FLAG: Final = Kind(sa.SmallInteger(), _flag, blank=False, store=int)
SECONDS: Final = Kind(sa.Double(), _seconds, 0.0, _bounded)
TIME: Final = Kind(sa.Double(), _time, 0.0)
"""Since the epoch, UTC."""
FRACTION: Final = Kind(sa.Double(), _fraction, 0.0)
TEXT: Final = Kind(sa.Text(), _text, "", clean)
WORD: Final = Kind(sa.Text(), _word, "", clean)
"""A text that many rows share: one object in RAM."""
