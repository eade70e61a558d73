"""The columns of the clients table that are hidden until somebody wants them: every attribute that a client has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hqgui.models import formats
from hqgui.models.client_cells import Around, ClientColumn, by, by_text, number
from hqgui.models.client_store import Client
from hqgui.models.roles import EMPTY, Cell, Tone
from hqgui.models.standing import local_time, standing
from hqgui.words import QT_TRANSLATE_NOOP, translate
from hqserver.wire.clients import Override

SKEWED_SECONDS: Final = 5.0
"""A clock that is wrong by more is shown as a fault."""


def _text(key: str) -> Callable[[Client, Around], Cell]:
    return lambda row, around: Cell(formats.one_line(str(row[key] or "")), tone=Tone.SECONDARY)


def _yes(key: str) -> Callable[[Client, Around], Cell]:
    return lambda row, around: Cell(translate("Clients", "yes") if row[key] else "", tone=Tone.SECONDARY)


def _availability(row: Client, around: Around) -> Cell:
    found = standing(row, around.now)
    return Cell(found.text, tone=Tone.NORMAL if found.takes_jobs else Tone.SECONDARY)


def _by_availability(row: Client, around: Around) -> Any:
    found = standing(row, around.now)
    return not found.takes_jobs, found.text


def speed_text(megahertz: float) -> str:
    """`3.2 GHz`; empty when it is not known."""
    return f"{megahertz / 1000:.2f}".rstrip("0").rstrip(".") + " GHz" if megahertz else ""


def _speed(row: Client, around: Around) -> Cell:
    return Cell(speed_text(row["cpuSpeed"]), tone=Tone.SECONDARY)


def _free_cpus(row: Client, around: Around) -> Cell:
    if not row["cpus"]:
        return EMPTY
    text = translate("Clients", "{n} of {m}").format(n=row["cpusUsed"], m=row["cpus"])
    return Cell(text, fraction=min(1.0, row["cpusUsed"] / row["cpus"]))


def _gpus(row: Client, around: Around) -> Cell:
    return Cell(formats.one_line(", ".join(row["gpus"])), tone=Tone.SECONDARY)


def _total(key: str) -> Callable[[Client, Around], Cell]:
    def cell(row: Client, around: Around) -> Cell:
        return Cell(formats.bytes_text(row[key] * 1024), tone=Tone.SECONDARY) if row[key] else EMPTY

    return cell


def override_text(row: Client) -> str:
    """`Drained`, `Taken back`, `Opened`; empty for none."""
    words = {
        Override.MINE: translate("Clients", "Taken back"),
        Override.DRAIN: translate("Clients", "Drained"),
        Override.OPEN: translate("Clients", "Opened"),
    }
    return words.get(row["override"], "")


def _override(row: Client, around: Around) -> Cell:
    return Cell(override_text(row), tone=Tone.SECONDARY)


def _override_until(row: Client, around: Around) -> Cell:
    return Cell(formats.when(row["overrideUntil"], around.now), tone=Tone.SECONDARY)


def skew_text(seconds: float) -> str:
    """`+3.2 s`; empty for less than a tenth of a second."""
    return f"{seconds:+.1f} s" if abs(seconds) >= 0.05 else ""


def _skew(row: Client, around: Around) -> Cell:
    wrong = abs(row["clockSkew"]) > SKEWED_SECONDS
    return Cell(skew_text(row["clockSkew"]), tone=Tone.FAILED if wrong else Tone.SECONDARY)


def offset_text(minutes: int) -> str:
    """`UTC+1`, `UTC-3:30`."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}" if minutes else "UTC"


def _clock(row: Client, around: Around) -> Cell:
    text = f"{local_time(row, around.now):%a %H:%M} {offset_text(row['utcOffset'])}" if around.now else ""
    return Cell(text, tone=Tone.SECONDARY)


def _until_tip(row: Client, around: Around) -> str:
    return formats.both_times(row["overrideUntil"])


_SERVICE: Final = _text("outOfService")
_CODE: Final = _text("version")

