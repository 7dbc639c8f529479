"""Roles of people, kinds of organisations, and states of mail to them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The groups that people are put in; kept by ``ensure_roles``."""

    VIEWER = "Viewer", _("Viewer")
    STAFF = "Policy staff", _("Policy staff")
    MANAGER = "Manager", _("Manager")
    AUDITOR = "Auditor", _("Auditor")
    ADMINISTRATOR = "Administrator", _("Administrator")


class OrganisationKind(TextChoices):
    """What sort of body an organisation is."""

    GOVERNMENT = "government", _("Government body")
    INTERNATIONAL = "international", _("International organisation")
    COMPANY = "company", _("Company")
    ACADEMIC = "academic", _("Academic body")
    CIVIL_SOCIETY = "civil_society", _("Civil society")
    OTHER = "other", _("Other")


class MailState(TextChoices):
    """What became of one message."""

    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    DROPPED = "dropped", _("Not sent: no recipient")
    DEAD = "dead", _("Not delivered")
    GIVEN_UP = "given_up", _("Abandoned")


class ReminderFrequency(TextChoices):
    """How often a person is sent reminders at most."""

    DAILY = "daily", _("At most one message a day")
    WEEKLY = "weekly", _("At most one message a week")
    NONE = "none", _("No reminders")


class DeputyState(TextChoices):
    """Whether a deputy stands in now; it follows from days and is never stored."""

    TO_COME = "to_come", _("To come")
    CURRENT = "current", _("Current")
    OVER = "over", _("Ended")


KEPT_MAIL = frozenset({MailState.QUEUED, MailState.DEAD})
"""States in which a message still has its words."""
