"""The faults of each method: which codes a script has to reckon with, and when they come.

What is true of many methods alike is `COMMON`. A test sends every method what scripts and attackers send, and fails
for a code that is not told here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hqserver.wire.faults import Code

COMMON: Final[Mapping[Code, str]] = {
    Code.BAD_PARAMETERS: "an argument is missing, too many, or not what it must be; the text names it",
    Code.TOO_LARGE: "an argument is larger than is served",
    Code.FORBIDDEN: "the caller's role is too low",
    Code.UNAVAILABLE: "the server starts or stops; try again",
    Code.OUR_BUG: "the server failed; its log has the incident",
}
"""Of every method."""

_CLIENT, _JOB, _GROUP, _RESOURCE = "no such client", "no such job", "no such group", "no such resource"

FAULTS: Final[Mapping[str, Mapping[Code, str]]] = {
    "setAvailabilityRules": {Code.UNKNOWN: _CLIENT},
    "setClientOverride": {Code.UNKNOWN: _CLIENT, Code.IMPOSSIBLE: "`until` is past"},
    "setClientDescription": {Code.UNKNOWN: _CLIENT},
    "removeClients": {Code.CONFLICT: "one of them is online, and nothing was removed"},
    "createClientGroup": {Code.CONFLICT: "there is one of this name"},
    "addClientToGroup": {Code.UNKNOWN: "no such group or client"},
    "removeClientFromGroup": {Code.UNKNOWN: "no such group or client"},
    "deleteClientGroup": {Code.UNKNOWN: _GROUP},
    "renameClientGroup": {Code.UNKNOWN: _GROUP, Code.CONFLICT: "there is one of this name"},
    "newjob": {
        Code.UNKNOWN: "a job that is named as parent or child does not exist",
        Code.CONFLICT: "the `submissionKey` came before with another specification",
        Code.IMPOSSIBLE: "a job would wait for another that waits for it",
        Code.NO_SPACE: "the server has no disk space left; nothing was taken",
    },
    "runcmd": {Code.NO_SPACE: "the server has no disk space left; nothing was taken"},
    "setJobAttribs": {
        Code.CONFLICT: "one of the jobs runs or has ended, and nothing was changed",
        Code.IMPOSSIBLE: "a job would need more clients than it may take",
    },
    "getJobOutput": {Code.UNKNOWN: _JOB},
    "explainJob": {Code.UNKNOWN: _JOB},
    "checkJob": {Code.UNKNOWN: "a job that is named as parent or child does not exist"},
    "getAttempts": {Code.UNKNOWN: _JOB},
    "getOutput": {Code.UNKNOWN: "no such job or attempt"},
    "searchOutput": {Code.UNKNOWN: "no such job or attempt"},
    "createResource": {Code.CONFLICT: "there is one of this name"},
    "setResourceAmount": {Code.UNKNOWN: _RESOURCE, Code.CONFLICT: "more than that is in use"},
    "deleteResource": {Code.UNKNOWN: _RESOURCE, Code.CONFLICT: "it is in use"},
    "getPermittedClientsList": {Code.UNKNOWN: _JOB},
    "savePermittedClientsList": {Code.UNKNOWN: _JOB},
    "setJobConditions": {Code.UNKNOWN: _JOB},
    "permitClients": {Code.UNKNOWN: "no such job, client or group"},
    "unblockClients": {Code.UNKNOWN: _JOB},
    "setShowBlockedClientsWarning": {Code.UNKNOWN: _JOB},
    "deleteNetworkFolder": {Code.UNKNOWN: "no such folder, or only the configuration names it"},
    "system.methodHelp": {Code.NO_SUCH_METHOD: "no such method"},
    "system.methodSignature": {Code.NO_SUCH_METHOD: "no such method"},
    "agent.register": {Code.CONFLICT: "another live agent has this name", Code.SESSION_UNKNOWN: "say hello again"},
    "agent.exchange": {Code.SESSION_UNKNOWN: "say hello again"},
}
"""Of single methods, beside those."""
