"""What the inspector says of one client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from hqgui.models import formats, job_cells
from hqgui.models.client_cells import group_names_of, job_title, label
from hqgui.models.client_columns import load_share, platform_text, state_text
from hqgui.models.client_more_columns import offset_text, override_text, skew_text, speed_text
from hqgui.models.client_store import MEMORY_FULL, Client, memory_share
from hqgui.models.farm import FarmData
from hqgui.models.standing import Standing, local_time, next_change, rules_of_row, standing
from hqgui.models.status_words import client_sign, job_label
from hqgui.models.thread_store import written_by
from hqgui.models.week import Reading, read_week
from hqgui.models.wire_values import wire_seconds
from hqgui.words import translate
from hqserver.wire.availability import Rule
from hqserver.wire.statuses import JobStatus

DISK_FULL: Final = 0.95


class Gauge(NamedTuple):
    """One measure of a machine."""

    name: str
    text: str
    fraction: float
    """0 to 1; -1: not known."""
    full: bool = False


class RunningJob(NamedTuple):
    """A job that runs here."""

    id: int
    title: str
    status: str
    fraction: float
    percent: str
    time: str


class PastJob(NamedTuple):
    """A job that ran here."""

    id: int
    title: str
    status: str
    words: str
    """Its status as it is now."""
    when: str
    took: str


class ClientError(NamedTuple):
    """An error of its agent."""

    id: int
    message: str
    times: int
    last: int
    """Seconds since the epoch; 0: not told."""
    traceback: str


class ClientFacts(NamedTuple):
    """One client, whole."""

    id: int
    label: str
    status: str
    sign: str
    """Its glyph."""
    state: str
    """Its status in words, `Leaving when done` too."""
    standing: Standing
    next_change: str
    gauges: tuple[Gauge, ...]
    running: tuple[RunningJob, ...]
    groups: tuple[tuple[int, str], ...]
    gpus: tuple[str, ...]
    description: str
    properties: tuple[tuple[str, str], ...]
    latest_note: str
    note_when: str
    reading: Reading
    rules: tuple[Rule, ...]
    readable: bool
    """Whether its rules could be read."""
    local: datetime
    idle_minutes: int


def client_facts(farm: FarmData, client: int, now: float) -> ClientFacts | None:
    """The facts of a client; None when it is not known. `now`: seconds since the epoch by the server's clock."""
    row = farm.clients.get(client)
    if row is None:
        return None
    rules = rules_of_row(row)
    local = local_time(row, now)
    return ClientFacts(
        id=client,
        label=formats.one_line(label(row)),
        status=str(row["status"]),
        sign=client_sign(row),
        state=state_text(row),
        standing=standing(row, now),
        next_change=next_change(rules or (), local, row["idleTime"]),
        gauges=tuple(_gauges(row)),
        running=tuple(_running(farm, job, now) for job in row["runningJobs"]),
        groups=group_names_of(row, farm.groups),
        gpus=tuple(formats.one_line(gpu, 120) for gpu in row["gpus"]),
        description=str(row["description"]),
        properties=tuple((name, text) for name, text in _properties(row, now) if text),
        latest_note=formats.several_lines(str(row["latestNote"])),
        note_when=_note_when(farm, row, now),
        reading=read_week(rules or ()),
        rules=rules or (),
        readable=rules is not None,
        local=local,
        idle_minutes=int(row["idleTime"]),
    )


def _gauges(row: Client) -> list[Gauge]:
    found = []
    share = load_share(row)
    if share >= 0:
        words = translate("ClientFacts", "{percent}, load {load}")
        found.append(
            Gauge(
                translate("ClientFacts", "CPU load"),
                words.format(percent=f"{round(share * 100)}%", load=f"{row['load']:.1f}"),
                share,
            )
        )
    if row["cpus"]:
        words = translate("ClientFacts", "{n} of {m} taken by jobs").format(n=row["cpusUsed"], m=row["cpus"])
        found.append(Gauge(translate("ClientFacts", "CPUs"), words, min(1.0, row["cpusUsed"] / row["cpus"])))
    if row["memory"]:
        share = memory_share(row)
        used = formats.bytes_of(row["memoryUsed"] * 1024, row["memory"] * 1024)
        text = used if share >= 0 else formats.bytes_text(row["memory"] * 1024)
        found.append(Gauge(translate("ClientFacts", "Memory"), text, share, share > MEMORY_FULL))
    if row["diskTotal"]:
        share = (row["diskTotal"] - row["diskFree"]) / row["diskTotal"]
        words = translate("ClientFacts", "{free} of {total} free")
        text = words.format(
            free=formats.bytes_text(row["diskFree"] * 1024), total=formats.bytes_text(row["diskTotal"] * 1024)
        )
        found.append(Gauge(translate("ClientFacts", "Disk"), text, share, share > DISK_FULL))
    return found


