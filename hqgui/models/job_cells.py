"""What each column shows for one job.

Functions of a store, a row number and a place in the tree; nothing is remembered. A row among its parent's children
leaves out what it has in common with the parent (priority, submitter, time), so that what differs is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from hqgui.models import formats
from hqgui.models.job_store import JobStore
from hqgui.models.roles import EMPTY, Cell, Tone
from hqgui.models.status_words import (
    job_label,
    own_segments,
    segments,
    shown_status,
    told_clients,
    told_segments,
    told_status,
    tone_of,
)
from hqgui.words import counted, translate
from hqserver.wire.statuses import FINISHED, ON_CLIENT, JobStatus

_TIMED: Final = ON_CLIENT | {JobStatus.PAUSED, JobStatus.ABANDONED}


class At(NamedTuple):
    """Where and when a job is shown."""

    now: float = 0.0
    depth: int = 0
    parent: int = -1
    """Row number of the job above; -1: none."""


NOWHERE: Final = At()


def is_leaf(store: JobStore, row: int) -> bool:
    """Whether it has no children."""
    return store.is_leaf(store.ids[row])


def below(store: JobStore, row: int) -> dict[str, int]:
    """Descendants with a command, by status."""
    return dict(store.child_counts[row])


def shown(store: JobStore, row: int) -> str:
    """The status that the row shows."""
    if store.child_counts[row]:
        return shown_status(store.status[row], below(store, row))
    return told_status(store.status[row], store.columns["uiStatus"][row]) if _is_told(store, row) else store.status[row]


def _is_told(store: JobStore, row: int) -> bool:
    """Whether a parent is at work of whose children nobody knows how many are in which state, as of a polled server."""
    return store.status[row] == JobStatus.QUEUED and not store.child_counts[row] and not is_leaf(store, row)


def failed_below(store: JobStore, row: int) -> int:
    """Descendants that failed."""
    return below(store, row).get(JobStatus.FAILED, 0)


def overall(store: JobStore, row: int) -> float:
    """0 to 1, of the job and what is below it."""
    return store.progress[row] if is_leaf(store, row) else store.overall_progress[row]


def at_work(store: JobStore, row: int) -> int:
    """Clients that work for it now."""
    if _is_told(store, row):
        return told_clients(store.columns["uiStatus"][row])
    own = 1 if store.status[row] in ON_CLIENT else 0
    return own + sum(count for status, count in store.child_counts[row] if status in ON_CLIENT)


def elapsed(store: JobStore, row: int, now: float) -> float | None:
    """Seconds that a leaf's newest attempt took or takes, or since a parent started."""
    if is_leaf(store, row):
        start = store.command_start[row]
        if store.status[row] in _TIMED and start is not None:
            return max(0.0, now - start)
        return store.runtime[row] if store.status[row] in FINISHED else None
    start = store.start_time[row]
    if start is None:
        return None
    end = store.end_time[row]
    return max(0.0, (now if end is None else end) - start)


def noun(store: JobStore, row: int, count: int) -> str:
    """`96 frames`, or `96 jobs` when this member of them is not numbered."""
    numbered = store.frame[row] is not None or store.name[row][-1:].isdigit()
    if numbered:
        return counted(count, translate("Jobs", "{n} frame"), translate("Jobs", "{n} frames"))
    return counted(count, translate("Jobs", "{n} job"), translate("Jobs", "{n} jobs"))


def name(store: JobStore, row: int, at: At) -> Cell:
    """Name, status glyph, and how many leaves stand directly below."""
    leaf = is_leaf(store, row)
    weight = 600 if at.depth == 0 else 400 if leaf else 500
    return Cell(
        formats.one_line(store.name[row]), "" if leaf else _leaves(store, row), shown(store, row), weight=weight
    )


def _leaves(store: JobStore, row: int) -> str:
    children = store.children(store.ids[row])
    if not children or not store.is_leaf(children[0]):
        return ""
    return noun(store, store.row_of[children[0]], len(children)) if children[0] in store else ""


def name_tip(store: JobStore, row: int, at: At) -> str:
    """The whole name, id and description."""
    parts = [f"{store.name[row]}  #{store.ids[row]}", store.columns["description"][row]]
    return "\n".join(part for part in parts if part)


