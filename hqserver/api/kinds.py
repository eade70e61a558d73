"""The kinds of arguments: what a parameter of a method may be annotated with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from hqserver.api.registry import Kind
from hqserver.wire import values
from hqserver.wire.faults import BadValue, shown
from hqserver.wire.jobs import LARGEST_COMMAND
from hqserver.wire.statuses import STATUS_NAMES

_LONGEST_LABEL = 1024
_LONGEST_WAIT = 60.0


def _label(value: object, path: str) -> str:
    """The name of a client. One that is too long is the name of none, and no matter of size."""
    found = values.text(value, path, values.LARGEST_COUNT)
    if len(found) > _LONGEST_LABEL:
        raise BadValue(path, f"must be hostname or hostname:name, got {shown(found)}")
    return found


def _command(value: object, path: str) -> str:
    return values.given_text(value, path, LARGEST_COMMAND, "bytes")


def _statuses(value: object, path: str) -> tuple[str, ...]:
    return values.words(value, path, STATUS_NAMES["getAllJobStatusNames"])


def _minutes(value: object, path: str) -> float:
    return values.number(value, path, -values.LARGEST_ID, values.LARGEST_ID)


def _bound(value: object, path: str) -> int:
    return values.whole_number(value, path, -values.LARGEST_ID, values.LARGEST_ID)


def _priority(value: object, path: str) -> int:
    return values.whole_number(value, path, labelled=True)


def _since(value: object, path: str) -> int:
    return values.whole_number(value, path, 0, values.LARGEST_ID)


def _wait(value: object, path: str) -> float:
    return min(values.number(value, path, 0, values.LARGEST_ID), _LONGEST_WAIT)


def _message(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise BadValue(path, f"must be one JSON text, got {shown(value)}")
    return value


def _anything(value: object, path: str) -> object:
    return value


def _calls(value: object, path: str) -> list[object]:
    return values.list_of_any(value, path, "calls")


Id = Annotated[int, Kind("int", "int", values.id_)]
Ids = Annotated[Sequence[int], Kind("list of int", "array", values.ids)]
Names = Annotated[tuple[str, ...], Kind("list of str", "array", values.names)]
Statuses = Annotated[tuple[str, ...], Kind("list of str", "array", _statuses)]
Flag = Annotated[bool, Kind("bool", "boolean", values.boolean)]
Label = Annotated[str, Kind("str", "string", _label)]
Command = Annotated[str, Kind("str", "string", _command)]
Minutes = Annotated[float, Kind("float", "double", _minutes)]
Bound = Annotated[int, Kind("int", "int", _bound)]
Priority = Annotated[int, Kind("int", "int", _priority)]
Since = Annotated[int, Kind("int", "int", _since)]
Wait = Annotated[float, Kind("float", "double", _wait)]
Message = Annotated[str, Kind("str", "string", _message)]
Specification = Annotated[Any, Kind("dict, list of dict, or JSON", "struct", _anything)]
Calls = Annotated[list[object], Kind("list of dict", "array", _calls)]
MethodName = Annotated[str, Kind("str", "string", _label)]
