"""Jobs on the wire: what a specification may say, and what a getter answers.

`KEYS` and `ATTRIBUTES` are the tables; `JobSpec` is a specification after it was checked
(`hqserver.wire.spec_check` makes it). A new attribute is a row here, a row in the server's read table, a column where
it is stored and a column in the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum, unique
from typing import Any, Final

from hqserver.wire.attributes import Attribute, Origin, table
from hqserver.wire.conditions import Condition

LONGEST_NAME: Final = 1024
LARGEST_COMMAND: Final = 4 << 20
LARGEST_ENVIRONMENT: Final = 256 << 10
LARGEST_VARIABLE: Final = (128 << 10) - 1
"""Bytes of `NAME=value`: Linux starts no command with more in one of them."""
MOST_JOBS_A_CALL: Final = 200_000
DEEPEST_NESTING: Final = 256
PLATFORMS: Final = ("linux", "windows", "macosx")

SINGLE: Final = "single"
"""Tag: no other job may run on the client meanwhile. A tag `single:x` excludes only its like."""
EXCLUDE_PROGRESS: Final = "excludeProgress"
"""Tag: the job is left out of its ancestors' progress and counts."""


Text = str | Mapping[str, str]
"""Shell text: one for every platform, or one for each."""


@unique
class Hook(StrEnum):
    """Shell text that runs around a job's command, by its key in a specification."""

    ON_SUCCESS = "onSuccess"
    ON_ERROR = "onError"
    ON_CANCEL = "onCancel"
    ON_CHILD_ERROR = "onChildError"


def text_for(text: Text, platform: str) -> str:
    """Shell text for a client's platform (`linux-x86_64` ...); empty when there is none for it."""
    if isinstance(text, str):
        return text
    system = platform.partition("-")[0]
    return text.get("macosx" if system == "macos" else system, "")


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A checked specification. Texts are stored exactly as they were sent.

    `command` is one text for every platform, or a text for each; empty: the job has no command, needs no client and
    ends by itself. `children` holds nested specifications, `children_ids` and `parent_ids` existing jobs.
    """

    name: str
    command: Text = ""
    shell: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    cpus: int = 1
    tries_left: int = 0
    tags: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    description: str = ""
    submitted_by: str | None = None
    """None: the parent's, else the caller's."""
    children: tuple[JobSpec, ...] = ()
    children_ids: tuple[int, ...] = ()
    parent_ids: tuple[int, ...] = ()
    submission_key: str = ""
    frame: int | str | None = None
    output: str = ""
    lease: float | None = None
    """Seconds; None: the farm's default."""
    resources: Mapping[str, int] = field(default_factory=dict)
    """Amounts by name, each at least 1."""
    min_hosts: int = 1
    max_hosts: int = 1
    """At least `min_hosts`."""
    max_time: float | None = None
    """Seconds that its command may run, pauses not counted; None: without limit."""
    no_output_timeout: float | None = None
    """Seconds that its command may be silent, pauses not counted; None: without limit."""
    hooks: Mapping[Hook, Text] = field(default_factory=dict)
    email_to: tuple[str, ...] = ()
    email_reasons: tuple[str, ...] = ()
    """Statuses and events (`hqserver.wire.statuses.MAIL_REASONS`)."""
    stub_id: str = ""
    """Its label within the call that brought it."""
    child_stub_ids: tuple[str, ...] = ()
    """Labels of specifications of the same call that become its children."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Keys that nobody documented, kept as they came."""

    @property
    def has_command(self) -> bool:
        """Whether a client is needed."""
        return bool(self.command)

    def command_for(self, platform: str) -> str:
        """The command for a client's platform; empty when there is none for it."""
        return text_for(self.command, platform)

    def hook_for(self, hook: Hook, platform: str) -> str:
        """A hook for a client's platform; empty when there is none for it."""
        return text_for(self.hooks.get(hook, ""), platform)


