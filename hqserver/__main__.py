"""`python -m hqserver` is `hqserver`."""

from __future__ import annotations

import sys

from hqserver.cli import main

if __name__ == "__main__":
    sys.exit(main())
