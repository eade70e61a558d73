"""The care of clients, groups and resources on a real server with real agents, by the window's own ways."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from hqgui.client_part import ClientPart
from hqgui.feed_state import Phase
from hqgui.folders_part import FoldersPart
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.week import nights, rules_of, weekends
from hqgui.reporting import Reporting
from hqgui.session import Session
from hqgui.supply_part import SupplyPart
from hqgui.views.care.client_inspector import ClientTab
from hqgui.views.care.folders_window import Folder
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.main_window import MainWindow
from hqserver.wire.availability import Rule
from tests.farm.harness import RealFarm, real_farm
from tests.gui.windows import run_on_farm, until


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with two agents."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=2) as farm:
        yield farm


async def _live(session: Session) -> None:
    await until("the farm", lambda: session.feed.state.phase is Phase.LIVE and session.clients.rowCount() == 2)


def _ids(session: Session) -> dict[str, int]:
    return {str(row["name"]): client for client, row in session.farm.clients.rows.items()}


def _parts(window: MainWindow) -> tuple[SupplyPart, ClientPart]:
    supply, clients = window.findChild(SupplyPart), window.findChild(ClientPart)
    assert supply is not None
    assert clients is not None
    return supply, clients


def test_a_group_is_made_filled_undone_and_deleted(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        supply, _ = _parts(window)
        both = tuple(_ids(session).values())
        window.deed_wanted.emit("new_group", both[:1], "lookdev")
        await until(
            "the group", lambda: any(text.startswith("lookdev is a group now.") for text in window.strips.texts)
        )
        group = await until("its row", lambda: next((one for one in supply.group_table.rows if one > 0), None))
        await until("its first client", lambda: supply.group_table.rows[group].size == 1)
        supply.show_group(group)
        supply.groups.groups.clients_dropped.emit(group, both)
        await until("both", lambda: supply.group_table.rows[group].size == 2)
        await until("that it is told", lambda: any("lookdev." in text for text in window.strips.texts))
        assert sorted(supply.members.ids) == sorted(both)
        assert sorted(farm.hq.getClientGroup(group)["clients"]) == sorted(both)
        window.undo_wanted.emit()
        await until("one again", lambda: farm.hq.getClientGroup(group)["clients"] == [both[0]])
        await until("the news of it", lambda: supply.group_table.rows[group].size == 1)
        window.commands.refresh()
        window.commands.ask("delete_group")
        dialog = await until("a question", lambda: next(iter(window.findChildren(ConfirmDialog)), None))
        dialog.yes.click()
        await until("no group", lambda: farm.hq.getClientGroups() == [])
        await until("that it is told", lambda: any("Deleted the group" in text for text in window.strips.texts))
        window.undo_wanted.emit()
        await until("it is back", lambda: [row["clients"] for row in farm.hq.getClientGroups()] == [[both[0]]])

    run_on_farm(farm.url, tmp_path, script)


def test_a_week_is_painted_and_the_server_judges_as_the_window_does(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        _, clients = _parts(window)
        inspector = clients.inspector
        client = _ids(session)["n1"]
        window.show_clients((client,))
        inspector.open_tab(ClientTab.AVAILABILITY)

        async def paint(preset: int, wanted: tuple[Rule, ...]) -> None:
            inspector.editor.presets[preset].click()
            inspector.editor.save.click()
            structs = [rule.as_struct() for rule in wanted]
            await until("the rules", lambda: farm.hq.getClient(client)["availabilityRules"] == structs)
            await until("the inspector", lambda: inspector.facts is not None and inspector.facts.rules == wanted)
            assert inspector.facts is not None
            assert inspector.facts.standing.takes_jobs is farm.hq.getClient(client, ["available"])["available"]
            assert not inspector.editor.is_changed

        await paint(1, rules_of(nights()))
        await paint(2, rules_of(weekends()))
        await paint(0, ())

    run_on_farm(farm.url, tmp_path, script)


def test_a_client_is_drained_woken_described_and_takes_jobs_again(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        client = _ids(session)["n2"]
        window.show_clients((client,))
        window.commands.refresh()
        for action in ("drain_hour", "wake_client"):
            assert window.commands.actions[action].isEnabled(), window.commands.actions[action].toolTip()
            window.commands.ask(action)
        row = await until(
            "it is drained", lambda: farm.hq.getClient(client)["override"] == "drain" and farm.hq.getClient(client)
        )
        assert row["overrideUntil"] is not None
        assert not row["available"]
        await until("it calls in", lambda: any("calls in" in text for text in window.strips.texts))
        window.deed_wanted.emit("describe_client", (client,), "by the door")
        await until("its description", lambda: farm.hq.getClient(client)["description"] == "by the door")
        await until("the news", lambda: session.farm.clients.rows[client]["override"] == "drain")
        window.commands.refresh()
        window.commands.ask("end_override")
        await until("it takes jobs", lambda: farm.hq.getClient(client)["available"])

    run_on_farm(farm.url, tmp_path, script)


def test_a_resource_is_made_held_and_cannot_shrink_below_its_use(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        from hqgui.actions.supply_deeds import NewResource

        await _live(session)
        supply, clients = _parts(window)
        window.deed_wanted.emit("create_resource", (), NewResource("nuke", 2, per_machine=False))
        await until("the resource", lambda: supply.resource_table.rows)
        [job] = farm.hq.newjob({"name": "holder", "command": "exec sleep 3600", "resources": {"nuke": 2}})
        resource = next(iter(supply.resource_table.rows))
        await until("it is held", lambda: supply.resource_table.rows[resource].holders == (job,))
        supply.open("resources")
        supply.resources.select(resource)
        assert [holder.id for holder in supply.resource_table.holders_of(resource)] == [job]
        window.deed_wanted.emit("set_amount", (resource,), 1)
        await until("a refusal", lambda: any("in use" in text for text in window.strips.texts))
        runs_on = await until("it runs", lambda: farm.job(job, "clients")["clients"])
        window.show_clients((runs_on[0]["id"],))
        await until("the inspector shows it", lambda: clients.inspector.overview.running.list.table.rowCount() == 1)
        farm.hq.cancelJobs([job])
        farm.wait_for_status([job], "cancelled")
        await until("its history", lambda: clients.inspector.jobs.table.rowCount() >= 1)
        clients.show_jobs_on(runs_on[0]["id"])
        await until("the tree is filtered", lambda: session.tree.index_of(job).isValid())

    run_on_farm(farm.url, tmp_path, script)


def test_network_folders_are_saved_and_deleted(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        part = window.findChild(FoldersPart)
        assert part is not None
        dialog = part.open()
        dialog.save_wanted.emit(Folder("SHOTS", "/mnt/shots"))
        await until("it is there", lambda: any(folder.name == "SHOTS" for folder in dialog.folders))
        assert farm.hq.getEnvRoot("SHOTS", "linux") == "/mnt/shots"
        dialog.save_wanted.emit(Folder("no name", "/x"))
        await until("a refusal", lambda: "name that a variable can have" in dialog.words.text())
        dialog.delete_wanted.emit("SHOTS")
        question = await until("a question", lambda: next(iter(window.findChildren(ConfirmDialog)), None))
        question.yes.click()
        await until("it is gone", lambda: all(folder.name != "SHOTS" for folder in dialog.folders))
        dialog.close()

    run_on_farm(farm.url, tmp_path, script)


def test_all_that_failed_or_finished_in_the_table_is_deleted_after_a_question(farm: RealFarm, tmp_path: Path) -> None:
    failed = farm.hq.newjob([{"name": "bad", "command": "exit 3"}, {"name": "worse", "command": "exit 4"}])
    well = farm.hq.newjob([{"name": "well", "command": "true"}])
    farm.wait_for_status(failed, "failed")
    farm.wait_for_status(well, "succeeded")

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        await until("the jobs", lambda: {*failed, *well} <= set(session.farm.jobs.row_of))
        window._set_filter(JobFilter(frozenset({Chip.ALL}), "worse"))
        window.navigation["delete_finished"].trigger()
        await until("that there is none", lambda: any("No finished job" in text for text in window.strips.texts))
        window.navigation["delete_failed"].trigger()
        dialog = await until("a question", lambda: next(iter(window.findChildren(ConfirmDialog)), None))
        texts = [label.text() for label in dialog.findChildren(QLabel)]
        assert "1 tree: all in the table that failed" in texts
        dialog.yes.click()
        await until("it is gone", lambda: set(session.farm.jobs.row_of) & {*failed, *well} == {failed[0], *well})
        await until("no question", lambda: not window.findChildren(ConfirmDialog))
        window._set_filter(JobFilter(frozenset({Chip.ALL})))
        window.navigation["delete_finished"].trigger()
        dialog = await until("a question", lambda: next(iter(window.findChildren(ConfirmDialog)), None))
        dialog.yes.click()
        await until("what failed is left", lambda: set(session.farm.jobs.row_of) & {*failed, *well} == {failed[0]})

    run_on_farm(farm.url, tmp_path, script)


def test_diagnostics_of_a_job_hold_what_is_known_and_no_secret(farm: RealFarm, tmp_path: Path) -> None:
    secrets = {"PLATE": "a.exr", "FARM_TOKEN": "abc123"}
    spec = {"name": "a/b", "command": "echo so; echo password=hunter2; exit 3", "environment": secrets}
    [job] = farm.hq.newjob(spec)
    farm.wait_for_status([job], "failed")
    path = tmp_path / "job.zip"

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        window.go_to_job(await until("the job", lambda: job if job in session.farm.jobs else None))
        reporting = window.findChild(Reporting)
        assert reporting is not None
        dialog = reporting.ask_where()
        assert dialog is not None
        assert dialog.selectedFiles()[0].endswith(f"/a_b-{job}.zip")
        dialog.selectFile(str(path))
        dialog.accept()
        await until("it is told", lambda: any("Saved the diagnostics" in text for text in window.strips.texts))

    run_on_farm(farm.url, tmp_path, script)
    with zipfile.ZipFile(path) as held:
        texts = {Path(name).name: held.read(name).decode() for name in held.namelist()}
    told = json.loads(texts["job.json"])
    assert (told["name"], told["environment"]) == ("a/b", {"PLATE": "a.exr", "FARM_TOKEN": "•••"})
    assert [entry["status"] for entry in told["logs"]][-1] == "failed"
    assert json.loads(texts["attempts.json"])[0]["exitCode"] == 3
    assert json.loads(texts["clients.json"])[0]["id"] in {row["id"] for row in farm.hq.getClients()}
    assert "so\n" in texts["output-end.txt"]
    assert not any("hunter2" in text or "abc123" in text for text in texts.values())


def test_a_client_is_terminated_after_a_question(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        client = _ids(session)["n2"]
        window.show_clients((client,))
        window.commands.refresh()
        window.commands.ask("terminate_client")
        dialog = await until("a question", lambda: next(iter(window.findChildren(ConfirmDialog)), None))
        assert dialog.yes.text() == "Terminate 1 client"
        dialog.yes.click()
        await until("it is gone", lambda: farm.hq.getClient(client) is None and client not in session.farm.clients)
        assert farm.agents["n2"].wait(timeout=20) == 0

    run_on_farm(farm.url, tmp_path, script)
