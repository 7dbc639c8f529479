"""The demonstration as it is loaded, once a process."""

from datetime import UTC, datetime
from unittest import mock

from django.conf import settings
from django.utils import timezone

from recommendations.management import demo
from tests.rows import write_once

FIXTURES = settings.BASE_DIR / "fixtures"

SPRING = datetime(2026, 3, 30, 11, 0, tzinfo=UTC)
"""When the demonstration of most tests was made, so that the days in it are known."""


def write_demonstration(now: datetime | None = None) -> None:
    """Make the demonstration of this time (or of today) in empty tables."""
    day = now or timezone.now()
    # Only this value: override_settings would have every template compiled again.
    with mock.patch.object(settings, "DEBUG", True):
        write_once(
            f"demonstration {now or 'of today'}", lambda: demo.seed(folder=FIXTURES, now=day)
        )
