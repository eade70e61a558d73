"""The agents' own calls: a door for the messages of `hqserver.wire.agent`, nothing more."""

from __future__ import annotations

from typing import Final

from hqserver.api.context import Call
from hqserver.api.kinds import Message
from hqserver.api.registry import Section
from hqserver.wire.roles import Role

SECTION: Final = Section(
    "Agents",
    "Private between the server and its agents, and versioned (`protocol` in `getServerInfo`). Each takes one JSON "
    "text and answers one.",
)


@SECTION.method("agent.register", Role.AGENT, answer="str", example='hq.agent.register("{...}")', ours=True, waits=True)
async def register(call: Call, hello: Message) -> str:
    """Open a session. Fault 409: another live agent has this name; its address is in the text."""
    return await call.context.sessions.register(hello, call.caller.address)


@SECTION.method("agent.exchange", Role.AGENT, answer="str", example='hq.agent.exchange("{...}")', ours=True, waits=True)
async def exchange(call: Call, report: Message) -> str:
    """Report, output, heartbeat and waiting request in one. Fault 410: say hello again."""
    return await call.context.sessions.exchange(report)
