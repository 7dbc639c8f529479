"""Reporting rounds: what a manager asked of lead organisations, and what came of it.

Nothing of a round is edited. Another day to reply by is a row of its own, and closing adds what was
found then.
"""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import Found, NotAsked
from recommendations.models.base import together
from recommendations.models.fields import LineField, PersonField, ProseField, RelatedField
from recommendations.permissions import Person


class ReportingRoundQuerySet(models.QuerySet["ReportingRound"]):
    def visible_to(self, person: Person) -> Self:
        """All rounds for managers and readers; for others with a role those that ask them."""
        if permissions.can_read_rounds(person):
            return self
        if not permissions.can_read_internally(person):
            return self.none()
        own = permissions.organisation_id(person)
        asked = Request.objects.filter(round=OuterRef("pk")).order_by()
        mine = Q(recommendation__lead_officer=person.pk)
        if own is not None:
            mine |= Q(organisation=own) | Q(recommendation__lead=own)
        return self.filter(Exists(asked.filter(mine, not_asked="")))


class ReportingRound(models.Model):
    """One call for updates, on many recommendations at once.

    An update answers if it speaks of ``as_of`` or of a later day. ``query`` is the filter of the
    list that its recommendations were chosen by, empty where they were picked one by one.
    """

    key = models.UUIDField(_("key"), unique=True, editable=False)
    name = LineField(_("name"), max_length=120)
    as_of = models.DateField(_("as of"))
    reply_by = models.DateField(_("reply by"))
    query = LineField(_("filter"), max_length=2000, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), editable=False)
    sent_by = PersonField(_("sent by"), editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    closed_by = PersonField(_("closed by"), null=True, editable=False)

    objects = ReportingRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporting round")
        verbose_name_plural = _("reporting rounds")
        ordering = ("-sent_at", "-pk")
        constraints = [
            models.CheckConstraint(name="round_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="round_replies_from_its_day",
                condition=Q(reply_by__gte=F("as_of")),
                violation_error_message=_("“Reply by” must not be before “as of”."),
            ),
            together("round_closed_together", "closed_at", "closed_by"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("round-detail", args=[self.pk])


class Request(models.Model):
    """One recommendation of a round: whom it was asked of, or why it was not asked.

    ``organisation`` is the lead organisation on the day of sending. What was ``found`` is set once,
    when the round is closed.
    """

    round = RelatedField(ReportingRound, _("reporting round"), related_name="requests")
    recommendation = RelatedField("Recommendation", _("recommendation"), related_name="requests")
    organisation = RelatedField(
        "Organisation", _("organisation"), null=True, related_name="requests"
    )
    not_asked = models.CharField(
        _("not asked because"), max_length=12, choices=NotAsked, blank=True
    )
    found = models.CharField(
        _("found at closing"), max_length=12, choices=Found, blank=True, editable=False
    )
    found_update = RelatedField(
        "StatusUpdate", _("update found at closing"), null=True, editable=False
    )
    # Kept here as well: an update that is returned and submitted again is submitted later.
    found_submitted_at = models.DateTimeField(
        _("submission of the update found at closing"), null=True, editable=False
    )

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ("round", "recommendation", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "recommendation"], name="request_once_in_a_round"
            ),
            models.CheckConstraint(
                name="request_is_asked_of_an_organisation",
                condition=Q(not_asked="", organisation__isnull=False)
                | Q(not_asked=NotAsked.NO_LEAD, organisation__isnull=True)
                | Q(not_asked__in=[NotAsked.CLOSED, NotAsked.ARCHIVED]),
            ),
            models.CheckConstraint(
                name="request_found_with_its_update",
                condition=Q(
                    found__in=["", Found.MISSING],
                    found_update__isnull=True,
                    found_submitted_at__isnull=True,
                )
                | Q(
                    found__in=[Found.APPROVED, Found.AWAITING],
                    found_update__isnull=False,
                    found_submitted_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="request_found_where_asked",
                condition=Q(not_asked="") | Q(found=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation}, {self.round}"


class RoundExtension(models.Model):
    """Another day to reply by, for one organisation of a round; the latest row counts."""

    round = RelatedField(ReportingRound, _("reporting round"), related_name="extensions")
    organisation = RelatedField("Organisation", _("organisation"))
    old_day = models.DateField(_("previous day to reply by"), editable=False)
    new_day = models.DateField(_("new day to reply by"))
    reason = ProseField(_("reason"))
    extended_at = models.DateTimeField(_("extended at"), editable=False)
    extended_by = PersonField(_("extended by"), editable=False)

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ("-extended_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="extension_is_later",
                condition=Q(new_day__gt=F("old_day")),
                violation_error_message=_("The new day must be after the present day to reply by."),
            ),
            models.CheckConstraint(name="extension_has_reason", condition=~Q(reason="")),
        ]
        indexes = [models.Index(fields=["round", "organisation"], name="extension_of_a_round")]

    def __str__(self) -> str:
        return f"{self.organisation}, {date_format(self.new_day)}"


class RoundReminder(models.Model):
    """One person was reminded of what they had not reported in a round; once a day at most."""

    round = RelatedField(ReportingRound, _("reporting round"), related_name="reminders")
    person = PersonField(_("person"), related_name="round_reminders")
    day = models.DateField(_("day"))
    requests = models.ManyToManyField(
        Request, verbose_name=_("requests"), related_name="reminders", editable=False
    )
    reminded_by = PersonField(_("reminded by"))

    class Meta:
        verbose_name = _("reminder of a round")
        verbose_name_plural = _("reminders of rounds")
        ordering = ("-day", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "person", "day"], name="round_reminder_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}, {date_format(self.day)}"
