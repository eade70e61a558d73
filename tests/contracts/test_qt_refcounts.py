"""The installed PySide6 gives back what it borrows.

PySide6 6.12.0 on Python 3.11 takes a reference of None from every call that answers nothing, and one of True from every
signal that carries it, until the interpreter aborts. That ends a run after its last test has passed, so it is looked
for in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys

_CHILD = """
import sys
from PySide6.QtCore import QObject, Signal

class Lamp(QObject):
    switched = Signal(bool)

lamp = Lamp()
seen = []
lamp.switched.connect(seen.append)
before = [sys.getrefcount(value) for value in (None, True)]
for _ in range(2000):
    lamp.switched.emit(True)
seen.clear()
for _ in range(20000):
    lamp.setObjectName("lamp")
after = [sys.getrefcount(value) for value in (None, True)]
print(*(new - old for old, new in zip(before, after)))
"""


def test_signals_and_calls_keep_none_and_true_alive() -> None:
    child = subprocess.run(
        [sys.executable, "-c", _CHILD],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert child.returncode == 0, child.stderr[-2000:]
    assert all(abs(int(change)) < 100 for change in child.stdout.split()), (
        f"references of None and True: {child.stdout}"
    )
