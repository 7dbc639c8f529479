"""What people keep for themselves: what they watch, saved views, calendars, tokens, reminders."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import ReminderFrequency
from recommendations.models.base import Removable, Versioned, exactly_one, together
from recommendations.models.fields import LineField, PersonField, RelatedField, UniqueRelatedField
from recommendations.permissions import Person

# ---- What people watch, and when they want to be told of it by mail

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


# ---- Filters of the list of recommendations that people keep under a name


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, person: Person) -> Self:
        """Their own and those that are shared, as long as they are in use."""
        if not permissions.can_read_internally(person):
            return self.none()
        return self.filter(Q(owner=person.pk) | Q(is_shared=True), removed_at__isnull=True)


class SavedView(Removable, Versioned):
    """What somebody filters and sorts the list by, under a name; perhaps for all to use."""

    owner = PersonField(_("owner"), editable=False, related_name="saved_views")
    name = LineField(_("name"), max_length=80)
    query = LineField(_("filter"), max_length=2000)
    is_shared = models.BooleanField(
        _("shared"),
        default=False,
        help_text=_("Everyone with a role sees the view above the list."),
    )

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                name="saved_view_name_once",
                fields=["owner", "name"],
                condition=Q(removed_at__isnull=True),
                violation_error_message=_("You already have a view of this name."),
            ),
            models.CheckConstraint(
                name="saved_view_has_filter",
                condition=~Q(query=""),
                violation_error_message=_("Set a filter or an order in the list first."),
            ),
            together("saved_view_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('recommendation-list')}?{self.query}"


# ---- Private addresses at which people fetch their due dates as a calendar


class CalendarAddressQuerySet(models.QuerySet["CalendarAddress"]):
    def in_use(self) -> Self:
        """Those that were not revoked."""
        return self.filter(revoked_at__isnull=True)


class CalendarAddress(Versioned):
    """The address of one person; whoever knows it reads the calendar without signing in.

    Token, salt and digest are as those of an invitation.
    """

    person = PersonField(_("person"), related_name="calendar_addresses")
    token_salt = models.CharField(_("salt of the link"), max_length=32, editable=False)
    token_digest = models.CharField(
        _("digest of the link"), max_length=64, unique=True, editable=False
    )
    created_at = models.DateTimeField(_("created at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = PersonField(_("revoked by"), null=True, blank=True)

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="calendar_address_once_for_a_person",
                fields=["person"],
                condition=Q(revoked_at__isnull=True),
            ),
            together("calendar_address_revoked_together", "revoked_at", "revoked_by"),
        ]

    def __str__(self) -> str:
        return str(self.person)


# ---- Tokens under which programs act for a person through the API

SCOPES = ("can_report", "can_review", "can_import")
"""The columns that say what else than reading a token is good for."""


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def in_use(self, now: datetime) -> Self:
        """Those that were not revoked and have not expired."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=now)


class ApiToken(Versioned):
    """That a program may do for a person what the scopes say, and never more than the person may.

    Of the token a digest is stored, and its beginning, by which a token that was found somewhere
    is known. It is shown once.
    """

    person = PersonField(_("person"), related_name="api_tokens", editable=False)
    name = LineField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=20, unique=True, editable=False)
    token_digest = models.CharField(
        _("digest of the link"), max_length=64, unique=True, editable=False
    )
    can_report = models.BooleanField(_("Log an update"), default=False)
    can_review = models.BooleanField(_("Review"), default=False)
    can_import = models.BooleanField(_("Import"), default=False)
    created_at = models.DateTimeField(_("created at"), editable=False)
    created_by = PersonField(_("recorded by"), editable=False)
    expires_at = models.DateTimeField(_("expires at"), editable=False)
    # To the day, so that reading writes once a day at most.
    last_used_on = models.DateField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    revoked_by = PersonField(_("revoked by"), null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="api_token_expires_after_it_was_made",
                condition=Q(expires_at__gt=models.F("created_at")),
                violation_error_message=_("Choose a day within a year."),
            ),
            together("api_token_revoked_together", "revoked_at", "revoked_by"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_in_use(self, now: datetime) -> bool:
        """Whether it was neither revoked nor had expired at this moment."""
        return self.revoked_at is None and now < self.expires_at


class ApiRequest(models.Model):
    """That a request of a person was done, so that it is done once where it is sent again.

    Kept for a day: digests of the key it came under and of what it asked for, and which row came
    of it. What that row holds is read anew, by the rights of then.
    """

    person = PersonField(_("person"))
    key_digest = models.CharField("digest of the key", max_length=64)
    asked_digest = models.CharField("digest of what was asked", max_length=64)
    made = models.PositiveBigIntegerField("number of the row")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = "request through the API"
        verbose_name_plural = "requests through the API"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(name="api_request_once", fields=["person", "key_digest"]),
        ]

    def __str__(self) -> str:
        return date_format(localtime(self.at), "j F Y, H:i")


# ---- Reminders: what a person was told on a day, and up to when they were told of changes


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
