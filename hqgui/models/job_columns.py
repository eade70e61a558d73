"""The columns of the job tree: a table.

Each row of `COLUMNS` says what a cell of a job shows, what a cell of a fold shows, by what the column is sorted and
what its tooltip tells. A new attribute becomes visible with one line here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from hqgui.models import fold_cells as fold
from hqgui.models import job_cells as job
from hqgui.models.job_cells import At
from hqgui.models.job_store import JobStore
from hqgui.models.roles import Cell
from hqgui.models.status_words import SORT_ORDER
from hqgui.words import QT_TRANSLATE_NOOP, translate

RowKey = Callable[[int], Any]
"""Sort key of a row number."""


class Column(NamedTuple):
    """One column. Widths in pixels at 100 %."""

    key: str
    title: str
    width: int
    cell: Callable[[JobStore, int, At], Cell]
    sort: Callable[[JobStore, float], RowKey]
    """The store and the time to the key of a row."""
    fold: Callable[[JobStore, list[int], At], Cell] = fold.nothing
    """What a folded row shows for the rows of its members."""
    tip: Callable[[JobStore, int, At], str] | None = None
    """Plain text of the tooltip; None: the cell's own text."""
    right: bool = False
    shown: bool = True
    """Whether the column is there from the start; the others are offered by the header's menu."""
    stretch: int = 0
    """Who gets room that is left: 1 before 2; 0 none."""
    live: bool = False
    """Whether values change while jobs run, so that rows are put in order again only now and then."""


def _by(name: str) -> Callable[[JobStore, float], RowKey]:
    return lambda store, now: store.columns[name].__getitem__


def _by_date(name: str) -> Callable[[JobStore, float], RowKey]:
    def make(store: JobStore, now: float) -> RowKey:
        column = store.columns[name]
        return lambda row: column[row] or 0

    return make


@lru_cache(maxsize=200_000)
def natural(name: str) -> str:
    """A key under which `frame 9` stands before `frame 10`, in any case."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(12), name.casefold())


def _by_name(store: JobStore, now: float) -> RowKey:
    names = store.name
    return lambda row: natural(names[row])


def _by_status(store: JobStore, now: float) -> RowKey:
    return lambda row: SORT_ORDER.get(job.shown(store, row), len(SORT_ORDER))


def _by_progress(store: JobStore, now: float) -> RowKey:
    return lambda row: job.overall(store, row)


def _by_elapsed(store: JobStore, now: float) -> RowKey:
    return lambda row: job.elapsed(store, row, now) or -1.0


def _by_clients(store: JobStore, now: float) -> RowKey:
    return lambda row: job.at_work(store, row)


def _by_note(store: JobStore, now: float) -> RowKey:
    return lambda row: job.note(store, row, job.NOWHERE).text.casefold()


def _by_tasks(store: JobStore, now: float) -> RowKey:
    return lambda row: sum(n for _, n in store.child_counts[row])


def _by_texts(name: str) -> Callable[[JobStore, float], RowKey]:
    return lambda store, now: lambda row: str(store.columns[name][row])


COLUMNS: Final = (
    Column("name", QT_TRANSLATE_NOOP("Columns", "Name"), 262, job.name, _by_name, fold.name, job.name_tip, stretch=1),
    Column(
        "status",
        QT_TRANSLATE_NOOP("Columns", "Status"),
        150,
        job.status,
        _by_status,
        fold.status,
        job.status_tip,
        live=True,
    ),
    Column(
        "progress",
        QT_TRANSLATE_NOOP("Columns", "Progress"),
        182,
        job.progress,
        _by_progress,
        fold.progress,
        job.progress_tip,
        live=True,
    ),
    Column(
        "eta",
        QT_TRANSLATE_NOOP("Columns", "ETA"),
        64,
        job.eta,
        _by("ETA"),
        fold.eta,
        job.eta_tip,
        right=True,
        live=True,
    ),
    Column(
        "elapsed",
        QT_TRANSLATE_NOOP("Columns", "Elapsed"),
        72,
        job.elapsed_cell,
        _by_elapsed,
        fold.elapsed,
        right=True,
        live=True,
    ),
    Column("priority", QT_TRANSLATE_NOOP("Columns", "Pri"), 44, job.priority, _by("priority"), right=True),
    Column(
        "clients",
        QT_TRANSLATE_NOOP("Columns", "Clients"),
        72,
        job.clients,
        _by_clients,
        fold.clients,
        job.clients_tip,
        right=True,
        live=True,
    ),
    Column(
        "submittedBy",
        QT_TRANSLATE_NOOP("Columns", "Submitted by"),
        88,
        job.submitted_by,
        _by("submittedBy"),
        tip=job.submitted_by_tip,
    ),
    Column(
        "queued",
        QT_TRANSLATE_NOOP("Columns", "Queued"),
        62,
        job.queued,
        _by_date("queueTime"),
        tip=job.date_tip("queueTime"),
        right=True,
    ),
    Column(
        "note",
        QT_TRANSLATE_NOOP("Columns", "Note"),
        194,
        job.note,
        _by_note,
        fold.note,
        job.note_tip,
        stretch=2,
        live=True,
    ),
    Column("id", QT_TRANSLATE_NOOP("Columns", "Id"), 64, job.id_cell, _by("id"), right=True, shown=False),
    Column(
        "tasks",
        QT_TRANSLATE_NOOP("Columns", "Jobs below"),
        90,
        job.tasks,
        _by_tasks,
        fold.tasks,
        right=True,
        shown=False,
        live=True,
    ),
    Column(
        "started",
        QT_TRANSLATE_NOOP("Columns", "Started"),
        72,
        job.date("startTime"),
        _by_date("startTime"),
        tip=job.date_tip("startTime"),
        shown=False,
    ),
    Column(
        "ended",
        QT_TRANSLATE_NOOP("Columns", "Ended"),
        72,
        job.date("endTime"),
        _by_date("endTime"),
        tip=job.date_tip("endTime"),
        shown=False,
    ),
    Column(
        "triesLeft",
        QT_TRANSLATE_NOOP("Columns", "Tries left"),
        64,
        job.number("triesLeft"),
        _by("triesLeft"),
        right=True,
        shown=False,
    ),
    Column(
        "resources", QT_TRANSLATE_NOOP("Columns", "Resources"), 130, job.resources, _by_texts("resources"), shown=False
    ),
    Column(
        "conditions",
        QT_TRANSLATE_NOOP("Columns", "Conditions"),
        160,
        job.conditions,
        _by_texts("conditions"),
        shown=False,
    ),
    Column("tags", QT_TRANSLATE_NOOP("Columns", "Tags"), 100, job.tags, _by_texts("tags"), shown=False),
    Column("cpus", QT_TRANSLATE_NOOP("Columns", "CPUs"), 48, job.number("cpus"), _by("cpus"), right=True, shown=False),
    Column(
        "hosts",
        QT_TRANSLATE_NOOP("Columns", "Clients at once"),
        96,
        job.hosts,
        _by("minHosts"),
        right=True,
        shown=False,
    ),
    Column(
        "peakMemory",
        QT_TRANSLATE_NOOP("Columns", "Peak memory"),
        84,
        job.peak_memory,
        _by("peakMemory"),
        fold.peak_memory,
        right=True,
        shown=False,
    ),
    Column("parents", QT_TRANSLATE_NOOP("Columns", "Parents"), 120, job.parents, _by_texts("parents"), shown=False),
)

PLACE: Final = {column.key: place for place, column in enumerate(COLUMNS)}
"""Number of each column by its key."""


def title(column: Column) -> str:
    """The heading in the user's language."""
    return translate("Columns", column.title)
