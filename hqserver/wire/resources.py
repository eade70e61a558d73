"""Resources on the wire: what `getResources` answers."""

from __future__ import annotations

from typing import Final

from hqserver.wire.attributes import Attribute, Origin, table

ATTRIBUTES: Final = table(
    Attribute("id", "int", "resource id"),
    Attribute("name", "str", "the name by which jobs ask for it"),
    Attribute("amount", "int", "how many there are"),
    Attribute("inUse", "int", "how many are in use now"),
    Attribute("perMachine", "bool", "whether all jobs on a machine share one"),
    Attribute("jobs", "list of int", "ids of the jobs that hold some, ascending"),
    Attribute("holders", "list of int", "who holds it: ids of clients where per machine, else of jobs", Origin.OURS),
    Attribute("revision", "int", "number of its last change", Origin.OURS),
)
