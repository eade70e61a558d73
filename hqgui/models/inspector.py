"""What the inspector's Overview says of one job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from hqgui.models import formats, job_cells
from hqgui.models.client_cells import job_title
from hqgui.models.farm import FarmData
from hqgui.models.job_cells import At
from hqgui.models.job_store import JobStore
from hqgui.models.roles import Segment
from hqgui.models.status_words import job_label
from hqgui.models.thread_store import written_by
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
    each: str
    """`1 per frame`, or of a leaf how much it takes."""
    text: str
    """`12 here, 61 of 64`."""
    fraction: float
    """How much of the farm's amount is in use, 0 to 1; -1 when the farm does not know it."""


class Property(NamedTuple):
    """One thing that is said of a job."""

    label: str
    text: str
    link: str = ""
    """Words before the text that lead to `job`."""
    job: int = 0
    edited: bool = False
    """Whether a link after it opens what changes it."""


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
    properties: tuple[tuple[Property, ...], tuple[Property, ...]]
    """Two columns."""
    long_properties: tuple[Property, ...]
    """What needs a line of its own."""
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
        properties=(_told(_on_the_left(store, row)), _told(_on_the_right(store, row))),
        long_properties=_told(_on_a_line(farm, row, permitted)),
        tags=tuple(formats.one_line(tag, 80) for tag in store.tags[row]),
        resources=tuple(_resources(farm, row, _takes(store, row))),
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


def _told(properties: Iterable[Property]) -> tuple[Property, ...]:
    return tuple(one for one in properties if one.text or one.link)


def _on_the_left(store: JobStore, row: int) -> list[Property]:
    code = store.columns["exitCode"][row]
    return [
        Property(translate("Inspector", "Priority"), str(store.priority[row])),
        Property(translate("Inspector", "Submitted by"), formats.one_line(store.submitted_by[row])),
        Property(translate("Inspector", "Queued"), formats.clock(store.queue_time[row])),
        Property(translate("Inspector", "Started"), formats.clock(store.start_time[row])),
        Property(translate("Inspector", "Ended"), formats.clock(store.end_time[row])),
        Property(translate("Inspector", "Exit code"), "" if code is None else str(code)),
    ]


def _on_the_right(store: JobStore, row: int) -> list[Property]:
    attempt, left = store.columns["attempt"][row], store.columns["triesLeft"][row]
    mean, cpus = store.mean_runtime[row], store.columns["cpus"][row] or 1
    memory = job_cells.peak_memory(store, row, job_cells.NOWHERE).text
    return [
        Property(translate("Inspector", "Tries left"), f"{left}" if not attempt else _of(left, attempt + left)),
        Property(translate("Inspector", "Per frame"), _average(formats.exact_duration(mean) if mean else "")),
        _slowest(store, row),
        Property(translate("Inspector", "Peak memory"), memory),
        Property(translate("Inspector", "CPUs"), str(cpus) if cpus > 1 else ""),
    ]


def _on_a_line(farm: FarmData, row: int, permitted: int | None) -> list[Property]:
    store = farm.jobs
    description = formats.one_line(store.columns["description"][row])
    conditions = job_cells.conditions(store, row, job_cells.NOWHERE).text
    return [
        Property(translate("Inspector", "Permitted"), _permitted(permitted, len(farm.clients)), edited=True),
        Property(translate("Inspector", "Conditions"), conditions),
        Property(translate("Inspector", "Description"), description),
    ]


def _of(part: int, whole: int) -> str:
    return translate("Inspector", "{n} of {m}").format(n=part, m=whole)


def _average(time: str) -> str:
    return translate("Inspector", "{time} avg").replace("{time}", time) if time else ""


def _permitted(permitted: int | None, all_clients: int) -> str:
    if permitted is None or permitted > all_clients:  # clients may still be on their way
        return ""
    return translate("Inspector", "{n} of {m} clients").format(n=permitted, m=all_clients)


