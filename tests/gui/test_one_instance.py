"""One instance for a person: who starts second hands over, also of several that start at once, and after a kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from hqgui.single_instance import Claim, Instance, answers_yes, claim_or_hand_over, hand_over
from tests.farm.harness import wait_for
from tests.gui.windows import settle

_OTHER = """\
import json, sys
from PySide6.QtCore import QCoreApplication
from hqgui.single_instance import hand_over
app = QCoreApplication([])
print([hand_over(sys.argv[1], message, 5000) for message in json.loads(sys.argv[2])])
"""


def _elsewhere(name: str, *messages: object) -> str:
    """What another program is answered, while this one lives on."""
    command = [sys.executable, "-c", _OTHER, name, json.dumps(messages)]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def ended() -> bool:
        settle(1)
        return other.poll() is not None

    wait_for("an answer", ended)
    return other.communicate()[0].strip()


@pytest.fixture
def name() -> Iterator[str]:
    """Of an instance that nobody else has."""
    made = f"hqfarm-test-{uuid.uuid4().hex[:8]}"
    yield made
    assert not Path("/tmp", made).exists(), "its socket is taken away"


def test_a_second_start_hands_over_to_the_first(qapp: QApplication, name: str) -> None:
    assert not hand_over(name, {"show": True})
    first = Instance(name)
    heard: list[object] = []
    first.asked.connect(heard.append)
    assert first.hears
    assert not Instance(name).hears, "and the first one still does"
    assert _elsewhere(name, {"show": True}) == "[True]"
    assert heard == [{"show": True}]
    first.close()
    assert not hand_over(name, {"show": True})


def test_a_question_is_answered_and_is_no_wish(qapp: QApplication, name: str) -> None:
    assert not answers_yes(name, "tells notes", "http://hq:5000")
    first = Instance(name, {"tells notes": lambda farm: farm == "http://hq:5000"})
    heard: list[object] = []
    first.asked.connect(heard.append)
    questions = [("tells notes", "http://hq:5000"), ("tells notes", "http://other:5000"), ("something else", None)]
    asked = [{"question": question, "value": value} for question, value in questions]
    assert _elsewhere(name, *asked) == "[True, False, False]"
    assert heard == []
    first.close()


def test_one_that_runs_and_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    first = Claim("tray")
    assert first.holds
    second, taken = claim_or_hand_over("tray", {}, patience=0.0)
    assert (second.holds, second.is_possible, taken) == (False, True, False)
    assert second.holder == os.getpid()


def test_where_no_lock_can_be_made_it_starts_all_the_same(tmp_path: Path) -> None:
    claim = Claim("tray", tmp_path / "nowhere")
    assert (claim.holds, claim.is_possible) == (False, False)


def test_of_three_trays_that_start_at_once_one_stays_and_a_killed_one_leaves_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "HQAGENT_SOCKETS": str(tmp_path / "none"),
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
    }
    command = [sys.executable, "-m", "hqgui.tray", "--server", "http://127.0.0.1:9"]

    def start(count: int) -> list[subprocess.Popen[bytes]]:
        quiet = subprocess.DEVNULL
        return [subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) for _ in range(count)]

    trays = start(3)
    try:
        wait_for("two to hand over", lambda: sum(tray.poll() is not None for tray in trays) == 2, 60)
        assert [tray.returncode for tray in trays if tray.returncode is not None] == [0, 0]
        [first] = [tray for tray in trays if tray.poll() is None]
        first.kill()
        first.wait()
        trays += (again := start(1))
        log = tmp_path / "state" / "hqgui" / "log" / "tray.log"
        wait_for("it to start in spite of what the killed one left", lambda: log.read_text().count("begins") == 2, 60)
        trays += (last := start(1))
        assert last[0].wait(60) == 0, "and it hears"
        assert again[0].poll() is None
    finally:
        for tray in trays:
            tray.kill()
            tray.wait()
