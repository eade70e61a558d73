"""The messages between server and agent as JSON text, and back.

Their annotations say what is read: fields that this version does not know are left out, everything else has to be
exactly what `hqserver.wire.agent` declares, for neither side trusts the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
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


def encode(message: Message) -> str:
    """The JSON text of a message."""
    return json.dumps(_plain(message), separators=(",", ":"), ensure_ascii=False)


def decode(shape: type[M], text: object) -> M:
    """The message of this shape in a JSON text.

    Raises MessageError, naming the field, for anything that is not exactly that: the other side is not trusted.
    """
    if not isinstance(text, str):
        raise MessageError("the message must be one JSON text")
    try:
        plain = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"the message is not valid JSON: {error}") from None
    message = _read(shape, plain, shape.__name__)
    assert isinstance(message, shape)
    return message


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number")


def _plain(value: object) -> object:
    """Dataclasses as dicts, tuples as lists; orders and reports get their `kind`."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    names = _FIELDS.get(type(value))
    if names is None:
        return dict(value) if isinstance(value, Mapping) else value
    row = {name: _plain(getattr(value, name)) for name in names}
    kind = getattr(value, "kind", None)
    if kind is not None:
        row["kind"] = kind
    return row


@dataclass(frozen=True, slots=True)
class _Shape:
    """How one dataclass is read: its fields with their types, and which of them must be there."""

    types: Mapping[str, Any]
    required: frozenset[str]


def _shape(kind: type) -> _Shape:
    hints = get_type_hints(kind)
    declared = fields(kind)
    return _Shape(
        types={item.name: hints[item.name] for item in declared},
        required=frozenset(
            item.name for item in declared if item.default is MISSING and item.default_factory is MISSING
        ),
    )


_DATACLASSES: Final = (
    Machine, OverrideSet, Held, Hello, Welcome, Chunk, AgentError, Exchange, OutputSize, Reply,
    *ORDERS.values(), *REPORTS.values(),
)  # fmt: skip
_SHAPES: Final[dict[type, _Shape]] = {kind: _shape(kind) for kind in _DATACLASSES}
_FIELDS: Final[dict[type, tuple[str, ...]]] = {kind: tuple(shape.types) for kind, shape in _SHAPES.items()}
_KINDS: Final[dict[Any, Mapping[str, type]]] = {Order: ORDERS, Report: REPORTS}
_LARGEST: Final = 2**53
_LEAST: Final[dict[tuple[type, str], int]] = {
    (Machine, "cpus"): 1,
    (Machine, "idle_minutes"): -1,
    (Machine, "utc_offset"): -1440,
    (Ended, "exit_code"): -(2**31),
}
"""Numbers are not negative, but for these."""


def _read(kind: Any, value: object, path: str) -> object:
    """`value`, as JSON gave it, as the annotated type `kind`."""
    if kind in _SCALARS:
        return _scalar(kind, value, path)
    if kind in _SHAPES:
        return _dataclass(kind, value, path)
    if kind in _KINDS:
        return _tagged(_KINDS[kind], value, path)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise MessageError(f"{path} must be a list")
        return tuple(_read(arguments[0], item, f"{path}[{index}]") for index, item in enumerate(value))
    if origin is not None and _is_class_below(origin, Mapping):
        if not isinstance(value, dict):
            raise MessageError(f"{path} must be an object")
        return {name: _scalar(str, item, f"{path}.{name}") for name, item in value.items()}
    if value is None:
        return None
    return _read(next(item for item in arguments if item is not type(None)), value, path)


def _is_class_below(origin: object, base: type) -> bool:
    """Whether `origin` is a class below `base` (a union's origin is no class)."""
    return isinstance(origin, type) and issubclass(origin, base)


_SCALARS: Final[dict[Any, str]] = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def _scalar(kind: Any, value: object, path: str) -> object:
    if kind is float and type(value) is int:
        value = float(value)
    fits = type(value) is kind and (kind not in (int, float) or -_LARGEST <= value <= _LARGEST)  # type: ignore[operator]
    if not fits:
        raise MessageError(f"{path} must be {_SCALARS[kind]}, got {str(value)[:60]!r}")
    if kind is str:
        _check_text(str(value), path)
    return value


def _check_text(text: str, path: str) -> None:
    """What the other side says must not be able to break what keeps it: no database takes half a character or NUL."""
    if "\0" in text:
        raise MessageError(f"{path} must not hold a NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise MessageError(f"{path} holds half a character") from None


def _dataclass(kind: type, value: object, path: str) -> object:
    """Fields that this version does not know are left out: the other side may be newer."""
    if not isinstance(value, dict):
        raise MessageError(f"{path} must be an object")
    shape = _SHAPES[kind]
    missing = shape.required - value.keys()
    if missing:
        raise MessageError(f"{path} lacks {', '.join(sorted(missing))}")
    for name in shape.types.keys() & value.keys():
        least = _LEAST.get((kind, name), 0)
        if isinstance(value[name], int | float) and value[name] < least:
            raise MessageError(f"{path}.{name} must be at least {least}, got {str(value[name])[:60]}")
    return kind(
        **{name: _read(type_, value[name], f"{path}.{name}") for name, type_ in shape.types.items() if name in value}
    )


def _tagged(kinds: Mapping[str, type], value: object, path: str) -> object:
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise MessageError(f"{path}.kind must be one of {', '.join(kinds)}")
    return _dataclass(kinds[kind], value, path)
