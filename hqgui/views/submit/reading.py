"""Specifications as text: from files that are opened or dropped on a window, and written for the JSON page."""

from __future__ import annotations

import errno
import json
import stat
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDropEvent

from hqgui.models.formats import bytes_text, one_line
from hqgui.saving import trouble
from hqgui.words import translate

LARGEST = 16 << 20
_LONGEST_LINE = 20_000
_BEGINNINGS: Final = frozenset("{[")


def welcome(event: QDropEvent) -> bool:
    """Whether this may be a specification; then it is copied: who drags it must not take it away."""
    data = event.mimeData()
    is_text = not data.hasUrls() and data.text().lstrip()[:1] in _BEGINNINGS
    if not is_text and not dropped_file(data):
        return False
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
    return True


def dropped_file(data: QMimeData) -> str:
    """The path of the one JSON file that is being dropped; empty for anything else."""
    urls = data.urls() if data.hasUrls() else []
    paths = [url.toLocalFile() for url in urls if url.isLocalFile()]
    if len(paths) == 1 and paths[0].lower().endswith(".json"):
        return paths[0]
    return ""


def why_not_read(path: str | Path) -> str:
    """Why a file cannot be opened here; empty when it can."""
    return read_file(path)[1]


def read_file(path: str | Path) -> tuple[str, str]:
    """The text of a file, or else why it cannot be read and what to do."""
    name = one_line(Path(path).name, 80)
    try:
        known = Path(path).stat()
        if not stat.S_ISREG(known.st_mode):
            raise OSError(errno.EISDIR if stat.S_ISDIR(known.st_mode) else errno.EINVAL, "")
        if known.st_size > LARGEST:
            words = translate("Submit", "{name} has {size}; at most {most} are opened here. Submit it by a script.")
            return "", words.format(name=name, size=bytes_text(known.st_size), most=bytes_text(LARGEST))
        return Path(path).read_text(encoding="utf-8-sig"), ""
    except UnicodeDecodeError:
        words = translate("Submit", "{name} is no text in UTF-8. Choose another file, or save this one as UTF-8.")
        return "", words.replace("{name}", name)
    except OSError as error:
        return "", trouble(error, path)


def in_lines(text: str) -> str:
    """A text whose lines are short enough to be shown quickly; one that is no JSON stays as it is."""
    if max(map(len, text.splitlines() or [""])) <= _LONGEST_LINE:
        return text
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def written(spec: Any) -> str:
    """A specification as JSON: a line for each key, and one for each child that has no children of its own."""
    if not isinstance(spec, dict):
        return json.dumps(spec, indent=2, ensure_ascii=False)
    lines = []
    for key, value in spec.items():
        name = json.dumps(key, ensure_ascii=False)
        if key == "children" and isinstance(value, list) and value:
            inner = ",\n".join(f"    {json.dumps(child, ensure_ascii=False)}" for child in value)
            lines.append(f"  {name}: [\n{inner}\n  ]")
        else:
            lines.append(f"  {name}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}"
