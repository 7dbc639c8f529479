"""Which code writes tracked models: found by reading the source, and by watching the statements."""
