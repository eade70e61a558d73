"""What happened to my jobs and my machine: the list in the popup, and which of it is said aloud, when.

Everything is grouped by tree: a tree has one line and one notice, whatever happens to its ten thousand frames. Failures
gather for some seconds before they are said, are said again at most once a minute, and then in the place of what was
said before. When many trees end at once, one notice counts them. In quiet hours nothing is said; afterwards, once, what
was missed. Time is a parameter; nothing here shows anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique
from typing import Final

from hqgui.models import formats, job_cells
from hqgui.models.job_store import JobStore
from hqgui.models.tray.my_jobs import is_shown
from hqgui.words import QT_TRANSLATE_NOOP, counted, translate
from hqserver.wire.statuses import FINISHED, JobStatus

MOST_ITEMS: Final = 60
GATHER_SECONDS: Final = 4.0
"""How long what happens to a tree gathers before it is said."""
AGAIN_SECONDS: Final = 60.0
"""Least time between two notices of one tree."""
MOST_AT_ONCE: Final = 3
"""Ends of trees that are said one by one; more are counted in one notice."""
MANY: Final = "many"
"""Key of a notice about several trees."""
MACHINE: Final = "machine"
_LONGEST_NAME: Final = 80


@unique
class NewsKind(StrEnum):
    """What can be switched off by itself."""

    FINISHED = "finished"
    FAILED = "failed"
    NOTE = "note"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class News:
    """One line of the list. `stamp` changes when there is more to know, which makes it unread again."""

    key: str
    kind: NewsKind
    title: str
    at: float
    glyph: str
    body: str = ""
    job: int = 0
    short: str = ""
    """For the list, where it differs from the title."""
    stamp: str = ""

    @property
    def mark(self) -> str:
        """What is remembered of a line that was read."""
        return f"{self.key}@{self.stamp}"


@dataclass(frozen=True, slots=True)
class Loudness:
    """What may be said now."""

    kinds: frozenset[NewsKind] = frozenset(NewsKind)
    quiet: bool = False


def is_quiet(local: datetime, start: int, end: int, until: float = 0.0, now: float = 0.0) -> bool:
    """Whether it is quiet: between two minutes of the day (equal ones: never), or until a moment."""
    minute = local.hour * 60 + local.minute
    within = start <= minute < end if start < end else (minute >= start or minute < end) if start > end else False
    return within or now < until


@dataclass(slots=True)
class _Known:
    """Of a tree, as it was last seen."""

    status: str
    failed: int
    ended_at: int | None


@dataclass(slots=True)
class _Due:
    at: float
    failed: bool


class NewsDesk:
    """The list, and what is still to be said. `read` are marks of lines that were read before."""

    def __init__(self, read: Iterable[str] = ()) -> None:
        self._items: dict[str, News] = {}
        self._read = dict.fromkeys(read)
        self._known: dict[int, _Known] = {}
        self._due: dict[str, _Due] = {}
        self._said: dict[str, float] = {}
        self._missed: dict[str, NewsKind] = {}

    # The list

    def items(self) -> list[News]:
        """Newest first."""
        return sorted(self._items.values(), key=lambda item: -item.at)

    def item(self, key: str) -> News | None:
        """One line."""
        return self._items.get(key)

    def is_read(self, item: News) -> bool:
        """Whether it was read since it last changed."""
        return item.mark in self._read

    def unread(self, kinds: frozenset[NewsKind] = frozenset(NewsKind)) -> int:
        """How many lines of these kinds were not read."""
        return sum(item.kind in kinds and not self.is_read(item) for item in self._items.values())

    def mark_read(self, keys: Iterable[str] | None = None) -> None:
        """These lines were read; None: all."""
        for key in self._items if keys is None else keys:
            if key in self._items:
                self._read[self._items[key].mark] = None

    def marks(self) -> list[str]:
        """Of all lines that were read and are still there."""
        there = {item.mark for item in self._items.values()}
        self._read = {mark: None for mark in self._read if mark in there}
        return list(self._read)

    # What happens

    def see(self, store: JobStore, jobs: Iterable[int], now: float, fresh: bool) -> None:
        """Look at these jobs. `fresh`: it happens now, so it may be said; else it is only listed."""
        for job in jobs:
            row = store.row_of.get(job)
            if row is None or not store.status[row]:
                continue
            status, failed = store.status[row], _failed(store, row)
            before = self._known.get(job)
            known = self._known[job] = _Known(status, failed, store.end_time[row])
            if before is None:
                if is_shown(store, row, now):
                    self._first_seen(store, row, failed, now, fresh)
            elif known != before:
                self._changed(store, row, before, failed, now, fresh)

    def forget(self, jobs: Iterable[int]) -> None:
        """Jobs are gone; what happened to them stays on the list."""
        for job in jobs:
            self._known.pop(job, None)

    def _first_seen(self, store: JobStore, row: int, failed: int, now: float, fresh: bool) -> None:
        if store.status[row] == JobStatus.SUCCEEDED:
            self._put(_finished(store, row, failed, now), now, fresh and _just_ended(store, row, now))
        elif failed:
            self._put(_failure(store, row, failed, now), now, fresh and _just_ended(store, row, now))

    def _changed(self, store: JobStore, row: int, before: _Known, failed: int, now: float, fresh: bool) -> None:
        status, key = store.status[row], key_of(store.ids[row])
        # A quick retry may begin and end between two looks: then its end is another one.
        ended = status in FINISHED and (before.status, before.ended_at) != (status, store.end_time[row])
        if status == JobStatus.SUCCEEDED and ended:
            self._put(_finished(store, row, failed, now), now, fresh)
        elif failed > before.failed or (failed and ended):
            item = _failure(store, row, failed, now)
            former = self._items.get(key)
            if former is not None and former.kind is NewsKind.FAILED and former.body:
                item = replace(item, body=former.body)
            self._put(item, now, fresh)
        elif not failed and key in self._items and self._items[key].kind is NewsKind.FAILED:
            self._drop(key)
        elif failed < before.failed and key in self._items and failed:
            item = _failure(store, row, failed, now)
            self._items[key] = replace(item, at=self._items[key].at, body=self._items[key].body)
            self.mark_read([key])

    def _drop(self, key: str) -> None:
        self._items.pop(key, None)
        self._due.pop(key, None)
        self._missed.pop(key, None)

    def say(self, item: News, now: float, aloud: bool = True) -> None:
        """Something else happened: a note, or something about the machine."""
        self._put(item, now, aloud)

    def explain(self, key: str, words: str) -> None:
        """Why a tree failed, found out meanwhile."""
        item = self._items.get(key)
        if item is not None and item.kind is NewsKind.FAILED:
            self._items[key] = replace(item, body=" ".join(part for part in (words, _rest(item.body)) if part))

    def _put(self, item: News, now: float, aloud: bool) -> None:
        self._items[item.key] = item
        while len(self._items) > MOST_ITEMS:
            oldest = min(self._items.values(), key=lambda one: one.at)
            self._drop(oldest.key)
        if not aloud:
            return
        soonest = max(now + GATHER_SECONDS, self._said.get(item.key, float("-inf")) + AGAIN_SECONDS)
        known = self._due.get(item.key)
        failed = item.kind is NewsKind.FAILED
        if known is None or known.failed is not failed:  # else what comes without a pause were never told
            self._due[item.key] = _Due(soonest if failed else now + GATHER_SECONDS / 2, failed)

    # What is said

    def next_due(self) -> float | None:
        """When `due` should be asked next; None: nothing waits."""
        return min((due.at for due in self._due.values()), default=None)

    def due(self, now: float, loud: Loudness) -> list[News]:
        """What is to be said now; it is taken for said."""
        ready = [key for key, due in self._due.items() if due.at <= now and key in self._items]
        for key in [key for key, due in self._due.items() if due.at <= now]:
            del self._due[key]
        wanted = [self._items[key] for key in ready if self._items[key].kind in loud.kinds]
        if loud.quiet:
            self._missed.update((item.key, item.kind) for item in wanted)
            return []
        for item in wanted:
            self._said[item.key] = now
        self._said = {key: at for key, at in self._said.items() if now - at < AGAIN_SECONDS}
        return [*self._what_was_missed(now), *_together(wanted, now)]

    def _what_was_missed(self, now: float) -> list[News]:
        missed = [self._items[key] for key in self._missed if key in self._items and not self.is_read(self._items[key])]
        self._missed.clear()
        return [_sum(missed, now)] if missed else []

    @property
    def has_missed(self) -> bool:
        """Whether something waits for the end of the quiet hours."""
        return bool(self._missed)


def key_of(job: int) -> str:
    """The key of what happens to a tree."""
    return f"job {job}"


def note(
    thread: int, job: int, about: str, author: str, text: str, at: float, stamp: str, mine_is_machine: bool = False
) -> News:
    """A note that somebody left."""
    who = formats.one_line(author, _LONGEST_NAME) or translate("Tray", "Somebody")
    what = translate("Tray", "this machine") if mine_is_machine else formats.one_line(about, _LONGEST_NAME)
    title = translate("Tray", "{who} left a note on {what}").replace("{who}", who).replace("{what}", what)
    return News(f"note {thread}", NewsKind.NOTE, title, at, "note", formats.one_line(text, 400), job, stamp=stamp)


def farm_wants(opens: datetime, now: float) -> News:
    """The farm's hours are about to begin here."""
    title = translate("Tray", "The farm wants this machine at {time}").replace("{time}", f"{opens:%H:%M}")
    body = translate("Tray", "Choose Keep it mine if you still need it.")
    return News(MACHINE, NewsKind.MACHINE, title, now, "client-onhold", body, stamp=f"{opens:%Y%m%d%H%M}")


