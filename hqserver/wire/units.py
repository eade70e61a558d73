"""How a command stands in a unit of systemd: its quotes are not those of a shell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_PLAIN: Final = re.compile(r"[\w@+=:,./-]+", re.ASCII)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "%": "%%"})


def exec_line(words: Sequence[str]) -> str:
    """What follows `ExecStart=`. Variables are put into all words but the first, so a $ of theirs stands twice."""
    program, *arguments = words
    return " ".join([_word(program), *(_word(word).replace("$", "$$") for word in arguments)])


def name_part(text: str) -> str:
    """A text as a part of a unit's name, which is also the name of a file."""
    return re.sub(r"[^\w.-]", "_", text, flags=re.ASCII)


def _word(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f'"{text.translate(_ESCAPES)}"'
