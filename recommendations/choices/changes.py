"""What a change on record is about."""

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


class ChangeKind(models.TextChoices):
    """What a change on record is about, the weightiest first."""

    STATUS = "status", _("Status")
    CONFIDENCE = "confidence", _("Confidence")
    DATE = "date", _("Target date")
    CONTRADICTION = "contradiction", _("Contradiction")
    DECISION = "decision", _("Decision")
    RESPONSE = "response", capfirst(_("response"))
    ADDRESSEE = "addressee", _("Status by addressee")
    EVIDENCE = "evidence", _("Evidence")
    WORDING = "wording", _("Wording")
    UPDATE = "update", _("Status confirmed")
    ADDED = "added", _("New recommendation")
    PUBLICATION = "publication", _("Publication")
    RESPONSIBILITY = "responsibility", _("Responsibility")
    PART = "part", capfirst(_("part"))
    ACTION = "action", _("Action")
    INDICATOR = "indicator", capfirst(_("indicator"))
    OTHER = "other", _("Other change")
