"""Damage in the database: it is noticed, kept apart, never executed, and never a reason not to start."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from hqserver.core.commands import Verb
from hqserver.core.kept import Kept
from hqserver.core.records import AttemptState, Settings
from hqserver.core.restoring import restore
from hqserver.core.state import Changes
from hqserver.store.store import Store, StoreError, check
from hqserver.store.tables import QUARANTINE
from hqserver.wire.agent import End, EndReason, Start
from hqserver.wire.jobs import Hook, JobSpec
from hqserver.wire.statuses import JobEvent, JobStatus
from tests.store.histories import History, differences, picture_of, picture_of_farm
from tests.store.stored import behind_its_back, commit, count_rows

Opener = Callable[[str], Store]

FILM, FRAMES = 1, (2, 3, 4)


class Film:
    """Frames below a job that joins them, on disk; two frames run on client 1, one waits."""

    def __init__(self, database: str, open_store: Opener) -> None:
        self.database = database
        self.open_store = open_store
        self.store = open_store(database)
        self.store.load()
        self.orders: list[Any] = []
        self.history = History(0, self.keep)
        self.history.arrive()
        parts = tuple(JobSpec(f"frame {id_}", f"render {id_}", cpus=2) for id_ in FRAMES)
        self.history.world.submit(JobSpec("film", "join", children=parts))
        self.history.world.beat_all()
        self.store.close()

    def keep(self, changes: Changes) -> None:
        self.orders += [order for _, order in changes.orders]
        commit(self.store, changes)

    def damage(self, statement: str) -> None:
        """Change one row behind the store's back."""
        with behind_its_back(self.database) as connection:
            assert connection.execute(sa.text(statement)).rowcount == 1

    def restart(self) -> History:
        """Load what is there; every agent comes back."""
        self.store = self.open_store(self.database)
        self.orders.clear()
        farm = restore(Settings(), self.store.load(), self.history.world.now)
        self.history.keep = self.keep
        self.history.follow(farm)
        return self.history

    def run_everything(self) -> set[str]:
        """Let somebody have everything run again, and run it; the commands that were started."""
        world = self.history.world
        world.act(Verb.RESCHEDULE, *world.farm.jobs)
        world.run_all(lambda job: int(job not in FRAMES or world.job(job).spec.command == "exit 1"))
        return {order.command for order in self.orders if isinstance(order, Start)}

    def in_quarantine(self) -> list[tuple[str, dict[str, Any]]]:
        """Table and row of what was put aside."""
        with behind_its_back(self.database) as connection:
            select = sa.select(QUARANTINE.c.table, QUARANTINE.c.row).order_by(QUARANTINE.c.number)
            return [(table, json.loads(row)) for table, row in connection.execute(select)]


@pytest.fixture
def film(database: str, open_store: Opener) -> Film:
    return Film(database, open_store)


def test_a_flipped_bit_in_a_specification_is_never_executed(film: Film) -> None:
    film.damage("UPDATE jobs SET spec = replace(spec, 'render 3', 'render 9') WHERE id = 3")
    job = film.restart().world.job(3)
    assert (job.status, job.log[-1].event) == (JobStatus.FAILED, JobEvent.DAMAGED)
    assert "checksum" in job.log[-1].message
    assert any("job 3" in line for line in film.store.damages)
    ((table, row),) = film.in_quarantine()
    assert (table, row["id"]) == ("jobs", 3)
    assert "render 9" in row["spec"]
    assert film.run_everything() == {"render 4", "exit 1"}, "frame 2 ran already, the others are not what was sent"
    assert film.history.world.job(FILM).status is JobStatus.FAILED


def test_a_job_whose_number_was_changed_while_a_hook_of_it_runs_is_stopped(film: Film) -> None:
    film.restart().world.hello("free", cpus=1)
    (failing,) = film.history.world.submit(JobSpec("failing", "exit 1", priority=9, hooks={Hook.ON_ERROR: "sweep"}))
    film.history.world.beat_all()
    film.history.world.end(failing, exit_code=1)
    assert film.history.world.job(failing).hook is not None
    film.store.close()
    film.damage(f"UPDATE jobs SET id = 99 WHERE id = {failing}")
    world = film.restart().world
    assert world.job(99).log[-1].event == JobEvent.DAMAGED
    assert f"it is of job {failing}" in world.job(99).log[-1].message
    assert all(id_ in world.farm.jobs for client in world.farm.clients.values() for id_ in client.attempts)


def test_damage_is_told_once_and_then_stays_put_aside(film: Film) -> None:
    film.damage("UPDATE jobs SET crc = crc + 1 WHERE id = 3")
    film.damage("UPDATE attempts SET state = 'stbrted' WHERE job = 2")
    before = picture_of_farm(film.restart().farm)
    assert len(film.store.damages) == 4
    film.store.close()
    again = film.open_store(film.database)
    assert differences(picture_of(again.load()), before) == []
    assert again.damages == []
    assert count_rows(again, "quarantine") == 2


def test_check_says_what_a_start_would_find_and_changes_nothing(film: Film, tmp_path: Any) -> None:
    film.damage("UPDATE jobs SET crc = crc + 1 WHERE id = 3")
    found = [check(tmp_path, film.database) for _ in range(2)]
    assert found[0] == found[1]
    assert any("checksum" in line for line in found[0])
    film.restart()
    film.store.close()
    (line,) = check(tmp_path, film.database)
    assert "quarantine" in line


