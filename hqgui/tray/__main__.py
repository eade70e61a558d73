"""The artists' tray: my machine and my jobs, beside the clock. `hqtray [--server URL]`.

Only the command line stands here, so that `--help` answers at once and on a machine without Qt.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import platformdirs

from hqgui import __version__
from hqgui.displays import why_no_window
from hqserver.wire.console import while_read

_DESCRIPTION: Final = """\
Puts an icon into the desktop's tray: how my jobs on the render farm fare, whether the farm uses this machine, and a way
to take the machine back. On a desktop without a tray it is a small window.

Without --server it shows the farm that was shown last, else the one that Wrangler showed last, else it asks. One runs
for a person; a second start shows the first one.
"""
_EXAMPLES: Final = """\
examples:
  hqtray                        the farm of the last time
  hqtray --server hq01          the farm at http://hq01:5000
  hqtray --show                 open the popup too
  hqtray --start-with-session on
                                start it at each login from now on

files:
  {settings}
                                what it remembers; for everybody of this machine: {everybodys}
  {log}
                                what it logs; a second file beside it tells of a hard crash

exit codes:
  0 well or handed over to the one that runs, 1 nothing can be shown or changed, 2 a wrong argument
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its answer is the exit code: 0 well, 1 nothing can be shown, 2 a wrong argument."""
    return while_read(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.start_with_session:
        return _start_with_session(options.start_with_session)
    why_not = why_no_window()
    if why_not:
        return _refuse(why_not)
    return _run(parser, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hqtray",
        description=_DESCRIPTION,
        epilog=_EXAMPLES.format(**_places()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"hqtray {__version__}")
    parser.add_argument("--server", metavar="URL", help="address of the farm's server: hq01 or http://hq01:5000")
    parser.add_argument("--show", action="store_true", help="open the popup at once")
    parser.add_argument(
        "--start-with-session", choices=("on", "off", "status"), help="say whether it starts at each login, and end"
    )
    parser.add_argument("--verbose", action="store_true", help="write more to the log")
    return parser


def _places() -> dict[str, str]:
    """Where its files are, told without Qt: the help is for machines without it, too."""
    everybodys = "" if sys.platform in ("darwin", "win32") else "/etc/xdg/hqfarm/tray.ini"
    given = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~", ".config"))
    names = {
        "settings": str(given / "hqfarm" / "tray.ini"),
        "everybodys": everybodys or "-",
        "log": str(Path(platformdirs.user_log_dir("hqgui", appauthor=False), "tray.log")),
    }
    return {name: place.replace("%", "%%") for name, place in names.items()}


def _refuse(words: str) -> int:
    if sys.stderr is not None:  # a Windows program without a console has none
        sys.stderr.write(f"hqtray: {words}\n")
    return 1


def _start_with_session(wanted: str) -> int:
    if importlib.util.find_spec("PySide6") is None:
        return _refuse(why_no_window())
    from hqgui.autostart import change

    code, words = change(wanted)
    if code:
        return _refuse(words)
    if sys.stdout is not None:
        sys.stdout.write(f"{words}\n")
    return 0


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from PySide6.QtWidgets import QApplication

    from hqgui.crashes import keep_logs, log_folder
    from hqgui.link import LinkError, normal_url
    from hqgui.opening import TELLS_NOTES, TRAY
    from hqgui.single_instance import Instance, claim_or_hand_over, socket_name
    from hqgui.tasks import run, until_told

    url = ""
    if options.server is not None:
        try:
            url = normal_url(options.server)
        except LinkError as error:
            parser.error(f"argument --server: {error.words}")
    app = QApplication([sys.argv[0]])
    app.setOrganizationName("hqfarm")
    app.setApplicationName("hqtray")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("org.hqfarm.tray")
    claim, taken = claim_or_hand_over(socket_name(TRAY), {"server": url, "show": True})
    if taken:
        return 0
    if claim.is_possible and not claim.holds:
        return _refuse(f"it runs already (process {claim.holder}) but does not answer; end that one and start again.")
    keep_logs(log_folder(), "tray", options.verbose)
    logging.getLogger("hqgui").info("hqtray %s begins", __version__)

    async def live() -> int:
        from hqgui.settings import Settings
        from hqgui.tray.program import Tray

        tray = Tray(Settings(program="tray"), Settings())
        instance = Instance(socket_name(TRAY), {TELLS_NOTES: tray.tells_notes})

        def asked(message: object) -> None:
            given = message if isinstance(message, dict) else {}
            if given.get("server"):
                tray.follow(normal_url(str(given["server"])))
            tray.open_popup()

        instance.asked.connect(asked)
        tray.start(url)
        if options.show:
            tray.open_popup()
        await until_told(tray.ended)
        instance.close()
        await tray.stop()
        return 0

    return run(app, live)


if __name__ == "__main__":
    sys.exit(main())
