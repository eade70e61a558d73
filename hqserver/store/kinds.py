"""Kinds of values: how each is stored, and what is believed when it is read back.

A database does not notice every flipped bit, and SQLite keeps any value in any column. So whatever is read is looked
at before the farm gets it: a value of another type or out of all bounds is `Damaged`, and its row is put aside. That is
done for a column of thousands at once, since a farm has millions of values and few of them are ever wrong.

Storing is total: a value that a database could not take is made one that it can, since a row that cannot be written
would end the server again after every start.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import Any, Final

import orjson
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


Column = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """Values of one sort. `store` None: stored as they are. `blank` stands in for a value that cannot be read."""

    type: sa.types.TypeEngine[Any]
    load: Callable[[Column], Column]
    """The values of a column. Raises Damaged if any of them is wrong; says which when there is but one."""
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
    if not value and type(value) in _EMPTY:  # most lists and dicts of most jobs
        return _EMPTY[type(value)]
    try:
        text = orjson.dumps(value, dict, orjson.OPT_SORT_KEYS)
    except TypeError:  # keys that are words of a vocabulary, halves of surrogate pairs, numbers of more than 64 bits
        return _encode(value)
    return text.decode() if text.isascii() else _encode(value)


_EMPTY: Final[dict[type, str]] = {tuple: "[]", list: "[]", dict: "{}"}


_encode: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=dict).encode


def _damaged(column: Column, what: str) -> Damaged:
    return Damaged(f"{column[0]!r:.60} is {what}")


def _whole(least: int, most: int, what: str) -> Callable[[Column], Column]:
    def load(column: Column) -> Column:
        if set(map(type, column)) == {int} and least <= min(column) and max(column) <= most:
            return column
        raise _damaged(column, what)

    return load


def _real(least: float, most: float, what: str) -> Callable[[Column], Column]:
    def load(column: Column) -> Column:
        are_numbers = set(map(type, column)) <= {int, float} and not any(map(isnan, column))
        if are_numbers and least <= min(column) and max(column) <= most:
            return list(map(float, column))
        raise _damaged(column, what)

    return load


def _texts(column: Column) -> Column:
    try:
        if set(map(type, column)) == {str}:
            "".join(column).encode()
            return column
    except UnicodeEncodeError:
        pass
    raise _damaged(column, "no text")


def _words(column: Column) -> Column:
    return list(map(sys.intern, _texts(column)))


def _flags(column: Column) -> Column:
    if set(map(type, column)) == {int} and set(column) <= {0, 1}:
        return list(map(bool, column))
    raise _damaged(column, "neither 0 nor 1")


def optional(kind: Kind) -> Kind:
    """The same, or None."""
    store = kind.store

    def load(column: Column) -> Column:
        present = [value for value in column if value is not None]
        if len(present) == len(column):
            return kind.load(column)
        loaded = iter(kind.load(present) if present else ())
        return [None if value is None else next(loaded) for value in column]

    def store_optional(value: Any) -> Any:
        return None if value is None else store(value) if store is not None else value

    return Kind(kind.type, load, None, None if store is None else store_optional, nullable=True)


def one_of(words: Iterable[StrEnum], blank: StrEnum) -> Kind:
    """A member of an enumeration, or of a part of it, stored as its word."""
    members = {member.value: member for member in words}

    def load(column: Column) -> Column:
        try:
            return [members[value] for value in column]
        except KeyError:
            raise _damaged(column, f"no {type(blank).__name__} that can be here") from None

    return Kind(sa.String(), load, blank, str.__str__)


def text_of(load: Callable[[str], Any], store: Callable[[Any], str], blank: Any) -> Kind:
    """A value that never changes, kept as a text; `load` raises ValueError. Equal texts become one object."""

    def load_texts(column: Column) -> Column:
        try:
            values = {text: load(text) for text in set(_texts(column))}
        except (ValueError, RecursionError) as error:
            raise _damaged(column, f"unreadable: {error}") from None
        return [values[text] for text in column]

    return Kind(sa.Text(), load_texts, blank, store)


def json_list_of(kind: type) -> Kind:
    """A tuple of texts or of numbers."""

    def load(text: str) -> tuple[Any, ...]:
        plain = json.loads(text)
        if not isinstance(plain, list) or any(type(item) is not kind for item in plain):
            raise ValueError(f"it is no list of {kind.__name__}")
        return tuple(plain)

    return text_of(load, to_json, ())


def json_of(load: Callable[[Any], Any], store: Callable[[Any], Any], blank: Any) -> Kind:
    """A value made from what JSON holds; `load` raises ValueError, or trips over what has another form."""

    def load_text(text: str) -> Any:
        try:
            return load(json.loads(text))
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"it has another form: {error}") from None

    return text_of(load_text, lambda value: to_json(store(value)), blank)


_BIG: Final = sa.BigInteger()

ID: Final = Kind(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), _whole(1, LARGEST_ID, "no id"), 0)
"""On SQLite a single key of this kind is the row's own number, which needs no index."""
REFERENCE: Final = Kind(_BIG, _whole(1, LARGEST_ID, "no id"), 0)
COUNT: Final = Kind(_BIG, _whole(0, LARGEST_COUNT, "no count"), 0)
REVISION: Final = Kind(_BIG, _whole(0, LARGEST_REVISION, "no revision"), 0)
NUMBER: Final = Kind(_BIG, _whole(-LARGEST_COUNT, LARGEST_COUNT, "no whole number"), 0, _bounded)
FLAG: Final = Kind(sa.SmallInteger(), _flags, blank=False, store=int)
SECONDS: Final = Kind(sa.Double(), _real(-LARGEST_COUNT, LARGEST_COUNT, "no number of seconds"), 0.0, _bounded)
TIME: Final = Kind(sa.Double(), _real(0.0, LATEST_TIME, "no time"), 0.0)
"""Since the epoch, UTC."""
FRACTION: Final = Kind(sa.Double(), _real(0.0, 1.0, "not between 0 and 1"), 0.0)
TEXT: Final = Kind(sa.Text(), _texts, "", clean)
WORD: Final = Kind(sa.Text(), _words, "", clean)
"""A text that many rows share: one object in RAM."""
