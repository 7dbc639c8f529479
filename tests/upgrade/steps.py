"""The migrations one by one, as the versions brought them."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.db.migrations.loader import MigrationLoader


@contextmanager
def step_by_step() -> Iterator[None]:
    """Leave out the migrations that make all tables at once, of which a new site is made."""
    load = MigrationLoader.load_disk

    def load_steps(self: MigrationLoader) -> None:
        load(self)
        for key, migration in list(self.disk_migrations.items()):
            if migration.replaces:
                del self.disk_migrations[key]

    with patch.object(MigrationLoader, "load_disk", load_steps):
        yield