def goes_back(time: str, now: float, stamp: str) -> News:
    """What was mine for a while goes back to the farm soon."""
    title = translate("Tray", "This machine goes back to the farm at {time}").replace("{time}", time)
    body = translate("Tray", "Choose Keep it mine if you still need it.")
    return News(MACHINE, NewsKind.MACHINE, title, now, "client-onhold", body, stamp=stamp)


def _failed(store: JobStore, row: int) -> int:
    return job_cells.failed_below(store, row) or int(store.status[row] == JobStatus.FAILED)


def _just_ended(store: JobStore, row: int, now: float) -> bool:
    end = store.end_time[row]
    return end is not None and now - end < AGAIN_SECONDS


def _size(store: JobStore, row: int) -> int:
    return sum(job_cells.below(store, row).values())


def _frames(count: int) -> str:
    return counted(count, translate("Tray", "{n} frame"), translate("Tray", "{n} frames"))


def _finished(store: JobStore, row: int, failed: int, now: float) -> News:
    name = formats.one_line(store.name[row], _LONGEST_NAME)
    title = translate("Tray", "{name} finished").replace("{name}", name)
    size, start, end = _size(store, row), store.start_time[row], store.end_time[row]
    spent = formats.duration(end - start) if start is not None and end is not None else ""
    if size and spent:
        body = translate("Tray", "{frames} in {time}").format(frames=_frames(size), time=spent)
    else:
        body = _frames(size) if size else translate("Tray", "In {time}").replace("{time}", spent) if spent else ""
    none = translate("Tray", "none failed") if size and not failed else ""
    body = ", ".join(part for part in (body, none) if part)
    short = f"{title}, {_frames(size)}" if size else title
    at = float(end) if end is not None else now
    job = store.ids[row]
    return News(
        key_of(job), NewsKind.FINISHED, title, at, JobStatus.SUCCEEDED.value, body, job, short, f"done {end or 0}"
    )


