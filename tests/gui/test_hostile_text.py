"""Names, notes and outputs are written by strangers: they are shown as text, in every column, tooltip and dialog."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from hqgui.actions import Outcome
from hqgui.models.job_columns import COLUMNS
from hqgui.models.output import OutputBuffer
from hqgui.models.server_health import ServerError, ServerHealth
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.connect_dialog import ConnectDialog
from hqgui.views.inspector import Tab
from hqgui.views.output_view import OutputView
from hqserver.wire.attributes import feed_names
from hqserver.wire.clients import ATTRIBUTES as CLIENT_ATTRIBUTES
from tests.contracts.sources import sources_in
from tests.gui.conftest import Opener, usual_look
from tests.gui.windows import OpenWindow, settle
from tests.models.farm_rows import job_row

IMAGE = "<img src=file:///etc/hostname>"
LONG = "x" * 10_000
BIDI = "invoice\u202egpj.exe \u2066left\u2069 a\u200bb\ufeff"
BELL = "ring\x07 \x1b[31mred\x1b[0m &amp; & <b>bold</b>\r\n<script>"
TEXTS = (IMAGE, LONG, BIDI, BELL)
UNSEEN = "\u202e\u2066\u2069\u200b\ufeff\x07\x1b"
MOST_SHOWN = 2_500


def _hostile_job(number: int, text: str, **values: Any) -> dict[str, Any]:
    where = [{"id": 900, "hostname": text, "name": text, "label": text}]
    return job_row(
        number,
        name=text,
        submittedBy=text,
        latestNote=text,
        waitingFor=text,
        description=text,
        uiStatus=text,
        frame=text,
        tags=[text, text],
        clients=where,
        clientsOnHold=where,
        conditions=[{"type": "client", "name": text, "op": "==", "value": text}],
        resources={text: 1},
        **values,
    )


def _client_row(number: int, text: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        name: text if CLIENT_ATTRIBUTES[name].type == "str" else None for name in feed_names(CLIENT_ATTRIBUTES)
    }
    lists: dict[str, Any] = {"groups": [7], "runningJobs": [number], "availabilityRules": []}
    return (
        row | lists | {"id": number, "cpus": 1, "load": 0.5, "memory": 9, "memoryUsed": 3, "idleTime": 2, "failures": 2}
    )


@pytest.fixture(scope="module", params=range(len(TEXTS)), ids=("image", "long", "bidi", "controls"))
def hostile(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[OpenWindow, str]]:
    """A window whose every text is hostile."""
    text = TEXTS[request.param]
    usual_look()
    opened = OpenWindow(tmp_path_factory.mktemp("window"))
    opened.take(
        groups=[{"id": 7, "name": text, "clients": [900], "description": text}],
        resources=[{"id": 1, "name": text, "amount": 3, "inUse": 1, "description": text}],
        clients=[_client_row(number, text) for number in range(900, 906)],
        jobs=[
            _hostile_job(1, text, status="queued", childCount=12, childCounts={"failed": 12}),
            *(_hostile_job(number, text, parents=[1], status="failed", exitCode=1) for number in range(10, 22)),
            _hostile_job(30, text, status=text),
            _hostile_job(31, text, status="running", commandStartTime="20261124T11:00:00", attempt=1),
        ],
    )
    opened.live()
    opened.show_all()
    opened.session.tree.set_folding(False)
    tree = opened.window.tree
    tree.columns.shown = {column.key for column in COLUMNS}
    tree.arrange_columns()
    tree.expandRecursively(opened.session.tree.reveal(1), 3)
    settle()
    yield opened, text
    opened.close()


def _indexes(model: QAbstractItemModel, parent: QModelIndex | None = None) -> Iterator[QModelIndex]:
    top = QModelIndex() if parent is None else parent
    for row in range(model.rowCount(top)):
        for column in range(model.columnCount(top)):
            yield model.index(row, column, top)
        yield from _indexes(model, model.index(row, 0, top))


def _is_harmless(markup: str) -> bool:
    """Whether rich text has nothing but our own paragraph."""
    body = markup.removeprefix('<p style="white-space:pre-wrap">').removesuffix("</p>")
    return "<" not in body


def _faults_of_tooltip(what: str, tip: str) -> list[str]:
    if GuiQt.mightBeRichText(tip) and not _is_harmless(tip):
        return [f"{what}: tooltip is markup: {tip[:120]!r}"]
    return _faults_of_text(what, tip)


def _faults_of_text(what: str, text: str) -> list[str]:
    faults = [f"{what} shows {sign!r}: {text[:80]!r}" for sign in UNSEEN if sign in text]
    return faults + ([f"{what} is {len(text)} characters long"] if len(text) > MOST_SHOWN else [])


def _model_faults(model: QAbstractItemModel) -> Iterator[str]:
    roles = Qt.ItemDataRole
    for index in _indexes(model):
        what = f"row {index.row()} column {index.column()}"
        yield from _faults_of_text(what, str(index.data(roles.DisplayRole) or ""))
        yield from _faults_of_text(f"{what} accessible", str(index.data(roles.AccessibleTextRole) or ""))
        yield from _faults_of_tooltip(what, str(index.data(roles.ToolTipRole) or ""))


def _widget_faults(window: QWidget) -> Iterator[str]:
    for widget in (window, *window.findChildren(QWidget)):
        what = f"{type(widget).__name__} {widget.objectName()}"
        yield from _faults_of_tooltip(what, widget.toolTip())
        if isinstance(widget, QLabel):
            if widget.textFormat() != Qt.TextFormat.PlainText:
                yield f"{what} would take {widget.text()[:60]!r} for markup"
            yield from _faults_of_text(what, widget.text())
        elif isinstance(widget, QAbstractButton):
            yield from _faults_of_text(what, widget.text())
        yield from _faults_of_text(f"{what} accessible", widget.accessibleName())
    for action in window.findChildren(QAction):
        yield from _faults_of_tooltip(f"action {action.objectName()}", action.toolTip())
        yield from _faults_of_text(f"action {action.objectName()}", action.text())


def test_every_column_and_tooltip_of_jobs(hostile: tuple[OpenWindow, str]) -> None:
    opened, _ = hostile
    assert opened.session.tree.rowCount() == 3
    assert len(list(_indexes(opened.session.tree))) >= 10 * len(COLUMNS)
    assert list(_model_faults(opened.session.tree)) == []


def test_every_column_and_tooltip_of_clients(hostile: tuple[OpenWindow, str]) -> None:
    opened, _ = hostile
    assert opened.session.clients.rowCount() == 6
    assert list(_model_faults(opened.session.clients)) == []


def test_the_window_with_its_inspector_and_menus(hostile: tuple[OpenWindow, str]) -> None:
    opened, text = hostile
    window = opened.window
    for job in (1, 10, 30, 31):
        window.go_to_job(job)
        window.inspector.show_details(job, {"command": text, "environment": {text: text}, "description": text})
        window.inspector.show_history(
            job, [{"date": "20261124T11:00:00", "event": text, "status": text, "client": text, "message": text}]
        )
        for tab in Tab:
            window.open_tab(tab)
            settle()
            assert list(_widget_faults(window)) == []
        assert list(_model_faults(opened.session.history)) == []
        assert list(_model_faults(opened.session.frame_map)) == []
        window.grab()


def test_dialogs_and_strips(hostile: tuple[OpenWindow, str]) -> None:
    opened, text = hostile
    foretold = opened.session.actions.consequence("cancel", (1, 31))
    assert foretold.asks
    dialog = ConfirmDialog(foretold, opened.window)
    dialog.show()
    assert list(_widget_faults(dialog)) == []
    dialog.close()
    connect = ConnectDialog(recent=["http://hq01:5000"], parent=opened.window)
    connect.show()
    connect.show_trouble(text[:500])
    labels = connect.findChildren(QLabel)
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)
    connect.close()
    opened.window.tell(Outcome(text, text, failed=True))
    opened.window.telling.open_activity()
    opened.window.connection.show_health(ServerHealth(text, (ServerError(text, 2, 0, 0),)))
    opened.window.status.errors_wanted.emit()
    settle()
    assert list(_widget_faults(opened.window)) == []


def test_the_omnibox(hostile: tuple[OpenWindow, str]) -> None:
    opened, text = hostile
    opened.window.open_omnibox()
    box = opened.window.omnibox
    box.field.edit.setText(text[:12].strip())
    settle()
    assert list(_widget_faults(box)) == []
    assert list(_model_faults(box._table)) == []
    box.close()


def test_output_shows_what_is_there(open_window: Opener) -> None:
    opened = open_window()
    view: OutputView = opened.window.inspector.output
    buffer = OutputBuffer()
    buffer.append(f"{IMAGE}\n{BIDI}\n".encode() + b"\x00\x01\x02\xff\xfe\n" + b"y" * 1_000_000 + b"\nend\n")
    view.show_buffer(buffer)
    settle()
    lines = view.log.toPlainText().split("\n")
    assert lines[0] == IMAGE
    assert "⟨202E⟩" in lines[1]
    assert lines[2] == "␀␁␂\\xff\\xfe"
    assert max(map(len, lines)) <= 4_096
    assert sum(len(line) for line in lines if line.startswith("y")) == 1_000_000
    assert "end" in lines


def _risky(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name == "QLabel" or name.startswith(("QMessageBox", "QProgressDialog", "QInputDialog")):
            yield node.lineno, name
        if name.endswith(".setToolTip") and node.args and not _is_safe(node.args[0]):
            yield node.lineno, ast.unparse(node)


def _is_safe(argument: ast.expr) -> bool:
    """A constant, a call of `tooltip`, or the tooltip of something else."""
    if isinstance(argument, ast.Constant):
        return True
    if isinstance(argument, ast.IfExp):
        return _is_safe(argument.body) and _is_safe(argument.orelse)
    text = ast.unparse(argument)
    return text.startswith(("tooltip(", "plain_tooltip(", "self.tr(")) or text.endswith(".toolTip()")


def test_no_widget_is_made_that_takes_text_for_markup() -> None:
    found = [f"{source.path}:{line} {what}" for source in sources_in("hqgui") for line, what in _risky(source.tree)]
    assert found == []


def test_the_rule_finds_what_it_forbids() -> None:
    code = "QLabel(name)\nw.setToolTip(job.name)\nw.setToolTip(tooltip(job.name))\nQMessageBox.question(w, a, b)"
    assert [line for line, _ in _risky(ast.parse(code))] == [1, 2, 4]
