"""The rows of the change feed as JSON, made once for all followers.

A row says nothing that its record's revision does not cover, so its text is kept with that. What only a job's
specification decides is a text of its own and goes on into the next one: a job that starts, progresses and ends is read
and encoded by half.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from hqserver.api.rows import Row, row_reader
from hqserver.core.farm import Farm
from hqserver.core.reading import CLIENT, FIXED, JOB, OF_ATTEMPTS, OF_CHILDREN
from hqserver.core.reading_kept import GROUP, RESOURCE, THREAD
from hqserver.core.records import Job
from hqserver.wire import clients, groups, jobs, notes, resources
from hqserver.wire.attributes import feed_names
from hqserver.wire.encoder import wire_date

_MOST_KNOWN: Final = 20_000

_ESCAPES: Final = re.compile(r"(\\\\)|\\u00([01][0-9a-f])|\\([bf])")
_LETTERS: Final = {"b": "\u2408", "f": "\u240c"}


class _Text(NamedTuple):
    """A row as it was told last."""

    revision: int
    text: str
    fixed: str = ""
    """Of a job: the part that `spec` decides, without the closing brace."""
    spec: object = None


_UNKNOWN: Final = _Text(-1, "")


class FeedRows:
    """Texts of rows by kind and id, for one farm; the oldest are not worth finding when there are too many."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], _Text] = {}
        self._makers: dict[str, tuple[dict[int, Any], _Maker]] = {}

    def of(self, farm: Farm, kind: str, ids: Sequence[int]) -> tuple[list[str], list[int]]:
        """JSON of the rows of these ids, and the ids that are no more."""
        if kind not in self._makers:
            self._makers[kind] = _MAKERS[kind](farm)
        records, make = self._makers[kind]
        known = self._known
        if len(known) > _MOST_KNOWN:
            known.clear()
        texts, gone = [], []
        for id_ in ids:
            record = records.get(id_)
            if record is None:
                gone.append(id_)
                continue
            row = known.get((kind, id_), _UNKNOWN)
            if row.revision != record.revision:
                row = known[kind, id_] = make(record, row)
            texts.append(row.text)
        return texts, gone


def encode(value: object) -> str:
    """JSON as followers get it: dates as XML-RPC writes them, control characters as getters show them."""
    try:
        text = orjson.dumps(value, _date, orjson.OPT_PASSTHROUGH_DATETIME).decode()
    except TypeError:  # halves of surrogate pairs, or numbers of more than 64 bits
        text = _patient(value)
    return _ESCAPES.sub(_as_getters_show, text) if "\\" in text else text


def _as_getters_show(found: re.Match[str]) -> str:
    """A control character that JSON could carry, as XML-RPC shows it: followers see what getters answer."""
    if found[1]:
        return found[1]
    return _LETTERS[found[3]] if found[3] else chr(0x2400 + int(found[2], 16))


def _date(value: object) -> str:
    if isinstance(value, datetime):
        return wire_date(value)
    raise TypeError(f"the feed cannot carry a value of type {type(value).__name__}")


_patient: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_date
).encode

_Maker = Callable[[Any, _Text], _Text]
_JOB_NAMES: Final = feed_names(jobs.ATTRIBUTES)
_FIXED_NAMES: Final = tuple(name for name in _JOB_NAMES if name in FIXED)
_RUN_NAMES: Final = tuple(name for name in _JOB_NAMES if name in OF_ATTEMPTS)
_SUM_NAMES: Final = tuple(name for name in _JOB_NAMES if name in OF_CHILDREN)
_OTHER_NAMES: Final = tuple(name for name in _JOB_NAMES if name not in FIXED | OF_ATTEMPTS | OF_CHILDREN)


def _jobs(farm: Farm) -> tuple[dict[int, Any], _Maker]:
    fixed, run, sums, other = (
        row_reader(farm, JOB, jobs.ATTRIBUTES, names) for names in (_FIXED_NAMES, _RUN_NAMES, _SUM_NAMES, _OTHER_NAMES)
    )
    never_ran = no_children = ""
    """What all jobs say that were never given to a client, and all that have no children."""

    def make(job: Job, former: _Text) -> _Text:
        nonlocal never_ran, no_children
        spec = job.spec
        head = former.fixed if former.spec is spec else encode(fixed(job))[:-1]
        if job.attempts:
            of_run = encode(run(job))[1:-1]
        else:
            of_run = never_ran = never_ran or encode(run(job))[1:-1]
        if job.children:
            of_children = encode(sums(job))[1:-1]
        else:
            of_children = no_children = no_children or encode(sums(job))[1:-1]
        text = f"{head},{of_run},{of_children},{encode(other(job))[1:]}"
        return _Text(job.revision, text, head, spec)

    return farm.jobs, make


def _plain(read: Callable[[Any], Row]) -> _Maker:
    return lambda record, _former: _Text(record.revision, encode(read(record)))


def _clients(farm: Farm) -> tuple[dict[int, Any], _Maker]:
    return farm.clients, _plain(row_reader(farm, CLIENT, clients.ATTRIBUTES, feed_names(clients.ATTRIBUTES)))


def _groups(farm: Farm) -> tuple[dict[int, Any], _Maker]:
    return farm.groups, _plain(row_reader(farm, GROUP, groups.ATTRIBUTES, feed_names(groups.ATTRIBUTES)))


def _resources(farm: Farm) -> tuple[dict[int, Any], _Maker]:
    return farm.resources, _plain(row_reader(farm, RESOURCE, resources.ATTRIBUTES, feed_names(resources.ATTRIBUTES)))


def _threads(farm: Farm) -> tuple[dict[int, Any], _Maker]:
    return farm.threads, _plain(row_reader(farm, THREAD, notes.THREADS, feed_names(notes.THREADS)))


_MAKERS: Final[dict[str, Callable[[Farm], tuple[dict[int, Any], _Maker]]]] = {
    "jobs": _jobs,
    "clients": _clients,
    "groups": _groups,
    "resources": _resources,
    "threads": _threads,
}
