"""Reminders: what a person was told on a day, and up to when they were told of changes."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.fields import PersonField


class Reminder(models.Model):
    """The one message of reminders that a person is sent on a day.

    ``content`` is what it says, in their language (``queries.reminders.content``); after some weeks
    it is emptied. ``roles`` are those that it was written for: to others it is not sent.
    """

    person = PersonField(_("person"), related_name="reminders")
    day = models.DateField(_("day"))
    # Of changes recorded up to then the person was told; the next message goes on from there.
    told_until = models.DateTimeField(_("told until"))
    roles = models.CharField(_("roles"), max_length=100, blank=True)
    content = models.JSONField(_("content"), default=dict, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ("-day", "-pk")
        constraints = [
            models.UniqueConstraint(name="reminder_once_a_day", fields=["person", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.day}"

    @property
    def total(self) -> int:
        """How many lines it has, with those that are counted alone."""
        found: int = self.content.get("total", 0)
        return found

    @property
    def sections(self) -> list[dict[str, Any]]:
        """What it says, part by part; none once it is emptied."""
        found: list[dict[str, Any]] = self.content.get("sections", [])
        return found
