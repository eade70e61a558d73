"""How arguments are read: the one file that is generous to old scripts.

Scripts of twenty years send ids as texts (`os.environ["JOBID"]`), numbers as `"5 (Medium)"`, whole numbers as doubles.
What can mean one thing only is taken as that; everything else is refused with the path to it. Each reader takes a value
and the path that leads to it, and gives what the method works with or raises `BadValue`. Nil never gets here: it means
that the argument was not given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from hqserver.wire.faults import BadValue, Code, shown

LARGEST_ID: Final = 2**63 - 1
LARGEST_COUNT: Final = 2**31 - 1
"""What fits everywhere: XML-RPC's plain int, every column."""
DEEPEST_VALUE: Final = 64
"""Levels of lists and structs within each other in a call."""
MOST_IDS: Final = 1_000_000
MOST_NAMES: Final = 1000
_DECIMAL: Final = re.compile(r"\s*([+-]?[0-9]{1,19})\s*", re.ASCII).fullmatch
_LEADING_DECIMAL: Final = re.compile(r"\s*([+-]?[0-9]{1,19})(?![0-9.])", re.ASCII).match
_FRACTION: Final = re.compile(r"\s*([+-]?[0-9]{1,19}(?:\.[0-9]{0,19})?)\s*", re.ASCII).fullmatch

Reader = Callable[[Any, str], Any]


def whole_number(value: object, path: str, least: int = 0, most: int = LARGEST_COUNT, *, labelled: bool = False) -> int:
    """A whole number, also as a double or a decimal text; `labelled`: as `5 (Medium)` too."""
    number: int | None = None
    if type(value) is int:
        number = value
    elif isinstance(value, float) and value.is_integer():
        number = int(value)
    elif isinstance(value, str):
        found = _LEADING_DECIMAL(value) if labelled else _DECIMAL(value)
        number = int(found[1]) if found else None
    if number is None:
        raise BadValue(path, f"must be a whole number, got {shown(value)}")
    if not least <= number <= most:
        raise BadValue(path, f"must be {_range(least, most)}, got {shown(number)}")
    return number


def _range(least: int, most: int) -> str:
    return f"at least {least}" if most >= LARGEST_COUNT else f"from {least} to {most}"


def number(value: object, path: str, least: float, most: float) -> float:
    """A number, also as a decimal text."""
    found: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = float(value)
    elif isinstance(value, str) and (match := _FRACTION(value)):
        found = float(match[1])
    if found is None:
        raise BadValue(path, f"must be a number, got {shown(value)}")
    if not least <= found <= most:
        raise BadValue(path, f"must be from {least:g} to {most:g}, got {shown(value)}")
    return found


def id_(value: object, path: str) -> int:
    """An id: 1 to 2^63-1."""
    if type(value) is int and 0 < value <= LARGEST_ID:
        return value
    return whole_number(value, path, 1, LARGEST_ID)


def ids(value: object, path: str) -> list[int]:
    """A list of ids, in its order, with what stands twice."""
    items = list_of_any(value, path, "ids")
    if len(items) > MOST_IDS:
        raise BadValue(path, f"has {len(items)} ids. At most {MOST_IDS} are served in a call.", Code.TOO_LARGE)
    return [
        item if type(item) is int and 0 < item <= LARGEST_ID else id_(item, f"{path}[{index}]")
        for index, item in enumerate(items)
    ]


def boolean(value: object, path: str) -> bool:
    """True or false, also as 1 or 0."""
    if isinstance(value, bool) or (type(value) is int and value in (0, 1)):
        return bool(value)
    raise BadValue(path, f"must be true or false, got {shown(value)}")


def text(value: object, path: str, longest: int, unit: str = "characters") -> str:
    """A text that every part of the farm can carry: no NUL, no half characters. `longest` counts `unit`."""
    if not isinstance(value, str):
        raise BadValue(path, f"must be a string, got {shown(value)}")
    if "\0" in value:
        raise BadValue(path, f"must not hold a NUL character, got {shown(value)}")
    try:
        size = len(value) if value.isascii() else len(value.encode())
    except UnicodeEncodeError:
        raise BadValue(path, f"holds half a character (a lone surrogate), got {shown(value)}") from None
    if (size if unit == "bytes" else len(value)) > longest:
        raise BadValue(path, f"is longer than {longest} {unit}", Code.TOO_LARGE)
    return value


def given_text(value: object, path: str, longest: int, unit: str = "characters") -> str:
    """A text that says something."""
    found = text(value, path, longest, unit)
    if not found or found.isspace():
        raise BadValue(path, "must not be empty")
    return found


def list_of_any(value: object, path: str, of: str) -> list[object]:
    """A list. A text is none, though it could be walked letter by letter."""
    if isinstance(value, list):
        return value
    raise BadValue(path, f"must be a list of {of}, got {shown(value)}")


def names(value: object, path: str) -> tuple[str, ...]:
    """A list of names, each once, in their order. Names that nobody knows are the method's affair."""
    items = list_of_any(value, path, "names")
    if len(items) > MOST_NAMES:
        raise BadValue(path, f"has {len(items)} names. At most {MOST_NAMES} are taken.", Code.TOO_LARGE)
    for index, item in enumerate(items):
        if not isinstance(item, str):
            raise BadValue(f"{path}[{index}]", f"must be a string, got {shown(item)}")
    return tuple(dict.fromkeys(items))  # type: ignore[arg-type]


def one_of(value: object, path: str, allowed: Iterable[str]) -> str:
    """One of these words."""
    known = tuple(allowed)
    if isinstance(value, str) and value in known:
        return value
    raise BadValue(path, f"must be one of {', '.join(known)}, got {shown(value)}")


def words(value: object, path: str, allowed: Iterable[str]) -> tuple[str, ...]:
    """A list of some of these words."""
    known = tuple(allowed)
    return tuple(
        dict.fromkeys(
            one_of(item, f"{path}[{index}]", known) for index, item in enumerate(list_of_any(value, path, "names"))
        )
    )
