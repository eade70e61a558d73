"""Short-lived programs that the agent asks about its machine."""

from __future__ import annotations

import shutil
import subprocess


def graphics_processors() -> tuple[str, ...]:
    """As nvidia-smi names them; none where there is no nvidia-smi, or it does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    command = [program, "--query-gpu=name", "--format=csv,noheader"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in asked.stdout.splitlines() if line.strip())
