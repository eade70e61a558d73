"""What HQueue's page says of clients and client groups, on a real farm: one agent without a name, one with."""

from __future__ import annotations

import socket
import urllib.request
import xmlrpc.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from hqagent import __version__
from hqagent.config import DEFAULT_PORT
from hqagent.running import CODE
from hqserver.wire.clients import ATTRIBUTES
from hqserver.wire.version import code_hash
from tests.compat.page import SENTENCES, shows
from tests.farm.harness import Calls, RealFarm, real_farm, wait_for

HOST = socket.gethostname()
UNKNOWN = 999_999


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """The named agent has its name, and its folder, from hqnode.ini."""
    with real_farm(tmp_path_factory.mktemp("farm")) as running:
        running.start_agent("", cpus=4)
        start_named(running, "gpu")
        yield running


def start_named(farm: RealFarm, name: str) -> None:
    """An agent whose hqnode.ini gives it its name."""
    folder = farm.folder / f"agent-{name}"
    folder.mkdir()
    (folder / "hqnode.ini").write_text(f"[main]\nname = {name}\ncpus = 2\n")
    farm.agents[name] = farm._spawn(
        f"agent-{name}", "-m", "hqagent", "run", "--server", farm.url, "--data", str(folder), "--port", "0"
    )
    wait_for(f"agent {name} to register", lambda: (farm.client(name) or {}).get("available"))


@pytest.fixture(scope="module")
def hq(farm: RealFarm) -> Calls:
    return farm.hq


@pytest.fixture(scope="module")
def main(farm: RealFarm) -> int:
    """Id of the client without a name."""
    row = farm.client("")
    assert row is not None
    return int(row["id"])


@pytest.fixture(scope="module")
def gpu(farm: RealFarm) -> int:
    """Id of the client with one."""
    row = farm.client("gpu")
    assert row is not None
    return int(row["id"])


