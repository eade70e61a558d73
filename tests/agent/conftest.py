"""What the agent's tests have in common."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.farm.harness import wait_for

_FREEZER = Path("/sys/fs/cgroup/freezer")


@pytest.fixture
def freezer() -> Iterator[Path]:
    """A control group (version 1) whose processes, frozen, heed no signal: as if they waited for a disk that hangs."""
    group = _FREEZER / f"hq-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        pytest.skip("this machine has no freezer of version 1, or this user may not use it")
    yield group
    (group / "freezer.state").write_text("THAWED")
    wait_for("nobody to be in the freezer", lambda: not (group / "cgroup.procs").read_text())
    group.rmdir()
