"""Mails of a real farm: each reason gives one, although the server is killed between the change and the mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compat.page import shows
from tests.farm.harness import RealFarm, free_port, wait_for
from tests.server.smtp import Postbox, mail_server

ANNA = {"emailTo": "anna@example.org", "emailReasons": "running, failed, succeeded, cancelled"}


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[RealFarm]:
    """Not started yet; its mail server is at the port `mail`."""
    made = RealFarm(tmp_path)
    try:
        yield made
    finally:
        made.close()


def configure(farm: RealFarm, port: int, more: str = "") -> None:
    folder = farm.folder / "server"
    folder.mkdir(exist_ok=True)
    (folder / "hqserver.ini").write_text(
        f"[main]\nsmtp_server = 127.0.0.1:{port}\nerror_email_from = hq@example.org\n{more}"
    )


def reasons(postbox: Postbox) -> Counter[tuple[str, str]]:
    return Counter((mail["X-HQ-Job"] or "", mail["X-HQ-Reason"]) for mail in postbox.mails)


def test_each_reason_gives_one_mail_although_the_server_is_killed(farm: RealFarm) -> None:
    """The mail server is away while jobs run, the server is killed with the mails in its outbox, then all go out."""
    port = free_port()
    configure(farm, port, "email_to = td@example.org\n")
    farm.start_server()
    farm.start_agent()
    good, bad, silent = farm.hq.newjob(
        [
            {"name": "good", "command": "true", **ANNA},
            {"name": "bad", "command": "false", **ANNA, "emailTo": "anna@example.org,ben@example.org"},
            {"name": "silent", "command": "true"},
        ]
    )
    farm.wait_for_status([good, silent], "succeeded")
    farm.wait_for_status([bad], "failed")
    farm.kill_server()
    postbox = Postbox()
    with mail_server(postbox, port=port):
        farm.start_server()
        postbox.wait(4)
        assert farm.stop_server() == 0
    found = reasons(postbox)
    found.pop(("", "error"), None)  # the server told its administrator that the mail server was away
    assert found == {
        (str(good), "running"): 1, (str(good), "succeeded"): 1, (str(bad), "running"): 1, (str(bad), "failed"): 1,
    }  # fmt: skip
    (failed,) = (mail for mail in postbox.mails if mail["X-HQ-Reason"] == "failed")
    assert failed["To"] == "anna@example.org, ben@example.org"
    assert "exit code 1" in failed.get_content()  # type: ignore[attr-defined]


@shows("getServerErrors.dict", "getServerErrors.none")
def test_a_mail_server_that_is_away_is_an_error_of_the_server(farm: RealFarm) -> None:
    configure(farm, free_port())
    farm.start_server()
    assert farm.hq.getServerErrors() == {}
    farm.hq.newjob({"name": "x", "emailTo": "anna@example.org", "emailReasons": "succeeded"})
    found = wait_for("the error", farm.hq.getServerErrors)
    (error,) = found["errors"]
    assert found["total"] == 1
    assert "mail cannot be sent" in error["message"]
    assert error["count"] >= 1
    assert error["firstDate"] <= error["lastDate"] == error["date"]
    again = wait_for("it to be counted", lambda: (farm.hq.getServerErrors()["errors"][0]["count"] > 1) and found)
    assert again
    farm.kill_server()
    farm.start_server()
    kept = farm.hq.getServerErrors()["errors"][0]
    assert (kept["id"], kept["firstDate"]) == (error["id"], error["firstDate"])


@pytest.mark.long
def test_kills_while_mails_go_out_lose_none_and_double_none_unseen(farm: RealFarm) -> None:
    """A mail that was taken just before a kill may come again, as the same message: its Message-ID says so."""
    port = free_port()
    configure(farm, port)
    postbox = Postbox()
    with mail_server(postbox, port=port):
        farm.start_server()
        jobs: list[int] = []
        for kill in range(1, 4):
            spec = {"name": "x", "emailTo": "anna@example.org", "emailReasons": "succeeded"}
            jobs += farm.hq.newjob([spec] * 40)
            postbox.wait(40 * kill - 20)
            farm.kill_server()
            farm.start_server()
        wait_for("all mails", lambda: len(_by_job(postbox)) == len(jobs))
        told = _by_job(postbox)
    assert set(told) == {str(job) for job in jobs}
    assert all(len(ids) == 1 for ids in told.values())


def _by_job(postbox: Postbox) -> dict[str, set[str]]:
    """The Message-IDs about each job."""
    found: dict[str, set[str]] = {}
    for mail in list(postbox.mails):
        found.setdefault(mail["X-HQ-Job"], set()).add(mail["Message-ID"])
    return found
