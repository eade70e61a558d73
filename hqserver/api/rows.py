"""Rows of attributes for answers: which names, read in turns, told when they are on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from hqserver.api.context import Call
from hqserver.api.slices import mapped
from hqserver.core.farm import Farm
from hqserver.wire.attributes import Attribute, default_names

Row = dict[str, Any]


class _Record(Protocol):
    revision: int


R = TypeVar("R", bound=_Record)


def row_reader(
    farm: Farm,
    readers: Mapping[str, Callable[[Farm, R], Any]],
    attributes: dict[str, Attribute],
    names: Iterable[str] | None,
) -> Callable[[R], Row]:
    """Makes rows of these attributes; names that nobody knows are left out, None means the usual ones."""
    chosen = [
        (name, readers[name]) for name in (default_names(attributes) if names is None else names) if name in readers
    ]

    def read(record: R) -> Row:
        return {name: reader(farm, record) for name, reader in chosen}

    return read


async def rows_of(call: Call, records: Iterable[R], read: Callable[[R], Row]) -> list[Row]:
    """A row for each record, once all of them are on disk."""
    newest = 0

    def note_and_read(record: R) -> Row:
        nonlocal newest
        newest = max(newest, record.revision)
        return read(record)

    rows = await mapped(note_and_read, records)
    await call.seen(newest)
    return rows
