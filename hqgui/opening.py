"""What our programs ask of each other: the tray opens Wrangler, in the window that runs or in a new one, and Wrangler
asks a tray whether it tells of notes already.
"""

from __future__ import annotations

import logging
import shutil
import sys
from dataclasses import asdict, dataclass
from typing import Final

from PySide6.QtCore import QProcess

from hqgui.single_instance import answers_yes, hand_over, socket_name

_LOG: Final = logging.getLogger(__name__)
WRANGLER: Final = "wrangler"
TRAY: Final = "tray"
TELLS_NOTES: Final = "tells notes"
"""A question to a tray: whether it tells of notes on the farm at an address."""


def tray_tells_notes(url: str) -> bool:
    """Whether a tray of this person runs that tells of notes on what is theirs on that farm."""
    return answers_yes(socket_name(TRAY), TELLS_NOTES, url)


@dataclass(frozen=True, slots=True)
class Wish:
    """What Wrangler is asked for."""

    server: str = ""
    job: int = 0
    """Go to this job; 0: to none."""
    output: bool = False
    """And show its output."""
    submit: bool = False
    """Open the form for a new job."""

    @property
    def is_particular(self) -> bool:
        """Whether more is wanted than a window."""
        return bool(self.job or self.submit)

    def as_message(self) -> dict[str, object]:
        """For the window that runs."""
        return asdict(self)

    def arguments(self) -> list[str]:
        """As `hqgui` takes them."""
        words = ["--server", self.server] if self.server else []
        words += ["--job", str(self.job)] if self.job else []
        words += ["--output"] if self.output else []
        return words + (["--submit"] if self.submit else [])


def read_wish(message: object) -> Wish:
    """A wish as it was handed over; what does not fit is left out."""
    given = message if isinstance(message, dict) else {}
    server, job = given.get("server"), given.get("job")
    return Wish(
        server if isinstance(server, str) else "",
        job if isinstance(job, int) and job > 0 else 0,
        given.get("output") is True,
        given.get("submit") is True,
    )


def open_wrangler(wish: Wish) -> bool:
    """Have Wrangler do it; False: it could not be started."""
    if hand_over(socket_name(WRANGLER), wish.as_message()):
        return True
    found = shutil.which("hqgui")
    program, words = (found, []) if found else (sys.executable, ["-m", "hqgui"])
    started, _ = QProcess.startDetached(program, [*words, *wish.arguments()])
    if not started:
        _LOG.error("%s could not be started", program)
    return started
