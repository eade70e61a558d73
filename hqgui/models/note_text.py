"""What a note says, in runs that a view can insert: plain text, links to jobs and clients, quoted lines of a log.

Links are written as anybody can type them, `#48290` and `@rnd-142`, and quotes as lines that begin with `>`, so a note
reads well wherever it is shown. What leads nowhere is text. Foreign marks are made visible, and nothing is ever markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum, unique
from typing import Final, NamedTuple

from hqgui.models import formats, job_cells
from hqgui.models.farm import FarmData
from hqgui.models.status_words import client_sign

LONGEST: Final = 70_000
"""Characters of a note that are shown; the server takes fewer."""
TOKEN: Final = re.compile(r"(?<![\w#@/.&])(?:#(?P<job>\d{1,15})(?!\w)|@(?P<client>\w[\w.:\-]*))")
_QUOTE: Final = re.compile(r">\s?")


@unique
class RunKind(StrEnum):
    """What a run is."""

    TEXT = "text"
    JOB = "job"
    CLIENT = "client"


class Run(NamedTuple):
    """A piece of a paragraph."""

    kind: RunKind
    text: str
    id: int = 0
    """Of the job or client that it leads to."""

    @property
    def address(self) -> str:
        """Of what it leads to: `job:48290`; empty for text."""
        return f"{self.kind}:{self.id}" if self.id else ""


class Paragraph(NamedTuple):
    """A line of a note."""

    runs: tuple[Run, ...]
    quoted: bool = False


class Links(NamedTuple):
    """What links lead to."""

    job: Callable[[int], str]
    """Name of a job that is known; empty otherwise."""
    client: Callable[[str], tuple[int, str] | None]
    """Id and label of a client by its label or hostname."""


def farm_links(farm: FarmData) -> Links:
    """Links into a farm as it is now."""
    jobs, names = farm.jobs, _client_names(farm)

    def job(id_: int) -> str:
        return formats.one_line(str(jobs.value(id_, "name")), 80) or f"#{id_}" if id_ in jobs else ""

    return Links(job, lambda name: names.get(name.casefold()))


def _client_names(farm: FarmData) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    own_names: dict[str, list[tuple[int, str]]] = {}
    for id_, row in farm.clients.rows.items():
        label = str(row["label"] or row["hostname"])
        shown = id_, formats.one_line(label, 80)
        found.setdefault(str(row["hostname"]).casefold(), shown)
        found[label.casefold()] = shown
        own = label.partition(":")[2].casefold()
        if own:
            own_names.setdefault(own, []).append(shown)
    # Of several clients on one machine people say the own name alone; it leads where only one has it.
    return {own: shown[0] for own, shown in own_names.items() if len(shown) == 1} | found


def link_glyph(farm: FarmData, address: str) -> str:
    """The glyph of what an address leads to, as it is now; empty when it is gone."""
    kind, _, number = address.partition(":")
    id_ = int(number) if number.isdigit() else 0
    if kind == RunKind.JOB:
        row = farm.jobs.row_of.get(id_)
        return "" if row is None else job_cells.shown(farm.jobs, row)
    client = farm.clients.get(id_) if kind == RunKind.CLIENT else None
    return "" if client is None else client_sign(client)


def paragraphs(text: str, links: Links) -> tuple[Paragraph, ...]:
    """A note's lines, without blank ones at its ends."""
    lines = text[:LONGEST].replace("\r\n", "\n").strip("\n").split("\n")
    return tuple(_paragraph(line, links) for line in lines)


def _paragraph(line: str, links: Links) -> Paragraph:
    quote = _QUOTE.match(line)
    if quote is not None:
        return Paragraph((Run(RunKind.TEXT, _visible(line[quote.end() :])),), quoted=True)
    return Paragraph(tuple(_joined(_runs(line, links))))


def _runs(line: str, links: Links) -> Iterator[Run]:
    done = 0
    for found in TOKEN.finditer(line):
        run, length = _link(found, links)
        if run is not None:
            yield Run(RunKind.TEXT, _visible(line[done : found.start()]))
            yield run
            done = found.start() + length
    yield Run(RunKind.TEXT, _visible(line[done:]))


def _link(found: re.Match[str], links: Links) -> tuple[Run | None, int]:
    """The link that a token is, and its length: a name does not end in the sentence's full stop."""
    if found["job"]:
        name = links.job(int(found["job"]))
        return (Run(RunKind.JOB, name, int(found["job"])) if name else None), len(found[0])
    for name in dict.fromkeys((found["client"], found["client"].rstrip(".:-"))):
        known = links.client(name) if name else None
        if known is not None:
            return Run(RunKind.CLIENT, known[1], known[0]), len(name) + 1
    return None, 0


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    return (run for run in runs if run.text)


def _visible(text: str) -> str:
    return formats.one_line(text.replace("\t", "    "), LONGEST)


def clients_named(texts: Iterable[str], links: Links) -> list[int]:
    """Clients that texts link to, in their order, each once."""
    found = (run for text in texts for part in paragraphs(text, links) for run in part.runs)
    return list(dict.fromkeys(run.id for run in found if run.kind is RunKind.CLIENT))


def job_link(job: int) -> str:
    """How a job is linked to."""
    return f"#{job}"


def client_link(label: str) -> str:
    """How a client is linked to."""
    return f"@{label}"


def quotation(job: int, lines: Iterable[str], longest: int = 4_000) -> str:
    """Lines of a job's log as they stand in a note, under a link to the job."""
    quoted = "\n".join(f"> {line}" for line in lines)
    return f"{job_link(job)}:\n{quoted[:longest]}\n"
