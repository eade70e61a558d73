"""Clients that are gone, kept back or restarted, on a real farm whose clients call in every second."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.farm.harness import RealFarm, wait_for


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[RealFarm]:
    running = RealFarm(tmp_path)
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "hqserver.ini").write_text("[main]\nheartbeat = 1\n")
    try:
        running.start_server()
        running.start_agent("a")
        yield running
    finally:
        running.close()


def test_a_client_that_is_gone_is_removed_and_its_job_runs_elsewhere(farm: RealFarm, tmp_path: Path) -> None:
    row = farm.client("a")
    assert row is not None
    job = farm.hq.runcmd(f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done")
    farm.wait_for_status([job], "running")
    with pytest.raises(xmlrpc.client.Fault, match=r"is online\. Have its agent terminate first"):
        farm.hq.removeClients([row["id"]])
    farm.agents["a"].kill()
    wait_for("it to be offline", lambda: (farm.client("a") or {}).get("status") == "offline")
    assert "offline" in farm.hq.getClient(row["id"])["latestNote"]
    farm.hq.removeClients([row["id"]])
    assert farm.hq.getClient(row["id"]) is None
    assert farm.hq.getClients() == []
    assert farm.hq.getJobIdsAssignedToClient(row["id"]) == []
    farm.start_agent("b")
    farm.wait_for_status([job], "running")
    (tmp_path / "go").touch()
    farm.wait_for_status([job], "succeeded")
    assert [client["name"] for client in farm.job(job)["clients"]] == ["a", "b"]
    farm.kill_server()
    farm.start_server()
    assert [client["name"] for client in farm.job(job)["clients"]] == ["a", "b"]
    assert farm.hq.getClient(row["id"]) is None


def test_the_server_calls_clients_in_and_sends_them_away(farm: RealFarm, tmp_path: Path) -> None:
    row = farm.client("a") or {}
    running = farm.hq.runcmd(f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done")
    farm.wait_for_status([running], "running")
    assert farm.hq.wakeClients([row["id"], 999]) is None
    assert farm.hq.terminateClients([row["id"], 999]) is None
    wait_for("it to drain", lambda: (farm.client("a") or {}).get("draining"))
    late = farm.hq.runcmd("true")
    assert farm.job(running, "status")["status"] == "running"
    (tmp_path / "go").touch()
    farm.wait_for_status([running], "succeeded")
    wait_for("the client to leave the list", lambda: farm.client("a") is None)
    assert farm.agents["a"].wait(timeout=20) == 0
    assert farm.job(late, "status")["status"] == "runnable"


def test_rules_and_overrides_hold_jobs_back_and_survive_the_server(farm: RealFarm) -> None:
    row = farm.client("a")
    assert row is not None
    now = datetime.now().astimezone()
    hour = (now + timedelta(hours=6)).hour
    later = [{"startHour": hour, "endHour": (hour + 1) % 24}]
    farm.hq.setAvailabilityRules(row["id"], later)
    job = farm.hq.runcmd("true")
    farm.kill_server()
    farm.start_server()
    wait_for("it to call in", lambda: (farm.client("a") or {}).get("status") == "unavailable")
    assert farm.hq.getClient(row["id"])["availabilityRules"][0]["startHour"] == hour
    assert farm.hq.getJob(job, ["status"]) == {"status": "runnable"}

    def drain_for(seconds: float) -> None:
        farm.hq.setClientOverride(
            row["id"], "drain", (datetime.now(UTC) + timedelta(seconds=seconds)).replace(tzinfo=None)
        )

    drain_for(3600)
    farm.hq.setAvailabilityRules(row["id"], [])
    assert farm.hq.getClient(row["id"], ["available", "override"]) == {"available": False, "override": "drain"}
    drain_for(2)
    farm.wait_for_status([job], "succeeded")
    assert farm.hq.getClient(row["id"], ["override", "overrideUntil"]) == {"override": "none", "overrideUntil": None}
