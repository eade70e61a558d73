"""What a job that waits for its children really waits for: the first below it that waits for a machine."""

from __future__ import annotations

from typing import NamedTuple

from hqgui.models.client_cells import job_title
from hqgui.models.formats import count, one_line
from hqgui.models.job_store import JobStore
from hqgui.words import counted, translate
from hqserver.wire.statuses import JobStatus


class Below(NamedTuple):
    """Jobs below one that wait for a machine."""

    first: int
    name: str
    number: int


def waiting_below(store: JobStore, job: int) -> Below | None:
    """Those below a job; None: none waits."""
    found = [one for one in store.family((job,))[1:] if store.status[store.row_of[one]] == JobStatus.RUNNABLE]
    return Below(found[0], job_title(store, found[0]), len(found)) if found else None


def button(below: Below) -> str:
    """What a button says that goes on to the first."""
    return translate("Why", "Why {name} waits").replace("{name}", one_line(below.name, 40))


def words(below: Below) -> str:
    """How many there are."""
    if below.number == 1:
        return translate("Why", "{name} waits for a machine.").replace("{name}", one_line(below.name, 60))
    many = counted(below.number, "", translate("Why", "{n} jobs below it wait for a machine."))
    return many.replace("{n}", count(below.number))
