"""What runs on the made-up farm: its trees, their layers, and the states of their frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

USER: Final = "mbrandt"


@dataclass(frozen=True, slots=True)
class Part:
    """Frames of a layer that are in one state."""

    count: int
    status: str
    progress: Sequence[float] = ()
    seconds: Sequence[int] = (780,)
    note: str = ""
    eta: Sequence[int] = (-1,)


@dataclass(frozen=True, slots=True)
class Layer:
    """A job of a tree with its frames."""

    name: str
    parts: Sequence[Part]
    first: int = 1001
    elapsed: int | None = None
    eta: int = -1
    note: str = ""
    waiting: str = ""
    tags: tuple[str, ...] = ("karma", "aov")
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """A root job."""

    name: str
    user: str
    priority: int
    queued_ago: int
    layers: Sequence[Layer]
    elapsed: int | None = None
    eta: int = -1
    note: str = ""


THREAD: Final = 61
_BEAUTY_KEY: Final = Layer(
    "beauty_key",
    (
        Part(41, "succeeded", seconds=(*(640, 790, 830, 760) * 4, 1865, *(650, 790, 830, 760) * 6)),
        Part(1, "failed", (0.71,), (2292,), "Out of memory at 131 GB"),
        Part(1, "failed", (0.69,), (2260,), "Out of memory at 130 GB"),
        Part(17, "succeeded", seconds=(840, 850, 860)),
        Part(
            12,
            "running",
            (0.91, 0.78, 0.74, 0.66, 0.58, 0.52, 0.44, 0.38, 0.31, 0.24, 0.16, 0.09),
            (842, 687, 655, 581, 492, 450, 378, 322, 281, 222, 160, 95),
            eta=(80, 190, 231, 300, 356, 415, 481, 526, 625, 703, 720, 720),
        ),
        Part(24, "runnable", eta=(2460,)),
    ),
    elapsed=7868,
    eta=2460,
    note="Two frames need highmem",
    thread=THREAD,
)

TREES: Final = (
    Tree(
        "shot_010_lighting v023",
        USER,
        8,
        9040,
        (
            _BEAUTY_KEY,
            Layer(
                "beauty_fill",
                (
                    Part(70, "succeeded", seconds=(600, 640)),
                    Part(8, "running", (0.2, 0.4, 0.6)),
                    Part(18, "runnable", eta=(1740,)),
                ),
                elapsed=7740,
                eta=1740,
            ),
            Layer(
                "volumes_smoke",
                (
                    Part(29, "succeeded", seconds=(480,)),
                    Part(3, "failed", (0.0,), (22,), "smoke.1030.vdb not found"),
                    Part(16, "abandoned"),
                ),
                elapsed=5520,
                note="Cache missing, asked fx",
            ),
            Layer("shadow_matte", (Part(96, "succeeded", seconds=(31,)),), elapsed=3240),
            Layer("slapcomp", (Part(48, "queued"),), waiting="After volumes_smoke"),
        ),
        elapsed=8280,
        eta=3840,
        note="Review 17:00, keep on top",
    ),
    Tree(
        "shot_020_lighting v011",
        "jlee",
        7,
        3160,
        (
            Layer(
                "beauty",
                (Part(14, "succeeded"), Part(38, "running", (0.3, 0.6, 0.1)), Part(101, "runnable")),
                elapsed=2600,
            ),
        ),
        elapsed=2640,
        eta=13800,
    ),
    Tree("shot_044_sim_flip v007", "aokafor", 6, 6750, (), note=""),
    Tree(
        "hero_turntable_lookdev v052",
        "s.iyer",
        5,
        4840,
        (
            Layer(
                "beauty", (Part(104, "succeeded"), Part(10, "running", (0.5, 0.7)), Part(3, "runnable")), elapsed=4300
            ),
        ),
        elapsed=4320,
        eta=390,
    ),
    Tree(
        "shot_051_crowd_sim v002",
        "aokafor",
        5,
        7720,
        (
            Layer(
                "sim",
                (Part(19, "succeeded"), Part(3, "pausing", (0.4, 0.2)), Part(60, "queued")),
                elapsed=6000,
            ),
        ),
        elapsed=6000,
    ),
    Tree(
        "shot_032_fx_pyro v004",
        "tvargas",
        4,
        12880,
        (Layer("pyro", (Part(43, "succeeded"), Part(96, "paused")), elapsed=11100),),
        elapsed=11100,
        note="Hold until new sim lands",
    ),
    Tree(
        "shot_027_comp v009",
        "jlee",
        3,
        18460,
        (Layer("comp", (Part(84, "succeeded"), Part(2, "failed", (0.3,)), Part(14, "cancelled")), elapsed=1560),),
        elapsed=1560,
        note="Missing plate, nk v9",
    ),
)

MORE: Final = (
    ("shot_012_ocean v018", "tvargas", 3, 31, 58),
    ("shot_015_lighting v006", "dkim", 3, 12, 40),
    ("asset_forest_scatter v031", "s.iyer", 2, 0, 24),
    ("shot_061_matchmove v003", "jlee", 2, 0, 12),
    ("shot_033_lighting v009", "mbrandt", 2, 0, 96),
    ("shot_019_hair v012", "aokafor", 2, 4, 44),
    ("crowd_cache v044", "aokafor", 2, 0, 60),
    ("shot_070_volumes v002", "dkim", 2, 6, 30),
)
