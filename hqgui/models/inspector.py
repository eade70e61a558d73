"""What the inspector's Overview says of one job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from hqgui.models import formats, job_cells
from hqgui.models.client_columns import job_title
from hqgui.models.farm import FarmData
from hqgui.models.job_cells import At
from hqgui.models.job_store import JobStore
from hqgui.models.roles import Segment
from hqgui.models.status_words import job_label
from hqgui.models.wire_values import wire_seconds
from hqgui.words import translate
from hqserver.wire.statuses import FINISHED, ON_CLIENT, ClientStatus, JobStatus

_PLATFORMS: Final = ("linux", "windows", "macosx")


class ClientFacts(NamedTuple):
    """One client at work below the job."""

    id: int
    label: str
    status: str
    """Of the client."""
    job_id: int
    job_label: str
    fraction: float
    percent: str
    time: str


class ResourceUse(NamedTuple):
    """A resource that the job takes."""

    name: str
    text: str
    fraction: float
    """How much of the farm's amount is in use, 0 to 1; -1 when the farm does not know it."""


class JobFacts(NamedTuple):
    """The Overview of one job."""

    id: int
    name: str
    path: tuple[tuple[int, str], ...]
    """Id and name of what is above, from the top."""
    status: str
    label: str
    kind_text: str
    """`96 frames`, or of a leaf `on rnd-141, try 1 of 2`."""
    segments: tuple[Segment, ...]
    percent: str
    eta: str
    eta_clock: str
    elapsed: str
    failed: int
    properties: tuple[tuple[str, str], ...]
    """Label and text, in reading order of two columns."""
    tags: tuple[str, ...]
    resources: tuple[ResourceUse, ...]
    clients: tuple[ClientFacts, ...]
    """Those at work, the furthest first."""
    finished_clients: int
    """Clients that worked on it and do not now."""
    command: str
    """Empty until the details came."""
    latest_note: str
    note_when: str


def facts(
    farm: FarmData, job: int, now: float, details: Mapping[str, Any] | None = None, permitted: int | None = None
) -> JobFacts | None:
    """The facts of a job; None when it is not known.

    `details` is what `inquiries.job_details` answered for it; `permitted` the number of clients that may run it.
    """
    store = farm.jobs
    row = store.row_of.get(job)
    if row is None:
        return None
    at = At(now)
    status = job_cells.shown(store, row)
    working = _clients(farm, job, now)
    ever = _ever(store, job)
    return JobFacts(
        id=job,
        name=formats.one_line(store.name[row]),
        path=tuple((one, formats.one_line(str(store.value(one, "name")), 80)) for one in _path(store, job)),
        status=status,
        label=job_label(status, store.columns["ending"][row]),
        kind_text=_kind(store, row, at),
        segments=job_cells.bar(store, row),
        percent=job_cells.progress(store, row, at).text,
        eta=job_cells.eta(store, row, at).text,
        eta_clock=_eta_clock(store, row, now),
        elapsed=job_cells.elapsed_cell(store, row, at).text,
        failed=job_cells.failed_below(store, row),
        properties=tuple(_properties(farm, row, now, permitted)),
        tags=tuple(formats.one_line(tag, 80) for tag in store.tags[row]),
        resources=tuple(_resources(farm, row)),
        clients=working,
        finished_clients=len(ever - {client.id for client in working}),
        command=command_text((details or {}).get("command")),
        latest_note=formats.several_lines(str(store.columns["latestNote"][row])),
        note_when=_note_when(farm, row, now),
    )


def _path(store: JobStore, job: int) -> list[int]:
    path: list[int] = []
    above = store.known_parents(job)
    while above:
        path.append(above[0])
        above = store.known_parents(above[0])
    return path[::-1]


def _kind(store: JobStore, row: int, at: At) -> str:
    if not job_cells.is_leaf(store, row):
        return job_cells.name(store, row, at).detail
    parts = []
    known = store.clients[row]
    if known:
        label = formats.one_line(known[-1].label, 80)
        parts.append(translate("Inspector", "on {client}").replace("{client}", label))
    attempt = store.columns["attempt"][row]
    if attempt:
        tries = attempt + store.columns["triesLeft"][row]
        parts.append(translate("Inspector", "try {n} of {m}").format(n=attempt, m=max(tries, attempt)))
    return ", ".join(parts)


def _eta_clock(store: JobStore, row: int, now: float) -> str:
    seconds = store.eta[row]
    if seconds < 0 or store.status[row] in FINISHED:
        return ""
    return formats.when(int(now + seconds), now)


