"""Filters of evidence lists."""

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations.choices import (
    QUARANTINED,
    EvidenceKind,
    Reliability,
    Stance,
    Visibility,
)
from recommendations.filters.base import ListFilter, TextFilter
from recommendations.models import (
    Evidence,
    EvidenceRevision,
)
from recommendations.models.evidence import counting_checks
from recommendations.queries.evidence.items import unanswered, visible_links


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
        links = unanswered(links) if value == "unanswered" else links.filter(stance=value)
        return qs.filter(pk__in=links.values("evidence"))
