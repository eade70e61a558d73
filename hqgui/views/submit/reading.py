"""Specifications from files: opened, or dropped on a window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from hqgui.models.formats import bytes_text, one_line
from hqgui.words import translate

LARGEST = 16 << 20


def dropped_json(data: QMimeData) -> str | None:
    """The path of the one JSON file that is being dropped; None for anything else."""
    urls = data.urls() if data.hasUrls() else []
    paths = [url.toLocalFile() for url in urls if url.isLocalFile()]
    if len(paths) == 1 and paths[0].lower().endswith(".json"):
        return paths[0]
    return None


def read_file(path: str) -> tuple[str, str]:
    """The text of a file, or else why it cannot be read."""
    name = one_line(Path(path).name, 80)
    try:
        size = Path(path).stat().st_size
        if size > LARGEST:
            words = translate("Submit", "{name} has {size}; at most {most} are opened here.")
            return "", words.format(name=name, size=bytes_text(size), most=bytes_text(LARGEST))
        return Path(path).read_text(encoding="utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", translate("Submit", "{name} is no text in UTF-8.").replace("{name}", name)
    except OSError as error:
        words = translate("Submit", "{name} cannot be read: {why}.").replace("{name}", name)
        return "", words.replace("{why}", error.strerror or str(error))
