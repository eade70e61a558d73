"""Path mapping: the same folder has another name on another platform, and commands come with the submitter's.

A row maps a prefix of paths to this client's: `P:/projects` to `/mnt/projects`. A prefix counts only as a whole: where
a path begins, and up to a separator or the path's end. Both kinds of slashes fit; where the client's own has none that
leans back, those in the rest of the path are turned as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_BEFORE: Final = r"(?<![\w.:\\/-])"
_REST: Final = r"(?P<rest>(?:[\\/][^\s\"'`;|&<>,]*)?)(?![\w.-])"
"""As far as the path goes: what a shell or a list would end it with."""


def mapper(rows: Mapping[str, str]) -> Callable[[str], str]:
    """A function that maps every path in a text; longer prefixes first, each path once."""
    targets = {_key(prefix): target.rstrip("/\\") for prefix, target in rows.items() if _key(prefix)}
    if not targets:
        return lambda text: text
    prefixes = sorted(targets, key=len, reverse=True)
    pattern = re.compile(f"{_BEFORE}(?P<prefix>{'|'.join(map(_pattern, prefixes))}){_REST}", re.IGNORECASE)
    by_prefix = {prefix.lower(): (prefix, targets[prefix]) for prefix in prefixes}

    def mapped(match: re.Match[str]) -> str:
        prefix, target = by_prefix[_key(match["prefix"]).lower()]
        if not _is_windows(prefix) and _key(match["prefix"]) != prefix:
            return match[0]  # only Windows does not tell a from A
        rest = match["rest"]
        return target + (rest if "\\" in target else rest.replace("\\", "/"))

    return lambda text: pattern.sub(mapped, text)


def _key(prefix: str) -> str:
    return prefix.replace("\\", "/").rstrip("/")


def _pattern(prefix: str) -> str:
    return re.escape(prefix).replace("/", r"[\\/]")


def _is_windows(prefix: str) -> bool:
    return prefix[1:2] == ":" or prefix.startswith("//")
