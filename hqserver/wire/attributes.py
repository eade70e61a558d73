"""One row of an attribute table: what a getter answers under a name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique


@unique
class Origin(Enum):
    """Where an attribute comes from, which decides when a getter answers it."""

    DOCUMENTED = "documented"
    """In HQueue's Remote API page."""
    OURS = "ours"
    """Our own; answered too when no attributes are named."""
    ON_REQUEST = "on request"
    """Our own and large or rare; answered only when it is named."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name, the type that goes over the wire, and what it means."""

    name: str
    type: str
    meaning: str
    origin: Origin = Origin.DOCUMENTED
    in_feed: bool = True
    """Whether `getChanges` carries it. What a follower can derive, or what grows without end, is left out."""


def table(*rows: Attribute) -> dict[str, Attribute]:
    """The rows by name, in their order. Raises ValueError for a name that stands twice."""
    found = {row.name: row for row in rows}
    if len(found) != len(rows):
        raise ValueError("an attribute stands twice in its table")
    return found


def default_names(attributes: dict[str, Attribute]) -> tuple[str, ...]:
    """What a getter answers when no attributes are named."""
    return tuple(row.name for row in attributes.values() if row.origin is not Origin.ON_REQUEST)


def feed_names(attributes: dict[str, Attribute]) -> tuple[str, ...]:
    """What `getChanges` answers for a row."""
    return tuple(row.name for row in attributes.values() if row.in_feed and row.origin is not Origin.ON_REQUEST)
