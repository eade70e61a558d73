"""Client groups on the wire: what `getClientGroups` answers."""

from __future__ import annotations

from typing import Final

from hqserver.wire.attributes import Attribute, Origin, table

ATTRIBUTES: Final = table(
    Attribute("clients", "list of int", "ids of the clients that are members, ascending"),
    Attribute("id", "int", "group id"),
    Attribute("name", "str", "group name"),
    Attribute("revision", "int", "number of its last change", Origin.OURS),
)
