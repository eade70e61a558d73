"""Views that were saved: a name for chips and a filter, kept in the settings as a line of JSON each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from hqgui.models.job_filter import Chip, JobFilter

LONGEST_NAME: Final = 60
MOST_VIEWS: Final = 100


class SavedView(NamedTuple):
    """One view."""

    name: str
    filter: JobFilter


def read(lines: Iterable[str]) -> list[SavedView]:
    """The views in the settings; what cannot be read is left out."""
    return [view for view in map(_read, lines) if view is not None]


def _read(line: str) -> SavedView | None:
    try:
        stored = json.loads(line)
        chips = frozenset(Chip(chip) for chip in stored["chips"])
        return SavedView(str(stored["name"])[:LONGEST_NAME], JobFilter(chips, str(stored["text"])))
    except (ValueError, KeyError, TypeError):
        return None


def written(views: Sequence[SavedView]) -> list[str]:
    """The views as they are kept."""
    return [
        json.dumps(
            {"name": view.name, "chips": sorted(view.filter.chips), "text": view.filter.text}, ensure_ascii=False
        )
        for view in views
    ]


def with_view(views: Sequence[SavedView], name: str, wanted: JobFilter) -> list[SavedView]:
    """The views with one more; one of the same name is replaced where it stands."""
    made = SavedView(name.strip()[:LONGEST_NAME], wanted)
    if any(view.name == made.name for view in views):
        return [made if view.name == made.name else view for view in views]
    return [*views, made][-MOST_VIEWS:]


def renamed(views: Sequence[SavedView], name: str, new: str) -> list[SavedView]:
    """The views with another name for one of them, which stays where it stands."""
    return [view._replace(name=new.strip()[:LONGEST_NAME]) if view.name == name else view for view in views]


def name_for(wanted: JobFilter) -> str:
    """A name to begin with."""
    chips = " ".join(chip.value.capitalize() for chip in Chip if chip in wanted.chips)
    return (wanted.text.strip() or chips)[:LONGEST_NAME]
