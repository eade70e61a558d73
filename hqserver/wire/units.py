"""How commands and folders stand in a unit of systemd: its quotes are not those of a shell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

STATE: Final = Path("/var/lib")
"""Folders in it are made by systemd for the account of a service of the machine (`StateDirectory`)."""

_PLAIN: Final = re.compile(r"[\w@+=:,./-]+", re.ASCII)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "%": "%%"})


def exec_line(words: Sequence[str]) -> str:
    """What follows `ExecStart=`. Variables are put into all words but the first, so a $ of theirs stands twice."""
    program, *arguments = words
    return " ".join([_word(program), *(_word(word).replace("$", "$$") for word in arguments)])


def state_lines(data: Path) -> str:
    """What has systemd make the folder of a service of the machine; nothing where that is for somebody else to do."""
    return f"StateDirectory={data.name}\nStateDirectoryMode=0700\n" if data.parent == STATE else ""


def name_part(text: str) -> str:
    """A text as a part of a unit's name, which is also the name of a file."""
    return re.sub(r"[^\w.-]", "_", text, flags=re.ASCII)


def _word(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f'"{text.translate(_ESCAPES)}"'