MORE_COLUMNS: Final = (
    ClientColumn("id", QT_TRANSLATE_NOOP("Columns", "Id"), 48, number("id"), by("id"), right=True, shown=False),
    ClientColumn(
        "availability",
        QT_TRANSLATE_NOOP("Columns", "Availability"),
        190,
        _availability,
        _by_availability,
        shown=False,
        live=True,
    ),
    ClientColumn(
        "available",
        QT_TRANSLATE_NOOP("Columns", "Takes jobs"),
        76,
        _yes("available"),
        by("available"),
        shown=False,
        live=True,
    ),
    ClientColumn(
        "description",
        QT_TRANSLATE_NOOP("Columns", "Description"),
        150,
        _text("description"),
        by_text(_text("description")),
        lambda row, around: formats.several_lines(row["description"]),
        shown=False,
    ),
    ClientColumn("hostname", QT_TRANSLATE_NOOP("Columns", "Host"), 110, _text("hostname"), by("hostname"), shown=False),
    ClientColumn("name", QT_TRANSLATE_NOOP("Columns", "Name"), 80, _text("name"), by("name"), shown=False),
    ClientColumn("ip", QT_TRANSLATE_NOOP("Columns", "Address"), 110, _text("ip"), by("ip"), shown=False),
    ClientColumn("port", QT_TRANSLATE_NOOP("Columns", "Port"), 56, _text("port"), by("port"), right=True, shown=False),
    ClientColumn("cpus", QT_TRANSLATE_NOOP("Columns", "CPUs"), 48, number("cpus"), by("cpus"), right=True, shown=False),
    ClientColumn(
        "cpusUsed", QT_TRANSLATE_NOOP("Columns", "CPUs taken"), 122, _free_cpus, by("cpusUsed"), shown=False, live=True
    ),
    ClientColumn("speed", QT_TRANSLATE_NOOP("Columns", "Speed"), 70, _speed, by("cpuSpeed"), right=True, shown=False),
    ClientColumn(
        "gpus",
        QT_TRANSLATE_NOOP("Columns", "GPUs"),
        150,
        _gpus,
        by_text(_gpus),
        lambda row, around: "\n".join(row["gpus"]),
        shown=False,
    ),
    ClientColumn(
        "diskTotal",
        QT_TRANSLATE_NOOP("Columns", "Disk"),
        72,
        _total("diskTotal"),
        by("diskTotal"),
        right=True,
        shown=False,
    ),
    ClientColumn(
        "failures",
        QT_TRANSLATE_NOOP("Columns", "Failures"),
        64,
        number("failures"),
        by("failures"),
        right=True,
        shown=False,
        live=True,
    ),
    ClientColumn(
        "outOfService",
        QT_TRANSLATE_NOOP("Columns", "Out of service"),
        150,
        _SERVICE,
        by_text(_SERVICE),
        shown=False,
    ),
    ClientColumn("override", QT_TRANSLATE_NOOP("Columns", "Override"), 80, _override, by_text(_override), shown=False),
    ClientColumn(
        "overrideUntil",
        QT_TRANSLATE_NOOP("Columns", "Override until"),
        90,
        _override_until,
        by("overrideUntil"),
        _until_tip,
        shown=False,
    ),
    ClientColumn(
        "clockSkew",
        QT_TRANSLATE_NOOP("Columns", "Clock skew"),
        80,
        _skew,
        by("clockSkew"),
        lambda row, around: f"{row['clockSkew']:+.3f} s",
        right=True,
        shown=False,
        live=True,
    ),
    ClientColumn(
        "localTime", QT_TRANSLATE_NOOP("Columns", "Local time"), 110, _clock, by("utcOffset"), shown=False, live=True
    ),
    ClientColumn(
        "agent",
        QT_TRANSLATE_NOOP("Columns", "Agent"),
        72,
        _text("agentVersion"),
        by("agentVersion"),
        shown=False,
    ),
    ClientColumn("code", QT_TRANSLATE_NOOP("Columns", "Code"), 90, _CODE, by("version"), shown=False),
    ClientColumn(
        "upgrade",
        QT_TRANSLATE_NOOP("Columns", "Needs upgrade"),
        96,
        _yes("needsUpgrade"),
        by("needsUpgrade"),
        shown=False,
    ),
)
