"""The windows of the farm: Wrangler and the artists' tray."""
