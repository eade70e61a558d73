"""Values as a wrangler reads them: durations, times, sizes, counts, and foreign text made harmless.

Everything takes what it needs as arguments (the time too) and gives plain text; only `tooltip` gives markup, with the
text escaped.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from hqgui.words import translate

LONGEST_LINE: Final = 1_000
LONGEST_TOOLTIP: Final = 2_000

_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
"""Control characters and marks that change the direction or the look of text without being seen."""

_LAST_NUMBER: Final = re.compile(r"\d+(?=\D*$)")
_UNITS: Final = ("B", "KB", "MB", "GB", "TB", "PB")


def duration(seconds: float | None) -> str:
    """`45s`, `1m 20s`, `41m`, `1h 04m`, `2d 3h`; empty for None and for what is below zero.

    Seconds are dropped from ten minutes on, where nobody plans by them.
    """
    if seconds is None or seconds < 0:
        return ""
    whole = int(seconds)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if whole < 60:
        return f"{second}s"
    if minutes < 10:
        return f"{minute}m {second:02d}s"
    if hours < 1:
        return f"{minute}m"
    if hours < 24:
        return f"{hours}h {minute:02d}m"
    return f"{hours // 24}d {hours % 24}h" if hours % 24 else f"{hours // 24}d"


def exact_duration(seconds: float | None) -> str:
    """As `duration`, with seconds up to an hour: `31m 05s`."""
    if seconds is None or not 60 <= seconds < 3600:
        return duration(seconds)
    minute, second = divmod(int(seconds), 60)
    return f"{minute}m {second:02d}s"


def rough_duration(seconds: float | None) -> str:
    """As `duration`, without seconds from a minute on, as befits a mean: `6m`."""
    if seconds is None or not 60 <= seconds < 600:
        return duration(seconds)
    return f"{int(seconds // 60)}m"


def when(seconds: int | None, now: float, zone: tzinfo | None = None) -> str:
    """`11:52` today, `Mon 18:20` within a week, `12 Mar` this year, `12 Mar 2025` before that; None: empty.

    Local time unless `zone` is given.
    """
    if seconds is None:
        return ""
    then, today = _local(seconds, zone), _local(now, zone)
    days = (today.date() - then.date()).days
    if days == 0:
        return f"{then:%H:%M}"
    if 0 < days < 7:
        return f"{_day(then)} {then:%H:%M}"
    text = f"{then.day} {_month(then)}"
    return text if then.year == today.year else f"{text} {then.year}"


def clock(seconds: int | None, zone: tzinfo | None = None) -> str:
    """`11:52:08`; None: empty."""
    return "" if seconds is None else f"{_local(seconds, zone):%H:%M:%S}"


def both_times(seconds: int | None, zone: tzinfo | None = None) -> str:
    """ISO in local time and in UTC, on two lines; None: empty."""
    if seconds is None:
        return ""
    local = _local(seconds, zone)
    utc = local.astimezone(UTC)
    return f"{local:%Y-%m-%d %H:%M:%S %z}\n{utc:%Y-%m-%d %H:%M:%S} UTC"


def _local(seconds: float, zone: tzinfo | None) -> datetime:
    if zone is not None:
        return datetime.fromtimestamp(seconds, zone)
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone()
    except (OSError, OverflowError, ValueError):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=1)


def _day(moment: datetime) -> str:
    names = translate("Formats", "Mon Tue Wed Thu Fri Sat Sun").split()
    return names[moment.weekday()]


def _month(moment: datetime) -> str:
    names = translate("Formats", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
    return names[moment.month - 1]


def bytes_text(size: float) -> str:
    """Binary units, three significant digits: `999 B`, `2.10 GB`, `212 GB`; whole amounts without: `64 GB`."""
    amount, unit = _scaled(size)
    return f"{_three_digits(amount) if unit else int(amount)} {_UNITS[unit]}"


def bytes_of(used: float, total: float) -> str:
    """`212/256 GB`, both in the unit of the total."""
    amount, unit = _scaled(total)
    scaled = used / 1024**unit
    return f"{_three_digits(scaled)}/{_three_digits(amount)} {_UNITS[unit]}"


def _scaled(size: float) -> tuple[float, int]:
    unit = 0
    amount = float(max(size, 0))
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount /= 1024
        unit += 1
    return amount, unit


def _three_digits(amount: float) -> str:
    if amount >= 99.95 or amount == int(amount):
        return f"{amount:.0f}"
    return f"{amount:.1f}" if amount >= 9.995 else f"{amount:.2f}"


def count(number: int) -> str:
    """`1,208`."""
    return f"{number:,}"


def percent(share: float, done: bool) -> str:
    """A whole number, never `100%` before it is done."""
    return "100%" if done else f"{min(max(int(share * 100 + 1e-9), 0), 99)}%"


def ago(seconds: float) -> str:
    """`now`, `4 s ago`, `18m ago`, `2h 05m ago`."""
    if seconds < 1:
        return translate("Formats", "now")
    if seconds < 60:
        return translate("Formats", "{time} ago").replace("{time}", f"{int(seconds)} s")
    text = duration(seconds) if seconds >= 3600 else f"{int(seconds // 60)}m"
    return translate("Formats", "{time} ago").replace("{time}", text)


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """`text` on one line, cut, with every control and direction mark made visible."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return _UNSEEN.sub(_visible, cut) if _UNSEEN.search(cut) else cut


def last_number(name: str) -> str:
    """Of `beauty 1001` the number, which is what differs among siblings; a name without one as it is."""
    digits = _LAST_NUMBER.search(name)
    return digits[0] if digits else name


def several_lines(text: str, longest: int = LONGEST_TOOLTIP) -> str:
    """As `one_line`, keeping line breaks and tabs."""
    return "\n".join(one_line(line.replace("\t", "    "), longest) for line in text[:longest].splitlines())


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in (0x0A, 0x0D):
        return "⏎"
    if code == 0x09:
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return f"⟨{code:04X}⟩"


def tooltip(text: str) -> str:
    """`text` as rich text that shows exactly these characters; empty stays empty."""
    if not text:
        return ""
    return f'<p style="white-space:pre-wrap">{html.escape(several_lines(text))}</p>'


def file_name(job: int, name: str, ending: str) -> str:
    """A file name made of a job's; whatever else a name may hold has no place in a path."""
    safe = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in name)
    return f"{safe.strip('._')[:60] or 'job'}-{job}.{ending}"


def address_text(url: str) -> str:
    """An address as it may be shown: without the password that it may hold."""
    scheme, sign, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    return one_line(f"{scheme}{sign}{user.partition(':')[0]}{at}{host}", 80)


def plain_tooltip(text: str) -> str:
    """`text` on one line for tooltips that some systems take for rich text and others do not: no `<` is left."""
    return one_line(text).replace("<", "\u2039").replace("&", "+")
