"""Runs benchmarks by name: `python -m benchmarks [--json FILE] [NAME...]`."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

from benchmarks.common import Figure, machine

BENCHMARKS = {
    "T1": ("benchmarks.latency", "submit to seen finished, on an idle farm"),
    "T2": ("benchmarks.throughput", "real jobs a second"),
    "T3": ("benchmarks.keeper", "what a keeper adds to the cost of a command, and its memory"),
    "T4": ("benchmarks.submission", "newjob: single calls, and one call with many children"),
    "T6": ("benchmarks.answers", "large answers, and pages of the change feed"),
    "T5": ("benchmarks.dispatch", "what it costs to hand out a job"),
    "T7": ("benchmarks.rollups", "the end of a leaf in a big tree"),
    "T8": ("benchmarks.many_agents", "up to 10,000 simulated agents: heartbeats, and all back after a kill"),
    "T9": ("benchmarks.start", "T9 and T10: start on a large database, and RAM then"),
    "T11": ("benchmarks.output_stream", "output of 200 jobs at 50 kB/s each"),
    "T12": ("benchmarks.followers", "windows that follow 500 changes a second"),
    "T13": ("benchmarks.wrangler", "the window with 100,000 jobs and 2,000 clients, 500 changes a second"),
    "T15": ("benchmarks.tray", "the artists' tray at rest, and sixty of them"),
    "T16": ("benchmarks.on_postgresql", "PostgreSQL instead of SQLite"),
}


def main() -> int:
    """Run what was named, or everything; print each figure with its reference and the ratio."""
    names = ", ".join(f"{name}: {text}" for name, (_, text) in BENCHMARKS.items())
    parser = argparse.ArgumentParser(prog="./hq bench", description=f"Measures the farm. {names}.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones (all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="append the figures to this file, a line each")
    parser.add_argument("--quick", action="store_true", help="smaller and less exact")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    print(machine())
    for name in options.names or BENCHMARKS:
        module, text = BENCHMARKS[name]
        print(f"\n{name}: {text}", flush=True)
        began = time.monotonic()
        figures: list[Figure] = importlib.import_module(module).measure(options.quick)
        for figure in figures:
            print(f"  {figure}")
        print(f"  ({time.monotonic() - began:.0f} s)")
        if options.json is not None:
            with options.json.open("a") as table:
                for figure in figures:
                    table.write(json.dumps({"benchmark": name, **figure.row()}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
