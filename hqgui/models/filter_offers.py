"""What a filter may go on with: fields and values of the language, and the people and machines that this farm knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hqgui.models.client_cells import label
from hqgui.models.farm import FarmData
from hqgui.models.job_getters import getters
from hqserver.wire.filter_completion import Completion, completion
from hqserver.wire.filter_match import Clock

MOST_VALUES: Final = 2_000
"""Values of a field that are looked through, the commonest kinds being far fewer."""


def offers(text: str, cursor: int, farm: FarmData) -> Completion:
    """What the text before the cursor may become; fields that a window does not know are left out."""
    found = completion(text, cursor, lambda field: sorted(_values(field, farm), key=str.casefold)[:MOST_VALUES])
    if found.field:
        return found
    here = {name.partition(":")[0] for name in getters(farm.jobs, Clock(0.0))}
    return replace(found, offers=tuple(one for one in found.offers if one.text.rstrip(":=") in here))


def _values(field: str, farm: FarmData) -> set[str]:
    jobs = farm.jobs
    known: dict[str, Iterable[str]] = {
        "by": jobs.submitted_by,
        "tag": (tag for tags in set(jobs.tags) for tag in tags),
        "on": (label(row) for row in farm.clients.rows.values()),
        "group": (str(row["name"]) for row in farm.groups.values()),
        "resource": (str(row["name"]) for row in farm.resources.values()),
    }
    return set(known.get(field, ())) - {""}
