"""A table and the records in it, made from one list: each stored attribute is one line, a `Field`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from hqserver.store.kinds import Damaged, Kind

Row = tuple[Any, ...]
metadata: Final = sa.MetaData()


class Field(NamedTuple):
    """A stored attribute; the record and the table call it the same. `key`: part of what identifies the row."""

    name: str
    kind: Kind
    key: bool = False


class Shape:
    """How records of one class lie in a table."""

    def __init__(self, name: str, *fields: Field) -> None:
        self.name: Final = name
        self.fields: Final = fields
        self.names: Final = tuple(field.name for field in fields)
        self.keys: Final = tuple(field.name for field in fields if field.key)
        columns = [
            sa.Column(
                field.name, field.kind.type, primary_key=field.key, nullable=field.kind.nullable, autoincrement=False
            )
            for field in fields
        ]
        # With a key of several columns the rows lie in the key's own tree: a second one would be written for nothing.
        self.table: Final = sa.Table(name, metadata, *columns, sqlite_with_rowid=len(self.keys) == 1)

    def maker(self, *names: str) -> Callable[[Any], Row]:
        """What makes a row of these attributes of a record."""
        kinds = {field.name: field.kind for field in self.fields}
        read = attrgetter(*names)
        changed = [(index, store) for index, name in enumerate(names) if (store := kinds[name].store) is not None]

        def make(record: Any) -> Row:
            values = list(read(record))
            for index, store in changed:
                values[index] = store(values[index])
            return tuple(values)

        return make

    def load(self, rows: Sequence[Sequence[Any]]) -> list[Row]:
        """Rows of the whole table with their values as the record has them. Raises Damaged if any of them is wrong."""
        columns = zip(*rows, strict=True)
        loaded = [field.kind.load(column) for field, column in zip(self.fields, columns, strict=True)]
        return list(zip(*loaded, strict=True))

    def mended(self, row: Sequence[Any]) -> tuple[Row, dict[str, str]]:
        """A damaged row, blank where it cannot be read; and what is wrong with the values there."""
        values: list[Any] = []
        wrong: dict[str, str] = {}
        for field, value in zip(self.fields, row, strict=True):
            try:
                values += field.kind.load((value,))
            except Damaged as problem:
                values.append(field.kind.blank)
                wrong[field.name] = str(problem)
        return tuple(values), wrong
