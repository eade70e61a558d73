"""Everything that is known of one job, or of many at once: what they share, what is various, and their sums.

A table: each property has a getter of a row, and a way to write its value. Of several jobs a property is told once when
all have it alike, else as various; what can be summed has a sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final, NamedTuple

from hqgui.models import formats, job_cells
from hqgui.models.job_cells import At
from hqgui.models.job_store import JobStore
from hqgui.models.status_words import BAR_ORDER, job_label
from hqgui.words import QT_TRANSLATE_NOOP, counted, translate
from hqserver.wire.statuses import FINISHED

MOST_JOBS: Final = 20_000
"""Selected jobs that are looked at one by one; of more the rest is left out of the sums, and that is said."""


@unique
class Group(StrEnum):
    """Parts of the page, in their order."""

    WHAT = QT_TRANSLATE_NOOP("Properties", "What it is")
    STATE = QT_TRANSLATE_NOOP("Properties", "State")
    TIMES = QT_TRANSLATE_NOOP("Properties", "Times")
    NEEDS = QT_TRANSLATE_NOOP("Properties", "What it asks for")
    WORK = QT_TRANSLATE_NOOP("Properties", "Work")


class Told(NamedTuple):
    """One line of the page."""

    group: Group
    label: str
    text: str
    tip: str = ""
    various: bool = False
    full: str = ""
    """What is copied, where that is more than what is shown."""


Getter = Callable[[JobStore, int, At], Any]


@dataclass(frozen=True, slots=True)
class Property:
    """One row of the table."""

    group: Group
    label: str
    get: Getter
    text: Callable[[Any], str] = str
    tip: Callable[[Any], str] = lambda value: ""
    total: Callable[[Sequence[Any]], str] | None = None
    """The words for many values together; None: they are told when they are alike."""


def _column(name: str) -> Getter:
    return lambda store, row, at: store.columns[name][row]


def _known(value: Any) -> str:
    return "" if value is None else formats.one_line(str(value))


def _figure(number: int) -> str:
    return formats.count(number) if number else ""


def day_and_time(seconds: int | None) -> str:
    """`2026-11-24 13:05:07`; None: empty."""
    return formats.both_times(seconds).partition("\n")[0].rpartition(" ")[0]


def _seconds(seconds: float | None) -> str:
    return formats.exact_duration(seconds) if seconds else ""


def _command_end(store: JobStore, row: int, at: At) -> int | None:
    """When the newest attempt's command ended, of jobs whose command ended."""
    start, ran = store.command_start[row], store.runtime[row]
    over = store.status[row] in FINISHED
    return round(start + ran) if over and start is not None and ran is not None else None


def _in_queue(store: JobStore, row: int, at: At) -> float | None:
    """Seconds from submission until it, or anything below it, first started; until now or its end when nothing did."""
    queued, started, ended = store.queue_time[row], store.start_time[row], store.end_time[row]
    until = next((time for time in (started, ended) if time is not None), at.now)
    return None if queued is None else max(0.0, until - queued)


def _to_complete(store: JobStore, row: int, at: At) -> float | None:
    """Seconds from submission until it had ended."""
    queued, ended = store.queue_time[row], store.end_time[row]
    return None if queued is None or ended is None else max(0.0, float(ended - queued))


def _summed(values: Sequence[Any]) -> str:
    known = [value for value in values if value]
    if not known:
        return ""
    words = translate("Properties", "{sum} together, {mean} on average")
    mean = formats.exact_duration(sum(known) / len(known))
    return words.format(sum=formats.exact_duration(sum(known)), mean=mean)


def _counted(values: Sequence[Any]) -> str:
    return formats.count(sum(values)) if any(values) else ""


def _greatest_memory(values: Sequence[Any]) -> str:
    most = max(values, default=0)
    words = translate("Properties", "{size} at most").replace("{size}", formats.bytes_text(most * 1024))
    return words if most else ""


def _last(values: Sequence[Any]) -> str:
    known = [value for value in values if value >= 0]
    return formats.rough_duration(max(known)) if known else ""


def _hosts(store: JobStore, row: int, at: At) -> str:
    least, most = store.columns["minHosts"][row], store.columns["maxHosts"][row]
    return str(least) if least == most else f"{least}–{most}"


def _resources(value: Any) -> str:
    return ", ".join(f"{formats.one_line(str(name), 60)} {amount}" for name, amount in value)


def _eta(store: JobStore, row: int, at: At) -> float:
    return -1.0 if store.status[row] in FINISHED else store.eta[row]


