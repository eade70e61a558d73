"""Specifications as JSON text with a checksum: what will be executed is never read wrong without notice."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

from hqserver.store.kinds import Damaged, to_json
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import Hook, JobSpec

_ELSEWHERE: Final = frozenset({"children", "children_ids", "parent_ids", "child_stub_ids"})
"""Stored as jobs and edges of their own."""
_BLANK: Final = JobSpec(name="")
_NAMES: Final = tuple(field.name for field in fields(JobSpec) if field.name not in {"name", *_ELSEWHERE})
_values: Final = attrgetter(*_NAMES)
_DEFAULTS: Final = _values(_BLANK)


def spec_text(spec: JobSpec) -> str:
    """The canonical text of a specification: ASCII, sorted, and only what is not as by default."""
    rest = zip(_NAMES, _values(spec), _DEFAULTS, strict=True)
    row: dict[str, Any] = {name: value for name, value, default in rest if value is not default and value != default}
    row["name"] = spec.name
    if spec.conditions:
        row["conditions"] = [[item.name, item.op, item.value, item.type] for item in spec.conditions]
    return to_json(row)


def checksum(text: str) -> int:
    """CRC-32 of the text as UTF-8."""
    return zlib.crc32(text.encode())


def damaged_spec(id_: int, why: str) -> JobSpec:
    """What stands for a specification that cannot be read: if somebody has the job run again, it fails again."""
    return JobSpec(
        name=f"damaged job {id_}",
        command="exit 1",
        description=f"What this job was is lost: {why}. Submit it again, then delete it here.",
    )


class SpecReader:
    """Reads specifications back; equal parts of many are one object, since a farm's jobs are much alike."""

    def __init__(self) -> None:
        self._shared: dict[Any, Any] = {}

    def read(self, text: str, crc: int) -> JobSpec:
        """Raises Damaged when the text is not what was written."""
        if checksum(text) != crc:
            raise Damaged("its checksum does not fit")
        try:
            row: dict[str, Any] = json.loads(text)
            for name, share in _SHARERS.items():
                if name in row:
                    row[name] = share(self._shared, row[name])
            return JobSpec(**row)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise Damaged(f"it is no specification of this version: {error}") from None


def _text(shared: dict[Any, Any], value: str) -> str:
    known: str = shared.setdefault(value, value)
    return known


def _texts(shared: dict[Any, Any], value: dict[str, str]) -> dict[str, str]:
    known: dict[str, str] = shared.setdefault(("texts", *value.items()), value)
    return known


def _command(shared: dict[Any, Any], value: str | dict[str, str]) -> str | dict[str, str]:
    """Most commands differ, so only those for several platforms are worth the memory of remembering them."""
    return value if isinstance(value, str) else _texts(shared, value)


def _tags(shared: dict[Any, Any], value: list[str]) -> tuple[str, ...]:
    tags = tuple(value)
    known: tuple[str, ...] = shared.setdefault(("tags", *tags), tags)
    return known


def _hooks(shared: dict[Any, Any], value: dict[str, Any]) -> dict[Hook, Any]:
    """Hooks of many jobs are alike, above all their texts."""
    return {Hook(name): _text(shared, text) if isinstance(text, str) else text for name, text in value.items()}


def _conditions(shared: dict[Any, Any], value: list[list[str]]) -> tuple[Condition, ...]:
    key = ("conditions", *map(tuple, value))
    known: tuple[Condition, ...] | None = shared.get(key)
    if known is None:
        known = shared[key] = tuple(Condition(*item) for item in value)
    return known


_SHARERS: Final[dict[str, Callable[[dict[Any, Any], Any], Any]]] = {
    "command": _command,
    "shell": _text,
    "environment": _texts,
    "tags": _tags,
    "conditions": _conditions,
    "submitted_by": _text,
    "resources": _texts,
    "hooks": _hooks,
    "email_to": _tags,
    "email_reasons": _tags,
}
