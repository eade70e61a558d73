"""What the omnibox finds in a window, and where each finding leads."""

from __future__ import annotations

from collections.abc import Callable

from hqgui.models.farm import FarmData
from hqgui.models.search import Hit, HitKind, search
from hqgui.views.commands import Commands
from hqgui.views.navigation import Navigation


class Finding:
    """Jobs, clients, actions and ways; parts of the window add what they know."""

    def __init__(self, farm: FarmData, commands: Commands, navigation: Navigation) -> None:
        self._farm = farm
        self._commands = commands
        self._navigation = navigation
        self._finders: list[Callable[[str], list[Hit]]] = []
        self._takers: dict[HitKind, Callable[[Hit], object]] = {HitKind.ACTION: self._act}

    def add(self, kind: HitKind, take: Callable[[Hit], object]) -> None:
        """Where findings of a kind lead."""
        self._takers[kind] = take

    def add_finder(self, find: Callable[[str], list[Hit]]) -> None:
        """Something more that can be found."""
        self._finders.append(find)

    def find(self, text: str) -> list[Hit]:
        """What a text finds."""
        actions = self._commands.actions
        words = {name: action.text() for name, action in actions.items() if action.isEnabled()}
        hits = search(text, self._farm, words | self._navigation.enabled_words())
        return [*hits, *(hit for find in self._finders for hit in find(text))]

    def take(self, hit: Hit) -> None:
        """Go where a finding leads."""
        self._takers[hit.kind](hit)

    def _act(self, hit: Hit) -> None:
        name = str(hit.key)
        if name in self._commands.actions:
            self._commands.ask(name)
        else:
            self._navigation[name].trigger()