_UNNAMED: Final = JobSpec("")
DEFAULTS: Final[Mapping[str, Any]] = {item.name: getattr(_UNNAMED, item.name) for item in fields(JobSpec)}
"""What each field is when its key is not given."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a specification: its wire name, its type as documented, and whether this version acts on it."""

    name: str
    type: str
    meaning: str
    acted_on: bool = True


KEYS: Final[dict[str, Key]] = {
    key.name: key
    for key in (
        Key("name", "str", "display name; the only key that must be there"),
        Key("command", "str or dict", "shell command, one text or one for each platform"),
        Key("shell", "str", "name of the interpreter; empty: the platform's own"),
        Key("children", "list", "nested specifications of child jobs"),
        Key("childrenIds", "list of int", "existing jobs that become children"),
        Key("parentIds", "list of int", "existing jobs that become parents"),
        Key("priority", "int", "larger goes first; 0 is the lowest"),
        Key("cpus", "int", "cpus that the job takes on its client"),
        Key("environment", "dict", "extra environment variables"),
        Key("triesLeft", "int", "automatic retries after a failure"),
        Key("tags", "list of str", "`single`, `single:x`, `excludeProgress`, and free ones"),
        Key("conditions", "list of dict", "which clients may run the job"),
        Key("description", "str", "shown with the name"),
        Key("submittedBy", "str", "who submitted it"),
        Key("submissionKey", "str", "the same key gives the same ids again"),
        Key("frame", "int or str", "orders and labels siblings"),
        Key("output", "str", "path of the file that the job makes"),
        Key("lease", "float", "seconds that its client may be out of touch before the job runs elsewhere"),
        Key("stubId", "str", "label of this specification within the call"),
        Key("childStubIds", "list of str", "labels of specifications that become children"),
        Key("emailTo", "str", "addressees of mail"),
        Key("emailReasons", "str", "reasons for mail"),
        Key("host", "str", "hosts that may run the job"),
        Key("hostgroup", "str", "groups that may run the job"),
        Key("minHosts", "int", "clients needed at once"),
        Key("maxHosts", "int", "most clients assigned"),
        Key("maxTime", "int", "seconds of running after which the job is cancelled; none below 1"),
        Key("noOutputTimeout", "float", "seconds without output after which the job fails"),
        Key("resources", "dict", "amounts of the farm's resources"),
        Key("onSuccess", "str", "commands run after success"),
        Key("onError", "str", "commands run after failure"),
        Key("onCancel", "str", "commands run after a cancel"),
        Key("onChildError", "str", "commands run when a child failed, once all are finished"),
        Key("secretEnvironment", "dict", "environment that is never shown", acted_on=False),
    )
}

CHANGEABLE: Final = (
    "description",
    "tags",
    "cpus",
    "resources",
    "triesLeft",
    "maxTime",
    "minHosts",
    "maxHosts",
    "conditions",
)
"""Keys whose values may be changed while the job waits."""

_D, _O, _R = Origin.DOCUMENTED, Origin.OURS, Origin.ON_REQUEST