def test_check_says_plainly_that_a_table_is_gone(film: Film, tmp_path: Any) -> None:
    with behind_its_back(film.database) as connection:
        connection.execute(sa.text("DROP TABLE edges"))
    with pytest.raises(StoreError, match=r"cannot be read; restore the newest backup: .*edges"):
        check(tmp_path, film.database)


@pytest.mark.parametrize("column", ["queued_at", "priority", "status", "warnings", "show_blocked_warning"])
def test_a_job_with_a_damaged_attribute_does_not_go_on_by_itself(film: Film, column: str) -> None:
    value = {"status": "'runnabme'", "warnings": "'[1]'"}.get(column, "-9007199254740993")
    if column == "show_blocked_warning":
        value = "2"
    film.damage(f"UPDATE jobs SET {column} = {value} WHERE id = 4")
    world = film.restart().world
    assert world.job(4).status is JobStatus.FAILED
    assert column in world.job(4).log[-1].message
    assert world.job(4).spec.command == "render 4"
    assert world.job(2).status is JobStatus.RUNNING
    assert film.run_everything() >= {"render 4"}


def test_a_parent_does_not_run_when_a_child_is_lost(film: Film) -> None:
    film.damage("DELETE FROM jobs WHERE id = 4")
    world = film.restart().world
    world.run_all()
    assert world.job(FILM).status is JobStatus.FAILED
    assert "child 4 is lost" in next(entry.message for entry in world.job(FILM).log if entry.event == JobEvent.DAMAGED)
    assert not [order for order in film.orders if isinstance(order, Start) and order.job == FILM]


def test_a_damaged_attempt_is_ended_and_its_number_is_not_used_again(film: Film) -> None:
    film.damage("UPDATE attempts SET state = 'stbrted' WHERE job = 2")
    world = film.restart().world
    assert world.job(2).status is JobStatus.FAILED
    assert [order.reason for order in film.orders if isinstance(order, End)] == [EndReason.SUPERSEDED]
    world.act(Verb.RESCHEDULE, 2)
    world.run_all()
    assert [attempt.number for attempt in world.job(2).attempts] == [1, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM attempts WHERE job = 2",
        "UPDATE attempts SET client = 77 WHERE job = 2",
        "UPDATE attempts SET job = 4 WHERE job = 2",
        "UPDATE attempts SET state = 'over' WHERE job = 2",
    ],
)
def test_a_running_job_without_its_attempt_waits_for_a_person(film: Film, statement: str) -> None:
    film.damage(statement)
    world = film.restart().world
    assert world.job(2).status is JobStatus.FAILED
    assert not [order for order in film.orders if isinstance(order, Start) and order.job == 2]
    for job in world.farm.jobs.values():
        assert all(attempt.state is AttemptState.OVER for attempt in job.attempts[:-1])


def test_a_damaged_client_keeps_its_attempts(film: Film) -> None:
    film.damage("UPDATE clients SET machine = 'x', disabled = 7 WHERE id = 1")
    world = film.restart().world
    assert not world.farm.clients[1].disabled
    assert world.farm.clients[1].machine.cpus == 2
    assert world.job(2).status is JobStatus.RUNNING
    assert [table for table, _ in film.in_quarantine()] == ["clients"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM submissions WHERE id = 1",
        "UPDATE submissions SET id = 4097 WHERE id = 1",
        "UPDATE submissions SET ids = '[' WHERE id = 1",
        "UPDATE jobs SET submission = 4097 WHERE id = 3",
        "UPDATE jobs SET submission = -1 WHERE id = 3",
    ],
)
def test_no_job_is_dropped_because_its_submission_is_damaged(film: Film, statement: str) -> None:
    film.damage(statement)
    assert set(film.restart().farm.jobs) == {FILM, *FRAMES}


@pytest.mark.parametrize("statement", ["DELETE FROM meta", "UPDATE meta SET value = -1", "UPDATE meta SET value = 0"])
def test_numbers_are_not_given_twice_when_the_counters_are_damaged(film: Film, statement: str) -> None:
    with behind_its_back(film.database) as connection:
        assert connection.execute(sa.text(statement)).rowcount == 5 + len(Kept)
    world = film.restart().world
    assert world.submit(JobSpec("new", "x")) == (max(FRAMES) + 1,)
    film.store.close()
    assert len(film.open_store(film.database).load().jobs) == 5


def test_a_circle_of_jobs_is_cut(film: Film) -> None:
    film.damage("INSERT INTO edges (child, parent, position) VALUES (1, 3, 0)")
    world = film.restart().world
    assert world.job(FILM).parents == []
    assert world.job(3).parents == [FILM]
    assert any("waits for" in line for line in film.store.damages)


def test_what_belongs_to_no_job_is_put_aside(film: Film) -> None:
    film.damage("UPDATE job_log SET job = 99 WHERE job = 4 AND number = 1")
    film.damage("UPDATE edges SET child = 99 WHERE child = 4")
    film.restart()
    assert [table for table, _ in film.in_quarantine()] == ["edges", "job_log"]


def test_many_damaged_rows_do_not_flood_the_log(film: Film, caplog: pytest.LogCaptureFixture) -> None:
    with behind_its_back(film.database) as connection:
        connection.execute(sa.text("DELETE FROM job_log"))
        rows = [{"n": number} for number in range(1, 201)]
        insert = (
            "INSERT INTO job_log (job, number, at, event, status, client, message) VALUES (99, :n, 0, '', '', '', '')"
        )
        connection.execute(sa.text(insert), rows)
    film.restart()
    assert len(film.store.damages) == 200
    assert 0 < len(caplog.records) < 60
