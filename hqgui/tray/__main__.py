"""The artists' tray: my machine and my jobs, beside the clock. `hqtray [--server URL]`.

Only the command line stands here, so that `--help` answers at once and on a machine without Qt.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from hqgui import __version__
from hqgui.displays import why_no_window

_DESCRIPTION: Final = """\
Puts an icon into the desktop's tray: how my jobs on the render farm fare, whether the farm uses this machine, and a way
to take the machine back. On a desktop without a tray it is a small window.

Without --server it shows the farm that was shown last, else the one that Wrangler showed last, else it asks. One runs
for a person; a second start shows the first one. What it remembers is kept in the user's own settings.
"""
_EXAMPLES: Final = """\
examples:
  hqtray                        the farm of the last time
  hqtray --server hq01          the farm at http://hq01:5000
  hqtray --show                 open the popup too
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its answer is the exit code: 0 well, 1 nothing can be shown, 2 a wrong argument."""
    parser = _parser()
    options = parser.parse_args(arguments)
    why_not = why_no_window()
    if why_not:
        sys.stderr.write(f"hqtray: {why_not}\n")
        return 1
    return _run(parser, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hqtray",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"hqtray {__version__}")
    parser.add_argument("--server", metavar="URL", help="address of the farm's server: hq01 or http://hq01:5000")
    parser.add_argument("--show", action="store_true", help="open the popup at once")
    parser.add_argument("--verbose", action="store_true", help="write more to the log")
    return parser


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from PySide6.QtWidgets import QApplication

    from hqgui.crashes import keep_logs, log_folder
    from hqgui.link import LinkError, normal_url
    from hqgui.single_instance import Instance, hand_over, socket_name
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
    if hand_over(socket_name("tray"), {"server": url, "show": True}):
        return 0
    keep_logs(log_folder(), "tray", options.verbose)

    async def live() -> int:
        from hqgui.settings import Settings
        from hqgui.tray.program import Tray

        tray = Tray(Settings(program="tray"), Settings())
        instance = Instance(socket_name("tray"))

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
