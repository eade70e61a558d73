"""Clients on the wire: what `getClients` answers."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final

from hqserver.wire.attributes import Attribute, Origin, table


@unique
class Override(StrEnum):
    """What the person at a client, or an operator, says over its rules."""

    NONE = "none"
    MINE = "mine"
    """Its person wants it: no new jobs."""
    DRAIN = "drain"
    """It finishes what it has: no new jobs."""
    OPEN = "open"
    """It takes jobs whatever its rules say."""


CLOSED: Final = frozenset({Override.MINE, Override.DRAIN})
"""Overrides under which a client gets no new jobs."""


_D, _O = Origin.DOCUMENTED, Origin.OURS

ATTRIBUTES: Final = table(
    Attribute("availabilityRules", "list of dict", "when the client is available"),
    Attribute("available", "bool", "whether it may get jobs now"),
    Attribute("cpus", "int", "number of cpus it offers"),
    Attribute("cpuSpeed", "float", "MHz, 0 when unknown"),
    Attribute("description", "str", "free text"),
    Attribute("disabled", "bool", "whether it was disabled on the farm"),
    Attribute("groups", "list of int", "ids of the groups it is a member of"),
    Attribute("hostname", "str", "machine name"),
    Attribute("id", "int", "client id"),
    Attribute("idleTime", "int", "minutes since its user last did something, -1 when unknown"),
    Attribute("ip", "str", "IP address"),
    Attribute("label", "str", "hostname, or hostname:name"),
    Attribute("lastHeartbeat", "date or nil", "when it last called in, UTC"),
    Attribute("latestNote", "str", "text of the latest note, or empty"),
    Attribute("load", "float", "load, 1-minute average"),
    Attribute("memory", "int", "physical memory, kilobytes"),
    Attribute("name", "str", "name, empty unless several agents share the machine"),
    Attribute("needsUpgrade", "bool", "whether its version is out of date"),
    Attribute("platform", "str", "operating system and architecture, as HQCLIENTARCH"),
    Attribute("runningJobs", "list of int", "ids of the jobs that run on it, ascending"),
    Attribute("threadId", "int or nil", "id of its note thread"),
    Attribute("version", "str", "hash of the code installed on it: equal code, equal version"),
    Attribute("status", "str", "available, busy, onhold, disabled, unavailable or offline", _O),
    Attribute("memoryUsed", "int", "memory in use, kilobytes", _O),
    Attribute("diskFree", "int", "free disk space, kilobytes", _O),
    Attribute("diskTotal", "int", "disk capacity, kilobytes", _O),
    Attribute("gpus", "list of str", "graphics processors", _O),
    Attribute("port", "int", "port of its own XML-RPC, 0: none", _O),
    Attribute("override", "str", "mine, drain, open or none", _O),
    Attribute("overrideUntil", "date or nil", "when the override ends, UTC", _O),
    Attribute("failures", "int", "jobs that failed on it lately", _O),
    Attribute("outOfService", "str", "why the farm itself disabled it, or empty", _O),
    Attribute("clockSkew", "float", "seconds that its clock is ahead of the server's", _O),
    Attribute("utcOffset", "int", "minutes that its local time is ahead of UTC", _O),
    Attribute("agentVersion", "str", "version of its agent's release, such as 0.1.0; empty when it does not say", _O),
    Attribute("cpusUsed", "int", "cpus that jobs take now", _O),
    Attribute("draining", "bool", "whether it leaves when its jobs are done", _O),
    Attribute("revision", "int", "number of its last change", _O),
)
