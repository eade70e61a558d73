"""The server itself: is it there, which version, what time is it, what can it do."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, Final

from hqserver.api.context import Call
from hqserver.api.errors import errors_of
from hqserver.api.registry import Section
from hqserver.core.reading import date
from hqserver.wire.agent import PROTOCOL
from hqserver.wire.roles import Role

SECTION: Final = Section("Server")
FEATURES: Final = (
    "changes",
    "only",
    "priority",
    "submissionKey",
    "lease",
    "frame",
    "multicall",
    "resources",
    "availability",
    "override",
    "notes",
    "folders",
    "removeClients",
    "terminateClients",
    "unblockClients",
    "setJobAttribs",
    "query",
    "explain",
    "checkJob",
    "searchOutput",
    "noteAuthor",
)
"""What windows may rely on beyond HQueue's page; a name is added when a piece of it works as a whole."""


@SECTION.method("ping", Role.ANONYMOUS, answer="bool", example="hq.ping()")
def ping(call: Call) -> bool:
    """Whether the server is there: always true."""
    return True


@SECTION.method("getVersion", Role.ANONYMOUS, answer="str", example="hq.getVersion()")
def get_version(call: Call) -> str:
    """The version of HQueue that the server behaves like, for scripts that compare it (setting `compat_version`).

    The version of this server is in `getServerInfo`.
    """
    return str(call.context.config["compat_version"])


@SECTION.method("getServerTime", Role.VIEWER, answer="date", example="hq.getServerTime()")
def get_server_time(call: Call) -> datetime:
    """The server's time, in UTC."""
    return datetime.fromtimestamp(int(call.context.engine.now().wall), UTC)


@SECTION.method("getServerErrors", Role.VIEWER, answer="dict", example="hq.getServerErrors()")
async def get_server_errors(call: Call) -> dict[str, Any]:
    """The errors of the server: `total`, and `errors`, the one that happened last first; an empty dict for none.

    An error is a dict: `id`, `message`, `traceback`, `count`, `firstDate`, `lastDate` and, the same as that, `date`.
    Errors of the same kind are one, and counted.
    """
    return await errors_of(call, None)


@SECTION.method("getServerInfo", Role.ANONYMOUS, answer="dict", example="hq.getServerInfo()", ours=True)
def get_server_info(call: Call) -> dict[str, Any]:
    """What this server is and what the caller may do.

    `version`, `protocol` (of the agents' calls), `mode` (local, lan, open), `role` and `user` of the caller, `features`
    (list of str), `epoch` (a new text at each start), `startTime`, `database`, `timeZone`, `trouble` (why no jobs are
    taken now, a full disk for example; empty when they are).
    """
    context = call.context
    refusal = context.refusal()
    return {
        "trouble": "" if refusal is None else refusal[1],
        "version": context.version,
        "protocol": PROTOCOL,
        "mode": "open" if context.open_farm else "local",
        "role": _highest(call),
        "user": call.caller.name,
        "features": list(FEATURES),
        "epoch": context.epoch,
        "startTime": date(context.started_at),
        "database": context.database,
        "timeZone": time.localtime(context.engine.now().wall).tm_zone,
    }


def _highest(call: Call) -> str:
    """The caller's role. Everybody counts as operator until callers have identities."""
    order = (Role.OPERATOR, Role.SUBMITTER, Role.VIEWER)
    return next((role for role in order if role in call.caller.roles), Role.ANONYMOUS)