def _running(farm: FarmData, job: int, now: float) -> RunningJob:
    store = farm.jobs
    row = store.row_of.get(job)
    if row is None:
        return RunningJob(job, f"#{job}", JobStatus.RUNNING, 0.0, "", "")
    return RunningJob(
        job,
        job_title(store, job),
        store.status[row],
        store.progress[row],
        formats.percent(store.progress[row], store.status[row] == JobStatus.SUCCEEDED),
        formats.exact_duration(job_cells.elapsed(store, row, now)),
    )


def _properties(row: Client, now: float) -> list[tuple[str, str]]:
    idle = row["idleTime"]
    until = formats.when(row["overrideUntil"], now)
    beat = "" if row["lastHeartbeat"] is None else formats.ago(max(0.0, now - row["lastHeartbeat"]))
    upgrade = translate("ClientFacts", "needs an upgrade") if row["needsUpgrade"] else ""
    skew = skew_text(row["clockSkew"])
    return [
        (translate("ClientFacts", "Heartbeat"), beat),
        (translate("ClientFacts", "Idle"), "" if idle < 0 else formats.duration(idle * 60)),
        (translate("ClientFacts", "Override"), f"{override_text(row)} {until}".strip()),
        (translate("ClientFacts", "Out of service"), formats.one_line(row["outOfService"])),
        (translate("ClientFacts", "Failures"), str(row["failures"]) if row["failures"] else ""),
        (translate("ClientFacts", "Platform"), formats.one_line(platform_text(row["platform"]))),
        (translate("ClientFacts", "Speed"), speed_text(row["cpuSpeed"])),
        (translate("ClientFacts", "Host"), formats.one_line(row["hostname"])),
        (translate("ClientFacts", "Name"), formats.one_line(row["name"])),
        (translate("ClientFacts", "Address"), _address(row)),
        (translate("ClientFacts", "Local time"), f"{local_time(row, now):%H:%M} {offset_text(row['utcOffset'])}"),
        (translate("ClientFacts", "Clock skew"), skew),
        (translate("ClientFacts", "Agent"), " ".join(part for part in (row["agentVersion"], upgrade) if part)),
        (translate("ClientFacts", "Code"), row["version"] if row["version"] != row["agentVersion"] else ""),
        (translate("ClientFacts", "Id"), f"#{row['id']}"),
    ]


def _address(row: Client) -> str:
    return f"{row['ip']}:{row['port']}" if row["ip"] and row["port"] else str(row["ip"])


def _note_when(farm: FarmData, row: Client, now: float) -> str:
    thread = farm.threads.rows.get(row["threadId"] or 0)
    return "" if thread is None or not thread.last else written_by(thread.author, formats.when(thread.last, now))


def past_jobs(
    farm: FarmData, jobs: Sequence[int], rows: Sequence[Mapping[str, Any]], now: float
) -> tuple[PastJob, ...]:
    """Jobs that ran here, in the order of `jobs`; `rows`: what the server answered of them."""
    by_id = {row["id"]: row for row in rows}
    return tuple(_past(farm, by_id[job], now) for job in jobs if job in by_id)


def _past(farm: FarmData, row: Mapping[str, Any], now: float) -> PastJob:
    known = row["id"] in farm.jobs
    title = job_title(farm.jobs, row["id"]) if known else formats.one_line(str(row.get("name", "")), 120)
    runtime = row.get("runtime")
    return PastJob(
        row["id"],
        title,
        str(row.get("status", "")),
        job_label(str(row.get("status", ""))),
        formats.when(_seconds(row.get("endTime")), now),
        formats.exact_duration(runtime) if runtime else "",
    )


def client_errors(answer: Mapping[str, Any]) -> tuple[ClientError, ...]:
    """What `getClientErrors` answered, the one that happened last first."""
    return tuple(
        ClientError(
            int(row.get("id") or place),
            str(row.get("message") or ""),
            int(row.get("count") or 1),
            _seconds(row.get("lastDate") or row.get("date")) or 0,
            str(row.get("traceback") or ""),
        )
        for place, row in enumerate(answer.get("errors") or ())
    )


def _seconds(value: object) -> int | None:
    return wire_seconds(f"{value:%Y%m%dT%H:%M:%S}" if isinstance(value, datetime) else value)
