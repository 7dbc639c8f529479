"""Addressees, their responses, and the dated, owned actions towards a recommendation."""

from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import (
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import (
    ActionState,
    ResponsePosition,
)
from recommendations.models.base import (
    Keyed,
    KeyedQuerySet,
    Markable,
    Removable,
    Versioned,
    live_or_last_removed,
    together,
)
from recommendations.models.fields import LineField, PersonField, ProseField, RelatedField
from recommendations.models.updates import StatusUpdate
from recommendations.permissions import Person

_AWAITING = Q(position=ResponsePosition.AWAITING)

_SAID = JSONObject(
    pk="pk",
    position="position",
    since="since",
    due_on="due_on",
    part="part_accepted",
    reason="reason",
    is_demonstration="recorded_by__is_demonstration",
)

_OWN = JSONObject(
    pk="pk",
    status="implementation_status",
    confidence="confidence",
    as_of="as_of",
    is_demonstration="author__is_demonstration",
)


def having_responded() -> models.QuerySet[Any, Any]:
    """Ids of addressees that have said something which still stands, as a set."""
    said = Response.objects.order_by()
    newest = said.values("addressee").annotate(newest=Max("pk")).values("newest")
    return said.filter(pk__in=newest).exclude(_AWAITING).values("addressee")


class AddresseeQuerySet(models.QuerySet["Addressee"]):
    def get_by_natural_key(self, reference: str, kind: str, code: str) -> "Addressee":
        column = {"area": "area__code", "organisation": "organisation__slug"}[kind]
        rows = self.filter(recommendation__reference=reference, **{column: code})
        found: Addressee = live_or_last_removed(rows)
        return found

    def living(self) -> Self:
        """Those that are addressed still."""
        return self.filter(removed_at__isnull=True)

    def shown_to(self, person: Person) -> Self:
        """Of recommendations that are followed; for the public, of what is published."""
        followed = self.filter(recommendation__archived_at__isnull=True)
        if permissions.can_read_internally(person):
            return followed
        return followed.filter(recommendation__published_at__isnull=False)

    def by_name(self) -> Self:
        """In the order of their names, with area or organisation."""
        return self.select_related("area", "organisation").order_by(
            Coalesce("area__name", "organisation__name"), "pk"
        )

    def with_position(self, position: str) -> Self:
        """Those whose position is this one now; without any response it is still awaited."""
        current = self._current_responses()
        if position == ResponsePosition.AWAITING:
            return self.exclude(Exists(current.exclude(_AWAITING)))
        return self.filter(Exists(current.filter(position=position)))

    def with_overdue_response(self, today: date) -> Self:
        """Those that should have responded by now."""
        return self.filter(Exists(self._current_responses().filter(due_on__lt=today)))

    def with_response(self) -> Self:
        """``said``: the newest response of each, as one value; none where there is none."""
        said = Response.objects.filter(addressee=OuterRef("pk"))
        newest = said.order_by("-pk").annotate(said=_SAID)
        return self.annotate(said=Subquery(newest.values("said")[:1]))

    def with_own_state(self, today: date | Combinable) -> Self:
        """``own``: the update of its own that is in force, as one value; none where none is."""
        in_force = self._updates().in_force(today).annotate(own=_OWN)
        return self.annotate(own=Subquery(in_force.values("own")[:1]))

    def with_own_status(self, status: str, day: date, known: datetime | None = None) -> Self:
        """Those that report this status of themselves; empty: those that have not reported."""
        newest = self._updates().in_force(day, known).values("implementation_status")[:1]
        found = self.annotate(own_status=Subquery(newest))
        if not status:
            return found.filter(own_status__isnull=True)
        return found.filter(own_status=status)

    def _current_responses(self) -> Any:
        return Response.objects.current().filter(addressee=OuterRef("pk"))

    def _updates(self) -> Any:
        return StatusUpdate.objects.filter(addressee=OuterRef("pk"))


class Addressee(Removable):
    """Whom a recommendation speaks to: an area (a state, a group of states) or a body."""

    recommendation = RelatedField("Recommendation", _("recommendation"), related_name="addressees")
    area = RelatedField("Area", _("area"), null=True, blank=True, related_name="addressed_by")
    organisation = RelatedField(
        "Organisation", _("organisation"), null=True, blank=True, related_name="addressed_by"
    )

    objects = AddresseeQuerySet.as_manager()

    class Meta:
        verbose_name = _("addressee")
        verbose_name_plural = _("addressees")
        ordering = ("recommendation", "pk")
        constraints = [
            models.CheckConstraint(
                name="addressee_is_one_of_both",
                condition=Q(area__isnull=False, organisation__isnull=True)
                | Q(area__isnull=True, organisation__isnull=False),
                violation_error_message=_("Choose an area or an organisation, not both."),
            ),
            models.UniqueConstraint(
                fields=["recommendation", "area"],
                condition=Q(area__isnull=False, removed_at__isnull=True),
                name="addressee_area_once",
                violation_error_message=_("This area is already an addressee."),
            ),
            models.UniqueConstraint(
                fields=["recommendation", "organisation"],
                condition=Q(organisation__isnull=False, removed_at__isnull=True),
                name="addressee_organisation_once",
                violation_error_message=_("This organisation is already an addressee."),
            ),
            together("addressee_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return str(self.area or self.organisation)

    def natural_key(self) -> tuple[str, ...]:
        kind = "area" if self.area_id is not None else "organisation"
        return (*self.recommendation.natural_key(), kind, *getattr(self, kind).natural_key())


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

    addressee = RelatedField("Addressee", _("addressee"), related_name="responses")
    position = models.CharField(_("response"), max_length=24, choices=ResponsePosition)
    since = models.DateField(_("since"))
    due_on = models.DateField(
        _("response due on"), null=True, blank=True, help_text=_("While a response is awaited.")
    )
    part_accepted = ProseField(_("accepted part"), blank=True)
    reason = ProseField(_("reason"), blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = PersonField(_("recorded by"), editable=False)

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
                    "Enter the accepted part of a partial acceptance. Leave it empty for any other "
                    "response."
                ),
            ),
            models.CheckConstraint(
                name="response_rejection_has_reason",
                condition=~Q(position=ResponsePosition.REJECTED) | ~Q(reason=""),
                violation_error_message=_("Enter the reason for the rejection."),
            ),
            models.CheckConstraint(
                name="response_due_only_while_awaited",
                condition=Q(due_on__isnull=True) | Q(position=ResponsePosition.AWAITING),
                violation_error_message=_("Only an awaited response has a due date."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_position_display()}, {date_format(self.since)}"

    def natural_key(self) -> tuple[str, ...]:
        return (self.recorded_at.isoformat(), *self.addressee.natural_key())


class ActionQuerySet(KeyedQuerySet["Action"]):
    def visible_to(self, person: Person) -> Self:
        """All for people with a role, none for the public."""
        return self if permissions.can_read_internally(person) else self.none()


class Action(Keyed, Versioned, Markable):
    """A dated, owned step towards a recommendation."""

    is_overdue: bool  # of ``action_rows``

    recommendation = RelatedField("Recommendation", _("recommendation"), related_name="actions")
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    title = LineField(_("title"), max_length=300)
    is_named_in_source = models.BooleanField(_("named in the source"), default=False)
    owner = LineField(_("owner"), blank=True)
    started_on = models.DateField(_("started on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    done_on = models.DateField(_("completed on"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=ActionState, default=ActionState.NOT_STARTED
    )
    dropped_reason = ProseField(_("reason for cancellation"), blank=True)

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
                violation_error_message=_("Only a completed action has a completion date."),
            ),
            models.CheckConstraint(
                name="action_dropped_has_reason",
                condition=Q(state=ActionState.DROPPED) & ~Q(dropped_reason="")
                | ~Q(state=ActionState.DROPPED) & Q(dropped_reason=""),
                violation_error_message=_("Only a cancelled action has a reason for cancellation."),
            ),
            models.CheckConstraint(
                name="action_begun_has_start",
                condition=~Q(state=ActionState.IN_PROGRESS) | Q(started_on__isnull=False),
                violation_error_message=_("An action in progress needs a start date."),
            ),
            models.CheckConstraint(
                name="action_days_in_order",
                condition=Q(started_on__isnull=True)
                | Q(done_on__isnull=True)
                | Q(started_on__lte=F("done_on")),
                violation_error_message=_("The completion date must not be before the start date."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("action-edit", args=[self.pk])
