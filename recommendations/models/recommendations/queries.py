"""Queries over recommendations, named for the pages that they serve.

Each adds columns to one query, so that a page asks as much for thirty rows as for one.
``evidence`` is a condition on evidence links: only those that the reader may see (see
``readable_links``), so that nothing hidden can be told from a count or a flag.
"""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, JSONObject

from recommendations import permissions
from recommendations.choices import (
    MEASURING_RELATIONS,
    NOT_ACCEPTED,
    PARTLY_ACCEPTED,
    Assurance,
    DateChangeState,
    Movement,
    ResponsePosition,
    Stance,
    UpdateState,
)
from recommendations.models.base import KeyedQuerySet, readable_links
from recommendations.models.dates import TargetDateChange
from recommendations.models.evidence import EvidenceLink, EvidenceLinkQuerySet
from recommendations.models.indicators import IndicatorLink
from recommendations.models.recommendations.flags import flag_tests
from recommendations.models.responses import Addressee, Response
from recommendations.models.updates import StatusUpdate, approved_by_import
from recommendations.permissions import Person


class RecommendationQuerySet(KeyedQuerySet[Any]):
    def visible_to(self, person: Person) -> Self:
        """All of them for people with a role; what is published for everybody else."""
        if permissions.can_read_internally(person):
            return self
        return self.filter(published_at__isnull=False)

    def followed(self) -> Self:
        """Those that are not archived."""
        return self.filter(archived_at__isnull=True)

    def status_visible_to(self, person: Person) -> Self:
        """Those whose status and responses a person may read.

        Of what is archived the public reads on its page that it is, and nothing else.
        """
        seen = self.visible_to(person)
        return seen if permissions.can_read_internally(person) else seen.followed()

    def loggable_by(self, person: Person) -> Self:
        """Those on which a person may log progress: ``permissions.can_log`` as a query."""
        return self.filter(self._is_loggable_by(person))

    def involving(self, person: Person) -> Self:
        """Those that a person answers for, as officer or through their organisation."""
        return self.filter(self._involves(person))

    def for_rows(self, person: Person, today: date) -> Self:
        """With all that one row of the overview or of the list shows to this person."""
        evidence = readable_links(person)
        return (
            self.select_related("source", "current_update__author", "lead", "lead_officer")
            .with_flags(today, evidence)
            .with_assurance(evidence)
            .with_evidence_counts(evidence)
            .with_measures(person)
            .with_waiting(person)
            .with_date_changes()
            .with_responses(today)
            .annotate(may_log=_true_when(self._is_loggable_by(person)))
        )

    def with_flags(self, today: date, evidence: Q) -> Self:
        """One boolean column ``has_<flag>`` for each computed flag, as of ``today``."""
        tests = flag_tests(today, self._links_of_current_update(evidence))
        return self.annotate(**{f"has_{flag}": _true_when(test) for flag, test in tests.items()})

    def with_any_flag(self, flags: list[str]) -> Self:
        """Those for which at least one of these flags is raised; after ``with_flags``."""
        raised = Q()
        for flag in flags:
            raised |= Q(**{f"has_{flag}": True})
        return self.filter(raised)

    def with_assurance(self, evidence: Q) -> Self:
        """``assurance``: who stands behind the latest approved update; empty without one.

        ``is_approved_by_import``: whether an import of an earlier version approved that.
        """
        links = self._links_of_current_update(evidence).filter(stance=Stance.SUPPORTS)
        return self.annotate(
            is_approved_by_import=approved_by_import("current_update"),
            assurance=Case(
                When(current_update__isnull=True, then=Value("")),
                When(
                    Exists(links.independently_checked()),
                    then=Value(Assurance.INDEPENDENTLY_VERIFIED.value),
                ),
                When(Exists(links.checked()), then=Value(Assurance.EVIDENCE_CHECKED.value)),
                default=Value(Assurance.MANAGER_APPROVED.value),
            ),
        )

    def with_evidence_counts(self, evidence: Q) -> Self:
        """``evidence_for``, ``evidence_against``, ``evidence_answered``, ``contradicted_since``.

        ``support_ends_on``: the last day on which any of the evidence for it that expires holds.
        """
        links = self._links_of_current_update(evidence)
        support = links.filter(stance=Stance.SUPPORTS)
        against = links.filter(stance=Stance.UNDERMINES)
        unanswered = against.filter(answered_at__isnull=True)
        return self.annotate(
            evidence_for=_count(support),
            support_ends_on=Subquery(
                support.order_by()
                .values("update")
                .annotate(last=Max("evidence__expires_on"))
                .values("last")
            ),
            evidence_against=_count(against),
            evidence_answered=_count(against.filter(answered_at__isnull=False)),
            contradicted_since=Subquery(
                unanswered.order_by()
                .values("update")
                .annotate(first=Min("added_at"))
                .values("first")
            ),
        )

    def with_measures(self, person: Person) -> Self:
        """``measures``: how many outcome or delivery indicators there are for this person.

        ``measured_against``: the title of one that moves against what is wanted.
        """
        links = IndicatorLink.objects.filter(
            recommendation=OuterRef("pk"),
            removed_at__isnull=True,
            relation__in=MEASURING_RELATIONS,
        )
        if not permissions.can_read_internally(person):
            links = links.filter(indicator__is_published=True)
        against = links.filter(indicator__movement=Movement.AGAINST)
        return self.annotate(
            measures=_count(links, by="recommendation"),
            measured_against=Subquery(
                against.order_by("indicator__code").values("indicator__title")[:1]
            ),
        )

    def with_waiting(self, person: Person) -> Self:
        """``reported_status``: the status of the newest overall update that awaits review.

        ``decidable_id``: the newest of those on which this person may decide.
        """
        overall = StatusUpdate.objects.filter(
            recommendation=OuterRef("pk"), addressee__isnull=True
        ).order_by("-submitted_at", "-pk")
        waiting = overall.filter(state=UpdateState.SUBMITTED)
        decidable = overall.awaiting_decision_by(person)
        return self.annotate(
            reported_status=Subquery(waiting.values("implementation_status")[:1]),
            decidable_id=Subquery(decidable.values("pk")[:1]),
        )

    def with_date_changes(self) -> Self:
        """Where the date began, how often it moved, and what is asked for.

        ``first_date``, ``date_moves`` and ``date_asked``: the request that nobody has decided, as
        one value, since a row cannot join it (there is one at most, and mostly none).
        """
        changes = TargetDateChange.objects.filter(recommendation=OuterRef("pk"))
        approved = changes.filter(state=DateChangeState.APPROVED)
        asked = JSONObject(
            pk="pk",
            new_date="new_date",
            by="requested_by",
            first_name="requested_by__first_name",
            last_name="requested_by__last_name",
            username="requested_by__username",
        )
        waiting = changes.filter(state=DateChangeState.REQUESTED).annotate(asked=asked)
        return self.annotate(
            first_date=Subquery(approved.filter(number=0).values("new_date")[:1]),
            date_moves=_count(approved.filter(number__gt=0), by="recommendation"),
            date_asked=Subquery(waiting.values("asked")[:1]),
        )

    def with_responses(self, today: date) -> Self:
        """How many are addressed, and how many of them say what now.

        ``addressed``, ``said_accepted``, ``said_in_part`` (or in principle), ``said_no`` (rejected,
        not for them, withdrawn) and ``responses_overdue``; the rest has not responded.
        """
        said = Response.objects.current().filter(addressee__recommendation=OuterRef("pk"))
        addressees = Addressee.objects.filter(
            recommendation=OuterRef("pk"), removed_at__isnull=True
        )
        by = "addressee__recommendation"
        return self.annotate(
            addressed=_count(addressees, by="recommendation"),
            said_accepted=_count(said.filter(position=ResponsePosition.ACCEPTED), by=by),
            said_in_part=_count(said.filter(position__in=PARTLY_ACCEPTED), by=by),
            said_no=_count(said.filter(position__in=NOT_ACCEPTED), by=by),
            responses_overdue=_count(said.filter(due_on__lt=today), by=by),
        )

    def with_submitted(self, person: Person) -> Self:
        """``submitted`` and ``decidable``: how many updates await review, and this person's.

        Overall or for one addressee. ``dates_decidable``: requests for another date for them.
        """
        updates = StatusUpdate.objects
        submitted = updates.filter(recommendation=OuterRef("pk"), state=UpdateState.SUBMITTED)
        decidable = updates.awaiting_decision_by(person).filter(recommendation=OuterRef("pk"))
        dates = TargetDateChange.objects.awaiting_decision_by(person)
        return self.annotate(
            submitted=_count(submitted, by="recommendation"),
            decidable=_count(decidable, by="recommendation"),
            dates_decidable=_count(
                dates.filter(recommendation=OuterRef("pk")), by="recommendation"
            ),
        )

    def tally(self) -> models.QuerySet[Any, dict[str, Any]]:
        """Counts by status, confidence and the flags that a sentence names.

        After ``with_flags`` and ``with_submitted``.

        A few dozen rows at most, however many recommendations there are.
        """
        groups: models.QuerySet[Any, dict[str, Any]] = (
            self.order_by()
            .values(
                "current_update__implementation_status",
                "current_update__confidence",
                "nature",
                "has_rating_out_of_date",
                "has_date_overdue",
                "has_contradicted",
            )
            .annotate(
                n=Count("pk"),
                waiting=Sum("submitted"),
                to_decide=Sum("decidable"),
                dates_to_decide=Sum("dates_decidable"),
                first=Min("current_update__as_of"),
                last=Max("current_update__as_of"),
            )
        )
        return groups

    def _is_loggable_by(self, person: Person) -> Q:
        followed = Q(archived_at__isnull=True)
        if permissions.can_review(person):
            return followed
        if not permissions.can_write(person):
            return Q(pk__in=[])
        return followed & self._involves(person)

    def _involves(self, person: Person) -> Q:
        """The person is the lead officer, or their organisation leads or contributes."""
        mine = Q(lead_officer=person.pk)
        own = permissions.organisation_id(person)
        if own is None:
            return mine
        contributed = self.model.contributors.through.objects.filter(
            recommendation=OuterRef("pk"), organisation=own
        )
        return mine | Q(lead=own) | Q(Exists(contributed))

    def _links_of_current_update(self, evidence: Q) -> EvidenceLinkQuerySet:
        return EvidenceLink.objects.filter(
            evidence, update=OuterRef("current_update"), removed_at__isnull=True
        )


def _true_when(test: Q) -> Case:
    return Case(When(test, then=Value(True)), default=Value(False), output_field=BooleanField())


def _count(rows: models.QuerySet[Any], by: str = "update") -> Coalesce:
    """The number of rows as a column; 0 where there are none, since none were counted."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
