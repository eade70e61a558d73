"""What became of an action, as a value that a result strip shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """Words for the user, and what a view may offer with them."""

    text: str
    detail: str = ""
    skipped: tuple[int, ...] = ()
    """Ids that were left as they are."""
    failed: bool = False
    """It was refused or the server is out of reach; `text` says why."""
    passing: bool = False
    """It failed as long as the server is out of reach, and left nothing to mend: it is over when that is back."""
    undo: bool = False
    """Whether it can be taken back."""
    clipboard: str | None = None
    """Text to put on the clipboard."""
