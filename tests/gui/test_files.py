"""Files that one chooses: what cannot be taken is said where another name can be typed, and nothing half is written."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from hqgui.fetching import LONG_BYTES
from hqgui.inquiries import Piece, whole_output
from hqgui.models.attempts import AttemptLine, attempt_lines
from hqgui.preferring import Preferring
from hqgui.saving import save, why_not_written
from hqgui.session import Session
from hqgui.settings import Settings
from hqgui.submissions import Submissions
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.file_dialog import FileDialog, SaveDialog
from hqgui.views.inspector import Tab
from hqgui.views.main_window import MainWindow
from hqgui.views.strips import Strip
from hqgui.views.submit.json_text import JsonText
from hqgui.views.submit.reading import LARGEST
from hqserver.wire.cuts import mark
from tests.farm.harness import RealFarm, real_farm
from tests.gui.conftest import Opener
from tests.gui.windows import OpenWindow, run_on_farm, settle, until


def _type(dialog: FileDialog, text: str) -> None:
    """As somebody does who knows the name: over what stands there, and Return."""
    _focus(dialog)
    settle()
    _write(dialog, text)
    settle()


def _focus(dialog: FileDialog) -> None:
    dialog.activateWindow()
    dialog.field.setFocus()


def _write(dialog: FileDialog, text: str) -> None:
    dialog.field.selectAll()
    dialog.field.insert(text)  # Qt's own way to press keys knows no umlauts
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)


def _ask_diagnostics(opened: OpenWindow) -> SaveDialog:
    part = opened.window.findChild(Preferring)
    assert isinstance(part, Preferring)
    return part.ask_where()


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _answer(dialog: FileDialog, yes: bool) -> None:
    (asked,) = dialog.findChildren(ConfirmDialog)
    (asked.yes if yes else asked.no).click()
    settle()


def test_a_specification_is_opened_by_its_name(open_window: Opener, tmp_path: Path) -> None:
    folder = tmp_path / "out of reach, ü"
    folder.mkdir()
    (folder / "größe 1.json").write_text(json.dumps({"name": "gelesen", "command": "true"}), encoding="utf-8")
    (folder / "noise.json").write_bytes(b"\xff\xfe\x00{")
    with (folder / "large.json").open("wb") as file:
        file.truncate(LARGEST + 1)
    os.mkfifo(folder / "pipe.json")
    submissions = open_window().window.findChildren(Submissions)[0]
    submit = submissions.open()
    dialog = submissions.ask_file(submit)
    for name, reason in (
        ("missing.json", "there is no such file. Choose another one."),
        ("noise.json", "is no text in UTF-8. Choose another file"),
        ("large.json", "at most 16 MB are opened here. Submit it by a script."),
        ("pipe.json", "it is no ordinary file. Choose another one."),
    ):
        _type(dialog, str(folder / name))
        assert dialog.isVisible()
        assert name in dialog.said.text()
        assert reason in dialog.said.text()
    _type(dialog, str(folder))
    assert dialog.isVisible()
    assert Path(dialog.directory().path()) == folder
    _type(dialog, "größe 1.json")
    assert json.loads(submit.json_page.text.toPlainText())["name"] == "gelesen"
    again = submissions.ask_file(submit)
    assert Path(again.directory().path()) == folder
    again.reject()
    settle()
    assert json.loads(submit.json_page.text.toPlainText())["name"] == "gelesen"


def test_a_specification_of_megabytes_is_shown_without_colours_in_lines(qapp: QApplication) -> None:
    """Colours of 190,000 lines took eight seconds; one line of megabytes is laid out letter by letter."""
    children = [{"name": f"frame {number}", "command": "true"} for number in range(20_000)]
    text = JsonText("a text")
    data = QMimeData()
    data.setText(json.dumps({"name": "many", "children": children}))
    text.insertFromMimeData(data)
    assert json.loads(text.toPlainText())["children"] == children
    assert text.blockCount() > len(children)
    assert not text.document().firstBlock().next().layout().formats()
    text.show_text('{"name": "few"}')
    text.ensurePolished()
    settle()
    assert text.document().firstBlock().layout().formats()
    text.deleteLater()


def test_saving_adds_the_suffix_asks_before_it_replaces_and_remembers_the_folder(
    open_window: Opener, tmp_path: Path
) -> None:
    opened = open_window()
    folder = tmp_path / "for später"
    folder.mkdir()
    _type(_ask_diagnostics(opened), str(folder / "näher ansehen"))
    saved = folder / "näher ansehen.zip"
    assert zipfile.is_zipfile(saved)
    saved.write_bytes(b"mine")
    again = _ask_diagnostics(opened)
    assert Path(again.directory().path()) == folder
    _type(again, "näher ansehen")
    _answer(again, yes=False)
    assert again.isVisible()
    assert saved.read_bytes() == b"mine"
    _type(again, "näher ansehen")
    _answer(again, yes=True)
    assert zipfile.is_zipfile(saved)
    _ask_diagnostics(opened).reject()
    settle()
    assert _names(folder) == [saved.name]
    opened.settings.save()
    assert Settings(tmp_path).value("files/saved") == str(folder)


def test_where_nothing_can_be_written_the_dialog_says_so(
    open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = _ask_diagnostics(open_window())
    _type(dialog, str(tmp_path / "nowhere" / "x.zip"))
    assert "its folder is not there. Choose another folder." in dialog.said.text()
    _type(dialog, str(tmp_path / ("x" * 300)))
    assert "its name is too long. Use a shorter one." in dialog.said.text()
    monkeypatch.setattr("hqgui.saving.os.access", lambda path, mode: False)  # root may write everywhere
    _type(dialog, str(tmp_path / "x.zip"))
    assert "you have no permission. Choose another folder" in dialog.said.text()
    assert dialog.isVisible()
    dialog.field.setText("y")
    assert not dialog.said.text()


async def _pieces(*pieces: bytes, error: OSError | None = None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if error is not None:
        raise error


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path, link = tmp_path / "kept.log", tmp_path / "link.log"
    path.write_bytes(b"before")
    path.chmod(0o640)
    link.symlink_to(path)
    with pytest.raises(OSError, match="full"):
        asyncio.run(save(path, _pieces(b"half", error=OSError(errno.ENOSPC, "full"))))
    assert path.read_bytes() == b"before"
    assert asyncio.run(save(link, _pieces(b"all ", b"of it"))) == 9
    assert path.read_bytes() == b"all of it"
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert _names(tmp_path) == ["kept.log", "link.log"]
    assert "it is no ordinary file" in why_not_written(Path(os.devnull))
    assert "it is a folder" in why_not_written(tmp_path)


class _Server:
    """Answers `getOutput` for a log from which a stretch was cut, as the server does."""

    def __init__(self, log: bytes, cut: tuple[int, int]) -> None:
        self._log = log
        self._cut = cut

    async def call(self, method: str, job: int, attempt: int | None, offset: int, limit: int) -> dict[str, Any]:
        """Bytes from the first offset on that was not cut."""
        assert method == "getOutput"
        begin, end = self._cut
        offset = end if begin <= offset < end else offset
        most = min(limit, begin - offset) if offset < begin else limit
        return {"data": self._log[offset : offset + most], "offset": offset, "size": len(self._log), "attempt": 1}


def test_a_log_from_which_something_was_cut_says_so_where_it_stood() -> None:
    log = bytes(range(256)) * 16_384
    begin, end = 1_500_000, 3_300_000

    async def read() -> list[Piece]:
        return [piece async for piece in whole_output(_Server(log, (begin, end)), 1)]  # type: ignore[arg-type]

    pieces = asyncio.run(read())
    assert b"".join(one.data for one in pieces) == log[:begin] + mark(end - begin).encode() + log[end:]
    assert [one.place for one in pieces] == sorted(one.place for one in pieces)
    assert pieces[-1].place == pieces[-1].size == len(log)


def test_the_menu_of_attempts_says_how_each_ended() -> None:
    row = {"number": 1, "client": "n1", "startTime": "20261125T11:00:00", "outputBytes": 2048, "signal": None}
    ended = row | {"live": False, "exitCode": 3, "reason": "exited"}
    stopped = row | {"number": 2, "live": False, "exitCode": None, "reason": "cancelled"}
    killed = row | {"number": 3, "live": False, "exitCode": None, "signal": 9, "reason": "exited"}
    running = row | {"number": 4, "live": True, "exitCode": None, "reason": ""}
    lines = attempt_lines([ended, stopped, killed, running], 4, 1_795_604_400.0)
    assert [one.number for one in lines] == [4, 3, 2, 1]
    for line, words in zip(lines, ("running", "signal 9", "cancelled", "exit code 3"), strict=True):
        assert f" · n1 · {words} · 2 KB" in line.words
    assert attempt_lines([], 2, 0.0) == [AttemptLine(2, "Attempt 2"), AttemptLine(1, "Attempt 1")]


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with one agent."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as farm:
        yield farm


async def _output_of(session: Session, window: MainWindow, job: int) -> None:
    await until("the job to end", lambda: session.farm.jobs.value(job, "status") in ("failed", "succeeded"))
    window.go_to_job(job)
    window.open_tab(Tab.OUTPUT)


async def _save_as(window: MainWindow, path: Path) -> None:
    window.inspector.output.save_wanted.emit()
    await _answer_path(window, path)


async def _answer_path(window: MainWindow, path: Path) -> None:
    dialog = await until("a question", lambda: window.findChild(SaveDialog))
    _focus(dialog)
    await until("the keyboard", dialog.field.hasFocus)
    _write(dialog, str(path))


def test_an_earlier_attempt_is_shown_and_saved(farm: RealFarm, tmp_path: Path) -> None:
    command = f"echo x >> {tmp_path}/count; echo this is try $(wc -l < {tmp_path}/count); exit 3"

    async def script(session: Session, window: MainWindow) -> None:
        [job] = farm.hq.newjob({"name": "again", "command": command, "triesLeft": 1})
        await until("its row", lambda: job in session.farm.jobs)
        await _output_of(session, window, job)
        log, button = window.inspector.output.log, window.inspector.output.attempts
        await until("the newest", lambda: log.toPlainText() == "this is try 2" and button.text() == " Attempt 2 of 2")
        button.wanted.emit(1)
        await until("the first", lambda: log.toPlainText() == "this is try 1" and button.text() == " Attempt 1 of 2")
        await _save_as(window, tmp_path / "first")
        await until("it is told", lambda: window.strips.texts[-1:] == [f"Saved 14 B to {tmp_path}/first.log."])
        assert (tmp_path / "first.log").read_text() == "this is try 1\n"
        button.wanted.emit(2)
        await until("the newest again", lambda: log.toPlainText() == "this is try 2")

    run_on_farm(farm.url, tmp_path, script)


def test_saving_a_long_log_tells_how_far_it_is_and_can_be_stopped(farm: RealFarm, tmp_path: Path) -> None:
    command = f"head -c {LONG_BYTES + 1} /dev/zero"
    target = tmp_path / "logs"
    target.mkdir()

    async def script(session: Session, window: MainWindow) -> None:
        [job] = farm.hq.newjob({"name": "long", "command": command})
        await until("its row", lambda: job in session.farm.jobs)
        await _output_of(session, window, job)
        await until("its output", window.inspector.output.log.toPlainText)
        on = asyncio.Event()
        session.link.call = _halted(session.link.call, on)  # type: ignore[method-assign, assignment]
        await _save_as(window, target / "long")
        strip = await until("progress", lambda: window.findChild(Strip))
        assert strip.words == "Saving long.log: 12% of 8.00 MB"
        assert len(_names(target)) == 1
        strip.findChild(QPushButton).click()
        on.set()
        await until("it to stop", lambda: window.strips.texts == ["Stopped. long.log was not saved."])
        await until("its rest to go", lambda: not _names(target))
        await _save_as(window, target / "long")
        await until("all of it", lambda: _names(target) == ["long.log"])
        assert (target / "long.log").stat().st_size == LONG_BYTES + 1

    run_on_farm(farm.url, tmp_path, script)


def test_outputs_of_several_jobs_are_saved_together(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        jobs = farm.hq.newjob([{"name": "one", "command": "echo first"}, {"name": "two", "command": "seq 300000"}])
        jobs += farm.hq.newjob({"name": "silent", "command": "true"})
        for job in jobs:
            await until("its row", partial(session.farm.jobs.row_of.__contains__, job))
            await _output_of(session, window, job)
        window.tree.clearSelection()
        rows = [session.tree.index_of(job) for job in jobs]
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in rows:
            window.tree.selectionModel().select(row, flags)
        window.navigation["save_output"].trigger()
        await _answer_path(window, tmp_path / "both.zip")
        await until("the file", lambda: any("both.zip" in words for words in window.strips.texts))
        with zipfile.ZipFile(tmp_path / "both.zip") as archive:
            assert archive.testzip() is None
            assert {info.date_time[0] for info in archive.infolist()} != {1980}
            assert archive.namelist() == [f"one-{jobs[0]}.log", f"two-{jobs[1]}.log"]
            assert archive.read(f"one-{jobs[0]}.log") == b"first\n"
            assert archive.read(f"two-{jobs[1]}.log").endswith(b"\n300000\n")

    run_on_farm(farm.url, tmp_path, script)


def _halted(call: Callable[..., Awaitable[Any]], on: asyncio.Event) -> Callable[..., Awaitable[Any]]:
    """Calls, of which those for what comes after the first megabyte of a log wait."""

    async def wait(method: str, *arguments: Any, **more: Any) -> Any:
        if method == "getOutput" and arguments[2] >= 1 << 20:
            await on.wait()
        return await call(method, *arguments, **more)

    return wait
