"""What a wrangler can do: rows of a table and coroutines. No Qt."""
