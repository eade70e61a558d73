"""Who may say what at the agent's own port, asked by processes of several accounts."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Collection

import pytest

from hqagent.door import Door

CALL = """
import encodings.idna, os, sys, xmlrpc.client
os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
try:
    getattr(xmlrpc.client.ServerProxy(f"http://127.0.0.1:{sys.argv[2]}", allow_none=True), sys.argv[3])()
except xmlrpc.client.Fault as fault:
    print(fault.faultCode, fault.faultString)
"""
SOMEBODY, OTHER = 41001, 41002

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can call as somebody else")


def told(user: int, function: str, may_terminate: Collection[int] | None) -> tuple[str, list[str]]:
    """What somebody was answered who called a function, and what was done."""
    done: list[str] = []

    async def run() -> str:
        door = Door(lambda: done.append("wakeup"), lambda: done.append("terminate"), {}, may_terminate)
        port = await door.open(0)
        try:
            caller = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-c", CALL, str(user), str(port), function, stdout=subprocess.PIPE
            )
            return (await caller.communicate())[0].decode()
        finally:
            door.close()

    return asyncio.run(run()), done


@pytest.mark.parametrize(
    ("user", "may_terminate"), [(0, ()), (SOMEBODY, (OTHER, SOMEBODY)), (SOMEBODY, None)], ids=["root", "named", "*"]
)
def test_who_may_have_the_agent_leave(user: int, may_terminate: Collection[int] | None) -> None:
    assert told(user, "terminate", may_terminate) == ("", ["terminate"])


def test_anybody_else_may_not_and_hears_why() -> None:
    answer, done = told(SOMEBODY, "terminate", (OTHER,))
    assert answer.startswith("403 terminate: only for root, for this agent's account root, and for those that")
    assert answer.endswith(f"terminate_users in hqnode.ini names; this is user {SOMEBODY}\n")
    assert done == []


def test_anybody_may_have_it_call_in() -> None:
    assert told(SOMEBODY, "wakeup", ()) == ("", ["wakeup"])
