"""Wrangler: the window on a farm. `hqgui [--server URL]`.

Only the command line stands here, so that `--help` answers at once and on a machine without Qt; what opens windows is
imported when one is opened.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

import platformdirs

from hqgui import __version__
from hqgui.displays import why_no_window
from hqserver.wire.console import while_read

_DESCRIPTION: Final = """\
Opens Wrangler, the window on a render farm: its jobs, its clients, what they do and what they say.

Without --server it shows the farm that was shown last. At the first start it asks for one, and looks whether a server
runs on this machine. What the window remembers (farm, layout, columns, theme) is kept in the user's own settings.
"""
_EXAMPLES: Final = """\
examples:
  hqgui                                  the farm of the last time
  hqgui --server hq01                    the farm at http://hq01:5000
  hqgui --server http://render.example:8000
  hqgui --server hq01 --job 48212        go to a job, in the window that is open if there is one
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its answer is the exit code: 0 well, 1 no window can be opened, 2 a wrong argument."""
    return while_read(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    why_not = why_no_window()
    if why_not:
        sys.stderr.write(f"hqgui: {why_not}\n")
        return 1
    return _run(parser, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hqgui",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"hqgui {__version__}")
    parser.add_argument("--server", metavar="URL", help="address of the farm's server: hq01 or http://hq01:5000")
    parser.add_argument("--job", type=_job, default=0, metavar="ID", help="go to this job")
    parser.add_argument("--output", action="store_true", help="with --job: and show its output")
    parser.add_argument("--submit", action="store_true", help="open the form for a new job")
    folder = platformdirs.user_log_dir("hqgui", appauthor=False).replace("%", "%%")
    parser.add_argument("--verbose", action="store_true", help=f"write more to the log, which is in {folder}")
    return parser


def _job(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a job is named by its id, a whole number from 1 on, got {text!r}")
    return int(text)


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from PySide6.QtWidgets import QApplication

    from hqgui.crashes import keep_logs, log_folder
    from hqgui.link import LinkError, normal_url
    from hqgui.opening import WRANGLER, Wish, read_wish
    from hqgui.single_instance import Instance, hand_over, socket_name
    from hqgui.tasks import run, until_closed

    url = ""
    if options.server is not None:
        try:
            url = normal_url(options.server)
        except LinkError as error:
            parser.error(f"argument --server: {error.words}")
    app = QApplication([sys.argv[0]])
    app.setOrganizationName("hqfarm")
    app.setApplicationName("hqgui")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("org.hqfarm.wrangler")
    wish = Wish(url, options.job, options.output, options.submit)
    if wish.is_particular and hand_over(socket_name(WRANGLER), wish.as_message()):
        return 0
    keep_logs(log_folder(), "wrangler", options.verbose)

    async def live() -> int:
        from hqgui.settings import Settings
        from hqgui.windows import Windows

        windows = Windows(Settings())
        windows.dress()
        windows.start(url)
        windows.fulfil(wish)
        instance = Instance(socket_name(WRANGLER))
        instance.asked.connect(lambda message: windows.fulfil(read_wish(message)))
        await until_closed(app)
        instance.close()
        await windows.stop()
        return 0

    return run(app, live)


if __name__ == "__main__":
    sys.exit(main())
