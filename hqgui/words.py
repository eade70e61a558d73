"""Translation of visible texts, without making every module that words something import Qt.

`translate("Context", "text")` is spelled as Qt's own tools find it. Until a program installs Qt's translator it gives
the text back, so actions and formats are tested without an application.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final


class _Translator:
    def __init__(self) -> None:
        self.function: Callable[[str, str], str] | None = None


_TRANSLATOR: Final = _Translator()


def translate(context: str, text: str) -> str:
    """`text` in the user's language."""
    function = _TRANSLATOR.function
    return text if function is None else function(context, text)


def install(function: Callable[[str, str], str]) -> None:
    """Let `function(context, text)` translate from now on."""
    _TRANSLATOR.function = function


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Marks a text in a table for the tools that collect texts; `translate` it where it is shown."""
    return text


def capital(text: str) -> str:
    """The text with a capital first letter: what servers and agents say begins with a small one."""
    return text[:1].upper() + text[1:]


def counted(count: int, one: str, many: str) -> str:
    """`one` or `many` with `{n}` replaced by the count, thousands set apart by a comma."""
    return (one if count == 1 else many).replace("{n}", f"{count:,}")