def _failure(store: JobStore, row: int, failed: int, now: float) -> News:
    name, job, size = formats.one_line(store.name[row], _LONGEST_NAME), store.ids[row], _size(store, row)
    ended = store.status[row] in FINISHED
    if size:
        one, many = translate("Tray", "1 frame failed in {name}"), translate("Tray", "{n} frames failed in {name}")
        title = counted(failed, one, many).replace("{name}", name)
        fine = job_cells.below(store, row).get(JobStatus.SUCCEEDED, 0)
        one, many = translate("Tray", "The other {n} is fine."), translate("Tray", "The other {n} are fine.")
        body = counted(fine, one, many) if ended and fine else ""
    else:
        title, body = translate("Tray", "{name} failed").replace("{name}", name), ""
    at = float(store.end_time[row] or now) if ended else now
    stamp = f"failed {failed} {store.end_time[row] or 0 if ended else 0}"
    return News(key_of(job), NewsKind.FAILED, title, at, JobStatus.FAILED.value, body, job, stamp=stamp)


def _rest(body: str) -> str:
    """What was said before the reason was known."""
    start = translate("Tray", "The other {n} is fine.").partition("{n}")[0]
    place = body.rfind(start)
    return body[place:] if place >= 0 else ""


def _together(items: list[News], now: float) -> list[News]:
    """Many ends at once are one notice."""
    ends = [item for item in items if item.kind in (NewsKind.FINISHED, NewsKind.FAILED)]
    if len(ends) <= MOST_AT_ONCE:
        return items
    return [item for item in items if item not in ends] + [_sum(ends, now)]


_COUNTED: Final = (
    (
        NewsKind.FAILED,
        QT_TRANSLATE_NOOP("Tray", "{n} of your jobs failed"),
        QT_TRANSLATE_NOOP("Tray", "{n} of your jobs failed"),
    ),
    (
        NewsKind.FINISHED,
        QT_TRANSLATE_NOOP("Tray", "{n} of your jobs finished"),
        QT_TRANSLATE_NOOP("Tray", "{n} of your jobs finished"),
    ),
    (NewsKind.NOTE, QT_TRANSLATE_NOOP("Tray", "{n} note"), QT_TRANSLATE_NOOP("Tray", "{n} notes")),
    (
        NewsKind.MACHINE,
        QT_TRANSLATE_NOOP("Tray", "news of this machine"),
        QT_TRANSLATE_NOOP("Tray", "news of this machine"),
    ),
)


def _sum(items: list[News], now: float) -> News:
    parts = []
    for kind, one, many in _COUNTED:
        count = sum(item.kind is kind for item in items)
        if count:
            parts.append(counted(count, translate("Tray", one), translate("Tray", many)))
    worst = next((item for item in items if item.kind is NewsKind.FAILED), items[0])
    names = ", ".join(item.title for item in items[:MOST_AT_ONCE])
    more = len(items) - MOST_AT_ONCE
    body = f"{names} +{more}" if more > 0 else names
    title = ", ".join(parts)
    return News(MANY, worst.kind, title[:1].upper() + title[1:], now, worst.glyph, body)
