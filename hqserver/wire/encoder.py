"""Python values as XML-RPC, quickly, and in a form that every client can read.

What is not obvious on the wire: whole numbers beyond 32 bits go as `<i8>`, nil for None, dates in basic form and UTC
without a zone (HQueue's own), a CR as a reference because parsers turn a raw one into LF. Characters that XML cannot
carry are shown by others instead (ESC as U+241B), in every text, so that one odd job name can never make a whole
answer unreadable.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

from hqserver.wire.faults import ApiFault

A = TypeVar("A")
B = TypeVar("B")

_HEADER: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_RESPONSE: Final = f"{_HEADER}<methodResponse><params><param>"
_RESPONSE_END: Final = "</param></params></methodResponse>\n"
_PART_CHARACTERS: Final = 64 << 10
"""About how much of an answer is made at a time: under a millisecond."""
_PART_ITEMS: Final = 1000
_DEEPEST_SPLIT: Final = 3
_LONGEST_ROW: Final = 100
"""Structs with more members are split too; smaller ones are rows, which are made at once."""

_SPECIAL: Final = re.compile("[&<>\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENTS: Final[dict[str, str]] = {
    **{chr(code): chr(0x2400 + code) for code in range(0x20)},
    "\x7f": "\u2421",
    "\r": "&#13;",
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
}
_REPLACEMENT_CHARACTER: Final = "\ufffd"


class Encoded:
    """A list whose values were encoded one by one, so that a large answer is never held as Python's objects."""

    __slots__ = ("items",)

    def __init__(self, items: list[str]) -> None:
        self.items = items
        """What `encoded` gave for each."""


class Shared(dict[str, object]):
    """A struct that stands in many answers and never changes: its text is made once."""

    __slots__ = ("text",)

    text: str


class Json(str):
    """A text that is JSON, whose only control character may be DEL: a long one is not looked at letter by letter."""

    __slots__ = ()


def xml_text(text: str) -> str:
    """The text as it stands between tags: markup escaped, what XML cannot carry replaced."""
    if text.isprintable() and "<" not in text and "&" not in text and ">" not in text:
        return text
    return _SPECIAL.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    return _REPLACEMENTS.get(found[0], _REPLACEMENT_CHARACTER)


def encode_request(method: str, parameters: Sequence[object]) -> bytes:
    """A call. Raises TypeError or OverflowError for what XML-RPC cannot carry."""
    pieces = [
        _HEADER,
        "<methodCall><methodName>",
        xml_text(method),
        "</methodName><params>",
    ]
    for parameter in parameters:
        pieces += "<param>", encoded(parameter), "</param>"
    pieces.append("</params></methodCall>\n")
    return "".join(pieces).encode()


def encode_response(value: object) -> bytes:
    """An answer. Raises TypeError or OverflowError for what XML-RPC cannot carry."""
    return f"{_RESPONSE}{encoded(value)}{_RESPONSE_END}".encode()


def encode_fault(fault: ApiFault) -> bytes:
    """A fault as an answer."""
    return f"{_HEADER}<methodResponse><fault>{encoded(fault.as_struct())}</fault></methodResponse>\n".encode()


def encode_response_parts(value: object) -> Iterator[bytes]:
    """An answer in parts, each of bounded work: whoever sends it lets others in between two parts.

    An `Encoded` value is used up on the way, so that a large answer is never there twice.
    """
    pieces = [_RESPONSE]
    characters = 0
    for piece in _split(value, 0):
        pieces.append(piece)
        characters += len(piece)
        if characters > _PART_CHARACTERS or len(pieces) > _PART_ITEMS:
            yield "".join(pieces).encode()
            pieces.clear()
            characters = 0
    pieces.append(_RESPONSE_END)
    yield "".join(pieces).encode()


def encoded(value: object) -> str:
    """One `<value>`. Raises TypeError or OverflowError for what XML-RPC cannot carry."""
    return (_WRITERS.get(type(value)) or _writer(value))(value)


def row_encoder(members: Iterable[tuple[str, Callable[[A, B], object]]]) -> Callable[[A, B], str]:
    """Makes one `<value>`, a struct, of what each member's function says of two things.

    The same as `encoded` of that dict, which is never made: with the names written beforehand a row costs less.
    """
    row = [(_name(name), read) for name, read in members]

    def encode(a: A, b: B) -> str:
        writers = _WRITERS
        texts = [
            f"{head}{(writers.get(type(value := read(a, b))) or _writer(value))(value)}</member>" for head, read in row
        ]
        return f"<value><struct>{''.join(texts)}</struct></value>"

    return encode


