"""Django's SQLite, which can be read where nothing can be written."""
