"""Which parts of the tracker are there, as an administrator switched them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.choices import Switch
from recommendations.models.base import Removable, Versioned, together
from recommendations.models.fields import LineField, PersonField, RelatedField


def _switch(label: Any) -> "models.CharField[str, str]":
    return models.CharField(label, max_length=10, choices=Switch, default=Switch.AUTOMATIC)


class TrackerUsesQuerySet(models.QuerySet["TrackerUses"]):
    def switched(self, name: str, to: Switch) -> models.Exists:
        """Whether a part is switched so, as a condition of any statement."""
        return models.Exists(self.filter(**{name: to}).order_by())


class TrackerUses(Versioned):
    """The one row of switches; without it all are automatic: a part appears with its first use.

    Off takes away menu entries, buttons and reminders, and nothing that is on record.
    """

    rounds = _switch(_("reporting rounds"))
    deputies = _switch(_("deputies"))
    calendar = _switch(_("Calendar"))
    parts = _switch(_("parts"))
    responses = _switch(_("responses"))
    areas = _switch(_("Countries and regions"))

    objects = TrackerUsesQuerySet.as_manager()

    class Meta:
        verbose_name = _("what this tracker uses")
        verbose_name_plural = _("what this tracker uses")
        constraints = [
            models.CheckConstraint(name="tracker_uses_is_one_row", condition=models.Q(pk=1))
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class WordTemplate(Removable):
    """A template of an office for briefings as Word documents; the last that is in use counts."""

    file = RelatedField("StoredFile", _("file"), related_name="+")
    original_name = LineField(_("original name"))
    added_at = models.DateTimeField(_("added at"), editable=False)
    added_by = PersonField(_("added by"), editable=False)

    class Meta:
        verbose_name = _("Word template")
        verbose_name_plural = _("Word templates")
        ordering = ("-pk",)
        constraints = [together("word_template_removed_together", "removed_at", "removed_by")]

    def __str__(self) -> str:
        return self.original_name
