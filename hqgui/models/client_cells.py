"""What the columns of the clients table are made of, and the words of clients that other views use too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hqgui.models import formats
from hqgui.models.client_store import Client
from hqgui.models.job_columns import natural
from hqgui.models.job_store import JobStore
from hqgui.models.roles import Cell


@dataclass(frozen=True, slots=True)
class Around:
    """What a client's cells need besides the client."""

    jobs: JobStore
    groups: dict[int, dict[str, Any]]
    now: float = 0.0


ClientKey = Callable[[Client], Any]


class ClientColumn(NamedTuple):
    """One column; the fields mean what they mean for jobs."""

    key: str
    title: str
    width: int
    cell: Callable[[Client, Around], Cell]
    sort: Callable[[Client, Around], Any]
    tip: Callable[[Client, Around], str] | None = None
    right: bool = False
    shown: bool = True
    stretch: int = 0
    live: bool = False


def label(row: Client) -> str:
    """The name by which a client is shown."""
    return str(row["label"] or row["hostname"])


def job_titles(row: Client, around: Around) -> list[str]:
    """`beauty_key 1061` for each job that it runs."""
    return [job_title(around.jobs, job) for job in row["runningJobs"]]


def job_title(jobs: JobStore, job: int) -> str:
    """A job's name after its parent's, unless it begins with that; its id when it is not known."""
    if job not in jobs:
        return f"#{job}"
    above = jobs.known_parents(job)
    own = formats.one_line(str(jobs.value(job, "name")), 200)
    family = formats.one_line(str(jobs.value(above[0], "name")), 200) if above else ""
    return own if own.casefold().startswith(family.casefold()) else f"{family} {own}"


def group_names(row: Client, around: Around) -> str:
    """Names of the groups, with commas."""
    names = (str(around.groups[group]["name"]) for group in row["groups"] if group in around.groups)
    return ", ".join(sorted(names, key=natural))


def number(key: str) -> Callable[[Client, Around], Cell]:
    """A cell with a whole number."""
    return lambda row, around: Cell(formats.count(row[key] or 0))


def by(key: str) -> Callable[[Client, Around], Any]:
    """Sorts by an attribute."""
    return lambda row, around: row[key] or 0


def by_text(cell: Callable[[Client, Around], Cell]) -> Callable[[Client, Around], Any]:
    """Sorts by what a cell says."""
    return lambda row, around: cell(row, around).text.casefold()


def group_names_of(row: Client, groups: Mapping[int, Mapping[str, Any]]) -> tuple[tuple[int, str], ...]:
    """Ids and names of a client's groups, by name."""
    found = [(group, formats.one_line(str(groups[group]["name"]), 60)) for group in row["groups"] if group in groups]
    return tuple(sorted(found, key=lambda pair: natural(pair[1])))