def status(store: JobStore, row: int, at: At) -> Cell:
    """The status in words, how many failed below, whether every client is blocked."""
    word = shown(store, row)
    warning = bool(store.columns["showBlockedClientsWarning"][row])
    text = job_label(word, store.columns["ending"][row])
    return Cell(text, tone=tone_of(word), failed=failed_below(store, row), warning=warning)


def status_tip(store: JobStore, row: int, at: At) -> str:
    """Why it waits, or the server's own words for the status."""
    return str(reason(store, row) or store.columns["uiStatus"][row])


def progress(store: JobStore, row: int, at: At) -> Cell:
    """A bar by status, and whole percent."""
    word, share = store.status[row], overall(store, row)
    done = word == JobStatus.SUCCEEDED
    text = formats.percent(share, done)
    return Cell(text, segments=bar(store, row))


def bar(store: JobStore, row: int) -> tuple[Any, ...]:
    """The parts of its bar."""
    if store.child_counts[row]:
        return segments(below(store, row))
    if _is_told(store, row):
        return told_segments(shown(store, row), overall(store, row))
    return own_segments(store.status[row], overall(store, row))


def progress_tip(store: JobStore, row: int, at: At) -> str:
    """Counts by status."""
    counts = below(store, row)
    return "\n".join(f"{formats.count(n)}  {job_label(word)}" for word, n in counts.items() if n)


def eta(store: JobStore, row: int, at: At) -> Cell:
    """How long it will still take, when that can be said."""
    seconds = store.eta[row]
    return Cell(formats.duration(seconds)) if _has_eta(store, row) else EMPTY


def _has_eta(store: JobStore, row: int) -> bool:
    seconds = store.eta[row]
    return seconds >= 0 and store.status[row] not in FINISHED


def eta_tip(store: JobStore, row: int, at: At) -> str:
    """The time of day at which it should be finished."""
    if not _has_eta(store, row):
        return ""
    time = formats.when(int(at.now + store.eta[row]), at.now)
    return translate("Jobs", "about {time}").replace("{time}", time)


def elapsed_cell(store: JobStore, row: int, at: At) -> Cell:
    """How long it took or takes; seconds only for a leaf."""
    seconds = elapsed(store, row, at.now)
    text = formats.exact_duration(seconds) if is_leaf(store, row) else formats.duration(seconds)
    return Cell(text, tone=Tone.SECONDARY)


def _as_parent(store: JobStore, row: int, at: At, column: str) -> bool:
    values = store.columns[column]
    return at.parent >= 0 and values[row] == values[at.parent] and is_leaf(store, row)


def priority(store: JobStore, row: int, at: At) -> Cell:
    """Priority, unless it is the parent's."""
    return EMPTY if _as_parent(store, row, at, "priority") else Cell(str(store.priority[row]), tone=Tone.SECONDARY)


def clients(store: JobStore, row: int, at: At) -> Cell:
    """How many clients work for it; of a leaf the one; `0 of 2` while it still gathers several."""
    if is_leaf(store, row):
        needed = store.columns["minHosts"][row] or 1
        if needed > 1 and store.status[row] == JobStatus.RUNNABLE:
            held = len(store.columns["clientsOnHold"][row])
            words = translate("Jobs", "{held} of {needed}").format(held=held, needed=needed)
            return Cell(words, tone=Tone.SECONDARY)
        known = store.clients[row]
        return Cell(formats.one_line(known[-1].label), tone=Tone.SECONDARY, keep_end=True) if known else EMPTY
    started = store.start_time[row] is not None and shown(store, row) not in FINISHED
    return Cell(str(at_work(store, row)), tone=Tone.SECONDARY) if started else EMPTY


def clients_tip(store: JobStore, row: int, at: At) -> str:
    """The clients that ran or run it."""
    return "\n".join(client.label for client in store.clients[row])


def submitted_by(store: JobStore, row: int, at: At) -> Cell:
    """The login of who submitted it, unless it is the parent's submitter; the machine is in the tooltip."""
    same = _as_parent(store, row, at, "submittedBy")
    login = store.submitted_by[row].partition("@")[0] or store.submitted_by[row]
    return EMPTY if same else Cell(formats.one_line(login), tone=Tone.SECONDARY)


def submitted_by_tip(store: JobStore, row: int, at: At) -> str:
    """Who submitted it, and where."""
    return store.submitted_by[row]


def queued(store: JobStore, row: int, at: At) -> Cell:
    """When it was submitted, unless that is when the parent was."""
    same = _as_parent(store, row, at, "queueTime")
    return EMPTY if same else Cell(formats.when(store.queue_time[row], at.now), tone=Tone.SECONDARY)


