"""Values of the wire made fit to keep: dates as whole seconds, lists and dicts as shared tuples.

A farm of 100,000 jobs holds few distinct texts, tag lists and dates; whatever is equal is kept once. Converters take
the values of a whole column, because a call for each value would cost more than the work.
"""

from __future__ import annotations

from calendar import timegm
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

_LARGEST_POOL: Final = 300_000


class ClientRef(NamedTuple):
    """A client as a job's row names it."""

    id: int
    label: str


class _Pool(dict[Any, Any]):
    """Gives for each key the first one that was equal to it."""

    def __missing__(self, key: Any) -> Any:
        self[key] = key
        return key


class _Texts(_Pool):
    """As a pool; None and what is no text becomes one."""

    def __missing__(self, key: Any) -> Any:
        text = key if isinstance(key, str) else "" if key is None else str(key)
        self[key] = text
        return text


class _Dates(_Pool):
    """Seconds since the epoch for each wire date (`20261124T13:05:00`, UTC)."""

    def __missing__(self, key: Any) -> Any:
        found = self[key] = wire_seconds(key)
        return found


def wire_seconds(date: object) -> int | None:
    """Seconds since the epoch of a wire date (`20261124T13:05:00`, UTC); None when it is unset."""
    text = str(date or "")
    if not text:
        return None
    return timegm((int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[9:11]), int(text[12:14]), int(text[15:17])))


class Shared:
    """Converters of columns that give one and the same object for equal values."""

    def __init__(self) -> None:
        self._pool = _Pool()
        self._texts = _Texts()
        self._dates = _Dates()

    def texts(self, values: Sequence[Any]) -> Iterable[str]:
        """Texts; None is the empty one."""
        return map(_bounded(self._texts).__getitem__, values)

    def dates(self, values: Sequence[Any]) -> Iterable[int | None]:
        """Seconds since the epoch, or None."""
        return map(_bounded(self._dates).__getitem__, values)

    def floats(self, values: Sequence[Any]) -> Iterable[Any]:
        """Floats shared where they are 0 or 1, else as they are."""
        return [0.0 if value == 0 else 1.0 if value == 1 else value for value in values]

    def sequences(self, values: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
        """Lists of plain values as tuples."""
        pool = _bounded(self._pool)
        return [pool[tuple(value)] if value else () for value in values]

    def amounts(self, values: Sequence[Any]) -> Iterable[tuple[tuple[str, Any], ...]]:
        """Flat dicts as pairs."""
        pool = _bounded(self._pool)
        return [pool[tuple((pool[key], item) for key, item in value.items())] if value else () for value in values]

    def clients(self, values: Sequence[Any]) -> Iterable[tuple[ClientRef, ...]]:
        """Clients of a job's row."""
        pool = _bounded(self._pool)
        return [pool[tuple(map(self._client, value))] if value else () for value in values]

    def _client(self, value: Mapping[str, Any]) -> ClientRef:
        label = value.get("label") or value.get("hostname") or ""
        found: ClientRef = self._pool[ClientRef(int(value.get("id", 0)), self._texts[label])]
        return found

    def dicts(self, values: Sequence[Any]) -> Iterable[tuple[Mapping[str, Any], ...]]:
        """Lists of dicts, kept once for each wording."""
        pool = _bounded(self._pool)
        return [pool.setdefault(repr(value), tuple(value)) if value else () for value in values]


def _bounded(pool: _Pool) -> _Pool:
    """The pool, emptied when it grew too large: sharing is lost then, nothing else."""
    if len(pool) > _LARGEST_POOL:
        pool.clear()
    return pool


Convert = Callable[[Sequence[Any]], Iterable[Any]]


def converters(shared: Shared, types: Mapping[str, str]) -> dict[str, Convert | None]:
    """For each attribute name and its type in the wire table, what turns a column of values into what is kept."""
    by_type: dict[str, Convert | None] = {
        "str": shared.texts,
        "date": shared.dates,
        "date or nil": shared.dates,
        "float": shared.floats,
        "list of int": shared.sequences,
        "list of str": shared.sequences,
        "list of dict": shared.dicts,
        "dict": shared.amounts,
        "dict or nil": shared.amounts,
    }
    return {name: by_type.get(type_) for name, type_ in types.items()}


def defaults(types: Mapping[str, str]) -> dict[str, Any]:
    """For each attribute, what stands in a row that does not say."""
    by_type: dict[str, Any] = {
        "str": "",
        "int": 0,
        "float": 0.0,
        "bool": False,
        "list of int": (),
        "list of str": (),
        "list of dict": (),
        "dict": (),
        "dict or nil": (),
    }
    return {name: by_type.get(type_) for name, type_ in types.items()}
