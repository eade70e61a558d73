"""The windows of the farm: Wrangler and the artists' tray."""

__version__ = "0.1.0"
