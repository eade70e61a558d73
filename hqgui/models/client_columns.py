"""The columns of the clients table: a table, with the small functions that word each cell."""

from __future__ import annotations

from typing import Any, Final

from hqgui.models import formats
from hqgui.models.client_cells import Around, ClientColumn, by, by_text, group_names, job_titles, label
from hqgui.models.client_more_columns import MORE_COLUMNS
from hqgui.models.client_store import MEMORY_FULL, Client, memory_share
from hqgui.models.job_columns import natural
from hqgui.models.roles import EMPTY, Cell, Tone
from hqgui.models.status_words import CLIENT_ORDER, client_label, client_shows, client_sign
from hqgui.words import QT_TRANSLATE_NOOP, translate
from hqserver.wire.statuses import ClientStatus

LATE_SECONDS: Final = 60
"""A client that was not heard of for so long has missed several beats."""
_AWAY: Final = (ClientStatus.OFFLINE, ClientStatus.DISABLED, ClientStatus.UNAVAILABLE)
_SYSTEMS: Final = {"linux": "Linux", "windows": "Windows", "macosx": "macOS", "macos": "macOS"}


def _name(row: Client, around: Around) -> Cell:
    tone = Tone.SECONDARY if row["status"] in _AWAY else Tone.NORMAL
    weight = 400 if row["status"] in _AWAY else 500
    return Cell(formats.one_line(label(row)), glyph=client_sign(row), tone=tone, weight=weight)


def _name_tip(row: Client, around: Around) -> str:
    parts = (label(row), row["description"], row["ip"], ", ".join(row["gpus"]), f"#{row['id']}")
    return "\n".join(part for part in parts if part)


def _state(row: Client, around: Around) -> Cell:
    tone = Tone.FAILED if row["status"] == ClientStatus.OFFLINE else Tone.SECONDARY
    return Cell(state_text(row), tone=tone, upgrade=bool(row["needsUpgrade"]))


def state_text(row: Client) -> str:
    """How a client stands: whoever took it out of service is not the schedule."""
    if row["draining"]:
        return translate("Clients", "Leaving when done")
    return client_label(client_shows(row))


def _state_tip(row: Client, around: Around) -> str:
    version = translate("Clients", "Agent {version}").replace("{version}", row["agentVersion"] or row["version"])
    old = translate("Clients", "needs an upgrade") if row["needsUpgrade"] else ""
    return "\n".join(part for part in (state_text(row), version, old) if part)


def load_share(row: Client) -> float:
    """Load for each cpu, 0 to 1; -1 for a client that is away."""
    if row["status"] == ClientStatus.OFFLINE:
        return -1.0
    return min(1.0, max(0.0, float(row["load"]) / (row["cpus"] or 1)))


def _load(row: Client, around: Around) -> Cell:
    share = load_share(row)
    return EMPTY if share < 0 else Cell(f"{round(share * 100)}%", fraction=share)


def _load_tip(row: Client, around: Around) -> str:
    words = translate("Clients", "load {load} on {cpus} cpus, {used} taken by jobs")
    return words.format(load=f"{row['load']:.2f}", cpus=row["cpus"], used=row["cpusUsed"])


def _memory(row: Client, around: Around) -> Cell:
    if row["status"] == ClientStatus.OFFLINE or not row["memory"]:
        return EMPTY
    share = memory_share(row)
    if share < 0:
        return Cell(formats.bytes_text(row["memory"] * 1024))
    text = formats.bytes_of(row["memoryUsed"] * 1024, row["memory"] * 1024)
    return Cell(text, fraction=share, tone=Tone.FAILED if share > MEMORY_FULL else Tone.NORMAL)


def _jobs(row: Client, around: Around) -> Cell:
    return Cell(", ".join(job_titles(row, around)), tone=Tone.SECONDARY)


def _jobs_tip(row: Client, around: Around) -> str:
    return "\n".join(job_titles(row, around))


