"""The omnibox: jobs, clients and actions that a text finds, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum, unique
from heapq import nsmallest
from typing import Final, NamedTuple

from hqgui.models import formats, job_cells
from hqgui.models.client_cells import label
from hqgui.models.farm import FarmData
from hqgui.models.job_columns import natural
from hqgui.models.status_words import client_label, client_sign, job_label
from hqserver.wire.statuses import FINISHED

MOST_OF_A_KIND: Final = 15


@unique
class HitKind(StrEnum):
    """What was found."""

    JOB = "job"
    CLIENT = "client"
    NOTE = "note"
    LINE = "line"
    """A line of a log."""
    ACTION = "action"


class Hit(NamedTuple):
    """One finding."""

    kind: HitKind
    key: int | str
    """Id, or name of the action."""
    title: str
    detail: str
    glyph: str


def search(text: str, farm: FarmData, actions: Mapping[str, str], limit: int = 40) -> list[Hit]:
    """What `text` finds: actions by their words, clients, then jobs; exact ids and unfinished trees come first.

    `actions`: name of each action and the words that are shown for it.
    """
    terms = tuple(text.casefold().split())
    if not terms:
        return []
    hits = [*_actions(terms, actions), *_jobs(terms, farm), *_clients(terms, farm)]
    exact = text.strip().removeprefix("#")
    if exact.isdigit() and int(exact) in farm.jobs:
        job = int(exact)
        hits = [_job(farm, job), *(hit for hit in hits if (hit.kind, hit.key) != (HitKind.JOB, job))]
    return hits[:limit]


def offers(kind: HitKind, farm: FarmData) -> list[Hit]:
    """What to choose from before anything is typed: the latest trees, unfinished ones first; clients by name."""
    if kind is HitKind.CLIENT:
        return _clients((), farm)
    store = farm.jobs
    latest = nsmallest(MOST_OF_A_KIND, store.tops(), key=lambda job: (store.is_finished(job), -job))
    return [_job(farm, job) for job in latest]


def _actions(terms: tuple[str, ...], actions: Mapping[str, str]) -> list[Hit]:
    return [
        Hit(HitKind.ACTION, name, words, "", "")
        for name, words in actions.items()
        if all(term in words.casefold() for term in terms)
    ][:MOST_OF_A_KIND]


def _clients(terms: tuple[str, ...], farm: FarmData) -> list[Hit]:
    rows = [row for row in farm.clients.rows.values() if all(term in label(row).casefold() for term in terms)]
    rows.sort(key=lambda row: (not label(row).casefold().startswith(terms[:1]), natural(label(row))))
    return [
        Hit(
            HitKind.CLIENT,
            row["id"],
            formats.one_line(label(row)),
            client_label(row["status"]),
            client_sign(row),
        )
        for row in rows[:MOST_OF_A_KIND]
    ]


def _jobs(terms: tuple[str, ...], farm: FarmData) -> Iterable[Hit]:
    from hqgui.models.job_finding import find  # the filter language is loaded when somebody searches
    from hqserver.wire.filter_text import All, Value, Word

    store = farm.jobs

    def rank(job: int) -> tuple[bool, bool, bool, int]:
        row = store.row_of[job]
        starts = store.name[row].casefold().startswith(terms[0])
        return store.status[row] in FINISHED, not store.is_top(job), not starts, -job

    words = tuple(Word(Value(term)) for term in terms)
    return [_job(farm, job) for job in nsmallest(MOST_OF_A_KIND, find(store, All(words), 0.0), key=rank)]


def _job(farm: FarmData, job: int) -> Hit:
    store = farm.jobs
    row = store.row_of[job]
    status = job_cells.shown(store, row)
    above = store.known_parents(job)
    where = (
        formats.one_line(str(store.value(above[0], "name")), 80)
        if above
        else formats.one_line(store.submitted_by[row], 80)
    )
    detail = " · ".join(part for part in (job_label(status), where, f"#{job}") if part)
    return Hit(HitKind.JOB, job, formats.one_line(store.name[row], 200), detail, status)
