"""What stands beside a thread: the job or client that it is about, threads nearby, clients that it names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, NamedTuple

from hqgui.models import client_columns, formats, job_cells
from hqgui.models.client_cells import Around
from hqgui.models.farm import FarmData
from hqgui.models.job_cells import At
from hqgui.models.note_text import clients_named, farm_links
from hqgui.models.roles import Segment
from hqgui.models.status_words import client_label, client_sign, job_label
from hqgui.models.thread_index import Flag, ThreadIndex, title
from hqgui.models.thread_page import Note
from hqgui.models.thread_store import Thread
from hqgui.models.threads import thread_glyph
from hqgui.words import counted, translate

MOST_NEARBY: Final = 8
MOST_CLIENTS: Final = 12
_MOST_WALKED: Final = 400
"""Jobs around one that are looked at for threads."""


class Target(NamedTuple):
    """What a thread is about, or the thread itself where it is about nothing; all None: a thread that is to come."""

    thread: int | None = None
    job: int | None = None
    client: int | None = None

    @property
    def key(self) -> str:
        """A name that stays the same when the thread of a job or client begins."""
        if self.job is not None:
            return f"j{self.job}"
        if self.client is not None:
            return f"c{self.client}"
        return "new" if self.thread is None else f"t{self.thread}"


def target_named(key: str) -> Target:
    """The target of a key."""
    number = int(key[1:]) if key[1:].isdigit() else None
    fields = {"t": "thread", "j": "job", "c": "client"}
    return Target(**{fields[key[0]]: number}) if number is not None and key[0] in fields else Target()


def target_of(thread: Thread) -> Target:
    """What a thread is about."""
    return Target(thread.id, thread.job, thread.client)


def thread_of(farm: FarmData, target: Target) -> Thread | None:
    """The thread of a target, if it has begun."""
    threads = farm.threads
    if target.job is not None:
        return threads.get(threads.of_job.get(target.job))
    if target.client is not None:
        return threads.get(threads.of_client.get(target.client))
    return threads.get(target.thread)


class Heading(NamedTuple):
    """The head of a thread's page."""

    title: str
    glyph: str
    above: tuple[tuple[int, str], ...] = ()
    """Id and name of the job that it is in, and of what that is in, nearest last."""


class Nearby(NamedTuple):
    """A thread near this one."""

    thread: int
    title: str
    glyph: str
    notes: str
    unread: bool


class Named(NamedTuple):
    """A client that a thread names."""

    id: int
    label: str
    glyph: str
    state: str


class Subject(NamedTuple):
    """Everything beside a thread."""

    kind: str
    """`job`, `client`, or empty."""
    id: int
    status: str
    label: str
    percent: str
    segments: tuple[Segment, ...]
    properties: tuple[tuple[str, str], ...]
    failed: int
    """Failed jobs below it."""
    nearby: tuple[Nearby, ...]
    clients: tuple[Named, ...]


def heading(farm: FarmData, target: Target) -> Heading:
    """The head of the page of a target."""
    thread = thread_of(farm, target)
    if target.job is not None and target.job in farm.jobs:
        return Heading(_job_name(farm, target.job), _job_glyph(farm, target.job), _above(farm, target.job))
    client = farm.clients.get(target.client or 0)
    if client is not None:
        return Heading(formats.one_line(farm.clients.label(int(client["id"])), 120), client_sign(client))
    if thread is not None:
        return Heading(title(farm, thread), thread_glyph(farm, thread))
    return Heading(translate("Notes", "New note"), "note")


def _job_name(farm: FarmData, job: int) -> str:
    return formats.one_line(str(farm.jobs.value(job, "name")), 120) or f"#{job}"


def _job_glyph(farm: FarmData, job: int) -> str:
    return job_cells.shown(farm.jobs, farm.jobs.row_of[job])


def _above(farm: FarmData, job: int) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    above = farm.jobs.known_parents(job)
    while above and len(found) < 3:
        found.append((above[0], _job_name(farm, above[0])))
        above = farm.jobs.known_parents(above[0])
    return tuple(reversed(found))