ATTRIBUTES: Final = table(
    Attribute("children", "list of int", "ids of child jobs, ascending", _D, in_feed=False),
    Attribute(
        "clients",
        "list of dict",
        "clients that run or have run the job, the latest last: id, hostname, name, label, ip",
    ),
    Attribute("clientsOnHold", "list of dict", "clients reserved for the job"),
    Attribute("conditions", "list of dict", "scheduling conditions that are imposed on it: its own, else its root's"),
    Attribute("endTime", "date or nil", "when the job ended, UTC"),
    Attribute("ETA", "int", "estimated seconds before it is finished, -1 when unknown"),
    Attribute("id", "int", "job id"),
    Attribute("latestNote", "str", "text of the latest note, or empty"),
    Attribute("logs", "list of dict", "status log: date, event, status, client, message", _D, in_feed=False),
    Attribute("name", "str", "job name"),
    Attribute("overallProgress", "float", "0 to 1, of the job and its descendants"),
    Attribute("parents", "list of int", "ids of parent jobs, in order of attachment"),
    Attribute("priority", "int", "larger goes first"),
    Attribute("progress", "float", "0 to 1, of the job's own command"),
    Attribute("queueTime", "date", "when the job was submitted, UTC"),
    Attribute("resources", "dict or nil", "amounts of resources that it needs"),
    Attribute("showBlockedClientsWarning", "bool", "whether to warn of blocked clients"),
    Attribute("startTime", "date or nil", "when it or one of its descendants first started, UTC"),
    Attribute("status", "str", "internal status"),
    Attribute("tags", "list of str", "tags"),
    Attribute("threadId", "int or nil", "id of its note thread"),
    Attribute("triesLeft", "int", "automatic retries that are left"),
    Attribute("uiStatus", "str", "status as HQueue's page words it"),
    Attribute("waitingFor", "str", "why it waits, or empty", _D, in_feed=False),
    Attribute("blockedClients", "list of int", "of a root: clients that get no more of its family", _O),
    Attribute("submittedBy", "str", "who submitted it", _O),
    Attribute("description", "str", "free text", _O),
    Attribute("cpus", "int", "cpus that it takes", _O),
    Attribute("minHosts", "int", "clients needed at once", _O),
    Attribute("maxHosts", "int", "most clients assigned", _O),
    Attribute("maxTime", "int or nil", "seconds after which it is cancelled", _O),
    Attribute("warnings", "list of str", "what the server noticed about its specification", _O, in_feed=False),
    Attribute("rootId", "int", "id of its root job", _O),
    Attribute("frame", "int, str or nil", "orders and labels siblings", _O),
    Attribute("attempt", "int", "number of its newest attempt, 0 before the first", _O),
    Attribute("exitCode", "int or nil", "exit code of its newest attempt that ended", _O),
    Attribute("childCounts", "dict", "status -> number of distinct descendants with a command", _O),
    Attribute("childCount", "int", "number of direct children", _O),
    Attribute("waitingCode", "str", "reason code of waitingFor, or empty", _O, in_feed=False),
    Attribute("runtime", "float or nil", "seconds that its newest ended attempt ran", _O),
    Attribute("meanRuntime", "float or nil", "mean runtime of its succeeded descendants, seconds", _O),
    Attribute("peakMemory", "int", "kilobytes, of its newest ended attempt", _O),
    Attribute(
        "ending", "str", "what it is being ended for while its client confirms: cancelled, ejected, or empty", _O
    ),
    Attribute("commandStartTime", "date or nil", "when its newest attempt started, UTC", _O),
    Attribute("revision", "int", "number of its last change", _O),
    Attribute("command", "str or dict", "its command", _R, in_feed=False),
    Attribute("environment", "dict", "its own environment variables", _R, in_feed=False),
    Attribute("shell", "str", "its shell", _R, in_feed=False),
    Attribute("output", "str", "path of the file that it makes", _R, in_feed=False),
    Attribute("extra", "dict", "keys of its specification that nobody documented", _R, in_feed=False),
    Attribute("onSuccess", "str or dict", "commands run after success", _R, in_feed=False),
    Attribute("onError", "str or dict", "commands run after each failed try", _R, in_feed=False),
    Attribute("onCancel", "str or dict", "commands run when it is cancelled on a client", _R, in_feed=False),
    Attribute("onChildError", "str or dict", "commands run when a child failed", _R, in_feed=False),
    Attribute("emailTo", "str", "addressees of mail, separated by commas", _R, in_feed=False),
    Attribute("emailReasons", "str", "reasons for mail, separated by commas", _R, in_feed=False),
    Attribute("noOutputTimeout", "float or nil", "seconds without output after which it fails", _R, in_feed=False),
    Attribute("lease", "float or nil", "seconds that its client may be out of touch", _R, in_feed=False),
    Attribute("stubId", "str", "its label within the call that brought it", _R, in_feed=False),
)
