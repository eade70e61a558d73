"""What a filter of jobs may ask about: the table of its fields.

The language itself is `hqserver.wire.filter_text`; a filter is applied by `hqserver.wire.filter_match` to whatever has
a getter for these fields, the server's jobs and the window's columns alike. A new field is a row here and a getter in
both tables of getters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from hqserver.wire.statuses import STATUS_NAMES, JobStatus


@unique
class FieldType(Enum):
    """How values of a field are written and compared; what its getter gives."""

    TEXT = "text"
    """A text."""
    TEXTS = "texts"
    """A tuple of texts; a test holds when it holds for one of them."""
    NUMBER = "number"
    """A number, or None."""
    NUMBERS = "numbers"
    """A tuple of numbers; a test holds when it holds for one of them."""
    PERCENT = "percent"
    """0 to 1, written as 0 to 100."""
    SIZE = "size"
    """Kilobytes, written with a unit: 500M, 4G."""
    SPAN = "span of time"
    """Seconds or None, written with units: 90s, 2h, 1d12h."""
    TIME = "time"
    """Seconds since the epoch or None, written as a date, or as how long ago: 2h."""
    CHOICE = "choice"
    """One of `Field.choices`."""
    FLAG = "flag"
    """Yes or no for each of `Field.choices`; the getter of each is named `field:choice`."""


_EQUALITY: Final = (":", "=", "!=")
_ORDER: Final = (*_EQUALITY, "<", "<=", ">", ">=")
OPERATORS: Final[dict[FieldType, tuple[str, ...]]] = {
    FieldType.TEXT: _EQUALITY,
    FieldType.TEXTS: _EQUALITY,
    FieldType.NUMBER: _ORDER,
    FieldType.NUMBERS: _EQUALITY,
    FieldType.PERCENT: _ORDER,
    FieldType.SIZE: _ORDER,
    FieldType.SPAN: _ORDER,
    FieldType.TIME: _ORDER,
    FieldType.CHOICE: _EQUALITY,
    FieldType.FLAG: (":",),
}
"""What may stand between a field and its value."""


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the table."""

    name: str
    type: FieldType
    help: str
    example: str
    aliases: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    """Of choices and flags: each word and what it means (empty: what it says)."""

    @property
    def operators(self) -> tuple[str, ...]:
        """What may follow its name."""
        return OPERATORS[self.type]


_STATUSES: Final = tuple((word, "") for word in STATUS_NAMES["getAllJobStatusNames"])
_T = FieldType

FIELDS: Final = (
    Field("name", _T.TEXT, "the job's name", "name:beauty"),
    Field("by", _T.TEXT, "who submitted it", "by:ana", ("user", "submitter", "owner")),
    Field("status", _T.CHOICE, "its status; `waiting` is another word for `runnable`", "status:failed,cancelled",
          ("state",), _STATUSES),
    Field("is", _T.FLAG, "what it is", "is:unfinished", (), (
        ("finished", "succeeded, failed or cancelled"),
        ("unfinished", "not finished"),
        ("active", "on a client now"),
        ("idle", "waits: for its children, a client or a resource"),
        ("halted", "paused, or about to be"),
        ("root", "has no parent"),
        ("parent", "has children"),
        ("leaf", "has no children"),
        ("blocked", "clients are blocked for its family"),
        ("held", "clients are held for it"),
        ("ending", "is being ended, and its client has not confirmed it yet"),
    )),
    Field("has", _T.FLAG, "what it has", "has:note", (), (
        ("note", "a note thread"),
        ("children", ""),
        ("parents", ""),
        ("tags", ""),
        ("description", ""),
        ("resources", "asks for resources of the farm"),
        ("conditions", "not every client may run it"),
        ("clients", "runs on a client, or has"),
        ("failures", "something failed: itself, or a job below it"),
        ("retries", "was started more than once"),
    )),
    Field("id", _T.NUMBER, "its number", "id:17", ("job", "jobid")),
    Field("parent", _T.NUMBERS, "the numbers of its parents", "parent:17", ("parents",)),
    Field("root", _T.NUMBER, "the number of its root job", "root:17", ("rootid", "tree")),
    Field("prio", _T.NUMBER, "its priority", "prio>=5", ("priority",)),
    Field("age", _T.SPAN, "time since it was submitted", "age>2h"),
    Field("runtime", _T.SPAN, "how long its newest ended attempt ran", "runtime>10m", ("ran",)),
    Field("elapsed", _T.SPAN, "time since it started, until it ended", "elapsed>1h30m"),
    Field("eta", _T.SPAN, "estimated time until it is finished", "eta<30m"),
    Field("submitted", _T.TIME, "when it was submitted", "submitted:today", (JobStatus.QUEUED.value, "queuetime")),
    Field("started", _T.TIME, "when it or a job below it first started", "started<10m", ("start",)),
    Field("ended", _T.TIME, "when it ended", "ended>=2026-11-24", ("end", "finished")),
    Field("tag", _T.TEXTS, "its tags", "tag:single", ("tags",)),
    Field("on", _T.TEXTS, "clients that run it or have run it", "on:node12", ("client", "clients", "host")),
    Field("group", _T.TEXTS, "client groups that its conditions name", "group:Simulation", ("groups",)),
    Field("resource", _T.TEXTS, "resources that it asks for", "resource:houdini", ("res", "resources")),
    Field("note", _T.TEXT, "the latest note on it", "note:licence", ("notes",)),
    Field("desc", _T.TEXT, "its description", 'desc:"second try"', ("description",)),
    Field("command", _T.TEXT, "its command", "command:husk", ("cmd",)),
    Field("why", _T.TEXT, "why it waits", "why:licence", ("waitingfor", "reason")),
    Field("cpus", _T.NUMBER, "cpus that it takes", "cpus>4", ("cpu", "slots")),
    Field("hosts", _T.NUMBER, "clients that it needs at once", "hosts>1", ("minhosts",)),
    Field("tries", _T.NUMBER, "automatic retries that are left", "tries:0", ("triesleft",)),
    Field("attempt", _T.NUMBER, "number of its newest attempt", "attempt>1", ("attempts",)),
    Field("exit", _T.NUMBER, "exit code of its newest ended attempt", "exit!=0", ("exitcode",)),
    Field("progress", _T.PERCENT, "progress of it and all below it", "progress>50", ("done",)),
    Field("children", _T.NUMBER, "how many children it has", "children>100", ("childcount",)),
    Field("memory", _T.SIZE, "peak memory of its newest ended attempt", "memory>16G", ("mem", "ram")),
    Field("frame", _T.TEXT, "its frame", "frame=12"),
)  # fmt: skip
"""The fields, the ones that are asked most first."""

FIELD_OF: Final[dict[str, Field]] = {name: field for field in FIELDS for name in (field.name, *field.aliases)}
"""Each field by its name and its aliases, in lower case."""

GETTERS: Final = frozenset(
    name
    for field in FIELDS
    for name in (
        [field.name] if field.type is not FieldType.FLAG else [f"{field.name}:{word}" for word, _ in field.choices]
    )
)
"""The names of all getters that a table of getters may have."""

assert len(FIELD_OF) == sum(1 + len(field.aliases) for field in FIELDS), "two fields share a name"
