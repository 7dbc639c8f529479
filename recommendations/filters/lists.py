"""Filters of every list but that of recommendations: indicators, values, evidence, the log."""

from collections.abc import Iterable
from datetime import date, datetime, time
from operator import itemgetter
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from recommendations import periods, pickers
from recommendations.audit.snapshots import tracked_models
from recommendations.choices import (
    QUARANTINED,
    ConfirmationState,
    Direction,
    EvidenceKind,
    Relation,
    Reliability,
    Stance,
    Visibility,
)
from recommendations.filters.base import DayFilter, ListFilter, RowFilter, TextFilter
from recommendations.models import (
    AuditEvent,
    AuditRow,
    Evidence,
    EvidenceRevision,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
)
from recommendations.models.evidence import counting_checks
from recommendations.pickers import ListSelectMultiple
from recommendations.queries.evidence.items import visible_links
from recommendations.queries.log.conditions import (
    account_changes,
    decisions_after_role,
    events_of_object,
    numbers_with_rows,
    of_kind,
    rows_of_object,
    rows_of_recommendation,
)
from recommendations.queries.log.words import ACTIONS, KINDS, kind_text

LONGEST_PERIOD = 20


class PeriodFormField(forms.CharField):
    """A period as statistics write it, cleaned into a ``Period``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=LONGEST_PERIOD, **kwargs)

    def clean(self, value: object) -> Any:
        """The period, or none where nothing is asked."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return periods.parse(periods.normalise(text))
        except ValueError as error:
            raise ValidationError(str(error), code="period") from error


class PeriodFilter(django_filters.Filter):
    """A period that bounds the figures; ``lookup_expr`` compares its day with ``field_name``."""

    field_class = PeriodFormField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        day = value.first_day if self.lookup_expr == "gte" else value.last_day
        return qs.filter(**{f"{self.field_name}__{self.lookup_expr}": day})


