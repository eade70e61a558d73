"""What happened to a job, as the inspector lists it."""

from __future__ import annotations

from PySide6.QtCore import Qt

from hqgui.gallery.extras import history
from hqgui.models.history import HISTORY_COLUMNS, History


def test_the_tooltip_of_a_cell_is_the_whole_of_what_stands_there() -> None:
    model = History(lambda: 0.0)
    model.show([{**history()[2], "message": "exit code 137\nout of memory"}])
    tips = [str(model.index(0, column).data(Qt.ItemDataRole.ToolTipRole)) for column, _ in enumerate(HISTORY_COLUMNS)]
    told = dict(zip([column.key for column in HISTORY_COLUMNS], tips, strict=True))
    assert "exit code 137" in told["message"]
    assert "out of memory" in told["message"]
    assert "rnd-142" in told["client"]
    assert "exit code" not in told["client"]
    assert "UTC" in told["date"]
