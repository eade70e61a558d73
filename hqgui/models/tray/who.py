"""Who sits here, to the farm: the login, unless a mapping or the person says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SHARED: Final = frozenset(
    {"", "admin", "administrator", "artist", "farm", "guest", "hq", "hqclient", "hqueue", "render", "root", "user"}
)
"""Logins that several people use: they say nothing, so the person is asked, once."""
_LONGEST: Final = 100


def names_of(text: str) -> frozenset[str]:
    """Names that a person gave, separated by commas."""
    return frozenset(name for part in text.split(",") if (name := part.strip()[:_LONGEST]))


def mapped(login: str, mapping: Sequence[str]) -> str:
    """What a mapping of the house (`login=name` each) says of a login; empty when it says nothing."""
    for line in mapping:
        left, sign, right = line.partition("=")
        if sign and left.strip().lower() == login.lower():
            return right.strip()
    return ""


def users(said: str, mapping: Sequence[str], login: str) -> frozenset[str]:
    """The names under which this person submits; empty: they have to be asked."""
    given = names_of(said) or names_of(mapped(login, mapping))
    if given:
        return given
    return frozenset() if login.lower() in SHARED else frozenset({login})
