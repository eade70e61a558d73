"""What older scripts call: names that HQueue gave up or never documented. Each stands for a newer method."""

from __future__ import annotations

from typing import Final

from hqserver.api import clients, configuration, job_queries, kinds
from hqserver.api.context import Call
from hqserver.api.registry import Section
from hqserver.api.rows import Row
from hqserver.wire.roles import Role

SECTION: Final = Section("Deprecated", "Older names, for scripts that use them.")


@SECTION.method("getinfo", Role.VIEWER, answer="dict or nil", example="hq.getinfo(17)")
async def getinfo(call: Call, job_id: kinds.Id) -> Row | None:
    """All attributes of a job, as `getJob` answers them."""
    return await job_queries.get_job(call, job_id)


@SECTION.method("getstatus", Role.VIEWER, answer="str or nil", example="hq.getstatus(17)")
async def getstatus(call: Call, job_id: kinds.Id) -> str | None:
    """The status of a job; nil when there is no such job."""
    row = await job_queries.get_job(call, job_id, ("status",))
    return None if row is None else str(row["status"])


_OLDER: Final = {
    "getClientsByHostname": (clients.SECTION, "getClientsByName"),
    "getClientByHostname": (clients.SECTION, "getClientByName"),
    "getJobIdsBySatus": (job_queries.SECTION, "getJobIdsByStatus"),
    "getPermittedClientList": (configuration.SECTION, "getPermittedClientsList"),
    "savePermittedClientList": (configuration.SECTION, "savePermittedClientsList"),
}
"""Older name: the section and the name of the newer method."""

for _name, (_section, _newer) in _OLDER.items():
    SECTION.methods.append(_section.known(_newer).under(_name))