def _idle(row: Client, around: Around) -> Cell:
    minutes = row["idleTime"]
    if minutes is None or minutes < 0:
        return EMPTY
    text = f"{minutes}m" if minutes < 60 else formats.duration(minutes * 60)
    return Cell(text, tone=Tone.SECONDARY)


def _groups(row: Client, around: Around) -> Cell:
    return Cell(formats.one_line(group_names(row, around)), tone=Tone.SECONDARY)


def platform_text(platform: str) -> str:
    """`Linux 64`, `macOS arm`; the raw text for one that is not known."""
    system, _, machine = platform.partition("-")
    known = _SYSTEMS.get(system.lower())
    if known is None:
        return platform
    kind = "arm" if machine.lower() in ("arm64", "aarch64") else "64" if "64" in machine else machine
    return f"{known} {kind}".strip()


def _platform(row: Client, around: Around) -> Cell:
    return Cell(formats.one_line(platform_text(row["platform"])), tone=Tone.SECONDARY)


def _heartbeat(row: Client, around: Around) -> Cell:
    last = row["lastHeartbeat"]
    if last is None:
        return EMPTY
    age = around.now - last
    late = row["status"] == ClientStatus.OFFLINE or age > LATE_SECONDS
    return Cell(formats.ago(age), tone=Tone.FAILED if late else Tone.SECONDARY)


def _heartbeat_tip(row: Client, around: Around) -> str:
    return formats.both_times(row["lastHeartbeat"])


def _note(row: Client, around: Around) -> Cell:
    return Cell(formats.one_line(row["latestNote"] or row["description"]), tone=Tone.SECONDARY)


def _disk(row: Client, around: Around) -> Cell:
    if not row["diskTotal"]:
        return EMPTY
    used = (row["diskTotal"] - row["diskFree"]) / row["diskTotal"]
    return Cell(formats.bytes_text(row["diskFree"] * 1024), fraction=used)


def _by_name(row: Client, around: Around) -> Any:
    return natural(label(row))


def _by_state(row: Client, around: Around) -> Any:
    return CLIENT_ORDER.index(row["status"]) if row["status"] in CLIENT_ORDER else len(CLIENT_ORDER)


CLIENT_COLUMNS: Final = (
    ClientColumn("client", QT_TRANSLATE_NOOP("Columns", "Client"), 124, _name, _by_name, _name_tip),
    ClientColumn("state", QT_TRANSLATE_NOOP("Columns", "State"), 146, _state, _by_state, _state_tip, live=True),
    ClientColumn(
        "load",
        QT_TRANSLATE_NOOP("Columns", "CPU load"),
        118,
        _load,
        lambda row, _: load_share(row),
        _load_tip,
        live=True,
    ),
    ClientColumn(
        "memory", QT_TRANSLATE_NOOP("Columns", "Memory"), 156, _memory, lambda row, _: memory_share(row), live=True
    ),
    ClientColumn(
        "jobs",
        QT_TRANSLATE_NOOP("Columns", "Running jobs"),
        186,
        _jobs,
        by_text(_jobs),
        _jobs_tip,
        stretch=1,
        live=True,
    ),
    ClientColumn("idle", QT_TRANSLATE_NOOP("Columns", "Idle"), 53, _idle, by("idleTime"), right=True, live=True),
    ClientColumn("groups", QT_TRANSLATE_NOOP("Columns", "Groups"), 142, _groups, group_names),
    ClientColumn("platform", QT_TRANSLATE_NOOP("Columns", "Platform"), 96, _platform, by("platform")),
    ClientColumn(
        "heartbeat",
        QT_TRANSLATE_NOOP("Columns", "Heartbeat"),
        78,
        _heartbeat,
        by("lastHeartbeat"),
        _heartbeat_tip,
        right=True,
        live=True,
    ),
    ClientColumn("note", QT_TRANSLATE_NOOP("Columns", "Note"), 120, _note, by_text(_note), stretch=2),
    ClientColumn("disk", QT_TRANSLATE_NOOP("Columns", "Free disk"), 122, _disk, by("diskFree"), shown=False, live=True),
    *MORE_COLUMNS,
)