def _split(value: object, depth: int) -> Iterator[str]:
    """The value's text piece by piece: lists near the top, large structs and long texts are taken apart."""
    if depth < _DEEPEST_SPLIT and isinstance(value, list | tuple):
        yield "<value><array><data>"
        for item in value:
            yield from _split(item, depth + 1)
        yield "</data></array></value>"
    elif isinstance(value, Encoded):
        yield "<value><array><data>"
        items = value.items
        items.reverse()
        while items:
            yield items.pop()
        yield "</data></array></value>"
    elif depth < _DEEPEST_SPLIT and isinstance(value, dict) and len(value) > _LONGEST_ROW:
        yield "<value><struct>"
        for name, item in value.items():
            yield f"<member><name>{xml_text(name)}</name>"
            yield from _split(item, depth + 1)
            yield "</member>"
        yield "</struct></value>"
    elif isinstance(value, str) and len(value) > _PART_CHARACTERS:
        escaped = _json_text if isinstance(value, Json) else xml_text
        yield "<value><string>"
        for start in range(0, len(value), _PART_CHARACTERS):
            yield escaped(value[start : start + _PART_CHARACTERS])
        yield "</string></value>"
    else:
        yield encoded(value)


def _json_text(text: str) -> str:
    if text.isascii() and not ("<" in text or "&" in text or ">" in text or "\x7f" in text):
        return text
    return xml_text(text)


def _text(value: str) -> str:
    if value.isprintable() and "<" not in value and "&" not in value and ">" not in value:
        return f"<value><string>{value}</string></value>"
    return f"<value><string>{_SPECIAL.sub(_replacement, value)}</string></value>"


_MANY_INTEGERS: Final = 1024
_INTEGERS: Final = [f"<value><int>{number}</int></value>" for number in range(_MANY_INTEGERS)]
"""Small numbers stand in every row."""
_NO_ITEMS: Final = "<value><array><data></data></array></value>"


def _integer(value: int) -> str:
    if 0 <= value < _MANY_INTEGERS:
        return _INTEGERS[value]
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return f"<value><int>{value:d}</int></value>"
    if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        return f"<value><i8>{value:d}</i8></value>"
    raise OverflowError("a whole number of more than 64 bits")


def _boolean(value: bool) -> str:
    return "<value><boolean>1</boolean></value>" if value else "<value><boolean>0</boolean></value>"


def _number(value: float) -> str:
    """What is not finite has no form in XML-RPC and goes as nil."""
    return f"<value><double>{float.__repr__(value)}</double></value>" if math.isfinite(value) else _nil(None)


def _nil(_: object) -> str:
    return "<value><nil/></value>"


@lru_cache(maxsize=1 << 14)
def wire_date(value: datetime) -> str:
    """`YYYYMMDDThh:mm:ss` in UTC. A value without a zone is UTC already."""
    if value.tzinfo is not None:
        value = value.astimezone(UTC)
    return f"{value.year:04d}{value.month:02d}{value.day:02d}T{value.hour:02d}:{value.minute:02d}:{value.second:02d}"


def _date(value: datetime) -> str:
    return f"<value><dateTime.iso8601>{wire_date(value)}</dateTime.iso8601></value>"


def _bytes(value: bytes) -> str:
    return f"<value><base64>{base64.b64encode(value).decode('ascii')}</base64></value>"


def _list(value: Sequence[object]) -> str:
    if not value:
        return _NO_ITEMS
    writers = _WRITERS
    items = [(writers.get(type(item)) or _writer(item))(item) for item in value]
    return f"<value><array><data>{''.join(items)}</data></array></value>"


def _encoded(value: Encoded) -> str:
    return f"<value><array><data>{''.join(value.items)}</data></array></value>"


_NAMES: Final[dict[str, str]] = {}
_MOST_NAMES: Final = 4096
"""Names of members repeat in every row: their text is made once. Beyond so many it is made each time."""


def _struct(value: Mapping[str, object]) -> str:
    writers, names = _WRITERS, _NAMES
    members = [
        f"{names.get(name) or _name(name)}{(writers.get(type(item)) or _writer(item))(item)}</member>"
        for name, item in value.items()
    ]
    return f"<value><struct>{''.join(members)}</struct></value>"


def _shared(value: Shared) -> str:
    try:
        return value.text
    except AttributeError:
        value.text = _struct(value)
        return value.text


def _name(name: str) -> str:
    """The beginning of a member, remembered."""
    if not isinstance(name, str):
        raise TypeError(f"names of members are texts, not {type(name).__name__}")
    text = f"<member><name>{xml_text(name)}</name>"
    if len(_NAMES) < _MOST_NAMES:
        _NAMES[name] = text
    return text


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    str: _text,
    int: _integer,
    bool: _boolean,
    float: _number,
    type(None): _nil,
    datetime: _date,
    bytes: _bytes,
    bytearray: _bytes,
    list: _list,
    tuple: _list,
    dict: _struct,
    Shared: _shared,
    Encoded: _encoded,
}
_BASES: Final = (bool, int, float, datetime, bytes, list, tuple)


def _writer(value: object) -> Callable[[Any], str]:
    """The writer for a subclass of what XML-RPC knows (a named tuple, a mapping), remembered for its type."""
    writer = _writer_for(value)
    _WRITERS[type(value)] = writer
    return writer


def _writer_for(value: object) -> Callable[[Any], str]:
    if isinstance(value, str):
        return lambda text: _text(str.__str__(text))  # an enum's own formatting would say something else
    if isinstance(value, Mapping):
        return _struct
    for base in _BASES:
        if isinstance(value, base):
            return _WRITERS[base]
    raise TypeError(f"XML-RPC cannot carry a value of type {type(value).__name__}")
