"""Every deed by the name of its action."""

from __future__ import annotations

from typing import Final

from hqgui.actions.client_deeds import CLIENT_DEEDS
from hqgui.actions.deeds import Deed
from hqgui.actions.job_deeds import JOB_DEEDS
from hqgui.actions.supply_deeds import SUPPLY_DEEDS

DEEDS: Final[dict[str, Deed]] = {**JOB_DEEDS, **CLIENT_DEEDS, **SUPPLY_DEEDS}