MOST_WALKED: Final = 5_000
"""Descendants that are looked at one by one, ten times a second; of larger families less is told."""


def _is_large(store: JobStore, row: int) -> bool:
    return sum(job_cells.below(store, row).values()) > MOST_WALKED


def _slowest(store: JobStore, row: int) -> Property:
    """The child that took longest of those that succeeded."""
    if _is_large(store, row):
        return Property("", "")
    done = [
        (seconds, child)
        for child in store.children(store.ids[row])
        if (below := store.row_of.get(child)) is not None
        and store.status[below] == JobStatus.SUCCEEDED
        and (seconds := store.runtime[below])
    ]
    if not done:
        return Property("", "")
    seconds, child = max(done)
    name = formats.one_line(str(store.value(child, "name")), 60)
    return Property(translate("Inspector", "Slowest"), f", {formats.exact_duration(seconds)}", name, child)


class _Takes(NamedTuple):
    """How much of a resource a job, or each job below it, takes, and how much those at work have now."""

    name: str
    amounts: frozenset[int]
    here: int
    frames: bool


def _takes(store: JobStore, row: int) -> list[_Takes]:
    own = store.columns["resources"][row]
    at_work = store.status[row] in ON_CLIENT
    if own or job_cells.is_leaf(store, row) or _is_large(store, row):
        return [_Takes(str(name), frozenset({amount}), amount * at_work, frames=False) for name, amount in own]
    amounts: dict[str, set[int]] = {}
    here: Counter[str] = Counter()
    for job in store.family((store.ids[row],)):
        below = store.row_of[job]
        for name, amount in store.columns["resources"][below]:
            amounts.setdefault(str(name), set()).add(amount)
            here[str(name)] += amount * (store.status[below] in ON_CLIENT)
    return [_Takes(name, frozenset(found), here[name], frames=True) for name, found in sorted(amounts.items())]


def _resources(farm: FarmData, row: int, takes: list[_Takes]) -> list[ResourceUse]:
    by_name = {resource.get("name"): resource for resource in farm.resources.values()}
    found = []
    for one in takes:
        known = by_name.get(one.name)
        used, whole = (known.get("inUse") or 0, known.get("amount") or 0) if known else (0, 0)
        least, most = min(one.amounts), max(one.amounts)
        each = str(least) if least == most else f"{least}–{most}"
        if one.frames:
            each = translate("Inspector", "{n} per frame").replace("{n}", each)
        words = translate("Inspector", "{here} here, {used} of {m}") if one.here else _of(used, whole)
        text = words.format(here=one.here, used=used, m=whole) if whole else ""
        found.append(ResourceUse(formats.one_line(one.name, 80), each, text, min(1.0, used / whole) if whole else -1.0))
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
                job_label=_label(store, one, job),
                fraction=store.progress[row],
                percent=formats.percent(store.progress[row], store.status[row] == JobStatus.SUCCEEDED),
                time=formats.exact_duration(job_cells.elapsed(store, row, now)),
            )
        )
    found.sort(key=lambda client: (-client.fraction, client.job_id))
    return tuple(found)


def _label(store: JobStore, one: int, job: int) -> str:
    """What a job is called in the list of another: a frame of it by its number."""
    if one == job:
        return job_title(store, one)
    name = formats.one_line(str(store.value(one, "name")), 80)
    if job not in store.known_parents(one):
        return name
    frame = store.value(one, "frame")
    return formats.last_number(name) if frame is None else formats.one_line(str(frame), 40)


def _maybe_at_work(farm: FarmData, job: int) -> list[int]:
    """The family; of a large one those that clients say they run."""
    store = farm.jobs
    if not _is_large(store, store.row_of[job]):
        return store.family((job,))
    running = dict.fromkeys(one for row in farm.clients.rows.values() for one in row["runningJobs"])
    top = {job}
    below = store.below(running, top)
    return [one for one in running if one in store and one in below]


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
    return "" if thread is None or not thread.last else written_by(thread.author, formats.when(thread.last, now))
