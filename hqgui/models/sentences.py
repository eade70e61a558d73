"""Rows as sentences, for those who hear the window instead of seeing it."""

from __future__ import annotations

from hqgui.models import fold_cells, formats, job_cells
from hqgui.models.job_cells import At
from hqgui.models.job_store import JobStore
from hqgui.models.status_words import job_label
from hqgui.words import counted, translate
from hqserver.wire.statuses import FINISHED


def spoken_duration(seconds: float) -> str:
    """`41 minutes`, `2 hours 5 minutes`, `3 days 1 hour`."""
    minutes = max(0, int(seconds)) // 60
    days, hours, minute = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        (days, translate("Spoken", "{n} day"), translate("Spoken", "{n} days")),
        (hours, translate("Spoken", "{n} hour"), translate("Spoken", "{n} hours")),
        (0 if days else minute, translate("Spoken", "{n} minute"), translate("Spoken", "{n} minutes")),
    ]
    words = [counted(count, one, many) for count, one, many in parts if count]
    return " ".join(words) or translate("Spoken", "less than a minute")


def job_sentence(store: JobStore, row: int, now: float) -> str:
    """`beauty_key, running, 64 percent, 2 failed, 41 minutes left`."""
    word = store.status[row]
    parts = [formats.one_line(store.name[row], 200), job_label(job_cells.shown(store, row)).lower()]
    if word not in FINISHED:
        share = min(99, int(job_cells.overall(store, row) * 100))
        parts.append(translate("Spoken", "{n} percent").replace("{n}", str(share)))
    failed = job_cells.failed_below(store, row)
    if failed:
        parts.append(translate("Spoken", "{n} failed").replace("{n}", str(failed)))
    eta = store.eta[row]
    if eta >= 0 and word not in FINISHED:
        parts.append(translate("Spoken", "{time} left").replace("{time}", spoken_duration(eta)))
    return ", ".join(parts)


def fold_sentence(store: JobStore, rows: list[int], now: float) -> str:
    """`1001–1041, 41 frames, succeeded`."""
    if not rows:
        return ""
    cell = fold_cells.name(store, rows, At(now))
    return ", ".join((cell.text, cell.detail, job_label(cell.glyph).lower()))
