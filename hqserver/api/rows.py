"""Rows of attributes for answers: which names, read in turns, told when they are on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from hqserver.api.slices import mapped
from hqserver.core.farm import Farm
from hqserver.wire.attributes import Attribute, default_names
from hqserver.wire.encoder import Encoded, encoded, row_encoder

if TYPE_CHECKING:
    from hqserver.api.context import Call

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
    """Makes rows of these attributes of records of this farm."""
    read = chosen(readers, attributes, names)
    return lambda record: read(farm, record)


def chosen(
    readers: Mapping[str, Callable[[Farm, R], Any]], attributes: dict[str, Attribute], names: Iterable[str] | None
) -> Callable[[Farm, R], Row]:
    """Makes rows of these attributes; names that nobody knows are left out, None means the usual ones."""
    wanted = _wanted(readers, attributes, names)

    def read(farm: Farm, record: R) -> Row:
        return {name: reader(farm, record) for name, reader in wanted}

    return read


def chosen_encoder(
    readers: Mapping[str, Callable[[Farm, R], Any]], attributes: dict[str, Attribute], names: Iterable[str] | None
) -> Callable[[Farm, R], str]:
    """The same rows, encoded at once."""
    return row_encoder(_wanted(readers, attributes, names))


def _wanted(
    readers: Mapping[str, Callable[[Farm, R], Any]], attributes: dict[str, Attribute], names: Iterable[str] | None
) -> list[tuple[str, Callable[[Farm, R], Any]]]:
    asked = default_names(attributes) if names is None else names
    return [(name, readers[name]) for name in asked if name in readers]


async def rows_of(call: Call, records: Iterable[R], read: Callable[[R], Row]) -> Encoded:
    """A row for each record, encoded, once all of them are on disk."""
    newest = 0

    def note_and_encode(record: R) -> str:
        nonlocal newest
        newest = max(newest, record.revision)
        return encoded(read(record))

    rows = await mapped(note_and_encode, records)
    await call.seen(newest)
    return Encoded(rows)


async def row_of(call: Call, record: R | None, read: Callable[[R], Row]) -> Row | None:
    """The row of a record, once it is on disk; None for none."""
    if record is None:
        return None
    row = read(record)
    await call.seen(record.revision)
    return row
