"""What `explainJob` offers to do about a reason, in one word each: the codes of its fixes."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final


@unique
class FixCode(StrEnum):
    """What a fix does. Its calls are made by `hqserver.core.fixes`."""

    RESUME = "resume"
    MAKE_RESOURCE = "make-resource"
    UNBLOCK = "unblock"
    """Its clients that were blocked for failures are tried again."""
    PERMIT = "permit"
    """More clients are permitted."""
    RAISE_PRIORITY = "raise-priority"
    DROP_SINGLE = "drop-single"
    RELEASE_HOLD = "release-hold"
    OPEN = "open"
    """Clients take jobs outside their availability rules for a while."""
    ENABLE = "enable"
    END_OVERRIDE = "end-override"
    FEWER_CPUS = "fewer-cpus"
    FEWER_CLIENTS = "fewer-clients"
    RAISE_RESOURCE = "raise-resource"
    EJECT = "eject"


GENTLEST: Final = tuple(FixCode)
"""What disturbs fewest people comes first."""
