"""Submits a diamond of jobs: `left` and `right` both wait for `base`, and `top` waits for both of them.

A nested specification is a tree, so the job that has two parents is submitted first and named by its id.
"""

from __future__ import annotations

import sys
import xmlrpc.client
from typing import Any


def submit(hq: Any) -> int:
    """Send the four jobs to a farm (an `xmlrpc.client.ServerProxy`); the id of `top`."""
    [base] = hq.newjob({"name": "base", "command": "echo base"})
    [left] = hq.newjob({"name": "left", "command": "echo left", "childrenIds": [base]})
    [right] = hq.newjob({"name": "right", "command": "echo right", "childrenIds": [base]})
    [top] = hq.newjob({"name": "top", "command": "echo top"}, None, [left, right])
    return int(top)


if __name__ == "__main__":
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5000"
    print(submit(xmlrpc.client.ServerProxy(url, allow_none=True)))
