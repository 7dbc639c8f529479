"""How exactly a date is known, and states of its changes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DatePrecision(TextChoices):
    """How much of a date is known."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")
    UNKNOWN = "unknown", _("Unknown")


class DateMark(TextChoices):
    """How a date came to be known."""

    STATED = "stated", _("stated")
    INFERRED = "inferred", _("inferred")


class DateChangeState(TextChoices):
    """Where a change of the target date is."""

    REQUESTED = "requested", _("Awaiting decision")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
