"""The messages between server and agent as JSON text, and back.

Their annotations say what is read: fields that this version does not know are left out, everything else has to be
exactly what `hqserver.wire.agent` declares, for neither side trusts the other. From each annotation a function is made
that reads it and one that writes it, once: a busy agent and its server do this for some hundred messages a second.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

from hqserver.wire.agent import (
    ORDERS,
    REPORTS,
    AgentError,
    Chunk,
    Ended,
    Exchange,
    Held,
    Hello,
    Machine,
    Order,
    OutputSize,
    OverrideSet,
    Reply,
    Report,
    Welcome,
)


class MessageError(ValueError):
    """A message is not what this protocol says. The text names the field."""


M = TypeVar("M", Hello, Welcome, Exchange, Reply, Machine)
Message = Hello | Welcome | Exchange | Reply | Machine
"""A machine is no message of its own; the server keeps it in the same words."""
Reader = Callable[[object, str], object]
"""Makes what an annotation says of what JSON gave; the text is the field's path. Raises MessageError."""
Writer = Callable[[Any], object]
"""Makes what JSON knows of a value."""

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LARGEST: Final = 2**53
_LEAST: Final[dict[tuple[type, str], int]] = {
    (Machine, "cpus"): 1,
    (Machine, "idle_minutes"): -1,
    (Machine, "utc_offset"): -1440,
    (Ended, "exit_code"): -(2**31),
}
"""Numbers are not negative, but for these."""
_SCALARS: Final[dict[Any, str]] = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def encode(message: Message) -> str:
    """The JSON text of a message."""
    return _ENCODER.encode(_WRITERS[type(message)](message))


def decode(shape: type[M], text: object) -> M:
    """The message of this shape in a JSON text.

    Raises MessageError, naming the field, for anything that is not exactly that: the other side is not trusted.
    """
    if not isinstance(text, str):
        raise MessageError("the message must be one JSON text")
    try:
        plain = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"the message is not valid JSON: {error}") from None
    message = _READERS[shape](plain, shape.__name__)
    assert isinstance(message, shape)
    return message


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _wrong(kind: Any, value: object, path: str) -> MessageError:
    return MessageError(f"{path} must be {_SCALARS[kind]}, got {str(value)[:60]!r}")


def _number(kind: type[int | float], least: int) -> Reader:
    def read(value: object, path: str) -> object:
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind or not -_LARGEST <= value <= _LARGEST:
            raise _wrong(kind, value, path)
        if value < least:
            raise MessageError(f"{path} must be at least {least}, got {str(value)[:60]}")
        return value

    return read


def _text(value: object, path: str) -> str:
    """What the other side says must not be able to break what keeps it: no database takes half a character or NUL."""
    if type(value) is not str:
        raise _wrong(str, value, path)
    if "\0" in value:
        raise MessageError(f"{path} must not hold a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise MessageError(f"{path} holds half a character") from None
    return value


def _truth(value: object, path: str) -> bool:
    if type(value) is not bool:
        raise _wrong(bool, value, path)
    return value


def _texts(value: object, path: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise MessageError(f"{path} must be an object")
    return {name: _text(item, f"{path}.{name}") for name, item in value.items()}


def _list(read_item: Reader) -> Reader:
    def read(value: object, path: str) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise MessageError(f"{path} must be a list")
        return tuple([read_item(item, f"{path}[{index}]") for index, item in enumerate(value)])

    return read


def _tagged(kinds: Mapping[str, type]) -> Reader:
    def read(value: object, path: str) -> object:
        kind = value.get("kind") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            raise MessageError(f"{path}.kind must be one of {', '.join(kinds)}")
        return _READERS[kinds[kind]](value, path)

    return read


def _reader(hint: Any, least: int) -> Reader:
    """Of an annotation; what it is made of is in `_READERS`."""
    if hint in _READERS:
        return _READERS[hint]
    if hint in (int, float):
        return _number(hint, least)
    if get_origin(hint) is tuple:
        return _list(_reader(get_args(hint)[0], 0))
    read = _reader(_but_for_none(hint), least)
    return lambda value, path: None if value is None else read(value, path)


def _but_for_none(hint: Any) -> Any:
    """What an annotation says beside that it may be None."""
    return next(item for item in get_args(hint) if item is not type(None))


def _dataclass_reader(kind: type) -> Reader:
    """Fields that this version does not know are left out: the other side may be newer."""
    hints, declared = get_type_hints(kind), fields(kind)
    readers = [(item.name, _reader(hints[item.name], _LEAST.get((kind, item.name), 0))) for item in declared]
    required = {item.name for item in declared if item.default is MISSING and item.default_factory is MISSING}

    def read(value: object, path: str) -> object:
        if not isinstance(value, dict):
            raise MessageError(f"{path} must be an object")
        if not required <= value.keys():
            raise MessageError(f"{path} lacks {', '.join(sorted(required - value.keys()))}")
        return kind(**{name: read(value[name], f"{path}.{name}") for name, read in readers if name in value})

    return read


def _by_type(value: Any) -> object:
    return _WRITERS[type(value)](value)


def _writer(hint: Any) -> Writer | None:
    """Of an annotation; what it is made of is in `_WRITERS`. None where JSON knows the value as it is."""
    if hint in _SCALARS or hint in _WRITERS:
        return _WRITERS.get(hint)
    if get_origin(hint) is tuple:
        return _list_writer(_writer(get_args(hint)[0]))
    write = _writer(_but_for_none(hint))
    return None if write is None else lambda value: None if value is None else write(value)


def _list_writer(write: Writer | None) -> Writer:
    return list if write is None else lambda value: [write(item) for item in value]


def _dataclass_writer(kind: type) -> Writer:
    """Orders and reports get their `kind`."""
    hints = get_type_hints(kind)
    writers = [(item.name, _writer(hints[item.name])) for item in fields(kind)]
    tag = getattr(kind, "kind", None)

    def write(value: Any) -> dict[str, object]:
        row: dict[str, object] = {}
        for name, write in writers:
            row[name] = getattr(value, name) if write is None else write(getattr(value, name))
        if tag is not None:
            row["kind"] = tag
        return row

    return write


_TEXTS: Final = Mapping[str, str]
_READERS: Final[dict[Any, Reader]] = {
    str: _text,
    bool: _truth,
    _TEXTS: _texts,
    Order: _tagged(ORDERS),
    Report: _tagged(REPORTS),
}
_WRITERS: Final[dict[Any, Writer]] = {_TEXTS: dict, Order: _by_type, Report: _by_type}
for _kind in (
    Machine, OverrideSet, Held, Chunk, AgentError, OutputSize, *ORDERS.values(), *REPORTS.values(),
    Hello, Welcome, Exchange, Reply,
):  # fmt: skip
    _READERS[_kind] = _dataclass_reader(_kind)
    _WRITERS[_kind] = _dataclass_writer(_kind)
