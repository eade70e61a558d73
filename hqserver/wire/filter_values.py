"""How values of a filter are read, for each type of field: what is written, and what it means in figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from hqserver.wire.faults import LONGEST_VALUE, cut
from hqserver.wire.filter_fields import Field, FieldType

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,9})?", re.ASCII).fullmatch
_PERCENT: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)%?", re.ASCII).fullmatch
_SIZE: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)([kmgtKMGT])(?:i?[bB])?", re.ASCII).fullmatch
_SPAN: Final = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?[smhdw])+", re.ASCII).fullmatch
_SPAN_PART: Final = re.compile(r"([0-9.]+)([smhdw])", re.ASCII)
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_KILOBYTES: Final = {"k": 1.0, "m": 1024.0, "g": 1024.0**2, "t": 1024.0**3}
_DATE_FORMS: Final = (
    ("%Y-%m-%d", timedelta(days=1)),
    ("%Y-%m-%dT%H:%M", timedelta(minutes=1)),
    ("%Y-%m-%dT%H:%M:%S", timedelta(seconds=1)),
)
_RANGE: Final = ".."


class BadFilterValue(ValueError):
    """A value does not fit its field."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}. {fix}")
        self.problem = problem
        self.fix = fix


class Extent(NamedTuple):
    """From `low` to `high`: of figures with it, of times without."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ago:
    """A time that is told by how long ago it was, in seconds."""

    seconds: float


def check(field: Field, operator: str, text: str, *, literal: bool) -> None:
    """Raises BadFilterValue for a value that its field cannot be compared with."""
    if field.type in (FieldType.CHOICE, FieldType.FLAG):
        choices(field, operator, text)
    elif field.type is FieldType.TIME:
        time(text, _ANY_DAY)
    elif field.type in _READERS:
        extent(field, text)
        if operator in ("<", "<=", ">", ">=") and _RANGE in text:
            raise BadFilterValue(f"{operator} takes no range", f"Use {field.name}:3..7.")


def choices(field: Field, operator: str, text: str) -> tuple[str, ...]:
    """The words that are meant: the one that is written, or with `:` all that begin so. Raises BadFilterValue."""
    words = [word for word, _ in field.choices]
    wanted = text.casefold()
    if wanted in words:
        return (wanted,)
    found = tuple(word for word in words if wanted and word.startswith(wanted)) if operator == ":" else ()
    if not found:
        from difflib import get_close_matches  # only for mistakes

        near = get_close_matches(wanted, words, 1)
        fix = f"Did you mean {near[0]}?" if near else f"There are {', '.join(words)}."
        raise BadFilterValue(f"{field.name} is never {cut(text, LONGEST_VALUE)!r}", fix)
    return found


def extent(field: Field, text: str) -> Extent:
    """The figures that are meant: one, or with `..` from one to another. Raises BadFilterValue."""
    read, example = _READERS[field.type]
    low, dots, high = text.partition(_RANGE)
    try:
        least = read(low) if low or not dots else float("-inf")
        most = read(high) if high else float("inf") if dots else least
    except ValueError:
        raise BadFilterValue(
            f"{cut(text, LONGEST_VALUE)!r} is no {field.type.value}", f"Write it as {example}."
        ) from None
    if least > most or (dots and not low and not high):
        raise BadFilterValue(f"{cut(text, LONGEST_VALUE)!r} holds nothing", f"Write the smaller one first: {example}.")
    return Extent(least, most)


def time(text: str, now: datetime) -> Extent | Ago:
    """The seconds since the epoch that are meant, from the first to before the last; or how long ago.

    `now` has a time zone, in which days are meant. Raises BadFilterValue.
    """
    if _SPAN(text):
        return Ago(_span(text))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    word = text.casefold()
    if word in _DAYS:
        start = midnight + timedelta(days=_DAYS[word])
        return _between(start, start + timedelta(days=1))
    for form, length in _DATE_FORMS:
        try:
            start = datetime.strptime(text.upper(), form).replace(tzinfo=now.tzinfo)
            return _between(start, start + length)
        except (ValueError, OverflowError, OSError):  # also of years that have no seconds since the epoch
            continue
    fix = "Write a date (2026-11-24, 2026-11-24T13:05), today, yesterday, or how long ago: 2h."
    raise BadFilterValue(f"{cut(text, LONGEST_VALUE)!r} is no time", fix)


_DAYS: Final = {"today": 0, "yesterday": -1}


def _between(start: datetime, end: datetime) -> Extent:
    return Extent(start.timestamp(), end.timestamp())


def _plain_number(text: str) -> float:
    if not _NUMBER(text):
        raise ValueError(text)
    return float(text)


def _percent(text: str) -> float:
    found = _PERCENT(text)
    if found is None:
        raise ValueError(text)
    return float(found[1]) / 100.0


def _size(text: str) -> float:
    found = _SIZE(text)
    if found is None:
        raise ValueError(text)
    return float(found[1]) * _KILOBYTES[found[2].lower()]


def _span(text: str) -> float:
    if not _SPAN(text):
        raise ValueError(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in _SPAN_PART.findall(text))


_READERS: Final[dict[FieldType, tuple[Callable[[str], float], str]]] = {
    FieldType.NUMBER: (_plain_number, "5, or 3..7"),
    FieldType.NUMBERS: (_plain_number, "5, or 3..7"),
    FieldType.PERCENT: (_percent, "50 or 50%, or 10..90"),
    FieldType.SIZE: (_size, "500M or 4G, or 1G..4G"),
    FieldType.SPAN: (_span, "90s, 10m, 2h, 1d12h, or 1h..2h"),
}
_ANY_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