class FigureFilter(ListFilter):
    """What anybody may ask of figures that they can see."""

    area = django_filters.MultipleChoiceFilter(
        field_name="area__code",
        distinct=False,
        label=_("Countries and regions"),
        help_text=_("The chart shows up to five areas. Hold Ctrl or Cmd to select several."),
        widget=ListSelectMultiple(attrs={"size": 6}, label=_("Countries and regions")),
    )
    first = PeriodFilter(
        field_name="last_day",
        lookup_expr="gte",
        label=_("From"),
        help_text=_("A year, or a period such as 2018-Q3."),
    )
    last = PeriodFilter(field_name="first_day", lookup_expr="lte", label=_("To"))

    confirmation = django_filters.ChoiceFilter(
        method="of_confirmation",
        label=_("Confirmation"),
        choices=[(ConfirmationState.UNCONFIRMED.value, ConfirmationState.UNCONFIRMED.label)],
    )

    class Meta:
        model = Observation
        fields: list[str] = []

    def of_confirmation(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs.unconfirmed()  # type: ignore[attr-defined]

    def __init__(self, *args: Any, areas: Iterable[Any] = (), **kwargs: Any) -> None:
        """``areas`` are those that there are figures for, to choose from."""
        super().__init__(*args, **kwargs)
        choices = [(area.code, area.shown_name) for area in areas]
        self.filters["area"].extra["choices"] = choices


class IndicatorFilter(ListFilter):
    """What anybody may ask of the indicators they can see."""

    text = TextFilter(
        over=("code", "title", "definition"),
        hint=_("Code, title or definition"),
        label=_("Search"),
    )
    direction = django_filters.ChoiceFilter(choices=Direction.choices, label=_("Direction"))
    relation = django_filters.ChoiceFilter(
        choices=Relation.choices, method="with_relation", label=capfirst(_("relation"))
    )

    class Meta:
        model = Indicator
        fields: list[str] = []

    def with_relation(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        person = self.request.user  # a relation to something unpublished tells the public nothing
        shown = Recommendation.objects.visible_to(person).order_by()
        links = IndicatorLink.objects.filter(
            relation=value, removed_at__isnull=True, recommendation__in=shown.values("pk")
        )
        return qs.filter(pk__in=links.values("indicator"))


# ---- Filters of evidence lists


class PublicEvidenceFilter(ListFilter):
    """What the public may ask of evidence."""

    text = TextFilter(
        over=("title", "publisher", "citation"),
        hint=_("Title, publisher or citation"),
        label=_("Search"),
    )
    kind = django_filters.ChoiceFilter(choices=EvidenceKind.choices)

    class Meta:
        model = Evidence
        fields: list[str] = []


class EvidenceFilter(PublicEvidenceFilter):
    """What people with a role may ask of evidence."""

    reliability = django_filters.ChoiceFilter(choices=Reliability.choices)
    visibility = django_filters.ChoiceFilter(choices=Visibility.choices)
    file = django_filters.ChoiceFilter(
        choices=[
            ("with", _("With a file")),
            ("without", _("Without a file")),
            ("fault", _("Missing or altered")),
            ("held", _("Not cleared by the virus scanner")),
            ("redacted", _("Redacted")),
        ],
        method="with_file",
        label=capfirst(_("file")),
    )
    check = django_filters.ChoiceFilter(
        choices=[("checked", capfirst(_("verified"))), ("unchecked", _("Not verified"))],
        method="with_check",
        label=_("Verifications"),
    )
    validity = django_filters.ChoiceFilter(
        choices=[("valid", _("Not expired")), ("expired", capfirst(_("expired")))],
        method="with_validity",
        label=_("Validity"),
    )
    stance = django_filters.ChoiceFilter(
        choices=[
            *((stance.value, stance.label) for stance in Stance),
            ("unanswered", _("Contradicts, unanswered")),
            ("none", _("Not linked")),
        ],
        method="with_stance",
        label=capfirst(_("role of the evidence")),
    )

    def with_file(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value in ("with", "without"):
            return qs.filter(last_revision__gt=0) if value == "with" else qs.filter(last_revision=0)
        wrong = {
            "fault": ~Q(file__fault=""),
            "held": Q(file__scan__in=QUARANTINED),
            "redacted": Q(file__redacted_at__isnull=False),
        }
        now = EvidenceRevision.objects.filter(wrong[value], number=F("evidence__last_revision"))
        return qs.filter(pk__in=now.order_by().values("evidence"))

    def with_check(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        is_checked = Q(pk__in=counting_checks().order_by().values("evidence"))
        return qs.filter(is_checked if value == "checked" else ~is_checked)

    def with_validity(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        is_expired = Q(expires_on__lt=timezone.localdate())
        # Not ~: an item that never expires has no day to compare.
        is_valid = Q(expires_on__isnull=True) | Q(expires_on__gte=timezone.localdate())
        return qs.filter(is_expired if value == "expired" else is_valid)

    def with_stance(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        links = visible_links(self.request.user).order_by()
        if value == "none":
            return qs.exclude(pk__in=links.values("evidence"))
        is_open = value == "unanswered"
        links = links.open_contradictions() if is_open else links.filter(stance=value)
        return qs.filter(pk__in=links.values("evidence"))


# ---- The filter of the audit log


def _actions() -> list[tuple[str, str]]:
    return sorted(((verb, str(words)) for verb, words in ACTIONS.items()), key=itemgetter(1))


def _kinds() -> list[tuple[str, str]]:
    """The kinds of records by their names; those of the record itself have no events."""
    kinds = [model._meta.model_name or "" for model in tracked_models()]
    named = ((kind, kind_text(_label(kind))) for kind in (*kinds, *KINDS))
    return sorted(named, key=itemgetter(1))


def _label(kind: str) -> str:
    return kind if kind in KINDS else f"recommendations.{kind}"


class Review(TextChoices):
    """Events that an auditor looks through first."""

    ACCOUNTS = "accounts", _("Roles, passwords and email addresses changed by another person")
    NEW_DECIDERS = "new_deciders", _("Decisions shortly after a role was assigned")


def _moment(day: date, of_day: time) -> datetime:
    """A moment of a day here: the index on moments serves it, where that on days would not."""
    # In any time zone a moment near the first or last year has no counterpart in UTC.
    near = min(max(day, date(1900, 1, 1)), date(9000, 1, 1))
    return make_aware(datetime.combine(near, of_day))


class AuditEventFilter(ListFilter):
    """What readers of the log may ask of it.

    Of one thing or one recommendation they get the bulk events too that have a row about it.
    """

    actor = RowFilter(pickers.ACTORS, label=capfirst(_("by")))
    verb = django_filters.ChoiceFilter(label=capfirst(_("action recorded")), choices=_actions)
    object_type = django_filters.ChoiceFilter(
        method="of_type", label=capfirst(_("type of record")), choices=_kinds
    )
    object_id = django_filters.CharFilter(
        method="of_object", label=capfirst(_("record number")), max_length=60
    )
    reference = django_filters.CharFilter(
        method="of_recommendation", label=_("Recommendation"), max_length=40
    )
    request_id = django_filters.CharFilter(label=capfirst(_("request")), max_length=64)
    review = django_filters.ChoiceFilter(
        method="to_review", label=_("Audit checks"), choices=Review
    )
    day_from = DayFilter(method="from_day", label=_("From date"))
    day_to = DayFilter(method="to_day", label=_("To date"))

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def of_type(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Of a bulk event the kind is known for one thing only: then that is asked for instead."""
        is_of_object = bool(self.form.cleaned_data.get("object_id"))
        return qs if is_of_object else qs.filter(of_kind(value))

    def of_object(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        kind = self.form.cleaned_data.get("object_type", "")
        own = events_of_object(kind, value)
        return qs.filter(sequence__in=numbers_with_rows(own, rows_of_object(kind, value)))

    def of_recommendation(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        own = AuditEvent.objects.filter(recommendation__reference=value)
        return qs.filter(sequence__in=numbers_with_rows(own, rows_of_recommendation(value)))

    def to_review(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == Review.ACCOUNTS:
            return qs.filter(sequence__in=account_changes().values("sequence"))
        return decisions_after_role(qs, days=settings.EXCEPTION_ROLE_DAYS)

    def from_day(self, qs: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return qs.filter(at__gte=_moment(value, time.min))

    def to_day(self, qs: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return qs.filter(at__lte=_moment(value, time.max))

    @property
    def wanted_rows(self) -> QuerySet[AuditRow] | None:
        """The rows of bulk events that are asked for; ``None`` where none are in particular."""
        asked = self.form.cleaned_data if self.is_valid() else {}
        if asked.get("object_id"):
            return rows_of_object(asked.get("object_type", ""), asked["object_id"])
        if asked.get("reference"):
            return rows_of_recommendation(asked["reference"])
        return None