def subject(farm: FarmData, index: ThreadIndex, target: Target, notes: Sequence[Note], now: float) -> Subject:
    """What stands beside the thread of a target."""
    named = _named(farm, notes, target)
    nearby = _nearby(farm, index, target, (one.id for one in named))
    row = farm.jobs.row_of.get(target.job or 0)
    if row is not None and target.job is not None:
        store, at = farm.jobs, At(now)
        status = job_cells.shown(store, row)
        return Subject(
            "job",
            target.job,
            status,
            job_label(status, store.columns["ending"][row]),
            job_cells.progress(store, row, at).text,
            job_cells.bar(store, row),
            _told(
                (translate("Inspector", "ETA"), job_cells.eta(store, row, at).text),
                (translate("Inspector", "Elapsed"), job_cells.elapsed_cell(store, row, at).text),
                (translate("Inspector", "Priority"), str(store.priority[row])),
                (translate("Inspector", "Submitted by"), formats.one_line(store.submitted_by[row], 80)),
            ),
            job_cells.failed_below(store, row),
            nearby,
            named,
        )
    client = farm.clients.get(target.client or 0)
    if client is None:
        return Subject("", 0, "", "", "", (), _free(notes), 0, nearby, named)
    status = str(client["status"])
    cells = {one.key: one for one in client_columns.CLIENT_COLUMNS}
    around = Around(farm.jobs, farm.groups, now)
    shown = ("jobs", "load", "memory", "groups", "platform", "heartbeat")
    columns = [cells[key] for key in shown if key in cells]
    rows = [(translate("Columns", one.title), formats.one_line(one.cell(client, around).text, 120)) for one in columns]
    return Subject(
        "client", int(client["id"]), f"client-{status}", client_label(status), "", (), _told(*rows), 0, nearby, named
    )


def _told(*rows: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(row for row in rows if row[1])


def _free(notes: Sequence[Note]) -> tuple[tuple[str, str], ...]:
    if not notes:
        return ()
    return _told(
        (translate("Notes", "Notes"), formats.count(len(notes))),
        (translate("Notes", "Begun"), formats.both_times(notes[0].at).partition("\n")[0][:16]),
    )


def _named(farm: FarmData, notes: Sequence[Note], target: Target) -> tuple[Named, ...]:
    links = farm_links(farm) if any("@" in note.text for note in notes) else None
    found = clients_named((note.text for note in notes if "@" in note.text), links) if links is not None else []
    rows = [(one, farm.clients.get(one)) for one in found if one != target.client][-MOST_CLIENTS:]
    return tuple(
        Named(
            one,
            formats.one_line(farm.clients.label(one), 80),
            client_sign(row),
            client_label(str(row["status"])),
        )
        for one, row in rows
        if row is not None
    )


def _nearby(farm: FarmData, index: ThreadIndex, target: Target, named: Iterable[int]) -> tuple[Nearby, ...]:
    threads = farm.threads
    around = dict.fromkeys(
        threads.of_job[job] for job in islice(_jobs_around(farm, target), _MOST_WALKED) if job in threads.of_job
    )
    around.update(dict.fromkeys(threads.of_client[one] for one in named if one in threads.of_client))
    own = thread_of(farm, target)
    found = [thread for id_ in around if (thread := threads.get(id_)) is not None and thread is not own]
    return tuple(_near(farm, index, thread) for thread in found[:MOST_NEARBY])


def _near(farm: FarmData, index: ThreadIndex, thread: Thread) -> Nearby:
    words = counted(thread.count, translate("Notes", "{n} note"), translate("Notes", "{n} notes"))
    unread = bool(index.flags(thread.id) & Flag.UNREAD)
    return Nearby(thread.id, title(farm, thread), thread_glyph(farm, thread), words if thread.count else "", unread)


def _jobs_around(farm: FarmData, target: Target) -> Iterable[int]:
    """What is above a job, beside it, and below it; of a client what it runs and what that is in."""
    jobs = farm.jobs
    if target.job is not None:
        above = jobs.known_parents(target.job)
        for one in [*above, *sorted(jobs.ancestors(above))]:
            yield one
        for one in above:
            yield from (job for job in islice(jobs.children(one), _MOST_WALKED) if job != target.job)
        yield from islice(jobs.children(target.job), _MOST_WALKED)
        return
    client = farm.clients.get(target.client or 0)
    for job in client["runningJobs"] if client is not None else ():
        yield job
        yield from jobs.ancestors((job,))
