"""Fields that choose one row of a table, however many rows it has."""
