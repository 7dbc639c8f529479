"""What a change on record is about."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangeKind(models.TextChoices):
    """What a change on record is about, the weightiest first."""

    STATUS = "status", _("Status")
    CONFIDENCE = "confidence", _("Confidence")
    DATE = "date", _("Target date")
    CONTRADICTION = "contradiction", _("Contradiction")
    DECISION = "decision", _("Decision")
    RESPONSE = "response", _("Response")
    ADDRESSEE = "addressee", _("Status by addressee")
    EVIDENCE = "evidence", _("Evidence")
    WORDING = "wording", _("Wording")
    UPDATE = "update", _("Update with the same status")
    ADDED = "added", _("New recommendation")
    PUBLICATION = "publication", _("Publication")
    RESPONSIBILITY = "responsibility", _("Responsibility")
    PART = "part", _("Part")
    ACTION = "action", _("Action")
    INDICATOR = "indicator", _("Indicator")
    OTHER = "other", _("Other change")