def _properties(farm: FarmData, row: int, now: float, permitted: int | None) -> list[tuple[str, str]]:
    store = farm.jobs
    column = store.columns
    attempt, left = column["attempt"][row], column["triesLeft"][row]
    mean = store.mean_runtime[row]
    of_each = formats.exact_duration(mean) if mean else ""
    pairs = [
        (translate("Inspector", "Priority"), str(store.priority[row])),
        (translate("Inspector", "Tries left"), f"{left}" if not attempt else _of(left, attempt + left)),
        (translate("Inspector", "Submitted by"), formats.one_line(store.submitted_by[row])),
        (translate("Inspector", "Per frame"), _average(of_each)),
        (translate("Inspector", "Queued"), formats.clock(store.queue_time[row])),
        (translate("Inspector", "Slowest"), _slowest(store, row, now)),
        (translate("Inspector", "Started"), formats.clock(store.start_time[row])),
        (translate("Inspector", "Ended"), formats.clock(store.end_time[row])),
        (translate("Inspector", "CPUs"), str(column["cpus"][row])),
        (translate("Inspector", "Peak memory"), job_cells.peak_memory(store, row, job_cells.NOWHERE).text),
        (translate("Inspector", "Exit code"), "" if column["exitCode"][row] is None else str(column["exitCode"][row])),
        (translate("Inspector", "Conditions"), job_cells.conditions(store, row, job_cells.NOWHERE).text),
        (translate("Inspector", "Permitted"), _permitted(permitted, len(farm.clients))),
        (translate("Inspector", "Description"), formats.one_line(column["description"][row])),
    ]
    return [(label, text) for label, text in pairs if text]


def _of(part: int, whole: int) -> str:
    return translate("Inspector", "{n} of {m}").format(n=part, m=whole)


def _average(time: str) -> str:
    return translate("Inspector", "{time} avg").replace("{time}", time) if time else ""


def _permitted(permitted: int | None, all_clients: int) -> str:
    if permitted is None:
        return ""
    return translate("Inspector", "{n} of {m} clients").format(n=permitted, m=all_clients)


MOST_WALKED: Final = 5_000
"""Descendants that are looked at one by one, ten times a second; of larger families less is told."""


def _is_large(store: JobStore, row: int) -> bool:
    return sum(job_cells.below(store, row).values()) > MOST_WALKED


def _slowest(store: JobStore, row: int, now: float) -> str:
    if _is_large(store, row):
        return ""
    ended = [
        (seconds, child)
        for child in store.children(store.ids[row])
        if (below := store.row_of.get(child)) is not None and (seconds := store.runtime[below])
    ]
    if not ended:
        return ""
    seconds, child = max(ended)
    return f"{formats.one_line(str(store.value(child, 'name')), 60)}, {formats.exact_duration(seconds)}"


def _resources(farm: FarmData, row: int) -> list[ResourceUse]:
    by_name = {resource.get("name"): resource for resource in farm.resources.values()}
    found = []
    for name, amount in farm.jobs.columns["resources"][row]:
        known = by_name.get(name)
        used, whole = (known.get("inUse") or 0, known.get("amount") or 0) if known else (0, 0)
        text = translate("Inspector", "{n} each, {used} of {m}").format(n=amount, used=used, m=whole)
        found.append(ResourceUse(formats.one_line(str(name), 80), text, min(1.0, used / whole) if whole else -1.0))
    return found


def _ever(store: JobStore, job: int) -> set[int]:
    if _is_large(store, store.row_of[job]):
        return set()
    return {client.id for one in store.family((job,)) for client in store.value(one, "clients")}


def _clients(farm: FarmData, job: int, now: float) -> tuple[ClientFacts, ...]:
    store = farm.jobs
    found = []
    for one in _maybe_at_work(farm, job):
        row = store.row_of[one]
        if store.status[row] not in ON_CLIENT or not store.clients[row]:
            continue
        at = store.clients[row][-1]
        client = farm.clients.get(at.id)
        found.append(
            ClientFacts(
                id=at.id,
                label=formats.one_line(at.label, 80),
                status=str(client["status"]) if client else ClientStatus.BUSY,
                job_id=one,
                job_label=formats.one_line(store.name[row], 80) if one != job else job_title(store, one),
                fraction=store.progress[row],
                percent=formats.percent(store.progress[row], store.status[row] == JobStatus.SUCCEEDED),
                time=formats.exact_duration(job_cells.elapsed(store, row, now)),
            )
        )
    found.sort(key=lambda client: (-client.fraction, client.job_id))
    return tuple(found)


def _maybe_at_work(farm: FarmData, job: int) -> list[int]:
    """The family; of a large one those that clients say they run."""
    store = farm.jobs
    if not _is_large(store, store.row_of[job]):
        return store.family((job,))
    running = dict.fromkeys(one for row in farm.clients.rows.values() for one in row["runningJobs"])
    top = {job}
    return [one for one in running if one in store and store.any_below((one,), top)]


def command_text(command: object) -> str:
    """A command as one text; one with a text for each platform names them."""
    if not isinstance(command, Mapping):
        return str(command or "")
    texts = {str(platform): str(text) for platform, text in command.items()}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return "\n".join(f"{platform}: {texts[platform]}" for platform in (*_PLATFORMS, *texts) if texts.get(platform))


def _note_when(farm: FarmData, row: int, now: float) -> str:
    thread = farm.threads.get(farm.jobs.columns["threadId"][row] or 0)
    return formats.when(wire_seconds(thread.get("lastDate")), now) if thread else ""
