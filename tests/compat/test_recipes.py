"""Every block of the page of recipes runs, in order, as its reader would run it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hqserver.api.context import Context
from hqserver.wire.agent import Hello, Machine
from tests.compat.server import LocalServer, join

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"


def _hello(context: Context) -> None:
    machine = Machine("node1", "linux-x86_64", 4, idle_minutes=3, gpus=("A6000",))
    join(context, Hello(1, "agent", "boot", "", 5001, "1", machine), "session")


def test_the_recipes(server: LocalServer) -> None:
    server.inside(_hello)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) > 10
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block.replace("http://127.0.0.1:5000", server.url), str(PAGE), "exec"), names)
    names["hq"]("close")()
    hq: Any = server.hq
    assert hq.getClient(1)["groups"] == [names["group"]]
    assert len(hq.getClient(1)["availabilityRules"]) == 3
    assert hq.getClient(1)["latestNote"]
    assert len(hq.getJob(names["film"])["children"]) == 24
    assert set(names["jobs"]) == set(server.inside(lambda context: set(context.farm.jobs)))
