"""The farm's own audit, in one go."""

from __future__ import annotations

from hqserver.core import audit
from hqserver.core.farm import Farm


def differences(farm: Farm) -> list[str]:
    """Everything that is not as the records say."""
    found = audit.of_the_rest(farm)
    for job in list(farm.jobs.values()):
        work = audit.of_job(farm, job)
        while True:
            try:
                next(work)
            except StopIteration as done:
                found += done.value
                break
    return found
