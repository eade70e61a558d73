"""Presets of Submit: forms under a name. A few come with the program; those that are saved are kept as JSON texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hqgui.models.submit.form import Form, RunOn, Spec
from hqgui.words import QT_TRANSLATE_NOOP, translate

MOST: Final = 100
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Preset:
    """A form under a name."""

    name: str
    form: Form
    built_in: bool = False


_BUILT_IN: Final = (
    (QT_TRANSLATE_NOOP("Submit", "Command"), Form(name="command", command="hostname")),
    (
        QT_TRANSLATE_NOOP("Submit", "Frames"),
        Form(name="frames", command='echo "frame $FRAME"', frames="1-10"),
    ),
    (
        QT_TRANSLATE_NOOP("Submit", "Karma frames"),
        Form(
            name="karma",
            command="husk -f $FRAME -n 1 -o $HQROOT/render/karma.$FRAME4.exr $HQROOT/scene.usd",
            frames="1001-1096",
            tags=("karma",),
            tries=2,
        ),
    ),
    (
        QT_TRANSLATE_NOOP("Submit", "Blender frames"),
        Form(
            name="blender",
            command="blender -b $HQROOT/scene.blend -o $HQROOT/render/#### -s $FRAME -e $FRAME_END -a",
            frames="1-250",
            per_child=5,
            tags=("single",),
            tries=1,
        ),
    ),
    (
        QT_TRANSLATE_NOOP("Submit", "Nuke frames"),
        Form(
            name="nuke",
            command="nuke -x -F $FRAME-$FRAME_END $HQROOT/comp.nk",
            frames="1001-1096",
            per_child=10,
            resources={"nuke_render": 1},
            tries=1,
        ),
    ),
    (
        QT_TRANSLATE_NOOP("Submit", "ffmpeg"),
        Form(
            name="movie",
            command=(
                "ffmpeg -y -framerate 24 -start_number 1001 -i $HQROOT/render/frame.%04d.png"
                " -pix_fmt yuv420p $HQROOT/render/movie.mp4"
            ),
        ),
    ),
)


def built_in() -> list[Preset]:
    """Those that come with the program."""
    return [Preset(translate("Submit", name), form, built_in=True) for name, form in _BUILT_IN]


def stored(presets: Sequence[Preset]) -> list[str]:
    """As settings keep them."""
    return [json.dumps({"name": item.name, "form": _plain(item.form)}, sort_keys=True) for item in presets[:MOST]]


def read_stored(texts: Sequence[str]) -> list[Preset]:
    """Those that settings hold; what cannot be read is as good as not there."""
    found = []
    for text in texts:
        try:
            row = json.loads(text)
            found.append(Preset(str(row["name"])[:LONGEST_NAME], _form(row["form"])))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def with_saved(presets: Sequence[Preset], name: str, form: Form) -> list[Preset]:
    """With a form under a name, in the place of one of this name."""
    wanted = Preset(name.strip()[:LONGEST_NAME], form)
    rest = [item for item in presets if item.name != wanted.name]
    return sorted([*rest, wanted], key=lambda item: item.name.casefold())


def renamed(presets: Sequence[Preset], name: str, new: str) -> list[Preset]:
    """With another name for one of them."""
    known = next((item for item in presets if item.name == name), None)
    if known is None or not new.strip():
        return list(presets)
    return with_saved([item for item in presets if item is not known], new, known.form)


def without(presets: Sequence[Preset], name: str) -> list[Preset]:
    """Without one of them."""
    return [item for item in presets if item.name != name]


_FIELDS: Final = (
    "name", "command", "frames", "per_child", "shell", "priority", "run_on", "names", "resources", "tags", "tries",
    "start_paused", "tell", "cpus", "max_time", "environment", "description", "extra",
)  # fmt: skip


def _plain(form: Form) -> Spec:
    made: Spec = {name: getattr(form, name) for name in _FIELDS}
    return made | {
        "run_on": form.run_on.value,
        "resources": dict(form.resources),
        "environment": dict(form.environment),
        "extra": dict(form.extra),
    }


def _form(row: dict[str, Any]) -> Form:
    """What fits; the rest is as in an empty form."""
    blank = _plain(Form())
    values = {name: row[name] for name in _FIELDS if name in row and type(row[name]) is type(blank[name])}
    values |= {name: tuple(str(item) for item in row.get(name) or ()) for name in _LISTS}
    return Form(**{**values, "run_on": RunOn(row.get("run_on", RunOn.ANY))})


_LISTS: Final = ("names", "tags")
