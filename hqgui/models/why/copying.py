"""Why a job waits as plain text, for a mail or a chat."""

from __future__ import annotations

from hqgui.models.formats import count, one_line
from hqgui.models.why import words
from hqgui.models.why.answer import ClientLine, Why

_MOST_NAMES = 10


def as_text(why: Why, name: str, now: float) -> str:
    """All of it, a line for each reason."""
    lines = [f"{one_line(name)} (#{why.job})", words.headline(why), words.explanation(why, now)]
    lines.append(f"Needs: {', '.join(words.tags(why.needs))}")
    lines += [
        f"- {words.job_title(reason, why.needs)}: {one_line(reason.text)}. {words.clears(reason, now)}"
        for reason in why.reasons
        if reason.of_job and why.waits
    ]
    for reason in why.reasons:
        if reason.count and why.waits:
            lines.append(
                f"- {count(reason.count)} {words.title(reason)}. {words.clears(reason, now)}{_names(reason.items)}"
            )
            lines += [f"    {count(group.count)} {one_line(group.name) or 'no group'}" for group in reason.groups]
    return "\n".join(line for line in lines if line)


def _names(items: tuple[ClientLine, ...]) -> str:
    named = ", ".join(one_line(item.label) for item in items[:_MOST_NAMES])
    more = f" and {len(items) - _MOST_NAMES} more" if len(items) > _MOST_NAMES else ""
    return f" ({named}{more})" if named else ""
