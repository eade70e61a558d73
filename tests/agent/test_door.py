"""Who may say what at the agent's own port, asked by processes of several accounts."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import subprocess
import sys
import xmlrpc.client
from collections.abc import Collection

import pytest

from hqagent.door import Door

CALL = """
import encodings.idna, os, sys, xmlrpc.client
os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
try:
    getattr(xmlrpc.client.ServerProxy(f"http://{sys.argv[2]}", allow_none=True), sys.argv[3])()
except xmlrpc.client.Fault as fault:
    print(fault.faultCode, fault.faultString)
"""
SOMEBODY, OTHER = 41001, 41002

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can call as somebody else")


def told(
    user: int, function: str, may_terminate: Collection[int] | None, address: str = "127.0.0.1", host: str = "127.0.0.1"
) -> tuple[str, list[str]]:
    """What somebody was answered who called a function, and what was done."""
    done: list[str] = []

    async def run() -> str:
        door = Door(lambda: done.append("wakeup"), lambda: done.append("terminate"), {}, may_terminate)
        port = await door.open(0, address)
        try:
            caller = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-c", CALL, str(user), f"{host}:{port}", function, stdout=subprocess.PIPE
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


def test_the_port_is_open_to_other_machines_where_that_was_said() -> None:
    assert told(0, "terminate", (), "0.0.0.0", "127.0.0.2") == ("", ["terminate"])
    assert told(SOMEBODY, "terminate", (), "0.0.0.0", "127.0.0.2")[1] == []


@pytest.mark.parametrize(("address", "status"), [("0.0.0.0", 200), ("127.0.0.1", 421)])
def test_the_machines_name_will_do_where_others_may_call(address: str, status: int) -> None:
    """Elsewhere a name may be anybody's who can make one: a web page's, bound to this machine."""

    def ask(port: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        body = xmlrpc.client.dumps((), "wakeup")
        connection.request("POST", "/RPC2", body, {"Host": socket.gethostname(), "Content-Type": "text/xml"})
        answered = connection.getresponse().status
        connection.close()
        return answered

    async def run() -> int:
        door = Door(lambda: None, lambda: None, {})
        port = await door.open(0, address)
        try:
            return await asyncio.to_thread(ask, port)
        finally:
            door.close()

    assert asyncio.run(run()) == status