def _tries(store: JobStore, row: int, at: At) -> str:
    return str(store.columns["triesLeft"][row])


def _clients(store: JobStore, row: int, at: At) -> tuple[str, ...]:
    return tuple(formats.one_line(client.label, 60) for client in store.clients[row])


_N: Final = QT_TRANSLATE_NOOP
PROPERTIES: Final = (
    Property(Group.WHAT, _N("Properties", "Id"), lambda store, row, at: store.ids[row]),
    Property(Group.WHAT, _N("Properties", "Name"), _column("name"), formats.one_line),
    Property(Group.WHAT, _N("Properties", "Submitted by"), _column("submittedBy"), formats.one_line),
    Property(Group.WHAT, _N("Properties", "Description"), _column("description"), formats.one_line),
    Property(
        Group.WHAT, _N("Properties", "Frame"), _column("frame"), lambda frame: "" if frame is None else str(frame)
    ),
    Property(
        Group.WHAT, _N("Properties", "Parents"), _column("parents"), lambda ids: ", ".join(f"#{one}" for one in ids)
    ),
    Property(Group.WHAT, _N("Properties", "Root"), _column("rootId"), lambda root: f"#{root}" if root else ""),
    Property(Group.WHAT, _N("Properties", "Tags"), _column("tags"), lambda tags: formats.one_line(", ".join(tags))),
    Property(Group.STATE, _N("Properties", "Status"), lambda store, row, at: job_label(job_cells.shown(store, row))),
    Property(Group.STATE, _N("Properties", "Waits for"), lambda store, row, at: job_cells.reason(store, row)),
    Property(Group.STATE, _N("Properties", "Priority"), _column("priority")),
    Property(
        Group.STATE,
        _N("Properties", "Progress"),
        lambda store, row, at: job_cells.progress(store, row, at).text,
    ),
    Property(
        Group.STATE, _N("Properties", "Attempt"), _column("attempt"), lambda number: str(number) if number else ""
    ),
    Property(Group.STATE, _N("Properties", "Tries left"), _tries),
    Property(Group.STATE, _N("Properties", "Exit code"), _column("exitCode"), _known),
    Property(Group.TIMES, _N("Properties", "Queued"), _column("queueTime"), day_and_time, formats.both_times),
    Property(Group.TIMES, _N("Properties", "Started"), _column("startTime"), day_and_time, formats.both_times),
    Property(
        Group.TIMES, _N("Properties", "Command started"), _column("commandStartTime"), day_and_time, formats.both_times
    ),
    Property(Group.TIMES, _N("Properties", "Command ended"), _command_end, day_and_time, formats.both_times),
    Property(Group.TIMES, _N("Properties", "Ended"), _column("endTime"), day_and_time, formats.both_times),
    Property(Group.TIMES, _N("Properties", "In the queue"), _in_queue, _seconds, total=_summed),
    Property(Group.TIMES, _N("Properties", "To complete"), _to_complete, _seconds, total=_summed),
    Property(
        Group.TIMES,
        _N("Properties", "Elapsed"),
        lambda store, row, at: job_cells.elapsed(store, row, at.now),
        _seconds,
        total=_summed,
    ),
    Property(Group.TIMES, _N("Properties", "Command ran"), _column("runtime"), _seconds, total=_summed),
    Property(Group.TIMES, _N("Properties", "Mean of children"), _column("meanRuntime"), _seconds),
    Property(
        Group.TIMES,
        _N("Properties", "Left, about"),
        _eta,
        lambda eta: formats.rough_duration(eta) if eta >= 0 else "",
        total=_last,
    ),
    Property(Group.NEEDS, _N("Properties", "CPUs"), _column("cpus")),
    Property(Group.NEEDS, _N("Properties", "Clients at once"), _hosts),
    Property(Group.NEEDS, _N("Properties", "Resources"), _column("resources"), _resources),
    Property(
        Group.NEEDS,
        _N("Properties", "Conditions"),
        lambda store, row, at: job_cells.conditions(store, row, at).text,
    ),
    Property(Group.NEEDS, _N("Properties", "At most"), _column("maxTime"), lambda time: _seconds(max(0, time or 0))),
    Property(
        Group.WORK,
        _N("Properties", "Children"),
        _column("childCount"),
        _figure,
        total=_counted,
    ),
    Property(Group.WORK, _N("Properties", "Clients"), _clients, ", ".join),
    Property(
        Group.WORK,
        _N("Properties", "Peak memory"),
        _column("peakMemory"),
        lambda size: formats.bytes_text(size * 1024) if size else "",
        total=_greatest_memory,
    ),
)
"""All that the page tells, in its order."""


