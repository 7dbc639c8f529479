"""Deputies: who looks after the work of a person while they are away."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.choices import DeputyState
from recommendations.models.base import Versioned, together
from recommendations.models.fields import LineField, PersonField


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def active_on(self, day: date | Any) -> Self:
        """Those that stand in on this day; with the day after their last they are over."""
        return self.filter(starts_on__lte=day, ends_on__gte=day, ended_at__isnull=True)

    def not_over(self, day: date) -> Self:
        """Those that stand in on this day or will later."""
        return self.filter(ends_on__gte=day, ended_at__isnull=True)


class Deputy(Versioned):
    """That one person stands in for another from one day to another, both included.

    What waits for the person as lead officer or reviewer then also waits for the deputy, who may
    do what their own role and organisation allow, and no more. It ends by the calendar.
    """

    person = PersonField(_("person"), related_name="deputies")
    deputy = PersonField(_("deputy"), related_name="deputy_for")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = LineField(_("reason"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = PersonField(_("recorded by"), editable=False)
    ended_at = models.DateTimeField(_("ended early at"), null=True, blank=True, editable=False)
    ended_by = PersonField(_("ended early by"), null=True, blank=True, editable=False)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        ordering = ("-starts_on", "-pk")
        indexes = [
            # The few that may stand in today, found for each page of who is signed in.
            models.Index(
                name="deputy_not_ended",
                fields=["deputy", "ends_on"],
                condition=Q(ended_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="deputy_is_somebody_else",
                condition=~Q(person=F("deputy")),
                violation_error_message=_("Choose another person as deputy."),
            ),
            models.CheckConstraint(
                name="deputy_ends_after_it_starts",
                condition=Q(starts_on__lte=F("ends_on")),
                violation_error_message=_("The last day must not be before the first."),
            ),
            together("deputy_ended_together", "ended_at", "ended_by"),
        ]

    def state_on(self, day: date) -> DeputyState:
        """Whether it is to come, current or over on a day; one that was ended early is over."""
        if self.ended_at is not None or self.ends_on < day:
            return DeputyState.OVER
        return DeputyState.CURRENT if self.starts_on <= day else DeputyState.TO_COME

    def __str__(self) -> str:
        return f"{self.person_id}, {self.deputy_id}: {self.starts_on}"
