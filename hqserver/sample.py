"""Writes the sample of `hqserver.ini` from the settings table.

`python -m hqserver.sample resources/config/hqserver.ini`; a test fails when it is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from hqserver.settings import SETTINGS, Setting

_HEAD: Final = """\
; Settings of hqserver: copy this file into the server's data folder (`hqserver run --data DIR`) and take the # away
; from what you change. Behind it stands what holds without it. HQueue's own file works too, with its old or its new
; names. %(here)s is the folder of this file. Scripts read most of these with getConfig.

[main]
"""


def text() -> str:
    """The whole file."""
    return "\n".join([_HEAD, *map(_lines, SETTINGS.values())])


def _lines(row: Setting) -> str:
    older = f" (older name: {row.old_key})" if row.old_key else ""
    return f"; {row.meaning}; {row.wanted}{older}\n{f'# {row.key} = {row.default}'.rstrip()}\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