def told(store: JobStore, jobs: Sequence[int], now: float) -> list[Told]:
    """The lines for a selection; what nobody has is left out. Jobs that are gone are passed over."""
    rows = [store.row_of[job] for job in jobs[:MOST_JOBS] if job in store.row_of]
    at = At(now)
    return [line for one in PROPERTIES if (line := _line(one, store, rows, at)) is not None]


def _line(one: Property, store: JobStore, rows: Sequence[int], at: At) -> Told | None:
    label = translate("Properties", one.label)
    values = [one.get(store, row, at) for row in rows]
    if not values:
        return None
    first = values[0]
    if len(values) > 1 and one.total is not None:
        text = one.total(values)
        return Told(one.group, label, text) if text else None
    if all(value == first for value in values):
        text = one.text(first)
        return Told(one.group, label, text, one.tip(first)) if text else None
    if not any(one.text(value) for value in values[:100]):
        return None
    return Told(one.group, label, translate("Properties", "(various)"), various=True)


class Sums(NamedTuple):
    """The head of a selection."""

    jobs: str
    """`14 jobs in 3 trees`."""
    counts: tuple[tuple[str, int], ...]
    """Status and number of the jobs that do the work: those selected without children, and all below the others."""
    work: str
    """`96 jobs do the work`; empty for none."""


def sums(store: JobStore, jobs: Sequence[int]) -> Sums:
    """What many jobs are together. Jobs below others that are selected are counted once."""
    known = [job for job in jobs if job in store.row_of]
    roots = {store.columns["rootId"][store.row_of[job]] or job for job in known}
    chosen = set(known)
    inner = store.below({parent for job in known for parent in store.known_parents(job)}, chosen)
    tops = [job for job in known if inner.isdisjoint(store.known_parents(job))]
    counts: Counter[str] = Counter()
    for job in tops:
        row = store.row_of[job]
        below = job_cells.below(store, row)
        counts.update(below or {job_cells.shown(store, row): 1})
    text = counted(len(known), translate("Properties", "{n} job"), translate("Properties", "{n} jobs"))
    trees = counted(len(roots), translate("Properties", "in {n} tree"), translate("Properties", "in {n} trees"))
    found = [
        (status, counts[status]) for status in (*BAR_ORDER, *sorted(counts.keys() - set(BAR_ORDER))) if counts[status]
    ]
    total = sum(counts.values())
    one, many = translate("Properties", "{n} job does the work"), translate("Properties", "{n} jobs do the work")
    work = counted(total, one, many)
    return Sums(f"{text} {trees}", tuple(found), work)


class Editable(NamedTuple):
    """What the jobs of a selection have that can be changed: a text for the field, and whether all have it alike."""

    name: str
    text: str
    various: bool


EDITABLE: Final = ("priority", "triesLeft", "cpus", "maxTime", "tags", "description")
"""Attributes that can be changed for many jobs at once, in the order of the dialog."""


def editable(store: JobStore, jobs: Sequence[int]) -> list[Editable]:
    """What the fields of the dialog hold at first."""
    rows = [store.row_of[job] for job in jobs if job in store.row_of]
    found = []
    for name in EDITABLE:
        texts = {_as_typed(store.columns[name][row]) for row in rows}
        alike = len(texts) == 1
        found.append(Editable(name, next(iter(texts)) if alike else "", not alike))
    return found


def _as_typed(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


class EditError(ValueError):
    """A value cannot be used: `name` says which attribute, the message why."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name


_LEAST: Final = {"priority": 0, "triesLeft": 0, "cpus": 1, "maxTime": 0}
_MOST: Final = 2**31 - 1


def typed(name: str, text: str) -> Any:
    """The value that a typed text means. Raises EditError."""
    if name == "tags":
        return list(dict.fromkeys(tag for tag in (part.strip() for part in text.split(",")) if tag))
    if name == "description":
        return text
    try:
        number = int(text.strip())
    except ValueError:
        raise EditError(name, translate("Properties", "“{text}” is no whole number.").format(text=text[:40])) from None
    least = _LEAST[name]
    if not least <= number <= _MOST:
        words = translate("Properties", "It must be at least {least} and at most {most}.")
        raise EditError(name, words.format(least=least, most=formats.count(_MOST)))
    return number
