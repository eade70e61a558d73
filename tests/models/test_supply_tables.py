"""Groups and resources as tables: what a row counts, what a drop means, and that an update keeps what is selected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt

from hqgui.models.client_drag import CLIENTS_TYPE, as_mime, clients_in
from hqgui.models.clients import ClientFilter, ClientTable
from hqgui.models.farm import FarmChanges, FarmData
from hqgui.models.group_table import EVERYBODY, NOBODYS, GroupTable
from hqgui.models.resource_table import ResourceTable
from hqgui.models.roles import Role
from hqgui.models.status_words import client_sign
from hqgui.models.summary import Summary
from tests.models.farm_rows import client_row, job_row


@pytest.fixture
def farm() -> FarmData:
    found = FarmData()
    found.upsert("groups", [{"id": 1, "name": "gpu", "clients": [1, 2]}, {"id": 2, "name": "sim", "clients": []}])
    rows = [
        client_row(1, groups=[1], status="busy", runningJobs=[10]),
        client_row(2, groups=[1]),
        client_row(3, status="offline"),
        client_row(4, groups=[77]),
    ]
    found.upsert("clients", rows)
    found.upsert("jobs", [job_row(10, status="running", resources={"nuke": 2}), job_row(11, resources={"nuke": 1})])
    return found


def test_groups_count_their_clients(farm: FarmData, qtmodeltester: object) -> None:
    table = GroupTable(farm)
    table.apply(farm.take_changes())
    qtmodeltester.check(table)  # type: ignore[attr-defined]
    assert list(table.ids) == [EVERYBODY, NOBODYS, 1, 2]
    assert [table.rows[group].size for group in table.ids] == [4, 2, 2, 0]
    assert table.number == 2
    assert table.index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "gpu, Clients 2, Busy 1, Free 1"
    assert table.index(2, 1).data(Role.CELL).segments[0] == ("client-busy", 0.5)


def test_the_rows_for_everybody_stay_first_however_it_is_sorted(farm: FarmData) -> None:
    table = GroupTable(farm)
    table.apply(farm.take_changes())
    table.sort(0, Qt.SortOrder.DescendingOrder)
    assert list(table.ids) == [EVERYBODY, NOBODYS, 2, 1]
    table.sort(1, Qt.SortOrder.AscendingOrder)
    assert list(table.ids) == [EVERYBODY, NOBODYS, 2, 1]


def test_an_update_inserts_and_removes_rows_and_resets_nothing(farm: FarmData) -> None:
    table = GroupTable(farm)
    table.apply(farm.take_changes())
    resets: list[None] = []
    table.modelReset.connect(lambda: resets.append(None))
    from PySide6.QtCore import QPersistentModelIndex

    kept = QPersistentModelIndex(table.index_of(2))
    farm.upsert("groups", [{"id": 3, "name": "artists"}])
    farm.remove("groups", [1])
    table.apply(farm.take_changes())
    assert list(table.ids) == [EVERYBODY, NOBODYS, 3, 2]
    assert kept.data(Role.ID) == 2
    assert table.rows[NOBODYS].size == 4, "whose group is gone is in none"
    assert not resets


def test_dragged_clients_are_ids_here_and_names_elsewhere() -> None:
    data = as_mime([(3, "node3"), (4, "node4")])
    assert data.text() == "node3\nnode4"
    assert clients_in(data) == (3, 4)
    data.setData(CLIENTS_TYPE, b"3,x,-1")
    assert clients_in(data) == (3,)
    assert clients_in(QMimeData()) == ()


def test_the_clients_table_shows_a_group_or_those_in_none(farm: FarmData) -> None:
    table = ClientTable(farm.clients, farm.jobs, farm.groups)
    table.apply(farm.take_changes().clients)
    table.set_filter(ClientFilter(group=1))
    assert sorted(table.ids) == [1, 2]
    table.set_filter(ClientFilter(group=0))
    assert sorted(table.ids) == [3, 4]
    assert clients_in(table.mimeData([table.index(0, 0), table.index(0, 1), table.index(1, 0)])) == tuple(table.ids)


def test_resources_say_who_holds_them_and_who_waits(farm: FarmData, qtmodeltester: object) -> None:
    rows = [
        {"id": 1, "name": "nuke", "amount": 3, "inUse": 2, "perMachine": False, "holders": [10]},
        {"id": 2, "name": "mari", "amount": 1, "inUse": 1, "perMachine": True, "holders": [1]},
        {"id": 3, "name": "unused", "amount": 0, "inUse": 0, "perMachine": False, "holders": []},
    ]
    farm.upsert("resources", rows)
    table = ResourceTable(farm)
    table.apply(farm.take_changes())
    qtmodeltester.check(table)  # type: ignore[attr-defined]
    assert [table.rows[one].name for one in table.ids] == ["mari", "nuke", "unused"]
    nuke = table.rows[1]
    assert (nuke.free, nuke.waiting, nuke.holder_names) == (1, 1, ("job 10",))
    (job,) = table.holders_of(1)
    assert (job.id, job.is_client, job.status, job.amount) == (10, False, "running", "2")
    (client,) = table.holders_of(2)
    assert (client.id, client.is_client, client.status, client.name, client.where) == (
        1, True, "client-busy", "node1", "job 10",
    )  # fmt: skip
    assert table.index_of(3, 1).data(Role.CELL).fraction == 0.0


_clients = st.lists(
    st.tuples(
        st.integers(1, 6), st.lists(st.integers(1, 4), max_size=3, unique=True), st.sampled_from(["busy", "offline"])
    ),
    max_size=5,
)


@given(st.lists(st.tuples(_clients, st.sets(st.integers(1, 6), max_size=2), st.sets(st.integers(1, 4))), max_size=5))
def test_counts_that_follow_changes_are_those_counted_anew(
    changes: list[tuple[list[tuple[int, list[int], str]], set[int], set[int]]],
) -> None:
    farm = FarmData()
    table = GroupTable(farm)
    for clients, gone, groups in changes:
        farm.upsert("clients", [client_row(one, groups=sorted(of), status=status) for one, of, status in clients])
        farm.remove("clients", gone)
        farm.upsert("groups", [{"id": group, "name": f"g{group}"} for group in groups])
        table.apply(farm.take_changes())
        anew = GroupTable(farm)
        anew.apply(FarmChanges(kinds=frozenset({"groups"})))
        assert {group: dict(row.counts) for group, row in table.rows.items()} == {
            group: dict(row.counts) for group, row in anew.rows.items()
        }


def test_a_client_that_somebody_took_out_is_not_counted_as_outside_its_hours() -> None:
    farm = FarmData()
    farm.upsert(
        "clients",
        [
            client_row(1, status="unavailable"),
            client_row(2, status="unavailable", override="drain"),
            client_row(3, status="unavailable", override="mine"),
            client_row(4, status="busy", override="drain"),
        ],
    )
    summary = Summary(farm, lambda: 0.0, lambda: 0)
    assert summary.read().clients == (("busy", 1), ("unavailable", 1), ("drained", 1), ("taken back", 1))
    assert [client_sign(farm.clients.rows[client]) for client in (1, 2)] == ["client-unavailable", "client-drained"]
    farm.upsert("clients", [{"id": 2, "status": "unavailable", "override": "none"}])
    farm.clients.remove([3])
    assert summary.read().clients == (("busy", 1), ("unavailable", 2))
