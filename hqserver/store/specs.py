"""Specifications as JSON text with a checksum: what will be executed is never read wrong without notice."""

from __future__ import annotations

import json
import zlib
from typing import Any, Final

from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec

_DEFAULTS: Final = JobSpec(name="")
_FIELDS: Final = (
    "name", "command", "shell", "environment", "priority", "cpus", "tries_left", "tags", "conditions", "description",
    "submitted_by", "submission_key", "frame", "output", "lease", "extra",
)  # fmt: skip
_TUPLES: Final = frozenset({"tags", "conditions"})


class Damaged(ValueError):
    """A row is not what was written. The text says how it was noticed."""


def text_of(spec: JobSpec) -> str:
    """The canonical text of a specification, without what is stored as edges and jobs of their own."""
    row: dict[str, Any] = {}
    for name in _FIELDS:
        value = getattr(spec, name)
        if value != getattr(_DEFAULTS, name):
            row[name] = value
    if spec.conditions:
        row["conditions"] = [[item.name, item.op, item.value, item.type] for item in spec.conditions]
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False, default=dict)


def checksum(text: str) -> int:
    """CRC-32 of the text as UTF-8."""
    return zlib.crc32(text.encode())


class SpecReader:
    """Reads specifications back; equal parts of many are one object, since a farm's jobs are much alike."""

    def __init__(self) -> None:
        self._shared: dict[str, Any] = {}

    def read(self, text: str, crc: int) -> JobSpec:
        """Raises Damaged when the text is not what was written."""
        if checksum(text) != crc:
            raise Damaged("the checksum of its specification does not fit")
        try:
            row = json.loads(text)
            values = {name: self._value(name, row[name]) for name in _FIELDS if name in row}
            return JobSpec(**values)
        except (ValueError, TypeError, KeyError) as error:
            raise Damaged(f"its specification cannot be read: {error}") from None

    def _value(self, name: str, value: Any) -> Any:
        if name == "conditions":
            value = tuple(Condition(*item) for item in value)
        elif name in _TUPLES:
            value = tuple(value)
        elif isinstance(value, (int, float)):
            return value
        return self._shared.setdefault(f"{name}={value!r}", value)
