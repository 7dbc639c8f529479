"""What people watch, and when they want to be told of it by mail."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.choices import ReminderFrequency
from recommendations.models.base import Removable, Versioned, exactly_one, together
from recommendations.models.fields import PersonField, RelatedField, UniqueRelatedField

WATCHED = ("recommendation", "source", "view", "indicator")
"""The columns of a watch, of which exactly one is set."""

QUIET_DAYS = (
    *("quiet_monday", "quiet_tuesday", "quiet_wednesday", "quiet_thursday", "quiet_friday"),
    *("quiet_saturday", "quiet_sunday"),
)
"""The columns that say on which days of the week no reminder is sent, Monday first."""


def _once(name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        name=f"watch_{name}_once",
        fields=["person", name],
        condition=Q(removed_at__isnull=True, **{f"{name}__isnull": False}),
    )


class WatchQuerySet(models.QuerySet["Watch"]):
    def in_use(self) -> Self:
        return self.filter(removed_at__isnull=True)


class Watch(Removable):
    """That a person is told by mail of changes in one recommendation, or in what a source, a
    saved view or an indicator holds."""

    person = PersonField(_("person"), related_name="watches")
    recommendation = RelatedField("Recommendation", _("recommendation"), null=True, blank=True)
    source = RelatedField("Source", _("source"), null=True, blank=True)
    view = RelatedField("SavedView", _("saved view"), null=True, blank=True)
    indicator = RelatedField("Indicator", _("indicator"), null=True, blank=True)
    since = models.DateTimeField(_("watched since"))

    objects = WatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("watched item")
        verbose_name_plural = _("watched items")
        ordering = ("-since", "-pk")
        constraints = [
            models.CheckConstraint(name="watch_is_of_one_item", condition=exactly_one(WATCHED)),
            together("watch_removed_together", "removed_at", "removed_by"),
            *(_once(name) for name in WATCHED),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind} {self.key}"

    @property
    def kind(self) -> str:
        """Which of ``WATCHED`` it is of."""
        return next(name for name in WATCHED if getattr(self, f"{name}_id") is not None)

    @property
    def key(self) -> int:
        """The primary key of what is watched."""
        found: int = getattr(self, f"{self.kind}_id")
        return found


class NotificationSettings(Versioned):
    """How often, and on which days, a person is sent reminders; without a row as by default."""

    person = UniqueRelatedField(
        settings.AUTH_USER_MODEL, _("person"), related_name="notification_settings"
    )
    frequency = models.CharField(
        _("reminders"),
        max_length=10,
        choices=ReminderFrequency,
        default=ReminderFrequency.DAILY,
    )
    quiet_monday = models.BooleanField(_("quiet on Mondays"), default=False)
    quiet_tuesday = models.BooleanField(_("quiet on Tuesdays"), default=False)
    quiet_wednesday = models.BooleanField(_("quiet on Wednesdays"), default=False)
    quiet_thursday = models.BooleanField(_("quiet on Thursdays"), default=False)
    quiet_friday = models.BooleanField(_("quiet on Fridays"), default=False)
    quiet_saturday = models.BooleanField(_("quiet on Saturdays"), default=False)
    quiet_sunday = models.BooleanField(_("quiet on Sundays"), default=False)

    class Meta:
        verbose_name = _("notification settings")
        verbose_name_plural = _("notification settings")
        ordering = ("person", "pk")
        constraints = [
            models.CheckConstraint(
                name="notifications_leave_a_day",
                condition=~Q(**dict.fromkeys(QUIET_DAYS, True)),
                violation_error_message=_(
                    "Leave at least one day of the week, or turn reminders off."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.person_id)

    @property
    def quiet_days(self) -> frozenset[int]:
        """The quiet days of the week: 1 is Monday, 7 Sunday."""
        return frozenset(n for n, name in enumerate(QUIET_DAYS, 1) if getattr(self, name))

    @classmethod
    def of(cls, person: Any) -> "NotificationSettings":
        """Those that a person chose, else the default ones, which are not stored."""
        return cls.objects.filter(person=person.pk).first() or cls(person_id=person.pk)