@shows("connecting.languages")
def test_any_xml_rpc_client_will_do(farm: RealFarm) -> None:
    """A request written by hand, as any language would send it."""
    body = b"<?xml version='1.0'?><methodCall><methodName>ping</methodName></methodCall>"
    for path in ("/", "/RPC2"):
        request = urllib.request.Request(farm.url + path, body, {"Content-Type": "text/xml"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert b"<boolean>1</boolean>" in answer.read()


@shows("getVersion.text")
def test_the_version_is_text(hq: Calls) -> None:
    assert hq.getVersion() == "20.5.0"


@shows("getClients.list", "getClients.ids", "getClients.all", "getClients.attribs")
def test_clients_in_every_form(hq: Calls, main: int, gpu: int) -> None:
    every = [{"id": main, "name": ""}, {"id": gpu, "name": "gpu"}]
    assert hq.getClients(None, ["id", "name"]) == every
    assert [row["id"] for row in hq.getClients()] == [row["id"] for row in hq.getClients(None)] == [main, gpu]
    assert hq.getClients([gpu, UNKNOWN, main], ["name", "nonsense"]) == [{"name": "gpu"}, {"name": ""}]
    assert hq.getClients([]) == []
    documented = {anchor.partition(".")[2].partition("_")[0] for anchor in SENTENCES if anchor.startswith("client.")}
    assert (
        documented
        <= set(hq.getClients()[0])
        == {name for name, row in ATTRIBUTES.items() if row.origin.value != "on request"}
    )


@shows(
    "client.cpus", "client.cpuSpeed", "client.description", "client.disabled", "client.hostname", "client.id",
    "client.ip", "client.label", "client.load", "client.memory", "client.name", "client.platform", "client.version",
    "client.needsUpgrade", "client.available", "client.availabilityRules", "client.idleTime_unknown",
)  # fmt: skip
def test_what_a_client_says_of_itself(hq: Calls, main: int, gpu: int) -> None:
    row, other = hq.getClients([main, gpu])
    assert (row["id"], row["hostname"], row["name"], row["label"]) == (main, HOST, "", HOST)
    assert (other["hostname"], other["name"], other["label"]) == (HOST, "gpu", f"{HOST}:gpu")
    assert (row["cpus"], other["cpus"]) == (4, 2)
    assert row["ip"] == "127.0.0.1"
    assert row["memory"] == psutil.virtual_memory().total // 1024
    assert row["platform"].startswith("linux-")
    assert row["description"] == ""
    assert (row["disabled"], row["available"], row["needsUpgrade"]) == (False, True, False)
    assert row["availabilityRules"] == []
    assert row["idleTime"] == -1  # nobody sits at a desk here
    assert type(row["load"]) is float
    assert type(row["cpuSpeed"]) is float
    assert row["version"] == code_hash(CODE)
    assert row["agentVersion"] == __version__


@shows("client.lastHeartbeat")
def test_the_last_heartbeat_is_in_utc(hq: Calls, main: int) -> None:
    beat = datetime.strptime(str(hq.getClient(main)["lastHeartbeat"]), "%Y%m%dT%H:%M:%S").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - beat) < timedelta(seconds=60)


@shows("client.runningJobs", "getJobIdsAssignedToClient.ids", "getJobIdsAssignedToClient.unknown")
def test_running_jobs_are_on_their_client(farm: RealFarm, hq: Calls, gpu: int, tmp_path: Path) -> None:
    conditions = [{"type": "client", "name": "hostname:name", "op": "==", "value": f"{HOST}:gpu"}]
    wait = f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"
    (job,) = hq.newjob({"name": "x", "command": wait, "conditions": conditions})
    farm.wait_for_status([job], "running")
    assert hq.getClient(gpu, ["runningJobs"]) == {"runningJobs": [job]}
    assert hq.getJobIdsAssignedToClient(gpu) == [job]
    assert hq.getJobIdsAssignedToClient(UNKNOWN) == []
    (tmp_path / "go").touch()
    farm.wait_for_status([job], "succeeded")
    assert hq.getClient(gpu, ["runningJobs"]) == {"runningJobs": []}


@shows("client.latestNote", "client.threadId")
def test_the_latest_note_of_a_client(hq: Calls, gpu: int) -> None:
    row = hq.getClient(gpu, ["latestNote", "threadId"])
    assert row == {"latestNote": "", "threadId": None}
    hq.addNote("needs a new fan", None, None, gpu)
    row = hq.getClient(gpu, ["latestNote", "threadId"])
    assert row == {"latestNote": "needs a new fan", "threadId": hq.getNoteThreadIds()[-1]}
    assert hq.removeSingleThread(row["threadId"]) is True
    assert hq.getClient(gpu, ["latestNote", "threadId"]) == {"latestNote": "", "threadId": None}


@shows("getClient.dict", "getClient.attribs")
def test_one_client(hq: Calls, main: int) -> None:
    assert hq.getClient(main)["id"] == main
    assert hq.getClient(str(main), ["id", "cpus"]) == {"id": main, "cpus": 4}
    assert hq.getClient(UNKNOWN) is None


@shows(
    "getClientByName.hostname", "getClientByName.name", "getClientByName.unnamed", "getClientByName.attribs",
    "getClientsByName.list", "getClientsByName.formats", "getClientsByName.attribs",
    "getClientsByHostname.deprecated", "getClientByHostname.deprecated",
)  # fmt: skip
def test_clients_by_name(hq: Calls, main: int, gpu: int) -> None:
    for one in (hq.getClientByName, hq.getClientByHostname):
        assert one(HOST)["id"] == one(f"{HOST}:")["id"] == main
        assert one(f"{HOST}:gpu", ["id", "label"]) == {"id": gpu, "label": f"{HOST}:gpu"}
        assert one("nowhere") is None
    for several in (hq.getClientsByName, hq.getClientsByHostname):
        found = several([f"{HOST}:gpu", "nowhere", HOST], ["id"])
        assert found == [{"id": gpu}, {"id": main}]
        assert len(several([HOST])[0]) == len(hq.getClient(main))


@shows("setdisabled.disables", "setdisabled.boolean", "setdisabled.formats", "setdisabled.answers")
def test_disabling_a_client(hq: Calls, main: int, gpu: int) -> None:
    for name, id_ in ((HOST, main), (f"{HOST}:gpu", gpu)):
        assert hq.setdisabled(name, True) is True
        assert hq.getClient(id_, ["disabled", "available"]) == {"disabled": True, "available": False}
        assert hq.setdisabled(name, False) is True
        assert hq.getClient(id_, ["disabled", "available"]) == {"disabled": False, "available": True}
    assert hq.setdisabled("nowhere", True) is None
    with pytest.raises(xmlrpc.client.Fault, match="must be true or false"):
        hq.setdisabled(HOST, "yes")


@shows("getClientErrors.dict", "getClientErrors.none")
def test_errors_of_a_client(farm: RealFarm, hq: Calls, main: int, gpu: int) -> None:
    """A shell that the client does not have is an error of the client."""
    assert hq.getClientErrors(gpu) == {}
    assert hq.getClientErrors(UNKNOWN) == {}
    conditions = [{"type": "client", "name": "hostname:name", "op": "==", "value": f"{HOST}:gpu"}]
    jobs = hq.newjob([{"name": "x", "shell": "fish", "command": "x", "conditions": conditions} for _ in range(2)])
    farm.wait_for_status(jobs, "failed")
    found = wait_for("both", lambda: (told := hq.getClientErrors(gpu)) and told["errors"][0]["count"] == 2 and told)
    (error,) = found["errors"]
    assert (found["total"], error["count"]) == (1, 2)
    assert "fish" in error["message"]
    assert error["firstDate"] <= error["lastDate"] == error["date"]
    assert hq.getClientErrors(main) == {}


@shows("upgradeClients.upgrade")
def test_upgrading_marks_a_client_and_says_so(farm: RealFarm, hq: Calls, gpu: int) -> None:
    """Sentence and answer differ: the server says so and does not send code."""
    assert hq.upgradeClients([gpu, UNKNOWN]) is None
    row = hq.getClient(gpu, ["needsUpgrade", "latestNote"])
    assert row["needsUpgrade"] is True
    assert "needs an upgrade from" in row["latestNote"]
    wake(farm, "gpu")
    wait_for("its log to say so", lambda: "an upgrade of this client was asked for" in farm.log("agent-gpu"))


def wake(farm: RealFarm, name: str) -> Any:
    port = int((farm.folder / f"agent-{name}" / "hqnode.port").read_text())
    return Calls(f"http://127.0.0.1:{port}").wakeup()


@shows("client_api.port", "client_api.wakeup")
def test_a_client_calls_in_when_it_is_woken(farm: RealFarm, hq: Calls, main: int) -> None:
    """An idle client calls in every 15 s; a woken one at once."""
    assert DEFAULT_PORT == 5001
    before = hq.getClient(main, ["lastHeartbeat", "revision"])
    wake(farm, "")
    after = wait_for(
        "a heartbeat",
        lambda: (row := hq.getClient(main, ["lastHeartbeat", "revision"]))["revision"] > before["revision"] and row,
        timeout=10,
    )
    assert after["lastHeartbeat"] >= before["lastHeartbeat"]


@shows(
    "client_api.terminate_paused", "client_api.terminate_no_new", "client_api.terminate_goes_on",
    "client_api.terminate_removed", "client_api.terminate_exits",
)  # fmt: skip
def test_a_client_that_terminates(farm: RealFarm, hq: Calls, tmp_path: Path) -> None:
    start_named(farm, "leaving")
    row = farm.client("leaving")
    assert row is not None
    conditions = [{"type": "client", "name": "hostname:name", "op": "==", "value": f"{HOST}:leaving"}]
    wait = f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"
    going, paused = hq.newjob([{"name": "x", "command": wait, "conditions": conditions} for _ in range(2)])
    farm.wait_for_status([going, paused], "running")
    hq.pauseJobs([paused])
    farm.wait_for_status([paused], "paused")
    port = int((farm.folder / "agent-leaving" / "hqnode.port").read_text())
    Calls(f"http://127.0.0.1:{port}").terminate()
    farm.wait_for_status([paused], "cancelled")
    (later,) = hq.newjob({"name": "x", "command": "true", "conditions": conditions})
    assert hq.getJob(going, ["status"]) == {"status": "running"}
    assert hq.getJob(later, ["status"]) == {"status": "runnable"}
    assert farm.agents["leaving"].poll() is None
    (tmp_path / "go").touch()
    farm.wait_for_status([going], "succeeded")
    wait_for("its process to end", lambda: farm.agents["leaving"].poll() is not None)
    assert farm.agents["leaving"].returncode == 0
    wait_for("it to be removed", lambda: hq.getClient(row["id"]) is None)
    assert hq.getJob(later, ["status"]) == {"status": "runnable"}
    assert [client["label"] for client in hq.getJob(going)["clients"]] == [f"{HOST}:leaving"]
    hq.cancelJobs([later])


@shows("createClientGroup.id", "getClientGroups.list", "getClientGroups.ids", "getClientGroups.all")
@shows("getClientGroups.attribs", "getClientGroup.dict", "getClientGroup.attribs", "getClientGroupByName.dict")
@shows("getClientGroupByName.attribs", "addClientToGroup.adds", "removeClientFromGroup.removes")
@shows("deleteClientGroup.deletes", "group.clients", "group.id", "group.name", "client.groups")
def test_groups(hq: Calls, main: int, gpu: int) -> None:
    one, two = hq.createClientGroup("render ones"), hq.createClientGroup("simulation")
    hq.addClientToGroup(one, gpu)
    hq.addClientToGroup(one, main)
    assert hq.getClientGroups(None, ["id", "name", "clients"]) == [
        {"id": one, "name": "render ones", "clients": [main, gpu]}, {"id": two, "name": "simulation", "clients": []},
    ]  # fmt: skip
    assert [row["id"] for row in hq.getClientGroups()] == [one, two]
    assert hq.getClientGroups([two, one], ["name"]) == [{"name": "simulation"}, {"name": "render ones"}]
    assert hq.getClientGroup(one)["clients"] == [main, gpu]
    assert hq.getClientGroup(one, ["id"]) == hq.getClientGroupByName("render ones", ["id"]) == {"id": one}
    assert hq.getClientGroupByName("simulation")["id"] == two
    assert hq.getClient(gpu, ["groups"]) == {"groups": [one]}
    hq.removeClientFromGroup(one, gpu)
    assert hq.getClientGroup(one)["clients"] == [main]
    hq.deleteClientGroup(one)
    hq.deleteClientGroup(two)
    assert hq.getClientGroups() == []
    assert hq.getClient(main, ["groups"]) == {"groups": []}


@shows("getPermittedClientsList.list", "getPermittedClientsList.hostname", "getPermittedClientsList.name")
@shows("savePermittedClientsList.only", "savePermittedClientsList.replaces", "savePermittedClientsList.hostname")
@shows("savePermittedClientsList.name", "savePermittedClientsList.unnamed")
def test_permitted_clients_are_the_ones_that_run_the_job(farm: RealFarm, hq: Calls) -> None:
    nowhere = [{"type": "client", "name": "hostname", "op": "==", "value": "nowhere"}]
    (job,) = hq.newjob({"name": "x", "command": "true", "conditions": nowhere})
    assert hq.getPermittedClientsList(job) == []
    forms = [([HOST], [HOST, f"{HOST}:gpu"]), ([f"{HOST}:"], [HOST]), ([f"{HOST}:gpu"], [f"{HOST}:gpu"])]
    for saved, permitted in forms:
        hq.setdisabled(HOST, True)
        hq.setdisabled(f"{HOST}:gpu", True)
        hq.rescheduleJobs([job])
        hq.savePermittedClientsList(job, saved)
        assert hq.getPermittedClientsList(job) == permitted
        assert nowhere[0] not in hq.getJob(job)["conditions"]
        hq.setdisabled(HOST, False)
        hq.setdisabled(f"{HOST}:gpu", False)
        farm.wait_for_status([job], "succeeded")
        assert hq.getJob(job)["clients"][-1]["label"] in permitted
