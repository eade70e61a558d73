"""The kinds of arguments: what a parameter of a method may be annotated with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from hqserver.api import following
from hqserver.api.registry import Kind
from hqserver.output_search import FIRST, Place
from hqserver.wire import availability, spec_keys, values
from hqserver.wire.clients import Override
from hqserver.wire.conditions import Condition
from hqserver.wire.faults import BadValue, Code, shown
from hqserver.wire.jobs import LARGEST_COMMAND
from hqserver.wire.statuses import STATUS_NAMES

_LONGEST_LABEL = 1024
_LONGEST_NAME = 256
_LONGEST_PATTERN = 1000
MOST_LABELS = 100_000
LONGEST_TEXT = 64 << 10
_CONTROL = re.compile(r"[\x00-\x1f\x7f]").search
_LONGEST_WAIT = 60.0
_MOST_HISTORY = 10_000


def _label(value: object, path: str) -> str:
    """The name of a client. One that is too long is the name of none, and no matter of size."""
    found = values.text(value, path, values.LARGEST_COUNT)
    if len(found) > _LONGEST_LABEL:
        raise BadValue(path, f"must be hostname or hostname:name, got {shown(found)}")
    return found


def _labels(value: object, path: str) -> tuple[str, ...]:
    items = values.list_of_any(value, path, "names")
    if len(items) > MOST_LABELS:
        raise BadValue(path, f"has {len(items)} names. At most {MOST_LABELS} are served in a call.", Code.TOO_LARGE)
    return tuple(_label(item, f"{path}[{index}]") for index, item in enumerate(items))


def _name(value: object, path: str) -> str:
    """A name that conditions can hold: they separate names by commas."""
    found = values.given_text(value, path, values.LARGEST_COUNT).strip()
    if len(found) > _LONGEST_NAME:
        raise BadValue(path, f"is longer than {_LONGEST_NAME} characters")
    if "," in found or "/" in found or _CONTROL(found):
        raise BadValue(path, f"must not hold commas, slashes or control characters, got {shown(found)}")
    return found


def _text(value: object, path: str) -> str:
    return values.text(value, path, LONGEST_TEXT)


def _override(value: object, path: str) -> Override:
    return Override(values.one_of(value, path, [mode.value for mode in Override]))


def _date(value: object, path: str) -> float:
    """Seconds since the epoch from a date in UTC, or a number of such seconds."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).timestamp()
    if isinstance(value, str) and _WIRE_DATE(value):
        try:
            return datetime.strptime(value, "%Y%m%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()
        except ValueError:
            pass
    raise BadValue(path, f"must be a date in UTC such as 20261124T13:05:07, got {shown(value)}")


_WIRE_DATE = re.compile(r"[0-9]{8}T[0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII).fullmatch


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


def _offset(value: object, path: str) -> int:
    """Bytes: beyond what the 32 bits of an XML-RPC int hold it comes as a double or a decimal text."""
    return values.whole_number(value, path, 0, values.LARGEST_ID)


def _wait(value: object, path: str) -> float:
    return min(values.number(value, path, 0, values.LARGEST_ID), _LONGEST_WAIT)


def _message(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise BadValue(path, f"must be one JSON text, got {shown(value)}")
    return value


def _anything(value: object, path: str) -> object:
    return value


def _limit(value: object, path: str) -> int:
    return min(values.whole_number(value, path, 0, values.LARGEST_ID), _MOST_HISTORY)


def _pattern(value: object, path: str) -> str:
    """A text to look for within a line."""
    found = values.given_text(value, path, _LONGEST_PATTERN)
    if "\n" in found:
        raise BadValue(path, f"must be a text within one line, got {shown(found)}")
    return found


def _place(value: object, path: str) -> Place:
    text = values.text(value, path, _LONGEST_NAME)
    found = _PLACE(text)
    if text and found is None:
        raise BadValue(path, f"must be what an earlier answer says, or empty for the beginning, got {shown(text)}")
    return FIRST if found is None else Place(int(found[1]), int(found[2]))


_PLACE = re.compile(r"([0-9]{1,18}):([0-9]{1,18})", re.ASCII).fullmatch


def _calls(value: object, path: str) -> list[object]:
    return values.list_of_any(value, path, "calls")


Name = Annotated[str, Kind("str", "string", _name)]
Text = Annotated[str, Kind("str", "string", _text)]
Count = Annotated[int, Kind("int", "int", values.whole_number)]
Rules = Annotated[tuple[availability.Rule, ...], Kind("list of dict", "array", availability.read_rules)]
OverrideMode = Annotated[Override, Kind("str", "string", _override)]
Date = Annotated[float, Kind("date", "dateTime.iso8601", _date)]
Id = Annotated[int, Kind("int", "int", values.id_)]
Ids = Annotated[Sequence[int], Kind("list of int", "array", values.ids)]
Names = Annotated[tuple[str, ...], Kind("list of str", "array", values.names)]
Statuses = Annotated[tuple[str, ...], Kind("list of str", "array", _statuses)]
Flag = Annotated[bool, Kind("bool", "boolean", values.boolean)]
Label = Annotated[str, Kind("str", "string", _label)]
Labels = Annotated[tuple[str, ...], Kind("list of str", "array", _labels)]
Command = Annotated[str, Kind("str", "string", _command)]
Minutes = Annotated[float, Kind("float", "double", _minutes)]
Bound = Annotated[int, Kind("int", "int", _bound)]
Priority = Annotated[int, Kind("int", "int", _priority)]
Offset = Annotated[int, Kind("int", "int", _offset)]
Since = Annotated[int, Kind("int", "int", _since)]
Wait = Annotated[float, Kind("float", "double", _wait)]
Only = Annotated[following.Only, Kind("dict", "struct", following.read_only)]
Message = Annotated[str, Kind("str", "string", _message)]
Specification = Annotated[Any, Kind("dict, list of dict, or JSON", "struct", _anything)]
Changes = Annotated[dict[str, Any], Kind("dict", "struct", spec_keys.changes)]
Conditions = Annotated[tuple[Condition, ...], Kind("list of dict", "array", spec_keys.conditions)]
Pattern = Annotated[str, Kind("str", "string", _pattern)]
SearchPlace = Annotated[Place, Kind("str", "string", _place)]
Calls = Annotated[list[object], Kind("list of dict", "array", _calls)]
Limit = Annotated[int, Kind("int", "int", _limit)]
MethodName = Annotated[str, Kind("str", "string", _label)]
