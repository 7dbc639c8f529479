"""The filter of the audit log."""

from datetime import date, datetime, time
from operator import itemgetter
from typing import Any

import django_filters
from django.apps import apps
from django.conf import settings
from django.db.models import QuerySet, TextChoices
from django.utils.text import capfirst
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from recommendations import pickers
from recommendations.audit.snapshots import tracked_models
from recommendations.filters.base import DayFilter, ListFilter, RowFilter
from recommendations.models import AuditEvent, AuditRow
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


def _actions() -> list[tuple[str, str]]:
    return sorted(((verb, str(words)) for verb, words in ACTIONS.items()), key=itemgetter(1))


def _kinds() -> list[tuple[str, str]]:
    """The kinds of records by their names; those of the record itself have no events."""
    kinds = [model._meta.model_name or "" for model in tracked_models(apps)]
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
