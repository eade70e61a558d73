"""The server's own parts: settings, errors, mail."""
