"""Windows are tested without a display, and write into nobody's home folder."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
