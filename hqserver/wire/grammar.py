"""The grammar of XML-RPC as a table, and how each of its scalars is read.

A `Shape` is an open element: it names, by tag, each element that may stand in it next, and what it becomes itself once
that one was seen. So "exactly one value" is a shape that has no row left, and what an element still needs when it ends
is a shape that must not end. `hqserver.wire.codec` walks these tables.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from hqserver.wire.faults import shown

VALUE_END: Final = 1
"""A value is complete: it goes into its list or struct."""
TEXT_VALUE_END: Final = 2
"""So is this one: a value without a type is a text."""
NO_VALUE_END: Final = 3
STRING_END: Final = 4
NAME_END: Final = 5
SCALAR_END: Final = 6
CONTAINER_END: Final = 7
METHOD_END: Final = 8
FAULT_END: Final = 9
TOO_EARLY: Final = 10
"""What the end of an element means, the frequent ones first."""

SMALLEST: Final = -(2**63)
LARGEST: Final = 2**63 - 1


class Shape(dict[str, tuple["Shape", "Shape"]]):
    """An open element: by tag, the shape of each element that may stand in it next and its own shape from then on."""

    __slots__ = ("end", "meaning", "opens", "read")

    def __init__(
        self,
        meaning: str,
        end: int = NO_VALUE_END,
        read: Callable[[str], object] | None = None,
        opens: type[list[object] | dict[str, object]] | None = None,
    ) -> None:
        super().__init__()
        self.meaning = meaning
        self.end = end
        self.read = read
        self.opens = opens


class BadScalar(ValueError):
    """A scalar that cannot be read; the text says why."""


_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}").fullmatch
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?").fullmatch
_LONGEST_NUMBER: Final = 400
_DATE: Final = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?", re.ASCII
).fullmatch
_BOOLEANS: Final = {"0": False, "1": True}


def _integer(text: str) -> int:
    if _INTEGER(text):
        number = int(text)
        if SMALLEST <= number <= LARGEST:
            return number
    raise BadScalar(f"must be a whole number of at most 64 bits, got {shown(text)}")


def _number(text: str) -> float:
    if len(text) <= _LONGEST_NUMBER and _NUMBER(text):
        number = float(text)
        if number - number == 0.0:
            return number
    raise BadScalar(f"must be a finite number, got {shown(text)}")


def _boolean(text: str) -> bool:
    found = _BOOLEANS.get(text)
    if found is None:
        raise BadScalar(f"must be 0 or 1 as a boolean, got {shown(text)}")
    return found


def _date(text: str) -> datetime:
    found = _DATE(text)
    if found:
        try:
            zone = datetime.strptime(found[7], "%z").tzinfo if found[7] else UTC
            moment = datetime(*(int(part) for part in found.groups()[:6]), tzinfo=zone)  # type: ignore[arg-type, misc]
            return moment.astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError):
            pass
    raise BadScalar(f"must be a date such as 20261124T13:05:07, got {shown(text)}")


def _base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        raise BadScalar("is not valid base64") from None


def _nil(text: str) -> None:
    if text and not text.isspace():
        raise BadScalar(f"must be empty as a nil, got {shown(text)}")


_SCALARS: Final[dict[str, Callable[[str], object]]] = {
    **dict.fromkeys(("int", "i4", "i8", "i1", "i2", "ex:i8", "ex:i1", "ex:i2"), _integer),
    **dict.fromkeys(("double", "float", "ex:float"), _number),
    **dict.fromkeys(("nil", "ex:nil"), _nil),
    "boolean": _boolean,
    "dateTime.iso8601": _date,
    "base64": _base64,
}
"""How each type of a single value is read. The ones with `ex:` are what Java's clients say."""

_FULL = Shape("nothing more")
_VALUE = Shape("the value's type", TEXT_VALUE_END)
_TYPED_VALUE = Shape("nothing more in this value", VALUE_END)
_DATA = Shape("<value>")
_STRUCT = Shape("<member>", CONTAINER_END, opens=dict)
_ARRAY, _FULL_ARRAY = Shape("<data>", TOO_EARLY, opens=list), Shape("nothing after its <data>", CONTAINER_END)
_MEMBER, _NAMED_MEMBER = Shape("<name>", TOO_EARLY), Shape("one <value>", TOO_EARLY)
_PARAM, _PARAMS = Shape("one <value>", TOO_EARLY), Shape("<param>")

_VALUE["string"] = Shape("text", STRING_END), _TYPED_VALUE
_VALUE["array"] = _ARRAY, _TYPED_VALUE
_VALUE["struct"] = _STRUCT, _TYPED_VALUE
_VALUE.update({tag: (Shape("text", SCALAR_END, read), _TYPED_VALUE) for tag, read in _SCALARS.items()})
_ARRAY["data"] = _DATA, _FULL_ARRAY
_DATA["value"] = _VALUE, _DATA
_STRUCT["member"] = _MEMBER, _STRUCT
_MEMBER["name"] = Shape("text", NAME_END), _NAMED_MEMBER
_NAMED_MEMBER["value"] = _VALUE, _FULL
_PARAMS["param"] = _PARAM, _PARAMS
_PARAM["value"] = _VALUE, _FULL


def _call_shape() -> Shape:
    """A document that holds a call."""
    document, call, named = Shape("<methodCall>"), Shape("<methodName>", TOO_EARLY), Shape("<params>")
    document["methodCall"] = call, _FULL
    call["methodName"] = Shape("text", METHOD_END), named
    named["params"] = _PARAMS, _FULL
    return document


def _answer_shape() -> Shape:
    """A document that holds an answer: one value, or a fault."""
    document, answer = Shape("<methodResponse>"), Shape("<params> or <fault>", TOO_EARLY)
    values, fault = Shape("one <param>", TOO_EARLY), Shape("one <value>", TOO_EARLY)
    document["methodResponse"] = answer, _FULL
    answer["params"] = values, _FULL
    answer["fault"] = fault, _FULL
    values["param"] = _PARAM, _FULL
    fault["value"] = _VALUE, Shape("nothing more", FAULT_END)
    return document


CALL: Final = _call_shape()
ANSWER: Final = _answer_shape()
