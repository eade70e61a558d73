"""Which keys do what: the defaults, what somebody chose instead, and where two would collide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SHARED: Final = frozenset({"pause", "resume"})
"""These have one key between them, which is with the one that applies."""
_NEEDS: Final = ("Ctrl+", "Alt+", "Meta+")


@dataclass(frozen=True, slots=True)
class Binding:
    """Something that a key does."""

    name: str
    words: str
    group: str
    keys: str
    """As they are meant to be, in Qt's portable spelling; empty for none."""
    table: str = ""
    """The table that must have the keyboard, so that a letter may be its key; empty: it works anywhere."""


class Keymap:
    """Bindings, and the keys that were chosen for some of them."""

    def __init__(self, bindings: Sequence[Binding], chosen: Iterable[str] = ()) -> None:
        """`chosen`: as in the settings, `name=keys`; what is not known is left out."""
        self.bindings: Final[Mapping[str, Binding]] = {one.name: one for one in bindings}
        self._chosen: dict[str, str] = {}
        for line in chosen:
            name, found, keys = line.partition("=")
            if found and name in self.bindings:
                self._chosen[name] = keys

    def keys(self, name: str) -> str:
        """The keys of a binding now. Raises KeyError for a name that there is not."""
        return self._chosen.get(name, self.bindings[name].keys)

    def is_chosen(self, name: str) -> bool:
        """Whether somebody chose other keys."""
        return name in self._chosen

    def holders(self, keys: str, but: str = "") -> list[Binding]:
        """What else has these keys where they would be pressed: in the same table, or anywhere."""
        if not keys:
            return []
        apart = SHARED if but in SHARED else frozenset({but})
        table = self.bindings[but].table if but else ""
        rivals = [one for one in self.bindings.values() if not (table and one.table and table != one.table)]
        return [one for one in rivals if one.name not in apart and self.keys(one.name) == keys]

    def why_not(self, name: str, keys: str) -> str:
        """Why keys cannot be those of a binding: a word of the mistake, or nothing."""
        if not keys or self.bindings[name].table:
            return ""
        first = keys.partition(",")[0].removeprefix("Shift+")
        is_function = first[:1] == "F" and first[1:].isdigit()
        return "" if keys.startswith(_NEEDS) or is_function or first.startswith(_NEEDS) else "letter"

    def choose(self, name: str, keys: str) -> list[Binding]:
        """Give a binding other keys; answers those that lost them. Raises KeyError for a name that there is not."""
        lost = self.holders(keys, name)
        for one in lost:
            self._set(one.name, "")
        self._set(name, keys)
        return lost

    def _set(self, name: str, keys: str) -> None:
        if keys == self.bindings[name].keys:
            self._chosen.pop(name, None)
        else:
            self._chosen[name] = keys

    def restore(self, name: str = "") -> None:
        """Give a binding (empty: all) its keys back, and take them from whatever has them."""
        if name:
            self.choose(name, self.bindings[name].keys)
        else:
            self._chosen.clear()

    def written(self) -> list[str]:
        """The chosen keys as the settings keep them."""
        return [f"{name}={keys}" for name, keys in sorted(self._chosen.items())]
