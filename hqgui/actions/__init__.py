"""What a wrangler can do: rows of a table and coroutines. No Qt."""

from __future__ import annotations

from hqgui.actions.consequences import Consequence
from hqgui.actions.desk import Desk
from hqgui.actions.outcomes import Outcome
from hqgui.actions.table import ACTIONS, Action, Danger, Kind

__all__ = ["ACTIONS", "Action", "Consequence", "Danger", "Desk", "Kind", "Outcome"]