def note(store: JobStore, row: int, at: At) -> Cell:
    """The latest note; else what it waits for; else how it failed.

    That a parent waits for children goes without saying as long as its row shows what they do.
    """
    latest = store.columns["latestNote"][row]
    if latest:
        return Cell(formats.one_line(latest), glyph="note", tone=Tone.SECONDARY)
    waiting = reason(store, row)
    depends = store.status[row] == JobStatus.QUEUED
    if waiting and not (depends and shown(store, row) != JobStatus.QUEUED):
        return Cell(formats.one_line(waiting), glyph="link" if depends else "", tone=Tone.SECONDARY)
    code = store.columns["exitCode"][row]
    if store.status[row] == JobStatus.FAILED and code is not None and is_leaf(store, row):
        return Cell(translate("Jobs", "Exit code {code}").format(code=code), tone=Tone.SECONDARY)
    return EMPTY


def reason(store: JobStore, row: int) -> str:
    """Why it waits, as far as the server was asked; empty when it does not wait."""
    waits = store.status[row] in (JobStatus.RUNNABLE, JobStatus.QUEUED)
    return store.columns["waitingFor"][row] if waits else ""


def note_tip(store: JobStore, row: int, at: At) -> str:
    """The whole note or reason."""
    return str(store.columns["latestNote"][row] or reason(store, row))


def id_cell(store: JobStore, row: int, at: At) -> Cell:
    """The id."""
    return Cell(str(store.ids[row]), tone=Tone.SECONDARY)


def tasks(store: JobStore, row: int, at: At) -> Cell:
    """Done of all that is below, and how many failed."""
    return tally(below(store, row))


def tally(counts: Mapping[str, int]) -> Cell:
    """`58/96` and the failed ones."""
    total = sum(counts.values())
    if not total:
        return EMPTY
    done = counts.get(JobStatus.SUCCEEDED, 0)
    return Cell(f"{formats.count(done)}/{formats.count(total)}", failed=counts.get(JobStatus.FAILED, 0))


def date(column: str) -> Callable[[JobStore, int, At], Cell]:
    """A cell with a time."""
    return lambda store, row, at: Cell(formats.when(store.columns[column][row], at.now), tone=Tone.SECONDARY)


def date_tip(column: str) -> Callable[[JobStore, int, At], str]:
    """A time, exactly, here and in UTC."""
    return lambda store, row, at: formats.both_times(store.columns[column][row])


def number(column: str) -> Callable[[JobStore, int, At], Cell]:
    """A cell with a number."""
    return lambda store, row, at: Cell(str(store.columns[column][row]))


def resources(store: JobStore, row: int, at: At) -> Cell:
    """`karma_render 1, nuke 2`."""
    pairs = store.columns["resources"][row]
    return Cell(formats.one_line(", ".join(f"{what} {amount}" for what, amount in pairs)), tone=Tone.SECONDARY)


def conditions(store: JobStore, row: int, at: At) -> Cell:
    """Conditions as they were given."""
    given = store.columns["conditions"][row]
    words = ("{} {} {}".format(*(rule.get(key, "") for key in ("name", "op", "value"))) for rule in given)
    return Cell(formats.one_line("; ".join(words)), tone=Tone.SECONDARY)


def tags(store: JobStore, row: int, at: At) -> Cell:
    """Tags with commas."""
    return Cell(formats.one_line(", ".join(store.tags[row])), tone=Tone.SECONDARY)


def hosts(store: JobStore, row: int, at: At) -> Cell:
    """`1`, or `2–4` for a job that takes several clients."""
    least, most = store.columns["minHosts"][row] or 1, store.columns["maxHosts"][row] or 1
    return Cell(str(least) if most <= least else f"{least}–{most}")


def peak_memory(store: JobStore, row: int, at: At) -> Cell:
    """Of the newest attempt that ended."""
    kilobytes = store.columns["peakMemory"][row] or 0
    return Cell(formats.bytes_text(kilobytes * 1024)) if kilobytes else EMPTY


def parents(store: JobStore, row: int, at: At) -> Cell:
    """Names of the parents that are known, ids of the others."""
    words = (str(store.value(parent, "name")) if parent in store else f"#{parent}" for parent in store.parents[row])
    return Cell(formats.one_line(", ".join(words)), tone=Tone.SECONDARY)
