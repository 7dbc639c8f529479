"""What addressees say, and the dated, owned actions towards a recommendation."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import ActionState, ResponsePosition
from recommendations.models.base import Keyed, KeyedQuerySet, Versioned
from recommendations.models.fields import LineField, ProseField


class ResponseQuerySet(models.QuerySet["Response"]):
    def current(self) -> Self:
        """The newest row of each addressee: what it says now."""
        newer = Response.objects.filter(addressee=OuterRef("addressee"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(newer), addressee__removed_at__isnull=True)

    def get_by_natural_key(self, recorded_at: str, *addressee: str) -> "Response":
        bodies: Any = Response._meta.get_field("addressee").related_model
        body = bodies.objects.get_by_natural_key(*addressee)
        found: Response = self.filter(addressee=body, recorded_at=recorded_at).latest("pk")
        return found


class Response(models.Model):
    """What one addressee says, since a day. Never edited: a change is a new row."""

    addressee = models.ForeignKey(
        "recommendations.Addressee",
        models.PROTECT,
        verbose_name=_("addressee"),
        related_name="responses",
    )
    position = models.CharField(_("position"), max_length=24, choices=ResponsePosition)
    since = models.DateField(_("since"))
    due_on = models.DateField(
        _("response due on"), null=True, blank=True, help_text=_("While no response has come.")
    )
    part_accepted = ProseField(_("part that is accepted"), blank=True)
    reason = ProseField(_("reason"), blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("recorded by"),
        editable=False,
        related_name="+",
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ("addressee", "-pk")
        constraints = [
            models.CheckConstraint(
                name="response_part_is_named",
                condition=Q(position=ResponsePosition.ACCEPTED_IN_PART) & ~Q(part_accepted="")
                | ~Q(position=ResponsePosition.ACCEPTED_IN_PART) & Q(part_accepted=""),
                violation_error_message=_(
                    "Name the part where it is accepted in part, only there."
                ),
            ),
            models.CheckConstraint(
                name="response_rejection_has_reason",
                condition=~Q(position=ResponsePosition.REJECTED) | ~Q(reason=""),
                violation_error_message=_("Give the reason of a rejection."),
            ),
            models.CheckConstraint(
                name="response_due_only_while_awaited",
                condition=Q(due_on__isnull=True) | Q(position=ResponsePosition.AWAITING),
                violation_error_message=_("A due day belongs to a response that is awaited."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_position_display()}, {self.since:%Y-%m-%d}"

    def natural_key(self) -> tuple[str, ...]:
        return (self.recorded_at.isoformat(), *self.addressee.natural_key())


class ActionQuerySet(KeyedQuerySet["Action"]):
    def visible_to(self, person: Any) -> Self:
        """All for people with a role, none for the public."""
        return self if permissions.can_read_internally(person) else self.none()


class Action(Keyed, Versioned):
    """A dated, owned step towards a recommendation."""

    recommendation = models.ForeignKey(
        "recommendations.Recommendation",
        models.PROTECT,
        verbose_name=_("recommendation"),
        related_name="actions",
    )
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    title = LineField(_("title"), max_length=300)
    is_named_in_source = models.BooleanField(_("named in the source"), default=False)
    owner = LineField(_("owner"), blank=True)
    started_on = models.DateField(_("started on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=ActionState, default=ActionState.NOT_STARTED
    )
    dropped_reason = ProseField(_("why it was dropped"), blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ("recommendation", "due_on", "pk")
        constraints = [
            models.CheckConstraint(
                name="action_done_has_day",
                condition=Q(state=ActionState.DONE, done_on__isnull=False)
                | ~Q(state=ActionState.DONE) & Q(done_on__isnull=True),
                violation_error_message=_(
                    "A done action has the day it was done, others have none."
                ),
            ),
            models.CheckConstraint(
                name="action_dropped_has_reason",
                condition=Q(state=ActionState.DROPPED) & ~Q(dropped_reason="")
                | ~Q(state=ActionState.DROPPED) & Q(dropped_reason=""),
                violation_error_message=_("A dropped action says why, others do not."),
            ),
            models.CheckConstraint(
                name="action_begun_has_start",
                condition=~Q(state=ActionState.IN_PROGRESS) | Q(started_on__isnull=False),
                violation_error_message=_("An action in progress has the day it started."),
            ),
            models.CheckConstraint(
                name="action_days_in_order",
                condition=Q(started_on__isnull=True)
                | Q(done_on__isnull=True)
                | Q(started_on__lte=F("done_on")),
                violation_error_message=_("It cannot be done before it started."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("action-edit", args=[self.pk])
