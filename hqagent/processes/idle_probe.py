"""Prints for how many seconds nobody touched keyboard or mouse of an X11 display: `idle_probe.py DISPLAY`.

A program of its own, started for a moment: the X library ends its process when the display goes away. Asks the
screen saver extension; ends with 1 when there is no such display, no extension, or no library.
"""

import ctypes
import ctypes.util
import sys


class _Info(ctypes.Structure):
    """XScreenSaverInfo."""

    _fields_ = (
        ("window", ctypes.c_ulong),
        ("state", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("til_or_since", ctypes.c_ulong),
        ("idle", ctypes.c_ulong),
        ("event_mask", ctypes.c_ulong),
    )


def main() -> int:
    """The exit code."""
    try:
        x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        saver = ctypes.CDLL(ctypes.util.find_library("Xss") or "libXss.so.1")
    except OSError:
        return 1
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XDefaultRootWindow.argtypes = (ctypes.c_void_p,)
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    saver.XScreenSaverQueryInfo.argtypes = (ctypes.c_void_p, ctypes.c_ulong, ctypes.POINTER(_Info))
    display = x11.XOpenDisplay(sys.argv[1].encode())
    if not display:
        return 1
    info = _Info()
    if not saver.XScreenSaverQueryInfo(display, x11.XDefaultRootWindow(display), ctypes.byref(info)):
        return 1
    sys.stdout.write(f"{info.idle / 1000}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
