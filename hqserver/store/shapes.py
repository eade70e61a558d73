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

    def values(self, row: Sequence[Any]) -> dict[str, Any]:
        """The attributes in a row of the whole table. Raises Damaged."""
        return {field.name: field.kind.load(value) for field, value in zip(self.fields, row, strict=True)}

    def mended(self, row: Sequence[Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The attributes in a damaged row, blank where they cannot be read; and what is wrong with those."""
        values: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for field, value in zip(self.fields, row, strict=True):
            try:
                values[field.name] = field.kind.load(value)
            except Damaged as problem:
                values[field.name] = field.kind.blank
                wrong[field.name] = str(problem)
        return values, wrong
