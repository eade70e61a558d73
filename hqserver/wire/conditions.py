"""A scheduling condition: which clients may run a job.

Only the shape is here; the rule itself (does this client hold?) is `hqserver.core.conditions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NAMES: Final = ("hostname", "hostname:name", "group", "os")
"""What a condition may look at."""

OPERATORS: Final = ("==", "!=", "in", "not_in", "any")
"""`any` is HQueue's old word for `in`."""

LIST_OPERATORS: Final = frozenset({"in", "not_in", "any"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: `name` `op` `value`; for the list operators `value` holds names separated by commas."""

    name: str
    op: str
    value: str
    type: str = "client"


def listed(op: str, value: str) -> list[str]:
    """What a condition with this operator and value compares with."""
    if op in LIST_OPERATORS:
        return [item.strip() for item in value.split(",") if item.strip()]
    return [value.strip()]
