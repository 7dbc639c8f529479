"""Filters over evidence, indicators and the event log."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.choices import (
    QUARANTINED,
    Direction,
    EvidenceKind,
    Relation,
    Reliability,
    Stance,
    Visibility,
)
from recommendations.filters.base import DayFilter, TextFilter
from recommendations.models import (
    AuditEvent,
    Evidence,
    EvidenceRevision,
    Indicator,
    IndicatorLink,
    Recommendation,
    User,
)
from recommendations.models.evidence import counted_checks
from recommendations.queries.evidence.items import links_shown, unanswered


class PublicEvidenceFilter(django_filters.FilterSet):
    """What the public may ask of evidence."""

    text = TextFilter(over=("title", "publisher", "citation"), label=_("Text"))
    kind = django_filters.ChoiceFilter(choices=EvidenceKind.choices, label=_("Kind"))

    class Meta:
        model = Evidence
        fields: list[str] = []


class EvidenceFilter(PublicEvidenceFilter):
    """What people with a role may ask of evidence."""

    reliability = django_filters.ChoiceFilter(choices=Reliability.choices, label=_("Reliability"))
    visibility = django_filters.ChoiceFilter(choices=Visibility.choices, label=_("Visibility"))
    file = django_filters.ChoiceFilter(
        choices=[
            ("with", _("With a file")),
            ("without", _("Without a file")),
            ("fault", _("Missing or altered")),
            ("held", _("Not let through by the scanner")),
            ("redacted", _("Redacted")),
        ],
        method="with_file",
        label=_("File"),
    )
    check = django_filters.ChoiceFilter(
        choices=[("checked", _("Checked")), ("unchecked", _("Not checked"))],
        method="with_check",
        label=_("Checks"),
    )
    validity = django_filters.ChoiceFilter(
        choices=[("valid", _("Not expired")), ("expired", _("Expired"))],
        method="with_validity",
        label=_("Validity"),
    )
    stance = django_filters.ChoiceFilter(
        choices=[
            *((stance.value, stance.label) for stance in Stance),
            ("unanswered", _("Against, unanswered")),
            ("none", _("Not linked to anything")),
        ],
        method="with_stance",
        label=_("Stands for or against"),
    )

    def with_file(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value in ("with", "without"):
            return qs.filter(last_revision__gt=0) if value == "with" else qs.filter(last_revision=0)
        wrong = {
            "fault": ~Q(file__fault=""),
            "held": Q(file__scan__in=QUARANTINED),
            "redacted": Q(file__redacted_at__isnull=False),
        }
        now = EvidenceRevision.objects.filter(
            wrong[value], evidence=OuterRef("pk"), number=OuterRef("last_revision")
        )
        return qs.filter(Exists(now))

    def with_check(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        is_checked = Exists(counted_checks())
        return qs.filter(is_checked if value == "checked" else ~is_checked)

    def with_validity(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        is_expired = Q(expires_on__lt=timezone.localdate())
        # Not ~: an item that never expires has no day to compare.
        is_valid = Q(expires_on__isnull=True) | Q(expires_on__gte=timezone.localdate())
        return qs.filter(is_expired if value == "expired" else is_valid)

    def with_stance(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        links = links_shown(self.request.user)
        if value == "none":
            return qs.exclude(Exists(links))
        if value == "unanswered":
            return qs.filter(Exists(unanswered(links)))
        return qs.filter(Exists(links.filter(stance=value)))


class IndicatorFilter(django_filters.FilterSet):
    """What anybody may ask of the indicators they can see."""

    text = TextFilter(over=("code", "title", "definition"), label=_("Text"))
    direction = django_filters.ChoiceFilter(choices=Direction.choices, label=_("Direction"))
    relation = django_filters.ChoiceFilter(
        choices=Relation.choices, method="with_relation", label=_("Relation")
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


class AuditEventFilter(django_filters.FilterSet):
    """What readers of the log may ask of it."""

    actor = django_filters.ModelChoiceFilter(queryset=User.objects.all(), label=_("By"))
    verb = django_filters.CharFilter(label=_("What was done"), max_length=40)
    object_type = django_filters.CharFilter(
        lookup_expr="iendswith", label=_("Kind of thing"), max_length=60
    )
    object_id = django_filters.CharFilter(label=_("Number of the thing"), max_length=60)
    reference = django_filters.CharFilter(
        field_name="recommendation__reference", label=_("Recommendation"), max_length=40
    )
    request_id = django_filters.CharFilter(label=_("Request"), max_length=64)
    day_from = DayFilter(field_name="at", lookup_expr="date__gte", label=_("Day from"))
    day_to = DayFilter(field_name="at", lookup_expr="date__lte", label=_("Day to"))

    class Meta:
        model = AuditEvent
        fields: list[str] = []
